//! Tests of the JSON form, both ways.

use super::super::fixture::{ORDERS, order};
use super::super::{Format, validate};
use super::*;

fn text(text: &str) -> Content {
    Content::Text(text.into())
}

fn number(text: &str) -> Content {
    Content::Number(text.into())
}

fn object(members: Vec<(&str, Content)>) -> Content {
    Content::Children(members.into_iter().map(|(name, content)| named(name, content)).collect())
}

fn items(items: Vec<Content>) -> Content {
    let item = |content| Node::Element(Element::with(Name::default(), content));
    Content::Items(items.into_iter().map(item).collect())
}

/// The members in another order than the shape's.
fn form() -> Element {
    let line = |quantity: &str, price: &str| {
        object(vec![
            ("Gift", Content::Bool(true)),
            ("Price", object(vec![("$", number(price)), ("currency", text("EUR"))])),
            ("Quantity", number(quantity)),
            ("Sku", text("A")),
        ])
    };
    let root = object(vec![
        ("Line", items(vec![line("2", "1.5e1"), line("3", "0.50")])),
        ("Note", Content::Nil),
        ("Placed", text("2026-11-20T08:00:00Z")),
        ("id", text("A-1")),
    ]);
    Element::with(Name::default(), root)
}

#[test]
fn a_form_becomes_a_document_in_the_order_of_the_shape() {
    let shape = order();
    assert_eq!(validate(&form(), &json_shape(&shape), Format::Json, 9), []);
    let xml = to_xml(form(), &shape);
    assert_eq!(validate(&xml, &shape, Format::Xml, 9), []);
    assert!(xml.name.is(ORDERS, "Order"));
    assert_eq!(xml.attribute("id"), Some("A-1"));
    let names: Vec<&str> = xml.elements().map(|child| child.name.local.as_str()).collect();
    assert_eq!(names, ["Placed", "Note", "Line", "Line"]);
    let line = xml.child("Line").unwrap();
    assert_eq!(line.child("Price").unwrap().leaf(), Some("15"));
    assert_eq!(line.child("Price").unwrap().attribute("currency"), Some("EUR"));
    assert_eq!(line.child("Gift").unwrap().leaf(), Some("true"));
    assert!(xml.child("Note").unwrap().is_nil());
}

#[test]
fn a_document_becomes_its_form_with_types_and_arrays() {
    let shape = order();
    let form = to_json(&to_xml(form(), &shape), &shape);
    assert_eq!(validate(&form, &json_shape(&shape), Format::Json, 9), []);
    assert_eq!(form.child("id").unwrap().content, text("A-1"));
    let lines = form.child("Line").unwrap();
    let line = lines.elements().nth(1).unwrap();
    assert_eq!(line.child("Quantity").unwrap().content, number("3"));
    assert_eq!(line.child("Price").unwrap().child("$").unwrap().content, number("0.5"));
    assert_eq!(line.child("Gift").unwrap().content, Content::Bool(true));
    assert_eq!(form.child("Note").unwrap().content, Content::Nil);
    let empty = to_json(&Element::new(Name::qualified(ORDERS, "Order")), &shape);
    assert_eq!(empty.child("Line").unwrap().content, items(vec![]));
    assert!(empty.child("Note").is_none());
}

#[test]
fn an_attribute_steps_aside_for_an_element_of_its_name() {
    let mut shape = order();
    shape.attributes[0].name = "Placed".into();
    let form = json_shape(&shape);
    assert_eq!(form.children()[0].name, "@Placed");
    let members = object(vec![("@Placed", text("x")), ("Placed", text("2026-11-20T08:00:00Z"))]);
    let xml = to_xml(Element::with(Name::default(), members), &shape);
    assert_eq!(xml.attribute("Placed"), Some("x"));
    assert_eq!(to_json(&xml, &shape).child("@Placed").unwrap().content, text("x"));
}

#[test]
fn anything_goes_both_ways() {
    let mut shape = order();
    shape.kind = ShapeKind::Any;
    shape.attributes.clear();
    let members = vec![("@lang", text("en")), ("a", items(vec![text("1"), text("2")])), ("b", text("x"))];
    let xml = to_xml(Element::with(Name::default(), object(members)), &shape);
    assert_eq!(xml.attribute("lang"), Some("en"));
    assert_eq!(xml.elements().count(), 3);
    let form = to_json(&xml, &shape);
    assert_eq!(form.child("a").unwrap().content, items(vec![text("1"), text("2")]));
    assert_eq!(form.child("@lang").unwrap().content, text("en"));
}

#[test]
fn numbers_of_all_types_are_numbers() {
    use super::super::fixture::leaf;
    for (base, text, expected) in [
        (SimpleType::UnsignedByte, " +007 ", Content::Number("7".into())),
        (SimpleType::Double, "+01.50E+2", Content::Number("1.5e+2".into())),
        (SimpleType::Double, "1e-5000", Content::Number("1e-5000".into())),
        (SimpleType::Float, ".5", Content::Number("0.5".into())),
        (SimpleType::Float, "-INF", Content::Text("-INF".into())),
        (SimpleType::Double, "NaN", Content::Text("NaN".into())),
        (SimpleType::GYear, "2026", Content::Text("2026".into())),
    ] {
        let shape = leaf("A", base);
        let document = Element::with(Name::qualified(ORDERS, "A"), Content::Text(text.into()));
        let form = to_json(&document, &shape);
        assert_eq!(form.content, expected, "{base:?} {text}");
        assert!(validate(&form, &json_shape(&shape), Format::Json, 1).is_empty(), "{base:?} {text}");
        let back = to_xml(form, &shape);
        assert!(validate(&back, &shape, Format::Xml, 1).is_empty(), "{base:?} {text}");
    }
}
