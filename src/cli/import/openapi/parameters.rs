//! The parameters of an operation: those of the query, header fields that tell it from others, and what is left out of both.

use hyper::header::{HeaderName, HeaderValue};
use serde_json::{Value, json};

use super::given::part;
use super::read::{Query, Reader};
use crate::listener::tells_routes;

/// What is declared beside the body.
#[derive(Debug, Default)]
pub struct Parameters {
    /// Those of the query.
    pub query: Vec<Query>,
    /// Header fields with the values that they must have.
    pub conditions: Vec<(String, String)>,
}

/// The parameters of an operation at `at` of a path at `item`; one of the operation's own goes before one of the path.
pub fn parameters(reader: &mut Reader<'_>, item: &str, at: &str, notes: &mut Vec<String>) -> Parameters {
    let mut found = Parameters::default();
    let mut known: Vec<(String, String)> = Vec::new();
    for around in [at, item] {
        let pointer = format!("{around}/parameters");
        let count = reader.given.value.pointer(&pointer).and_then(Value::as_array).map_or(0, Vec::len);
        for index in 0..count {
            let pointer = format!("{pointer}/{}", part(&index.to_string()));
            let Some((value, at)) = reader.resolved(&pointer) else { continue };
            let text = |word: &str| value.get(word).and_then(Value::as_str).unwrap_or_default().to_owned();
            let key = (text("in"), text("name"));
            if !known.contains(&key) {
                known.push(key.clone());
                one(reader, (value, &at), (&key.0, &key.1), &mut found, notes);
            }
        }
    }
    found
}

fn one(
    reader: &mut Reader<'_>,
    (value, at): (&Value, &str),
    (place, name): (&str, &str),
    found: &mut Parameters,
    notes: &mut Vec<String>,
) {
    let description = value.get("description").and_then(Value::as_str).unwrap_or_default();
    let schema = value.get("schema").map(|_| format!("{at}/schema"));
    match place {
        "path" => {
            if let Some(typing) =
                schema.and_then(|schema| reader.resolved(&schema)).and_then(|(s, _)| typing(s))
            {
                notes.push(format!("that {{{name}}} of the path is {typing}"));
            }
            if !description.is_empty() {
                notes.push(format!("what {{{name}}} of the path is: {description}"));
            }
        }
        "query" if name.is_empty() => reader.refuse(at, "a parameter has a name"),
        "query" => {
            if let Some((media, ..)) = reader.members(&format!("{at}/content")).first() {
                notes.push(format!("that the parameter {name} is in {media}"));
            }
            if value.get("deprecated") == Some(&Value::Bool(true)) {
                notes.push(format!("that the parameter {name} is deprecated"));
            }
            found.query.push(Query {
                name: name.to_owned(),
                required: value.get("required") == Some(&Value::Bool(true)),
                description: description.to_owned(),
                schema,
            });
        }
        "header" => {
            let required = value.get("required") == Some(&Value::Bool(true));
            let schema = schema.and_then(|schema| reader.resolved(&schema)).map(|(schema, _)| schema);
            match schema.filter(|_| required).and_then(only).filter(|only| is_condition(name, only)) {
                Some(only) => found.conditions.push((name.to_owned(), only.to_owned())),
                None => notes.push(format!("the header {name}: read it as request.header.{name}")),
            }
        }
        "cookie" => notes.push(format!("the cookie {name}")),
        _ => reader.refuse(at, "a parameter is in the path, the query, the header or a cookie"),
    }
}

/// What a schema says of a segment, beyond what every segment is: a text that is not empty.
fn typing(schema: &Value) -> Option<String> {
    let mut members = schema.as_object()?.clone();
    for (word, value) in [("type", json!("string")), ("minLength", json!(1))] {
        if members.get(word) == Some(&value) {
            members.remove(word);
        }
    }
    (!members.is_empty()).then(|| schema.to_string())
}

/// The only value that a schema allows.
fn only(schema: &Value) -> Option<&str> {
    if let Some(value) = schema.get("const") {
        return value.as_str();
    }
    match schema.get("enum")?.as_array()?.as_slice() {
        [only] => only.as_str(),
        _ => None,
    }
}

/// Whether a route can ask for that.
fn is_condition(name: &str, value: &str) -> bool {
    let fits = !value.is_empty() && value.trim() == value && HeaderValue::from_str(value).is_ok();
    fits && HeaderName::from_bytes(name.as_bytes()).is_ok_and(|name| tells_routes(&name))
}
