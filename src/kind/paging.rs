//! Numbers of documents on a page in the file.

use crate::pipeline::page::LONGEST;
use crate::source::{Finding, Spanned};
use crate::syntax::Node;

/// A number of documents on a page, within its bounds; a finding where it was not.
pub fn number(given: &Spanned<usize>, node: &Node<'_>) -> usize {
    if !(1..=LONGEST).contains(&given.value) {
        let message = format!("a page cannot have {} documents", given.value);
        let label = format!("expected from 1 to {LONGEST}");
        node.report(Finding::error("bad-page", given.span, message).label(label));
    }
    given.value.clamp(1, LONGEST)
}
