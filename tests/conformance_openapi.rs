//! Imports of the OpenAPI documents of others: each becomes a gateway whose own description says the same again.
#![allow(clippy::disallowed_methods, reason = "tests read files and run programs")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may stop at the first surprise"
)]

#[path = "support/corpora.rs"]
mod corpora;
mod support;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use support::*;

/// Documents that must be refused, with what is said of them.
const REFUSED: &str = "this is Swagger 2.0, and OpenAPI 3.0 and 3.1 are read";

/// Every document below a folder.
fn documents(folder: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            documents(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "json" || ending == "yaml") {
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            let says = |word: &str| {
                text.lines().any(|line| line.trim_start_matches([' ', '"', '{']).starts_with(word))
            };
            if says("openapi") || says("swagger") {
                found.push(path);
            }
        }
    }
}

/// A document in JSON, read by Python where it is YAML: not by what is under test.
fn read(path: &Path) -> Value {
    let script = "import json, sys, yaml; json.dump(yaml.safe_load(open(sys.argv[1], encoding='utf-8')), sys.stdout, default=str)";
    let output =
        Command::new(tool(".tools/venv/bin/python")).args(["-c", script]).arg(path).output().unwrap();
    assert!(output.status.success(), "{}: {}", path.display(), String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

const METHODS: [&str; 5] = ["get", "put", "post", "delete", "patch"];

/// Follows references within the document.
fn resolved<'d>(document: &'d Value, value: &'d Value) -> &'d Value {
    let mut at = value;
    while let Some(reference) = at.get("$ref").and_then(Value::as_str) {
        at = document.pointer(reference.strip_prefix('#').unwrap()).unwrap_or_else(|| panic!("{reference}"));
    }
    at
}

/// The names of the members that a schema has, at any depth, with the way to each.
fn members(document: &Value, schema: &Value, way: &str, depth: usize, found: &mut BTreeSet<String>) {
    let schema = resolved(document, schema);
    if depth > 8 {
        return;
    }
    for (name, inner) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        let way = format!("{way}.{name}");
        found.insert(way.clone());
        members(document, inner, &way, depth + 1, found);
    }
    if let Some(items) = schema.get("items") {
        members(document, items, &format!("{way}[]"), depth + 1, found);
    }
    for word in ["allOf", "anyOf", "oneOf"] {
        for inner in schema.get(word).and_then(Value::as_array).into_iter().flatten() {
            members(document, inner, way, depth + 1, found);
        }
    }
}

/// What clients of a document rely on, in lines: methods and paths, parameters, the members of bodies and answers.
fn said(document: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in
            item.as_object().unwrap().iter().filter(|(name, _)| METHODS.contains(&name.as_str()))
        {
            let address = format!("{method} {path}");
            found.insert(address.clone());
            for around in [item, operation] {
                for parameter in around.get("parameters").and_then(Value::as_array).into_iter().flatten() {
                    let parameter = resolved(document, parameter);
                    let required = parameter.get("required") == Some(&Value::Bool(true));
                    if ["path", "query"].contains(&parameter["in"].as_str().unwrap()) {
                        found.insert(format!(
                            "{address} {} {} {required}",
                            parameter["in"], parameter["name"]
                        ));
                    }
                }
            }
            let json = |body: &Value, what: &str, found: &mut BTreeSet<String>| {
                if let Some(schema) = resolved(document, body).pointer("/content/application~1json/schema") {
                    members(document, schema, &format!("{address} {what} "), 0, found);
                }
            };
            if let Some(body) = operation.get("requestBody") {
                json(body, "body", &mut found);
            }
            for (status, answer) in
                operation.get("responses").and_then(Value::as_object).into_iter().flatten()
            {
                if status.starts_with('2') {
                    found.insert(format!("{address} {status}"));
                    json(answer, status, &mut found);
                }
            }
        }
    }
    found
}

#[test]
fn imported_documents_say_the_same_again() {
    let root = corpora::folder("openapi");
    let mut paths = Vec::new();
    documents(&root, &mut paths);
    let (mut imported, mut refused, mut lines) = (0, 0, 0);
    for path in &paths {
        let folder = Folder::new();
        let shown = path.strip_prefix(&root).unwrap().display().to_string();
        let (code, _, error) = run(folder.path(), &["import", "openapi", path.to_str().unwrap()], "");
        let given = read(path);
        if given.get("swagger").is_some() {
            assert!(code == 1 && error.contains(REFUSED), "{shown}: {error}");
            refused += 1;
            continue;
        }
        assert_eq!(code, 0, "{shown}: {error}");
        let (code, told, error) = run(folder.path(), &["check", "gateway.kdl"], "");
        assert_eq!((code, error.as_str()), (0, ""), "{shown}: {told}");
        imported += 1;
        let wanted = said(&given);
        if wanted.is_empty() {
            println!("{shown}: nothing to serve");
            continue;
        }
        let (code, text, error) = run(folder.path(), &["export", "openapi"], "");
        assert_eq!(code, 0, "{shown}: {error}");
        let own = said(&serde_json::from_str(&text).unwrap());
        // A status that the document says nothing of is what an answer without a body has here.
        let missing: Vec<&String> = wanted.difference(&own).collect();
        assert!(missing.is_empty(), "{shown} lost {missing:?} of\n{text}");
        let statuses = |line: &&String| !line.contains(" 20") || !wanted.iter().any(|w| w.contains(" 20"));
        let more: Vec<&String> = own.difference(&wanted).filter(statuses).collect();
        let unsaid = |line: &&&String| !line.ends_with(" 204") && !line.ends_with(" 200");
        let more: Vec<&&String> = more.iter().filter(unsaid).collect();
        assert!(more.is_empty(), "{shown} gained {more:?}");
        lines += wanted.len();
        println!("{shown}: {} lines", wanted.len());
    }
    println!(
        "{} documents: {imported} imported, {refused} refused as Swagger 2.0, {lines} lines compared",
        paths.len()
    );
    assert!(imported >= 8 && refused >= 6 && lines >= 20, "{imported} {refused} {lines}");
}

/// An operation of parts, with a condition and a parameter that has a default.
const OWN: &str = r#"
listener internal bind="127.0.0.1:0"
operation "send it" {
    action create
    input multipart
    output multipart
    process {
        throw "no" status=409
    }
}
api own base="/own" {
    rest {
        post "/send/{id}" "send it" {
            header X-Kind express
            query limit type=integer default=20
        }
    }
}
"#;

#[test]
fn an_export_comes_back_as_what_it_was() {
    for version in ["3.0", "3.1"] {
        let folder = Folder::new();
        folder.write("own.kdl", OWN);
        let (code, text, error) =
            run(folder.path(), &["export", "openapi", "own.kdl", "--openapi", version], "");
        assert_eq!(code, 0, "{error}");
        folder.write("own.json", &text);
        let (code, _, error) = run(folder.path(), &["import", "openapi", "own.json"], "");
        assert_eq!(code, 0, "{error}");
        let text = std::fs::read_to_string(folder.path().join("gateway.kdl")).unwrap();
        for expected in [
            "operation send_it {",
            "    input multipart\n    output multipart\n",
            "            header x-kind \"express\"\n            query limit type=integer default=20\n",
            "409 (",
        ] {
            assert!(text.contains(expected), "{version}: {expected}\n{text}");
        }
        let (code, _, error) = run(folder.path(), &["import", "openapi", "own.json"], "");
        assert!(code == 1 && error.contains("nothing was imported: remove it, or"), "{error}");
    }
}
