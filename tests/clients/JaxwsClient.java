// Calls the service of gateway.kdl by what wsimport made of its WSDL (JAX-WS RI): one JSON object a line.

import java.io.PrintStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.xml.datatype.DatatypeFactory;
import javax.xml.ws.Holder;
import shop.Article;
import shop.Failure;
import shop.Failure_Exception;
import shop.Limits;
import shop.Order;
import shop.OutOfStock;
import shop.OutOfStockFault;
import shop.QueryStock;
import shop.Receipt;
import shop.Session;
import shop.Shop;
import shop.ShopPortType;
import shop.Stock;

public class JaxwsClient {
    interface Call {
        Object make() throws Exception;
    }

    static Order order(String country, String price) throws Exception {
        Order order = new Order();
        order.setId("A-1001");
        order.setExpress(true);
        order.setPlaced(DatatypeFactory.newInstance().newXMLGregorianCalendar("2026-11-20T08:00:00.123456Z"));
        Order.Customer customer = new Order.Customer();
        customer.setName("Ada & S\u00f6hne <\u6771\u4eac>");
        customer.setCountry(country);
        order.setCustomer(customer);
        order.getLine().add(line(1, "ABC-1", 2, price, "fragile", "a  b"));
        order.getLine().add(line(2, "XYZ-22", 1, "0.10", "one"));
        return order;
    }

    static Order.Line line(int position, String sku, int quantity, String price, String... tags) {
        Order.Line line = new Order.Line();
        line.setPosition(position);
        line.setSku(sku);
        line.setQuantity(BigInteger.valueOf(quantity));
        line.setPrice(new BigDecimal(price));
        line.getTag().addAll(List.of(tags));
        return line;
    }

    static QueryStock.StockList articles(boolean some) {
        QueryStock.StockList list = new QueryStock.StockList();
        if (some) {
            list.getArticle().add(article("ABC-1", 7));
            list.getArticle().add(article("XYZ-22", 700));
        }
        return list;
    }

    static Article article(String sku, int wanted) {
        Article article = new Article();
        article.setSku(sku);
        article.setWanted(wanted);
        return article;
    }

    /** The plain form: everything as text, but for what holds others, true and false; what is not there is left out. */
    static Map<String, Object> plain(Receipt it) {
        Map<String, Object> members = members("order", it.getOrder(), "version", it.getVersion(), "express", it.isExpress(), "Placed", it.getPlaced(),
            "Customer", members("Name", it.getCustomer().getName(), "Country", it.getCustomer().getCountry(),
                "Phone", it.getCustomer().getPhone(), "Note", it.getCustomer().getNote()),
            "Total", it.getTotal());
        List<Object> lines = new ArrayList<>();
        for (Receipt.Line line : it.getLine()) {
            lines.add(members("position", line.getPosition(), "Sku", line.getSku(), "Quantity", line.getQuantity(),
                "Price", line.getPrice(), "Tag", line.getTag()));
        }
        members.put("Line", lines);
        return members;
    }

    static Map<String, Object> plain(Stock it) {
        return members("Sku", it.getSku(), "Available", it.isAvailable(), "Wanted", it.getWanted());
    }

    static List<Object> plain(List<Stock> stock) {
        List<Object> list = new ArrayList<>();
        for (Stock it : stock) list.add(plain(it));
        return list;
    }

    /** With a header block each way. */
    static Object reserve(ShopPortType port, int wanted) throws Exception {
        Session session = new Session();
        session.setUser("Ada & S\u00f6hne");
        Holder<Limits> limits = new Holder<>();
        Stock stock = port.reserveStock(article("ABC-1", wanted), session, limits);
        return members("Stock", plain(stock), "Limits", members("unit", limits.value.getUnit(),
            "User", limits.value.getUser(), "Remaining", limits.value.getRemaining()));
    }

    static Map<String, Object> plain(Failure it) {
        List<Object> violations = new ArrayList<>();
        for (Failure.Violation violation : it.getViolation()) {
            violations.add(members("path", violation.getPath(), "line", violation.getLine(), "message", violation.getMessage()));
        }
        return members("failure", members("code", it.getCode(), "request", it.getRequest(),
            "violation", violations.isEmpty() ? null : violations));
    }

    static Map<String, Object> members(Object... parts) {
        Map<String, Object> members = new LinkedHashMap<>();
        for (int at = 0; at < parts.length; at += 2) {
            if (parts[at + 1] != null) members.put((String) parts[at], parts[at + 1]);
        }
        return members;
    }

    static String json(Object value) {
        StringBuilder out = new StringBuilder();
        if (value instanceof Map<?, ?> map) {
            map.forEach((name, item) -> out.append(out.isEmpty() ? "{" : ",").append(json(name)).append(':').append(json(item)));
            return out.isEmpty() ? "{}" : out + "}";
        }
        if (value instanceof List<?> list) {
            list.forEach(item -> out.append(out.isEmpty() ? "[" : ",").append(json(item)));
            return out.isEmpty() ? "[]" : out + "]";
        }
        if (value == null || value instanceof Boolean) return String.valueOf(value);
        String text = value instanceof BigDecimal decimal ? decimal.toPlainString() : value.toString();
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
    }

    static Map<String, Object> fault(Failure_Exception exception) {
        return members("reason", exception.getMessage(), "detail", plain(exception.getFaultInfo()));
    }

    static Map<String, Object> fault(OutOfStockFault exception) {
        OutOfStock it = exception.getFaultInfo();
        Map<String, Object> detail = members("sku", it.getSku(), "Left", it.getLeft(), "Again", it.getAgain());
        return members("reason", exception.getMessage(), "detail", members("OutOfStock", detail));
    }

    public static void main(String[] arguments) throws Exception {
        PrintStream out = new PrintStream(System.out, true, "UTF-8");
        Shop shop = new Shop();
        for (String version : List.of("1.1", "1.2")) {
            ShopPortType port = version.equals("1.1") ? shop.getShopPort() : shop.getShopPort12();
            Map<String, Call> calls = new LinkedHashMap<>();
            calls.put("order", () -> plain(port.createOrder(order("DE", "1234567890123456.123456789"))));
            calls.put("fault", () -> plain(port.createOrder(order("FR", "1"))));
            calls.put("invalid", () -> plain(port.createOrder(order("DE", "-1"))));
            calls.put("list", () -> plain(port.queryStock(articles(true)).getStock()));
            calls.put("none", () -> plain(port.queryStock(articles(false)).getStock()));
            calls.put("count", port::getCount);
            calls.put("bare", () -> plain(port.placeOrder(order("DE", "1234567890123456.123456789"))));
            calls.put("header", () -> reserve(port, 7));
            calls.put("declared", () -> reserve(port, 700));
            calls.put("oneway", () -> {
                port.deleteStock(article("ABC-1", 7));
                return null;
            });
            for (Map.Entry<String, Call> call : calls.entrySet()) {
                Map<String, Object> line = members("version", version, "case", call.getKey());
                try {
                    line.put("answer", call.getValue().make());
                } catch (Failure_Exception exception) {
                    line.put("fault", fault(exception));
                } catch (OutOfStockFault exception) {
                    line.put("fault", fault(exception));
                }
                out.println(json(line));
            }
        }
    }
}
