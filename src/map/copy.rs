//! The `copy` item: the target starts as a copy of the source.

use crate::document::path::At;
use crate::document::tree::Element;
use crate::kind::item::{Between, DeclaredItem, Item, ItemKind, Mapping, Writes};
use crate::kind::trace::Did;
use crate::kind::{Compiling, Kinds, Manual};
use crate::pipeline::failure::Failure;
use crate::source::{Finding, Place, Span};
use crate::syntax::Node;

/// The kind.
pub const KIND: ItemKind = ItemKind {
    manual: Manual {
        name: "copy",
        summary: "starts from the whole source",
        usage: "copy",
        text: "The target becomes a copy of the source, with what other items set, remove or change. Both profiles must be \
               of one format. Inside an `each` it copies the element that the `each` stands at. It comes first.",
        example: "copy",
    },
    read,
};

#[derive(Debug)]
struct Declared {
    span: Span,
}

#[derive(Debug)]
struct Copy {
    place: Place,
}

fn read(node: Node<'_>, _: &Kinds) -> Option<Box<dyn DeclaredItem>> {
    let span = node.name_span();
    node.finish();
    Some(Box::new(Declared { span }))
}

impl DeclaredItem for Declared {
    fn compile(&self, between: &Between, compiling: &Compiling<'_>) -> Option<Box<dyn Item>> {
        if between.source.format != between.target.format {
            let message = "`copy` needs a source and a target of one format";
            let finding = Finding::error("copy-formats", self.span, message);
            compiling.report(finding.help("write set and each for the parts instead"));
            return None;
        }
        Some(Box::new(Copy { place: compiling.place(self.span) }))
    }
}

impl Item for Copy {
    fn writes(&self) -> Writes<'_> {
        Writes::Anything
    }

    fn apply(&self, mapping: &Mapping<'_>, target: &mut Element) -> Result<(), Failure> {
        let (At::Document(source) | At::Element(source)) = mapping.at;
        target.attributes = source.attributes.clone();
        target.content = source.content.clone();
        if let Some(trace) = mapping.trace {
            trace.note("copy", "", &self.place, Did::Whole);
        }
        Ok(())
    }
}
