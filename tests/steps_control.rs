//! What the steps that choose, call, repeat and catch do to documents: a small process a case, without sockets.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may stop at the first surprise"
)]

#[path = "support/offline.rs"]
mod offline;
mod support;

use std::time::Duration;

use offline::Offline;

/// Appends a word and the document to the log of the execution.
fn mark(word: &str) -> String {
    format!("set process.log value=\"{{process.log}}{word}{{id}};\"")
}

/// Replaces `MARK:word` by a step that notes it.
fn marked(steps: &str) -> String {
    let mut parts = steps.split("MARK:");
    let mut out = parts.next().unwrap().to_owned();
    for part in parts {
        let end = part.find(|c: char| !c.is_alphanumeric()).unwrap_or(part.len());
        out.push_str(&mark(&part[..end]));
        out.push_str(&part[end..]);
    }
    out
}

/// Runs steps on documents, and compares the log of the execution and what comes out.
fn check(steps: &str, documents: &[&str], log: &str, out: &str) {
    check_with(steps, "", documents, log, out);
}

fn check_with(steps: &str, declarations: &str, documents: &[&str], log: &str, out: &str) {
    let ran = Offline::process(&marked(steps), &marked(declarations)).run(documents);
    assert!(ran.failure.is_none(), "{steps}: {ran:?}");
    assert_eq!((ran.log.as_str(), ran.out.as_str()), (log, out), "{steps}");
}

/// The code of the failure that steps end in, the steps that led there, and the log of the execution.
fn failure(steps: &str, declarations: &str, documents: &[&str]) -> (String, String, String) {
    let ran = Offline::process(&marked(steps), &marked(declarations)).run(documents);
    let failure = ran.failure.unwrap_or_else(|| panic!("{steps} did not fail"));
    (failure.code.clone(), failure.steps.join(" > "), ran.log)
}

#[test]
fn a_route_takes_the_first_case_that_fits() {
    let route = "route property=id {
        case 10 eleven { MARK:a }
        case like=\"e*\" { MARK:c; stop }
        case matches=\"v\" { MARK:d }
        case gt=5 { MARK:b }
        default { MARK:e }
    }";
    // All documents of a case to its end before the next; numbers compare as numbers.
    let documents = ["seven", "7", "10.0", "else", "eleven", "-3", "eve"];
    let log = "a10.0;aeleven;celse;ceve;dseven;b7;e-3;";
    check(route, &documents, log, "10.0;eleven;seven;7;-3;");
    let without_default = "route property=id { case b { MARK:x; message \"B\" } }\nMARK:y";
    check(without_default, &["a", "b", "c"], "xb;yb;ya;yc;", "B;a;c;");
    check(without_default, &["b"], "xb;yb;", "B;");
    let by_script =
        "route script=\"property(\\\"id\\\").len()\" { case 1 { MARK:one }; case 2 { MARK:two } }";
    check(by_script, &["bb", "a"], "onea;twobb;", "a;bb;");
}

#[test]
fn dispatch_calls_each_process_once_with_its_documents() {
    let processes =
        "process first { set process.log value=\"{process.log}(\" ; MARK:f; message \"F{id}\"; return }
        process second { MARK:s }
        process other { MARK:o; stop }";
    let dispatch =
        "dispatch property=id { when a b process=first; when c process=second; default process=other }";
    let log = "((fa;fb;sc;od;";
    check_with(dispatch, processes, &["d", "c", "a", "b"], log, "Fa;Fb;c;");
    let without_default = "dispatch property=id { when a process=first }";
    check_with(
        without_default,
        &processes[..processes.find("process second").unwrap()],
        &["x", "a"],
        "(fa;",
        "Fa;x;",
    );
}

#[test]
fn a_call_goes_on_with_what_is_returned_or_with_what_entered() {
    let returning = "process other { MARK:in; message \"<{id}>\"; return }";
    check_with("call other\nMARK:out", returning, &["a", "b"], "ina;inb;outa;outb;", "<a>;<b>;");
    check_with("call other each=#true\nMARK:out", returning, &["a", "b"], "ina;inb;outa;outb;", "<a>;<b>;");
    // Called for each, one process ends before the next begins.
    let two = "process other { MARK:one; MARK:two }";
    check_with("call other", two, &["a", "b"], "onea;oneb;twoa;twob;", "a;b;");
    check_with("call other each=#true", two, &["a", "b"], "onea;twoa;oneb;twob;", "a;b;");
    // A process with a `return` that nothing reaches gives nothing; one that only stops lets the documents go on.
    let decided = "process other { decision property=id eq=a { then { return }; else { stop } } }";
    check_with("call other\nMARK:x", decided, &["a", "b"], "xa;", "a;");
    // Without a `return` it is as if its steps stood here: what they change is changed, and what they stop is gone.
    check_with("call other\nMARK:x", "process other { message \"new\" }", &["a"], "xa;", "new;");
    let filter = "process other { decision property=id eq=a { then { stop } } }";
    check_with("call other\nMARK:x", filter, &["a", "b"], "xb;", "b;");
}

#[test]
fn properties_go_both_ways_through_a_call() {
    let other =
        "process other { set process.log value=\"{process.log}{given}\"; set process.back value=\"b{id}\"
        set changed value=\"yes\"; set response.status value=201; return }";
    let steps =
        "set given value=\"g\"\ncall other\nset process.log value=\"{process.log}{process.back}{changed}\"";
    let ran = Offline::process(steps, other).run(&["1"]);
    assert_eq!((ran.log.as_str(), ran.status), ("gb1yes", Some(201)));
}

#[test]
fn a_failure_in_a_call_goes_to_the_nearest_try_unless_it_aborts() {
    let other = "process other { MARK:in; throw \"no\" code=Broken }";
    check_with("try { call other; catch { MARK:caught } }", other, &["a"], "ina;caughta;", "a;");
    let (code, steps, log) = failure("try { call other abort=#true; catch { MARK:caught } }", other, &["a"]);
    assert_eq!((code.as_str(), log.as_str()), ("Broken", "ina;"));
    assert_eq!(steps, "try > call > other > throw");
}

#[test]
fn a_try_gives_catch_the_original_documents() {
    let steps = "set kept value=\"k\"
        try {
            MARK:body
            set kept value=\"changed\"
            message \"changed\"
            decision property=id eq=b { then { throw \"no {id}\" status=409 code=Taken } }
            catch { set process.log value=\"{process.log}<{id}{kept}>\" }
        }
        set process.log value=\"{process.log}!\"";
    // One failure is that of the whole batch.
    check(steps, &["a", "b", "c"], "bodya;bodyb;bodyc;<ak><bk><ck>!!!", "a;b;c;");
    check(steps, &["a", "c"], "bodya;bodyc;!!", "changed;changed;");
}

#[test]
fn what_was_caught_can_be_read() {
    let steps = "try {
            branch { path \"first\" { stop }; path \"second\" { throw \"no {id}\" status=409 code=Taken } }
            catch {
                set process.log value=\"{error.message}|{error.code}|{error.status}|{error.blame}|{error.retry}|{error.step}|{error.place}|{error.fault}\"
            }
        }";
    check(
        steps,
        &["a"],
        "no a|Taken|409|client|false|branch > path \"second\" > throw|gateway.kdl:4:61|",
        "a;",
    );
    // What only the log may show is there for the process too: it is the one that decides who reads it.
    let script =
        "try { set x script=\"1 / 0\"; catch { set process.log value=\"{error.code}|{error.fault}\" } }";
    let ran = Offline::process(script, "").run(&["a"]);
    assert!(ran.log.starts_with("script-failed|the script failed: "), "{ran:?}");
    assert_eq!(ran.caught, 1);
}

#[test]
fn a_try_runs_again_as_often_as_it_says() {
    let flaky = |runs: usize, retry: &str| {
        format!(
            "try {retry} {{
                set process.runs value=\"{{process.runs}}x\"
                MARK:try
                decision property=process.runs lt=\"{}\" {{ then {{ throw \"not yet\" }} }}
                catch {{ MARK:caught }}
            }}",
            "x".repeat(runs)
        )
    };
    check(&flaky(3, "retry=2 backoff=\"0s\""), &["a"], "trya;trya;trya;", "a;");
    check(&flaky(3, "retry=1 backoff=\"1ms\""), &["a"], "trya;trya;caughta;", "a;");
    check(&flaky(4, "retry=10 backoff=\"0s 1ms 2ms\""), &["a"], "trya;trya;trya;trya;", "a;");
    check(&flaky(2, "retry=1"), &["a"], "trya;trya;", "a;");
    let (code, _, log) =
        failure("try retry=2 backoff=\"0s\" { MARK:x; throw \"no\" code=Never }", "", &["a"]);
    assert_eq!((code.as_str(), log.as_str()), ("Never", "xa;xa;xa;"));
}

#[test]
fn the_nearest_try_catches_and_a_catch_may_fail_itself() {
    let nested = "try {
            try { throw \"one\" code=One; catch { MARK:inner; throw \"two\" code=Two } }
            catch { MARK:outer; set process.log value=\"{process.log}{error.code}\" }
        }";
    check(nested, &["a"], "innera;outera;Two", "a;");
    let (code, _, log) =
        failure("try { throw \"one\"; catch { MARK:x; throw \"two\" code=Two } }", "", &["a"]);
    assert_eq!((code.as_str(), log.as_str()), ("Two", "xa;"));
}

#[test]
fn what_a_failed_attempt_returned_is_taken_back() {
    let other = "process other {
            try retry=1 backoff=\"0s\" {
                set process.runs value=\"{process.runs}x\"
                set response.status value=202
                branch {
                    path { message \"{process.runs}\"; return }
                    path { decision property=process.runs eq=x { then { throw \"no\" } }; stop }
                }
            }
        }";
    let ran = Offline::process("call other", other).run(&["a"]);
    assert_eq!((ran.out.as_str(), ran.status), ("xx;", Some(202)), "{ran:?}");
    let caught = "process other { try { set response.status value=202; branch { path { return }; path { throw \"no\" } }
        catch { message \"caught\"; return } } }";
    let ran = Offline::process("call other", caught).run(&["a"]);
    assert_eq!((ran.out.as_str(), ran.status), ("caught;", None), "{ran:?}");
}

#[test]
fn for_each_takes_one_document_after_the_other() {
    check("for-each { MARK:one; MARK:two }\nMARK:x", &["a", "b"], "onea;twoa;oneb;twob;xa;xb;", "a;b;");
    let caught = "for-each { try { decision property=id eq=b { then { throw \"no\" } }; catch { MARK:caught; stop } } }";
    check(caught, &["a", "b", "c"], "caughtb;", "a;c;");
    let (_, steps, log) = failure(
        "for-each { MARK:x; decision property=id eq=b { then { throw \"no\" } } }",
        "",
        &["a", "b", "c"],
    );
    assert_eq!((steps.as_str(), log.as_str()), ("for-each > decision > then > throw", "xa;xb;"));
}

/// Lets the steps behind it run only when a property has been set by another document.
fn until(property: &str) -> String {
    format!(
        "try retry=10 backoff=\"5ms 20ms 100ms 1s\" {{ decision property={property} ne=yes {{ then {{ throw \"not yet\" }} }} }}"
    )
}

#[test]
fn parallel_works_on_several_at_the_same_time_and_keeps_their_order() {
    // The first waits for the second, and comes out before it all the same.
    let steps = |most: usize| {
        format!(
            "parallel {most} {{
                decision property=id eq=a {{
                    then {{ {} }}
                    else {{ set process.there value=yes }}
                }}
                message \"({{id}})\"
            }}",
            until("process.there")
        )
    };
    check(&steps(2), &["a", "b"], "", "(a);(b);");
    let ran = Offline::process(&steps(1).replace("1s", "5ms"), "").run(&["a", "b"]);
    assert!(ran.failure.is_some_and(|failure| failure.message == "not yet"), "one at a time cannot do it");
    let returning =
        "process other { parallel 3 { decision property=id eq=a { then { wait \"20ms\" } }; return } }";
    check_with("call other", returning, &["a", "b", "c"], "", "a;b;c;");
}

#[test]
fn the_first_failure_in_parallel_cancels_the_others() {
    let steps = "parallel 2 {
            decision property=id eq=b { then { throw \"no\" code=First } }
            decision property=id eq=a { then { wait \"1h\" } }
            MARK:late
        }";
    let (code, steps, log) = failure(steps, "", &["a", "b", "c"]);
    assert_eq!((code.as_str(), log.as_str()), ("First", ""));
    assert_eq!(steps, "parallel > decision > then > throw");
    let caught = "parallel 2 { try { decision property=id eq=b { then { throw \"no\" } }; catch { message \"caught\" } } }";
    check(caught, &["a", "b", "c"], "", "a;caught;c;");
}

#[test]
fn answers_of_documents_in_parallel_come_together_in_their_order() {
    let steps = "parallel 3 {
            decision property=id eq=c { then { set response.status value=203 } }
            decision property=id eq=a { then { wait \"20ms\"; set response.status value=201 } }
        }";
    assert_eq!(Offline::process(steps, "").run(&["a", "b", "c"]).status, Some(203));
    assert_eq!(Offline::process(steps, "").run(&["c", "b", "a"]).status, Some(201));
}

#[test]
fn a_step_that_takes_too_long_fails_and_can_be_caught() {
    let (code, steps, _) = failure("wait \"1h\" timeout=\"10ms\"", "", &["a"]);
    assert_eq!((code.as_str(), steps.as_str()), ("timeout", "wait"));
    check("try { wait \"1h\" timeout=\"10ms\"; catch { MARK:caught } }", &["a"], "caughta;", "a;");
    // Within a step that is bounded, everything is: also scripts, and steps with more time of their own.
    let inner =
        "try { branch timeout=\"20ms\" { path { wait \"1h\" timeout=\"30m\" } }; catch { MARK:caught } }";
    check(inner, &["a"], "caughta;", "a;");
    let script = "try { set x timeout=\"5ms\" script=#\"let n = 0; while true { n += 1 } n\"#; catch { set process.log value=\"{error.code}\" } }";
    check(script, &["a"], "timeout", "a;");
    check("wait \"1ms\" timeout=\"1h\"\nMARK:x", &["a"], "xa;", "a;");
}

#[test]
fn nothing_catches_the_end_of_the_time() {
    let steps = marked("try retry=5 backoff=\"0s\" { wait \"1h\"; catch { MARK:caught } }");
    let offline = Offline::process(&steps, "").within(Duration::from_millis(30));
    let ran = offline.run(&["a"]);
    assert_eq!((ran.failure.unwrap().status.as_u16(), ran.log.as_str()), (504, ""));
    let script = "try { set x script=#\"let n = 0; while true { n += 1 } n\"#; catch { set process.log value=\"caught\" } }";
    let offline = Offline::process(script, "").within(Duration::from_millis(30));
    let ran = offline.run(&["a"]);
    assert_eq!((ran.failure.unwrap().code.as_str(), ran.log.as_str()), ("timeout", ""));
    // Waiting for another attempt ends with the time, too.
    let waiting = marked("try retry=1 backoff=\"1h\" { throw \"no\"; catch { MARK:caught } }");
    let offline = Offline::process(&waiting, "").within(Duration::from_millis(30));
    assert_eq!(offline.run(&["a"]).failure.unwrap().status.as_u16(), 504);
}

#[test]
fn stop_all_ends_the_process_that_it_stands_in() {
    let other = "process other { branch { path { message \"r\"; return }; path { stop all=#true }; path { MARK:never; return } } }";
    check_with("call other\nMARK:x", other, &["a"], "xa;", "r;");
    let caught = "process other { try { stop all=#true; catch { MARK:never } } }";
    check_with("call other\nMARK:x", caught, &["a"], "", "");
    let outer = "branch { path { call other }; path { MARK:second } }";
    check_with(outer, "process other { stop all=#true }", &["a"], "seconda;", "a;");
}

#[test]
fn no_step_runs_without_documents() {
    let nothing = "decision property=id eq=none { then { stop }; else { stop } }";
    let all = "branch { path { decision property=id eq=a { then { stop } } } }
        for-each { MARK:x }
        parallel 2 { set process.log value=\"never\" }
        try { MARK:x; catch { MARK:x } }
        route property=id { case a { MARK:x }; default { MARK:x } }
        dispatch property=id { default process=other; when z process=other }
        call other
        call other each=#true
        wait \"1h\"
        throw \"never\"";
    check_with(all, "process other { MARK:x }", &["a"], "", "");
    check_with(nothing, "", &["a"], "", "");
}

#[test]
fn an_execution_has_bounds_on_documents_and_bytes() {
    let kdl = |limits: &str, steps: &str| {
        Offline::new(&format!(
            "operation work {{ action execute; object Work; input data; limits {limits}; process {{ {steps} }} }}"
        ))
    };
    let twice = "branch { path { set x value=1 }; path { set x value=2 } }\n".repeat(3);
    let code = |offline: &Offline| offline.run(&["0123456789"]).failure.map(|failure| failure.code.clone());
    assert_eq!(code(&kdl("documents=8", &twice)), None);
    assert_eq!(code(&kdl("documents=7", &twice)).as_deref(), Some("too-much"));
    assert_eq!(code(&kdl("bytes=\"80B\"", &twice)), None);
    assert_eq!(code(&kdl("bytes=\"79B\"", &twice)).as_deref(), Some("too-much"));
}

#[test]
fn scripts_change_documents() {
    let kdl = "profile item format=xml { element Item { element Name; element N type=integer } }
        operation work { action execute; object Work; input item; process {
            script #\"doc.Item.Name = doc.Item.Name.to_upper(); doc.Item.N += 1;\"#
            set process.log script=\"doc.Item.N + 1\"
        } }";
    let offline =
        Offline::new(&kdl.replace("input item", "input data").replace("script #", "validate item\nscript #"));
    let ran = offline.run(&["<Item><Name>ada</Name><N>41</N></Item>"]);
    assert!(ran.out.ends_with("<Item><Name>ADA</Name><N>42</N></Item>;"), "{ran:?}");
    assert_eq!(ran.log, "43");
    let ran = offline.run(&["<Item><Name>ada</Name><N>x</N></Item>"]);
    let failure = ran.failure.unwrap();
    assert_eq!((failure.status.as_u16(), failure.code.as_str()), (422, "invalid-document"));
    assert!(failure.violations[0].path.ends_with("N"), "{failure:?}");
    assert_eq!(offline.run(&["<Item>"]).failure.unwrap().status.as_u16(), 400);
}

#[test]
fn validate_says_whose_fault_it_is() {
    let kdl = |status: &str| {
        Offline::process(
            &format!("validate item {status}"),
            "profile item format=json { object { integer n } }",
        )
    };
    let failure = |status: &str, text: &str| kdl(status).run(&[text]).failure.unwrap();
    assert!(kdl("").run(&["{\"n\":1}"]).failure.is_none());
    assert_eq!(failure("status=409", "{\"n\":\"x\"}").status.as_u16(), 409);
    let own = failure("status=500", "{\"n\":\"x\"}");
    assert_eq!((own.status.as_u16(), own.blame.as_str(), own.violations.len()), (500, "gateway", 0));
    assert!(own.log.as_ref().is_some_and(|log| log.contains("$.n")), "{own:?}");
    assert!(!own.message.contains("$.n"), "{own:?}");
}

/// Steps around others: whatever is in them is cancelled, fails and is caught with them.
const AROUND: [(&str, &str); 9] = [
    ("branch", "branch { path { STEPS } }"),
    ("then", "decision property=id { then { STEPS } }"),
    ("else", "decision property=none { else { STEPS } }"),
    ("route", "route property=id { case none { stop }; default { STEPS } }"),
    ("for-each", "for-each { STEPS }"),
    ("parallel", "parallel 3 { STEPS }"),
    ("try", "try retry=1 backoff=\"0s\" { STEPS }"),
    ("call", "call other"),
    ("dispatch", "dispatch property=id { when none process=other; default process=other }"),
];

/// A step around others, and the process that it may call.
fn around(step: &str, steps: &str) -> (String, String) {
    let other = if step.contains("process=") || step.starts_with("call") {
        format!("process other {{ {steps} }}")
    } else {
        String::new()
    };
    (step.replace("STEPS", steps), other)
}

#[test]
fn what_stands_in_a_step_is_cancelled_with_it() {
    for (name, step) in AROUND {
        let (inner, other) = around(step, "MARK:before; wait \"1h\"; MARK:after");
        let caught = format!(
            "try {{ branch timeout=\"20ms\" {{ path {{ {inner} }} }}; MARK:behind; catch {{ MARK:caught }} }}"
        );
        let ran = Offline::process(&marked(&caught), &marked(&other)).run(&["a"]);
        assert!(ran.failure.is_none(), "{name}: {ran:?}");
        assert_eq!((ran.log.as_str(), ran.out.as_str()), ("beforea;caughta;", "a;"), "{name}");
    }
}

#[test]
fn a_catch_within_what_is_cancelled_does_not_run() {
    let inner = "branch timeout=\"20ms\" { path { try { wait \"1h\"; catch { MARK:inner } } } }";
    check(&format!("try {{ {inner}; catch {{ MARK:outer }} }}"), &["a"], "outera;", "a;");
}

#[test]
fn a_failure_in_the_middle_goes_through_every_step() {
    let failing =
        "MARK:x; decision property=id eq=b { then { throw \"no\" code=Middle } }; message \"changed\"";
    for (name, step) in AROUND {
        let (inner, other) = around(step, failing);
        let ran = Offline::process(
            &marked(&format!("try {{ {inner}; MARK:behind; catch {{ MARK:caught }} }}")),
            &marked(&other),
        )
        .run(&["a", "b", "c"]);
        assert!(ran.failure.is_none(), "{name}: {ran:?}");
        assert_eq!(ran.out, "a;b;c;", "{name}: the documents that entered");
        assert!(
            ran.log.ends_with("caughta;caughtb;caughtc;") && !ran.log.contains("behind"),
            "{name}: {ran:?}"
        );
        assert_eq!(ran.caught, 1, "{name}");
    }
}

#[test]
fn one_document_and_many_come_out_in_their_order() {
    for (name, step) in AROUND {
        let (inner, other) = around(step, "message \"<{id}>\"");
        let run = |documents: &[&str]| Offline::process(&inner, &other).run(documents).out;
        let wanted = |id: &str| format!("<{id}>;");
        assert_eq!(run(&["a"]), wanted("a"), "{name}");
        assert_eq!(run(&["c", "a", "b"]), ["c", "a", "b"].map(wanted).concat(), "{name}");
    }
}

#[test]
fn stop_all_keeps_what_was_returned_before() {
    let other = |step: &str| {
        format!(
            "process other {{ {step} {{ decision property=id eq=b {{ then {{ stop all=#true }} }}; message \"<{{id}}>\"; return }} }}"
        )
    };
    check_with("call other", &other("for-each"), &["a", "b", "c"], "", "<a>;");
    check_with("call other", &other("parallel 1"), &["a", "b", "c"], "", "<a>;");
}

#[test]
fn what_was_taken_back_counts_no_more() {
    let kdl = |bytes: &str| {
        Offline::new(&format!(
            "operation work {{ action execute; object Work; input data; limits bytes={bytes}; process {{ call other }} }}
            process other {{ try retry=3 backoff=\"0s\" {{
                set process.runs value=\"{{process.runs}}x\"
                branch {{ path {{ return }}; path {{ decision property=process.runs lt=xxx {{ then {{ throw \"no\" }} }}; stop }} }}
            }} }}"
        ))
    };
    let document = "0123456789".repeat(4);
    let ran = kdl("\"100B\"").run(&[&document]);
    assert!(ran.failure.is_none(), "{ran:?}");
    assert_eq!(ran.out, format!("{document};"));
}

#[test]
fn parallel_weighs_what_comes_out_as_it_comes() {
    let kdl = "operation work { action execute; object Work; input data; limits bytes=\"100B\"; process {
        parallel 1 { set process.log value=\"{process.log}x\"; message \"0123456789012345678901234567890123456789\" }
    } }";
    let ran = Offline::new(kdl).run(&["a", "b", "c", "d", "e", "f", "g", "h"]);
    assert_eq!(ran.failure.unwrap().code, "too-much");
    assert!(ran.log.len() <= 4, "{}", ran.log);
}

#[test]
fn what_says_false_is_false() {
    let steps = "set ok script=\"1 > 2\"\ndecision property=ok { then { MARK:yes }; else { MARK:no } }";
    check(steps, &["a"], "noa;", "a;");
}
