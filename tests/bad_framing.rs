//! What is wrong below the protocols: heads, framing, smuggled requests, slowness. Nothing hangs, nothing is run twice.
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

use std::time::{Duration, Instant};

use support::protocol::{ALL, Protocol, must_serve, small};
use support::*;

const PATH: &str = "/ws/simple/createOrder";

/// Sends bytes as they are, and reads what comes up to the end of the connection.
fn exchange(gateway: &Gateway, bytes: &[u8]) -> String {
    let mut connection = Connection::open(gateway.address("internal"));
    connection.send(bytes);
    connection.rest()
}

/// The statuses of the answers in it.
fn statuses(text: &str) -> Vec<u16> {
    text.split("HTTP/1.1 ").skip(1).map(|answer| answer[..3].parse().unwrap()).collect()
}

#[test]
fn heads_are_bounded() {
    let gateway = small();
    let fields: String = (0..25).map(|n| format!("X-{n}: y\r\n")).collect();
    let large = format!("X: {}\r\n", "x".repeat(9000));
    let larger = format!("X: {}\r\n", "x".repeat(200_000));
    for (name, fields) in [("too many fields", &fields), ("too large", &large), ("far too large", &larger)] {
        let head = format!(
            "POST {PATH} HTTP/1.1\r\nHost: t\r\nConnection: close\r\n{fields}Content-Length: 0\r\n\r\n"
        );
        let text = exchange(&gateway, head.as_bytes());
        assert_eq!(statuses(&text), [431], "{name}: {text}");
        must_serve(&gateway, name);
    }
    let long = format!("GET /{} HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n", "x".repeat(70_000));
    let text = exchange(&gateway, long.as_bytes());
    assert!([vec![414], vec![431]].contains(&statuses(&text)), "a long target: {text}");
}

/// Requests that two readers could frame in two ways: one answer, a refusal, and the end of the connection.
#[test]
fn ambiguous_framing_is_refused() {
    let gateway = small();
    let smuggled = "GET /ws/simple/getStatus HTTP/1.1\r\nHost: t\r\n\r\n";
    for (name, fields, body) in [
        ("two lengths", "Content-Length: 1\r\nContent-Length: 2\r\n", "a"),
        ("a list of lengths", "Content-Length: 1, 2\r\n", "a"),
        ("a signed length", "Content-Length: +1\r\n", "a"),
        ("a negative length", "Content-Length: -1\r\n", "a"),
        ("a length in hexadecimal", "Content-Length: 0x1\r\n", "a"),
        ("a length that overflows", "Content-Length: 18446744073709551617\r\n", "a"),
        ("a length of text", "Content-Length: one\r\n", "a"),
        ("an unknown coding", "Transfer-Encoding: quite\r\n", "0\r\n\r\n"),
        ("chunked behind another coding", "Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"),
        ("chunked twice", "Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n"),
        (
            "chunked in two fields",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
            "0\r\n\r\n",
        ),
        ("chunked not last", "Transfer-Encoding: chunked, gzip\r\n", "0\r\n\r\n"),
        ("a space before the colon", "Transfer-Encoding : chunked\r\n", "0\r\n\r\n"),
        ("a folded line", "Transfer-Encoding:\r\n chunked\r\n", "0\r\n\r\n"),
        ("a chunk size that is none", "Transfer-Encoding: chunked\r\n", "z\r\na\r\n0\r\n\r\n"),
        (
            "a chunk size that overflows",
            "Transfer-Encoding: chunked\r\n",
            "10000000000000000\r\na\r\n0\r\n\r\n",
        ),
        ("a chunk without its end", "Transfer-Encoding: chunked\r\n", "1\r\naa0\r\n\r\n"),
        ("a null in a field", "X: a\0b\r\n", ""),
        ("a carriage return in a field", "X: a\rContent-Length: 9\r\n", ""),
        ("a space in a name", "X Y: a\r\n", ""),
        ("no colon", "nonsense\r\n", ""),
    ] {
        let head =
            format!("POST {PATH} HTTP/1.1\r\nHost: t\r\nContent-Type: application/xml\r\n{fields}\r\n");
        let text = exchange(&gateway, format!("{head}{body}{smuggled}").as_bytes());
        let told = statuses(&text);
        assert!(matches!(told[..], [400 | 413 | 501]), "{name}: {told:?} {text}");
        assert!(!text.contains("ok</Pong>"), "{name}: smuggled: {text}");
        must_serve(&gateway, name);
    }
}

#[test]
fn a_length_beside_chunks_lets_nothing_through() {
    let gateway = small();
    let smuggled = "GET /ws/simple/getStatus HTTP/1.1\r\nHost: t\r\n\r\n";
    for fields in [
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n",
    ] {
        let head =
            format!("POST {PATH} HTTP/1.1\r\nHost: t\r\nContent-Type: application/xml\r\n{fields}\r\n");
        let text = exchange(&gateway, format!("{head}0\r\n\r\n{smuggled}").as_bytes());
        // RFC 9112, section 6.1: either refused, or read as chunks and the connection closed behind the answer.
        let told = statuses(&text);
        assert_eq!(told, [400], "{fields}: {text}");
        assert!(!text.contains("ok</Pong>"), "{fields}: {text}");
    }
    must_serve(&gateway, "a length beside chunks");
}

#[test]
fn lines_that_are_no_request_are_refused() {
    let gateway = small();
    for (name, text) in [
        ("no version", "GET /\r\n\r\n"),
        ("another version", "GET / HTTP/9.9\r\nHost: t\r\n\r\n"),
        ("no target", "GET  HTTP/1.1\r\nHost: t\r\n\r\n"),
        ("a bad method", "G@T / HTTP/1.1\r\nHost: t\r\n\r\n"),
        ("a TLS greeting", "\x16\x03\x01\x02\x00\x01\x00\x01\x00\r\n\r\n"),
        ("no Host", "GET / HTTP/1.1\r\nConnection: close\r\n\r\n"),
        ("two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n"),
        ("a Host that is none", "GET / HTTP/1.1\r\nHost: a<b\r\nConnection: close\r\n\r\n"),
    ] {
        let answer = exchange(&gateway, text.as_bytes());
        let told = statuses(&answer);
        assert!(matches!(told[..], [400 | 505]), "{name}: {told:?} {answer}");
        must_serve(&gateway, name);
    }
}

#[test]
fn slow_heads_are_ended() {
    let gateway = small();
    for head in ["P", "POST /ws/simple/createOrder HTT", "POST / HTTP/1.1\r\nHost: t\r\nX"] {
        let began = Instant::now();
        let text = exchange(&gateway, head.as_bytes());
        assert_eq!(statuses(&text), [408], "{head}: {text}");
        // Nobody is cut off before the bound of 500 ms.
        assert!(began.elapsed() >= Duration::from_millis(450), "{head}: ended after {:?}", began.elapsed());
    }
    must_serve(&gateway, "slow heads");
}

fn slow_body(gateway: &Gateway, protocol: Protocol, framing: &str, part: &str) {
    let (path, kind) = (protocol.path(), protocol.media_type());
    let began = Instant::now();
    let mut connection = Connection::open(gateway.address("internal"));
    let head = format!("POST {path} HTTP/1.1\r\nHost: t\r\nContent-Type: {kind}\r\n{framing}\r\n\r\n");
    connection.send(format!("{head}{part}").as_bytes());
    let answer = connection.answer().unwrap();
    assert_eq!(answer.status, 408, "{protocol:?}, {framing}: {answer:?}");
    protocol.must_be_own("a slow body", &answer, "slow-body");
    // The bound is one second.
    assert!(began.elapsed() >= Duration::from_millis(900), "ended after {:?}", began.elapsed());
}

#[test]
fn slow_bodies_are_ended_in_the_protocols_own_form() {
    let gateway = small();
    std::thread::scope(|scope| {
        for protocol in ALL {
            let gateway = &gateway;
            scope.spawn(move || slow_body(gateway, protocol, "Content-Length: 100", "<half"));
            scope.spawn(move || slow_body(gateway, protocol, "Transfer-Encoding: chunked", "5\r\n<half\r\n"));
        }
    });
    must_serve(&gateway, "slow bodies");
}

#[test]
fn a_body_that_breaks_off_does_no_harm() {
    let gateway = small();
    for protocol in ALL {
        let head =
            format!("POST {} HTTP/1.1\r\nHost: t\r\nContent-Length: 100\r\n\r\n<half", protocol.path());
        let mut connection = Connection::open(gateway.address("internal"));
        connection.send(head.as_bytes());
        drop(connection);
        must_serve(&gateway, "a body that breaks off");
    }
}

/// A refusal before the whole body has been read must not leave its rest to be read as the next request.
#[test]
fn the_rest_of_a_refused_body_is_no_request() {
    let gateway = small();
    let hidden = "GET /ws/simple/getStatus HTTP/1.1\r\nHost: t\r\n\r\n";
    let body = format!("{}{hidden}", "x".repeat(9000));
    let length = body.len();
    for (name, line) in [
        ("too large", format!("POST {PATH} HTTP/1.1\r\nHost: t\r\nContent-Length: {length}\r\n\r\n")),
        ("not found", format!("POST /none HTTP/1.1\r\nHost: t\r\nContent-Length: {length}\r\n\r\n")),
        ("wrong method", format!("PUT {PATH} HTTP/1.1\r\nHost: t\r\nContent-Length: {length}\r\n\r\n")),
    ] {
        let mut connection = Connection::open(gateway.address("internal"));
        connection.send(format!("{line}{body}").as_bytes());
        let answer = connection.answer().unwrap();
        assert!(matches!(answer.status, 404 | 405 | 413), "{name}: {answer:?}");
        // What follows, if the connection is kept, is the answer to this and to nothing else.
        connection.send(b"GET /none HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n");
        let rest = connection.rest();
        assert!(!rest.contains("Pong"), "{name}: {rest}");
    }
    must_serve(&gateway, "refused bodies");
}
