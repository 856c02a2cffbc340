//! What stands in the block of an `http` step, as it is written.

use hyper::StatusCode;

use crate::kind::Kinds;
use crate::kind::value::DeclaredValue;
use crate::source::{Finding, Span, Spanned};
use crate::step::beside::keep_parts;
use crate::step::clauses::DeclaredClause;
use crate::step::fields::{keep, named};
use crate::step::form_data::{self, DeclaredPart};
use crate::syntax::{Literal, Node};

/// Statuses that are expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expected {
    /// All that begin with that digit.
    Class(u16),
    /// That one.
    One(u16),
}

impl Expected {
    /// Whether a status is one of them.
    pub(super) fn includes(self, status: StatusCode) -> bool {
        match self {
            // What is no status of HTTP is as good as one of the server's faults (RFC 9110, section 15).
            Self::Class(first) => (status.as_u16() / 100).min(5) == first,
            Self::One(one) => status.as_u16() == one,
        }
    }

    /// Whether these are all that a call can be answered with.
    pub(super) fn every(all: &[Self]) -> bool {
        let mut statuses = (200..1000).filter_map(|status| StatusCode::from_u16(status).ok());
        statuses.all(|status| all.iter().any(|expected| expected.includes(status)))
    }

    fn parse(text: &str) -> Option<Self> {
        match text.strip_suffix("xx") {
            Some(first) => first.parse().ok().filter(|first| (1..=5).contains(first)).map(Self::Class),
            None => text.parse().ok().filter(|status| (100..1000).contains(status)).map(Self::One),
        }
    }
}

/// What stands in the block.
#[derive(Debug, Default)]
pub(super) struct Parts {
    pub(super) headers: Vec<(Spanned<String>, DeclaredValue)>,
    pub(super) parameters: Vec<(Spanned<String>, DeclaredValue)>,
    pub(super) form: Option<Vec<(Spanned<String>, DeclaredValue)>>,
    pub(super) multipart: Vec<DeclaredPart>,
    pub(super) kept_parts: Option<Spanned<String>>,
    pub(super) expected: Option<Vec<Expected>>,
    pub(super) kept: Vec<(Spanned<String>, Spanned<String>)>,
    pub(super) clauses: Vec<DeclaredClause>,
    /// What says the body in place of the document, with its place.
    pub(super) body: Option<(&'static str, Span)>,
    pub(super) broken: bool,
}

/// The words of the block.
const WORDS: &[&str] =
    &["header", "query", "form", "multipart", "expect", "keep-header", "keep-parts", "fault"];

impl Parts {
    /// Reads one of them.
    pub(super) fn read(&mut self, mut child: Node<'_>, kinds: &Kinds) {
        match child.name() {
            "header" => match named(child, "name") {
                Some(header) => self.headers.push(header),
                None => self.broken = true,
            },
            "query" => match named(child, "name") {
                Some(parameter) => self.parameters.push(parameter),
                None => self.broken = true,
            },
            "form" => {
                self.body = Some(("form", child.name_span()));
                let mut fields = Vec::new();
                for field in child.children() {
                    match field.name() {
                        "set" => fields.extend(named(field, "name")),
                        _ => field.unknown("unknown-word", "a part of `form`", ["set"]),
                    }
                }
                child.finish();
                self.form = Some(fields);
            }
            "multipart" => {
                if self.form.is_some() {
                    let message = "this call says its body twice: by `form`, and by `multipart`";
                    let finding = Finding::error("several-values", child.name_span(), message);
                    child.report(finding.help("keep one of the two: files go in `multipart`"));
                }
                self.body.get_or_insert(("multipart", child.name_span()));
                match form_data::read(child, kinds) {
                    Some(parts) => self.multipart = parts,
                    None => self.broken = true,
                }
            }
            "expect" => self.expected = expected(child),
            "keep-header" => match keep(child) {
                Some(kept) => self.kept.push(kept),
                None => self.broken = true,
            },
            "keep-parts" => {
                self.kept_parts = keep_parts(child);
                self.broken |= self.kept_parts.is_none();
            }
            "fault" => self.clauses.push(DeclaredClause::read(child, kinds)),
            _ => {
                child.unknown("unknown-word", "a part of `http`", WORDS.iter().copied());
                self.broken = true;
            }
        }
    }
}

fn expected(mut node: Node<'_>) -> Option<Vec<Expected>> {
    let mut all = Vec::new();
    let is_empty = !node.has_argument();
    for given in node.arguments::<Literal>("status") {
        for word in given.value.text.split_whitespace() {
            match Expected::parse(word) {
                Some(expected) => all.push(expected),
                None => {
                    let finding = Finding::error("bad-status", given.span, format!("`{word}` is no status"));
                    node.report(finding.label("expected statuses such as \"2xx\" or \"200 404\""));
                }
            }
        }
    }
    if is_empty {
        let finding = Finding::error("missing-argument", node.name_span(), "`expect` needs a status");
        node.report(finding.help("such as expect \"2xx\""));
    }
    node.finish();
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_is_expected_where_all_classes_are() {
        let every = |text: &str| {
            let all: Vec<Expected> = text.split(' ').filter_map(Expected::parse).collect();
            Expected::every(&all)
        };
        assert!(every("2xx 3xx 4xx 5xx") && every("1xx 2xx 3xx 4xx 404 5xx"));
        assert!(!every("2xx 3xx 4xx") && !every("2xx 3xx 4xx 500 503") && !every("2xx"));
        // What is no status of HTTP counts as one of 5xx.
        let odd = StatusCode::from_u16(799).ok();
        assert!(odd.is_some_and(|status| Expected::Class(5).includes(status)));
        assert!(odd.is_some_and(|status| !Expected::Class(4).includes(status)));
    }
}
