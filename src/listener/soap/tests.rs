//! Tests of SOAP services: dispatch, framing, versions, the WSDL and its agreement with what is sent.

use super::super::common::NAMESPACE;
use super::super::fixture::*;
use super::*;
use crate::pipeline::failure::SoapCondition;
use crate::pipeline::operation::Action;
use crate::schema::{Format, Occurs, ShapeKind, SimpleType, validate};
use crate::soap::fault::{Code, Fault};

const V11_TYPE: (&str, &str) = ("content-type", "text/xml; charset=utf-8");
const V12_TYPE: (&str, &str) = ("content-type", "application/soap+xml");

fn served(operation: Operation) -> SoapOperation {
    SoapOperation { name: operation.wire_name(), operation: Arc::new(operation), action: None, wrapper: true }
}

fn options(operations: Vec<SoapOperation>) -> SoapOptions {
    SoapOptions {
        namespace: NAMESPACE.to_owned(),
        names: wsdl::Names::of("Orders"),
        description: Default::default(),
        style: Default::default(),
        neighbours: None,
        versions: Version::ALL.to_vec(),
        roles: Default::default(),
        mtom: Mtom::default(),
        understands: Vec::new(),
        operations,
    }
}

fn service() -> Service {
    let bare = operation(Action::Upsert, one(order()), one(order()));
    Service::new(options(vec![
        served(operation(Action::Create, one(order()), one(ack()))),
        served(operation(Action::Query, Io::None, many(ack()))),
        served(operation(Action::Execute, many(order()), Io::None)),
        SoapOperation { wrapper: false, ..served(bare) },
    ]))
    .unwrap()
}

fn envelope(version: Version, body: &str) -> String {
    let namespace = version.namespace();
    format!("<e:Envelope xmlns:e='{namespace}' xmlns:w='{NAMESPACE}'><e:Body>{body}</e:Body></e:Envelope>")
}

fn post(headers: &[(&str, &str)], body: &str) -> Request {
    request(Method::POST, headers, envelope(Version::V11, body))
}

fn create() -> String {
    format!("<w:createOrder>{ORDER}</w:createOrder>")
}

#[test]
fn a_wrapped_call_gives_its_document_and_is_answered_in_its_version() {
    let service = service();
    for (version, headers) in [(Version::V11, V11_TYPE), (Version::V12, V12_TYPE)] {
        let request = request(Method::POST, &[headers], envelope(version, &create()));
        let call = call(&service, &request);
        assert_eq!(call.documents[0].tree().unwrap().attribute("id"), Some("A-1"));
        assert_eq!(call.soap.as_ref().unwrap().version, version);
        let reply = service.close(&call, returned(&["<Ack><Number>1</Number></Ack>"])).unwrap();
        assert_eq!(content_type(&reply), version.content_type());
        let inner = format!(
            "<wss:createOrderResponse xmlns:wss=\"{NAMESPACE}\"><Ack><Number>1</Number></Ack></wss:createOrderResponse>"
        );
        assert!(text(&reply).contains(&inner), "{}", text(&reply));
        assert!(text(&reply).contains(version.namespace()));
        assert!(crate::xml::parse(text(&reply), &Default::default()).is_ok());
        assert_eq!(service.failure_form(&request), FailureForm::Soap(version));
    }
}

#[test]
fn lists_go_in_and_out() {
    let service = service();
    let body = format!("<w:executeOrder><w:OrderList>{ORDER}{ORDER}</w:OrderList></w:executeOrder>");
    let execute = call(&service, &post(&[V11_TYPE], &body));
    assert_eq!(execute.documents.len(), 2);
    let reply = service.close(&execute, returned(&[])).unwrap();
    assert_eq!((reply.status, reply.body.len()), (StatusCode::ACCEPTED, 0));
    let query = call(&service, &post(&[V11_TYPE], "<w:queryOrder/>"));
    assert!(query.documents.len() == 1 && query.documents[0].is_empty());
    let reply = service.close(&query, returned(&["<Ack/>", "<Ack/>"])).unwrap();
    assert!(text(&reply).contains("<wss:OrderResponseList><Ack/><Ack/></wss:OrderResponseList>"));
    let reply = service.close(&query, returned(&[])).unwrap();
    assert!(text(&reply).contains("<wss:OrderResponseList></wss:OrderResponseList>"));
}

#[test]
fn nothing_to_answer_with_is_a_fault_and_no_missing_address() {
    let empty = Operation {
        on_empty: Some(StatusCode::NOT_FOUND),
        ..operation(Action::Query, Io::None, many(ack()))
    };
    let service = Service::new(options(vec![served(empty)])).unwrap();
    let query = call(&service, &post(&[V11_TYPE], "<w:queryOrder/>"));
    let failure = service.close(&query, returned(&[])).unwrap_err();
    assert_eq!((failure.code.as_str(), failure.thrown), ("nothing-found", true));
}

#[test]
fn a_call_with_nothing_may_say_that_it_is_nil() {
    let service = service();
    let nil = "xsi:nil='true' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'";
    let query = call(&service, &post(&[V11_TYPE], &format!("<w:queryOrder {nil}/>")));
    assert!(query.documents.len() == 1 && query.documents[0].is_empty());
    let create = post(&[V11_TYPE], &format!("<w:createOrder {nil}/>"));
    assert!(service.open(&create).is_err());
    assert!(!String::from_utf8(service.wsdl("http://a/")).unwrap().contains("nillable"));
}

#[test]
fn a_bare_call_is_the_document() {
    let service = service();
    let call = call(&service, &post(&[V11_TYPE], ORDER));
    assert_eq!(call.entry, 3);
    assert_eq!(call.documents[0].tree().unwrap().name.local, "Order");
    let order = "<Order xmlns='urn:example:orders' id='1'><Line>1</Line></Order>";
    let reply = service.close(&call, returned(&[order])).unwrap();
    assert!(text(&reply).contains("<soapenv:Body><Order xmlns=\"urn:example:orders\""), "{}", text(&reply));
}

#[test]
fn the_body_decides_and_the_action_must_not_contradict() {
    let service = service();
    let with = |action: &str| service.open(&post(&[V11_TYPE, ("soapaction", action)], &create()));
    let own = format!("{NAMESPACE}/createOrder");
    for action in ["", "\"\"", &own, &format!("\"{own}\""), "\"urn:unknown\""] {
        assert!(with(action).is_ok(), "{action}");
    }
    let failure = with(&format!("\"{NAMESPACE}/queryOrder\"")).unwrap_err();
    assert_eq!(what(&failure), (StatusCode::BAD_REQUEST, "action-mismatch"));
    let media = format!("application/soap+xml; action=\"{own}\"");
    let request = request(Method::POST, &[("content-type", &media)], envelope(Version::V12, &create()));
    assert_eq!(call(&service, &request).soap.unwrap().action.as_deref(), Some(own.as_str()));
}

#[test]
fn wrong_requests_are_the_senders() {
    let service = service();
    for (body, expected, part) in [
        ("<w:creatOrder/>", (400, "unknown-operation"), "}createOrder?"),
        ("<createOrder/>", (400, "unknown-operation"), "createOrder"),
        ("", (400, "unknown-operation"), "Body is empty"),
        ("<w:createOrder/>", (422, "invalid-document"), "createOrder/Order: this element is missing"),
        ("<w:queryOrder><x/></w:queryOrder>", (422, "invalid-document"), "queryOrder/x"),
        ("<a/><b/>", (400, "bad-envelope"), "more than one"),
    ] {
        let failure = failure(&service, &post(&[V11_TYPE], body));
        assert_eq!((failure.status.as_u16(), failure.code.as_str()), expected, "{body}");
        assert!(failure.message.contains(part), "{}", failure.message);
    }
    let empty = request(Method::POST, &[V11_TYPE], "");
    assert_eq!(failure(&service, &empty).status, StatusCode::BAD_REQUEST);
    let block = "<e:Header><h:a xmlns:h='urn:h' e:mustUnderstand='1'/></e:Header><e:Body>";
    let text = envelope(Version::V12, &create()).replace("<e:Body>", block);
    let failure = failure(&service, &request(Method::POST, &[V12_TYPE], text));
    assert_eq!(failure.soap, Some(SoapCondition::MustUnderstand(vec![("urn:h".into(), "a".into())])));
}

#[test]
fn a_fault_names_some_of_very_many_blocks() {
    let service = service();
    let refused = |count: usize| {
        let long = format!("{}x", "a".repeat(1000));
        let blocks: String =
            (0..count).map(|at| format!("<h:{long}{at} xmlns:h='urn:h' e:mustUnderstand='1'/>")).collect();
        let text = envelope(Version::V12, &create())
            .replace("<e:Body>", &format!("<e:Header>{blocks}</e:Header><e:Body>"));
        let failure = failure(&service, &request(Method::POST, &[V12_TYPE], text));
        let Some(SoapCondition::MustUnderstand(named)) = &failure.soap else { panic!("{failure:?}") };
        assert!(named.iter().all(|(_, local)| local.len() > 1000), "the names are whole");
        assert!(failure.message.len() < 1500, "{}", failure.message);
        (named.len(), failure.message.ends_with(&format!(" and {} more.", count.saturating_sub(10))))
    };
    assert_eq!((refused(10), refused(11), refused(500)), ((10, false), (10, true), (10, true)));
    let long = "x".repeat(3000);
    let text = envelope(Version::V11, &create()).replace("<e:Body>", &format!("<e:Body xmlns:l='{long}'>"));
    let failure = failure(&service, &request(Method::POST, &[V11_TYPE], text));
    assert!(failure.message.contains("more than 2048 bytes"), "{}", failure.message);
}

#[test]
fn media_types_and_versions_agree() {
    let service = service();
    let open = |media: &str, version| {
        let headers = [("content-type", media)];
        let headers = if media.is_empty() { &[][..] } else { &headers };
        service.open(&request(Method::POST, headers, envelope(version, &create()))).err()
    };
    assert!(open("", Version::V11).is_none());
    assert!(open("application/xml", Version::V11).is_none());
    assert_eq!(open("text/plain", Version::V11).unwrap().status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(open("text/xml", Version::V12).unwrap().status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(
        open("application/soap+xml", Version::V11).unwrap().soap,
        Some(SoapCondition::VersionMismatch(vec![Version::V11, Version::V12]))
    );
}

#[test]
fn get_gives_the_wsdl_and_nothing_else() {
    let service = service();
    let get = |query: &str| {
        let mut request = request(Method::GET, &[], "");
        request.query = query.into();
        service.open(&request)
    };
    for query in ["wsdl=single", "WSDL=single", "singleWsdl", "a=b&wsdl=single"] {
        let Ok(Opened::Reply(reply)) = get(query) else { panic!("{query}") };
        assert_eq!(text(&reply), include_str!("../../../tests/golden/order-service.wsdl"));
        assert_eq!(content_type(&reply), "text/xml; charset=utf-8");
    }
    let failure = get("").unwrap_err();
    assert_eq!(failure.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(failure.allow.as_deref(), Some("POST"));
}

#[test]
fn an_address_is_escaped() {
    let wsdl = String::from_utf8(service().wsdl("http://a/\"<&")).unwrap();
    assert_eq!(wsdl.matches("location=\"http://a/&quot;&lt;&amp;\"").count(), 2);
}

#[test]
fn what_cannot_be_served_is_a_clash() {
    let clashes = |operations| Service::new(options(operations)).unwrap_err();
    let create = || served(operation(Action::Create, one(order()), one(ack())));
    let json = clashes(vec![create(), served(operation(Action::Get, Io::None, one(receipt())))]);
    assert_eq!((json.len(), json[0].operation), (1, 1));
    assert!(json[0].message.contains("JSON"), "{}", json[0].message);
    let twice = clashes(vec![create(), create()]);
    assert_eq!((twice.len(), twice[0].operation, twice[0].other), (1, 1, Some(0)));
    let other = SoapOperation { wrapper: false, ..create() };
    let other = SoapOperation { name: "a".to_owned(), ..other };
    let both = SoapOperation { name: "b".to_owned(), ..other.clone() };
    assert!(clashes(vec![other, both])[0].message.contains("cannot be told apart"));
    let odd = SoapOperation { name: "a b".to_owned(), ..create() };
    assert!(clashes(vec![odd])[0].message.contains("name of an XML element"));
}

#[test]
fn a_fault_holds_what_the_wsdl_declares() {
    let place = |path, line| crate::soap::fault::Place { path, line, message: "no" };
    let fault = Fault {
        standard: None,
        of_header: false,
        declared: None,
        headers: &[],
        code: Code::Sender,
        subcode: "invalid-document",
        reason: "no",
        request: "r-1",
        not_xml: false,
        violations: vec![place("a", None), place("c", Some(3))],
    };
    for (version, detail) in [(Version::V11, "detail"), (Version::V12, "Detail")] {
        let body = String::from_utf8(fault.answer(version, 422).body).unwrap();
        let envelope = crate::xml::parse(&body, &Default::default()).unwrap();
        let fault = envelope.child("Body").and_then(|body| body.child("Fault")).unwrap();
        let element = fault.child(detail).unwrap().elements().next().unwrap();
        assert_eq!(validate(element, &contract::fault_detail(), Format::Xml, 9), []);
    }
}

/// A service of the style rpc: `add` with two parts, answered with one.
fn rpc() -> Service {
    let part = |name: &str, namespace| leaf(name, namespace, SimpleType::Integer);
    let root = |name: &str, children| Shape {
        kind: ShapeKind::Children(children),
        ..leaf(name, Some("urn:sum"), SimpleType::String)
    };
    let input = root("Numbers", vec![part("a", Some("urn:sum")), part("b", None)]);
    let output = root("Sum", vec![part("sum", Some("urn:sum"))]);
    let (input, output) = (profile("numbers", &XML, input), profile("sum", &XML, output));
    let add =
        SoapOperation { name: "add".into(), ..served(operation(Action::Execute, one(input), one(output))) };
    Service::new(SoapOptions { style: Style::Rpc, ..options(vec![add]) }).unwrap()
}

#[test]
fn an_rpc_call_has_parts_without_a_namespace() {
    let service = rpc();
    let body = "<w:add><a>1</a><b>2</b></w:add>";
    let called = call(&service, &post(&[V11_TYPE], body));
    let expected = "<Numbers xmlns=\"urn:sum\"><a>1</a><b xmlns=\"\">2</b></Numbers>";
    let mut written = Vec::new();
    write_element(called.documents[0].tree().unwrap(), None, &mut written);
    assert_eq!(String::from_utf8(written).unwrap(), expected);
    let reply = service.close(&called, returned(&["<Sum xmlns=\"urn:sum\"><sum>3</sum></Sum>"])).unwrap();
    let inner = format!("<wss:addResponse xmlns:wss=\"{NAMESPACE}\"><sum>3</sum></wss:addResponse>");
    assert!(text(&reply).contains(&inner), "{}", text(&reply));
    let wsdl = String::from_utf8(service.wsdl("http://a/")).unwrap();
    assert!(wsdl.contains("<wsdl:part name=\"a\" type=\"xs:integer\"/>"), "{wsdl}");
    assert!(wsdl.contains("<soap:binding style=\"rpc\""), "{wsdl}");
}

#[test]
fn an_encoded_call_is_read() {
    let service = rpc();
    let encoding = "http://schemas.xmlsoap.org/soap/encoding/";
    let body = format!(
        "<w:add e:encodingStyle='{encoding}'><b href='#1'/><x:a xmlns:x='urn:x'>1</x:a></w:add>\
         <multiRef id='1' xmlns:o='{encoding}' o:root='0'>2</multiRef>"
    );
    let called = call(&service, &post(&[V11_TYPE], &body));
    let tree = called.documents[0].tree().unwrap();
    assert_eq!(tree.elements().map(|part| part.string_value()).collect::<Vec<_>>(), ["1", "2"]);
    let nowhere = failure(&service, &post(&[V11_TYPE], &body.replace("id='1'", "id='2'")));
    assert_eq!(
        (what(&nowhere), nowhere.subcode.unwrap().1),
        ((StatusCode::BAD_REQUEST, "bad-encoding"), "MissingID")
    );
}

#[test]
fn an_encoded_call_of_1_2_is_answered_as_one() {
    let list = Shape { occurs: Occurs { min: 0, max: None }, ..leaf("item", None, SimpleType::String) };
    let holder = |name: &str, child| Shape {
        kind: ShapeKind::Children(vec![child]),
        ..leaf(name, None, SimpleType::String)
    };
    let profile = || profile("words", &XML, holder("Words", holder("words", list.clone())));
    let echo = operation(Action::Execute, one(profile()), one(profile()));
    let echo = SoapOperation { name: "echo".into(), ..served(echo) };
    let service = Service::new(SoapOptions { style: Style::Rpc, ..options(vec![echo]) }).unwrap();
    let encoding = crate::soap::encoding::ENCODING_12;
    let answered = |style: &str, document: &'static str| {
        let body = format!("<w:echo {style}><words><item>a</item><item>b</item></words></w:echo>");
        let request = request(Method::POST, &[V12_TYPE], envelope(Version::V12, &body));
        let reply = service.close(&call(&service, &request), returned(&[document])).unwrap();
        text(&reply).to_owned()
    };
    let document = "<Words><words><item>a</item><item>b</item></words></Words>";
    let style = format!("e:encodingStyle='{encoding}'");
    let text = answered(&style, document);
    let start = format!("<wss:echoResponse xmlns:wss=\"{NAMESPACE}\" soap:encodingStyle=\"{encoding}\">");
    let result = format!("{start}<result xmlns=\"{}\">words</result><words ", rpc::NAMESPACE);
    assert!(text.contains(&result) && text.contains("arraySize=\"2\""), "{text}");
    // Nothing is returned: nothing is named.
    assert!(!answered(&style, "<Words/>").contains("result"));
    assert!(!answered("", document).contains(encoding));
}

#[test]
fn a_block_in_an_unknown_encoding_is_refused_where_it_is_processed() {
    let understood = SoapOptions { understands: vec![Name::qualified("urn:h", "a")], ..options(Vec::new()) };
    let served = served(operation(Action::Create, one(order()), one(ack())));
    let service = Service::new(SoapOptions { operations: vec![served], ..understood }).unwrap();
    let sent = |block: &str| {
        let block =
            format!("<e:Header><h:{block} xmlns:h='urn:h' e:encodingStyle='urn:poison'/></e:Header><e:Body>");
        let text = envelope(Version::V12, &create()).replace("<e:Body>", &block);
        service.open(&request(Method::POST, &[V12_TYPE], text))
    };
    assert_eq!(sent("a").unwrap_err().soap, Some(SoapCondition::DataEncodingUnknown));
    assert!(sent("b").is_ok());
}

#[test]
fn wrong_rpc_calls_have_the_subcodes_of_the_standard() {
    let service = rpc();
    let subcode = |body: &str| failure(&service, &post(&[V11_TYPE], body)).subcode.unwrap().1;
    assert_eq!(subcode("<w:add><a>one</a><b>2</b></w:add>"), "BadArguments");
    assert_eq!(subcode("<w:sub/>"), "ProcedureNotPresent");
}

#[test]
fn what_has_no_parts_cannot_be_rpc() {
    let wrong = |operation: Operation| {
        let options = SoapOptions { style: Style::Rpc, ..options(vec![served(operation)]) };
        Service::new(options).unwrap_err().remove(0).message
    };
    let list = wrong(operation(Action::Query, Io::None, many(ack())));
    assert!(list.contains("is a list"), "{list}");
    let attributes = wrong(operation(Action::Create, one(order()), Io::None));
    assert!(attributes.contains("has attributes"), "{attributes}");
}

#[test]
fn the_wsdl_comes_whole_and_in_parts() {
    let service = service();
    let get = |query: &str| {
        let request = Request { query: query.into(), ..request(Method::GET, &[], "") };
        match service.open(&request) {
            Ok(Opened::Reply(reply)) => Ok(text(&reply).to_owned()),
            Ok(_) => panic!("a GET calls nothing"),
            Err(failure) => Err(failure.status.as_u16()),
        }
    };
    let split = get("wsdl").unwrap();
    assert!(split.contains("schemaLocation=\"https://api.example.com/ws/soap?xsd=1\""), "{split}");
    assert!(get("xsd=1").unwrap().contains("<xs:schema "));
    assert_eq!((get("xsd=9"), get("xsd=x"), get("")), (Err(404), Err(404), Err(405)));
    let whole = get("wsdl=single").unwrap();
    assert!(!whole.contains("schemaLocation") && whole == get("singleWsdl").unwrap(), "{whole}");
}

#[test]
fn a_caller_sees_what_it_may_use() {
    let restricted = Operation {
        roles: Some(vec!["orders".into()]),
        ..operation(Action::Create, one(order()), one(ack()))
    };
    let open = operation(Action::Query, Io::None, many(ack()));
    let service = Service::new(options(vec![served(restricted), served(open)])).unwrap();
    let user = |roles: &[&str]| {
        let roles = roles.iter().map(|role| CompactString::from(*role)).collect();
        Some(Arc::new(User { name: "a".into(), roles, allow: None }))
    };
    let shown = |user| {
        let request = Request { query: "wsdl".into(), user, ..request(Method::GET, &[], "") };
        let Ok(Opened::Reply(reply)) = service.open(&request) else { panic!("no WSDL") };
        text(&reply).contains("createOrder")
    };
    assert!(shown(user(&["orders"])));
    assert!(!shown(user(&["reports"])) && !shown(None));
}
