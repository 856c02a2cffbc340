//! The ways to pack documents that `compress` and `expand` know.

use crate::document::packed::Refused;
use crate::kind::Compiling;
use crate::pipeline::failure::Failure;
use crate::source::{Finding, Spanned};

/// A way to pack documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// Each document by itself.
    Gzip,
    /// All of them in one archive, each under a name.
    Zip,
}

const PACKINGS: &[(&str, Packing)] = &[("gzip", Packing::Gzip), ("zip", Packing::Zip)];

impl Packing {
    /// The way of a word; `None` after a finding.
    pub fn compile(word: &Spanned<String>, compiling: &Compiling<'_>) -> Option<Self> {
        let known = PACKINGS.iter().find(|(name, _)| *name == word.value);
        if known.is_none() {
            let message = format!("`{}` is not a compression", word.value);
            let finding = Finding::error("unknown-compression", word.span, message);
            compiling.report(finding.suggest(&word.value, PACKINGS.iter().map(|(name, _)| *name)));
        }
        known.map(|(_, packing)| *packing)
    }
}

/// The failure of a document that is not packed as the file says.
pub fn unreadable(refused: &Refused) -> Failure {
    Failure::internal("unreadable-document", format!("the document cannot be expanded: {refused}"))
}
