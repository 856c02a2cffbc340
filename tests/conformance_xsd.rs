//! Conformance of XML Schema: the W3C suite, the well-known schemas, and the schemas of other stacks' suites.
#![cfg(feature = "conformance")]
#![allow(clippy::disallowed_methods, reason = "tests read files and the environment")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]
#![allow(clippy::print_stdout, reason = "the counts are the result")]

#[path = "support/corpora.rs"]
mod corpora;
#[path = "support/disk.rs"]
mod disk;
#[path = "support/suites.rs"]
mod suites;
#[path = "support/unpacked.rs"]
mod unpacked;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use serde_json::Value;
use soapstone::document::codec::{Codec, Limits};
use soapstone::document::text;
use soapstone::schema::grammar::{self, Grammar, Root};
use soapstone::schema::{Checking, Format, Occurs, Shape, ShapeKind, validate};
use soapstone::source::{Finding, Span};
use soapstone::xml::XML;

use disk::Disk;

/// A compiled schema, or what is wrong with it.
type Compiled = Result<Arc<Grammar>, String>;

fn compile(paths: &[PathBuf]) -> Compiled {
    let mut disk = Disk::default();
    let named: Vec<(PathBuf, Span)> = paths.iter().map(|path| (path.clone(), Span::default())).collect();
    let documents = grammar::load(&named, &mut disk);
    let (grammar, findings) = grammar::compile(&documents);
    let said = |finding: &Finding| format!("{}: {}", disk.sources.place(finding.span), finding.message);
    match findings.first() {
        None => Ok(Arc::new(grammar)),
        Some(first) => Err(said(first)),
    }
}

/// What is wrong with an instance; empty when it fits.
fn check(grammar: &Arc<Grammar>, path: &Path) -> Vec<String> {
    let bytes = fs::read(path).unwrap();
    let read =
        text::to_utf8(Bytes::from(bytes), None).and_then(|bytes| XML.decode(&bytes, &Limits::default()));
    let root = match read {
        Ok(root) => root,
        Err(error) => return vec![error.to_string()],
    };
    let Some(element) = grammar.root(&root.name) else {
        return vec![format!("no global element {}", root.name)];
    };
    let rule = Root { grammar: grammar.clone(), element };
    let shape = Shape {
        name: root.name.local.clone(),
        namespace: root.name.namespace.clone(),
        occurs: Occurs::ONCE,
        nillable: false,
        attributes: Vec::new(),
        kind: ShapeKind::Any,
        checking: Checking { rule: Some(Arc::new(rule)), ..Checking::default() },
        form: Default::default(),
    };
    let found = validate(&root, &shape, Format::Xml, 50);
    found.into_iter().map(|violation| format!("{}: {}", violation.path, violation.message)).collect()
}

/// The cases of the suite that fail, with the construct each fails for.
fn known() -> BTreeMap<String, String> {
    let text = include_str!("conformance_xsd_known.txt");
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    lines.map(|line| line.split_once("  ").unwrap()).map(|(a, b)| (a.to_owned(), b.to_owned())).collect()
}

/// The counts of one kind of test.
#[derive(Default)]
struct Count {
    passed: usize,
    failed: BTreeMap<String, Vec<String>>,
    agreed: (usize, usize),
}

impl Count {
    fn add(&mut self, case: &Value, id: String, wrong: Option<String>, agrees: bool) {
        let set = case["set"].as_str().unwrap().split('/').next_back().unwrap().to_owned();
        self.agreed.1 += usize::from(agrees);
        match wrong {
            None => {
                self.passed += 1;
                self.agreed.0 += usize::from(agrees);
            }
            Some(why) => self.failed.entry(set).or_default().push(format!("{id}  {why}")),
        }
    }

    fn print(&self, what: &str) {
        let failed: usize = self.failed.values().map(Vec::len).sum();
        println!("{what}: {} cases, {} passed, {failed} failed", self.passed + failed, self.passed);
        let (passed, all) = self.agreed;
        let share = passed as f64 * 100.0 / all.max(1) as f64;
        println!("  where libxml2 agrees with the suite: {passed} of {all} passed ({share:.1} %)");
        for (set, cases) in &self.failed {
            println!("  failed in {set}: {}", cases.len());
        }
        if std::env::var_os("XSTS_VERBOSE").is_some() {
            self.failed.values().flatten().for_each(|case| println!("    {case}"));
        }
    }
}

/// The verdict that the suite expects of version 1.0; `None` for tests of 1.1 alone.
fn expected(case: &Value) -> Option<bool> {
    if case["version"].as_str().is_some_and(|version| version != "1.0") {
        return None;
    }
    match case["expected"]["1.0"].as_str()? {
        "valid" => Some(true),
        "invalid" => Some(false),
        _ => None,
    }
}

#[test]
fn the_w3c_suite() {
    let folder = corpora::folder("xsts");
    let unpacked = unpacked::Unpacked::new(&folder.join("xsts-sample.tar.xz"));
    let (mut schemas, mut instances, mut others) = (Count::default(), Count::default(), 0);
    let mut cache: (Vec<PathBuf>, Option<Compiled>) = Default::default();
    let mut slowest = (Duration::ZERO, String::new());
    for line in fs::read_to_string(folder.join("cases.jsonl")).unwrap().lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let paths = |value: &Value| -> Vec<PathBuf> {
            let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
            list.iter().map(|path| unpacked.0.join(path.as_str().unwrap())).collect()
        };
        let (documents, is_schema) = (paths(&case["schema"]), case["kind"] == "schemaTest");
        let is_there = documents.iter().chain(&paths(&case["instance"])).all(|path| path.exists());
        let Some(valid) = expected(&case).filter(|_| !documents.is_empty() && is_there) else {
            others += 1;
            continue;
        };
        let began = Instant::now();
        let id = [&case["set"], &case["group"], &case["test"]].map(|part| part.as_str().unwrap()).join("#");
        if cache.0 != documents || cache.1.is_none() {
            cache = (documents.clone(), Some(compile(&documents)));
        }
        let compiled = cache.1.as_ref().unwrap();
        let libxml2 = case["libxml2"].as_str().unwrap_or_default();
        if is_schema {
            let agrees = libxml2 == if valid { "valid" } else { "schema-error" };
            let wrong = match (compiled, valid) {
                (Err(why), true) => Some(format!("refused: {why}")),
                (Ok(_), false) => Some("accepted, and it is wrong".to_owned()),
                _ => None,
            };
            schemas.add(&case, id, wrong, agrees);
        } else {
            let agrees = libxml2 == if valid { "valid" } else { "invalid" };
            let wrong = match compiled {
                Err(why) => Some(format!("the schema is refused: {why}")),
                Ok(grammar) => {
                    let found: Vec<String> =
                        paths(&case["instance"]).iter().flat_map(|path| check(grammar, path)).collect();
                    match (found.first(), valid) {
                        (Some(first), true) => Some(format!("refused: {first}")),
                        (None, false) => Some("accepted, and it does not fit".to_owned()),
                        _ => None,
                    }
                }
            };
            instances.add(&case, id, wrong, agrees);
        }
        slowest = slowest.max((began.elapsed(), line.chars().take(120).collect()));
    }
    println!(
        "tests of version 1.1, or without a verdict or their files: {others}; slowest {:?}: {}",
        slowest.0, slowest.1
    );
    schemas.print("schema tests");
    instances.print("instance tests");
    compare(&[&schemas, &instances]);
}

/// Compares the failures with the known ones.
fn compare(counts: &[&Count]) {
    let failed = |count: &&Count| -> Vec<String> { count.failed.values().flatten().cloned().collect() };
    let failed: Vec<String> = counts.iter().flat_map(failed).collect();
    let ids: BTreeSet<&str> = failed.iter().filter_map(|case| Some(case.split_once("  ")?.0)).collect();
    let known = known();
    let fresh: Vec<&String> =
        failed.iter().filter(|case| !known.contains_key(case.split_once("  ").unwrap().0)).collect();
    let gone: Vec<&String> = known.keys().filter(|id| !ids.contains(id.as_str())).collect();
    assert!(fresh.is_empty(), "these failed that passed before: {fresh:#?}");
    assert!(gone.is_empty(), "these pass now: remove them from conformance_xsd_known.txt: {gone:#?}");
}

#[test]
fn well_known_schemas_compile() {
    let mut found = Vec::new();
    suites::documents(&corpora::folder("wellknown-xsd"), &mut found);
    // The schema of WSDL, of which its types are, is not among them.
    found.retain(|path| !path.ends_with("wsdl-soap.xsd"));
    found.sort();
    // Those that import others by address find them among the documents that are named with them.
    let compiled = compile(&found);
    assert!(compiled.is_ok(), "{:?}", compiled.err());
    println!("well-known schemas: {} compile together", found.len());
}

#[test]
fn schemas_of_other_suites_neither_panic_nor_take_long() {
    const LONGEST: Duration = Duration::from_secs(20);
    let found = suites::schemas();
    let (mut accepted, mut refused) = (0, BTreeMap::<String, Vec<String>>::new());
    for path in &found {
        let began = Instant::now();
        match compile(std::slice::from_ref(path)) {
            Ok(_) => accepted += 1,
            Err(why) => {
                let what = why.split(": ").nth(1).unwrap_or_default();
                let reason: String = what.split('`').step_by(2).collect();
                refused.entry(reason).or_default().push(why);
            }
        }
        assert!(began.elapsed() < LONGEST, "{} took {:?}", path.display(), began.elapsed());
    }
    // Many are parts of others, or import documents that were not collected.
    println!("schemas of other suites: {} in all, {accepted} compile", found.len());
    for (reason, cases) in &refused {
        println!("  refused ({}): {reason}; such as {}", cases.len(), cases[0]);
    }
    assert!(accepted * 10 >= found.len() * 7, "{accepted} of {} compile", found.len());
}
