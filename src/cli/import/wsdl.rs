//! `soapstone import wsdl`: a file that serves a contract, with the contract beside it, tried before it is written.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::super::arguments::WsdlOptions;
use super::super::output::Output;
use super::super::{FAILED, FINE};
use super::gather::gather;
use super::source::ImportError;
use super::xml_schema::Opened;
use super::{name_of, wsdl_kdl};
use crate::cli::fetch::Fetcher;
use crate::compile;
use crate::schema::grammar;
use crate::source::{Findings, Form, Severity, Sources, Span, render};
use crate::world::{Memory, Real, World};
use crate::wsdl::Url;
use crate::wsdl::cache::WsdlSource;
use crate::wsdl::read::read;

/// What was made of a contract: a file, and the files of the contract, each by its path from the folder that they go to.
#[derive(Debug)]
pub struct Imported {
    /// The name of the file that serves it.
    pub name: String,
    /// What it says.
    pub text: String,
    /// The files of the contract; the first one is the WSDL.
    pub files: Vec<(PathBuf, String)>,
    /// What is worth a word about the contract, as a person reads it.
    pub warnings: String,
}

/// Writes the file, and the contract where it is not there already.
pub fn wsdl(options: &WsdlOptions, out: &mut Output) -> u8 {
    match written(options) {
        Ok((path, warnings)) => {
            if !warnings.is_empty() {
                out.tell(&warnings);
            }
            let path = path.display();
            out.say(&format!("wrote {path}; write its processes, and serve it with: soapstone run {path}\n"));
            FINE
        }
        Err(ImportError(message)) => {
            out.tell(&format!("{}\n", message.trim_end()));
            FAILED
        }
    }
}

fn written(options: &WsdlOptions) -> Result<(PathBuf, String), ImportError> {
    let (imported, folder, from) = match Url::parse(&options.from) {
        Some(url) => {
            let stem = name_of(Path::new(url.target.split('?').next().unwrap_or_default()));
            let mut fetcher = Fetcher::new(&WsdlSource::new(url.clone(), Span::default()));
            let files = gather(&url, &stem, &mut |url| fetcher.fetch(url))?;
            let mut world = Memory::default();
            for (name, text) in &files {
                world = world.file(name, text.clone());
            }
            let name = files.first().map(|(name, _)| PathBuf::from(name)).unwrap_or_default();
            (contract(&name, options.out.as_deref(), &world)?, PathBuf::new(), None)
        }
        None => {
            let path = PathBuf::from(&options.from);
            let folder = path.parent().unwrap_or(Path::new("")).to_owned();
            (contract(&path, options.out.as_deref(), &Real)?, folder.clone(), Some(folder))
        }
    };
    let out = options.out.clone().unwrap_or(folder);
    let is_there = from.is_some_and(|from| same(&from, &out));
    if !is_there {
        for (path, text) in &imported.files {
            write(&out.join(path), text)?;
        }
    }
    let path = out.join(&imported.name);
    write(&path, &imported.text)?;
    Ok((path, imported.warnings))
}

/// Whether two paths are of one folder.
fn same(left: &Path, right: &Path) -> bool {
    let whole = |path: &Path| {
        std::path::absolute(if path.as_os_str().is_empty() { Path::new(".") } else { path }).ok()
    };
    whole(left) == whole(right)
}

/// Writes a file that is not there yet: what someone has made is left alone.
fn write(path: &Path, text: &str) -> Result<(), ImportError> {
    let made = || {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder)?;
        }
        OpenOptions::new().write(true).create_new(true).open(path)?.write_all(text.as_bytes())
    };
    made().map_err(|error| ImportError(format!("{} cannot be written: {error}", path.display())))
}

/// Makes a file of a contract, without writing anything: it compiles as it is in the folder `out`, which is that of the
/// contract where none is given.
///
/// # Errors
/// The contract cannot be read, or is wrong: all that is wrong with it, with places.
pub fn contract(path: &Path, out: Option<&Path>, world: &dyn World) -> Result<Imported, ImportError> {
    let mut opened = Opened { world, sources: Sources::default() };
    let loaded = read(&[(path.to_owned(), Span::default())], &mut opened);
    let mut findings = Findings::default();
    let mut warnings = Findings::default();
    for finding in loaded.findings {
        let list = if finding.severity == Severity::Error { &mut findings } else { &mut warnings };
        list.push(finding);
    }
    let (grammar, of_schemas) = grammar::compile(&loaded.documents);
    of_schemas.into_iter().for_each(|finding| findings.push(finding));
    let told = |findings: &Findings| render(findings, &opened.sources, Form::Text { colour: false });
    if findings.has_errors() {
        return Err(ImportError(told(&findings)));
    }
    let Some(found) = loaded.contracts.first() else {
        return Err(ImportError(format!("{} is a schema, and a WSDL is expected", path.display())));
    };
    let folder = path.parent().unwrap_or(Path::new(""));
    let below = |path: &Path| path.strip_prefix(folder).unwrap_or(path).to_owned();
    let mut files: Vec<(PathBuf, String)> =
        found.files.iter().map(|file| (below(&file.path), file.text.to_string())).collect();
    files.retain(|(path, _)| !path.to_string_lossy().contains("://"));
    for doc in loaded.documents.files() {
        let own = below(&doc.path);
        if files.iter().all(|(known, _)| *known != own) {
            files.push((own, doc.tree.text.to_string()));
        }
    }
    let wsdl = files.first().map(|(path, _)| path.display().to_string()).unwrap_or_default();
    let stem = name_of(path);
    let text = wsdl_kdl::text(found, &grammar, &wsdl, &stem);
    let name = format!("{stem}.kdl");
    compiles(out.unwrap_or(folder), &name, &text, &files)?;
    Ok(Imported { name, text, files, warnings: told(&warnings) })
}

/// Whether the file compiles beside the contract: if not, nothing is written. A contract that goes up out of its folder and
/// down again can be served where it is, and not elsewhere.
fn compiles(folder: &Path, name: &str, text: &str, files: &[(PathBuf, String)]) -> Result<(), ImportError> {
    let mut world = Memory::default().file(folder.join(name), text);
    for (path, text) in files {
        world = world.file(folder.join(path), text.clone());
    }
    let compiled = compile::compile(&folder.join(name), &world);
    if !compiled.findings.has_errors() {
        return Ok(());
    }
    let told = render(&compiled.findings, &compiled.sources, Form::Text { colour: false });
    Err(ImportError(format!(
        "the file that would be written in {} does not compile there:\n{told}",
        folder.display()
    )))
}
