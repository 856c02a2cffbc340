//! What stands in the block of a `soap` step, as it is written.

use hyper::header::HeaderName;

use crate::kind::value::DeclaredValue;
use crate::kind::{Compiling, Kinds};
use crate::pipeline::soap_header::HeaderPath;
use crate::source::{Finding, Spanned};
use crate::step::beside::{DeclaredBeside, keep_parts};
use crate::step::clauses::DeclaredClause;
use crate::step::fields::{field, keep, named, property_to_set};
use crate::step::header;
use crate::syntax::Node;

/// What stands in the block.
#[derive(Debug, Default)]
pub(super) struct Parts {
    pub(super) blocks: Vec<header::Declared>,
    pub(super) headers: Vec<(Spanned<String>, DeclaredValue)>,
    pub(super) kept: Vec<(Spanned<String>, Spanned<String>)>,
    pub(super) beside: Vec<DeclaredBeside>,
    pub(super) kept_parts: Option<Spanned<String>>,
    pub(super) clauses: Vec<DeclaredClause>,
    pub(super) broken: bool,
}

/// The words of the block.
const WORDS: &[&str] = &["header", "http-header", "attach", "keep-header", "keep-parts", "fault"];

/// What is kept of answers, each with the property that keeps it.
#[derive(Debug, Default)]
pub(super) struct Kept {
    pub(super) fields: Vec<(HeaderName, String)>,
    pub(super) blocks: Vec<(HeaderPath, String)>,
}

impl Parts {
    /// Reads one of them.
    pub(super) fn read(&mut self, child: Node<'_>, kinds: &Kinds) {
        match child.name() {
            "header" => {
                let block = header::Declared::read(child);
                self.broken |= block.is_none();
                self.blocks.extend(block);
            }
            "http-header" => {
                let header = named(child, "name");
                self.broken |= header.is_none();
                self.headers.extend(header);
            }
            "keep-header" => {
                let kept = keep(child);
                self.broken |= kept.is_none();
                self.kept.extend(kept);
            }
            "attach" => self.beside.push(DeclaredBeside::read(child, kinds)),
            "keep-parts" => {
                self.kept_parts = keep_parts(child);
                self.broken |= self.kept_parts.is_none();
            }
            "fault" => self.clauses.push(DeclaredClause::read(child, kinds)),
            _ => {
                child.unknown("unknown-word", "a part of `soap`", WORDS.iter().copied());
                self.broken = true;
            }
        }
    }

    /// What is kept of answers: header fields and blocks.
    pub(super) fn kept(&self, compiling: &Compiling<'_>) -> Option<Kept> {
        let mut kept = Kept::default();
        let mut whole = true;
        for (name, property) in &self.kept {
            let Some(property) = property_to_set(property, compiling) else {
                whole = false;
                continue;
            };
            if !name.value.starts_with('{') {
                match field(name, compiling) {
                    Some(field) => kept.fields.push((field, property)),
                    None => whole = false,
                }
                continue;
            }
            match HeaderPath::parse(&name.value) {
                Some(path) => kept.blocks.push((path, property)),
                None => {
                    let message = format!("`{}` does not lead to a value of a header block", name.value);
                    let finding = Finding::error("bad-name", name.span, message);
                    compiling.report(finding.help("such as \"{urn:example:crm}Limits/Left\""));
                    whole = false;
                }
            }
        }
        whole.then_some(kept)
    }
}
