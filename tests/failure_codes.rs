//! The codes that the source gives to failures are those that the manual lists, and the manual lists no others.
#![allow(clippy::disallowed_methods, reason = "tests read files and run programs")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may stop at the first surprise"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use soapstone::pipeline::codes::GROUPS;

/// Where failures get their code, or failed calls their cause: what stands before the arguments, and which of them it is.
const MADE: &[(&str, usize)] = &[
    ("Failure::internal(", 0),
    ("Failure::client(", 1),
    ("Failure::new(", 2),
    ("Called::new(", 2),
    ("CallError::sent(", 1),
    ("CallError::unsent(", 1),
    ("self.transport(", 0),
    ("self.failed(CallKind::", 1),
    ("upstream(", 1),
];

/// The files in which `Self` is one of those that fail.
const OWN: &[(&str, &[(&str, usize)])] = &[
    ("pipeline/failure.rs", &[("Self::internal(", 0), ("Self::client(", 1), ("Self::new(", 2)]),
    ("client/error.rs", &[("Self::sent(", 1), ("Self::unsent(", 1)]),
];

/// Arguments that are no text: where the words stand that they can be.
const NAMED: &[(&str, &str)] = &[
    ("TIMEOUT", "pipeline/run.rs: const TIMEOUT: &str ="),
    ("TOO_MUCH", "pipeline/load.rs: const TOO_MUCH: &str ="),
    ("SLOW_TAKER", "document/coming.rs: const SLOW_TAKER: &str ="),
    ("REQUEST_CUT", "document/coming.rs: const REQUEST_CUT: &str ="),
    ("ANSWER_TOO_LARGE", "client/error.rs: const ANSWER_TOO_LARGE: &str ="),
    ("BAD_REQUEST", "client/error.rs: const BAD_REQUEST: &str ="),
    ("self.kind.code()", "pipeline/called.rs: fn code("),
    ("error.kind.code()", "broker/error.rs: fn code("),
];

/// Files in which the word is a variable: between which pieces of text those stand that it can be.
const VARIABLES: &[(&str, &str, &str)] = &[
    ("pipeline/failure.rs", "let (status, code) = match malformed.kind {", "};"),
    ("step/file.rs", "let code = match error {", "};"),
    ("step/http/answer.rs", "let cause = match answer.status.as_u16() {", "};"),
    ("step/http/mod.rs", "let cause = [", "]"),
    ("step/soap/answer.rs", "let cause = if ", ";"),
    ("client/error.rs", "let (code, text) = if error.is_parse_too_large() {", "};"),
    ("client/connect.rs", "let (kind, code) = match error.kind() {", "};"),
    ("document/coming.rs", "code: \"", "text:"),
];

/// Arguments that pass on what was made elsewhere, or what a file of the user's names, with the files in which they do.
const PASSED: &[(&str, &str)] = &[
    ("pipeline/contract.rs", "self.name.as_str()"),
    ("step/database/outcome.rs", "code"),
    ("step/http/mod.rs", "cut.code"),
    ("step/throw.rs", "code.clone()"),
];

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The files below a folder, each with its path from `src` and its text without tests.
fn files(folder: &Path, out: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.strip_prefix(source()).unwrap().to_string_lossy().into_owned();
        let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            if stem != "tests" {
                files(&path, out);
            }
        } else if !(stem.ends_with("tests") || stem.starts_with("tests")) {
            let text = fs::read_to_string(&path).unwrap();
            let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
            out.insert(name, text.to_owned());
        }
    }
}

/// The arguments of a call that begins there.
fn arguments(text: &str) -> Vec<String> {
    let (mut all, mut depth, mut quoted, mut escaped) = (vec![String::new()], 0_usize, false, false);
    for c in text.chars() {
        match c {
            '"' if !escaped => quoted = !quoted,
            '(' | '[' | '{' if !quoted => depth += 1,
            ')' | ']' | '}' if !quoted && depth == 0 => break,
            ')' | ']' | '}' if !quoted => depth -= 1,
            ',' if !quoted && depth == 0 => {
                all.push(String::new());
                continue;
            }
            _ => {}
        }
        escaped = c == '\\' && !escaped;
        all.last_mut().unwrap().push(c);
    }
    all.into_iter().map(|argument| argument.trim().to_owned()).collect()
}

/// The texts in a piece of source that are made as codes are.
fn words(text: &str) -> Vec<String> {
    let is_code = |word: &&str| {
        !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c == '-') && !word.starts_with('-')
    };
    text.split('"').skip(1).step_by(2).filter(is_code).map(str::to_owned).collect()
}

/// Every code in the source, with a place where it stands.
fn made() -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    files(&source(), &mut all);
    assert!(all.len() > 300, "{} files", all.len());
    let (mut found, mut unknown) = (BTreeMap::new(), Vec::new());
    for (name, text) in &all {
        let own = OWN.iter().filter(|(file, _)| file == name).flat_map(|(_, makers)| *makers);
        for (maker, position) in MADE.iter().chain(own) {
            for (at, _) in text.match_indices(maker) {
                // Not the end of a longer name, and no function that is declared so.
                let before = &text[..at];
                if before.ends_with(|c: char| c.is_alphanumeric() || c == '_') || before.ends_with("fn ") {
                    continue;
                }
                let arguments = arguments(&text[at + maker.len()..]);
                let argument = arguments.get(*position).cloned().unwrap_or_default();
                let place = format!("{name}: {maker}{}", arguments.join(", "));
                match argument.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
                    Some(code) => drop(found.insert(code.to_owned(), place)),
                    None => {
                        let named = NAMED.iter().any(|(named, _)| *named == argument);
                        let variable = matches!(argument.as_str(), "code" | "cause")
                            && VARIABLES.iter().any(|(file, _, _)| file == name);
                        let passed = PASSED.contains(&(name.as_str(), argument.as_str()));
                        if !(named || variable || passed) {
                            unknown.push(format!("(\"{name}\", \"{argument}\"), // {place}"));
                        }
                    }
                }
            }
        }
    }
    assert!(unknown.is_empty(), "say in NAMED, VARIABLES or PASSED which codes these can be: {unknown:#?}");
    for (_, at) in NAMED {
        let (file, begins) = at.split_once(": ").unwrap();
        let rest = all[file].split_once(begins).unwrap_or_else(|| panic!("{at} is no more")).1;
        let end = if begins.ends_with('=') { ";" } else { "\n    }\n" };
        let words = words(rest.split(end).next().unwrap());
        assert!(!words.is_empty(), "{at}");
        found.extend(words.into_iter().map(|word| (word, (*at).to_owned())));
    }
    for (file, begin, end) in VARIABLES {
        let rest = all[*file].split_once(begin).unwrap_or_else(|| panic!("{file}: {begin} is no more")).1;
        // A text that begins with a word has its quotation mark before it.
        let begins = if begin.ends_with('"') { "\"" } else { "" };
        let words = words(&format!("{begins}{}", rest.split(end).next().unwrap()));
        assert!(!words.is_empty(), "{file}: {begin}");
        found.extend(words.into_iter().map(|word| (word, (*file).to_owned())));
    }
    found
}

#[test]
fn the_manual_lists_the_codes_of_the_source_and_no_others() {
    let made = made();
    let listed: BTreeSet<&str> = GROUPS.iter().flat_map(|group| group.codes).map(|code| code.name).collect();
    let missing: Vec<_> = made.iter().filter(|(code, _)| !listed.contains(code.as_str())).collect();
    assert!(missing.is_empty(), "codes that pipeline/codes does not have: {missing:#?}");
    let unknown: Vec<_> = listed.iter().filter(|code| !made.contains_key(**code)).collect();
    assert!(unknown.is_empty(), "codes that nothing fails with: {unknown:?}");
}

#[test]
fn codes_are_listed_once_in_each_group_and_in_order() {
    for group in GROUPS {
        let names: Vec<&str> = group.codes.iter().map(|code| code.name).collect();
        let mut sorted = names.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(names, sorted, "{}", group.name);
        for code in group.codes {
            for text in [code.meaning, code.help] {
                assert!(text.ends_with('.') && !text.contains("  "), "{}: {text}", code.name);
            }
        }
    }
}

#[test]
fn explain_tells_of_every_code() {
    let explain = |word: &str| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_soapstone"));
        let output = command.args(["explain", word]).output().unwrap();
        assert!(output.status.success(), "{word}");
        String::from_utf8(output.stdout).unwrap()
    };
    let all = explain("failures");
    for group in GROUPS {
        for code in group.codes {
            assert!(all.contains(&format!("\n  {} ", code.name)), "{}", code.name);
        }
    }
    // A code and a cause of the same name are both told.
    let text = explain("timeout");
    assert!(
        text.contains("(a failure of this gateway)") && text.contains("(a cause of failed calls"),
        "{text}"
    );
    assert!(explain("no-such-file").contains("missing=skip"));
}
