//! What foreign clients have in common: the cases, what each must read, the comparison with what one printed, and how one is built.
#![allow(dead_code, reason = "each test binary uses its own part of this")]
#![allow(clippy::disallowed_methods, reason = "tests run programs")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::support::*;

/// What each client calls, and the line of JSON that it prints is named after.
pub const CASES: [&str; 10] =
    ["order", "fault", "invalid", "list", "none", "count", "bare", "header", "declared", "oneway"];

/// What is known of a client.
#[derive(Default)]
pub struct Client {
    pub versions: &'static [&'static str],
    /// The members of a fault that its interface does not give.
    pub hides: &'static [&'static str],
    pub differences: Vec<Difference>,
}

/// A place where a client reads something else than the others, by what is told of it.
pub struct Difference {
    pub versions: &'static [&'static str],
    /// Its cases, with a space between.
    pub cases: &'static str,
    pub at: &'static str,
    pub is: Value,
    pub why: &'static str,
}

pub const BOTH: &[&str] = &["1.1", "1.2"];

pub fn differs(cases: &'static str, at: &'static str, is: Value, why: &'static str) -> Difference {
    Difference { versions: BOTH, cases, at, is, why }
}

/// What a case comes to: everything as text, but for what holds others, true and false; what is not there is left out.
pub fn expected(version: &str, case: &str) -> Value {
    let fault = |subcode: &str, reason: &str, detail: Value| {
        let code = if version == "1.1" { "Client" } else { "Sender" };
        let mut fault = json!({ "code": code, "reason": reason, "detail": detail });
        if version == "1.2" {
            fault["subcodes"] = json!([subcode]);
        }
        json!({ "fault": fault })
    };
    let path = "createOrder/Order/Line[1]/Price";
    let wrong = "found `-1`, expected at least 0";
    match case {
        "order" | "bare" => json!({ "answer": {
            "order": "A-1001",
            "version": version,
            "express": true,
            "Placed": "2026-11-20T08:00:00.123456Z",
            "Customer": { "Name": "Ada & Söhne <東京>", "Country": "DE" },
            "Total": "2469135780246912.346913578",
            "Line": [
                { "position": "1", "Sku": "ABC-1", "Quantity": "2", "Price": "1234567890123456.123456789",
                  "Tag": ["fragile", "a  b"] },
                { "position": "2", "Sku": "XYZ-22", "Quantity": "1", "Price": "0.10", "Tag": ["one"] },
            ],
        } }),
        "fault" => fault(
            "UnknownCountry",
            "We do not deliver to FR.",
            json!({ "failure": { "code": "UnknownCountry" } }),
        ),
        "invalid" => fault(
            "invalid-document",
            &format!("The document does not fit what is expected here: {path}: {wrong}."),
            json!({ "failure": { "code": "invalid-document", "violation": [{ "path": path, "message": wrong }] } }),
        ),
        "list" => json!({ "answer": [
            { "Sku": "ABC-1", "Available": true, "Wanted": "7" },
            { "Sku": "XYZ-22", "Available": false, "Wanted": "700" },
        ] }),
        "header" => json!({ "answer": {
            "Stock": { "Sku": "ABC-1", "Available": true, "Wanted": "7" },
            "Limits": { "unit": "minute", "User": "Ada & Söhne", "Remaining": "10" },
        } }),
        "declared" => fault(
            "OutOfStock",
            "Only 100 are left.",
            json!({ "OutOfStock": { "sku": "ABC-1", "Left": "100", "Again": "2026-12-01T06:30:00.123456Z" } }),
        ),
        "none" => json!({ "answer": [] }),
        "oneway" => json!({ "answer": null }),
        _ => json!({ "answer": "9007199254740993" }),
    }
}

/// Where the violations of a fault stand.
pub const VIOLATION: &str = "/fault/detail/failure/violation";

/// The only violation of an invalid document.
pub fn violation() -> Value {
    expected("1.1", "invalid").pointer(VIOLATION).unwrap()[0].clone()
}

/// Takes out what is another each time: the request id, which the log must know, and lines of the request.
fn settled(mut line: Value, gateway: &mut Gateway) -> Value {
    for name in ["version", "case"] {
        line.as_object_mut().unwrap().remove(name);
    }
    let Some(fault) = line.get_mut("fault") else { return line };
    let Some(failure) = fault["detail"].get_mut("failure").and_then(Value::as_object_mut) else {
        return line;
    };
    let id = failure.remove("request").unwrap();
    gateway.wait_for_line(&format!("answered request={} ", id.as_str().unwrap()));
    match failure.get_mut("violation") {
        Some(Value::Array(list)) => list.iter_mut().for_each(without_line),
        Some(one) => without_line(one),
        None => {}
    }
    let reason = fault["reason"].as_str().unwrap();
    if let Some((before, after)) = reason.split_once(" in line ") {
        fault["reason"] = json!(format!("{before}{}", after.trim_start_matches(|c: char| c.is_numeric())));
    }
    line
}

fn without_line(violation: &mut Value) {
    assert!(violation.as_object_mut().unwrap().remove("line").is_some(), "{violation}");
}

/// The service that all of them call.
pub fn service() -> Gateway {
    Gateway::start(&project("tests/clients/gateway.kdl"))
}

pub fn wsdl(gateway: &Gateway) -> String {
    gateway.url("/shop/soap?wsdl")
}

/// What a program prints; its absence and its failure are told.
pub fn output(command: &mut Command) -> String {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().unwrap_or_else(|error| panic!("{name} ({error}): run script/setup"));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{command:?}: {}\n{text}", String::from_utf8_lossy(&output.stderr));
    text
}

/// Runs a client and compares what it read in every case.
pub fn check(client: &Client, gateway: &mut Gateway, command: &mut Command) {
    let text = output(command);
    let lines =
        text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}")));
    let mut lines: Vec<Value> = lines.collect();
    for version in client.versions {
        for case in CASES {
            let found = lines.iter().position(|line| line["version"] == *version && line["case"] == case);
            let line = lines.remove(found.unwrap_or_else(|| panic!("no {case} in SOAP {version}:\n{text}")));
            let mut expected = expected(version, case);
            if let Some(fault) = expected.get_mut("fault").and_then(Value::as_object_mut) {
                fault.retain(|name, _| !client.hides.contains(&name.as_str()));
            }
            let here = |it: &&Difference| {
                it.cases.split(' ').any(|name| name == case) && it.versions.contains(version)
            };
            for Difference { at, is, why, .. } in client.differences.iter().filter(here) {
                let place = expected.pointer_mut(at).unwrap();
                assert_ne!(place, is, "no difference any more at {at}: {why}");
                *place = is.clone();
            }
            assert_eq!(settled(line, gateway), expected, "{case} in SOAP {version}");
            if case == "oneway" {
                gateway.wait_for_line("deleted ABC-1");
            }
        }
    }
    assert!(lines.is_empty(), "more than was asked for: {lines:?}");
}

/// Runs the words of a line in a folder, quietly.
pub fn step(folder: &Path, line: &str) {
    let mut words = line.split_whitespace();
    output(Command::new(words.next().unwrap()).args(words).current_dir(folder));
}

/// Builds `client` in a folder from a WSDL, a C file of the project and one of namespaces and types for wsdl2h.
pub fn gsoap(folder: &Path, wsdl: &str, source: &str, types: &str) {
    let (source, types) = (tool(source).display().to_string(), tool(types).display().to_string());
    step(folder, &format!("wsdl2h -c -O2 -L -t {types} -o client.h {wsdl}"));
    step(folder, "soapcpp2 -c -C -L -x -w -I/usr/share/gsoap/import:/usr/share/gsoap client.h");
    let time = tool("/usr/share/gsoap/custom/struct_timeval.c");
    let sources = format!("{source} soapC.c soapClient.c {}", time.display());
    step(folder, &format!("gcc -std=gnu11 -w -I. -o client {sources} -lgsoap"));
}
