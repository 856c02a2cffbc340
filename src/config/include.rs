//! Files and their includes: read depth first, each file once, patterns in the order of their names.

use std::cell::RefCell;
use std::path::{Component, Path, PathBuf};

use kdl::KdlDocument;

use super::{Declarations, Read, nowhere, top};
use crate::kind::Kinds;
use crate::pipeline::gateway::Part;
use crate::source::{Finding, Spanned};
use crate::syntax::{Node, Reading, parse};
use crate::world::{World, reason};

/// Files that include each other: more than anyone nests on purpose.
const DEEPEST: usize = 16;

/// Reads one file into `read`. `from` is the `include` that named it.
pub fn file(
    path: &Path,
    from: Option<&Spanned<String>>,
    world: &dyn World,
    kinds: &Kinds,
    read: &mut Read,
    open: &mut Vec<PathBuf>,
) {
    let span = from.map_or_else(nowhere, |from| from.span);
    let shown = path.display().to_string();
    if open.len() >= DEEPEST || open.iter().any(|other| plain(other) == plain(path)) {
        let message = format!("`{shown}` includes itself");
        read.findings
            .borrow_mut()
            .push(Finding::error("include-cycle", span, message).help("remove this include"));
        return;
    }
    let Some(text) = text(path, from, world, read) else { return };
    if read.sources.files().iter().any(|file| plain(Path::new(&*file.path)) == plain(path)) {
        let message = format!("`{shown}` is included twice");
        read.findings
            .borrow_mut()
            .push(Finding::error("included-twice", span, message).help("remove this include"));
        return;
    }
    let id = read.sources.add(shown.clone(), text.clone());
    read.seen.borrow_mut().push((shown, text.clone().into_bytes()));
    let Some(document) = parse(&text, id, &mut read.findings.borrow_mut()) else { return };
    let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
    let mut includes = Vec::new();
    let sources = RefCell::new(std::mem::take(&mut read.sources));
    {
        let reading = Reading {
            world,
            findings: &read.findings,
            seen: &read.seen,
            kept: &read.kept,
            sources: &sources,
            file: id,
            folder: folder.clone(),
            text: &text,
        };
        declarations(&document, &reading, kinds, &mut read.declarations, &read.parts, &mut includes);
    }
    read.sources = sources.into_inner();
    open.push(path.to_path_buf());
    for include in &includes {
        for found in matching(include, &folder, world, read) {
            file(&found, Some(include), world, kinds, read, open);
        }
    }
    open.pop();
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

fn declarations(
    document: &KdlDocument,
    reading: &Reading<'_>,
    kinds: &Kinds,
    into: &mut Declarations,
    parts: &RefCell<Vec<Part>>,
    includes: &mut Vec<Spanned<String>>,
) {
    for node in document.nodes() {
        let mut node = Node::new(node, reading);
        if node.name() == "include" {
            includes.extend(node.argument("path"));
            node.finish();
        } else {
            top::declaration(node, reading, kinds, into, parts);
        }
    }
}

fn text(path: &Path, from: Option<&Spanned<String>>, world: &dyn World, read: &mut Read) -> Option<String> {
    let shown = path.display().to_string();
    let why = match world.read(path) {
        Ok(bytes) => match String::from_utf8(bytes) {
            Ok(text) => return Some(text),
            Err(_) => "it is not UTF-8 text".to_owned(),
        },
        Err(error) => reason(&error),
    };
    let span = match from {
        Some(from) => from.span,
        None => crate::source::Span { file: read.sources.add(shown.clone(), ""), ..nowhere() },
    };
    let finding = Finding::error("unreadable-file", span, format!("`{shown}` cannot be read: {why}"));
    let help = if from.is_some() {
        "paths are relative to the file that names them"
    } else {
        "`soapstone init` writes one to start from"
    };
    read.findings.borrow_mut().push(finding.help(help));
    None
}

/// The files an `include` names; `*` in the last part stands for any text.
fn matching(include: &Spanned<String>, folder: &Path, world: &dyn World, read: &Read) -> Vec<PathBuf> {
    let path = folder.join(&include.value);
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let Some((before, after)) = name.split_once('*') else { return vec![path] };
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let files = match world.list(parent) {
        Ok(files) => files,
        Err(error) => {
            let message = format!("the folder `{}` cannot be read: {}", parent.display(), reason(&error));
            read.findings.borrow_mut().push(Finding::error("unreadable-file", include.span, message));
            return Vec::new();
        }
    };
    let fits = |path: &PathBuf| {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        name.len() >= before.len() + after.len() && name.starts_with(before) && name.ends_with(after)
    };
    let found: Vec<PathBuf> = files.into_iter().filter(fits).collect();
    if found.is_empty() {
        let message = format!("no file matches `{}`", include.value);
        read.findings.borrow_mut().push(Finding::warning("empty-include", include.span, message));
    }
    found
}
