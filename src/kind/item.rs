//! The map item kind: how one item of a map is read, and what it compiles to.

use std::fmt::Debug;
use std::sync::Arc;

use super::path::{Side, Target};
use super::{Compiling, Kinds, Manual};
use crate::document::Document;
use crate::document::path::At;
use crate::document::tree::Element;
use crate::pipeline::failure::Failure;
use crate::pipeline::run::Run;
use crate::source::{Span, Spanned};
use crate::syntax::Node;

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
    /// Whether the item stands inside an `each`.
    pub nested: bool,
    /// Whether a script of the map may write more than its other items do.
    pub scripted: bool,
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

    /// Checks it and makes what runs; `None` after findings.
    fn compile(&self, between: &Between, compiling: &Compiling<'_>) -> Option<Box<dyn Item>>;
}

/// A compiled map item.
pub trait Item: Debug + Send + Sync {
    /// What it writes.
    fn writes(&self) -> Writes<'_>;

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
    /// Where `from=` paths start.
    pub at: At<'a>,
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
    /// Maps one document; its properties go along.
    ///
    /// # Errors
    /// The source cannot be read, or an item fails.
    fn apply(&self, run: &Run, document: Document) -> Result<Document, Failure>;
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
