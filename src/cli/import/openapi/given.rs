//! An OpenAPI document as it was given: its values, and at which line each of them stands.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde_json::Value;

use super::yaml;
use crate::document::codec::{Codec, Limits};
use crate::document::json::JSON;
use crate::document::text::decode;
use crate::schema::json_schema;

/// A document.
#[derive(Debug)]
pub struct Given {
    /// All of it.
    pub value: Value,
    places: Places,
}

/// Where values stand.
#[derive(Debug)]
enum Places {
    /// Looked up in the text.
    Json(Bytes),
    /// By their pointers.
    Yaml(BTreeMap<String, usize>),
}

/// A place in the document and what is wrong there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// A JSON pointer (RFC 6901); empty for the whole.
    pub pointer: String,
    /// The line, from 1, where it is known.
    pub line: Option<usize>,
    /// What is wrong.
    pub message: String,
}

impl Given {
    /// Reads JSON, or YAML where it does not begin as JSON does.
    ///
    /// # Errors
    /// It is neither.
    pub fn read(bytes: Vec<u8>) -> Result<Self, Wrong> {
        let bytes = Bytes::from(bytes);
        let whole = |line, message: String| Wrong { pointer: String::new(), line: Some(line), message };
        let text =
            decode(&bytes, None).map_err(|m| whole(m.line, format!("this is not text: {}", m.message)))?;
        if text.trim_start().starts_with('{') {
            let root = JSON.decode(&bytes, &Limits::default());
            let root = root.map_err(|m| whole(m.line, format!("this is not JSON: {}", m.message)))?;
            return Ok(Self { value: json_schema::value(&root), places: Places::Json(bytes) });
        }
        let (value, lines) =
            yaml::read(&text).map_err(|(line, why)| whole(line, format!("this is not YAML: {why}")))?;
        Ok(Self { value, places: Places::Yaml(lines) })
    }

    /// A mistake at a place.
    pub fn wrong(&self, pointer: &str, message: impl Into<String>) -> Wrong {
        let line = match &self.places {
            Places::Json(text) => json_schema::line(text, pointer),
            Places::Yaml(lines) => {
                // What is missing has no place of its own: what it is missing in does.
                let mut at = pointer;
                loop {
                    match (lines.get(at), at.rsplit_once('/')) {
                        (Some(line), _) => break Some(*line),
                        (None, Some((around, _))) => at = around,
                        (None, None) => break None,
                    }
                }
            }
        };
        Wrong { pointer: pointer.to_owned(), line, message: message.into() }
    }
}

/// A name as a part of a pointer.
pub fn part(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
