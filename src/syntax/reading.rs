//! What the readers of a file, its includes and overlays share: the outside, the findings, the files that were read.

use std::any::Any;
use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::source::{FileId, Finding, Findings, Sources, Spanned};
use crate::world::{World, reason};

/// What is kept for the time of one reading.
pub type Kept = HashMap<String, Arc<dyn Any + Send + Sync>>;

/// What readers share.
pub struct Reading<'a> {
    /// The outside.
    pub world: &'a dyn World,
    /// Where findings go.
    pub findings: &'a RefCell<Findings>,
    /// Every byte that came from outside, for the gateway's fingerprint: what it is and what it said.
    pub seen: &'a RefCell<Vec<(String, Vec<u8>)>>,
    /// The files read so far: another one that a declaration names is added, so that its own mistakes have places.
    pub sources: &'a RefCell<Sources>,
    /// What a declaration read that others may need as well, by what it is: files that are read once.
    pub kept: &'a RefCell<Kept>,
}

impl Reading<'_> {
    /// Adds a finding.
    pub fn report(&self, finding: Finding) {
        self.findings.borrow_mut().push(finding);
    }

    /// A path as it is opened: it is relative to the folder of the file in which it stands.
    pub fn resolve(&self, path: &Spanned<String>) -> PathBuf {
        let sources = self.sources.borrow();
        let file = sources.file(path.span.file).map_or("", |file| &*file.path);
        Path::new(file).parent().unwrap_or(Path::new("")).join(&path.value)
    }

    /// The path of the file that is served, as it was given: not that of an include.
    pub fn main_file(&self) -> String {
        self.sources.borrow().files().first().map(|file| file.path.to_string()).unwrap_or_default()
    }

    /// The folder of the file that is served: what belongs to the whole lies there, whichever include names it.
    pub fn main_folder(&self) -> PathBuf {
        Path::new(&self.main_file()).parent().unwrap_or(Path::new("")).to_owned()
    }

    /// The text of a file that a declaration names, which becomes one of the sources; `None` after a finding.
    pub fn file(&self, path: &Spanned<String>) -> Option<(FileId, String)> {
        let full = self.resolve(path);
        let text = self.world.read(&full).map_err(|error| reason(&error));
        match text.and_then(|bytes| String::from_utf8(bytes).map_err(|_| "it is not UTF-8 text".to_owned())) {
            Ok(text) => {
                self.seen.borrow_mut().push((path.value.clone(), text.clone().into_bytes()));
                let id = self.sources.borrow_mut().add(full.display().to_string(), text.as_str());
                Some((id, text))
            }
            Err(why) => {
                let message = format!("`{}` cannot be read: {why}", path.value);
                let finding = Finding::error("unreadable-file", path.span, message);
                self.report(finding.help("paths are relative to the file that names them"));
                None
            }
        }
    }
}
