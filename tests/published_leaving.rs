//! What is published of documents that leave is what leaves: answers are checked by the published schemas with validators of others.
#![allow(clippy::disallowed_methods, reason = "tests read files and run programs")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

mod support;

use std::process::{Command, Output};

use serde_json::{Value, json};
use support::*;

/// An order comes with what `shown` excludes: there its parts are required, and its moment is rewritten.
const SERVICE: &str = r#"
listener internal bind="127.0.0.1:0"
profile order format=xml {
    element Order { attribute token required=#true; element Number; element Placed type=dateTime; element Margin type=decimal }
}
profile shown format=xml {
    element Order { attribute token exclude=#true; element Number; element Placed type=dateTime pattern=".*Z" zone="+01:00"; element Margin type=decimal exclude=#true }
}
profile both format=xml {
    element Both namespace="urn:example:both" { element Number; element At type=dateTime pattern=".*Z" zone="+01:00"; element Margin type=decimal exclude=#true }
}
profile asked format=xml { element Reason { element Text; element Trace { element Line } } }
profile reason format=xml { element Reason { element Text; element Trace exclude=#true { element Line } } }
profile stamp format=xml { element Stamp namespace="urn:example:stamp" { element Id; element Key exclude=#true } }
profile note format=json { object { string id required=#true; dateTime at zone=none; string pin exclude=#true } }
fault Refused profile=reason status=409
operation show { action create; object Show; input order; output shown; header stamp direction=out
    process {
        branch {
            path "stamp" { message "<Stamp xmlns=\"urn:example:stamp\"><Id>1</Id><Key>s3cret</Key></Stamp>" type="application/xml"; header stamp; stop }
            path "answer" { return }
        }
    }
}
operation keep { action create; object Keep; input both; output both; process { return } }
operation refuse { action create; object Refuse; input asked; output shown; faults Refused; process { throw "no" fault=Refused } }
operation note { action create; object Note; input note; output note; process { return } }
api a base="/a" {
    rest { post "/show" show; post "/keep" keep; post "/refuse" refuse; post "/note" note }
    soap "/soap" namespace="urn:example:service" { operation show; operation keep; operation refuse }
    soap "/rpc" namespace="urn:example:rpc" style=rpc { operation keep }
}
"#;

const ORDER: &str = r#"<Order token="s3cret"><Number>1</Number><Placed>2026-07-01T10:00:00Z</Placed><Margin>0.5</Margin></Order>"#;
const BOTH: &str = r#"<Both xmlns="urn:example:both"><Number>1</Number><At>2026-07-01T10:00:00Z</At><Margin>0.5</Margin></Both>"#;
const REASON: &str = "<Reason><Text>no</Text><Trace><Line>s3cret</Line></Trace></Reason>";

/// What libxml2 says of messages by the schemas of a WSDL.
fn checked(wsdl: &str, messages: &[String]) -> Output {
    let folder = Folder::new();
    let given = folder.write("given.json", &json!({ "wsdl": wsdl, "messages": messages }).to_string());
    let mut command = Command::new(tool(".tools/venv/bin/python"));
    command.arg(tool("tests/clients/schema_check.py")).stdin(std::fs::File::open(given).unwrap());
    command.output().unwrap()
}

fn call_of(name: &str, document: &str) -> String {
    envelope("1.1", &format!("<w:{name} xmlns:w=\"urn:example:service\">{document}</w:{name}>"))
}

#[test]
fn what_leaves_over_soap_is_valid_by_the_wsdl_and_what_stays_is_not_in_it() {
    let gateway = Gateway::start(SERVICE);
    let address = gateway.address("internal");
    let wsdl = get(address, "/a/soap?wsdl=single").body;
    golden("published-leaving.wsdl", &wsdl);
    let requests = [("createShow", ORDER), ("createKeep", BOTH), ("createRefuse", REASON)]
        .map(|(name, document)| call_of(name, document));
    let answers = requests.clone().map(|request| post(address, "/a/soap", soap_type("1.1"), &request).body);
    for (answer, left) in answers.iter().zip(["11:00:00+01:00", "11:00:00+01:00", "<Text>no</Text>"]) {
        assert!(answer.contains(left), "{answer}");
        assert!(!answer.contains("s3cret") && !answer.contains("0.5"), "{answer}");
    }
    let names = [
        "createShow",
        "createKeep",
        "createRefuse",
        "Stamp",
        "createShowResponse",
        "createKeepResponse",
        "Reason",
    ];
    let output = checked(&wsdl, &[requests, answers.clone()].concat());
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(told.lines().collect::<Vec<_>>(), names);
    // With what is excluded, answers and details are not what is published.
    let number = "<Number>1</Number>";
    let more = |answer: &str, from: &str, to: &str| {
        let wrong = answer.replace(from, to);
        assert_ne!(wrong, answer);
        wrong
    };
    for (wrong, part) in [
        (more(&answers[0], "</Placed>", "</Placed><Margin>1</Margin>"), "Margin"),
        (more(&answers[0], "<Order>", "<Order token=\"1\">"), "token"),
        (more(&answers[2], "</Text>", "</Text><Trace><Line>1</Line></Trace>"), "Trace"),
        (more(&answers[0], "</Id>", "</Id><Key>1</Key>"), "Key"),
        (more(&answers[1], number, "<Other/>"), "Other"),
    ] {
        let output = checked(&wsdl, &[wrong]);
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && told.contains(part), "{part}: {told}");
    }
}

#[test]
fn parts_of_rpc_that_never_leave_are_parts_of_the_request_alone() {
    let gateway = Gateway::start(SERVICE);
    let wsdl = get(gateway.address("internal"), "/a/rpc?wsdl=single").body;
    let message = |name: &str| {
        let (_, from) =
            wsdl.split_once(&format!("<wsdl:message name=\"{name}\">")).unwrap_or_else(|| panic!("{wsdl}"));
        from.split_once("</wsdl:message>").unwrap().0.matches("<wsdl:part ").count()
    };
    assert_eq!((message("createKeepRequest"), message("createKeepResponse")), (3, 2), "{wsdl}");
}

/// A component of a description as a validator of others has it.
fn validator(description: &Value, name: &str) -> jsonschema::Validator {
    assert!(description["components"]["schemas"].get(name).is_some(), "{name}: {description:#}");
    let root =
        json!({ "$ref": format!("#/components/schemas/{name}"), "components": description["components"] });
    jsonschema::options().should_validate_formats(true).build(&root).unwrap()
}

#[test]
fn what_leaves_over_rest_is_valid_by_the_description_and_what_stays_is_not_in_it() {
    let gateway = Gateway::start(SERVICE);
    let address = gateway.address("internal");
    let description = get(address, "/a/openapi.json").body;
    let description: Value = serde_json::from_str(&description).unwrap();
    golden("openapi/published-leaving.json", &format!("{:#}\n", description["components"]["schemas"]));
    let order = json!({ "token": "s3cret", "Number": "1", "Placed": "2026-07-01T10:00:00Z", "Margin": 0.5 });
    let both = json!({ "Number": "1", "At": "2026-07-01T10:00:00Z", "Margin": 0.5 });
    let note = json!({ "id": "1", "at": "2026-07-01T10:00:00Z", "pin": "s3cret" });
    let reason = json!({ "Text": "no", "Trace": { "Line": "s3cret" } });
    for (path, sent, comes, leaves, more) in [
        ("/a/show", &order, "order", "shown-out", json!({ "Margin": 1 })),
        ("/a/show", &order, "order", "shown-out", json!({ "token": "1" })),
        ("/a/keep", &both, "both", "both-out", json!({ "Margin": 1 })),
        ("/a/note", &note, "note", "note-out", json!({ "pin": "1" })),
        ("/a/refuse", &reason, "asked", "reason-out", json!({ "Trace": { "Line": "1" } })),
    ] {
        let headers = [("Content-Type", "application/json"), ("Accept", "application/json")];
        let answer = call(address, "POST", path, &headers, sent.to_string().as_bytes());
        let mut left: Value = serde_json::from_str(&answer.body).unwrap();
        if let Some(detail) = left.get_mut("fault") {
            left = detail.take();
        }
        assert!(!left.to_string().contains("s3cret"), "{left}");
        assert!(validator(&description, comes).is_valid(sent), "{path}");
        let out = validator(&description, leaves);
        assert!(out.is_valid(&left), "{path}: {left} {:?}", out.iter_errors(&left).next());
        left.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        assert!(!out.is_valid(&left), "{path}: {left}");
    }
    // A profile that only leaves is not published as what comes in.
    assert!(description["components"]["schemas"].get("shown").is_none());
    let content = &description["paths"]["/keep"]["post"]["requestBody"]["content"];
    assert_eq!(content["application/json"]["schema"]["$ref"], "#/components/schemas/both");
    assert_eq!(content["application/xml"]["schema"]["$ref"], "#/components/schemas/both-xml");
}
