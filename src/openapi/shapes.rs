//! Shapes as JSON Schema (2020-12): of JSON documents, and of XML documents with what OpenAPI says of XML.

use serde_json::{Map, Value, json};

use super::simple::{simple, value as single};
use crate::schema::json_form::{TEXT, attribute_member, child_name};
use crate::schema::{AttributeShape, Mode, Occurs, Shape, ShapeKind, Simple, Variety};

/// The schema of a JSON document, or of the JSON form of an XML document.
pub fn json(shape: &Shape) -> Value {
    Value::Object(value(shape, shape.checking.mode.unwrap_or_default()))
}

/// The schema of an XML document (OpenAPI 3.1, section 4.8.26): members are the attributes and elements.
pub fn xml(shape: &Shape) -> Value {
    let mut schema = element(shape, shape.checking.mode.unwrap_or_default());
    if shape.children().len() > 1 {
        let order = "The order of the elements counts: they stand as they are listed here.";
        schema.insert("description".to_owned(), json!(order));
    }
    let mut xml = Map::from_iter([("name".to_owned(), json!(shape.name.as_str()))]);
    namespace(shape.namespace.as_deref(), &mut xml);
    wrapped(shape, &mut xml);
    schema.insert("xml".to_owned(), Value::Object(xml));
    Value::Object(schema)
}

/// A list of documents in one element; `item` is the schema of one of them.
pub fn xml_list(name: &str, around: Option<&str>, record: &Shape, item: Value) -> Value {
    let mut xml = Map::from_iter([("name".to_owned(), json!(name))]);
    namespace(around, &mut xml);
    let items = json!({ "type": "array", "items": item });
    let members = Map::from_iter([(record.name.to_string(), items)]);
    json!({ "type": "object", "properties": members, "xml": xml })
}

/// An element around the items of a list (OpenAPI 3.1, section 4.8.26.1).
fn wrapped(shape: &Shape, xml: &mut Map<String, Value>) {
    if shape.list_item().is_some() {
        xml.insert("wrapped".to_owned(), json!(true));
    }
}

fn namespace(namespace: Option<&str>, xml: &mut Map<String, Value>) {
    if let Some(namespace) = namespace {
        xml.insert("namespace".to_owned(), json!(namespace));
    }
}

/// A value of any kind; what it may be besides is said around it.
fn value(shape: &Shape, mode: Mode) -> Map<String, Value> {
    let schema = match &shape.kind {
        ShapeKind::Any => Map::new(),
        ShapeKind::Simple(of) if of.base.is_float() && matches!(of.variety, Variety::Atomic) => {
            return nullable(float(simple(of)), shape.nillable);
        }
        ShapeKind::Simple(of) => simple(of),
        ShapeKind::Items(item) => {
            array(value(item, mode), if item.occurs == Occurs::ONCE { ANY } else { item.occurs })
        }
        ShapeKind::Children(children) | ShapeKind::Open(children) => {
            let members = children.iter().filter(|child| may_be(child)).map(|child| Member {
                name: child.name.to_string(),
                required: child.occurs.min > 0,
                schema: value(child, mode),
            });
            object(members, is_closed(shape, mode))
        }
    };
    nullable(schema, shape.nillable)
}

/// Whether it may be there at all.
fn may_be(child: &Shape) -> bool {
    child.occurs.max != Some(0)
}

/// Any number.
const ANY: Occurs = Occurs { min: 0, max: None };

/// Whether nothing may stand in it that it does not name.
fn is_closed(shape: &Shape, mode: Mode) -> bool {
    mode == Mode::Strict && !matches!(shape.kind, ShapeKind::Open(_))
}

/// A number, or one of the three values that JSON has no numbers for.
fn float(schema: Map<String, Value>) -> Map<String, Value> {
    let words = json!({ "type": "string", "enum": ["INF", "-INF", "NaN"] });
    Map::from_iter([("anyOf".to_owned(), Value::Array(vec![Value::Object(schema), words]))])
}

struct Member {
    name: String,
    required: bool,
    schema: Map<String, Value>,
}

fn object(members: impl Iterator<Item = Member>, closed: bool) -> Map<String, Value> {
    let mut properties = Map::new();
    let mut required = Vec::new();
    for Member { name, required: is_required, schema } in members {
        if is_required {
            required.push(json!(name));
        }
        properties.insert(name, Value::Object(schema));
    }
    let mut out = Map::from_iter([("type".to_owned(), json!("object"))]);
    if !required.is_empty() {
        out.insert("required".to_owned(), Value::Array(required));
    }
    if !properties.is_empty() {
        out.insert("properties".to_owned(), Value::Object(properties));
    }
    if closed {
        out.insert("additionalProperties".to_owned(), json!(false));
    }
    out
}

fn array(item: Map<String, Value>, occurs: Occurs) -> Map<String, Value> {
    let mut out =
        Map::from_iter([("type".to_owned(), json!("array")), ("items".to_owned(), Value::Object(item))]);
    if occurs.min > 0 {
        out.insert("minItems".to_owned(), json!(occurs.min));
    }
    if let Some(max) = occurs.max {
        out.insert("maxItems".to_owned(), json!(max));
    }
    out
}

/// The same or null.
fn nullable(mut schema: Map<String, Value>, is: bool) -> Map<String, Value> {
    if !is || schema.is_empty() {
        return schema;
    }
    if let Some(Value::Array(values)) = schema.get_mut("enum") {
        values.push(Value::Null);
    }
    match (schema.get("type").cloned(), schema.get_mut("anyOf")) {
        (Some(one), _) => {
            schema.insert("type".to_owned(), json!([one, "null"]));
        }
        (None, Some(Value::Array(alternatives))) => alternatives.push(json!({ "type": "null" })),
        (None, _) => {}
    }
    schema
}

// ---- XML

/// An element's attributes and children as members, or its text.
fn element(shape: &Shape, mode: Mode) -> Map<String, Value> {
    if let Some(item) = shape.list_item() {
        let one = child_of(item.name.to_string(), &Shape { occurs: Occurs::ONCE, ..item.clone() }, mode);
        let mut one = one.schema;
        if let Value::Object(xml) = one.entry("xml").or_insert_with(|| json!({})) {
            xml.insert("name".to_owned(), json!(item.name.as_str()));
        }
        return nullable(array(one, item.occurs), shape.nillable);
    }
    let attributes = shape.attributes.iter().map(|attribute| attribute_of(shape, attribute));
    let schema = match &shape.kind {
        ShapeKind::Simple(of) if shape.attributes.is_empty() => simple(of),
        ShapeKind::Simple(of) => {
            let mut text = simple(of);
            // OpenAPI 3.1 has no word for the text of an element that has attributes.
            text.insert("xml".to_owned(), json!({ "x-text": true }));
            let text = Member { name: TEXT.to_owned(), required: true, schema: text };
            object(attributes.chain([text]), is_closed(shape, mode))
        }
        ShapeKind::Children(children) | ShapeKind::Open(children) => {
            let children =
                children.iter().enumerate().filter(|(_, child)| may_be(child)).map(|(at, child)| {
                    let name = child_name(children, at).to_string();
                    child_of(name, child, mode)
                });
            object(attributes.chain(children), is_closed(shape, mode))
        }
        ShapeKind::Any | ShapeKind::Items(_) => Map::new(),
    };
    nullable(schema, shape.nillable)
}

fn attribute_of(shape: &Shape, attribute: &AttributeShape) -> Member {
    let name = attribute_member(shape, attribute).to_string();
    let mut schema = simple(&attribute.simple);
    let mut xml = named(&name, &attribute.name);
    namespace(attribute.namespace.as_deref(), &mut xml);
    xml.insert("attribute".to_owned(), json!(true));
    schema.insert("xml".to_owned(), Value::Object(xml));
    Member { name, required: attribute.required, schema }
}

fn child_of(name: String, child: &Shape, mode: Mode) -> Member {
    let mut schema = element(child, mode);
    let mut xml = named(&name, &child.name);
    namespace(child.namespace.as_deref(), &mut xml);
    wrapped(child, &mut xml);
    if !xml.is_empty() {
        schema.insert("xml".to_owned(), Value::Object(xml));
    }
    let required = child.occurs.min > 0;
    if child.occurs.repeats() {
        // Without `wrapped` the items stand beside one another, each under the name of its own.
        schema = array(schema, child.occurs);
    }
    Member { name, required, schema }
}

/// The name where the member's is another.
fn named(member: &str, local: &str) -> Map<String, Value> {
    let own = (member != local).then(|| ("name".to_owned(), json!(local)));
    Map::from_iter(own)
}

/// The schema of the value of a parameter, and the text that counts where it is not given.
pub fn parameter(of: &Simple, default: Option<&str>) -> Value {
    let mut schema = simple(of);
    if let Some(default) = default {
        schema.insert("default".to_owned(), single(of, default));
    }
    Value::Object(schema)
}

#[cfg(test)]
#[path = "shapes_tests.rs"]
mod tests;
