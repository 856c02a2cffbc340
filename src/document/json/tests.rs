//! Tests of the reader and the writer together.

use bytes::Bytes;
use proptest::prelude::*;

use super::{JSON, is_number, parse, write};
use crate::document::codec::{Codec, Limits, MalformedKind};
use crate::document::tree::{Attribute, Content, Element, Name, Node};

fn read(text: &str) -> Element {
    parse(text, &Limits::default()).unwrap_or_else(|error| panic!("{text}: {error}"))
}

pub(super) fn text(root: &Element) -> String {
    let mut out = Vec::new();
    write(root, &mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn every_value_keeps_its_kind_and_its_digits() {
    let source = r#"{"a":[1.10,-0,1e400,123456789012345678901234567890],"b":null,"c":true,"d":"x\u00e4\ud83d\ude00\n","e":{},"f":[],"g":""}"#;
    let root = read(source);
    assert_eq!(root.child("a").unwrap().nodes().len(), 4);
    assert!(root.child("b").unwrap().is_nil());
    assert_eq!(root.child("d").unwrap().leaf(), Some("xä😀\n"));
    assert_eq!(root.child("e").unwrap().content, Content::Children(vec![]));
    assert_eq!(root.child("f").unwrap().content, Content::Items(vec![]));
    assert_eq!(text(&root), source.replace("\\u00e4\\ud83d\\ude00", "ä😀"));
}

#[test]
fn what_is_not_json_is_refused() {
    for bad in [
        "",
        " ",
        "{",
        "[",
        "[1,]",
        "{\"a\":1,}",
        "{a:1}",
        "{'a':1}",
        "01",
        "-",
        "1.",
        ".5",
        "1e",
        "+1",
        "NaN",
        "tru",
        "truex",
        "nullnull",
        "\"",
        "\"\t\"",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\\ud800\"",
        "\"\\ud800\\u0041\"",
        "\"\\udc00\"",
        "\"\\ud800x\"",
        "1 2",
        "[1 2]",
        "{\"a\" 1}",
        "{\"a\":1,\"a\":2}",
        "{\"a\":1,\"\\u0061\":2}",
        "// c\n1",
        "[,1]",
        "{}}",
        "\u{a0}1",
        "\"\\uD8é\"",
        "\"\\u+123\"",
    ] {
        let error = parse(bad, &Limits::default()).expect_err(bad);
        assert_eq!(error.kind, MalformedKind::Syntax, "{bad}");
    }
    let error = parse("{\"a\": 1,\n \"ä\": x}", &Limits::default()).unwrap_err();
    assert_eq!((error.line, error.column), (2, 7));
    let not_utf8 = Bytes::from_static(b"\"\xFF\"");
    assert_eq!(JSON.decode(&not_utf8, &Limits::default()).unwrap_err().kind, MalformedKind::Charset);
}

#[test]
fn a_name_twice_is_found_among_many() {
    let members: Vec<String> = (0..40).map(|n| format!("\"m{n}\":0")).collect();
    assert_eq!(read(&format!("{{{}}}", members.join(","))).nodes().len(), 40);
    assert!(parse(&format!("{{{},\"m3\":1}}", members.join(",")), &Limits::default()).is_err());
}

#[test]
fn limits_hold() {
    let limits = Limits { depth: 2, elements: 4, name: 3, ..Limits::default() };
    for bad in ["[[[]]]", "[1,2,3,4]", "{\"abcd\":1}"] {
        assert_eq!(parse(bad, &limits).unwrap_err().kind, MalformedKind::Limit, "{bad}");
    }
    assert!(parse("[[1],2]", &limits).is_ok());
}

#[test]
fn a_tree_from_xml_becomes_an_object() {
    let root = xml_order();
    assert_eq!(
        text(&root),
        r##"{"Order":{"@id":"A","Line":[{"Sku":"x"},""],"Note":null,"Price":{"@unit":"EUR","#text":"1"},"#text":"tail"}}"##
    );
}

fn xml_order() -> Element {
    let attribute = |name: &str, value: &str| Attribute { name: Name::local(name), value: value.into() };
    let leaf = |name: &str, content| Element::with(Name::local(name), content);
    let mut line = Element::new(Name::local("Line"));
    line.push(leaf("Sku", Content::Text("x".into())));
    let mut price = leaf("Price", Content::Text("1".into()));
    price.attributes.push(attribute("unit", "EUR"));
    let mut order = Element::new(Name::qualified("urn:o", "Order"));
    order.attributes.push(attribute("id", "A"));
    order.push(line);
    order.push(leaf("Note", Content::Nil));
    order.push(leaf("Line", Content::Empty));
    order.push(price);
    order.nodes_mut().push(Node::Text("tail".into()));
    order
}

#[test]
fn a_number_that_is_none_in_json_becomes_a_string() {
    assert!(
        is_number("-1.5e+10") && !is_number("01") && !is_number("1 ") && !is_number("INF") && !is_number("")
    );
    assert_eq!(text(&Element::with(Name::default(), Content::Number("+1".into()))), "\"+1\"");
}

pub(super) fn tree() -> impl Strategy<Value = Content> {
    let leaf = prop_oneof![
        Just(Content::Nil),
        any::<bool>().prop_map(Content::Bool),
        "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,5})?([eE][+-]?[0-9]{1,2})?"
            .prop_map(|n| Content::Number(n.into())),
        any::<String>().prop_map(|t| Content::Text(t.into())),
    ];
    leaf.prop_recursive(5, 60, 20, |inner| {
        let item =
            |(name, content): (String, Content)| Node::Element(Element::with(Name::local(name), content));
        prop_oneof![
            prop::collection::vec(inner.clone().prop_map(move |c| item((String::new(), c))), 0..6)
                .prop_map(Content::Items),
            prop::collection::btree_map(".{0,3}", inner, 0..20)
                .prop_map(move |map| Content::Children(map.into_iter().map(item).collect())),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_written_reads_back(content in tree()) {
        let root = Element::with(Name::default(), content);
        let written = text(&root);
        prop_assert_eq!(read(&written), root);
        prop_assert!(serde_json::from_str::<serde_json::Value>(&written).is_ok());
    }

    #[test]
    fn the_reader_never_panics_and_agrees_with_another(
        source in "(\\{|\\}|\\[|\\]|\"|a|b|:|,|1|0|-|\\.|e|true|null|\\\\|u|d|8| |\n|é|.){0,30}"
    ) {
        let other = serde_json::from_str::<serde_json::Value>(&source);
        match parse(&source, &Limits::default()) {
            Ok(root) => prop_assert_eq!(read(&text(&root)), root),
            Err(error) if error.message.contains("already") => {}
            Err(_) => prop_assert!(other.is_err() , "{}", source),
        }
    }

    #[test]
    fn bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        let _ = JSON.decode(&Bytes::from(bytes), &Limits::default());
    }
}
