//! From an OpenAPI document to what the gateway has words for; what it has none for is noted, what it must not ignore refused.

use serde_json::{Map, Value};

use super::given::{Given, Wrong, part};
use super::operations;
use super::schemas::FileNames;
use crate::openapi::Version;

/// References that lead to references.
const LONGEST: usize = 32;

/// What a document describes.
#[derive(Debug, Default)]
pub struct Described {
    pub title: String,
    pub description: String,
    pub version: String,
    /// The path of its first server; empty without.
    pub base: String,
    /// How its callers say who they are, in words.
    pub access: Vec<String>,
    /// What is left out, in words.
    pub notes: Vec<String>,
    pub operations: Vec<Operation>,
}

/// One method at one path.
#[derive(Debug)]
pub struct Operation {
    pub name: String,
    pub method: &'static str,
    pub path: String,
    pub description: String,
    pub deprecated: bool,
    pub input: Io,
    pub output: Io,
    /// The status of its success, where it is not the one that the gateway gives by itself.
    pub status: Option<u16>,
    /// The status of an answer without a body.
    pub on_empty: Option<u16>,
    pub query: Vec<Query>,
    /// Header fields with the values that they must have.
    pub conditions: Vec<(String, String)>,
    /// What is left out of it, in words.
    pub notes: Vec<String>,
}

/// A parameter of the query.
#[derive(Debug)]
pub struct Query {
    pub name: String,
    pub required: bool,
    pub description: String,
    /// The pointer to its schema.
    pub schema: Option<String>,
}

/// What goes in or comes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Io {
    /// Nothing.
    None,
    /// Bytes, of a media type where one is said.
    Data(Option<String>),
    /// Parts, of an answer with their media type.
    Multipart(Option<String>),
    /// Documents of a schema.
    Json {
        /// The pointer to it.
        schema: String,
        /// Whether they stand in an array.
        many: bool,
    },
}

/// A document that is being read.
pub struct Reader<'g> {
    pub given: &'g Given,
    pub version: Version,
    /// Everything that is refused.
    pub wrong: Vec<Wrong>,
    pub notes: Vec<String>,
    /// The files of schemas.
    pub files: FileNames,
}

impl<'g> Reader<'g> {
    /// Of a document, with nothing said of it yet.
    pub fn new(given: &'g Given, version: Version) -> Self {
        let files = FileNames::new(&given.value);
        Self { given, version, wrong: Vec::new(), notes: Vec::new(), files }
    }
}

/// Reads a document.
///
/// # Errors
/// Everything in it that cannot be taken over and must not be ignored, or that is none of OpenAPI 3.
pub fn read(given: &Given) -> Result<(Described, Version), Vec<Wrong>> {
    let version = version(given).map_err(|wrong| vec![wrong])?;
    let mut reader = Reader::new(given, version);
    let text = |pointer: &str| match given.value.pointer(pointer) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    let mut described = Described {
        title: text("/info/title"),
        description: text("/info/description"),
        version: text("/info/version"),
        base: reader.base(),
        access: access(given),
        ..Described::default()
    };
    if given.value.get("webhooks").is_some() {
        reader.notes.push("webhooks: the gateway sends none".to_owned());
    }
    described.operations = operations::all(&mut reader);
    described.notes = reader.notes;
    if reader.wrong.is_empty() { Ok((described, version)) } else { Err(reader.wrong) }
}

fn version(given: &Given) -> Result<Version, Wrong> {
    if let Some(two) = given.value.get("swagger") {
        let message =
            format!("this is Swagger {}, and OpenAPI 3.0 and 3.1 are read", two.as_str().unwrap_or("2.0"));
        return Err(given.wrong("/swagger", message));
    }
    let Some(said) = given.value.get("openapi") else {
        return Err(given.wrong("", "this is no OpenAPI document: it has no `openapi` with a version"));
    };
    let text = said.as_str().unwrap_or_default();
    Version::parse(text).ok_or_else(|| {
        given.wrong("/openapi", format!("version {said} of OpenAPI is not known here; 3.0 and 3.1 are read"))
    })
}

/// How callers say who they are.
fn access(given: &Given) -> Vec<String> {
    let schemes = given.value.pointer("/components/securitySchemes").and_then(Value::as_object);
    let one = |(name, scheme): (&String, &Value)| {
        let of = |word: &str| scheme.get(word).and_then(Value::as_str).unwrap_or_default();
        let how = match of("type") {
            "http" => format!("HTTP {}", of("scheme").to_lowercase()),
            "apiKey" => format!("a key in {} {}", of("in"), of("name")),
            other => other.to_owned(),
        };
        format!("{name} ({how})")
    };
    schemes.into_iter().flatten().map(one).collect()
}

impl<'g> Reader<'g> {
    /// Notes something that cannot be taken over.
    pub fn refuse(&mut self, pointer: &str, message: impl Into<String>) {
        self.wrong.push(self.given.wrong(pointer, message));
    }

    /// The value at a pointer, or what it refers to, with the pointer to that; `None` after a note.
    pub fn resolved(&mut self, pointer: &str) -> Option<(&'g Value, String)> {
        let given = self.given;
        let mut at = pointer.to_owned();
        for _ in 0..LONGEST {
            let value = given.value.pointer(&at)?;
            let Some(Value::String(reference)) = value.get("$ref") else { return Some((value, at)) };
            let place = format!("{at}/$ref");
            match self.target(reference, &place) {
                Some(next) => at = next,
                None => return None,
            }
        }
        self.refuse(pointer, "this refers to itself");
        None
    }

    /// The pointer that a reference is.
    pub fn target(&mut self, reference: &str, place: &str) -> Option<String> {
        let Some(to) = reference.strip_prefix('#') else {
            let message = format!(
                "it refers to `{reference}` outside of the document, and nothing is fetched: bundle it first"
            );
            self.refuse(place, message);
            return None;
        };
        let to = crate::pipeline::endpoint::decode(to).to_string();
        if self.given.value.pointer(&to).is_none() {
            self.refuse(place, format!("`{reference}` leads nowhere"));
            return None;
        }
        Some(to)
    }

    /// The members of an object, each with its pointer.
    pub fn members(&mut self, pointer: &str) -> Vec<(&'g String, &'g Value, String)> {
        match self.given.value.pointer(pointer) {
            Some(Value::Object(members)) => members
                .iter()
                .map(|(name, value)| (name, value, format!("{pointer}/{}", part(name))))
                .collect(),
            None => Vec::new(),
            Some(_) => {
                self.refuse(pointer, "an object is expected here");
                Vec::new()
            }
        }
    }

    /// The path of the first server.
    fn base(&mut self) -> String {
        let given = self.given;
        let Some(url) = given.value.pointer("/servers/0/url").and_then(Value::as_str) else {
            return String::new();
        };
        let none = Map::new();
        let variables =
            given.value.pointer("/servers/0/variables").and_then(Value::as_object).unwrap_or(&none);
        let mut full = url.to_owned();
        for (name, variable) in variables {
            let default = variable.get("default").and_then(Value::as_str).unwrap_or_default();
            full = full.replace(&format!("{{{name}}}"), default);
        }
        let path = match full.split_once("://") {
            Some((_, rest)) => rest.find('/').and_then(|at| rest.get(at..)).unwrap_or_default(),
            None => full.as_str(),
        };
        let base = path.trim_end_matches('/');
        let fits = base.is_empty() || (base.starts_with('/') && !base.contains(['{', '}', '?', '#', ' ']));
        if !fits {
            self.refuse("/servers/0/url", format!("`{url}` has no path that addresses could begin with"));
            return String::new();
        }
        base.to_owned()
    }
}
