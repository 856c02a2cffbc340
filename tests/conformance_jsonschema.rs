//! Conformance of profiles by JSON Schema with the required tests of the JSON Schema suite, draft-07 and 2020-12.
#![cfg(feature = "conformance")]
#![allow(clippy::disallowed_methods, reason = "tests read files and the environment")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]
#![allow(clippy::print_stdout, reason = "the counts are the result")]

#[path = "support/corpora.rs"]
mod corpora;
#[path = "support/tally.rs"]
mod tally;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use soapstone::document::codec::{Codec, Limits};
use soapstone::document::json::JSON;
use soapstone::schema::json_schema::{Compiled, compile, load};
use soapstone::schema::{Format, validate};
use tally::Tally;

/// Groups that cannot be run, by file and group, each with its reason. All other required tests pass.
const OTHERWISE: &[(&str, &str, &str)] = &[
    ("dynamicRef.json", "strict-tree schema, guards against misspelled properties", NOT_THERE),
    ("dynamicRef.json", "$ref to $dynamicRef finds detached $dynamicAnchor", NOT_THERE),
    ("vocabulary.json", "schema that uses custom metaschema with with no validation vocabulary", NOT_THERE),
];

const NOT_THERE: &str = "the document that it refers to is not in the corpus";

fn files(folder: &Path, ending: &str, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, ending, into);
        } else if path.to_string_lossy().ends_with(ending) {
            into.push(path);
        }
    }
    into.sort();
}

/// The documents that the suite serves at localhost:1234, as a profile's `resource` would give them.
fn remotes() -> Vec<(String, String)> {
    let root = corpora::folder("json-schema-ts/remotes");
    let mut found = Vec::new();
    files(&root, ".json", &mut found);
    let given = |path: &PathBuf| {
        let below = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
        (format!("http://localhost:1234/{below}"), path.to_string_lossy().into_owned())
    };
    found.iter().map(given).collect()
}

/// Compiles a schema of the suite; one without `$schema` is of the draft that its folder is named for.
fn schema(value: &Value, draft: &str, remotes: &[(String, String)]) -> Result<Compiled, String> {
    let with_draft = |mut value: Value| {
        if let Some(members) = value.as_object_mut() {
            members.entry("$schema").or_insert_with(|| draft.into());
        }
        value.to_string().into_bytes()
    };
    let mut read = |path: &str| match path {
        "schema.json" => Ok(with_draft(value.clone())),
        path => fs::read(path).map_err(|error| error.to_string()),
    };
    let loaded = load("schema.json", remotes, &mut read);
    loaded.and_then(|files| compile(&files)).map_err(|problems| format!("{problems:?}"))
}

/// Runs the required tests of one draft; counts schemas whose shape says everything apart.
fn suite(folder: &str, draft: &str, least: usize) {
    let mut tally = Tally::new(&format!("JSON Schema {folder}"));
    let (mut shapes, mut schemas) = (0, 0);
    let remotes = remotes();
    let root = corpora::folder(&format!("json-schema-ts/tests/{folder}"));
    for entry in fs::read_dir(root).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            continue;
        }
        let file = path.file_name().unwrap().to_string_lossy().into_owned();
        let groups: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        for group in groups.as_array().unwrap() {
            let about = group["description"].as_str().unwrap();
            let compiled = schema(&group["schema"], draft, &remotes);
            schemas += 1;
            shapes += usize::from(compiled.as_ref().is_ok_and(|c| c.shape.checking.rule.is_none()));
            for test in group["tests"].as_array().unwrap() {
                let what = test["description"].as_str().unwrap();
                let name = format!("{file}: {about}: {what}");
                let otherwise = OTHERWISE.iter().find(|(f, g, _)| (*f, *g) == (&file, about));
                let result = match &compiled {
                    Ok(compiled) => check(compiled, test),
                    Err(problem) => Err(problem.clone()),
                };
                match (result, otherwise) {
                    (Ok(messages), None) => tally.pass_with(&messages),
                    (Ok(_), Some(_)) => tally.fail(&name, "is as it must be now: take it off the list"),
                    (Err(_), Some((.., reason))) => tally.skip(reason),
                    (Err(why), None) => tally.fail(&name, &why),
                }
            }
        }
    }
    println!("JSON Schema {folder}: of {schemas} schemas, a shape alone says all of {shapes}");
    tally.finish(least);
}

/// The messages about an instance.
fn check(compiled: &Compiled, test: &Value) -> Result<String, String> {
    let bytes = test["data"].to_string().into_bytes().into();
    let root = JSON.decode(&bytes, &Limits::default()).map_err(|malformed| malformed.to_string())?;
    let found = validate(&root, &compiled.shape, Format::Json, 20);
    let told: Vec<String> = found.iter().map(|v| format!("{}: {}", v.path, v.message)).collect();
    let told = told.join("; ");
    if test["valid"].as_bool().unwrap() == found.is_empty() {
        Ok(told)
    } else {
        Err(format!("found: [{told}]"))
    }
}

#[test]
fn draft_07() {
    suite("draft7", "http://json-schema.org/draft-07/schema#", 498);
}

#[test]
fn draft_2020_12() {
    suite("draft2020-12", "https://json-schema.org/draft/2020-12/schema", 710);
}
