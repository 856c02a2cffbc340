//! The order service of `tests/servers` on the wire: a fixed request for each operation and style, and answers as lines of text.
#![allow(dead_code, reason = "each test binary uses its own part of this")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

#[path = "orders/lines.rs"]
mod lines;

pub use lines::flat;

/// How a contract binds the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// wrapped.wsdl
    Wrapped,
    /// bare.wsdl
    Bare,
    /// rpc.wsdl
    Rpc,
    /// encoded.wsdl
    Encoded,
    /// spyne11.wsdl and spyne12.wsdl
    Spyne,
}

const ORDER: &str = "<o:Number>A-1001</o:Number><o:Placed>2026-11-20T08:00:00Z</o:Placed>\
    <o:Customer><o:Name>Ada &amp; Söhne</o:Name><o:Country>DE</o:Country></o:Customer>\
    <o:Line><o:Sku>ABC-1</o:Sku><o:Quantity>2</o:Quantity><o:Price>10.50</o:Price><o:Tag>fragile</o:Tag></o:Line>\
    <o:Line><o:Sku>XYZ-22</o:Sku><o:Quantity>1</o:Quantity><o:Price>3.25</o:Price></o:Line>\
    <o:Note>Ring &lt;twice></o:Note><o:Discount xsi:nil=\"true\"/>";

const ENCODED_ORDER: &str = "<Order xsi:type=\"o:Order\"><Number xsi:type=\"xsd:string\">A-1001</Number>\
    <Placed xsi:type=\"xsd:dateTime\">2026-11-20T08:00:00Z</Placed><Customer href=\"#c\"/><Payer href=\"#c\"/>\
    <Lines xsi:type=\"c:Array\" c:arrayType=\"o:Line[2]\"><item xsi:type=\"o:Line\"><Sku xsi:type=\"xsd:string\">ABC-1</Sku>\
    <Quantity xsi:type=\"xsd:int\">2</Quantity><Price xsi:type=\"xsd:decimal\">10.50</Price>\
    <Tags xsi:type=\"c:Array\" c:arrayType=\"xsd:string[2]\"><item xsi:type=\"xsd:string\">fragile</item>\
    <item xsi:type=\"xsd:string\">tall</item></Tags></item><item xsi:type=\"o:Line\"><Sku xsi:type=\"xsd:string\">XYZ-22</Sku>\
    <Quantity xsi:type=\"xsd:int\">1</Quantity><Price xsi:type=\"xsd:decimal\">3.25</Price></item></Lines>\
    <Note xsi:type=\"xsd:string\">Ring &lt;twice></Note><Discount xsi:nil=\"true\"/></Order>";

/// What both `Customer` and `Payer` refer to.
const ENCODED_CUSTOMER: &str = "<c id=\"c\" c:root=\"0\" xsi:type=\"o:Customer\"><Name xsi:type=\"xsd:string\">Ada &amp; Söhne</Name>\
    <Country xsi:type=\"xsd:string\">DE</Country></c>";

const ENCODING: &str = "http://schemas.xmlsoap.org/soap/encoding/";

impl Style {
    /// The operation's request, what stands in the body.
    pub fn body(self, operation: &str) -> String {
        if self == Self::Bare {
            return match operation {
                "PlaceOrder" => format!("<o:Order>{ORDER}</o:Order>"),
                "FailOrder" => {
                    "<o:Reservation><o:Sku>XYZ-22</o:Sku><o:Quantity>5</o:Quantity></o:Reservation>".into()
                }
                "Crash" => "<o:Why>It broke.</o:Why>".into(),
                "Session" => "<o:Sku>ABC-1</o:Sku>".into(),
                "Notify" => "<o:Number>N-1</o:Number>".into(),
                "Notified" => "<o:Question/>".into(),
                _ => "<o:Document><o:Name>a.txt</o:Name><o:Data>aGVsbG8=</o:Data></o:Document>".into(),
            };
        }
        let p = self.part();
        let inside = match operation {
            "PlaceOrder" if self == Self::Encoded => ENCODED_ORDER.to_owned(),
            "PlaceOrder" => format!("<{p}Order>{ORDER}</{p}Order>"),
            "FailOrder" => format!("<{p}Sku>XYZ-22</{p}Sku><{p}Quantity>5</{p}Quantity>"),
            "Crash" => format!("<{p}Why>It broke.</{p}Why>"),
            "Session" => format!("<{p}Sku>ABC-1</{p}Sku>"),
            "Notify" => format!("<{p}Number>N-1</{p}Number>"),
            "Notified" => String::new(),
            _ => format!("<{p}Name>a.txt</{p}Name><{p}Data>aGVsbG8=</{p}Data>"),
        };
        if self != Self::Encoded {
            return format!("<o:{operation}>{inside}</o:{operation}>");
        }
        let behind = if operation == "PlaceOrder" { ENCODED_CUSTOMER } else { "" };
        format!("<o:{operation} e:encodingStyle=\"{ENCODING}\">{inside}</o:{operation}>{behind}")
    }

    /// The prefix of what stands in the element of the operation: parts of rpc have no namespace.
    pub fn part(self) -> &'static str {
        if matches!(self, Self::Rpc | Self::Encoded) { "" } else { "o:" }
    }

    /// The lines that answer `PlaceOrder`, with the moment as the server writes it.
    pub fn receipt(self, placed: &str) -> Vec<String> {
        let placed = format!("o:Placed={placed}");
        let values: &[&str] = match self {
            Self::Encoded => &[
                "o:Number=A-1001",
                &placed,
                "o:Total=24.25",
                "o:Customer/o:Name=Ada & Söhne",
                "o:Customer/o:Country=DE",
                "o:Payer/o:Name=Ada & Söhne",
                "o:Payer/o:Country=DE",
                "o:Items/o:item/o:Sku=ABC-1",
                "o:Items/o:item/o:Amount=21.00",
                "o:Items/o:item/o:Sku=XYZ-22",
                "o:Items/o:item/o:Amount=3.25",
                "o:Tags/o:item=fragile",
                "o:Tags/o:item=tall",
                "o:Note=Ring <twice>",
                "o:Discount[nil]",
            ],
            _ => &[
                "o:Number=A-1001",
                &placed,
                "o:Total=24.25",
                "o:Item/o:Sku=ABC-1",
                "o:Item/o:Amount=21.00",
                "o:Item/o:Sku=XYZ-22",
                "o:Item/o:Amount=3.25",
                "o:Note=Ring <twice>",
                "o:Discount[nil]",
            ],
        };
        let line = |value: &&str| match self {
            Self::Bare => format!("o:Receipt/{value}"),
            Self::Encoded => format!("o:PlaceOrderResponse/Receipt/{}", value.replace("o:", "")),
            Self::Spyne => {
                format!("o:PlaceOrderResponse/o:Receipt/{}", value.replace("o:Item/", "o:Items/o:Item/"))
            }
            _ => format!("o:PlaceOrderResponse/{}Receipt/{value}", self.part()),
        };
        values.iter().map(line).collect()
    }

    /// The lines that answer `Session`: the header block, then the body.
    pub fn session(self) -> Vec<String> {
        let limits = if self == Self::Spyne { "o:Limits/o:Left=9" } else { "h:Limits/h:Left=9" };
        let values = self.values("Stock", "Session", ["Id=s-1", "Available=7"]);
        [&[limits.to_owned()][..], &values].concat()
    }

    /// The lines that answer `Attach`.
    pub fn attach(self) -> Vec<String> {
        self.values("Stored", "Attach", ["Size=5", "Data=aGVsbG8="])
    }

    fn values(self, struct_name: &str, operation: &str, values: [&str; 2]) -> Vec<String> {
        let line = |value: &str| match self {
            Self::Bare => format!("o:{struct_name}/o:{value}"),
            Self::Spyne => format!("o:{operation}Response/o:{struct_name}/o:{value}"),
            _ => format!("o:{operation}Response/{}{value}", self.part()),
        };
        values.map(line).to_vec()
    }
}

/// The fields and the body of a request, with the header block `Session` or without it.
pub fn request(
    style: Style,
    version: &str,
    operation: &str,
    session: bool,
) -> (Vec<(&'static str, String)>, String) {
    let envelope = match version {
        "1.1" => "http://schemas.xmlsoap.org/soap/envelope/",
        _ => "http://www.w3.org/2003/05/soap-envelope",
    };
    let header = match style {
        _ if !session || operation != "Session" => "",
        Style::Spyne => "<e:Header><o:SessionHeader><o:Id>s-1</o:Id></o:SessionHeader></e:Header>",
        _ => "<e:Header><h:Session><h:Id>s-1</h:Id></h:Session></e:Header>",
    };
    let body = format!(
        "<e:Envelope xmlns:e=\"{envelope}\" xmlns:o=\"urn:example:orders\" xmlns:h=\"urn:example:orders:header\" \
         xmlns:c=\"{ENCODING}\" xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">{header}<e:Body>{}</e:Body></e:Envelope>",
        style.body(operation)
    );
    let action =
        if style == Style::Spyne { operation.to_owned() } else { format!("urn:example:orders:{operation}") };
    let headers = match version {
        "1.1" => vec![
            ("Content-Type", "text/xml; charset=utf-8".to_owned()),
            ("SOAPAction", format!("\"{action}\"")),
        ],
        _ => vec![("Content-Type", format!("application/soap+xml; charset=utf-8; action=\"{action}\""))],
    };
    (headers, body)
}
