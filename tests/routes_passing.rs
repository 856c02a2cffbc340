//! What `soapstone routes` says of bodies is what becomes of them: a body of unknown length stays so only where nothing holds it.
#![allow(clippy::disallowed_methods, reason = "tests read files and run programs")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

mod support;
#[path = "support/wire.rs"]
mod wire;

use serde_json::Value;
use support::*;
use wire::{Listening, Wire};

/// An operation with what is said of its bodies, and what becomes of them without and with a header field.
struct Case {
    name: &'static str,
    io: &'static str,
    steps: &'static str,
    said: [&'static str; 2],
    done: [[&'static str; 2]; 2],
}

const fn always(
    name: &'static str,
    io: &'static str,
    steps: &'static str,
    said: [&'static str; 2],
    done: [&'static str; 2],
) -> Case {
    Case { name, io, steps, said, done: [done, done] }
}

const DATA: &str = "input data; output data";
const STREAMS: [&str; 2] = ["streamed", "streamed"];
const HELD: [&str; 2] = ["held", "held"];

const CASES: [Case; 16] = [
    always("Pass", DATA, "set times value=once; http files post \"/put\"; return", STREAMS, STREAMS),
    always(
        "Caught",
        DATA,
        "http files post \"/put\" { fault { throw \"x\" } }; return",
        ["held by http", "streamed"],
        ["held", "streamed"],
    ),
    always(
        "Made",
        DATA,
        "message \"x\"; http files post \"/put\"; return",
        ["held by message", "streamed"],
        ["held", "streamed"],
    ),
    always(
        "Read",
        DATA,
        "http files post \"/put\"; set x script=\"1 + 1\"; return",
        ["streamed", "held by set"],
        ["streamed", "held"],
    ),
    always(
        "Known",
        DATA,
        "http files post \"/put\" profile=note; return",
        ["streamed", "held by http"],
        ["streamed", "held"],
    ),
    always(
        "Branch",
        DATA,
        "branch { path one { http files post \"/put\"; return } }",
        ["held by branch", "held by branch"],
        HELD,
    ),
    always(
        "Both",
        DATA,
        "decision property=request.header.x-other { then { http files post \"/a\" }; else { http files post \"/b\" } }; return",
        STREAMS,
        STREAMS,
    ),
    Case {
        name: "Either",
        io: DATA,
        steps: "decision property=request.header.x-other { then { message \"x\"; http files post \"/a\" }; else { http files post \"/b\" } }; return",
        said: ["depends on decision", "streamed"],
        done: [STREAMS, ["held", "streamed"]],
    },
    Case {
        name: "Route",
        io: DATA,
        steps: "route property=request.header.x-other { case yes { http files post \"/a\"; set x script=\"1 + 1\" }; default { http files post \"/b\" } }; return",
        said: ["streamed", "depends on route"],
        done: [STREAMS, ["streamed", "held"]],
    },
    Case {
        name: "Several",
        io: DATA,
        steps: "decision property=request.header.x-other { then { branch { path a { message \"x\" }; path b { message \"y\" } } } }; http files post \"/a\"; return",
        said: ["held by decision", "depends on decision"],
        done: [["held", "streamed"], HELD],
    },
    always(
        "Single",
        DATA,
        "notify info \"x\"; wait \"1ms\"; decision property=request.header.x-other { then { set a value=1 }; else { encode base64; decode base64 } }; http files post \"/a\"; return",
        ["held by notify", "streamed"],
        ["held", "streamed"],
    ),
    always(
        "Past",
        DATA,
        "decision property=request.header.no-such { then { http files post \"/a\" } }; http files post \"/b\"; return",
        STREAMS,
        STREAMS,
    ),
    always(
        "Early",
        DATA,
        "branch { path a { http files post \"/put\"; return }; path b { set x value=1 } }",
        ["held (answer leaves early, behind branch)", "held (answer leaves early, behind branch)"],
        HELD,
    ),
    always(
        "Note",
        "input note; output data",
        "http files post \"/put\"; return",
        ["held (document)", "streamed"],
        ["held", "streamed"],
    ),
    Case {
        name: "Many",
        io: "input note many=#true; output data",
        steps: "http files post \"/put\"; return",
        said: ["held (document)", "depends (number of documents)"],
        done: [["held", "streamed"], HELD],
    },
    always(
        "Checked",
        "input data; output note",
        "http files post \"/put\"; return",
        ["streamed", "held (document)"],
        ["streamed", "held"],
    ),
];

fn file(server: &Listening) -> String {
    let head = format!(
        "listener internal bind=\"127.0.0.1:0\"\nserver files url=\"{}\"\nprofile note format=json {{ object {{ string id }} }}\n",
        server.url()
    );
    let operations = CASES.iter().map(|Case { name, io, steps, .. }| {
        format!("operation {name} {{ action execute; object {name}; {io}; process {{ {steps} }} }}\n")
    });
    head + &operations.collect::<String>()
}

/// A document that is long enough to be seen on its way.
fn long() -> String {
    format!("{{\"id\": \"{}\"}}", "x".repeat(1 << 20))
}

fn chunked(body: &str) -> String {
    format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len())
}

/// Whether the body behind a head was held: its length is known then. Reads it.
fn seen(wire: &mut Wire, head: &str) -> &'static str {
    if head.contains("transfer-encoding: chunked") {
        wire.skip_to("\r\n0\r\n\r\n");
        return "streamed";
    }
    let length = head.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next());
    wire.take(length.unwrap_or_else(|| panic!("{head}")).parse().unwrap());
    "held"
}

/// What becomes of the bodies of a call.
fn done(gateway: &Gateway, server: &Listening, case: &Case, with_field: bool) -> [&'static str; 2] {
    let field = if with_field { "X-Other: yes\r\n" } else { "" };
    let mut client = Wire::open(gateway.address("internal"));
    client.send(format!(
        "POST /ws/rest/{} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n{field}Transfer-Encoding: chunked\r\n\r\n",
        case.name
    ));
    // A list of one document, and of two.
    let sent = match (case.name, with_field) {
        ("Many", false) => format!("[{}]", long()),
        ("Many", true) => format!("[{0},{0}]", long()),
        _ => long(),
    };
    client.send(chunked(&sent));
    let mut served = server.accept();
    let calls = if matches!(case.name, "Several" | "Many") && with_field { 2 } else { 1 };
    let mut request = "held";
    for _ in 0..calls {
        let head = served.head();
        request = seen(&mut served, &head);
        served.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        served.send(chunked(&long()));
    }
    let head = client.head();
    assert!(head.starts_with("http/1.1 200"), "{}: {head}", case.name);
    [request, seen(&mut client, &head)]
}

/// What `routes` says in JSON, as its table has it but for places.
fn said(value: &Value, line: usize) -> String {
    if let Some(at) = value.get("line") {
        assert_eq!(at.as_u64(), u64::try_from(line).ok(), "{value}");
    }
    let text = |name: &str| value.get(name).and_then(Value::as_str);
    let body = text("body").unwrap();
    match (text("step"), text("why"), body) {
        (Some(step), None, "held") => format!("held by {step}"),
        (Some(step), None, _) => format!("{body} on {step}"),
        (Some(step), Some(why), _) => format!("{body} ({why}, behind {step})"),
        (None, Some(why), _) => format!("{body} ({why})"),
        _ => body.to_owned(),
    }
}

#[test]
fn what_is_said_of_bodies_becomes_of_them() {
    let server = Listening::start();
    let text = file(&server);
    let gateway = Gateway::start(&text);
    let (code, json, told) = run(gateway.folder.path(), &["routes", "--format", "json"], "");
    assert_eq!(code, 0, "{told}");
    let routes: Vec<Value> = json.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for case in &CASES {
        let route = routes.iter().find(|route| route["serves"] == case.name && route["protocol"] == "rest");
        let route = route.unwrap_or_else(|| panic!("{}: {json}", case.name));
        let line =
            1 + text.lines().position(|line| line.contains(&format!("operation {} ", case.name))).unwrap();
        let told = [said(&route["request"], line), said(&route["answer"], line)];
        assert_eq!(told, case.said, "{}", case.name);
        for (with_field, expected) in [false, true].into_iter().zip(case.done) {
            assert_eq!(done(&gateway, &server, case, with_field), expected, "{} {with_field}", case.name);
        }
    }
}

#[test]
fn the_table_has_the_places_of_the_steps_that_hold() {
    let folder = Folder::new();
    folder.write(
        "gateway.kdl",
        r#"listener internal bind="127.0.0.1:8080"
server files url="http://127.0.0.1:1"
profile note format=xml { element Note { element Id } }
operation put { action execute; object Put; input data; output data
    process {
        validate note
        http files post "/put"
        return
    }
}
operation keep { action create; object Note; input note; process { stop } }
operation echo { action execute; object Echo; input data; output data; process { return } }
api notes base="/notes" {
    soap "/soap" { operation keep }
}
"#,
    );
    let (code, out, told) = run(folder.path(), &["routes"], "");
    assert_eq!((code, told.as_str()), (0, ""));
    golden("commands/routes-bodies.txt", &out);
    assert!(out.contains("held by validate (gateway.kdl:6:9)"), "{out}");
}
