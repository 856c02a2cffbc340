//! The W3C's SOAP 1.2 test collection: nodes A, B and C over sockets, node A being the test, B and C ordinary gateway files.
#![cfg(feature = "conformance")]
#![allow(clippy::disallowed_methods, reason = "tests read files and run programs")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test may stop at the first surprise, and the counts are the result"
)]

#[path = "support/corpora.rs"]
mod corpora;
mod support;
#[path = "support/tally.rs"]
mod tally;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use soapstone::document::codec::Limits;
use soapstone::document::tree::Element;
use soapstone::soap::Version;
use soapstone::soap::encoding::ENCODING_12;
use support::*;
use tally::Tally;

/// Rows of the collection that say nothing of this node, each with its reason.
const NOT_APPLICABLE: &[(&str, &str)] = &[
    (
        "XMLP-2",
        "GET is the optional SOAP response exchange pattern: the address answers it with 405, or the WSDL",
    ),
    (
        "XMLP-3",
        "GET is the optional SOAP response exchange pattern: the address answers it with 405, or the WSDL",
    ),
    ("XMLP-10", "processes see values, not the xsi:type they came with: what a value is, the profile says"),
];

/// How many messages of the collection's own there are for these rows, and how many that node B ought to have sent.
const FILES: (usize, usize) = (18, 3);

/// One message of a row, and what becomes of it.
#[derive(Debug, Default)]
struct Case {
    id: String,
    /// The addresses it goes to, one behind the other.
    way: Vec<String>,
    fields: HashMap<String, String>,
}

impl Case {
    fn field(&self, name: &str) -> &str {
        self.fields.get(name).map(String::as_str).unwrap_or_default()
    }

    fn message(&self) -> String {
        match self.field("message") {
            "" => envelope(self.field("header"), self.field("body")),
            whole => whole.to_owned(),
        }
    }
}

fn envelope(header: &str, body: &str) -> String {
    let header = if header.is_empty() { String::new() } else { format!("<env:Header>{header}</env:Header>") };
    format!(
        "<env:Envelope xmlns:env=\"{}\" xmlns:enc=\"{ENCODING_12}\" xmlns:rpc=\"http://www.w3.org/2003/05/soap-rpc\" \
         xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
         xmlns:test=\"http://example.org/ts-tests\" xmlns:types=\"http://example.org/ts-tests/xsd\" \
         xmlns:sb=\"http://soapinterop.org/\" xmlns:eh=\"http://soapinterop.org/echoheader/\">{header}\
         <env:Body>{body}</env:Body></env:Envelope>",
        Version::V12.namespace()
    )
}

/// Reads the file of cases; its first lines say how it is written.
fn cases() -> Vec<Case> {
    let roles = "http://www.w3.org/2003/05/soap-envelope/role";
    let text = project("tests/soap12/cases.txt");
    let text = text
        .replace("$next", &format!("{roles}/next"))
        .replace("$none", &format!("{roles}/none"))
        .replace("$ultimate", &format!("{roles}/ultimateReceiver"))
        .replace("$B", "http://example.org/ts-tests/B")
        .replace("$C", "http://example.org/ts-tests/C")
        .replace("$long", &"z".repeat(2048))
        .replace("$E", &format!("env:encodingStyle=\"{ENCODING_12}\""));
    let mut cases: Vec<Case> = Vec::new();
    let mut last = String::new();
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let (name, value) = line.split_once(' ').unwrap_or((line, ""));
        if name == "case" {
            let mut words = value.split(' ').map(str::to_owned);
            let id = words.next().unwrap();
            cases.push(Case { id, way: words.collect(), fields: HashMap::new() });
            continue;
        }
        let fields = &mut cases.last_mut().unwrap().fields;
        if name.is_empty() {
            let field = fields.get_mut(&last).unwrap();
            field.push('\n');
            field.push_str(line);
        } else {
            last = name.to_owned();
            assert!(fields.insert(last.clone(), value.to_owned()).is_none(), "twice: {line}");
        }
    }
    cases
}

/// What the collection expects of a row: the codes of a fault, outermost first, and the status.
#[derive(Debug, Clone, Default)]
struct Expected {
    codes: Vec<String>,
    status: Option<u16>,
}

fn codes(text: &str) -> Vec<String> {
    let codes = text.split('+').filter(|code| *code != "-");
    codes.map(|code| code.rsplit(':').next().unwrap_or_default().to_owned()).collect()
}

/// The table of the collection.
fn table() -> BTreeMap<String, Expected> {
    let text = std::fs::read_to_string(corpora::folder("soap12").join("tests.tsv")).unwrap();
    let row = |line: &str| {
        let columns: Vec<&str> = line.split('\t').collect();
        let expected = Expected { codes: codes(columns[1]), status: columns[2].parse().ok() };
        (columns[0].to_owned(), expected)
    };
    text.lines().skip(1).map(row).collect()
}

fn parsed(text: &str) -> Result<Element, String> {
    soapstone::xml::parse(text, &Limits::default()).map_err(|error| format!("{error:?} in {text}"))
}

/// The header blocks and what the body holds.
fn parts(envelope: &Element) -> (Vec<Element>, Vec<Element>) {
    let of = |name: &str| envelope.child(name).into_iter().flat_map(Element::elements).cloned().collect();
    (of("Header"), of("Body"))
}

/// Elements as they stand in a file of cases.
fn elements(text: &str) -> Vec<Element> {
    parts(&parsed(&envelope("", text)).unwrap()).1
}

/// Whether two elements say the same: how one is encoded counts as little as white space around a text.
fn same(one: &Element, other: &Element) -> bool {
    let attributes = |element: &Element| {
        let counts =
            |space: Option<&str>, local: &str| space != Some(ENCODING_12) && local != "encodingStyle";
        let own = element.attributes.iter().filter(|a| counts(a.name.namespace.as_deref(), &a.name.local));
        let mut own: Vec<String> = own.map(|a| format!("{}={}", a.name, a.value)).collect();
        own.sort();
        own
    };
    let (mine, theirs): (Vec<_>, Vec<_>) = (one.elements().collect(), other.elements().collect());
    one.name == other.name
        && attributes(one) == attributes(other)
        && mine.len() == theirs.len()
        && mine.iter().zip(&theirs).all(|(mine, theirs)| same(mine, theirs))
        && (!mine.is_empty() || one.string_value().trim() == other.string_value().trim())
}

fn must_be(what: &str, found: &[Element], expected: &[Element]) -> Result<(), String> {
    let equal = found.len() == expected.len() && found.iter().zip(expected).all(|(a, b)| same(a, b));
    if equal { Ok(()) } else { Err(format!("{what}: found {found:?}, expected {expected:?}")) }
}

/// The codes of a fault, outermost first; `None` where the body is none.
fn fault(body: &[Element]) -> Option<Vec<String>> {
    let [fault] = body else { return None };
    if fault.name.local != "Fault" {
        return None;
    }
    let local = |element: &Element| {
        let text = element.string_value();
        text.trim().rsplit(':').next().unwrap_or_default().to_owned()
    };
    if let Some(code) = fault.child("faultcode") {
        return Some(vec![local(code)]);
    }
    let mut found = Vec::new();
    let mut at = fault.child("Code");
    while let Some(code) = at {
        found.extend(code.child("Value").map(local));
        at = code.child("Subcode");
    }
    Some(found)
}

/// The nodes that messages are sent to.
struct Nodes {
    b: Gateway,
    c: Gateway,
}

impl Nodes {
    fn start() -> Self {
        let node = |name: &str| Gateway::start(&project(&format!("tests/soap12/node-{name}.kdl")));
        Self { b: node("b"), c: node("c") }
    }

    fn send(&self, address: &str, media: &str, message: &[u8]) -> Response {
        let gateway = if address.starts_with("b/") { &self.b } else { &self.c };
        let headers = [("Content-Type", media)];
        call(gateway.address("internal"), "POST", &format!("/{address}"), &headers, message)
    }

    /// Sends a message on its way, and compares what comes back.
    fn run(&self, case: &Case, message: &[u8], expected: &Expected) -> Result<(), String> {
        let media = if case.field("type").is_empty() { "application/soap+xml" } else { case.field("type") };
        let (last, before) = case.way.split_last().unwrap();
        let mut message = message.to_vec();
        for address in before {
            let answer = self.send(address, media, &message);
            let (_, body) = parts(&parsed(&answer.body)?);
            if fault(&body).is_some() {
                return judge(case, &answer, &sent_body(&message), expected);
            }
            self.passed_on(case, &answer, &message)?;
            message = answer.bytes;
        }
        let answer = self.send(last, media, &message);
        if last.starts_with("b/") && expected.codes.is_empty() {
            return self.passed_on(case, &answer, &message);
        }
        judge(case, &answer, &sent_body(&message), expected)
    }

    /// Compares what node B passes on.
    fn passed_on(&self, case: &Case, answer: &Response, message: &[u8]) -> Result<(), String> {
        let (blocks, body) = parts(&parsed(&answer.body)?);
        if answer.status != 200 {
            return Err(format!("node B: status {}: {}", answer.status, answer.body));
        }
        must_be("blocks passed on", &blocks, &elements(case.field("forwards")))?;
        let expected = match case.field("passes") {
            "" => sent_body(message),
            passes => elements(passes),
        };
        must_be("body passed on", &body, &expected)
    }
}

/// What stands in the body of a message; nothing of one that cannot be read.
fn sent_body(message: &[u8]) -> Vec<Element> {
    let text = String::from_utf8_lossy(message);
    parsed(&text).map(|root| parts(&root).1).unwrap_or_default()
}

/// Compares an answer with what the table and the case expect.
fn judge(case: &Case, answer: &Response, sent: &[Element], expected: &Expected) -> Result<(), String> {
    let default = match expected.codes.first().map(String::as_str) {
        None => 200,
        Some("Sender") => 400,
        Some(_) => 500,
    };
    let status = expected.status.unwrap_or(default);
    if answer.status != status {
        return Err(format!("status {}, expected {status}: {}", answer.status, answer.body));
    }
    // A media type that is none of SOAP's: what stands in the answer is open.
    if expected.codes.is_empty() && status != 200 {
        return Ok(());
    }
    let (blocks, body) = parts(&parsed(&answer.body)?);
    let Some(first) = expected.codes.first() else {
        must_be("header", &blocks, &elements(case.field("answers")))?;
        // A message of the collection's own may have an empty body where ours has none.
        let returns = if sent.is_empty() { Vec::new() } else { elements(case.field("returns")) };
        return must_be("body", &body, &returns);
    };
    let found = fault(&body).ok_or_else(|| format!("no fault: {}", answer.body))?;
    if !found.starts_with(&expected.codes) {
        return Err(format!("found the codes {found:?}, expected {:?}", expected.codes));
    }
    let block = |name: &str| blocks.iter().find(|block| block.name.is(Version::V12.namespace(), name));
    match first.as_str() {
        "MustUnderstand" => {
            let name = block("NotUnderstood").and_then(|block| block.attribute("qname"));
            let is_it = name.is_some_and(|name| name.ends_with(":Unknown"));
            is_it.then_some(()).ok_or_else(|| format!("not named: {}", answer.body))
        }
        "VersionMismatch" => {
            let supported = block("Upgrade").and_then(|block| block.child("SupportedEnvelope"));
            let is_it = supported.is_some_and(|known| known.attribute("qname").is_some());
            is_it.then_some(()).ok_or_else(|| format!("no Upgrade: {}", answer.body))
        }
        _ => must_be("header", &blocks, &elements(case.field("answers"))),
    }
}

/// The messages of the collection's own for a case: what node A sends, and the blocks that node B passes on.
fn files(folder: &Path, id: &str) -> (Vec<Vec<u8>>, Option<Vec<Element>>) {
    let read = |suffix: &str| std::fs::read(folder.join(format!("SOAP12Req{id}{suffix}.xml"))).ok();
    // That of T8 is not XML: an element ends under another name.
    let sent = ["", "_A"].iter().filter(|_| id != "T8").filter_map(|suffix| read(suffix)).collect();
    let passed = read("_B").map(|bytes| parts(&parsed(&String::from_utf8(bytes).unwrap()).unwrap()).0);
    (sent, passed)
}

#[test]
fn the_w3c_collection_is_answered_as_it_expects() {
    let nodes = Nodes::start();
    let folder = "axis2-soap12/modules/integration/test-resources/SOAP12Testing/RequestMessages";
    let folder = corpora::folder(folder);
    let cases = cases();
    let mut tally = Tally::new("W3C SOAP 1.2 test collection");
    let (mut messages, mut own, mut passed_on) = (0, 0, 0);
    for (id, expected) in table() {
        if let Some((_, reason)) = NOT_APPLICABLE.iter().find(|(known, _)| *known == id) {
            tally.skip(&format!("{id}: {reason}"));
            continue;
        }
        let of_row: Vec<&Case> = cases.iter().filter(|case| case.id == id).collect();
        let mut wrong = Vec::new();
        if of_row.is_empty() {
            wrong.push("no message for it in tests/soap12/cases.txt".to_owned());
        }
        for (at, case) in of_row.iter().enumerate() {
            let mut expected = expected.clone();
            if !case.field("fault").is_empty() {
                expected.codes = codes(case.field("fault"));
            }
            let (given, passed) = if at == 0 { files(&folder, &id) } else { Default::default() };
            own += given.len();
            for message in std::iter::once(case.message().into_bytes()).chain(given) {
                messages += 1;
                wrong.extend(nodes.run(case, &message, &expected).err());
            }
            if let Some(passed) = passed {
                passed_on += 1;
                wrong.extend(must_be("file", &passed, &elements(case.field("forwards"))).err());
            }
        }
        match wrong.is_empty() {
            true => tally.pass(),
            false => tally.fail(&id, &wrong.join("\n  ")),
        }
    }
    println!(
        "{messages} messages sent, {own} of them the collection's own; {passed_on} compared with what node B sends"
    );
    let rows = table().len();
    tally.finish(rows - NOT_APPLICABLE.len());
    assert_eq!(
        (own, passed_on),
        FILES,
        "the collection has other messages than these tests were written for"
    );
    assert!(cases.iter().all(|case| table().contains_key(&case.id)), "a case of no row");
}
