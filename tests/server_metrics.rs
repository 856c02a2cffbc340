//! What calls of servers did, as `/metrics` and the log tell it; neither shows a secret.
#![allow(clippy::disallowed_methods, reason = "tests read files and run programs")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

#[path = "support/broken_server.rs"]
mod broken_server;
mod support;

use broken_server::{Answer, BrokenServer, ClosedPort};
use support::*;

#[test]
fn attempts_are_counted_by_how_they_ended() {
    let fine = BrokenServer::start([Answer::new(200, "", "fine")]);
    let closed = ClosedPort::new();
    let mut gateway = Gateway::start_with(
        &format!(
            "listener internal bind=\"127.0.0.1:0\"\nadmin bind=\"127.0.0.1:0\"\nlog level=debug\n\
             server fine url=\"{}\" {{ auth bearer token=(env)TOKEN }}\n\
             server gone url=\"{}\" {{ auth bearer token=(env)TOKEN; retry 1 backoff=\"1ms\"; breaker failures=2 open=\"1h\" }}\n\
             operation good {{ action get; object Good; output data content-type=\"text/plain\"; process {{ http fine get \"/\"; return }} }}\n\
             operation bad {{ action get; object Bad; output data content-type=\"text/plain\"; process {{ http gone get \"/\"; return }} }}\n",
            fine.url("/path-secret"),
            closed.url("/path-secret")
        ),
        &[],
        &[("TOKEN", "bearer-secret")],
    );
    let ask = |path: &str| get(gateway.address("internal"), path).status;
    assert_eq!((ask("/ws/simple/getGood"), ask("/ws/simple/getGood")), (200, 200));
    assert_eq!((ask("/ws/simple/getBad"), ask("/ws/simple/getBad")), (502, 502));
    let text = call(gateway.address("admin"), "GET", "/metrics", &[("Host", "localhost")], b"").body;
    for line in [
        r#"soapstone_server_attempts_total{server="fine",outcome="answered"} 2"#,
        r#"soapstone_server_attempts_total{server="fine",outcome="transport"} 0"#,
        r#"soapstone_server_attempts_total{server="gone",outcome="transport"} 2"#,
        r#"soapstone_server_retries_total{server="gone"} 1"#,
        r#"soapstone_server_rejected_total{server="gone"} 1"#,
        r#"soapstone_server_addresses_open{server="gone"} 1"#,
        r#"soapstone_server_addresses_open{server="fine"} 0"#,
    ] {
        assert!(text.lines().any(|shown| shown == line), "{line} in\n{text}");
    }
    let seconds =
        text.lines().find_map(|line| line.strip_prefix("soapstone_server_seconds_total{server=\"fine\"} "));
    assert!(seconds.unwrap().parse::<f64>().unwrap() > 0.0, "{text}");
    let (_, log) = gateway.stop();
    assert!(log.contains("called") && log.contains("not called for a while"), "{log}");
    assert!(!log.contains("bearer-secret") && !log.contains("path-secret"), "{log}");
}
