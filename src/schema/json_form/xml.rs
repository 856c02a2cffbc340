//! From the JSON form back to the XML document.

use compact_str::{CompactString, ToCompactString};

use super::{TEXT, attribute_member, child_name};
use crate::document::number::Lexical;
use crate::document::tree::{Attribute, Content, Element, Name, Node};
use crate::schema::{Shape, ShapeKind, Simple};
use crate::xml::XSI;

/// The XML document of a JSON form that fits [`json_shape`](super::json_shape); members that the shape does not know become
/// elements in no namespace, or in that of `{namespace}name`; other values that do not fit are left out.
pub fn to_xml(json: Element, shape: &Shape) -> Element {
    let mut element = Element::new(shape.element_name());
    element.content = match (&shape.kind, json.content) {
        (_, Content::Nil) => Content::Nil,
        (ShapeKind::Simple(simple), Content::Children(nodes)) if !shape.attributes.is_empty() => {
            let mut members = Members::of(nodes);
            members.attributes(shape, &mut element.attributes);
            let text = members.take(TEXT).map_or(Content::Empty, |text| text.content);
            let text = leaf(text, simple);
            let mut others = members.others(&mut element.attributes);
            match text {
                text if others.is_empty() => text,
                Content::Text(text) => {
                    others.insert(0, Node::Text(text));
                    Content::Children(others)
                }
                _ => Content::Children(others),
            }
        }
        (ShapeKind::Simple(simple), content) => leaf(content, simple),
        (ShapeKind::Children(children) | ShapeKind::Open(children), Content::Children(nodes)) => {
            let mut members = Members::of(nodes);
            members.attributes(shape, &mut element.attributes);
            let mut nodes = members.children(children);
            nodes.append(&mut members.others(&mut element.attributes));
            Content::Children(nodes)
        }
        (ShapeKind::Children(_), Content::Items(items)) if let Some(item) = shape.list_item() => {
            let items = Members::of(items).0.into_iter().flatten();
            Content::Children(items.map(|one| Node::Element(to_xml(one, item))).collect())
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
        for (at, shape) in children.iter().enumerate() {
            // One value of any kind may be an array itself, and a list is one.
            let single = matches!(shape.kind, ShapeKind::Any) || shape.list_item().is_some();
            let repeats = shape.occurs.repeats() || !single;
            match self.take(&child_name(children, at)) {
                None => {}
                Some(Element { content: Content::Items(items), .. }) if repeats => {
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

/// Anything: members become elements, arrays repeat them, `@name` is an attribute, [`TEXT`] is text.
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
                    None => free_name(local),
                };
                attributes.push(Attribute { name, value });
            }
            (None, Content::Items(items)) => {
                let items = Members::of(items).0.into_iter().flatten();
                out.extend(items.map(|item| Node::Element(any_element(&name.local, item.content))));
            }
            (None, content) if name.local == TEXT => match Element::with(Name::default(), content).leaf() {
                Some("") | None => {}
                Some(text) => out.push(Node::Text(text.into())),
            },
            (None, content) => out.push(Node::Element(any_element(&name.local, content))),
        }
    }
    match out.as_slice() {
        [Node::Text(text)] => Content::Text(text.clone()),
        _ => Content::Children(out),
    }
}

/// The name that a member has: `{namespace}name`, or a name in no namespace.
fn free_name(member: &str) -> Name {
    Name::written(member)
}

fn any_element(member: &str, content: Content) -> Element {
    let mut element = Element::new(free_name(member));
    element.content = any_to_xml(content, &mut element.attributes);
    element
}
