//! What an engineer reads who made a mistake: wrong files in tests/findings, each with the findings it must give.
//!
//! The first line of each file says how many findings it must give, with the code and the place of each, so that a
//! golden cannot silently be wrong. A file of the same name in tests/findings/with is an overlay of it. `UPDATE_GOLDENS=1 cargo test --test findings` rewrites the goldens.
#![allow(clippy::disallowed_methods, reason = "tests read and write files")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

use std::fs;
use std::path::{Path, PathBuf};

use soapstone::compile::{Compiled, compile};
use soapstone::config::Layers;
use soapstone::source::{Form, render};
use soapstone::world::Memory;

/// The files whose JSON form is kept too.
const JSON: &[&str] = &["crlf", "duplicate-names", "unused", "wide-characters"];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/findings")
}

/// The files of a folder with their names, sorted.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries
        .filter(|path| path.is_file())
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(&path).unwrap()))
        .collect();
    files.sort();
    files
}

/// The wrong files, and what they name.
fn world() -> Memory {
    let mut world = Memory::default()
        .with_variable("TOKEN", "0123456789abcdef0123456789abcdef")
        .with_variable("SHORT_TOKEN", "0123456789")
        .with_variable("KEY", "no key")
        .with_variable("BRACES", "hunter2{soap.hunter2}");
    for (name, bytes) in files(&folder()) {
        world = world.file(name, bytes);
    }
    for below in ["files", "with"] {
        for (name, bytes) in files(&folder().join(below)) {
            world = world.file(Path::new(below).join(name), bytes);
        }
    }
    world
}

/// The names of the wrong files, without their ending.
fn cases() -> Vec<String> {
    let names = files(&folder()).into_iter();
    names.filter_map(|(name, _)| Some(name.strip_suffix(".kdl")?.to_owned())).collect()
}

/// The findings as the first line of a file writes them: `2 unknown-step 12:9, unused 3:5`.
fn stated(compiled: &Compiled) -> String {
    let findings = compiled.findings.sorted();
    let one = |finding: &&soapstone::source::Finding| {
        let place = compiled.sources.place(finding.span);
        format!("{} {}:{}", finding.code, place.line, place.column)
    };
    format!("{} {}", findings.len(), findings.iter().map(one).collect::<Vec<_>>().join(", "))
}

fn golden(name: &str, is: &str, wrong: &mut Vec<String>) {
    let path = folder().join(name);
    if std::env::var_os("UPDATE_GOLDENS").is_some() {
        fs::write(&path, is).unwrap();
    } else if fs::read_to_string(&path).unwrap_or_default() != is {
        wrong.push(format!("{name} says something else than:\n{is}"));
    }
}

#[test]
fn every_mistake_is_found_at_its_place_and_told_in_its_words() {
    let world = world();
    let mut wrong = Vec::new();
    for name in cases() {
        let path = format!("{name}.kdl");
        let overlay = Path::new("with").join(&path);
        let overlays = folder().join(&overlay).exists().then_some(overlay);
        let layers = Layers { file: path.clone().into(), overlays: overlays.into_iter().collect() };
        let compiled = compile(layers, &world);
        let first = fs::read_to_string(folder().join(&path)).unwrap();
        let first = first.lines().next().unwrap_or_default().trim_end();
        let stated = format!("// findings: {}", stated(&compiled));
        if first != stated {
            wrong.push(format!("{path} begins with `{first}`\n  and gives      `{stated}`"));
        }
        assert_eq!(compiled.gateway.is_none(), compiled.findings.has_errors(), "{path}");
        let text = render(&compiled.findings, &compiled.sources, Form::Text { colour: false });
        golden(&format!("{name}.txt"), &text, &mut wrong);
        if JSON.contains(&name.as_str()) {
            let json = render(&compiled.findings, &compiled.sources, Form::Json);
            golden(&format!("{name}.jsonl"), &json, &mut wrong);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_golden_belongs_to_a_file() {
    let cases = cases();
    assert!(cases.len() >= 48, "{} wrong files", cases.len());
    for (name, _) in files(&folder()) {
        let stem = name.split('.').next().unwrap_or_default();
        assert!(cases.iter().any(|case| case == stem), "{name} has no {stem}.kdl");
    }
    for (name, _) in files(&folder().join("with")) {
        assert!(cases.iter().any(|case| name == format!("{case}.kdl")), "with/{name} is no file's overlay");
    }
}
