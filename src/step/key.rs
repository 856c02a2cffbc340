//! The value of a document that `sort` and `group` go by.

use crate::document::Document;
use crate::document::value::Value;
use crate::kind::path::End;
use crate::kind::value::{DeclaredValue, For};
use crate::kind::{Compiling, Here};
use crate::pipeline::failure::Failure;
use crate::pipeline::run::Run;
use crate::pipeline::source::ValueSource;
use crate::pipeline::step::Documents;
use crate::schema::{ShapeKind, SimpleType};
use crate::source::{Finding, Spanned};
use crate::syntax::{Literal, Node};

/// The value as declared.
#[derive(Debug)]
pub struct DeclaredKey(DeclaredValue);

/// The value, compiled.
#[derive(Debug)]
pub struct Key {
    value: ValueSource,
    /// Its type, where the profile says it.
    pub simple: Option<SimpleType>,
}

impl DeclaredKey {
    /// Reads the properties off a node.
    pub fn read(node: &mut Node<'_>) -> Option<Self> {
        DeclaredValue::read(node, false).map(Self)
    }

    /// Checks it; `None` after findings.
    pub fn compile(&self, here: &Here, compiling: &Compiling<'_>) -> Option<Key> {
        let (value, end) = self.0.compile(&For::here(here), compiling)?;
        // What a script makes of it has another type.
        let end = end.filter(|_| self.0.script.is_none());
        let from = self.0.from.as_ref();
        if let Some(finding) = from.zip(end.as_ref()).and_then(|(from, end)| misfit(from, end)) {
            compiling.report(finding);
            return None;
        }
        Some(Key { value, simple: end.and_then(|end| end.simple) })
    }
}

/// What documents cannot be told apart by: several values, or what is no single one.
fn misfit(from: &Spanned<Literal>, end: &End) -> Option<Finding> {
    let text = &from.value.text;
    let single = |kind: &ShapeKind| matches!(kind, ShapeKind::Simple(_) | ShapeKind::Any);
    if end.repeats {
        let message = format!("`{text}` can be there several times, and only the first would count");
        let help = "name one by its position, such as Net[1] in XML and nets[0] in JSON, or `split` the documents first";
        return Some(Finding::error("repeated-source", from.span, message).help(help));
    }
    if end.shape.as_ref().is_some_and(|shape| !single(&shape.kind)) {
        let message = format!("`{text}` is no single value to go by");
        return Some(Finding::error("not-a-value", from.span, message).help("name a value in it"));
    }
    None
}

impl Key {
    /// The value of each document.
    ///
    /// # Errors
    /// A document cannot be read, or a script fails or gives no single value.
    pub async fn read(&self, run: &Run, documents: &Documents) -> Result<Vec<Value>, Failure> {
        let mut values = Vec::with_capacity(documents.len());
        for (at, document) in documents.iter().enumerate() {
            if at > 0 {
                run.turn().await?;
            }
            values.push(self.of(run, document)?);
        }
        Ok(values)
    }

    fn of(&self, run: &Run, document: &Document) -> Result<Value, Failure> {
        match self.value.read(run, document, None)? {
            Value::List(_) => Err(Failure::internal(
                "not-a-value",
                "the value to go by is a list, which compares with nothing: let the script give a single value",
            )),
            value => Ok(value),
        }
    }
}
