//! Tests of the simple protocol: what goes in, what comes out, and the status of what is wrong.

use super::super::fixture::*;
use super::*;
use crate::pipeline::operation::Action;

const XML_TYPE: (&str, &str) = ("content-type", "application/xml");

fn post(headers: &[(&str, &str)], body: &str) -> Request {
    request(Method::POST, headers, body.to_owned())
}

fn serve(input: Io, output: Io) -> Arc<dyn Endpoint> {
    endpoint(Arc::new(operation(Action::Create, input, output)))
}

fn close(endpoint: &dyn Endpoint, texts: &[&'static str]) -> Result<Reply, Failure> {
    let call = Call {
        operation: Arc::new(operation(Action::Create, Io::None, Io::None)),
        documents: Vec::new(),
        attachments: Vec::new(),
        soap: None,
        format: None,
        entry: 0,
        pages: None,
    };
    endpoint.close(&call, returned(texts))
}

#[test]
fn the_address_is_the_wire_name() {
    let create = operation(Action::Create, one(order()), Io::None);
    assert_eq!(path(&create), "/createOrder");
    assert_eq!(methods(&create), [Method::POST]);
    assert_eq!(methods(&operation(Action::Get, Io::None, Io::None)), [Method::GET, Method::POST]);
}

#[test]
fn a_document_is_parsed_once_and_keeps_its_bytes() {
    let endpoint = serve(one(order()), Io::None);
    for headers in [&[][..], &[XML_TYPE], &[("content-type", "text/xml; charset=UTF-8")]] {
        let call = call(&*endpoint, &post(headers, ORDER));
        assert!(call.documents[0].parsed().is_some());
        assert_eq!(call.documents[0].bytes(), ORDER);
    }
}

#[test]
fn lists_are_split() {
    let endpoint = serve(many(order()), Io::None);
    for open in ["<OrderList>", "<OrderList xmlns='http://www.boomi.com/connector/wss'>"] {
        let call = call(&*endpoint, &post(&[XML_TYPE], &format!("{open}{ORDER}{ORDER}</OrderList>")));
        assert_eq!(call.documents.len(), 2);
        assert_eq!(call.documents[1].tree().unwrap().attribute("id"), Some("A-1"));
    }
    let wrong = failure(&*endpoint, &post(&[XML_TYPE], &format!("<OrderList>{ORDER}<x/></OrderList>")));
    assert_eq!(what(&wrong), (StatusCode::UNPROCESSABLE_ENTITY, "invalid-document"));
    assert_eq!(wrong.violations[0].path, "OrderList/x");
    let endpoint = serve(many(receipt()), Io::None);
    let body = r#"[{"id":"a"},{"id":"b"}]"#;
    let call = call(&*endpoint, &post(&[("content-type", "application/json")], body));
    assert_eq!(call.documents[1].bytes(), r#"{"id":"b"}"#);
}

#[test]
fn wrong_requests_have_their_statuses() {
    let endpoint = serve(one(order()), Io::None);
    let bomb = "<!DOCTYPE a [<!ENTITY a 'x'>]><a>&a;</a>";
    let deep = "<a>".repeat(200);
    for (headers, body, expected) in [
        (&[XML_TYPE][..], "", (400, "malformed")),
        (&[XML_TYPE], "<a", (400, "malformed")),
        (&[XML_TYPE], bomb, (400, "dtd-refused")),
        (&[XML_TYPE], &deep, (413, "limit-passed")),
        (&[("content-type", "text/xml; charset=koi8-r")], "<a/>", (415, "charset")),
        (&[("content-type", "text/plain")], ORDER, (415, "unsupported-media-type")),
        (&[("content-type", "nonsense")], ORDER, (415, "unsupported-media-type")),
        (&[("content-type", "application/json")], ORDER, (415, "unsupported-media-type")),
        (&[XML_TYPE], "<a/>", (422, "invalid-document")),
    ] {
        let failure = failure(&*endpoint, &post(headers, body));
        assert_eq!((failure.status.as_u16(), failure.code.as_str()), expected, "{body:.40}");
        assert_eq!(endpoint.failure_form(&post(headers, body)), FailureForm::Text);
    }
}

#[test]
fn without_an_input_there_is_one_empty_document_and_no_body() {
    let endpoint = serve(Io::None, Io::None);
    let call = call(&*endpoint, &request(Method::GET, &[], ""));
    assert!(call.documents.len() == 1 && call.documents[0].is_empty());
    let failure = failure(&*endpoint, &post(&[], "x"));
    assert_eq!(what(&failure), (StatusCode::METHOD_NOT_ALLOWED, "body-not-allowed"));
    assert_eq!(failure.allow.as_deref(), Some("GET"));
}

#[test]
fn answers_are_framed() {
    let reply = close(&*serve(Io::None, one(ack())), &["<Ack><Number>1</Number></Ack>"]).unwrap();
    assert_eq!(text(&reply), "<Ack><Number>1</Number></Ack>");
    assert_eq!(content_type(&reply), "application/xml; charset=utf-8");
    let reply = close(&*serve(Io::None, many(ack())), &["<Ack/>", "<?xml version='1.0'?><Ack/>"]).unwrap();
    let list = "<wss:OrderResponseList xmlns:wss=\"http://www.boomi.com/connector/wss\"><Ack/><Ack/></wss:OrderResponseList>";
    assert!(text(&reply).ends_with(list), "{}", text(&reply));
    let reply = close(&*serve(Io::None, many(receipt())), &[r#"{"id":"a"}"#, r#"{"id":"b"}"#]).unwrap();
    assert_eq!(text(&reply), r#"[{"id":"a"},{"id":"b"}]"#);
    let data = Io::Data { content_type: Some("text/csv".into()) };
    let reply = close(&*serve(Io::None, data), &["a;b\n", "c;d\n"]).unwrap();
    assert_eq!((text(&reply), content_type(&reply)), ("a;b\nc;d\n", "text/csv"));
}

#[test]
fn empty_answers_are_empty_in_their_format() {
    let reply = close(&*serve(Io::None, one(ack())), &[]).unwrap();
    assert!(text(&reply).contains("<wss:OrderResponse xmlns:wss="), "{}", text(&reply));
    let reply = close(&*serve(Io::None, one(receipt())), &[]).unwrap();
    assert_eq!((text(&reply), content_type(&reply), reply.status), ("", "", StatusCode::OK));
    assert_eq!(text(&close(&*serve(Io::None, many(receipt())), &[]).unwrap()), "[]");
    let mut on_empty = operation(Action::Get, Io::None, one(ack()));
    on_empty.on_empty = Some(StatusCode::NO_CONTENT);
    let reply = close(&*endpoint(Arc::new(on_empty)), &[]).unwrap();
    assert_eq!((text(&reply), reply.status), ("", StatusCode::NO_CONTENT));
    let mut on_empty = operation(Action::Get, Io::None, one(ack()));
    on_empty.on_empty = Some(StatusCode::NOT_FOUND);
    let failure = close(&*endpoint(Arc::new(on_empty)), &[]).unwrap_err();
    assert_eq!(what(&failure), (StatusCode::NOT_FOUND, "nothing-found"));
}

#[test]
fn what_the_output_does_not_allow_is_our_failure() {
    let endpoint = serve(Io::None, one(ack()));
    for texts in [&["<Ack/>", "<Ack/>"][..], &["<Other/>"], &["{}"]] {
        let failure = close(&*endpoint, texts).unwrap_err();
        assert_eq!(failure.status, StatusCode::INTERNAL_SERVER_ERROR);
        assert!(failure.log.is_some());
    }
}

#[test]
fn the_process_sets_status_and_headers() {
    let endpoint = serve(Io::None, one(receipt()));
    let mut returned = returned(&[r#"{"id":"a"}"#]);
    returned.status = Some(StatusCode::CREATED);
    returned.headers.insert("x-a", "1".parse().unwrap());
    returned.headers.insert("content-type", "application/vnd.a+json".parse().unwrap());
    let call = call(&*endpoint, &post(&[], ""));
    let reply = endpoint.close(&call, returned).unwrap();
    assert_eq!((reply.status, content_type(&reply)), (StatusCode::CREATED, "application/vnd.a+json"));
    assert_eq!(reply.headers["x-a"], "1");
}
