//! The documents of a grammar: where they come from, how they are given, and what is known of them once they are read.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::source::{At, Doc, Part};
use crate::document::tree::Name;
use crate::source::{FileId, Finding, Span};

/// Why [`Files::locate`] finds no file: the address is not one of those that were fetched.
pub const NOT_CACHED: &str = "`soapstone wsdl update` did not fetch it";

/// Where schema documents come from: files only, nothing is fetched; those of the cache know the addresses they are from.
pub trait Files {
    /// The text of a file, and its number for findings.
    ///
    /// # Errors
    /// Why it cannot be read, in plain words.
    fn open(&mut self, path: &Path) -> Result<(FileId, String), String>;

    /// Where a location in a file leads when that file came from an address: to a file, or why to none. `None` for a file
    /// that is in its own folder, whose locations are paths.
    fn locate(&self, _file: &Path, _location: &str) -> Option<Result<PathBuf, String>> {
        None
    }

    /// The number of a built-in document.
    fn built_in(&mut self, name: &str, text: &str) -> FileId;
}

/// A document of a grammar, as it is given.
#[derive(Debug)]
pub enum Source {
    /// A file, and the place that names it.
    File(PathBuf, Span),
    /// A file that was read already.
    Text {
        /// Its path.
        path: PathBuf,
        /// Its number for findings.
        file: FileId,
        /// What it says.
        text: String,
    },
    /// A schema in another document.
    Part(Part),
}

/// Makes more documents of those that were read: the name and the text of each.
pub type More<'m> = dyn FnOnce(&Documents) -> Vec<(String, String)> + 'm;

/// The documents of a grammar.
#[derive(Debug, Default)]
pub struct Documents {
    /// All of them, in the order they were asked for.
    pub docs: Vec<Doc>,
    /// Each `xs:redefine` with the document that it redefines, inner ones first.
    pub redefined: Vec<(At, usize)>,
    /// Which document includes or redefines which.
    pub links: HashSet<(usize, usize)>,
    /// What is wrong with them.
    pub findings: Vec<Finding>,
    /// The number of documents that were named, not included.
    pub roots: Vec<usize>,
}

impl Documents {
    /// The documents that are files of their own: neither built in, nor made, nor part of others.
    pub fn files(&self) -> impl Iterator<Item = &Doc> {
        self.docs.iter().filter(|doc| doc.is_file)
    }

    /// The names of the global components with one of these tags, such as `element`.
    pub fn globals(&self, tags: &[&str]) -> HashSet<Name> {
        let mut found = HashSet::new();
        for doc in &self.docs {
            let root = doc.tree.nodes.first().map(|root| root.children.as_slice()).unwrap_or_default();
            let is = |number: &&usize| {
                doc.tree.nodes.get(**number).is_some_and(|node| tags.contains(&node.tag.as_str()))
            };
            for number in root.iter().filter(is) {
                let Some(local) = doc.tree.attribute(*number, "name") else { continue };
                found.insert(Name { namespace: doc.target.clone(), local: local.into() });
            }
        }
        found
    }
}
