//! Clients of others against a contract that was given: bare documents at one port, rpc/literal at the other.
#![allow(clippy::disallowed_methods, reason = "tests read files and run programs")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may stop at the first surprise"
)]

#[path = "support/clients.rs"]
mod clients;
mod support;

use std::process::Command;

use clients::*;
use serde_json::{Value, json};
use support::*;

/// The contract, served.
fn given() -> Gateway {
    let folder = Folder::new();
    for name in ["stock.wsdl", "stock.xsd", "gateway.kdl"] {
        folder.write(name, &project(&format!("tests/clients/given/{name}")));
    }
    Gateway::start_in(folder, &[], &[])
}

/// What each client must read, by its cases.
fn check_given(cases: &[&str], command: &mut Command) {
    let expected = |case: &str| match case {
        "document" => json!([
            { "warehouse": "north", "Sku": "ABC-1", "Left": 7 },
            { "warehouse": "north", "Sku": "XYZ-22", "Left": 7 },
        ]),
        "fault" => json!("There is no article none."),
        _ => json!({
            "item": { "warehouse": "north", "Sku": "ABC-1", "Left": 3 },
            "at": "2026-11-20T08:00:00.123456Z",
        }),
    };
    let text = output(command);
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let wanted: Vec<Value> =
        cases.iter().map(|case| json!({ "case": case, "answer": expected(case) })).collect();
    assert_eq!(lines, wanted);
}

const ALL: &[&str] = &["document", "fault", "rpc"];

#[test]
fn zeep_calls_what_the_given_contract_says() {
    let gateway = given();
    let mut command = Command::new(tool(".tools/venv/bin/python"));
    command.arg(tool("tests/clients/given/zeep_given.py"));
    check_given(ALL, command.args(wsdls(&gateway)));
}

/// Where both ports tell their contract.
fn wsdls(gateway: &Gateway) -> [String; 2] {
    ["documents", "calls"].map(|port| gateway.url(&format!("/given/{port}?wsdl")))
}

#[test]
fn php_calls_what_the_given_contract_says() {
    let gateway = given();
    let mut command = Command::new("php");
    command.arg(tool("tests/clients/given/php_given.php"));
    check_given(ALL, command.args(wsdls(&gateway)));
}

#[test]
fn perl_calls_what_the_given_contract_says() {
    let gateway = given();
    let mut command = Command::new("perl");
    command.arg(tool("tests/clients/given/perl_given.pl"));
    // To SOAP::Lite everything is text, and attributes are not among the values.
    let item = json!({ "Sku": "ABC-1", "Left": "3" });
    let wanted = json!({ "case": "rpc", "answer": { "item": item, "at": "2026-11-20T08:00:00.123456Z" } });
    let text = output(command.args(wsdls(&gateway)));
    assert_eq!(serde_json::from_str::<Value>(text.trim()).unwrap(), wanted);
}

#[test]
fn gsoap_calls_what_the_given_contract_says() {
    let gateway = given();
    let folder = Folder::new();
    gsoap(
        folder.path(),
        &wsdls(&gateway)[0],
        "tests/clients/given/gsoap_given.c",
        "tests/clients/given/gsoap_typemap.dat",
    );
    let addresses = wsdls(&gateway).map(|wsdl| wsdl.replace("?wsdl", ""));
    check_given(ALL, Command::new(folder.path().join("client")).args(addresses));
}
