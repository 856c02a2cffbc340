//! What a process reads of an answer that is a failure: kept header fields and blocks, all reasons, all of the detail.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

#[path = "support/broken_server.rs"]
mod broken_server;
mod support;

use broken_server::{Answer, BrokenServer};
use support::{Gateway, get};

/// A file with an operation that calls `crm` and answers with what it read.
fn kdl(server: &BrokenServer, steps: &str) -> String {
    format!(
        "listener internal bind=\"127.0.0.1:0\"\nserver crm url=\"{}\"\noperation call {{\n action get\n object Call\n output data\n process {{\n {steps}\n return }} }}\n",
        server.url("")
    )
}

fn body(gateway: &Gateway) -> String {
    get(gateway.address("internal"), "/ws/rest/Call").body
}

/// A refusal that says when to come again, and to whom it was shown.
fn busy() -> Answer {
    Answer::new(409, "text/plain", "busy").header("X-Again", "in 5 minutes").header("X-Other", "no")
}

#[test]
fn header_fields_of_a_refusal_are_kept_for_who_catches_it() {
    let server = BrokenServer::start([busy()]);
    let keeps = "keep-header X-Again as=crm.again; keep-header X-Absent as=crm.absent";
    let told = "message \"{crm.again}|{crm.absent}|{error.http.status}\"";
    let by_clause =
        format!("set crm.absent value=old\n http crm get \"/a\" {{ {keeps}; fault {{ {told} }} }}");
    let by_try = format!(
        "set crm.absent value=old\n try {{\n http crm get \"/a\" {{ {keeps} }}\n catch {{ {told} }}\n }}"
    );
    for steps in [by_clause, by_try] {
        assert_eq!(body(&Gateway::start(&kdl(&server, &steps))), "in 5 minutes||409", "{steps}");
    }
    // Without an answer there is nothing to keep, and nothing of another call is left.
    let gone = format!(
        "set crm.again value=old\n http crm get \"/a\" {{ {keeps}; fault {{ message \"{{crm.again}}|{{error.kind}}\" }} }}"
    );
    server.answer([Answer::reset_at_once()]);
    assert_eq!(body(&Gateway::start(&kdl(&server, &gone))), "|transport");
}

#[test]
fn a_clause_is_told_the_step_that_failed_and_its_place() {
    let server = BrokenServer::start([busy()]);
    let told = "message \"{error.step} at {error.place}\"";
    // The steps begin in line 7, with a space before them.
    for (step, call) in [
        ("http", "http crm get \"/a\""),
        ("soap", "message \"<q/>\" type=\"application/xml\"; soap crm action=\"urn:a\""),
    ] {
        let text = kdl(&server, &format!("{call} {{ fault {{ {told} }} }}"));
        let column = text.lines().nth(7).unwrap().find(&format!("{step} crm")).unwrap() + 1;
        let body = body(&Gateway::start(&text));
        assert!(body.starts_with(&format!("{step} at ")), "{body}");
        assert!(body.ends_with(&format!(":8:{column}")), "{body}");
    }
}

#[test]
fn all_of_a_fault_can_be_read() {
    let envelope = r#"<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Header><h:Limits xmlns:h="urn:h"><h:Left>0</h:Left></h:Limits></e:Header><e:Body><e:Fault><e:Code><e:Value>e:Receiver</e:Value></e:Code><e:Reason><e:Text xml:lang="de">ausverkauft
bis morgen</e:Text><e:Text xml:lang="en">sold out</e:Text></e:Reason><e:Detail><a xmlns="urn:a">1</a><b xmlns="urn:b">2</b></e:Detail></e:Fault></e:Body></e:Envelope>"#;
    let answer = || Answer::new(500, "application/soap+xml", envelope).header("X-Trace", "t-1");
    let server = BrokenServer::start([answer()]);
    let keeps = "keep-header \"{urn:h}Limits/Left\" as=crm.left; keep-header X-Trace as=crm.trace; keep-header \"{urn:h}None\" as=crm.none";
    let told = "message \"{crm.left}|{crm.trace}|{crm.none}|{error.fault.reason}|{error.fault.reasons}|{error.fault.detail}|{error.fault.details}\"";
    let steps = format!(
        "message \"<q/>\"\n set crm.none value=old\n validate any\n soap crm action=\"urn:a\" version=\"1.2\" {{ {keeps}; fault {{ {told} }} }}"
    );
    let text =
        kdl(&server, &steps).replacen("operation", "profile any format=xml { element q }\noperation", 1);
    assert_eq!(
        body(&Gateway::start(&text)),
        "0|t-1||sold out|de: ausverkauft bis morgen\nen: sold out|<a xmlns=\"urn:a\">1</a>|<a xmlns=\"urn:a\">1</a><b xmlns=\"urn:b\">2</b>"
    );
}
