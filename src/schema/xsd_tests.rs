//! Tests of the schema writer: the whole text, and what must hold for every set of shapes.

use super::super::fixture::{element, leaf, order};
use super::super::{Occurs, ShapeKind, SimpleType};
use super::*;

#[test]
fn an_order_is_written_as_its_golden_says() {
    let mut schemas = Schemas::default();
    schemas.add(&order()).unwrap();
    let golden = include_str!("../../tests/golden/order.xsd");
    assert_eq!(schemas.write(0).concat(), golden);
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
    let text = schemas.write(1);
    assert_eq!(text.len(), 2);
    assert_eq!(text[0].matches("<xs:import namespace=\"urn:example:orders\"/>").count(), 1);
    assert_eq!(text[0].matches("<xs:element ref=\"ns1:Order\"/>").count(), 2);
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

#[test]
fn patterns_that_mean_something_else_are_left_out() {
    use super::super::{Facets, Simple};
    let pattern = |text: &str| {
        let pattern = Some((text.to_owned(), regex::Regex::new(text).unwrap()));
        let simple = Simple { base: SimpleType::String, facets: Facets { pattern, ..Facets::default() } };
        let mut schemas = Schemas::default();
        schemas.add(&element("a", Occurs::ONCE, ShapeKind::Simple(simple))).unwrap();
        schemas.write(0).concat().contains("<xs:pattern")
    };
    assert!(pattern("[^a-z]{2}-\\d+"));
    assert!(!pattern("(?i)abc"));
    assert!(!pattern("^abc$"));
}
