//! The schemas of an OpenAPI document as profiles: inline where that says all, else as JSON Schema files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Map, Value, json};

use super::super::{closed, kdl};
use super::given::{Wrong, part};
use super::read::{Io, Reader};
use crate::compile::RESERVED;
use crate::openapi::{self, Version};
use crate::schema::json_schema;

/// The folder of schema files beside the file that is written.
pub const FOLDER: &str = "schemas";

/// Where the schemas stand that have names.
const COMPONENTS: &str = "/components/schemas/";

/// The dialect of the files.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// Words of a schema that an inline profile loses.
const SAID: &[&str] = &[
    "description",
    "title",
    "examples",
    "default",
    "xml",
    "discriminator",
    "deprecated",
    "readOnly",
    "writeOnly",
    "externalDocs",
];

/// The profiles and the files that they need.
#[derive(Debug, Default)]
pub struct Schemas {
    /// The text of each profile by its name, in the order they are met.
    pub profiles: Vec<(String, String)>,
    /// The text of each file by its path.
    pub files: BTreeMap<String, String>,
    /// The profile of each schema by its pointer.
    known: BTreeMap<String, String>,
    names: BTreeSet<String>,
}

impl Schemas {
    /// The profile of what goes in or comes out, made where it is not known yet; `wanted` names one that has no name.
    pub fn profile(&mut self, reader: &mut Reader<'_>, io: &Io, wanted: &str) -> Option<String> {
        let Io::Json { schema, .. } = io else { return None };
        let (value, pointer) = reader.resolved(schema)?;
        if let Some(name) = self.known.get(&pointer) {
            return Some(name.clone());
        }
        let wanted = component(&pointer).unwrap_or(wanted);
        let name = self.name(wanted);
        self.known.insert(pointer.clone(), name.clone());
        let mut files = Files::default();
        let path = files.add(reader, &pointer, &name)?;
        let text = self.text(reader, &name, &path, &files, (value, &pointer))?;
        self.profiles.push((name.clone(), text));
        Some(name)
    }

    fn text(
        &mut self,
        reader: &mut Reader<'_>,
        name: &str,
        path: &str,
        files: &Files,
        (value, pointer): (&Value, &str),
    ) -> Option<String> {
        let word = kdl::word(name);
        let compiled = match compiled(path, files) {
            Ok(compiled) => compiled,
            Err(problem) => {
                let inner = files.pointers.get(&problem.file).map_or(pointer, String::as_str);
                reader.refuse(&format!("{inner}{}", problem.pointer), problem.message);
                return None;
            }
        };
        let shape = closed(&compiled.shape);
        let lax = if shape == compiled.shape { "" } else { " validate=lax" };
        let inline = compiled.more.is_none() && !says_more(value);
        if let Some(block) = inline.then(|| kdl::json(&shape).ok()).flatten() {
            return Some(format!("profile {word} format=json{lax} {{\n{block}}}\n"));
        }
        self.files.extend(files.texts.clone());
        Some(format!("profile {word} format=json schema={}\n", kdl::quoted(path)))
    }

    /// A name that no other profile has.
    fn name(&mut self, wanted: &str) -> String {
        let letters =
            wanted.chars().map(|c| if c.is_alphanumeric() || matches!(c, '_' | '-') { c } else { '-' });
        let wanted: String = letters.collect();
        let numbered = (2..).map(|number: u32| format!("{wanted}-{number}"));
        let free = |name: &String| !RESERVED.contains(&name.as_str()) && !self.names.contains(name);
        let name = std::iter::once(wanted.clone()).chain(numbered).find(free).unwrap_or_default();
        self.names.insert(name.clone());
        name
    }
}

/// The name of a component that a pointer leads to.
fn component(pointer: &str) -> Option<&str> {
    let name = pointer.strip_prefix(COMPONENTS)?;
    (!name.contains('/')).then_some(name)
}

/// Whether a schema says something to people, or refers to others, which have names.
fn says_more(schema: &Value) -> bool {
    match schema {
        Value::Object(members) => members.iter().any(|(word, value)| match word.as_str() {
            "$ref" => true,
            "properties" => value.as_object().is_some_and(|all| all.values().any(says_more)),
            "format" => !["date", "date-time", "time", "int32", "int64", "float", "double"]
                .contains(&value.as_str().unwrap_or_default()),
            word if SAID.contains(&word) || word == "example" => true,
            _ => says_more(value),
        }),
        Value::Array(items) => items.iter().any(says_more),
        _ => false,
    }
}

/// A schema with those that it refers to, as files.
#[derive(Debug, Default)]
pub struct Files {
    texts: BTreeMap<String, String>,
    /// The pointer of each file's schema.
    pointers: BTreeMap<String, String>,
}

impl Files {
    /// Writes a schema and all that it refers to; gives its path.
    pub fn add(&mut self, reader: &mut Reader<'_>, pointer: &str, name: &str) -> Option<String> {
        let path = format!("{FOLDER}/{}", reader.files.of(pointer, component(pointer).unwrap_or(name)));
        self.pointers.insert(path.clone(), pointer.to_owned());
        let mut queue = vec![(path.clone(), pointer.to_owned())];
        while let Some((path, pointer)) = queue.pop() {
            let value = reader.given.value.pointer(&pointer)?;
            let mut schema = if reader.version == Version::V30 { openapi::up(value) } else { value.clone() };
            let mut inner = Inner { reader: &mut *reader, own: &pointer, found: Vec::new() };
            inner.relocate(&mut schema, &pointer);
            for (to, target) in inner.found {
                if self.pointers.insert(to.clone(), target.clone()).is_none() {
                    queue.push((to, target));
                }
            }
            let mut whole = Map::from_iter([("$schema".to_owned(), json!(DIALECT))]);
            match schema {
                Value::Object(members) => whole.extend(members),
                Value::Bool(false) => drop(whole.insert("not".to_owned(), json!({}))),
                _ => {}
            }
            let text = serde_json::to_string_pretty(&Value::Object(whole)).unwrap_or_default();
            self.texts.insert(path, format!("{text}\n"));
        }
        Some(path)
    }
}

/// The name of each schema's file, by its pointer.
#[derive(Debug, Default)]
pub struct FileNames {
    names: BTreeMap<String, String>,
    /// In lower case: some file systems tell no case apart.
    taken: BTreeSet<String>,
}

impl FileNames {
    /// With the names of the components, which theirs are before others take them.
    pub fn new(document: &Value) -> Self {
        let mut names = Self::default();
        let components = document.pointer(COMPONENTS.trim_end_matches('/')).and_then(Value::as_object);
        for name in components.into_iter().flat_map(Map::keys) {
            let name = part(name);
            names.of(&format!("{COMPONENTS}{name}"), &name);
        }
        names
    }

    /// The name of a schema's file: one like `wanted`, that no other schema has.
    fn of(&mut self, pointer: &str, wanted: &str) -> String {
        if let Some(known) = self.names.get(pointer) {
            return known.clone();
        }
        let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.') { c } else { '-' };
        let wanted: String = wanted.chars().map(plain).collect();
        let numbered = (2..).map(|number: u32| format!("{wanted}-{number}.json"));
        let is_free = |name: &String| !self.taken.contains(&name.to_ascii_lowercase());
        let name =
            std::iter::once(format!("{wanted}.json")).chain(numbered).find(is_free).unwrap_or_default();
        self.taken.insert(name.to_ascii_lowercase());
        self.names.insert(pointer.to_owned(), name.clone());
        name
    }
}

/// One schema whose references are changed.
struct Inner<'r, 'g> {
    reader: &'r mut Reader<'g>,
    own: &'r str,
    found: Vec<(String, String)>,
}

impl Inner<'_, '_> {
    /// Depth is bounded by the reader of the document.
    fn relocate(&mut self, schema: &mut Value, at: &str) {
        let Value::Object(members) = schema else { return };
        for (word, value) in members.iter_mut() {
            match value {
                Value::String(reference) if word == "$ref" => *reference = self.reference(reference, at),
                value => {
                    for inner in json_schema::below(word, value) {
                        self.relocate(inner, at);
                    }
                }
            }
        }
    }

    /// A reference as one between files; one into the schema itself stays in it.
    fn reference(&mut self, reference: &str, at: &str) -> String {
        let Some(target) = self.reader.target(reference, at) else { return "#".to_owned() };
        if let Some(rest) =
            target.strip_prefix(self.own).filter(|rest| rest.is_empty() || rest.starts_with('/'))
        {
            return format!("#{rest}");
        }
        let rest = target.strip_prefix(COMPONENTS).and_then(|rest| {
            let (name, inner) = rest.split_once('/').map_or((rest, ""), |(name, inner)| (name, inner));
            Some((name.to_owned(), inner.to_owned())).filter(|(name, _)| !name.is_empty())
        });
        let (name, inner, pointer) = match rest {
            Some((name, inner)) => (name.clone(), inner, format!("{COMPONENTS}{name}")),
            None => (target.trim_start_matches('/').replace(['/', '~'], "-"), String::new(), target.clone()),
        };
        let file = self.reader.files.of(&pointer, &name);
        self.found.push((format!("{FOLDER}/{file}"), pointer));
        if inner.is_empty() { file } else { format!("{file}#/{inner}") }
    }
}

/// What the gateway makes of a schema.
///
/// # Errors
/// The first mistake in it.
pub fn compiled(path: &str, files: &Files) -> Result<json_schema::Compiled, json_schema::Problem> {
    let mut read = |path: &str| {
        let text = files.texts.get(path).or_else(|| files.texts.get(&Path::new(path).display().to_string()));
        text.map(|text| text.clone().into_bytes()).ok_or_else(|| "there is no such file".to_owned())
    };
    let first = |problems: Vec<json_schema::Problem>| {
        let none = json_schema::Problem {
            file: String::new(),
            pointer: String::new(),
            line: None,
            message: "this is no schema".to_owned(),
            help: None,
        };
        problems.into_iter().next().unwrap_or(none)
    };
    let files = json_schema::load(path, &[], &mut read).map_err(first)?;
    json_schema::compile(&files).map_err(first)
}

/// What is wrong, each at its place.
pub fn told(path: &str, wrong: &[Wrong]) -> String {
    let one = |wrong: &Wrong| {
        let line = wrong.line.map(|line| format!(" line {line}")).unwrap_or_default();
        let place = if wrong.pointer.is_empty() { String::new() } else { format!(", at {}", wrong.pointer) };
        format!("{path}{line}{place}: {}", wrong.message)
    };
    wrong.iter().map(one).collect::<Vec<_>>().join("\n")
}
