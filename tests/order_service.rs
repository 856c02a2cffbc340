//! The project's own gateway.kdl, served: one order over SOAP 1.1, SOAP 1.2, REST and plain HTTP.
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

use std::process::Command;

use support::*;

/// The JSON form of [`ORDER`].
const ORDER_JSON: &str = r#"{"id":"A-1001","Placed":"2026-11-20T08:00:00Z","Customer":{"Name":"Ada & Söhne","Country":"DE"},
 "Line":[{"Sku":"ABC-1","Quantity":2,"Price":10.50},{"Sku":"XYZ-22","Quantity":1,"Price":3.25}]}"#;

const SIMPLE: &str = "/ws/simple/createOrder";
const REST: &str = "/ws/rest/Order";
const SOAP: &str = "/ws/soap";

/// What is asked, and what must come back.
struct Case {
    /// The name of its golden, which holds the body.
    name: &'static str,
    path: &'static str,
    headers: Vec<(&'static str, &'static str)>,
    body: String,
    status: u16,
    content_type: &'static str,
}

fn case(name: &'static str, path: &'static str, sent: &'static str, body: String) -> Case {
    Case { name, path, headers: vec![("Content-Type", sent)], body, status: 201, content_type: "" }
}

impl Case {
    fn accept(mut self, range: &'static str) -> Self {
        self.headers.push(("Accept", range));
        self
    }

    fn gives(mut self, status: u16, content_type: &'static str) -> Self {
        self.status = status;
        self.content_type = content_type;
        self
    }
}

const XML: &str = "application/xml; charset=utf-8";
const JSON: &str = "application/json";
const PROBLEM: &str = "application/problem+json";
const TEXT: &str = "text/plain; charset=utf-8";
const SOAP11: &str = "text/xml; charset=utf-8";
const SOAP12: &str = "application/soap+xml; charset=utf-8";

/// An order that each decision of the process rejects, and one that the profile does not let in.
fn foreign() -> String {
    ORDER.replace(">DE<", ">FR<")
}

fn large() -> String {
    ORDER.replace("10.50", "10000")
}

fn invalid() -> String {
    ORDER.replace(">2<", ">0<").replace("XYZ-22", "xyz")
}

/// A case of each kind of caller for one order.
fn callers(name: [&'static str; 6], order: &str, status: [u16; 6], types: [&'static str; 6]) -> Vec<Case> {
    let soap = |version| envelope(version, &create_order(order));
    let cases = [
        case(name[0], SOAP, SOAP11, soap("1.1")),
        case(name[1], SOAP, SOAP12, soap("1.2")),
        case(name[2], REST, "application/xml", order.to_owned()),
        case(name[3], REST, "application/xml", order.to_owned()).accept("application/json"),
        case(name[4], REST, "application/xml", order.to_owned()).accept("application/xml"),
        case(name[5], SIMPLE, "application/xml", order.to_owned()),
    ];
    cases.into_iter().zip(status.into_iter().zip(types)).map(|(case, (s, t))| case.gives(s, t)).collect()
}

fn failed(name: [&'static str; 6], order: &str) -> Vec<Case> {
    let types = [SOAP11, SOAP12, PROBLEM, PROBLEM, "application/problem+xml", TEXT];
    callers(name, order, [500, 400, 422, 422, 422, 422], types)
}

fn cases() -> Vec<Case> {
    let names = ["soap11", "soap12", "rest_xml", "rest_xml_to_json", "rest_xml_to_xml", "simple"];
    let mut cases =
        callers(names, ORDER, [200, 200, 201, 201, 201, 201], [SOAP11, SOAP12, XML, JSON, XML, XML]);
    let json = || case("rest_json", REST, JSON, ORDER_JSON.to_owned());
    cases.push(json().gives(201, JSON));
    cases.push(Case { name: "rest_json_to_xml", ..json() }.accept("text/xml, */*;q=0.1").gives(201, XML));
    cases.push(Case { name: "rest_not_acceptable", ..json() }.accept("image/png").gives(406, PROBLEM));
    cases.extend(failed(
        [
            "country_soap11",
            "country_soap12",
            "country_rest",
            "country_rest_json",
            "country_rest_xml",
            "country_simple",
        ],
        &foreign(),
    ));
    cases.extend(failed(
        ["large_soap11", "large_soap12", "large_rest", "large_rest_json", "large_rest_xml", "large_simple"],
        &large(),
    ));
    cases.extend(failed(
        [
            "invalid_soap11",
            "invalid_soap12",
            "invalid_rest",
            "invalid_rest_json",
            "invalid_rest_xml",
            "invalid_simple",
        ],
        &invalid(),
    ));
    let wrong = ORDER_JSON.replace("\"Quantity\":2", "\"Quantity\":\"two\"");
    cases.push(case("invalid_json", REST, JSON, wrong).gives(422, PROBLEM));
    cases
}

/// The request id of an answer, which is the same in its header and in its body.
fn without_id(answer: &Response) -> String {
    let id = answer.header("x-request-id").unwrap_or_else(|| panic!("no request id in {answer:?}"));
    assert!(!id.is_empty());
    answer.body.replace(id, "REQUEST")
}

#[test]
fn every_caller_is_answered_in_its_own_form() {
    let gateway = Gateway::start(&order_service());
    let address = gateway.address("internal");
    for case in cases() {
        let answer = call(address, "POST", case.path, &case.headers, case.body.as_bytes());
        assert_eq!(answer.status, case.status, "{}: {answer:?}", case.name);
        assert_eq!(answer.header("content-type"), Some(case.content_type), "{}", case.name);
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{}", case.name);
        let kept = (case.status >= 400).then_some("no-store");
        assert_eq!(answer.header("cache-control"), kept, "{}", case.name);
        let body = without_id(&answer);
        assert!(case.status < 400 || body.contains("REQUEST"), "{}: no request id in {body}", case.name);
        golden(&format!("order_service/{}.txt", case.name), &format!("{}\n", body.trim_end()));
    }
}

#[test]
fn request_ids_differ_and_stand_in_the_log() {
    let mut gateway = Gateway::start(&order_service());
    let mut connection = Connection::open(gateway.address("internal"));
    let mut ids = Vec::new();
    for _ in 0..3 {
        let answer =
            connection.call("POST", SIMPLE, &[("Content-Type", "application/xml")], ORDER.as_bytes());
        assert_eq!(answer.status, 201);
        ids.push(answer.header("x-request-id").unwrap().to_owned());
    }
    for id in &ids {
        assert_eq!(ids.iter().filter(|other| *other == id).count(), 1);
        let line = gateway.wait_for_line("order A-1001 accepted");
        assert!(line.contains(id), "{line}");
        let line = gateway.wait_for_line("answered");
        assert!(line.contains(id) && line.contains("status=201"), "{line}");
    }
}

#[test]
fn the_wsdl_names_the_host_that_was_asked() {
    let gateway = Gateway::start(&order_service());
    let answer = get(gateway.address("internal"), "/ws/soap?wsdl");
    assert_eq!((answer.status, answer.header("content-type")), (200, Some(SOAP11)));
    assert!(answer.body.contains("location=\"http://gateway.test/ws/soap\""), "{}", answer.body);
    let other = get(gateway.address("internal"), "/ws/soap12?WSDL");
    assert!(other.body.contains("location=\"http://gateway.test/ws/soap12\""), "{}", other.body);
    let bare = get(gateway.address("internal"), "/ws/soap");
    assert_eq!((bare.status, bare.header("allow")), (405, Some("POST")));
}

#[test]
fn every_protocol_is_answered_over_http2() {
    let gateway = Gateway::start(&order_service());
    let order = gateway.folder.write("order.xml", ORDER);
    let envelope = gateway.folder.write("envelope.xml", &envelope("1.2", &create_order(ORDER)));
    let calls = [
        (SIMPLE, "application/xml", &order, "201"),
        (REST, "application/xml", &order, "201"),
        (SOAP, "application/soap+xml", &envelope, "200"),
    ];
    // One run for each call: curl before 8.0 cannot use a connection of prior knowledge twice.
    for (path, content_type, body, status) in calls {
        let mut command = Command::new("curl");
        command.args(["--silent", "--show-error", "--max-time", "30", "--http2-prior-knowledge"]);
        command.args(["--write-out", "\n%{http_version} %{http_code}"]);
        command.args(["--header", &format!("Content-Type: {content_type}"), "--data-binary"]);
        command.arg(format!("@{}", body.display())).arg(gateway.url(path));
        let output = command.output().expect("curl, which script/setup installs");
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{path}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(text.ends_with(&format!("\n2 {status}")), "{path}: {text}");
        assert!(text.contains("<Total>24.25</Total>"), "{path}: {text}");
    }
}
