//! The schemas, answers and fields that a document shares, each under a name of its own.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{Contract, Header, Version, down, problem, shapes};
use crate::schema::Mode;
use crate::schema::json_form::json_shape;
use crate::schema::json_schema::{Bundle, below};

/// What is shared so far.
#[derive(Debug, Default)]
pub(super) struct Components {
    schemas: Map<String, Value>,
    responses: BTreeMap<String, Value>,
    headers: BTreeMap<String, Value>,
    /// The component of each profile in each of its forms.
    known: BTreeMap<(String, bool), String>,
}

/// A reference to a component.
fn reference(kind: &str, name: &str) -> Value {
    json!({ "$ref": format!("#/components/{kind}/{name}") })
}

/// A name as components may have it (OpenAPI 3.1, section 4.8.7.1).
fn plain(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.') { c } else { '_' };
    name.chars().map(plain).collect()
}

impl Components {
    /// The schema of a profile's document, or of a list of them, in JSON or in XML.
    pub(super) fn contract(&mut self, contract: &Contract, in_xml: bool) -> Value {
        let key = (contract.profile.clone(), in_xml);
        let name = match self.known.get(&key) {
            Some(name) => name.clone(),
            None => {
                let name = self.profile(contract, in_xml);
                self.known.insert(key, name.clone());
                name
            }
        };
        let one = reference("schemas", &name);
        match &contract.list {
            None => one,
            Some(list) if in_xml => {
                shapes::xml_list(&list.name, list.namespace.as_deref(), &contract.shape, one)
            }
            Some(_) => json!({ "type": "array", "items": one }),
        }
    }

    /// Adds the schema of a profile's document, and gives its name.
    fn profile(&mut self, contract: &Contract, in_xml: bool) -> String {
        let Contract { profile, shape, is_xml, .. } = contract;
        if in_xml {
            let name = self.name(&format!("{profile}-xml"));
            self.schemas.insert(name.clone(), shapes::xml(shape));
            return name;
        }
        let name = self.name(profile);
        if let Some(bundle) = &shape.checking.described {
            self.bundle(&name, bundle, shape.checking.mode == Some(Mode::Strict));
            return name;
        }
        let schema = if *is_xml { shapes::json(&json_shape(shape)) } else { shapes::json(shape) };
        self.schemas.insert(name.clone(), schema);
        name
    }

    /// A JSON Schema with its parts, each as a component: references lead to them.
    fn bundle(&mut self, name: &str, bundle: &Bundle, strict: bool) {
        // Holds the place, so that the schema stands before its parts.
        self.schemas.insert(name.to_owned(), Value::Null);
        let mut names = BTreeMap::new();
        for (part, _) in &bundle.parts {
            let own = self.name(&format!("{name}-{part}"));
            self.schemas.insert(own.clone(), Value::Null);
            names.insert(format!("#/$defs/{part}"), own);
        }
        let all = bundle
            .parts
            .iter()
            .filter_map(|(part, schema)| Some((names.get(&format!("#/$defs/{part}"))?.clone(), schema)));
        let all: Vec<(String, &Value)> = all.chain([(name.to_owned(), &bundle.root)]).collect();
        for (own, schema) in all {
            let mut schema = schema.clone();
            relocate(&mut schema, name, &names, strict);
            // An object without words says the same as true, and is what 3.0 has.
            self.schemas.insert(own, if schema == Value::Bool(true) { json!({}) } else { schema });
        }
    }

    /// The schema of failures.
    pub(super) fn problem(&mut self) -> Value {
        if !self.schemas.contains_key(problem::NAME) {
            self.schemas.insert(problem::NAME.to_owned(), problem::schema());
        }
        reference("schemas", problem::NAME)
    }

    /// A shared answer, made where it is not known yet.
    pub(super) fn response(&mut self, name: &str, make: impl FnOnce(&mut Self) -> Value) -> Value {
        if !self.responses.contains_key(name) {
            let response = make(self);
            self.responses.insert(name.to_owned(), response);
        }
        reference("responses", name)
    }

    /// A field of answers.
    pub(super) fn header(&mut self, header: &Header) -> Value {
        let Header { name, description, is_number } = header;
        let schema = json!({ "type": if *is_number { "integer" } else { "string" } });
        let value = json!({ "description": description, "schema": schema });
        self.headers.entry((*name).to_owned()).or_insert(value);
        reference("headers", name)
    }

    /// A name that no other schema has.
    fn name(&self, wanted: &str) -> String {
        let wanted = plain(wanted);
        let is_free = |name: &String| name != problem::NAME && !self.schemas.contains_key(name);
        let numbered = (2..).map(|number: u32| format!("{wanted}-{number}"));
        std::iter::once(wanted.clone()).chain(numbered).find(is_free).unwrap_or(wanted)
    }

    /// All that is shared, in the words of a version.
    pub(super) fn written(self, version: Version, schemes: Map<String, Value>) -> Value {
        let mut out = Map::new();
        let schemas = self.schemas.into_iter().map(|(name, schema)| {
            let schema = if version == Version::V30 { down::down(&schema) } else { schema };
            (name, schema)
        });
        for (word, part) in [
            ("schemas", Value::Object(schemas.collect())),
            ("responses", Value::Object(self.responses.into_iter().collect())),
            ("headers", Value::Object(self.headers.into_iter().collect())),
            ("securitySchemes", Value::Object(schemes)),
        ] {
            if part.as_object().is_some_and(|part| !part.is_empty()) {
                out.insert(word.to_owned(), part);
            }
        }
        Value::Object(out)
    }
}

/// Lets references lead to components; where unknown members are let through, none is refused. Depth is bounded by the
/// reader's limit.
fn relocate(schema: &mut Value, root: &str, names: &BTreeMap<String, String>, strict: bool) {
    let Value::Object(members) = schema else { return };
    if !strict {
        for word in ["additionalProperties", "unevaluatedProperties"] {
            if members.get(word) == Some(&Value::Bool(false)) {
                members.remove(word);
            }
        }
    }
    for (word, value) in members.iter_mut() {
        match value {
            Value::String(to) if word == "$ref" => {
                let name = names.get(to).map_or(root, String::as_str);
                *to = format!("#/components/schemas/{name}");
            }
            value => {
                below(word, value).into_iter().for_each(|inner| relocate(inner, root, names, strict));
            }
        }
    }
}
