//! The `query` line of a parameter: its type with what narrows it, and its default.

use std::fmt::Write as _;

use serde_json::Value;

use super::super::kdl;
use super::read::{Query, Reader};
use super::schemas::{Files, compiled};
use crate::openapi::Version;
use crate::schema::{ShapeKind, Simple, SimpleType};

/// The line, with what it does not say noted; `None` where values are no single ones.
pub fn line(reader: &mut Reader<'_>, query: &Query, notes: &mut Vec<String>) -> Option<String> {
    let name = &query.name;
    let mut line = format!("query {}", kdl::word(name));
    let mut simple = Simple::of(SimpleType::String);
    if let Some(schema) = &query.schema {
        match values(reader, query, schema, notes) {
            Ok(Some(found)) => {
                typed(&found, name, &mut line, notes);
                simple = found;
            }
            Ok(None) => {}
            Err(why) => {
                notes.push(format!("the parameter {name}: {why}"));
                return None;
            }
        }
        if let Some(value) = default(reader, schema) {
            match written(value, &simple, query.required) {
                Ok(text) => {
                    let _ = write!(line, " default={text}");
                }
                Err(why) => notes.push(format!("the default of the parameter {name}, {value}: {why}")),
            }
        }
    }
    if query.required {
        line.push_str(" required=#true");
    }
    if !query.description.is_empty() {
        let _ = write!(line, " description={}", kdl::quoted(query.description.trim()));
    }
    Some(line)
}

/// What its values are; `None` for anything.
fn values(
    reader: &mut Reader<'_>,
    query: &Query,
    schema: &str,
    notes: &mut Vec<String>,
) -> Result<Option<Simple>, &'static str> {
    let mut files = Files::default();
    let Some((_, pointer)) = reader.resolved(schema) else { return Ok(None) };
    let Some(path) = files.add(reader, &pointer, &query.name) else { return Ok(None) };
    match compiled(&path, &files) {
        Ok(compiled) => {
            let found = match compiled.shape.kind {
                ShapeKind::Simple(simple) => Some(simple),
                ShapeKind::Any => None,
                _ => return Err("its values are lists or objects"),
            };
            if let Some(more) = compiled.more {
                notes.push(format!("what else the schema of the parameter {} says: {more}", query.name));
            }
            Ok(found)
        }
        Err(problem) => {
            reader.refuse(&pointer, problem.message);
            Ok(None)
        }
    }
}

fn typed(simple: &Simple, name: &str, line: &mut String, notes: &mut Vec<String>) {
    match kdl::typed(simple) {
        Ok(typed) => line.push_str(&typed),
        Err(why) => match listed(simple) {
            Some(pattern) => {
                let _ = write!(line, " pattern={}", kdl::quoted(&pattern));
            }
            None => {
                if simple.base != SimpleType::String {
                    let _ = write!(line, " type={}", simple.base.name());
                }
                notes.push(format!("what narrows the parameter {name}: it {why}"));
            }
        },
    }
}

/// Texts of which `values=` cannot have one, since spaces are between its values, as a pattern of XML Schema.
fn listed(simple: &Simple) -> Option<String> {
    let values = simple.facets()?.values.as_ref().filter(|_| simple.base == SimpleType::String)?;
    let texts = values.texts.iter().filter(|text| simple.check_json_string(text).is_ok());
    let escaped = |text: &str| {
        text.chars().fold(String::new(), |mut out, c| {
            if r"\|.?*+(){}[]-^".contains(c) {
                out.push('\\');
            }
            out.push(c);
            out
        })
    };
    Some(texts.map(|text| escaped(text)).collect::<Vec<_>>().join("|"))
}

/// The default of a schema, or of the one that it refers to.
fn default<'g>(reader: &mut Reader<'g>, schema: &str) -> Option<&'g Value> {
    // Beside a reference no other word counts in 3.0 (OpenAPI 3.0.3, section 4.7.23).
    let own = reader.given.value.pointer(schema)?;
    let counts = reader.version != Version::V30 || own.get("$ref").is_none();
    own.get("default").filter(|_| counts).or_else(|| reader.resolved(schema)?.0.get("default"))
}

fn written(value: &Value, simple: &Simple, required: bool) -> Result<String, &'static str> {
    let (text, written) = match value {
        Value::String(text) => (text.clone(), kdl::quoted(text)),
        Value::Number(number) => (number.to_string(), number.to_string()),
        Value::Bool(value) => (value.to_string(), format!("#{value}")),
        _ => return Err("it is no single value"),
    };
    if required {
        return Err("the parameter must be given");
    }
    if simple.check_json_string(&text).is_err() {
        return Err("it does not fit what is allowed");
    }
    Ok(written)
}
