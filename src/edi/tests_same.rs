//! Interchanges that once read differently after they were written: each is kept as it is now, or refused at its place.

use super::structure::SegmentSpec;
use super::tests::{ISA, UNB, edifact, order, read, short, x12};
use super::{Edi, Item, Syntax};
use crate::document::codec::Codec;
use crate::document::tree::{Content, Element, Name};

fn refused(syntax: Syntax, text: &str) -> String {
    read(&Edi::any(syntax), text).unwrap_err().to_string()
}

fn written(codec: &Edi, root: &Element) -> Result<String, String> {
    let mut out = Vec::new();
    codec.encode(root, &mut out).map_err(|error| error.to_string())?;
    Ok(String::from_utf8(out).unwrap())
}

/// The change of a good interchange, and what it is refused with.
fn changed(syntax: Syntax, from: &str, to: &str) -> String {
    let good = match syntax {
        Syntax::X12 => x12("BEG*00~BIN*3*a~b~").replace("SE*5", "SE*4"),
        Syntax::Edifact => format!(
            "{}UNG+ORDERS+A+B+261120:0800+9+UN+D:96A'UNH+1+ORDERS:D:96A'UNT+2+1'UNE+1+9'UNZ+1+REF1'",
            UNB.replace(":3", ":4")
        ),
    };
    read(&Edi::any(syntax), &good).unwrap();
    let text = good.replacen(from, to, 1);
    assert_ne!(text, good, "{from}");
    refused(syntax, &text)
}

#[test]
fn elements_of_envelopes_of_x12_are_one_value() {
    let other = |from, to| changed(Syntax::X12, from, to);
    assert_eq!(
        other("*RECEIVER*", "*REC:IVER*"),
        "line 2, column 1: GS03 holds one value, and `:` parts it into components"
    );
    assert_eq!(other("*RECEIVER*", "*REC^IVER*"), "line 2, column 1: GS03 stands once, and `^` repeats it");
    assert!(other("ST*850*0001", "ST*850*0001:1").contains("ST02 holds one value"));
    assert!(other("SE*4*", "SE*4:1*").contains("SE01 holds one value"));
    assert!(other("SE*4*0001", "SE*4*0001*1").contains("SE has two elements"));
    assert!(other("BIN*3*", "BIN*+3*").contains("BIN01 does not say how long the data is"));
    assert!(other("BIN*3*", "BDS*A:B*3*").contains("BDS01 holds one value"));
    assert!(other("BIN*3*", "BDS*A~B*3*").contains("BDS ends before its data"));
}

#[test]
fn elements_of_envelopes_of_edifact_stand_once() {
    let other = |from, to| changed(Syntax::Edifact, from, to);
    assert!(other("ORDERS:D:96A'", "ORDERS:*D:96A'").contains("UNH02 stands once, and `*` repeats it"));
    assert!(other("+9+UN", "+9:1+UN").contains("UNG05 holds one value, and `:` parts"));
    assert!(other("UNT+2+1'", "UNT+2+1+1'").contains("UNT has two elements"));
    // Wrapped or not, the version is the same.
    let wrapped = edifact("BGM+A*B'").replace("UNOA:3", "UNOA:\r\n4");
    assert!(short(&read(&Edi::any(Syntax::Edifact), &wrapped).unwrap()).contains("BGM01=A BGM01=B"));
}

#[test]
fn control_characters_are_no_data() {
    let nul = edifact("BGM+1'FTX+A\u{0}B'");
    assert!(
        refused(Syntax::Edifact, &nul).ends_with(": U+0000 is a control character, which no value may hold"),
        "{}",
        refused(Syntax::Edifact, &nul)
    );
    assert_eq!(
        refused(Syntax::X12, &x12("BEG*00~NTE*A\nB~")),
        "line 2, column 72: U+000A is a control character, which no value may hold; lines may end between segments"
    );
    assert!(refused(Syntax::X12, &x12("BEG*00\r\n~")).contains("U+000D"));
    assert!(refused(Syntax::X12, &x12("").replace("00*          ", "00*\n         ")).contains("U+000A"));
    // Where one delimits, it is none of the data; and binary data is any bytes.
    let text = x12("BEG*00~BIN*4*a\0\nb~").replace('*', "\u{1d}");
    assert!(short(&read(&Edi::any(Syntax::X12), &text).unwrap()).contains("BIN02=a\0\nb"));
}

#[test]
fn control_characters_are_not_written() {
    for (syntax, text) in [(Syntax::X12, x12("NTE*A~")), (Syntax::Edifact, edifact("FTX+A'"))] {
        let codec = Edi::any(syntax);
        for c in ["\u{0}", "\t", "\r", "\n", "\u{7f}"] {
            let mut root = read(&codec, &text).unwrap();
            replace(&mut root, "A", &format!("A{c}B"));
            assert!(written(&codec, &root).unwrap_err().contains("control character"), "{c:?}");
        }
    }
    let mut root = read(&Edi::any(Syntax::X12), &x12("NTE*A~")).unwrap();
    replace(&mut root, "RECEIVER", "REC\nIVER");
    assert!(written(&Edi::any(Syntax::X12), &root).unwrap_err().contains("ISA08: U+000A is a control"));
}

/// Puts another text into each leaf of this one.
fn replace(element: &mut Element, from: &str, to: &str) {
    match element.leaf() {
        Some(text) if text == from => element.content = Content::Text(to.into()),
        Some(_) => {}
        None => {
            for node in element.nodes_mut() {
                if let crate::document::tree::Node::Element(inner) = node {
                    replace(inner, from, to);
                }
            }
        }
    }
}

/// The first element of that name, to be changed.
fn find<'a>(element: &'a mut Element, name: &str) -> Option<&'a mut Element> {
    if element.name.local == name {
        return Some(element);
    }
    if element.leaf().is_some() {
        return None;
    }
    element.nodes_mut().iter_mut().find_map(|node| match node {
        crate::document::tree::Node::Element(inner) => find(inner, name),
        crate::document::tree::Node::Text(_) => None,
    })
}

#[test]
fn what_an_envelope_cannot_hold_is_not_written() {
    let codec = Edi::any(Syntax::X12);
    let mut root = read(&codec, &x12("NTE*A~")).unwrap();
    let composite = find(&mut root, "GS03").unwrap();
    composite.content = Content::Empty;
    composite.push(Element::with(Name::local("GS0301"), Content::Text("A".into())));
    assert!(written(&codec, &root).unwrap_err().contains("Group/GS/GS03: this holds one value"));
    let codec = Edi::any(Syntax::Edifact);
    let mut root = read(&codec, &edifact("").replace(":3", ":4")).unwrap();
    let unh = find(&mut root, "UNH").unwrap();
    unh.push(Element::with(Name::local("UNH01"), Content::Text("2".into())));
    assert!(written(&codec, &root).unwrap_err().contains("UNH/UNH01: it is there twice"));
}

#[test]
fn padding_and_zeros_are_kept_or_refused() {
    let other = |from, to| changed(Syntax::X12, from, to);
    assert!(other("*000000007*0*", "*7        *0*").contains("ISA13 must be 9 digits"));
    assert!(other("*000000007*0*", "*A00000007*0*").contains("ISA13 must be 9 digits"));
    let leading =
        x12("BEG*00~BIN*03*a~b~").replace("SE*5", "SE*4").replace("00*          *ZZ", "00*         p*ZZ");
    let root = read(&Edi::any(Syntax::X12), &leading).unwrap();
    assert!(short(&root).contains("ISA04=         p") && short(&root).contains("BIN01=03"));
    assert_eq!(written(&Edi::any(Syntax::X12), &root).unwrap(), leading.replace('\n', ""));
    let blanks = x12("NTE* A * ~");
    let root = read(&Edi::any(Syntax::X12), &blanks).unwrap();
    assert_eq!(written(&Edi::any(Syntax::X12), &root).unwrap(), blanks.replace('\n', ""));
    assert!(ISA.contains("*000000007*"));
}

#[test]
fn binary_data_is_written_by_its_declared_name() {
    use super::structure::{ElementSpec, Part};
    use super::wire::Wire;
    let data = ElementSpec { position: 2, name: "Data".into(), part: Part::Simple(Wire::Text) };
    let mut codec = order();
    codec.items.push(Item::Segment(SegmentSpec { elements: vec![data], ..SegmentSpec::of("BIN") }));
    let text = x12("BEG*00~BIN*3*a~b~").replace("SE*5", "SE*4");
    let root = read(&codec, &text).unwrap();
    assert!(short(&root).contains("Data=a~b"));
    assert_eq!(written(&codec, &root).unwrap(), text.replace('\n', ""));
}
