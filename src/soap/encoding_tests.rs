//! Tests of encoded bodies: references, their mistakes, and what is taken away.

use super::*;

fn parse(text: &str) -> Vec<Element> {
    let text = format!(
        "<b xmlns:e='{ENCODING_12}' xmlns:o='{ENCODING_11}' xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'>{text}</b>"
    );
    let root = crate::xml::parse(&text, &Limits::default()).unwrap();
    root.elements().cloned().collect()
}

fn read(text: &str, version: Version) -> Result<String, Wrong> {
    let names_part = |address: &str| matches!(address, "cid:a@x" | "CID:a%40x");
    let element = inline(parse(text), &[], version, &Limits::default(), &names_part)?.unwrap();
    let mut out = Vec::new();
    crate::xml::write_element(&element, None, &mut out);
    Ok(String::from_utf8(out).unwrap())
}

#[test]
fn references_are_put_in_place() {
    let body = "<call s:encodingStyle='x'><a href='#1'/><b href='#1'/></call><multiRef id='1' o:root='0'><c href='#2'/></multiRef><multiRef id='2'>text</multiRef>";
    let expected = "<call><a><c>text</c></a><b><c>text</c></b></call>";
    assert_eq!(read(body, Version::V11).unwrap(), expected);
    // The call need not come first.
    let turned = "<multiRef id='1' o:root='0'>5</multiRef><call o:root='1'><a href='#1'/></call>";
    assert_eq!(read(turned, Version::V11).unwrap(), "<call><a>5</a></call>");
    for inner in
        ["<call><a e:id='x'>5</a><b e:ref='x'/></call>", "<call><a e:id='x'>5</a><b e:ref='#x'/></call>"]
    {
        assert_eq!(read(inner, Version::V12).unwrap(), "<call><a>5</a><b>5</b></call>");
    }
}

#[test]
fn references_may_lead_to_encoded_header_blocks() {
    let read = |style: &str| {
        let text = format!(
            "<v:Envelope xmlns:v='http://www.w3.org/2003/05/soap-envelope' xmlns:e='{ENCODING_12}'>
             <v:Header><h:Holder xmlns:h='urn:h' v:encodingStyle='{style}'><h:Data e:id='d'>5</h:Data></h:Holder>
             </v:Header><v:Body><call v:encodingStyle='{ENCODING_12}'><a e:ref='d'/></call></v:Body></v:Envelope>"
        );
        let root = crate::xml::parse(&text, &Limits::default()).unwrap();
        let mut message = super::super::envelope::take(root, Version::ALL, &Default::default()).unwrap();
        message.take_body(true, &Limits::default(), &|_| false)
    };
    assert_eq!(read(ENCODING_12).unwrap().unwrap().child("a").unwrap().string_value(), "5");
    assert!(read("").is_err());
}

#[test]
fn references_that_lead_nowhere_are_refused() {
    let code = |text, version| read(text, version).unwrap_err().0;
    assert_eq!(code("<call><a href='#1'/></call>", Version::V11), MISSING);
    assert_eq!(code("<call><a href='http://localhost/secret'/></call>", Version::V11), MISSING);
    assert_eq!(code("<call><a e:ref='x'/></call>", Version::V12), MISSING);
    assert_eq!(code("<call><a e:ref='x' e:id='x'/></call>", Version::V12), MISSING);
    assert_eq!(code("<call><a e:id='x'/><b e:id='x'/></call>", Version::V12), DUPLICATE);
    let circle = "<call><a href='#1'/></call><m id='1'><n href='#2'/></m><m id='2'><n href='#1'/></m>";
    assert_eq!(code(circle, Version::V11), MISSING);
}

#[test]
fn what_grows_without_end_is_bounded() {
    // Each level holds the next one ten times.
    let level = |at: usize| {
        let next = format!("<n href='#{}'/>", at + 1).repeat(10);
        format!("<m id='{at}'>{next}</m>")
    };
    let levels: String = (0..20).map(level).collect();
    let bomb = format!("<call><a href='#0'/></call>{levels}<m id='20'>x</m>");
    assert!(read(&bomb, Version::V11).is_err());
}

#[test]
fn what_is_copied_is_bounded_in_bytes() {
    let shared = |text: &str, count: usize| {
        let uses = "<a href='#1'/>".repeat(count);
        read(&format!("<call>{uses}</call><m id='1'>{text}</m>"), Version::V11)
    };
    let large = "x".repeat(100_000);
    for target in
        [large.clone(), format!("<n>{large}</n>"), format!("<n k='{large}'/>"), format!("<n/>{large}")]
    {
        assert!(shared(&target, 5).is_ok());
        assert_eq!(shared(&target, 20).unwrap_err(), beyond());
    }
    // Of a large body it may be twice what was sent.
    assert!(shared(&"x".repeat(2_000_000), 2).is_ok());
    assert_eq!(shared(&"x".repeat(2_000_000), 3).unwrap_err(), beyond());
}

#[test]
fn a_part_of_the_message_is_referred_to_by_its_address() {
    let body = "<call><a href='cid:a@x' x='1'/><b href='#1'/></call><m id='1' href='CID:a%40x'/>";
    let expected = "<call><a x=\"1\">cid:a@x</a><b>CID:a%40x</b></call>";
    assert_eq!(read(body, Version::V11).unwrap(), expected);
    for other in ["cid:b@x", "http://localhost/secret", "1", ""] {
        let body = format!("<call><a href='{other}'/></call><m id='1'>x</m>");
        assert_eq!(read(&body, Version::V11).unwrap_err().0, MISSING, "{other}");
    }
    // SOAP 1.2 has ids only.
    assert!(read("<call><a e:ref='cid:a@x'/></call>", Version::V12).is_err());
}

#[test]
fn styles_are_told_apart() {
    let is = |text: &str, outer, version| is_encoded(&parse(text), outer, version);
    assert_eq!(is("<a/>", None, Version::V11), Ok(false));
    assert_eq!(is("<a/>", Some(ENCODING_11), Version::V11), Ok(true));
    let both = format!("<a s:encodingStyle='http://example.com/mine {ENCODING_11}'/>");
    assert_eq!(is(&both, None, Version::V11), Ok(true));
    assert_eq!(is("<a s:encodingStyle=''/>", None, Version::V11), Ok(false));
    for poison in ["<a N/>", "<a><b N/></a>"] {
        let poison = poison.replace('N', "s:encodingStyle='http://example.com/poison'");
        assert!(is(&poison, None, Version::V11).is_err(), "{poison}");
    }
    assert_eq!(is(&format!("<a><b s:encodingStyle='{ENCODING_11}'/></a>"), None, Version::V11), Ok(true));
    let deep = format!("<a s:encodingStyle='{ENCODING_11}'><b><c s:encodingStyle='unknown'/></b></a>");
    assert!(is(&deep, None, Version::V11).is_err());
}
