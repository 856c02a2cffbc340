//! From the schemas of OpenAPI 3.1 (JSON Schema 2020-12) to those of 3.0.3, which says less: what is left out only widens.

use serde_json::{Map, Number, Value, json};

/// Words that mean the same in 3.0.3 (section 4.7.24), and hold no schemas.
const SAME: &[&str] = &[
    "$ref",
    "default",
    "deprecated",
    "description",
    "discriminator",
    "enum",
    "example",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "externalDocs",
    "format",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "nullable",
    "pattern",
    "readOnly",
    "required",
    "title",
    "type",
    "uniqueItems",
    "writeOnly",
    "xml",
];

/// The same schema in the words of 3.0.3.
pub fn down(schema: &Value) -> Value {
    let members = match schema {
        Value::Object(members) => members,
        Value::Bool(false) => return json!({ "not": {} }),
        _ => return json!({}),
    };
    let mut out = Map::new();
    for (word, value) in members {
        if let Some(value) = translated(word, value) {
            out.insert(word.clone(), value);
        }
    }
    constant(members, &mut out);
    encoded(members, &mut out);
    null(&mut out);
    bounds(&mut out);
    if out.get("type") == Some(&json!("array")) && !out.contains_key("items") {
        out.insert("items".to_owned(), json!({}));
    }
    // What names do not tell, patterns of names may: it is open then.
    if members.contains_key("patternProperties") {
        out.remove("additionalProperties");
    }
    reference(out)
}

/// A word with what its schemas become; `None` for one that there is not.
fn translated(word: &str, value: &Value) -> Option<Value> {
    let all = |value: &Value| value.as_array().map(|all| Value::Array(all.iter().map(down).collect()));
    match word {
        "allOf" | "anyOf" | "oneOf" => all(value),
        "not" | "items" => Some(down(value)),
        "additionalProperties" if value.is_boolean() => Some(value.clone()),
        "additionalProperties" => Some(down(value)),
        "properties" => {
            let members = value.as_object()?.iter().map(|(name, schema)| (name.clone(), down(schema)));
            Some(Value::Object(members.collect()))
        }
        word if SAME.contains(&word) || word.starts_with("x-") => Some(value.clone()),
        _ => None,
    }
}

fn constant(members: &Map<String, Value>, out: &mut Map<String, Value>) {
    if let Some(value) = members.get("const") {
        out.insert("enum".to_owned(), json!([value]));
    }
    if let Some(Value::Array(examples)) = members.get("examples")
        && let Some(first) = examples.first()
    {
        out.insert("example".to_owned(), first.clone());
    }
}

/// Bytes are a format of strings (section 4.4).
fn encoded(members: &Map<String, Value>, out: &mut Map<String, Value>) {
    if members.get("contentEncoding") == Some(&json!("base64")) {
        out.insert("format".to_owned(), json!("byte"));
    } else if members.get("contentMediaType") == Some(&json!("application/octet-stream")) {
        out.insert("format".to_owned(), json!("binary"));
    }
}

/// Null is no type but a word of its own, and there is one type only.
fn null(out: &mut Map<String, Value>) {
    let mut nullable = false;
    match out.remove("type") {
        Some(Value::Array(types)) => {
            let own: Vec<Value> = types.iter().filter(|name| **name != json!("null")).cloned().collect();
            nullable = own.len() < types.len();
            match own.as_slice() {
                [one] => {
                    out.insert("type".to_owned(), one.clone());
                }
                [] => only_null(out),
                several => alternatives(several, out),
            }
        }
        Some(name) if name == json!("null") => {
            nullable = true;
            only_null(out);
        }
        Some(name) => {
            out.insert("type".to_owned(), name);
        }
        None => {}
    }
    for word in ["anyOf", "oneOf"] {
        let Some(Value::Array(all)) = out.get_mut(word) else { continue };
        let before = all.len();
        all.retain(|schema| !is_null(schema));
        nullable |= all.len() < before;
        if all.is_empty() {
            out.remove(word);
            only_null(out);
        }
    }
    if nullable {
        out.insert("nullable".to_owned(), json!(true));
    }
}

/// What [`only_null`] makes of the type null.
fn is_null(schema: &Value) -> bool {
    schema.get("enum") == Some(&json!([null])) && schema.get("nullable") == Some(&json!(true))
}

fn only_null(out: &mut Map<String, Value>) {
    out.insert("type".to_owned(), json!("string"));
    out.insert("enum".to_owned(), json!([null]));
}

/// Several types, beside other alternatives that there may be.
fn alternatives(types: &[Value], out: &mut Map<String, Value>) {
    let one = |name: &Value| match name.as_str() {
        Some("array") => json!({ "type": "array", "items": {} }),
        _ => json!({ "type": name }),
    };
    let types = Value::Array(types.iter().map(one).collect());
    if out.contains_key("anyOf") {
        let all = out.entry("allOf").or_insert_with(|| json!([]));
        if let Some(all) = all.as_array_mut() {
            all.push(json!({ "anyOf": types }));
        }
    } else {
        out.insert("anyOf".to_owned(), types);
    }
}

/// A bound that is not allowed itself is the bound and a word that says so.
fn bounds(out: &mut Map<String, Value>) {
    for (exclusive, bound, is_lower) in
        [("exclusiveMinimum", "minimum", true), ("exclusiveMaximum", "maximum", false)]
    {
        let Some(Value::Number(limit)) = out.get(exclusive).cloned() else { continue };
        out.remove(exclusive);
        let beyond = |other: &Number| match (limit.as_f64(), other.as_f64()) {
            (Some(limit), Some(other)) => {
                if is_lower {
                    other > limit
                } else {
                    other < limit
                }
            }
            _ => false,
        };
        if out.get(bound).and_then(Value::as_number).is_some_and(beyond) {
            continue;
        }
        out.insert(bound.to_owned(), Value::Number(limit));
        out.insert(exclusive.to_owned(), json!(true));
    }
}

/// Beside a reference no other word counts (section 4.7.23): it goes into one of its own.
fn reference(mut out: Map<String, Value>) -> Value {
    if out.len() > 1
        && let Some(reference) = out.remove("$ref")
    {
        let all = out.entry("allOf").or_insert_with(|| json!([]));
        if let Some(all) = all.as_array_mut() {
            all.insert(0, json!({ "$ref": reference }));
        }
    }
    Value::Object(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_3_1_become_those_of_3_0() {
        for (new, old) in [
            (
                json!({ "type": ["string", "null"], "maxLength": 3 }),
                json!({ "type": "string", "maxLength": 3, "nullable": true }),
            ),
            (
                json!({ "type": ["string", "integer"] }),
                json!({ "anyOf": [{ "type": "string" }, { "type": "integer" }] }),
            ),
            (
                json!({ "anyOf": [{ "$ref": "#/a" }, { "type": "null" }] }),
                json!({ "anyOf": [{ "$ref": "#/a" }], "nullable": true }),
            ),
            (
                json!({ "type": "number", "exclusiveMinimum": 0 }),
                json!({ "type": "number", "minimum": 0, "exclusiveMinimum": true }),
            ),
            (json!({ "exclusiveMinimum": 0, "minimum": 1 }), json!({ "minimum": 1 })),
            (json!({ "const": "a" }), json!({ "enum": ["a"] })),
            (
                json!({ "$ref": "#/a", "description": "b" }),
                json!({ "description": "b", "allOf": [{ "$ref": "#/a" }] }),
            ),
            (json!({ "type": "array", "prefixItems": [true] }), json!({ "type": "array", "items": {} })),
            (
                json!({ "type": "string", "contentEncoding": "base64" }),
                json!({ "type": "string", "format": "byte" }),
            ),
            (
                json!({ "examples": [1, 2], "if": true, "not": false }),
                json!({ "not": { "not": {} }, "example": 1 }),
            ),
            (json!({ "additionalProperties": false, "patternProperties": {} }), json!({})),
            (json!({ "type": "null" }), json!({ "type": "string", "enum": [null], "nullable": true })),
            (json!(true), json!({})),
        ] {
            assert_eq!(down(&new), old, "{new}");
        }
    }
}
