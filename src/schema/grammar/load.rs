//! Schema documents and all that they include, import and redefine: read once each, cycles and all.

use std::collections::{HashMap, HashSet};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::catalog::{self, BuiltIn};
use super::documents::{Documents, Files, More, NOT_CACHED, Source};
use super::source::{self, At, Doc, Tree};
use crate::source::{FileId, Finding, Span};

/// Documents of one grammar: more than any real one has.
const MOST: usize = 2000;
/// Documents that include each other in a row.
const DEEPEST: usize = 100;

/// Why an address that a schema refers to is not read.
const NOT_FETCHED: &str = "nothing is fetched from the network";
/// Why a file that a schema refers to is not read.
const OUTSIDE: &str =
    "a schema refers by itself only to files in its own folder and below, by relative paths";
/// What to do then.
const NAME_IT: &str = "if this file is meant, name it in the profile as well: { xsd FILE }";

/// What to do where a host was not allowed.
pub const ALLOW_IT: &str = "it fetches from the host of the contract itself and from those that `hosts` names beside it: \
     `soapstone explain wsdl-cache`";

/// How one document names another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Link {
    Include,
    Import,
    Redefine,
}

/// Who asks for a document.
struct Asker<'a> {
    link: Link,
    span: Span,
    /// The namespace that it must have, or takes on.
    namespace: &'a Option<Arc<str>>,
}

/// An import of which no document was found where it says.
struct Open {
    namespace: Option<Arc<str>>,
    span: Span,
    /// Where it should be, and why it is not there; `None` for an import that does not say where.
    missing: Option<(String, String)>,
}

struct Loader<'f> {
    files: &'f mut dyn Files,
    out: Documents,
    /// The file's path, with the namespace it took on when it is a chameleon.
    known: HashMap<(PathBuf, Option<Arc<str>>), usize>,
    /// Imports of which no document was found where they say: another one may have the namespace.
    open: Vec<Open>,
    depth: usize,
    /// The files that the configuration names.
    named: HashSet<PathBuf>,
    /// The files that schemas stand in beside other things.
    around: HashSet<PathBuf>,
    /// The names of documents that were made of others.
    made: HashSet<PathBuf>,
    /// Whether the documents are those of a contract.
    is_contract: bool,
    /// The folder of the one of them that the documents at hand belong to: what they refer to is in it, or named as well.
    folder: PathBuf,
}

/// Reads documents with all that they name. `paths` each come with the place that names them.
pub fn load(paths: &[(PathBuf, Span)], files: &mut dyn Files) -> Documents {
    let given = paths.iter().map(|(path, span)| Source::File(path.clone(), *span)).collect();
    load_all(given, None, files)
}

/// Reads documents with all that they name. Those of a contract come with what makes more of them: `Some`; they may do what
/// contracts do and the standard forbids, where everybody knows what is meant.
pub fn load_all(given: Vec<Source>, contract: Option<Box<More<'_>>>, files: &mut dyn Files) -> Documents {
    let path_of = |given: &Source| match given {
        Source::File(path, _) | Source::Text { path, .. } => Some(plain(path)),
        Source::Part(_) => None,
    };
    let around = |given: &Source| match given {
        Source::Part(part) => Some(plain(&part.path)),
        _ => None,
    };
    let mut loader = Loader {
        files,
        out: Documents::default(),
        known: HashMap::new(),
        open: Vec::new(),
        depth: 0,
        named: given.iter().filter_map(path_of).collect(),
        around: given.iter().filter_map(around).collect(),
        made: HashSet::new(),
        is_contract: contract.is_some(),
        folder: PathBuf::new(),
    };
    for given in given {
        let doc = loader.given(given);
        loader.out.roots.extend(doc);
    }
    for (name, text) in contract.map(|more| more(&loader.out)).unwrap_or_default() {
        let file = loader.files.built_in(&name, &text);
        let path = PathBuf::from(name);
        loader.made.insert(path.clone());
        let doc = loader.document(path, file, &text, None);
        loader.out.roots.extend(doc);
    }
    loader.finish()
}

/// A path without `.` and `..`: one file has one such path, if no links stand in it.
fn plain(path: &Path) -> PathBuf {
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

/// The folder that a file is in.
fn folder_of(path: &Path) -> PathBuf {
    path.parent().unwrap_or(Path::new("")).to_owned()
}

impl Loader<'_> {
    /// Adds a document that is given; `None` after a finding.
    fn given(&mut self, given: Source) -> Option<usize> {
        match given {
            Source::File(path, span) => {
                let path = plain(&path);
                self.folder = folder_of(&path);
                match self.files.open(&path) {
                    Ok((file, text)) => self.document(path, file, &text, None),
                    Err(why) => {
                        let message = format!("`{}` cannot be read: {why}", path.display());
                        let finding = Finding::error("unreadable-file", span, message);
                        self.report(finding.help("paths are relative to the file that names them"));
                        None
                    }
                }
            }
            Source::Text { path, file, text } => {
                let path = plain(&path);
                self.folder = folder_of(&path);
                self.document(path, file, &text, None)
            }
            Source::Part(part) => {
                self.folder = plain(&part.folder);
                let (path, file) = (plain(&part.path), part.file);
                let tree = Arc::new(source::part(part));
                let doc = self.adopted(path, file, tree, None)?;
                self.entered(doc)
            }
        }
    }

    /// Adds a document with what it names; `None` after a finding.
    fn document(
        &mut self,
        path: PathBuf,
        file: FileId,
        text: &str,
        asker: Option<&Asker<'_>>,
    ) -> Option<usize> {
        let start = Span { file, start: 0, end: 1 };
        let tree = match source::read(text) {
            Ok(tree) => Arc::new(tree),
            Err((message, offset)) => {
                let finding = match asker {
                    Some(asker) => unfit(asker, &path, "is no well-formed XML document"),
                    None => {
                        let span = Span { file, start: offset, end: offset + 1 };
                        Finding::error("bad-schema", span, format!("this is no XML document: {message}"))
                    }
                };
                self.report(finding);
                return None;
            }
        };
        if tree.nodes.first().is_none_or(|root| root.tag != "schema") {
            let finding = match asker {
                Some(asker) => unfit(asker, &path, "is no schema: its root is not xs:schema"),
                None => {
                    let message = "this is no schema: its root is not xs:schema";
                    Finding::error("bad-schema", start, message)
                        .help("a schema is in the namespace http://www.w3.org/2001/XMLSchema")
                }
            };
            self.report(finding);
            return None;
        }
        let doc = self.adopted(path.clone(), file, tree, asker)?;
        let key = (path, doc.target.clone().filter(|_| doc.is_chameleon));
        if let Some(known) = self.known.get(&key) {
            return Some(*known);
        }
        self.known.insert(key, self.out.docs.len());
        self.entered(doc)
    }

    /// Adds a document with what it names; `None` after a finding.
    fn entered(&mut self, doc: Doc) -> Option<usize> {
        let number = self.out.docs.len();
        if number >= MOST || self.depth >= DEEPEST {
            let message = format!("a schema has at most {MOST} documents, {DEEPEST} of them in a row");
            self.report(Finding::error("bad-schema", doc.span(0), message));
            return None;
        }
        self.out.docs.push(doc.clone());
        self.depth += 1;
        self.links(&doc, number);
        self.depth -= 1;
        Some(number)
    }

    /// The document in the namespace that its asker wants; `None` after a finding.
    fn adopted(
        &mut self,
        path: PathBuf,
        file: FileId,
        tree: Arc<Tree>,
        asker: Option<&Asker<'_>>,
    ) -> Option<Doc> {
        let own = tree.attribute(0, "targetNamespace").and_then(source::namespace);
        let is_file = !is_address(&path.to_string_lossy())
            && !self.made.contains(&path)
            && !self.around.contains(&path);
        let mut doc = Doc { file, path, target: own, is_file, is_chameleon: false, tree };
        let Some(asker) = asker else { return Some(doc) };
        match (&doc.target, asker.link) {
            (None, Link::Include | Link::Redefine) if asker.namespace.is_some() => {
                doc.target = asker.namespace.clone();
                doc.is_chameleon = true;
            }
            (own, _) if own == asker.namespace => {}
            (own, _) => {
                let message = format!(
                    "the document `{}` has {}, and {} is expected here",
                    doc.path.display(),
                    shown(own),
                    shown(asker.namespace)
                );
                self.report(Finding::error("bad-schema", asker.span, message));
                return None;
            }
        }
        Some(doc)
    }

    /// Follows the includes, imports and redefinitions of a document.
    fn links(&mut self, doc: &Doc, number: usize) {
        let root = doc.tree.nodes.first().map(|root| root.children.clone()).unwrap_or_default();
        for node in root {
            let link = match doc.tree.nodes.get(node).map(|node| node.tag.as_str()) {
                Some("include") => Link::Include,
                Some("import") => Link::Import,
                Some("redefine") => Link::Redefine,
                _ => continue,
            };
            let found = self.link(doc, node, link);
            if let (Link::Include | Link::Redefine, Some(found)) = (link, found) {
                self.out.links.insert((number, found));
            }
            if let (Link::Redefine, Some(found)) = (link, found) {
                self.out.redefined.push((At { doc: number, node }, found));
            }
        }
    }

    /// The document that an include, import or redefine names.
    fn link(&mut self, doc: &Doc, node: usize, link: Link) -> Option<usize> {
        let span = doc.span(node);
        let namespace = match link {
            Link::Import => doc.tree.attribute(node, "namespace").and_then(source::namespace),
            Link::Include | Link::Redefine => doc.target.clone(),
        };
        if link == Link::Import && namespace == doc.target && self.is_contract {
            // Schemas in contracts import the rest of their own namespace, and everybody knows what is meant.
            let location = doc.tree.attribute(node, "schemaLocation");
            return location.and_then(|_| self.link(doc, node, Link::Include));
        }
        if link == Link::Import && namespace == doc.target {
            let message = format!("this imports {}, which is the document's own", shown(&namespace));
            self.report(Finding::error("bad-schema", span, message).help("include it instead"));
            return None;
        }
        let asker = Asker { link, span, namespace: &namespace };
        let location = doc.tree.attribute(node, "schemaLocation").map(|text| text.replace("%20", " "));
        let Some(location) = location else {
            if link == Link::Import {
                self.open.push(Open { namespace: namespace.clone(), span, missing: None });
            }
            return None;
        };
        let (path, is_known) = match self.located(doc, &location) {
            Ok(located) => located,
            Err(why) => {
                return match catalog::by_address(&location).filter(|_| link != Link::Import) {
                    Some(found) => self.built_in(found, &asker),
                    // A document that is named here goes before a built-in one.
                    None => self.unfound(&asker, &location, &why),
                };
            }
        };
        if link == Link::Import && self.around.contains(&path) {
            // What else stands in that file was given already.
            self.open.push(Open { namespace: namespace.clone(), span, missing: None });
            return None;
        }
        let is_named = self.named.contains(&path);
        if !is_named && !is_known && !self.is_inside(&path, &location) {
            return self.unfound(&asker, &location, OUTSIDE);
        }
        if let Some(known) = self.known.get(&(path.clone(), None))
            && self.out.docs.get(*known).is_some_and(|known| known.target == namespace)
        {
            return Some(*known);
        }
        match self.files.open(&path) {
            Ok((file, text)) => {
                let folder = if is_named { folder_of(&path) } else { self.folder.clone() };
                let outer = std::mem::replace(&mut self.folder, folder);
                let found = self.document(path, file, &text, Some(&asker));
                self.folder = outer;
                found
            }
            Err(why) => self.unfound(&asker, &location, &why),
        }
    }

    /// The path that a location in a document means, and whether it is known to be one of those that belong to the document.
    fn located(&self, doc: &Doc, location: &str) -> Result<(PathBuf, bool), String> {
        if is_address(&doc.path.to_string_lossy()) {
            return Err(NOT_FETCHED.to_owned());
        }
        match self.files.locate(&doc.path, location) {
            Some(located) => located.map(|path| (path, true)),
            None if is_address(location) => Err(NOT_FETCHED.to_owned()),
            None => {
                let location = location.strip_prefix("file:").unwrap_or(location);
                Ok((plain(&folder_of(&doc.path).join(location)), false))
            }
        }
    }

    /// Whether a document that the configuration does not name may refer to a file by itself: by a relative location that
    /// stays in the folder of the document that is named. Schemas come from others, and must not read any file here.
    fn is_inside(&self, path: &Path, location: &str) -> bool {
        let is_relative = Path::new(location).is_relative() && !location.starts_with("file:");
        let mut below = path.strip_prefix(&self.folder).into_iter().flat_map(Path::components);
        is_relative
            && path.starts_with(&self.folder)
            && below.all(|part| matches!(part, Component::Normal(_)))
    }

    fn unfound(&mut self, asker: &Asker<'_>, location: &str, why: &str) -> Option<usize> {
        match asker.link {
            Link::Import => {
                let missing = Some((location.to_owned(), why.to_owned()));
                self.open.push(Open { namespace: asker.namespace.clone(), span: asker.span, missing });
            }
            Link::Include | Link::Redefine => {
                let message = format!("`{location}` cannot be read: {why}");
                let finding = Finding::error("unreadable-file", asker.span, message);
                self.report(finding.help(match why {
                    OUTSIDE => NAME_IT,
                    NOT_CACHED => ALLOW_IT,
                    _ => "put the document beside this one and name it by a relative path",
                }));
            }
        }
        None
    }

    fn built_in(&mut self, found: &BuiltIn, asker: &Asker<'_>) -> Option<usize> {
        let path = PathBuf::from(found.namespace);
        if let Some(known) = self.known.get(&(path.clone(), None)) {
            return Some(*known);
        }
        let file = self.files.built_in(&format!("{} (built in)", found.namespace), found.text);
        self.document(path, file, found.text, Some(asker))
    }

    fn report(&mut self, finding: Finding) {
        self.out.findings.push(finding);
    }

    /// Imports that name no document are by namespace: of a document that is there, or of a built-in one.
    fn finish(mut self) -> Documents {
        while let Some(Open { namespace, span, missing }) = self.open.pop() {
            if self.out.docs.iter().any(|doc| doc.target == namespace) {
                continue;
            }
            let asker = Asker { link: Link::Import, span, namespace: &namespace };
            let by_address = missing.as_ref().and_then(|(location, _)| catalog::by_address(location));
            let by_namespace = || catalog::by_namespace(namespace.as_deref().unwrap_or_default());
            match (by_address.or_else(by_namespace), missing) {
                (Some(found), _) => {
                    self.built_in(found, &asker);
                }
                (None, None) => {}
                (None, Some((location, why))) => {
                    let message =
                        format!("the schema of {} was not found at `{location}`: {why}", shown(&namespace));
                    let help = match why.as_str() {
                        OUTSIDE => NAME_IT,
                        NOT_CACHED => ALLOW_IT,
                        _ => "save it beside this file, and name it in the profile as well: { xsd FILE }",
                    };
                    self.out.findings.push(Finding::error("unread-import", span, message).help(help));
                }
            }
        }
        self.out
    }
}

/// A file that another one refers to is not what it should be. Nothing of it is shown: it may be any file.
fn unfit(asker: &Asker<'_>, path: &Path, what: &str) -> Finding {
    let message = format!("the file `{}` that this refers to {what}", path.display());
    let help = "to see the place in it, name the file in the profile as well: { xsd FILE }";
    Finding::error("bad-schema", asker.span, message).help(help)
}

/// A namespace as messages name it.
pub fn shown(namespace: &Option<Arc<str>>) -> String {
    match namespace {
        Some(namespace) => format!("the namespace `{namespace}`"),
        None => "no namespace".to_owned(),
    }
}

/// Whether a location is on the network, or a name that only looks like one.
fn is_address(location: &str) -> bool {
    let scheme = location.split_once(':').map_or("", |(scheme, _)| scheme);
    scheme.len() > 1
        && scheme != "file"
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+.-".contains(c))
}
