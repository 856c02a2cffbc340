//! The schemas of a WSDL: all in the one file, or each in one of its own that says where the others are.

use std::fmt::Write as _;

use super::Schema;
use super::template::{ADDRESS, Template, attribute};

/// The namespace of the schema that only imports the others, as a schema must have one to import one without.
const IMPORTS: &str = "urn:soapstone:imports";

/// The content of `wsdl:types` with every schema in it.
pub(super) fn whole(schemas: &[Schema]) -> String {
    schemas.iter().map(|schema| schema.text.as_str()).collect()
}

/// The content of `wsdl:types` that imports the schemas, and the schemas.
pub(super) fn split(schemas: &[Schema]) -> (String, Vec<Template>) {
    let mut types = format!(
        "    <xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" targetNamespace=\"{IMPORTS}\">\n"
    );
    for (at, schema) in schemas.iter().enumerate().filter(|(at, _)| first(schemas, *at) == *at) {
        let namespace = match &schema.namespace {
            Some(namespace) => format!(" namespace=\"{}\"", attribute(namespace)),
            None => String::new(),
        };
        let _ = writeln!(types, "      <xs:import{namespace} schemaLocation=\"{}\"/>", address(at));
    }
    types.push_str("    </xs:schema>\n");
    let one = |at| Template::new(&document(schemas, at));
    (types, (0..schemas.len()).map(one).collect())
}

/// The first schema of the same namespace: it includes the others of it.
fn first(schemas: &[Schema], at: usize) -> usize {
    let namespace = schemas.get(at).map(|schema| &schema.namespace);
    schemas.iter().position(|schema| Some(&schema.namespace) == namespace).unwrap_or(at)
}

fn address(at: usize) -> String {
    format!("{ADDRESS}?xsd={}", at + 1)
}

/// A schema as a document of its own.
fn document(schemas: &[Schema], at: usize) -> String {
    let Some(schema) = schemas.get(at) else { return String::new() };
    let mut insertions: Vec<(usize, String)> = Vec::new();
    if first(schemas, at) == at {
        let same = |(other, known): &(usize, &Schema)| *other != at && known.namespace == schema.namespace;
        for (other, _) in schemas.iter().enumerate().filter(same) {
            let include = format!(
                "<xs:include xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" schemaLocation=\"{}\"/>",
                address(other)
            );
            insertions.push((schema.inside, include));
        }
    }
    for (place, namespace) in &schema.imports {
        if let Some(other) = schemas.iter().position(|known| known.namespace == *namespace) {
            insertions.push((*place, format!(" schemaLocation=\"{}\"", address(other))));
        }
    }
    insertions.sort_by_key(|(place, _)| *place);
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let mut from = 0;
    for (place, text) in insertions {
        out.push_str(schema.text.get(from..place).unwrap_or_default());
        out.push_str(&text);
        from = place;
    }
    out.push_str(schema.text.get(from..).unwrap_or_default());
    out
}
