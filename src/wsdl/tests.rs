//! Tests of the WSDL writer: what a description must hold whatever it describes. The whole text is a service's golden.

use super::*;

const ELEMENT: QName<'_> = QName { namespace: None, local: "Order" };

fn definitions<'a>(operations: &'a [Operation<'a>]) -> Definitions<'a> {
    Definitions {
        namespace: "urn:a&\"b",
        service: "Orders",
        schemas: &[],
        operations,
        fault: Some(QName { namespace: Some("urn:f"), local: "failure" }),
        soap11: false,
        soap12: true,
    }
}

fn operation(input: Option<QName<'static>>, output: Output<'static>) -> Operation<'static> {
    Operation { name: "send", action: "urn:a:send", input, output }
}

fn text(operations: &[Operation<'_>]) -> String {
    let text = String::from_utf8(Document::new(&definitions(operations)).at("http://a/?b&c")).unwrap();
    assert!(crate::xml::parse(&text, &Default::default()).is_ok(), "{text}");
    text
}

#[test]
fn a_one_way_operation_has_neither_output_nor_fault() {
    let text = text(&[operation(Some(ELEMENT), Output::OneWay)]);
    assert!(text.contains("<wsdl:input message=\"tns:sendRequest\"/>"));
    assert!(!text.contains("<wsdl:output") && !text.contains("<wsdl:fault") && !text.contains("\"failure\""));
}

#[test]
fn elements_in_no_namespace_have_no_prefix_and_an_empty_body_no_part() {
    let text = text(&[operation(None, Output::Element(ELEMENT))]);
    assert!(text.contains("<wsdl:message name=\"sendRequest\"/>"));
    assert!(text.contains("<wsdl:part name=\"parameters\" element=\"Order\"/>"));
    assert!(!text.contains(" xmlns=\""));
}

#[test]
fn only_the_versions_that_are_served_are_bound() {
    let text = text(&[operation(None, Output::Element(ELEMENT))]);
    assert!(!text.contains("<soap:") && text.matches("<wsdl:port ").count() == 1);
    assert!(text.contains("<soap12:address location=\"http://a/?b&amp;c\"/>"));
    assert!(text.contains("targetNamespace=\"urn:a&amp;&quot;b\""));
}
