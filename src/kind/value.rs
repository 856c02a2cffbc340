//! Value sources in the file: `from=`, `value=`, `property=`, `script=`, and `default=`, everywhere read the same way.

use std::sync::Arc;

use super::item::{Between, NamedSide};
use super::path::{End, Side, free};
use super::{Compiling, Here, template};
use crate::document::value::Value;
use crate::pipeline::property::Property;
use crate::pipeline::redact::CREDENTIALS;
use crate::pipeline::source::{Origin, ValueSource};
use crate::pipeline::template::Escape;
use crate::schema::Shape;
use crate::schema::simple::WhiteSpace;
use crate::script::{Bindings, ScriptKind, Variable};
use crate::source::{Finding, Span, Spanned};
use crate::syntax::{Literal, Node, name_from_outside};

/// A value source as declared.
#[derive(Debug)]
pub struct DeclaredValue {
    /// `from=`
    pub from: Option<Spanned<Literal>>,
    /// `value=`
    pub value: Option<Spanned<Scalar>>,
    /// `property=`
    pub property: Option<Spanned<Literal>>,
    /// `script=`
    pub script: Option<Spanned<Literal>>,
    /// `default=`
    pub default: Option<Spanned<Scalar>>,
    /// The node's name.
    pub span: Span,
}

/// A literal value: text, a number, true, false or null.
#[derive(Debug, Clone)]
pub struct Scalar {
    /// The value.
    pub value: Value,
    /// Its text with places, for placeholders.
    pub literal: Literal,
}

impl crate::syntax::FromValue for Scalar {
    fn from_value(given: &crate::syntax::Given<'_>) -> Result<Self, String> {
        let written = || given.written.replace('_', "");
        let value = if let Some(text) = given.text() {
            Value::Text(text.into())
        } else if let Some(value) = given.value.as_bool() {
            Value::Bool(value)
        } else if given.value.is_null() {
            Value::Nil
        } else if let Some(number) = given.value.as_integer() {
            Value::Number(number.to_string().into())
        } else {
            Value::Number(written().into())
        };
        let text = given.text().map_or_else(written, str::to_owned);
        Ok(Self { value, literal: Literal::of(&text, given) })
    }
}

/// What a value source is compiled for.
#[derive(Default)]
pub struct For<'a> {
    /// Where its paths start; `None` where no profile is known.
    pub source: Option<&'a Side>,
    /// Whether the documents are plain data, which no path leads into.
    pub data: bool,
    /// The shape of the whole document, for scripts.
    pub document: Option<&'a Arc<Shape>>,
    /// Whether `it` without a `from=` is the element of an `each`.
    pub nested: bool,
    /// The other documents of a map, which scripts see under their names.
    pub documents: &'a [NamedSide],
}

impl<'a> For<'a> {
    /// For a step, which reads the whole document.
    pub fn here(here: &'a Here) -> Self {
        let document = here.document.as_ref();
        Self {
            source: document,
            data: here.data,
            document: document.map(|side| &side.shape),
            nested: false,
            documents: &[],
        }
    }

    /// For an item of a map.
    pub fn at(between: &'a Between) -> Self {
        Self {
            source: Some(&between.source),
            data: false,
            document: Some(&between.document.shape),
            nested: between.nested,
            documents: &between.documents,
        }
    }
}

impl DeclaredValue {
    /// Reads the properties off a node. One of the sources must be there, and only one but for a script beside another.
    pub fn read(node: &mut Node<'_>, with_default: bool) -> Option<Self> {
        let span = node.name_span();
        let declared = Self {
            from: node.property("from"),
            value: node.property("value"),
            property: node.property("property"),
            script: node.property("script"),
            default: if with_default { node.property("default") } else { None },
            span,
        };
        let named = |name| node.has_property(name);
        let count = ["from", "value", "property"].iter().filter(|name| named(name)).count();
        let script_alone = named("script") && (count == 0 || !named("value"));
        if count == 1 && (!named("script") || script_alone) || (count == 0 && named("script")) {
            return Some(declared);
        }
        if count == 0 && node.misspells(&["from", "value", "property", "script"]) {
            return None;
        }
        let (code, message) = if count == 0 {
            ("missing-value", format!("`{}` does not say where its value comes from", node.name()))
        } else {
            ("several-values", format!("`{}` says more than once where its value comes from", node.name()))
        };
        let help =
            "give one of from=, value=, property= or script=; a script= may stand beside from= or property=";
        node.report(Finding::error(code, span, message).help(help));
        None
    }

    /// Whether it comes from outside the file, or holds a caller's credentials: nobody is to be shown it.
    pub fn is_secret(&self) -> bool {
        let outside = [&self.value, &self.default].into_iter().flatten();
        let credentials = |name: &str| {
            let header = name.strip_prefix("request.header.").unwrap_or_default();
            CREDENTIALS.iter().any(|known| header.eq_ignore_ascii_case(known))
        };
        outside.into_iter().any(|scalar| scalar.value.literal.is_outside)
            || self.property.as_ref().is_some_and(|name| credentials(&name.value.text))
    }

    /// Compiles it; also what a `from=` leads to, when the profile says.
    pub fn compile(&self, wanted: &For<'_>, compiling: &Compiling<'_>) -> Option<(ValueSource, Option<End>)> {
        self.compile_from(self.from.as_ref(), wanted, compiling)
    }

    /// The same with another path in place of `from=`: what is left of it when its beginning said where it starts.
    pub fn compile_from(
        &self,
        from: Option<&Spanned<Literal>>,
        wanted: &For<'_>,
        compiling: &Compiling<'_>,
    ) -> Option<(ValueSource, Option<End>)> {
        let default = self.default.as_ref().map(|scalar| scalar.value.value.clone());
        let (origin, end) = self.origin(from, wanted, compiling)?;
        Some((ValueSource { origin, default }, end))
    }

    fn origin(
        &self,
        from: Option<&Spanned<Literal>>,
        wanted: &For<'_>,
        compiling: &Compiling<'_>,
    ) -> Option<(Origin, Option<End>)> {
        if let Some(from) = from {
            let (path, end) = match wanted.source {
                None if wanted.data => {
                    compiling.report(into_data(from.span));
                    return None;
                }
                Some(side) => side.source(from, compiling).map(|(path, end)| (path, Some(end)))?,
                None => (free(from, compiling)?, None),
            };
            let shape = end.as_ref().and_then(|end| end.shape.clone());
            let script = self.beside(wanted, shape, compiling)?;
            let space = match (&end, wanted.source) {
                // Values with types, as in JSON, have no white space to lose: their checks know none.
                (Some(end), Some(side)) if !side.typed => end.space,
                _ => WhiteSpace::Preserve,
            };
            return Some((Origin::Path(path, space, script), end));
        }
        if let Some(property) = &self.property {
            let script = self.beside(wanted, None, compiling);
            let property = property_name(property, compiling)?;
            return Some((Origin::Property(property, script?), None));
        }
        if let Some(value) = &self.value {
            return Some((literal(value, wanted, compiling)?, None));
        }
        let shape = wanted.nested.then(|| wanted.source.map(|side| side.shape.clone())).flatten();
        let script = compiling.script(
            &self.script.as_ref()?.value,
            ScriptKind::Expression,
            bindings(wanted, shape),
        )?;
        Some((Origin::Script(script), None))
    }

    /// The script beside another source; the outer `None` is one with mistakes.
    fn beside(
        &self,
        wanted: &For<'_>,
        it: Option<Arc<Shape>>,
        compiling: &Compiling<'_>,
    ) -> Option<Option<crate::pipeline::scripted::Scripted>> {
        let Some(script) = &self.script else { return Some(None) };
        compiling.script(&script.value, ScriptKind::Expression, bindings(wanted, it)).map(Some)
    }
}

/// What is said of a path where the documents are plain data: it would fail with each of them.
pub fn into_data(at: Span) -> Finding {
    Finding::error("data-path", at, "the documents here are plain data, which no path leads into").help(
        "name a profile in place of `input data`, or write `validate PROFILE` before this: it reads the data as such a document",
    )
}

/// What an expression sees; `it` is of that shape.
pub fn bindings(wanted: &For<'_>, it: Option<Arc<Shape>>) -> Bindings {
    let bindings = Bindings::default()
        .with(Variable::Source, wanted.document.cloned())
        .with(Variable::Doc, wanted.document.cloned())
        .with(Variable::It, it);
    with_documents(bindings, wanted.documents)
}

/// What a script sees, and the other documents of its map.
pub fn with_documents(bindings: Bindings, documents: &[NamedSide]) -> Bindings {
    documents.iter().fold(bindings, |bindings, document| {
        let shape = document.side.as_ref().map(|side| side.shape.clone());
        bindings.with_other(&document.variable(), shape)
    })
}

/// A literal; text may hold placeholders.
fn literal(value: &Spanned<Scalar>, wanted: &For<'_>, compiling: &Compiling<'_>) -> Option<Origin> {
    if !matches!(value.value.value, Value::Text(_)) {
        return Some(Origin::Literal(value.value.value.clone()));
    }
    let text = Spanned::new(value.value.literal.clone(), value.span);
    let template = template::compile(&text, Escape::None, wanted.document, compiling)?;
    Some(match template.plain() {
        Some(text) => Origin::Literal(Value::Text(text)),
        None => Origin::Text(template),
    })
}

/// Compiles the name of a property; an unknown one of a reserved beginning is a finding.
pub fn property_name(name: &Spanned<Literal>, compiling: &Compiling<'_>) -> Option<Property> {
    if name.value.is_outside {
        compiling.report(name_from_outside(name.span));
        return None;
    }
    match Property::parse(&name.value.text) {
        Ok(property) => {
            compiling.reads(&name.value.text, name.span);
            Some(property)
        }
        Err(error) => {
            let finding = Finding::error("unknown-property-name", name.span, error.message);
            compiling.report(finding.suggest(&name.value.text, error.known));
            None
        }
    }
}
