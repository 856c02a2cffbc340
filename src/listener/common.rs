//! What the protocols share: the namespace of lists, and shapes around documents.

use crate::document::tree::{Content, Element, Node};
use crate::schema::{Occurs, Shape, ShapeKind};

/// The namespace of wrappers and lists, unless a service has its own. Clients of the system whose operations we take
/// over are built on it.
pub const NAMESPACE: &str = "http://www.boomi.com/connector/wss";

/// The child elements by value.
pub(super) fn into_elements(element: Element) -> impl Iterator<Item = Element> {
    let nodes = match element.content {
        Content::Children(nodes) | Content::Items(nodes) => nodes,
        _ => Vec::new(),
    };
    nodes.into_iter().filter_map(|node| match node {
        Node::Element(element) => Some(element),
        Node::Text(_) => None,
    })
}

/// The shape of an element that holds others.
pub(super) fn holder(name: &str, namespace: Option<&str>, children: Vec<Shape>) -> Shape {
    Shape {
        name: name.into(),
        namespace: namespace.map(Into::into),
        occurs: Occurs::ONCE,
        nillable: false,
        attributes: Vec::new(),
        kind: ShapeKind::Children(children),
        checking: Default::default(),
        form: Default::default(),
    }
}
