//! What leaves a gateway without a map: `exclude=`, `zone=` and `fraction=` of the profile that it leaves by, over real sockets.
#![allow(clippy::disallowed_methods, reason = "tests read files and run programs")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

#[path = "support/broken_server.rs"]
mod broken_server;
mod support;

use broken_server::{Answer, BrokenServer};
use serde_json::{Value, json};
use support::*;

const JSON: &str = "application/json";
const XML: &str = "application/xml";

/// What comes in has secrets, and moments on the clocks of somebody else.
const HEAD: &str = r#"
listener internal bind="127.0.0.1:0"
profile order format=xml {
    element Order namespace="urn:example:orders" {
        attribute token
        element Number
        element Placed type=dateTime
        element Margin type=decimal occurs="0..1"
        element Line occurs="0..*" { element Sku; element Cost type=decimal }
    }
}
profile shared format=xml {
    element Order namespace="urn:example:orders" {
        attribute token exclude=#true
        element Number
        element Placed type=dateTime zone="Europe/Berlin" fraction=0
        element Margin type=decimal exclude=#true
        element Line occurs="0..*" { element Sku; element Cost type=decimal exclude=#true }
    }
}
profile note format=json {
    object { string id required=#true; dateTime at zone=utc fraction=3; object inner exclude=#true { string pin }; array lines { object { string sku; integer cost exclude=#true } } }
}
"#;

/// The answers: of a document as it came, of one as another profile has it, of plain data, of many, of JSON.
const ANSWERS: &str = r#"
operation same { action create; object Same; input shared; output shared; process { return } }
operation other { action create; object Other; input order; output shared; etag "Order/Placed"; process { return } }
operation checked { action create; object Checked; input order; output shared check=#true; process { return } }
operation many { action query; object Many; input order many=#true; output shared many=#true; process { return } }
operation raw { action execute; object Raw; input data; output shared; process { return } }
operation note { action create; object Note; input note; output note; process { return } }
operation rawnote { action execute; object RawNote; input data; output note many=#true; process { return } }
api a base="/a" {
    rest {
        post "/same" same; post "/other" other; post "/checked" checked; post "/many" many; post "/raw" raw
        post "/note" note; post "/rawnote" rawnote
    }
    soap "/soap" namespace="urn:example:service" { operation same }
}
"#;

const ORDER: &str = r#"<Order xmlns="urn:example:orders" token="s3cret"><Number>A-1</Number><Placed>2026-07-01T10:00:00.75Z</Placed><Margin>0.5</Margin><Line><Sku>X</Sku><Cost>1.25</Cost></Line></Order>"#;
const LEFT: &str = r#"<Order xmlns="urn:example:orders"><Number>A-1</Number><Placed>2026-07-01T12:00:00+02:00</Placed><Line><Sku>X</Sku></Line></Order>"#;

fn start(more: &str) -> Gateway {
    Gateway::start(&format!("{HEAD}{more}"))
}

fn sent(gateway: &Gateway, path: &str, format: &str, accept: &str, body: &str) -> (u16, String) {
    let headers = [("Content-Type", format), ("Accept", accept)];
    let answer = call(gateway.address("internal"), "POST", path, &headers, body.as_bytes());
    (answer.status, answer.body)
}

/// An XML document without its declaration.
fn bare(text: &str) -> &str {
    text.strip_prefix(r#"<?xml version="1.0" encoding="UTF-8"?>"#).unwrap_or(text)
}

#[test]
fn an_answer_leaves_as_the_profile_of_the_output_says() {
    let gateway = start(ANSWERS);
    for path in ["/a/same", "/a/other", "/a/checked"] {
        let (status, answer) = sent(&gateway, path, XML, XML, ORDER);
        assert_eq!((status, bare(&answer)), (200, LEFT), "{path}");
        let (status, answer) = sent(&gateway, path, XML, JSON, ORDER);
        let form: Value = serde_json::from_str(&answer).unwrap();
        let left =
            json!({ "Number": "A-1", "Placed": "2026-07-01T12:00:00+02:00", "Line": [{ "Sku": "X" }] });
        assert_eq!((status, form), (200, left), "{path}");
    }
    // As the JSON form of an XML document, in and out.
    let form = json!({
        "token": "s3cret", "Number": "A-1", "Placed": "2026-07-01T10:00:00.75Z", "Margin": 0.5,
        "Line": [{ "Sku": "X", "Cost": 1.25 }]
    });
    let (status, answer) = sent(&gateway, "/a/other", JSON, JSON, &form.to_string());
    assert!(status == 200 && !answer.contains("s3cret") && answer.contains("+02:00"), "{answer}");
    let many = format!("<ManyList>{ORDER}{ORDER}</ManyList>");
    let (status, answer) = sent(&gateway, "/a/many", XML, XML, &many);
    assert_eq!((status, answer.matches(LEFT).count()), (200, 2), "{answer}");
}

#[test]
fn an_answer_over_soap_leaves_so_too() {
    let gateway = start(ANSWERS);
    for version in ["1.1", "1.2"] {
        let body = format!("<w:createSame xmlns:w=\"urn:example:service\">{ORDER}</w:createSame>");
        let (kind, sent) = (soap_type(version), envelope(version, &body));
        let answer = post(gateway.address("internal"), "/a/soap", kind, &sent);
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert!(answer.body.contains(LEFT), "{}", answer.body);
    }
}

#[test]
fn an_answer_of_plain_data_is_read_for_it() {
    let mut gateway = start(ANSWERS);
    let (status, answer) = sent(&gateway, "/a/raw", "text/plain", XML, ORDER);
    assert_eq!((status, bare(&answer)), (200, LEFT));
    // What is so already leaves byte for byte.
    let untouched = LEFT.replace("><", ">\n  <!-- as it came -->\n  <");
    assert_eq!(sent(&gateway, "/a/raw", "text/plain", XML, &untouched), (200, untouched));
    // A moment that the clocks of Berlin did not show in whole minutes, and one that is none, stay.
    let old = LEFT.replace("2026-07-01T12:00:00+02:00", "1880-01-01T10:00:00Z");
    assert_eq!(sent(&gateway, "/a/raw", "text/plain", XML, &old), (200, old));
    let soon =
        LEFT.replace("2026-07-01T12:00:00+02:00", "soon").replace("<Line>", "<Margin>1</Margin><Line>");
    let (status, answer) = sent(&gateway, "/a/raw", "text/plain", XML, &soon);
    assert_eq!((status, bare(&answer)), (200, &*soon.replace("<Margin>1</Margin>", "")));
    // Of what nobody can read, nobody can say what may leave.
    for wrong in [ORDER.trim_end_matches("r>"), &ORDER.replace("Order", "Other"), "{}"] {
        let (status, answer) = sent(&gateway, "/a/raw", "text/plain", XML, wrong);
        assert!(status == 500 && !answer.contains("s3cret"), "{wrong}: {status} {answer}");
    }
    let line = gateway.wait_for_line("the output is of profile shared");
    assert!(!line.contains("s3cret"), "{line}");
    assert_eq!(sent(&gateway, "/a/raw", "text/plain", XML, ""), (200, String::new()));
}

#[test]
fn data_leaves_so_where_it_is_known_what_it_is() {
    let gateway = start(
        r#"
process given { return }
process lent { set x value=1; return }
operation inline { action execute; object Inline; input shared; output data; process { branch { path a { return }; path b { stop } } } }
operation named { action execute; object Named; input shared; output multipart; process given }
operation caller { action execute; object Caller; input shared; output data; process { call lent; decision from="Order/@token" eq=s3cret { then { message still }; else { message gone } }; return } }
"#,
    );
    for object in ["Inline", "Named"] {
        let (status, answer) = sent(&gateway, &format!("/ws/simple/execute{object}"), XML, XML, ORDER);
        assert!(status == 200 && answer.contains(LEFT) && !answer.contains("s3cret"), "{object}: {answer}");
    }
    // What a called process returns goes on, and has not left.
    assert_eq!(sent(&gateway, "/ws/simple/executeCaller", XML, XML, ORDER), (200, "still".to_owned()));
}

#[test]
fn documents_of_json_profiles_leave_so_too() {
    let gateway = start(ANSWERS);
    let note = json!({
        "id": "1", "at": "2026-03-01T01:00:00+01:00", "inner": { "pin": "s3cret" },
        "lines": [{ "sku": "X", "cost": 3 }, { "cost": 4 }]
    });
    let left = json!({ "id": "1", "at": "2026-03-01T00:00:00.000Z", "lines": [{ "sku": "X" }, {}] });
    for (path, format, wanted) in
        [("/a/note", JSON, left.clone()), ("/a/rawnote", "text/plain", json!([left]))]
    {
        let (status, answer) = sent(&gateway, path, format, JSON, &note.to_string());
        assert_eq!((status, serde_json::from_str::<Value>(&answer).unwrap()), (200, wanted), "{path}");
    }
}

#[test]
fn two_documents_that_leave_alike_have_one_tag() {
    let gateway = start(ANSWERS);
    let tag = |body: &str| {
        let headers = [("Content-Type", XML), ("Accept", XML)];
        let answer = call(gateway.address("internal"), "POST", "/a/other", &headers, body.as_bytes());
        answer.header("etag").map(str::to_owned).expect("a tag")
    };
    assert_eq!(tag(ORDER), tag(&ORDER.replace("10:00:00.75Z", "13:00:00.1+03:00")));
    assert_ne!(tag(ORDER), tag(&ORDER.replace("10:00:00", "10:00:01")));
}

#[test]
fn faults_and_header_blocks_leave_so_too() {
    let gateway = start(
        r#"
fault Refused profile=shared status=409
operation refuse { action create; object Refusal; input shared; output shared; faults Refused; process { throw "no" fault=Refused } }
operation told { action create; object Told; input shared; output shared; header shared direction=out; process { header shared; return } }
api a base="/a" { rest { post "/refuse" refuse }; soap "/soap" namespace="urn:example:service" { operation refuse; operation told } }
"#,
    );
    let (status, answer) = sent(&gateway, "/a/refuse", XML, XML, ORDER);
    assert!(status == 409 && answer.contains(LEFT), "{answer}");
    let (status, answer) = sent(&gateway, "/a/refuse", XML, JSON, ORDER);
    assert!(status == 409 && answer.contains("+02:00") && !answer.contains("s3cret"), "{answer}");
    for name in ["createRefusal", "createTold"] {
        let body = format!("<w:{name} xmlns:w=\"urn:example:service\">{ORDER}</w:{name}>");
        let answer = post(gateway.address("internal"), "/a/soap", soap_type("1.2"), &envelope("1.2", &body));
        let header = answer.body.split_once("Body").map_or("", |(header, _)| header);
        let place = if name == "createTold" { header } else { &answer.body };
        assert!(place.contains("<Sku>X</Sku>") && !place.contains("s3cret"), "{}", answer.body);
        assert!(place.contains("2026-07-01T12:00:00+02:00"), "{}", answer.body);
    }
}

/// What a server is sent where the documents are known to be of the profile, by each way of sending.
#[test]
fn what_is_sent_to_others_leaves_so_too() {
    let server = BrokenServer::answering(|seen| match seen.path.contains("soap") {
        true => Answer::soap("<Ok/>"),
        false => Answer::new(200, "text/plain", "fine"),
    });
    let steps = [
        ("Http", "http crm post \"/plain\""),
        ("Known", "branch { path \"a\" { set x value=1 }; path \"b\" { stop } }\n http crm post \"/plain\""),
        ("Form", "http crm post \"/form\" { multipart { part file file=\"a.xml\"; part note value=1 } }"),
        ("Soap", "soap crm action=\"urn:send\""),
        ("Beside", "soap crm action=\"urn:send\" { attach id=a type=\"application/xml\" { set y value=2 } }"),
    ];
    let operations: String = steps
        .iter()
        .map(|(object, steps)| {
            format!(
                "operation op{object} {{ action execute; object {object}; input shared; output data; process {{\n {steps}\n return }} }}\n"
            )
        })
        .collect();
    let gateway = start(&format!("server crm url=\"{}\"\n{operations}", server.url("/soap")));
    for (object, _) in steps {
        let (status, answer) = sent(&gateway, &format!("/ws/simple/execute{object}"), XML, XML, ORDER);
        assert_eq!(status, 200, "{object}: {answer}");
        let seen = server.taken().pop().unwrap();
        let body = String::from_utf8_lossy(&seen.body).into_owned();
        let copies = if object == "Beside" { 2 } else { 1 };
        assert_eq!(body.matches(LEFT).count(), copies, "{object}: {body}");
        assert!(!body.contains("s3cret"), "{object}: {body}");
    }
}

/// A contract of others: an order whose margin need not be there.
const CONTRACT: &str = r#"<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:t="urn:example:far" targetNamespace="urn:example:far">
<types><xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:example:far" elementFormDefault="qualified">
<xs:element name="Order"><xs:complexType><xs:sequence>
<xs:element name="Placed" type="xs:dateTime"/><xs:element name="Margin" type="xs:decimal" minOccurs="0"/>
</xs:sequence></xs:complexType></xs:element></xs:schema></types>
<message name="in"><part name="body" element="t:Order"/></message><message name="out"><part name="body" element="t:Order"/></message>
<portType name="p"><operation name="send"><input message="t:in"/><output message="t:out"/></operation></portType>
<binding name="b" type="t:p"><s:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
<operation name="send"><s:operation soapAction="urn:send"/><input><s:body use="literal"/></input><output><s:body use="literal"/></output></operation></binding>
<service name="far"><port name="p" binding="t:b"><s:address location="http://127.0.0.1:1/"/></port></service></definitions>"#;

#[test]
fn a_request_by_contract_leaves_so_too() {
    let order = |placed: &str, margin: &str| {
        format!("<Order xmlns=\"urn:example:far\"><Placed>{placed}</Placed>{margin}</Order>")
    };
    let answered = order("2026-01-01T00:00:00.5+01:00", "<Margin>9</Margin>");
    let server = BrokenServer::start([Answer::soap(&answered)]);
    let folder = Folder::new();
    folder.write("far.wsdl", CONTRACT);
    folder.write(
        "gateway.kdl",
        &format!(
            r#"listener internal bind="127.0.0.1:0"
server far url="{}" {{ wsdl "far.wsdl" }}
profile order format=xml xsd="far.wsdl" root=Order {{
    part "Order/Margin" exclude=#true
    part "Order/Placed" zone=utc fraction=0
}}
operation send {{ action create; object Sent; input order; output order; process {{ soap far send; return }} }}
api a base="/a" {{ rest {{ post "/send" send }} }}
"#,
            server.url("/far")
        ),
    );
    let gateway = Gateway::start_in(folder, &[], &[]);
    let body = order("2026-07-01T10:00:00.75+02:00", "<Margin>0.5</Margin>");
    let (status, answer) = sent(&gateway, "/a/send", XML, XML, &body);
    let seen = server.taken().pop().unwrap();
    let body = String::from_utf8_lossy(&seen.body).into_owned();
    assert!(body.contains(&order("2026-07-01T08:00:00Z", "")), "{body}");
    // What the server answered leaves as the output of the same profile.
    assert_eq!((status, bare(&answer)), (200, &*order("2025-12-31T23:00:00Z", "")));
}

#[test]
fn files_and_codings_have_what_may_leave() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path().join("exchange")).unwrap();
    let steps = [
        (
            "File",
            "file write=\"a.xml\"\n decision from=\"Order/@token\" eq=s3cret {\n then { message still }\n else { message gone }\n }",
        ),
        ("Coded", "encode base64\n decode base64"),
        ("Packed", "compress gzip\n expand gzip"),
    ];
    let operations: String = steps
        .iter()
        .map(|(object, steps)| {
            format!("operation op{object} {{ action execute; object {object}; input shared; output data; process {{\n {steps}\n return }} }}\n")
        })
        .collect();
    folder.write("gateway.kdl", &format!("{HEAD}files root=\"exchange\"\n{operations}"));
    let written = folder.path().join("exchange/a.xml");
    let gateway = Gateway::start_in(folder, &[], &[]);
    // Within the process the document stays as it is.
    assert_eq!(sent(&gateway, "/ws/simple/executeFile", XML, XML, ORDER), (200, "still".to_owned()));
    assert_eq!(bare(&std::fs::read_to_string(written).unwrap()), LEFT);
    for object in ["Coded", "Packed"] {
        let (status, answer) = sent(&gateway, &format!("/ws/simple/execute{object}"), XML, XML, ORDER);
        assert_eq!((status, bare(&answer)), (200, LEFT), "{object}");
    }
}

#[test]
fn a_trace_shows_what_leaves() {
    let folder = Folder::new();
    folder.write("gateway.kdl", &format!("{HEAD}{ANSWERS}"));
    folder.write("order.xml", ORDER);
    let mut command = binary();
    command.current_dir(folder.path()).args(["trace", "gateway.kdl", "other", "--body", "order.xml"]);
    let output = command.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    // Long lines go on below, to the right.
    let answer = text.split_once("answer  200").map_or("", |(_, answer)| answer).replace("\n        ", "");
    assert!(answer.contains(LEFT), "{text}");
}
