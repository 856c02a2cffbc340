//! What is wrong with SOAP messages beside their documents: envelope, version, headers, action, operation.
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

use support::protocol::{Protocol, must_serve, small};
use support::*;

const V11: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const V12: &str = "http://www.w3.org/2003/05/soap-envelope";

/// An envelope of a version with everything in it given.
fn around(namespace: &str, content: &str) -> String {
    format!("<e:Envelope xmlns:e=\"{namespace}\">{content}</e:Envelope>")
}

fn send(gateway: &Gateway, version: &str, body: &str) -> Response {
    post(gateway.address("internal"), "/ws/soap", soap_type(version), body)
}

#[test]
fn envelopes_against_the_grammar_are_the_senders_fault() {
    let gateway = small();
    let order = create_order(ORDER);
    let body = format!("<e:Body>{order}</e:Body>");
    let contents = [
        ("no Body", String::new()),
        ("no Body but a Header", "<e:Header/>".to_owned()),
        ("two Bodies", format!("{body}{body}")),
        ("the Header last", format!("{body}<e:Header/>")),
        ("two Headers", format!("<e:Header/><e:Header/>{body}")),
        ("something before the Body", format!("<x/>{body}")),
        ("something behind the Body", format!("{body}<x/>")),
        ("text between", format!("x{body}")),
        ("text in the Body", "<e:Body>x</e:Body>".to_owned()),
        ("two operations", format!("<e:Body>{order}{order}</e:Body>")),
        ("a header block without a namespace", format!("<e:Header><x/></e:Header>{body}")),
    ];
    for (version, namespace, protocol, status) in
        [("1.1", V11, Protocol::Soap11, 500), ("1.2", V12, Protocol::Soap12, 400)]
    {
        for (name, content) in &contents {
            let answer = send(&gateway, version, &around(namespace, content));
            assert_eq!(answer.status, status, "{name}, {version}: {answer:?}");
            protocol.must_be_own(name, &answer, "bad-envelope");
            must_serve(&gateway, name);
        }
        let other = send(&gateway, version, "<Envelope/>").body;
        assert!(other.contains("Fault>"), "{version}: {other}");
        let other = send(&gateway, version, ORDER);
        assert_eq!(other.status, status, "{other:?}");
        protocol.must_be_own("no envelope", &other, "bad-envelope");
    }
}

#[test]
fn unknown_operations_are_the_senders_fault() {
    let gateway = small();
    for (version, protocol, status) in [("1.1", Protocol::Soap11, 500), ("1.2", Protocol::Soap12, 400)] {
        for (name, body, hint) in [
            ("an empty Body", "", ""),
            ("an unknown element", "<x:Other xmlns:x=\"urn:x\"/>", ""),
            (
                "another namespace",
                "<createOrder xmlns=\"urn:x\"/>",
                "Did you mean {http://www.boomi.com/connector/wss}createOrder?",
            ),
            ("no namespace", "<createOrder/>", "Did you mean"),
            (
                "another case",
                "<w:CreateOrder xmlns:w=\"http://www.boomi.com/connector/wss\"/>",
                "Did you mean",
            ),
            ("the bare document", ORDER, ""),
        ] {
            let answer = send(&gateway, version, &envelope(version, body));
            assert_eq!(answer.status, status, "{name}, {version}: {answer:?}");
            protocol.must_be_own(name, &answer, "unknown-operation");
            assert!(answer.body.contains(hint), "{name}, {version}: {answer:?}");
            must_serve(&gateway, name);
        }
    }
}

#[test]
fn an_action_must_not_name_another_operation() {
    let gateway = small();
    let address = gateway.address("internal");
    let action = |name: &str| format!("http://www.boomi.com/connector/wss/{name}");
    let act = |version: &str, action: &str| {
        let body = envelope(version, &create_order(ORDER));
        let field = format!("\"{action}\"");
        let content_type = format!("application/soap+xml; action=\"{action}\"");
        let headers = match version {
            "1.1" => vec![("Content-Type", "text/xml"), ("SOAPAction", field.as_str())],
            _ => vec![("Content-Type", content_type.as_str())],
        };
        call(address, "POST", "/ws/soap", &headers, body.as_bytes())
    };
    for (version, protocol, status) in [("1.1", Protocol::Soap11, 500), ("1.2", Protocol::Soap12, 400)] {
        for fine in [action("createOrder"), String::new(), "urn:of:nobody".to_owned()] {
            let answer = act(version, &fine);
            assert_eq!(answer.status, 200, "{version}, {fine}: {answer:?}");
        }
        let answer = act(version, &action("getStatus"));
        assert_eq!(answer.status, status, "{answer:?}");
        protocol.must_be_own("another action", &answer, "action-mismatch");
    }
}

#[test]
fn versions_must_be_known_and_agree() {
    let gateway = small();
    // Who sends an unknown version reads 1.1, and in it which versions would be read (SOAP 1.2 part 1, section 5.4.7).
    for (name, content_type, namespace) in [
        ("an unknown version", "text/xml", "urn:soap:2.0"),
        ("no namespace", "text/xml", ""),
        ("an unknown version as 1.2", "application/soap+xml", "http://www.w3.org/2001/12/soap-envelope"),
        ("1.1 as 1.2", "application/soap+xml", V11),
    ] {
        let body = around(namespace, &format!("<e:Body>{}</e:Body>", create_order(ORDER)));
        let body = if namespace.is_empty() { "<Envelope><Body/></Envelope>".to_owned() } else { body };
        let answer = post(gateway.address("internal"), "/ws/soap", content_type, &body);
        assert_eq!(answer.status, 500, "{name}: {answer:?}");
        assert_eq!(answer.header("content-type"), Some("text/xml; charset=utf-8"), "{name}");
        assert!(answer.body.contains("<faultcode>soapenv:VersionMismatch</faultcode>"), "{name}: {answer:?}");
        for known in [V11, V12] {
            let supported = format!("xmlns:e{}=\"{known}\"", u8::from(known == V11));
            assert!(answer.body.contains(&supported), "{name}: {answer:?}");
        }
        must_serve(&gateway, name);
    }
    let answer =
        post(gateway.address("internal"), "/ws/soap", "text/xml", &envelope("1.2", &create_order(ORDER)));
    assert_eq!(answer.status, 415, "{answer:?}");
    Protocol::Soap12.must_be_own("1.2 as 1.1", &answer, "unsupported-media-type");
}

#[test]
fn header_blocks_that_must_be_understood_are_not() {
    let gateway = small();
    let message = |namespace: &str, attributes: &str| {
        let blocks = format!("<h:A xmlns:h=\"urn:h\" {attributes}/><h:B xmlns:h=\"urn:h\"/>");
        let order = create_order(ORDER);
        around(namespace, &format!("<e:Header>{blocks}</e:Header><e:Body>{order}</e:Body>"))
    };
    let next = "http://www.w3.org/2003/05/soap-envelope/role/next";
    let none = "http://www.w3.org/2003/05/soap-envelope/role/none";
    for (version, namespace, attributes, fails) in [
        ("1.1", V11, "e:mustUnderstand=\"1\"".to_owned(), true),
        ("1.1", V11, "e:mustUnderstand=\"0\"".to_owned(), false),
        ("1.1", V11, "e:mustUnderstand=\"1\" e:actor=\"urn:another\"".to_owned(), false),
        ("1.2", V12, "e:mustUnderstand=\"true\"".to_owned(), true),
        ("1.2", V12, format!("e:mustUnderstand=\"1\" e:role=\"{next}\""), true),
        ("1.2", V12, format!("e:mustUnderstand=\"1\" e:role=\"{none}\""), false),
        ("1.2", V12, "e:mustUnderstand=\"false\"".to_owned(), false),
    ] {
        let answer = send(&gateway, version, &message(namespace, &attributes));
        let what = format!("{version}, {attributes}: {answer:?}");
        assert_eq!(answer.status, if fails { 500 } else { 200 }, "{what}");
        assert_eq!(answer.body.contains(":MustUnderstand<"), fails, "{what}");
        // 1.2 names each block in a header of the fault (SOAP 1.2 part 1, section 5.4.8); 1.1 has the reason alone.
        let named = answer.body.matches("NotUnderstood qname=\"q:A\" xmlns:q=\"urn:h\"").count();
        assert_eq!(named, usize::from(fails && version == "1.2"), "{what}");
        assert_eq!(answer.body.contains("{urn:h}A"), fails, "{what}");
        assert!(!answer.body.contains("Detail>") && !answer.body.contains("<detail>"), "{what}");
    }
    must_serve(&gateway, "header blocks");
}

#[test]
fn an_encoding_that_is_not_read_is_refused() {
    let gateway = small();
    for (version, status, code) in [("1.1", 500, "soapenv:Client"), ("1.2", 500, "soap:DataEncodingUnknown")]
    {
        let body = envelope(
            version,
            &create_order(ORDER).replace(" xmlns:w=", " e:encodingStyle=\"urn:x\" xmlns:w="),
        );
        let answer = send(&gateway, version, &body);
        assert_eq!(answer.status, status, "{version}: {answer:?}");
        assert!(answer.body.contains(code), "{version}: {answer:?}");
    }
    must_serve(&gateway, "encodings");
}
