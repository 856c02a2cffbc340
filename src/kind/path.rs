//! Paths in the file: compiled, and checked against the profile they lead through.

use std::sync::Arc;

use super::Compiling;
use compact_str::CompactString;

use crate::document::path::{Language, Path, PathError, StepKind, StepName};
use crate::document::target::{Segment, TargetPath};
use crate::document::tree::Name;
use crate::pipeline::operation::Profile;
use crate::schema::simple::{Simple, Variety, WhiteSpace};
use crate::schema::{AttributeShape, Occurs, Shape, ShapeKind, SimpleType};
use crate::source::{Finding, Span, Spanned};
use crate::syntax::{Literal, name_from_outside};
use crate::xml::XSI;

/// One side of a map, or the place inside it that an `each` has reached.
#[derive(Debug, Clone)]
pub struct Side {
    /// The language of its paths.
    pub language: Language,
    /// The name of its format.
    pub format: &'static str,
    /// Whether its values have types instead of being text: [`Codec::is_typed`](crate::document::codec::Codec::is_typed).
    pub typed: bool,
    /// What is known there: the root's shape, or the shape of the element an `each` stands at.
    pub shape: Arc<Shape>,
    /// Whether paths start at an element instead of the document.
    pub inside: bool,
}

/// What a path leads to, as far as the profile says.
#[derive(Debug, Clone)]
pub struct End {
    /// The shape of the element; `None` for an attribute, or where the profile allows anything.
    pub shape: Option<Arc<Shape>>,
    /// The type of the value, where it is a single one.
    pub simple: Option<SimpleType>,
    /// What happens to the white space of a value that is text there.
    pub space: WhiteSpace,
    /// Whether there can be several.
    pub repeats: bool,
}

impl End {
    /// A single value of that type, of whose element no shape is known.
    pub fn of(simple: Option<SimpleType>) -> Self {
        Self { shape: None, simple, space: WhiteSpace::Preserve, repeats: false }
    }
}

/// A path to write to, compiled against a profile.
#[derive(Debug, Clone)]
pub struct Target {
    /// The names to go down by; the last one is written.
    pub segments: Vec<TargetSegment>,
    /// What is there.
    pub end: End,
    /// Whether nil may be written there.
    pub nillable: bool,
    /// The position of each segment in its parent's profile.
    pub order: Vec<usize>,
    /// The types that may be named there, where it is an `xsi:type` of which the profile says so.
    pub types: Option<Arc<[Name]>>,
}

impl Target {
    /// The beginning of a path, which leads there.
    pub fn start(end: End) -> Self {
        Self { segments: Vec::new(), end, nillable: false, order: Vec::new(), types: None }
    }
}

/// One name of a target path.
#[derive(Debug, Clone)]
pub struct TargetSegment {
    /// The name, with its namespace.
    pub name: Name,
    /// Whether it is an attribute.
    pub attribute: bool,
    /// The names that come behind it in the profile: it is put before those.
    pub before: Vec<Name>,
}

impl TargetSegment {
    /// A name of which the profile says nothing, behind all that is there; in no namespace unless the path names one.
    fn to(local: &str, namespace: Option<&str>, attribute: bool) -> Self {
        let name = Name::qualified(namespace.unwrap_or_default(), local);
        Self { name, attribute, before: Vec::new() }
    }
}

impl Side {
    /// The whole document of a profile.
    pub fn of(profile: &Profile) -> Self {
        let codec = &*profile.codec;
        let (language, format, typed) = (codec.language(), codec.format(), codec.is_typed());
        Self { language, format, typed, shape: profile.shape.clone(), inside: false }
    }

    /// The same side at an element inside it.
    #[must_use]
    pub fn at(&self, shape: Arc<Shape>) -> Self {
        Self { shape, inside: true, ..self.clone() }
    }

    /// Whether documents of it have another root than those of the shape, as far as both say.
    pub fn differs(&self, shape: &Shape) -> bool {
        let named = !self.shape.name.is_empty() && !shape.name.is_empty();
        let same = self.shape.name == shape.name && self.shape.namespace == shape.namespace;
        named && !same
    }

    /// Compiles a path to read; a step that the profile does not have is a finding.
    pub fn source(&self, literal: &Spanned<Literal>, compiling: &Compiling<'_>) -> Option<(Path, End)> {
        let path = parse(literal, self.language, compiling)?;
        if self.inside && path.is_absolute() {
            self.not_relative(literal, compiling);
            return None;
        }
        let end = self.follow(&path, literal, compiling)?;
        Some((path, end))
    }

    /// Walks the profile along the names of the path; `None` after a finding.
    fn follow(&self, path: &Path, literal: &Spanned<Literal>, compiling: &Compiling<'_>) -> Option<End> {
        let mut walk = Walk { shape: Some(self.shape.clone()), repeats: false, at_root: !self.inside };
        for step in path.names() {
            let Some(shape) = walk.shape.clone() else { break };
            if step.kind == StepKind::Attribute && step.name != "*" {
                let found = attribute(&shape, step.name, step.namespace);
                // What the standard itself gives every element, xsi:type and xsi:nil, and what may be there unsaid.
                let may =
                    step.namespace == Some(XSI) || matches!(shape.kind, ShapeKind::Any | ShapeKind::Open(_));
                if found.is_none() && !may {
                    self.unknown_attribute(&shape, step.name, step.offset, literal, compiling);
                    return None;
                }
                // An element has an attribute once.
                let simple = found.map(|found| found.simple.base);
                let space = found.map_or(WhiteSpace::Preserve, |found| space(&found.simple));
                return Some(End { shape: None, simple, space, repeats: walk.repeats });
            }
            if matches!(shape.kind, ShapeKind::Items(_)) && step.kind == StepKind::Child && step.name != "*" {
                array_step(&shape, &step, literal, compiling);
                return None;
            }
            if let Err(known) = walk.take(&step) {
                let known: Vec<&str> = known.iter().map(CompactString::as_str).collect();
                self.unknown_step(step.name, &known, step.offset, literal, self.to_whole(), compiling);
                return None;
            }
        }
        Some(match walk.shape {
            Some(shape) => end(&shape, walk.repeats),
            None => End { repeats: walk.repeats, ..End::of(None) },
        })
    }

    /// Compiles a path to write to.
    pub fn target(&self, literal: &Spanned<Literal>, compiling: &Compiling<'_>) -> Option<Target> {
        if from_outside(literal, compiling) {
            return None;
        }
        let path = match TargetPath::parse(&literal.value.text, self.language) {
            Ok(path) => path,
            Err(error) => {
                bad_path(literal, error, self.language, compiling);
                return None;
            }
        };
        if self.inside && path.is_absolute() {
            self.not_relative(literal, compiling);
            return None;
        }
        let mut target = Target::start(end(&self.shape, false));
        let (mut shape, mut at_root) = (self.shape.clone(), !self.inside);
        for segment in path.segments() {
            let (local, offset) = (segment.name.as_str(), segment.offset);
            if segment.attribute {
                return self.target_attribute(target, &shape, segment, literal, compiling);
            }
            let named_root = at_root && !shape.name.is_empty();
            at_root = false;
            if named_root {
                if shape.name != local {
                    self.unknown_step(local, &[&shape.name], offset, literal, "", compiling);
                    return None;
                }
                continue;
            }
            if shape.may_have(local) {
                target.segments.push(TargetSegment::to(local, segment.namespace.as_deref(), false));
                target.end = End::of(None);
                // Nothing is known of what is in it either.
                shape = if shape.kind == ShapeKind::Any { shape } else { Arc::new(anything()) };
                continue;
            }
            let (position, next) = self.target_child(&shape, segment, literal, compiling)?;
            let before = shape.children().iter().skip(position + 1).map(Shape::element_name).collect();
            target.segments.push(TargetSegment { name: next.element_name(), attribute: false, before });
            target.order.push(position);
            target.nillable = next.nillable;
            target.end = end(&Arc::new(next.clone()), next.occurs.repeats());
            shape = Arc::new(next.clone());
        }
        Some(target)
    }

    /// How a source path inside an `each` begins that means the whole document.
    fn to_whole(&self) -> &'static str {
        match self.language {
            Language::Location => ", with `/` in front at the document",
            Language::JsonPath => ", with `$.` in front at the document",
        }
    }

    /// The declared child that a segment names, with its position; `None` after a finding.
    fn target_child<'s>(
        &self,
        shape: &'s Shape,
        segment: &Segment,
        literal: &Spanned<Literal>,
        compiling: &Compiling<'_>,
    ) -> Option<(usize, &'s Shape)> {
        let (local, offset) = (segment.name.as_str(), segment.offset);
        match shape.child(local).filter(|_| !matches!(shape.kind, ShapeKind::Items(_))) {
            Some((_, child)) if child.form.left_out => left_out(literal, local, offset, compiling),
            Some(found) => return Some(found),
            None => {
                let known = names(shape);
                let known: Vec<&str> = known.iter().map(CompactString::as_str).collect();
                self.unknown_step(local, &known, offset, literal, "", compiling);
            }
        }
        None
    }

    /// The target with the attribute at its end; `None` after a finding.
    fn target_attribute(
        &self,
        target: Target,
        shape: &Shape,
        segment: &Segment,
        literal: &Spanned<Literal>,
        compiling: &Compiling<'_>,
    ) -> Option<Target> {
        let (local, namespace) = (segment.name.as_str(), segment.namespace.as_deref());
        let known = attribute(shape, local, namespace);
        // What the standard itself gives every element needs no declaration: xsi:type.
        let may = matches!(shape.kind, ShapeKind::Any | ShapeKind::Open(_)) || namespace == Some(XSI);
        if known.is_none() && !may {
            self.unknown_attribute(shape, local, segment.offset, literal, compiling);
            return None;
        }
        let namespace = namespace.or(known.and_then(|found| found.namespace.as_deref()));
        let last = TargetSegment::to(local, namespace, true);
        if shape.form.attributes_left_out.contains(&last.name) {
            left_out(literal, local, segment.offset, compiling);
            return None;
        }
        let types = last.name.is(XSI, "type").then(|| shape.form.types.clone()).flatten();
        let segments = target.segments.into_iter().chain([last]).collect();
        Some(Target { segments, end: End::of(known.map(|found| found.simple.base)), types, ..target })
    }

    /// `also` says what else a path may start at.
    fn unknown_step(
        &self,
        name: &str,
        known: &[&str],
        offset: usize,
        literal: &Spanned<Literal>,
        also: &str,
        compiling: &Compiling<'_>,
    ) {
        let span = step_span(&literal.value, name, offset);
        let finding = Finding::error(
            "unknown-path-step",
            span,
            format!("there is no `{name}` at this place of the profile"),
        );
        let finding = finding.suggest(name, known.iter().copied());
        let start = (self.inside && offset == 0).then_some(finding.help.as_deref()).flatten();
        let help = start
            .filter(|help| help.starts_with("known"))
            .map(|help| format!("paths inside an `each` start at its element{also}; {help}"));
        compiling.report(Finding { help: help.or(finding.help.clone()), ..finding });
    }

    fn not_relative(&self, literal: &Spanned<Literal>, compiling: &Compiling<'_>) {
        let finding =
            Finding::error("not-relative", literal.span, "target paths inside an `each` are relative to it");
        compiling.report(finding.help("write the path from there on, without `$`"));
    }

    fn unknown_attribute(
        &self,
        shape: &Shape,
        name: &str,
        offset: usize,
        literal: &Spanned<Literal>,
        compiling: &Compiling<'_>,
    ) {
        let span = step_span(&literal.value, name, offset);
        let message = format!("`{}` has no attribute `{name}`", shape.name);
        let finding = Finding::error("unknown-path-step", span, message);
        compiling.report(match shape.child(name) {
            Some(_) => finding.help("it is an element: write it without `@`"),
            None => finding.suggest(name, shape.attributes.iter().map(|attribute| attribute.name.as_str())),
        });
    }
}

/// A member asked of an array: in a document it would find nothing.
fn array_step(shape: &Shape, step: &StepName<'_>, literal: &Spanned<Literal>, compiling: &Compiling<'_>) {
    let span = step_span(&literal.value, step.name, step.offset);
    let array = if shape.name.is_empty() { "the document" } else { &*format!("`{}`", shape.name) };
    let message = format!("{array} is an array, and `{}` can only be in its items", step.name);
    let before = literal.value.text.get(..step.offset).unwrap_or_default();
    let before = before.trim_end_matches(['.', '[']);
    let finding = Finding::error("array-step", span, message);
    compiling.report(
        finding.help(format!("write {before}[*] before it for all items, {before}[0] for the first")),
    );
}

/// A part that the profile says is never written.
fn left_out(literal: &Spanned<Literal>, name: &str, offset: usize, compiling: &Compiling<'_>) {
    let span = step_span(&literal.value, name, offset);
    let message = format!("`{name}` is never written: its profile says exclude=#true");
    let help = "remove this item, or exclude= in the profile";
    compiling.report(Finding::error("excluded-part", span, message).help(help));
}

/// A step of a path as written: its name with the `@`, the namespace or the quotes around it.
fn step_span(literal: &Literal, name: &str, offset: usize) -> Span {
    let rest = literal.text.get(offset..).unwrap_or("");
    let length = rest.find(name).map_or(rest.len(), |at| at + name.len());
    let quote = rest.chars().next().filter(|first| matches!(first, '"' | '\''));
    let closed = quote.is_some_and(|quote| rest.get(length..).is_some_and(|rest| rest.starts_with(quote)));
    literal.span_of(offset, offset + length + usize::from(closed))
}

/// Where a check of a path stands in the profile; without a shape nothing more can be told.
struct Walk {
    shape: Option<Arc<Shape>>,
    repeats: bool,
    at_root: bool,
}

impl Walk {
    /// Takes one step that is not to an attribute.
    ///
    /// # Errors
    /// The names that are known there, when the step's is none of them.
    fn take(&mut self, step: &StepName<'_>) -> Result<(), Vec<CompactString>> {
        let Some(shape) = self.shape.take() else { return Ok(()) };
        let at_root = std::mem::take(&mut self.at_root) && !shape.name.is_empty();
        match step.kind {
            StepKind::Own => self.shape = Some(shape),
            StepKind::Item => {
                if let ShapeKind::Items(item) = &shape.kind {
                    self.shape = Some(Arc::new((**item).clone()));
                }
            }
            StepKind::Child if step.name == "*" => {
                self.repeats |= !step.single;
                if let ShapeKind::Items(item) = &shape.kind {
                    self.shape = Some(Arc::new((**item).clone()));
                }
            }
            StepKind::Child if matches!(shape.kind, ShapeKind::Any) => {}
            StepKind::Child if at_root => {
                if shape.name != step.name {
                    return Err(vec![shape.name.clone()]);
                }
                self.shape = Some(shape);
            }
            StepKind::Child => {
                let Some(next) = inner(&shape, step.name) else {
                    // Of what else may stand there nothing is known.
                    return if matches!(shape.kind, ShapeKind::Open(_)) {
                        Ok(())
                    } else {
                        Err(names(&shape))
                    };
                };
                self.repeats |= next.occurs.repeats() && !step.single;
                self.shape = Some(next);
            }
            StepKind::Descendant | StepKind::Attribute | StepKind::Other => self.repeats |= !step.single,
        }
        Ok(())
    }
}

/// Compiles a path of which no profile is known: `$` begins a JSONPath, anything else is a location path.
pub fn free(literal: &Spanned<Literal>, compiling: &Compiling<'_>) -> Option<Path> {
    let json = literal.value.text.starts_with('$');
    parse(literal, if json { Language::JsonPath } else { Language::Location }, compiling)
}

/// Reports a path that came from outside: findings would quote it.
fn from_outside(literal: &Spanned<Literal>, compiling: &Compiling<'_>) -> bool {
    if literal.value.is_outside {
        compiling.report(name_from_outside(literal.span));
    }
    literal.value.is_outside
}

fn parse(literal: &Spanned<Literal>, language: Language, compiling: &Compiling<'_>) -> Option<Path> {
    if from_outside(literal, compiling) {
        return None;
    }
    match Path::parse(&literal.value.text, language) {
        Ok(path) => Some(path),
        Err(error) => {
            bad_path(literal, error, language, compiling);
            None
        }
    }
}

fn bad_path(literal: &Spanned<Literal>, error: PathError, language: Language, compiling: &Compiling<'_>) {
    let span = literal.value.span_of(error.offset, literal.value.text.len());
    let help = match language {
        Language::Location => {
            "paths are such as Order/Line/@sku, Order/Line[1] or Order/Line[@sku='A-1']/Price"
        }
        Language::JsonPath => {
            "paths are such as $.id, $.lines[0].sku, $.lines[*].sku or $.lines[?@.sku == 'A-1']"
        }
    };
    compiling.report(Finding::error("bad-path", span, error.message).help(help));
}

/// The declared attribute of a name, and of a namespace if the path gives one.
fn attribute<'s>(shape: &'s Shape, local: &str, namespace: Option<&str>) -> Option<&'s AttributeShape> {
    let is = |known: &&AttributeShape| {
        known.name == local && namespace.is_none_or(|wanted| known.namespace.as_deref() == Some(wanted))
    };
    shape.attributes.iter().find(is)
}

/// The shape of an element or document of which nothing is known.
pub fn anything() -> Shape {
    Shape {
        name: CompactString::default(),
        namespace: None,
        occurs: Occurs::ONCE,
        nillable: false,
        attributes: Vec::new(),
        kind: ShapeKind::Any,
        checking: Default::default(),
        form: Default::default(),
    }
}

/// The child of that name; through an array, the member of its items.
fn inner(shape: &Shape, name: &str) -> Option<Arc<Shape>> {
    match &shape.kind {
        ShapeKind::Items(item) if name.is_empty() => Some(Arc::new((**item).clone())),
        ShapeKind::Items(item) => inner(item, name),
        _ => shape.child(name).map(|(_, child)| Arc::new(child.clone())),
    }
}

/// The names that a step may have there, attributes as they are written.
fn names(shape: &Shape) -> Vec<CompactString> {
    let own = match &shape.kind {
        ShapeKind::Items(item) => item.children(),
        _ => shape.children(),
    };
    let attributes =
        shape.attributes.iter().map(|attribute| compact_str::format_compact!("@{}", attribute.name));
    own.iter().map(|child| child.name.clone()).chain(attributes).collect()
}

fn end(shape: &Arc<Shape>, repeats: bool) -> End {
    let (simple, space) = match &shape.kind {
        ShapeKind::Simple(simple) => (Some(simple.base), space(simple)),
        _ => (None, WhiteSpace::Preserve),
    };
    End { shape: Some(shape.clone()), simple, space, repeats }
}

/// What happens to the white space of a type's values. A union leaves it to the member that takes a value (XML Schema
/// part 2, section 4.3.6): only where all are of one mind is it known before.
fn space(simple: &Simple) -> WhiteSpace {
    match &simple.variety {
        Variety::Union(members) => {
            members.iter().map(|member| space(member)).min().unwrap_or(WhiteSpace::Preserve)
        }
        Variety::Atomic | Variety::List(_) => simple.space,
    }
}
