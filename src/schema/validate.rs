//! The check of a document against its shape: one pass, every error up to a bound, no allocation while all is well.

use std::fmt::Write as _;

use super::at::shortened;
pub use super::at::{At, Step, shown};
use super::simple::{Simple, Variety};
use super::{AttributeShape, Mode, Occurs, Shape, ShapeKind, SimpleType};
use crate::document::tree::{Attribute, Content, Element};
use crate::source::nearest;

/// One place in a document that does not fit its shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The path to it: `Order/Line[2]/Quantity`, `$.lines[1].quantity`.
    pub path: String,
    /// What was found and what was expected.
    pub message: String,
    /// The way to the element from the root: positions among siblings that are elements, from 0.
    pub way: Vec<usize>,
    /// The line in the document at which the element begins, from 1, where it is known.
    pub line: Option<usize>,
}

/// The rules by which a tree is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Names and order count, every value is text: XML, and the files whose root has no name.
    Xml,
    /// Members stand in any order, values have types.
    Json,
}

/// Everything in the document that does not fit, in document order, at most `bound` places; empty when it fits.
///
/// The root's own [`Occurs`] does not count. In JSON a root has no name, and the occurs of an array's item says how many
/// items there may be, unless it is [`Occurs::ONCE`], which says nothing there.
pub fn validate(root: &Element, shape: &Shape, format: Format, bound: usize) -> Vec<Violation> {
    let mut check = Check { format, mode: Mode::Strict, bound, found: Vec::new() };
    match format {
        Format::Xml => {
            let name = if root.name.local.is_empty() { &shape.name } else { &root.name.local };
            let at = At::root(Step::Name(name));
            if is_named(root, shape) || shape.checking.mode == Some(Mode::Off) {
                check.element(root, shape, &at);
            } else {
                let message = format!("found the element {}, expected {}", named(root), wanted(shape));
                check.report(&at, message);
            }
        }
        Format::Json => check.value(root, shape, &At::root(Step::Name("$"))),
    }
    check.found
}

/// Whether the element has the shape's name.
pub fn is_named(element: &Element, shape: &Shape) -> bool {
    element.name.local == shape.name && element.name.namespace.as_deref() == shape.namespace.as_deref()
}

/// Characters of a namespace that a message shows.
const LONGEST_NAMESPACE: usize = 200;

fn named(element: &Element) -> String {
    let name = shown(&element.name.local);
    match &element.name.namespace {
        Some(namespace) => format!("`{name}` in namespace `{}`", shortened(namespace, LONGEST_NAMESPACE)),
        None => format!("`{name}` in no namespace"),
    }
}

fn wanted(shape: &Shape) -> String {
    match &shape.namespace {
        Some(namespace) => format!("`{}` in namespace `{namespace}`", shape.name),
        None => format!("`{}` in no namespace", shape.name),
    }
}

/// A check on its way through a document.
#[derive(Debug)]
pub struct Check {
    format: Format,
    mode: Mode,
    bound: usize,
    found: Vec<Violation>,
}

impl Check {
    /// Notes that what stands at `at` does not fit: what was found, and what was expected.
    pub fn report(&mut self, at: &At<'_>, message: String) {
        if self.found.len() < self.bound {
            let path = at.path(self.format);
            self.found.push(Violation { path, message, way: at.way(), line: None });
        }
    }

    /// How strictly what stands here is checked.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Whether enough was found.
    pub fn full(&self) -> bool {
        self.found.len() >= self.bound
    }

    /// How many more places may be noted.
    pub fn room(&self) -> usize {
        self.bound.saturating_sub(self.found.len())
    }

    /// A simple type's complaint about a text.
    pub fn complain(&mut self, at: &At<'_>, text: &str, expected: &str) {
        let found = if text.is_empty() { "nothing".to_owned() } else { format!("`{}`", shown(text)) };
        self.report(at, format!("found {found}, expected {expected}"));
    }

    // ---- XML

    /// An element that has the shape's name.
    fn element(&mut self, element: &Element, shape: &Shape, at: &At<'_>) {
        self.checked(element, shape, at, Self::by_shape);
    }

    /// Checks by the shape's own rule and mode where it has them, else by `by_shape`.
    fn checked(
        &mut self,
        element: &Element,
        shape: &Shape,
        at: &At<'_>,
        by_shape: fn(&mut Self, &Element, &Shape, &At<'_>),
    ) {
        let outer = self.mode;
        self.mode = shape.checking.mode.unwrap_or(outer);
        match &shape.checking.rule {
            _ if self.mode == Mode::Off => {}
            Some(rule) => rule.check(element, at, self),
            None => by_shape(self, element, shape, at),
        }
        self.mode = outer;
    }

    fn by_shape(&mut self, element: &Element, shape: &Shape, at: &At<'_>) {
        if matches!(shape.kind, ShapeKind::Any) {
            return;
        }
        self.attributes(element, shape, at);
        match (&element.content, &shape.kind) {
            (Content::Nil, _) if shape.nillable => {}
            (Content::Nil, _) => {
                self.report(at, "found nil (xsi:nil), which is not allowed here".to_owned());
            }
            (_, ShapeKind::Simple(simple)) => self.text(element, simple, at),
            (_, ShapeKind::Children(children)) => self.sequence(element, children, at),
            // XML has no arrays: nothing declares one in an XML profile.
            (_, ShapeKind::Items(_) | ShapeKind::Any | ShapeKind::Open(_)) => {}
        }
    }

    fn text(&mut self, element: &Element, simple: &Simple, at: &At<'_>) {
        match element.leaf() {
            Some(text) => {
                if let Err(expected) = simple.check(text) {
                    self.complain(at, simple.base.collapse(text), &expected);
                }
            }
            None => {
                let inner = element.elements().next().map(|inner| shown(&inner.name.local));
                let inner = inner.unwrap_or_default();
                let expected = simple.expectation();
                self.report(at, format!("found the element `{inner}`, expected {expected}"));
            }
        }
    }

    fn attributes(&mut self, element: &Element, shape: &Shape, at: &At<'_>) {
        for attribute in &element.attributes {
            self.attribute(attribute, shape, at);
        }
        for declared in shape.attributes.iter().filter(|declared| declared.required) {
            let namespace = declared.namespace.as_deref().unwrap_or_default();
            if element.attribute_in(namespace, &declared.name).is_none() {
                let message = format!("the attribute `{}` is missing", declared.name);
                self.report(at, message);
            }
        }
    }

    fn attribute(&mut self, attribute: &Attribute, shape: &Shape, at: &At<'_>) {
        // What a schema processor reads and no schema declares: xsi:type, xsi:schemaLocation.
        if attribute.name.namespace.as_deref() == Some(crate::xml::XSI) {
            return;
        }
        let here = At::part(at, Step::Attribute(&attribute.name.local));
        let is = |declared: &&AttributeShape| {
            declared.name == attribute.name.local && declared.namespace == attribute.name.namespace
        };
        let declared = shape.attributes.iter().find(is);
        match declared {
            Some(declared) => {
                let (simple, text) = (&declared.simple, &attribute.value);
                if let Err(expected) = simple.check(text) {
                    self.complain(&here, simple.base.collapse(text), &expected);
                }
            }
            None if self.full() || self.mode == Mode::Lax => {}
            None => {
                let known = shape.attributes.iter().map(|declared| declared.name.as_str());
                let hint = hint(&attribute.name.local, known);
                self.report(&here, format!("this attribute is not known here{hint}"));
            }
        }
    }

    /// Child elements in the order of their declarations.
    fn sequence(&mut self, element: &Element, children: &[Shape], at: &At<'_>) {
        if let Some(text) = stray_text(element) {
            let text = shown(text);
            self.report(at, format!("found the text `{text}`, expected only elements here"));
        }
        // Which declaration we stand at, and how often its element was seen.
        let (mut place, mut seen) = (0, 0);
        for (index, child) in element.elements().enumerate() {
            match position(children, child, place) {
                Some((next, shape)) => {
                    if next > place {
                        self.left_out(element, children.get(place..next).unwrap_or_default(), seen, at);
                        (place, seen) = (next, 0);
                    }
                    // Behind its place: counts for nothing, and its content is still worth checking.
                    let late = next < place;
                    seen += u32::from(!late);
                    self.child(child, shape, (seen, late), (at, index));
                }
                None => self.unknown(child, children, (at, index)),
            }
        }
        self.left_out(element, children.get(place..).unwrap_or_default(), seen, at);
    }

    /// A child with its count so far, and whether it stands behind its place.
    fn child(
        &mut self,
        child: &Element,
        shape: &Shape,
        (seen, late): (u32, bool),
        (at, index): (&At<'_>, usize),
    ) {
        let step = match shape.occurs.repeats() && !late {
            true => Step::Nth(&shape.name, seen),
            false => Step::Name(&shape.name),
        };
        let here = At::child(at, step, index);
        if late {
            self.report(&here, "this element stands too late: the order of the elements counts".to_owned());
        } else if let Some(max) = shape.occurs.max
            && seen > max
        {
            if seen == max.saturating_add(1) {
                self.report(&here, format!("found more of this element than the {max} allowed"));
            }
            return;
        }
        self.element(child, shape, &here);
    }

    /// Declarations that are over, the first of them with its element seen so often.
    fn left_out(&mut self, element: &Element, declarations: &[Shape], seen: u32, at: &At<'_>) {
        let mut seen = seen;
        for shape in declarations {
            let missing = seen < shape.occurs.min;
            // An element that stands elsewhere is reported there.
            if missing && (seen > 0 || !element.elements().any(|child| is_named(child, shape))) {
                let here = At::part(at, Step::Name(&shape.name));
                let message = match (seen, shape.occurs.min) {
                    (0, 1) => "this element is missing".to_owned(),
                    (seen, min) => format!("found {seen} of this element, expected at least {min}"),
                };
                self.report(&here, message);
            }
            seen = 0;
        }
    }

    fn unknown(&mut self, child: &Element, children: &[Shape], (at, index): (&At<'_>, usize)) {
        if self.full() || self.mode == Mode::Lax {
            return;
        }
        let local = &child.name.local;
        let here = At::child(at, Step::Name(local), index);
        let message = match children.iter().find(|shape| shape.name == *local) {
            Some(shape) => format!("found the element {}, expected {}", named(child), wanted(shape)),
            None => {
                let known = children.iter().map(|shape| shape.name.as_str());
                format!("this element is not known here{}", hint(local, known))
            }
        };
        self.report(&here, message);
    }

    // ---- JSON

    /// A JSON value.
    fn value(&mut self, value: &Element, shape: &Shape, at: &At<'_>) {
        self.checked(value, shape, at, Self::value_by_shape);
    }

    fn value_by_shape(&mut self, value: &Element, shape: &Shape, at: &At<'_>) {
        match (&value.content, &shape.kind) {
            (_, ShapeKind::Any | ShapeKind::Open(_)) => {}
            (Content::Nil, _) if shape.nillable => {}
            (_, ShapeKind::Simple(simple)) => self.scalar(value, simple, at),
            (Content::Children(_), ShapeKind::Children(children)) => self.members(value, children, at),
            (Content::Items(_), ShapeKind::Items(item)) => self.items(value, item, at),
            (content, ShapeKind::Children(_)) => {
                self.report(at, format!("found {}, expected an object", kind(content)));
            }
            (content, ShapeKind::Items(_)) => {
                self.report(at, format!("found {}, expected an array", kind(content)));
            }
        }
    }

    fn items(&mut self, array: &Element, item: &Shape, at: &At<'_>) {
        for (index, inner) in array.elements().enumerate() {
            self.value(inner, item, &At::child(at, Step::Index(index), index));
        }
        let Occurs { min, max } = item.occurs;
        let count = u32::try_from(array.nodes().len()).unwrap_or(u32::MAX);
        if item.occurs == Occurs::ONCE {
            return;
        }
        if count < min {
            self.report(at, format!("found {count} items, expected at least {min}"));
        } else if let Some(max) = max
            && count > max
        {
            self.report(at, format!("found {count} items, expected at most {max}"));
        }
    }

    fn scalar(&mut self, value: &Element, simple: &Simple, at: &At<'_>) {
        let checked = match (&value.content, simple.base) {
            (Content::Number(text), base) if base.is_number() => simple.check_json_number(text),
            (Content::Bool(true), SimpleType::Boolean) => simple.check("true"),
            (Content::Bool(false), SimpleType::Boolean) => simple.check("false"),
            (Content::Text(text), base) if !base.is_number() && base != SimpleType::Boolean => {
                simple.check_json_string(text)
            }
            (Content::Text(text), base)
                if base.is_float() && ["INF", "-INF", "NaN"].contains(&text.as_str()) =>
            {
                simple.check(text)
            }
            (Content::Empty, base) if !base.is_number() && base != SimpleType::Boolean => {
                simple.check_json_string("")
            }
            (_, base) => {
                let expected = match base {
                    SimpleType::String if simple.variety == Variety::Atomic => "a string".to_owned(),
                    _ => simple.expectation(),
                };
                return self.report(at, format!("found {}, expected {expected}", found(value)));
            }
        };
        if let Err(expected) = checked {
            self.complain(at, value.leaf().unwrap_or_default(), &expected);
        }
    }

    fn members(&mut self, object: &Element, children: &[Shape], at: &At<'_>) {
        // Mostly all are there in the order of their declarations.
        let mut in_order = 0;
        for (index, member) in object.elements().enumerate() {
            let name = &member.name.local;
            let here = At::child(at, Step::Name(name), index);
            let is = |shape: &&Shape| shape.name == *name;
            let same_place = children.get(index).filter(is);
            in_order += usize::from(same_place.is_some());
            match same_place.or_else(|| children.iter().find(is)) {
                Some(shape) => self.value(member, shape, &here),
                None if self.full() || self.mode == Mode::Lax => {}
                None => {
                    let hint = hint(name, children.iter().map(|shape| shape.name.as_str()));
                    self.report(&here, format!("this member is not known here{hint}"));
                }
            }
        }
        if in_order == children.len() {
            return;
        }
        for shape in children.iter().filter(|shape| shape.occurs.min > 0) {
            if object.child(&shape.name).is_none() {
                let here = At::part(at, Step::Name(&shape.name));
                self.report(&here, "this member is missing".to_owned());
            }
        }
    }
}

/// The declaration of a child: looked for from `place` on, then before it.
fn position<'a>(children: &'a [Shape], child: &Element, place: usize) -> Option<(usize, &'a Shape)> {
    // Mostly it is the one that was there last, or the next.
    let at =
        |place: usize| children.get(place).filter(|shape| is_named(child, shape)).map(|shape| (place, shape));
    if let Some(found) = at(place).or_else(|| at(place + 1)) {
        return Some(found);
    }
    let all = || children.iter().enumerate();
    let is = |(_, shape): &(usize, &Shape)| is_named(child, shape);
    all().skip(place).find(is).or_else(|| all().take(place).find(is))
}

/// Text that stands where only elements may.
pub(super) fn stray_text(element: &Element) -> Option<&str> {
    use crate::document::tree::Node;
    let mut texts = element.nodes().iter().filter_map(|node| match node {
        Node::Text(text) => Some(text.as_str()),
        Node::Element(_) => None,
    });
    let own = element.leaf().filter(|text| !text.is_empty());
    let stray = |text: &&str| !text.trim_matches(super::simple::space::XML_SPACE).is_empty();
    own.filter(stray).or_else(|| texts.find(stray))
}

pub(super) fn hint<'a>(name: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    let mut text = String::new();
    // Long names have no near ones, and distances cost the product of the lengths.
    if name.len() <= 80
        && let Some(near) = nearest(name, known.clone())
    {
        let _ = write!(text, "; did you mean `{near}`?");
        return text;
    }
    let known: Vec<&str> = known.take(6).collect();
    if let [first, rest @ ..] = known.as_slice() {
        let _ = write!(text, "; expected `{first}`");
        for name in rest.iter().take(4) {
            let _ = write!(text, ", `{name}`");
        }
        if rest.len() > 4 {
            text.push_str(", ...");
        }
    }
    text
}

/// What a JSON value is, in words, with its text when it is a single one.
pub fn found(value: &Element) -> String {
    let text = match value.content {
        Content::Nil => None,
        _ => value.leaf(),
    };
    let text = text.map(|text| format!(" `{}`", shown(text))).unwrap_or_default();
    format!("{}{text}", kind(&value.content))
}

/// What a JSON value is, in words.
fn kind(content: &Content) -> &'static str {
    match content {
        Content::Nil => "null",
        Content::Text(_) | Content::Empty => "the string",
        Content::Number(_) => "the number",
        Content::Bool(_) => "the boolean",
        Content::Children(_) => "an object",
        Content::Items(_) => "an array",
    }
}

#[cfg(test)]
#[path = "validate_tests.rs"]
mod tests;
