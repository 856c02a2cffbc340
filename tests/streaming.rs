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

use std::time::{Duration, Instant};

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
server gone url="http://127.0.0.1:1"
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
    let body = pattern(LONG);
    let served = serve(&body);
    let head = client.head();
    assert!(head.contains(&format!("content-length: {LONG}")) && head.contains("x-kind: tar"), "{head}");
    drop(served);
    let mut client = Wire::open(gateway.address("internal"));
    client.send("GET /ws/rest/File HTTP/1.1\r\nHost: x\r\n\r\n");
    let _served = serve(&body);
    let head = client.head();
    assert!(head.contains("content-type: application/x-tar") && head.contains("x-kind: tar"), "{head}");
    assert!(client.take(LONG) == body);
}

/// Answers a call with a body of a type.
fn answer(served: &mut Wire, kind: &str, body: &[u8]) {
    served.send(format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n", body.len()));
    served.send(body);
}

#[test]
fn what_an_inner_call_gives_is_read_by_who_made_it() {
    let server = Listening::start();
    let declarations = format!(
        r#"
listener internal bind="127.0.0.1:0"
server files url="{}"
process fetch {{ http files get "/data" }}
"#,
        server.url()
    );
    let long = format!("<a><b>{}</b></a>", "x".repeat(LONG));
    let expected = "x".repeat(LONG);
    let ways = ["call fetch", "try { call fetch; catch { throw \"x\"; }; }"];
    for steps in ways.map(|way| format!("{way}; set text from=\"a/b\"; message \"{{text}}\"; return")) {
        let gateway = Gateway::start(&format!(
            "{declarations}operation read {{ action get; object File; output data; process {{ {steps}; }}; }}"
        ));
        let mut client = Wire::open(gateway.address("internal"));
        client.send("GET /ws/rest/File HTTP/1.1\r\nHost: x\r\n\r\n");
        let mut served = server.accept();
        served.head();
        answer(&mut served, "application/xml", long.as_bytes());
        assert!(client.head().starts_with("http/1.1 200"), "{steps}");
        assert!(client.take(expected.len()) == expected.as_bytes(), "{steps}");
    }
}

#[test]
fn parts_of_a_form_are_there_when_it_is_sent() {
    let server = Listening::start();
    let steps =
        "http files post \"/form\" { multipart { part file { http files get \"/part\"; }; }; }; return";
    let gateway = gateway(&server, "", steps);
    let mut client = begin(&gateway, 2);
    client.send("ab");
    let body = pattern(LONG);
    let mut served = server.accept();
    assert!(served.head().starts_with("get /part"));
    answer(&mut served, "application/octet-stream", &body);
    assert!(served.head().starts_with("post /form"), "the connection was kept");
    let form = served.take(LONG);
    assert!(form.windows(1000).any(|part| part == &body[..1000]));
    answer(&mut served, "text/plain", b"done");
    client.head();
    assert_eq!(client.take(4), b"done");
}

#[test]
fn what_goes_beside_an_answer_is_not_lost() {
    let server = Listening::start();
    let gateway = gateway(&server, "", "http files get \"/terms\"; attach; http files get \"/big\"; return");
    let mut client = begin(&gateway, 2);
    client.send("ab");
    let body = pattern(LONG);
    let mut served = server.accept();
    served.head();
    answer(&mut served, "application/octet-stream", b"the terms");
    served.head();
    answer(&mut served, "application/octet-stream", &body);
    let head = client.head();
    assert!(head.contains("content-type: multipart/related"), "{head}");
    let whole = client.take(LONG + 100);
    assert!(whole.windows(9).any(|part| part == b"the terms"));
    assert!(whole.windows(1000).any(|part| part == &body[..1000]));
}

#[test]
fn a_slow_sender_is_told_so_and_says_nothing_of_the_server() {
    let server = Listening::start();
    let gateway = gateway(&server, "limits request=\"500ms\"", PASS);
    let mut client = begin(&gateway, LONG);
    client.send(pattern(LONG / 2));
    let mut served = server.accept();
    served.head();
    served.take(1);
    let head = client.head();
    assert!(head.starts_with("http/1.1 408"), "{head}");
    assert!(served.rest().len() < LONG);
    let metrics = call(gateway.address("admin"), "GET", "/metrics", &[("Host", "localhost")], b"").body;
    let none = "soapstone_server_attempts_total{server=\"files\",outcome=\"timeout\"} 0";
    assert!(metrics.contains(none), "{metrics}");
}

#[test]
fn an_answer_before_the_end_of_the_request_leaves_both_connections_in_order() {
    let server = Listening::start();
    let gateway = gateway(&server, "", PASS);
    let body = pattern(4 * LONG);
    let mut client = begin(&gateway, body.len());
    client.send(&body[..LONG]);
    let mut served = server.accept();
    served.head();
    served.take(1);
    served.send("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n");
    assert!(client.head().starts_with("http/1.1 502"));
    // The rest is for nobody, and the next request stands behind it.
    client.send(&body[LONG..]);
    client.send("POST /ws/rest/Put HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nab");
    assert!(served.rest().len() < body.len(), "what nobody waits for is not sent on");
    let mut next = server.accept();
    next.head();
    answer(&mut next, "text/plain", b"fine");
    client.skip_to("HTTP/1.1 200");
    client.skip_to("fine");
}

#[test]
fn who_calls_a_server_that_is_down_is_told_behind_a_long_request() {
    let server = Listening::start();
    let gateway = gateway(&server, "", &PASS.replace("http files", "http gone"));
    let body = pattern(8 * LONG);
    let mut client = begin(&gateway, body.len());
    assert!(client.send(&body));
    assert!(client.head().starts_with("http/1.1 502"));
    // And can go on.
    client.send("GET /ws/rest/Nothing HTTP/1.1\r\nHost: x\r\n\r\n");
    client.skip_to("HTTP/1.1 404");
}

#[test]
fn to_http_1_0_only_what_is_whole_is_sent() {
    let server = Listening::start();
    let gateway = gateway(&server, "", PASS);
    let mut client = Wire::open(gateway.address("internal"));
    client.send("GET /ws/rest/File HTTP/1.0\r\nHost: x\r\n\r\n");
    let mut served = server.accept();
    served.head();
    served.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    served.send([format!("{LONG:x}\r\n").as_bytes(), &pattern(LONG), b"\r\n"].concat());
    drop(served);
    assert!(client.head().starts_with("http/1.0 502"));
}

#[test]
fn a_text_in_another_character_set_is_held_and_leaves_in_utf_8() {
    let server = Listening::start();
    let gateway = gateway(&server, "", PASS);
    for kind in ["text/xml; charset=iso-8859-1", "text/xml"] {
        let mut client = Wire::open(gateway.address("internal"));
        client.send("GET /ws/rest/File HTTP/1.1\r\nHost: x\r\n\r\n");
        let mut served = server.accept();
        served.head();
        let mut text = b"<?xml version='1.0' encoding='iso-8859-1'?><a>\xFC".to_vec();
        text.extend("x".repeat(LONG).bytes());
        text.extend(b"</a>");
        answer(&mut served, kind, &text);
        client.head();
        let text = String::from_utf8(client.take(text.len() + 1)).unwrap();
        assert!(text.contains("<a>\u{FC}x"), "{kind}");
    }
}

#[test]
fn no_events_are_an_answer_too() {
    let server = Listening::start();
    let mut gateway = gateway(&server, "", PASS);
    let mut client = Wire::open(gateway.address("internal"));
    client.send("GET /ws/rest/File HTTP/1.1\r\nHost: x\r\n\r\n");
    let mut served = server.accept();
    served.head();
    answer(&mut served, "text/event-stream", b"");
    assert!(client.head().contains("content-length: 0"));
    let line = gateway.wait_for_line("bytes_out");
    assert!(line.contains("answered"), "{line}");
}

#[test]
fn an_answer_may_take_long_as_long_as_it_comes() {
    let server = Listening::start();
    let file = format!("files url=\"{}\" {{ timeout \"400ms\" }}", server.url());
    let gateway = Gateway::start(&format!(
        "listener internal bind=\"127.0.0.1:0\" {{ limits request=\"500ms\"; }}\nserver {file}\n\
         operation read {{ action get; object File; output data; process {{ http files get \"/file\"; return; }}; }}"
    ));
    let mut client = Wire::open(gateway.address("internal"));
    client.send("GET /ws/rest/File HTTP/1.1\r\nHost: x\r\n\r\n");
    let mut served = server.accept();
    served.head();
    let piece = pattern(100_000);
    served.send(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", 6 * piece.len()));
    let began = Instant::now();
    served.send(&piece);
    client.head();
    client.take(piece.len());
    for _ in 0..5 {
        std::thread::park_timeout(Duration::from_millis(200));
        served.send(&piece);
        client.take(piece.len());
    }
    assert!(began.elapsed() > Duration::from_millis(900), "this proves nothing: {:?}", began.elapsed());
    // And one that stops coming ends.
    client.send("GET /ws/rest/File HTTP/1.1\r\nHost: x\r\n\r\n");
    served.head();
    served.send(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", 6 * piece.len()));
    served.send(&piece);
    client.head();
    assert!(client.rest().len() < 6 * piece.len());
}

#[test]
fn an_answer_that_begins_before_the_request_has_ended_is_held_until_then() {
    let server = Listening::start();
    let file =
        format!("files url=\"{}\" {{ timeout \"300ms\"; breaker failures=1 open=\"1m\"; }}", server.url());
    let gateway = Gateway::start(&format!(
        "listener internal bind=\"127.0.0.1:0\"\nserver {file}\noperation put {{ action execute; object Put; input data; \
         output data; process {{ {PASS}; }}; }}"
    ));
    let body = pattern(2 * LONG);
    let mut client = begin(&gateway, body.len());
    client.send(&body[..LONG]);
    let mut served = server.accept();
    served.head();
    let mut seen = served.take(1);
    // The server answers while it reads, and its own time is up before the caller has sent all.
    served.send(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len()));
    std::thread::park_timeout(Duration::from_millis(500));
    client.send(&body[LONG..]);
    while seen.len() < body.len() {
        seen.extend(served.take(1));
    }
    served.send(&body);
    assert!(client.head().starts_with("http/1.1 200"));
    assert!(client.take(body.len()) == body);
}

#[test]
fn the_body_of_a_request_that_is_its_own_answer_is_held() {
    let server = Listening::start();
    let steps = "decision property=request.header.x-send { then { http files post \"/put\"; }; }; return";
    let gateway = gateway(&server, "", steps);
    let body = pattern(8 * LONG);
    let mut client = begin(&gateway, body.len());
    // Nothing is read before all of it is sent.
    assert!(client.send(&body));
    assert!(client.head().starts_with("http/1.1 200"));
    assert!(client.take(body.len()) == body);
}

#[test]
fn a_server_that_takes_nothing_is_left_alone_and_a_later_call_says_what_it_met() {
    let server = Listening::start();
    let file =
        format!("files url=\"{}\" {{ timeout \"300ms\"; breaker failures=1 open=\"1m\"; }}", server.url());
    let gateway = Gateway::start(&format!(
        "listener internal bind=\"127.0.0.1:0\"\nserver {file}\noperation put {{ action execute; object Put; input data; \
         output data; process {{ {PASS}; }}; }}"
    ));
    let body = pattern(9 * LONG);
    let mut client = begin(&gateway, body.len());
    client.send(&body);
    let _served = server.accept();
    let head = client.head();
    assert!(head.starts_with("http/1.1 504"), "{head}");
    let mut client = begin(&gateway, 2);
    client.send("ab");
    assert!(client.head().starts_with("http/1.1 502"), "it is not called again");
}

#[test]
fn who_takes_nothing_of_an_answer_is_left() {
    let server = Listening::start();
    let mut gateway = gateway(&server, "limits idle=\"300ms\"", PASS);
    let mut client = begin(&gateway, 2);
    client.send("ab");
    let mut served = server.accept();
    served.head();
    served.take(2);
    served.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    let chunk = [format!("{LONG:x}\r\n").as_bytes(), &pattern(LONG), b"\r\n"].concat();
    // Until nobody takes any more of it, because the client takes nothing.
    while served.send(&chunk) {}
    let line = gateway.wait_for_line("bytes_out");
    assert!(line.contains("client gone"), "{line}");
    assert!(!client.rest().ends_with(b"0\r\n\r\n"));
}
