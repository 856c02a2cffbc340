//! Conformance of XML, JSON and JSONPath against the suites of others.
#![cfg(feature = "conformance")]
#![allow(clippy::disallowed_methods, reason = "tests read files and the environment")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::string_slice,
    reason = "a test may stop at the first surprise"
)]
#![allow(clippy::print_stdout, reason = "the counts are the result")]

#[path = "support/corpora.rs"]
mod corpora;
#[path = "support/recipes.rs"]
mod recipes;
#[path = "support/tally.rs"]
mod tally;
#[path = "support/unpacked.rs"]
mod unpacked;

use std::fs;
use std::time::{Duration, Instant};

use bytes::Bytes;
use serde_json::Value;
use soapstone::document::codec::{Codec, Limits, Malformed, MalformedKind};
use soapstone::document::json::JSON;
use soapstone::document::path::{At, Found, Language, Path};
use soapstone::document::text;
use soapstone::document::tree::{Element, Name};
use soapstone::xml::XML;

use tally::Tally;

/// Documents of the W3C suite that are read otherwise, each with its reason.
const XML_OTHERWISE: &[(&str, &str)] =
    &[("o-p04pass1", "well-formed only without namespaces: a local name begins with a combining character")];

/// Queries of the JSONPath suite that are read otherwise, each with its reason.
const PATHS_OTHERWISE: &[(&str, &str)] = &[
    ("functions, match, regex from the document", FROM_THE_DOCUMENT),
    ("functions, match, arg is a function expression", FROM_THE_DOCUMENT),
    ("functions, search, regex from the document", FROM_THE_DOCUMENT),
    ("functions, search, arg is a function expression", FROM_THE_DOCUMENT),
];

const FROM_THE_DOCUMENT: &str =
    "a pattern stands in the path: one from a document would be compiled for each node";

fn decode(codec: &dyn Codec, bytes: Vec<u8>, charset: Option<&str>) -> Result<Element, Malformed> {
    codec.decode(&text::to_utf8(Bytes::from(bytes), charset)?, &Limits::default())
}

/// Whether there is a document type declaration, outside of comments, CDATA and processing instructions.
fn has_dtd(text: &str) -> bool {
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        rest = &rest[at..];
        let quoted = [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>")];
        let end = quoted.iter().find(|(start, _)| rest.starts_with(start)).map(|(_, end)| *end);
        if rest.starts_with("<!DOCTYPE") {
            return true;
        }
        rest = end.and_then(|end| rest.split_once(end)).map_or(&rest[1..], |(_, after)| after);
    }
    false
}

#[test]
fn xml_of_the_w3c_suite() {
    let folder = corpora::folder("xmlconf");
    let unpacked = unpacked::Unpacked::new(&folder.join("xmlconf.tar.xz"));
    let mut tally = Tally::new("xmlconf");
    for line in fs::read_to_string(folder.join("cases.jsonl")).unwrap().lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let (id, kind) = (case["ID"].as_str().unwrap(), case["TYPE"].as_str().unwrap());
        let bytes = fs::read(unpacked.0.join(case["path"].as_str().unwrap())).unwrap();
        let has_dtd = text::decode(&bytes, None).is_ok_and(|text| has_dtd(&text));
        let read = decode(&XML, bytes, None);
        if let Some((_, reason)) = XML_OTHERWISE.iter().find(|(name, _)| *name == id) {
            tally.skip(reason);
            continue;
        }
        match read {
            Ok(_) if has_dtd => tally.fail(id, "accepted with a document type declaration"),
            Ok(_)
                if kind == "not-wf"
                    && case["EDITION"].as_str().is_some_and(|editions| !editions.contains('5')) =>
            {
                tally.skip("not well-formed before the fifth edition of XML 1.0, which allows more names");
            }
            Ok(_) if kind == "not-wf" => tally.fail(id, "accepted, and it is not well-formed"),
            Ok(_) => tally.pass(),
            Err(error) if kind == "not-wf" || kind == "error" => tally.pass_with(&error.message),
            Err(error) if error.kind == MalformedKind::Dtd => tally.pass(),
            Err(error) if error.kind == MalformedKind::Charset => {
                tally.skip("in a character set that is not read")
            }
            Err(error) => tally.fail(id, &format!("refused: {error}")),
        }
    }
    tally.finish(1_300);
}

/// Cases whose expectation is of a gateway with a schema, not of a reader of XML or JSON.
const OF_THE_GATEWAY: &[(&str, &str)] = &[
    ("xinclude.xml", "well-formed: the contract refuses the element, and nothing is included"),
    ("ns-unqualified-child.xml", "well-formed: the contract refuses the name"),
    ("ns-wrong-case.xml", "well-formed: the contract refuses the name"),
    ("json-big-int.json", "JSON numbers have no bounds: the profile's type refuses it"),
    ("json-big-exp.json", "JSON numbers have no bounds: the profile's type refuses it"),
];

fn robust(name: &str, codec: &dyn Codec, least: usize) {
    let folder = corpora::folder(&format!("robust/{name}"));
    let mut tally = Tally::new(&format!("robust/{name}"));
    let manifest: Value = serde_json::from_slice(&fs::read(folder.join("manifest.json")).unwrap()).unwrap();
    for case in manifest.as_array().unwrap() {
        let file = case["file"].as_str().unwrap();
        let mut bytes = fs::read(folder.join(file)).unwrap();
        if file.ends_with(".gen.json") {
            bytes = recipes::expand(&serde_json::from_slice(&bytes).unwrap());
        }
        let charset = case["content_type"].as_str().and_then(|t| t.split_once("charset=")).map(|(_, c)| c);
        let begun = Instant::now();
        let read = decode(codec, bytes, charset);
        let allowed = Duration::from_secs(case["max_seconds"].as_u64().unwrap_or(2));
        let message = read.as_ref().err().map(ToString::to_string).unwrap_or_default();
        match (case["expect"].as_str().unwrap(), read.is_ok()) {
            _ if begun.elapsed() > allowed => tally.fail(file, &format!("took {:?}", begun.elapsed())),
            ("reject", true) => match OF_THE_GATEWAY.iter().find(|(name, _)| *name == file) {
                Some((_, reason)) => tally.skip(reason),
                None => tally.fail(file, "accepted"),
            },
            ("ok" | "accept", false) => tally.fail(file, &format!("refused: {message}")),
            _ => tally.pass_with(&message),
        }
    }
    tally.finish(least);
}

#[test]
fn xml_that_attacks() {
    robust("xml", &XML, 60);
}

#[test]
fn json_that_attacks() {
    robust("json", &JSON, 9);
}

#[test]
fn json_of_the_parsing_suite() {
    let mut tally = Tally::new("json-parsing");
    let limits = Limits { depth: 1000, ..Limits::default() };
    let mut files: Vec<_> = fs::read_dir(corpora::folder("json-parsing/test_parsing")).unwrap().collect();
    files.sort_by_key(|file| file.as_ref().unwrap().path());
    for file in files {
        let path = file.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let read = JSON.decode(&Bytes::from(fs::read(&path).unwrap()), &limits);
        match (name.split('_').next().unwrap(), &read) {
            ("y", Err(error)) if error.message.contains("already in the object") => {
                tally.skip(
                    "a name twice in an object is refused on purpose (RFC 8259, section 4, leaves it open)",
                );
            }
            ("y", Err(error)) => tally.fail(&name, &format!("refused: {error}")),
            ("n", Ok(_)) => tally.fail(&name, "accepted"),
            _ => tally.pass(),
        }
    }
    tally.finish(145);
}

/// A JSON text of what a path found, without the name it has as a member.
fn bare(found: Found<'_>) -> Value {
    let Found::Element(element) = found else { panic!("JSON has no attributes") };
    let mut out = Vec::new();
    JSON.encode(&Element { name: Name::default(), ..element.clone() }, &mut out).unwrap();
    serde_json::from_slice(&out).unwrap()
}

#[test]
fn jsonpath_of_the_compliance_suite() {
    let mut tally = Tally::new("jsonpath-cts");
    let suite = fs::read(corpora::folder("jsonpath-cts").join("cts.json")).unwrap();
    let suite: Value = serde_json::from_slice(&suite).unwrap();
    for case in suite["tests"].as_array().unwrap() {
        let (name, selector) = (case["name"].as_str().unwrap(), case["selector"].as_str().unwrap());
        // A path of ours may be relative; the suite's are absolute, and without `$` invalid.
        let path =
            if selector.starts_with('$') { Path::parse(selector, Language::JsonPath).ok() } else { None };
        let wrong = match path {
            None if case["invalid_selector"] == true => None,
            None => Some("refused".to_owned()),
            Some(_) if case["invalid_selector"] == true => Some("accepted, and it is invalid".to_owned()),
            Some(path) => {
                let document = serde_json::to_vec(&case["document"]).unwrap();
                let root = decode(&JSON, document, None).unwrap();
                let found = Value::Array(path.select(At::Document(&root)).into_iter().map(bare).collect());
                let one_of = case["results"].as_array().is_some_and(|results| results.contains(&found));
                (found != case["result"] && !one_of).then(|| format!("found {found}"))
            }
        };
        match (wrong, PATHS_OTHERWISE.iter().find(|(n, _)| *n == name)) {
            (None, _) => tally.pass(),
            (Some(_), Some((_, reason))) => tally.skip(reason),
            (Some(wrong), None) => tally.fail(name, &format!("{selector}: {wrong}")),
        }
    }
    tally.finish(318);
}
