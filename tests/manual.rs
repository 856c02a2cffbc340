//! Every example of the manual compiles, in a file that declares what the examples name.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

use std::path::Path;
use std::sync::LazyLock;

use soapstone::compile::{KINDS, compile};
use soapstone::kind::Manual;
use soapstone::source::{Form, render};
use soapstone::world::Memory;

/// What the examples name; an example that declares one of these itself stands in its place.
const AROUND: &[(&str, &str)] = &[
    ("listener internal", "listener internal bind=\"127.0.0.1:8080\""),
    ("users partners", "users partners { user acme password=(env)ACME_PASSWORD_HASH token=(env)TOKEN }"),
    (
        "profile order",
        r#"profile order format=xml {
            element Order namespace="urn:example:orders" {
                attribute id required=#true
                element Customer { element Name; element Country length=2 }
                element Line occurs="1..*" {
                    element Sku
                    element Quantity type=integer
                    element Price type=decimal
                }
            }
        }"#,
    ),
    (
        "profile receipt",
        r#"profile receipt format=json {
            object { string id; number total; array lines { object { string sku; integer quantity } } }
        }"#,
    ),
    (
        "map order-to-receipt",
        "map order-to-receipt from=order to=receipt { set \"$.id\" from=\"Order/@id\" }",
    ),
    ("server crm", "server crm url=\"https://crm.example.com/soap\" { wsdl \"wsdl/crm.wsdl\" }"),
    ("server billing", "server billing url=\"https://billing.example.com\""),
    ("broker events", "broker events url=\"nats://127.0.0.1:4222\""),
    ("files", "files root=\"var/exchange\""),
    ("database erp url", "database erp url=\"postgres://soapstone@127.0.0.1/erp\""),
    ("process approve", "process approve { set approved value=\"yes\" }"),
    ("process acknowledge", "process acknowledge { map order-to-receipt; return }"),
    (
        "operation create-order",
        "operation create-order { action create; object Order; input order; output order
            process { return } }",
    ),
];

/// The contract of the server that examples call.
const CRM: &str = r#"<definitions name="Crm" targetNamespace="urn:example:crm" xmlns="http://schemas.xmlsoap.org/wsdl/"
    xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:example:crm">
  <types><xs:schema targetNamespace="urn:example:crm" elementFormDefault="qualified">
    <xs:element name="GetAccount"><xs:complexType><xs:sequence><xs:element name="Id" type="xs:string"/></xs:sequence></xs:complexType></xs:element>
    <xs:element name="GetAccountResponse"><xs:complexType><xs:sequence><xs:element name="Name" type="xs:string"/></xs:sequence></xs:complexType></xs:element>
    <xs:element name="AccountNotFound" type="xs:string"/>
  </xs:schema></types>
  <message name="in"><part name="p" element="t:GetAccount"/></message>
  <message name="out"><part name="p" element="t:GetAccountResponse"/></message>
  <message name="fault"><part name="p" element="t:AccountNotFound"/></message>
  <portType name="Crm"><operation name="GetAccount"><input message="t:in"/><output message="t:out"/>
    <fault name="AccountNotFound" message="t:fault"/></operation></portType>
  <binding name="Crm" type="t:Crm"><soap:binding transport="http://schemas.xmlsoap.org/soap/http"/><operation name="GetAccount">
    <soap:operation soapAction="urn:example:crm/GetAccount"/><input><soap:body use="literal"/></input><output><soap:body use="literal"/></output>
    <fault name="AccountNotFound"><soap:fault name="AccountNotFound" use="literal"/></fault></operation></binding>
  <service name="Crm"><port name="Crm" binding="t:Crm"><soap:address location="https://crm.example.com/soap"/></port></service>
</definitions>"#;

/// The example as a whole file.
fn whole(example: &str) -> String {
    let ends = [" ", "="];
    let is = |line: &str, name: &str| ends.iter().any(|end| line.starts_with(&format!("{name}{end}")));
    let declares = |name: &str| example.lines().any(|line| is(line, name));
    let missing = AROUND.iter().filter(|(name, _)| !declares(name));
    let around: Vec<&str> = missing.map(|(_, text)| *text).collect();
    format!("{example}\n{}\n", around.join("\n"))
}

/// The files an example may stand in: it must compile in one of them.
fn files(table: &str, manual: &Manual) -> Vec<String> {
    let example = manual.example;
    match table {
        "declaration" | "connector" => vec![whole(example)],
        // A profile of its own would not fit the maps around.
        "profile format" => vec![format!("{example}\nlistener internal bind=\"127.0.0.1:8080\"\n")],
        "map item" => ["receipt", "order"]
            .map(|to| whole(&format!("map example from=order to={to} {{\n{example}\n}}")))
            .to_vec(),
        "step" => vec![whole(&format!("process example {{\n{example}\n}}"))],
        "protocol" => vec![
            whole(&format!("api orders base=\"/orders/v1\" {{\n{example}\n}}")),
            whole(&format!("listener example bind=\"127.0.0.1:8081\" {{\n{example}\n}}")),
        ],
        "authentication scheme" => {
            vec![whole(&format!("listener example bind=\"127.0.0.1:8081\" {{\n{example}\n}}"))]
        }
        other => panic!("say here what the example of a {other} stands in"),
    }
}

fn world() -> Memory {
    // One hash for all files: making one is slow by design.
    static HASH: LazyLock<String> = LazyLock::new(|| soapstone::auth::hash_password("secret").unwrap());
    Memory::default()
        .with_variable("ACME_PASSWORD_HASH", &HASH)
        .with_variable("TOKEN", "0123456789abcdef0123456789abcdef")
        .with_variable("BILLING_URL", "https://billing.example.com")
        .with_variable("BILLING_PASSWORD", "secret")
        .with_variable("NATS_URL", "nats://127.0.0.1:4222")
        .with_variable("NATS_PASSWORD", "secret")
        .with_variable("ADMIN_TOKEN", "0123456789abcdef0123456789abcdef")
        .file("wsdl/crm.wsdl", CRM)
        .file("partners/initech.kdl", "log level=info\n")
        .file("lib/pricing.rhai", "fn gross(net) { net * 2 }\n")
        .file("schemas/shipment.schema.json", r#"{ "type": "object", "required": ["id"] }"#)
        .file("samples/ack.xml", "<Ack><At>2026-11-20</At></Ack>")
        .file("samples/ack.json", r#"{ "at": "2026-11-20" }"#)
}

/// What is wrong with a file; that nothing uses the example's names is none of it.
fn errors(text: &str) -> Option<String> {
    let compiled = compile(Path::new("gateway.kdl"), &world().file("gateway.kdl", text));
    let told = || render(&compiled.findings, &compiled.sources, Form::Text { colour: false });
    let wrong =
        compiled.findings.sorted().iter().any(|finding| !matches!(finding.code, "unused" | "never-set"));
    wrong.then(told)
}

#[test]
fn every_example_compiles() {
    for (table, manual) in KINDS.manuals() {
        let told: Vec<String> = files(table, manual).iter().map_while(|file| errors(file)).collect();
        let all = files(table, manual).len();
        assert!(told.len() < all, "{table} {}:\n{}", manual.name, told.join("\n"));
    }
}

#[test]
fn every_kind_has_a_manual() {
    for (table, manual) in KINDS.manuals() {
        let Manual { name, summary, usage, text, example } = manual;
        for (what, text) in [("summary", summary), ("usage", usage), ("text", text), ("example", example)] {
            assert!(!text.is_empty(), "{table} {name} has no {what}");
        }
        assert!(
            !summary.ends_with('.') && text.ends_with('.'),
            "{table} {name}: a summary is no sentence, a text is"
        );
    }
}
