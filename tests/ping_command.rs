//! `soapstone ping`: which systems of a file can be reached, all within one time.
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

use std::net::TcpListener;
use std::time::Instant;

use broken_server::{Answer, BrokenServer, ClosedPort, Identity};
use serde_json::Value;
use support::*;

fn ping(folder: &Folder, arguments: &[&str]) -> (i32, String, String) {
    run(folder.path(), &[&["ping"], arguments].concat(), "")
}

/// The lines, each with its system.
fn lines(out: &str) -> Vec<(&str, &str)> {
    out.lines().map(|line| line.split_once(' ').unwrap()).collect()
}

#[test]
fn each_system_has_a_line_with_what_was_found() {
    let secure = BrokenServer::start_tls(Identity::Right, [Answer::empty(405)]);
    let refusing = BrokenServer::start([Answer::empty(401)]);
    let gone = ClosedPort::new();
    let (port, plain, closed) = (secure.address().port(), refusing.address(), gone.address());
    let folder = Folder::new();
    folder.write("ca.pem", secure.certificate());
    folder.write(
        "gateway.kdl",
        &format!(
            "listener internal bind=\"127.0.0.1:0\"\nserver crm url=\"https://localhost:{port}/crm\" {{ tls ca=\"ca.pem\" }}\n\
             server billing url=\"http://{plain}\"\nserver gone url=\"http://{closed}\"\n\
             server stranger url=\"https://localhost:{port}\"\n"
        ),
    );
    let (code, out, told) = ping(&folder, &[]);
    assert_eq!((code, told.as_str()), (1, ""), "{out}");
    let found = lines(&out);
    let names: Vec<&str> = found.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["crm", "billing", "gone", "stranger"]);
    let crm = format!(
        "https://localhost:{port} at {}, TLS 1.3, certificate of CN=a test for another ",
        secure.address()
    );
    assert!(found[0].1.contains(" ok ") && found[0].1.contains(&crm), "{out}");
    assert!(
        found[1].1.contains(" ok ") && found[1].1.ends_with(&format!("http://{plain} at {plain}")),
        "{out}"
    );
    assert!(
        found[2].1.contains(" failed ") && found[2].1.contains(&format!("http://{closed}: no connection")),
        "{out}"
    );
    assert!(found[3].1.contains(" failed ") && found[3].1.contains("its certificate is refused"), "{out}");
    assert_eq!((secure.count_in_the_end(), refusing.count_in_the_end()), (0, 0), "nothing is asked");

    let (code, out, _) = ping(&folder, &["crm", "--request"]);
    assert!(code == 0 && out.trim_end().ends_with("answers 405 Method Not Allowed"), "{out}");
    let (code, out, _) = ping(&folder, &["billing", "--request"]);
    assert!(code == 1 && out.contains(" failed ") && out.contains("answers 401 Unauthorized"), "{out}");
    let (code, out, _) = ping(&folder, &["billing", "gone", "--format", "json"]);
    let shown: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(
        (code, &shown[0]["ok"], &shown[1]["ok"]),
        (1, &Value::Bool(true), &Value::Bool(false)),
        "{out}"
    );
    assert_eq!((&shown[0]["system"], shown.len()), (&Value::from("billing"), 2));
    let (code, out, told) = ping(&folder, &["bilings"]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert_eq!(told, "gateway.kdl: there is no system `bilings`; did you mean `billing`?\n");
}

#[test]
fn each_address_of_a_server_has_a_line_of_its_own() {
    let refusing = BrokenServer::start([Answer::empty(401)]);
    let gone = ClosedPort::new();
    let (plain, closed) = (format!("http://{}", refusing.address()), gone.url(""));
    let folder = Folder::new();
    // No listener: nobody calls this file.
    folder.write(
        "gateway.kdl",
        &format!("server two url=\"{closed} {plain}\"\nserver none url=\"{closed} {closed}/b\"\n"),
    );
    let (code, out, _) = ping(&folder, &["two"]);
    let found = lines(&out);
    assert_eq!((code, found.len(), found[0].0, found[1].0), (1, 3, "two", ""), "{out}");
    for ((_, line), (word, text)) in found.iter().zip([
        (" partly ", "1 of 2 addresses can be reached".to_owned()),
        (" failed ", format!("{closed}: no connection")),
        (" ok ", format!("{plain} at {}", refusing.address())),
    ]) {
        assert!(line.contains(word) && line.contains(&text), "{out}");
    }
    let (code, out, _) = ping(&folder, &["two", "--format", "json"]);
    let shown: Value = serde_json::from_str(&out).unwrap();
    let places = shown["addresses"].as_array().unwrap();
    let oks: Vec<_> = places.iter().map(|place| (place["address"].as_str().unwrap(), &place["ok"])).collect();
    let (no, yes) = (Value::Bool(false), Value::Bool(true));
    assert_eq!((code, &shown["ok"]), (1, &no), "{out}");
    assert_eq!(oks, [(closed.as_str(), &no), (plain.as_str(), &yes)], "{out}");
    // One address is enough where the command says so; a refusal never is, nor none.
    let (code, out, _) = ping(&folder, &["two", "--any"]);
    assert!(code == 0 && out.contains(" partly "), "{out}");
    let (code, out, _) = ping(&folder, &["two", "--any", "--request"]);
    assert!(code == 1 && out.contains("1 of 2 addresses can be reached, answers 401"), "{out}");
    let (code, out, _) = ping(&folder, &["none", "--any"]);
    assert!(code == 1 && out.contains("0 of 2 addresses can be reached"), "{out}");
}

#[test]
fn who_never_answers_fails_when_the_time_is_up() {
    // Nobody takes the connections, so TLS never begins.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = silent.local_addr().unwrap();
    let folder = Folder::new();
    let servers: String = (0..4).map(|n| format!("server s{n} url=\"https://{address}/{n}\"\n")).collect();
    folder.write("gateway.kdl", &servers);
    let began = Instant::now();
    let (code, out, _) = ping(&folder, &["--timeout", "300ms"]);
    assert!(began.elapsed() < DEADLINE);
    assert_eq!((code, out.lines().count()), (1, 4), "{out}");
    for (_, line) in lines(&out) {
        assert!(line.contains(" failed ") && line.contains(" in time"), "{out}");
    }
    // One after the other they would have taken four times as long.
    let times = out.lines().map(|line| line.split(" ms").next().unwrap().rsplit(' ').next().unwrap());
    let times: Vec<f64> = times.map(|time| time.parse().unwrap()).collect();
    assert!(times.iter().all(|time| *time < 1200.0), "{times:?}");

    folder.write("gateway.kdl", "profile order format=xml { element Order }\n");
    assert_eq!(ping(&folder, &[]), (0, String::new(), "gateway.kdl declares no systems\n".into()));
}
