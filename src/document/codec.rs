//! Codecs: how bytes become an element tree and back, and the limits that hold while they do.

use std::fmt::Debug;
use std::ops::Deref;
use std::sync::Arc;

use bytes::Bytes;

use super::path::{Language, PathError};
use super::records::{Bounds, Input, RecordPath, Records};
use super::tree::{Content, Element, Node};

/// Bounds on a document from outside. A codec stops at the first one that is passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Nesting of elements, objects and arrays.
    pub depth: usize,
    /// Elements, members and items in all.
    pub elements: usize,
    /// Attributes of one element.
    pub attributes: usize,
    /// Bytes of one name.
    pub name: usize,
    /// Namespace declarations in scope at one place.
    pub namespaces: usize,
    /// Bytes of the name of one namespace.
    pub namespace: usize,
    /// Parts of a multipart body.
    pub parts: usize,
    /// Bytes of one part.
    pub part: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            depth: 100,
            elements: 500_000,
            attributes: 500,
            name: 1024,
            namespaces: 256,
            namespace: 2048,
            parts: 50,
            part: 50 << 20,
        }
    }
}

/// Why bytes are not a document of the format: the place and what was expected, fit to be shown to the sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    /// Line in the document, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong, without a copy of the document.
    pub message: String,
    /// What kind of wrong it is: decides the answer's status.
    pub kind: MalformedKind,
}

/// What kind of wrong a malformed document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MalformedKind {
    /// Not of the format at all.
    Syntax,
    /// Of the format, and beyond a limit.
    Limit,
    /// A document type declaration or entity, which is refused on principle (SOAP 1.2 part 1, section 5).
    Dtd,
    /// In a character set that is not read, or that its declaration contradicts.
    Charset,
}

impl std::fmt::Display for Malformed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.message)
    }
}

impl std::error::Error for Malformed {}

impl Malformed {
    /// The place of byte `offset` in `text`, with a message.
    pub fn at(text: &[u8], offset: usize, kind: MalformedKind, message: impl Into<String>) -> Self {
        let before = text.get(..offset.min(text.len())).unwrap_or(text);
        let line = memchr::memchr_iter(b'\n', before).count() + 1;
        let start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
        // Columns count characters: continuation bytes of UTF-8 do not start one.
        let column =
            before.get(start..).unwrap_or_default().iter().filter(|b| **b & 0xC0 != 0x80).count() + 1;
        Self { line, column, message: message.into(), kind }
    }
}

/// Why a tree cannot be written in a format: a value that is too long for its field, a character that delimits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unwritable {
    /// The path to the value, in the format's own language.
    pub path: String,
    /// What is wrong with it.
    pub message: String,
}

impl std::fmt::Display for Unwritable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.path, self.message)
    }
}

impl std::error::Error for Unwritable {}

/// A codec as profiles and documents share it. Copies of a fixed one count no references, which all workers would do on
/// the same counter.
#[derive(Debug, Clone)]
pub enum CodecRef {
    /// One for all documents of a format: XML, JSON.
    Fixed(&'static dyn Codec),
    /// One that a profile made: its columns, fields or segments.
    Made(Arc<dyn Codec>),
}

impl Deref for CodecRef {
    type Target = dyn Codec;

    fn deref(&self) -> &Self::Target {
        match self {
            Self::Fixed(codec) => *codec,
            Self::Made(codec) => &**codec,
        }
    }
}

impl From<&'static dyn Codec> for CodecRef {
    fn from(codec: &'static dyn Codec) -> Self {
        Self::Fixed(codec)
    }
}

impl<T: Codec> From<&'static T> for CodecRef {
    fn from(codec: &'static T) -> Self {
        Self::Fixed(codec)
    }
}

/// A format: bytes to tree and back. XML and JSON have one each; a profile of another format is one.
pub trait Codec: Debug + Send + Sync {
    /// The format's name as `format=` writes it: `xml`, `json`, `csv`.
    fn format(&self) -> &'static str;

    /// The language of paths in its documents.
    fn language(&self) -> Language {
        Language::Location
    }

    /// Whether its values have types (numbers, booleans) instead of being text, and its members no order.
    fn is_typed(&self) -> bool {
        false
    }

    /// The other media types its documents are sent as, in lower case and without parameters.
    fn media_types(&self) -> &'static [&'static str] {
        &[]
    }

    /// The character set that its profile declares, for bytes that do not say one themselves.
    fn charset(&self) -> Option<&str> {
        None
    }

    /// The lines, from 1, at which elements of a document begin; `None` for one that cannot be told. An element is given by
    /// the way to it from the root: positions among its siblings that are elements, from 0; the way of the root is
    /// empty. `bytes` were decoded without an error before. Takes one pass for all.
    fn lines(&self, _bytes: &[u8], ways: &[&[usize]]) -> Vec<Option<usize>> {
        vec![None; ways.len()]
    }

    /// The records of a large document, read one by one in bounded memory.
    ///
    /// # Errors
    /// Documents of this format are not split, or not at this path.
    fn records(
        &self,
        _input: Input,
        _path: &RecordPath,
        _bounds: Bounds,
    ) -> Result<Box<dyn Records>, PathError> {
        let message = format!("documents of format {} are not split into records", self.format());
        Err(PathError { offset: 0, message })
    }

    /// The media type of what [`Codec::encode`] writes, with its charset where the format needs one.
    fn media_type(&self) -> &'static str;

    /// Parses a whole document.
    fn decode(&self, bytes: &Bytes, limits: &Limits) -> Result<Element, Malformed>;

    /// Appends the document's bytes to `out`: in UTF-8, unless its profile declares another character set.
    ///
    /// # Errors
    /// The tree is none that the format can hold. Of XML and JSON every tree that was read, or written by a map between
    /// profiles, can be written.
    fn encode(&self, root: &Element, out: &mut Vec<u8>) -> Result<(), Unwritable>;

    /// Whether the documents of a list are checked one by one, after [`Codec::split`]: the profile describes one of them,
    /// and not what is around them.
    fn is_list(&self, root: &Element) -> bool {
        matches!(root.content, Content::Items(_))
    }

    /// What every document begins with, whatever it holds: an XML declaration, a header line. Behind another document it is
    /// left out.
    fn head(&self) -> Vec<u8> {
        Vec::new()
    }

    /// The documents in one that holds a list of them: here each child of the root, in a root like it. Formats with lists
    /// around documents (XML, JSON) are split by who knows the list.
    ///
    /// # Errors
    /// What is repeated for each of them is more than `limits` allow.
    fn split(&self, root: Element, _limits: &Limits) -> Result<Vec<Element>, Malformed> {
        let Element { name, attributes, content } = root;
        let (Content::Children(nodes) | Content::Items(nodes)) = content else { return Ok(Vec::new()) };
        let holder = |node| Element {
            name: name.clone(),
            attributes: attributes.clone(),
            content: Content::Children(vec![node]),
        };
        Ok(nodes.into_iter().filter(|node| matches!(node, Node::Element(_))).map(holder).collect())
    }

    /// The elements of which [`Codec::split`] makes a document each, in its order.
    fn parts<'r>(&self, root: &'r Element) -> Vec<&'r Element> {
        root.elements().collect()
    }

    /// The document that holds all of these: the reverse of [`Codec::split`].
    ///
    /// # Errors
    /// They do not belong into one document.
    fn joined(&self, roots: &[&Element]) -> Result<Element, Unwritable> {
        let nodes = roots.iter().flat_map(|root| root.nodes().iter().cloned()).collect();
        let name = roots.first().map(|root| root.name.clone()).unwrap_or_default();
        Ok(Element::with(name, Content::Children(nodes)))
    }

    /// Appends the bytes of one document that holds all of these.
    ///
    /// # Errors
    /// As [`Codec::joined`] and [`Codec::encode`]; paths count through the whole.
    fn encode_list(&self, roots: &[&Element], out: &mut Vec<u8>) -> Result<(), Unwritable> {
        self.encode(&self.joined(roots)?, out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_counts_characters() {
        let m = Malformed::at("ab\nä€x".as_bytes(), 8, MalformedKind::Syntax, "here");
        assert_eq!((m.line, m.column), (2, 3));
        assert_eq!(m.to_string(), "line 2, column 3: here");
    }
}
