//! A WSDL as it was written: elements that know their places, and what prefixes mean there.

use std::sync::Arc;

use compact_str::CompactString;

use super::model::WsdlFile;
use crate::document::codec::Limits;
use crate::document::tree::{Element, Name};
use crate::source::Span;
use crate::xml::{XML_NAMESPACE, XMLNS_NAMESPACE, parse_with_places};

/// Bounds on a document.
const LIMITS: Limits = Limits {
    depth: 200,
    elements: 400_000,
    attributes: 500,
    name: 1024,
    namespaces: 1000,
    namespace: 2048,
    parts: 0,
    part: 0,
};

/// A document: its elements, and where each begins.
#[derive(Debug)]
pub(super) struct Text {
    pub file: WsdlFile,
    root: Element,
    starts: Vec<usize>,
}

/// An element of a document.
#[derive(Debug, Clone, Copy)]
pub(super) struct At<'t> {
    pub element: &'t Element,
    text: &'t Text,
    /// The element that it is in.
    around: Option<&'t At<'t>>,
    /// Its number in document order.
    number: usize,
}

impl Text {
    /// Reads a document.
    ///
    /// # Errors
    /// It is not well-formed or has a document type declaration: what is wrong, and the byte.
    pub fn new(file: WsdlFile) -> Result<Self, (String, usize)> {
        match parse_with_places(&file.text, &LIMITS) {
            Ok((root, starts)) => Ok(Self { file, root, starts }),
            Err(malformed) => {
                let lines = file.text.split_inclusive('\n').take(malformed.line.saturating_sub(1));
                let line: usize = lines.map(str::len).sum();
                let rest = file.text.get(line..).unwrap_or_default();
                let column =
                    rest.char_indices().nth(malformed.column.saturating_sub(1)).map_or(0, |(at, _)| at);
                Err((malformed.message, line + column))
            }
        }
    }

    /// The outermost element.
    pub fn root(&self) -> At<'_> {
        At { element: &self.root, text: self, around: None, number: 0 }
    }
}

impl<'t> At<'t> {
    /// The child elements.
    pub fn children<'s>(&'s self) -> impl Iterator<Item = At<'s>> {
        let mut next = self.number + 1;
        self.element.elements().map(move |element| {
            let number = next;
            next += count(element);
            At { element, text: self.text, around: Some(self), number }
        })
    }

    /// The child elements of a name.
    pub fn named<'s>(&'s self, namespace: &'s str, local: &'s str) -> impl Iterator<Item = At<'s>> {
        self.children().filter(move |child| child.element.name.is(namespace, local))
    }

    /// The value of an attribute in no namespace, white space around it removed.
    pub fn attribute(&self, name: &str) -> Option<&'t str> {
        self.element.attribute(name).map(str::trim)
    }

    /// Its start tag's beginning: `<wsdl:port`.
    pub fn span(&self) -> Span {
        let start = self.start();
        let rest = self.text.file.text.get(start..).unwrap_or_default();
        let tag = rest.find(|c: char| c.is_whitespace() || c == '>' || c == '/').unwrap_or(1);
        Span { file: self.text.file.file, start, end: start + tag }
    }

    /// The byte at which it begins.
    pub fn start(&self) -> usize {
        self.text.starts.get(self.number).copied().unwrap_or_default()
    }

    /// The bytes at which it and the elements in it begin.
    pub fn starts(&self) -> &'t [usize] {
        self.text.starts.get(self.number..self.number + count(self.element)).unwrap_or_default()
    }

    /// The name that a value stands for.
    ///
    /// # Errors
    /// Its prefix is not declared: the prefix.
    pub fn name(&self, value: &str) -> Result<Name, String> {
        let (prefix, local) = value.split_once(':').unwrap_or(("", value));
        let namespace = match self.prefixes().into_iter().find(|(known, _)| known == prefix) {
            Some((_, namespace)) => namespace,
            None if prefix.is_empty() => None,
            None if prefix == "xml" => Some(Arc::from(XML_NAMESPACE)),
            None => return Err(prefix.to_owned()),
        };
        Ok(Name { namespace, local: local.into() })
    }

    /// Every prefix in scope with its namespace, each once.
    pub fn prefixes(&self) -> Vec<(CompactString, Option<Arc<str>>)> {
        let mut found: Vec<(CompactString, Option<Arc<str>>)> = Vec::new();
        let mut at = Some(self);
        while let Some(next) = at {
            for attribute in &next.element.attributes {
                let is_new = || found.iter().all(|(prefix, _)| *prefix != attribute.name.local);
                if attribute.name.namespace.as_deref() == Some(XMLNS_NAMESPACE) && is_new() {
                    let namespace =
                        (!attribute.value.is_empty()).then(|| Arc::from(attribute.value.as_str()));
                    found.push((attribute.name.local.clone(), namespace));
                }
            }
            at = next.around;
        }
        found
    }

    /// The element that it is in.
    pub fn around(&self) -> Option<&'t At<'t>> {
        self.around
    }

    /// The target namespace of the document.
    pub fn target(&self) -> Option<Arc<str>> {
        self.text.root.attribute("targetNamespace").filter(|target| !target.is_empty()).map(Arc::from)
    }

    /// The document.
    pub fn file(&self) -> &'t WsdlFile {
        &self.text.file
    }

    /// The text of its documentation on one line; `None` where there is none.
    pub fn documentation(&self) -> Option<String> {
        let found = self.element.elements().find(|child| child.name.is(super::WSDL, "documentation"))?;
        let words: Vec<String> = found.string_value().split_whitespace().map(str::to_owned).collect();
        (!words.is_empty()).then(|| words.join(" "))
    }
}

/// An element with all in it.
fn count(element: &Element) -> usize {
    1 + element.elements().map(count).sum::<usize>()
}
