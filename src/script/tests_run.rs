//! What ends a script, what it is refused, and that no text of a script does harm.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::table::{Match, Table};
use super::tests::{order, order_shape};
use super::*;
use crate::document::tree::{Content, Element, Name};

fn builder_with(libraries: &[&str]) -> Builder {
    let mut builder = Builder::new();
    assert!(builder.libraries(libraries).iter().all(Option::is_none));
    builder
}

fn script(kind: ScriptKind, text: &str) -> ScriptText {
    let bindings = Bindings::default().with(Variable::It, None).with(Variable::Target, Some(order_shape()));
    ScriptText { text: text.into(), kind, bindings }
}

fn problem(text: &str) -> ScriptProblem {
    builder_with(&[]).add(script(ScriptKind::Expression, text)).unwrap_err()
}

pub(super) fn bounded(text: &str, bounds: Bounds) -> Result<Value, ScriptFailure> {
    let mut builder = builder_with(&[]);
    let id = builder.add(script(ScriptKind::Expression, text)).unwrap();
    Scripts::compile(&builder.finish(), bounds).eval(id, &Input::default())
}

pub(super) fn with_it(text: &str, it: It<'_>) -> Result<Value, ScriptFailure> {
    let mut builder = builder_with(&[]);
    let id = builder.add(script(ScriptKind::Expression, text)).unwrap();
    let scripts = Scripts::compile(&builder.finish(), Bounds::default());
    scripts.eval(id, &Input { it, ..Input::default() })
}

/// The table that the examples of the manual know, and an execution that started on the first of March.
fn with_table(text: &str) -> Result<Value, ScriptFailure> {
    let rows =
        [["DE", "Germany"], ["AT", "Austria"]].map(|row| row.map(|cell| Value::Text(cell.into())).to_vec());
    let columns = vec!["code".into(), "name".into()];
    let (table, _) = Table::new("countries", columns, &[0], rows.to_vec(), Match::Exact);
    let mut builder = builder_with(&[]);
    builder.table("countries", Some(Arc::new(table)));
    let id = builder.add(script(ScriptKind::Expression, text)).unwrap();
    let execution = Execution::new("2026-03-01T10:00:00Z".parse().unwrap());
    let input = Input { execution: Some(&execution), ..Input::default() };
    Scripts::compile(&builder.finish(), Bounds::default()).eval(id, &input)
}

pub(super) fn fails(text: &str) -> ScriptFailure {
    bounded(text, Bounds::default()).unwrap_err()
}

#[test]
fn every_example_gives_what_it_says() {
    for (package, function) in library::functions() {
        let result = with_table(function.example).unwrap_or_else(|f| panic!("{}: {f}", function.example));
        assert_eq!(result.text().as_deref(), Some(function.result), "{}", function.example);
        assert!(function.signature.contains(&library::full_name(package, function)));
    }
    for package in library::PACKAGES {
        assert!(package.functions.is_sorted_by_key(|f| f.name), "{}", package.summary);
    }
}

#[test]
fn problems_have_their_place_and_say_what_to_do() {
    let p = problem("1 +\n  tragte.Order");
    assert_eq!((p.offset, p.message.as_str()), (Some(6), "there is no variable `tragte`"));
    assert_eq!(p.help.as_deref(), Some("did you mean `target`?"));
    let p = problem("let a = \"ä\"; avrage([1])");
    assert_eq!((p.offset, p.message.as_str()), (Some(14), "there is no function `avrage`"));
    assert_eq!(p.help.as_deref(), Some("did you mean `average`?"));
    assert_eq!(problem("it.map(|l| l.Sku.to_uper())").help.as_deref(), Some("did you mean `to_upper`?"));
    assert_eq!(problem("sum([1, 2]").offset, Some(10));
    assert!(problem("eval(\"1\")").message.contains("eval"));
    assert!(problem("sleep(1)").message.contains("sleep"));
    let p = problem("fn f() { target.Order } f()");
    assert_eq!(p.help.as_deref(), Some("a function sees its arguments only: give it the value as one"));
    assert!(problem("fn sum(x) { x }").message.contains("already"));
}

#[test]
fn a_script_that_ends_in_a_dot_does_not_reach_into_the_next() {
    let mut builder = builder_with(&[]);
    assert!(builder.add(script(ScriptKind::Expression, "it.")).is_err());
    assert!(builder.add(script(ScriptKind::Expression, "if true { 1 } else { 2 }")).is_ok());
}

#[test]
fn words_of_the_language_work_as_members_and_methods() {
    let gives = |text: &str| bounded(text, Bounds::default()).unwrap().text().unwrap();
    assert_eq!(gives("let f = |a, b| a + b; f.curry(1).call(2)"), "3");
    assert_eq!(gives("let m = #{\"type\": 1, \"in\": 2}; m.type + m.in + m?.type"), "4");
    assert_eq!(gives("let x = 1; x.type_of()"), "i64");
    assert_eq!(gives("`${#{\"if\": 5}.if}`"), "5");
    let long: String = (0..50).map(|i| format!("{i} + ")).collect();
    assert_eq!(gives(&format!("{long} 0")), "1225");
    let chain: String = (0..20).map(|i| format!("if {i} == 19 {{ {i} }} else ")).collect();
    assert_eq!(gives(&format!("{chain} {{ 0 }}")), "19");
}

#[test]
fn libraries_are_called_by_every_script() {
    let mut builder = builder_with(&["fn gross(n) { round(n * 1.19, 2) }", "fn bad(x) { x.y.z }"]);
    let mut offset = |text| builder.libraries(&[text]).remove(0).unwrap().offset;
    assert_eq!(offset("fn gross(n) { n }"), Some(3));
    assert_eq!(offset("let x = 1;"), Some(0));
    assert_eq!(offset("fn f(x) {\n x + }"), Some(15));
    assert_eq!(offset("fn min(x) { x }"), Some(3));
    let good = builder.add(script(ScriptKind::Expression, "gross(it)")).unwrap();
    let bad = builder.add(script(ScriptKind::Expression, "1 + bad(())")).unwrap();
    let scripts = Scripts::compile(&builder.finish(), Bounds::default());
    let it = Value::Number("10".into());
    let input = Input { it: It::Value(&it), ..Input::default() };
    assert_eq!(scripts.eval(good, &input).unwrap(), Value::Number("11.90".into()));
    let failure = scripts.eval(bad, &input).unwrap_err();
    assert_eq!(failure.offset, Some(4));
    assert!(failure.message.starts_with("in `bad`: "), "{}", failure.message);
}

#[test]
fn bounds_end_a_script() {
    let limit = |text: &str, bounds| {
        let start = Instant::now();
        let failure = bounded(text, bounds).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Limit, "{text}: {failure}");
        assert!(start.elapsed() < Duration::from_secs(20), "{text}");
    };
    let small = Bounds { operations: 20_000, items: 1000, text: 1000, ..Bounds::default() };
    limit("loop {}", small);
    limit("fn f(x) { f(x + 1) } f(1)", small);
    limit("let s = \"x\"; loop { s += s; }", small);
    limit("let a = []; loop { a.push(1); }", small);
    limit("let a = #{}; let i = 0; loop { i += 1; a[`${i}`] = 1; }", small);
    limit("\"x\".pad(100000, \"y\")", small);
    let short = Bounds { operations: u64::MAX, time: Duration::from_millis(20), ..Bounds::default() };
    limit("loop {}", short);
}

#[test]
fn calls_and_expressions_as_deep_as_they_may_be_fit_the_stack() {
    // Each nested as deeply as the parser takes it.
    let shapes = [
        ("1 + (", ")"),
        ("[1].map(|x| x + ", ")"),
        ("if n > 0 { ", "}"),
        ("join([", "], \"\")"),
        ("switch n { 0 => 1, _ => { ", "} }"),
        ("`${", "}`"),
    ];
    let deepest = |(open, close): (&str, &str)| {
        let nested = |times: usize| {
            let (open, close) = (open.repeat(times), close.repeat(times));
            format!("fn f(n) {{ {open} f(n + 1) {close} }} f(1)")
        };
        let fits = |text: &String| builder_with(&[]).add(script(ScriptKind::Expression, text)).is_ok();
        (1..40).rev().map(nested).find(fits).unwrap()
    };
    let run = move || {
        for text in shapes.map(deepest) {
            let failure = fails(&text);
            assert_eq!(failure.message, "the script's calls go too deep", "{text}");
            assert_eq!(failure.kind, FailureKind::Limit);
        }
    };
    std::thread::Builder::new().stack_size(STACK).spawn(run).unwrap().join().unwrap();
}

#[test]
fn the_request_s_deadline_counts_when_it_is_earlier() {
    let mut builder = builder_with(&[]);
    let id = builder.add(script(ScriptKind::Expression, "loop {}")).unwrap();
    let bounds = Bounds { operations: u64::MAX, time: Duration::from_secs(3600), ..Bounds::default() };
    let scripts = Scripts::compile(&builder.finish(), bounds);
    let input = Input { deadline: Some(Instant::now()), ..Input::default() };
    let failure = scripts.eval(id, &input).unwrap_err();
    assert_eq!((failure.kind, failure.message.as_str()), (FailureKind::Limit, "the script ran out of time"));
}

#[test]
fn what_a_script_adds_is_bounded() {
    let mut builder = builder_with(&[]);
    let text = "let t = \"x\"; t.pad(900, \"y\"); let i = 0; loop { i += 1; target.Order[`n${i}`] = t; }";
    let id = builder.add(script(ScriptKind::Statements, text)).unwrap();
    let bounds = Bounds { text: 10_000, ..Bounds::default() };
    let scripts = Scripts::compile(&builder.finish(), bounds);
    let failure = scripts.change(id, order(1), &Input::default()).unwrap_err();
    assert_eq!(failure.message, "what the script adds to the document passes its limit");
    assert_eq!(failure.kind, FailureKind::Limit);
}

#[test]
fn failures_use_plain_words() {
    let failure = fails("let n = 1;\nthrow \"no such country\"");
    assert_eq!((failure.kind, failure.message.as_str()), (FailureKind::Thrown, "no such country"));
    assert_eq!(failure.offset, Some(11));
    assert_eq!(
        fails("\"5\" * 2").message,
        "`*` does not work on text and a whole number: decimal(...) or integer(...) reads the number in a text"
    );
    assert_eq!(
        fails("[1].Sku").message,
        "a list has no `Sku`: take one item with [0], or go through all with map(|item| item.Sku)"
    );
    assert_eq!(fails("[1, 2][5]").message, "there is no item 5 in a list of 2: the first is item 0");
    assert_eq!(fails("\"x\".Name").message, "text has no `Name`");
    assert_eq!(fails("decimal(\"abc\")").message, "`abc` is not a number");
    assert_eq!(fails("\"abc\" > 5").message, "`abc` is not a number");
    assert!(fails("1 / 0").message.contains("zero"), "{}", fails("1 / 0").message);
    assert!(fails("1.5 / 0").message.contains("zero"));
    assert!(fails("|x| x").message.starts_with("a function is not a value"));
    assert_eq!(
        fails("\"a\".to_upper(1)").message,
        "there is no function `to_upper` for text and a whole number"
    );
}

#[test]
fn it_is_the_value_or_the_element() {
    assert_eq!(
        with_it("it.to_upper()", It::Value(&Value::Text("ab".into()))).unwrap(),
        Value::Text("AB".into())
    );
    assert_eq!(with_it("it", It::None).unwrap(), Value::Absent);
    assert_eq!(with_it("it.Line[1].Quantity", It::Element(&order(2))).unwrap(), Value::Text("3".into()));
    let exact = Value::Number("10.500".into());
    assert_eq!(with_it("it", It::Value(&exact)).unwrap(), exact);
    assert_eq!(with_it("it", It::Element(&order(1))).unwrap(), Value::Tree(Box::new(order(1))));
    let huge = Value::Number("123456789012345678901234567890123".into());
    assert_eq!(with_it("it", It::Value(&huge)).unwrap().text(), huge.text());
}

#[test]
fn properties_are_read_by_name() {
    let mut builder = builder_with(&[]);
    let fixed = builder.add(script(ScriptKind::Expression, "property(\"a\") + \"!\"")).unwrap();
    let made = builder.add(script(ScriptKind::Expression, "let n = \"a\"; property(n + \"b\")")).unwrap();
    let none = builder.add(script(ScriptKind::Expression, "property(\"none\")")).unwrap();
    let scripts = Scripts::compile(&builder.finish(), Bounds::default());
    let mut properties = Properties::default();
    properties.set("a", "1");
    properties.set("ab", "2");
    let input = Input { properties: Some(&properties), ..Input::default() };
    assert_eq!(scripts.eval(fixed, &input).unwrap(), Value::Text("1!".into()));
    assert_eq!(scripts.eval(made, &input).unwrap(), Value::Text("2".into()));
    assert_eq!(scripts.eval(none, &input).unwrap(), Value::Absent);
    assert_eq!(scripts.eval(fixed, &Input::default()).unwrap(), Value::Text("!".into()));
}

#[test]
fn an_object_without_a_name_has_its_members_directly() {
    let mut root = Element::with(Name::default(), Content::Children(Vec::new()));
    root.push(Element::with(Name::local("type"), Content::Text("x".into())));
    root.push(Element::with(Name::local("total"), Content::Number("1.50".into())));
    let mut builder = builder_with(&[]);
    let text = "if target.type == \"x\" && target.total > 1 { target.checked = true; } \
                target.lines = [#{sku: \"a\"}, #{sku: \"b\"}]; target.lines[1].sku = \"c\"; \
                for line in target.lines { line.seen = 1; } target.note = ();";
    let bindings = Bindings::default().with(Variable::Target, None);
    let kind = ScriptKind::Statements;
    let id = builder.add(ScriptText { text: text.into(), kind, bindings }).unwrap();
    let scripts = Scripts::compile(&builder.finish(), Bounds::default());
    let changed = scripts.change(id, root, &Input::default()).unwrap();
    assert_eq!(changed.child("checked").unwrap().content, Content::Bool(true));
    let lines = changed.child("lines").unwrap();
    assert!(matches!(lines.content, Content::Items(_)));
    let skus: Vec<_> = lines.elements().map(|l| l.child("sku").unwrap().string_value()).collect();
    assert_eq!(skus, ["a", "c"]);
    assert!(lines.elements().all(|line| line.child("seen").is_some()));
}

#[test]
fn json_is_typed_by_its_own_numbers() {
    let number = |name: &str, text: &str| Element::with(Name::local(name), Content::Number(text.into()));
    let mut root = Element::with(Name::default(), Content::Children(Vec::new()));
    root.push(Element::with(Name::local("note"), Content::Nil));
    root.push(number("rate", "1e-2"));
    root.push(number("price", "10.50"));
    let items = [number("", "1"), number("", "2")].map(crate::document::tree::Node::Element);
    root.push(Element::with(Name::local("list"), Content::Items(items.into())));
    let gives = |text: &str| with_it(text, It::Element(&root)).unwrap();
    assert_eq!(gives("it.note"), Value::Absent);
    assert_eq!(gives("it.price"), Value::Number("10.50".into()));
    assert_eq!(gives("it.rate * 100"), Value::Number("1.00".into()));
    assert_eq!(gives("it.list.len() + it.list[1]"), Value::Number("4".into()));
    assert_eq!(gives("sum(it.list)"), Value::Number("3".into()));
    assert_eq!(gives("join(names(it), \" \")"), Value::Text("note rate price list".into()));
    assert_eq!(gives("it[\"no such\"]"), Value::Absent);
    let made = gives("#{b: [1, \"x\"], \"@id\": 7, none: ()}").text();
    assert_eq!(made.as_deref(), Some("1x"));
}

/// Pieces that make scripts which parse more often than plain noise does.
const PIECES: &[&str] = &[
    "target",
    "target.Order",
    ".Line",
    "it",
    "[0]",
    "[-1]",
    ".push(",
    ")",
    "(",
    "{",
    "}",
    ";",
    "=",
    "+=",
    "1",
    "2.5",
    "\"x\"",
    "let a",
    "a",
    "for l in ",
    "loop ",
    "if ",
    "|x|",
    ".map(",
    ".filter(",
    "sum(",
    "join(",
    ",",
    "[",
    "]",
    "#{",
    "b: ",
    "()",
    "?.",
    " + ",
    " * ",
    "-",
    "<<",
    "..",
    "`${",
    "}`",
    "fn f() ",
    "f()",
    "return ",
    "throw ",
    "try ",
    "catch ",
    "range(",
    "pad(",
    "repeat",
    "9223372036854775807",
    ".Sku",
    "[\"@id\"]",
    "[\"a/b\"]",
    "curry(",
    "call(",
    "Fn(\"f\")",
    "while true ",
    "switch a ",
    "in ",
    "this",
    ".splice(",
    ".drain(",
    "parse_json(",
    "text(",
    "not ",
];

fn survives(kind: ScriptKind, text: &str) {
    let mut builder = Builder::new();
    let Ok(id) = builder.add(script(kind, text)) else { return };
    let bounds = Bounds {
        operations: 5_000,
        text: 10_000,
        items: 200,
        time: Duration::from_millis(200),
        ..Bounds::default()
    };
    let scripts = Scripts::compile(&builder.finish(), bounds);
    let _ = scripts.eval(id, &Input::default());
    let changed = scripts.change(id, order(2), &Input::default());
    if let Err(failure) = changed {
        assert!(!failure.message.contains("fault of the interpreter"), "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_of_a_script_does_harm(text in "\\PC{0,60}") {
        survives(ScriptKind::Statements, &text);
    }

    #[test]
    fn no_script_of_known_pieces_does_harm(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..14)) {
        survives(ScriptKind::Statements, &pieces.concat());
    }
}
