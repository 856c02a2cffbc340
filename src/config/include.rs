//! Files with their includes, and overlays: read depth first, each file once, patterns in the order of their names.

use std::path::{Component, Path, PathBuf};

use kdl::KdlDocument;

use super::nowhere;
use crate::source::{FileId, Finding, Spanned};
use crate::syntax::{Node, Reading, Tree, parse};
use crate::world::reason;

/// Files that include each other: more than anyone nests on purpose.
const DEEPEST: usize = 16;

/// A file that was read.
pub struct Document {
    file: FileId,
    text: String,
    nodes: KdlDocument,
}

impl Document {
    /// What stands in it.
    pub fn trees(&self) -> Vec<Tree<'_>> {
        Tree::of(&self.nodes, self.file, &self.text)
    }
}

/// Reads one file with its includes into `read`. `from` is the `include` that named it.
pub fn file(
    path: &Path,
    from: Option<&Spanned<String>>,
    reading: &Reading<'_>,
    open: &mut Vec<PathBuf>,
    read: &mut Vec<Document>,
) {
    let shown = path.display().to_string();
    if open.len() >= DEEPEST || open.iter().any(|other| plain(other) == plain(path)) {
        let message = format!("`{shown}` includes itself");
        let span = from.map_or_else(nowhere, |from| from.span);
        reading.report(Finding::error("include-cycle", span, message).help("remove this include"));
        return;
    }
    let help = if from.is_some() {
        "paths are relative to the file that names them"
    } else {
        "`soapstone init` writes one to start from"
    };
    let Some(document) = document(path, from, help, reading) else { return };
    let includes: Vec<_> = document.trees().iter().filter_map(|tree| included(tree, reading)).collect();
    let folder = path.parent().unwrap_or(Path::new(""));
    read.push(document);
    open.push(path.to_path_buf());
    for include in &includes {
        for found in matching(include, folder, reading) {
            file(&found, Some(include), reading, open, read);
        }
    }
    open.pop();
}

/// Reads an overlay.
pub fn overlay(path: &Path, reading: &Reading<'_>) -> Option<Document> {
    document(path, None, "a path behind --with is relative to the folder that soapstone runs in", reading)
}

/// The path that an `include` names.
fn included(tree: &Tree<'_>, reading: &Reading<'_>) -> Option<Spanned<String>> {
    if tree.name() != "include" {
        return None;
    }
    let mut node = Node::new(tree, reading);
    let path = node.argument("path");
    node.finish();
    path
}

/// Reads and parses a file; `None` after a finding.
fn document(
    path: &Path,
    from: Option<&Spanned<String>>,
    help: &str,
    reading: &Reading<'_>,
) -> Option<Document> {
    let text = text(path, from, help, reading)?;
    let shown = path.display().to_string();
    let is_known = |file: &crate::source::File| plain(Path::new(&*file.path)) == plain(path);
    if reading.sources.borrow().files().iter().any(is_known) {
        let (message, help) = match from {
            Some(_) => (format!("`{shown}` is included twice"), "remove this include"),
            None => {
                (format!("`{shown}` is read already, and cannot be an overlay too"), "remove this --with")
            }
        };
        let span = from.map_or_else(nowhere, |from| from.span);
        reading.report(Finding::error("included-twice", span, message).help(help));
        return None;
    }
    let file = reading.sources.borrow_mut().add(shown.clone(), text.as_str());
    reading.seen.borrow_mut().push((shown, text.clone().into_bytes()));
    let nodes = parse(&text, file, &mut reading.findings.borrow_mut())?;
    Some(Document { file, text, nodes })
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

fn text(path: &Path, from: Option<&Spanned<String>>, help: &str, reading: &Reading<'_>) -> Option<String> {
    let shown = path.display().to_string();
    let why = match reading.world.read(path) {
        Ok(bytes) => match String::from_utf8(bytes) {
            Ok(text) => return Some(text),
            Err(_) => "it is not UTF-8 text".to_owned(),
        },
        Err(error) => reason(&error),
    };
    let span = match from {
        Some(from) => from.span,
        None => {
            crate::source::Span { file: reading.sources.borrow_mut().add(shown.clone(), ""), ..nowhere() }
        }
    };
    let finding = Finding::error("unreadable-file", span, format!("`{shown}` cannot be read: {why}"));
    reading.report(finding.help(help));
    None
}

/// The files an `include` names; `*` in the last part stands for any text.
fn matching(include: &Spanned<String>, folder: &Path, reading: &Reading<'_>) -> Vec<PathBuf> {
    let path = folder.join(&include.value);
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let Some((before, after)) = name.split_once('*') else { return vec![path] };
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let files = match reading.world.list(parent) {
        Ok(files) => files,
        Err(error) => {
            let message = format!("the folder `{}` cannot be read: {}", parent.display(), reason(&error));
            reading.report(Finding::error("unreadable-file", include.span, message));
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
        reading.report(Finding::warning("empty-include", include.span, message));
    }
    found
}
