//! The `each` item: one target for each source, with items between the two.

use std::sync::Arc;

use crate::document::path::{At, Found, Path};
use crate::document::tree::{Content, Element, Name, Node};
use crate::kind::item::{Between, DeclaredEntry, DeclaredItem, Item, ItemKind, Mapping, Writes, read_items};
use crate::kind::path::{Target, name_of};
use crate::kind::{Compiling, Kinds, Manual};
use crate::map::{program, set, unset, write};
use crate::pipeline::failure::Failure;
use crate::schema::{Shape, ShapeKind};
use crate::source::{Finding, Span, Spanned};
use crate::syntax::{Literal, Node as KdlNode};

/// The kind.
pub const KIND: ItemKind = ItemKind {
    manual: Manual {
        name: "each",
        summary: "makes one target for each source",
        usage: "each SOURCE into=TARGET { ITEM... }",
        text: "For every element that the source path finds, one element or array item is added to the target, in order. \
               Paths inside are relative to both. Scripts inside see the element as `it` and the whole document as \
               `source`. An `each` may stand in another.",
        example: "each \"Order/Line\" into=\"$.lines\" {\n    set \"sku\" from=\"Sku\"\n    set \"quantity\" from=\"Quantity\"\n}",
    },
    read,
};

#[derive(Debug)]
struct Declared {
    span: Span,
    source: Spanned<Literal>,
    target: Spanned<Literal>,
    items: Vec<DeclaredEntry>,
    /// Whether an item could not be read: then nothing follows from what is not there.
    broken: bool,
}

#[derive(Debug)]
struct Each {
    source: Path,
    target: Target,
    name: Name,
    list: bool,
    empty: Content,
    items: Vec<Box<dyn Item>>,
}

fn read(mut node: KdlNode<'_>, kinds: &Kinds) -> Option<Box<dyn DeclaredItem>> {
    let span = node.name_span();
    let source = node.argument("source path");
    let target = node.required("into");
    let nodes = node.children();
    let count = nodes.len();
    let items = read_items(nodes, kinds);
    let broken = items.len() < count;
    if items.is_empty() && !node.has_block() {
        node.report(
            Finding::error("empty-each", span, "an `each` without items makes nothing")
                .help("write { set ... }"),
        );
    }
    node.finish();
    Some(Box::new(Declared { span, source: source?, target: target?, items, broken }))
}

impl Declared {
    /// The shape of one target: an item of the array, or one of the repeated elements.
    fn one(&self, target: &Target, compiling: &Compiling<'_>) -> Option<(Arc<Shape>, bool)> {
        let shape = target.end.shape.as_ref()?;
        match &shape.kind {
            ShapeKind::Items(item) => Some((Arc::new((**item).clone()), true)),
            _ if target.end.repeats => Some((shape.clone(), false)),
            _ => {
                let message = format!(
                    "`{}` can be there once, and `each` makes one for each source",
                    self.target.value.text
                );
                compiling.report(Finding::error("not-repeated", self.target.span, message).help(
                    "name what repeats in the target's profile, or let it repeat there: occurs=\"0..*\"",
                ));
                None
            }
        }
    }
}

impl DeclaredItem for Declared {
    fn order(&self, between: &Between) -> Option<Vec<usize>> {
        set::order(&self.target, between)
    }

    fn compile(&self, between: &Between, compiling: &Compiling<'_>) -> Option<Box<dyn Item>> {
        let source = between.source.source(&self.source, compiling);
        let target = between.target.target(&self.target, compiling)?;
        let (source, end) = source?;
        let (one, list) = self.one(&target, compiling)?;
        let from = end.shape.map_or_else(
            || anything().into(),
            |shape| match &shape.kind {
                ShapeKind::Items(item) => Arc::new((**item).clone()),
                _ => shape,
            },
        );
        let inner = Between {
            source: between.source.at(from),
            target: between.target.at(one.clone()),
            document: between.document.clone(),
            nested: true,
            scripted: between.scripted,
        };
        let items = program::items(&self.items, &inner, compiling)?;
        if !self.broken {
            unset::check(&items, &inner, "this `each`", self.span, compiling);
        }
        let name = if list { Name::default() } else { name_of(&one) };
        let empty = match one.kind {
            ShapeKind::Children(_) | ShapeKind::Open(_) => Content::Children(Vec::new()),
            ShapeKind::Items(_) => Content::Items(Vec::new()),
            ShapeKind::Simple(_) | ShapeKind::Any => Content::Empty,
        };
        Some(Box::new(Each { source, target, name, list, empty, items }))
    }
}

fn anything() -> Shape {
    Shape {
        name: Default::default(),
        namespace: None,
        occurs: crate::schema::Occurs::ONCE,
        nillable: false,
        attributes: Vec::new(),
        kind: ShapeKind::Any,
        checking: Default::default(),
    }
}

impl Each {
    /// Makes the target of one source.
    fn one(&self, mapping: &Mapping<'_>, at: At<'_>, name: Name) -> Result<Element, Failure> {
        let mut made = Element::with(name, self.empty.clone());
        if let Content::Children(nodes) = &mut made.content {
            nodes.reserve_exact(self.items.len());
        }
        let inner = Mapping { at, ..*mapping };
        for item in &self.items {
            item.apply(&inner, &mut made)?;
        }
        Ok(made)
    }

    /// The element that the new ones are added to, and the position of the first.
    fn parent<'a>(&self, target: &'a mut Element) -> (&'a mut Element, usize) {
        let segments = self.target.segments.as_slice();
        let (way, before) = match segments.split_last() {
            Some((last, way)) if !self.list => (way, last.before.as_slice()),
            _ => (segments, [].as_slice()),
        };
        let mut at = target;
        for segment in way {
            at = write::down(at, segment);
        }
        if self.list && !matches!(at.content, Content::Items(_)) {
            at.content = Content::Items(Vec::new());
        }
        let place = write::place(at.nodes(), before);
        (at, place)
    }
}

impl Item for Each {
    fn writes(&self) -> Writes<'_> {
        Writes::Each(&self.target)
    }

    fn apply(&self, mapping: &Mapping<'_>, target: &mut Element) -> Result<(), Failure> {
        let found = self.source.select(mapping.at);
        let (parent, place) = self.parent(target);
        let mut made = Vec::with_capacity(found.len());
        for source in &found {
            let Found::Element(element) = source else { continue };
            // An array is what it holds.
            if let Content::Items(items) = &element.content {
                for item in items {
                    if let Node::Element(item) = item {
                        let name = write::inherit(parent, &self.name);
                        made.push(Node::Element(self.one(mapping, At::Element(item), name)?));
                    }
                }
                continue;
            }
            let name = write::inherit(parent, &self.name);
            made.push(Node::Element(self.one(mapping, At::Element(element), name)?));
        }
        let nodes = parent.nodes_mut();
        if place >= nodes.len() {
            nodes.append(&mut made);
        } else {
            nodes.splice(place..place, made);
        }
        Ok(())
    }
}
