//! The files of a contract: read once each, what they import, and the schemas in them.

use std::collections::HashSet;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use memchr::memmem;

use super::model::{Contract, WsdlFile};
use super::text::{At, Text};
use super::{Loaded, WSDL, binding, parts, resolve, rpc, wellknown};
use crate::schema::grammar::{ALLOW_IT, Files, More, NOT_CACHED, Part, Source, load_all};
use crate::source::{FileId, Finding, Span};
use crate::xml::element_end;

/// WSDL files of one contract.
pub const MOST_FILES: usize = 64;
/// Bytes of each.
pub const MOST_BYTES: usize = 8 << 20;
/// Files that import each other in a row.
pub const MOST_DEEP: usize = 32;

pub(super) const XS: &str = "http://www.w3.org/2001/XMLSchema";
/// The namespace of WSDL 2.0.
const WSDL2: &str = "http://www.w3.org/ns/wsdl";
/// Where the drafts of XML Schema were.
const OLD_XS: &[&str] = &["http://www.w3.org/1999/XMLSchema", "http://www.w3.org/2000/10/XMLSchema"];

/// Why a file that a WSDL imports is not read.
const OUTSIDE: &str = "a WSDL refers only to files in its own folder and below, by relative paths";
/// What to do about it.
const BESIDE: &str = "save it beside this file, and name it there by a relative path";

/// An import of which nothing was read.
#[derive(Debug)]
pub(super) struct Missing {
    pub namespace: Option<Arc<str>>,
    pub location: String,
    pub why: String,
    pub span: Span,
}

/// A contract while it is read.
#[derive(Default)]
pub(super) struct Gathered {
    pub contract: Contract,
    pub sources: Vec<Source>,
    pub findings: Vec<Finding>,
    pub missing: Vec<Missing>,
}

struct Loader<'f> {
    files: &'f mut dyn Files,
    gathered: Gathered,
    seen: HashSet<PathBuf>,
    /// The folder of the file that was named.
    folder: PathBuf,
}

pub(super) fn load(paths: &[(PathBuf, Span)], files: &mut dyn Files) -> Loaded {
    let (mut contracts, mut sources, mut findings) = (Vec::new(), Vec::new(), Vec::new());
    for (path, span) in paths {
        let path = plain(path);
        match files.open(&path) {
            Ok((file, text)) if memmem::find(text.as_bytes(), b"/wsdl").is_none() => {
                sources.push(Source::Text { path, file, text });
            }
            Ok((file, text)) => {
                let folder = path.parent().unwrap_or(Path::new("")).to_owned();
                let mut loader = Loader {
                    files: &mut *files,
                    gathered: Gathered::default(),
                    seen: HashSet::new(),
                    folder,
                };
                if loader.document((path, file, text), None, 0) {
                    let mut gathered = loader.gathered;
                    resolve::names(&mut gathered);
                    contracts.push(gathered.contract);
                    sources.append(&mut gathered.sources);
                    findings.append(&mut gathered.findings);
                } else {
                    sources.append(&mut loader.gathered.sources);
                }
            }
            Err(why) => {
                let message = format!("`{}` cannot be read: {why}", path.display());
                let finding = Finding::error("unreadable-file", *span, message);
                findings.push(finding.help("paths are relative to the file that names them"));
            }
        }
    }
    let more: Option<Box<More<'_>>> = match contracts.is_empty() {
        true => None,
        false => Some(Box::new(|documents| rpc::schemas(&contracts, documents))),
    };
    let documents = load_all(sources, more, files);
    if documents.findings.is_empty() {
        resolve::types(&contracts, &documents, &mut findings);
    }
    Loaded { contracts, documents, findings }
}

/// A path without `.` and `..` where that can be said.
pub(super) fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(plain.components().next_back(), Some(Component::Normal(_))) => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}

/// Whether a location is one on the network.
pub(super) fn is_address(location: &str) -> bool {
    location.split_once(':').is_some_and(|(scheme, _)| scheme.len() > 1)
}

impl Loader<'_> {
    /// Reads a document; whether it is one of a WSDL, or one that is neither that nor a schema.
    fn document(
        &mut self,
        (path, file, text): (PathBuf, FileId, String),
        importer: Option<Span>,
        depth: usize,
    ) -> bool {
        let whole = Span { file, start: 0, end: 1 };
        if text.len() > MOST_BYTES {
            let message = format!("a WSDL has at most {} MiB", MOST_BYTES >> 20);
            self.report(Finding::error("bad-wsdl", importer.unwrap_or(whole), message));
            return true;
        }
        let text: Arc<str> = Arc::from(text);
        let read = Text::new(WsdlFile { file, path: path.clone(), text: Arc::clone(&text) });
        let read = match read {
            Ok(read) => read,
            Err((message, offset)) => {
                let span = Span { file, start: offset, end: offset + 1 };
                self.report(Finding::error("bad-wsdl", span, format!("this is no XML document: {message}")));
                return true;
            }
        };
        let root = read.root();
        let name = &root.element.name;
        if name.is(XS, "schema") {
            self.gathered.sources.push(Source::Text { path, file, text: text.to_string() });
            return false;
        }
        if !name.is(WSDL, "definitions") {
            let message =
                format!("this is no WSDL: its root is {name}, and {{{WSDL}}}definitions is expected");
            let finding = Finding::error("bad-wsdl", root.span(), message);
            self.report(match name.namespace.as_deref() {
                Some(WSDL2) => finding.help("it is a WSDL 2.0; ask for the contract in WSDL 1.1"),
                _ => finding,
            });
            return true;
        }
        if self.seen.len() >= MOST_FILES || depth >= MOST_DEEP {
            let message = format!("a WSDL has at most {MOST_FILES} files, {MOST_DEEP} of them in a row");
            self.report(Finding::error("bad-wsdl", importer.unwrap_or(whole), message));
            return true;
        }
        self.seen.insert(path);
        self.definitions(&root, depth);
        true
    }

    fn report(&mut self, finding: Finding) {
        self.gathered.findings.push(finding);
    }

    /// Everything in a document, in its order.
    fn definitions(&mut self, root: &At<'_>, depth: usize) {
        let target: Option<Arc<str>> =
            root.attribute("targetNamespace").filter(|target| !target.is_empty()).map(Arc::from);
        if depth == 0 {
            let contract = &mut self.gathered.contract;
            contract.name = root.attribute("name").map(str::to_owned);
            contract.namespace = target.clone();
            contract.documentation = root.documentation();
        }
        self.gathered.contract.files.push(root.file().clone());
        for child in root.children() {
            let local = child.element.name.local.as_str();
            if child.element.name.namespace.as_deref() != Some(WSDL) {
                parts::extension(&child, &mut self.gathered.findings);
                continue;
            }
            let target = target.as_ref();
            match local {
                "import" => self.import(&child, depth),
                "types" => self.types(&child),
                "message" => parts::message(&child, target, &mut self.gathered),
                "portType" => parts::port_type(&child, target, &mut self.gathered),
                "binding" => binding::binding(&child, target, &mut self.gathered),
                "service" => parts::service(&child, target, &mut self.gathered),
                "documentation" => {}
                _ => {
                    let message = format!("`{local}` is no part of a WSDL's definitions");
                    let known =
                        ["import", "types", "message", "portType", "binding", "service", "documentation"];
                    let finding = Finding::error("bad-wsdl", child.span(), message);
                    self.report(finding.suggest(local, known));
                }
            }
        }
    }

    /// `wsdl:import` (section 2.1.1): of a WSDL, or of a schema, as many have it.
    fn import(&mut self, at: &At<'_>, depth: usize) {
        let namespace = at.attribute("namespace").filter(|given| !given.is_empty()).map(Arc::from);
        let location = at.attribute("location").unwrap_or_default().replace("%20", " ");
        let missing = |why: &str| Missing {
            namespace: namespace.clone(),
            location: location.clone(),
            why: why.to_owned(),
            span: at.span(),
        };
        if location.is_empty() {
            self.gathered.missing.push(missing("the import does not say where it is"));
            return;
        }
        let is_built_in = is_address(&at.file().path.to_string_lossy());
        if let Some((address, text)) = wellknown::by_address(&location, is_built_in) {
            if !self.seen.contains(Path::new(address)) {
                let file = self.files.built_in(&format!("{address} (built in)"), text);
                self.document((PathBuf::from(address), file, text.to_owned()), Some(at.span()), depth + 1);
            }
            return;
        }
        let found = self.files.locate(&at.file().path, &location);
        let found = found.unwrap_or_else(|| self.path(&at.file().path, &location));
        let opened = found.and_then(|path| match self.seen.contains(&path) {
            true => Ok(None),
            false => self.files.open(&path).map(|(file, text)| Some((path, file, text))),
        });
        match opened {
            Ok(Some(document)) => {
                self.document(document, Some(at.span()), depth + 1);
            }
            Ok(None) => {}
            Err(why) => self.gathered.missing.push(missing(&why)),
        }
    }

    /// The path that a location in a file means, or why it is not read.
    fn path(&self, file: &Path, location: &str) -> Result<PathBuf, String> {
        if is_address(location) {
            return Err("nothing is fetched from the network".to_owned());
        }
        let path = plain(&file.parent().unwrap_or(Path::new("")).join(location));
        let mut below = path.strip_prefix(&self.folder).into_iter().flat_map(Path::components);
        let is_inside = Path::new(location).is_relative()
            && path.starts_with(&self.folder)
            && below.all(|part| matches!(part, Component::Normal(_)));
        match is_inside || self.seen.contains(&path) {
            true => Ok(path),
            false => Err(OUTSIDE.to_owned()),
        }
    }

    /// `wsdl:types` (section 2.2): its schemas.
    fn types(&mut self, at: &At<'_>) {
        for child in at.children() {
            let name = &child.element.name;
            let namespace = name.namespace.as_deref();
            if name.is(XS, "schema") {
                self.schema(&child);
            } else if name.local == "schema" && namespace.is_some_and(|own| OLD_XS.contains(&own)) {
                let message =
                    format!("the schema is written in a draft of XML Schema: {}", namespace.unwrap_or(""));
                let help = format!("ask for the contract with schemas in {XS}");
                self.report(Finding::error("bad-wsdl", child.span(), message).help(help));
            } else if namespace != Some(WSDL) {
                parts::extension(&child, &mut self.gathered.findings);
            } else if name.local == "import" {
                self.import(&child, 1);
            } else if name.local != "documentation" {
                let message = format!("`{}` is no part of a WSDL's types", name.local);
                self.report(Finding::error("bad-wsdl", child.span(), message));
            }
        }
    }

    fn schema(&mut self, at: &At<'_>) {
        let file = at.file();
        let Some(end) = element_end(&file.text, at.start()) else { return };
        self.gathered.sources.push(Source::Part(Part {
            file: file.file,
            path: file.path.clone(),
            folder: self.folder.clone(),
            text: Arc::clone(&file.text),
            root: at.element.clone(),
            starts: at.starts().to_vec(),
            end,
            prefixes: at.around().map(At::prefixes).unwrap_or_default(),
        }));
    }
}

impl Missing {
    /// The finding about it: an error where something is missed, else a warning.
    pub fn finding(&self, is_missed: bool) -> Finding {
        let shown = match &self.namespace {
            Some(namespace) => format!("the namespace `{namespace}`"),
            None => "no namespace".to_owned(),
        };
        let message = match self.location.as_str() {
            "" => format!("the import of {shown} does not say where it is"),
            location => format!("the WSDL of {shown} was not found at `{location}`: {}", self.why),
        };
        let finding = match is_missed {
            true => Finding::error("unread-import", self.span, message),
            false => Finding::warning("unread-import", self.span, message),
        };
        finding.help(if self.why == NOT_CACHED { ALLOW_IT } else { BESIDE })
    }
}
