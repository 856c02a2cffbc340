//! Tests of the check against shapes. Trees are built by hand: the readers of XML and JSON stand beside this module.

use proptest::prelude::*;

use super::super::fixture::{ORDERS, order};
use super::super::json_form::json_shape;
use super::*;
use crate::document::tree::{Name, Node};

fn el(name: &str, content: Content) -> Element {
    Element::with(Name::qualified(ORDERS, name), content)
}

fn text(name: &str, text: &str) -> Element {
    el(name, Content::Text(text.into()))
}

fn with(name: &str, children: Vec<Element>) -> Element {
    el(name, Content::Children(children.into_iter().map(Node::Element).collect()))
}

fn line(quantity: &str) -> Element {
    with("Line", vec![text("Sku", "A"), text("Quantity", quantity), text("Price", " 1.50 ")])
}

fn document(children: Vec<Element>) -> Element {
    let mut root = with("Order", children);
    root.attributes.push(Attribute { name: Name::local("id"), value: "A-1".into() });
    root
}

fn placed() -> Element {
    text("Placed", "2026-11-20T08:00:00Z")
}

fn found(root: &Element) -> Vec<String> {
    let found = validate(root, &order(), Format::Xml, 20);
    found.into_iter().map(|v| format!("{}: {}", v.path, v.message)).collect()
}

#[test]
fn a_right_document_has_no_violations() {
    assert_eq!(found(&document(vec![placed(), line("1"), line(" 2\n")])), [""; 0]);
    let nil = el("Note", Content::Nil);
    assert_eq!(found(&document(vec![placed(), nil, line("1")])), [""; 0]);
}

#[test]
fn wrong_values_are_named_with_their_place() {
    let long = "x".repeat(60);
    let mut root = document(vec![text("Placed", "yesterday"), line("1"), line("0"), line(&long)]);
    root.attributes.push(Attribute { name: Name::local("Id"), value: "b".into() });
    assert_eq!(
        found(&root),
        [
            "Order/@Id: this attribute is not known here; did you mean `id`?".to_owned(),
            "Order/Placed: found `yesterday`, expected a date and time like 2026-11-20T08:00:00Z".to_owned(),
            "Order/Line[2]/Quantity: found `0`, expected at least 1".to_owned(),
            format!("Order/Line[3]/Quantity: found `{}...`, expected an integer", "x".repeat(40)),
        ]
    );
}

#[test]
fn order_and_occurrence_count() {
    assert_eq!(
        found(&document(vec![line("1"), placed()])),
        ["Order/Placed: this element stands too late: the order of the elements counts"]
    );
    assert_eq!(
        found(&document(vec![placed(), placed(), line("1")])),
        ["Order/Placed: found more of this element than the 1 allowed"]
    );
    assert_eq!(
        found(&document(vec![])),
        ["Order/Placed: this element is missing", "Order/Line: this element is missing"]
    );
    let mut nameless = document(vec![placed(), line("1")]);
    nameless.attributes.clear();
    assert_eq!(found(&nameless), ["Order: the attribute `id` is missing"]);
}

#[test]
fn what_is_not_declared_is_refused() {
    let other = Element::with(Name::local("Line"), Content::Empty);
    assert_eq!(
        found(&document(vec![placed(), text("Lin", ""), line("1"), other])),
        [
            "Order/Lin: this element is not known here; did you mean `Line`?",
            "Order/Line: found the element `Line` in no namespace, expected `Line` in namespace `urn:example:orders`",
        ]
    );
    let mut mixed = document(vec![placed(), line("1")]);
    mixed.nodes_mut().push(Node::Text(" and more".into()));
    assert_eq!(found(&mixed), ["Order: found the text ` and more`, expected only elements here"]);
    assert_eq!(found(&document(vec![placed(), with("Line", vec![line("1")])])).len(), 4);
    let placed = with("Placed", vec![text("X", "")]);
    assert_eq!(
        found(&document(vec![placed, line("1")])),
        ["Order/Placed: found the element `X`, expected a date and time like 2026-11-20T08:00:00Z"]
    );
    assert_eq!(
        found(&document(vec![el("Placed", Content::Nil), line("1")])),
        ["Order/Placed: found nil (xsi:nil), which is not allowed here"]
    );
    assert_eq!(
        found(&text("Ordre", "")),
        [
            "Ordre: found the element `Ordre` in namespace `urn:example:orders`, expected `Order` in namespace \
         `urn:example:orders`"
        ]
    );
}

#[test]
fn no_more_than_the_bound_is_reported() {
    let lines = (0..100).map(|_| line("x"));
    let root = document(std::iter::once(placed()).chain(lines).collect());
    assert_eq!(validate(&root, &order(), Format::Xml, 7).len(), 7);
}

fn member(name: &str, content: Content) -> Node {
    Node::Element(Element::with(Name::local(name), content))
}

fn json(members: Vec<Node>) -> Vec<String> {
    let root = Element::with(Name::default(), Content::Children(members));
    let found = validate(&root, &json_shape(&order()), Format::Json, 20);
    found.into_iter().map(|v| format!("{}: {}", v.path, v.message)).collect()
}

#[test]
fn json_values_have_types() {
    let price = Content::Children(vec![member("$", Content::Number("1.5e1".into()))]);
    let line = |quantity: Content, price: Content| {
        let members = vec![
            member("Price", price),
            member("Quantity", quantity),
            member("Sku", Content::Text("A".into())),
        ];
        Node::Element(Element::with(Name::default(), Content::Children(members)))
    };
    let placed = || member("Placed", Content::Text("2026-11-20T08:00:00".into()));
    let id = || member("id", Content::Text("1".into()));
    let lines = |items| member("Line", Content::Items(items));
    let right = line(Content::Number("2".into()), price.clone());
    assert_eq!(json(vec![lines(vec![right]), member("Note", Content::Nil), placed(), id()]), [""; 0]);
    let wrong = line(Content::Text("2".into()), Content::Bool(true));
    assert_eq!(
        json(vec![placed(), lines(vec![wrong]), member("lines", Content::Nil)]),
        [
            "$.Line[0].Price: found the boolean, expected an object",
            "$.Line[0].Quantity: found the string `2`, expected an integer",
            "$.lines: this member is not known here; did you mean `Line`?",
            "$.id: this member is missing",
        ]
    );
    assert_eq!(json(vec![placed(), id(), lines(vec![])]), ["$.Line: found 0 items, expected at least 1"]);
    assert_eq!(
        json(vec![placed(), id(), member("Line", Content::Number("1".into()))]),
        ["$.Line: found the number, expected an array"]
    );
}

fn any_element() -> impl Strategy<Value = Element> {
    let name = || {
        prop_oneof![
            "Order",
            "Line",
            "Sku",
            "Quantity",
            "Price",
            "Placed",
            "Note",
            "[a-zé]{0,3}",
            Just("$".to_owned())
        ]
    };
    let leaf = prop_oneof![
        Just(Content::Empty),
        Just(Content::Nil),
        any::<bool>().prop_map(Content::Bool),
        "\\PC{0,6}".prop_map(|text| Content::Text(text.into())),
        "-?[0-9]{0,3}[.e]?[0-9]{0,3}".prop_map(|text| Content::Number(text.into())),
    ];
    let named = move |content: Content, local: String, qualified: bool| {
        let name = if qualified { Name::qualified(ORDERS, local) } else { Name::local(local) };
        Element::with(name, content)
    };
    let start = (leaf, name(), any::<bool>()).prop_map(move |(c, n, q)| named(c, n, q));
    start.prop_recursive(4, 40, 6, move |inner| {
        let node = prop_oneof![4 => inner.prop_map(Node::Element), 1 => "[ a]{0,2}".prop_map(|t| Node::Text(t.into()))];
        let nodes = proptest::collection::vec(node, 0..6);
        (nodes, name(), any::<bool>(), any::<bool>()).prop_map(move |(nodes, name, qualified, items)| {
            named(if items { Content::Items(nodes) } else { Content::Children(nodes) }, name, qualified)
        })
    })
}

proptest! {
    #[test]
    fn any_tree_is_checked_without_panic_and_within_the_bound(root in any_element(), bound in 0usize..5) {
        prop_assert!(validate(&root, &order(), Format::Xml, bound).len() <= bound);
        prop_assert!(validate(&root, &json_shape(&order()), Format::Json, bound).len() <= bound);
        for violation in validate(&root, &order(), Format::Xml, 20) {
            prop_assert!(!violation.path.is_empty() && !violation.message.contains('\n'));
        }
    }

    #[test]
    fn a_form_that_fits_makes_a_document_that_fits(root in any_element()) {
        let form = json_shape(&order());
        let made = super::super::json_form::to_json(&root, &order());
        if validate(&made, &form, Format::Json, 1).is_empty() {
            let back = super::super::json_form::to_xml(made, &order());
            prop_assert_eq!(validate(&back, &order(), Format::Xml, 20), vec![]);
        }
    }
}
