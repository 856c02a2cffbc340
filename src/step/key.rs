//! The value of a document that `sort` and `group` go by.

use crate::document::Document;
use crate::document::value::Value;
use crate::kind::single::misfit;
use crate::kind::value::{DeclaredValue, For};
use crate::kind::{Compiling, Here};
use crate::pipeline::failure::Failure;
use crate::pipeline::run::Run;
use crate::pipeline::source::ValueSource;
use crate::pipeline::step::Documents;
use crate::schema::SimpleType;
use crate::syntax::Node;

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
        if let Some(finding) = from
            .zip(end.as_ref())
            .and_then(|(from, end)| misfit(from, end, ", or `split` the documents first"))
        {
            compiling.report(finding);
            return None;
        }
        Some(Key { value, simple: end.and_then(|end| end.simple) })
    }
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
