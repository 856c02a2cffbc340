//! The element tree: the one shape of every structured document, whatever its format.

use std::sync::Arc;

use compact_str::CompactString;

/// A name with its namespace. Names without a namespace (all of JSON, columns, unqualified XML) have `None`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Name {
    /// The local part. It stands first because names are compared field by field, and it tells most of them apart.
    pub local: CompactString,
    /// The namespace name (a URI), shared by the elements of one document.
    pub namespace: Option<Arc<str>>,
}

impl Name {
    /// A name without a namespace.
    pub fn local(local: impl Into<CompactString>) -> Self {
        Self { namespace: None, local: local.into() }
    }

    /// A name in a namespace; an empty namespace name means none.
    pub fn qualified(namespace: &str, local: impl Into<CompactString>) -> Self {
        let namespace = (!namespace.is_empty()).then(|| Arc::from(namespace));
        Self { namespace, local: local.into() }
    }

    /// The name that `{namespace}local` stands for, as it is displayed; `None` for a text without braces.
    pub fn braced(text: &str) -> Option<Self> {
        let (namespace, local) = text.strip_prefix('{')?.rsplit_once('}')?;
        Some(Self::qualified(namespace, local))
    }

    /// The name that a text stands for: `{namespace}local`, or a local name in no namespace.
    pub fn written(text: &str) -> Self {
        Self::braced(text).unwrap_or_else(|| Self::local(text))
    }

    /// Whether this is the name `local` in `namespace` (empty for none).
    pub fn is(&self, namespace: &str, local: &str) -> bool {
        self.local == local && self.namespace.as_deref().unwrap_or("") == namespace
    }
}

impl std::fmt::Display for Name {
    /// `{namespace}local`, or `local` alone.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.namespace {
            Some(namespace) => write!(f, "{{{namespace}}}{}", self.local),
            None => f.write_str(&self.local),
        }
    }
}

/// An attribute of an element: XML only; namespace declarations are not attributes here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// The attribute's name; without a namespace unless it was written with a prefix.
    pub name: Name,
    /// The normalized value.
    pub value: CompactString,
}

/// What an element holds. Absent is an element that is not there; nil is one that says so.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Content {
    /// Nothing: `<a/>`. Reads as the empty text.
    #[default]
    Empty,
    /// `xsi:nil="true"`, JSON `null`.
    Nil,
    /// Character data only, or a JSON string.
    Text(CompactString),
    /// A JSON number in its lexical form: never through floating point.
    Number(CompactString),
    /// A JSON boolean.
    Bool(bool),
    /// Child elements in document order, with the text between them where there is any (mixed content); a JSON object.
    Children(Vec<Node>),
    /// A JSON array: elements without a name.
    Items(Vec<Node>),
}

/// One child: an element, or text between elements.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// A child element.
    Element(Element),
    /// Character data of mixed content.
    Text(CompactString),
}

impl Node {
    fn size(&self, around: Option<&Arc<str>>) -> usize {
        match self {
            Self::Element(element) => element.size_in(around),
            Self::Text(text) => text.len(),
        }
    }
}

/// An element with its attributes and content. The root of a JSON document is an element without a name.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Element {
    /// The element's name; empty for JSON array items and a JSON root.
    pub name: Name,
    /// Its attributes in document order.
    pub attributes: Vec<Attribute>,
    /// What it holds.
    pub content: Content,
}

impl Element {
    /// An empty element.
    pub fn new(name: Name) -> Self {
        Self { name, ..Self::default() }
    }

    /// An element with content.
    pub fn with(name: Name, content: Content) -> Self {
        Self { name, attributes: Vec::new(), content }
    }

    /// The child nodes: of an object or of an array; none for a leaf.
    pub fn nodes(&self) -> &[Node] {
        match &self.content {
            Content::Children(nodes) | Content::Items(nodes) => nodes,
            _ => &[],
        }
    }

    /// The child elements in document order.
    pub fn elements(&self) -> impl Iterator<Item = &Element> {
        self.nodes().iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// The first child of that local name, in any namespace.
    pub fn child(&self, local: &str) -> Option<&Element> {
        self.elements().find(|element| element.name.local == local)
    }

    /// The value of the attribute of that local name without a namespace.
    pub fn attribute(&self, local: &str) -> Option<&str> {
        self.attribute_in("", local)
    }

    /// The value of the attribute `local` in `namespace`.
    pub fn attribute_in(&self, namespace: &str, local: &str) -> Option<&str> {
        self.attributes.iter().find(|a| a.name.is(namespace, local)).map(|a| a.value.as_str())
    }

    /// The child nodes to add to; a leaf becomes an element with children first (its text is dropped).
    pub fn nodes_mut(&mut self) -> &mut Vec<Node> {
        if !matches!(self.content, Content::Children(_) | Content::Items(_)) {
            self.content = Content::Children(Vec::new());
        }
        let (Content::Children(nodes) | Content::Items(nodes)) = &mut self.content else {
            unreachable!("the content was made a list in the line above");
        };
        nodes
    }

    /// Appends a child element.
    pub fn push(&mut self, child: Element) {
        self.nodes_mut().push(Node::Element(child));
    }

    /// The text of a leaf without copying; `None` for nil and for elements with children.
    pub fn leaf(&self) -> Option<&str> {
        match &self.content {
            Content::Empty => Some(""),
            Content::Text(text) | Content::Number(text) => Some(text),
            Content::Bool(true) => Some("true"),
            Content::Bool(false) => Some("false"),
            Content::Nil | Content::Children(_) | Content::Items(_) => None,
        }
    }

    /// The string value: all text of the element and its descendants in document order (XPath 1.0, section 5.2).
    pub fn string_value(&self) -> CompactString {
        if let Some(text) = self.leaf() {
            return CompactString::from(text);
        }
        let mut out = CompactString::default();
        self.append_text(&mut out);
        out
    }

    fn append_text(&self, out: &mut CompactString) {
        if let Some(text) = self.leaf() {
            out.push_str(text);
        }
        for node in self.nodes() {
            match node {
                Node::Element(element) => element.append_text(out),
                Node::Text(text) => out.push_str(text),
            }
        }
    }

    /// Bytes of all names and texts in it, and something for each element: about what it takes when it is written.
    pub fn size(&self) -> usize {
        self.size_in(None)
    }

    /// The same where a namespace is around: another one is declared where it begins, each time anew.
    fn size_in(&self, around: Option<&Arc<str>>) -> usize {
        let attributes =
            self.attributes.iter().map(|a| a.name.local.len() + a.value.len() + 4).sum::<usize>();
        let own = self.name.namespace.as_ref();
        let is_same = match (own, around) {
            // Mostly it is the same one, and its text need not be looked at.
            (Some(own), Some(around)) => Arc::ptr_eq(own, around) || own == around,
            (own, around) => own.is_none() && around.is_none(),
        };
        let declared = if is_same { 0 } else { own.map_or(0, |namespace| namespace.len()) + 9 };
        let inner = match &self.content {
            Content::Children(nodes) | Content::Items(nodes) => nodes.iter().map(|node| node.size(own)).sum(),
            Content::Text(text) | Content::Number(text) => text.len(),
            Content::Empty | Content::Nil | Content::Bool(_) => 4,
        };
        2 * self.name.local.len() + declared + attributes + inner + 5
    }

    /// Whether it is marked nil.
    pub fn is_nil(&self) -> bool {
        matches!(self.content, Content::Nil)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order() -> Element {
        let mut line = Element::new(Name::local("Line"));
        line.push(Element::with(Name::local("Sku"), Content::Text("A-1".into())));
        line.push(Element::with(Name::local("Note"), Content::Nil));
        let mut order = Element::new(Name::qualified("urn:o", "Order"));
        order.push(line);
        order.nodes_mut().push(Node::Text(" tail".into()));
        order
    }

    #[test]
    fn string_value_is_all_text_in_order() {
        assert_eq!(order().string_value(), "A-1 tail");
    }

    #[test]
    fn absent_nil_and_empty_are_three_things() {
        let order = order();
        let line = order.child("Line").unwrap();
        assert!(line.child("Nothing").is_none());
        assert!(line.child("Note").unwrap().is_nil());
        assert_eq!(line.child("Note").unwrap().leaf(), None);
        assert_eq!(Element::new(Name::local("Empty")).leaf(), Some(""));
    }

    #[test]
    fn a_name_shows_its_namespace() {
        assert_eq!(order().name.to_string(), "{urn:o}Order");
        assert!(order().name.is("urn:o", "Order"));
        assert!(Name::qualified("", "a").is("", "a"));
    }
}
