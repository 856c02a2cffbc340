//! Maps: one file for each kind of item, the table of them, and the program they make together.

mod copy;
mod document;
mod each;
mod fit;
mod policy;
mod program;
mod remove;
mod root;
mod script;
mod set;
mod sort;
mod start;
mod typed;
mod unset;
mod write;

use crate::kind::item::ItemKind;

pub use program::compile;

/// Every kind of map item, in the order the manual shows them.
pub static ITEMS: &[ItemKind] =
    &[set::KIND, each::KIND, copy::KIND, remove::KIND, document::KIND, script::KIND];
