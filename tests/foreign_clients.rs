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

use std::path::Path;
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
    let truth = "node-soap has no truth values";
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
    let mut command = node("tests/clients/strong_client.js", "strong-soap", &gateway);
    check(&client, &mut gateway, &mut command);
}

#[test]
fn php_reads_what_was_sent() {
    let mut gateway = service();
    let why = "SoapClient reads details without their schema: one is no list";
    let client = Client {
        versions: BOTH,
        hides: &["subcodes"],
        leaves: true,
        differences: vec![differs("invalid", VIOLATION, violation(), why)],
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
            differs("invalid", VIOLATION, violation(), one),
        ],
        ..Default::default()
    };
    let mut command = Command::new("perl");
    command.arg(tool("tests/clients/perl_client.pl")).arg(wsdl(&gateway));
    check(&client, &mut gateway, &mut command);
}

/// Runs the words of a line in a folder, quietly.
fn step(folder: &Path, line: &str) {
    let mut words = line.split_whitespace();
    output(Command::new(words.next().unwrap()).args(words).current_dir(folder));
}

#[test]
fn gsoap_reads_what_was_sent() {
    let mut gateway = service();
    let folder = Folder::new();
    let clients = tool("tests/clients").display().to_string();
    let wsdl = wsdl(&gateway);
    step(folder.path(), &format!("wsdl2h -c -O2 -L -t {clients}/gsoap_typemap.dat -o shop.h {wsdl}"));
    step(folder.path(), "soapcpp2 -c -C -L -x -w -I/usr/share/gsoap/import:/usr/share/gsoap shop.h");
    let sources =
        format!("{clients}/gsoap_client.c soapC.c soapClient.c /usr/share/gsoap/custom/struct_timeval.c");
    step(folder.path(), &format!("gcc -std=gnu11 -w -I. -o client {sources} -lgsoap"));
    let client = Client { versions: BOTH, ..Default::default() };
    check(&client, &mut gateway, &mut Command::new(folder.path().join("client")));
}

#[test]
fn jax_ws_reads_what_was_sent() {
    let mut gateway = service();
    let folder = Folder::new();
    let source = tool("tests/clients/JaxwsClient.java").display().to_string();
    let jar = "/usr/share/java/jaxws-rt.jar";
    // Ports of SOAP 1.2 are an extension to wsimport.
    let options = "-extension -Xnocompile -keep -encoding UTF-8 -quiet -p shop";
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

/// An order in a body, in each way that the cases have it.
fn orders() -> Vec<String> {
    [("DE", "0.10"), ("FR", "0.10"), ("DE", "-1")]
        .map(|(country, price)| {
            format!(
                "<s:createOrder xmlns:s='urn:example:clients:service'><Order xmlns='urn:example:clients' id='A'>\
                 <Placed>2026-11-20T08:00:00.5+01:00</Placed><Customer><Name>&lt;</Name><Country>{country}</Country>\
                 <Note xsi:nil='1' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'/></Customer>\
                 <Line><Sku>ABC-1</Sku><Quantity>1</Quantity><Price>{price}</Price></Line></Order></s:createOrder>"
            )
        })
        .to_vec()
}

/// A list of articles in a body, and a call with nothing.
fn lists() -> Vec<String> {
    let article = "<Article xmlns='urn:example:clients'><Sku>A</Sku><Wanted>7</Wanted></Article>";
    let list = |articles: String| {
        format!(
            "<s:queryStock xmlns:s='urn:example:clients:service'><s:StockList>{articles}</s:StockList></s:queryStock>"
        )
    };
    let count = "<getCount xmlns='urn:example:clients:service'/>".to_owned();
    vec![list(article.repeat(2)), list(String::new()), count]
}

#[test]
fn libxml2_finds_what_is_sent_valid_by_the_wsdl() {
    let gateway = service();
    let address = gateway.address("internal");
    let mut messages = Vec::new();
    for version in ["1.1", "1.2"] {
        for body in orders().into_iter().chain(lists()) {
            let sent = envelope(version, &body);
            let headers = [("Content-Type", soap_type(version))];
            messages.push(call(address, "POST", "/shop/soap", &headers, sent.as_bytes()).body);
        }
    }
    let wsdl = get(address, "/shop/soap?wsdl=single").body;
    let folder = Folder::new();
    let given = folder.write("given.json", &json!({ "wsdl": wsdl, "messages": messages }).to_string());
    let mut command = Command::new(tool(".tools/venv/bin/python"));
    command.arg(tool("tests/clients/schema_check.py")).stdin(std::fs::File::open(given).unwrap());
    let each = [
        "createOrderResponse",
        "failure",
        "failure",
        "queryStockResponse",
        "queryStockResponse",
        "getCountResponse",
    ];
    assert_eq!(output(&mut command).lines().collect::<Vec<_>>(), each.repeat(2));
}

#[test]
fn a_prefix_that_is_not_declared_is_a_fault_of_the_client() {
    // What SOAP::Lite sends for a qualified name whose namespace it was not told.
    let gateway = service();
    let sent = envelope("1.1", "<tns:getCount/>");
    let headers = [("Content-Type", soap_type("1.1"))];
    let answer = call(gateway.address("internal"), "POST", "/shop/soap", &headers, sent.as_bytes());
    // Not XML at all: 400 (BP R1113).
    assert_eq!(answer.status, 400);
    assert!(answer.body.contains("<faultcode>soapenv:Client</faultcode>"), "{}", answer.body);
    assert!(answer.body.contains("the prefix `tns` is not declared"), "{}", answer.body);
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
