//! `bind`: where the value of a parameter comes from.

use crate::document::Document;
use crate::kind::facets::simple_type;
use crate::kind::value::{DeclaredValue, For};
use crate::kind::{Compiling, Here};
use crate::pipeline::failure::Failure;
use crate::pipeline::run::Run;
use crate::pipeline::source::ValueSource;
use crate::schema::SimpleType;
use crate::source::{Finding, Spanned};
use crate::sql::{Bound, Dialect, Kind, SqlError, is_name};
use crate::syntax::Node;

/// A `bind` as declared.
#[derive(Debug)]
pub struct DeclaredBind {
    /// The name of the parameter.
    pub name: Spanned<String>,
    value: DeclaredValue,
    simple: Option<SimpleType>,
}

/// A `bind`, compiled.
#[derive(Debug)]
pub struct Bind {
    value: ValueSource,
    simple: Option<SimpleType>,
}

impl DeclaredBind {
    /// Reads the block of a step; `None` after findings.
    pub fn read_all(node: &mut Node<'_>) -> Option<Vec<Self>> {
        let (mut all, mut whole) = (Vec::<Self>::new(), true);
        for child in node.children() {
            if child.name() != "bind" {
                child.unknown("unknown-word", "a part of `database`", ["bind"]);
                whole = false;
                continue;
            }
            let Some(bind) = Self::read(child) else {
                whole = false;
                continue;
            };
            if let Some(first) = all.iter().find(|other| other.name.value == bind.name.value) {
                let message = format!("`{}` is bound twice", bind.name.value);
                let finding = Finding::error("duplicate-name", bind.name.span, message);
                node.report(finding.also(first.name.span, "the first one is here"));
                whole = false;
            }
            all.push(bind);
        }
        whole.then_some(all)
    }

    fn read(mut node: Node<'_>) -> Option<Self> {
        let name = node.argument::<String>("parameter's name");
        let value = DeclaredValue::read(&mut node, true);
        let typed = node.has_property("type");
        let simple = simple_type(&mut node);
        if let Some(wrong) = name.as_ref().filter(|name| !is_name(&name.value)) {
            let message = format!("`{}` is not the name of a parameter", wrong.value);
            let finding = Finding::error("bad-name", wrong.span, message);
            node.report(
                finding.help("letters, digits and `_`, as it stands behind the colon: bind customer ..."),
            );
            return None;
        }
        node.finish();
        Some(Self { name: name?, value: value?, simple: if typed { Some(simple?) } else { None } })
    }

    /// Compiles it; `None` after findings.
    pub fn compile(&self, here: &Here, compiling: &Compiling<'_>) -> Option<Bind> {
        let (value, _) = self.value.compile(&For::here(here), compiling)?;
        Some(Bind { value, simple: self.simple })
    }
}

impl Bind {
    /// The value for a document.
    pub fn read(&self, run: &Run, document: &Document, dialect: Dialect) -> Result<Bound, Failure> {
        let value = self.value.read(run, document, None)?;
        Bound::of(&value, self.simple, dialect)
            .map_err(|why| super::failure(&SqlError::new(Kind::Value, why)))
    }
}
