//! The `each` item: one target for each source, with items between the two.

use std::ops::ControlFlow;
use std::sync::Arc;

use compact_str::CompactString;

use crate::document::path::{At, Found, Path};
use crate::document::tree::{Content, Element, Name, Node};
use crate::document::value::Value;
use crate::kind::item::{Between, DeclaredEntry, DeclaredItem, Item, ItemKind, Mapping, Writes, read_items};
use crate::kind::path::Target;
use crate::kind::trace::Did;
use crate::kind::value::{For, bindings};
use crate::kind::{Compiling, Kinds, Manual};
use crate::map::sort::Sort;
use crate::map::start::{Begun, Start};
use crate::map::{program, set, unset, write};
use crate::pipeline::failure::Failure;
use crate::pipeline::scripted::Scripted;
use crate::schema::{Shape, ShapeKind};
use crate::script::{It, ScriptKind};
use crate::source::{Finding, Place, Span, Spanned};
use crate::syntax::{Literal, Node as KdlNode};

/// The kind.
pub const KIND: ItemKind = ItemKind {
    manual: Manual {
        name: "each",
        summary: "makes one target for each source",
        usage: "each SOURCE into=TARGET [of=DOCUMENT] [where=CONDITION] [sort=\"[-]PATH ...\"] { ITEM... }",
        text: "For every element that the source path finds, one element or array item is added to the target, in order. \
               Paths inside are relative to both; a source path that begins with `/` (in JSON with `$`) is meant from the \
               whole document: the fields of a parent. Scripts inside see the element as `it` and the whole document as \
               `source`. An `each` may stand in another. `of=` names the `document` that the path starts in. `where=` is a \
               script that says of each element, as `it`, whether it is taken: true or false, and absent is false; a \
               predicate in the path does the same without a script (`Order/Line[Discount]`). `sort=` names paths that \
               start at the element, the first counting most, a `-` before one turning it round: numbers, dates and \
               times by value as the profile types them (without a zone as UTC), text by its characters; what is not \
               there comes last, and what is equal stays in order.",
        example: "each \"Order/Line\" into=\"$.lines\" where=#\"it.Quantity > 0\"# sort=\"-Price Sku\" {\n    set \"sku\" from=\"Sku\"\n    set \"quantity\" from=\"Quantity\"\n}",
    },
    read,
};

#[derive(Debug)]
struct Declared {
    span: Span,
    source: Spanned<Literal>,
    target: Spanned<Literal>,
    of: Option<Spanned<String>>,
    filter: Option<Spanned<Literal>>,
    sort: Option<Spanned<Literal>>,
    items: Vec<DeclaredEntry>,
    /// Whether an item could not be read: then nothing follows from what is not there.
    broken: bool,
}

#[derive(Debug)]
struct Each {
    source: Path,
    start: Start,
    /// Whether the path leads to an array, of which nil is none.
    array: bool,
    filter: Option<Scripted>,
    sort: Option<Sort>,
    target: Target,
    name: Name,
    list: bool,
    empty: Content,
    items: Vec<Box<dyn Item>>,
    /// The target as written.
    text: CompactString,
    place: Place,
}

fn read(mut node: KdlNode<'_>, kinds: &Kinds) -> Option<Box<dyn DeclaredItem>> {
    let span = node.name_span();
    let source = node.argument("source path");
    let target = node.required("into");
    let (of, filter, sort) = (node.property("of"), node.property("where"), node.property("sort"));
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
    Some(Box::new(Declared { span, source: source?, target: target?, of, filter, sort, items, broken }))
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

    /// The condition and the order, over the element that `inner` starts at; `None` after findings.
    fn choice(&self, inner: &Between, compiling: &Compiling<'_>) -> Option<(Option<Scripted>, Option<Sort>)> {
        let wanted = For::at(inner);
        let filter = self.filter.as_ref().map(|text| {
            let bindings = bindings(&wanted, Some(inner.source.shape.clone()));
            compiling.script(&text.value, ScriptKind::Expression, bindings)
        });
        let sort = self.sort.as_ref().map(|text| Sort::compile(text, &inner.source, compiling));
        let filter = match filter {
            Some(filter) => Some(filter?),
            None => None,
        };
        match sort {
            Some(sort) => Some((filter, Some(sort?))),
            None => Some((filter, None)),
        }
    }
}

impl DeclaredItem for Declared {
    fn order(&self, between: &Between) -> Option<Vec<usize>> {
        set::order(&self.target, between)
    }

    fn compile(&self, between: &Between, compiling: &Compiling<'_>) -> Option<Box<dyn Item>> {
        let begun = Begun::find(&self.source, self.of.as_ref(), between, compiling);
        let found = begun.and_then(|begun| {
            begun.side.source(&begun.path, compiling).map(|(path, end)| (begun.start, begun.side, path, end))
        });
        let target = between.target.target(&self.target, compiling)?;
        let (start, side, source, end) = found?;
        let (one, list) = self.one(&target, compiling)?;
        let (from, array) = match end.shape.as_ref().map(|shape| &shape.kind) {
            Some(ShapeKind::Items(item)) => (Arc::new((**item).clone()), true),
            _ => (end.shape.unwrap_or_else(|| anything().into()), false),
        };
        let inner = Between {
            source: side.at(from),
            target: between.target.at(one.clone()),
            nested: true,
            ..between.clone()
        };
        let choice = self.choice(&inner, compiling);
        let items = program::items(&self.items, &inner, compiling)?;
        let (filter, sort) = choice?;
        if !self.broken {
            unset::check(&items, &inner, "this `each`", self.span, compiling);
        }
        let name = if list { Name::default() } else { one.element_name() };
        let empty = match one.kind {
            ShapeKind::Children(_) | ShapeKind::Open(_) => Content::Children(Vec::new()),
            ShapeKind::Items(_) => Content::Items(Vec::new()),
            ShapeKind::Simple(_) | ShapeKind::Any => Content::Empty,
        };
        let (text, place) = (self.target.value.text.as_str().into(), compiling.place(self.span));
        let each = Each { source, start, array, filter, sort, target, name, list, empty, items, text, place };
        Some(Box::new(each))
    }
}

/// The kind of a value that is no condition.
fn told(value: &Value) -> &'static str {
    match value {
        Value::Text(_) => "text",
        Value::Number(_) => "a number",
        Value::Tree(_) => "an element",
        _ => "a list",
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
        form: Default::default(),
    }
}

impl Each {
    /// The elements that the path leads to; an array is what it holds.
    fn found<'a>(&self, at: At<'a>) -> Vec<&'a Element> {
        let mut all = Vec::new();
        self.source.each(at, |found| {
            match found {
                Found::Element(Element { content: Content::Items(items), .. }) => {
                    all.extend(items.iter().filter_map(|item| match item {
                        Node::Element(item) => Some(item),
                        Node::Text(_) => None,
                    }));
                }
                Found::Element(element) if self.array && element.is_nil() => {}
                Found::Element(element) => all.push(element),
                Found::Attribute(_) => {}
            }
            ControlFlow::Continue(())
        });
        all
    }

    /// Those for which the condition holds, in the order that is asked for.
    fn chosen<'a>(
        &self,
        mut found: Vec<&'a Element>,
        mapping: &Mapping<'_>,
    ) -> Result<Vec<&'a Element>, Failure> {
        if let Some(filter) = &self.filter {
            let mut taken = Vec::with_capacity(found.len());
            for element in found {
                if self.holds(filter, element, mapping)? {
                    taken.push(element);
                }
            }
            found = taken;
        }
        Ok(match &self.sort {
            Some(sort) => sort.apply(found),
            None => found,
        })
    }

    fn holds(&self, filter: &Scripted, element: &Element, mapping: &Mapping<'_>) -> Result<bool, Failure> {
        match filter.value_with(
            mapping.run,
            mapping.document,
            It::Element(element),
            Some(mapping.documents),
        )? {
            Value::Bool(holds) => Ok(holds),
            Value::Absent | Value::Nil => Ok(false),
            other => {
                let log = format!("where= of `each {}` gave {}, not true or false", self.text, told(&other));
                Err(Failure::internal("not-a-condition", log).at(&self.place))
            }
        }
    }

    /// Makes the target of the source that `inner` stands at.
    fn one(&self, inner: &Mapping<'_>, name: Name) -> Result<Element, Failure> {
        let mut made = Element::with(name, self.empty.clone());
        if let Content::Children(nodes) = &mut made.content {
            nodes.reserve_exact(self.items.len());
        }
        for item in &self.items {
            item.apply(inner, &mut made)?;
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
        let found = match self.start.at(mapping)? {
            Some(at) => self.found(at),
            None => Vec::new(),
        };
        let count = found.len();
        let found = self.chosen(found, mapping)?;
        if let Some(trace) = mapping.trace {
            trace.note("each", &self.text, &self.place, Did::Each { found: count, taken: found.len() });
        }
        let (parent, place) = self.parent(target);
        let name = write::inherit(parent, &self.name);
        let mut made = Vec::with_capacity(found.len());
        for (index, element) in found.into_iter().enumerate() {
            let (at, name) = (At::Element(element), name.clone());
            made.push(Node::Element(match mapping.trace {
                None => self.one(&Mapping { at, ..*mapping }, name)?,
                Some(trace) => {
                    let level = trace.round(index + 1);
                    self.one(&Mapping { at, trace: Some(trace.within(&level)), ..*mapping }, name)?
                }
            }));
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
