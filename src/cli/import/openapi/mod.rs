//! `soapstone import openapi`: a file with the profiles, operations and the api of an OpenAPI document, tried before it is
//! written.

mod given;
mod operations;
mod parameters;
mod query;
mod read;
mod schemas;
mod write;
mod yaml;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use self::given::{Given, Wrong};
use super::source::ImportError;
use crate::cli::arguments::OpenApiImport;
use crate::cli::output::Output;
use crate::cli::{FAILED, FINE};
use crate::compile;
use crate::source::{Form, render};
use crate::world::{Memory, Real, World, reason};

/// What is written: texts by their paths, relative to the file of declarations.
#[derive(Debug)]
pub struct Imported {
    /// The file of declarations.
    pub text: String,
    /// The files that it names.
    pub files: BTreeMap<String, String>,
}

/// Writes the file and what it names; nothing that is there is overwritten.
pub fn openapi(options: &OpenApiImport, out: &mut Output) -> u8 {
    let path = options.output.clone();
    let written = imported(&options.file, options.name.as_deref(), &Real).and_then(|imported| {
        let folder = path.parent().unwrap_or(Path::new(""));
        let files = imported.files.iter().map(|(name, text)| (folder.join(name), text.as_str()));
        write_all(files.chain([(path.clone(), imported.text.as_str())]).collect())
    });
    match written {
        Ok(count) => {
            let files = if count > 1 { format!(" and {} schemas", count - 1) } else { String::new() };
            out.say(&format!("wrote {0}{files}; check it with: soapstone check {0}\n", path.display()));
            FINE
        }
        Err(ImportError(message)) => {
            out.tell(&format!("{message}\n"));
            FAILED
        }
    }
}

/// The declarations of a document; `name` is the api's.
///
/// # Errors
/// It is no OpenAPI document, or one with something that cannot be served: each with its line.
pub fn imported(path: &Path, name: Option<&str>, world: &dyn World) -> Result<Imported, ImportError> {
    let shown = path.display().to_string();
    let bytes = world
        .read(path)
        .map_err(|error| ImportError(format!("{shown} cannot be read: {}", reason(&error))))?;
    let refused = |wrong: Vec<Wrong>| ImportError(schemas::told(&shown, &wrong));
    let given = Given::read(bytes, path).map_err(|wrong| refused(vec![wrong]))?;
    let (described, version) = read::read(&given).map_err(refused)?;
    let mut reader = read::Reader::new(&given, version);
    let api = name.map_or_else(|| super::name_of(path), str::to_owned);
    let imported = write::written(&described, &mut reader, &shown, &api);
    if !reader.wrong.is_empty() {
        return Err(refused(reader.wrong));
    }
    compiles(&imported)?;
    Ok(imported)
}

/// Whether what would be written is a gateway.
fn compiles(imported: &Imported) -> Result<(), ImportError> {
    let mut world = Memory::default().file("gateway.kdl", imported.text.clone());
    for (path, text) in &imported.files {
        world = world.file(path.as_str(), text.clone());
    }
    let compiled = compile::compile(Path::new("gateway.kdl"), &world);
    if !compiled.findings.has_errors() {
        return Ok(());
    }
    let told = render(&compiled.findings, &compiled.sources, Form::Text { colour: false });
    Err(ImportError(format!("what would be written is no gateway:\n{}", told.trim_end())))
}

/// Writes all files or, where one is there already, none.
fn write_all(files: Vec<(PathBuf, &str)>) -> Result<usize, ImportError> {
    let there =
        |path: &Path| ImportError(format!("{} is there already and was left as it is", path.display()));
    if let Some((path, _)) = files.iter().find(|(path, _)| path.exists()) {
        let ImportError(message) = there(path);
        let help = "nothing was imported: remove it, or write into another folder with --output FOLDER/FILE";
        return Err(ImportError(format!("{message}; {help}")));
    }
    for (path, text) in &files {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let made = folder.map_or(Ok(()), std::fs::create_dir_all);
        let file = made.and_then(|()| OpenOptions::new().write(true).create_new(true).open(path));
        file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => there(path),
            _ => ImportError(format!("{} cannot be written: {error}", path.display())),
        })?;
    }
    Ok(files.len())
}
