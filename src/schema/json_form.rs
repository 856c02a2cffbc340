//! The JSON form of an XML document: members by local name, arrays for what repeats, numbers and booleans by type.

use compact_str::{CompactString, ToCompactString, format_compact};

use super::{AttributeShape, Checking, Occurs, Shape, ShapeKind, Simple, SimpleType};
use crate::document::number::Lexical;
use crate::document::tree::{Attribute, Content, Element, Name, Node};
use crate::xml::XSI;

/// The member that holds the text of an element which has attributes too.
pub const TEXT: &str = "$";

/// What the JSON form of a document of this XML shape looks like: the root is an object without a name.
///
/// An attribute is a member of its name, or of `@name` where a child element has that name. The text of an element with
/// attributes is the member [`TEXT`]. An element that may repeat is an array; one that may be nil may be `null`.
pub fn json_shape(shape: &Shape) -> Shape {
    let kind = match &shape.kind {
        ShapeKind::Any => ShapeKind::Any,
        ShapeKind::Items(item) => ShapeKind::Items(Box::new(json_shape(item))),
        ShapeKind::Simple(simple) if shape.attributes.is_empty() => ShapeKind::Simple(simple.clone()),
        ShapeKind::Simple(simple) => {
            let text = member(TEXT.into(), Occurs::ONCE, ShapeKind::Simple(simple.clone()));
            ShapeKind::Children(attribute_members(shape).chain([text]).collect())
        }
        ShapeKind::Children(children) => ShapeKind::Children(members(shape, children)),
        ShapeKind::Open(children) => ShapeKind::Open(members(shape, children)),
    };
    // The mode holds in this form too; what else checks the document is asked about the XML made of it.
    let checking = Checking { mode: shape.checking.mode, rule: None };
    Shape { nillable: shape.nillable, checking, ..member(CompactString::default(), Occurs::ONCE, kind) }
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
    }
}

fn members(shape: &Shape, children: &[Shape]) -> Vec<Shape> {
    attribute_members(shape).chain(children.iter().map(child_member)).collect()
}

fn attribute_members(shape: &Shape) -> impl Iterator<Item = Shape> {
    shape.attributes.iter().map(|attribute| {
        let occurs = if attribute.required { Occurs::ONCE } else { Occurs::OPTIONAL };
        member(attribute_member(shape, attribute), occurs, ShapeKind::Simple(attribute.simple.clone()))
    })
}

fn attribute_member(shape: &Shape, attribute: &AttributeShape) -> CompactString {
    match shape.child(&attribute.name) {
        None => attribute.name.clone(),
        Some(_) => format_compact!("@{}", attribute.name),
    }
}

fn child_member(child: &Shape) -> Shape {
    let form = json_shape(child);
    let needed = if child.occurs.min > 0 { Occurs::ONCE } else { Occurs::OPTIONAL };
    if !child.occurs.repeats() {
        return Shape { name: child.name.clone(), occurs: needed, ..form };
    }
    let item = Shape { occurs: child.occurs, ..form };
    member(child.name.clone(), needed, ShapeKind::Items(Box::new(item)))
}

/// The XML document of a JSON form that fits [`json_shape`]; what does not fit is left out.
pub fn to_xml(json: Element, shape: &Shape) -> Element {
    let name = Name { namespace: shape.namespace.clone(), local: shape.name.clone() };
    let mut element = Element::new(name);
    element.content = match (&shape.kind, json.content) {
        (_, Content::Nil) => Content::Nil,
        (ShapeKind::Simple(simple), Content::Children(nodes)) if !shape.attributes.is_empty() => {
            let mut members = Members::of(nodes);
            members.attributes(shape, &mut element.attributes);
            let text = members.take(TEXT).map_or(Content::Empty, |text| text.content);
            leaf(text, simple)
        }
        (ShapeKind::Simple(simple), content) => leaf(content, simple),
        (kind @ (ShapeKind::Children(children) | ShapeKind::Open(children)), Content::Children(nodes)) => {
            let mut members = Members::of(nodes);
            members.attributes(shape, &mut element.attributes);
            let mut nodes = members.children(children);
            if matches!(kind, ShapeKind::Open(_)) {
                nodes.append(&mut members.others(&mut element.attributes));
            }
            Content::Children(nodes)
        }
        (ShapeKind::Any, content) => any_to_xml(content, &mut element.attributes),
        (ShapeKind::Children(_) | ShapeKind::Open(_) | ShapeKind::Items(_), _) => Content::Empty,
    };
    element
}

/// The text of a value: numbers without exponents, which XML Schema's decimal does not have.
fn leaf(content: Content, simple: &Simple) -> Content {
    match content {
        Content::Number(text) if simple.base.is_decimal() && text.contains(['e', 'E']) => {
            let plain = Lexical::json(&text).map(|number| CompactString::from(number.plain()));
            Content::Text(plain.unwrap_or(text))
        }
        Content::Number(text) => Content::Text(text),
        Content::Bool(value) => Content::Text(value.to_compact_string()),
        Content::Text(text) if text.is_empty() => Content::Empty,
        Content::Children(_) | Content::Items(_) => Content::Empty,
        content => content,
    }
}

/// The members of an object, taken out by name.
struct Members(Vec<Option<Element>>);

impl Members {
    fn of(nodes: Vec<Node>) -> Self {
        let element = |node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        };
        Self(nodes.into_iter().map(element).collect())
    }

    fn take(&mut self, name: &str) -> Option<Element> {
        let named = |slot: &&mut Option<Element>| slot.as_ref().is_some_and(|m| m.name.local == name);
        self.0.iter_mut().find(named)?.take()
    }

    fn attributes(&mut self, shape: &Shape, out: &mut Vec<Attribute>) {
        for declared in &shape.attributes {
            let value = self.take(&attribute_member(shape, declared));
            let content = value.map(|value| leaf(value.content, &declared.simple));
            let value = match content {
                Some(Content::Text(text)) => text,
                Some(Content::Empty) => CompactString::default(),
                _ => continue,
            };
            let name = Name { local: declared.name.clone(), namespace: declared.namespace.clone() };
            out.push(Attribute { name, value });
        }
    }

    /// What no declaration took, in the way of a shape that allows anything.
    fn others(&mut self, attributes: &mut Vec<Attribute>) -> Vec<Node> {
        let left = self.0.iter_mut().filter_map(Option::take).map(Node::Element).collect();
        match any_to_xml(Content::Children(left), attributes) {
            Content::Children(nodes) => nodes,
            Content::Text(text) => vec![Node::Text(text)],
            _ => Vec::new(),
        }
    }

    /// The child elements in the order of their declarations.
    fn children(&mut self, children: &[Shape]) -> Vec<Node> {
        let mut nodes = Vec::with_capacity(self.0.len());
        for shape in children {
            match self.take(&shape.name) {
                None => {}
                Some(Element { content: Content::Items(items), .. }) if shape.occurs.repeats() => {
                    for item in Self::of(items).0.into_iter().flatten() {
                        nodes.push(Node::Element(to_xml(item, shape)));
                    }
                }
                Some(value) => nodes.push(Node::Element(to_xml(value, shape))),
            }
        }
        nodes
    }
}

/// Anything: members become elements in no namespace, arrays repeat them, `@name` is an attribute.
fn any_to_xml(content: Content, attributes: &mut Vec<Attribute>) -> Content {
    let Content::Children(nodes) = content else { return content };
    let mut out = Vec::with_capacity(nodes.len());
    for member in Members::of(nodes).0.into_iter().flatten() {
        let Element { name, content, .. } = member;
        match (name.local.strip_prefix('@'), content) {
            (Some(local), content) => {
                let value = Element::with(Name::default(), content).string_value();
                let name = match local.strip_prefix("xsi:") {
                    Some(local) => Name::qualified(XSI, local),
                    None => Name::local(local),
                };
                attributes.push(Attribute { name, value });
            }
            (None, Content::Items(items)) => {
                let items = Members::of(items).0.into_iter().flatten();
                out.extend(items.map(|item| Node::Element(any_element(name.local.clone(), item.content))));
            }
            (None, Content::Text(text)) if name.local == TEXT => out.push(Node::Text(text)),
            (None, content) => out.push(Node::Element(any_element(name.local, content))),
        }
    }
    match out.as_slice() {
        [Node::Text(text)] => Content::Text(text.clone()),
        _ => Content::Children(out),
    }
}

fn any_element(local: CompactString, content: Content) -> Element {
    let mut element = Element::new(Name::local(local));
    element.content = any_to_xml(content, &mut element.attributes);
    element
}

/// The JSON form of an XML document. What the shape does not know is kept in the way of a shape that allows anything.
pub fn to_json(element: &Element, shape: &Shape) -> Element {
    let content = match (&element.content, &shape.kind) {
        (Content::Nil, _) => Content::Nil,
        (_, ShapeKind::Simple(simple)) if shape.attributes.is_empty() => {
            value(&element.string_value(), simple)
        }
        (_, ShapeKind::Simple(simple)) => {
            let mut members = attributes_to_json(element, shape);
            members.push(named(TEXT, value(&element.string_value(), simple)));
            Content::Children(members)
        }
        (_, kind @ (ShapeKind::Children(children) | ShapeKind::Open(children))) => {
            let mut members = attributes_to_json(element, shape);
            children_to_json(element, children, &mut members);
            if matches!(kind, ShapeKind::Open(_)) {
                others_to_json(element, shape, &mut members);
            }
            Content::Children(members)
        }
        (_, ShapeKind::Any | ShapeKind::Items(_)) => any_to_json(element),
    };
    Element::with(Name::default(), content)
}

fn named(name: &str, content: Content) -> Node {
    Node::Element(Element::with(Name::local(name), content))
}

/// A text as the JSON value of its type; as a string when it is none of its type.
fn value(text: &str, simple: &Simple) -> Content {
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
    for shape in children {
        let mut found = element.elements().filter(|child| child.name.local == shape.name);
        if shape.occurs.repeats() {
            let items = found.map(|child| Node::Element(to_json(child, shape))).collect();
            members.push(named(&shape.name, Content::Items(items)));
        } else if let Some(child) = found.next() {
            members.push(named(&shape.name, to_json(child, shape).content));
        }
    }
}

/// What the shape does not know of an element that may hold more: attributes, elements and text.
fn others_to_json(element: &Element, shape: &Shape, members: &mut Vec<Node>) {
    let mut others = Element::new(Name::default());
    let is_known = |a: &Attribute| {
        shape.attributes.iter().any(|known| known.name == a.name.local && known.namespace == a.name.namespace)
    };
    others.attributes = element.attributes.iter().filter(|a| !is_known(a)).cloned().collect();
    let unknown = |node: &&Node| match node {
        Node::Element(child) => shape.child(&child.name.local).is_none(),
        Node::Text(_) => true,
    };
    let nodes: Vec<Node> = element.nodes().iter().filter(unknown).cloned().collect();
    others.content = match element.leaf() {
        Some("") => Content::Empty,
        Some(text) => Content::Text(text.into()),
        None if nodes.iter().all(|node| matches!(node, Node::Text(_))) && !nodes.is_empty() => {
            Content::Text(Element::with(Name::default(), Content::Children(nodes)).string_value())
        }
        None => Content::Children(nodes),
    };
    match any_to_json(&others) {
        Content::Children(mut more) => members.append(&mut more),
        Content::Text(text) => members.push(named(TEXT, Content::Text(text))),
        _ => {}
    }
}

/// The member of an attribute that no shape declares.
fn free_member(attribute: &Attribute) -> Node {
    let prefix = if attribute.name.namespace.as_deref() == Some(XSI) { "xsi:" } else { "" };
    named(&format!("@{prefix}{}", attribute.name.local), Content::Text(attribute.value.clone()))
}

fn any_to_json(element: &Element) -> Content {
    if element.attributes.is_empty() && !matches!(element.content, Content::Children(_)) {
        return element.content.clone();
    }
    let mut members: Vec<Node> = element.attributes.iter().map(free_member).collect();
    if let Some(text) = element.leaf() {
        members.push(named(TEXT, Content::Text(text.into())));
        return Content::Children(members);
    }
    // Elements of one name become one array; `known` finds the member of a name without going through them all.
    let mut known: std::collections::HashMap<&str, usize> = std::collections::HashMap::new();
    for child in element.elements() {
        let content = any_to_json(child);
        match known.get(child.name.local.as_str()).and_then(|at| members.get_mut(*at)) {
            Some(Node::Element(member)) => append(member, content),
            _ => {
                known.insert(&child.name.local, members.len());
                members.push(named(&child.name.local, content));
            }
        }
    }
    Content::Children(members)
}

/// Makes the member an array, if it is none yet, and appends a value.
fn append(member: &mut Element, content: Content) {
    let item = |content| Node::Element(Element::with(Name::default(), content));
    if !matches!(member.content, Content::Items(_)) {
        let first = std::mem::take(&mut member.content);
        member.content = Content::Items(vec![item(first)]);
    }
    member.nodes_mut().push(item(content));
}

#[cfg(test)]
#[path = "json_form_tests.rs"]
mod tests;
