//! Bodies by media type: the same type twice is one that may hold either.

use serde_json::{Map, Value, json};

use super::components::Components;
use super::{Content, Contract, Media, Version, down};

/// The `content` of a request or answer (OpenAPI 3.1, section 4.8.14).
pub(super) fn content(media: &[Media], components: &mut Components, version: Version) -> Value {
    let mut found: Vec<(&str, Vec<Value>)> = Vec::new();
    for Media { essence, content } in media {
        let schema = schema(content, components);
        match found.iter_mut().find(|(known, _)| *known == essence) {
            Some((_, schemas)) if schemas.contains(&schema) => {}
            Some((_, schemas)) => schemas.push(schema),
            None => found.push((essence, vec![schema])),
        }
    }
    let one = |(essence, schemas): (&str, Vec<Value>)| {
        let schema = match schemas.as_slice() {
            [only] => only.clone(),
            several => json!({ "anyOf": several }),
        };
        let schema = if version == Version::V30 { down::down(&schema) } else { schema };
        (essence.to_owned(), json!({ "schema": schema }))
    };
    Value::Object(found.into_iter().map(one).collect::<Map<_, _>>())
}

/// A problem with the code of a fault, and its detail: text where it is in no format that JSON has a form of.
fn fault(code: &str, detail: Option<&Contract>, components: &mut Components) -> Value {
    let mut members = json!({ "code": { "type": "string", "enum": [code] } });
    let mut required = vec!["code"];
    if let (Some(detail), Some(members)) = (detail, members.as_object_mut()) {
        members.insert("fault".to_owned(), components.contract(detail, false));
        required.push("fault");
    }
    let own = json!({ "type": "object", "required": required, "properties": members });
    json!({ "allOf": [components.problem(), own] })
}

fn schema(content: &Content, components: &mut Components) -> Value {
    match content {
        Content::Json(contract) => components.contract(contract, false),
        Content::Xml(contract) => components.contract(contract, true),
        Content::Text => json!({ "type": "string" }),
        Content::Bytes => json!({ "type": "string", "contentMediaType": "application/octet-stream" }),
        Content::Parts => json!({ "type": "object" }),
        Content::Any => json!({}),
        Content::Fault(code, detail) => fault(code, detail.as_ref(), components),
        Content::Problem => components.problem(),
    }
}
