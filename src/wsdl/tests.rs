//! Tests of the WSDL writer: what a description must hold whatever it describes. The whole text is a service's golden.

use super::*;

const ELEMENT: QName<'_> = QName { namespace: None, local: "Order" };

fn definitions<'a>(names: &'a Names, operations: &'a [Operation<'a>]) -> Definitions<'a> {
    Definitions {
        namespace: "urn:a&\"b",
        names,
        documentation: "What it <is> for.",
        style: Style::Document,
        schemas: &[],
        prefixes: &[],
        operations,
        fault: Some(QName { namespace: Some("urn:f"), local: "failure" }),
        soap11: false,
        soap12: true,
    }
}

fn operation(input: Body<'static>, output: Option<Body<'static>>) -> Operation<'static> {
    Operation {
        name: "send",
        action: "urn:a:send",
        documentation: "",
        input,
        output,
        headers: Vec::new(),
        faults: Vec::new(),
    }
}

fn read(definitions: &Definitions<'_>) -> String {
    String::from_utf8(Document::new(definitions).whole("http://a/?b&c")).unwrap()
}

fn text(operations: &[Operation<'_>]) -> String {
    let text = read(&definitions(&Names::of("Orders"), operations));
    assert!(crate::xml::parse(&text, &Default::default()).is_ok(), "{text}");
    text
}

#[test]
fn a_one_way_operation_has_neither_output_nor_fault() {
    let text = text(&[operation(Body::Element(ELEMENT), None)]);
    assert!(text.contains("<wsdl:input message=\"tns:sendRequest\"/>"));
    assert!(!text.contains("<wsdl:output") && !text.contains("<wsdl:fault") && !text.contains("\"failure\""));
}

#[test]
fn elements_in_no_namespace_have_no_prefix_and_an_empty_body_no_part() {
    let text = text(&[operation(Body::Empty, Some(Body::Element(ELEMENT)))]);
    assert!(text.contains("<wsdl:message name=\"sendRequest\"/>"));
    assert!(text.contains("<wsdl:part name=\"parameters\" element=\"Order\"/>"));
    assert!(!text.contains(" xmlns=\""));
}

#[test]
fn only_the_versions_that_are_served_are_bound() {
    let text = text(&[operation(Body::Empty, Some(Body::Element(ELEMENT)))]);
    assert!(!text.contains("<soap:") && text.matches("<wsdl:port ").count() == 1);
    assert!(text.contains("<soap12:address location=\"http://a/?b&amp;c\"/>"));
    assert!(text.contains("targetNamespace=\"urn:a&amp;&quot;b\""));
}

#[test]
fn faults_and_headers_are_declared_once_and_bound_everywhere() {
    let element = |local| QName { namespace: Some("urn:x"), local };
    let header = Header { element: element("Session"), inbound: true, outbound: false };
    let other = Header {
        element: QName { namespace: Some("urn:y"), local: "Session" },
        inbound: false,
        outbound: true,
    };
    let fault = Fault { name: "Gone", element: element("Gone"), documentation: "It & more." };
    let one = |name| Operation {
        name,
        documentation: "Sends <it>.",
        headers: vec![header, other],
        faults: vec![fault],
        ..operation(Body::Element(ELEMENT), Some(Body::Element(ELEMENT)))
    };
    let text = text(&[one("a"), one("b")]);
    assert_eq!(text.matches("<wsdl:message name=\"GoneFault\">").count(), 1);
    assert_eq!(text.matches("<wsdl:message name=\"SessionHeader\">").count(), 1);
    assert_eq!(text.matches("<wsdl:message name=\"SessionHeader2\">").count(), 1);
    assert_eq!(
        text.matches(
            "<soap12:header message=\"tns:SessionHeader\" part=\"Session\" use=\"literal\"/></wsdl:input>"
        )
        .count(),
        2
    );
    assert_eq!(
        text.matches(
            "<soap12:header message=\"tns:SessionHeader2\" part=\"Session\" use=\"literal\"/></wsdl:output>"
        )
        .count(),
        2
    );
    assert_eq!(text.matches("<soap12:fault name=\"Gone\" use=\"literal\"/>").count(), 2);
    assert!(text.contains("<wsdl:documentation>Sends &lt;it&gt;.</wsdl:documentation>"));
    assert!(text.contains("<wsdl:documentation>What it &lt;is&gt; for.</wsdl:documentation>"));
}

#[test]
fn schemas_can_stand_in_documents_of_their_own() {
    let schema = |namespace: Option<&str>, imports: &str| {
        let open = "<xs:schema>";
        let text = format!("{open}<xs:import{imports}/></xs:schema>\n");
        Schema {
            namespace: namespace.map(str::to_owned),
            inside: open.len(),
            imports: vec![(open.len() + "<xs:import".len(), Some("urn:b".to_owned()))],
            text,
        }
    };
    let import = " namespace=\"urn:b\"";
    let schemas =
        [schema(Some("urn:a"), import), schema(Some("urn:b"), import), schema(Some("urn:a"), import)];
    let names = Names::of("Orders");
    let document = Document::new(&Definitions { schemas: &schemas, ..definitions(&names, &[]) });
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let wsdl = text(document.split("http://h/s"));
    assert!(wsdl.contains("<xs:import namespace=\"urn:a\" schemaLocation=\"http://h/s?xsd=1\"/>"), "{wsdl}");
    assert!(wsdl.contains("schemaLocation=\"http://h/s?xsd=2\"/>") && !wsdl.contains("xsd=3"), "{wsdl}");
    let first = text(document.schema(1, "http://h/s").unwrap());
    assert!(
        first.contains("<xs:import schemaLocation=\"http://h/s?xsd=2\" namespace=\"urn:b\"/>"),
        "{first}"
    );
    assert!(first.contains("schemaLocation=\"http://h/s?xsd=3\"/><xs:import"), "{first}");
    assert!(document.schema(0, "").is_none() && document.schema(4, "").is_none());
    assert!(!text(document.whole("http://h/s")).contains("schemaLocation"));
}

#[test]
fn an_rpc_message_has_parts_with_types() {
    let parts = Body::Parts(vec![
        ("a", TypeName::BuiltIn("int")),
        ("b", TypeName::Named("urn:t".into(), "sumRequest.b".into())),
    ]);
    let operations = [operation(parts, Some(Body::Parts(Vec::new())))];
    let names = Names::of("Orders");
    let definitions = Definitions { style: Style::Rpc, ..definitions(&names, &operations) };
    let text = read(&definitions);
    assert!(text.contains("<wsdl:part name=\"a\" type=\"xs:int\"/>"), "{text}");
    assert!(text.contains("<wsdl:part name=\"b\" type=\"m1:sumRequest.b\"/>"), "{text}");
    assert!(text.contains("<wsdl:message name=\"sendResponse\"/>"), "{text}");
    assert!(text.contains("<soap12:body use=\"literal\" namespace=\"urn:a&amp;&quot;b\"/>"), "{text}");
}
