//! The schema of failures: problem documents in JSON and XML (RFC 9457), as every endpoint of an api writes them.

use serde_json::{Map, Value, json};

/// The name of the schema among the components.
pub(super) const NAME: &str = "Problem";

/// The schema of a problem document. In XML its members are elements, and `errors` holds an element `i` for each place
/// (RFC 9457, appendix B).
pub fn schema() -> Value {
    let mut schema = members();
    named(&mut schema);
    schema
}

/// The namespace of problems in XML.
const NAMESPACE: &str = "urn:ietf:rfc:7807";

/// Every element is in the namespace.
fn named(schema: &mut Value) {
    let Some(members) = schema.as_object_mut() else { return };
    let xml = members.entry("xml").or_insert_with(|| Value::Object(Map::new()));
    if let Some(xml) = xml.as_object_mut() {
        xml.insert("namespace".to_owned(), json!(NAMESPACE));
    }
    if let Some(items) = members.get_mut("items") {
        named(items);
    }
    let properties = members.get_mut("properties").and_then(Value::as_object_mut);
    properties.into_iter().flat_map(Map::values_mut).for_each(named);
}

fn members() -> Value {
    json!({
        "type": "object",
        "description": "A failure (RFC 9457).",
        "required": ["type", "title", "status", "detail", "code", "requestId"],
        "properties": {
            "type": { "type": "string", "format": "uri-reference" },
            "title": { "type": "string", "description": "What the status means." },
            "status": { "type": "integer", "minimum": 400, "maximum": 599 },
            "detail": { "type": "string", "description": "What went wrong this time." },
            "code": { "type": "string", "description": "What went wrong, for programs." },
            "requestId": {
                "type": "string",
                "description": "The id of the request, which the log of the gateway names too."
            },
            "fault": { "description": "What a declared fault says beside." },
            "errors": {
                "type": "array",
                "minItems": 1,
                "description": "Every place that does not fit.",
                "items": {
                    "type": "object",
                    "required": ["path", "detail"],
                    "properties": {
                        "path": { "type": "string" },
                        "line": { "type": "integer", "minimum": 1 },
                        "detail": { "type": "string" }
                    },
                    "xml": { "name": "i" }
                },
                "xml": { "wrapped": true }
            }
        },
        "xml": { "name": "problem" }
    })
}
