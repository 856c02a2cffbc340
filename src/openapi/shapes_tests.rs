//! Tests of schemas made from shapes: types and facets, lists, attributes, and what XML has besides.

use serde_json::json;

use super::*;
use crate::schema::json_form::json_shape;
use crate::schema::{GivenFacets, SimpleType};

fn leaf(name: &str, simple: Simple) -> Shape {
    Shape {
        name: name.into(),
        namespace: Some("urn:o".into()),
        occurs: Occurs::ONCE,
        nillable: false,
        attributes: Vec::new(),
        kind: ShapeKind::Simple(simple),
        checking: Default::default(),
        form: Default::default(),
    }
}

fn narrowed(base: SimpleType, change: impl FnOnce(&mut GivenFacets)) -> Simple {
    let mut given = GivenFacets::default();
    change(&mut given);
    Simple::of(base).restrict(&given).unwrap()
}

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn order() -> Shape {
    let id = AttributeShape {
        name: "id".into(),
        namespace: None,
        required: true,
        simple: narrowed(SimpleType::String, |facets| facets.patterns = vec!["[A-Z]-[0-9]+".into()]),
    };
    let price = Shape {
        attributes: vec![AttributeShape { required: false, name: "currency".into(), ..id.clone() }],
        ..leaf("Price", narrowed(SimpleType::Decimal, |facets| facets.min_exclusive = text("0")))
    };
    let note =
        Shape { nillable: true, occurs: Occurs::OPTIONAL, ..leaf("Note", Simple::of(SimpleType::String)) };
    let line = Shape {
        occurs: Occurs { min: 1, max: Some(9) },
        kind: ShapeKind::Children(vec![leaf("Sku", Simple::of(SimpleType::String)), price]),
        ..leaf("Line", Simple::of(SimpleType::String))
    };
    Shape {
        attributes: vec![id],
        kind: ShapeKind::Children(vec![note, line]),
        ..leaf("Order", Simple::of(SimpleType::String))
    }
}

#[test]
fn the_json_form_is_described_with_what_narrows_it() {
    let pattern = "^[A-Z]-[0-9]+$";
    let expected = json!({
        "type": "object",
        "required": ["id", "Line"],
        "properties": {
            "id": { "type": "string", "pattern": pattern },
            "Note": { "type": ["string", "null"] },
            "Line": {
                "type": "array",
                "minItems": 1,
                "maxItems": 9,
                "items": {
                    "type": "object",
                    "required": ["Sku", "Price"],
                    "properties": {
                        "Sku": { "type": "string" },
                        "Price": {
                            "type": "object",
                            "required": ["$"],
                            "properties": {
                                "currency": { "type": "string", "pattern": pattern },
                                "$": { "type": "number", "exclusiveMinimum": 0 }
                            },
                            "additionalProperties": false
                        }
                    },
                    "additionalProperties": false
                }
            }
        },
        "additionalProperties": false
    });
    assert_eq!(json(&json_shape(&order())), expected);
}

#[test]
fn xml_has_names_namespaces_attributes_and_text() {
    let schema = xml(&order());
    assert_eq!(schema["xml"], json!({ "name": "Order", "namespace": "urn:o" }));
    assert_eq!(schema["properties"]["id"]["xml"], json!({ "attribute": true }));
    assert_eq!(schema["properties"]["Note"]["xml"], json!({ "namespace": "urn:o" }));
    let items = &schema["properties"]["Line"]["items"];
    assert_eq!(items["xml"], json!({ "namespace": "urn:o" }));
    assert_eq!(items["properties"]["Price"]["properties"]["$"]["xml"], json!({ "x-text": true }));
    let list = xml_list("OrderList", None, &order(), json!({ "$ref": "#/a" }));
    assert_eq!(list["properties"]["Order"], json!({ "type": "array", "items": { "$ref": "#/a" } }));
    assert_eq!(list["xml"], json!({ "name": "OrderList" }));
}

#[test]
fn members_and_attributes_of_one_name_keep_their_own_in_xml() {
    let shape = Shape {
        attributes: vec![AttributeShape {
            name: "Note".into(),
            namespace: None,
            required: false,
            simple: Simple::of(SimpleType::Int),
        }],
        ..order()
    };
    let schema = xml(&shape);
    assert_eq!(schema["properties"]["@Note"]["xml"], json!({ "name": "Note", "attribute": true }));
    assert_eq!(schema["properties"]["@Note"]["minimum"], json!(-2147483648));
}

#[test]
fn types_have_formats_bounds_and_words() {
    let of = |simple: &Simple| parameter(simple, None);
    for (simple, expected) in [
        (Simple::of(SimpleType::Boolean), json!({ "type": "boolean" })),
        (Simple::of(SimpleType::DateTime), json!({ "type": "string", "format": "date-time" })),
        (Simple::of(SimpleType::Base64Binary), json!({ "type": "string", "contentEncoding": "base64" })),
        (
            Simple::of(SimpleType::UnsignedByte),
            json!({ "type": "integer", "format": "int32", "minimum": 0, "maximum": 255 }),
        ),
        (Simple::of(SimpleType::PositiveInteger), json!({ "type": "integer", "minimum": 1 })),
        (
            narrowed(SimpleType::Integer, |facets| facets.enumeration = vec!["1".into(), "+02".into()]),
            json!({ "type": "integer", "enum": [1, 2] }),
        ),
        (
            narrowed(SimpleType::String, |facets| facets.length = text("2")),
            json!({ "type": "string", "minLength": 2, "maxLength": 2 }),
        ),
        (
            narrowed(SimpleType::Decimal, |facets| {
                facets.total_digits = text("5");
                facets.fraction_digits = text("2");
            }),
            json!({ "type": "number", "description": "At most 5 digits. At most 2 digits behind the point." }),
        ),
        (
            narrowed(SimpleType::Date, |facets| facets.min_inclusive = text("2026-01-01")),
            json!({ "type": "string", "format": "date", "description": "At least 2026-01-01." }),
        ),
        (
            narrowed(SimpleType::String, |facets| facets.patterns = vec![r"\p{Lu}+".into()]),
            json!({ "type": "string", "description": r"Matches the XML Schema pattern \p{Lu}+." }),
        ),
        (
            Simple::list_of(Simple::of(SimpleType::Int).into()),
            json!({ "type": "string", "description": "A list of values of type int, separated by spaces." }),
        ),
    ] {
        assert_eq!(of(&simple), expected);
    }
    let float = json(&Shape { nillable: true, ..leaf("f", Simple::of(SimpleType::Float)) });
    assert_eq!(float["anyOf"][2], json!({ "type": "null" }));
}

#[test]
fn only_strict_documents_refuse_what_they_do_not_name() {
    let mut shape = order();
    shape.checking.mode = Some(Mode::Lax);
    assert!(!json(&json_shape(&shape)).to_string().contains("additionalProperties"));
    let open = Shape { kind: ShapeKind::Open(Vec::new()), ..order() };
    assert!(json(&open).get("additionalProperties").is_none());
}

#[test]
fn a_list_is_an_array_with_an_element_around_it() {
    let tag = Shape { occurs: Occurs { min: 1, max: None }, ..leaf("Tag", Simple::of(SimpleType::String)) };
    let mut tags = Shape {
        kind: ShapeKind::Children(vec![tag]),
        nillable: true,
        ..leaf("Tags", Simple::of(SimpleType::String))
    };
    tags.form.list = true;
    let shape =
        Shape { kind: ShapeKind::Children(vec![tags]), ..leaf("Order", Simple::of(SimpleType::String)) };
    assert_eq!(
        xml(&shape)["properties"]["Tags"],
        json!({
            "type": ["array", "null"], "minItems": 1,
            "items": { "type": "string", "xml": { "name": "Tag", "namespace": "urn:o" } },
            "xml": { "namespace": "urn:o", "wrapped": true }
        })
    );
    assert_eq!(
        json(&json_shape(&shape))["properties"]["Tags"],
        json!({ "type": ["array", "null"], "minItems": 1, "items": { "type": "string" } })
    );
}
