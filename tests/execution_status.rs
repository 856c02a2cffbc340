//! Who does not want to wait is handed over: a status address tells what became of the execution, and gives its answer.
#![allow(clippy::disallowed_methods, reason = "tests run programs and read what they made")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may stop at the first surprise"
)]

mod support;

use std::time::Instant;

use serde_json::Value;
use support::{DEADLINE, Folder, Gateway, Response, call};

const ADA: &str = "ada-token-of-thirty-two-bytes---";
const BOB: &str = "bob-token-of-thirty-two-bytes---";
const VARIABLES: [(&str, &str); 2] = [("ADA", ADA), ("BOB", BOB)];

/// Operations that wait for a file which a test writes, and those that end in all ways.
const PARTS: &str = r#"
users people {
    user ada token=(env)ADA
    user bob token=(env)BOB
}
files root="in"
profile item format=xml { element Item { element Id type=integer } }
process until-told {
    try retry=10 backoff="20ms" {
        try retry=10 backoff="20ms" {
            try retry=10 backoff="20ms" { file read="go-{request.query.name}" }
        }
    }
}
operation create-slow {
    action create; object Slow; input data; output data content-type="text/plain"
    process {
        call until-told
        set response.status value=201
        set response.header.X-Made value="{request.query.name}"
        message "made by {request.user}"
        return
    }
}
operation execute-quick {
    action execute; object Quick; input data; output data
    process { message "quick"; return }
}
operation execute-early {
    action execute; object Early; input data; output data
    process { branch { path a { call until-told; message "early"; return }; path b { wait "1h" } } }
}
operation execute-bad {
    action execute; object Bad; input data; output data
    process { call until-told; throw "it went wrong" status=409 code=went-wrong }
}
operation execute-short {
    action execute; object Short; input data; output data; limits request="300ms"
    process { call until-told; message "short"; return }
}
operation get-tagged {
    action get; object Tagged; output data content-type="text/plain"; etag property=tag
    process { set tag value="7"; call until-told; message "tagged"; return }
}
operation execute-silent {
    action execute; object Silent; input data
    process { wait "1ms" }
}
operation query-item {
    action query; object Item; input item many=#true; output item many=#true page=2
    process { branch { path a { call until-told }; path b { return } } }
}
"#;

fn kdl(settings: &str) -> String {
    format!(
        "listener internal bind=\"127.0.0.1:0\"
listener moved bind=\"127.0.0.1:0\" {{ paths executions=\"/jobs\" }}
listener known bind=\"127.0.0.1:0\" {{ auth token users=people }}
listener hurried bind=\"127.0.0.1:0\" {{ limits request=\"300ms\" }}
admin bind=\"127.0.0.1:0\"
{settings}
{PARTS}"
    )
}

fn start(settings: &str) -> Gateway {
    in_folder(settings, Folder::new())
}

fn in_folder(settings: &str, folder: Folder) -> Gateway {
    folder.write("gateway.kdl", &kdl(settings));
    folder.write("in/.keep", "");
    Gateway::start_in(folder, &[], &VARIABLES)
}

fn go(gateway: &Gateway, name: &str) {
    gateway.folder.write(&format!("in/go-{name}"), "");
}

const NOW: (&str, &str) = ("Prefer", "respond-async");

fn ask(gateway: &Gateway, listener: &str, path: &str, headers: &[(&str, &str)]) -> Response {
    let all = [&[("Content-Type", "text/plain")], headers].concat();
    call(gateway.address(listener), "POST", path, &all, b"x")
}

fn look(gateway: &Gateway, listener: &str, path: &str, headers: &[(&str, &str)]) -> Response {
    call(gateway.address(listener), "GET", path, headers, b"")
}

/// The path of the status address of an answer that hands over.
fn handed_over(answer: &Response) -> String {
    assert_eq!(answer.status, 202, "{answer:?}");
    let (link, id) = (answer.header("location").unwrap(), answer.header("x-execution-id").unwrap());
    assert_eq!(answer.header("x-execution-status-link"), Some(link));
    assert!(link.ends_with(id) && id.len() == 32, "{answer:?}");
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!((body["state"].as_str(), body["id"].as_str()), (Some("running"), Some(id)));
    link.strip_prefix("http://gateway.test").unwrap().to_owned()
}

fn state(answer: &Response) -> Value {
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let state: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(answer.header("retry-after").is_some(), state["state"] == "running", "{answer:?}");
    state
}

/// Waits until an execution does not run any more.
fn ended(gateway: &Gateway, listener: &str, path: &str, headers: &[(&str, &str)]) -> Value {
    let until = Instant::now() + DEADLINE;
    loop {
        let state = state(&look(gateway, listener, path, headers));
        if state["state"] != "running" {
            return state;
        }
        assert!(Instant::now() < until, "it does not end: {state}");
        std::thread::yield_now();
    }
}

fn metric(gateway: &Gateway, name: &str) -> i64 {
    let text = call(gateway.address("admin"), "GET", "/metrics", &[("Host", "localhost")], b"").body;
    let line = text.lines().find(|line| line.starts_with(&format!("soapstone_{name} ")));
    line.and_then(|line| line.rsplit(' ').next()?.parse().ok()).unwrap_or(0)
}

/// Waits until a metric has a value: an answer is kept a moment before its execution counts as ended.
fn wait_for(gateway: &Gateway, name: &str, value: i64) {
    let until = Instant::now() + DEADLINE;
    while metric(gateway, name) != value {
        assert!(Instant::now() < until, "{name} is {}, not {value}", metric(gateway, name));
        std::thread::yield_now();
    }
}

#[test]
fn a_caller_comes_back_for_the_answer() {
    let gateway = start("");
    for path in ["/ws/rest/Slow?name=a", "/ws/simple/createSlow?name=a"] {
        let answer = ask(&gateway, "internal", path, &[NOW]);
        assert_eq!(answer.header("preference-applied"), Some("respond-async"));
        let status = handed_over(&answer);
        assert!(status.starts_with("/ws/executions/"));
        let running = state(&look(&gateway, "internal", &status, &[]));
        assert_eq!(
            (running["state"].as_str(), running["operation"].as_str()),
            (Some("running"), Some("create-slow"))
        );
        assert!(running.get("ended").is_none() && running.get("answer").is_none(), "{running}");
        let early = look(&gateway, "internal", &format!("{status}?answer"), &[]);
        assert_eq!((early.status, early.header("retry-after").is_some()), (202, true), "{early:?}");
        wait_for(&gateway, "background_runs", 1);
        go(&gateway, "a");
        let done = ended(&gateway, "internal", &status, &[]);
        assert_eq!((done["state"].as_str(), done["status"].as_u64()), (Some("done"), Some(201)));
        assert!(done["ended"].as_str() >= done["started"].as_str(), "{done}");
        let url = done["answer"].as_str().unwrap().strip_prefix("http://gateway.test").unwrap();
        // As often as anyone likes.
        for _ in 0..2 {
            let answer = look(&gateway, "internal", url, &[]);
            assert_eq!((answer.status, answer.body.as_str()), (201, "made by "), "{answer:?}");
            assert_eq!(answer.header("content-type"), Some("text/plain"));
            assert_eq!(answer.header("x-made"), Some("a"));
        }
        std::fs::remove_file(gateway.folder.path().join("in/go-a")).unwrap();
    }
}

#[test]
fn an_answer_that_comes_in_time_is_answered_as_always() {
    let gateway = start("");
    for headers in [("Prefer", "respond-async, wait=20"), ("X-Max-Wait", "20000"), ("Prefer", "wait=1")] {
        let answer = ask(&gateway, "internal", "/ws/simple/executeQuick", &[headers]);
        assert_eq!((answer.status, answer.body.as_str()), (200, "quick"), "{headers:?}");
        assert!(answer.header("preference-applied").is_none() && answer.header("location").is_none());
    }
    assert_eq!(metric(&gateway, "state_puts_total"), 0);
    // Nobody waits for what has no answer.
    let answer = ask(&gateway, "internal", "/ws/rest/Silent", &[NOW]);
    assert_eq!((answer.status, answer.header("location")), (202, None), "{answer:?}");
}

#[test]
fn a_wait_that_is_over_hands_over() {
    let gateway = start("");
    for (listener, headers) in [
        ("internal", vec![("X-Max-Wait", "20")]),
        ("internal", vec![("X-Max-Wait", "20"), ("Prefer", "respond-async, wait=600")]),
        // And what is waited for is never more than a request may take.
        ("hurried", vec![("Prefer", "respond-async, wait=600")]),
        ("short", vec![("X-Max-Wait", "99999999")]),
    ] {
        let answer = match listener {
            "short" => ask(&gateway, "internal", "/ws/rest/Short?name=b", &headers),
            _ => ask(&gateway, listener, "/ws/rest/Slow?name=b", &headers),
        };
        let preferred = headers.iter().any(|(name, _)| *name == "Prefer");
        assert_eq!(answer.header("preference-applied").is_some(), preferred, "{answer:?}");
        handed_over(&answer);
    }
    let late = ask(&gateway, "hurried", "/ws/rest/Slow?name=b", &[]);
    assert_eq!(late.status, 504, "who says nothing waits: {late:?}");
    go(&gateway, "b");
}

#[test]
fn an_answer_that_leaves_early_is_had_early() {
    let gateway = start("");
    let status = handed_over(&ask(&gateway, "internal", "/ws/rest/Early?name=c", &[NOW]));
    go(&gateway, "c");
    assert_eq!(ended(&gateway, "internal", &status, &[])["state"], "done");
    assert_eq!(look(&gateway, "internal", &format!("{status}?answer"), &[]).body, "early");
    // The rest still waits.
    wait_for(&gateway, "background_runs", 1);
}

#[test]
fn a_failure_is_an_answer_too() {
    let gateway = start("");
    let status = handed_over(&ask(&gateway, "internal", "/ws/rest/Bad?name=d", &[NOW]));
    go(&gateway, "d");
    let failed = ended(&gateway, "internal", &status, &[]);
    assert_eq!((failed["state"].as_str(), failed["status"].as_u64()), (Some("failed"), Some(409)));
    let answer = look(&gateway, "internal", &format!("{status}?answer"), &[]);
    assert_eq!(answer.status, 409);
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    assert!(answer.body.contains("went-wrong"), "{answer:?}");
    wait_for(&gateway, "background_failures_total", 1);
    let xml = look(&gateway, "internal", &status, &[("Accept", "application/xml")]);
    assert!(xml.body.contains("<execution xmlns=\"urn:soapstone:execution\">"), "{xml:?}");
    assert!(
        xml.body.contains("<state>failed</state>") && xml.body.contains("<status>409</status>"),
        "{xml:?}"
    );
}

#[test]
fn an_execution_is_for_its_caller_alone() {
    let gateway = start("");
    let (ada, bob) = (format!("Bearer {ADA}"), format!("Bearer {BOB}"));
    let status =
        handed_over(&ask(&gateway, "known", "/ws/rest/Slow?name=e", &[NOW, ("Authorization", &ada)]));
    go(&gateway, "e");
    ended(&gateway, "known", &status, &[("Authorization", &ada)]);
    let answer = look(&gateway, "known", &format!("{status}?answer"), &[("Authorization", &ada)]);
    assert_eq!(answer.body, "made by ada");
    for path in [status.clone(), format!("{status}?answer")] {
        for (listener, headers, code) in [
            ("known", vec![("Authorization", bob.as_str())], 404),
            ("known", vec![], 401),
            ("internal", vec![], 404),
        ] {
            let answer = look(&gateway, listener, &path, &headers);
            assert_eq!(answer.status, code, "{answer:?}");
            assert_eq!(answer.body.contains("unknown-execution"), code == 404, "{answer:?}");
        }
    }
    for id in ["x", "0", &"0".repeat(32), &"A".repeat(32), "%00", "..%2f.."] {
        let answer = look(&gateway, "internal", &format!("/ws/executions/{id}"), &[]);
        assert_eq!(
            (answer.status, answer.body.contains("unknown-execution")),
            (404, true),
            "{id}: {answer:?}"
        );
    }
}

#[test]
fn the_address_can_be_moved_and_pages_go_on_from_an_answer() {
    let gateway = start("");
    let items = "<ItemList><Item><Id>1</Id></Item><Item><Id>2</Id></Item><Item><Id>3</Id></Item></ItemList>";
    let headers = [("Content-Type", "application/xml"), NOW];
    let answer = call(gateway.address("moved"), "POST", "/ws/rest/Item?name=i", &headers, items.as_bytes());
    let status = handed_over(&answer);
    assert!(status.starts_with("/jobs/"), "{status}");
    go(&gateway, "i");
    ended(&gateway, "moved", &status, &[]);
    let first = look(&gateway, "moved", &format!("{status}?answer"), &[]);
    let link = first.header("link").unwrap().split(['<', '>']).nth(1).unwrap();
    let next = ask(&gateway, "moved", link.strip_prefix("http://gateway.test").unwrap(), &[]);
    assert!(next.body.contains("<Id>3</Id>") && next.header("link").is_none(), "{next:?}");
}

#[test]
fn a_stop_waits_and_what_a_kill_cuts_off_is_said_to_have_failed() {
    let settings = "state sqlite=\"state.db\"";
    let mut gateway = start(settings);
    let status = handed_over(&ask(&gateway, "internal", "/ws/rest/Slow?name=f", &[NOW]));
    let cut_off = handed_over(&ask(&gateway, "internal", "/ws/rest/Slow?name=never", &[NOW]));
    go(&gateway, "f");
    ended(&gateway, "internal", &status, &[]);
    gateway.signal("KILL");
    gateway.wait();
    let folder = Folder::new();
    for name in ["state.db", "state.db-wal"] {
        std::fs::copy(gateway.folder.path().join(name), folder.path().join(name)).unwrap();
    }
    let mut gateway = in_folder(settings, folder);
    assert_eq!(look(&gateway, "internal", &format!("{status}?answer"), &[]).status, 201);
    assert_eq!(state(&look(&gateway, "internal", &cut_off, &[]))["state"], "failed");
    let answer = look(&gateway, "internal", &format!("{cut_off}?answer"), &[]);
    assert_eq!((answer.status, answer.body.contains("interrupted")), (500, true), "{answer:?}");
    // What is under way when a stop begins is finished, and its answer is there afterwards.
    let status = handed_over(&ask(&gateway, "internal", "/ws/rest/Slow?name=g", &[NOW]));
    gateway.signal("TERM");
    go(&gateway, "g");
    assert!(gateway.wait().success());
    let folder = Folder::new();
    std::fs::copy(gateway.folder.path().join("state.db"), folder.path().join("state.db")).unwrap();
    let gateway = in_folder(settings, folder);
    assert_eq!(look(&gateway, "internal", &format!("{status}?answer"), &[]).status, 201);
}

#[test]
fn a_reload_changes_nothing_for_who_is_handed_over() {
    let gateway = start("");
    let status = handed_over(&ask(&gateway, "internal", "/ws/rest/Slow?name=h", &[NOW]));
    gateway.folder.write("gateway.kdl", &kdl("drain \"31s\""));
    let (reloaded, told) = gateway.reload();
    assert!(reloaded.success(), "{told}");
    assert_eq!(state(&look(&gateway, "internal", &status, &[]))["state"], "running");
    go(&gateway, "h");
    assert_eq!(ended(&gateway, "internal", &status, &[])["state"], "done");
    assert_eq!(look(&gateway, "internal", &format!("{status}?answer"), &[]).status, 201);
}

#[test]
fn what_is_handed_over_is_had_whole() {
    let gateway = start("");
    let known = ("If-None-Match", "\"7\"");
    let status = handed_over(&look(&gateway, "internal", "/ws/rest/Tagged?name=e", &[NOW, known]));
    go(&gateway, "e");
    assert_eq!(ended(&gateway, "internal", &status, &[])["state"], "done");
    let answer = look(&gateway, "internal", &format!("{status}?answer"), &[]);
    assert_eq!((answer.status, answer.body.as_str()), (200, "tagged"));
    // Who waits for it has it already.
    let waited = look(&gateway, "internal", "/ws/rest/Tagged?name=e", &[("X-Max-Wait", "20000"), known]);
    assert_eq!((waited.status, waited.body.as_str()), (304, ""));
}

#[test]
fn who_may_not_call_the_operation_any_more_is_told_nothing() {
    let gateway = start("");
    let ada = ("Authorization", &*format!("Bearer {ADA}"));
    let status = handed_over(&ask(&gateway, "known", "/ws/rest/Slow?name=f", &[NOW, ada]));
    go(&gateway, "f");
    assert_eq!(ended(&gateway, "known", &status, &[ada])["state"], "done");
    let answer = format!("{status}?answer");
    assert_eq!(look(&gateway, "known", &answer, &[ada]).body, "made by ada");
    let change = |from: &str, to: &str| {
        let changed = kdl("").replace(from, to);
        assert_ne!(changed, kdl(""));
        gateway.folder.write("gateway.kdl", &changed);
        let (code, output) = gateway.reload();
        assert!(code.success(), "{output}");
    };
    change("object Slow;", "object Slow; roles chief;");
    assert_eq!(look(&gateway, "known", &status, &[ada]).status, 403);
    assert_eq!(look(&gateway, "known", &answer, &[ada]).status, 403);
    change("create-slow", "create-sluggish");
    assert_eq!(look(&gateway, "known", &answer, &[ada]).status, 404);
}
