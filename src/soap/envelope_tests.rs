//! Tests of the grammar of envelopes, case by case.

use super::*;
use crate::document::codec::Limits;

const V12: &str = "http://www.w3.org/2003/05/soap-envelope";

/// Reads a message in which `E` is the namespace of SOAP 1.1 and `F` that of 1.2.
fn read(text: &str) -> Result<Message, Refused> {
    let text = text.replace("'E'", "'http://schemas.xmlsoap.org/soap/envelope/'");
    let text = text.replace("'F'", "'http://www.w3.org/2003/05/soap-envelope'");
    take(crate::xml::parse(&text, &Limits::default()).unwrap(), Version::ALL, &Roles::default())
}

fn wrong(text: &str) -> String {
    match read(text) {
        Err(Refused::Grammar(message)) => message,
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn a_message_is_taken_apart() {
    let message = read(
        "<e:Envelope xmlns:e='E' x='1'> <e:Header><h:a xmlns:h='urn:h'/></e:Header><!-- c --><e:Body>\n<b/></e:Body>\n</e:Envelope>",
    );
    let message = message.unwrap();
    assert_eq!(message.version, Version::V11);
    assert_eq!(message.blocks.len(), 1);
    assert_eq!(message.root().unwrap().name.local, "b");
    assert_eq!(read("<e:Envelope xmlns:e='F'><e:Body/></e:Envelope>").unwrap().root(), None);
}

#[test]
fn the_grammar_is_kept() {
    for (text, part) in [
        ("<e:Envelope xmlns:e='F'/>", "no Body"),
        ("<e:Envelope xmlns:e='F'><e:Header/></e:Envelope>", "no Body"),
        ("<e:Envelope xmlns:e='F'><e:Body/><e:Header/></e:Envelope>", "behind the Body"),
        ("<e:Envelope xmlns:e='E'><e:Body/><x/></e:Envelope>", "behind the Body"),
        ("<e:Envelope xmlns:e='E'><e:Body/><e:Body/></e:Envelope>", "behind the Body"),
        ("<e:Envelope xmlns:e='E'><x/><e:Body/></e:Envelope>", "expected one Header or the Body"),
        ("<e:Envelope xmlns:e='E'><e:Header/><e:Header/><e:Body/></e:Envelope>", "expected one Header"),
        ("<e:Envelope xmlns:e='F' x='1'><e:Body/></e:Envelope>", "in no namespace"),
        ("<e:Envelope xmlns:e='F'><e:Body e:encodingStyle=''/></e:Envelope>", "encodingStyle"),
        ("<e:Envelope xmlns:e='F' e:encodingStyle=''><e:Body/></e:Envelope>", "encodingStyle"),
        ("<e:Envelope xmlns:e='E'><e:Body>text</e:Body></e:Envelope>", "text in the Body"),
        ("<e:Envelope xmlns:e='E'><e:Body><a/><b/></e:Body></e:Envelope>", "more than one"),
        ("<e:Envelope xmlns:e='E'><e:Header><a/></e:Header><e:Body/></e:Envelope>", "`a` is in no namespace"),
        ("<a/>", "expected a SOAP Envelope"),
    ] {
        let message = wrong(text);
        assert!(message.contains(part), "{text}: {message}");
    }
}

#[test]
fn versions_are_told_by_the_namespace() {
    for text in ["<Envelope/>", "<e:Envelope xmlns:e='urn:x'/>"] {
        assert!(matches!(read(text), Err(Refused::VersionMismatch(_))), "{text}");
    }
    let root = Element::new(Name::qualified(V12, "Envelope"));
    assert!(matches!(take(root, &[Version::V11], &Roles::default()), Err(Refused::VersionMismatch(_))));
}

fn header(block: &str) -> Result<Message, Refused> {
    read(&format!(
        "<e:Envelope xmlns:e='F' xmlns:o='E' xmlns:h='urn:h'><e:Header>{block}</e:Header><e:Body/></e:Envelope>"
    ))
}

#[test]
fn blocks_for_us_must_be_understood() {
    let roles = "http://www.w3.org/2003/05/soap-envelope/role";
    let known = Name::qualified("urn:h", "known");
    let missed = |block: &str| header(block).unwrap().not_understood(|name| *name == known).len();
    assert_eq!(missed("<h:a e:mustUnderstand='1'/><h:b e:mustUnderstand=' true '/>"), 2);
    assert_eq!(missed(&format!("<h:a e:mustUnderstand='1' e:role='{roles}/next'/>")), 1);
    assert_eq!(missed(&format!("<h:a e:mustUnderstand='1' e:role='{roles}/ultimateReceiver'/>")), 1);
    assert_eq!(missed("<h:a e:mustUnderstand='1' e:role=''/>"), 1);
    assert_eq!(missed(&format!("<h:a e:mustUnderstand='1' e:role='{roles}/none'/>")), 0);
    assert_eq!(missed("<h:a e:mustUnderstand='1' e:role='urn:else'/>"), 0);
    assert_eq!(missed("<h:known e:mustUnderstand='1'/><h:a e:mustUnderstand='false'/>"), 0);
    // Attributes of the other version, of no namespace and of children mean nothing.
    assert_eq!(
        missed("<h:a o:mustUnderstand='1'/><h:b mustUnderstand='1'/><h:c><h:d e:mustUnderstand='1'/></h:c>"),
        0
    );
}

#[test]
fn a_wrong_value_goes_before_what_is_not_understood() {
    assert!(matches!(
        header("<h:a e:mustUnderstand='1'/><h:known e:mustUnderstand='wrong'/>"),
        Err(Refused::Grammar(_))
    ));
    let old = "<e:Envelope xmlns:e='E'><e:Header><h:a xmlns:h='urn:h' e:mustUnderstand='true'/></e:Header><e:Body/></e:Envelope>";
    assert!(wrong(old).contains("expected 0 or 1"));
}

#[test]
fn only_literal_bodies_are_read() {
    let body = |style: &str| {
        read(&format!("<e:Envelope xmlns:e='F'><e:Body><a e:encodingStyle='{style}'/></e:Body></e:Envelope>"))
    };
    assert!(matches!(body("http://example.org/unknown"), Err(Refused::Encoding(_))));
    let mut message = body("http://www.w3.org/2003/05/soap-envelope/encoding/none").unwrap();
    let body = message.take_body(false, &Limits::default(), &|_| false).unwrap();
    assert!(body.unwrap().attributes.is_empty());
}

#[test]
fn an_intermediary_passes_on_what_is_not_its_own() {
    let roles = Roles { named: vec!["urn:b".into()], is_intermediary: true };
    let next = "http://www.w3.org/2003/05/soap-envelope/role/next";
    let none = "http://www.w3.org/2003/05/soap-envelope/role/none";
    let text = format!(
        "<e:Envelope xmlns:e='{V12}' xmlns:h='urn:h'><e:Header><h:a/><h:b e:role='urn:b'/><h:c e:role='{next}' \
         e:relay='true'/><h:d e:role='{none}'/><h:known e:role='{next}' e:relay='1'/><h:e e:role='urn:c'/></e:Header>\
         <e:Body/></e:Envelope>"
    );
    let root = crate::xml::parse(&text, &Limits::default()).unwrap();
    let message = take(root, Version::ALL, &roles).unwrap();
    let processed = [Name::qualified("urn:h", "known")];
    let on = message.blocks.iter().filter(|block| block.goes_on(&processed));
    let names: Vec<&str> = on.map(|block| block.element.name.local.as_str()).collect();
    assert_eq!(names, ["a", "c", "d", "e"]);
    assert!(matches!(header("<h:a e:relay='maybe'/>"), Err(Refused::Grammar(_))));
}
