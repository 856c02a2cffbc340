//! The `json` profile format by a JSON Schema: `schema=`, and which file is the document of a URI.

use crate::document::json::JSON;
use crate::kind::Compiling;
use crate::kind::format::DeclaredProfile;
use crate::pipeline::operation::Profile;
use crate::schema::json_schema::{self, Files, Problem};
use crate::source::{Finding, Span, Spanned};
use crate::syntax::Node;
use crate::world::reason;

#[derive(Debug)]
struct Declared {
    files: Files,
    span: Span,
}

/// Reads a profile that has `schema=`.
pub fn read(mut node: Node<'_>) -> Option<Box<dyn DeclaredProfile>> {
    let path = node.property::<String>("schema");
    let mut given = Vec::new();
    for child in node.children() {
        given.extend(resource(child));
    }
    let declared = path.and_then(|path| load(&node, &path, &given));
    node.finish();
    declared.map(|declared| Box::new(declared) as Box<dyn DeclaredProfile>)
}

/// `resource URI file=PATH`
fn resource(mut node: Node<'_>) -> Option<(String, String)> {
    if node.name() != "resource" {
        node.unknown("unknown-word", "a part of a profile with a schema", ["resource"]);
        return None;
    }
    let uri = node.argument::<String>("URI");
    let file = node.required::<String>("file");
    node.finish();
    Some((uri?.value, file?.value))
}

fn load(node: &Node<'_>, path: &Spanned<String>, given: &[(String, String)]) -> Option<Declared> {
    let reading = node.reading;
    let span = path.span;
    let mut read = |path: &str| {
        let full = reading.resolve(&Spanned::new(path.to_owned(), span));
        let bytes = reading.world.read(&full).map_err(|error| reason(&error))?;
        reading.seen.borrow_mut().push((path.to_owned(), bytes.clone()));
        Ok(bytes)
    };
    match json_schema::load(&path.value, given, &mut read) {
        Ok(files) => Some(Declared { files, span: path.span }),
        Err(problems) => {
            problems.iter().for_each(|problem| node.report(finding(problem, path.span)));
            None
        }
    }
}

/// A mistake in a schema, told at the place that names the schema.
fn finding(problem: &Problem, span: Span) -> Finding {
    let Problem { file, pointer, line, message, help } = problem;
    let line = line.map(|line| format!(" line {line}")).unwrap_or_default();
    let place = if pointer.is_empty() { String::new() } else { format!(", at {pointer}") };
    let message = match message.strip_prefix("cannot be read") {
        Some(rest) => format!("`{file}` cannot be read{rest}"),
        None => format!("`{file}`{line}{place}: {message}"),
    };
    let finding = Finding::error("bad-schema", span, message);
    match help {
        Some(help) => finding.help(help.clone()),
        None => finding,
    }
}

impl DeclaredProfile for Declared {
    fn compile(&self, name: &str, compiling: &Compiling<'_>) -> Option<Profile> {
        match json_schema::compile(&self.files) {
            Ok(compiled) => Some(Profile::new(name, &JSON, compiled.shape)),
            Err(problems) => {
                problems.iter().for_each(|problem| compiling.report(finding(problem, self.span)));
                None
            }
        }
    }
}
