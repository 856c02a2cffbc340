//! The `remove` item: takes a part out of the target.

use compact_str::CompactString;

use crate::document::tree::{Element, Node as TreeNode};
use crate::kind::item::{Between, DeclaredItem, Item, ItemKind, Mapping, Writes};
use crate::kind::path::{Target, TargetSegment};
use crate::kind::trace::Did;
use crate::kind::{Compiling, Kinds, Manual};
use crate::pipeline::failure::Failure;
use crate::source::{Finding, Place, Span, Spanned};
use crate::syntax::{Literal, Node};

/// The kind.
pub const KIND: ItemKind = ItemKind {
    manual: Manual {
        name: "remove",
        summary: "takes a part out of the target",
        usage: "remove TARGET",
        text: "Removes every element, member or attribute at the path, in all elements that repeat on the way. Mostly \
               after a `copy`. What is not there is no mistake.",
        example: "remove \"$.id\"",
    },
    read,
};

#[derive(Debug)]
struct Declared {
    target: Spanned<Literal>,
    span: Span,
}

#[derive(Debug)]
struct Remove {
    target: Target,
    text: CompactString,
    place: Place,
}

fn read(mut node: Node<'_>, _: &Kinds) -> Option<Box<dyn DeclaredItem>> {
    let span = node.name_span();
    let target = node.argument("target path");
    node.finish();
    Some(Box::new(Declared { target: target?, span }))
}

impl DeclaredItem for Declared {
    fn compile(&self, between: &Between, compiling: &Compiling<'_>) -> Option<Box<dyn Item>> {
        let target = between.target.target(&self.target, compiling)?;
        if target.segments.is_empty() {
            let finding =
                Finding::error("remove-root", self.target.span, "the whole target cannot be removed");
            compiling.report(finding.help("name a part of it"));
            return None;
        }
        let text = self.target.value.text.as_str().into();
        Some(Box::new(Remove { target, text, place: compiling.place(self.span) }))
    }
}

impl Item for Remove {
    fn writes(&self) -> Writes<'_> {
        Writes::Nothing
    }

    fn apply(&self, mapping: &Mapping<'_>, target: &mut Element) -> Result<(), Failure> {
        remove(target, &self.target.segments);
        if let Some(trace) = mapping.trace {
            trace.note("remove", &self.text, &self.place, Did::Whole);
        }
        Ok(())
    }
}

fn remove(element: &mut Element, way: &[TargetSegment]) {
    let Some((first, rest)) = way.split_first() else { return };
    if first.attribute {
        element.attributes.retain(|attribute| attribute.name.local != first.name.local);
        return;
    }
    if element.nodes().is_empty() {
        return;
    }
    let is = |node: &TreeNode| matches!(node, TreeNode::Element(e) if e.name == first.name);
    let nodes = element.nodes_mut();
    if rest.is_empty() {
        nodes.retain(|node| !is(node));
        return;
    }
    for node in nodes.iter_mut().filter(|node| is(node)) {
        if let TreeNode::Element(child) = node {
            remove(child, rest);
        }
    }
}
