//! Tests of the schema writer: the whole text, and what must hold for every set of shapes.

use super::super::fixture::{element, leaf, order};
use super::super::{Occurs, ShapeKind, SimpleType};
use super::*;

fn texts(schemas: &Schemas, indent: usize) -> Vec<String> {
    schemas.write(indent).into_iter().map(|schema| schema.text).collect()
}

#[test]
fn an_order_is_written_as_its_golden_says() {
    let mut schemas = Schemas::default();
    schemas.add(&order()).unwrap();
    let golden = include_str!("../../tests/golden/order.xsd");
    assert_eq!(texts(&schemas, 0).concat(), golden);
}

#[test]
fn elements_of_other_namespaces_are_imported() {
    let inner = Shape { namespace: None, ..leaf("Plain", SimpleType::String) };
    let wrapper = |name: &str| Shape {
        namespace: Some("urn:w".into()),
        ..element(name, Occurs::ONCE, ShapeKind::Children(vec![order(), inner.clone()]))
    };
    let mut schemas = Schemas::default();
    schemas.add(&wrapper("a")).unwrap();
    schemas.add(&wrapper("b")).unwrap();
    assert_eq!(schemas.namespaces().collect::<Vec<_>>(), [Some("urn:w"), Some("urn:example:orders")]);
    let text = texts(&schemas, 1);
    assert_eq!(text.len(), 2);
    assert_eq!(text[0].matches("<xs:import namespace=\"urn:example:orders\"/>").count(), 1);
    assert_eq!(text[0].matches("<xs:element ref=\"n2:Order\"/>").count(), 2);
    assert!(text[0].contains("<xs:element name=\"Plain\" type=\"xs:string\"/>"), "{}", text[0]);
    assert!(text[0].contains("elementFormDefault=\"unqualified\""));
    assert_eq!(text[1].matches("<xs:element name=\"Order\">").count(), 1);
}

#[test]
fn one_name_is_one_shape() {
    let mut schemas = Schemas::default();
    schemas.add(&order()).unwrap();
    schemas.add(&Shape { occurs: Occurs::OPTIONAL, ..order() }).unwrap();
    let clash = schemas.add(&leaf("Order", SimpleType::String)).unwrap_err();
    assert_eq!(clash, Clash { namespace: "urn:example:orders".into(), local: "Order".into() });
}

/// An order with a gift that never leaves, in a namespace of its own.
fn hiding() -> Shape {
    let mut gift = Shape { namespace: Some("urn:gift".into()), ..leaf("Gift", SimpleType::String) };
    gift.occurs = Occurs::OPTIONAL;
    gift.form.left_out = true;
    element("Order", Occurs::ONCE, ShapeKind::Children(vec![leaf("Sku", SimpleType::String), gift]))
}

#[test]
fn what_never_leaves_is_written_where_documents_come_in() {
    let shape = hiding();
    let mut leaves = Schemas::default();
    leaves.add(&shape).unwrap();
    assert_eq!(leaves.namespaces().count(), 1);
    assert!(!texts(&leaves, 0).concat().contains("Gift"));
    // Whichever comes first, one name is one element: it is as the documents are that have more.
    for incoming_first in [true, false] {
        let mut schemas = Schemas::default();
        let both = [shape.incoming().into_owned(), shape.clone()];
        let ordered: Vec<&Shape> =
            if incoming_first { both.iter().collect() } else { both.iter().rev().collect() };
        ordered.into_iter().for_each(|one| schemas.add(one).unwrap());
        let text = texts(&schemas, 0).concat();
        assert!(text.contains("<xs:element ref=\"n2:Gift\" minOccurs=\"0\"/>"), "{text}");
        assert!(text.contains("<xs:import namespace=\"urn:gift\"/>"), "{text}");
        assert!(text.contains("<xs:element name=\"Gift\""), "{text}");
    }
}

#[test]
fn all_facets_and_varieties_are_written() {
    use super::super::{GivenFacets, Simple};
    let text = |text: &str| Some(text.to_owned());
    let pattern = |pattern: &str| GivenFacets { patterns: vec![pattern.into()], ..GivenFacets::default() };
    let price = GivenFacets {
        min_exclusive: text("0"),
        max_exclusive: text("1000"),
        total_digits: text("5"),
        fraction_digits: text("2"),
        ..GivenFacets::default()
    };
    let price = Simple::of(SimpleType::Decimal).restrict(&price).unwrap();
    let code = Simple::of(SimpleType::Token).restrict(&pattern("[A-Z]+")).unwrap();
    let code = code.restrict(&pattern(".{2}")).unwrap();
    let collapsed = GivenFacets { white_space: text("collapse"), ..GivenFacets::default() };
    let collapsed = Simple::of(SimpleType::String).restrict(&collapsed).unwrap();
    let prices = Simple::list_of(Arc::new(price.clone()));
    let few = GivenFacets { max_length: text("3"), ..GivenFacets::default() };
    let few = prices.restrict(&few).unwrap();
    let either = Simple::union_of(vec![Arc::new(Simple::of(SimpleType::Int)), Arc::new(code.clone())]);
    let children = [
        ("Price", price),
        ("Code", code),
        ("Collapsed", collapsed),
        ("Few", few),
        ("Either", either),
        ("Names", Simple::of(SimpleType::NmTokens)),
        ("Born", Simple::of(SimpleType::GYear)),
    ];
    let children = children.map(|(name, simple)| element(name, Occurs::ONCE, ShapeKind::Simple(simple)));
    let mut schemas = Schemas::default();
    schemas.add(&element("All", Occurs::ONCE, ShapeKind::Children(children.to_vec()))).unwrap();
    assert_eq!(texts(&schemas, 0).concat(), include_str!("../../tests/golden/types.xsd"));
}

#[test]
fn what_is_qualified_otherwise_says_so() {
    let plain = Shape { namespace: None, ..leaf("Plain", SimpleType::String) };
    let mut root =
        element("R", Occurs::ONCE, ShapeKind::Children(vec![leaf("Own", SimpleType::String), plain]));
    root.attributes = order().attributes;
    let own = root.attributes[0].clone();
    root.attributes.push(super::super::AttributeShape {
        name: "qualified".into(),
        namespace: root.namespace.clone(),
        ..own
    });
    let mut schemas = Schemas::default();
    schemas.add(&root).unwrap();
    let text = texts(&schemas, 0).concat();
    assert!(text.contains("elementFormDefault=\"qualified\""), "{text}");
    assert!(text.contains("<xs:element name=\"Plain\" form=\"unqualified\""), "{text}");
    assert!(text.contains("<xs:attribute name=\"qualified\" form=\"qualified\""), "{text}");
    assert_eq!(text.matches("form=\"qualified\"").count(), 1, "{text}");
}
