//! Values between scripts and documents: numbers keep their lexical form both ways.

use compact_str::{CompactString, ToCompactString};
use rhai::{Array, Dynamic, Map};
use rust_decimal::Decimal;

use super::library::Row;
use super::typed;
use super::view::{Raised, View, raise};
use super::wide::Wide;
use crate::document::tree::{Attribute, Content, Element, Name};
use crate::document::value::Value;
use crate::schema::SimpleType;

/// Values within values that a result may have.
const DEPTH: usize = 64;

/// The content of a single value; `None` for elements, maps, lists and what is no value.
pub(super) fn leaf(value: &Dynamic) -> Option<Content> {
    if let Ok(text) = value.as_immutable_string_ref() {
        return Some(Content::Text(CompactString::from(text.as_str())));
    }
    if let Ok(number) = value.as_int() {
        return Some(Content::Number(number.to_compact_string()));
    }
    if let Ok(truth) = value.as_bool() {
        return Some(Content::Bool(truth));
    }
    if let Some(number) = value.read_lock::<Decimal>() {
        return Some(Content::Number(number.to_compact_string()));
    }
    if let Some(number) = value.read_lock::<Wide>() {
        return Some(Content::Number(number.text().clone()));
    }
    let character = value.as_char().ok()?;
    Some(Content::Text(character.to_compact_string()))
}

/// What a script's result is in a document.
pub(super) fn value(result: Dynamic) -> Result<Value, Raised> {
    value_at(result, 0)
}

fn value_at(result: Dynamic, depth: usize) -> Result<Value, Raised> {
    if depth >= DEPTH {
        return Err(raise(format!("the result goes deeper than {DEPTH} levels")));
    }
    if result.is_unit() {
        return Ok(Value::Absent);
    }
    if let Some(content) = leaf(&result) {
        return Ok(match content {
            Content::Text(text) => Value::Text(text),
            Content::Number(number) => Value::Number(number),
            Content::Bool(truth) => Value::Bool(truth),
            _ => Value::Absent,
        });
    }
    if let Some(view) = result.read_lock::<View>() {
        return Ok(Value::Tree(Box::new(view.copy())));
    }
    if let Some(row) = result.read_lock::<Row>() {
        let mut object = Element::with(Name::default(), Content::Children(Vec::new()));
        for (name, value) in row.cells().filter(|(_, value)| **value != Value::Absent) {
            object.push(Element::with(Name::local(name.clone()), value.clone().into_content()));
        }
        return Ok(Value::Tree(Box::new(object)));
    }
    match result.try_cast_result::<Array>() {
        Ok(list) => {
            let values = list.into_iter().map(|item| value_at(item, depth + 1));
            Ok(Value::List(values.collect::<Result<_, _>>()?))
        }
        Err(result) => match result.try_cast_result::<Map>() {
            Ok(map) => Ok(Value::Tree(Box::new(tree(map, depth)?))),
            Err(other) => Err(unfit(&other)),
        },
    }
}

/// A map as an object: `@name` is an attribute, `()` leaves a member out.
fn tree(map: Map, depth: usize) -> Result<Element, Raised> {
    let mut object = Element::with(Name::default(), Content::Children(Vec::new()));
    for (name, member) in map {
        let value = value_at(member, depth + 1)?;
        if value == Value::Absent {
            continue;
        }
        if let (Some(attribute), Some(value)) = (name.strip_prefix('@'), value.text()) {
            let name = Name::local(attribute);
            object.attributes.push(Attribute { name, value });
            continue;
        }
        let (attributes, content) = match value {
            Value::Tree(element) => (element.attributes, element.content),
            other => (Vec::new(), other.into_content()),
        };
        object.push(Element { name: Name::local(name.as_str()), attributes, content });
    }
    Ok(object)
}

/// A document's value in a script, when it is not an element.
pub(super) fn dynamic(value: &Value, simple: Option<SimpleType>) -> Option<Dynamic> {
    Some(match value {
        Value::Absent | Value::Nil => Dynamic::UNIT,
        Value::Text(text) => typed::text(text, simple),
        Value::Number(number) => typed::any_number(number).unwrap_or_else(|| typed::string(number)),
        Value::Bool(truth) => Dynamic::from(*truth),
        Value::Tree(_) | Value::List(_) => return None,
    })
}

/// Why that is no value for a document.
pub(super) fn unfit(value: &Dynamic) -> Raised {
    let what = match value.type_name() {
        "Fn" => "a function",
        name if name.contains("ange") => "a range",
        _ => "this",
    };
    raise(format!(
        "{what} is not a value for a document: give text, a number, true or false, a list, a map or an element"
    ))
}
