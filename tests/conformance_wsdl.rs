//! Conformance of WSDL: contracts of others against what three clients of other stacks read from them.
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

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value;
use soapstone::cli::import::{self, ImportError, Url};
use soapstone::schema::grammar;
use soapstone::source::{Finding, Severity, Span};
use soapstone::world::{Memory, Real};
use soapstone::wsdl::cache::Fetched;
use soapstone::wsdl::read::{BoundOperation, Contract, Endpoint, Loaded, Protocol, Side, Style, Wire, read};

use contracts::{Case, cases};
use disk::Disk;

/// No contract may take longer to read and compile.
const LONGEST: Duration = Duration::from_secs(20);

/// A contract that compiles with its schemas, or the first thing that is wrong with it.
fn compiled(path: &Path) -> Result<Contract, String> {
    let mut disk = Disk::default();
    let Loaded { contracts, documents, findings } = read(&[(path.to_owned(), Span::default())], &mut disk);
    let said = |finding: &Finding| format!("{}: {}", disk.sources.place(finding.span), finding.message);
    if let Some(first) = findings.iter().find(|finding| finding.severity == Severity::Error) {
        return Err(said(first));
    }
    let (_, findings) = grammar::compile(&documents);
    match (findings.first(), contracts.into_iter().next()) {
        (Some(first), _) => Err(said(first)),
        (None, Some(contract)) => Ok(contract),
        (None, None) => Err("it is no WSDL".to_owned()),
    }
}

/// What is listed of an operation.
type Listed = BTreeMap<String, String>;

/// Every operation as zeep lists it: `service/port/operation` with its facts.
fn of_zeep(zeep: &Value) -> Vec<(String, Listed)> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let mut found = Vec::new();
    for service in list(&zeep["services"]) {
        for port in list(&service["ports"]) {
            for operation in list(&port["operations"]) {
                let place = [&service["name"], &port["name"], &operation["name"]]
                    .map(|name| name.as_str().unwrap_or("").to_owned());
                let mut facts = Listed::new();
                let mut fact = |name: &str, value: &Value| {
                    if let Some(text) = value.as_str() {
                        facts.insert(name.to_owned(), text.trim().to_owned());
                    }
                };
                fact("binding", &port["binding"]);
                fact("kind", &port["kind"]);
                fact("location", &port["location"]);
                if port["kind"].as_str().is_some_and(|kind| kind.starts_with("Soap")) {
                    fact("style", &operation["style"]);
                    fact("soapaction", &operation["soapaction"]);
                    fact("input_element", &operation["input_element"]);
                    // zeep names the answer of an rpc operation after its message.
                    if operation["style"] == "document" {
                        fact("output_element", &operation["output_element"]);
                    }
                    let mut headers: Vec<String> = list(&operation["input_headers"])
                        .iter()
                        .map(|name| name.as_str().unwrap().to_owned())
                        .collect();
                    headers.sort();
                    facts.insert("headers".to_owned(), headers.join(" "));
                }
                let mut faults: Vec<String> =
                    list(&operation["faults"]).iter().map(|name| name.as_str().unwrap().to_owned()).collect();
                faults.sort();
                facts.insert("faults".to_owned(), faults.join(" "));
                found.push((place.join("/"), facts));
            }
        }
    }
    found.sort();
    found
}

/// Every operation as we list it.
fn of_ours(contract: &Contract) -> Vec<(String, Listed)> {
    let mut found = Vec::new();
    for endpoint in contract.endpoints() {
        let Some((service, port)) = endpoint.port else { continue };
        if !is_known_to_zeep(&endpoint) {
            continue;
        }
        for (bound, operation) in endpoint.operations() {
            let place = format!("{}/{}/{}", service.name.local, port.name, bound.name);
            let mut facts = Listed::new();
            facts.insert("binding".to_owned(), endpoint.binding.name.to_string());
            facts.insert("kind".to_owned(), kind(&endpoint));
            if let Some(address) = &port.address {
                facts.insert("location".to_owned(), address.clone());
            }
            if endpoint.binding.protocol.is_soap() {
                let style = if bound.style == Style::Rpc { "rpc" } else { "document" };
                facts.insert("style".to_owned(), style.to_owned());
                facts.insert("soapaction".to_owned(), bound.action.clone().unwrap_or_default());
                for (side, name) in [(Side::Request, "input_element"), (Side::Answer, "output_element")] {
                    let wire = contract.wire(bound, operation, side);
                    match wire {
                        Some(Wire::Element(_)) if side == Side::Answer && bound.style == Style::Rpc => {}
                        Some(Wire::Element(element)) => {
                            facts.insert(name.to_owned(), element.to_string());
                        }
                        // zeep gives the body itself, or the first of several parts.
                        Some(Wire::Unfit(_)) => {
                            facts.insert(name.to_owned(), ANY.to_owned());
                        }
                        // zeep takes `parts=""` for all parts.
                        Some(Wire::Empty) if is_empty_list(bound, side) => {
                            facts.insert(name.to_owned(), ANY.to_owned());
                        }
                        Some(Wire::Empty) | None => {}
                    }
                }
                let mut headers: Vec<String> = Vec::new();
                for header in bound.input.iter().flat_map(|input| &input.headers) {
                    let part =
                        contract.message(&header.message).and_then(|message| message.part(&header.part));
                    if let Some(soapstone::wsdl::read::PartKind::Element(name)) = part.map(|part| &part.kind)
                    {
                        headers.push(name.to_string());
                    }
                }
                headers.sort();
                facts.insert("headers".to_owned(), headers.join(" "));
            }
            let mut faults: Vec<String> = bound.faults.iter().map(|fault| fault.name.clone()).collect();
            faults.sort();
            facts.insert("faults".to_owned(), faults.join(" "));
            found.push((place, facts));
        }
    }
    found.sort();
    found
}

/// Whether a binding says that no part is in the body.
fn is_empty_list(bound: &BoundOperation, side: Side) -> bool {
    let payload = if side == Side::Request { &bound.input } else { &bound.output };
    let body = payload.as_ref().and_then(|payload| payload.body.as_ref());
    body.is_some_and(|body| body.parts.as_ref().is_some_and(Vec::is_empty))
}

/// zeep leaves out what does not travel over HTTP.
fn is_known_to_zeep(endpoint: &Endpoint<'_>) -> bool {
    let transports =
        ["http://schemas.xmlsoap.org/soap/http", "http://www.w3.org/2003/05/soap/bindings/HTTP/"];
    match &endpoint.binding.protocol {
        Protocol::Soap11 | Protocol::Soap12 => {
            endpoint.binding.transport.as_deref().is_some_and(|transport| transports.contains(&transport))
        }
        Protocol::Http(_) => true,
        Protocol::Other(_) => false,
    }
}

/// Stands for an element that cannot be compared.
const ANY: &str = "any";

fn kind(endpoint: &Endpoint<'_>) -> String {
    match &endpoint.binding.protocol {
        Protocol::Soap11 => "Soap11Binding".to_owned(),
        Protocol::Soap12 => "Soap12Binding".to_owned(),
        Protocol::Http(verb) if verb == "GET" => "HttpGetBinding".to_owned(),
        Protocol::Http(_) => "HttpPostBinding".to_owned(),
        Protocol::Other(_) => "other".to_owned(),
    }
}

/// The first difference between two lists.
fn difference(zeep: &[(String, Listed)], ours: &[(String, Listed)]) -> Option<String> {
    let names = |list: &[(String, Listed)]| list.iter().map(|(place, _)| place.clone()).collect::<Vec<_>>();
    let (theirs, own) = (names(zeep), names(ours));
    if theirs != own {
        let theirs: BTreeSet<String> = theirs.into_iter().collect();
        let own: BTreeSet<String> = own.into_iter().collect();
        let lacks: Vec<_> = theirs.difference(&own).collect();
        let more: Vec<_> = own.difference(&theirs).collect();
        return Some(format!("{PLACES}{lacks:?}, has {more:?} besides ({} and {})", zeep.len(), ours.len()));
    }
    for ((place, theirs), (_, own)) in zeep.iter().zip(ours) {
        for (name, value) in theirs {
            let mine = own.get(name).map_or("", String::as_str);
            if mine != value && mine != ANY && !value.ends_with("envelope/}Body") {
                return Some(format!("{place}: {name} is `{mine}`, not `{value}`"));
            }
        }
    }
    None
}

/// Ports and operations as node `soap` lists them, without the services.
fn of_node(node: &Value) -> BTreeSet<(String, String)> {
    let list = node["ports"].as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    list.iter().map(|pair| (text(&pair[0]), text(&pair[1]))).collect()
}

/// The same of ours, of SOAP alone.
fn pairs(contract: &Contract) -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    for endpoint in contract.endpoints() {
        let Some((_, port)) = endpoint.port.filter(|_| endpoint.binding.protocol.is_soap()) else { continue };
        found.extend(endpoint.operations().map(|(bound, _)| (port.name.clone(), bound.name.clone())));
    }
    found
}

/// Whether node `soap` lists what we do: it leaves out some ports of SOAP 1.2, and has those of HTTP besides.
fn is_as_node(node: &Value, contract: &Contract) -> bool {
    let (theirs, ours) = (of_node(node), pairs(contract));
    let of = |ports: &BTreeSet<String>, list: &BTreeSet<(String, String)>| -> BTreeSet<(String, String)> {
        list.iter().filter(|(port, _)| ports.contains(port)).cloned().collect()
    };
    let names = |list: &BTreeSet<(String, String)>| list.iter().map(|(port, _)| port.clone()).collect();
    !theirs.is_empty() && of(&names(&ours), &theirs) == of(&names(&theirs), &ours)
}

/// How a case ended.
enum Verdict {
    /// As zeep reads it, in every fact.
    Agrees,
    /// As node `soap` reads it: services, ports and operations; zeep leaves some of these out, or does not read it.
    AgreesWithNode,
    /// It cannot be compared, and why.
    NotApplicable(&'static str),
    /// It is no contract that others read.
    Unusable { is_refused: bool },
    /// What is wrong.
    Fails(String),
}

fn verdict(case: &Case, ours: &Result<Contract, String>) -> Verdict {
    let zeep = case.said["zeep"]["ok"] == true;
    let is_usable = case.is_usable();
    let contract = match ours {
        Ok(contract) => contract,
        _ if !is_usable => return Verdict::Unusable { is_refused: true },
        Err(why) => {
            let reasons = [
                ("this is no WSDL: its root", "it is no WSDL 1.1"),
                ("it is no WSDL", "it is no WSDL 1.1"),
                ("os error 2", "it needs a file that is not in the corpora"),
                (
                    "its own folder and below",
                    "it needs a file outside its folder, which must be named with it",
                ),
                ("nothing is fetched", "it needs what is on the network"),
            ];
            let found = reasons.iter().find(|(part, _)| why.contains(part));
            return found
                .map_or_else(|| Verdict::Fails(why.clone()), |(_, reason)| Verdict::NotApplicable(reason));
        }
    };
    if !is_usable {
        return Verdict::Unusable { is_refused: false };
    }
    let difference = if zeep { difference(&of_zeep(&case.said["zeep"]), &of_ours(contract)) } else { None };
    match difference {
        None if zeep => Verdict::Agrees,
        Some(why) if why.starts_with(PLACES) && !is_as_node(&case.said["node_soap"], contract) => {
            Verdict::Fails(why)
        }
        Some(why) if !why.starts_with(PLACES) => Verdict::Fails(why),
        None if !is_as_node(&case.said["node_soap"], contract) => {
            Verdict::Fails("node soap lists other ports and operations".to_owned())
        }
        _ => Verdict::AgreesWithNode,
    }
}

/// How a difference begins that is about which operations there are.
const PLACES: &str = "lacks ";

/// The cases that fail, each with the reason.
fn known() -> BTreeMap<String, String> {
    let text = include_str!("conformance_wsdl_known.txt");
    let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    lines.map(|line| line.split_once("  ").unwrap()).map(|(a, b)| (a.to_owned(), b.to_owned())).collect()
}

/// Whether a line of the list is about a file: its path, or the start of it before `*`.
fn matches(known: &str, file: &str) -> bool {
    match known.split_once('*') {
        Some((start, end)) => file.starts_with(start) && file.ends_with(end),
        None => known == file,
    }
}

#[test]
fn contracts_say_what_others_read_in_them() {
    let root = corpora::folder("");
    let manifest = fs::read_to_string(root.join("wsdl-real/manifest.json")).unwrap();
    let manifest: Value = serde_json::from_str(&manifest).unwrap();
    let is_core = |case: &&Value| case["core"] == true;
    let core: BTreeSet<String> = manifest
        .as_array()
        .unwrap()
        .iter()
        .filter(is_core)
        .map(|case| case["file"].as_str().unwrap().to_owned())
        .collect();
    let mut counts: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut failed: BTreeMap<String, String> = BTreeMap::new();
    let mut slowest = (Duration::ZERO, String::new());
    for case in cases() {
        let began = Instant::now();
        let ours = compiled(&root.join(&case.file));
        slowest = slowest.max((began.elapsed(), case.file.clone()));
        assert!(began.elapsed() < LONGEST, "{} took {:?}", case.file, began.elapsed());
        let counted = match verdict(&case, &ours) {
            Verdict::Agrees => "agree with zeep in every fact".to_owned(),
            Verdict::AgreesWithNode => {
                "agree with node soap on ports and operations, where zeep leaves them out".to_owned()
            }
            Verdict::NotApplicable(why) => format!("not applicable: {why}"),
            Verdict::Unusable { is_refused: true } => {
                "read by zeep, or by both others: no; refused".to_owned()
            }
            Verdict::Unusable { is_refused: false } => {
                "read by zeep, or by both others: no; read here".to_owned()
            }
            Verdict::Fails(why) => {
                failed.insert(
                    case.file.clone(),
                    why.replace(root.to_str().unwrap(), "").trim_start_matches('/').to_owned(),
                );
                "FAIL (tests/conformance_wsdl_known.txt)".to_owned()
            }
        };
        let count = counts.entry(counted).or_default();
        count.0 += 1;
        count.1 += usize::from(core.contains(&case.file));
    }
    let (all, of_core) = counts.values().fold((0, 0), |(a, b), (c, d)| (a + c, b + d));
    println!("contracts: {all}, {of_core} of them core; slowest {:?}: {}", slowest.0, slowest.1);
    for (what, (count, of_core)) in &counts {
        println!("  {count} ({of_core} core) {what}");
    }
    let known = known();
    let is_known = |file: &str| known.keys().any(|known| matches(known, file));
    let fresh: Vec<_> = failed.iter().filter(|(file, _)| !is_known(file)).collect();
    let gone: Vec<_> = known.keys().filter(|known| !failed.keys().any(|file| matches(known, file))).collect();
    if std::env::var_os("WSDL_VERBOSE").is_some() {
        failed.iter().for_each(|(file, why)| println!("{file}  {why}"));
    }
    assert!(fresh.is_empty(), "these failed that passed before: {fresh:#?}");
    assert!(gone.is_empty(), "these pass now: remove them from conformance_wsdl_known.txt: {gone:#?}");
}

/// Contracts that are read and that no file can be made of, each with the reason.
const NOT_IMPORTED: &[(&str, &str)] = &[];

#[test]
fn every_contract_that_is_read_can_be_imported() {
    let root = corpora::folder("");
    let (mut imported, mut unread, mut served, mut failed) = (0, 0, 0, BTreeMap::new());
    let mut slowest = (Duration::ZERO, String::new());
    for case in cases() {
        let path = root.join(&case.file);
        if compiled(&path).is_err() {
            unread += 1;
            continue;
        }
        let began = Instant::now();
        // It compiles what it makes.
        match import::contract(&path, None, &Real) {
            Ok(made) => {
                imported += 1;
                served += usize::from(made.text.contains("\n    soap "));
            }
            Err(ImportError(why)) => {
                failed.insert(case.file.clone(), why);
            }
        }
        slowest = slowest.max((began.elapsed(), case.file.clone()));
    }
    println!(
        "import wsdl: {imported} of {} that are read, {served} with operations over SOAP; {unread} are not read",
        imported + failed.len()
    );
    println!("  slowest {:?}: {}", slowest.0, slowest.1);
    let fresh: Vec<_> =
        failed.iter().filter(|(file, _)| NOT_IMPORTED.iter().all(|(known, _)| known != file)).collect();
    assert!(fresh.is_empty(), "{} not imported: {fresh:#?}", fresh.len());
    assert!(imported >= 590 && served >= 530, "fewer contracts are read or served than were");
    assert!(
        NOT_IMPORTED.iter().all(|(known, _)| failed.contains_key(*known)),
        "these are imported now: take them off"
    );
}

/// The contracts whose parts lie at addresses that are among the corpora, as if those were the network.
#[test]
fn contracts_at_addresses_are_gathered_and_imported() {
    let root = corpora::folder("");
    let map: BTreeMap<String, String> =
        serde_json::from_str(&fs::read_to_string(root.join("url-map.json")).unwrap()).unwrap();
    let (mut imported, mut files) = (0, 0);
    // Contracts of standards are built in; see the reader.
    let is_contract = |(address, file): &(&String, &String)| {
        (address.ends_with("?wsdl") || address.ends_with(".wsdl")) && file.starts_with("wsdl-real/")
    };
    for (address, file) in map.iter().filter(is_contract) {
        let url = Url::parse(address).unwrap();
        let mut fetch = |url: &Url| match map.get(&url.to_string()).or_else(|| map.get(&with_port(url))) {
            Some(file) => {
                let bytes = fs::read(root.join(file)).map_err(|error| error.to_string())?;
                Ok(Fetched { base: url.clone(), bytes })
            }
            None => Err("it is not among the corpora".to_owned()),
        };
        let found = match import::gather(&url, "given", &mut fetch) {
            Ok(found) => found,
            Err(ImportError(why)) => {
                // The map names some files that were not collected.
                assert!(why.contains("os error 2"), "{address}: {why}");
                println!("not applicable: {why}");
                continue;
            }
        };
        let mut world = Memory::default();
        for (name, text) in &found {
            world = world.file(name, text.clone());
        }
        import::contract(Path::new("given.wsdl"), None, &world)
            .unwrap_or_else(|error| panic!("{file}: {}", error.0));
        imported += 1;
        files += found.len();
    }
    println!("contracts at addresses: {imported} imported, {files} files");
    assert!(imported >= 3);
}

/// An address with its port written out.
fn with_port(url: &Url) -> String {
    format!("{}://{}:{}{}", if url.is_secure { "https" } else { "http" }, url.name, url.port, url.target)
}

/// Contracts that one tool cannot parse and that are right: others read them, and so do we.
const READABLE: &[(&str, &str)] = &[
    ("AWSECommerceService.wsdl", "zeep, node soap and PHP read it"),
    ("metadata.wsdl", "zeep, node soap and PHP read it"),
    ("missing-port.wsdl", "a service without ports; its bindings are offered"),
    ("missing-service.wsdl", "bindings without a service; they are offered"),
    (
        "multiple-parts-in-output.wsdl",
        "several parts are right in a message; that they cannot be one body is said where it is served",
    ),
    ("unsupported-schema-type.wsdl", "a type that the other tool has not; zeep, node soap and PHP read it"),
];

#[test]
fn broken_contracts_are_refused_with_line_and_construct() {
    let folder = corpora::folder("wsdl-real").join("wsdl2apex/src/test/testFiles/unparsableWsdls");
    let (mut refused, mut read) = (0, Vec::new());
    for path in fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        match compiled(&path) {
            Err(why) => {
                println!("refused: {}", why.replace(folder.to_str().unwrap(), ""));
                assert!(
                    why.split(':').nth(1).is_some_and(|line| line.parse::<usize>().is_ok()),
                    "no line: {why}"
                );
                refused += 1;
            }
            Ok(_) => read.push(name),
        }
    }
    println!("contracts that another tool cannot parse: {refused} refused, {} read", read.len());
    READABLE.iter().for_each(|(name, why)| println!("read: {name}: {why}"));
    read.sort();
    let known: Vec<&str> = READABLE.iter().map(|(name, _)| *name).collect();
    assert_eq!(read, known);
}
