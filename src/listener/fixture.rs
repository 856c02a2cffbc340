//! The operations and requests that the tests of this folder use.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use bytes::Bytes;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, StatusCode};

use crate::document::Document;
use crate::document::codec::{CodecRef, Limits};
use crate::document::json::JSON;
use crate::pipeline::answer::Returned;
use crate::pipeline::endpoint::{Call, Endpoint, Opened, Reply, Request};
use crate::pipeline::failure::Failure;
use crate::pipeline::operation::{Action, Io, Operation, Profile};
use crate::schema::{AttributeShape, Occurs, Shape, ShapeKind, Simple, SimpleType};
use crate::source::Place;
use crate::xml::XML;

/// A leaf that occurs once.
pub(super) fn leaf(name: &str, namespace: Option<&str>, base: SimpleType) -> Shape {
    Shape {
        name: name.into(),
        namespace: namespace.map(Into::into),
        occurs: Occurs::ONCE,
        nillable: false,
        attributes: Vec::new(),
        kind: ShapeKind::Simple(Simple::of(base)),
        checking: Default::default(),
        form: Default::default(),
    }
}

pub(super) fn profile(name: &str, codec: impl Into<CodecRef>, shape: Shape) -> Arc<Profile> {
    Arc::new(Profile::new(name, codec, shape))
}

/// `Order` with the attribute `id`, `Line+` and `Placed?`, in `urn:example:orders`.
pub(super) fn order() -> Arc<Profile> {
    let ns = Some("urn:example:orders");
    let children = vec![
        Shape { occurs: Occurs { min: 1, max: None }, ..leaf("Line", ns, SimpleType::Integer) },
        Shape { occurs: Occurs::OPTIONAL, ..leaf("Placed", ns, SimpleType::Date) },
    ];
    let id = AttributeShape {
        name: "id".into(),
        namespace: None,
        required: true,
        simple: Simple::of(SimpleType::String),
    };
    let shape = leaf("Order", ns, SimpleType::String);
    let shape = Shape { attributes: vec![id], kind: ShapeKind::Children(children), ..shape };
    profile("order", &XML, shape)
}

/// `Ack` with `Number`, in no namespace.
pub(super) fn ack() -> Arc<Profile> {
    let children = vec![leaf("Number", None, SimpleType::Integer)];
    profile(
        "ack",
        &XML,
        Shape { kind: ShapeKind::Children(children), ..leaf("Ack", None, SimpleType::String) },
    )
}

/// An object with `id`, in JSON.
pub(super) fn receipt() -> Arc<Profile> {
    let children = vec![leaf("id", None, SimpleType::String)];
    profile(
        "receipt",
        &JSON,
        Shape { kind: ShapeKind::Children(children), ..leaf("", None, SimpleType::String) },
    )
}

/// One document of a profile.
pub(super) fn one(profile: Arc<Profile>) -> Io {
    Io::Profile { profile, many: false, check: false }
}

/// A list of a profile's documents.
pub(super) fn many(profile: Arc<Profile>) -> Io {
    Io::Profile { profile, many: true, check: false }
}

/// An operation on orders; its process is empty.
pub(super) fn operation(action: Action, input: Io, output: Io) -> Operation {
    Operation {
        name: "test".into(),
        action,
        object: "Order".into(),
        input,
        output,
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
    }
}

/// A request with header fields and a body.
pub(super) fn request(method: Method, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Request {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let name: HeaderName = name.parse().unwrap();
        map.append(name, HeaderValue::from_str(value).unwrap());
    }
    Request {
        id: "r-1".into(),
        method,
        path: "/ws/soap".into(),
        query: "".into(),
        headers: map,
        params: Vec::new(),
        defaults: None,
        user: None,
        address: IpAddr::V4(Ipv4Addr::LOCALHOST),
        base_url: "https://api.example.com".into(),
        coming: None,
        body: body.into(),
        limits: Limits::default(),
    }
}

/// The call that a request becomes.
pub(super) fn call(endpoint: &dyn Endpoint, request: &Request) -> Call {
    match endpoint.open(request) {
        Ok(Opened::Call(call)) => call,
        other => panic!("{other:?}"),
    }
}

/// The failure that a request ends with.
pub(super) fn failure(endpoint: &dyn Endpoint, request: &Request) -> Failure {
    endpoint.open(request).expect_err("the request is wrong")
}

/// What a process that gives these texts back leaves, in the format of their first letter.
pub(super) fn returned(texts: &[&'static str]) -> Returned {
    let document = |text: &&'static str| {
        let codec: CodecRef = if text.starts_with('<') { (&XML).into() } else { (&JSON).into() };
        Document::encoded(Bytes::from_static(text.as_bytes()), codec, Limits::default())
    };
    Returned { documents: texts.iter().map(document).collect(), ..Returned::default() }
}

/// The body as text.
pub(super) fn text(reply: &Reply) -> &str {
    std::str::from_utf8(&reply.body).unwrap()
}

/// The content type; empty without one.
pub(super) fn content_type(reply: &Reply) -> &str {
    reply.headers.get("content-type").map(|value| value.to_str().unwrap()).unwrap_or_default()
}

/// The status and the code of a failure.
pub(super) fn what(failure: &Failure) -> (StatusCode, &str) {
    (failure.status, &failure.code)
}

/// A right order in XML.
pub(super) const ORDER: &str =
    "<o:Order xmlns:o='urn:example:orders' id='A-1'><o:Line>1</o:Line><o:Line>2</o:Line></o:Order>";
