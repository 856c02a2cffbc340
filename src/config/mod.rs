//! The declarations: what `gateway.kdl` and its includes say, with every place kept.

mod api;
mod contract;
mod include;
mod listener;
mod operation;
mod overlay;
mod paging;
mod settings;
mod table;
mod table_csv;
mod top;
mod users;
mod words;

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use crate::kind::Kinds;
use crate::kind::connector::NamedConnector;
use crate::kind::format::DeclaredProfile;
use crate::kind::item::DeclaredMap;
use crate::kind::step::DeclaredPath;
use crate::pipeline::gateway::{Log, Part, Tracing};
use crate::pipeline::load::Capacity;
use crate::schema::Mode;
use crate::source::{Findings, Sources, Span, Spanned};
use crate::state::store::StoreSpec;
use crate::syntax::{Kept, Literal, Node, Reading};
use crate::world::World;

pub use api::DeclaredApi;
pub use contract::{DeclaredFault, DeclaredHeader};
pub use listener::{DeclaredAuth, DeclaredListener, DeclaredTls};
pub use operation::{DeclaredIo, DeclaredOperation, DeclaredWork};
pub use settings::{DeclaredAdmin, DeclaredFiles};
pub use table::{DeclaredRow, DeclaredTable, Rows};
pub use users::{DeclaredUser, DeclaredUsers};
pub use words::DECLARATIONS;

/// Everything that was declared, in the order of the files.
#[derive(Debug, Default)]
pub struct Declarations {
    /// `listener`
    pub listeners: Vec<DeclaredListener>,
    /// `users`
    pub users: Vec<DeclaredUsers>,
    /// `profile`
    pub profiles: Vec<NamedProfile>,
    /// `server`, `database`, `broker`
    pub connectors: Vec<NamedConnector>,
    /// `map`
    pub maps: Vec<DeclaredMap>,
    /// `table`
    pub tables: Vec<DeclaredTable>,
    /// `process`, with its name
    pub processes: Vec<(Spanned<String>, DeclaredPath)>,
    /// `fault`
    pub faults: Vec<DeclaredFault>,
    /// `operation`
    pub operations: Vec<DeclaredOperation>,
    /// `api`
    pub apis: Vec<DeclaredApi>,
    /// `functions`; `None` for those with mistakes
    pub functions: Vec<Option<Spanned<Literal>>>,
    /// `admin`
    pub admin: Option<Spanned<DeclaredAdmin>>,
    /// `log`
    pub log: Option<Spanned<Log>>,
    /// `capacity`
    pub capacity: Option<Spanned<Capacity>>,
    /// `files`
    pub files: Option<Spanned<DeclaredFiles>>,
    /// `state`
    pub state: Option<Spanned<StoreSpec>>,
    /// `trace`, without its secrets
    pub trace: Option<Spanned<Tracing>>,
    /// `drain`
    pub drain: Option<Spanned<std::time::Duration>>,
}

/// A `profile` with its name.
#[derive(Debug)]
pub struct NamedProfile {
    /// The name.
    pub name: Spanned<String>,
    /// What it says; `None` with mistakes: its name is kept, so that those who use it are not blamed.
    pub profile: Option<Box<dyn DeclaredProfile>>,
    /// How strictly documents from outside are checked against it.
    pub validate: Mode,
}

/// What one reading gives.
pub struct Read {
    /// What was declared.
    pub declarations: Declarations,
    /// The files.
    pub sources: Sources,
    /// The findings so far.
    pub findings: RefCell<Findings>,
    /// Every byte that came from outside: what it is and what it said.
    pub seen: RefCell<Vec<(String, Vec<u8>)>>,
    /// What declarations read that others may need as well.
    pub kept: RefCell<Kept>,
    /// The top-level declarations with a hash of each.
    pub parts: RefCell<Vec<Part>>,
}

impl std::fmt::Debug for Read {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Read").field("declarations", &self.declarations).finish_non_exhaustive()
    }
}

/// The files that make a gateway: the one that declares it, and those that change what it declares, in order.
#[derive(Debug, Clone)]
pub struct Layers {
    /// The file.
    pub file: PathBuf,
    /// The overlays.
    pub overlays: Vec<PathBuf>,
}

impl From<&Path> for Layers {
    fn from(file: &Path) -> Self {
        Self { file: file.to_owned(), overlays: Vec::new() }
    }
}

impl From<&PathBuf> for Layers {
    fn from(file: &PathBuf) -> Self {
        Self::from(file.as_path())
    }
}

impl From<&Self> for Layers {
    fn from(layers: &Self) -> Self {
        layers.clone()
    }
}

impl std::fmt::Display for Layers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.file.display())?;
        self.overlays.iter().try_for_each(|overlay| write!(f, " with {}", overlay.display()))
    }
}

/// Reads a file with its includes and overlays. Never fails: what is wrong is among the findings.
pub fn read(layers: &Layers, world: &dyn World, kinds: &Kinds) -> Read {
    let (findings, seen, kept, sources) = Default::default();
    let (mut declarations, mut parts) = (Declarations::default(), Vec::new());
    {
        let reading = Reading { world, findings: &findings, seen: &seen, kept: &kept, sources: &sources };
        let mut documents = Vec::new();
        include::file(&layers.file, None, &reading, &mut Vec::new(), &mut documents);
        // With a part of the files missing, an overlay is not to be blamed for names that are not known.
        let is_whole = !findings.borrow().has_errors();
        let overlays: Vec<_> =
            layers.overlays.iter().filter_map(|path| include::overlay(path, &reading)).collect();
        let mut trees: Vec<_> = documents.iter().flat_map(include::Document::trees).collect();
        trees.retain(|tree| tree.name() != "include");
        overlays
            .iter()
            .for_each(|overlay| overlay::apply(&mut trees, overlay.trees(), is_whole, kinds, &reading));
        for tree in &trees {
            top::declaration(Node::new(tree, &reading), kinds, &mut declarations, &mut parts);
        }
    }
    Read { declarations, sources: sources.into_inner(), findings, seen, kept, parts: RefCell::new(parts) }
}

/// The place of a file that could not be read: its start.
pub(crate) fn nowhere() -> Span {
    Span::default()
}
