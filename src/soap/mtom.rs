//! MTOM: data of a document taken into parts of its own, with an `Include` in its place (XOP, section 3.1).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use compact_str::CompactString;

use super::xop::{XOP, has_include};
use crate::document::tree::{Attribute, Content, Element, Name, Node};
use crate::mime::{Referenced, boundary, own_id};
use crate::schema::{Shape, ShapeKind, SimpleType, Variety};

/// The namespace of `contentType`, which says what an element's data is (Describing Media Content of Binary Data in XML).
const XMIME: &str = "http://www.w3.org/2005/05/xmlmime";

/// How data goes out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Mtom {
    /// Whether every message goes out as MTOM, or none; without it those to whom it is known to speak it.
    pub always: Option<bool>,
    /// Bytes from which on data goes into a part of its own.
    pub threshold: usize,
}

/// How deep shapes are looked through: those of schemas may contain themselves.
const DEEPEST: usize = 100;

/// Whether documents of a shape can hold data.
pub fn holds_data(shape: &Shape) -> bool {
    fn holds(shape: &Shape, left: usize) -> bool {
        is_data(shape) || (left > 0 && shape.children().iter().any(|child| holds(child, left - 1)))
    }
    holds(shape, DEEPEST)
}

fn is_data(shape: &Shape) -> bool {
    match &shape.kind {
        ShapeKind::Simple(simple) => {
            simple.base == SimpleType::Base64Binary && matches!(simple.variety, Variety::Atomic)
        }
        _ => false,
    }
}

/// The data of a message, as it is taken out of its documents.
#[derive(Debug)]
pub struct Packing {
    /// The boundary of the message, which the ids of its parts are made of.
    pub boundary: String,
    threshold: usize,
    /// What was taken out.
    pub parts: Vec<Referenced>,
}

/// An `Include` stands in a document already, which a reader would take for one of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Included;

impl Packing {
    /// Nothing is taken out yet.
    pub fn new(threshold: usize) -> Self {
        Self { boundary: boundary(), threshold, parts: Vec::new() }
    }

    /// The document with an `Include` in place of its data.
    ///
    /// # Errors
    /// An `Include` stands in it already.
    pub fn take(&mut self, root: &Element, shape: &Shape) -> Result<Element, Included> {
        if has_include(root) {
            return Err(Included);
        }
        Ok(self.element(root, Some(shape)))
    }

    fn element(&mut self, element: &Element, shape: Option<&Shape>) -> Element {
        let content = match (&element.content, shape) {
            (Content::Text(text), Some(shape)) if is_data(shape) => match self.data(text) {
                Some(bytes) => Content::Children(vec![Node::Element(self.include(element, bytes))]),
                None => Content::Text(text.clone()),
            },
            (Content::Children(nodes), shape) => {
                let child = |node: &Node| match node {
                    Node::Text(text) => Node::Text(text.clone()),
                    Node::Element(child) => {
                        let known = shape.and_then(|shape| shape.child(&child.name.local));
                        let same = known.filter(|(_, known)| known.namespace == child.name.namespace);
                        Node::Element(self.element(child, same.map(|(_, shape)| shape)))
                    }
                };
                Content::Children(nodes.iter().map(child).collect())
            }
            (other, _) => other.clone(),
        };
        Element { name: element.name.clone(), attributes: element.attributes.clone(), content }
    }

    /// The bytes of a text that is the one way to write them: only that comes back as it was.
    fn data(&self, text: &str) -> Option<Vec<u8>> {
        if text.len() / 4 * 3 < self.threshold {
            return None;
        }
        STANDARD.decode(text).ok().filter(|bytes| bytes.len() >= self.threshold)
    }

    fn include(&mut self, element: &Element, bytes: Vec<u8>) -> Element {
        let id = own_id(self.parts.len() + 1, &self.boundary);
        let value = CompactString::from(format!("cid:{id}"));
        let media = element.attribute_in(XMIME, "contentType").unwrap_or("application/octet-stream");
        self.parts.push(Referenced { id, content_type: media.into(), bytes });
        let mut include = Element::new(Name::qualified(XOP, "Include"));
        include.attributes.push(Attribute { name: Name::local("href"), value });
        include
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::codec::{Codec, Limits};
    use crate::schema::{Occurs, Simple};
    use crate::xml::XML;

    fn leaf(name: &str, base: SimpleType) -> Shape {
        Shape {
            name: name.into(),
            namespace: None,
            occurs: Occurs::ONCE,
            nillable: false,
            attributes: Vec::new(),
            kind: ShapeKind::Simple(Simple::of(base)),
            checking: Default::default(),
            form: Default::default(),
        }
    }

    fn holder(name: &str, children: Vec<Shape>) -> Shape {
        Shape { kind: ShapeKind::Children(children), ..leaf(name, SimpleType::String) }
    }

    /// `a` with `b`, whose `data` is data and whose `note` is text.
    fn shape() -> Shape {
        let inner = vec![leaf("data", SimpleType::Base64Binary), leaf("note", SimpleType::String)];
        holder("a", vec![holder("b", inner)])
    }

    fn taken(xml: &'static str, threshold: usize) -> Result<(Element, Vec<Referenced>), Included> {
        let root = XML.decode(&xml.into(), &Limits::default()).unwrap();
        let mut packing = Packing::new(threshold);
        packing.take(&root, &shape()).map(|root| (root, packing.parts))
    }

    #[test]
    fn only_data_is_taken_out() {
        let xml = "<a><b><data m:contentType='image/png' xmlns:m='http://www.w3.org/2005/05/xmlmime'>AAEC</data>\
                   <note>AAEC</note></b><data>AAEC</data><c><b/></c></a>";
        let (root, parts) = taken(xml, 0).unwrap();
        assert_eq!(parts.len(), 1);
        assert_eq!(
            (parts[0].bytes.as_slice(), parts[0].content_type.as_str()),
            (&[0, 1, 2][..], "image/png")
        );
        let b = root.child("b").unwrap();
        let include = b.child("data").unwrap().child("Include").unwrap();
        assert_eq!(include.attribute("href"), Some(format!("cid:{}", parts[0].id).as_str()));
        assert_eq!(b.child("data").unwrap().attribute_in(XMIME, "contentType"), Some("image/png"));
        assert_eq!(
            (b.child("note").unwrap().leaf(), root.child("data").unwrap().leaf()),
            (Some("AAEC"), Some("AAEC"))
        );
        assert!(holds_data(&shape()) && !holds_data(&leaf("a", SimpleType::String)));
    }

    #[test]
    fn what_would_not_come_back_as_it_was_stays() {
        for (text, threshold, parts) in [
            ("<a><b><data>AAEC</data></b></a>", 3, 1),
            ("<a><b><data>AAEC</data></b></a>", 4, 0),
            ("<a><b><data>AAE=</data></b></a>", 3, 0),
            ("<a><b><data>AAF=</data></b></a>", 0, 0),
            ("<a><b><data>AA EC</data></b></a>", 0, 0),
            ("<a><b><data>AAE</data></b></a>", 0, 0),
            ("<a><b><data/></b></a>", 0, 0),
        ] {
            assert_eq!(taken(text, threshold).unwrap().1.len(), parts, "{text}");
        }
        let twice = "<a><b><Include xmlns='http://www.w3.org/2004/08/xop/include' href='cid:1'/></b></a>";
        assert_eq!(taken(twice, 0).err(), Some(Included));
    }
}
