//! Value sources: the four ways a value is named, everywhere the same: `from=`, `value=`, `property=`, `script=`.

use super::failure::Failure;
use super::property::Property;
use super::run::Run;
use super::scripted::Scripted;
use super::template::Template;
use crate::document::Document;
use crate::document::path::{At, Found, Path};
use crate::document::value::Value;
use crate::schema::simple::WhiteSpace;
use crate::script::{It, Others};

/// A value source, compiled.
#[derive(Debug)]
pub struct ValueSource {
    /// Where the value comes from.
    pub origin: Origin,
    /// What to use when it is absent, nil or empty.
    pub default: Option<Value>,
}

/// Where a value comes from.
#[derive(Debug)]
pub enum Origin {
    /// `from=`: a path in the document, what happens to the white space of the text it reads, and perhaps a script that
    /// sees that as `it`.
    Path(Path, WhiteSpace, Option<Scripted>),
    /// `value=`: a literal.
    Literal(Value),
    /// `value=` with placeholders.
    Text(Template),
    /// `property=`, and perhaps a script that sees it as `it`.
    Property(Property, Option<Scripted>),
    /// `script=` alone.
    Script(Scripted),
}

impl ValueSource {
    /// Reads the value for a document; `at` is where paths start in it.
    ///
    /// # Errors
    /// The document cannot be read, or the script fails.
    pub fn read(&self, run: &Run, document: &Document, at: Option<At<'_>>) -> Result<Value, Failure> {
        self.read_with(run, document, at, None)
    }

    /// The same for a script that sees documents under names of their own.
    ///
    /// # Errors
    /// As [`ValueSource::read`].
    pub fn read_with(
        &self,
        run: &Run,
        document: &Document,
        at: Option<At<'_>>,
        others: Option<&dyn Others>,
    ) -> Result<Value, Failure> {
        let value = match &self.origin {
            Origin::Literal(value) => value.clone(),
            Origin::Text(template) => Value::Text(template.fill(run, document)?),
            Origin::Path(path, space, script) => {
                let at = match at {
                    Some(at) => at,
                    None => root(document)?,
                };
                let found = path.first(at).map_or(Value::Absent, |found| normal(&found, *space));
                match script {
                    Some(script) => through(script, found, run, document, others)?,
                    None => found,
                }
            }
            Origin::Property(property, script) => {
                let found = property.get(run, document).map_or(Value::Absent, Value::Text);
                match script {
                    Some(script) => through(script, found, run, document, others)?,
                    None => found,
                }
            }
            Origin::Script(script) => {
                let it = match at {
                    Some(At::Element(element)) => It::Element(element),
                    Some(At::Document(_)) | None => It::None,
                };
                script.value_with(run, document, it, others)?
            }
        };
        Ok(match &self.default {
            Some(default) if is_blank(&value) => default.clone(),
            _ => value,
        })
    }
}

impl ValueSource {
    /// Whether it may look into the document's body.
    pub fn reads_body(&self) -> bool {
        match &self.origin {
            Origin::Literal(_) | Origin::Property(_, None) => false,
            Origin::Text(template) => template.reads_body(),
            Origin::Path(..) | Origin::Property(_, Some(_)) | Origin::Script(_) => true,
        }
    }

    /// What its path or property alone leads to, before a script or a default has changed it; `None` for a source that has
    /// neither.
    ///
    /// # Errors
    /// The document cannot be read.
    pub fn found(
        &self,
        run: &Run,
        document: &Document,
        at: Option<At<'_>>,
    ) -> Result<Option<Value>, Failure> {
        Ok(match &self.origin {
            Origin::Path(path, space, _) => {
                let at = at.map_or_else(|| root(document), Ok)?;
                Some(path.first(at).map_or(Value::Absent, |found| normal(&found, *space)))
            }
            Origin::Property(property, _) => {
                Some(property.get(run, document).map_or(Value::Absent, Value::Text))
            }
            Origin::Literal(_) | Origin::Text(_) | Origin::Script(_) => None,
        })
    }
}

/// Where paths start that start at the document.
fn root(document: &Document) -> Result<At<'_>, Failure> {
    document.tree().map(At::Document).map_err(|malformed| Failure::unreadable(&malformed))
}

/// A script behind a source sees what was read; what is absent stays absent without asking it.
fn through(
    script: &Scripted,
    value: Value,
    run: &Run,
    document: &Document,
    others: Option<&dyn Others>,
) -> Result<Value, Failure> {
    match value {
        Value::Absent => Ok(value),
        _ => script.value_with(run, document, It::Value(&value), others),
    }
}

/// The value a path found, with the white space that its type says.
fn normal(found: &Found<'_>, space: WhiteSpace) -> Value {
    match of(found) {
        Value::Text(text) if !space.is_normal(&text) => Value::Text(space.normalize(&text).into()),
        value => value,
    }
}

/// The value a path found.
pub fn of(found: &Found<'_>) -> Value {
    match found {
        Found::Element(element) => Value::of(element),
        Found::Attribute(attribute) => Value::Text(attribute.value.clone()),
    }
}

/// Absent, nil and empty text: what a default stands in for, and what `decision` treats as one.
pub fn is_blank(value: &Value) -> bool {
    match value {
        Value::Absent | Value::Nil => true,
        Value::Text(text) => text.is_empty(),
        Value::List(values) => values.is_empty(),
        Value::Number(_) | Value::Bool(_) | Value::Tree(_) => false,
    }
}
