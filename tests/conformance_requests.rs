//! Conformance of requests: for each operation of the contracts of others a request of sample data, checked by other stacks.
#![cfg(feature = "conformance")]
#![allow(clippy::disallowed_methods, reason = "tests read files and the environment")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]
#![allow(clippy::print_stdout, reason = "the counts are the result")]

#[path = "support/contracts.rs"]
mod contracts;
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
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use soapstone::document::codec::Limits;
use soapstone::document::tree::{Content, Element, Name, Node};
use soapstone::schema::Rule;
use soapstone::schema::grammar::sample::{Extent, NoSample, Sampler};
use soapstone::schema::grammar::{self, ElementId, Grammar, Root};
use soapstone::soap::{Version, encoding, encoding_write, envelope, write};
use soapstone::source::{Severity, Span};
use soapstone::wsdl::read::{Call, Contract, Loaded, Protocol, read};
use soapstone::xml;

use disk::Disk;

/// No contract may take longer to read and to build all its requests.
const LONGEST: Duration = Duration::from_secs(30);

/// A contract with its grammar.
struct Compiled {
    contract: Contract,
    grammar: Arc<Grammar>,
}

/// `None` for what `conformance_wsdl.rs` counts as refused.
fn compiled(path: &Path) -> Option<Compiled> {
    let mut disk = Disk::default();
    let Loaded { contracts, documents, findings } = read(&[(path.to_owned(), Span::default())], &mut disk);
    if findings.iter().any(|finding| finding.severity == Severity::Error) {
        return None;
    }
    let (grammar, findings) = grammar::compile(&documents);
    let contract = contracts.into_iter().next().filter(|_| findings.is_empty())?;
    Some(Compiled { contract, grammar: Arc::new(grammar) })
}

/// The requests of a contract: each with its place, or why there is none.
type Requests = Vec<(String, Result<String, String>)>;

fn requests(compiled: &Compiled) -> Requests {
    let sampler = Sampler::new(compiled.grammar.clone());
    let mut found = Vec::new();
    for (number, endpoint) in compiled.contract.endpoints().into_iter().enumerate() {
        if !endpoint.binding.protocol.is_soap() {
            continue;
        }
        let (calls, left) = compiled.contract.calls(&endpoint);
        found.extend(left.into_iter().map(|left| (format!("{number}/{}", left.name), Err(left.why))));
        for (place, call) in calls.iter().enumerate() {
            let least = if call.request.is_encoded { Extent::Parts } else { Extent::Least };
            for extent in [least, Extent::Full] {
                let id = format!("{number}/{place}/{}/{extent:?}", call.bound.name);
                found.push((id, request(compiled, &sampler, call, extent)));
            }
        }
    }
    found
}

/// An envelope with all header blocks that the contract declares, accepted by our own check as it was written.
fn request(
    compiled: &Compiled,
    sampler: &Sampler,
    call: &Call<'_>,
    extent: Extent,
) -> Result<String, String> {
    let grammar = &compiled.grammar;
    let version = if call.protocol() == &Protocol::Soap12 { Version::V12 } else { Version::V11 };
    let root = |name: &Name| grammar.root(name).ok_or_else(|| format!("no schema declares {name}"));
    let sample = |name: &Name| -> Result<Element, String> {
        sampler.sample(root(name)?, extent).map_err(|why| format!("{name}: {why:?}"))
    };
    let documents: Vec<Element> = call.request.body.iter().map(sample).collect::<Result<_, _>>()?;
    let headers: Vec<Element> = call.request.headers.iter().map(sample).collect::<Result<_, _>>()?;
    let mut body = documents.clone();
    for (element, name) in body.iter_mut().zip(&call.request.body).filter(|_| call.request.is_encoded) {
        encoding_write::encode(element, grammar, root(name)?, version);
    }
    let frame = write::Frame::envelope(version, "", &[], None);
    let mut out = Vec::new();
    frame.begin(version, &headers, &mut out);
    body.iter().for_each(|element| xml::write_element(element, None, &mut out));
    out.extend_from_slice(&frame.after);
    let text = String::from_utf8(out).unwrap();
    let envelope = xml::parse(&text, &Limits::default()).map_err(|malformed| malformed.message)?;
    for element in envelope.elements().flat_map(Element::elements) {
        check(sampler, grammar, element).map_err(|wrong| format!("as it was written: {wrong}"))?;
    }
    if call.request.is_encoded && !documents.is_empty() {
        is_read_back(envelope, documents)?;
    }
    Ok(text)
}

/// Reads an encoded body as a gateway does: but for what the encoding says of types, it is the document that was written.
fn is_read_back(envelope: Element, documents: Vec<Element>) -> Result<(), String> {
    let mut message =
        envelope::take(envelope, Version::ALL, &Default::default()).map_err(|e| format!("{e:?}"))?;
    assert!(message.is_encoded);
    let read = message.take_body(true, &Limits::default(), &|_| false).map_err(|e| format!("{e:?}"))?;
    let [read, sent] = [read, documents.into_iter().next()].map(|element| {
        let mut element = element.unwrap_or_default();
        plain(&mut element);
        element
    });
    if read == sent { Ok(()) } else { Err(format!("read as {read:?}, not {sent:?}")) }
}

/// Takes away what the encoding writes itself.
fn plain(element: &mut Element) {
    let encodings = [encoding::ENCODING_11, encoding::ENCODING_12, xml::XSI];
    element.attributes.retain(|attribute| {
        let is_of_encoding = attribute.name.namespace.as_deref().is_some_and(|own| encodings.contains(&own));
        !(is_of_encoding || attribute.name.is("", "id") || attribute.name.is("", "href"))
    });
    if let Content::Children(nodes) = &mut element.content {
        for node in nodes {
            if let Node::Element(child) = node {
                plain(child);
            }
        }
    }
}

/// Checks an element by the declaration of its name, or by what that may stand for.
fn check(sampler: &Sampler, grammar: &Grammar, element: &Element) -> Result<(), String> {
    let root = grammar.root(&element.name).ok_or_else(|| format!("{} is not declared", element.name))?;
    sampler.check(root, element)
}

/// The schemas of a grammar as text.
fn schemas(grammar: &Arc<Grammar>, root: ElementId) -> Vec<Value> {
    let root = Root { grammar: grammar.clone(), element: root };
    let published = root.published().unwrap_or_default();
    published.iter().map(|one| json!({ "namespace": one.namespace.as_deref(), "text": one.text })).collect()
}

/// What the other stacks say: a line for each contract.
fn judged(lines: &[String]) -> Vec<Value> {
    let folder = std::env::temp_dir().join(format!("soapstone-requests-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let given = folder.join("given.jsonl");
    fs::write(&given, lines.join("\n")).unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = root.join(".tools/venv/bin/python");
    let script = root.join("tests/clients/request_check.py");
    let done = Command::new(&python).arg(script).arg(&given).arg(corpora::folder("")).output();
    let done = done.unwrap_or_else(|error| panic!("{}: {error}: run script/setup", python.display()));
    fs::remove_dir_all(&folder).unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let text = String::from_utf8(done.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// What was counted.
#[derive(Default)]
struct Counts {
    contracts: usize,
    /// Requests that were built: two for each operation, one of them with all that is optional.
    built: usize,
    encoded: usize,
    /// Those of them with items in an array.
    arrays: usize,
    spoiled: [u64; 2],
    by: BTreeMap<String, (usize, usize)>,
    constructs: BTreeMap<String, usize>,
    /// What is wrong, by the contract and the place in it.
    wrong: BTreeMap<String, String>,
}

impl Counts {
    /// Takes in what was said of one contract.
    fn add(&mut self, said: &Value) {
        let file = said["file"].as_str().unwrap();
        let by = said["by"].as_str().unwrap_or("nothing");
        let count = self.by.entry(by.to_owned()).or_default();
        count.0 += 1;
        count.1 += usize::try_from(said["checked"].as_u64().unwrap()).unwrap();
        if let (Some(why), true) = (said["why"].as_str(), std::env::var_os("WSDL_VERBOSE").is_some()) {
            println!("  {file} by {by}: {why}");
        }
        for (sum, name) in self.spoiled.iter_mut().zip(["spoiled", "refused"]) {
            *sum += said[name].as_u64().unwrap();
        }
        if by == "nothing" {
            self.wrong.insert(file.to_owned(), said["why"].as_str().unwrap().to_owned());
        }
        for (id, why) in said["wrong"].as_object().unwrap() {
            self.wrong.insert(format!("{file} {id}"), format!("{by}: {}", why.as_str().unwrap()));
        }
        for (name, ids) in said["constructs"].as_object().unwrap() {
            *self.constructs.entry(name.clone()).or_default() += ids.as_array().unwrap().len();
        }
    }

    fn print(&self) {
        println!(
            "requests: {} built for {} operations of {} contracts, {} of them encoded and read back, {} with arrays",
            self.built,
            self.built / 2,
            self.contracts,
            self.encoded,
            self.arrays
        );
        for (by, (contracts, requests)) in &self.by {
            println!("  {requests} of {contracts} contracts accepted by {by}");
        }
        println!(
            "  {} places that are known to differ (tests/conformance_requests_known.txt)",
            self.wrong.len()
        );
        let [spoiled, refused] = self.spoiled;
        println!("  of {spoiled} with a foreign element at the end of the body {refused} are refused");
        for (construct, count) in &self.constructs {
            println!("  {count} with {construct}");
        }
    }
}

#[test]
fn requests_of_contracts_are_accepted_by_others() {
    let root = corpora::folder("");
    let (mut counts, mut lines) = (Counts::default(), Vec::new());
    let mut slowest = (Duration::ZERO, String::new());
    for case in contracts::cases().iter().filter(|case| case.is_usable()) {
        let began = Instant::now();
        let path = root.join(&case.file);
        let Some(compiled) = compiled(&path) else { continue };
        let requests = requests(&compiled);
        slowest = slowest.max((began.elapsed(), case.file.clone()));
        counts.contracts += usize::from(!requests.is_empty());
        let mut envelopes = Vec::new();
        for (id, request) in requests {
            match request {
                Ok(text) => envelopes.push(json!({ "id": id, "xml": text })),
                Err(why) => {
                    counts.wrong.insert(format!("{} {id}", case.file), why);
                }
            }
        }
        counts.built += envelopes.len();
        let is_encoded = |one: &&Value| one["xml"].as_str().unwrap().contains("encodingStyle");
        counts.encoded += envelopes.iter().filter(is_encoded).count();
        let has_items = |one: &&Value| one["xml"].as_str().unwrap().contains("[2]\"");
        counts.arrays += envelopes.iter().filter(has_items).count();
        let any = compiled.grammar.roots().next().and_then(|name| compiled.grammar.root(name));
        let Some(any) = any.filter(|_| !envelopes.is_empty()) else { continue };
        let schemas = schemas(&compiled.grammar, any);
        let line = json!({ "file": case.file, "wsdl": path, "schemas": schemas, "envelopes": envelopes });
        lines.push(line.to_string());
    }
    println!("slowest to build {:?}: {}", slowest.0, slowest.1);
    assert!(slowest.0 < LONGEST, "{} took {:?}", slowest.1, slowest.0);
    for said in judged(&lines) {
        counts.add(&said);
    }
    counts.print();
    compare(&counts.wrong);
    assert!(counts.built >= BUILT && counts.encoded >= ENCODED, "fewer requests are built than were");
    assert!(
        counts.spoiled[1] * 10 >= counts.spoiled[0] * 8,
        "what checks the requests lets too much through"
    );
    let unused: Vec<_> =
        REFUSED_BY_OTHERS.iter().filter(|name| !counts.constructs.contains_key(**name)).collect();
    assert!(unused.is_empty(), "no request was built with {unused:?}");
}

/// Requests that are built at least, and those of them that are encoded.
const BUILT: usize = 7_520;
const ENCODED: usize = 950;

/// Constructs of schemas for which another product refuses operations. No operation fails for one of them here.
const REFUSED_BY_OTHERS: &[&str] = &[
    "any",
    "anyAttribute",
    "anySimpleType",
    "anyType",
    "choice",
    "derivation by xsi:type",
    "group that repeats",
    "list",
    "simpleContent",
    "substitutionGroup",
    "union",
];

/// Compares what is wrong with what is known to be.
fn compare(wrong: &BTreeMap<String, String>) {
    let text = include_str!("conformance_requests_known.txt");
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    let known: Vec<&str> = lines.map(|line| line.split_once("  ").unwrap().0).collect();
    if std::env::var_os("WSDL_VERBOSE").is_some() {
        wrong.iter().for_each(|(place, why)| println!("{place}  {why}"));
    }
    let fresh: Vec<_> =
        wrong.iter().filter(|(place, _)| !known.iter().any(|one| matches(one, place))).collect();
    let gone: Vec<_> = known.iter().filter(|one| !wrong.keys().any(|place| matches(one, place))).collect();
    assert!(fresh.is_empty(), "these failed that passed before: {fresh:#?}");
    assert!(gone.is_empty(), "these pass now: remove them from conformance_requests_known.txt: {gone:#?}");
}

/// Whether a line of the list is about a place: it, or the start of it before `*`.
fn matches(known: &str, place: &str) -> bool {
    match known.split_once('*') {
        Some((start, end)) => place.starts_with(start) && place.ends_with(end),
        None => known == place,
    }
}

/// Samples of every root of a schema: how many there are, and why others are not.
fn sampled(paths: &[PathBuf], counts: &mut BTreeMap<String, Vec<String>>) -> usize {
    let named: Vec<(PathBuf, Span)> = paths.iter().map(|path| (path.clone(), Span::default())).collect();
    let documents = grammar::load(&named, &mut Disk::default());
    let (grammar, findings) = grammar::compile(&documents);
    if !findings.is_empty() {
        return 0;
    }
    let grammar = Arc::new(grammar);
    let sampler = Sampler::new(grammar.clone());
    let roots: BTreeSet<String> = grammar.own_roots(&documents).iter().map(Name::to_string).collect();
    let mut made = 0;
    for name in roots {
        let root = grammar.root(&Name::braced(&name).unwrap_or_else(|| Name::local(name.as_str()))).unwrap();
        for extent in [Extent::Least, Extent::Full] {
            let place = format!("{} {name} {extent:?}", paths[0].display());
            match sampler.sample(root, extent) {
                Ok(element) => {
                    let mut out = Vec::new();
                    xml::write(&element, &mut out, true);
                    let text = String::from_utf8(out).unwrap();
                    let read =
                        xml::parse(&text, &Limits::default()).unwrap_or_else(|e| panic!("{place}: {e:?}"));
                    let checked = check(&sampler, &grammar, &read);
                    assert_eq!(checked, Ok(()), "{place}: {text}");
                    made += 1;
                }
                Err(NoSample::Unfit(why)) => {
                    counts.entry("unfit".to_owned()).or_default().push(format!("{place}: {why}"))
                }
                Err(why) => counts.entry(format!("{why:?}")).or_default().push(place),
            }
        }
    }
    made
}

#[test]
fn schemas_of_the_w3c_suite_have_samples() {
    let folder = corpora::folder("xsts");
    let unpacked = unpacked::Unpacked::new(&folder.join("xsts-sample.tar.xz"));
    let mut sets: BTreeSet<Vec<PathBuf>> = BTreeSet::new();
    for line in fs::read_to_string(folder.join("cases.jsonl")).unwrap().lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let paths = case["schema"].as_array().map(Vec::as_slice).unwrap_or_default();
        let paths: Vec<PathBuf> = paths.iter().map(|path| unpacked.0.join(path.as_str().unwrap())).collect();
        if !paths.is_empty() && paths.iter().all(|path| path.exists()) {
            sets.insert(paths);
        }
    }
    let mut none = BTreeMap::new();
    let made: usize = sets.iter().map(|paths| sampled(paths, &mut none)).sum();
    println!("schemas of the W3C suite: {} sets, {made} samples", sets.len());
    // Many of its schemas are of what nothing can be: wildcards for namespaces of which there is no schema, for one.
    let without = print_without(&none);
    assert!(made >= 4_860 && without * 30 < made, "fewer samples are made than were");
}

/// Prints for what there are no samples, and counts it.
fn print_without(none: &BTreeMap<String, Vec<String>>) -> usize {
    for (why, places) in none {
        println!("  no sample, {why}: {}, such as {}", places.len(), places[0]);
        if std::env::var_os("WSDL_VERBOSE").is_some() {
            places.iter().for_each(|place| println!("    {place}"));
        }
    }
    none.values().map(Vec::len).sum()
}

#[test]
fn schemas_of_other_suites_have_samples() {
    let mut none = BTreeMap::new();
    let found = suites::schemas();
    let made: usize = found.iter().map(|path| sampled(std::slice::from_ref(path), &mut none)).sum();
    println!("schemas of other suites: {}, {made} samples", found.len());
    let without = print_without(&none);
    assert!(made >= 10 && without * 100 < made, "fewer samples are made than were");
}
