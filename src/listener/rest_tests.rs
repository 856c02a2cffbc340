//! Tests of the rest protocol: methods, negotiation, and XML documents in their JSON form.

use super::super::fixture::*;
use super::*;

const JSON_TYPE: (&str, &str) = ("content-type", "application/json");

fn serve(input: Io, output: Io) -> Arc<dyn Endpoint> {
    serve_as(input, output, |_| {})
}

/// The same with what its route says.
fn serve_as(input: Io, output: Io, say: impl FnOnce(&mut Resource)) -> Arc<dyn Endpoint> {
    let operation = Arc::new(operation(Action::Create, input, output));
    let place = operation.place.clone();
    let mut resource = resource(&operation, Method::POST, "/orders", place);
    say(&mut resource);
    endpoint(Arc::new(resource))
}

fn post(headers: &[(&str, &str)], body: &str) -> Request {
    request(Method::POST, headers, body.to_owned())
}

#[test]
fn addresses_have_a_method_by_action() {
    for (action, expected) in [
        (Action::Query, Method::GET),
        (Action::Upsert, Method::POST),
        (Action::Update, Method::PUT),
        (Action::Delete, Method::DELETE),
    ] {
        assert_eq!(method(&operation(action, Io::None, Io::None)), expected);
    }
    // A GET has no body.
    assert_eq!(method(&operation(Action::Query, one(order()), Io::None)), Method::POST);
    assert_eq!(method(&operation(Action::Update, one(order()), Io::None)), Method::PUT);
    assert_eq!(path(&operation(Action::Get, Io::None, Io::None)).as_deref(), Some("/Order"));
}

#[test]
fn xml_is_spoken_in_json_too() {
    let endpoint = serve(one(order()), one(ack()));
    let body = r#"{"Line": [1, 2], "id": "A-1"}"#;
    let call = call(&*endpoint, &post(&[JSON_TYPE], body));
    let tree = call.documents[0].tree().unwrap();
    assert_eq!(tree.elements().filter(|child| child.name.is("urn:example:orders", "Line")).count(), 2);
    let reply = endpoint.close(&call, returned(&["<Ack><Number>+07</Number></Ack>"])).unwrap();
    assert_eq!((text(&reply), content_type(&reply)), (r#"{"Number":7}"#, "application/json"));
}

#[test]
fn lists_are_spoken_in_json_too() {
    let endpoint = serve(many(order()), many(ack()));
    let body = r#"[{"Line": [1], "id": "a"}, {"Line": [2], "id": "b"}]"#;
    let call = call(&*endpoint, &post(&[JSON_TYPE], body));
    assert_eq!(call.documents.len(), 2);
    let documents = ["<Ack><Number>1</Number></Ack>", "<Ack><Number>2</Number></Ack>"];
    let reply = endpoint.close(&call, returned(&documents)).unwrap();
    assert_eq!(text(&reply), r#"[{"Number":1},{"Number":2}]"#);
}

#[test]
fn errors_in_the_json_form_have_places_in_it() {
    let endpoint = serve(one(order()), Io::None);
    let body = r#"{"Line": [1, "2"], "ID": "A-1", "Placed": "2026-02-30"}"#;
    let failure = failure(&*endpoint, &post(&[JSON_TYPE], body));
    assert_eq!(what(&failure), (StatusCode::UNPROCESSABLE_ENTITY, "invalid-document"));
    let paths: Vec<&str> = failure.violations.iter().map(|violation| violation.path.as_str()).collect();
    assert_eq!(paths, ["$.Line[1]", "$.ID", "$.Placed", "$.id"]);
}

#[test]
fn what_xml_cannot_hold_is_refused() {
    let endpoint = serve(one(order()), Io::None);
    let failure = failure(&*endpoint, &post(&[JSON_TYPE], r#"{"Line": [1], "id": "A\u0001"}"#));
    assert_eq!(what(&failure), (StatusCode::UNPROCESSABLE_ENTITY, "invalid-document"));
    assert_eq!(failure.violations[0].message, "the character U+0001 cannot stand in XML");
    let call = call(&*endpoint, &post(&[JSON_TYPE], r#"{"Line": [1], "id": "\u0041"}"#));
    assert_eq!(call.documents.len(), 1);
}

#[test]
fn the_caller_chooses_the_format() {
    let endpoint = serve(Io::None, one(ack()));
    let format = |accept: &str| match endpoint.open(&request(Method::GET, &[("accept", accept)], "")) {
        Ok(Opened::Call(call)) => Ok(call.format.map(|codec| codec.format())),
        Ok(other) => panic!("{other:?}"),
        Err(failure) => Err(failure.status.as_u16()),
    };
    assert_eq!(format("*/*"), Ok(None));
    assert_eq!(format("text/xml"), Ok(None));
    assert_eq!(format("application/json, */*;q=0.1"), Ok(Some("json")));
    assert_eq!(format("application/xml;q=0.5, application/json;q=0.9"), Ok(Some("json")));
    assert_eq!(format("text/html"), Err(406));
    assert_eq!(format("application/json;q=0, application/xml;q=0"), Err(406));
    let json = serve(Io::None, one(receipt()));
    let failure = failure(&*json, &request(Method::GET, &[("accept", "application/xml")], ""));
    assert_eq!(what(&failure), (StatusCode::NOT_ACCEPTABLE, "not-acceptable"));
}

#[test]
fn failures_take_the_form_that_is_accepted() {
    let endpoint = serve(Io::None, one(ack()));
    let form = |headers: &[(&str, &str)]| endpoint.failure_form(&request(Method::GET, headers, ""));
    assert_eq!(form(&[]), FailureForm::Problem);
    assert_eq!(form(&[("accept", "*/*")]), FailureForm::Problem);
    assert_eq!(form(&[("accept", "application/xml")]), FailureForm::ProblemXml);
    assert_eq!(form(&[("accept", "text/html")]), FailureForm::Problem);
}

#[test]
fn a_body_must_say_what_it_is() {
    let endpoint = serve(one(order()), Io::None);
    assert_eq!(failure(&*endpoint, &post(&[], ORDER)).status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let json = serve(one(receipt()), Io::None);
    let xml = [("content-type", "application/xml")];
    assert_eq!(failure(&*json, &post(&xml, ORDER)).status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[test]
fn a_call_without_an_answer_is_accepted() {
    let endpoint = serve(Io::None, Io::None);
    let call = call(&*endpoint, &post(&[], ""));
    let reply = endpoint.close(&call, Default::default()).unwrap();
    assert_eq!((reply.status, reply.body.len()), (StatusCode::ACCEPTED, 0));
}

#[test]
fn a_body_that_nobody_asked_for_is_no_wrong_method() {
    let failure = failure(&*serve(Io::None, Io::None), &post(&[], "x"));
    assert_eq!(what(&failure), (StatusCode::BAD_REQUEST, "body-not-allowed"));
    assert_eq!(failure.allow, None);
}
