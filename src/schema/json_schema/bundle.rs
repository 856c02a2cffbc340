//! A schema with all its files as one document of 2020-12: what contracts show of a profile that a JSON Schema made.

use std::collections::BTreeSet;

use jsonschema::Draft;
use serde_json::{Map, Value, json};

use super::draft;
use super::files::{File, Files};
use super::resolve::{Index, Target, base};

/// Subschemas that a bundle may hold; what is more may be anything.
const MOST_PLACES: usize = 50_000;

/// A schema whose references lead to its own parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    /// The schema. A reference in it is `#/$defs/NAME`, or `#` for the schema itself.
    pub root: Value,
    /// What references lead to, each under its name, in the order they are met.
    pub parts: Vec<(String, Value)>,
}

/// Bundles a schema that compiles. Later drafts are taken over word by word, earlier ones (4 to 7) in the words of 2020-12.
pub fn bundle(files: &Files) -> Option<Bundle> {
    let root = files.files.first()?;
    let mut bundler = Bundler {
        files,
        root: &root.value,
        index: Index::new(files),
        met: Vec::new(),
        names: BTreeSet::new(),
        places: 0,
    };
    let target = Target { schema: &root.value, base: base(&root.value, &root.uri) };
    let root = bundler.schema(&target, bundler.is_old(&target.base));
    let mut parts = Vec::new();
    while let Some((name, target)) = bundler.met.get(parts.len()).cloned() {
        let old = bundler.is_old(&target.base);
        parts.push((name, bundler.schema(&target, old)));
    }
    Some(Bundle { root, parts })
}

struct Bundler<'a> {
    files: &'a Files,
    root: &'a Value,
    index: Index<'a>,
    /// Where references lead, in the order they are met.
    met: Vec<(String, Target<'a>)>,
    names: BTreeSet<String>,
    places: usize,
}

/// Words that only say what a schema is called or where its parts are.
const NAMING: &[&str] = &[
    "$schema",
    "$id",
    "id",
    "$anchor",
    "$dynamicAnchor",
    "$recursiveAnchor",
    "$vocabulary",
    "$comment",
    "$defs",
    "definitions",
];

/// Words whose value is a schema.
const ONE: &[&str] = &[
    "additionalProperties",
    "contains",
    "contentSchema",
    "else",
    "if",
    "items",
    "not",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
];

/// Words whose value is a list of schemas, and those whose value has one under each name.
const SEVERAL: &[&str] = &["allOf", "anyOf", "oneOf", "prefixItems"];
const NAMED: &[&str] = &["dependentSchemas", "patternProperties", "properties"];

/// The schemas that a word of a schema holds: none for one whose value is data, such as `default` or `enum`.
pub fn below<'v>(word: &str, value: &'v mut Value) -> Vec<&'v mut Value> {
    let is = |words: &[&str]| words.contains(&word);
    if is(ONE) && !value.is_array() || word == "additionalItems" {
        return vec![value];
    }
    match value {
        Value::Array(all) if is(SEVERAL) || word == "items" => all.iter_mut().collect(),
        Value::Object(all) if is(NAMED) || is(&["$defs", "definitions", "dependencies"]) => {
            all.iter_mut().map(|(_, schema)| schema).collect()
        }
        _ => Vec::new(),
    }
}

impl<'a> Bundler<'a> {
    /// Whether words beside a reference count for nothing: in drafts before 2019-09.
    fn is_old(&self, base: &str) -> bool {
        let is = |file: &&File| file.uri == base || file.id() == Some(base);
        let file = self.files.files.iter().find(is).or(self.files.files.first());
        let old = [Draft::Draft4, Draft::Draft6, Draft::Draft7];
        file.is_some_and(|file| old.contains(&draft(&file.value)))
    }

    /// Depth is bounded by the reader's limit.
    fn schema(&mut self, target: &Target<'a>, old: bool) -> Value {
        self.places += 1;
        let members = match target.schema {
            Value::Object(members) if self.places <= MOST_PLACES => members,
            Value::Bool(allowed) => return Value::Bool(*allowed),
            _ => return Value::Bool(true),
        };
        let mut out = Map::new();
        for word in ["$ref", "$dynamicRef", "$recursiveRef"] {
            if let Some(Value::String(reference)) = members.get(word) {
                if let Some(to) = self.reference(&target.base, reference) {
                    out.insert("$ref".to_owned(), Value::String(to));
                }
                if old {
                    return Value::Object(out);
                }
            }
        }
        for (word, value) in members {
            self.word(word, value, target, old, &mut out);
        }
        if let Some(exclusive) = members.get("exclusiveMinimum").filter(|value| value.is_boolean()) {
            exclude(exclusive, "minimum", "exclusiveMinimum", &mut out);
        }
        if let Some(exclusive) = members.get("exclusiveMaximum").filter(|value| value.is_boolean()) {
            exclude(exclusive, "maximum", "exclusiveMaximum", &mut out);
        }
        Value::Object(out)
    }

    fn word(
        &mut self,
        word: &str,
        value: &'a Value,
        target: &Target<'a>,
        old: bool,
        out: &mut Map<String, Value>,
    ) {
        let mut below = |schema: &'a Value| {
            let inner = Target { schema, base: base(schema, &target.base) };
            self.schema(&inner, old)
        };
        let (name, value) = match (word, value) {
            (word, _) if NAMING.contains(&word) => return,
            ("$ref" | "$dynamicRef" | "$recursiveRef", _) => return,
            ("exclusiveMinimum" | "exclusiveMaximum", Value::Bool(_)) => return,
            // Before 2020-12 a list of items is what `prefixItems` is now, and `additionalItems` what `items` is.
            ("items", Value::Array(items)) => {
                ("prefixItems", Value::Array(items.iter().map(&mut below).collect()))
            }
            ("additionalItems", rest) => match target.schema.get("items") {
                Some(Value::Array(_)) => ("items", below(rest)),
                _ => return,
            },
            ("dependencies", Value::Object(members)) => return self.dependencies(members, target, old, out),
            (word, schema) if ONE.contains(&word) => (word, below(schema)),
            (word, Value::Array(all)) if SEVERAL.contains(&word) => {
                (word, Value::Array(all.iter().map(&mut below).collect()))
            }
            (word, Value::Object(all)) if NAMED.contains(&word) => {
                let all = all.iter().map(|(name, schema)| (name.clone(), below(schema)));
                (word, Value::Object(all.collect()))
            }
            (word, value) => (word, value.clone()),
        };
        out.insert(name.to_owned(), value);
    }

    /// What is two words since 2019-09.
    fn dependencies(
        &mut self,
        members: &'a Map<String, Value>,
        target: &Target<'a>,
        old: bool,
        out: &mut Map<String, Value>,
    ) {
        for (name, value) in members {
            let (word, value) = match value {
                Value::Array(_) => ("dependentRequired", value.clone()),
                schema => {
                    let inner = Target { schema, base: base(schema, &target.base) };
                    ("dependentSchemas", self.schema(&inner, old))
                }
            };
            let all = out.entry(word).or_insert_with(|| json!({}));
            if let Some(all) = all.as_object_mut() {
                all.insert(name.clone(), value);
            }
        }
    }

    /// The reference to the same place in the bundle; `None` for one that leads out of it.
    fn reference(&mut self, base: &str, reference: &str) -> Option<String> {
        let target = self.index.find(base, reference)?;
        if std::ptr::eq(target.schema, self.root) {
            return Some("#".to_owned());
        }
        let known = self.met.iter().find(|(_, known)| std::ptr::eq(known.schema, target.schema));
        let name = match known {
            Some((name, _)) => name.clone(),
            None => {
                let name = self.name(reference);
                self.met.push((name.clone(), target));
                name
            }
        };
        Some(format!("#/$defs/{name}"))
    }

    /// A name of its own for what a reference leads to: its last part.
    fn name(&mut self, reference: &str) -> String {
        let last = reference.trim_end_matches('#').rsplit(['/', '#']).find(|part| !part.is_empty());
        let last = last.unwrap_or("part").trim_end_matches(".json").trim_end_matches(".schema");
        let plain = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' };
        let name: String = last.chars().map(plain).collect();
        let mut own = name.clone();
        let mut number = 2;
        while !self.names.insert(own.clone()) {
            own = format!("{name}-{number}");
            number += 1;
        }
        own
    }
}

/// `minimum` with `exclusiveMinimum: true` (draft 4) as the one word that they are now.
fn exclude(exclusive: &Value, bound: &str, word: &str, out: &mut Map<String, Value>) {
    if *exclusive == Value::Bool(true)
        && let Some(value) = out.remove(bound)
    {
        out.insert(word.to_owned(), value);
    }
}

#[cfg(test)]
mod tests {
    use super::super::load;
    use super::*;

    fn bundled(files: &[(&str, Value)]) -> Bundle {
        let mut read = |path: &str| {
            let found = files.iter().find(|(name, _)| *name == path);
            found.map(|(_, value)| value.to_string().into_bytes()).ok_or_else(|| "none".to_owned())
        };
        bundle(&load(files[0].0, &[], &mut read).unwrap()).unwrap()
    }

    #[test]
    fn references_lead_to_parts_of_the_bundle() {
        let root = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "https://example.com/a.json",
            "properties": { "to": { "$ref": "#/$defs/address" }, "next": { "$ref": "#" },
                "other": { "$ref": "b.json#/$defs/address" }, "again": { "$ref": "#/$defs/address", "title": "b" } },
            "$defs": { "address": { "properties": { "up": { "$ref": "#/$defs/address" } } } },
        });
        let other = json!({ "$defs": { "address": { "type": "string" } } });
        let bundle = bundled(&[("a.json", root), ("b.json", other)]);
        assert_eq!(
            bundle.root,
            json!({ "properties": { "to": { "$ref": "#/$defs/address" }, "next": { "$ref": "#" },
                "other": { "$ref": "#/$defs/address-2" }, "again": { "$ref": "#/$defs/address", "title": "b" } } })
        );
        let address = json!({ "properties": { "up": { "$ref": "#/$defs/address" } } });
        let other = json!({ "type": "string" });
        assert_eq!(bundle.parts, [("address".to_owned(), address), ("address-2".to_owned(), other)]);
    }

    #[test]
    fn earlier_drafts_are_said_in_the_words_of_today() {
        let root = json!({
            "$schema": "http://json-schema.org/draft-07/schema#",
            "items": [{ "type": "string" }], "additionalItems": false,
            "dependencies": { "a": ["b"], "c": { "required": ["d"] } },
            "definitions": { "x": true },
            "not": { "$ref": "#/definitions/x", "title": "counts for nothing" },
        });
        let expected = json!({
            "prefixItems": [{ "type": "string" }], "items": false,
            "dependentRequired": { "a": ["b"] }, "dependentSchemas": { "c": { "required": ["d"] } },
            "not": { "$ref": "#/$defs/x" },
        });
        assert_eq!(bundled(&[("a.json", root)]).root, expected);
        let four = json!({ "$schema": "http://json-schema.org/draft-04/schema#", "minimum": 1, "exclusiveMinimum": true });
        assert_eq!(bundled(&[("a.json", four)]).root, json!({ "exclusiveMinimum": 1 }));
    }
}
