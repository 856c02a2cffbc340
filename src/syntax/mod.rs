//! KDL 2 with a place for everything: the text becomes nodes that know who asked for what.

mod depth;
mod errors;
mod literal;
mod node;
mod reading;
mod secret;
mod tree;
mod units;
mod value;

use kdl::KdlDocument;

pub use literal::Literal;
pub use node::{Node, name_from_outside};
pub use reading::{Kept, Reading};
pub use secret::Secret;
pub use tree::{Entry, Tree};
pub use units::{parse_duration, parse_size};
pub use value::{Bytes, FromValue, Given, Home, Origin};

use crate::source::{FileId, Finding, Findings, Span};

/// Parses a file's text. Mistakes go to `findings`; without a usable document there is none.
pub fn parse(text: &str, file: FileId, findings: &mut Findings) -> Option<KdlDocument> {
    if let Some(start) = depth::too_deep(text) {
        let message = format!("blocks and comments nest at most {} deep", depth::DEEPEST);
        findings.push(Finding::error("too-deep", Span { file, start, end: start + 1 }, message));
        return None;
    }
    match KdlDocument::parse_v2(text) {
        Ok(document) => Some(document),
        Err(error) => {
            errors::report(error, text, file, findings);
            None
        }
    }
}
