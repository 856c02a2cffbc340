//! The compiled map: its items in the order of the target's profile, run from document to document.

use std::sync::Arc;

use crate::document::Document;
use crate::document::codec::CodecRef;
use crate::document::path::At;
use crate::document::tree::{Content, Element, Name};
use crate::kind::Compiling;
use crate::kind::item::{Between, DeclaredEntry, DeclaredMap, Item, Mapping, Transform};
use crate::kind::path::{Side, name_of};
use crate::map::{script, unset};
use crate::pipeline::failure::Failure;
use crate::pipeline::operation::Profile;
use crate::pipeline::run::Run;
use crate::schema::validate::is_named;
use crate::schema::{Shape, ShapeKind};
use crate::source::Finding;

/// A compiled map.
#[derive(Debug)]
struct Program {
    name: String,
    source: Arc<Profile>,
    items: Vec<Box<dyn Item>>,
    codec: CodecRef,
    root: Element,
}

/// Compiles a map; `None` after findings.
pub fn compile(declared: &DeclaredMap, compiling: &Compiling<'_>) -> Option<Arc<dyn Transform>> {
    if declared.items.is_empty() && !declared.broken {
        let message = format!("the map `{}` writes nothing", declared.name.value);
        let finding = Finding::error("empty-map", declared.name.span, message);
        compiling.report(finding.help("give it items: set, each, copy, remove or script"));
    }
    let from = declared.from.as_ref().and_then(|name| compiling.profile(name));
    let to = declared.to.as_ref().and_then(|name| compiling.profile(name));
    let (from, to) = (from?, to?);
    let source = Side::of(&from);
    let scripted = declared.items.iter().any(|entry| entry.kind == script::KIND.manual.name);
    let between =
        Between { document: source.clone(), source, target: Side::of(&to), nested: false, scripted };
    let items = items(&declared.items, &between, compiling)?;
    let name = declared.name.value.clone();
    if !declared.broken && !declared.items.is_empty() {
        unset::check(&items, &between, &format!("`{name}`"), declared.name.span, compiling);
    }
    Some(Arc::new(Program { name, source: from, items, codec: to.codec.clone(), root: root(&to) }))
}

/// Compiles items; those that write single values come in the order of the target's profile, the others where they stand.
pub fn items(
    declared: &[DeclaredEntry],
    between: &Between,
    compiling: &Compiling<'_>,
) -> Option<Vec<Box<dyn Item>>> {
    check_targets(declared, compiling);
    let mut whole = true;
    // A script or a copy sees or makes the whole target, so nothing may move across it.
    let mut sorted: Vec<Box<dyn Item>> = Vec::with_capacity(declared.len());
    let mut run: Vec<(Vec<usize>, Box<dyn Item>)> = Vec::new();
    for entry in declared {
        match (entry.item.compile(between, compiling), entry.item.order(between)) {
            (Some(item), Some(order)) => run.push((order, item)),
            (Some(item), None) => {
                flush(&mut run, &mut sorted);
                sorted.push(item);
            }
            (None, _) => whole = false,
        }
    }
    flush(&mut run, &mut sorted);
    whole.then_some(sorted)
}

fn flush(run: &mut Vec<(Vec<usize>, Box<dyn Item>)>, sorted: &mut Vec<Box<dyn Item>>) {
    run.sort_by(|(left, _), (right, _)| left.cmp(right));
    sorted.extend(run.drain(..).map(|(_, item)| item));
}

/// Two items that write one value: the second would silently win.
fn check_targets(declared: &[DeclaredEntry], compiling: &Compiling<'_>) {
    let targets: Vec<_> = declared.iter().filter_map(|entry| entry.item.target()).collect();
    for (index, (text, span)) in targets.iter().enumerate() {
        if let Some((_, first)) = targets.iter().take(index).find(|(other, _)| other == text) {
            let message = format!("`{text}` is set twice");
            compiling.report(
                Finding::error("duplicate-target", *span, message).also(*first, "it is set here first"),
            );
        }
    }
}

/// The empty target: the root element of the profile.
fn root(profile: &Profile) -> Element {
    let shape = &profile.shape;
    let content = match shape.kind {
        ShapeKind::Items(_) => Content::Items(Vec::new()),
        ShapeKind::Children(_) | ShapeKind::Open(_) | ShapeKind::Any => Content::Children(Vec::new()),
        ShapeKind::Simple(_) => Content::Empty,
    };
    Element::with(name_of(shape), content)
}

impl Program {
    /// The document of a target: one of a format that cannot hold every tree is written now, so that it fails here.
    fn made(&self, target: Element) -> Result<Document, Failure> {
        if matches!(self.codec, CodecRef::Fixed(_)) {
            return Ok(Document::tree_of(target, self.codec.clone()));
        }
        Document::written(target, self.codec.clone()).map_err(|unwritable| {
            let log = format!("the map {} made what its format cannot hold: {unwritable}", self.name);
            Failure::internal("unwritable-document", log)
        })
    }

    /// Refuses a document of another profile, in which the paths would find next to nothing.
    fn check(&self, root: &Element) -> Result<(), Failure> {
        let shape = &*self.source.shape;
        if is_named(root, shape) && is_kind(&root.content, shape) {
            return Ok(());
        }
        let log = format!(
            "the map {} reads profile {}, whose root is {}; the document here is {}",
            self.name,
            self.source.name,
            if shape.name.is_empty() {
                kind_wanted(shape).to_owned()
            } else {
                format!("`{}`", name_of(shape))
            },
            if root.name.local.is_empty() {
                kind_of(&root.content).to_owned()
            } else {
                format!("`{}`", root.name)
            },
        );
        Err(Failure::internal("wrong-document", log))
    }
}

/// Whether a JSON document is the object or the array that its profile says; an XML document always.
fn is_kind(content: &Content, shape: &Shape) -> bool {
    match (&shape.kind, content) {
        _ if !shape.name.is_empty() => true,
        (_, Content::Nil) => shape.nillable,
        (ShapeKind::Children(_) | ShapeKind::Open(_), content) => matches!(content, Content::Children(_)),
        (ShapeKind::Items(_), content) => matches!(content, Content::Items(_)),
        (ShapeKind::Simple(_) | ShapeKind::Any, _) => true,
    }
}

fn kind_wanted(shape: &Shape) -> &'static str {
    match shape.kind {
        ShapeKind::Children(_) | ShapeKind::Open(_) => "an object",
        ShapeKind::Items(_) => "an array",
        ShapeKind::Simple(_) | ShapeKind::Any => "a value of JSON",
    }
}

fn kind_of(content: &Content) -> &'static str {
    match content {
        Content::Children(_) => "an object",
        Content::Items(_) => "an array",
        Content::Nil => "null",
        Content::Empty | Content::Text(_) => "a string",
        Content::Number(_) => "a number",
        Content::Bool(_) => "a boolean",
    }
}

impl Transform for Program {
    fn apply(&self, run: &Run, document: Document) -> Result<Document, Failure> {
        let mut target = Element {
            name: fresh(&self.root.name),
            attributes: Vec::new(),
            content: self.root.content.clone(),
        };
        let root = document.tree().map_err(|malformed| Failure::unreadable(&malformed))?;
        self.check(root)?;
        let mapping = Mapping { run, document: &document, at: At::Document(root) };
        for item in &self.items {
            item.apply(&mapping, &mut target)?;
        }
        Ok(document.replaced(self.made(target)?))
    }
}

/// A copy of a name with a namespace of its own: one that all workers count references of would slow them all.
pub fn fresh(name: &Name) -> Name {
    Name { namespace: name.namespace.as_deref().map(Arc::from), local: name.local.clone() }
}
