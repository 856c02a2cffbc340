//! What the readers of one file share: the outside, the findings, the files that were read.

use std::any::Any;
use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::source::{FileId, Finding, Findings, Sources, Spanned};
use crate::world::{World, reason};

/// What is kept for the time of one reading.
pub type Kept = HashMap<String, Arc<dyn Any + Send + Sync>>;

/// What readers share while one file is read.
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
    /// The file being read.
    pub file: FileId,
    /// Its folder: paths in it are relative to that.
    pub folder: PathBuf,
    /// Its text.
    pub text: &'a str,
}

impl Reading<'_> {
    /// Adds a finding.
    pub fn report(&self, finding: Finding) {
        self.findings.borrow_mut().push(finding);
    }

    /// A path in the file, relative to the file's folder.
    pub fn resolve(&self, path: &str) -> PathBuf {
        self.folder.join(Path::new(path))
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
        let full = self.resolve(&path.value);
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
