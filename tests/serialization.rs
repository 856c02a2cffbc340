//! How profiles say that their documents are written: qualified or not, lists, what is left out, types, dates; in and out.
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

use serde_json::{Value, json};
use support::http::get;
use support::*;

const JSON: &str = "application/json";
const XML: &str = "application/xml";

/// Orders that a caller sends with all there is, and that go out as the second profile says.
const INLINE: &str = r#"
listener internal bind="127.0.0.1:0"

profile received format=xml {
    element Order namespace="urn:example:in" {
        attribute seen type=dateTime
        attribute secret
        element Number
        element Placed type=dateTime
        element Opens type=time occurs="0..1"
        element Day type=date occurs="0..1"
        list Tags item=Tag items="1..3" occurs="0..1" max-length=8
        list Lines item=Line items="1..*" {
            attribute pos type=integer
            element Sku
            element Due type=dateTime occurs="0..1"
        }
        element Margin type=decimal occurs="0..1"
    }
}
profile written format=xml {
    element Order namespace="urn:example:out" {
        attribute seen type=dateTime zone=none qualified=#true
        attribute secret exclude=#true
        element Number qualified=#false
        element Placed type=dateTime zone=utc fraction=0
        element Opens type=time occurs="0..1" zone="+02:00" fraction=3
        element Day type=date occurs="0..1" zone=none
        list Tags item=Tag items="1..3" occurs="0..1" qualified=#false
        list Lines item=Line items="1..*" {
            attribute pos type=integer
            element Sku
            element Due type=dateTime occurs="0..1" zone="Europe/Berlin"
        }
        element Margin type=decimal exclude=#true
        element Buyer occurs="0..1" namespace="urn:example:buyer" { element Name; element Alias namespace="" occurs="0..1" }
    }
}
map send from=received to=written {
    set "Order/@seen" from="Order/@seen"
    set "Order/Number" from="Order/Number"
    set "Order/Placed" from="Order/Placed"
    set "Order/Opens" from="Order/Opens"
    set "Order/Day" from="Order/Day"
    each "Order/Tags/Tag" into="Order/Tags/Tag" { set "." from="." }
    each "Order/Lines/Line" into="Order/Lines/Line" {
        set "@pos" from="@pos"
        set "Sku" from="Sku"
        set "Due" from="Due"
    }
    set "Order/Buyer/Name" value="Ada"
    set "Order/Buyer/Alias" value="A"
}
map again from=written to=written { copy }
operation send { action create; object Order; input received; output written; process { map send; return } }
operation again { action update; object Order; input written; output written; process { map again; return } }
api orders base="/orders" {
    rest { post "/send" send; post "/again" again }
    soap "/soap" namespace="urn:example:service" { operation send; operation again }
}
"#;

const RECEIVED: &str = r#"<Order xmlns="urn:example:in" seen="2026-03-01T10:00:00+05:00" secret="s"><Number>A-1</Number>
    <Placed>2026-03-01T00:30:00.750+01:00</Placed><Opens>08:00:00Z</Opens><Day>2026-03-01+01:00</Day>
    <Tags><Tag>a</Tag><Tag>b</Tag></Tags>
    <Lines><Line pos="1"><Sku>X</Sku><Due>2026-07-01T10:00:00Z</Due></Line><Line pos="2"><Sku>Y</Sku></Line></Lines>
    <Margin>0.5</Margin></Order>"#;

const WRITTEN: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Order xmlns="urn:example:out" xmlns:ns1="urn:example:out" ns1:seen="2026-03-01T10:00:00"><Number xmlns="">A-1</Number><Placed>2026-02-28T23:30:00Z</Placed><Opens>10:00:00.000+02:00</Opens><Day>2026-03-01</Day><Tags xmlns=""><Tag xmlns="urn:example:out">a</Tag><Tag xmlns="urn:example:out">b</Tag></Tags><Lines><Line pos="1"><Sku>X</Sku><Due>2026-07-01T12:00:00+02:00</Due></Line><Line pos="2"><Sku>Y</Sku></Line></Lines><Buyer xmlns="urn:example:buyer"><Name>Ada</Name><Alias xmlns="">A</Alias></Buyer></Order>"#;

fn written_json() -> Value {
    json!({
        "seen": "2026-03-01T10:00:00", "Number": "A-1", "Placed": "2026-02-28T23:30:00Z", "Opens": "10:00:00.000+02:00",
        "Day": "2026-03-01", "Tags": ["a", "b"],
        "Lines": [{ "pos": 1, "Sku": "X", "Due": "2026-07-01T12:00:00+02:00" }, { "pos": 2, "Sku": "Y" }],
        "Buyer": { "Name": "Ada", "Alias": "A" }
    })
}

/// What is answered to a document, in the format that is asked for.
fn sent(gateway: &Gateway, path: &str, format: &str, accept: &str, body: &str) -> (u16, String) {
    let headers = [("Content-Type", format), ("Accept", accept)];
    let answer = call(gateway.address("internal"), "POST", path, &headers, body.as_bytes());
    (answer.status, answer.body)
}

#[test]
fn documents_are_written_as_their_profile_says() {
    let gateway = Gateway::start(INLINE);
    assert_eq!(sent(&gateway, "/orders/send", XML, XML, RECEIVED), (200, WRITTEN.to_owned()));
    let (status, answer) = sent(&gateway, "/orders/send", XML, JSON, RECEIVED);
    assert_eq!((status, serde_json::from_str::<Value>(&answer).unwrap()), (200, written_json()));
    // What was written is read again, as XML and in its JSON form.
    assert_eq!(sent(&gateway, "/orders/again", XML, XML, WRITTEN), (200, WRITTEN.to_owned()));
    let form = written_json().to_string();
    assert_eq!(sent(&gateway, "/orders/again", JSON, XML, &form), (200, WRITTEN.to_owned()));
}

#[test]
fn what_is_excluded_may_come_and_never_goes() {
    let gateway = Gateway::start(INLINE);
    let more = WRITTEN
        .replace("</Lines>", "</Lines><Margin>0.5</Margin>")
        .replace("ns1:seen=", "secret=\"s\" ns1:seen=");
    assert_eq!(sent(&gateway, "/orders/again", XML, XML, &more), (200, WRITTEN.to_owned()));
}

#[test]
fn lists_are_checked_in_both_forms() {
    let gateway = Gateway::start(INLINE);
    for (wrong, told) in [
        (RECEIVED.replace("<Tag>a</Tag><Tag>b</Tag>", ""), "Tag"),
        (RECEIVED.replace("<Tag>a</Tag>", "<Tag>a</Tag><Tag>c</Tag><Tag>d</Tag>"), "3 allowed"),
        (RECEIVED.replace("<Tag>a</Tag>", "<Tag>far too long</Tag>"), "Tags/Tag[1]"),
        (RECEIVED.replace("<Tag>a</Tag>", "<Label>a</Label>"), "Label"),
        (RECEIVED.replace("pos=\"2\"", "pos=\"two\""), "Lines/Line[2]/@pos"),
    ] {
        let (status, answer) = sent(&gateway, "/orders/send", XML, JSON, &wrong);
        assert!(status == 422 && answer.contains(told), "{wrong}: {status} {answer}");
    }
    for (tags, told) in
        [(json!([]), "at least 1"), (json!({ "Tag": ["a"] }), "an array"), (json!("a"), "an array")]
    {
        let mut form = written_json();
        form["Tags"] = tags;
        let (status, answer) = sent(&gateway, "/orders/again", JSON, JSON, &form.to_string());
        assert!(status == 422 && answer.contains(told), "{form}: {status} {answer}");
    }
}

#[test]
fn what_is_published_says_the_same() {
    let gateway = Gateway::start(INLINE);
    let mut schemas = (1..=5).map(|number| schema(&gateway, number));
    let out = schemas.find(|text| text.contains("targetNamespace=\"urn:example:out\"")).unwrap();
    for part in [
        "<xs:element name=\"Number\" form=\"unqualified\" type=\"xs:string\"/>",
        "<xs:element name=\"Tags\" form=\"unqualified\" minOccurs=\"0\">",
        "<xs:element name=\"Tag\" maxOccurs=\"3\" type=\"xs:string\"/>",
        "<xs:element name=\"Placed\" type=\"xs:dateTime\"/>",
        "<xs:element name=\"Margin\" minOccurs=\"0\" type=\"xs:decimal\"/>",
        "<xs:attribute name=\"seen\" form=\"qualified\" type=\"xs:dateTime\"/>",
        "<xs:attribute name=\"secret\" type=\"xs:string\"/>",
    ] {
        assert!(out.contains(part), "{part}: {out}");
    }
    let openapi = get(gateway.address("internal"), "/orders/openapi.json").body;
    let openapi: Value = serde_json::from_str(&openapi).unwrap();
    let schemas = openapi.to_string();
    assert!(schemas.contains("\"wrapped\":true"), "{schemas}");
    assert!(schemas.contains("\"name\":\"Tag\""), "{schemas}");
}

/// The schemas that we published, given to a gateway that checks with them what ours wrote.
#[test]
fn what_is_written_fits_what_is_published() {
    let gateway = Gateway::start(INLINE);
    let folder = Folder::new();
    let mut root = String::new();
    for number in 1..=5 {
        let name = format!("{number}.xsd");
        let text = schema(&gateway, number);
        if text.contains("targetNamespace=\"urn:example:out\"") {
            root.clone_from(&name);
        }
        folder.write(&name, &text);
    }
    folder.write(
        "gateway.kdl",
        &format!(
            "listener internal bind=\"127.0.0.1:0\"\n\
             profile order format=xml xsd=\"{root}\" root=Order\n\
             operation check {{ action create; object Order; input order; output order; process {{ return }} }}\n\
             api orders base=\"/orders\" {{ rest {{ post \"/check\" check }} }}\n"
        ),
    );
    let other = Gateway::start_in(folder, &[], &[]);
    let (status, answer) = sent(&other, "/orders/check", XML, XML, WRITTEN);
    assert_eq!(status, 200, "{answer}");
    let wrong = WRITTEN.replace("<Number xmlns=\"\">", "<Number>");
    assert_eq!(sent(&other, "/orders/check", XML, XML, &wrong).0, 422);
}

/// A schema of the contract; what it imports is named by number.
fn schema(gateway: &Gateway, number: u32) -> String {
    let text = get(gateway.address("internal"), &format!("/orders/soap?xsd={number}")).body;
    (1..=5).fold(text, |text, other| {
        let address = format!("/orders/soap?xsd={other}\"");
        match text.find(&address) {
            Some(at) => {
                let start = text[..at].rfind('"').unwrap() + 1;
                format!("{}{other}.xsd{}", &text[..start], &text[at + address.len() - 1..])
            }
            None => text,
        }
    })
}

/// Orders of a schema, with what is said of parts of it, and types that are named by themselves, from a document and in full.
const GIVEN: &str = r#"
listener internal bind="127.0.0.1:0"
profile asked format=json {
    object { string kind required=#true; dateTime placed; string number; array lines { string } }
}
profile order format=xml xsd="payments.xsd" {
    part "Order/Placed" zone=utc fraction=0
    part "Order/@seen" exclude=#true
    part "Order/Buyer/Note" exclude=#true
    part "Order/Lines" list=#true
}
map named from=asked to=order {
    set "Order/@id" value="1"
    set "Order/Placed" from="$.placed"
    set "Order/Payment/@xsi:type" from="$.kind"
    set "Order/Payment/Amount" value="1.5"
    set "Order/Payment/Number" from="$.number"
    each "$.lines" into="Order/Lines/Line" { set "." from="@" }
    set "Order/Buyer/Name" value="Ada"
}
map cash from=asked to=order {
    set "Order/@id" value="1"
    set "Order/Placed" from="$.placed"
    set "Order/Payment/@xsi:type" value=CashPayment
    set "Order/Payment/Amount" value="1.5"
    each "$.lines" into="Order/Lines/Line" { set "." from="@" }
    set "Order/Buyer/Name" value="Ada"
}
map again from=order to=order { copy }
operation named { action create; object Order; input asked; output order; process { map named; validate order; return } }
operation cash { action update; object Order; input asked; output order; process { map cash; validate order; return } }
operation again { action upsert; object Order; input order; output order; process { map again; return } }
api orders base="/orders" { rest { post "/named" named; post "/cash" cash; post "/again" again } }
"#;

fn given() -> Gateway {
    let folder = Folder::new();
    folder.write("payments.xsd", &project("tests/findings/files/payments.xsd"));
    folder.write("gateway.kdl", GIVEN);
    Gateway::start_in(folder, &[], &[])
}

fn asked(kind: &str) -> String {
    json!({ "kind": kind, "placed": "2026-03-01T00:30:00.5+01:00", "number": "42", "lines": ["a", "b"] })
        .to_string()
}

const PAID: &str = r#"<?xml version="1.0" encoding="UTF-8"?><Order xmlns="urn:example:payments" id="1"><Placed>2026-02-28T23:30:00Z</Placed><Payment xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:ns1="urn:example:payments" xsi:type="ns1:CardPayment"><Amount>1.5</Amount><Number>42</Number></Payment><Lines><Line>a</Line><Line>b</Line></Lines><Buyer><Name>Ada</Name></Buyer></Order>"#;

#[test]
fn a_type_is_named_by_its_name_and_written_with_its_namespace() {
    let gateway = given();
    for kind in ["CardPayment", "{urn:example:payments}CardPayment"] {
        assert_eq!(
            sent(&gateway, "/orders/named", JSON, XML, &asked(kind)),
            (200, PAID.to_owned()),
            "{kind}"
        );
    }
    let cash = PAID.replace("CardPayment", "CashPayment").replace("<Number>42</Number>", "");
    assert_eq!(sent(&gateway, "/orders/cash", JSON, XML, &asked("x")), (200, cash));
    for kind in ["Cheque", "Payment", "ns1:CardPayment"] {
        let (status, answer) = sent(&gateway, "/orders/named", JSON, XML, &asked(kind));
        assert!(status >= 400, "{kind}: {status} {answer}");
    }
}

#[test]
fn parts_of_a_schema_are_written_as_the_profile_says() {
    let gateway = given();
    let more = PAID
        .replace("<Name>Ada</Name>", "<Name>Ada</Name><Note>n</Note>")
        .replace("id=\"1\"", "id=\"1\" seen=\"2026-03-01T00:00:00\"")
        .replace("2026-02-28T23:30:00Z", "2026-03-01T05:00:00.125+05:30");
    assert_eq!(sent(&gateway, "/orders/again", XML, XML, &more), (200, PAID.to_owned()));
    let (status, answer) = sent(&gateway, "/orders/again", XML, JSON, &more);
    let form: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(
        (status, &form["Lines"], &form["Placed"]),
        (200, &json!(["a", "b"]), &json!("2026-02-28T23:30:00Z"))
    );
    assert_eq!(sent(&gateway, "/orders/again", JSON, XML, &answer), (200, PAID.to_owned()));
}
