// Sends data in a part of its own by what wsimport made of the WSDL (JAX-WS RI): one JSON object a line.

import docs.Document;
import docs.Documents;
import docs.DocumentsPortType;
import java.util.Arrays;
import javax.xml.ws.Holder;
import javax.xml.ws.soap.MTOMFeature;

public class MtomClient {
    public static void main(String[] arguments) throws Exception {
        byte[] data = new byte[3000];
        for (int at = 0; at < data.length; at++) data[at] = (byte) at;
        Documents service = new Documents();
        for (String version : new String[] {"1.1", "1.2"}) {
            DocumentsPortType port = version.equals("1.1")
                ? service.getDocumentsPort(new MTOMFeature())
                : service.getDocumentsPort12(new MTOMFeature());
            Document document = new Document();
            document.setName("n");
            document.setData(data);
            // What goes in and comes out under one name is one parameter to wsimport.
            Holder<Document> holder = new Holder<>(document);
            port.createDocument(holder);
            Document answer = holder.value;
            System.out.println("{\"version\":\"" + version + "\",\"sent\":\"" + answer.getName()
                + "\",\"same\":" + Arrays.equals(data, answer.getData()) + "}");
        }
    }
}
