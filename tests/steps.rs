//! What each step does to documents, seen from outside: one small gateway.kdl a case.
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

const TEXT: &str = "output data content-type=\"text/plain\"";
const PATH: &str = "/ws/simple/executeWork";

/// One operation over items; the first step of its process stands in line 12.
fn kdl(input: &str, output: &str, process: &str) -> String {
    format!(
        r#"listener internal bind="127.0.0.1:0"
profile item format=xml {{ element Item {{ element Name; element N type=integer; element Note occurs="0..1" }} }}
profile items format=xml {{ element Item {{ element Name }} }}


operation execute-work {{
    action execute
    object Work
    input {input}
    {output}
    process {{
{process}
    }}
}}
"#
    )
}

fn item(name: &str, n: i64) -> String {
    format!("<Item><Name>{name}</Name><N>{n}</N></Item>")
}

fn start(input: &str, output: &str, process: &str) -> Gateway {
    Gateway::start(&kdl(input, output, process))
}

fn work(gateway: &Gateway, body: &str) -> Response {
    post(gateway.address("internal"), PATH, "application/xml", body)
}

/// A step that ends the path, where a process must also have a path that returns.
fn ending(step: &str) -> String {
    format!("decision property=request.query.none {{ then {{ return }}; else {{ {step} }} }}")
}

/// What a process makes of one item as text.
fn made(process: &str, body: &str) -> String {
    let answer = work(&start("item", TEXT, process), body);
    assert_eq!(answer.status, 200, "{process}: {answer:?}");
    answer.body
}

#[test]
fn branches_run_in_order_and_see_nothing_of_each_other() {
    let process = r#"
        set before value="0"
        branch {
            path "a" { set x value="1"; set before value="changed"; message "a{x}{y}{before};"; return }
            path "b" { set y value="2"; message "b{= doc.Item.Name}{x}{y}{before};"; return }
            path "c" { set z value="3" }
            path "d" { stop }
            path "e" { message "e{x}{y}" }
        }
        message "{z}{before}|"
        return"#;
    // What a `message` replaced in one path is whole in the next, and what reaches the end of a path goes on.
    assert_eq!(made(process, &item("A", 1)), "a1changed;bA20;30|0|");
}

#[test]
fn a_decision_runs_all_of_then_before_else() {
    let process = r#"
        decision from="Item/N" gt=2 {
            then { message "t{= doc.Item.N};" }
            else { message "e{= doc.Item.N};" }
        }
        return"#;
    let list: String = [1, 4, 2, 3].map(|n| item("x", n)).concat();
    let list = format!("<WorkList>{list}</WorkList>");
    let answer = work(&start("item many=#true", TEXT, process), &list);
    assert_eq!((answer.status, answer.body.as_str()), (200, "t4;t3;e1;e2;"));
    // Without `else` the others go on unchanged, behind those of `then`.
    let process = "decision from=\"Item/N\" gt=2 { then { message \"t{= doc.Item.N};\" } }\nreturn";
    let answer = work(&start("item many=#true", TEXT, process), &list);
    assert!(answer.body.starts_with("t4;t3;"), "{answer:?}");
    assert!(answer.body.ends_with("<Name>x</Name><N>2</N></Item>"), "{answer:?}");
}

#[test]
fn decisions_compare_as_numbers_where_both_are() {
    for (test, taken) in [
        ("from=\"Item/N\" eq=10", true),
        ("from=\"Item/N\" ne=10", false),
        ("from=\"Item/N\" gt=9", true),
        ("from=\"Item/N\" ge=10", true),
        ("from=\"Item/N\" lt=9", false),
        ("from=\"Item/N\" le=10", true),
        ("from=\"Item/Name\" eq=\"Ada\"", true),
        ("from=\"Item/Name\" eq=\"ada\"", false),
        ("from=\"Item/Name\" matches=\"^A[a-z]+$\"", true),
        ("from=\"Item/Name\" matches=\"^B\"", false),
        ("from=\"Item/Note\"", false),
        ("from=\"Item/Name\"", true),
        ("from=\"Item/Note\" eq=\"\"", true),
        ("property=request.method eq=\"POST\"", true),
        ("property=request.query.none", false),
        ("script=\"integer(doc.Item.N) * 2 == 20\"", true),
        ("script=\"doc.Item.N > 10\"", false),
        ("script=\"()\"", false),
    ] {
        let process =
            format!("decision {test} {{ then {{ message \"then\" }}; else {{ message \"else\" }} }}\nreturn");
        let expected = if taken { "then" } else { "else" };
        assert_eq!(made(&process, &item("Ada", 10)), expected, "{test}");
    }
}

#[test]
fn set_shapes_the_answer_and_the_documents_properties() {
    let process = r#"
        set name from="Item/Name"
        set double script="integer(doc.Item.N) * 2"
        set note from="Item/Note" default="none"
        set literal value=7
        set other property=name
        set other from="Item/Note"
        set process.shared value="all"
        set response.status value=202
        set response.header.x-name property=name
        set response.header.content-type value="text/csv"
        message "{name},{double},{note},{literal},{other},{process.shared},{request.header.x-sent},{request.query.q}"
        return"#;
    let gateway = start("item", TEXT, process);
    let headers = [("Content-Type", "application/xml"), ("X-Sent", "sent")];
    let path = format!("{PATH}?q=a%20b&r=1");
    let answer = call(gateway.address("internal"), "POST", &path, &headers, item("Ada", 21).as_bytes());
    assert_eq!((answer.status, answer.body.as_str()), (202, "Ada,42,none,7,,all,sent,a b"), "{answer:?}");
    assert_eq!(answer.header("x-name"), Some("Ada"));
    assert_eq!(answer.header("content-type"), Some("text/csv"));
}

#[test]
fn a_header_cannot_be_split_by_a_value() {
    let process = "set response.header.x-name from=\"Item/Name\"\nmessage \"m\"\nreturn";
    let gateway = start("item", TEXT, process);
    let answer = work(&gateway, &item("a&#13;&#10;X-Evil: 1", 1));
    assert_eq!(answer.header("x-evil"), None, "{answer:?}");
    assert_eq!((answer.status, answer.header("x-name")), (200, Some("a  X-Evil: 1")), "{answer:?}");
    assert_eq!(work(&gateway, &item("b", 1)).header("x-name"), Some("b"));
}

const HOSTILE: &str = "a<b>&\"'{x}\\ ]]> \u{e4}\u{1F600}\n<script>";

#[test]
fn messages_escape_what_is_put_into_them() {
    let sent = HOSTILE.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let body = item(&sent, 1);
    let text = made("message \"{= doc.Item.Name}\"\nreturn", &body);
    assert_eq!(text, HOSTILE);
    let set = "set n from=\"Item/Name\"\n";
    let json = made(
        &format!(
            "{set}message #\"{{{{\"a\": \"{{= doc.Item.Name}}\", \"b\": \"{{n}}\"}}\"# type=\"application/json\"\nreturn"
        ),
        &body,
    );
    let value: serde_json::Value = serde_json::from_str(&json).unwrap_or_else(|_| panic!("no JSON: {json}"));
    assert_eq!((value["a"].as_str(), value["b"].as_str()), (Some(HOSTILE), Some(HOSTILE)));
    let xml = made(
        &format!(
            "{set}message #\"<R a=\"{{n}}\">{{= doc.Item.Name}}</R>\"# type=\"application/xml\"\nset again from=\"R\"\nmessage \"{{again}}\"\nreturn"
        ),
        &body,
    );
    assert_eq!(xml, HOSTILE, "what is read back is what was put in");
    let xml = made(
        &format!(
            "{set}message #\"<R a=\"{{n}}\"/>\"# type=\"application/xml\"\nset again from=\"R/@a\"\nmessage \"{{again}}\"\nreturn"
        ),
        &body,
    );
    assert_eq!(xml, HOSTILE, "in an attribute too");
}

#[test]
fn throw_ends_with_its_status_and_code() {
    for (words, status, code) in [
        ("", 500, "rejected"),
        ("status=409 code=Taken", 409, "Taken"),
        ("status=404", 404, "rejected"),
        ("code=Down status=503", 503, "Down"),
    ] {
        let process = ending(&format!("throw \"no {{= doc.Item.Name}} < 1\" {words}"));
        let answer = work(&start("item", TEXT, &process), &item("Ada", 1));
        assert_eq!(answer.status, status, "{words}: {answer:?}");
        assert!(answer.body.starts_with(&format!("no Ada < 1\ncode: {code}\n")), "{words}: {answer:?}");
    }
    // What one path returned before another threw is not answered, where a later one could still have added to it.
    let process = "branch { path a { message \"returned\"; return }; path b { throw \"thrown\" status=400 }; path c { return } }";
    let answer = work(&start("item", TEXT, process), &item("x", 1));
    assert!(answer.status == 400 && !answer.body.contains("returned"), "{answer:?}");
    // Where nothing could, it has left before.
    let process =
        "branch { path a { message \"returned\"; return }; path b { throw \"thrown\" status=400 } }";
    let mut gateway = start("item", TEXT, process);
    let answer = work(&gateway, &item("x", 1));
    assert_eq!((answer.status, answer.body.as_str()), (200, "returned"));
    let line = gateway.wait_for_line("thrown");
    assert!(
        line.contains(answer.header("x-request-id").unwrap()) && line.contains("path b > throw"),
        "{line}"
    );
}

#[test]
fn stop_gives_the_empty_answer() {
    let of = |output: &str| {
        let answer = work(&start("item", output, &ending("stop")), &item("x", 1));
        (answer.status, answer.body)
    };
    assert_eq!(of(TEXT), (200, String::new()));
    let (status, body) = of("output items");
    assert!(status == 200 && body.contains("<wss:WorkResponse xmlns:wss="), "{status} {body}");
    let (status, body) = of("output items many=#true");
    assert!(status == 200 && body.contains("<wss:WorkResponseList xmlns:wss="), "{status} {body}");
    assert_eq!(of("output items\n    on-empty 204"), (204, String::new()));
    let (status, body) = of("output items\n    on-empty 404");
    assert!(status == 404 && body.contains("code: nothing-found"), "{status} {body}");
    // The other paths go on.
    assert_eq!(made("branch { path a { stop }; path b { message \"b\"; return } }", &item("x", 1)), "b");
}

#[test]
fn notify_writes_a_line_for_each_document() {
    let process = "notify warn \"item {= doc.Item.Name}\"\nmessage \"m\"\nreturn";
    let mut gateway = start("item many=#true", TEXT, process);
    let answer =
        work(&gateway, &format!("<WorkList>{}{}</WorkList>", item("one", 1), item("two&#10;2026 FAKE", 2)));
    assert_eq!(answer.body, "mm", "documents pass: {answer:?}");
    let id = answer.header("x-request-id").unwrap();
    let line = gateway.wait_for_line("item one");
    assert!(line.contains("WARN") && line.contains(id), "{line}");
    let line = gateway.wait_for_line("item two");
    assert!(line.contains("FAKE") && line.contains(id), "one line, whatever is in it: {line}");
}

#[test]
fn an_output_that_is_not_of_its_profile_is_the_gateways_failure() {
    let process = "message \"<Wrong/>\" type=\"application/xml\"\nreturn";
    let mut gateway = start("item", "output items", process);
    let answer = work(&gateway, &item("x", 1));
    assert_eq!(answer.status, 500, "{answer:?}");
    assert!(
        answer.body.starts_with("The request could not be processed.\ncode: wrong-output\n"),
        "{answer:?}"
    );
    let line = gateway.wait_for_line("wrong-output");
    assert!(line.contains("ERROR") && line.contains("Wrong"), "{line}");
}

#[test]
fn a_map_refuses_a_document_of_another_profile() {
    let maps = r#"
profile object format=json { object { string name } }
profile array format=json { array { string } }
map first from=item to=items { set "Item/Name" from="Item/Name" }
map object from=object to=items { set "Item/Name" from="$.name" default="none" }
map array from=array to=items { set "Item/Name" from="$[0]" default="none" }
process same { return }
"#;
    for (process, told) in [
        (
            "message \"<Other/>\" type=\"application/xml\"\ncall same\nmap first",
            "the map first reads profile item, whose root is `Item`; the document here is `Other`",
        ),
        (
            "message \"<Item xmlns='urn:other'/>\" type=\"application/xml\"\nmap first",
            "whose root is `Item`; the document here is `{urn:other}Item`",
        ),
        (
            "message \"[]\" type=\"application/json\"\nmap object",
            "the map object reads profile object, whose root is an object; the document here is an array",
        ),
        (
            "message \"{{}\" type=\"application/json\"\nmap array",
            "is an array; the document here is an object",
        ),
        ("call same\nmap array", "reads profile array, which is in JSON; the document here is in XML"),
    ] {
        let text = format!("{}{maps}", kdl("item", "output items", &format!("{process}\nreturn")));
        let mut gateway = Gateway::start(&text);
        let answer = work(&gateway, &item("x", 1));
        assert!(
            answer.status == 500 && answer.body.contains("code: wrong-document"),
            "{process}: {answer:?}"
        );
        assert!(gateway.wait_for_line("wrong-document").contains(told), "{process}");
    }
}

#[test]
fn a_checked_output_never_leaves_when_it_is_wrong() {
    let process = "message \"<Item><Name>{= doc.Item.Name}</Name></Item>\" type=\"application/xml\"\nreturn";
    let answer = work(&start("item", "output item", process), &item("Ada", 1));
    assert_eq!(answer.status, 200, "unchecked: {answer:?}");
    let mut gateway = start("item", "output item check=#true", process);
    let answer = work(&gateway, &item("Ada", 1));
    assert_eq!(answer.status, 500, "{answer:?}");
    assert!(!answer.body.contains("Ada") && !answer.body.contains("Item/N"), "{answer:?}");
    let line = gateway.wait_for_line("wrong-output");
    assert!(line.contains("Item/N: this element is missing"), "{line}");
    let fine = start("item", "output item check=#true", "return");
    assert_eq!(work(&fine, &item("Ada", 1)).status, 200);
}
