//! The shapes that the tests of this folder check against.

use super::{AttributeShape, GivenFacets, Occurs, Shape, ShapeKind, Simple, SimpleType};

/// The namespace of the order.
pub(super) const ORDERS: &str = "urn:example:orders";

/// An element in the namespace of the order.
pub(super) fn element(name: &str, occurs: Occurs, kind: ShapeKind) -> Shape {
    let namespace = Some(ORDERS.into());
    Shape {
        name: name.into(),
        namespace,
        occurs,
        nillable: false,
        attributes: Vec::new(),
        kind,
        checking: Default::default(),
        form: Default::default(),
    }
}

/// A leaf that occurs once.
pub(super) fn leaf(name: &str, base: SimpleType) -> Shape {
    element(name, Occurs::ONCE, ShapeKind::Simple(Simple::of(base)))
}

/// An order: attribute `id`; `Placed`, `Note?` (nillable), `Line+` of `Sku`, `Quantity` (1 or more), `Price` with a
/// currency, `Gift?`.
pub(super) fn order() -> Shape {
    let from_one = GivenFacets { min_inclusive: Some("1".into()), ..GivenFacets::default() };
    let quantity = Simple::of(SimpleType::Integer).restrict(&from_one).unwrap();
    let two = GivenFacets { enumeration: vec!["EUR".into(), "USD".into()], ..GivenFacets::default() };
    let currency = Simple::of(SimpleType::String).restrict(&two).unwrap();
    let price = Shape {
        attributes: vec![AttributeShape {
            name: "currency".into(),
            namespace: None,
            required: false,
            simple: currency,
        }],
        ..leaf("Price", SimpleType::Decimal)
    };
    let line = vec![
        leaf("Sku", SimpleType::String),
        element("Quantity", Occurs::ONCE, ShapeKind::Simple(quantity)),
        price,
        Shape { occurs: Occurs::OPTIONAL, ..leaf("Gift", SimpleType::Boolean) },
    ];
    let children = vec![
        leaf("Placed", SimpleType::DateTime),
        Shape { nillable: true, occurs: Occurs::OPTIONAL, ..leaf("Note", SimpleType::String) },
        element("Line", Occurs { min: 1, max: None }, ShapeKind::Children(line)),
    ];
    let id = AttributeShape {
        name: "id".into(),
        namespace: None,
        required: true,
        simple: Simple::of(SimpleType::String),
    };
    Shape { attributes: vec![id], ..element("Order", Occurs::ONCE, ShapeKind::Children(children)) }
}
