//! What clients of others take for granted: answers are valid by the published schemas, odd requests get faults.
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

/// A call with a header block, and one that ends in a declared fault.
fn reserved() -> Vec<String> {
    let call = |wanted: u32| {
        format!(
            "<s:reserveStock xmlns:s='urn:example:clients:service'><Article xmlns='urn:example:clients'>\
             <Sku>A</Sku><Wanted>{wanted}</Wanted></Article></s:reserveStock>"
        )
    };
    vec![call(7), call(700)]
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
        let session = "<e:Header><Session xmlns='urn:example:clients:header'><User>A</User></Session></e:Header><e:Body>";
        let reserved =
            reserved().into_iter().map(|body| envelope(version, &body).replace("<e:Body>", session));
        let others = orders().into_iter().chain(lists()).map(|body| envelope(version, &body));
        for sent in others.chain(reserved) {
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
        "Limits",
        "reserveStockResponse",
        "Limits",
        "OutOfStock",
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
