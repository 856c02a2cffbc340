//! One ordinary message that the benchmarks of formats share.

use soapstone::document::codec::Limits;
use soapstone::document::tree::Element;
use soapstone::xml;

/// A SOAP order of ten lines, 2 KB, indented.
pub fn soap() -> String {
    let lines: String = (1..=10)
        .map(|n| {
            format!(
                "\n      <o:Line>\n        <o:Sku>ABC-{n:04}</o:Sku>\n        <o:Quantity>{n}</o:Quantity>\n        \
                 <o:Price>{n}9.95</o:Price>\n        <o:Note>Bolts &amp; nuts</o:Note>\n      </o:Line>"
            )
        })
        .collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\">\n  \
         <soap:Body>\n    <o:Order xmlns:o=\"urn:example:orders\" id=\"A-1001\">\n      \
         <o:Placed>2026-11-20T08:00:00Z</o:Placed>\n      <o:Customer><o:Name>Acme</o:Name><o:Country>DE</o:Country>\
         </o:Customer>{lines}\n    </o:Order>\n  </soap:Body>\n</soap:Envelope>\n"
    )
}

/// Its tree.
pub fn order() -> Element {
    xml::parse(&soap(), &Limits::default()).unwrap()
}
