//! An OpenAPI document as it was given: its values, and at which line each of them stands.

use std::collections::BTreeMap;
use std::path::Path;

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
    /// Reads JSON, or YAML where it does not begin as JSON does. The ending of the path tells what one that is neither was
    /// meant to be.
    ///
    /// # Errors
    /// It is neither.
    pub fn read(bytes: Vec<u8>, path: &Path) -> Result<Self, Wrong> {
        let bytes = Bytes::from(bytes);
        let whole = |line, message: String| Wrong { pointer: String::new(), line: Some(line), message };
        let text =
            decode(&bytes, None).map_err(|m| whole(m.line, format!("this is not text: {}", m.message)))?;
        let json = |since: &str| {
            let root = JSON.decode(&bytes, &Limits::default()).map_err(|m| {
                whole(m.line, format!("this is not JSON, as which {since} it is read: {}", m.message))
            })?;
            Ok(Self { value: json_schema::value(&root), places: Places::Json(bytes.clone()) })
        };
        if text.trim_start().starts_with('{') {
            return json("by its first `{`");
        }
        match yaml::read(&text) {
            Ok((value, lines)) => Ok(Self { value, places: Places::Yaml(lines) }),
            Err(_) if path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json")) => {
                json("by its ending")
            }
            Err((line, why)) => Err(whole(
                line,
                format!("this is not YAML, as which it is read without a `{{` at first: {why}"),
            )),
        }
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
