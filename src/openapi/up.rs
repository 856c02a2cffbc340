//! From the schemas of OpenAPI 3.0 to JSON Schema 2020-12, which those of 3.1 are.

use serde_json::{Map, Value, json};

/// The same schema in the words of 2020-12. Depth is bounded by who read it.
pub fn up(schema: &Value) -> Value {
    let Value::Object(members) = schema else { return schema.clone() };
    let mut out = Map::new();
    if let Some(reference @ Value::String(_)) = members.get("$ref") {
        // Beside a reference no other word counts (OpenAPI 3.0.3, section 4.7.23).
        out.insert("$ref".to_owned(), reference.clone());
        return Value::Object(out);
    }
    for (word, value) in members {
        let value = match (word.as_str(), value) {
            ("nullable" | "example", _) => continue,
            ("exclusiveMinimum" | "exclusiveMaximum", Value::Bool(_)) => continue,
            ("allOf" | "anyOf" | "oneOf", Value::Array(all)) => Value::Array(all.iter().map(up).collect()),
            ("not" | "items" | "additionalProperties", inner) => up(inner),
            ("properties", Value::Object(all)) => {
                Value::Object(all.iter().map(|(name, inner)| (name.clone(), up(inner))).collect())
            }
            (_, value) => value.clone(),
        };
        out.insert(word.clone(), value);
    }
    for (bound, word) in [("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")] {
        if members.get(word) == Some(&json!(true))
            && let Some(value) = out.remove(bound)
        {
            out.insert(word.to_owned(), value);
        }
    }
    if let Some(example) = members.get("example") {
        out.insert("examples".to_owned(), json!([example]));
    }
    match out.get("format").and_then(Value::as_str) {
        Some("byte") => {
            out.remove("format");
            out.insert("contentEncoding".to_owned(), json!("base64"));
        }
        Some("binary") => {
            out.remove("format");
        }
        _ => {}
    }
    if members.get("nullable") == Some(&json!(true)) { nullable(out) } else { Value::Object(out) }
}

/// The same or null.
fn nullable(mut out: Map<String, Value>) -> Value {
    let Some(name) = out.get("type").cloned() else {
        // Without a type only a reference or alternatives tell what it is.
        let narrows = ["allOf", "anyOf", "oneOf", "enum", "not"].iter().any(|word| out.contains_key(*word));
        return if narrows { json!({ "anyOf": [out, { "type": "null" }] }) } else { Value::Object(out) };
    };
    out.insert("type".to_owned(), json!([name, "null"]));
    if let Some(Value::Array(values)) = out.get_mut("enum")
        && !values.contains(&Value::Null)
    {
        values.push(Value::Null);
    }
    Value::Object(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_3_0_become_those_of_2020_12() {
        for (old, new) in [
            (
                json!({ "type": "string", "nullable": true, "enum": ["a"] }),
                json!({ "type": ["string", "null"], "enum": ["a", null] }),
            ),
            (
                json!({ "allOf": [{ "$ref": "#/a" }], "nullable": true }),
                json!({ "anyOf": [{ "allOf": [{ "$ref": "#/a" }] }, { "type": "null" }] }),
            ),
            (json!({ "minimum": 1, "exclusiveMinimum": true }), json!({ "exclusiveMinimum": 1 })),
            (json!({ "minimum": 1, "exclusiveMinimum": false }), json!({ "minimum": 1 })),
            (json!({ "example": 1 }), json!({ "examples": [1] })),
            (json!({ "$ref": "#/a", "description": "b" }), json!({ "$ref": "#/a" })),
            (
                json!({ "type": "string", "format": "byte" }),
                json!({ "type": "string", "contentEncoding": "base64" }),
            ),
            (
                json!({ "properties": { "a": { "nullable": true, "type": "object" } } }),
                json!({ "properties": { "a": { "type": ["object", "null"] } } }),
            ),
        ] {
            assert_eq!(up(&old), new, "{old}");
        }
    }
}
