//! The `sort` step: the documents in the order of a value of theirs.

use std::borrow::Cow;

use crate::document::Document;
use crate::document::value::Value;
use crate::kind::step::{DeclaredStep, StepKind};
use crate::kind::{Compiling, Here, Kinds, Manual};
use crate::pipeline::run::Run;
use crate::pipeline::step::{Documents, Step, Work};
use crate::schema::order::Rank;
use crate::source::{Finding, Spanned};
use crate::step::key::{DeclaredKey, Key};
use crate::syntax::Node;

/// The kind.
pub const KIND: StepKind = StepKind {
    manual: Manual {
        name: "sort",
        summary: "puts the documents in the order of a value",
        usage: "sort from=PATH | property=NAME | script=EXPRESSION [descending=#true] [as=text|number]",
        text: "The documents go on in the order of the value that each has; those that have equal ones keep their order, and those \
               that have none come last, also with descending=#true. Where the profile types the value it is compared as \
               its type says, as in the `sort=` of an `each`: numbers exactly, dates and times by the moment (without a zone \
               as UTC), text by its characters. Without a type, values that are numbers are compared as numbers and come \
               before those that are none, which are compared as text. `as=` says it instead of the type.",
        example: "split \"Order/Line\"\nsort from=\"Line/Price\" descending=#true as=number",
    },
    read,
};

const MANNERS: &[(&str, Manner)] = &[("text", Manner::Text), ("number", Manner::Number)];

/// How values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// As their type says.
    Typed,
    Text,
    Number,
}

#[derive(Debug)]
struct Declared {
    key: DeclaredKey,
    descending: bool,
    manner: Option<Spanned<String>>,
}

#[derive(Debug)]
struct Sort {
    key: Key,
    descending: bool,
    manner: Manner,
}

fn read(mut node: Node<'_>, _: &Kinds) -> Option<Box<dyn DeclaredStep>> {
    let key = DeclaredKey::read(&mut node);
    let descending = node.property::<bool>("descending").is_some_and(|given| given.value);
    let manner = node.property("as");
    node.finish();
    Some(Box::new(Declared { key: key?, descending, manner }))
}

impl Declared {
    fn manner(&self, compiling: &Compiling<'_>) -> Option<Manner> {
        let Some(word) = &self.manner else { return Some(Manner::Typed) };
        let known = MANNERS.iter().find(|(name, _)| *name == word.value);
        if known.is_none() {
            let message = format!("values are not compared as `{}`", word.value);
            let finding = Finding::error("unknown-word", word.span, message);
            compiling.report(finding.suggest(&word.value, MANNERS.iter().map(|(name, _)| *name)));
        }
        known.map(|(_, manner)| *manner)
    }
}

impl DeclaredStep for Declared {
    fn compile(&self, here: &mut Here, compiling: &Compiling<'_>) -> Option<Box<dyn Step>> {
        let (key, manner) = (self.key.compile(here, compiling), self.manner(compiling));
        Some(Box::new(Sort { key: key?, descending: self.descending, manner: manner? }))
    }
}

impl Sort {
    fn rank<'a>(&self, value: &'a Value) -> Rank<'a> {
        let text = match value {
            Value::Absent | Value::Nil | Value::List(_) => return Rank::Missing,
            Value::Bool(truth) if self.manner == Manner::Typed => return Rank::Bool(*truth),
            Value::Bool(truth) => Cow::Borrowed(if *truth { "true" } else { "false" }),
            Value::Text(text) | Value::Number(text) => Cow::Borrowed(text.as_str()),
            Value::Tree(element) => Cow::Owned(element.string_value().into()),
        };
        match self.manner {
            Manner::Typed => Rank::of(text, self.key.simple, true),
            Manner::Number => Rank::of(text, None, true),
            Manner::Text => Rank::Text(text),
        }
    }

    fn sorted(&self, documents: Documents, values: &[Value]) -> Documents {
        let ranks = values.iter().map(|value| self.rank(value));
        let mut ranked: Vec<(Rank<'_>, Document)> = ranks.zip(documents).collect();
        ranked.sort_by(|(left, _), (right, _)| left.compare(right, self.descending));
        ranked.into_iter().map(|(_, document)| document).collect()
    }
}

impl Step for Sort {
    fn run<'a>(&'a self, run: &'a Run, documents: Documents) -> Work<'a> {
        if documents.len() < 2 {
            return Work::Done(Ok(documents));
        }
        Work::Later(Box::pin(async move {
            let values = self.key.read(run, &documents).await?;
            Ok(self.sorted(documents, &values))
        }))
    }
}
