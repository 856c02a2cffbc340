//! Reading and compiling whatever stands in a file: it ends, it never panics, and every finding points into the text.
#![allow(clippy::disallowed_methods, reason = "tests read files")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use proptest::prelude::*;
use soapstone::compile::compile;
use soapstone::config::Layers;
use soapstone::source::{Form, Sources, Span, render};
use soapstone::world::Memory;

/// Far above what a file of a few kilobytes takes, far below what one would call a hang.
const DEADLINE: Duration = Duration::from_secs(20);

/// One change of a file.
#[derive(Debug, Clone)]
enum Change {
    /// Takes out a range.
    Delete(usize, usize),
    /// Puts a range in again somewhere else.
    Copy(usize, usize, usize),
    /// Swaps two lines.
    Swap(usize, usize),
    /// Takes out a line.
    DeleteLine(usize),
    /// Doubles a line.
    DoubleLine(usize),
    /// Puts in a text of its own.
    Insert(usize, String),
}

/// Texts that have a meaning in the language, or are trouble in any.
const TRICKY: &[&str] = &[
    "{",
    "}",
    "\"",
    "\\",
    "#\"",
    "\"\"\"",
    "#\"\"\"",
    "\"#",
    "/*",
    "*/",
    "//",
    "/-",
    "(",
    ")",
    "(env)X",
    "=",
    ";",
    "#true",
    "true",
    "\r\n",
    "\r",
    "\t",
    "\u{feff}",
    "\u{2028}",
    "ü",
    "注",
    "📦",
    "{=",
    "{{",
    "}}",
    "$",
    "//",
    "[",
    "]",
    "@",
    "*",
    "..",
    "1e999999",
    "-",
    "999999999999999999999999999999999999999999",
    "0x",
    "element",
    "each",
    "script=",
    "copy",
    "include \"gateway.kdl\"",
    "\\u{110000}",
    "\\\n",
    "|x|",
    "fn f(x) { f(x) }",
    "(((((((((",
    "((?i)a{1000}){1000}",
];

fn change() -> impl Strategy<Value = Change> {
    let tricky = prop_oneof![proptest::sample::select(TRICKY).prop_map(str::to_owned), "\\PC{0,6}"];
    prop_oneof![
        (any::<usize>(), 0_usize..40).prop_map(|(at, length)| Change::Delete(at, length)),
        (any::<usize>(), 0_usize..80, any::<usize>())
            .prop_map(|(at, length, to)| Change::Copy(at, length, to)),
        (any::<usize>(), any::<usize>()).prop_map(|(a, b)| Change::Swap(a, b)),
        any::<usize>().prop_map(Change::DeleteLine),
        any::<usize>().prop_map(Change::DoubleLine),
        (any::<usize>(), tricky).prop_map(|(at, text)| Change::Insert(at, text)),
    ]
}

/// The character boundary at or before a place, which is taken modulo the length.
fn place(text: &str, at: usize) -> usize {
    let at = at % (text.len() + 1);
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

fn apply(text: &str, change: &Change) -> String {
    let lines = || text.split_inclusive('\n').collect::<Vec<_>>();
    let range = |at: usize, length: usize| {
        let start = place(text, at);
        (start, place(text, (start + length).min(text.len())))
    };
    match change {
        Change::Delete(at, length) => {
            let (start, end) = range(*at, *length);
            format!("{}{}", text.get(..start).unwrap(), text.get(end..).unwrap())
        }
        Change::Copy(at, length, to) => {
            let ((start, end), to) = (range(*at, *length), place(text, *to));
            let copied = text.get(start..end).unwrap();
            format!("{}{copied}{}", text.get(..to).unwrap(), text.get(to..).unwrap())
        }
        Change::Swap(a, b) => {
            let mut lines = lines();
            let count = lines.len().max(1);
            if !lines.is_empty() {
                lines.swap(a % count, b % count);
            }
            lines.concat()
        }
        Change::DeleteLine(at) => {
            let mut lines = lines();
            if !lines.is_empty() {
                lines.remove(at % lines.len());
            }
            lines.concat()
        }
        Change::DoubleLine(at) => {
            let mut lines = lines();
            if !lines.is_empty() {
                let at = at % lines.len();
                lines.insert(at, lines.get(at).copied().unwrap());
            }
            lines.concat()
        }
        Change::Insert(at, new) => {
            let at = place(text, *at);
            format!("{}{new}{}", text.get(..at).unwrap(), text.get(at..).unwrap())
        }
    }
}

/// Whether a span lies in its file and on the boundaries of characters.
fn lies_inside(span: Span, sources: &Sources) -> bool {
    sources.file(span.file).is_some_and(|file| file.text.get(span.start..span.end).is_some())
}

fn check(text: &str) {
    check_with(text, None);
}

fn check_with(text: &str, overlay: Option<&str>) {
    let world = Memory::default().file("gateway.kdl", text).with_variable("TOKEN", "0123456789abcdef");
    let world = world.file("prod.kdl", overlay.unwrap_or_default());
    let overlays = overlay.iter().map(|_| PathBuf::from("prod.kdl")).collect();
    let begun = Instant::now();
    let compiled = compile(Layers { file: "gateway.kdl".into(), overlays }, &world);
    for form in [Form::Text { colour: true }, Form::Json] {
        render(&compiled.findings, &compiled.sources, form);
    }
    assert!(begun.elapsed() < DEADLINE, "took {:?}", begun.elapsed());
    assert_eq!(
        compiled.gateway.is_none(),
        compiled.findings.has_errors(),
        "no gateway, and nothing says why"
    );
    for finding in compiled.findings.sorted() {
        assert!(lies_inside(finding.span, &compiled.sources), "{finding:?}");
        let also = finding.also.as_ref().is_none_or(|(span, _)| lies_inside(*span, &compiled.sources));
        assert!(also, "{finding:?}");
        assert!(!finding.message.contains('\n'), "more than a line: {finding:?}");
        assert!(
            finding.help.as_ref().is_none_or(|help| !help.contains('\n')),
            "more than a line: {finding:?}"
        );
    }
}

fn starts() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut starts = vec![fs::read_to_string(root.join("gateway.kdl")).unwrap()];
    let mut wrong: Vec<_> = fs::read_dir(root.join("tests/findings"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "kdl"))
        .collect();
    wrong.sort();
    starts.extend(wrong.iter().map(|path| fs::read_to_string(path).unwrap()));
    starts
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_changed_file_gives_findings_or_a_gateway(
        which in any::<prop::sample::Index>(),
        own in any::<bool>(),
        changes in proptest::collection::vec(change(), 1..6),
    ) {
        let starts = starts();
        let mut text = if own { starts.first().unwrap().clone() } else { which.get(&starts).clone() };
        for change in &changes {
            text = apply(&text, change);
        }
        check(&text);
    }

    #[test]
    fn a_file_with_any_overlay_gives_findings_or_a_gateway(
        which in any::<prop::sample::Index>(),
        other in any::<prop::sample::Index>(),
        changes in proptest::collection::vec(change(), 0..3),
    ) {
        let starts = starts();
        let (one, other): (&String, &String) = (which.get(&starts), other.get(&starts));
        let changed = changes.iter().fold(other.clone(), |text, change| apply(&text, change));
        // The file that it was made of is what an overlay has most to do with.
        check_with(one, Some(&changed));
        check_with(other, Some(&changed));
    }

    #[test]
    fn any_text_gives_findings_or_a_gateway(text in "\\PC{0,60}(\n\\PC{0,30}){0,3}") {
        check(&text);
    }
}

#[test]
fn every_beginning_of_the_starting_point_ends() {
    let text = starts().remove(0);
    for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)).step_by(7) {
        check(text.get(..end).unwrap());
    }
}

#[test]
fn deep_nesting_is_refused() {
    for (open, close) in [("a {", "}"), ("/* ", "*/"), ("profile p format=xml { element A {", "}}")] {
        check(&format!("{}{}", open.repeat(3000), close.repeat(3000)));
        check(&open.repeat(3000));
    }
    let branches = "branch { path \"a\" {".repeat(500);
    check(&format!("process p {{ {branches} stop {} }}", "}}".repeat(500)));
    let elements = "element A {".repeat(500);
    check(&format!("profile p format=xml {{ {elements} {} }}", "}".repeat(500)));
    check(&format!("process p {{ set a script=#\"{}1{}\"# }}", "(".repeat(5000), ")".repeat(5000)));
    check(&format!(
        "process p {{ set a from=\"{}\"; set b from=\"$[?{}@.a{}]\" }}",
        "a[".repeat(5000),
        "(".repeat(5000),
        ")".repeat(5000)
    ));
}
