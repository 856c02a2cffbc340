//! Every example that serves REST is called as its description says: with what fits it, and with what does not.
//!
//! schemathesis makes the calls, the same ones each time, and finds answers that the description does not have: statuses,
//! media types, documents that do not fit, and failures of the server.
#![allow(clippy::disallowed_methods, reason = "tests read files and run programs")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

#[path = "support/databases.rs"]
mod databases;
#[path = "support/nats.rs"]
mod nats;
#[path = "support/soap_servers.rs"]
mod soap_servers;
mod support;

use std::path::Path;
use std::process::Command;

use databases::Database;
use nats::Nats;
use serde_json::Value;
use soap_servers::SoapServer;
use support::example::{copy, files};
use support::*;

/// What an answer is held to.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_schema_conformance,response_headers_conformance";

/// Calls of each operation beside those that go through every keyword of its schemas.
const CALLS: &str = "15";

/// The paths of the descriptions that a file serves.
fn described(folder: &Path) -> Vec<String> {
    let (code, text, error) = run(folder, &["routes", "gateway.kdl", "--format", "json"], "");
    assert_eq!(code, 0, "{error}");
    let routes = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let described = routes.filter(|route| route["serves"] == "OpenAPI");
    let path = |route: Value| {
        let address = route["address"].as_str().unwrap().to_owned();
        let (_, rest) = address.split_once("://").unwrap();
        format!("/{}", rest.split_once('/').unwrap().1)
    };
    described.map(path).collect()
}

/// Calls one api; gives the number of calls.
fn called(gateway: &Gateway, listener: &str, path: &str) -> usize {
    let answer = get(gateway.address(listener), path);
    assert_eq!(answer.status, 200, "{path}");
    let mut document: Value = serde_json::from_str(&answer.body).unwrap();
    // Every status must stand there by itself.
    for item in document["paths"].as_object_mut().unwrap().values_mut() {
        for operation in item.as_object_mut().unwrap().values_mut() {
            operation["responses"].as_object_mut().unwrap().remove("default").expect("a default answer");
        }
    }
    let base = format!("http://{}{}", gateway.address(listener), path.trim_end_matches("/openapi.json"));
    let file = gateway.folder.write("described.json", &document.to_string());
    let output = Command::new(tool(".tools/venv/bin/python"))
        .current_dir(gateway.folder.path())
        .args(["-m", "schemathesis.cli", "run", "described.json", "--url", &base, "--checks", CHECKS])
        .args(["--max-examples", CALLS, "--seed", "1", "--phases", "examples,coverage,fuzzing"])
        .args(["--suppress-health-check", "all", "--continue-on-failure", "--no-shrink", "--no-color"])
        .env("PYTHONIOENCODING", "utf-8")
        .env("PYTHONPATH", tool("tests/clients"))
        .env("SCHEMATHESIS_HOOKS", "schemathesis_hooks")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {text}\n{errors}", file.display());
    let count = text.split_once("Test cases:").and_then(|(_, rest)| rest.split_whitespace().next());
    count.and_then(|count| count.parse().ok()).unwrap_or_else(|| panic!("no count of cases: {text}"))
}

#[test]
fn every_answer_of_every_example_is_one_that_its_description_has() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut apis, mut cases) = (0, 0);
    let examples = files(&root.join("examples"));
    let names = examples.iter().map(|path| path.file_name().unwrap().to_string_lossy().into_owned());
    for name in names.chain([String::new()]) {
        let folder = Folder::new();
        if name.is_empty() {
            folder.write("gateway.kdl", &order_service());
        } else {
            copy(&root.join("examples").join(&name), &folder, "");
        }
        let _database = Database::of_example(&folder);
        let paths = described(folder.path());
        if paths.is_empty() {
            continue;
        }
        let _broker = Nats::of_example(&folder);
        let _service = SoapServer::of_example(&folder);
        let gateway = Gateway::start_in(folder, &[], &[]);
        let listener = gateway.listeners().into_iter().find(|listener| listener != "admin").unwrap();
        for path in paths {
            let count = called(&gateway, &listener, &path);
            println!("{name} {path}: {count} calls");
            apis += 1;
            cases += count;
        }
    }
    println!("{apis} apis, {cases} calls");
    assert!(apis >= 10 && cases >= 500, "{apis} apis, {cases} calls");
}
