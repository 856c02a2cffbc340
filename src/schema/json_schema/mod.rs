//! JSON Schema (2020-12 and draft-07): files become a shape that maps and scripts see, and a rule where that says too little.

mod bundle;
mod files;
mod resolve;
mod rule;
#[cfg(test)]
mod tests;
mod tree;
mod uri;
mod view;
mod view_simple;
mod words;

use std::collections::HashMap;
use std::sync::Arc;

use jsonschema::error::ValidationErrorKind;
use jsonschema::{Draft, PatternOptions, Retrieve, Uri, ValidationError, Validator};
use serde_json::Value;

use self::files::File;
use self::rule::SchemaRule;
use self::tree::Tree;
use super::{Rule, Shape};

pub use bundle::{Bundle, below, bundle};
pub use files::{Files, Reader, line, load, value};

/// A mistake in a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The schema's path as the user knows it.
    pub file: String,
    /// The place in it as a JSON pointer (RFC 6901); empty for the whole.
    pub pointer: String,
    /// The line of the place, from 1, where there is one.
    pub line: Option<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

/// A compiled schema.
#[derive(Debug)]
pub struct Compiled {
    /// What paths, maps and scripts see of it. It carries the rule at its root, unless the shape says everything.
    pub shape: Shape,
    /// What the schema says that a shape without the rule would lose, in words; `None` when nothing of weight is lost.
    pub more: Option<String>,
}

/// Bytes that the compiled form of one pattern may take.
const LARGEST_PATTERN: usize = 1 << 20;

/// Problems that are told of one file: the rest is mostly the same again.
const MOST_PROBLEMS: usize = 20;

/// Compiles a schema with all its files.
///
/// # Errors
/// A file is no schema of its draft, a reference leads nowhere, a pattern is none that can be matched in linear time.
pub fn compile(files: &Files) -> Result<Compiled, Vec<Problem>> {
    let Some(root) = files.files.first() else { return Err(Vec::new()) };
    let own = |file: &&File| files.has(file.value.get("$schema").and_then(Value::as_str).unwrap_or_default());
    // One of a dialect of its own is checked by that as the validator is made.
    let problems: Vec<Problem> = files.files.iter().filter(|file| !own(file)).flat_map(meta).collect();
    if !problems.is_empty() {
        return Err(problems);
    }
    let validator = validator(files, root).map_err(|error| vec![unbuilt(&error, files, root)])?;
    let view = view::view(files, root);
    let mut shape = view.shape;
    shape.checking.described = bundle(files).map(Arc::new);
    if !view.exact {
        let rule: Arc<dyn Rule> = Arc::new(SchemaRule::new(validator));
        shape.checking.rule = Some(rule);
    }
    Ok(Compiled { shape, more: view.more })
}

/// The documents that references may lead to; there is no other way to one.
struct Given(HashMap<String, Value>);

impl Retrieve for Given {
    fn retrieve(&self, uri: &Uri<String>) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
        let plain = uri.as_str().split('#').next().unwrap_or_default();
        self.0.get(plain).cloned().ok_or_else(|| "it is not given".into())
    }
}

fn validator(files: &Files, root: &File) -> Result<Validator<Tree>, ValidationError<'static>> {
    let mut given = HashMap::new();
    for file in &files.files {
        given.insert(file.uri.clone(), file.value.clone());
        if let Some(id) = file.id() {
            given.entry(id.to_owned()).or_insert_with(|| file.value.clone());
        }
    }
    let options = jsonschema::options_for::<Tree>();
    let options = match draft(&root.value) {
        Draft::Unknown => options,
        known => options.with_draft(known),
    };
    options
        .with_base_uri(root.uri.clone())
        .with_retriever(Given(given))
        .with_pattern_options(PatternOptions::regex().size_limit(LARGEST_PATTERN))
        .build(&root.value)
}

/// The draft that a document names, 2020-12 without.
fn draft(value: &Value) -> Draft {
    match value.get("$schema").and_then(Value::as_str) {
        Some(name) => Draft::from_schema_uri(name),
        None => Draft::Draft202012,
    }
}

/// What is wrong with a file by the schema of its draft.
fn meta(file: &File) -> Vec<Problem> {
    let validator = match draft(&file.value) {
        Draft::Draft4 => jsonschema::draft4::meta::validator(),
        Draft::Draft6 => jsonschema::draft6::meta::validator(),
        Draft::Draft7 => jsonschema::draft7::meta::validator(),
        Draft::Draft201909 => jsonschema::draft201909::meta::validator(),
        Draft::Draft202012 => jsonschema::draft202012::meta::validator(),
        _ => {
            let name = file.value.get("$schema").and_then(Value::as_str).unwrap_or_default();
            let message = format!("`{name}` is no draft of JSON Schema that is known here");
            let problem = file.problem("/$schema", message);
            let help =
                "use https://json-schema.org/draft/2020-12/schema or http://json-schema.org/draft-07/schema#";
            return vec![Problem { help: Some(help.to_owned()), ..problem }];
        }
    };
    let mut problems = Vec::new();
    let errors: Vec<ValidationError<'_>> =
        validator.iter_errors(&file.value).take(MOST_PROBLEMS * 4).collect();
    for place in words::places(&errors, &file.root, false, MOST_PROBLEMS * 4) {
        let pointer = place.pointer();
        let problem = file.problem(&pointer, place.message);
        if problems.len() < MOST_PROBLEMS && !problems.contains(&problem) {
            problems.push(problem);
        }
    }
    problems
}

/// Why the library could not make a validator, in words for the author of the schema.
fn unbuilt(error: &ValidationError<'_>, files: &Files, root: &File) -> Problem {
    let pointer = error.instance_path().as_str();
    // The error does not say in which document it is: the one in which its place has what it complains of.
    let has = |file: &&File| !pointer.is_empty() && file.value.pointer(pointer) == Some(error.instance());
    let file = files.files.iter().find(has).unwrap_or(root);
    match error.kind() {
        ValidationErrorKind::Format { format } if format == "regex" => {
            let pattern = error.instance().as_str().unwrap_or_default();
            let message = format!("the pattern `{}` cannot be used", super::at::shown(pattern));
            let help = "patterns are matched in linear time: no look-around, no back references, and no very large counts";
            Problem { help: Some(help.to_owned()), ..file.problem(pointer, message) }
        }
        ValidationErrorKind::Referencing(reason) => {
            file.problem(pointer, format!("a reference leads nowhere: {reason}"))
        }
        _ => file.problem(pointer, error.to_string()),
    }
}
