//! Schema documents as they were written: a flat list of their elements, with the prefixes in scope and their places.

use std::path::PathBuf;
use std::sync::Arc;

use compact_str::CompactString;

use crate::document::codec::Limits;
use crate::document::tree::{Element, Name, Node as TreeNode};
use crate::source::{FileId, Span};
use crate::xml::{XML_NAMESPACE, XMLNS_NAMESPACE, parse_with_places};

/// The namespace of XML Schema.
pub const XS: &str = "http://www.w3.org/2001/XMLSchema";

/// The namespace of WSDL 1.1, of which schemas have one attribute.
const WSDL: &str = "http://schemas.xmlsoap.org/wsdl/";

/// Bounds on a schema document.
const LIMITS: Limits = Limits {
    depth: 200,
    elements: 200_000,
    attributes: 500,
    name: 1024,
    namespaces: 1000,
    namespace: 2048,
    parts: 0,
    part: 0,
};

/// A schema document, or a part that another one includes into its own namespace.
#[derive(Debug, Clone)]
pub struct Doc {
    /// The file, for findings.
    pub file: FileId,
    /// Its path; that of a built-in document is its address.
    pub path: PathBuf,
    /// The namespace of what it declares: its own, or that of who includes it.
    pub target: Option<Arc<str>>,
    /// Whether it is a file of its own: neither built in, nor made, nor part of another one.
    pub is_file: bool,
    /// Whether it has no namespace of its own: then names without a prefix are in `target`.
    pub is_chameleon: bool,
    /// Its elements.
    pub tree: Arc<Tree>,
}

/// A schema that stands in another document, such as the types of a WSDL.
#[derive(Debug)]
pub struct Part {
    /// The file it stands in.
    pub file: FileId,
    /// The path of that.
    pub path: PathBuf,
    /// The folder, with those in it, in which it may refer to files.
    pub folder: PathBuf,
    /// The whole text of the file.
    pub text: Arc<str>,
    /// The `xs:schema`, with its namespace declarations (see [`parse_with_places`]).
    pub root: Element,
    /// The byte at which each element of it begins, in document order.
    pub starts: Vec<usize>,
    /// The byte behind it.
    pub end: usize,
    /// The prefixes that are declared around it, each once.
    pub prefixes: Vec<(CompactString, Option<Arc<str>>)>,
}

/// The elements of a document in document order; the first one is the root.
#[derive(Debug, Default)]
pub struct Tree {
    /// The elements.
    pub nodes: Vec<Node>,
    /// Namespace declarations: each with the scope around it.
    scopes: Vec<Scope>,
    /// The document as it was read, to be checked against the schema of schemas.
    pub root: Element,
    /// The text that it stands in.
    pub text: Arc<str>,
    /// The byte behind it there.
    pub end: usize,
    /// The prefixes that are declared around the root.
    pub around: Vec<(CompactString, Option<Arc<str>>)>,
}

/// An element of a schema document.
#[derive(Debug)]
pub struct Node {
    /// Its local name when it is in the namespace of XML Schema, else empty.
    pub tag: CompactString,
    /// Its attributes in no namespace.
    pub attributes: Vec<(CompactString, CompactString)>,
    /// The type of the items of an encoded array, which WSDL writes beside it (`wsdl:arrayType`).
    pub array_type: Option<CompactString>,
    /// Its child elements by number, annotations left out.
    pub children: Vec<usize>,
    /// Where its start tag begins.
    pub start: usize,
    scope: usize,
}

#[derive(Debug)]
struct Scope {
    outer: usize,
    prefix: CompactString,
    namespace: Option<Arc<str>>,
}

/// An element of one of the documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct At {
    /// The number of the document.
    pub doc: usize,
    /// The number of the element in it.
    pub node: usize,
}

/// Reads a document into its elements.
///
/// # Errors
/// It is not well-formed: the message, with the byte it is about.
pub fn read(text: &str) -> Result<Tree, (String, usize)> {
    let (root, places) = parse_with_places(text, &LIMITS).map_err(|malformed| {
        let line: usize =
            text.split_inclusive('\n').take(malformed.line.saturating_sub(1)).map(str::len).sum();
        (malformed.message, line)
    })?;
    let end = text.rfind('>').map_or(text.len(), |last| last + 1);
    Ok(tree(root, places, (Arc::from(text), end), Vec::new()))
}

/// The elements of a schema in another document.
pub fn part(part: Part) -> Tree {
    tree(part.root, part.starts, (part.text, part.end), part.prefixes)
}

fn tree(
    root: Element,
    places: Vec<usize>,
    (text, end): (Arc<str>, usize),
    around: Vec<(CompactString, Option<Arc<str>>)>,
) -> Tree {
    let mut tree = Tree { nodes: Vec::with_capacity(places.len()), text, end, ..Tree::default() };
    let mut scope = NO_SCOPE;
    for (prefix, namespace) in &around {
        tree.scopes.push(Scope { outer: scope, prefix: prefix.clone(), namespace: namespace.clone() });
        scope = tree.scopes.len() - 1;
    }
    add(&root, scope, &mut tree, &mut places.into_iter());
    tree.root = root;
    tree.around = around;
    tree
}

const NO_SCOPE: usize = usize::MAX;

/// Adds an element with what is in it; the depth is bounded by [`LIMITS`].
fn add(element: &Element, outer: usize, tree: &mut Tree, places: &mut impl Iterator<Item = usize>) -> usize {
    let mut scope = outer;
    let mut attributes = Vec::with_capacity(element.attributes.len());
    let array_type = element.attribute_in(WSDL, "arrayType").map(CompactString::from);
    for attribute in &element.attributes {
        match attribute.name.namespace.as_deref() {
            None => attributes.push((attribute.name.local.clone(), attribute.value.clone())),
            Some(XMLNS_NAMESPACE) => {
                let namespace = (!attribute.value.is_empty()).then(|| Arc::from(attribute.value.as_str()));
                let prefix = attribute.name.local.clone();
                tree.scopes.push(Scope { outer: scope, prefix, namespace });
                scope = tree.scopes.len() - 1;
            }
            Some(_) => {}
        }
    }
    let is_schema = element.name.namespace.as_deref() == Some(XS);
    let tag = if is_schema { element.name.local.clone() } else { CompactString::default() };
    let own = tree.nodes.len();
    let start = places.next().unwrap_or_default();
    tree.nodes.push(Node { tag, attributes, array_type, children: Vec::new(), start, scope });
    let mut children = Vec::new();
    for child in element.nodes() {
        let TreeNode::Element(child) = child else { continue };
        let number = add(child, scope, tree, places);
        if !child.name.is(XS, "annotation") {
            children.push(number);
        }
    }
    if let Some(node) = tree.nodes.get_mut(own) {
        node.children = children;
    }
    own
}

/// The target namespace that a text gives: an empty one is none.
pub fn namespace(text: &str) -> Option<Arc<str>> {
    (!text.is_empty()).then(|| Arc::from(text))
}

impl Tree {
    /// The value of an attribute of an element, white space around it removed.
    pub fn attribute(&self, node: usize, name: &str) -> Option<&str> {
        let attributes = &self.nodes.get(node)?.attributes;
        attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.trim())
    }

    /// What a prefix stands for at an element: `Err` when it is not declared.
    fn prefix(&self, node: usize, prefix: &str) -> Result<Option<Arc<str>>, ()> {
        let mut scope = self.nodes.get(node).map_or(NO_SCOPE, |node| node.scope);
        while let Some(found) = self.scopes.get(scope) {
            if found.prefix == prefix {
                return Ok(found.namespace.clone());
            }
            scope = found.outer;
        }
        match prefix {
            "" => Ok(None),
            "xml" => Ok(Some(Arc::from(XML_NAMESPACE))),
            _ => Err(()),
        }
    }

    /// Every prefix in scope at an element with its namespace, innermost first.
    pub fn prefixes(&self, node: usize) -> Vec<(CompactString, Option<Arc<str>>)> {
        let mut found: Vec<(CompactString, Option<Arc<str>>)> = Vec::new();
        let mut scope = self.nodes.get(node).map_or(NO_SCOPE, |node| node.scope);
        while let Some(next) = self.scopes.get(scope) {
            if !found.iter().any(|(prefix, _)| *prefix == next.prefix) {
                found.push((next.prefix.clone(), next.namespace.clone()));
            }
            scope = next.outer;
        }
        found
    }
}

impl Doc {
    /// The name that a value of an attribute stands for.
    ///
    /// # Errors
    /// Its prefix is not declared: the prefix.
    pub fn name(&self, node: usize, value: &str) -> Result<Name, String> {
        let (prefix, local) = value.split_once(':').unwrap_or(("", value));
        let namespace = self.tree.prefix(node, prefix).map_err(|()| prefix.to_owned())?;
        let namespace = match namespace {
            None if self.is_chameleon => self.target.clone(),
            namespace => namespace,
        };
        Ok(Name { namespace, local: local.into() })
    }

    /// The start tag's beginning: `<xs:element`.
    pub fn span(&self, node: usize) -> Span {
        let start = self.tree.nodes.get(node).map_or(0, |node| node.start);
        let rest = self.tree.text.get(start..).unwrap_or_default();
        let tag = rest.find(|c: char| c.is_whitespace() || c == '>' || c == '/').unwrap_or(1);
        Span { file: self.file, start, end: start + tag }
    }
}
