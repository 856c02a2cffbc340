//! Paths: where in a document a value stands, written in the document's own language and compiled once.

mod location;
mod select;
mod step;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::ops::ControlFlow;

use compact_str::CompactString;

use super::jsonpath::{self, Query};
use super::tree::{Attribute, Element};

pub(super) use select::item;
pub(super) use step::{Kind, Step, Test};
pub use step::{StepKind, StepName};

/// The language of a path: that of the document's format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Location paths of XML: `Order/Line/@sku`, a part of XPath 1.0 in which a name matches in any namespace.
    Location,
    /// JSONPath (RFC 9535), absolute (`$.lines`) or relative (`lines`, `@.lines`).
    JsonPath,
}

/// Why a text is not a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathError {
    /// The byte of the text at which it stops being a path.
    pub offset: usize,
    /// What is wrong and what to write instead.
    pub message: String,
}

impl std::fmt::Display for PathError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for PathError {}

impl PathError {
    pub(super) fn new(offset: usize, message: impl Into<String>) -> Self {
        Self { offset, message: message.into() }
    }
}

/// Where a path begins.
#[derive(Debug, Clone, Copy)]
pub enum At<'a> {
    /// At a document, given by its root element: the first step of a location path names the root, `$` is the root.
    Document(&'a Element),
    /// At an element, as inside an `each`: the first step names a child.
    Element(&'a Element),
}

/// What a path leads to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Found<'a> {
    /// An element, a member or an item.
    Element(&'a Element),
    /// An attribute.
    Attribute(&'a Attribute),
}

impl<'a> Found<'a> {
    /// The text: an attribute's value, an element's string value; `None` for nil.
    pub fn text(self) -> Option<Cow<'a, str>> {
        match self {
            Self::Attribute(attribute) => Some(Cow::Borrowed(&attribute.value)),
            Self::Element(element) if element.is_nil() => None,
            Self::Element(element) => Some(match element.leaf() {
                Some(text) => Cow::Borrowed(text),
                None => Cow::Owned(element.string_value().into()),
            }),
        }
    }

    /// Whether it says that it is nothing.
    pub fn is_nil(self) -> bool {
        matches!(self, Self::Element(element) if element.is_nil())
    }
}

/// A compiled path.
#[derive(Debug, Clone)]
pub struct Path {
    text: CompactString,
    language: Language,
    /// Whether it begins at the document wherever it is used: `$...`.
    absolute: bool,
    /// The steps; when there is a `query`, only those before what the steps cannot say.
    steps: Vec<Step>,
    /// What the steps alone cannot say.
    query: Option<Box<Query>>,
    /// Whether every step names a child or an attribute and nothing else: most paths, and quick to follow.
    named: bool,
}

impl Path {
    /// Compiles a path.
    ///
    /// # Errors
    /// The text is not a path of that language.
    pub fn parse(text: &str, language: Language) -> Result<Self, PathError> {
        if text.is_empty() {
            let example = match language {
                Language::Location => "Order/Line/@sku",
                Language::JsonPath => "$.lines[0].sku",
            };
            return Err(PathError::new(0, format!("the path is empty: write one like `{example}`")));
        }
        let (absolute, steps, query) = match language {
            Language::Location => (false, location::parse(text)?, None),
            Language::JsonPath => {
                let chain = jsonpath::parse(text)?;
                (chain.absolute, chain.steps, chain.query.map(Box::new))
            }
        };
        let named = query.is_none() && !steps.is_empty() && steps.iter().all(Step::is_name);
        Ok(Self { text: text.into(), language, absolute, steps, query, named })
    }

    /// The path as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The language it was written in.
    pub fn language(&self) -> Language {
        self.language
    }

    /// Whether it begins with `$`: then it is meant from the document, also where other paths are relative.
    pub fn is_absolute(&self) -> bool {
        self.absolute
    }

    /// The first place it leads to, in document order.
    pub fn first<'a>(&self, at: At<'a>) -> Option<Found<'a>> {
        if self.named {
            return match self.start(at) {
                At::Document(root) => select::first_of(&self.steps, std::iter::once(root)),
                At::Element(element) => select::first(&self.steps, element),
            };
        }
        let mut first = None;
        self.each(at, |found| {
            first = Some(found);
            ControlFlow::Break(())
        });
        first
    }

    /// All places it leads to, in document order (for JSONPath in the order RFC 9535 gives).
    pub fn select<'a>(&self, at: At<'a>) -> Vec<Found<'a>> {
        let mut all = Vec::new();
        self.each(at, |found| {
            all.push(found);
            ControlFlow::Continue(())
        });
        all
    }

    /// Calls `visit` for each place it leads to, until it breaks.
    pub fn each<'a>(&self, at: At<'a>, mut visit: impl FnMut(Found<'a>) -> ControlFlow<()>) {
        if let Some(query) = &self.query {
            let (At::Document(root) | At::Element(root)) = at;
            for element in query.select(root) {
                if visit(Found::Element(element)).is_break() {
                    return;
                }
            }
            return;
        }
        select::each(&self.steps, self.start(at), &mut visit);
    }

    /// Where the steps begin. The root of a JSONPath is the root element itself, not a node above it; so is a root
    /// without a name, which flat files have.
    fn start<'a>(&self, at: At<'a>) -> At<'a> {
        match (at, self.language) {
            (At::Document(root), Language::JsonPath) => At::Element(root),
            (At::Document(root), Language::Location) if root.name.local.is_empty() => At::Element(root),
            (at, _) => at,
        }
    }

    /// The steps by name, for a check against a shape.
    pub fn names(&self) -> Vec<StepName<'_>> {
        let mut names: Vec<_> = self.steps.iter().map(Step::name).collect();
        if let Some(query) = &self.query {
            let offset = self.steps.last().map_or(0, |step| step.offset);
            names.push(StepName {
                kind: StepKind::Other,
                name: "",
                namespace: None,
                offset,
                inner: Vec::new(),
                single: query.is_singular(),
            });
        }
        names
    }

    /// Whether it ends in a choice among members or items, `[*]` or a filter: then what it leads to is meant as it is, also
    /// where that is an array.
    pub fn is_choice(&self) -> bool {
        match &self.query {
            Some(query) => query.is_choice(),
            None => self.steps.last().is_some_and(|step| matches!(step.kind, Kind::Child(Test::Any))),
        }
    }

    /// Whether its steps say all of it: members, items, names and predicates.
    pub fn is_plain(&self) -> bool {
        self.query.is_none()
    }

    /// Whether the step that stands at `offset` has predicates.
    pub(super) fn has_predicates(&self, offset: usize) -> bool {
        self.steps.iter().any(|step| step.offset == offset && !step.predicates.is_empty())
    }
}
