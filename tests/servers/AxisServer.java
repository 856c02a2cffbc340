// The order service by Axis 1, from what WSDL2Java makes of encoded.wsdl in the package `axis`: `java axis.AxisServer WSDD
// [PORT]`, WSDD its deploy.wsdd, prints `ready PORT` and ends when its standard input closes. /axis/services/OrdersPort
// speaks rpc/encoded and answers every struct and array as a reference to an element behind it.

package axis;

import java.io.ByteArrayInputStream;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.xml.namespace.QName;
import javax.xml.rpc.holders.ByteArrayHolder;
import javax.xml.rpc.holders.IntHolder;
import javax.xml.rpc.holders.StringHolder;
import org.apache.axis.AxisFault;
import org.apache.axis.MessageContext;
import org.apache.axis.configuration.FileProvider;
import org.apache.axis.deployment.wsdd.WSDDDocument;
import org.apache.axis.message.MessageElement;
import org.apache.axis.message.SOAPEnvelope;
import org.apache.axis.message.SOAPHeaderElement;
import org.apache.axis.transport.http.SimpleAxisServer;
import org.apache.axis.utils.XMLUtils;

public class AxisServer {
    // WSDL2Java takes the whole service for literal because its header blocks are.
    static String encoded(String wsdd) {
        return wsdd.replace("use=\"literal\"", "use=\"encoded\"")
            .replace("encodingStyle=\"\"", "encodingStyle=\"http://schemas.xmlsoap.org/soap/encoding/\"");
    }

    public static void main(String[] arguments) throws Exception {
        int port = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 0;
        ServerSocket socket = new ServerSocket(port, 50, InetAddress.getByName("127.0.0.1"));
        String wsdd = encoded(Files.readString(Path.of(arguments[0])));
        FileProvider config = new FileProvider(SimpleAxisServer.class.getResourceAsStream(
            "/org/apache/axis/server/server-config.wsdd"));
        SimpleAxisServer server = new SimpleAxisServer();
        server.setMyConfig(config);
        server.setServerSocket(socket);
        server.getAxisServer();
        byte[] bytes = wsdd.getBytes(StandardCharsets.UTF_8);
        new WSDDDocument(XMLUtils.newDocument(new ByteArrayInputStream(bytes))).deploy(config.getDeployment());
        server.start(true);
        System.out.println("ready " + socket.getLocalPort());
        while (System.in.read() >= 0) {}
        System.exit(0);
    }
}

class OrdersBindingImpl implements OrdersPortType {
    private static final String HEADER = "urn:example:orders:header";
    private static final AtomicInteger notified = new AtomicInteger();

    public Receipt placeOrder(Order order) {
        List<Item> items = new ArrayList<>();
        List<String> tags = new ArrayList<>();
        BigDecimal total = BigDecimal.ZERO;
        for (Line line : order.getLines()) {
            BigDecimal amount = line.getPrice().multiply(BigDecimal.valueOf(line.getQuantity()));
            items.add(new Item(line.getSku(), amount));
            if (line.getTags() != null) tags.addAll(List.of(line.getTags()));
            total = total.add(amount);
        }
        Receipt receipt = new Receipt();
        receipt.setNumber(order.getNumber());
        receipt.setPlaced(order.getPlaced());
        receipt.setTotal(total);
        receipt.setCustomer(order.getCustomer());
        receipt.setPayer(order.getCustomer());
        receipt.setItems(items.toArray(new Item[0]));
        receipt.setTags(tags.toArray(new String[0]));
        receipt.setNote(order.getNote());
        receipt.setDiscount(order.getDiscount());
        return receipt;
    }

    public int failOrder(String sku, int quantity) throws OutOfStock {
        OutOfStock fault = new OutOfStock(sku, 3);
        fault.setFaultString("Only 3 of " + sku + " are left.");
        throw fault;
    }

    public void crash(String why) {
        throw new IllegalStateException(why);
    }

    public void session(String sku, StringHolder id, IntHolder available) throws AxisFault {
        try {
            MessageContext context = MessageContext.getCurrentContext();
            SOAPHeaderElement session =
                context.getRequestMessage().getSOAPEnvelope().getHeaderByName(HEADER, "Session");
            if (session == null) throw new AxisFault("Client", "The header Session is missing.", null, null);
            id.value = session.getChildElement(new QName(HEADER, "Id")).getValue();
            available.value = 7;
            SOAPHeaderElement limits = new SOAPHeaderElement(HEADER, "Limits");
            MessageElement left = new MessageElement(new QName(HEADER, "Left"));
            left.addTextNode("9");
            limits.addChild(left);
            SOAPEnvelope answer = context.getResponseMessage().getSOAPEnvelope();
            answer.addHeader(limits);
        } catch (javax.xml.soap.SOAPException error) {
            throw AxisFault.makeFault(error);
        }
    }

    public void notify(String number) {
        notified.incrementAndGet();
    }

    public int notified() {
        return notified.get();
    }

    public int attach(String name, ByteArrayHolder data) {
        return data.value.length;
    }
}
