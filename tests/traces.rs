//! What operators read of requests at the admin address: traces, failures after the answer, caught failures; no secrets.
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

use std::time::Instant;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use support::*;

const ADMIN: &str = "admin-token-of-thirty-two-bytes-";
const ADA: &str = "ada-token-of-thirty-two-bytes---";
const BOB: &str = "bob-token-of-thirty-two-bytes---";
const PASSWORD: &str = "eve's \"long\" & <odd> password";
/// With everything that a format escapes.
const SECRET: &str = "se\"cret\\ & <odd>";
const FILED: &str = "a secret that lives in a file";

const GATEWAY: &str = r##"
log level=info format=json
admin bind="127.0.0.1:0" { token (env)ADMIN_TOKEN }
trace keep=3 { roles support }
users people {
    user ada token=(env)ADA_TOKEN { roles orders support }
    user bob token=(env)BOB_TOKEN { roles orders }
    user eve password=(env)EVE_HASH { roles support }
}
listener internal bind="127.0.0.1:0" { auth token users=people; auth basic users=people }
listener open bind="127.0.0.1:0"
profile item format=xml { element Item { element Name; element N type=integer } }
profile note format=json { object { string name; string secret; string caller } }
map note from=item to=note {
    set "$.name" from="Item/Name"
    set "$.secret" value=(env)SECRET
    set "$.caller" property=request.header.authorization
}
process audit {
    set process.audited value="yes"
    decision from="Item/N" gt=5 { then { throw "{= doc.Item.Name} was not audited" code=Audit } }
}
operation work {
    action execute
    object Work
    input item
    output data content-type="application/json"
    process {
        set shown value=(env)SECRET
        set filed value=(file)"secret.txt"
        branch {
            path "first" { call audit wait=#false; stop }
            path "second" {
                decision from="Item/N" gt=2 {
                    then { map note }
                    else { message #"<A b="{shown}">{filed}{request.header.authorization}</A>"# type="application/xml" }
                }
                return
            }
        }
    }
}
operation always { action execute; object Always; trace; process { notify info "{request.id}" } }
operation never { action execute; object Never; trace sample=0; process { notify info "{request.id}" } }
operation silent {
    action execute
    object Silent
    input item
    process { set shown value=(env)SECRET; throw "not for {shown} and {= doc.Item.Name}" code=Silent }
}
operation early {
    action execute
    object Early
    input item
    output data content-type="text/plain"
    process {
        branch {
            path "answer" { message "done"; return }
            path "behind" { message "{request.header.authorization}"; throw "too late" status=502 code=Late }
        }
    }
}
operation caught {
    action execute
    object Caught
    output data content-type="text/plain"
    process {
        try { throw "once"; catch { try { throw "twice"; catch { message "fine" } } } }
        return
    }
}
"##;

fn start() -> Gateway {
    let folder = Folder::new();
    folder.write("gateway.kdl", GATEWAY);
    folder.write("secret.txt", &format!("{FILED}\n"));
    let (_, hash, _) = run(folder.path(), &["hash-password"], PASSWORD);
    let variables = [
        ("ADMIN_TOKEN", ADMIN),
        ("ADA_TOKEN", ADA),
        ("BOB_TOKEN", BOB),
        ("EVE_HASH", hash.trim_end()),
        ("SECRET", SECRET),
    ];
    // One worker: what ends first is kept first.
    Gateway::start_in(folder, &["--workers", "1"], &variables)
}

fn item(name: &str, n: i64) -> String {
    format!("<Item><Name>{name}</Name><N>{n}</N></Item>")
}

fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

/// Calls an operation; gives the id of the request.
fn ask(gateway: &Gateway, listener: &str, operation: &str, headers: &[(&str, &str)], body: &str) -> String {
    let path = format!("/ws/simple/execute{operation}");
    let answer = call(gateway.address(listener), "POST", &path, headers, body.as_bytes());
    answer.header("x-request-id").unwrap().to_owned()
}

fn traced(gateway: &Gateway, operation: &str, body: &str) -> String {
    let token = bearer(ADA);
    let headers = [("Authorization", token.as_str()), ("X-Soapstone-Trace", "1")];
    ask(gateway, "internal", operation, &headers, body)
}

fn admin(gateway: &Gateway, path: &str) -> Response {
    ask_admin(gateway, "GET", path, &[("Authorization", &bearer(ADMIN))])
}

fn ask_admin(gateway: &Gateway, method: &str, path: &str, headers: &[(&str, &str)]) -> Response {
    call(gateway.address("admin"), method, path, &[&[("Host", "localhost")], headers].concat(), b"")
}

fn read(gateway: &Gateway, path: &str) -> Value {
    let answer = admin(gateway, path);
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")), "{answer:?}");
    serde_json::from_str(&answer.body).unwrap()
}

/// The ids of a list, once they are what is expected: what runs on after its answer takes its time.
fn ids(gateway: &Gateway, path: &str, wanted: &[&str]) {
    let until = Instant::now() + DEADLINE;
    loop {
        let list = read(gateway, path);
        let ids: Vec<&str> =
            list.as_array().unwrap().iter().map(|entry| entry["id"].as_str().unwrap()).collect();
        if ids == wanted {
            return;
        }
        assert!(Instant::now() < until, "{path}: {ids:?}, expected {wanted:?}");
        std::thread::yield_now();
    }
}

/// Reads until something holds.
fn becomes(gateway: &Gateway, path: &str, holds: impl Fn(&Response) -> bool) -> Response {
    let until = Instant::now() + DEADLINE;
    loop {
        let answer = admin(gateway, path);
        if holds(&answer) {
            return answer;
        }
        assert!(Instant::now() < until, "{path}: {answer:?}");
        std::thread::yield_now();
    }
}

/// No secret in any form, in the answer as it is and as the JSON in it reads.
fn shows_no_secret(text: &str) {
    fn texts(value: &Value, into: &mut Vec<String>) {
        match value {
            Value::String(text) => into.push(text.clone()),
            Value::Array(items) => items.iter().for_each(|item| texts(item, into)),
            Value::Object(members) => members.iter().for_each(|(name, member)| {
                into.push(name.clone());
                texts(member, into);
            }),
            _ => {}
        }
    }
    let mut all = vec![text.to_owned()];
    texts(&serde_json::from_str(text).unwrap(), &mut all);
    let base64 = STANDARD.encode(format!("eve:{PASSWORD}"));
    let escaped = |text: &str| serde_json::to_string(text).unwrap().trim_matches('"').to_owned();
    let twice = escaped(&escaped(SECRET));
    let secrets = [ADMIN, ADA, BOB, PASSWORD, SECRET, FILED, "se&quot;cret", "cret\\\\ &", &twice, &base64];
    for text in &all {
        for secret in secrets.iter().map(|secret| (*secret).to_owned()).chain(secrets.map(escaped)) {
            assert!(!text.contains(&secret), "{secret} in {text}");
        }
    }
}

#[test]
fn who_may_ask_for_a_trace_gets_one() {
    let gateway = start();
    let (ada, bob) = (bearer(ADA), bearer(BOB));
    let asks = ("X-Soapstone-Trace", "1");
    let body = item("A", 3);
    // Not without the role, not without credentials, not unasked.
    ask(&gateway, "internal", "Work", &[("Authorization", &bob), asks], &body);
    ask(&gateway, "open", "Work", &[asks], &body);
    ask(&gateway, "internal", "Work", &[asks], &body);
    ask(&gateway, "internal", "Work", &[("Authorization", &ada)], &body);
    ask(&gateway, "internal", "Work", &[("Authorization", &ada), ("X-Soapstone-Trace", "yes")], &body);
    ids(&gateway, "/traces", &[]);
    let id = ask(&gateway, "internal", "Work", &[("Authorization", &ada), asks], &body);
    ids(&gateway, "/traces", &[&id]);
    let list = read(&gateway, "/traces");
    assert_eq!(
        (&list[0]["operation"], &list[0]["outcome"]["status"]),
        (&"work".into(), &200.into()),
        "{list}"
    );
    let refused = ask(&gateway, "internal", "Early", &[("Authorization", &ada), asks], "<Item/>");
    let missing = admin(&gateway, &format!("/traces/{refused}"));
    assert_eq!(missing.status, 404, "nothing ran: {missing:?}");
    assert!(missing.body.contains("No trace of this request is kept"), "{missing:?}");
    // Behind the same guard as all else.
    for path in ["/traces", "/failures", &format!("/traces/{id}"), "/failures/none"] {
        assert_eq!(ask_admin(&gateway, "GET", path, &[]).status, 401, "{path}");
        let headers = [("Authorization", &*bearer(ADMIN)), ("Soapstone-Admin", "1")];
        let other = ask_admin(&gateway, "POST", path, &headers);
        assert_eq!((other.status, other.header("allow")), (405, Some("GET")), "{path}: {other:?}");
    }
    assert_eq!(admin(&gateway, "/traces/").status, 404);
    assert_eq!(admin(&gateway, "/failures/none").status, 404);
}

#[test]
fn a_trace_has_every_step_with_its_documents_and_its_line() {
    let gateway = start();
    let id = traced(&gateway, "Work", &item("A", 3));
    // The steps of what nobody waited for are in it, once that has ended.
    let whole = becomes(&gateway, &format!("/traces/{id}"), |answer| {
        answer.status == 200
            && answer.body.contains("process.audited")
            && !answer.body.contains("\"took_us\":null")
    });
    let trace: Value = serde_json::from_str(&whole.body).unwrap();
    let steps = trace["steps"].as_array().unwrap();
    let shown = |step: &Value| {
        let line = step["place"].as_str().unwrap().split(':').nth(1).unwrap().parse::<usize>().unwrap();
        let written = GATEWAY.lines().nth(line - 1).unwrap();
        assert!(written.contains(step["step"].as_str().unwrap()), "{step}: {written}");
        (step["path"].as_str().unwrap().to_owned(), step["step"].as_str().unwrap().to_owned())
    };
    let mut all: Vec<(String, String)> = steps.iter().map(shown).collect();
    all.sort();
    let mut expected = [
        ("", "set"),
        ("", "set"),
        ("", "branch"),
        ("path \"first\"", "call"),
        ("path \"first\"", "stop"),
        ("", "set"),
        ("", "decision"),
        ("path \"second\"", "decision"),
        ("then", "map"),
        ("path \"second\"", "return"),
    ]
    .map(|(path, step)| (path.to_owned(), step.to_owned()));
    expected.sort();
    assert_eq!(all, expected);
    let step = |name: &str| steps.iter().find(|step| step["step"] == name).unwrap();
    let map = step("map");
    assert_eq!(map["before"]["shown"][0]["text"], item("A", 3));
    assert_eq!(map["after"]["shown"][0]["text"], r#"{"name":"A","secret":"***","caller":"***"}"#);
    assert_eq!((&map["after"]["count"], &map["after"]["shown"][0]["format"]), (&1.into(), &"json".into()));
    let second = steps[usize::try_from(map["within"].as_u64().unwrap()).unwrap()].clone();
    assert_eq!(
        (&second["step"], &second["text"]),
        (&"decision".into(), &"decision from=\"Item/N\" gt=2".into())
    );
    let audited = steps.iter().find(|step| step["changed"]["process.audited"] == "yes").unwrap();
    let call = &steps[usize::try_from(audited["within"].as_u64().unwrap()).unwrap()];
    assert_eq!(call["text"], "call audit wait=#false");
    assert_eq!(step("return")["after"]["count"], 0);
    assert_eq!(step("set")["after"]["shown"][0]["properties"]["shown"], "***");
}

#[test]
fn an_operation_may_trace_all_and_no_more_are_kept_than_it_says() {
    let gateway = start();
    let ask = |operation: &str| ask(&gateway, "open", operation, &[], "");
    let all: Vec<String> = (0..5).map(|_| ask("Always")).collect();
    ask("Never");
    ids(&gateway, "/traces", &[&all[4], &all[3], &all[2]]);
    assert_eq!(admin(&gateway, &format!("/traces/{}", all[0])).status, 404);
    let trace = read(&gateway, &format!("/traces/{}", all[4]));
    assert_eq!(
        (&trace["steps"][0]["step"], &trace["outcome"]["status"]),
        (&"notify".into(), &Value::Null),
        "{trace}"
    );
}

#[test]
fn what_fails_after_its_answer_is_kept_and_counted() {
    let mut gateway = start();
    let token = bearer(ADA);
    let headers = [("Authorization", token.as_str())];
    let silent = ask(&gateway, "internal", "Silent", &headers, &item("A", 1));
    ids(&gateway, "/failures", &[&silent]);
    let early = ask(&gateway, "internal", "Early", &headers, &item("B", 1));
    ids(&gateway, "/failures", &[&early, &silent]);
    let audit = ask(&gateway, "internal", "Work", &headers, &item("C", 9));
    ids(&gateway, "/failures", &[&audit, &early, &silent]);
    let failures = read(&gateway, "/failures");
    let codes: Vec<&str> = (0..3).map(|at| failures[at]["outcome"]["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["Audit", "Late", "Silent"], "{failures}");
    let one = read(&gateway, &format!("/failures/{early}"));
    assert_eq!(one["request"], early.as_str());
    assert_eq!(one["documents"]["shown"][0]["text"], item("B", 1));
    assert_eq!(one["outcome"]["steps"], "branch > path \"behind\" > throw");
    let line = one["outcome"]["place"].as_str().unwrap().split(':').nth(1).unwrap().parse::<usize>().unwrap();
    assert!(GATEWAY.lines().nth(line - 1).unwrap().contains("too late"));
    let audit = read(&gateway, &format!("/failures/{audit}"));
    assert_eq!((&audit["operation"], &audit["documents"]["count"]), (&"audit".into(), &1.into()));
    let metrics = admin(&gateway, "/metrics").body;
    assert!(metrics.contains("soapstone_background_failures_total 3\n"), "{metrics}");
    let (_, log) = gateway.stop();
    for (id, code) in [(&silent, "Silent"), (&early, "Late")] {
        let line = log.lines().find(|line| line.contains(&format!("\"code\":\"{code}\""))).unwrap();
        assert!(line.contains(id.as_str()) && line.contains("\"place\":\"gateway.kdl:"), "{line}");
    }
}

#[test]
fn caught_failures_are_counted_and_noted() {
    let mut gateway = start();
    let id = ask(&gateway, "open", "Caught", &[], "");
    let metrics = becomes(&gateway, "/metrics", |answer| answer.body.contains("caught_failures_total 2\n"));
    assert!(metrics.body.contains("soapstone_caught_failures_total 2\n"), "{metrics:?}");
    ids(&gateway, "/failures", &[]);
    let (_, log) = gateway.stop();
    let line = log.lines().find(|line| line.contains("answered")).unwrap();
    let line: Value = serde_json::from_str(line).unwrap();
    assert_eq!(
        (&line["request"], &line["caught"], &line["status"]),
        (&id.as_str().into(), &2.into(), &200.into())
    );
}

#[test]
fn no_secret_is_shown() {
    let gateway = start();
    let basic = format!("Basic {}", STANDARD.encode(format!("eve:{PASSWORD}")));
    let mut all = Vec::new();
    for authorization in [bearer(ADA), basic] {
        let headers = [("Authorization", authorization.as_str()), ("X-Soapstone-Trace", "1")];
        for (operation, n) in [("Work", 1), ("Work", 9), ("Silent", 1), ("Early", 1)] {
            let id = ask(&gateway, "internal", operation, &headers, &item("A", n));
            if (operation, n) != ("Work", 1) {
                let failure = becomes(&gateway, &format!("/failures/{id}"), |answer| answer.status == 200);
                shows_no_secret(&failure.body);
            }
            let trace = becomes(&gateway, &format!("/traces/{id}"), |answer| answer.status == 200);
            shows_no_secret(&trace.body);
            all.push(trace.body);
        }
        shows_no_secret(&admin(&gateway, "/traces").body);
        shows_no_secret(&admin(&gateway, "/failures").body);
    }
    // They would have been there.
    assert!(all.iter().all(|trace| trace.contains("***")), "{all:?}");
}
