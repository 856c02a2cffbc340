//! How strictly a document is checked, and checks that know more than a shape.

use std::fmt::Debug;
use std::sync::Arc;

use super::at::At;
use super::json_schema::Bundle;
use super::validate::Check;
use crate::document::tree::Element;

/// How strictly documents are checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// Everything that the profile does not know is an error.
    #[default]
    Strict,
    /// Elements, attributes and members that the profile does not know are let through; what it knows is checked.
    Lax,
    /// Nothing is checked.
    Off,
}

impl Mode {
    /// Every mode by its word.
    pub const ALL: &[(&str, Mode)] = &[("strict", Self::Strict), ("lax", Self::Lax), ("off", Self::Off)];
}

/// How an element and what is in it are checked. The default: as what is around it, by its shape.
#[derive(Debug, Clone, Default)]
pub struct Checking {
    /// How strictly; `None` as around it.
    pub mode: Option<Mode>,
    /// What checks it in place of its shape.
    pub rule: Option<Arc<dyn Rule>>,
    /// The JSON Schema that it was made of, which contracts show in place of its shape.
    pub described: Option<Arc<Bundle>>,
}

impl PartialEq for Checking {
    fn eq(&self, other: &Self) -> bool {
        let same_rule = match (&self.rule, &other.rule) {
            (Some(left), Some(right)) => Arc::ptr_eq(left, right),
            (None, None) => true,
            _ => false,
        };
        self.mode == other.mode && same_rule
    }
}

/// A check that knows more than a shape can say: an XML Schema, a JSON Schema. It stands at the root of a profile's shape,
/// so that lists and wrappers around the document need not know of it.
pub trait Rule: Debug + Send + Sync {
    /// Checks an element that has the shape's name, and reports what does not fit at `at` or below it. Stops when
    /// [`Check::full`] says so.
    fn check(&self, element: &Element, at: &At<'_>, check: &mut Check);

    /// The schema documents that a description of a service holds in place of what the shape says; `None` for none.
    fn published(&self) -> Option<&[Published]> {
        None
    }
}

/// A schema document in a description of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// Its target namespace.
    pub namespace: Option<Arc<str>>,
    /// The `xs:schema` element with all in it, ended by a line feed.
    pub text: String,
    /// Where its first child can stand: a byte of the text.
    pub inside: usize,
    /// Where an import can say where its document is, a byte of the text, with the namespace that it imports.
    pub imports: Vec<(usize, Option<Arc<str>>)>,
}
