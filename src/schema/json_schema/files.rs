//! The files of a schema: the one that was named and those it refers to, read through one door, and never over a network.

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use jsonschema::{Draft, Uri};
use serde_json::Value;

use super::{Problem, uri};
use crate::document::codec::{Codec, Limits};
use crate::document::json::JSON;
use crate::document::tree::{Content, Element, Node};

/// Files that one schema may be made of.
const MOST_FILES: usize = 500;

/// One schema document.
#[derive(Debug)]
pub struct File {
    /// Its path as the user knows it.
    pub path: String,
    /// The URI it is known by: where it was found, or what it was asked for as.
    pub uri: String,
    /// Its text.
    pub text: Bytes,
    /// Its tree, for places.
    pub root: Element,
    /// The same as the library takes it.
    pub value: Value,
}

impl File {
    /// A problem at a place of this file, given by a JSON pointer.
    pub fn problem(&self, pointer: &str, message: impl Into<String>) -> Problem {
        let way = way(&self.root, pointer);
        let line = JSON.lines(&self.text, &[&way]).into_iter().next().flatten();
        Problem {
            file: self.path.clone(),
            pointer: pointer.to_owned(),
            line,
            message: message.into(),
            help: None,
        }
    }
}

/// A schema with all files it refers to; nothing is checked yet.
#[derive(Debug, Default)]
pub struct Files {
    /// The first is the schema itself.
    pub files: Vec<File>,
}

impl Files {
    /// Whether one of them is the document of a URI.
    pub fn has(&self, uri: &str) -> bool {
        let uri = plain(uri);
        self.files.iter().any(|file| file.uri == uri || file.id() == Some(&uri))
    }
}

/// The line of the place of a JSON pointer (RFC 6901) in a text that is JSON, from 1.
pub fn line(text: &Bytes, pointer: &str) -> Option<usize> {
    let root = JSON.decode(text, &Limits::default()).ok()?;
    let way = way(&root, pointer);
    JSON.lines(text, &[&way]).into_iter().next().flatten()
}

/// How a file is read: by the path as the user knows it, relative to what he writes paths relative to.
pub type Reader<'a> = &'a mut dyn FnMut(&str) -> Result<Vec<u8>, String>;

/// Reads the schema at `path` and every file that it refers to. `given` says at which path the document of a URI is.
///
/// # Errors
/// A file cannot be read or is not JSON, or a reference leads to the network, or to a file that is neither given nor in or
/// below the schema's folder: a schema from elsewhere must not choose what is read here.
pub fn load(path: &str, given: &[(String, String)], read: Reader<'_>) -> Result<Files, Vec<Problem>> {
    let given: BTreeMap<String, &str> = given.iter().map(|(uri, path)| (plain(uri), path.as_str())).collect();
    let mut files = Files::default();
    let mut problems = Vec::new();
    let root = uri::of_path(path);
    let folder = root.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
    files.files.push(file(path, root, read).map_err(|problem| vec![problem])?);
    let mut queue: VecDeque<usize> = VecDeque::from([0]);
    while let Some(at) = queue.pop_front() {
        let Some(from) = files.files.get(at) else { break };
        let mut wanted = References { base: from.uri.clone(), ids: Vec::new(), found: Vec::new() };
        wanted.walk(&from.value, &from.uri, &mut String::new());
        let References { ids, found, .. } = wanted;
        for reference in found {
            if files.has(&reference.uri) || ids.contains(&reference.uri) || is_standard(&reference.uri) {
                continue;
            }
            let Some(from) = files.files.get(at) else { break };
            let place = match from.place(&reference, &given, &folder) {
                Ok(place) => place,
                Err(problem) => {
                    problems.push(problem);
                    continue;
                }
            };
            match file(&place, reference.uri.clone(), read) {
                Ok(_) if files.files.len() >= MOST_FILES => {
                    problems.push(from.problem("", format!("it is made of more than {MOST_FILES} files")));
                    return Err(problems);
                }
                Ok(file) => {
                    queue.push_back(files.files.len());
                    files.files.push(file);
                }
                // Of a file that is no schema nothing is told, not even what is wrong with it: it may be anyone's.
                Err(Problem { line: Some(_), .. }) => {
                    let message = format!("it refers to `{place}`, which is not JSON");
                    problems.push(from.problem(&reference.pointer, message));
                }
                Err(problem) => {
                    let message = format!("it refers to `{place}`, which {}", problem.message);
                    problems.push(from.problem(&reference.pointer, message));
                }
            }
        }
    }
    if problems.is_empty() { Ok(files) } else { Err(problems) }
}

fn file(path: &str, uri: String, read: Reader<'_>) -> Result<File, Problem> {
    let nowhere = |message: String| Problem {
        file: path.to_owned(),
        pointer: String::new(),
        line: None,
        message,
        help: None,
    };
    let text = Bytes::from(read(path).map_err(|why| nowhere(format!("cannot be read: {why}")))?);
    let root = JSON.decode(&text, &Limits::default()).map_err(|malformed| Problem {
        line: Some(malformed.line),
        ..nowhere(format!("this is not JSON: {}", malformed.message))
    })?;
    let value = value(&root);
    Ok(File { path: path.to_owned(), uri, text, root, value })
}

impl File {
    /// The URI that the document gives itself.
    pub fn id(&self) -> Option<&str> {
        let id = self.value.get("$id")?.as_str()?;
        Some(id.trim_end_matches('#')).filter(|id| id.contains(':'))
    }

    /// The path of the file that a reference leads to: one that is given, or one in or below the schema's folder.
    fn place(
        &self,
        reference: &Reference,
        given: &BTreeMap<String, &str>,
        folder: &str,
    ) -> Result<String, Problem> {
        let Reference { uri, pointer } = reference;
        if let Some(path) = given.get(uri) {
            return Ok((*path).to_owned());
        }
        let Some(path) = self.beside(uri) else {
            let message = format!("it refers to {uri}, which is not given");
            let help = format!(
                "nothing is read from the network: save it as a file and write resource \"{uri}\" file=\"...\" in the \
                 profile's block"
            );
            return Err(Problem { help: Some(help), ..self.problem(pointer, message) });
        };
        // As a URI again the path has no `..` left, however it was written.
        let full = uri::of_path(&path);
        let is_below = full.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
        if is_below || given.values().any(|known| uri::of_path(known) == full) {
            return Ok(uri::to_path(&full).unwrap_or(path));
        }
        let message = format!("it refers to `{path}`, which is outside the folder of the schema");
        let help = format!(
            "if the schema may read it, write resource \"{path}\" file=\"{path}\" in the profile's block, or move the file \
             into the schema's folder"
        );
        Err(Problem { help: Some(help), ..self.problem(pointer, message) })
    }

    /// The path of a document that stands beside this one, by where both are, or by what both are called: with an `$id`
    /// of https://example.com/a/b.json, https://example.com/a/c.json is the file c.json in the same folder.
    fn beside(&self, wanted: &str) -> Option<String> {
        if let Some(path) = uri::to_path(wanted) {
            return Some(path);
        }
        let (folder, _) = self.id()?.rsplit_once('/')?;
        let rest = wanted.strip_prefix(folder)?.strip_prefix('/')?;
        if rest.is_empty() || folder.ends_with('/') {
            return None;
        }
        let own = uri::of_path(&self.path);
        let base = Uri::parse(own.as_str()).ok()?;
        uri::to_path(jsonschema::uri::resolve_against(&base, rest).ok()?.as_str())
    }
}

/// The references of a document.
struct References {
    base: String,
    /// What parts of the document call themselves.
    ids: Vec<String>,
    found: Vec<Reference>,
}

struct Reference {
    uri: String,
    pointer: String,
}

impl References {
    /// Depth is bounded by the reader's limit.
    fn walk(&mut self, value: &Value, base: &str, pointer: &mut String) {
        let length = pointer.len();
        match value {
            Value::Array(items) => {
                for (at, item) in items.iter().enumerate() {
                    pointer.push_str(&format!("/{at}"));
                    self.walk(item, base, pointer);
                    pointer.truncate(length);
                }
            }
            Value::Object(members) => {
                let own = members.get("$id").and_then(Value::as_str).and_then(|id| resolve(base, id));
                let base = own.as_deref().unwrap_or(base);
                self.ids.extend(own.clone());
                for (name, member) in members {
                    pointer.push_str(&format!("/{}", name.replace('~', "~0").replace('/', "~1")));
                    match (name.as_str(), member) {
                        ("const" | "enum" | "default" | "examples", _) => {}
                        ("$ref" | "$dynamicRef" | "$schema", Value::String(to)) => {
                            self.reference(base, to, pointer)
                        }
                        _ => self.walk(member, base, pointer),
                    }
                    pointer.truncate(length);
                }
            }
            _ => {}
        }
    }

    fn reference(&mut self, base: &str, to: &str, pointer: &str) {
        let Some(uri) = resolve(base, to).filter(|uri| *uri != self.base) else { return };
        if !self.found.iter().any(|found| found.uri == uri) {
            self.found.push(Reference { uri, pointer: pointer.to_owned() });
        }
    }
}

/// A reference against its base, without its fragment.
pub fn resolve(base: &str, to: &str) -> Option<String> {
    let base = Uri::parse(base).ok()?;
    let full = jsonschema::uri::resolve_against(&base, to).ok()?;
    Some(plain(full.as_str()))
}

fn plain(uri: &str) -> String {
    uri.split('#').next().unwrap_or_default().to_owned()
}

/// The standard's own documents, which the library brings along.
fn is_standard(uri: &str) -> bool {
    Draft::from_schema_uri(uri) != Draft::Unknown || uri.starts_with("https://json-schema.org/draft/20")
}

/// The way to the place of a JSON pointer: positions among siblings, as far as it leads.
pub fn way(root: &Element, pointer: &str) -> Vec<usize> {
    let (mut here, mut way) = (root, Vec::new());
    for segment in pointer.split('/').skip(1) {
        let name = segment.replace("~1", "/").replace("~0", "~");
        let found = match &here.content {
            Content::Items(_) => name.parse::<usize>().ok().and_then(|at| Some((at, nth(here, at)?))),
            _ => here.elements().enumerate().find(|(_, member)| member.name.local == name),
        };
        let Some((at, next)) = found else { break };
        way.push(at);
        here = next;
    }
    way
}

/// The item or member at a position: a JSON tree has nothing but elements.
pub fn nth(element: &Element, at: usize) -> Option<&Element> {
    match element.nodes().get(at)? {
        Node::Element(element) => Some(element),
        Node::Text(_) => None,
    }
}

/// A tree as the library's value, numbers as they are written.
pub fn value(element: &Element) -> Value {
    match &element.content {
        Content::Nil => Value::Null,
        Content::Bool(value) => Value::Bool(*value),
        Content::Number(text) => Value::Number(super::tree::number(text)),
        Content::Text(text) => Value::String(text.to_string()),
        Content::Empty => Value::String(String::new()),
        Content::Items(_) => Value::Array(element.elements().map(value).collect()),
        Content::Children(_) => Value::Object(
            element.elements().map(|member| (member.name.local.to_string(), value(member))).collect(),
        ),
    }
}
