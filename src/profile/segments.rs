//! What the profiles of X12 and EDIFACT share: segments, their elements, and loops, as declared and as shapes.

use compact_str::CompactString;

use crate::edi::structure::{LAST_POSITION, element_name, is_tag, position_of};
use crate::edi::wire::Wire;
use crate::edi::{ElementSpec, Item, LoopSpec, Part, SegmentSpec, Syntax};
use crate::profile::shapes;
use crate::schema::{Occurs, Shape, ShapeKind, Simple, SimpleType};
use crate::source::{Finding, Span, Spanned};
use crate::syntax::Node;
use crate::xml::is_ncname;

/// Loops nest at most so deep: profiles are walked recursively.
const DEEPEST: usize = 20;

/// The types of the data element dictionaries, with what stands in the tree.
const X12_TYPES: &[(&str, Wire, SimpleType)] = &[
    ("AN", Wire::Text, SimpleType::String),
    ("ID", Wire::Text, SimpleType::String),
    ("B", Wire::Text, SimpleType::String),
    ("DT", Wire::Date { digits: 8 }, SimpleType::Date),
    ("TM", Wire::Time, SimpleType::Time),
    ("R", Wire::Real, SimpleType::Decimal),
    ("N", Wire::Implied(0), SimpleType::Integer),
    ("N0", Wire::Implied(0), SimpleType::Integer),
    ("N1", Wire::Implied(1), SimpleType::Decimal),
    ("N2", Wire::Implied(2), SimpleType::Decimal),
    ("N3", Wire::Implied(3), SimpleType::Decimal),
    ("N4", Wire::Implied(4), SimpleType::Decimal),
    ("N5", Wire::Implied(5), SimpleType::Decimal),
    ("N6", Wire::Implied(6), SimpleType::Decimal),
    ("N7", Wire::Implied(7), SimpleType::Decimal),
    ("N8", Wire::Implied(8), SimpleType::Decimal),
    ("N9", Wire::Implied(9), SimpleType::Decimal),
];
const EDIFACT_TYPES: &[(&str, Wire, SimpleType)] = &[
    ("an", Wire::Text, SimpleType::String),
    ("a", Wire::Text, SimpleType::String),
    ("n", Wire::Number, SimpleType::Decimal),
];

/// What is declared of a transaction set or message between its header and its trailer.
#[derive(Debug, Default)]
pub struct Structure {
    /// For the codec.
    pub items: Vec<Item>,
    /// For checks and paths, in the same order.
    pub shapes: Vec<Shape>,
    /// Whether a part could not be read: then anything may be there, so that no path through it is blamed.
    pub broken: bool,
}

/// A shape without attributes.
pub fn shape(name: &str, occurs: Occurs, kind: ShapeKind) -> Shape {
    Shape {
        name: name.into(),
        namespace: None,
        occurs,
        nillable: false,
        attributes: Vec::new(),
        kind,
        checking: Default::default(),
        form: Default::default(),
    }
}

/// A shape of text.
pub fn text(name: &str, occurs: Occurs) -> Shape {
    shape(name, occurs, ShapeKind::Simple(Simple::of(SimpleType::String)))
}

/// Reads the parts in a profile's or loop's block; `taken` are names that mean something else there.
pub fn read(node: &mut Node<'_>, syntax: Syntax, taken: &[&str], depth: usize) -> Structure {
    let mut structure = Structure::default();
    let mut seen: Vec<(CompactString, Span)> = Vec::new();
    for (index, child) in node.children().into_iter().enumerate() {
        let span = child.name_span();
        let part = match child.name() {
            "segment" => segment(child, syntax, depth > 0 && index == 0),
            "loop" if depth >= DEEPEST => {
                let message = format!("loops nest at most {DEEPEST} deep");
                child.report(Finding::error("too-deep", span, message));
                None
            }
            "loop" => inner_loop(child, syntax, depth),
            _ => {
                child.unknown("unknown-word", "a part of a transaction set or message", ["segment", "loop"]);
                None
            }
        };
        let Some((item, shape)) = part else {
            structure.broken = true;
            continue;
        };
        twice(node, &mut seen, taken, item.name(), span);
        structure.items.push(item);
        structure.shapes.push(shape);
    }
    structure
}

/// Reports a name that stands twice beside itself: paths could not tell the two apart.
fn twice(node: &Node<'_>, seen: &mut Vec<(CompactString, Span)>, taken: &[&str], name: &str, span: Span) {
    let help = "a segment that repeats is declared once, with occurs=; give others of its tag a name= of their own, \
                and the values= that tell them apart";
    if taken.contains(&name) {
        let message = format!("`{name}` is there without being declared");
        return node.report(Finding::error("duplicate-name", span, message).help("remove this"));
    }
    match seen.iter().find(|(other, _)| *other == name) {
        Some((_, first)) => {
            let finding = Finding::error("duplicate-name", span, format!("`{name}` is declared twice here"));
            node.report(finding.also(*first, "the first one is here").help(help));
        }
        None => seen.push((name.into(), span)),
    }
}

fn inner_loop(mut node: Node<'_>, syntax: Syntax, depth: usize) -> Option<(Item, Shape)> {
    let name = node.argument::<String>("loop's name");
    let span = node.name_span();
    checked_name(&node, name.as_ref());
    let occurs = shapes::occurs(&mut node, Occurs::ONCE);
    let inner = read(&mut node, syntax, &[], depth + 1);
    if !inner.broken && !matches!(inner.items.first(), Some(Item::Segment(_))) {
        let finding = Finding::error("loop-without-segment", span, "a loop begins with a segment");
        node.report(
            finding.help("each time that segment comes, the loop begins anew: loop PO1 { segment PO1; ... }"),
        );
    }
    node.finish();
    let name = CompactString::from(name?.value);
    let kind = if inner.broken { ShapeKind::Any } else { ShapeKind::Children(inner.shapes) };
    let shape = shape(&name, occurs, kind);
    Some((Item::Loop(LoopSpec { name, max: occurs.max, items: inner.items }), shape))
}

/// `first`: it begins a loop.
fn segment(mut node: Node<'_>, syntax: Syntax, first: bool) -> Option<(Item, Shape)> {
    let tag = node.argument::<String>("segment's tag");
    if let Some(tag) = tag.as_ref().filter(|tag| !is_tag(&tag.value, syntax)) {
        let finding =
            Finding::error("bad-tag", tag.span, format!("`{}` is not the tag of a segment", tag.value));
        let lengths = if syntax == Syntax::X12 { "two or three" } else { "three" };
        node.report(
            finding.help(format!("tags are {lengths} capital letters and digits, such as BEG or N1")),
        );
    }
    let name = node.property::<String>("name");
    checked_name(&node, name.as_ref());
    if first && node.has_property("occurs") {
        let finding =
            Finding::error("bad-occurs", node.name_span(), "the first segment of a loop occurs once in it");
        node.report(finding.help("say how often on the loop: loop PO1 occurs=\"1..*\" { ... }"));
    }
    let occurs = shapes::occurs(&mut node, Occurs::ONCE);
    let has_block = node.has_block();
    let mut elements = Elements::default();
    for child in node.children() {
        match (child.name(), &tag) {
            ("element", Some(tag)) => elements.element(child, syntax, &tag.value),
            ("element", None) => {}
            _ => child.unknown("unknown-word", "a part of a segment", ["element"]),
        }
    }
    node.finish();
    let tag = tag?;
    let kind = if has_block { ShapeKind::Children(elements.filled(&tag.value)) } else { ShapeKind::Any };
    let name = CompactString::from(name.map_or_else(|| tag.value.clone(), |name| name.value));
    let shape = shape(&name, occurs, kind);
    let Elements { specs, qualifiers, .. } = elements;
    let spec = SegmentSpec { tag: tag.value.into(), name, max: occurs.max, elements: specs, qualifiers };
    Some((Item::Segment(spec), shape))
}

/// The elements of a segment, or the components of an element, as they are read.
#[derive(Default)]
struct Elements {
    specs: Vec<ElementSpec>,
    shapes: Vec<(usize, Shape)>,
    qualifiers: Vec<(usize, usize, Vec<CompactString>)>,
}

impl Elements {
    /// The shapes by position, with what is not declared between them: that may hold anything.
    fn filled(&mut self, prefix: &str) -> Vec<Shape> {
        let last = self.shapes.iter().map(|(position, _)| *position).max().unwrap_or(0);
        let any = Occurs { min: 0, max: None };
        let declared = std::mem::take(&mut self.shapes);
        let at = |position: usize| declared.iter().find(|(known, _)| *known == position);
        (1..=last)
            .map(|position| match at(position) {
                Some((_, shape)) => shape.clone(),
                None => shape(&element_name(prefix, position, None), any, ShapeKind::Any),
            })
            .collect()
    }

    fn element(&mut self, mut node: Node<'_>, syntax: Syntax, tag: &str) {
        let Some((position, name, occurs)) = self.head(&mut node, tag) else { return node.finish() };
        if !node.has_block() {
            let (wire, simple, values) = typed(&mut node, syntax);
            if !values.is_empty() {
                self.qualifiers.push((position, 1, values));
            }
            node.finish();
            return self.add(position, name, Part::Simple(wire), occurs, ShapeKind::Simple(simple));
        }
        let prefix = element_name(tag, position, None);
        let mut inner = Elements::default();
        for child in node.children() {
            match child.name() {
                "component" => inner.component(child, syntax, &prefix),
                _ => child.unknown("unknown-word", "a part of an element", ["component"]),
            }
        }
        node.finish();
        let kind = ShapeKind::Children(inner.filled(&prefix));
        self.qualifiers
            .extend(inner.qualifiers.into_iter().map(|(component, _, values)| (position, component, values)));
        self.add(position, name, Part::Composite(inner.specs), occurs, kind);
    }

    fn component(&mut self, mut node: Node<'_>, syntax: Syntax, prefix: &str) {
        let Some((position, name, occurs)) = self.head(&mut node, prefix) else { return node.finish() };
        let (wire, simple, values) = typed(&mut node, syntax);
        if !values.is_empty() {
            self.qualifiers.push((position, position, values));
        }
        node.finish();
        self.add(position, name, Part::Simple(wire), occurs, ShapeKind::Simple(simple));
    }

    fn add(&mut self, position: usize, name: CompactString, part: Part, occurs: Occurs, kind: ShapeKind) {
        self.shapes.push((position, shape(&name, occurs, kind)));
        self.specs.push(ElementSpec { position, name, part });
    }

    /// Position, name, and how often.
    fn head(&self, node: &mut Node<'_>, prefix: &str) -> Option<(usize, CompactString, Occurs)> {
        let position = node.argument::<u32>("position");
        let name = node.property::<String>("name");
        let required = node.property::<bool>("required").is_some_and(|given| given.value);
        let repeat = match node.name() {
            "element" => node.property::<u32>("repeat").map_or(1, |repeat| repeat.value.max(1)),
            _ => 1,
        };
        checked_name(node, name.as_ref());
        let Spanned { value, span } = position?;
        let position = usize::try_from(value).unwrap_or(usize::MAX);
        if position == 0 || position > LAST_POSITION {
            let message = format!("{value} is not a position: they count from 1 to {LAST_POSITION}");
            node.report(Finding::error("bad-position", span, message));
            return None;
        }
        if self.specs.iter().any(|spec| spec.position == position) {
            let message = format!("{} {position} is declared twice", node.name());
            node.report(Finding::error("duplicate-name", span, message).help("remove one of the two"));
        }
        if let Some(name) = &name
            && (position_of(&name.value, prefix).is_some_and(|other| other != position)
                || self.specs.iter().any(|spec| spec.name == name.value))
        {
            let message = format!("`{}` is the name of another {}", name.value, node.name());
            node.report(
                Finding::error("duplicate-name", name.span, message).help("give each a name of its own"),
            );
        }
        let name = name.map_or_else(|| element_name(prefix, position, None), |name| name.value.into());
        Some((position, name, Occurs { min: u32::from(required), max: Some(repeat) }))
    }
}

/// The type and facets of a value, and the only ones it may have.
fn typed(node: &mut Node<'_>, syntax: Syntax) -> (Wire, Simple, Vec<CompactString>) {
    let types = if syntax == Syntax::X12 { X12_TYPES } else { EDIFACT_TYPES };
    let (mut wire, base) = match node.property::<String>("type") {
        None => (Wire::Text, Some(SimpleType::String)),
        Some(given) => match types.iter().find(|(word, _, _)| *word == given.value) {
            Some((_, wire, base)) => (*wire, Some(*base)),
            None => {
                let message = format!("`{}` is not a type of data elements", given.value);
                let finding = Finding::error("unknown-type", given.span, message);
                node.report(finding.suggest(&given.value, types.iter().map(|(word, _, _)| *word)));
                (Wire::Text, None)
            }
        },
    };
    if let Wire::Date { digits } = &mut wire
        && let Some(given) = node.property::<u32>("digits")
    {
        match given.value {
            6 => *digits = 6,
            8 => {}
            _ => node.report(
                Finding::error("facet-value", given.span, "a date has 8 digits, or 6 without its century")
                    .help("write digits=6 or digits=8"),
            ),
        }
    }
    let simple = shapes::simple(node, base);
    let texts = simple.facets().and_then(|facets| facets.values.as_ref()).map(|values| values.texts.clone());
    let values = texts.filter(|_| wire == Wire::Text).unwrap_or_default();
    (wire, simple, values)
}

fn checked_name(node: &Node<'_>, name: Option<&Spanned<String>>) {
    if let Some(name) = name.filter(|name| !is_ncname(&name.value)) {
        let finding =
            Finding::error("bad-name", name.span, format!("`{}` cannot be a name in paths", name.value));
        node.report(
            finding.help("names begin with a letter or `_` and go on with letters, digits, `-`, `_` and `.`"),
        );
    }
}
