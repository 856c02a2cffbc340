//! What strangers send wrongly: each with the stated status in the protocol's own form, and the gateway serves on.
#![allow(clippy::disallowed_methods, reason = "tests read files and run programs")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may stop at the first surprise"
)]

mod support;

use std::io::Write;

use support::protocol::Protocol::{self, Rest, Simple, Soap11, Soap12};
use support::protocol::{ALL, must_serve, small};
use support::*;

/// What makes a good request bad.
enum Fault {
    /// The document, before a protocol wraps it.
    Document(String),
    /// The whole body.
    Body(fn(String) -> Vec<u8>),
    /// A header field beside the good ones.
    Header(&'static str, &'static str),
    /// A content type in place of the right one.
    Type(&'static str),
    /// A field and the whole body.
    Coded(&'static str, fn(String) -> Vec<u8>),
    Method(&'static str),
    Path(&'static str),
}

use Fault::{Body, Coded, Document, Header, Method, Path, Type};

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn chunked(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for chunk in bytes.chunks(1000) {
        out.extend(format!("{:x}\r\n", chunk.len()).into_bytes());
        out.extend_from_slice(chunk);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"0\r\n\r\n");
    out
}

fn send(gateway: &Gateway, protocol: Protocol, fault: &Fault) -> Response {
    let (mut method, mut path, mut content_type) = ("POST", protocol.path(), protocol.media_type());
    let mut body = protocol.body(ORDER).into_bytes();
    let mut headers: Vec<(&str, &str)> = Vec::new();
    let good = || protocol.body(ORDER);
    match fault {
        Document(document) => body = protocol.body(document).into_bytes(),
        Body(make) => body = make(good()),
        Header(name, value) => headers.push((name, value)),
        Type(other) => content_type = other,
        Coded("chunked", make) => {
            headers.push(("Transfer-Encoding", "chunked"));
            body = make(good());
        }
        Coded(coding, make) => {
            headers.push(("Content-Encoding", coding));
            body = make(good());
        }
        Method(other) => method = other,
        Path(other) => path = other,
    }
    if !content_type.is_empty() {
        headers.push(("Content-Type", content_type));
    }
    headers.extend(protocol.hint());
    call(gateway.address("internal"), method, path, &headers, &body)
}

/// Every mistake that can be made in each protocol: its code, and the status in the order of [`ALL`].
fn mistakes() -> Vec<(&'static str, Fault, &'static str, [u16; 4])> {
    let lines = "<Line><Sku>A-1</Sku></Line>".repeat(60);
    let deep = format!("{}{}", "<a>".repeat(20), "</a>".repeat(20));
    let attributes: String = (0..9).map(|n| format!(" a{n}=\"\"")).collect();
    let xml = |from: &str, to: &str| Document(ORDER.replace(from, to));
    vec![
        ("not closed", xml("</Customer>", ""), "malformed", [400; 4]),
        ("two roots", Body(|body| format!("{body}<a/>").into_bytes()), "malformed", [400; 4]),
        ("no XML", Body(|_| b"hello".to_vec()), "malformed", [400; 4]),
        ("empty", Body(|_| Vec::new()), "malformed", [400; 4]),
        ("cut off", Body(|body| body.as_bytes()[..body.len() / 2].to_vec()), "malformed", [400; 4]),
        ("unbound prefix", xml("<Name>", "<x:a/><Name>"), "malformed", [400; 4]),
        ("a control character", xml("ABC-1", "\u{1}"), "malformed", [400; 4]),
        ("a DTD", Body(|body| format!("<!DOCTYPE a>{body}").into_bytes()), "dtd-refused", [400; 4]),
        (
            "an external entity",
            Body(|body| {
                let body = body.replace("ABC-1", "&x;");
                format!("<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>{body}").into_bytes()
            }),
            "dtd-refused",
            [400; 4],
        ),
        ("an unknown entity", xml("ABC-1", "&x;"), "malformed", [400; 4]),
        ("too deep", xml("<Name>", &format!("{deep}<Name>")), "limit-passed", [413; 4]),
        ("too many elements", xml("<Line>", &format!("{lines}<Line>")), "limit-passed", [413; 4]),
        ("too many attributes", xml(" id=", &format!("{attributes} id=")), "limit-passed", [413; 4]),
        (
            "too large",
            Body(|body| body.replace("ABC-1", &"x".repeat(9000)).into_bytes()),
            "too-large",
            [413; 4],
        ),
        (
            "too large in chunks",
            Coded("chunked", |body| chunked(body.replace("ABC-1", &"x".repeat(9000)).as_bytes())),
            "too-large",
            [413; 4],
        ),
        ("a bomb", Coded("gzip", |_| gzip(&vec![b' '; 1 << 20])), "too-large", [413; 4]),
        ("not gzip", Coded("gzip", String::into_bytes), "content-encoding", [400, 400, 500, 400]),
        ("an unknown coding", Coded("br", String::into_bytes), "content-encoding", [415; 4]),
        ("coded twice", Header("Content-Encoding", "gzip, gzip"), "content-encoding", [415; 4]),
        ("no media type of ours", Type("application/pdf"), "unsupported-media-type", [415; 4]),
        ("no media type at all", Type("nonsense"), "unsupported-media-type", [415; 4]),
        ("not in its charset", Body(|body| body.replace('ö', "\u{0}").into_bytes()), "malformed", [400; 4]),
        ("not in UTF-8", Body(|body| [&body.as_bytes()[..70], b"\xff\xfe<"].concat()), "charset", [415; 4]),
        ("an invalid document", xml(">2<", ">0<"), "invalid-document", [422, 422, 500, 400]),
        ("another document", Document("<Other/>".to_owned()), "invalid-document", [422, 422, 500, 400]),
        ("another method", Method("PUT"), "method-not-allowed", [405; 4]),
        ("an unknown method", Method("BREW"), "method-not-allowed", [405; 4]),
        ("an unknown address", Path("/ws/none"), "not-found", [404; 4]),
        ("an address that is a prefix", Path("/ws"), "not-found", [404; 4]),
        ("an address with dots", Path("/ws/x/../soap"), "not-found", [404; 4]),
    ]
}

#[test]
fn mistakes_of_every_protocol() {
    let gateway = small();
    for (name, fault, code, statuses) in mistakes() {
        for (protocol, status) in ALL.into_iter().zip(statuses) {
            let answer = send(&gateway, protocol, &fault);
            assert_eq!(answer.status, status, "{name}, {protocol:?}: {answer:?}");
            protocol.must_be_own(name, &answer, code);
            let allow = (status == 405).then_some(
                if answer.header("content-type").is_some_and(|t| t.contains("xml")) {
                    "GET, HEAD, POST, OPTIONS"
                } else {
                    "POST, OPTIONS"
                },
            );
            assert_eq!(answer.header("allow"), allow, "{name}, {protocol:?}");
        }
        must_serve(&gateway, name);
    }
}

#[test]
fn charsets_are_read_or_refused() {
    let gateway = small();
    for protocol in ALL {
        let of = |charset: &str| {
            let content_type = format!("{}; charset={charset}", protocol.media_type());
            let mut headers = vec![("Content-Type", content_type.as_str())];
            headers.extend(protocol.hint());
            call(
                gateway.address("internal"),
                "POST",
                protocol.path(),
                &headers,
                protocol.body(ORDER).as_bytes(),
            )
        };
        assert!(of("UTF-8").status < 300);
        let refused = of("klingon");
        assert_eq!(refused.status, 415, "{protocol:?}: {refused:?}");
        protocol.must_be_own("an unknown charset", &refused, "charset");
    }
}

#[test]
fn every_wrong_place_is_named() {
    let gateway = small();
    let document = ORDER.replace(">2<", ">0<").replace("XYZ-22", "xyz").replace(" id=\"A-1001\"", "");
    for protocol in ALL {
        let answer = send(&gateway, protocol, &Document(document.clone()));
        for place in ["the attribute `id` is missing", "Order/Line[1]/Quantity", "Order/Line[2]/Sku"] {
            assert!(answer.body.contains(place), "{protocol:?}: no {place} in {answer:?}");
        }
    }
}

#[test]
fn json_has_the_same_bounds() {
    let gateway = small();
    let deep = format!("{}{}", "[".repeat(20), "]".repeat(20));
    let many = format!("[{}0]", "0,".repeat(200));
    for (name, body, status, code) in [
        ("malformed", "{\"id\":", 400, "malformed"),
        ("two values", "{} {}", 400, "malformed"),
        ("a name twice", "{\"id\":\"a\",\"id\":\"b\"}", 400, "malformed"),
        ("too deep", deep.as_str(), 413, "limit-passed"),
        ("too many", many.as_str(), 413, "limit-passed"),
        ("a list", "[]", 422, "invalid-document"),
        ("nothing of it", "{}", 422, "invalid-document"),
        ("null", "null", 422, "invalid-document"),
        ("too large", &"\"".repeat(5000), 413, "too-large"),
        ("empty", "", 400, "malformed"),
    ] {
        let answer = post(gateway.address("internal"), Rest.path(), "application/json", body);
        assert_eq!(answer.status, status, "{name}: {answer:?}");
        Rest.must_be_own(name, &answer, code);
        must_serve(&gateway, name);
    }
}

#[test]
fn a_body_for_an_operation_without_input_is_refused() {
    let gateway = small();
    let address = gateway.address("internal");
    let simple = post(address, "/ws/simple/getStatus", "application/xml", ORDER);
    assert_eq!((simple.status, simple.header("allow")), (405, Some("GET")), "{simple:?}");
    Simple.must_be_own("a body", &simple, "body-not-allowed");
    let rest = call(address, "GET", "/ws/rest/Status", &[], b"<a>");
    assert_eq!((rest.status, rest.header("allow")), (400, None), "{rest:?}");
    Rest.must_be_own("a body", &rest, "body-not-allowed");
    for (protocol, version, status) in [(Soap11, "1.1", 500), (Soap12, "1.2", 400)] {
        let body = format!("<getStatus xmlns=\"http://www.boomi.com/connector/wss\">{ORDER}</getStatus>");
        let soap = post(address, "/ws/soap", protocol.media_type(), &envelope(version, &body));
        assert_eq!(soap.status, status, "{soap:?}");
        protocol.must_be_own("a body", &soap, "invalid-document");
    }
    must_serve(&gateway, "bodies");
}
