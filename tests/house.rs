//! The laws of the house, read from the source: layers, sizes, opening lines, and where `unsafe` may stand.
#![allow(clippy::disallowed_methods, reason = "these tests read the source files")]
#![allow(clippy::unwrap_used, clippy::string_slice, reason = "a test may stop at the first surprise")]

use std::fs;
use std::path::Path;

/// The layers of ARCHITECTURE.md, lowest first. A module uses modules of lower layers only.
const LAYERS: &[&[&str]] = &[
    &["source", "syntax", "world", "document", "xml"],
    &[
        "soap", "wsdl", "schema", "script", "edi", "mime", "wsse", "sql", "state", "picture", "openapi",
        "client", "broker",
    ],
    &["pipeline"],
    &["kind"],
    &["config", "step", "map", "connector", "profile", "listener", "auth"],
    &["compile"],
    &["serve", "admin"],
    &["main", "cli"],
];

/// The arrows within a layer: the first module may use the second.
const BESIDE: &[(&str, &str)] = &[
    ("syntax", "source"),
    ("syntax", "world"),
    ("xml", "document"),
    ("script", "schema"),
    ("broker", "client"),
    ("openapi", "schema"),
    ("wsdl", "schema"),
    ("soap", "schema"),
    ("soap", "mime"),
    ("sql", "schema"),
    ("admin", "serve"),
    ("main", "cli"),
];

/// Lines a source file may have.
const LONGEST_FILE: usize = 500;

/// What Cargo cannot forbid per file, because a lint set in Cargo.toml holds for a whole package.
const MAY_BE_UNSAFE: &[&str] = &["crates/resolve/"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every `.rs` file under the folder, as its path from the root and its text.
fn sources(folder: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for path in entries.map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.push((from_root(&path), fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

fn from_root(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().display().to_string()
}

fn all_sources() -> Vec<(String, String)> {
    ["src", "crates", "tests", "benches"].into_iter().flat_map(sources).collect()
}

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

/// The text without comments and string contents, so that words in them count for nothing. Lines stay lines.
fn code_of(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let length = skipped(rest);
        if length == 0 {
            code.push(c);
            rest = &rest[c.len_utf8()..];
        } else {
            code.push(' ');
            code.extend(rest[..length].matches('\n'));
            rest = &rest[length..];
        }
    }
    code
}

/// How many bytes at the start of the text are a comment, a string or a character.
fn skipped(text: &str) -> usize {
    let until =
        |end: &str, from: usize| text[from..].find(end).map_or(text.len(), |at| from + at + end.len());
    if text.starts_with("//") {
        return text.find('\n').unwrap_or(text.len());
    }
    if text.starts_with("/*") {
        return until("*/", 2);
    }
    let raw = text.strip_prefix('r').map(|rest| rest.len() - rest.trim_start_matches('#').len());
    if let Some(hashes) = raw
        && text[1 + hashes..].starts_with('"')
    {
        return until(&format!("\"{}", "#".repeat(hashes)), hashes + 2);
    }
    if text.starts_with("'\\") {
        return until("'", 3);
    }
    if text.starts_with("'") && text.chars().nth(2) == Some('\'') {
        return text.char_indices().nth(3).map_or(text.len(), |(at, _)| at);
    }
    if !text.starts_with('"') {
        return 0;
    }
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The modules at the top of the crate that a text names: `crate::a::..`, `crate::{a, b::c}`, and in `main.rs` also
/// `soapstone::a`. With each the line it stands on.
fn uses(code: &str, prefix: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices(prefix) {
        let line = code[..at].matches('\n').count() + 1;
        let before = code[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let rest = &code[at + prefix.len()..];
        match rest.strip_prefix('{') {
            None => found.push((line, first_word(rest))),
            Some(group) => found.extend(heads(group).into_iter().map(|head| (line, head))),
        }
    }
    found
}

fn first_word(text: &str) -> String {
    text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// The first words of a `{a, b::{c, d}, e}` group whose opening brace is already read.
fn heads(group: &str) -> Vec<String> {
    let mut heads = vec![first_word(group)];
    let mut depth = 1;
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => heads.push(first_word(&group[at + 1..])),
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    heads.retain(|head| !head.is_empty());
    heads
}

/// What is wrong with one file's arrows.
fn wrong_arrows(path: &str, text: &str) -> Vec<String> {
    let module =
        path.trim_start_matches("src/").split('/').next().unwrap().trim_end_matches(".rs").to_owned();
    if module == "lib" {
        return Vec::new();
    }
    let Some(own) = layer(&module) else {
        return vec![format!(
            "{path}: module `{module}` is in no layer; put it into LAYERS in tests/house.rs"
        )];
    };
    let code = code_of(text);
    let prefixes: &[&str] = if module == "main" { &["soapstone::", "crate::"] } else { &["crate::"] };
    let arrows = prefixes.iter().flat_map(|prefix| uses(&code, prefix));
    arrows
        .filter(|(_, used)| *used != module)
        .filter_map(|(line, used)| {
            // Not a module: a name of the crate's own root, such as a macro.
            let other = layer(&used)?;
            let fine = other < own || BESIDE.contains(&(module.as_str(), used.as_str()));
            (!fine).then(|| format!("{path}:{line}: `{module}` may not use `{used}`"))
        })
        .collect()
}

fn none(findings: Vec<String>, law: &str) {
    assert!(findings.is_empty(), "{law}\n{}", findings.join("\n"));
}

#[test]
fn modules_use_only_what_lies_below_them() {
    let findings = sources("src").iter().flat_map(|(path, text)| wrong_arrows(path, text)).collect();
    none(findings, "Dependencies point down (ARCHITECTURE.md, Layers):");
}

#[test]
fn a_wrong_arrow_is_found_however_it_is_written() {
    let wrong = |path: &str, text: &str| wrong_arrows(path, text).len();
    assert_eq!(wrong("src/step/map.rs", "use crate::map::Program;"), 1);
    assert_eq!(wrong("src/step/map.rs", "use crate::{kind::Kind, listener::{soap, rest}, xml};"), 1);
    assert_eq!(wrong("src/kind.rs", "fn f() -> crate::compile::Plan {}"), 1);
    assert_eq!(wrong("src/source/mod.rs", "use crate::syntax::Node;"), 1);
    assert_eq!(wrong("src/syntax/mod.rs", "use crate::source::Span;"), 0);
    assert_eq!(
        wrong("src/xml/mod.rs", "// crate::serve::x\nconst S: &str = \"crate::serve\"; use crate::xml::y;"),
        0
    );
    assert_eq!(
        wrong(
            "src/xml/mod.rs",
            "const S: &str = r#\"crate::serve\"#; const C: char = '\"'; use crate::serve;"
        ),
        1
    );
    assert_eq!(wrong("src/main.rs", "use soapstone::cli; use soapstone::serve::Server;"), 0);
    assert_eq!(wrong("src/unheard/of.rs", ""), 1);
}

#[test]
fn files_are_short() {
    let long = |(path, text): (String, String)| {
        let lines = text.lines().count();
        (lines > LONGEST_FILE).then(|| format!("{path}: {lines} lines"))
    };
    let findings = sources("src").into_iter().chain(sources("crates")).filter_map(long).collect();
    none(findings, "One concept a file, at most 500 lines:");
}

#[test]
fn every_file_opens_with_one_sentence() {
    let wrong = |(path, text): (String, String)| {
        let opening = text.lines().next().unwrap_or("");
        let says = opening.strip_prefix("//! ").is_some_and(|sentence| sentence.trim().len() > 10);
        (!says).then(|| format!("{path}: opens with {opening:?}"))
    };
    let findings = all_sources().into_iter().filter_map(wrong).collect();
    none(findings, "A file opens with one `//!` sentence that says what it is for:");
}

#[test]
fn unsafe_stands_in_one_crate_only() {
    let mut findings = Vec::new();
    for (path, text) in all_sources() {
        if MAY_BE_UNSAFE.iter().any(|folder| path.starts_with(folder)) {
            continue;
        }
        for (number, line) in code_of(&text).lines().enumerate() {
            let mut words = line.split(|c: char| !c.is_alphanumeric() && c != '_');
            if words.any(|word| word == "unsafe") {
                findings.push(format!("{path}:{}: unsafe", number + 1));
            }
        }
    }
    for path in ["src/lib.rs", "src/main.rs"] {
        let text = fs::read_to_string(root().join(path)).unwrap();
        if !text.contains("#![forbid(unsafe_code)]") {
            findings.push(format!("{path}: says no #![forbid(unsafe_code)]"));
        }
    }
    none(findings, "`unsafe` is for crates/resolve alone:");
}

#[test]
fn conformance_tests_run_only_when_asked_for() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let targets: Vec<&str> = manifest.split("[[test]]").skip(1).collect();
    let wrong = |(path, _): (String, String)| {
        let name = path
            .strip_prefix("tests/")?
            .strip_suffix(".rs")
            .filter(|name| name.starts_with("conformance"))?;
        let line = format!("name = \"{name}\"");
        let target = targets.iter().find(|target| target.contains(&line));
        let gated = target.is_some_and(|target| target.contains("required-features = [\"conformance\"]"));
        (!gated).then(|| format!("{path}: Cargo.toml has no [[test]] {line} with required-features"))
    };
    let findings = sources("tests").into_iter().filter_map(wrong).collect();
    none(findings, "script/test needs nothing beside the clone:");
}
