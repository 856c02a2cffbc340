//! Further attempts, budgets, breakers and several addresses, under a server that fails as it is told.

#[path = "support/broken_server.rs"]
mod broken_server;
mod support;

use std::time::{Duration, Instant};

use broken_server::{Answer, BrokenServer, ClosedPort};
use support::{Gateway, get};

/// A gateway that calls a server by a method, and tells the status or the cause.
fn gateway(server: &str, method: &str) -> Gateway {
    Gateway::start(&format!(
        r#"
listener internal bind="127.0.0.1:0"
{server}
operation call {{
    action get
    object Call
    output data
    process {{
        http crm {method} "/thing" {{ fault {{ message "{{error.cause}}"; return }} }}
        message "fine {{http.status}}"
        return
    }}
}}
"#
    ))
}

fn told(gateway: &Gateway) -> String {
    get(gateway.address("internal"), "/ws/rest/Call").body
}

fn good() -> Answer {
    Answer::new(200, "text/plain", "ok")
}

#[test]
fn a_server_that_is_down_is_not_called_several_times_as_often() {
    let server = BrokenServer::start([Answer::empty(503)]);
    let gateway =
        gateway(&format!("server crm url=\"{}\" {{ retry 3 backoff=\"1ms\" }}", server.url("")), "get");
    let calls = 100;
    for _ in 0..calls {
        assert_eq!(told(&gateway), "unexpected-status");
    }
    // A fifth of the calls, and ten that were saved.
    let seen = server.count();
    assert!((calls + 10..=calls + calls / 5 + 10).contains(&seen), "{seen} requests for {calls} calls");
}

#[test]
fn what_may_have_been_worked_on_is_not_sent_again() {
    let retry = "retry 3 backoff=\"1ms\"";
    for (method, any, requests) in
        [("post", "", 1), ("get", "", 2), ("put", "", 2), ("post", " any=#true", 2)]
    {
        let server = BrokenServer::start([good().reset_after(20), good()]);
        let gateway = gateway(&format!("server crm url=\"{}\" {{ {retry}{any} }}", server.url("")), method);
        let expected = if requests == 1 { "connection-lost" } else { "fine 200" };
        assert_eq!(told(&gateway), expected, "{method}{any}");
        assert_eq!(server.count(), requests, "{method}{any}");
        let server = BrokenServer::start([Answer::empty(502), good()]);
        let gateway =
            self::gateway(&format!("server crm url=\"{}\" {{ {retry}{any} }}", server.url("")), method);
        let expected = if requests == 1 { "unexpected-status" } else { "fine 200" };
        assert_eq!((told(&gateway).as_str(), server.count()), (expected, requests), "{method}{any}");
    }
}

#[test]
fn only_what_the_file_names_is_tried_again() {
    let server = BrokenServer::start([Answer::empty(502), good()]);
    let gateway = gateway(
        &format!("server crm url=\"{}\" {{ retry 3 backoff=\"1ms\" on=\"503\" }}", server.url("")),
        "get",
    );
    assert_eq!((told(&gateway).as_str(), server.count()), ("unexpected-status", 1));
    let server = BrokenServer::start([good().slow_head(Duration::from_secs(60)), good()]);
    let retry = "timeout \"300ms\"; retry 1 backoff=\"1ms\" on=\"timeout\"";
    let gateway = self::gateway(&format!("server crm url=\"{}\" {{ {retry} }}", server.url("")), "get");
    assert_eq!((told(&gateway).as_str(), server.count()), ("fine 200", 2));
}

#[test]
fn a_server_that_says_when_is_called_no_earlier() {
    let server = BrokenServer::start([Answer::unavailable(1), good()]);
    let gateway =
        gateway(&format!("server crm url=\"{}\" {{ retry 1 backoff=\"1ms\" }}", server.url("")), "get");
    let began = Instant::now();
    assert_eq!(told(&gateway), "fine 200");
    assert!(began.elapsed() >= Duration::from_secs(1), "{:?}", began.elapsed());
}

#[test]
fn a_breaker_opens_and_closes_again() {
    let server = BrokenServer::start([Answer::empty(503)]);
    let gateway = gateway(
        &format!("server crm url=\"{}\" {{ breaker failures=3 open=\"1s\" }}", server.url("")),
        "get",
    );
    for _ in 0..3 {
        assert_eq!(told(&gateway), "unexpected-status");
    }
    let opened = Instant::now();
    assert_eq!(told(&gateway), "breaker-open");
    assert_eq!(server.count(), 3, "nothing is sent while it is open");
    server.answer([good()]);
    let deadline = opened + support::DEADLINE;
    while told(&gateway) == "breaker-open" {
        assert!(Instant::now() < deadline, "it never closes");
        std::thread::yield_now();
    }
    let took = opened.elapsed();
    assert!(took >= Duration::from_millis(900), "{took:?}");
    assert_eq!(server.count(), 4);
    assert_eq!(told(&gateway), "fine 200");
}

#[test]
fn several_addresses_take_turns_and_one_that_is_gone_is_left_alone() {
    let (one, two, gone) = (BrokenServer::start([good()]), BrokenServer::start([good()]), ClosedPort::new());
    let urls = format!("{} {} {}", one.url(""), gone.url(""), two.url(""));
    let gateway = gateway(&format!("server crm url=\"{urls}\""), "post");
    for _ in 0..30 {
        assert_eq!(told(&gateway), "fine 200", "a call that has not left goes to the next");
    }
    let (first, second) = (one.count(), two.count());
    assert_eq!(first + second, 30);
    assert!(first >= 10 && second >= 10, "{first} and {second}");
}

#[test]
fn a_connection_is_kept_and_one_that_was_closed_is_replaced() {
    let server = BrokenServer::start([good(), good().closing(), good()]);
    let gateway = gateway(&format!("server crm url=\"{}\"", server.url("")), "post");
    for _ in 0..2 {
        assert_eq!(told(&gateway), "fine 200");
    }
    // Each worker keeps its own, and one of them has the connection that was closed.
    for _ in 0..4 {
        assert_eq!(told(&gateway), "fine 200");
    }
    assert_eq!(server.count(), 6, "nothing was sent twice");
    assert!(server.connections() < 6, "{} connections", server.connections());
}

#[test]
fn connections_and_breakers_outlive_a_reload() {
    let server = BrokenServer::start([good()]);
    let text = |breaker: &str, log: &str| {
        format!(
            "listener internal bind=\"127.0.0.1:0\"\nadmin bind=\"127.0.0.1:0\"\nlog level={log}\nserver crm url=\"{}\" {{ {breaker} }}\n\
             operation call {{ action get; object Call; output data; process {{ http crm get \"/thing\" {{ fault {{ message \"{{error.cause}}\"; return }} }}\n message \"fine {{http.status}}\"; return }} }}\n",
            server.url("")
        )
    };
    let breaker = "breaker failures=1 open=\"1h\"";
    let gateway = Gateway::start_with(&text(breaker, "info"), &["--workers", "1"], &[]);
    assert_eq!(told(&gateway), "fine 200");
    gateway.folder.write("gateway.kdl", &text(breaker, "warn"));
    let (status, said) = gateway.reload();
    assert!(status.success(), "{said}");
    assert_eq!(told(&gateway), "fine 200");
    assert_eq!(server.connections(), 1, "the connection goes on");
    server.answer([Answer::empty(503)]);
    assert_eq!(told(&gateway), "unexpected-status");
    gateway.folder.write("gateway.kdl", &text(breaker, "info"));
    assert!(gateway.reload().0.success());
    assert_eq!(told(&gateway), "breaker-open");
    gateway.folder.write("gateway.kdl", &text("", "info"));
    assert!(gateway.reload().0.success());
    server.answer([good()]);
    assert_eq!(told(&gateway), "fine 200", "a file without a breaker calls");
}
