//! The `script` item: Rhai statements over the target as the items before it have made it.

use crate::document::codec::Codec;
use crate::document::tree::Element;
use crate::kind::item::{Between, DeclaredItem, Item, ItemKind, Mapping, Writes};
use crate::kind::trace::Did;
use crate::kind::value::with_documents;
use crate::kind::{Compiling, Kinds, Manual};
use crate::pipeline::failure::Failure;
use crate::pipeline::scripted::Scripted;
use crate::script::{Bindings, ScriptKind, Variable};
use crate::source::{Finding, Place, Span, Spanned};
use crate::syntax::{Literal, Node};
use crate::xml::{XML, uncarried_in};

/// The kind.
pub const KIND: ItemKind = ItemKind {
    manual: Manual {
        name: "script",
        summary: "changes the target by a script",
        usage: "script SCRIPT",
        text: "Rhai statements that see the source as `source` and the target as `target`, and may change the target; a \
               `document` of the map they see under its name, with `_` for `-`. \
               They run where they stand: after the items before them. Compiled once; bounded in operations, depth, memory \
               and time; an error names its place in the file.",
        example: "script #\"\"\"\n    target.id = target.id.to_upper();\n    \"\"\"#",
    },
    read,
};

#[derive(Debug)]
struct Declared {
    text: Spanned<Literal>,
    span: Span,
}

#[derive(Debug)]
struct Script {
    script: Scripted,
    /// Whether the target is XML.
    xml: bool,
    place: Place,
}

fn read(mut node: Node<'_>, _: &Kinds) -> Option<Box<dyn DeclaredItem>> {
    let span = node.name_span();
    let text = node.argument("script");
    node.finish();
    Some(Box::new(Declared { text: text?, span }))
}

impl DeclaredItem for Declared {
    fn compile(&self, between: &Between, compiling: &Compiling<'_>) -> Option<Box<dyn Item>> {
        if between.nested {
            let finding =
                Finding::error("nested-script", self.span, "a `script` stands in the map, not in an `each`");
            compiling.report(
                finding.help("set TARGET script=EXPRESSION works inside: it sees the element as `it`"),
            );
            return None;
        }
        let bindings = Bindings::default()
            .with(Variable::Source, Some(between.document.shape.clone()))
            .with(Variable::Target, Some(between.target.shape.clone()));
        let bindings = with_documents(bindings, &between.documents);
        let script = compiling.script(&self.text.value, ScriptKind::Statements, bindings)?;
        Some(Box::new(Script {
            script,
            xml: between.target.format == XML.format(),
            place: compiling.place(self.span),
        }))
    }
}

impl Item for Script {
    fn writes(&self) -> Writes<'_> {
        Writes::Anything
    }

    fn apply(&self, mapping: &Mapping<'_>, target: &mut Element) -> Result<(), Failure> {
        *target = self.script.change(
            mapping.run,
            mapping.document,
            std::mem::take(target),
            Some(mapping.documents),
        )?;
        // A script may have put anything anywhere.
        if let Some((path, why)) = self.xml.then(|| uncarried_in(target)).flatten() {
            let log = format!("the script makes what XML cannot hold, at `{path}`: {why}");
            return Err(Failure::internal("unwritable-document", log).at(&self.place));
        }
        if let Some(trace) = mapping.trace {
            trace.note("script", "", &self.place, Did::Whole);
        }
        Ok(())
    }
}
