//! `soapstone import`: a profile from a sample or a schema, a file from a contract; tried before it is given.

mod csv;
mod gather;
pub mod kdl;
pub mod openapi;
mod source;
mod wsdl;
mod wsdl_kdl;
mod xml_schema;

pub use gather::gather;
pub use source::ImportError;
pub use wsdl::{Imported, contract, wsdl};

pub use crate::wsdl::Url;

use std::path::Path;

use self::source::{Content, read};
use super::arguments::ImportOptions;
use super::output::Output;
use super::{FAILED, FINE};
use crate::compile;
use crate::compile::RESERVED;
use crate::document::tree::Element;
use crate::schema::json_schema::Problem;
use crate::schema::{Shape, ShapeKind, Simple, SimpleType, infer};
use crate::source::{Form, nearest, render};
use crate::world::{Memory, Real, World};

/// Prints the profile of a file.
pub fn profile(options: &ImportOptions, out: &mut Output) -> u8 {
    match imported(options, &Real) {
        Ok(text) => {
            out.say(&text);
            FINE
        }
        Err(ImportError(message)) => {
            out.tell(&format!("{message}\n"));
            FAILED
        }
    }
}

/// The text of a profile for a file.
///
/// # Errors
/// The file cannot be read, or is not what it should be.
pub fn imported(options: &ImportOptions, world: &dyn World) -> Result<String, ImportError> {
    let path = options.file.display().to_string();
    let name = options.name.clone().unwrap_or_else(|| name_of(&options.file));
    let name = kdl::word(&name);
    match read(options, world)? {
        Content::Xml(root) => {
            let chosen = chosen(&root, options.root.as_deref(), false)?;
            let block = kdl::xml(&infer::xml(&chosen));
            from_sample(&path, &name, "xml", block, options.root.is_some())
        }
        Content::Json(root) => {
            let chosen = chosen(&root, options.root.as_deref(), true)?;
            // An inline profile has no word for anything: what the sample does not show is text until someone knows.
            let unknown = ShapeKind::Simple(Simple::of(SimpleType::String));
            let block = kdl::json(&infer::json(&chosen, &unknown));
            from_sample(&path, &name, "json", block, options.root.is_some())
        }
        Content::XmlSchema => xml_schema::imported(options, &name, world),
        Content::Csv(table) => {
            rootless(options, "a CSV file has rows")?;
            let format = format!("csv{}", csv::words(&table.csv));
            from_sample(&path, &name, &format, Ok(csv::columns(&table)), false)
        }
        Content::JsonSchema(files) => {
            rootless(options, "a JSON Schema describes one document")?;
            let compiled =
                crate::schema::json_schema::compile(&files).map_err(|problems| wrong(&problems))?;
            let closed = closed(&compiled.shape);
            let lax = if closed == compiled.shape { "" } else { " validate=lax" };
            let block = match &compiled.more {
                Some(more) => Err(more.clone()),
                None => kdl::json(&closed),
            };
            Ok(match block {
                Ok(block) => {
                    format!(
                        "// From the JSON Schema {path}.\nprofile {name} format=json{lax} {{\n{block}}}\n"
                    )
                }
                Err(why) => format!(
                    "// The schema itself checks the documents: {}.\nprofile {name} format=json schema={}\n",
                    kdl::comment(&why),
                    kdl::quoted(&path)
                ),
            })
        }
    }
}

/// Refuses `--root` where a file has none.
fn rootless(options: &ImportOptions, why: &str) -> Result<(), ImportError> {
    match &options.root {
        Some(root) => Err(ImportError(format!("--root {root}: {why}, there is no root to choose"))),
        None => Ok(()),
    }
}

/// The inline profile, or the sample itself where that is not enough or does not do.
fn from_sample(
    path: &str,
    name: &str,
    format: &str,
    block: Result<String, String>,
    part: bool,
) -> Result<String, ImportError> {
    let from = kdl::comment(path);
    let inline = block.and_then(|block| {
        let text = format!(
            "// From the sample {from}: types, and what is required or repeats, are what it shows. Change what it does not.\n\
             profile {name} format={format} {{\n{block}}}\n"
        );
        compiles(&text).map(|()| text)
    });
    match inline {
        Ok(text) => Ok(text),
        Err(why) if part => {
            let message = format!("what --root names cannot be written as an inline profile: {why}");
            Err(ImportError(message))
        }
        Err(why) => Ok(format!(
            "// The sample itself is the profile: {}.\nprofile {name} format={format} sample={}\n",
            kdl::comment(&why),
            kdl::quoted(path)
        )),
    }
}

/// Whether a profile compiles by itself.
fn compiles(text: &str) -> Result<(), String> {
    let text = format!("{text}listener any bind=\"127.0.0.1:0\"\n");
    let compiled = compile::compile(Path::new("profile.kdl"), &Memory::default().file("profile.kdl", text));
    if !compiled.findings.has_errors() {
        return Ok(());
    }
    let told = render(&compiled.findings, &compiled.sources, Form::Text { colour: false });
    Err(told.lines().next().unwrap_or_default().to_owned())
}

/// Objects that take members which they do not name, as ones that do not: `validate=lax` says the same.
fn closed(shape: &Shape) -> Shape {
    let kind = match &shape.kind {
        ShapeKind::Children(children) | ShapeKind::Open(children) if !children.is_empty() => {
            ShapeKind::Children(children.iter().map(closed).collect())
        }
        ShapeKind::Items(item) => ShapeKind::Items(Box::new(closed(item))),
        kind => kind.clone(),
    };
    Shape { kind, ..shape.clone() }
}

/// The document, or all elements of the name that `--root` gives.
fn chosen<'a>(root: &'a Element, name: Option<&str>, json: bool) -> Result<Vec<&'a Element>, ImportError> {
    let Some(name) = name else { return Ok(vec![root]) };
    let (mut found, mut names): (Vec<&Element>, Vec<&str>) = (Vec::new(), Vec::new());
    let mut open = vec![root];
    while let Some(element) = open.pop() {
        let local = element.name.local.as_str();
        if local == name {
            found.push(element);
        } else if !local.is_empty() {
            names.push(local);
        }
        open.extend(element.elements());
    }
    if found.is_empty() {
        let what = if json { "member" } else { "element" };
        let near = nearest(name, names).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        return Err(ImportError(format!("the sample has no {what} `{name}`{near}")));
    }
    // One shape for all: those of another namespace are others.
    let namespace = found.last().and_then(|element| element.name.namespace.clone());
    found.retain(|element| element.name.namespace == namespace);
    found.reverse();
    Ok(found)
}

/// A name for a profile from that of the file.
fn name_of(path: &Path) -> String {
    let stem = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let stem = stem.split('.').find(|part| !part.is_empty()).unwrap_or_default();
    let letters = stem.chars().map(|c| if c.is_alphanumeric() || c == '_' { c } else { '-' });
    let name: String = letters.collect();
    match name.trim_matches('-') {
        name if name.is_empty() || RESERVED.contains(&name) => "imported".to_owned(),
        name => name.to_owned(),
    }
}

fn wrong(problems: &[Problem]) -> ImportError {
    let one = |problem: &Problem| {
        let line = problem.line.map(|line| format!(" line {line}")).unwrap_or_default();
        let place = match problem.pointer.as_str() {
            "" => String::new(),
            pointer => format!(", at {pointer}"),
        };
        let help = problem.help.as_ref().map(|help| format!("\n  {help}")).unwrap_or_default();
        format!("{}{line}{place}: {}{help}", problem.file, problem.message)
    };
    ImportError(problems.iter().map(one).collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests;
