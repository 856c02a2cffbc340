//! Reloads as an operator makes them: what changes, what does not, and what is said about it.
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

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::symlink;
use std::process::Command;
use std::time::Instant;

use support::*;

/// A gateway whose one operation says a word; `more` is declared beside it.
fn says(word: &str, more: &str) -> String {
    format!(
        r#"admin bind="127.0.0.1:0"
listener internal bind="127.0.0.1:0"
profile said format=xml {{ element Said }}
operation get-word {{
    action get
    object Word
    output said
    process {{
        message "<Said>{word}</Said>" type="application/xml"
        return
    }}
}}
{more}
"#
    )
}

fn word(address: SocketAddr) -> String {
    let answer = get(address, "/ws/simple/getWord");
    assert_eq!(answer.status, 200, "{answer:?}");
    let (_, text) = answer.body.split_once("<Said>").unwrap();
    text.split_once("</Said>").unwrap().0.to_owned()
}

/// Asks until the word is said.
fn becomes(address: SocketAddr, expected: &str) {
    let until = Instant::now() + DEADLINE;
    while word(address) != expected {
        assert!(Instant::now() < until, "it does not become {expected}");
        std::thread::yield_now();
    }
}

fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

#[test]
fn what_a_reload_did_is_printed() {
    let gateway = Gateway::start(&says("one", "process a { notify info \"a\"; stop }"));
    let address = gateway.address("internal");
    assert_eq!(word(address), "one");
    let (status, told) = gateway.reload();
    assert!(status.success() && told == "unchanged: generation 1 goes on\n", "{told}");
    let extra = free_address();
    let listener = format!("listener extra bind=\"{extra}\"\nprocess b {{ notify info \"b\"; stop }}");
    gateway.folder.write("gateway.kdl", &says("two", &listener));
    let (status, told) = gateway.reload();
    assert!(status.success(), "{told}");
    assert!(
        told.starts_with("generation 2 serves, ") && told.contains(" ms after it was compiled\n"),
        "{told}"
    );
    let lines: Vec<&str> = told.lines().skip(1).map(str::trim).collect();
    assert_eq!(lines, ["+ listener extra", "+ process b", "~ operation get-word", "- process a"], "{told}");
    assert_eq!((word(address).as_str(), word(extra).as_str()), ("two", "two"));
}

#[test]
fn a_bad_file_changes_nothing_and_says_why() {
    let mut gateway = Gateway::start(&says("one", ""));
    let address = gateway.address("internal");
    let mut kept = Connection::open(address);
    for (bad, place) in [
        (says("two", "listner x"), "gateway.kdl:13:1"),
        (says("{= 1 + }", ""), "gateway.kdl:9:"),
        (says("two", "").replace("output said", "output sad"), "gateway.kdl:7:12"),
        ("operation x {".to_owned(), "gateway.kdl:1:"),
    ] {
        gateway.folder.write("gateway.kdl", &bad);
        let (status, told) = gateway.reload();
        assert_eq!(status.code(), Some(1), "{told}");
        assert!(told.starts_with("not reloaded; what served before serves on:\n"), "{told}");
        assert!(told.contains(&format!("--> {place}")) && told.contains("error["), "no {place} in {told}");
        gateway.wait_for_line("not reloaded: ");
        assert_eq!(word(address), "one");
        assert!(kept.call("GET", "/ws/simple/getWord", &[], b"").body.contains("<Said>one<"));
    }
    std::fs::remove_file(gateway.folder.path().join("gateway.kdl")).unwrap();
    let (status, told) = gateway.reload();
    assert!(status.code() == Some(1) && told.contains("gateway.kdl"), "{told}");
    gateway.folder.write("gateway.kdl", &says("two", ""));
    let (status, told) = gateway.reload();
    assert!(status.success() && told.starts_with("generation 2 serves"), "{told}");
    assert_eq!(word(address), "two");
}

#[test]
fn an_address_in_use_changes_nothing() {
    let gateway = Gateway::start(&says("one", ""));
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let listener = format!("listener extra bind=\"{}\"", taken.local_addr().unwrap());
    gateway.folder.write("gateway.kdl", &says("two", &listener));
    let (status, told) = gateway.reload();
    assert_eq!(status.code(), Some(1), "{told}");
    assert!(told.contains("gateway.kdl:13:") && told.contains("another process"), "{told}");
    assert_eq!(word(gateway.address("internal")), "one");
    drop(taken);
    let (status, told) = gateway.reload();
    assert!(status.success(), "{told}");
    assert_eq!(word(gateway.address("internal")), "two");
}

#[test]
fn a_removed_listener_ends_and_another_goes_on() {
    let extra = free_address();
    let gateway = Gateway::start(&says("one", &format!("listener extra bind=\"{extra}\"")));
    let mut on_extra = Connection::open(extra);
    assert_eq!(on_extra.call("GET", "/ws/simple/getWord", &[], b"").status, 200);
    let mut on_internal = Connection::open(gateway.address("internal"));
    assert_eq!(on_internal.call("GET", "/ws/simple/getWord", &[], b"").status, 200);
    gateway.folder.write("gateway.kdl", &says("one", ""));
    let (status, told) = gateway.reload();
    assert!(status.success() && told.contains("  - listener extra\n"), "{told}");
    assert!(TcpStream::connect(extra).is_err(), "it still listens");
    assert_eq!(on_extra.rest(), "", "the kept connection ends");
    assert_eq!(on_internal.call("GET", "/ws/simple/getWord", &[], b"").status, 200);
}

#[test]
fn a_reload_can_be_bound_to_a_generation() {
    let gateway = Gateway::start(&says("one", ""));
    gateway.folder.write("gateway.kdl", &says("two", ""));
    let (status, told) = gateway.reload_with(&["--if-generation", "7"]);
    assert_eq!(status.code(), Some(1), "{told}");
    assert!(told.contains("generation 1 serves now"), "{told}");
    assert_eq!(word(gateway.address("internal")), "one");
    let (status, told) = gateway.reload_with(&["--if-generation", "1"]);
    assert!(status.success(), "{told}");
    let (status, told) = gateway.reload_with(&["--if-generation", "1"]);
    assert!(status.code() == Some(1) && told.contains("generation 2 serves now"), "{told}");
}

#[test]
fn a_signal_reloads() {
    let mut gateway = Gateway::start(&says("one", ""));
    gateway.folder.write("gateway.kdl", &says("two", ""));
    gateway.signal("HUP");
    let line = gateway.wait_for_line("reloaded");
    assert!(line.contains("generation=2") && line.contains("operation get-word"), "{line}");
    assert_eq!(word(gateway.address("internal")), "two");
    gateway.folder.write("gateway.kdl", "nonsense");
    gateway.signal("HUP");
    gateway.wait_for_line("not reloaded");
    assert_eq!(word(gateway.address("internal")), "two");
}

#[test]
fn changed_content_is_seen() {
    let folder = Folder::new();
    folder.write("gateway.kdl", &says("one", "include \"more/*.kdl\""));
    folder.write("more/a.kdl", "process a { stop }");
    let mut gateway = Gateway::start_in(folder, &["--watch"], &[]);
    let address = gateway.address("internal");
    gateway.folder.write("gateway.kdl", &says("two", "include \"more/*.kdl\""));
    becomes(address, "two");
    // What is half written does not apply, and is said once.
    let whole = says("three", "include \"more/*.kdl\"");
    gateway.folder.write("gateway.kdl", &whole[..whole.len() / 2]);
    gateway.wait_for_line("not reloaded");
    assert_eq!(word(address), "two");
    gateway.folder.write("gateway.kdl", &whole);
    becomes(address, "three");
    gateway.folder.write("more/b.kdl", "process b { stop }");
    let line = gateway.wait_for_line("process b");
    assert!(line.contains("reloaded"), "{line}");
}

/// Kubernetes mounts configuration as links through `..data`, and swaps that one link.
#[test]
fn a_swapped_link_is_seen() {
    let folder = Folder::new();
    let path = folder.path().to_owned();
    folder.write("..v1/gateway.kdl", &says("one", ""));
    symlink("..v1", path.join("..data")).unwrap();
    symlink("..data/gateway.kdl", path.join("gateway.kdl")).unwrap();
    let gateway = Gateway::start_in(folder, &["--watch"], &[]);
    for (version, said) in [("..v2", "two"), ("..v3", "three")] {
        gateway.folder.write(&format!("{version}/gateway.kdl"), &says(said, ""));
        symlink(version, path.join("..data_tmp")).unwrap();
        std::fs::rename(path.join("..data_tmp"), path.join("..data")).unwrap();
        becomes(gateway.address("internal"), said);
    }
}

#[test]
fn new_handshakes_use_the_new_certificate() {
    let gateway_of = |word| {
        says(word, "").replace(
            "listener internal bind=\"127.0.0.1:0\"",
            "listener internal bind=\"127.0.0.1:0\" {\n tls cert=\"server.pem\" key=(file)\"server.key\"\n}",
        )
    };
    let folder = Folder::new();
    let renew = |folder: &Folder, name: &str| {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        folder.write("server.pem", &made.cert.pem());
        folder.write("server.key", &made.signing_key.serialize_pem());
        folder.write(name, &made.cert.pem())
    };
    let first = renew(&folder, "first.pem");
    folder.write("gateway.kdl", &gateway_of("one"));
    let gateway = Gateway::start_in(folder, &[], &[]);
    let url = format!("https://localhost:{}/ws/simple/getWord", gateway.address("internal").port());
    let trusts = |certificate: &std::path::Path| {
        let arguments = ["--silent", "--max-time", "30", "--ipv4", "--cacert"];
        let output = Command::new("curl").args(arguments).arg(certificate).arg(&url).output().unwrap();
        String::from_utf8(output.stdout).unwrap().contains("<Said>one</Said>")
    };
    assert!(trusts(&first));
    let second = renew(&gateway.folder, "second.pem");
    assert!(!trusts(&second), "not before the reload");
    let (status, told) = gateway.reload();
    assert!(status.success() && told.contains("  ~ listener internal\n"), "{told}");
    assert!(trusts(&second) && !trusts(&first));
    gateway.folder.write("server.key", "nonsense");
    let (status, told) = gateway.reload();
    assert!(status.code() == Some(1) && told.contains("gateway.kdl:"), "{told}");
    assert!(trusts(&second));
}

#[test]
fn a_stop_lets_what_is_under_way_finish() {
    let mut gateway = Gateway::start(&order_service());
    let address = gateway.address("internal");
    let idle = Connection::open(address);
    let mut slow = Connection::open(address);
    let head =
        format!("POST /ws/simple/createOrder HTTP/1.1\r\nHost: t\r\nContent-Length: {}\r\n\r\n", ORDER.len());
    slow.send(format!("{head}{}", &ORDER[..100]).as_bytes());
    let mut kept = Connection::open(address);
    assert_eq!(kept.call("POST", "/ws/simple/createOrder", &[], ORDER.as_bytes()).status, 201);
    gateway.signal("TERM");
    gateway.wait_for_line("stopping");
    assert_eq!((idle.rest(), kept.rest()), (String::new(), String::new()), "idle connections end");
    let until = Instant::now() + DEADLINE;
    while TcpStream::connect(address).is_ok() {
        assert!(Instant::now() < until, "it still listens");
    }
    slow.send(&ORDER.as_bytes()[100..]);
    let answer = slow.answer().expect("what is under way is answered");
    assert_eq!(answer.status, 201, "{answer:?}");
    assert_eq!(slow.rest(), "");
    let (code, log) = (gateway.wait().code(), gateway.wait_for_line("stopped"));
    assert_eq!(code, Some(0), "{log}");
    assert!(log.contains("connections=0"), "{log}");
}
