//! Where the path of a source starts: at the element at hand, at the whole source, or in another document of the map.

use crate::document::path::At;
use crate::kind::Compiling;
use crate::kind::item::{Between, Mapping};
use crate::kind::path::Side;
use crate::pipeline::failure::Failure;
use crate::source::{Finding, Spanned};
use crate::syntax::Literal;

/// Where a path starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// Where the item stands: at the root, or at the element of the `each` around.
    Here,
    /// At the root of the map's source, from within an `each`.
    Whole,
    /// At the root of a named document.
    Named(usize),
}

/// A path with the side of the map that it is checked against.
#[derive(Debug)]
pub struct Begun {
    /// Where it starts.
    pub start: Start,
    /// What is known there.
    pub side: Side,
    /// The path without what only says where it starts.
    pub path: Spanned<Literal>,
}

impl Begun {
    /// Finds where a path starts: `of=` names a document, `/` and `$` within an `each` mean the whole source. `None` after
    /// a finding.
    pub fn find(
        path: &Spanned<Literal>,
        of: Option<&Spanned<String>>,
        between: &Between,
        compiling: &Compiling<'_>,
    ) -> Option<Self> {
        if let Some(of) = of {
            let known = between.documents.iter().position(|document| document.name == of.value);
            let Some(index) = known else {
                unknown(of, between, compiling);
                return None;
            };
            let side = between.documents.get(index).and_then(|document| document.side.clone())?;
            return Some(Self { start: Start::Named(index), side, path: path.clone() });
        }
        let text = &path.value.text;
        if between.nested && text.starts_with('/') && !text.starts_with("//") {
            let rest = path.value.part(1, text.len());
            let path = Spanned::new(rest, path.span);
            return Some(Self { start: Start::Whole, side: between.document.clone(), path });
        }
        if between.nested && text.starts_with('$') {
            return Some(Self { start: Start::Whole, side: between.document.clone(), path: path.clone() });
        }
        Some(Self { start: Start::Here, side: between.source.clone(), path: path.clone() })
    }
}

fn unknown(of: &Spanned<String>, between: &Between, compiling: &Compiling<'_>) {
    let message = format!("this map has no `document {}`", of.value);
    let finding = Finding::error("unknown-name", of.span, message);
    let known: Vec<&str> = between.documents.iter().map(|document| document.name.as_str()).collect();
    compiling.report(match known.is_empty() {
        true => finding.help("declare it in the map: document NAME profile=PROFILE property=PROPERTY"),
        false => finding.suggest(&of.value, known),
    });
}

impl Start {
    /// The place in the run; `None` when the document is not there.
    ///
    /// # Errors
    /// The document cannot be read.
    pub fn at<'a>(self, mapping: &Mapping<'a>) -> Result<Option<At<'a>>, Failure> {
        match self {
            Self::Here => Ok(Some(mapping.at)),
            Self::Whole => Ok(Some(At::Document(mapping.root))),
            Self::Named(index) => mapping.documents.root(index).map(|root| root.map(At::Document)),
        }
    }
}
