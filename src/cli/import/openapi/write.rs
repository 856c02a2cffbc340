//! The text of an imported api: profiles, operations without steps of their own yet, and the routes.

use std::fmt::Write as _;

use super::Imported;
use super::query;
use super::read::{Described, Io, Operation, Reader};
use super::schemas::Schemas;
use crate::cli::import::kdl;

/// Everything that a document describes. What cannot be taken over is noted in the reader.
pub fn written(described: &Described, reader: &mut Reader<'_>, path: &str, api: &str) -> Imported {
    let mut schemas = Schemas::default();
    let mut operations = String::new();
    let mut routes = String::new();
    for operation in &described.operations {
        self::operation(operation, reader, &mut schemas, &mut operations);
        route(operation, reader, &mut routes);
    }
    let mut out = head(described, path);
    for (_, profile) in &schemas.profiles {
        let _ = write!(out, "\n{profile}");
    }
    out.push_str(&operations);
    self::api(described, api, &routes, &mut out);
    Imported { text: out, files: schemas.files }
}

/// What a reader of the file should know of where it comes from.
fn head(described: &Described, path: &str) -> String {
    let mut out = format!("// From the OpenAPI document {}.\n", kdl::comment(path));
    if !described.operations.is_empty() {
        out.push_str(
            "// Every operation says that it is not implemented, until its process does what it is for.\n",
        );
    }
    if !described.access.is_empty() {
        let access = kdl::comment(&described.access.join(", "));
        let _ = writeln!(out, "// Callers say who they are by {access}; see `soapstone explain auth`.");
    }
    for note in &described.notes {
        let _ = writeln!(out, "// Left out: {}.", kdl::comment(note));
    }
    out.push_str("\nlistener internal bind=\"127.0.0.1:8080\"\n");
    out
}

fn action(method: &str) -> &'static str {
    match method {
        "get" => "get",
        "put" | "patch" => "update",
        "delete" => "delete",
        _ => "create",
    }
}

fn operation(operation: &Operation, reader: &mut Reader<'_>, schemas: &mut Schemas, out: &mut String) {
    let name = &operation.name;
    let io = |io: &Io, profile: Option<String>| match (io, profile) {
        (Io::Json { many, .. }, Some(profile)) => {
            Some(format!("{}{}", kdl::word(&profile), if *many { " many=#true" } else { "" }))
        }
        (Io::None, _) => None,
        (Io::Multipart(Some(media)), _) if media != "multipart/form-data" => {
            Some(format!("multipart content-type={}", kdl::quoted(media)))
        }
        (Io::Multipart(_), _) => Some("multipart".to_owned()),
        (Io::Data(Some(media)), _) => Some(format!("data content-type={}", kdl::quoted(media))),
        (Io::Data(None) | Io::Json { .. }, _) => Some("data".to_owned()),
    };
    let profile = schemas.profile(reader, &operation.input, &format!("{name}-request"));
    let input = io(&operation.input, profile);
    let profile = schemas.profile(reader, &operation.output, &format!("{name}-answer"));
    let output = io(&operation.output, profile);
    let _ = writeln!(out, "\noperation {} {{", kdl::word(name));
    if !operation.description.is_empty() {
        let _ = writeln!(out, "    description {}", kdl::quoted(operation.description.trim()));
    }
    let _ = writeln!(out, "    action {}", action(operation.method));
    if let Some(input) = input {
        let _ = writeln!(out, "    input {input}");
    }
    if let Some(output) = output {
        let _ = writeln!(out, "    output {output}");
    }
    if let Some(status) = operation.on_empty {
        let _ = writeln!(out, "    on-empty {status}");
    }
    out.push_str("    process {\n");
    if let Some(status) = operation.status {
        let _ = writeln!(out, "        set response.status value={status}");
    }
    out.push_str("        throw \"not implemented yet\" status=501 code=not-implemented\n    }\n}\n");
}

fn route(operation: &Operation, reader: &mut Reader<'_>, out: &mut String) {
    let mut lines = Vec::new();
    let mut notes = operation.notes.clone();
    for (name, value) in &operation.conditions {
        lines.push(format!("header {} {}", kdl::word(name), kdl::quoted(value)));
    }
    for query in &operation.query {
        lines.extend(query::line(reader, query, &mut notes));
    }
    if operation.deprecated {
        notes.push("that it is deprecated".to_owned());
    }
    for note in notes {
        let _ = writeln!(out, "        // Left out: {}.", kdl::comment(&note));
    }
    let _ = write!(
        out,
        "        {} {} {}",
        operation.method,
        kdl::quoted(&operation.path),
        kdl::word(&operation.name)
    );
    if lines.is_empty() {
        out.push('\n');
    } else {
        let _ = writeln!(out, " {{\n            {}\n        }}", lines.join("\n            "));
    }
}

fn api(described: &Described, name: &str, routes: &str, out: &mut String) {
    let base = if described.base.is_empty() { "/" } else { &described.base };
    let _ = write!(out, "\napi {}", kdl::word(name));
    if !described.version.is_empty() {
        let _ = write!(out, " version={}", kdl::quoted(&described.version));
    }
    let _ = writeln!(out, " base={} {{", kdl::quoted(base));
    for (word, text) in [("title", &described.title), ("description", &described.description)] {
        if !text.trim().is_empty() {
            let _ = writeln!(out, "    {word} {}", kdl::quoted(text.trim()));
        }
    }
    let _ = writeln!(out, "    rest {{\n{routes}    }}\n}}");
}
