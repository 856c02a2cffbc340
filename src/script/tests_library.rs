//! Packages, tables and modules: what a script may call, what it is told when it cannot, and that it reaches nothing else.

use super::table::{Match, Table};
use super::*;

fn countries() -> Arc<Table> {
    let rows = [("DE", "Germany", "19"), ("AT", "Austria", "20")];
    let row = |(code, name, vat): (&str, &str, &str)| {
        vec![Value::Text(code.into()), Value::Text(name.into()), Value::Number(vat.into())]
    };
    let columns = vec!["code".into(), "name".into(), "vat".into()];
    Arc::new(Table::new("countries", columns, &[0], rows.map(row).to_vec(), Match::Exact).0)
}

fn pairs() -> Arc<Table> {
    let row = |a: &str, b: &str, c: &str| [a, b, c].map(|cell| Value::Text(cell.into())).to_vec();
    let rows = vec![row("DE", "A*", "cheap"), row("*", "*", "dear")];
    let columns = vec!["country".into(), "product".into(), "price".into()];
    Arc::new(Table::new("prices", columns, &[0, 1], rows, Match::Wildcard).0)
}

fn builder() -> Builder {
    let mut builder = Builder::new();
    builder.table("countries", Some(countries()));
    builder.table("prices", Some(pairs()));
    builder
}

fn text(text: &str) -> ScriptText {
    let bindings = Bindings::default().with(Variable::It, None).with(Variable::Doc, None);
    ScriptText { text: text.into(), kind: ScriptKind::Expression, bindings }
}

fn problem(script: &str) -> (Option<usize>, String, Option<String>) {
    let problem = builder().add(text(script)).unwrap_err();
    (problem.offset, problem.message, problem.help)
}

fn run(script: &str, it: &Value) -> Result<Value, ScriptFailure> {
    let mut builder = builder();
    let id = builder.add(text(script)).unwrap_or_else(|p| panic!("{script}: {p:?}"));
    let execution = Execution::new("2026-03-01T10:00:00Z".parse().unwrap());
    let input = Input { it: It::Value(it), execution: Some(&execution), ..Input::default() };
    Scripts::compile(&builder.finish(), Bounds::default()).eval(id, &input)
}

fn gives(script: &str) -> String {
    let value = run(script, &Value::Absent).unwrap_or_else(|failure| panic!("{script}: {failure}"));
    value.text().map_or_else(|| format!("{value:?}"), String::from)
}

fn fails(script: &str) -> String {
    run(script, &Value::Absent).unwrap_err().message
}

#[test]
fn a_replacement_names_its_groups() {
    for (with, result) in [
        ("$1x", "abxc"),
        ("${1}x", "abxc"),
        ("${n}x$n", "abxbc"),
        ("$12", "ab2c"),
        ("$0$1", "abbc"),
        ("$$1", "a$1c"),
        ("[$ $]", "a[$ $]c"),
        ("${1", "a${1c"),
        ("$", "a$c"),
        ("", "ac"),
        ("äö", "aäöc"),
    ] {
        assert_eq!(gives(&format!("string::replace(\"abc\", \"(?<n>b)\", \"{with}\")")), result, "{with}");
    }
    for (with, group) in [("$2", "2"), ("${2}x", "2"), ("$x1", "x1"), ("$99999999999999999999999", "9999999")]
    {
        let message = fails(&format!("let by = \"{with}\"; string::replace(\"abc\", \"(b)\", by)"));
        assert!(message.contains(&format!("`(b)` has no group `{group}")), "{message}");
    }
}

#[test]
fn dates_that_are_none_are_told_in_plain_words() {
    for (script, words) in [
        ("date::parse(\"31.02.2026\", \"%d.%m.%Y\")", "that month has no such day"),
        ("date::parse(\"41.02.2026\", \"%d.%m.%Y\")", "the day is out of its range"),
        ("date::parse(\"01.13.2026\", \"%d.%m.%Y\")", "the month is out of its range"),
        ("date::parse(\"01.02.2026x\", \"%d.%m.%Y\")", "`x` is left over"),
        ("let p = \"%Q\"; date::format(\"2026-01-01T10:00:00\", p)", "the date has no time zone"),
    ] {
        let message = fails(script);
        assert!(message.contains(words), "{script}: {message}");
    }
}

#[test]
fn a_script_loads_nothing() {
    for script in [
        "import \"x\" as y; 1",
        "import \"/etc/passwd\" as p;",
        "fn f() { import \"x\"; } f()",
        "export it; 1",
        "let import = 1; import",
    ] {
        let (_, message, help) = problem(script);
        assert!(
            message.contains("cannot import") || message.contains("cannot export"),
            "{script}: {message}"
        );
        assert!(help.unwrap().contains("functions file="), "{script}");
    }
    assert_eq!(gives("#{\"import\": 1}.import"), "1");
    let mut builder = Builder::new();
    assert!(builder.libraries(&["fn f() { import \"x\"; 1 }"])[0].is_some());
}

const MISTAKES: &[(&str, &str)] = &[
    (
        "1 + date::fromat(it, \"%Y\")",
        "10 there is no function `fromat` in `date`; did you mean `date::format`?",
    ),
    ("dete::format(it, \"%Y\")", "0 there is no package `dete`; did you mean `date`?"),
    ("global::format(it)", "8 there is no package `global`; "),
    ("capitalize(it)", "0 there is no function `capitalize`; did you mean `string::capitalize`?"),
    (
        "date::format(it)",
        "6 `date::format` does not take one argument; it is called date::format(value, pattern)",
    ),
    (
        "date::format + 1",
        "6 `date::format` is not a value; a function is called with its arguments: date::format(...)",
    ),
    ("date::format(it, \"yyyy\")", "17 `yyyy` is not a pattern for dates; it is written as for strftime"),
    (
        "date::to_zone(it, \"Europe/Berln\")",
        "18 `Europe/Berln` is not a time zone; did you mean `Europe/Berlin`?",
    ),
    ("date::add(it, \"1 banana\")", "14 `1 banana` is not a period; it is written"),
    ("string::replace(it, \"a(\", \"b\")", "20 `a(` is not a regular expression: unclosed group; special"),
    ("string::replace(it, \"(b)\", \"$2\")", "27 `(b)` has no group `2`; a dollar itself is written $$"),
    ("string::replace(it, \"(b)\", \"${c}\")", "27 `(b)` has no group `c`; a dollar itself is written $$"),
    ("string::find(it, #\"(\\w{100}){100}\"#)", "17 the pattern `(\\w{100}){100}` is too large; repeat less"),
    ("number::format(it, \"abc\")", "19 `abc` is not a pattern for numbers: it has no digits"),
    (
        "number::round(it, 2, \"half-evne\")",
        "21 `half-evne` is not a rounding mode; did you mean `half-even`?",
    ),
    ("table::find(\"contries\", it)", "12 there is no `table contries`; did you mean `countries`?"),
    (
        "table::get(\"countries\", it, \"nmae\")",
        "28 `table countries` has no column `nmae`; did you mean `name`?",
    ),
    (
        "table::find(\"countries\", it).nmae",
        "29 `table countries` has no column `nmae`; did you mean `name`?",
    ),
    (
        "table::find(\"countries\", it)?.nmae + 1",
        "30 `table countries` has no column `nmae`; did you mean `name`?",
    ),
    (
        "[1].map(|n| table::get(\"prices\", [n], \"price\"))",
        "33 `table prices` has 2 key columns, and this key has 1",
    ),
];

#[test]
fn a_name_that_is_not_known_is_told_with_the_nearest() {
    let told = |script: &str| {
        let (offset, message, help) = problem(script);
        format!("{} {message}; {}", offset.unwrap(), help.unwrap_or_default())
    };
    for (script, expected) in MISTAKES {
        let told = told(script);
        assert!(told.starts_with(expected), "{script}\n  {told}");
    }
}

#[test]
fn what_may_be_missing_because_of_another_mistake_is_marked() {
    let unknown = |script: &str| builder().add(text(script)).unwrap_err().unknown;
    assert_eq!(unknown("table::find(\"x\", it)"), Some(Unknown::Table));
    assert_eq!(unknown("x(it)"), Some(Unknown::Function));
}

#[test]
fn wrong_values_are_told_in_plain_words() {
    assert_eq!(fails("string::upper([1])"), "a list is not a text");
    assert_eq!(fails("number::abs(\"x\")"), "`x` is not a number");
    assert_eq!(
        fails("date::format(5, \"%Y\")"),
        "`5` is not a date: a date is written 2026-03-01, \
        2026-03-01T10:00:00 or 2026-03-01T10:00:00+01:00; date::parse reads others"
    );
    assert_eq!(fails("string::left(\"abc\", -1)"), "the length must be 0 or more, and is -1");
    assert_eq!(
        fails("string::pad_left(\"a\", 3, 0)"),
        "there is no function `string::pad_left` for text and a whole number and a whole number"
    );
    assert!(fails("date::to_zone(\"2026-03-01T10:00:00\", \"UTC\")").contains("date::in_zone"));
    assert!(
        fails("date::compare(\"2026-03-01T10:00:00\", \"2026-03-01T10:00:00Z\")")
            .contains("cannot be compared")
    );
    assert!(fails("date::add(\"2026-03-01\", \"PT1H\")").contains("has no time of day"));
    assert!(fails("date::add(\"9999-12-31\", \"P1D\")").contains("years 1 to 9999"));
    assert!(
        fails("date::parse(\"31.02.2026\", \"%d.%m.%Y\")")
            .starts_with("`31.02.2026` is not a date of the pattern")
    );
    assert_eq!(fails("number::divide(1, 0)"), "a number cannot be divided by zero");
    assert_eq!(fails("base64::decode(\"*\")"), "`*` is not base64");
    assert!(fails("base64::decode(\"/w==\")").contains("UTF-8"));
    assert!(fails("json::parse(\"{\")").starts_with("this is not JSON: line 1"));
    assert!(fails("xml::parse(\"<a>\")").starts_with("this is not XML: line 1"));
    assert!(fails("xml::parse(\"<!DOCTYPE a><a/>\")").starts_with("this is not XML"));
    assert!(fails("let n = \"con\"; table::find(n + \"tries\", 1)").contains("did you mean `countries`?"));
    assert!(fails("let c = \"nme\"; table::get(\"countries\", 1, c)").contains("did you mean `name`?"));
    assert!(fails("let r = table::find(\"countries\", \"DE\"); r.nme").contains("has no column `nme`"));
    assert!(fails("table::find(\"countries\", [1, 2])").contains("several are given as a list"));
    assert!(fails("table::find(\"countries\", \"XX\").name").contains("?.name"));
}

#[test]
fn what_is_absent_stays_absent() {
    for script in [
        "string::upper(())",
        "date::format((), \"%Y\")",
        "number::round(())",
        "hash::sha1(())",
        "json::parse(())",
        "table::find(\"countries\", ())",
        "table::get(\"countries\", \"XX\", \"name\")",
        "base64::encode(())",
        "date::difference((), \"2026-03-01\", \"days\")",
        "table::find(\"countries\", \"XX\")?.name",
    ] {
        assert_eq!(run(script, &Value::Absent).unwrap(), Value::Absent, "{script}");
    }
}

#[test]
fn tables_are_looked_up() {
    let it = Value::Text("DE".into());
    assert_eq!(run("table::get(\"countries\", it, \"name\")", &it).unwrap(), Value::Text("Germany".into()));
    assert_eq!(gives("table::find(\"countries\", \"AT\").vat + 1"), "21");
    assert_eq!(gives("let r = table::find(\"countries\", \"AT\"); r.name + r[\"code\"]"), "AustriaAT");
    assert_eq!(gives("table::get(\"prices\", [\"DE\", \"A-1\"], \"price\")"), "cheap");
    assert_eq!(gives("table::get(\"prices\", [\"DE\", \"B\"], \"price\")"), "dear");
    assert_eq!(
        gives("json::stringify(table::find(\"countries\", \"DE\"))"),
        r#"{"code":"DE","name":"Germany","vat":19}"#
    );
}

#[test]
fn only_tables_that_scripts_look_into_are_used() {
    let mut builder = builder();
    builder.add(text("table::find(\"prices\", it)")).unwrap();
    assert_eq!(builder.used_tables().collect::<Vec<_>>(), ["prices"]);
    builder.add(text("table::find(it, 1)")).unwrap();
    assert_eq!(builder.used_tables().count(), 2);
}

#[test]
fn one_execution_counts_on_and_another_starts_anew() {
    let mut builder = builder();
    let id = builder.add(text("sequence::next(\"n\")")).unwrap();
    let total = builder.add(text("sequence::total(\"n\", it)")).unwrap();
    let now = builder.add(text("date::now()")).unwrap();
    let scripts = Scripts::compile(&builder.finish(), Bounds::default());
    let (one, other) = ("2026-03-01T10:00:00Z", "2026-03-02T10:00:00Z");
    let [one, other] = [one, other].map(|at| Execution::new(at.parse().unwrap()));
    let amount = Value::Number("2.50".into());
    let run = |id, execution| {
        let input = Input { execution: Some(execution), it: It::Value(&amount), ..Input::default() };
        scripts.eval(id, &input).unwrap().text().unwrap()
    };
    assert_eq!([run(id, &one), run(id, &one), run(id, &other), run(id, &one)], ["1", "2", "1", "3"]);
    assert_eq!([run(total, &one), run(total, &other), run(total, &one)], ["2.50", "2.50", "5.00"]);
    assert_eq!(run(now, &other), "2026-03-02T10:00:00.000Z");
    assert!(scripts.eval(now, &Input::default()).unwrap_err().message.contains("outside of an execution"));
}

#[test]
fn functions_call_packages_and_each_other_wherever_they_are_declared() {
    let mut builder = builder();
    let texts = [
        "fn label(code) { shout(table::get(\"countries\", code, \"name\")) }",
        "fn shout(text) { string::upper(text) + sequence::next(\"shout\") }",
        "fn broken(x) { date::fromat(x) }",
    ];
    let found = builder.libraries(&texts);
    assert!(found[0].is_none() && found[1].is_none(), "{found:?}");
    assert_eq!(found[2].as_ref().unwrap().offset, Some(21));
    let id = builder.add(text("label(\"AT\")")).unwrap();
    assert_eq!(builder.used_tables().collect::<Vec<_>>(), ["countries"]);
    let execution = Execution::new("2026-03-01T10:00:00Z".parse().unwrap());
    let input = Input { execution: Some(&execution), ..Input::default() };
    let scripts = Scripts::compile(&builder.finish(), Bounds::default());
    assert_eq!(scripts.eval(id, &input).unwrap(), Value::Text("AUSTRIA1".into()));
}

#[test]
fn dates_keep_their_offset_and_form() {
    for (script, expected) in [
        ("date::add(\"2026-03-28T10:00:00.000+01:00\", \"P1D\")", "2026-03-29T10:00:00.000+01:00"),
        ("date::add(\"2026-03-01 10:00\", \"PT30M\")", "2026-03-01 10:30"),
        ("date::add(\"2026-03-01T10:00:00Z\", \"PT0.25S\")", "2026-03-01T10:00:00.25Z"),
        ("date::start_of(\"2026-03-01-05:00\", \"year\")", "2026-01-01-05:00"),
        ("date::end_of(\"2026-03-18T10:00:00Z\", \"week\")", "2026-03-22T23:59:59Z"),
        ("date::end_of(\"2026-03-18T10:00:00.000Z\", \"day\")", "2026-03-18T23:59:59.999Z"),
        ("date::end_of(\"2026-05-18\", \"quarter\")", "2026-06-30"),
        ("date::start_of(\"2026-03-18T10:35:00Z\", \"hour\")", "2026-03-18T10:00:00Z"),
        ("date::to_zone(\"2026-03-01T10:00:00+0100\", \"Europe/Berlin\")", "2026-03-01T10:00:00+0100"),
        ("date::to_zone(\"2026-03-01T10:00:00+01:00\", \"UTC\")", "2026-03-01T09:00:00Z"),
        ("date::to_zone(\"2026-07-01T00:00:00Z\", \"America/New_York\")", "2026-06-30T20:00:00-04:00"),
        ("date::in_zone(\"2026-03-29T02:30:00\", \"Europe/Berlin\")", "2026-03-29T03:30:00+02:00"),
        ("date::parse(\"20260301100500+0200\", \"%Y%m%d%H%M%S%z\")", "2026-03-01T10:05:00+02:00"),
        ("date::parse(\"1 March 2026\", \"%d %B %Y\")", "2026-03-01"),
        ("date::difference(\"2024-02-29\", \"2026-02-28\", \"years\")", "1"),
        ("date::difference(\"2026-03-01T10:00:00Z\", \"2026-03-01T12:30:00+01:00\", \"minutes\")", "90"),
        ("date::difference(\"2026-03-02\", \"2026-03-01\", \"days\")", "-1"),
        ("date::today(\"Pacific/Auckland\")", "2026-03-01"),
        ("date::from_epoch(1772323200.25)", "2026-03-01T00:00:00.250Z"),
    ] {
        assert_eq!(gives(script), expected, "{script}");
    }
}

#[test]
fn lists_are_grouped_and_sorted_by_keys() {
    for (script, expected) in [
        ("sorted([#{n: \"10\"}, #{n: \"9\"}], |m| m.n).map(|m| m.n).join(\" \")", "9 10"),
        ("sorted(7).len()", "1"),
        ("distinct([1, 1.0, \"a\", \"a\"]).len()", "2"),
        ("distinct([#{k: 1, v: 2}, #{k: 1, v: 3}], |m| m.k)[0].v", "2"),
        ("group_by((), |x| x).len()", "0"),
        ("count(5)", "1"),
        ("json::parse(\"[3,1,2]\").map(|n| n * 2).len()", "3"),
        ("json::stringify(json::parse(#\"{\"a\":{\"b\":1.50}}\"#).a)", r#"{"b":1.50}"#),
        ("json::stringify(())", "null"),
        ("json::stringify(xml::parse(\"<a><b>1</b></a>\"))", r#"{"a":{"b":"1"}}"#),
    ] {
        assert_eq!(gives(script), expected, "{script}");
    }
}

#[test]
fn what_grows_is_bounded() {
    for script in [
        "string::repeat(\"abc\", 9000000)",
        "string::pad_left(\"x\", 9000000000)",
        "string::replace(string::repeat(\"a\", 1000000), \"a\", \"bbbbbbbbbbbb\")",
        "string::replace_text(string::repeat(\"a\", 1000000), \"a\", \"bbbbbbbbbbbb\")",
        "string::split(string::repeat(\"a,\", 200000), \",\")",
        // A hundred gigabytes, if it was looked at only when it is there.
        "string::replace(string::repeat(\"a\", 1000000), \"a+\", string::repeat(\"$0\", 100000))",
        "join(string::split(string::repeat(\",\", 50000), \",\"), string::repeat(\"a\", 1000000))",
    ] {
        let failure = run(script, &Value::Absent).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Limit, "{script}: {failure}");
    }
    assert!(fails("for i in 0..2000 { sequence::next(`s${i}`); }").contains("at most 1000"));
    assert!(fails("let s = string::repeat(\"a\", 2000000); string::find(s, \"b\")").contains("1 MiB"));
    assert_eq!(
        gives("let n = 0; for i in 0..200 { if string::matches(`${i}`, `^${i}$`) { n += 1 } } n"),
        "200"
    );
}
