//! Whatever bytes come: an answer that is well-formed in its protocol, or a closed connection, within the deadline.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

mod support;

use std::sync::OnceLock;

use proptest::prelude::*;
use soapstone::document::codec::Limits;
use support::*;

const GATEWAY: &str = r#"
listener internal bind="127.0.0.1:0" { limits body="64KiB" request="10s" }
profile order format=xml {
    element Order namespace="urn:example:shop" {
        attribute id
        element Sku pattern="[A-Z]-[0-9]+"
        element Quantity type=integer min=1
        element Placed type=dateTime occurs="0..1"
        element Photo type=base64Binary occurs="0..1"
    }
}
profile session format=xml { element Session namespace="urn:example:session" { element Id type=integer } }
profile numbers format=xml { element Numbers { element a type=integer; element b type=integer } }
profile note format=json { object { string text; integer count; array tags { string } } }
fault Gone profile=order status=410
operation buy {
    action create
    object Order
    input order
    output order
    faults Gone
    header session direction=both
    process {
        header session { set Id property="soap.header.Session/Id" }
        decision from="Order/Quantity" gt=10 {
            then { throw "gone: {= doc.Order.Sku}" fault=Gone }
            else { notify info "there" }
        }
        return
    }
}
operation list { action query; object Order; input order many=#true; output order many=#true; process { return } }
operation add { action execute; object Sum; input numbers; output numbers; process { return } }
operation note { action create; object Note; input note; output note; process { return } }
operation raw { action execute; object Raw; input data; output data; process { return } }
api shop base="/shop" {
    soap "/soap" namespace="urn:example:shop:v1" { operation buy as=buy; operation list as=list }
    soap "/rpc" namespace="urn:example:sum" style=rpc { operation add as=add }
    rest { post "/orders" buy; post "/lists" list; post "/notes/{id}" note; post "/forms/{id}" note { input form } }
}
"#;

/// A request that is right, to be spoiled.
struct Sample {
    path: &'static str,
    content_type: &'static str,
    body: String,
}

fn soap(path: &'static str, version: &str, header: &str, body: &str) -> Sample {
    let content_type = soap_type(version);
    let text = envelope(version, body).replace("<e:Body>", &format!("<e:Header>{header}</e:Header><e:Body>"));
    Sample { path, content_type, body: text }
}

fn samples() -> &'static [Sample] {
    static SAMPLES: OnceLock<Vec<Sample>> = OnceLock::new();
    SAMPLES.get_or_init(|| {
        let order = "<Order xmlns=\"urn:example:shop\" id=\"1\"><Sku>A-1</Sku><Quantity>2</Quantity></Order>";
        let session =
            "<s:Session xmlns:s=\"urn:example:session\" e:mustUnderstand=\"1\"><s:Id>4</s:Id></s:Session>";
        let buy = format!("<w:buy xmlns:w=\"urn:example:shop:v1\">{order}</w:buy>");
        let list = format!("<w:list xmlns:w=\"urn:example:shop:v1\"><w:OrderList>{order}{order}</w:OrderList></w:list>");
        let encoded = "<w:add xmlns:w=\"urn:example:sum\" \
                       e:encodingStyle=\"http://schemas.xmlsoap.org/soap/encoding/\"><a href=\"#1\"/><b>2</b></w:add>\
                       <m id=\"1\">1</m>";
        let plain = |path, content_type, body: &str| Sample { path, content_type, body: body.to_owned() };
        let parts = "--b\r\nContent-Type: application/xop+xml; type=\"text/xml\"\r\nContent-ID: <r>\r\n\r\n";
        let photo = order.replace(
            "</Order>",
            "<Photo><x:Include xmlns:x=\"http://www.w3.org/2004/08/xop/include\" href=\"cid:p\"/></Photo></Order>",
        );
        let mtom = envelope("1.1", &buy.replace(order, &photo));
        vec![
            soap("/shop/soap", "1.1", session, &buy),
            soap("/shop/soap", "1.2", session, &buy.replace(">2<", ">20<")),
            soap("/shop/soap", "1.1", "", &list),
            soap("/shop/rpc", "1.1", "", encoded),
            plain(
                "/shop/soap",
                "multipart/related; type=\"application/xop+xml\"; start=\"<r>\"; start-info=\"text/xml\"; boundary=b",
                &format!("{parts}{mtom}\r\n--b\r\nContent-ID: <p>\r\n\r\nabc\r\n--b--"),
            ),
            plain("/shop/orders", "application/xml", order),
            plain("/shop/orders", "application/json", "{\"id\":\"1\",\"Sku\":\"A-1\",\"Quantity\":2}"),
            plain("/shop/lists", "application/json", "[{\"Sku\":\"A-1\",\"Quantity\":2}]"),
            plain("/shop/notes/7?a=b", "application/json", "{\"text\":\"\\u00e4\",\"count\":1,\"tags\":[\"x\"]}"),
            plain("/shop/forms/7", "application/x-www-form-urlencoded", "text=a+b&count=1&tags=x&tags=y"),
            plain("/ws/simple/executeRaw", "application/octet-stream", "anything"),
        ]
    })
}

/// One way to spoil bytes; places are parts of the whole, in thousandths.
#[derive(Debug, Clone)]
enum Change {
    Flip(u16, u8),
    Cut(u16, u16),
    Repeat(u16, u16),
    Insert(u16, &'static [u8]),
}

const TRICKY: &[&[u8]] = &[
    b"<",
    b">",
    b"&",
    b"&#0;",
    b"&x;",
    b"\0",
    b"\xFF\xFE",
    b"\xEF\xBB\xBF",
    b"<!DOCTYPE a [<!ENTITY b 'c'>]>",
    b"]]>",
    b"<![CDATA[",
    b"<!--",
    b"<?xml version='1.1'?>",
    b"xmlns=''",
    b"xmlns:e=''",
    b"\r\n\r\n",
    b"--b",
    b"--b--\r\n",
    b"{",
    b"}",
    b"[",
    b"]",
    b"\"",
    b"\\",
    b"\\ud800",
    b"1e999999999",
    b"-0",
    b"null",
    b"%00",
    b"%zz",
    b"=",
    b"&&",
    b" mustUnderstand='x'",
    b" href='#1'",
    b" id='1'",
    b"9999999999999999999999999999999999999999",
    b"\xC3",
    b"+",
];

fn change() -> impl Strategy<Value = Change> {
    let part = || 0_u16..1000;
    prop_oneof![
        (part(), any::<u8>()).prop_map(|(at, byte)| Change::Flip(at, byte)),
        (part(), 0_u16..300).prop_map(|(at, length)| Change::Cut(at, length)),
        (part(), 0_u16..300).prop_map(|(at, length)| Change::Repeat(at, length)),
        (part(), proptest::sample::select(TRICKY)).prop_map(|(at, text)| Change::Insert(at, text)),
    ]
}

fn spoiled(bytes: &[u8], changes: &[Change]) -> Vec<u8> {
    let mut out = bytes.to_vec();
    for change in changes {
        let place = |at: u16| out.len() * usize::from(at) / 1000;
        match change {
            Change::Flip(at, byte) => {
                let at = place(*at);
                out.iter_mut().skip(at).take(1).for_each(|b| *b = *byte);
            }
            Change::Cut(at, length) => {
                let (from, to) = (place(*at), place(at.saturating_add(*length).min(1000)));
                out.drain(from..to);
            }
            Change::Repeat(at, length) => {
                let (from, to) = (place(*at), place(at.saturating_add(*length).min(1000)));
                let part = out[from..to].to_vec();
                out.splice(to..to, part);
            }
            Change::Insert(at, text) => {
                let at = place(*at);
                out.splice(at..at, text.iter().copied());
            }
        }
    }
    out
}

/// Whether an answer is what its protocol has for one.
fn check(path: &str, answer: &Response) {
    let kind = answer.header("content-type").unwrap_or_default().to_owned();
    let shown = format!("{path}: {} {kind}: {}", answer.status, answer.body);
    assert!((200..600).contains(&answer.status), "{shown}");
    assert!(!answer.body.contains("panic"), "{shown}");
    if let Some((_, boundary)) = kind.split_once("boundary=\"") {
        let end = format!("--{}--", boundary.trim_end_matches('"'));
        return assert!(answer.body.contains(&end), "{shown}");
    }
    let is_soap = kind.starts_with("text/xml") || kind.starts_with("application/soap+xml");
    if is_soap || kind.contains("xml") {
        let root = soapstone::xml::parse(&answer.body, &Limits::default());
        let root = root.unwrap_or_else(|why| panic!("{why}: {shown}"));
        assert!(!is_soap || root.name.local == "Envelope", "{shown}");
    }
    if kind.contains("json") {
        serde_json::from_str::<serde_json::Value>(&answer.body)
            .unwrap_or_else(|why| panic!("{why}: {shown}"));
    }
    // A wrong request is its sender's; SOAP 1.1 says so of every fault with 500 (section 6.2).
    let own = is_soap || matches!(answer.status, 501 | 503 | 505);
    assert!(answer.status < 500 || own, "{shown}");
    assert!(!is_soap || answer.status < 500 || !answer.body.contains(":Server<"), "{shown}");
}

/// One gateway for all cases.
fn gateway() -> &'static Gateway {
    static GATEWAY_RUNS: OnceLock<Gateway> = OnceLock::new();
    GATEWAY_RUNS.get_or_init(|| Gateway::start(GATEWAY))
}

#[test]
fn the_samples_are_right() {
    for sample in samples() {
        let answer = post(gateway().address("internal"), sample.path, sample.content_type, &sample.body);
        let fault = sample.body.contains(">20<");
        let right = if fault { 400..401 } else { 200..300 };
        assert!(right.contains(&answer.status), "{}: {} {}", sample.path, answer.status, answer.body);
        check(sample.path, &answer);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_spoiled_body_is_answered(
        at in 0..samples().len(),
        type_of in proptest::option::weighted(0.2, 0..samples().len()),
        changes in proptest::collection::vec(change(), 1..5),
    ) {
        let sample = &samples()[at];
        let content_type = samples()[type_of.unwrap_or(at)].content_type;
        let body = spoiled(sample.body.as_bytes(), &changes);
        let address = gateway().address("internal");
        let answer = call(address, "POST", sample.path, &[("Content-Type", content_type)], &body);
        check(sample.path, &answer);
    }

    #[test]
    fn spoiled_bytes_are_answered_or_end_the_connection(
        at in 0..samples().len(),
        changes in proptest::collection::vec(change(), 1..4),
    ) {
        let sample = &samples()[at];
        let head = format!(
            "POST {} HTTP/1.1\r\nHost: gateway.test\r\nConnection: close\r\nContent-Type: {}\r\nContent-Length: {}\r\n\r\n",
            sample.path, sample.content_type, sample.body.len(),
        );
        let mut connection = Connection::open(gateway().address("internal"));
        connection.send(&spoiled(&[head.as_bytes(), sample.body.as_bytes()].concat(), &changes));
        connection.done();
        match connection.answer() {
            Some(answer) => check(sample.path, &answer),
            None => assert_eq!(connection.rest(), ""),
        }
    }

    #[test]
    fn any_bytes_are_answered_or_end_the_connection(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let mut connection = Connection::open(gateway().address("internal"));
        connection.send(&bytes);
        connection.done();
        match connection.answer() {
            Some(answer) => check("/", &answer),
            None => assert_eq!(connection.rest(), ""),
        }
    }
}
