//! Where the references of a schema lead: by URI, pointer and anchor, over all its files.

use std::collections::HashMap;

use serde_json::Value;

use super::files::{Files, resolve};
use super::uri;

/// A subschema with the URI that references in it are relative to.
#[derive(Debug, Clone)]
pub struct Target<'a> {
    /// The subschema.
    pub schema: &'a Value,
    /// Its base.
    pub base: String,
}

/// Every place with a name of its own.
#[derive(Debug, Default)]
pub struct Index<'a> {
    places: HashMap<String, Target<'a>>,
}

impl<'a> Index<'a> {
    /// Of all files.
    pub fn new(files: &'a Files) -> Self {
        let mut index = Self::default();
        for file in &files.files {
            index
                .places
                .insert(file.uri.clone(), Target { schema: &file.value, base: base(&file.value, &file.uri) });
            index.walk(&file.value, &file.uri);
        }
        index
    }

    fn walk(&mut self, value: &'a Value, around: &str) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| self.walk(item, around)),
            Value::Object(members) => {
                let base = base(value, around);
                let target = || Target { schema: value, base: base.clone() };
                if base != around {
                    self.places.entry(base.clone()).or_insert_with(target);
                }
                let old = members.get("$id").and_then(Value::as_str).and_then(|id| id.strip_prefix('#'));
                let text = |name: &str| members.get(name).and_then(Value::as_str);
                for anchor in [text("$anchor"), text("$dynamicAnchor"), old].into_iter().flatten() {
                    self.places.entry(format!("{base}#{anchor}")).or_insert_with(target);
                }
                let inner = members.iter().filter(|(name, _)| !matches!(name.as_str(), "const" | "enum"));
                inner.for_each(|(_, member)| self.walk(member, &base));
            }
            _ => {}
        }
    }

    /// Where a reference leads; `None` where that is decided by the document, or is one of the standard's own.
    pub fn find(&self, base: &str, reference: &str) -> Option<Target<'a>> {
        let (_, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let document = resolve(base, reference)?;
        if !fragment.is_empty() && !fragment.starts_with('/') {
            return self.places.get(&format!("{document}#{fragment}")).cloned();
        }
        let fragment = uri::decode(fragment)?;
        let mut here = self.places.get(&document)?.clone();
        for segment in fragment.split('/').skip(1) {
            let name = segment.replace("~1", "/").replace("~0", "~");
            here.schema = match here.schema {
                Value::Array(items) => items.get(name.parse::<usize>().ok()?)?,
                Value::Object(members) => members.get(&name)?,
                _ => return None,
            };
            here.base = self::base(here.schema, &here.base);
        }
        Some(here)
    }
}

/// The base of a subschema: by its own `$id`, else that of what is around it.
pub fn base(schema: &Value, around: &str) -> String {
    let id = schema.get("$id").and_then(Value::as_str).filter(|id| !id.starts_with('#'));
    id.and_then(|id| resolve(around, id)).unwrap_or_else(|| around.to_owned())
}
