//! `soapstone explain`: the manual, read from the tables that feed the parser.

use super::arguments::ExplainOptions;
use super::output::Output;
use super::process::process;
use super::topics::TOPICS;
use super::{FAILED, FINE, MISUSED};
use crate::compile::KINDS;
use crate::kind::Manual;
use crate::pipeline::codes::{self, GROUPS};
use crate::script::library::{Function, PACKAGES, Package, full_name, functions};
use crate::source::nearest;

/// Explains a word, or lists them all, or shows a process.
pub fn explain(options: &ExplainOptions, out: &mut Output) -> u8 {
    match (options.word.as_deref(), &options.name) {
        (Some("process"), Some(name)) => {
            process(name, &options.overlays.of(&options.file), options.picture.as_deref(), out)
        }
        (Some(word), Some(_)) => {
            out.tell(&format!(
                "only a process has steps to show: soapstone explain process NAME, or soapstone explain {word}\n"
            ));
            MISUSED
        }
        (word, _) => words(word, out),
    }
}

fn words(word: Option<&str>, out: &mut Output) -> u8 {
    let Some(word) = word else {
        out.say(&list());
        return FINE;
    };
    let text = about(word);
    let parts = part_of(word);
    if text.is_empty() && !parts.is_empty() {
        out.say(&format!(
            "{word} is a part of {}; see: soapstone explain {}\n",
            parts.join(", "),
            parts.first().unwrap_or(&"")
        ));
        return FINE;
    }
    if text.is_empty() {
        let manuals = KINDS.manuals();
        let names = manuals.iter().map(|(_, manual)| manual.name);
        let called: Vec<String> =
            functions().map(|(package, function)| full_name(package, function)).collect();
        let known = names
            .chain(called.iter().map(String::as_str))
            .chain(PACKAGES.iter().map(|package| package.name))
            .chain(TOPICS.iter().map(|topic| topic.name))
            .chain(GROUPS.iter().flat_map(|group| group.codes).map(|code| code.name))
            .chain([FAILURES]);
        let near = nearest(word, known).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        out.tell(&format!(
            "`{word}` is not a word of the language{near}\n`soapstone explain` lists them all\n"
        ));
        return FAILED;
    }
    out.say(&text);
    FINE
}

/// What is known of a word; a word may be of several kinds, like `set`.
pub fn about(word: &str) -> String {
    let mut text = String::new();
    for (kind, manual) in KINDS.manuals().into_iter().filter(|(_, manual)| manual.name == word) {
        text.push_str(&entry(kind, manual));
    }
    let asked = |(package, function): &(&Package, &Function)| {
        function.name == word || full_name(package, function) == word
    };
    for (package, function) in functions().filter(asked) {
        text.push_str(&format!(
            "{} (script function)\n{}\n  {}\n\nexample:\n  {} gives {}\n\n",
            full_name(package, function),
            indent(&wrapped(function.summary, 98)),
            function.signature,
            function.example,
            function.result
        ));
    }
    for package in PACKAGES.iter().filter(|package| package.name == word) {
        text.push_str(&format!("{word} (script package)\n{}\n", indent(&wrapped(package.summary, 98))));
        text.push_str(&listed(package));
        text.push('\n');
    }
    for topic in TOPICS.iter().filter(|topic| topic.name == word) {
        text.push_str(&format!("{} (topic)\n  {}\n\n{}\n", topic.name, topic.summary, topic.text));
    }
    for (group, code) in codes::named(word) {
        let (meaning, help) = (indent(&wrapped(code.meaning, 98)), indent(&wrapped(code.help, 98)));
        text.push_str(&format!("{word} ({})\n{meaning}{help}\n", group.about));
    }
    if word == FAILURES {
        text.push_str(&format!("{FAILURES} (topic)\n  {FAILURES_ARE}\n\n{}", failures()));
    }
    text
}

/// The word that lists the codes of failures.
const FAILURES: &str = "failures";

/// What it lists.
const FAILURES_ARE: &str = "the codes of failures: what they mean, and what to do";

/// All codes of failures, a line each.
fn failures() -> String {
    let mut out = String::new();
    for group in GROUPS {
        out.push_str(&format!("{}:\n{}", group.name, indent(&wrapped(group.text, 98))));
        for code in group.codes {
            out.push_str(&format!("  {:22} {}\n", code.name, code.meaning));
        }
        out.push('\n');
    }
    out
}

/// The words in whose usage this one is written: `auth` is a part of `listener`.
fn part_of(word: &str) -> Vec<&'static str> {
    let letters = |c: char| c.is_alphanumeric() || c == '-';
    let holds = |usage: &str| usage.split(|c: char| !letters(c)).any(|part| part == word);
    let manuals = KINDS.manuals().into_iter();
    let mut parts: Vec<&str> =
        manuals.filter(|(_, manual)| holds(manual.usage)).map(|(_, manual)| manual.name).collect();
    parts.dedup();
    parts
}

/// The functions of a package, a line each.
fn listed(package: &Package) -> String {
    let line = |function: &Function| format!("  {:22} {}\n", full_name(package, function), function.summary);
    package.functions.iter().map(line).collect()
}

fn indent(text: &str) -> String {
    text.lines().map(|line| format!("  {line}\n")).collect()
}

fn entry(kind: &str, manual: &Manual) -> String {
    format!(
        "{} ({kind})\n  {}\n\n{}\n{}\nexample:\n{}\n",
        manual.name,
        manual.summary,
        // A usage of several lines has its own; what goes on is set in.
        indent(
            &manual
                .usage
                .lines()
                .map(|line| wrapped(line, 94).replace('\n', "\n    "))
                .collect::<Vec<_>>()
                .join("\n")
        ),
        indent(&wrapped(manual.text, 98)),
        indent(manual.example)
    )
}

/// Breaks a text into lines of at most so many characters.
fn wrapped(text: &str, width: usize) -> String {
    let (mut out, mut length) = (String::new(), 0);
    for word in text.split_whitespace() {
        let size = word.chars().count();
        if length > 0 && length + 1 + size > width {
            out.push('\n');
            length = 0;
        } else if length > 0 {
            out.push(' ');
            length += 1;
        }
        out.push_str(word);
        length += size;
    }
    out
}

fn list() -> String {
    let mut out = String::new();
    let mut last = "";
    for (kind, manual) in KINDS.manuals() {
        if kind != last {
            out.push_str(&format!("{}{kind}s:\n", if last.is_empty() { "" } else { "\n" }));
            last = kind;
        }
        out.push_str(&format!("  {:12} {}\n", manual.name, manual.summary));
    }
    out.push_str("\ntopics:\n");
    for topic in TOPICS {
        out.push_str(&format!("  {:12} {}\n", topic.name, topic.summary));
    }
    out.push_str(&format!("  {FAILURES:12} {FAILURES_ARE}\n"));
    out.push_str("\nscript functions:\n");
    for package in PACKAGES {
        out.push_str(&listed(package));
    }
    out
}
