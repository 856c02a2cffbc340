//! Scripts: Rhai expressions and statements over documents, checked once and compiled once for each worker.

mod arena;
mod arithmetic;
mod assign;
mod calls;
mod chains;
mod check;
mod convert;
mod engine;
mod execution;
mod failure;
pub mod library;
mod members;
mod numbers;
mod place;
mod scripts;
mod shapes;
mod standard;
pub mod table;
mod typed;
mod view;
mod wide;

use std::sync::Arc;
use std::time::{Duration, Instant};

use compact_str::CompactString;

use crate::document::tree::Element;
use crate::document::value::Value;
use crate::document::{Document, properties::Properties};
use crate::schema::Shape;

pub use check::{Builder, ScriptSet};
pub use execution::Execution;
pub use failure::{FailureKind, ScriptFailure, ScriptProblem, Unknown};
pub use scripts::Scripts;

/// What a script is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScriptKind {
    /// `script=` or `{= ...}`: its last value is the result, [`Scripts::eval`].
    Expression,
    /// A `script` block that changes [`Variable::Target`] or [`Variable::Doc`], [`Scripts::change`].
    Statements,
}

/// The variables a script may be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variable {
    /// `source`: the document a map reads.
    Source,
    /// `doc`: the current document of a process; what a script step changes.
    Doc,
    /// `it`: the value that `from=` read, or the element of the `each` around.
    It,
    /// `target`: what a map has made so far, and may be changed.
    Target,
}

impl Variable {
    /// Every variable, in the order of their numbers.
    pub const ALL: [Self; 4] = [Self::Source, Self::Doc, Self::It, Self::Target];

    /// The name a script uses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Doc => "doc",
            Self::It => "it",
            Self::Target => "target",
        }
    }
}

/// Which variables a script sees, and what is known of their shapes.
#[derive(Debug, Clone, Default)]
pub struct Bindings {
    variables: Vec<(Variable, Option<Arc<Shape>>)>,
    /// Documents under names of their own, with the shapes of their roots.
    others: Vec<(CompactString, Option<Arc<Shape>>)>,
}

impl Bindings {
    /// Adds a variable; with a shape its values are typed and what may repeat is always a list.
    ///
    /// The shape of a document is that of its root element. The shape of `it` is that of the value or element itself.
    #[must_use]
    pub fn with(mut self, variable: Variable, shape: Option<Arc<Shape>>) -> Self {
        self.variables.retain(|(other, _)| *other != variable);
        self.variables.push((variable, shape));
        self
    }

    /// Adds a document under a name of its own: the next of [`Others`], in the order of these calls.
    #[must_use]
    pub fn with_other(mut self, name: &str, shape: Option<Arc<Shape>>) -> Self {
        self.others.push((name.into(), shape));
        self
    }

    /// The variables with their shapes.
    pub fn iter(&self) -> impl Iterator<Item = (Variable, Option<&Arc<Shape>>)> {
        self.variables.iter().map(|(v, shape)| (*v, shape.as_ref()))
    }

    /// The other documents with their shapes.
    pub fn others(&self) -> impl Iterator<Item = (&CompactString, Option<&Arc<Shape>>)> {
        self.others.iter().map(|(name, shape)| (name, shape.as_ref()))
    }

    /// The names that a script sees.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let variables = self.variables.iter().map(|(variable, _)| variable.name());
        variables.chain(self.others.iter().map(|(name, _)| name.as_str()))
    }
}

/// A script as written.
#[derive(Debug, Clone)]
pub struct ScriptText {
    /// The text; offsets in problems and failures are bytes in it.
    pub text: Arc<str>,
    /// What it is for.
    pub kind: ScriptKind,
    /// What it sees.
    pub bindings: Bindings,
}

/// A checked script's number in its [`ScriptSet`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ScriptId(pub u32);

/// The stack, in bytes, that a thread must have to run scripts within the default [`Bounds`]: the interpreter recurses.
pub const STACK: usize = 8 << 20;

/// What one run of a script may use. Passing a bound stops the script with [`FailureKind::Limit`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Operations of the interpreter.
    pub operations: u64,
    /// Nested calls; a thread needs [`STACK`] for the default.
    pub depth: usize,
    /// Bytes of all text in one value.
    pub text: usize,
    /// Items of all lists, and of all maps, in one value; elements that a script adds to a document.
    pub items: usize,
    /// Variables in scope at once.
    pub variables: usize,
    /// Time of one run.
    pub time: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            operations: 1_000_000,
            depth: 32,
            text: 8 * 1024 * 1024,
            items: 100_000,
            variables: 128,
            time: Duration::from_secs(1),
        }
    }
}

/// Where `property(name)` reads.
pub trait PropertySource {
    /// The property's text; `None` when it is not set.
    fn property(&self, name: &str) -> Option<CompactString>;

    /// Every property that is set. Asked for only by scripts that put a property's name together as they run.
    fn each(&self, take: &mut dyn FnMut(&str, &str));
}

impl PropertySource for Properties {
    fn property(&self, name: &str) -> Option<CompactString> {
        self.get(name).map(CompactString::from)
    }

    fn each(&self, take: &mut dyn FnMut(&str, &str)) {
        for (name, value) in self.iter() {
            take(name, value);
        }
    }
}

/// Documents that a script sees under names of their own, each read when a script first asks for it.
pub trait Others {
    /// The document of that number, in the order of [`Bindings::with_other`]; `None` where there is none.
    ///
    /// # Errors
    /// Why it cannot be read.
    fn other(&self, index: usize) -> Result<Option<&Document>, String>;
}

/// What `it` is in one run.
#[derive(Debug, Clone, Copy, Default)]
pub enum It<'a> {
    /// Nothing: reads as `()`.
    #[default]
    None,
    /// The value that `from=` read.
    Value(&'a Value),
    /// The element of the `each` around; copied if the script uses `it`.
    Element(&'a Element),
}

/// What one run of a script sees. Whatever the script does not mention costs nothing.
#[derive(Clone, Copy, Default)]
pub struct Input<'a> {
    /// The document behind `source`.
    pub source: Option<&'a Document>,
    /// The document behind `doc`.
    pub doc: Option<&'a Document>,
    /// The value behind `it`.
    pub it: It<'a>,
    /// The documents under names of their own.
    pub others: Option<&'a dyn Others>,
    /// What `property(name)` reads.
    pub properties: Option<&'a dyn PropertySource>,
    /// The execution that the script is a part of.
    pub execution: Option<&'a Execution>,
    /// The request's deadline, if it is earlier than the script's own.
    pub deadline: Option<Instant>,
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_library;
#[cfg(test)]
mod tests_numbers;
#[cfg(test)]
mod tests_run;
