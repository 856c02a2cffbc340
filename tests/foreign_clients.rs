//! Clients of others, pointed at the WSDL: zeep and node-soap call the order service over SOAP 1.1 and 1.2.
#![allow(clippy::disallowed_methods, reason = "tests read files and run programs")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may stop at the first surprise"
)]

mod support;

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::{Value, json};
use support::*;

/// What the clients print for each version and case: an order, one to a country that is not served, an invalid one.
type Answers = BTreeMap<(String, String), Value>;

const COUNTRY: &str = "We do not deliver to FR.";
const PLACE: &str = "createOrder/Order/Line[1]/Price";
const WRONG: &str = "found `-1`, expected at least 0";

fn reason(line: &str) -> String {
    format!("The document does not fit what is expected here: {PLACE}{line}: {WRONG}.")
}

/// The order service, with a whole number in its answer too.
fn service() -> String {
    let amount = "element Amount type=decimal";
    let set = "set \"Sku\" from=\"Sku\"";
    let kdl = order_service();
    assert!(kdl.contains(amount) && kdl.contains(set));
    kdl.replace(amount, &format!("{amount}\n element Quantity type=integer"))
        .replace(set, &format!("{set}\n set \"Quantity\" from=\"Quantity\""))
}

/// Runs a client against the WSDL and reads its lines.
fn run(command: &mut Command, gateway: &Gateway) -> Answers {
    let output = command.arg(gateway.url("/ws/soap?wsdl")).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {errors}\n{text}");
    let mut answers = Answers::new();
    for line in text.lines() {
        let value: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}"));
        let key = |name: &str| value[name].as_str().unwrap().to_owned();
        answers.insert((key("version"), key("case")), value);
    }
    let versions: Vec<_> = answers.keys().map(|(version, case)| format!("{version} {case}")).collect();
    let all = ["1.1 fault", "1.1 invalid", "1.1 order", "1.2 fault", "1.2 invalid", "1.2 order"];
    assert_eq!(versions, all, "{text}");
    answers
}

fn zeep(gateway: &Gateway) -> Answers {
    let python = tool(".tools/venv/bin/python");
    let client = tool("tests/clients/zeep_client.py");
    run(Command::new(python).arg(client).env("PYTHONIOENCODING", "utf-8"), gateway)
}

fn node(gateway: &Gateway) -> Answers {
    let modules = tool(".tools/node/node_modules/soap");
    let client = tool("tests/clients/node_client.js");
    run(Command::new("node").arg(client).env("SOAP_MODULES", modules.parent().unwrap()), gateway)
}

fn of<'a>(answers: &'a Answers, version: &str, case: &str) -> &'a Value {
    &answers[&(version.to_owned(), case.to_owned())]
}

/// The request id of a fault's detail, which must be one that the log names.
fn is_logged(gateway: &mut Gateway, detail: &Value) {
    let id = detail["request"].as_str().unwrap_or_else(|| panic!("no request id in {detail}"));
    gateway.wait_for_line(&format!("answered request={id} "));
}

#[test]
fn zeep_reads_typed_answers() {
    let gateway = Gateway::start(&service());
    let answers = zeep(&gateway);
    for version in ["1.1", "1.2"] {
        // The Decimal is Python's, made by the WSDL's type; the attribute stands beside the elements.
        let expected = json!({
            "Customer": "Ada & Söhne",
            "Total": "Decimal 24.25",
            "Line": [
                { "Sku": "ABC-1", "Amount": "Decimal 21.00", "Quantity": 2 },
                { "Sku": "XYZ-22", "Amount": "Decimal 3.25", "Quantity": 1 },
            ],
            "order": "A-1001",
        });
        assert_eq!(of(&answers, version, "order")["answer"], expected, "{version}");
    }
}

#[test]
fn zeep_reads_typed_faults() {
    let mut gateway = Gateway::start(&service());
    let answers = zeep(&gateway);
    for (version, code) in [("1.1", "soapenv:Client"), ("1.2", "soap:Sender")] {
        let fault = of(&answers, version, "fault");
        assert_eq!((&fault["fault"], &fault["code"]), (&json!(COUNTRY), &json!(code)), "{version}");
        assert_eq!(fault["detail"]["code"], "UnknownCountry", "{version}");
        assert_eq!(fault["detail"]["violation"], json!([]), "{version}");
        is_logged(&mut gateway, &fault["detail"]);
        let invalid = of(&answers, version, "invalid");
        assert_eq!(
            (&invalid["fault"], &invalid["code"]),
            (&json!(reason(" in line 2")), &json!(code)),
            "{version}"
        );
        assert_eq!(invalid["detail"]["code"], "invalid-document", "{version}");
        assert_eq!(
            invalid["detail"]["violation"],
            json!([{ "path": PLACE, "line": 2, "message": WRONG }]),
            "{version}"
        );
        is_logged(&mut gateway, &invalid["detail"]);
    }
    let subcodes = |case| of(&answers, "1.2", case)["subcodes"].clone();
    assert_eq!(subcodes("fault"), json!(["{urn:soapstone:fault}UnknownCountry"]));
    assert_eq!(subcodes("invalid"), json!(["{urn:soapstone:fault}invalid-document"]));
}

#[test]
fn node_soap_reads_typed_answers() {
    let gateway = Gateway::start(&service());
    let answers = node(&gateway);
    for version in ["1.1", "1.2"] {
        let expected = json!({
            "Receipt": {
                "attributes": { "order": "A-1001" },
                "Customer": "Ada & Söhne",
                "Total": 24.25,
                "Line": [
                    { "Sku": "ABC-1", "Amount": 21, "Quantity": 2 },
                    { "Sku": "XYZ-22", "Amount": 3.25, "Quantity": 1 },
                ],
            }
        });
        assert_eq!(of(&answers, version, "order")["answer"], expected, "{version}");
    }
}

#[test]
fn node_soap_reads_typed_faults() {
    let mut gateway = Gateway::start(&service());
    let answers = node(&gateway);
    for version in ["1.1", "1.2"] {
        let cases = [
            ("fault", "UnknownCountry", COUNTRY.to_owned(), Value::Null),
            (
                "invalid",
                "invalid-document",
                reason(""),
                json!({ "path": PLACE, "line": "1", "message": WRONG }),
            ),
        ];
        for (case, code, reason, violation) in cases {
            let fault = &of(&answers, version, case)["fault"];
            let detail = if version == "1.1" {
                assert_eq!(fault["faultcode"], "soapenv:Client", "{fault}");
                assert_eq!(fault["faultstring"], json!(reason), "{fault}");
                &fault["detail"]["failure"]
            } else {
                assert_eq!(fault["Code"]["Value"], "soap:Sender", "{fault}");
                assert_eq!(fault["Code"]["Subcode"]["Value"], json!(format!("f:{code}")), "{fault}");
                assert_eq!(fault["Reason"]["Text"]["$value"], json!(reason), "{fault}");
                &fault["Detail"]["failure"]
            };
            assert_eq!(detail["code"], code, "{version}: {fault}");
            assert_eq!(detail["violation"], violation, "{version}: {fault}");
            is_logged(&mut gateway, detail);
        }
    }
}
