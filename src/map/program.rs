//! The compiled map: its items in the order of the target's profile, run from document to document.

use std::sync::Arc;

use crate::document::Document;
use crate::document::codec::CodecRef;
use crate::document::path::At;
use crate::document::tree::{Content, Element, Name};
use crate::kind::Compiling;
use crate::kind::item::{Between, DeclaredEntry, DeclaredMap, Item, Mapping, Transform, Writes};
use crate::kind::path::Side;
use crate::kind::trace::{Traced, Tracer};
use crate::map::document::{self, Named, Opened};
use crate::map::{root, script, unset};
use crate::pipeline::failure::Failure;
use crate::pipeline::operation::Profile;
use crate::pipeline::run::Run;
use crate::schema::ShapeKind;
use crate::source::{Finding, Span};

/// A compiled map.
#[derive(Debug)]
struct Program {
    name: String,
    source: Arc<Profile>,
    documents: Vec<Named>,
    items: Vec<Box<dyn Item>>,
    target: Arc<Profile>,
    root: Element,
}

/// Compiles a map; `None` after findings.
pub fn compile(declared: &DeclaredMap, compiling: &Compiling<'_>) -> Option<Arc<dyn Transform>> {
    let documents: Vec<_> = declared.items.iter().filter_map(|entry| entry.item.document()).collect();
    let empty = declared.items.len() == documents.len();
    if empty && !declared.broken {
        let message = format!("the map `{}` writes nothing", declared.name.value);
        let finding = Finding::error("empty-map", declared.name.span, message);
        compiling.report(finding.help("give it items: set, each, copy, remove or script"));
    }
    let from = declared.from.as_ref().and_then(|name| compiling.profile(name));
    let to = declared.to.as_ref().and_then(|name| compiling.profile(name));
    let (sides, documents) = document::compile(&documents, compiling);
    let (from, to) = (from?, to?);
    let source = Side::of(&from);
    let between = Between {
        document: source.clone(),
        source,
        target: Side::of(&to),
        documents: sides.into(),
        nested: false,
        scripted: declared.items.iter().any(|entry| entry.kind == script::KIND.manual.name),
    };
    let items = items(&declared.items, &between, compiling)?;
    let name = declared.name.value.clone();
    if !declared.broken && !empty {
        unset::check(&items, &between, &format!("`{name}`"), declared.name.span, compiling);
    }
    let root = root_of(&to);
    Some(Arc::new(Program { name, source: from, documents: documents?, items, root, target: to }))
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
        if entry.item.document().is_some() {
            if between.nested {
                whole = false;
                nested_document(entry.span, compiling);
            }
            continue;
        }
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

fn nested_document(span: Span, compiling: &Compiling<'_>) {
    let message = "a `document` stands in the map, not in an `each`";
    compiling.report(
        Finding::error("nested-document", span, message).help("move it out: of= finds it from within"),
    );
}

fn flush(run: &mut Vec<(Vec<usize>, Box<dyn Item>)>, sorted: &mut Vec<Box<dyn Item>>) {
    run.sort_by(|(left, _), (right, _)| left.cmp(right));
    // The target begins empty and fills in order: what has a place of its own is there first, and last of all.
    let mut in_order = sorted.is_empty();
    let mut before = None;
    for (order, mut item) in run.drain(..) {
        in_order &= !order.is_empty() || writes_attribute(&*item);
        let place = order.first().copied();
        if in_order && order.len() == 1 && place != before {
            item.appends();
        }
        before = place;
        sorted.push(item);
    }
}

fn writes_attribute(item: &dyn Item) -> bool {
    let Writes::Value(target) = item.writes() else { return false };
    matches!(target.segments.as_slice(), [segment] if segment.attribute)
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
fn root_of(profile: &Profile) -> Element {
    let shape = &profile.shape;
    let content = match shape.kind {
        ShapeKind::Items(_) => Content::Items(Vec::new()),
        ShapeKind::Children(_) | ShapeKind::Open(_) | ShapeKind::Any => Content::Children(Vec::new()),
        ShapeKind::Simple(_) => Content::Empty,
    };
    Element::with(shape.element_name(), content)
}

impl Program {
    /// The document of a target: one of a format that cannot hold every tree is written now, so that it fails here.
    fn made(&self, target: Element) -> Result<Document, Failure> {
        let codec = self.target.codec.clone();
        if matches!(codec, CodecRef::Fixed(_)) {
            return Ok(Document::tree_of(target, codec));
        }
        Document::written(target, codec).map_err(|unwritable| {
            let log = format!("the map {} made what its format cannot hold: {unwritable}", self.name);
            Failure::internal("unwritable-document", log)
        })
    }

    /// Refuses a document of another format: roots without a name look alike in several.
    fn check_format(&self, document: &Document) -> Result<(), Failure> {
        let wanted = self.source.codec.format();
        match document.codec().filter(|codec| codec.format() != wanted) {
            Some(codec) => {
                let log = format!(
                    "the map {} reads profile {}, which is in {}; the document here is in {}",
                    self.name,
                    self.source.name,
                    wanted.to_uppercase(),
                    codec.format().to_uppercase()
                );
                Err(Failure::internal("wrong-document", log))
            }
            None => Ok(()),
        }
    }
}

impl Transform for Program {
    fn source(&self) -> &Arc<Profile> {
        &self.source
    }

    fn target(&self) -> &Arc<Profile> {
        &self.target
    }

    fn traced(
        &self,
        run: &Run,
        document: Document,
        tracer: Option<&dyn Tracer>,
    ) -> Result<Document, Failure> {
        let mut target = Element {
            name: fresh(&self.root.name),
            attributes: Vec::new(),
            content: self.root.content.clone(),
        };
        if let Content::Children(nodes) = &mut target.content {
            nodes.reserve_exact(self.items.len());
        }
        let root = document.tree().map_err(|malformed| Failure::unreadable(&malformed))?;
        self.check_format(&document)?;
        root::check(root, &self.source, &|| format!("the map {}", self.name))?;
        let documents = Opened::new(&self.documents, run, &document);
        let trace = tracer.map(Traced::new);
        let at = At::Document(root);
        let mapping = Mapping { run, document: &document, root, at, documents: &documents, trace };
        for item in &self.items {
            item.apply(&mapping, &mut target)?;
        }
        if let Some(leaving) = &self.target.leaving {
            leaving.finish.apply(&mut target);
        }
        Ok(document.replaced(self.made(target)?))
    }
}

/// A copy of a name with a namespace of its own: one that all workers count references of would slow them all.
pub fn fresh(name: &Name) -> Name {
    Name { namespace: name.namespace.as_deref().map(Arc::from), local: name.local.clone() }
}
