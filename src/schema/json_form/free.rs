//! The JSON form of what no shape declares: attributes, text and elements, none of which is lost.

use std::collections::HashMap;

use compact_str::{CompactString, format_compact};

use super::{TEXT, attribute_member, child_name, clark, named};
use crate::document::tree::{Attribute, Content, Element, Name, Node};
use crate::schema::validate::is_named;
use crate::schema::{Shape, ShapeKind};
use crate::xml::XSI;

/// The content of an element of which nothing is declared: its text where it is a leaf without attributes, else an object.
pub(super) fn content(element: &Element) -> Content {
    if element.attributes.is_empty() && !matches!(element.content, Content::Children(_)) {
        return element.content.clone();
    }
    let mut members = Members::default();
    element.attributes.iter().for_each(|attribute| members.attribute(attribute));
    members.text(element.leaf().map(CompactString::from).or_else(|| own_text(element)));
    element.elements().for_each(|child| members.element(child));
    Content::Children(members.found)
}

/// What the shape of an object does not know of an element is added to its members.
pub(super) fn others(element: &Element, shape: &Shape, members: &mut Vec<Node>) {
    let is_open = matches!(shape.kind, ShapeKind::Open(_));
    let attribute = |a: &&Attribute| {
        let is = |known: &crate::schema::AttributeShape| {
            known.name == a.name.local && known.namespace == a.name.namespace
        };
        // In a closed shape xsi:type and xsi:schemaLocation say nothing that the shape does not say.
        let says = is_open || a.name.namespace.as_deref() != Some(XSI);
        says && !shape.attributes.iter().any(is)
    };
    let unknown = |child: &&Element| !shape.children().iter().any(|known| is_named(child, known));
    let text = match &shape.kind {
        // The text of a single value is there already.
        ShapeKind::Simple(_) if element.elements().next().is_none() => None,
        _ => match element.leaf() {
            Some("") => None,
            Some(text) => Some(text.into()),
            None => own_text(element),
        },
    };
    let mut attributes = element.attributes.iter().filter(attribute).peekable();
    let mut children = element.elements().filter(unknown).peekable();
    if text.is_none() && attributes.peek().is_none() && children.peek().is_none() {
        return;
    }
    let mut free = Members::beside(shape);
    attributes.for_each(|attribute| free.attribute(attribute));
    free.text(text);
    children.for_each(|child| free.element(child));
    members.append(&mut free.found);
}

/// The text between the elements; `None` where it is only white space, which lays a document out.
fn own_text(element: &Element) -> Option<CompactString> {
    let texts = element.nodes().iter().filter_map(|node| match node {
        Node::Text(text) => Some(text.as_str()),
        Node::Element(_) => None,
    });
    let text: CompactString = texts.collect();
    (!text.trim_ascii().is_empty()).then_some(text)
}

/// Members under way, each name once.
#[derive(Default)]
struct Members {
    found: Vec<Node>,
    /// Where the member of a name is; `None` for a name that a declaration has.
    names: HashMap<CompactString, Option<usize>>,
}

impl Members {
    /// Members that stand beside declared ones, whose names are taken.
    fn beside(shape: &Shape) -> Self {
        let attributes = shape.attributes.iter().map(|attribute| attribute_member(shape, attribute));
        let children = (0..shape.children().len()).map(|at| child_name(shape.children(), at));
        Self { found: Vec::new(), names: attributes.chain(children).map(|name| (name, None)).collect() }
    }

    fn attribute(&mut self, attribute: &Attribute) {
        let Name { namespace, local } = &attribute.name;
        let prefix = if namespace.as_deref() == Some(XSI) { "xsi:" } else { "" };
        let mut name = format_compact!("@{prefix}{local}");
        if self.names.contains_key(&name) {
            name = format_compact!("@{}", clark(namespace.as_deref(), local));
        }
        self.add(name, Content::Text(attribute.value.clone()));
    }

    fn text(&mut self, text: Option<CompactString>) {
        if let Some(text) = text {
            self.add(TEXT.into(), Content::Text(text));
        }
    }

    /// Elements of one name become one array.
    fn element(&mut self, child: &Element) {
        let Name { namespace, local } = &child.name;
        let name = match self.names.get(local) {
            Some(None) => clark(namespace.as_deref(), local),
            _ => local.clone(),
        };
        self.add(name, content(child));
    }

    fn add(&mut self, name: CompactString, content: Content) {
        let at = self.names.get(&name).copied().flatten();
        match at.and_then(|at| self.found.get_mut(at)) {
            Some(Node::Element(member)) => append(member, content),
            _ => {
                self.found.push(named(&name, content));
                self.names.insert(name, Some(self.found.len().saturating_sub(1)));
            }
        }
    }
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
