//! Tests of the JSON form, both ways.

use proptest::prelude::*;

use super::super::fixture::{ORDERS, order};
use super::super::{Format, ShapeKind, validate};
use super::*;
use crate::document::tree::Attribute;

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

#[test]
fn text_beside_elements_is_a_member() {
    let mut shape = order();
    shape.kind = ShapeKind::Any;
    shape.attributes.clear();
    let mut xml = Element::new(Name::qualified(ORDERS, "Order"));
    xml.nodes_mut().push(Node::Text("before ".into()));
    xml.push(Element::with(Name::local("b"), text("x")));
    xml.nodes_mut().push(Node::Text("after".into()));
    let form = to_json(&xml, &shape);
    assert_eq!(form.content, object(vec![("$", text("before after")), ("b", text("x"))]));
    let back = to_xml(form, &shape);
    assert_eq!(back.string_value(), "before afterx");
}

#[test]
fn what_a_closed_shape_does_not_know_is_kept() {
    let shape = order();
    let mut xml = to_xml(form(), &shape);
    xml.push(Element::with(Name::qualified(ORDERS, "Placed"), text("again")));
    xml.push(Element::with(Name::local("Note"), text("in no namespace")));
    xml.push(Element::with(Name::local("More"), text("m")));
    xml.attributes.push(Attribute { name: Name::qualified("urn:x", "id"), value: "other".into() });
    let form = to_json(&xml, &shape);
    let names: Vec<&str> = form.elements().map(|member| member.name.local.as_str()).collect();
    assert_eq!(names, ["id", "Placed", "Note", "Line", "@id", "{}Note", "More"]);
    assert_eq!(
        form.child("Placed").unwrap().content,
        items(vec![text("2026-11-20T08:00:00Z"), text("again")])
    );
    let back = to_xml(form, &shape);
    let names: Vec<String> = back.elements().skip(5).map(|child| child.name.to_string()).collect();
    assert_eq!(names, ["Note", "More"]);
}

#[test]
fn one_name_in_two_namespaces_makes_two_members() {
    let mut shape = order();
    let ShapeKind::Children(children) = &mut shape.kind else { panic!("no children") };
    let other = Shape { namespace: Some("urn:o".into()), ..children[0].clone() };
    children.push(other);
    shape.attributes.push(AttributeShape { namespace: Some("urn:o".into()), ..shape.attributes[0].clone() });
    let members: Vec<_> = json_shape(&shape).children().iter().map(|child| child.name.clone()).collect();
    assert_eq!(members, ["id", "@{urn:o}id", "Placed", "Note", "Line", "{urn:o}Placed"]);
    let mut xml = to_xml(form(), &shape);
    xml.push(Element::with(Name::qualified("urn:o", "Placed"), text("2026-11-21T08:00:00Z")));
    xml.attributes.push(Attribute { name: Name::qualified("urn:o", "id"), value: "o".into() });
    assert_eq!(validate(&xml, &shape, Format::Xml, 9), []);
    let form = to_json(&xml, &shape);
    assert_eq!(validate(&form, &json_shape(&shape), Format::Json, 9), []);
    assert_eq!(to_json(&to_xml(form.clone(), &shape), &shape), form);
    assert_eq!(form.child("{urn:o}Placed").unwrap().content, text("2026-11-21T08:00:00Z"));
}

/// XML as a server may answer it, mostly with the names of the order, in its namespace and in none.
fn any_xml() -> impl Strategy<Value = Element> {
    let name = || {
        let local = prop::sample::select(vec!["Order", "Placed", "Note", "Line", "Sku", "Price", "id", "x"]);
        (local, prop::sample::select(vec![ORDERS, "", "urn:o"]))
            .prop_map(|(local, namespace)| Name::qualified(namespace, local))
    };
    let attribute = move || prop::option::of((name(), "[a-z]{3}"));
    let with = |(name, content, attribute): (Name, Content, Option<(Name, String)>)| {
        let mut element = Element::with(name, content);
        let attribute = attribute.map(|(name, value)| Attribute { name, value: value.into() });
        element.attributes.extend(attribute);
        element
    };
    let leaf = (name(), "[a-z]{4}".prop_map(|text| Content::Text(text.into())), attribute()).prop_map(with);
    leaf.prop_recursive(4, 40, 6, move |inner| {
        let node = prop_oneof![
            4 => inner.prop_map(Node::Element),
            1 => "[a-z]{5}".prop_map(|text| Node::Text(text.into())),
        ];
        let nodes = prop::collection::vec(node, 0..6);
        (name(), nodes.prop_map(Content::Children), attribute()).prop_map(with)
    })
}

/// The text of each element and of all text around elements, in one order.
fn values(element: &Element, out: &mut Vec<String>) {
    out.extend(element.leaf().filter(|text| !text.is_empty()).map(str::to_owned));
    let own: String = element
        .nodes()
        .iter()
        .filter_map(|n| if let Node::Text(t) = n { Some(t.as_str()) } else { None })
        .collect();
    out.extend(Some(own).filter(|text| !text.is_empty()));
    element.elements().for_each(|child| values(child, out));
}

/// No object has a member twice.
fn is_object_form(element: &Element) -> bool {
    let mut names: Vec<_> = element.elements().map(|member| &member.name.local).collect();
    let count = names.len();
    names.sort();
    names.dedup();
    let unique = matches!(element.content, Content::Items(_)) || names.len() == count;
    unique && element.elements().all(is_object_form)
}

proptest! {
    #[test]
    fn no_text_and_no_value_disappears(mut xml in any_xml(), kind in 0..3) {
        let mut shape = order();
        match kind {
            0 => shape.kind = ShapeKind::Any,
            1 => shape.kind = ShapeKind::Open(shape.children().to_vec()),
            _ => {}
        }
        xml.name = Name::qualified(ORDERS, "Order");
        let form = to_json(&xml, &shape);
        prop_assert!(is_object_form(&form));
        let (mut wanted, mut found) = (Vec::new(), Vec::new());
        values(&xml, &mut wanted);
        values(&form, &mut found);
        for value in wanted {
            let at = found.iter().position(|found| *found == value);
            prop_assert!(at.is_some(), "{value} is gone from {form:?}");
            found.swap_remove(at.unwrap_or_default());
        }
    }
}

/// Tags, an order's list of texts: `<Tags><Tag>a</Tag></Tags>`.
fn tagged() -> Shape {
    let tag = Shape {
        name: "Tag".into(),
        occurs: Occurs { min: 1, max: Some(3) },
        ..order().children()[1].clone()
    };
    let mut tags = Shape {
        name: "Tags".into(),
        occurs: Occurs::OPTIONAL,
        nillable: true,
        kind: ShapeKind::Children(vec![tag]),
        ..order()
    };
    tags.attributes.clear();
    tags.form.list = true;
    Shape { kind: ShapeKind::Children(vec![tags]), ..order() }
}

#[test]
fn a_list_is_an_array_and_back() {
    let shape = tagged();
    let form =
        |tags: Content| Element::with(Name::default(), object(vec![("id", text("A-1")), ("Tags", tags)]));
    for (tags, errors) in [
        (items(vec![text("a"), text("b")]), 0),
        (items(vec![text("a"), Content::Nil]), 0),
        (items(vec![]), 1),
        (items(vec![text("a"), text("b"), text("c"), text("d")]), 1),
        (Content::Nil, 0),
        (object(vec![("Tag", items(vec![text("a")]))]), 1),
    ] {
        let form = form(tags.clone());
        assert_eq!(validate(&form, &json_shape(&shape), Format::Json, 9).len(), errors, "{tags:?}");
        let xml = to_xml(form.clone(), &shape);
        if errors == 0 {
            assert_eq!(validate(&xml, &shape, Format::Xml, 9), []);
            assert_eq!(to_json(&xml, &shape), form);
        }
    }
    let two = to_xml(form(items(vec![text("a"), text("b")])), &shape);
    let tags: Vec<_> = two.child("Tags").unwrap().elements().map(|tag| tag.name.local.as_str()).collect();
    assert_eq!(tags, ["Tag", "Tag"]);
}

#[test]
fn what_an_array_has_no_place_for_makes_a_list_an_object() {
    let shape = tagged();
    let mut xml = to_xml(
        Element::with(Name::default(), object(vec![("id", text("A-1")), ("Tags", items(vec![text("a")]))])),
        &shape,
    );
    let Content::Children(nodes) = &mut xml.content else { panic!("it has children") };
    let Some(Node::Element(tags)) = nodes.first_mut() else { panic!("it has tags") };
    tags.push(Element::with(Name::local("More"), text("x")));
    let json = to_json(&xml, &shape);
    let tags = json.child("Tags").unwrap();
    assert!(tags.child("Tag").is_some() && tags.child("More").is_some(), "{tags:?}");
    // And no more than white space in it is an empty array.
    let empty = Element::with(Name::local("Tags"), text(" "));
    assert_eq!(to_json(&empty, &shape.children()[0]).content, items(vec![]));
}

#[test]
fn what_is_left_out_is_no_empty_array() {
    let mut shape = order();
    if let ShapeKind::Children(children) = &mut shape.kind {
        children
            .iter_mut()
            .filter(|child| &*child.name == "Line")
            .for_each(|child| child.form.left_out = true);
    }
    let order = Element::new(Name { local: "Order".into(), namespace: Some(ORDERS.into()) });
    let names: Vec<_> = to_json(&order, &shape).elements().map(|child| child.name.local.clone()).collect();
    assert!(!names.iter().any(|name| name == "Line"), "{names:?}");
}
