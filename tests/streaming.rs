//! Bodies that nothing reads go on as they come, both ways; what is short, or read by a step, is held as ever.
#![allow(clippy::disallowed_methods, reason = "tests read files")]
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

use support::{Gateway, call};
use wire::{Listening, Wire};

const LONG: usize = 1 << 20;

/// A gateway with a listener's limits and the steps of a process that hands data on.
fn gateway(server: &Listening, limits: &str, steps: &str) -> Gateway {
    Gateway::start(&format!(
        r#"
listener internal bind="127.0.0.1:0" {{ {limits} }}
admin bind="127.0.0.1:0"
server files url="{}"
operation put {{
    action execute
    object Put
    input data
    output data
    process {{ {steps} }}
}}
operation read {{
    action get
    object File
    output data content-type="application/x-tar"
    process {{ http files get "/file"; set response.header.x-kind value="tar"; return }}
}}
"#,
        server.url()
    ))
}

/// The ways of a process to hand on what it gets.
const WAYS: [&str; 3] = [
    PASS,
    "decision property=request.header.x-other { then { throw \"no\"; }; else { http files post \"/put\"; }; }; return",
    "route property=request.method { case GET { return; }; case POST { http files post \"/put\"; return; }; }; return",
];

const PASS: &str = "set times value=once; http files post \"/put\"; return";

fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at * 7 % 251) as u8).collect()
}

/// Begins a request with a body of a length.
fn begin(gateway: &Gateway, length: usize) -> Wire {
    let mut client = Wire::open(gateway.address("internal"));
    client.send(format!("POST /ws/rest/Put HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n"));
    client
}

#[test]
fn a_body_goes_on_while_it_comes_both_ways() {
    WAYS.into_iter().for_each(goes_on_while_it_comes);
}

fn goes_on_while_it_comes(steps: &str) {
    let server = Listening::start();
    let mut gateway = gateway(&server, "", steps);
    let body = pattern(LONG);
    let mut client = begin(&gateway, LONG);
    client.send(&body[..LONG / 2]);
    let mut served = server.accept();
    let head = served.head();
    assert!(
        head.starts_with("post /put http/1.1") && head.contains(&format!("content-length: {LONG}")),
        "{head}"
    );
    // The second half leaves the client only when the server has seen of the first.
    let mut seen = served.take(1);
    client.send(&body[LONG / 2..]);
    while seen.len() < LONG {
        seen.extend(served.take(1));
    }
    assert!(seen == body, "what arrives is what was sent");
    served.send(format!("HTTP/1.1 200 OK\r\nContent-Length: {LONG}\r\n\r\n"));
    served.send(&body[..LONG / 2]);
    let head = client.head();
    assert!(head.starts_with("http/1.1 200") && head.contains(&format!("content-length: {LONG}")), "{head}");
    let mut seen = client.take(1);
    served.send(&body[LONG / 2..]);
    while seen.len() < LONG {
        seen.extend(client.take(1));
    }
    assert!(seen == body, "what is answered is what was answered");
    let line = gateway.wait_for_line("bytes_out");
    assert!(
        line.contains(&format!("bytes_in={LONG} bytes_out={LONG}")) && line.contains("answered"),
        "{line}"
    );
    // Both connections serve on.
    client.send("POST /ws/rest/Put HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab");
    assert!(served.head().contains("content-length: 2"));
    assert_eq!(served.take(2), b"ab");
    served.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\ncd");
    client.head();
    assert_eq!(client.take(2), b"cd");
}

#[test]
fn a_body_whose_length_is_not_known_goes_on_in_chunks() {
    let server = Listening::start();
    let gateway = gateway(&server, "", PASS);
    let mut client = Wire::open(gateway.address("internal"));
    client.send("POST /ws/rest/Put HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    let chunk = [format!("{LONG:x}\r\n").as_bytes(), &pattern(LONG), b"\r\n"].concat();
    client.send(&chunk);
    let mut served = server.accept();
    let head = served.head();
    assert!(head.contains("transfer-encoding: chunked") && !head.contains("content-length"), "{head}");
    served.take(1);
    client.send("0\r\n\r\n");
    let mut tail = Vec::new();
    while !tail.ends_with(b"\r\n0\r\n\r\n") {
        tail.extend(served.take(1));
    }
    served.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    served.send(&chunk);
    let head = client.head();
    assert!(head.contains("transfer-encoding: chunked"), "{head}");
    client.take(1);
    served.send("0\r\n\r\n");
    let mut tail = Vec::new();
    while !tail.ends_with(b"\r\n0\r\n\r\n") {
        tail.extend(client.take(1));
    }
}

#[test]
fn a_short_answer_that_breaks_off_is_told_as_a_failure() {
    let server = Listening::start();
    let gateway = gateway(&server, "", PASS);
    let mut client = begin(&gateway, 2);
    client.send("ab");
    let mut served = server.accept();
    served.head();
    served.take(2);
    served.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
    drop(served);
    let head = client.head();
    assert!(head.starts_with("http/1.1 502"), "{head}");
}

#[test]
fn a_long_answer_that_breaks_off_is_not_taken_for_whole() {
    let server = Listening::start();
    let mut gateway = gateway(&server, "", PASS);
    let mut client = begin(&gateway, 2);
    client.send("ab");
    let mut served = server.accept();
    served.head();
    served.take(2);
    served.send(format!("HTTP/1.1 200 OK\r\nContent-Length: {LONG}\r\n\r\n"));
    served.send(pattern(LONG / 2));
    client.head();
    drop(served);
    assert!(client.rest().len() < LONG);
    let line = gateway.wait_for_line("truncated-answer");
    assert!(line.contains("WARN") && line.contains("blame=\"upstream\""), "{line}");
    let line = gateway.wait_for_line("bytes_out");
    assert!(line.contains("broken off"), "{line}");
    let metrics = call(gateway.address("admin"), "GET", "/metrics", &[("Host", "localhost")], b"").body;
    let counted = "soapstone_server_attempts_total{server=\"files\",outcome=\"transport\"} 1";
    assert!(metrics.contains(counted), "{metrics}");
}

#[test]
fn a_request_that_breaks_off_is_not_sent_as_whole() {
    let server = Listening::start();
    let gateway = gateway(&server, "", PASS);
    let mut client = begin(&gateway, LONG);
    client.send(pattern(LONG / 2));
    let mut served = server.accept();
    served.head();
    served.take(1);
    drop(client);
    assert!(served.rest().len() < LONG, "the connection ends within the body");
}

#[test]
fn a_request_that_grows_too_long_is_refused_and_not_sent_as_whole() {
    let server = Listening::start();
    let gateway = gateway(&server, "limits body=\"200KiB\"", PASS);
    let mut client = Wire::open(gateway.address("internal"));
    client.send("POST /ws/rest/Put HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
    let chunk = [format!("{:x}\r\n", 100 << 10).as_bytes(), &pattern(100 << 10), b"\r\n"].concat();
    client.send(&chunk);
    let mut served = server.accept();
    served.head();
    served.take(1);
    client.send(&chunk);
    client.send(&chunk);
    let head = client.head();
    assert!(head.starts_with("http/1.1 413"), "{head}");
    let seen = served.rest();
    assert!(!seen.ends_with(b"0\r\n\r\n"), "no end was sent");
    // The server had no part in it.
    let metrics = call(gateway.address("admin"), "GET", "/metrics", &[("Host", "localhost")], b"").body;
    assert!(
        metrics.contains("soapstone_server_attempts_total{server=\"files\",outcome=\"transport\"} 0"),
        "{metrics}"
    );
    // What says at once that it is too long never starts.
    let mut client = begin(&gateway, LONG);
    assert!(client.head().starts_with("http/1.1 413"));
}

#[test]
fn a_step_that_reads_has_all_of_the_body() {
    let reads = [
        "try { http files post \"/put\"; catch { throw \"x\"; }; }; return",
        "http files post \"/put\" { fault { throw \"x\"; }; }; return",
        "http files post \"/put\" { header x-a script=\"1 + 1\"; }; return",
        "branch { path one { http files post \"/put\"; return; }; }",
        "decision script=\"true\" { then { http files post \"/put\"; }; }; return",
        "route property=request.method { case POST { wait \"1ms\"; http files post \"/put\"; }; }; return",
    ];
    for steps in reads {
        let server = Listening::start();
        let gateway = gateway(&server, "", steps);
        let body = pattern(LONG);
        let mut client = begin(&gateway, LONG);
        client.send(&body);
        let mut served = server.accept();
        served.head();
        assert!(served.take(LONG) == body, "{steps}");
        served.send(format!("HTTP/1.1 200 OK\r\nContent-Length: {LONG}\r\n\r\n"));
        served.send(&body);
        client.head();
        assert!(client.take(LONG) == body, "{steps}");
    }
}

#[test]
fn who_does_not_want_the_rest_of_an_answer_ends_it() {
    let server = Listening::start();
    let mut gateway = gateway(&server, "", PASS);
    let mut client = begin(&gateway, 2);
    client.send("ab");
    let mut served = server.accept();
    served.head();
    served.take(2);
    served.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    let chunk = [format!("{LONG:x}\r\n").as_bytes(), &pattern(LONG), b"\r\n"].concat();
    served.send(&chunk);
    client.head();
    client.take(1);
    drop(client);
    let line = gateway.wait_for_line("bytes_out");
    assert!(line.contains("client gone"), "{line}");
    assert!(served.rest().is_empty(), "the connection to the server ends");
}

#[test]
fn events_go_on_at_once() {
    let server = Listening::start();
    let gateway = gateway(&server, "", PASS);
    let mut client = begin(&gateway, 2);
    client.send("ab");
    let mut served = server.accept();
    served.head();
    served.take(2);
    served.send("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
    client.head();
    for event in ["data: 1\n\n", "data: 2\n\n"] {
        served.send(format!("{:x}\r\n{event}\r\n", event.len()));
        let mut seen = String::new();
        while !seen.contains(event) {
            seen.push_str(&String::from_utf8(client.take(1)).unwrap());
        }
    }
}

#[test]
fn what_is_under_way_outlives_a_reload() {
    let server = Listening::start();
    let gateway = gateway(&server, "", PASS);
    let body = pattern(LONG);
    let mut client = begin(&gateway, LONG);
    client.send(&body[..LONG / 2]);
    let mut served = server.accept();
    served.head();
    let mut seen = served.take(1);
    let other = std::fs::read_to_string(gateway.folder.path().join("gateway.kdl")).unwrap();
    gateway.folder.write("gateway.kdl", &other.replace("/put\"", "/other\""));
    let (status, text) = gateway.reload();
    assert!(status.success(), "{text}");
    client.send(&body[LONG / 2..]);
    while seen.len() < LONG {
        seen.extend(served.take(1));
    }
    served.send(format!("HTTP/1.1 200 OK\r\nContent-Length: {LONG}\r\n\r\n"));
    served.send(&body);
    client.head();
    assert!(client.take(LONG) == body);
    client.send("POST /ws/rest/Put HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab");
    assert!(served.head().starts_with("post /other"));
}

#[test]
fn an_unexpected_answer_is_a_failure_however_long() {
    let server = Listening::start();
    let gateway = gateway(&server, "", PASS);
    let mut client = begin(&gateway, 2);
    client.send("ab");
    let mut served = server.accept();
    served.head();
    served.take(2);
    served.send(format!("HTTP/1.1 500 Oops\r\nContent-Length: {LONG}\r\n\r\n"));
    served.send(pattern(LONG));
    assert!(client.head().starts_with("http/1.1 502"));
}

#[test]
fn a_head_has_the_length_of_what_is_not_sent() {
    let server = Listening::start();
    let gateway = gateway(&server, "", PASS);
    let serve = |body: &[u8]| {
        let mut served = server.accept();
        assert!(served.head().starts_with("get /file"));
        served.send(format!("HTTP/1.1 200 OK\r\nContent-Length: {LONG}\r\n\r\n"));
        served.send(body);
        served
    };
    let mut client = Wire::open(gateway.address("internal"));
    client.send("HEAD /ws/rest/File HTTP/1.1\r\nHost: x\r\n\r\n");
    let served = serve(b"");
    let head = client.head();
    assert!(head.contains(&format!("content-length: {LONG}")) && head.contains("x-kind: tar"), "{head}");
    drop(served);
    let mut client = Wire::open(gateway.address("internal"));
    client.send("GET /ws/rest/File HTTP/1.1\r\nHost: x\r\n\r\n");
    let body = pattern(LONG);
    let _served = serve(&body);
    let head = client.head();
    assert!(head.contains("content-type: application/x-tar") && head.contains("x-kind: tar"), "{head}");
    assert!(client.take(LONG) == body);
}
