//! The schemas, answers and fields that a document shares, each under a name of its own.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

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
    /// The component of each profile in each of its forms: in XML or not, of documents that leave otherwise than they come or not.
    known: BTreeMap<(String, bool, bool), String>,
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
        // Two schemas where the directions differ: each is exact, and generated code has nothing to set or read that never goes.
        let differs = || {
            matches!(contract.shape.incoming(), Cow::Owned(_))
                && schema(contract, in_xml) != schema(&incoming(contract), in_xml)
        };
        let leaves = contract.leaves && differs();
        let key = (contract.profile.clone(), in_xml, leaves);
        let name = match self.known.get(&key) {
            Some(name) => name.clone(),
            None => {
                let name = self.profile(contract, in_xml, leaves);
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
    fn profile(&mut self, contract: &Contract, in_xml: bool, leaves: bool) -> String {
        let Contract { profile, shape, .. } = contract;
        let (out, form) = (if leaves { "-out" } else { "" }, if in_xml { "-xml" } else { "" });
        let name = self.name(&format!("{profile}{out}{form}"));
        match &shape.checking.described {
            Some(bundle) if !in_xml => {
                self.bundle(&name, bundle, shape.checking.mode == Some(Mode::Strict));
            }
            _ if leaves => {
                self.schemas.insert(name.clone(), schema(contract, in_xml));
            }
            _ => {
                self.schemas.insert(name.clone(), schema(&incoming(contract), in_xml));
            }
        }
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

/// The same documents where they come in.
fn incoming(contract: &Contract) -> Contract {
    let shape = match contract.shape.incoming() {
        Cow::Borrowed(_) => Arc::clone(&contract.shape),
        Cow::Owned(shape) => Arc::new(shape),
    };
    Contract { shape, ..contract.clone() }
}

/// The schema of documents as they leave.
fn schema(contract: &Contract, in_xml: bool) -> Value {
    let shape = &contract.shape;
    match (in_xml, contract.is_xml) {
        (true, _) => shapes::xml(&shape.published()),
        // Names of members are those of the whole: what is left out moves none.
        (false, true) => shapes::json(&json_shape(shape).published()),
        (false, false) => shapes::json(&shape.published()),
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
