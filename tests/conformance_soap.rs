//! SOAP messages that others wrote: such as break the grammar, and such as hold data in parts of their own.
#![allow(clippy::disallowed_methods, reason = "tests read files and the environment")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use hyper::header::{HeaderMap, HeaderValue};
use hyper::{Method, StatusCode};
use soapstone::document::codec::Limits;
use soapstone::listener::soap::{Service, SoapOperation, SoapOptions};
use soapstone::mime::{MediaType, read};
use soapstone::pipeline::endpoint::{Call, Endpoint, Opened, Request};
use soapstone::pipeline::failure::{Failure, SoapCondition};
use soapstone::pipeline::operation::{Action, Io, Operation, Profile};
use soapstone::schema::{Occurs, Shape, ShapeKind, Simple, SimpleType};
use soapstone::soap::Version;
use soapstone::source::Place;
use soapstone::wsdl;
use soapstone::xml::XML;

#[path = "support/corpora.rs"]
mod corpora;

const SHOP: &str = "urn:corpora:shop";

fn element(namespace: &str, name: &str, kind: ShapeKind) -> Shape {
    Shape {
        name: name.into(),
        namespace: Some(namespace.into()),
        occurs: Occurs::ONCE,
        nillable: false,
        attributes: Vec::new(),
        kind,
        checking: Default::default(),
        form: Default::default(),
    }
}

fn leaf(namespace: &str, name: &str, base: SimpleType) -> Shape {
    element(namespace, name, ShapeKind::Simple(Simple::of(base)))
}

/// A service whose bodies are these elements, and one that is empty.
fn service(bodies: Vec<Shape>) -> Service {
    let input = |shape| {
        let profile = Profile::new("body", &XML, shape);
        Io::Profile { profile: Arc::new(profile), many: false, check: false }
    };
    let inputs: Vec<Io> = bodies.into_iter().map(input).chain([Io::None]).collect();
    let operations = inputs.into_iter().enumerate().map(|(at, input)| SoapOperation {
        operation: Arc::new(Operation {
            name: "test".into(),
            action: Action::Execute,
            object: "Test".into(),
            input,
            output: Io::None,
            description: Default::default(),
            faults: Vec::new(),
            headers: Vec::new(),
            roles: None,
            on_empty: None,
            etag: None,
            outcomes: Default::default(),
            paging: None,
            process: Arc::default(),
            limits: Default::default(),
            trace: Default::default(),
            place: Place { file: "gateway.kdl".into(), line: 1, column: 1 },
        }),
        name: format!("test{at}"),
        action: None,
        wrapper: false,
    });
    let options = SoapOptions {
        namespace: SHOP.to_owned(),
        names: wsdl::Names::of("Test"),
        description: Default::default(),
        style: Default::default(),
        neighbours: None,
        versions: Version::ALL.to_vec(),
        roles: Default::default(),
        understands: Vec::new(),
        mtom: Default::default(),
        operations: operations.collect(),
    };
    Service::new(options).unwrap_or_else(|clashes| panic!("{clashes:?}"))
}

fn request(content_type: &str, action: Option<&str>, body: Vec<u8>) -> Request {
    let mut headers = HeaderMap::new();
    headers.insert("content-type", HeaderValue::from_str(content_type).unwrap());
    if let Some(action) = action {
        headers.insert("soapaction", HeaderValue::from_str(action).unwrap());
    }
    Request {
        id: "r-1".into(),
        method: Method::POST,
        path: "/ws/soap".into(),
        query: "".into(),
        headers,
        params: Vec::new(),
        defaults: None,
        user: None,
        address: IpAddr::V4(Ipv4Addr::LOCALHOST),
        base_url: "http://127.0.0.1".into(),
        coming: None,
        body: body.into(),
        limits: Limits::default(),
    }
}

#[test]
fn messages_against_the_grammar_are_refused() {
    let folder = corpora::folder("robust/soap");
    let text = std::fs::read_to_string(folder.join("manifest.json")).unwrap();
    let cases: serde_json::Value = serde_json::from_str(&text).unwrap();
    let children = |name: &str, children| element(SHOP, name, ShapeKind::Children(children));
    let echo = children("echoString", vec![leaf(SHOP, "input", SimpleType::String)]);
    let integer = |name: &str| leaf(SHOP, name, SimpleType::Integer);
    let add = children("add", vec![integer("a"), integer("b")]);
    let service = service(vec![echo, add, upload()]);
    let mut wrong = Vec::new();
    for case in cases.as_array().unwrap() {
        let word = |name: &str| case[name].as_str().unwrap();
        let expected = word("expect");
        let body = std::fs::read(folder.join(word("file"))).unwrap();
        let opened = service.open(&request(word("content_type"), case["soapaction"].as_str(), body));
        let right = match (&opened, expected) {
            (Ok(_), "ok") => true,
            (Ok(_), expected) => expected == "ok-or-reject",
            (Err(failure), "fault") => matches!(failure.soap, Some(SoapCondition::MustUnderstand(_))),
            (Err(failure), expected) => expected != "ok" && failure.status < StatusCode::BAD_GATEWAY,
        };
        if !right {
            let found = opened.map(|_| "ok").map_err(|failure| failure.message.clone());
            wrong.push(format!("{}: expected {expected}, found {found:?}", word("file")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// `upload` of the shop: a name, and data.
fn upload() -> Shape {
    let data = leaf(SHOP, "data", SimpleType::Base64Binary);
    let children = vec![leaf(SHOP, "name", SimpleType::String), data];
    element(SHOP, "upload", ShapeKind::Children(children))
}

/// The call that a message becomes, without its headers.
fn called(opened: Result<Opened, Failure>) -> Call {
    match opened {
        Ok(Opened::Call(call)) => call,
        other => panic!("{other:?}"),
    }
}

/// The head and the body of a recorded message, chunks put together.
fn recorded(file: &str) -> (HashMap<String, String>, Vec<u8>) {
    let bytes = std::fs::read(corpora::folder("wire").join(file)).unwrap();
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let fields = head.lines().filter_map(|line| line.split_once(": "));
    let fields: HashMap<String, String> =
        fields.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
    let mut rest = &bytes[end + 4..];
    if !fields.contains_key("transfer-encoding") {
        return (fields, rest.to_vec());
    }
    let mut body = Vec::new();
    loop {
        let line = rest.iter().position(|byte| *byte == b'\n').unwrap();
        let size = std::str::from_utf8(&rest[..line]).unwrap().trim();
        let size = usize::from_str_radix(size, 16).unwrap();
        if size == 0 {
            return (fields, body);
        }
        body.extend_from_slice(&rest[line + 1..][..size]);
        rest = &rest[line + 1 + size + 2..];
    }
}

#[test]
fn data_that_other_stacks_send_in_parts_is_put_back() {
    let (fields, body) = recorded("node-metro-mtom.request.http");
    let service = service(vec![upload()]);
    let action = fields["soapaction"].as_str();
    let call = called(service.open(&request(&fields["content-type"], Some(action), body)));
    let root = call.documents[0].tree().unwrap();
    assert_eq!(root.child("data").unwrap().leaf(), Some("AAECAwQ="));
    assert!(call.attachments.is_empty());
    assert!(call.soap.unwrap().speaks_mtom);
}

#[test]
fn answers_of_other_stacks_are_taken_apart() {
    let (fields, body) = recorded("node-metro-mtom.response.http");
    let media = MediaType::parse(&fields["content-type"]).unwrap();
    let parts = read(&body.into(), media.parameter("boundary").unwrap(), &Limits::default()).unwrap();
    assert_eq!(parts.len(), 2);
    assert_eq!(parts[0].id(), Some(media.parameter("start").unwrap().trim_matches(['<', '>'])));
    assert_eq!(parts[1].content().unwrap(), [0, 1, 2, 3, 4].as_slice());
}

#[test]
fn attachments_stay_beside_the_envelope() {
    let folder = corpora::folder("robust/soap");
    let body = std::fs::read(folder.join("mtom-swa.bin")).unwrap();
    let input =
        element(SHOP, "echoString", ShapeKind::Children(vec![leaf(SHOP, "input", SimpleType::String)]));
    let media = "multipart/related; type=\"text/xml\"; start=\"<r>\"; boundary=b";
    let call = called(service(vec![input]).open(&request(media, None, body)));
    let [attachment] = call.attachments.as_slice() else { panic!("{:?}", call.attachments) };
    assert_eq!(attachment.bytes(), "12345");
    assert_eq!(attachment.properties.get("part.id"), Some("a@x"));
    assert!(!call.soap.unwrap().speaks_mtom);
}
