//! Clients of others, made from the WSDL and run: each makes the same calls in its versions of SOAP and reads the same.
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
use serde_json::json;
use support::*;

fn python(client: &str, gateway: &Gateway) -> Command {
    let mut command = Command::new(tool(".tools/venv/bin/python"));
    command.arg(tool(client)).arg(wsdl(gateway)).env("PYTHONIOENCODING", "utf-8");
    command
}

fn node(client: &str, package: &str, gateway: &Gateway) -> Command {
    let modules = tool(&format!(".tools/node/node_modules/{package}"));
    let mut command = Command::new("node");
    command.arg(tool(client)).arg(wsdl(gateway)).env("NODE_CLIENTS", modules.parent().unwrap());
    command
}

#[test]
fn zeep_reads_what_was_sent() {
    let mut gateway = service();
    let client = Client { versions: BOTH, ..Default::default() };
    let mut command = python("tests/clients/zeep_client.py", &gateway);
    check(&client, &mut gateway, &mut command);
}

#[test]
fn suds_reads_what_was_sent() {
    let mut gateway = service();
    let client = Client {
        versions: &["1.1"],
        differences: vec![
            differs(
                "order bare",
                "/answer/Line/1/Price",
                json!("0.1"),
                "suds writes decimals without zeros at their end",
            ),
            differs(
                "invalid",
                VIOLATION,
                violation(),
                "suds reads details without their schema: one is no list",
            ),
        ],
        ..Default::default()
    };
    let mut command = python("tests/clients/suds_client.py", &gateway);
    check(&client, &mut gateway, &mut command);
}

/// What every client in JavaScript does to numbers and moments.
fn javascript() -> Vec<Difference> {
    let number = "numbers are of the type double in JavaScript";
    vec![
        differs("order bare", "/answer/express", json!("true"), "attributes are text"),
        differs(
            "order bare",
            "/answer/Placed",
            json!("2026-11-20T08:00:00.123Z"),
            "moments end at milliseconds",
        ),
        differs("order bare", "/answer/Total", json!("2469135780246912.5"), number),
        differs("order bare", "/answer/Line/0/Price", json!("1234567890123456"), number),
        differs("order bare", "/answer/Line/1/Price", json!("0.1"), number),
        differs("count", "/answer", json!("9007199254740992"), number),
    ]
}

#[test]
fn node_soap_reads_what_was_sent() {
    let mut gateway = service();
    let truth = "node-soap does not find the types of what a list refers to";
    let mut client = Client { versions: BOTH, differences: javascript(), ..Default::default() };
    client.differences.extend([
        differs(
            "invalid",
            VIOLATION,
            violation(),
            "node-soap reads details without their schema: one is no list",
        ),
        differs("list", "/answer/0/Available", json!("true"), truth),
        differs("list", "/answer/1/Available", json!("false"), truth),
    ]);
    let mut command = node("tests/clients/node_client.js", "soap", &gateway);
    check(&client, &mut gateway, &mut command);
}

#[test]
fn strong_soap_reads_what_was_sent() {
    let mut gateway = service();
    let mut client = Client { versions: BOTH, differences: javascript(), ..Default::default() };
    let why = "strong-soap reads details of 1.1 without their schema: one is no list";
    client
        .differences
        .push(Difference { versions: &["1.1"], ..differs("invalid", VIOLATION, violation(), why) });
    let (again, why) = (json!("2026-12-01T06:30:00.123Z"), "moments end at milliseconds");
    client.differences.push(Difference {
        versions: &["1.2"],
        ..differs("declared", "/fault/detail/OutOfStock/Again", again, why)
    });
    let mut command = node("tests/clients/strong_client.js", "strong-soap", &gateway);
    check(&client, &mut gateway, &mut command);
}

#[test]
fn php_reads_what_was_sent() {
    let mut gateway = service();
    let why = "SoapClient reads details without their schema: one is no list, and attributes are not there";
    let out_of_stock = json!({ "Left": "100", "Again": "2026-12-01T06:30:00.123456Z" });
    let client = Client {
        versions: BOTH,
        hides: &["subcodes"],
        differences: vec![
            differs("invalid", VIOLATION, violation(), why),
            differs("declared", "/fault/detail/OutOfStock", out_of_stock, why),
        ],
    };
    let mut command = Command::new("php");
    command.arg(tool("tests/clients/php_client.php")).arg(wsdl(&gateway));
    check(&client, &mut gateway, &mut command);
}

#[test]
fn perl_reads_what_was_sent() {
    let mut gateway = service();
    let text = "SOAP::Lite reads no schema: everything is text";
    let one = "SOAP::Lite reads no schema: one is no list";
    let client = Client {
        versions: BOTH,
        differences: vec![
            differs("order bare", "/answer/express", json!("true"), text),
            differs("order bare", "/answer/Line/1/Tag", json!("one"), one),
            differs("list", "/answer/0/Available", json!("true"), text),
            differs("list", "/answer/1/Available", json!("false"), text),
            differs("header", "/answer/Stock/Available", json!("true"), text),
            differs("invalid", VIOLATION, violation(), one),
        ],
        ..Default::default()
    };
    let mut command = Command::new("perl");
    command.arg(tool("tests/clients/perl_client.pl")).arg(wsdl(&gateway));
    check(&client, &mut gateway, &mut command);
}

#[test]
fn gsoap_reads_what_was_sent() {
    let mut gateway = service();
    let folder = Folder::new();
    gsoap(folder.path(), &wsdl(&gateway), "tests/clients/gsoap_client.c", "tests/clients/gsoap_typemap.dat");
    let client = Client { versions: BOTH, ..Default::default() };
    check(&client, &mut gateway, &mut Command::new(folder.path().join("client")));
}

#[test]
fn jax_ws_reads_what_was_sent() {
    let mut gateway = service();
    let folder = Folder::new();
    let source = tool("tests/clients/JaxwsClient.java").display().to_string();
    let jar = tool("/usr/share/java/jaxws-rt.jar").display().to_string();
    // Ports of SOAP 1.2 and headers beside the message of the body are extensions to wsimport.
    let options = "-extension -XadditionalHeaders -Xnocompile -keep -encoding UTF-8 -quiet -p shop";
    step(folder.path(), &format!("wsimport {options} {}", wsdl(&gateway)));
    step(
        folder.path(),
        &format!("javac -encoding UTF-8 -cp {jar} -sourcepath . -d . {source} shop/package-info.java"),
    );
    let client = Client { versions: BOTH, hides: &["code", "subcodes"], ..Default::default() };
    let mut command = Command::new("java");
    command.args(["-cp", &format!(".:{jar}"), "JaxwsClient"]).current_dir(folder.path());
    check(&client, &mut gateway, &mut command);
}

#[test]
fn readme_names_the_versions_that_are_installed() {
    let readme = project("README.md");
    let row = |client: &str| readme.lines().find(|line| line.starts_with(&format!("| {client} "))).unwrap();
    for line in project("tests/clients/requirements.txt").lines() {
        if let Some((name @ ("zeep" | "suds"), version)) = line.split_once("==") {
            assert!(row(name).contains(&format!("| {version} |")), "{line}");
        }
    }
    let package: serde_json::Value = serde_json::from_str(&project("tests/clients/package.json")).unwrap();
    for (name, version) in package["dependencies"].as_object().unwrap() {
        assert!(row(name).contains(&format!("| {} |", version.as_str().unwrap())), "{name} {version}");
    }
}
