// The order service by JAX-WS RI, from what wsimport makes of wrapped.wsdl and rpc.wsdl: `java JaxwsServer FOLDER [PORT]`,
// FOLDER that of the WSDLs, prints `ready PORT` and ends when its standard input closes. /wrapped, /wrapped12 and /rpc
// answer data in place, /mtom and /mtom12 in parts of their own; all take both.

import com.sun.net.httpserver.HttpServer;
import java.io.File;
import java.io.StringReader;
import java.io.StringWriter;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.jws.WebService;
import javax.xml.bind.JAXB;
import javax.xml.namespace.QName;
import javax.xml.transform.stream.StreamSource;
import javax.xml.ws.BindingType;
import javax.xml.ws.Endpoint;
import javax.xml.ws.Holder;
import javax.xml.ws.WebServiceException;
import javax.xml.ws.soap.MTOM;
import javax.xml.ws.soap.SOAPBinding;
import javax.xml.ws.soap.SOAPFaultException;
import javax.xml.soap.SOAPConstants;
import javax.xml.soap.SOAPException;
import javax.xml.soap.SOAPFactory;

public class JaxwsServer {
    static final String ORDERS = "urn:example:orders";
    static final AtomicInteger notified = new AtomicInteger();

    static wrapped.Receipt receipt(wrapped.Order order) {
        wrapped.Receipt receipt = new wrapped.Receipt();
        BigDecimal total = BigDecimal.ZERO;
        for (wrapped.Line line : order.getLine()) {
            wrapped.Item item = new wrapped.Item();
            item.setSku(line.getSku());
            item.setAmount(line.getPrice().multiply(BigDecimal.valueOf(line.getQuantity())));
            receipt.getItem().add(item);
            total = total.add(item.getAmount());
        }
        receipt.setNumber(order.getNumber());
        receipt.setPlaced(order.getPlaced());
        receipt.setTotal(total);
        receipt.setNote(order.getNote());
        receipt.setDiscount(order.getDiscount());
        return receipt;
    }

    // The classes of one contract are those of the other under another name: by their XML they become each other.
    static <T> T same(Object value, Class<T> as) {
        StringWriter text = new StringWriter();
        JAXB.marshal(value, text);
        return JAXB.unmarshal(new StringReader(text.toString()), as);
    }

    static String missing(String protocol) {
        try {
            SOAPFactory factory = SOAPFactory.newInstance(protocol);
            QName code = protocol.equals(SOAPConstants.SOAP_1_1_PROTOCOL)
                ? new QName(SOAPConstants.URI_NS_SOAP_1_1_ENVELOPE, "Client")
                : SOAPConstants.SOAP_SENDER_FAULT;
            throw new SOAPFaultException(factory.createFault("The header Session is missing.", code));
        } catch (SOAPException error) {
            throw new WebServiceException(error);
        }
    }

    static class Wrapped {
        String protocol() {
            return SOAPConstants.SOAP_1_1_PROTOCOL;
        }

        public wrapped.Receipt placeOrder(wrapped.Order order) {
            return receipt(order);
        }

        public int failOrder(String sku, int quantity) throws wrapped.OutOfStock_Exception {
            wrapped.OutOfStock detail = new wrapped.OutOfStock();
            detail.setSku(sku);
            detail.setAvailable(3);
            throw new wrapped.OutOfStock_Exception("Only 3 of " + sku + " are left.", detail);
        }

        public void crash(String why) {
            throw new IllegalStateException(why);
        }

        public void session(String sku, Holder<String> id, Holder<Integer> available, wrapped.Session2 session,
                Holder<wrapped.Limits> limits) {
            id.value = session == null ? missing(protocol()) : session.getId();
            available.value = 7;
            limits.value = new wrapped.Limits();
            limits.value.setLeft(9);
        }

        public void notify(String number) {
            notified.incrementAndGet();
        }

        public int notified() {
            return notified.get();
        }

        public void attach(String name, Holder<byte[]> data, Holder<Integer> size) {
            size.value = data.value.length;
        }
    }

    static class Wrapped12 extends Wrapped {
        @Override
        String protocol() {
            return SOAPConstants.SOAP_1_2_PROTOCOL;
        }
    }

    @WebService(serviceName = "Orders", portName = "OrdersPort", targetNamespace = ORDERS,
        endpointInterface = "wrapped.OrdersPortType")
    public static class Plain extends Wrapped implements wrapped.OrdersPortType {}

    @MTOM
    @WebService(serviceName = "Orders", portName = "OrdersPort", targetNamespace = ORDERS,
        endpointInterface = "wrapped.OrdersPortType")
    public static class Parts extends Wrapped implements wrapped.OrdersPortType {}

    @BindingType(SOAPBinding.SOAP12HTTP_BINDING)
    @WebService(serviceName = "Orders", portName = "OrdersPort12", targetNamespace = ORDERS,
        endpointInterface = "wrapped.OrdersPortType")
    public static class Plain12 extends Wrapped12 implements wrapped.OrdersPortType {}

    @MTOM
    @BindingType(SOAPBinding.SOAP12HTTP_BINDING)
    @WebService(serviceName = "Orders", portName = "OrdersPort12", targetNamespace = ORDERS,
        endpointInterface = "wrapped.OrdersPortType")
    public static class Parts12 extends Wrapped12 implements wrapped.OrdersPortType {}

    @WebService(serviceName = "Orders", portName = "OrdersPort", targetNamespace = ORDERS,
        endpointInterface = "rpc.OrdersPortType")
    public static class Rpc implements rpc.OrdersPortType {
        private final Wrapped orders = new Wrapped();

        public rpc.Receipt placeOrder(rpc.Order order) {
            return same(receipt(same(order, wrapped.Order.class)), rpc.Receipt.class);
        }

        public int failOrder(String sku, int quantity) throws rpc.OutOfStock_Exception {
            try {
                return orders.failOrder(sku, quantity);
            } catch (wrapped.OutOfStock_Exception fault) {
                rpc.OutOfStock detail = same(fault.getFaultInfo(), rpc.OutOfStock.class);
                throw new rpc.OutOfStock_Exception(fault.getMessage(), detail);
            }
        }

        public void crash(String why) {
            orders.crash(why);
        }

        public void session(String sku, Holder<String> id, Holder<Integer> available, rpc.Session session,
                Holder<rpc.Limits> limits) {
            Holder<wrapped.Limits> left = new Holder<>();
            orders.session(sku, id, available, session == null ? null : same(session, wrapped.Session2.class), left);
            limits.value = same(left.value, rpc.Limits.class);
        }

        public void notify(String number) {
            orders.notify(number);
        }

        public int notified() {
            return orders.notified();
        }

        public int attach(String name, Holder<byte[]> data) {
            return data.value.length;
        }
    }

    static void publish(HttpServer server, String path, Object service, File wsdl) {
        Endpoint endpoint = Endpoint.create(service);
        endpoint.setMetadata(List.of(new StreamSource(wsdl)));
        endpoint.publish(server.createContext(path));
    }

    public static void main(String[] arguments) throws Exception {
        int port = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 0;
        File wrappedWsdl = new File(arguments[0], "wrapped.wsdl");
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port), 0);
        server.setExecutor(Executors.newCachedThreadPool());
        publish(server, "/wrapped", new Plain(), wrappedWsdl);
        publish(server, "/wrapped12", new Plain12(), wrappedWsdl);
        publish(server, "/mtom", new Parts(), wrappedWsdl);
        publish(server, "/mtom12", new Parts12(), wrappedWsdl);
        publish(server, "/rpc", new Rpc(), new File(arguments[0], "rpc.wsdl"));
        server.start();
        System.out.println("ready " + server.getAddress().getPort());
        while (System.in.read() >= 0) {}
        System.exit(0);
    }
}
