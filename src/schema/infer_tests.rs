//! Tests of shapes from samples: types, what repeats, what may lack, and that a sample always fits its own shape.

use proptest::prelude::*;

use super::*;
use crate::document::codec::{Codec, Limits};
use crate::document::json::JSON;
use crate::schema::{Format, validate};
use crate::xml::XML;

fn read(codec: &dyn Codec, text: &str) -> Element {
    codec.decode(&text.as_bytes().to_vec().into(), &Limits::default()).unwrap()
}

#[test]
fn values_have_the_narrowest_certain_type() {
    use SimpleType as T;
    for (text, expected) in [
        ("12", T::Integer),
        ("-5", T::Integer),
        ("0", T::Integer),
        ("123456789012345678901234567890", T::Integer),
        ("1.50", T::Decimal),
        ("0.5", T::Decimal),
        ("007", T::String),
        ("00.5", T::String),
        ("+5", T::String),
        ("1e3", T::String),
        ("1.", T::String),
        ("", T::String),
        ("true", T::Boolean),
        ("TRUE", T::String),
        ("2026-11-20", T::Date),
        ("2026-11-20T08:00:00Z", T::DateTime),
        ("08:00:00", T::Time),
        ("2026-02-30", T::String),
    ] {
        assert_eq!(simple_type(text), expected, "{text}");
    }
    assert_eq!(common_type(["1", "1.5"].into_iter()), T::Decimal);
    assert_eq!(common_type(["1", ""].into_iter()), T::String);
}

#[test]
fn siblings_tell_what_repeats_and_what_may_lack() {
    let root = read(
        &XML,
        "<o:Order xmlns:o='urn:o' id='7'><o:Line n='1'><Sku>007</Sku><Price>1</Price></o:Line>\
         <o:Line><Sku>A</Sku><Note/><Price>1.5</Price></o:Line><o:End>2026-11-20</o:End></o:Order>",
    );
    let shape = xml(&[&root]);
    assert_eq!(validate(&root, &shape, Format::Xml, 9), []);
    assert_eq!(shape.namespace.as_deref(), Some("urn:o"));
    assert!(shape.attribute("id").is_some_and(|a| a.required && a.simple.base == SimpleType::Integer));
    let (_, line) = shape.child("Line").unwrap();
    assert_eq!(line.occurs, Occurs { min: 1, max: None });
    assert!(!line.attribute("n").unwrap().required);
    let names: Vec<&str> = line.children().iter().map(|child| child.name.as_str()).collect();
    assert_eq!(names, ["Sku", "Note", "Price"]);
    assert_eq!(line.child("Note").unwrap().1.occurs, Occurs::OPTIONAL);
    assert!(line.child("Sku").unwrap().1.namespace.is_none());
    let is =
        |name: &str, base| assert_eq!(line.child(name).unwrap().1.kind, ShapeKind::Simple(Simple::of(base)));
    is("Sku", SimpleType::String);
    is("Price", SimpleType::Decimal);
}

#[test]
fn what_has_no_order_may_be_anything() {
    for text in ["<a><b/><c/><b/></a>", "<a>x<b/></a>", "<a><p><b/><c/></p><p><c/><b/></p></a>"] {
        let root = read(&XML, text);
        let shape = xml(&[&root]);
        assert_eq!(validate(&root, &shape, Format::Xml, 9), [], "{text}");
        let any = |shape: &Shape| shape.kind == ShapeKind::Any;
        assert!(any(&shape) || shape.children().iter().any(any), "{text}");
    }
    let shape = xml(&[&read(&XML, "<a><p><b/><d/></p><p><b/><c/><d/></p></a>")]);
    let names: Vec<&str> = shape.child("p").unwrap().1.children().iter().map(|c| c.name.as_str()).collect();
    assert_eq!(names, ["b", "c", "d"]);
}

#[test]
fn json_keeps_its_own_types() {
    let root =
        read(&JSON, r#"{"a":[{"n":1,"s":"1"},{"n":1.5e3,"s":null}],"e":[],"m":[1,"x"],"d":"2026-11-20"}"#);
    let shape = json(&[&root], &ShapeKind::Any);
    assert_eq!(validate(&root, &shape, Format::Json, 9), []);
    let ShapeKind::Items(item) = &shape.child("a").unwrap().1.kind else { panic!("no array") };
    assert_eq!(item.child("n").unwrap().1.kind, ShapeKind::Simple(Simple::of(SimpleType::Decimal)));
    assert!(item.child("s").unwrap().1.nillable);
    assert_eq!(item.child("s").unwrap().1.kind, ShapeKind::Simple(Simple::of(SimpleType::String)));
    let ShapeKind::Items(item) = &shape.child("m").unwrap().1.kind else { panic!("no array") };
    assert_eq!(item.kind, ShapeKind::Any);
    assert_eq!(shape.child("d").unwrap().1.kind, ShapeKind::Simple(Simple::of(SimpleType::Date)));
}

fn xml_text() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![Just(String::new()), "[0-9.\\-]{1,6}", "[a-c ]{1,4}", Just("true".to_owned())];
    let name = "[abc]";
    let element = (name, leaf).prop_map(|(name, text)| format!("<{name}>{text}</{name}>"));
    element.prop_recursive(5, 40, 6, |inner| {
        ("[abc]", "[0-9]{0,2}", prop::collection::vec(inner, 0..6))
            .prop_map(|(name, at, inner)| format!("<{name} at='{at}'>{}</{name}>", inner.concat()))
    })
}

proptest! {
    #[test]
    fn a_sample_fits_its_shape(text in xml_text()) {
        let root = read(&XML, &text);
        prop_assert_eq!(validate(&root, &xml(&[&root]), Format::Xml, 9), []);
    }
}
