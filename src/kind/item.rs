//! The map item kind: how one item of a map is read, and what it compiles to.

use std::fmt::Debug;
use std::sync::Arc;

use bytes::Bytes;

use super::path::{Side, Target};
use super::trace::{Traced, Tracer};
use super::{Compiling, Kinds, Manual};
use crate::document::Document;
use crate::document::path::At;
use crate::document::tree::Element;
use crate::pipeline::failure::Failure;
use crate::pipeline::operation::Profile;
use crate::pipeline::run::Run;
use crate::script::Others;
use crate::source::{Span, Spanned};
use crate::syntax::{Literal, Node};

/// One kind of map item.
#[derive(Debug, Clone, Copy)]
pub struct ItemKind {
    /// Its manual entry; the name is the node's.
    pub manual: Manual,
    /// Reads its node; `None` after findings.
    pub read: fn(Node<'_>, &Kinds) -> Option<Box<dyn DeclaredItem>>,
}

/// What a map item is compiled between: the source and the target it stands in, the map's own or those of an `each`.
#[derive(Debug, Clone)]
pub struct Between {
    /// What its `from=` paths start at.
    pub source: Side,
    /// What its target paths start at.
    pub target: Side,
    /// The map's whole source, which scripts see.
    pub document: Side,
    /// The other documents of the map, in the order of their declaration.
    pub documents: Arc<[NamedSide]>,
    /// Whether the item stands inside an `each`.
    pub nested: bool,
    /// Whether a script of the map may write more than its other items do.
    pub scripted: bool,
}

/// A document that a map reads beside its source, as its items see it.
#[derive(Debug)]
pub struct NamedSide {
    /// Its name.
    pub name: String,
    /// What is known of it; `None` when its profile has mistakes.
    pub side: Option<Side>,
}

impl NamedSide {
    /// The name that scripts use: `price_list` for `price-list`.
    pub fn variable(&self) -> String {
        self.name.replace('-', "_")
    }
}

/// What an item writes of the target it stands in, as far as that is known before it runs.
#[derive(Debug, Clone, Copy)]
pub enum Writes<'a> {
    /// Perhaps anything.
    Anything,
    /// Nothing.
    Nothing,
    /// The value at a place, or the whole subtree there.
    Value(&'a Target),
    /// All that a place may repeat; each one is made by items of its own.
    Each(&'a Target),
}

/// A map item as declared.
pub trait DeclaredItem: Debug {
    /// Where it stands among others: the position of its target in the target's profile, when that can be told.
    fn order(&self, _between: &Between) -> Option<Vec<usize>> {
        None
    }

    /// What it writes to, when it is a single value: two items may not write to one target.
    fn target(&self) -> Option<(&str, Span)> {
        None
    }

    /// The document that it declares, if that is what it is for.
    fn document(&self) -> Option<&DeclaredDocument> {
        None
    }

    /// Checks it and makes what runs; `None` after findings.
    fn compile(&self, between: &Between, compiling: &Compiling<'_>) -> Option<Box<dyn Item>>;
}

/// A document that a map reads beside its source, as declared.
#[derive(Debug)]
pub struct DeclaredDocument {
    /// Its name.
    pub name: Spanned<String>,
    /// The name of its profile.
    pub profile: Spanned<String>,
    /// Where it comes from; `None` with mistakes.
    pub origin: Option<DocumentOrigin>,
    /// The item's name.
    pub span: Span,
}

/// Where a document of a map comes from.
#[derive(Debug)]
pub enum DocumentOrigin {
    /// The text of a property.
    Property(Spanned<Literal>),
    /// A file, and what was in it.
    File(Spanned<String>, Bytes),
}

/// The other documents of a map in one run, each read when it is first asked for.
pub trait Documents: Others {
    /// The document of that number; `None` where there is none, as of a property that is not set.
    ///
    /// # Errors
    /// It cannot be read, or is of another profile.
    fn document(&self, index: usize) -> Result<Option<&Document>, Failure>;

    /// The root of that document.
    ///
    /// # Errors
    /// As [`Documents::document`].
    fn root(&self, index: usize) -> Result<Option<&Element>, Failure> {
        let Some(document) = self.document(index)? else { return Ok(None) };
        document.tree().map(Some).map_err(|malformed| Failure::unreadable(&malformed))
    }
}

/// A compiled map item.
pub trait Item: Debug + Send + Sync {
    /// What it writes.
    fn writes(&self) -> Writes<'_>;

    /// Told when the map is compiled, to an item that writes one child: the target has neither this child nor one that
    /// the profile puts behind it when the item is applied, so that it need not be looked for.
    fn appends(&mut self) {}

    /// Changes the target.
    ///
    /// # Errors
    /// A script fails, or a value cannot be used.
    fn apply(&self, mapping: &Mapping<'_>, target: &mut Element) -> Result<(), Failure>;
}

/// What an item sees while a map runs.
#[derive(Clone, Copy)]
pub struct Mapping<'a> {
    /// The execution.
    pub run: &'a Run,
    /// The map's source document.
    pub document: &'a Document,
    /// The root of the map's source document.
    pub root: &'a Element,
    /// Where `from=` paths start.
    pub at: At<'a>,
    /// The other documents of the map.
    pub documents: &'a dyn Documents,
    /// Who looks on; nobody while a gateway serves.
    pub trace: Option<Traced<'a>>,
}

/// A map as declared.
#[derive(Debug)]
pub struct DeclaredMap {
    /// Its name.
    pub name: Spanned<String>,
    /// The profile it reads.
    pub from: Option<Spanned<String>>,
    /// The profile it writes.
    pub to: Option<Spanned<String>>,
    /// Its items in order.
    pub items: Vec<DeclaredEntry>,
    /// Whether an item could not be read.
    pub broken: bool,
}

/// An item with its kind and place.
#[derive(Debug)]
pub struct DeclaredEntry {
    /// The kind's name.
    pub kind: &'static str,
    /// Where its name stands.
    pub span: Span,
    /// What it says.
    pub item: Box<dyn DeclaredItem>,
}

/// A compiled map: from a document to another.
pub trait Transform: Debug + Send + Sync {
    /// The profile it reads.
    fn source(&self) -> &Arc<Profile>;

    /// The profile it writes.
    fn target(&self) -> &Arc<Profile>;

    /// Maps one document; its properties go along. The tracer, if there is one, learns of every item.
    ///
    /// # Errors
    /// The source cannot be read, or an item fails.
    fn traced(&self, run: &Run, document: Document, tracer: Option<&dyn Tracer>)
    -> Result<Document, Failure>;

    /// Maps one document; its properties go along.
    ///
    /// # Errors
    /// As [`Transform::traced`].
    fn apply(&self, run: &Run, document: Document) -> Result<Document, Failure> {
        self.traced(run, document, None)
    }
}

/// A map behind its name.
pub type Map = Arc<dyn Transform>;

/// Reads the nodes of a block as map items.
pub fn read_items(nodes: Vec<Node<'_>>, kinds: &Kinds) -> Vec<DeclaredEntry> {
    let mut items = Vec::new();
    for node in nodes {
        let span = node.name_span();
        match kinds.items.iter().find(|kind| kind.manual.name == node.name()) {
            Some(kind) => {
                if let Some(item) = (kind.read)(node, kinds) {
                    items.push(DeclaredEntry { kind: kind.manual.name, span, item });
                }
            }
            None => node.unknown(
                "unknown-item",
                "an item of a map",
                kinds.items.iter().map(|kind| kind.manual.name),
            ),
        }
    }
    items
}
