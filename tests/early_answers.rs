//! The answer leaves as soon as no later step can add to it: what stands behind runs on, bounded, drained, and not lost
//! from sight when it fails.
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

use support::{Connection, DEADLINE, Gateway, Response, call, post};

/// An operation over data that answers with text.
fn operation(name: &str, parts: &str, process: &str) -> String {
    let object = format!("{}{}", name[..1].to_uppercase(), &name[1..]);
    format!(
        "operation {name} {{ action execute; object {object}; input data; output data content-type=\"text/plain\"
        {parts}
        process {{\n{process}\n}} }}\n"
    )
}

fn file(settings: &str, operations: &[String]) -> String {
    format!(
        "listener internal bind=\"127.0.0.1:0\"\nadmin bind=\"127.0.0.1:0\"\n{settings}\n{}",
        operations.concat()
    )
}

fn start(settings: &str, operations: &[String]) -> Gateway {
    Gateway::start(&file(settings, operations))
}

fn ask(gateway: &Gateway, name: &str) -> Response {
    let path = format!("/ws/simple/execute{}{}", name[..1].to_uppercase(), &name[1..]);
    post(gateway.address("internal"), &path, "text/plain", "x")
}

fn metric(gateway: &Gateway, name: &str) -> i64 {
    let text = call(gateway.address("admin"), "GET", "/metrics", &[("Host", "localhost")], b"").body;
    let line = text.lines().find(|line| line.starts_with(&format!("soapstone_{name} "))).unwrap_or_default();
    line.rsplit(' ').next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// Waits until a metric has a value.
fn wait_for(gateway: &Gateway, name: &str, value: i64) {
    let until = Instant::now() + DEADLINE;
    while metric(gateway, name) != value {
        assert!(Instant::now() < until, "{name} is {}, not {value}", metric(gateway, name));
        std::thread::yield_now();
    }
}

/// Steps that run on for an hour unless something ends them.
const LONG: &str = "wait \"1h\"";

#[test]
fn an_answer_waits_for_nothing_that_cannot_add_to_it() {
    let early: [(&str, String); 6] = [
        ("branch", format!("branch {{ path a {{ message \"ok\"; return }}; path b {{ {LONG} }} }}")),
        (
            "nested",
            format!(
                "decision property=none {{ then {{ throw \"no\" }}; else {{ branch {{ path a {{ message \"ok\"; return }}; path b {{ {LONG} }} }} }} }}"
            ),
        ),
        (
            "status",
            format!(
                "branch {{ path a {{ message \"ok\"; return }}; path b {{ set response.status value=201 }}; path c {{ {LONG} }} }}"
            ),
        ),
        (
            "routed",
            format!(
                "route property=request.method {{ case POST {{ branch {{ path a {{ message \"ok\"; return }}; path b {{ {LONG} }} }} }}; default {{ throw \"no\" }} }}"
            ),
        ),
        (
            "each",
            format!("for-each {{ branch {{ path a {{ message \"ok\"; return }}; path b {{ {LONG} }} }} }}"),
        ),
        ("called", "branch { path a { call answer; return }; path b { call wait-long } }".to_owned()),
    ];
    let mut operations: Vec<String> =
        early.iter().map(|(name, process)| operation(name, "", process)).collect();
    operations.push("process answer { message \"ok\"; return }\n".to_owned());
    operations.push(format!("process wait-long {{ {LONG} }}\n"));
    let gateway = start("", &operations);
    for (at, (name, _)) in early.iter().enumerate() {
        let answer = ask(&gateway, name);
        let status = if *name == "status" { 201 } else { 200 };
        assert_eq!((answer.status, answer.body.as_str()), (status, "ok"), "{name}");
        wait_for(&gateway, "background_runs", i64::try_from(at + 1).unwrap());
    }
}

/// Processes whose answer must wait: the status that it has, and how its text begins.
const LATE: [(&str, &str, u16, &str); 9] = [
    // Documents that have no answer yet, behind the last step that answers others.
    (
        "past",
        "decision property=none { then { message \"ok\"; return } }; throw \"not allowed\" status=422",
        422,
        "not allowed",
    ),
    (
        "routed",
        "route property=request.method { case GET { return } }; wait \"5ms\"; throw \"not allowed\" status=422",
        422,
        "not allowed",
    ),
    (
        "within",
        "branch { path a { decision property=none { then { return } } }; path b { wait \"5ms\" } }; throw \"no\" status=422",
        422,
        "no",
    ),
    (
        "two",
        "branch { path a { message \"1\"; return }; path b { wait \"20ms\"; message \"2\"; return } }",
        200,
        "12",
    ),
    (
        "status",
        "branch { path a { message \"1\"; return }; path b { wait \"20ms\"; set response.status value=202 } }",
        202,
        "1",
    ),
    ("called", "branch { path a { message \"1\"; return }; path b { wait \"20ms\"; call sets } }", 202, "1"),
    (
        "tried",
        "try { branch { path a { message \"1\"; return }; path b { wait \"20ms\"; throw \"no\" } }; catch { message \"caught\"; return } }",
        200,
        "caught",
    ),
    // A document of its own that has no answer yet.
    (
        "other",
        "decision property=request.method eq=POST { then { wait \"20ms\"; throw \"no\" status=409 }; else { return } }",
        409,
        "no",
    ),
    (
        "stopped",
        "branch { path a { message \"1\"; return }; path b { wait \"20ms\"; stop all=#true }; path c { return } }",
        200,
        "1",
    ),
];

#[test]
fn an_answer_waits_for_what_can_still_add_to_it() {
    let mut operations: Vec<String> =
        LATE.iter().map(|(name, process, ..)| operation(name, "", process)).collect();
    operations.push("process sets { set response.status value=202 }\n".to_owned());
    let gateway = start("", &operations);
    for (name, _, status, body) in LATE {
        let answer = ask(&gateway, name);
        assert_eq!(answer.status, status, "{name}: {answer:?}");
        assert!(answer.body.starts_with(body), "{name}: {answer:?}");
    }
    assert_eq!(metric(&gateway, "background_runs"), 0);
}

#[test]
fn what_runs_on_is_logged_counted_and_bounded_in_time() {
    let work =
        |process: &str| format!("branch {{ path a {{ message \"ok\"; return }}; path b {{ {process} }} }}");
    let operations = [
        operation("failing", "", &work("wait \"5ms\"; throw \"the second part\" code=Later")),
        operation("slow", "limits after=\"50ms\"", &work(LONG)),
        "operation alone { action execute; object Alone; input data; process { call broken wait=#false; stop } }\n".to_owned(),
        "process broken { throw \"nobody waits\" code=Alone }\n".to_owned(),
    ];
    let mut gateway = start("", &operations);
    for (at, (name, told)) in [("failing", "the second part"), ("slow", "timeout"), ("alone", "nobody waits")]
        .into_iter()
        .enumerate()
    {
        let answer = ask(&gateway, name);
        assert_eq!(answer.status, 200, "{name}: {answer:?}");
        let line = gateway.wait_for_line(told);
        assert!(line.contains(answer.header("x-request-id").unwrap()), "{line}");
        assert!(line.contains("gateway.kdl:"), "{line}");
        wait_for(&gateway, "background_failures_total", i64::try_from(at + 1).unwrap());
    }
    wait_for(&gateway, "background_runs", 0);
}

#[test]
fn a_stop_lets_what_runs_on_finish() {
    let work = operation(
        "work",
        "",
        "branch { path a { return }; path b { wait \"200ms\"; notify warn \"finished\" } }",
    );
    let mut gateway = start("drain \"20s\"", &[work]);
    assert_eq!(ask(&gateway, "work").status, 200);
    let (status, log) = gateway.stop();
    assert!(status.success() && log.contains("finished"), "{log}");
    assert!(log.contains("background=0"), "{log}");
}

#[test]
fn a_stop_waits_no_longer_than_it_says() {
    let work = operation("work", "", &format!("branch {{ path a {{ return }}; path b {{ {LONG} }} }}"));
    let mut gateway = start("drain \"50ms\"", &[work]);
    assert_eq!(ask(&gateway, "work").status, 200);
    let (_, log) = gateway.stop();
    assert!(log.contains("background=1"), "{log}");
    let line =
        log.lines().find(|line| line.contains("cut off by the stop")).unwrap_or_else(|| panic!("{log}"));
    assert!(line.contains("WARN") && line.contains("operation=work"), "{line}");
}

#[test]
fn beyond_its_capacity_callers_are_told_to_come_back() {
    let hold = operation("hold", "", &format!("{LONG}\nreturn"));
    let small = operation("small", "", "return");
    let gateway =
        Gateway::start_with(&file("capacity executions=1", &[hold, small]), &["--workers", "1"], &[]);
    let mut first = Connection::open(gateway.address("internal"));
    first.ask("POST", "/ws/simple/executeHold", &[], b"x");
    let until = Instant::now() + DEADLINE;
    let refused = loop {
        // Until the first has begun, there is room.
        let answer = ask(&gateway, "small");
        if answer.status != 200 {
            break answer;
        }
        assert!(Instant::now() < until);
    };
    assert_eq!((refused.status, refused.header("retry-after")), (503, Some("1")), "{refused:?}");
    assert!(refused.body.contains("code: busy"), "{refused:?}");
    // Whoever leaves makes room.
    drop(first);
    while ask(&gateway, "small").status != 200 {
        assert!(Instant::now() < until);
        std::thread::yield_now();
    }
}

#[test]
fn bodies_are_not_taken_when_there_is_no_room_for_them() {
    let operations = [operation("small", "", "return")];
    let gateway =
        Gateway::start_with(&file("capacity memory=\"64KiB\"", &operations), &["--workers", "1"], &[]);
    let address = gateway.address("internal");
    let post_of = |bytes: usize| post(address, "/ws/simple/executeSmall", "text/plain", &"x".repeat(bytes));
    assert_eq!(post_of(16 << 10).status, 200);
    let refused = post_of(200 << 10);
    // Nor would there ever be.
    assert_eq!((refused.status, refused.header("retry-after")), (413, None), "{refused:?}");
    assert_eq!(post_of(16 << 10).status, 200, "what was held is given back");
}

#[test]
fn an_operation_may_allow_less_time_than_its_listener() {
    let operations = [operation("slow", "limits request=\"30ms\"", &format!("{LONG}\nreturn"))];
    let gateway = start("", &operations);
    let answer = ask(&gateway, "slow");
    assert_eq!(answer.status, 504, "{answer:?}");
    assert!(answer.body.contains("code: timeout"), "{answer:?}");
}

#[test]
fn caught_failures_are_counted_and_noted() {
    let work = operation("work", "", "try { throw \"no\"; catch { message \"caught\" } }\nreturn");
    let mut gateway = start("", &[work]);
    assert_eq!(ask(&gateway, "work").body, "caught");
    let line = gateway.wait_for_line("answered");
    assert!(line.contains("caught=1"), "{line}");
    wait_for(&gateway, "caught_failures_total", 1);
}

#[test]
fn secrets_reach_neither_callers_nor_the_log() {
    let secret = "a-secret-of-the-file";
    let work = operation(
        "work",
        "",
        "set k value=(env)SECRET\nnotify warn \"with {k} by {request.header.authorization}\"\nthrow \"failed with {k}\"",
    );
    let later = operation(
        "later",
        "",
        "set k value=(env)SECRET\nbranch { path { message \"ok\"; return }; path { throw \"later with {k}\" } }",
    );
    let mut gateway = Gateway::start_with(&file("", &[work, later]), &[], &[("SECRET", secret)]);
    let headers = [("Authorization", "Bearer the-callers-token"), ("Content-Type", "text/plain")];
    let answer = call(gateway.address("internal"), "POST", "/ws/simple/executeWork", &headers, b"x");
    assert!(answer.status == 500 && answer.body.contains("failed with ***"), "{answer:?}");
    assert_eq!(ask(&gateway, "later").status, 200);
    gateway.wait_for_line("later with ***");
    let (_, log) = gateway.stop();
    assert!(log.contains("with *** by ***"), "{log}");
    assert!(!log.contains(secret) && !log.contains("callers-token"), "{log}");
}

#[test]
fn the_time_of_a_step_does_not_bound_what_runs_on() {
    let steps = "branch timeout=\"300ms\" { path { message \"ok\"; return }; path { wait \"20ms\" } }\nwait \"600ms\"\nnotify warn \"done after all\"";
    let mut gateway = start("", &[operation("work", "", steps)]);
    assert_eq!(ask(&gateway, "work").body, "ok");
    gateway.wait_for_line("done after all");
    assert_eq!(metric(&gateway, "background_failures_total"), 0);
}

#[test]
fn a_failure_behind_the_answer_is_never_below_a_warning() {
    let steps = "branch { path { message \"ok\"; return }; path { throw \"rejected later\" status=422 } }";
    let mut gateway = start("log level=warn", &[operation("work", "", steps)]);
    assert_eq!(ask(&gateway, "work").body, "ok");
    assert!(gateway.wait_for_line("rejected later").contains("WARN"));
}

#[test]
fn what_runs_on_is_held_against_the_memory() {
    let later =
        "operation later { action execute; object Later; input data; process { wait \"1h\"; stop } }\n"
            .to_owned();
    let gateway = Gateway::start_with(&file("capacity memory=\"1MiB\"", &[later]), &["--workers", "1"], &[]);
    let body = "x".repeat(200 << 10);
    let send = || post(gateway.address("internal"), "/ws/simple/executeLater", "text/plain", &body).status;
    let taken = (0..20).take_while(|_| send() == 200).count();
    assert!((3..=5).contains(&taken), "{taken} bodies of 200 KiB were taken");
}

#[test]
fn a_body_that_is_answered_with_is_held_once() {
    let same = operation("same", "", "set x value=1\nreturn");
    let gateway = Gateway::start_with(&file("capacity memory=\"1MiB\"", &[same]), &["--workers", "1"], &[]);
    let body = "x".repeat(700 << 10);
    for _ in 0..3 {
        let answer = post(gateway.address("internal"), "/ws/simple/executeSame", "text/plain", &body);
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
}

#[test]
fn a_request_that_ran_out_of_time_names_the_step_it_waited_in() {
    let mut gateway =
        start("", &[operation("slow", "limits request=\"30ms\"", "branch { path { wait \"1h\"; return } }")]);
    assert_eq!(ask(&gateway, "slow").status, 504);
    let line = gateway.wait_for_line("took longer");
    assert!(line.contains("gateway.kdl:7") && line.contains("wait"), "{line}");
}
