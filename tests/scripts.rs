//! Scripts that fail or do not end: the caller learns nothing of them, the log names their place in gateway.kdl.
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

use support::*;

/// A gateway with a script that begins in line 10, column 24; one of several lines begins in line 11.
fn kdl(script: &str) -> String {
    let quoted = match script.contains('\n') {
        true => format!("#\"\"\"\n{script}\n        \"\"\"#"),
        false => format!("#\"{script}\"#"),
    };
    format!(
        r####"listener internal bind="127.0.0.1:0"
profile item format=xml {{ element Item {{ element Name; element N type=integer; element Note occurs="0..1" }} }}
functions #"fn down(n) {{ down(n + 1) }}"#
operation execute-work {{
    action execute
    object Work
    input item
    output data content-type="text/plain"
    process {{
        set x script={quoted}
        message "{{x}}"
        return
    }}
}}
operation get-pulse {{ action get; object Pulse; output data; process {{ message "alive"; return }} }}
"####
    )
}

const ITEM: &str = "<Item><Name>Ada</Name><N>3</N></Item>";

/// What only the log may say of a failure.
const INTERNALS: &[&str] = &["gateway.kdl", "script", "Rhai", "rhai", "operation", "loop"];

fn fails(script: &str, code: &str, place: &str, cause: &str) {
    let mut gateway = Gateway::start(&kdl(script));
    let address = gateway.address("internal");
    let answer = post(address, "/ws/simple/executeWork", "application/xml", ITEM);
    assert_eq!(answer.status, 500, "{script}: {answer:?}");
    let id = answer.header("x-request-id").unwrap();
    let expected = format!("The request could not be processed.\ncode: {code}\nrequest: {id}\n");
    assert_eq!(answer.body, expected, "{script}");
    let said = answer.body.replace(&format!("code: {code}"), "");
    assert!(INTERNALS.iter().all(|word| !said.contains(word)), "{script}: {said}");
    let line = gateway.wait_for_line(&format!("code=\"{code}\""));
    assert!(line.contains("ERROR") && line.contains(id), "{script}: {line}");
    assert!(line.contains(&format!("place=gateway.kdl:{place}")), "{script}: no {place} in {line}");
    assert!(line.contains(cause), "{script}: no {cause} in {line}");
    assert_eq!(get(address, "/ws/simple/getPulse").body, "alive", "{script}: it serves on");
}

#[test]
fn scripts_that_do_not_end_are_ended() {
    fails("loop { }", "script-limit", "10:", "");
    fails("let i = 0; while true { i += 1; } i", "script-limit", "10:", "");
    // The place is that of the call from which it went too deep.
    fails("down(1)", "script-limit", "10:24", "too deep");
    fails("let s = \"x\"; loop { s += s; }", "script-limit", "10:", "");
    fails("let a = [1]; loop { a.push(a); }", "script-limit", "10:", "");
}

#[test]
fn failing_scripts_are_placed() {
    fails("1 / 0", "script-failed", "10:", "zero");
    fails("integer(\"x\")", "script-failed", "10:24", "x");
    fails("let a = [1]; a[5]", "script-failed", "10:", "5");
    fails("        let a = 1;\n        let b = a / 0;\n        b", "script-failed", "12:19", "zero");
}

#[test]
fn what_a_script_throws_is_what_the_caller_reads() {
    let mut gateway = Gateway::start(&kdl("if doc.Item.N > 2 { throw \"too many < 3\"; } 1"));
    let answer = post(gateway.address("internal"), "/ws/simple/executeWork", "application/xml", ITEM);
    assert!(answer.status == 500 && answer.body.starts_with("too many < 3\ncode: thrown\n"), "{answer:?}");
    let line = gateway.wait_for_line("too many");
    assert!(line.contains("place=gateway.kdl:10:"), "{line}");
}

#[test]
fn scripts_work_on_exact_numbers_and_absent_values() {
    for (script, expected) in [
        ("integer(doc.Item.N) + 1", "4"),
        ("decimal(\"0.1\") + decimal(\"0.2\")", "0.3"),
        ("sum([1, 2, 3])", "6"),
        ("is_absent(doc.Item.Note)", "true"),
        ("doc.Item.Name.to_upper()", "ADA"),
        ("if doc.Item.N > 2 { \"many\" } else { \"few\" }", "many"),
        ("()", ""),
    ] {
        let gateway = Gateway::start(&kdl(script));
        let answer = post(gateway.address("internal"), "/ws/simple/executeWork", "application/xml", ITEM);
        assert_eq!((answer.status, answer.body.as_str()), (200, expected), "{script}");
    }
}

#[test]
fn packages_and_tables_are_there_for_every_map_and_step() {
    let kdl = r##"listener internal bind="127.0.0.1:0"
profile order format=xml { element Order { element Country; element Placed; element Line occurs="1..*" { element Net type=decimal } } }
profile row format=json { object { string country; string day; string vat; array lines { object { integer no; number running } } } }
table countries key=code csv="countries.csv"
table rates key="country class" match=wildcard {
    row country=DE class="A*" vat=19
    row country="*" class="*" vat=0
}
functions file="lib/labels.rhai"
functions #"fn day(at) { date::format(at, "%d.%m.%Y") }"#
map order-to-row from=order to=row {
    set "$.country" from="Order/Country" script=#"table::get("countries", it, "name", "unknown")"#
    set "$.day" from="Order/Placed" script=#"day(it)"#
    set "$.vat" from="Order/Country" script=#"label(it)"#
    each "Order/Line" into="$.lines" {
        set "no" script=#"sequence::next("line")"#
        set "running" script=#"sequence::total("net", it.Net)"#
    }
}
operation execute-work {
    action execute
    object Work
    input order
    output row
    process {
        map order-to-row
        return
    }
}
"##;
    let folder = Folder::new();
    folder.write("gateway.kdl", kdl);
    folder.write("countries.csv", "code,name\nDE,Germany\n\"A,T\",\"Austria \"\"Felix\"\"\"\n");
    folder.write("lib/labels.rhai", "fn label(code) { number::format(table::find(\"rates\", [code, \"A1\"]).vat, \"0.0\") + '%' + day(\"2026-01-02\") }");
    let gateway = Gateway::start_in(folder, &[], &[]);
    let address = gateway.address("internal");
    let order = |country: &str| {
        format!(
            "<Order><Country>{country}</Country><Placed>2026-03-01T10:00:00+01:00</Placed>\
             <Line><Net>1.10</Net></Line><Line><Net>2.20</Net></Line></Order>"
        )
    };
    let row = |country: &str, vat: &str| {
        format!(
            "{{\"country\":\"{country}\",\"day\":\"01.03.2026\",\"vat\":\"{vat}%02.01.2026\",\
             \"lines\":[{{\"no\":1,\"running\":1.10}},{{\"no\":2,\"running\":3.30}}]}}"
        )
    };
    // The second request counts anew: a sequence is one execution's.
    for (country, name, vat) in [("DE", "Germany", "19.0"), ("FR", "unknown", "0.0")] {
        let answer = post(address, "/ws/simple/executeWork", "application/xml", &order(country));
        assert_eq!((answer.status, answer.body), (200, row(name, vat)), "{country}");
    }
}

#[test]
fn a_script_cannot_be_reached_by_what_a_caller_sends() {
    let gateway = Gateway::start(&kdl("doc.Item.Name"));
    for name in ["{= 1 + 1}", "${1}", "\"#; throw 1; #\"", "`1`"] {
        let body = format!("<Item><Name>{name}</Name><N>1</N></Item>");
        let answer = post(gateway.address("internal"), "/ws/simple/executeWork", "application/xml", &body);
        assert_eq!((answer.status, answer.body.as_str()), (200, name), "{name}");
    }
}
