//! Conformance of the language's syntax with the KDL 2 suite: what must not parse is refused, what must does.
#![cfg(feature = "conformance")]
#![allow(clippy::disallowed_methods, reason = "tests read files and the environment")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]
#![allow(clippy::print_stdout, reason = "the counts are the result")]

#[path = "support/corpora.rs"]
mod corpora;
#[path = "support/tally.rs"]
mod tally;

use std::fs;

use soapstone::source::{Findings, Form, Sources, render};
use soapstone::syntax::parse;
use tally::Tally;

/// Inputs that the `kdl` crate reads otherwise, each with its reason.
const OTHERWISE: &[(&str, &str)] =
    &[("zero_space_before_slashdash_arg.kdl", NO_SPACE), ("zero_space_before_slashdash_prop.kdl", NO_SPACE)];

const NO_SPACE: &str =
    "the kdl crate wants white space between a quoted text and a slashdash; nobody writes it without";

#[test]
fn what_must_parse_parses_and_what_must_not_is_refused_at_its_place() {
    let mut tally = Tally::new("kdl");
    let mut entries: Vec<_> = fs::read_dir(corpora::folder("kdl-tests/tests/test_cases/input"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let Ok(text) = String::from_utf8(fs::read(&path).unwrap()) else {
            tally.skip("not UTF-8, which is refused before it is parsed");
            continue;
        };
        let mut sources = Sources::default();
        let file = sources.add(name.as_str(), text.as_str());
        let mut findings = Findings::default();
        let parsed = parse(&text, file, &mut findings).is_some();
        let must_fail = name.ends_with("_fail.kdl");
        let otherwise = OTHERWISE.iter().find(|(other, _)| *other == name);
        if parsed == findings.has_errors() {
            tally.fail(&name, "a document beside findings, or neither");
        }
        for finding in findings.sorted() {
            if text.get(finding.span.start..finding.span.end).is_none() {
                tally.fail(&name, &format!("{:?} does not lie in the text", finding.span));
            }
        }
        let shown = render(&findings, &sources, Form::Text { colour: false });
        match (parsed != must_fail, otherwise) {
            (true, None) if parsed => tally.pass(),
            (true, None) => tally.pass_with(&shown),
            (true, Some(_)) => tally.fail(&name, "is read as it must be now: take it off the list"),
            (false, Some((_, reason))) => tally.skip(reason),
            (false, None) if parsed => tally.fail(&name, "was not refused"),
            (false, None) => tally.fail(&name, &format!("was refused:\n{shown}")),
        }
    }
    tally.finish(150);
}
