//! Small elements that steps make by paths of names: where each value stands, and putting them there.

use compact_str::CompactString;

use crate::document::Document;
use crate::document::tree::{Attribute, Content, Element, Name, Node};
use crate::kind::Compiling;
use crate::pipeline::failure::Failure;
use crate::pipeline::run::Run;
use crate::pipeline::source::ValueSource;
use crate::schema::Shape;
use crate::source::{Finding, Span, Spanned};
use crate::syntax::Literal;
use crate::xml::is_ncname;

/// A value and where it stands.
#[derive(Debug)]
pub(super) struct Part {
    /// Where.
    pub(super) place: Place,
    /// The value.
    pub(super) value: ValueSource,
}

/// A place below an element: `Window/@unit`.
#[derive(Debug)]
pub(super) struct Place {
    elements: Vec<Name>,
    attribute: Option<CompactString>,
    /// The positions that the shape has for the elements.
    positions: Vec<usize>,
}

impl Place {
    /// Reads a path of names below `root`; names are in its namespace, or where the shape has them. `None` after a finding.
    pub(super) fn parse(
        path: &Spanned<Literal>,
        root: &Name,
        shape: Option<&Shape>,
        compiling: &Compiling<'_>,
    ) -> Option<Self> {
        let text = &path.value.text;
        let report = |message: String| {
            compiling.report(Finding::error("bad-path", path.span, message).help("such as \"Window/@unit\""));
        };
        let (mut elements, mut attribute, mut at) = (Vec::new(), None, shape);
        let mut positions = Vec::new();
        for part in text.split('/') {
            let (name, is_attribute) = part.strip_prefix('@').map_or((part, false), |name| (name, true));
            if !is_ncname(name) || attribute.is_some() {
                report(format!("`{text}` is not a path of names"));
                return None;
            }
            if is_attribute {
                let known = at.is_none_or(|shape| shape.attribute(name).is_some() || shape.may_have(name));
                if !known {
                    unknown(path, name, at, compiling);
                    return None;
                }
                attribute = Some(CompactString::from(name));
                continue;
            }
            let found = at.and_then(|shape| shape.child(name));
            positions.extend(found.map(|(position, _)| position));
            let child = found.map(|(_, child)| child);
            if let (Some(shape), None) = (at, child)
                && !shape.may_have(name)
            {
                unknown(path, name, Some(shape), compiling);
                return None;
            }
            let namespace = child.map_or_else(|| root.namespace.clone(), |child| child.namespace.clone());
            elements.push(Name { local: name.into(), namespace });
            at = child;
        }
        Some(Self { elements, attribute, positions })
    }

    /// Whether values at both places cannot be: it is one place, or one holds text and the other lies in it.
    fn excludes(&self, other: &Self) -> bool {
        let holds = |outer: &Self, inner: &Self| {
            outer.attribute.is_none()
                && inner.elements.len() > outer.elements.len()
                && inner.elements.starts_with(&outer.elements)
        };
        let is_same = self.elements == other.elements && self.attribute == other.attribute;
        is_same || holds(self, other) || holds(other, self)
    }
}

/// Puts the values in the order of the shape; `None` after a finding where two of them exclude each other.
pub(super) fn ordered(mut parts: Vec<(Part, Span)>, compiling: &Compiling<'_>) -> Option<Vec<Part>> {
    let mut whole = true;
    for (at, (part, span)) in parts.iter().enumerate() {
        let earlier = parts.iter().take(at).find(|(other, _)| other.place.excludes(&part.place));
        if let Some((_, first)) = earlier {
            let finding = Finding::error("duplicate-part", *span, "there is a value at this place already");
            compiling.report(finding.also(*first, "it is set here"));
            whole = false;
        }
    }
    parts.sort_by(|(a, _), (b, _)| a.place.positions.cmp(&b.place.positions));
    whole.then(|| parts.into_iter().map(|(part, _)| part).collect())
}

fn unknown(path: &Spanned<Literal>, name: &str, shape: Option<&Shape>, compiling: &Compiling<'_>) {
    let message = format!("there is no `{name}` at this place of the profile");
    let known: Vec<String> = shape
        .into_iter()
        .flat_map(|shape| {
            let children = shape.children().iter().map(|child| child.name.to_string());
            children.chain(shape.attributes.iter().map(|attribute| format!("@{}", attribute.name)))
        })
        .collect();
    compiling.report(
        Finding::error("unknown-path-step", path.span, message)
            .suggest(name, known.iter().map(String::as_str)),
    );
}

/// Makes an element with all values that are there; `None` where none is.
///
/// # Errors
/// A value cannot be read.
pub(super) fn fill(
    name: &Name,
    parts: &[Part],
    run: &Run,
    document: &Document,
) -> Result<Option<Element>, Failure> {
    let mut any = parts.is_empty();
    let mut root = Element::new(name.clone());
    for part in parts {
        let Some(text) = part.value.read(run, document, None)?.text() else { continue };
        any = true;
        put(&mut root, &part.place.elements, part.place.attribute.as_ref(), text);
    }
    Ok(any.then_some(root))
}

/// Puts a text at a place below an element; elements on the way there are made where they are missing.
fn put(element: &mut Element, way: &[Name], attribute: Option<&CompactString>, text: CompactString) {
    let Some((name, rest)) = way.split_first() else {
        match attribute {
            Some(name) => {
                element.attributes.push(Attribute { name: Name::local(name.clone()), value: text });
            }
            None => element.content = Content::Text(text),
        }
        return;
    };
    if !matches!(element.content, Content::Children(_)) {
        element.content = Content::Children(Vec::new());
    }
    let Content::Children(nodes) = &mut element.content else { return };
    for node in nodes.iter_mut().rev() {
        if let Node::Element(child) = node
            && child.name == *name
        {
            return put(child, rest, attribute, text);
        }
    }
    let mut child = Element::new(name.clone());
    put(&mut child, rest, attribute, text);
    nodes.push(Node::Element(child));
}
