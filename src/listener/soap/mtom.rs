//! MTOM answers: data of an answer in parts of its own, with an `Include` in its place (XOP, section 3.1).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use compact_str::CompactString;
use hyper::header::CONTENT_TYPE;

use super::super::multipart::{Referenced, Root, own_id, related};
use super::attachments::{XOP, XOP_TYPE, has_include};
use crate::document::Document;
use crate::document::tree::{Attribute, Content, Element, Name, Node};
use crate::mime::boundary;
use crate::pipeline::endpoint::Reply;
use crate::pipeline::failure::Failure;
use crate::schema::{Shape, ShapeKind, SimpleType, Variety};
use crate::soap::Version;

/// The namespace of `contentType`, which says what an element's data is (Describing Media Content of Binary Data in XML).
const XMIME: &str = "http://www.w3.org/2005/05/xmlmime";

/// How a service answers with data.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Mtom {
    /// Whether every answer goes out as MTOM, or none; without it those whose caller speaks it.
    pub always: Option<bool>,
    /// Bytes from which on data goes into a part of its own.
    pub threshold: usize,
}

/// How deep the shapes of an answer are looked through: those of schemas may contain themselves.
const DEEPEST: usize = 100;

/// Whether documents of a shape can hold data.
pub(super) fn holds_data(shape: &Shape) -> bool {
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

/// The data of an answer, as it is taken out of its documents.
pub(super) struct Packing {
    boundary: String,
    threshold: usize,
    parts: Vec<Referenced>,
}

impl Packing {
    /// Nothing is taken out yet.
    pub(super) fn new(threshold: usize) -> Self {
        Self { boundary: boundary(), threshold, parts: Vec::new() }
    }

    /// The document with an `Include` in place of its data.
    ///
    /// # Errors
    /// An `Include` stands in it already, which a reader would take for one of ours.
    pub(super) fn take(&mut self, root: &Element, shape: &Shape) -> Result<Element, Failure> {
        if has_include(root) {
            let log = "the process returned a document with an xop:Include in it, which MTOM forbids";
            return Err(Failure::internal("wrong-output", log));
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

/// An answer with its data and its attachments in parts of their own: MTOM where data was taken out or `always`, else an
/// envelope with attachments; as it is with neither.
///
/// # Errors
/// The attachments do not go together.
pub(super) fn packed(
    reply: Reply,
    version: Version,
    packing: Option<Packing>,
    always: bool,
    attachments: &[Document],
) -> Result<Reply, Failure> {
    let packing = packing.filter(|packing| always || !packing.parts.is_empty());
    if packing.is_none() && attachments.is_empty() {
        return Ok(reply);
    }
    let plain = version.content_type();
    let essence = plain.split_once(';').map_or(plain, |(essence, _)| essence);
    let xop = format!("{XOP_TYPE}; charset=UTF-8; type=\"{essence}\"");
    let (boundary, parts, is_xop) = match packing {
        Some(packing) => (packing.boundary, packing.parts, true),
        None => (boundary(), Vec::new(), false),
    };
    let root = Root {
        kind: if is_xop { XOP_TYPE } else { essence },
        info: if is_xop { essence } else { "" },
        content_type: if is_xop { &xop } else { plain },
        encoding: if is_xop { "binary" } else { "8bit" },
        body: &reply.body,
    };
    let whole = related(&boundary, &root, &parts, attachments)?;
    let mut headers = reply.headers;
    headers.insert(CONTENT_TYPE, whole.media_type);
    Ok(Reply { status: reply.status, headers, body: whole.body })
}

#[cfg(test)]
mod tests {
    use super::super::super::common::holder;
    use super::super::super::fixture::leaf;
    use super::*;
    use crate::document::codec::{Codec, Limits};
    use crate::xml::XML;

    /// `a` with `b`, whose `data` is data and whose `note` is text.
    fn shape() -> Shape {
        let inner =
            vec![leaf("data", None, SimpleType::Base64Binary), leaf("note", None, SimpleType::String)];
        holder("a", None, vec![holder("b", None, inner)])
    }

    fn taken(xml: &'static str, threshold: usize) -> Result<(Element, Vec<Referenced>), Failure> {
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
        assert!(holds_data(&shape()) && !holds_data(&leaf("a", None, SimpleType::String)));
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
        assert_eq!(taken(twice, 0).err().unwrap().code, "wrong-output");
    }
}
