//! What a file to import is: read, and told apart by what stands in it.

use std::path::Path;

use bytes::Bytes;

use super::wrong;
use crate::cli::arguments::{ImportFormat, ImportOptions};
use crate::document::codec::{Codec, Limits, Malformed};
use crate::document::json::JSON;
use crate::document::text::decode;
use crate::document::tree::Element;
use crate::profile::csv_sample::{self, Said, Table};
use crate::schema::json_schema::{self, Files};
use crate::world::{World, reason};
use crate::xml::XML;

/// Why nothing was imported, in words for the person at the terminal.
#[derive(Debug, PartialEq, Eq)]
pub struct ImportError(pub String);

/// What there is to make a profile of.
pub enum Content {
    /// An XML sample.
    Xml(Element),
    /// A JSON sample.
    Json(Element),
    /// A JSON Schema with its files.
    JsonSchema(Files),
    /// An XML Schema, which is read with its files where it is compiled.
    XmlSchema,
    /// A CSV file.
    Csv(Table),
}

/// The namespace of XML Schema.
const XSD: &str = "http://www.w3.org/2001/XMLSchema";

/// Reads the file as what it is, or as what `--format` says.
pub fn read(options: &ImportOptions, world: &dyn World) -> Result<Content, ImportError> {
    let path = options.file.as_path();
    let bytes = world
        .read(path)
        .map_err(|error| ImportError(format!("{} cannot be read: {}", path.display(), reason(&error))))?;
    let bytes = Bytes::from(bytes);
    match options.format {
        Some(ImportFormat::Xml) => xml(path, &bytes).map(Content::Xml),
        Some(ImportFormat::Json) => json(path, &bytes).map(Content::Json),
        Some(ImportFormat::JsonSchema) => schema(path, world),
        Some(ImportFormat::Xsd) => Ok(Content::XmlSchema),
        Some(ImportFormat::Csv) => csv(path, &bytes).map(Content::Csv),
        None => guess(path, &bytes, world),
    }
}

fn guess(path: &Path, bytes: &Bytes, world: &dyn World) -> Result<Content, ImportError> {
    let ends = |extension: &str| path.extension().is_some_and(|given| given.eq_ignore_ascii_case(extension));
    if ends("csv") {
        return csv(path, bytes).map(Content::Csv);
    }
    let text = decode(bytes, None).map_err(|malformed| not(path, "text", &malformed))?;
    match text.trim_start().chars().next() {
        Some('<') => {
            let root = xml(path, bytes)?;
            if root.name.is(XSD, "schema") { Ok(Content::XmlSchema) } else { Ok(Content::Xml(root)) }
        }
        Some('{' | '[') => {
            let root = json(path, bytes)?;
            if is_schema(&root) { schema(path, world) } else { Ok(Content::Json(root)) }
        }
        _ if csv_sample::is_likely(&text) => csv(path, bytes).map(Content::Csv),
        _ => Err(ImportError(format!(
            "{} is neither XML, JSON nor CSV; say what it is with --format",
            path.display()
        ))),
    }
}

/// Whether a JSON document is a schema: it says so, or speaks as only schemas do.
fn is_schema(root: &Element) -> bool {
    let says =
        root.child("$schema").and_then(Element::leaf).is_some_and(|uri| uri.contains("json-schema.org"));
    let is_object = |name: &str| root.child(name).is_some_and(|member| member.elements().next().is_some());
    let types = ["object", "array"];
    let typed = root.child("type").and_then(Element::leaf).is_some_and(|name| types.contains(&name));
    says || (typed && (is_object("properties") || root.child("items").is_some())) || is_object("$defs")
}

fn xml(path: &Path, bytes: &Bytes) -> Result<Element, ImportError> {
    XML.decode(bytes, &Limits::default()).map_err(|malformed| not(path, "XML", &malformed))
}

fn json(path: &Path, bytes: &Bytes) -> Result<Element, ImportError> {
    JSON.decode(bytes, &Limits::default()).map_err(|malformed| not(path, "JSON", &malformed))
}

fn csv(path: &Path, bytes: &Bytes) -> Result<Table, ImportError> {
    csv_sample::read(bytes, &Said::default()).map_err(|malformed| not(path, "CSV", &malformed))
}

fn not(path: &Path, what: &str, malformed: &Malformed) -> ImportError {
    ImportError(format!("{} is not {what}: {malformed}", path.display()))
}

fn schema(path: &Path, world: &dyn World) -> Result<Content, ImportError> {
    let mut read = |path: &str| world.read(Path::new(path)).map_err(|error| reason(&error));
    let path = path.display().to_string();
    json_schema::load(&path, &[], &mut read).map(Content::JsonSchema).map_err(|problems| wrong(&problems))
}
