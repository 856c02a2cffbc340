//! Encoded bodies: what they refer to put in its place, and what only the encoding needs taken away (SOAP 1.1 section 5;
//! SOAP 1.2 part 2, section 3).

use std::collections::HashMap;

use super::Version;
use super::envelope::shortened;
use super::header::Block;
use crate::document::codec::Limits;
use crate::document::tree::{Attribute, Content, Element, Node};

/// The namespace of the encoding of SOAP 1.1, which is its encoding style too.
pub const ENCODING_11: &str = "http://schemas.xmlsoap.org/soap/encoding/";
/// The same of SOAP 1.2.
pub const ENCODING_12: &str = "http://www.w3.org/2003/05/soap-encoding";
/// The encoding style of literal documents.
const NONE: &str = "http://www.w3.org/2003/05/soap-envelope/encoding/none";

/// Bytes that references may make of any body. Of a larger one they may make twice what was sent: a small message must not
/// become a huge one that way.
const ALWAYS: usize = 1 << 20;

/// A reference without what it refers to.
const MISSING: &str = "MissingID";
/// Two elements of one id.
const DUPLICATE: &str = "DuplicateID";

/// What is wrong: the subcode of the encoding and a sentence.
type Wrong = (&'static str, String);

/// The encoding style that an element names.
pub(super) fn style_of(element: &Element, version: Version) -> Option<String> {
    let style = element.attribute_in(version.namespace(), "encodingStyle")?;
    Some(style.trim().to_owned())
}

/// Whether what stands in a body is encoded; `outer` is what the elements around it say.
///
/// # Errors
/// It is encoded in a way that is not read.
pub(super) fn is_encoded(body: &[Element], outer: Option<&str>, version: Version) -> Result<bool, String> {
    let mut encoded = false;
    for child in body {
        let style = style_of(child, version);
        encoded |= is_encoding(style.as_deref().or(outer).unwrap_or_default())?;
        // The parts of a call may be encoded while the call says nothing.
        for part in child.elements() {
            encoded |= is_encoding(&style_of(part, version).unwrap_or_default())?;
        }
    }
    if encoded {
        body.iter().try_for_each(|child| is_read(child, version))?;
    }
    Ok(encoded)
}

/// Whether a style is that of an encoding; literal otherwise.
///
/// # Errors
/// It is one that is not read.
fn is_encoding(style: &str) -> Result<bool, String> {
    // A list of styles, the most specific first (SOAP 1.1 section 4.1.1).
    let is = |known: &str| style.split_whitespace().any(|word| word == known);
    match is(ENCODING_11) || is(ENCODING_12) {
        false if !(style.is_empty() || style == NONE) => {
            let found = shortened(style);
            Err(format!("the encoding style {found} is not read; send literal XML or SOAP encoding"))
        }
        encoded => Ok(encoded),
    }
}

/// Checks the styles that an element and what it holds name (SOAP 1.2 part 1, section 5.1.1).
///
/// # Errors
/// One is not read.
pub(super) fn is_read(element: &Element, version: Version) -> Result<(), String> {
    is_encoding(&style_of(element, version).unwrap_or_default())?;
    element.elements().try_for_each(|child| is_read(child, version))
}

/// Which of a body's children is the call: the one that is marked so, else the first that nothing refers to.
pub(super) fn root(body: &[Element], version: Version) -> usize {
    let marked = |value: &str| body.iter().position(|element| root_mark(element, version) == Some(value));
    let free = |e: &Element| id(e, version).is_none() && root_mark(e, version) != Some("0");
    marked("1").or_else(|| body.iter().position(free)).unwrap_or(0)
}

/// Puts what is referred to in place of each reference, and gives the call. What the body refers to may stand in a header
/// block that is encoded too: an id is one of the envelope (SOAP 1.2 part 2, section 3.1.5).
/// A reference to a part of the message beside the envelope, as `names_part` says, is the value of its accessor: who reads it
/// finds the part by it.
///
/// # Errors
/// A reference leads nowhere, or in a circle, or there is more than the limits allow.
pub(super) fn inline(
    body: Vec<Element>,
    blocks: &[Block],
    version: Version,
    limits: &Limits,
    names_part: &dyn Fn(&str) -> bool,
) -> Result<Option<Element>, Wrong> {
    let mut targets = HashMap::new();
    let blocks = blocks.iter().map(|block| &block.element);
    let encoded =
        blocks.filter(|block| style_of(block, version).is_some_and(|style| is_encoding(&style) == Ok(true)));
    let mut sent = 0usize;
    for element in encoded.chain(&body) {
        sent = sent.saturating_add(element.size());
        gather(element, version, &mut targets)?;
    }
    let bytes = sent.saturating_mul(2).max(ALWAYS);
    let mut inliner =
        Inliner { version, targets, names_part, left: limits.elements, bytes, deepest: limits.depth };
    body.get(root(&body, version)).map(|root| inliner.element(root, 0)).transpose()
}

/// `root="1"` marks what nothing refers to (SOAP 1.1 section 5.6).
fn root_mark(element: &Element, version: Version) -> Option<&str> {
    match version {
        Version::V11 => element.attribute_in(ENCODING_11, "root").map(str::trim),
        Version::V12 => None,
    }
}

fn id(element: &Element, version: Version) -> Option<&str> {
    match version {
        Version::V11 => element.attribute("id"),
        Version::V12 => element.attribute_in(ENCODING_12, "id").or_else(|| element.attribute("id")),
    }
}

/// What an element refers to.
#[derive(Debug, Clone, Copy)]
enum Reference<'e> {
    /// An element of the body, by its id.
    Id(&'e str),
    /// Something elsewhere, by its address.
    Address(&'e str),
}

/// What an element refers to: an address in SOAP 1.1, of which only a fragment is in the body (section 5.4.1).
fn reference(element: &Element, version: Version) -> Option<Reference<'_>> {
    match version {
        Version::V11 => {
            let href = element.attribute("href")?;
            Some(href.strip_prefix('#').map_or(Reference::Address(href), Reference::Id))
        }
        Version::V12 => {
            let id = element.attribute_in(ENCODING_12, "ref").or_else(|| element.attribute("ref"));
            // Drafts of SOAP 1.2 wrote the `#` too.
            id.map(|id| Reference::Id(id.strip_prefix('#').unwrap_or(id)))
        }
    }
}

fn gather<'e>(
    element: &'e Element,
    version: Version,
    targets: &mut HashMap<&'e str, &'e Element>,
) -> Result<(), Wrong> {
    if let Some(id) = id(element, version) {
        // Section 3.1.5.2 of SOAP 1.2 part 2: an element is one or the other.
        if version == Version::V12 && reference(element, version).is_some() {
            return Err((MISSING, format!("{} has both an id and a ref", shortened(&element.name.local))));
        }
        if targets.insert(id, element).is_some() {
            return Err((DUPLICATE, format!("two elements have the id {}", shortened(id))));
        }
    }
    element.elements().try_for_each(|child| gather(child, version, targets))
}

struct Inliner<'e> {
    version: Version,
    targets: HashMap<&'e str, &'e Element>,
    names_part: &'e dyn Fn(&str) -> bool,
    /// How many elements may still be made.
    left: usize,
    /// How many bytes of names and texts may be.
    bytes: usize,
    deepest: usize,
}

fn beyond() -> Wrong {
    (MISSING, "the references in the body lead in a circle, or to more than is read here".to_owned())
}

impl Inliner<'_> {
    fn element(&mut self, element: &Element, depth: usize) -> Result<Element, Wrong> {
        if depth > self.deepest || self.left == 0 {
            return Err(beyond());
        }
        self.left = self.left.saturating_sub(1);
        let target = match reference(element, self.version) {
            None => element,
            Some(Reference::Address(address)) => {
                if !(self.names_part)(address) {
                    let found = shortened(address);
                    return Err((MISSING, format!("nothing in the message has the address {found}")));
                }
                let value = Element { content: Content::Text(address.into()), ..self.own(element)? };
                return self.charge(address.len()).map(|()| value);
            }
            Some(Reference::Id(id)) => match self.targets.get(id) {
                Some(target) => *target,
                None => {
                    return Err((MISSING, format!("nothing in the message has the id {}", shortened(id))));
                }
            },
        };
        if !std::ptr::eq(target, element) {
            // The accessor keeps its name; what it refers to may refer on.
            let made = self.element(target, depth + 1)?;
            return Ok(Element { name: element.name.clone(), ..made });
        }
        let own = self.own(element)?;
        let nodes = |nodes: &[Node], this: &mut Self| -> Result<Vec<Node>, Wrong> {
            let one = |node: &Node| match node {
                Node::Element(child) => this.element(child, depth + 1).map(Node::Element),
                Node::Text(text) => this.charge(text.len()).map(|()| Node::Text(text.clone())),
            };
            nodes.iter().map(one).collect()
        };
        let content = match &element.content {
            Content::Children(children) => Content::Children(nodes(children, self)?),
            Content::Items(items) => Content::Items(nodes(items, self)?),
            Content::Text(text) | Content::Number(text) => {
                self.charge(text.len())?;
                element.content.clone()
            }
            Content::Empty | Content::Nil | Content::Bool(_) => element.content.clone(),
        };
        Ok(Element { content, ..own })
    }

    /// The element without its content, and without what only the encoding needs.
    fn own(&mut self, element: &Element) -> Result<Element, Wrong> {
        let kept = |attribute: &&Attribute| !self.is_of_encoding(attribute);
        let attributes: Vec<Attribute> = element.attributes.iter().filter(kept).cloned().collect();
        let own = Element { name: element.name.clone(), attributes, content: Content::Empty };
        self.charge(own.size())?;
        Ok(own)
    }

    /// Counts bytes that are made.
    fn charge(&mut self, bytes: usize) -> Result<(), Wrong> {
        self.bytes = self.bytes.checked_sub(bytes).ok_or_else(beyond)?;
        Ok(())
    }

    /// Whether an attribute only says how the body is encoded; what an array holds is kept for its check.
    fn is_of_encoding(&self, attribute: &Attribute) -> bool {
        let name = &attribute.name;
        let known = match self.version {
            Version::V11 => {
                name.is("", "id")
                    || name.is("", "href")
                    || name.is(ENCODING_11, "root")
                    || name.is(ENCODING_11, "position")
            }
            Version::V12 => {
                name.is(ENCODING_12, "id") || name.is(ENCODING_12, "nodeType") || name.is("", "id")
            }
        };
        known || name.is(self.version.namespace(), "encodingStyle")
    }
}

#[cfg(test)]
#[path = "encoding_tests.rs"]
mod tests;
