//! The JSON form of an XML document: members by local name, arrays for what repeats, numbers and booleans by type.

use compact_str::{CompactString, format_compact};

use super::validate::is_named;
use super::{AttributeShape, Checking, Form, Occurs, Shape, ShapeKind, Simple, SimpleType};
use crate::document::number::Lexical;
use crate::document::tree::{Attribute, Content, Element, Name, Node};
use crate::xml::XSI;

mod free;
mod xml;

pub use xml::to_xml;

/// The member that holds the text of an element which has attributes too.
pub const TEXT: &str = "$";

/// What the JSON form of a document of this XML shape looks like: the root is an object without a name.
///
/// An attribute is a member of its name, or of `@name` where a child element has that name. The text of an element with
/// attributes is the member [`TEXT`]. An element that may repeat is an array; one that may be nil may be `null`. Where a
/// name is taken by one of another namespace, the member is `{namespace}name`. An element that is nothing but a list is an
/// array of what it holds.
pub fn json_shape(shape: &Shape) -> Shape {
    let kind = match &shape.kind {
        ShapeKind::Any => ShapeKind::Any,
        ShapeKind::Items(item) => ShapeKind::Items(Box::new(json_shape(item))),
        ShapeKind::Simple(simple) if shape.attributes.is_empty() => ShapeKind::Simple(simple.clone()),
        ShapeKind::Simple(simple) => {
            let text = member(TEXT.into(), Occurs::ONCE, ShapeKind::Simple(simple.clone()));
            ShapeKind::Children(attribute_members(shape).chain([text]).collect())
        }
        ShapeKind::Children(children) => match shape.list_item() {
            Some(item) => ShapeKind::Items(Box::new(Shape { occurs: item.occurs, ..json_shape(item) })),
            None => ShapeKind::Children(members(shape, children)),
        },
        ShapeKind::Open(children) => ShapeKind::Open(members(shape, children)),
    };
    // The mode holds in this form too; what else checks the document is asked about the XML made of it.
    let checking = Checking { mode: shape.checking.mode, ..Checking::default() };
    let form = Form { left_out: shape.form.left_out, ..Form::default() };
    Shape { nillable: shape.nillable, checking, form, ..member(CompactString::default(), Occurs::ONCE, kind) }
}

fn member(name: CompactString, occurs: Occurs, kind: ShapeKind) -> Shape {
    Shape {
        name,
        namespace: None,
        occurs,
        nillable: false,
        attributes: Vec::new(),
        kind,
        checking: Default::default(),
        form: Default::default(),
    }
}

fn members(shape: &Shape, children: &[Shape]) -> Vec<Shape> {
    let children =
        children.iter().enumerate().map(|(at, child)| child_member(child, child_name(children, at)));
    attribute_members(shape).chain(children).collect()
}

fn attribute_members(shape: &Shape) -> impl Iterator<Item = Shape> {
    shape.attributes.iter().map(|attribute| {
        let occurs = if attribute.required { Occurs::ONCE } else { Occurs::OPTIONAL };
        let kind = ShapeKind::Simple(attribute.simple.clone());
        let mut member = member(attribute_member(shape, attribute), occurs, kind);
        member.form.left_out = shape.form.leaves_out(attribute);
        member
    })
}

/// The member of a declared attribute: its local name, unless a child or another attribute has that.
pub fn attribute_member(shape: &Shape, attribute: &AttributeShape) -> CompactString {
    let AttributeShape { name, namespace, .. } = attribute;
    let is_first = shape.attribute(name).is_some_and(|first| first.namespace == *namespace);
    match shape.child(name) {
        _ if !is_first => format_compact!("@{}", clark(namespace.as_deref(), name)),
        None => name.clone(),
        Some(_) => format_compact!("@{name}"),
    }
}

/// The member of the declared child at a position: its local name, unless one of another namespace has that before it.
pub fn child_name(children: &[Shape], at: usize) -> CompactString {
    let Some(child) = children.get(at) else { return CompactString::default() };
    match children.iter().take(at).any(|before| before.name == child.name) {
        true => clark(child.namespace.as_deref(), &child.name),
        false => child.name.clone(),
    }
}

/// A name with its namespace in one text (James Clark's notation).
fn clark(namespace: Option<&str>, local: &str) -> CompactString {
    format_compact!("{{{}}}{local}", namespace.unwrap_or_default())
}

fn child_member(child: &Shape, name: CompactString) -> Shape {
    let form = json_shape(child);
    let needed = if child.occurs.min > 0 { Occurs::ONCE } else { Occurs::OPTIONAL };
    if !child.occurs.repeats() {
        return Shape { name, occurs: needed, ..form };
    }
    let left_out = Form { left_out: form.form.left_out, ..Form::default() };
    let item = Shape { occurs: child.occurs, form: Form::default(), ..form };
    Shape { form: left_out, ..member(name, needed, ShapeKind::Items(Box::new(item))) }
}

/// The JSON form of an XML document. What the shape does not know is kept in the way of a shape that allows anything.
pub fn to_json(element: &Element, shape: &Shape) -> Element {
    let content = match (&element.content, &shape.kind) {
        (Content::Nil, _) => Content::Nil,
        // Elements where a single value should be: an answer that nobody checked.
        (_, ShapeKind::Simple(_)) if shape.attributes.is_empty() && element.elements().next().is_some() => {
            free::content(element)
        }
        (_, ShapeKind::Simple(simple)) if shape.attributes.is_empty() => {
            value(&element.string_value(), simple)
        }
        (_, ShapeKind::Simple(simple)) => {
            let mut members = attributes_to_json(element, shape);
            if element.elements().next().is_none() {
                members.push(named(TEXT, value(&element.string_value(), simple)));
            }
            free::others(element, shape, &mut members);
            Content::Children(members)
        }
        (_, ShapeKind::Children(_)) if let Some(item) = items_of(element, shape) => {
            let items = element.elements().map(|child| Node::Element(to_json(child, item)));
            Content::Items(items.collect())
        }
        (_, ShapeKind::Children(children) | ShapeKind::Open(children)) => {
            let mut members = attributes_to_json(element, shape);
            children_to_json(element, children, &mut members);
            free::others(element, shape, &mut members);
            Content::Children(members)
        }
        (_, ShapeKind::Any | ShapeKind::Items(_)) => free::content(element),
    };
    Element::with(Name::default(), content)
}

/// What a list holds, where there is nothing else in it that an array would lose.
fn items_of<'s>(element: &Element, shape: &'s Shape) -> Option<&'s Shape> {
    let item = shape.list_item()?;
    let blank = |node: &Node| match node {
        Node::Element(child) => is_named(child, item),
        Node::Text(text) => text.trim_ascii().is_empty(),
    };
    let says_nothing = |attribute: &Attribute| attribute.name.namespace.as_deref() == Some(XSI);
    let text = element.leaf().unwrap_or_default();
    let only = element.nodes().iter().all(blank)
        && element.attributes.iter().all(says_nothing)
        && text.trim_ascii().is_empty();
    only.then_some(item)
}

fn named(name: &str, content: Content) -> Node {
    Node::Element(Element::with(Name::local(name), content))
}

/// A text as the JSON value of its type; as a string when it is none of its type.
pub fn value(text: &str, simple: &Simple) -> Content {
    let trimmed = simple.base.collapse(text);
    match (simple.base, trimmed) {
        (SimpleType::Boolean, "true" | "1") => Content::Bool(true),
        (SimpleType::Boolean, "false" | "0") => Content::Bool(false),
        (base, trimmed) if base.is_decimal() => match Lexical::decimal(trimmed) {
            Some(number) => Content::Number(number.plain().into()),
            None => Content::Text(trimmed.into()),
        },
        (base, trimmed) if base.is_float() => match float(trimmed) {
            Some(number) => Content::Number(number),
            None => Content::Text(trimmed.into()),
        },
        (_, trimmed) => Content::Text(trimmed.into()),
    }
}

/// The JSON number of a floating-point number's text; `None` for INF and NaN, which JSON has no numbers for.
fn float(text: &str) -> Option<CompactString> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let mantissa = Lexical::decimal(mantissa)?.plain();
    match exponent {
        None => Some(mantissa.into()),
        Some(exponent) if Lexical::is_integer(exponent) => Some(format_compact!("{mantissa}e{exponent}")),
        Some(_) => None,
    }
}

fn attributes_to_json(element: &Element, shape: &Shape) -> Vec<Node> {
    let one = |declared: &AttributeShape| {
        let text = element.attribute_in(declared.namespace.as_deref().unwrap_or_default(), &declared.name)?;
        Some(named(&attribute_member(shape, declared), value(text, &declared.simple)))
    };
    shape.attributes.iter().filter_map(one).collect()
}

fn children_to_json(element: &Element, children: &[Shape], members: &mut Vec<Node>) {
    for (at, shape) in children.iter().enumerate() {
        let mut found = element.elements().filter(|child| is_named(child, shape)).peekable();
        let first = if shape.occurs.repeats() { None } else { found.next() };
        let content = match (first, found.peek()) {
            (Some(child), None) => to_json(child, shape).content,
            (None, None) if !shape.occurs.repeats() || shape.form.left_out => continue,
            // More than are declared make an array too: none is lost.
            (first, _) => {
                let items = first.into_iter().chain(found);
                Content::Items(items.map(|child| Node::Element(to_json(child, shape))).collect())
            }
        };
        members.push(named(&child_name(children, at), content));
    }
}

#[cfg(test)]
#[path = "json_form_tests.rs"]
mod tests;
