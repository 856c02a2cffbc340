//! Every example is served, and every call in its `calls` folder gives the answer beside it.
#![allow(clippy::disallowed_methods, reason = "tests read files and the environment")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that fails says so by panicking"
)]

#[path = "support/databases.rs"]
mod databases;
#[path = "support/nats.rs"]
mod nats;
#[path = "support/soap_servers.rs"]
mod soap_servers;
mod support;

use std::path::{Path, PathBuf};
use std::time::Instant;

use databases::Database;
use nats::Nats;
use soap_servers::SoapServer;
use support::example::{copy, files};
use support::http::Response;
use support::{DEADLINE, Folder, Gateway, call};

/// The fields of an answer that its golden shows.
const SHOWN: [&str; 10] = [
    "content-type",
    "location",
    "allow",
    "www-authenticate",
    "retry-after",
    "deprecation",
    "sunset",
    "link",
    "etag",
    "vary",
];

/// The tokens of pages are others each time.
fn without_tokens(text: &str) -> String {
    let mut parts = text.split("moreDataToken=");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let quote = if part.starts_with('"') { "\"" } else { "" };
        let rest =
            part[quote.len()..].trim_start_matches(|c: char| c.is_ascii_alphanumeric() || "-_".contains(c));
        out.push_str(&format!("moreDataToken={quote}TOKEN{rest}"));
    }
    out
}

/// The answer as its golden shows it; the request id is another each time.
fn shown(answer: &Response) -> String {
    let mut text = format!("{}\n", answer.status);
    for name in SHOWN {
        for (_, value) in answer.headers.iter().filter(|(n, _)| n == name) {
            text.push_str(&format!("{name}: {value}\n"));
        }
    }
    let mut text = without_tokens(&text);
    let id = answer.header("x-request-id").expect("every answer carries a request id");
    text.push_str(&format!("\n{}\n", without_tokens(&answer.body.replace(id, "REQUEST-ID")).trim_end()));
    match text.split_once("boundary=\"").and_then(|(_, rest)| rest.split_once('"')) {
        // Another one each time; and lines end as those of this file do.
        Some((boundary, _)) => text.replace(boundary, "BOUNDARY").replace("\r\n", "\n"),
        None => text,
    }
}

fn replay(gateway: &Gateway, listener: &str, path: &Path) {
    let text = std::fs::read_to_string(path).unwrap();
    let (head, body) = text.split_once("\n\n").unwrap_or((&text, ""));
    let mut lines = head.lines();
    let (method, target) = lines.next().unwrap().split_once(' ').unwrap();
    let headers: Vec<(&str, &str)> = lines.map(|line| line.split_once(": ").unwrap()).collect();
    let answer =
        shown(&call(gateway.address(listener), method, target, &headers, body.trim_end().as_bytes()));
    let golden = path.with_extension("response");
    if std::env::var_os("UPDATE_GOLDENS").is_some() {
        std::fs::write(&golden, &answer).unwrap();
    }
    let expected = std::fs::read_to_string(&golden).unwrap_or_default();
    assert_eq!(answer, expected, "{}", path.display());
}

#[test]
fn every_example_answers_as_it_shows() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    for example in files(&root) {
        assert!(example.join("README.md").exists(), "{} has no README.md", example.display());
        let folder = Folder::new();
        copy(&example, &folder, "");
        let events = Nats::of_example(&folder);
        let _service = SoapServer::of_example(&folder);
        let _database = Database::of_example(&folder);
        let gateway = Gateway::start_in(folder, &[], &[]);
        let calls = files(&example.join("calls"));
        let requests: Vec<&PathBuf> =
            calls.iter().filter(|path| path.extension().unwrap() == "request").collect();
        assert!(!requests.is_empty(), "{} shows no calls", example.display());
        let listener = gateway.listeners().into_iter().find(|name| name != "admin").unwrap();
        for path in requests {
            replay(&gateway, &listener, path);
        }
        if let Some(server) = events {
            let stored = server.client().stored("ORDERS").into_iter().map(|(subject, _)| subject);
            assert_eq!(stored.collect::<Vec<_>>(), ["orders.DE.A-1.created", "orders.AT.A-2.created"]);
        }
    }
}

#[test]
fn what_fails_after_its_answer_can_be_read() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/acknowledge-first");
    let folder = Folder::new();
    copy(&root, &folder, "");
    let gateway = Gateway::start_in(folder, &[], &[]);
    let path = "/ws/simple/createOrder";
    let body = r#"{"id": "A-2", "customer": "acme", "lines": []}"#;
    let answer = call(
        gateway.address("internal"),
        "POST",
        path,
        &[("Content-Type", "application/json")],
        body.as_bytes(),
    );
    assert_eq!(answer.status, 202);
    let id = answer.header("x-request-id").unwrap();
    let admin = |path: &str| call(gateway.address("admin"), "GET", path, &[("Host", "localhost")], b"");
    let until = Instant::now() + DEADLINE;
    while admin(&format!("/failures/{id}")).status != 200 {
        assert!(Instant::now() < until, "{}", admin("/failures").body);
        std::thread::yield_now();
    }
    assert!(admin("/failures").body.contains("NotStored"));
    let failure = admin(&format!("/failures/{id}")).body;
    for told in [
        "order A-2 of acme could not be stored",
        "gateway.kdl:",
        "path store > call",
        r#"\"customer\": \"acme\""#,
    ] {
        assert!(failure.contains(told), "{told} in {failure}");
    }
}
