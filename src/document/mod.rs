//! Documents: a body that is parsed once and only when needed, with properties.

pub mod charset;
pub mod codec;
pub mod coding;
pub mod coming;
pub mod family;
pub mod flat;
pub mod inflate;
pub mod json;
mod jsonpath;
pub mod number;
pub mod packed;
pub mod path;
pub mod properties;
pub mod records;
pub(crate) mod short;
pub mod target;
pub mod text;
pub mod tree;
pub mod value;
pub(crate) mod ways;

use std::sync::{Arc, OnceLock};

use bytes::{Buf as _, Bytes};

use self::codec::{CodecRef, Limits, Malformed, MalformedKind, Unwritable};
use self::coming::Coming;
use self::properties::Properties;
use self::tree::Element;

/// A document: its body in the form it came or was made in, and its properties. Copies share the body.
#[derive(Debug, Clone)]
pub struct Document {
    body: Arc<Body>,
    /// Named texts that travel with the document.
    pub properties: Properties,
}

/// The body: whichever of the two forms is missing is made once, on first need.
#[derive(Debug, Default)]
struct Body {
    bytes: OnceLock<Bytes>,
    tree: OnceLock<Result<Element, Malformed>>,
    codec: Option<CodecRef>,
    limits: Limits,
    size: OnceLock<usize>,
    /// Whether the bytes keep something larger in memory, which they are a piece of.
    is_piece: bool,
    /// The body, where it is still on its way: there are no bytes here then.
    coming: Option<Coming>,
}

impl Default for Document {
    fn default() -> Self {
        Self::empty()
    }
}

impl Document {
    /// A document without a body.
    pub fn empty() -> Self {
        Self::data(Bytes::new())
    }

    /// Bytes that nothing is known of.
    pub fn data(bytes: Bytes) -> Self {
        Self::of(Body { bytes: OnceLock::from(bytes), ..Body::default() })
    }

    /// A body that is still on its way, of which nothing is known. It has no bytes before it is [gathered](Coming::gather).
    pub fn coming(body: Coming) -> Self {
        Self::of(Body { bytes: OnceLock::from(Bytes::new()), coming: Some(body), ..Body::default() })
    }

    /// The body, where it is still on its way.
    pub fn on_its_way(&self) -> Option<&Coming> {
        self.body.coming.as_ref()
    }

    /// Bytes in a format: parsed when a tree is first asked for, within `limits`.
    pub fn encoded(bytes: Bytes, codec: impl Into<CodecRef>, limits: Limits) -> Self {
        let codec = codec.into();
        let bytes = if codec.is_typed() { unmarked(bytes) } else { bytes };
        Self::of(Body { bytes: OnceLock::from(bytes), codec: Some(codec), limits, ..Body::default() })
    }

    /// Bytes that are a piece of something larger, in a format where one is known.
    pub fn piece(bytes: Bytes, codec: Option<CodecRef>, limits: Limits) -> Self {
        Self::of(Body { bytes: OnceLock::from(bytes), codec, limits, is_piece: true, ..Body::default() })
    }

    /// The same body to be kept for long: a piece of something larger becomes a copy, which keeps nothing else in memory.
    #[must_use]
    pub fn kept(&self) -> Self {
        if !self.body.is_piece {
            return self.clone();
        }
        let bytes = OnceLock::from(Bytes::copy_from_slice(self.bytes()));
        let (codec, limits) = (self.body.codec.clone(), self.body.limits);
        self.replaced(Self::of(Body { bytes, codec, limits, ..Body::default() }))
    }

    /// A tree that the format can hold, such as one that was read or that [`Document::written`] would take: written when
    /// bytes are first asked for.
    pub fn tree_of(root: Element, codec: impl Into<CodecRef>) -> Self {
        Self::of(Body { tree: OnceLock::from(Ok(root)), codec: Some(codec.into()), ..Body::default() })
    }

    /// A tree that is written now, for formats that do not hold every tree.
    ///
    /// # Errors
    /// The tree cannot be written in the format.
    pub fn written(root: Element, codec: CodecRef) -> Result<Self, Unwritable> {
        let mut out = Vec::new();
        codec.encode(&root, &mut out)?;
        let bytes = OnceLock::from(Bytes::from(out));
        Ok(Self::of(Body { bytes, tree: OnceLock::from(Ok(root)), codec: Some(codec), ..Body::default() }))
    }

    fn of(body: Body) -> Self {
        Self { body: Arc::new(body), properties: Properties::default() }
    }

    /// The format it is in; `None` for plain data.
    pub fn codec(&self) -> Option<&CodecRef> {
        self.body.codec.as_ref()
    }

    /// The root element, parsed now if it was not before.
    ///
    /// # Errors
    /// The body is not well-formed, passes a limit, or is data of no known format.
    pub fn tree(&self) -> Result<&Element, Malformed> {
        let parse = || {
            let bytes = self.body.bytes.get().cloned().unwrap_or_default();
            match &self.body.codec {
                Some(codec) => codec.decode(&bytes, &self.body.limits),
                None => Err(Malformed {
                    line: 1,
                    column: 1,
                    message: "the document is plain data: only a document of a known format has parts".into(),
                    kind: MalformedKind::Syntax,
                }),
            }
        };
        self.body.tree.get_or_init(parse).as_ref().map_err(Clone::clone)
    }

    /// The body as bytes, written now if it was not before.
    pub fn bytes(&self) -> &Bytes {
        self.body.bytes.get_or_init(|| {
            // Mostly it has been weighed, which tells about how long it gets.
            let mut out = Vec::with_capacity(self.body.size.get().copied().unwrap_or_default());
            if let (Some(Ok(root)), Some(codec)) = (self.body.tree.get(), &self.body.codec)
                && codec.encode(root, &mut out).is_err()
            {
                // What cannot be written is refused where it is made; half of it would be worse than nothing.
                out.clear();
            }
            Bytes::from(out)
        })
    }

    /// The tree, if one was made already: never parses.
    pub fn parsed(&self) -> Option<&Element> {
        self.body.tree.get()?.as_ref().ok()
    }

    /// Bytes of the body as it is written; 0 while there is a tree alone.
    pub fn written_size(&self) -> usize {
        self.body.bytes.get().map_or(0, Bytes::len)
    }

    /// Bytes of the body, about: of a tree that was not written, those of its texts and something for each element.
    pub fn size(&self) -> usize {
        match (self.body.bytes.get(), self.parsed()) {
            (Some(bytes), _) => bytes.len(),
            (None, Some(root)) => *self.body.size.get_or_init(|| root.size()),
            (None, None) => 0,
        }
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.body.coming.is_none() && self.body.tree.get().is_none() && self.bytes().is_empty()
    }

    /// The same properties with another body.
    #[must_use]
    pub fn replaced(&self, body: Document) -> Self {
        Self { body: body.body, properties: self.properties.clone() }
    }
}

/// JSON without the byte order mark that may be read and must not be sent (RFC 8259, section 8.1).
fn unmarked(mut bytes: Bytes) -> Bytes {
    const MARK: &[u8] = "\u{FEFF}".as_bytes();
    while bytes.starts_with(MARK) {
        bytes.advance(MARK.len());
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A format whose documents nobody may parse.
    #[derive(Debug)]
    struct Untouched;

    impl codec::Codec for Untouched {
        fn format(&self) -> &'static str {
            "untouched"
        }

        fn media_type(&self) -> &'static str {
            "text/plain"
        }

        fn decode(&self, _: &Bytes, _: &Limits) -> Result<Element, Malformed> {
            unreachable!("the document only passes through")
        }

        fn encode(&self, _: &Element, _: &mut Vec<u8>) -> Result<(), Unwritable> {
            unreachable!("the document only passes through")
        }
    }

    #[test]
    fn json_goes_on_without_its_byte_order_mark() {
        let read = |text: &'static str| {
            Document::encoded(Bytes::from_static(text.as_bytes()), &json::JSON, Limits::default())
        };
        for text in ["[1]", "\u{FEFF}[1]", "\u{FEFF}\u{FEFF}[1]"] {
            let document = read(text);
            assert!(document.tree().is_ok());
            assert_eq!(document.bytes().as_ref(), b"[1]");
        }
    }

    #[test]
    fn what_only_passes_through_is_neither_parsed_nor_copied() {
        static UNTOUCHED: Untouched = Untouched;
        let body = Bytes::from_static(b"<a");
        for sent in
            [Document::encoded(body.clone(), &UNTOUCHED, Limits::default()), Document::data(body.clone())]
        {
            let passed = Document::empty().replaced(sent.clone());
            assert_eq!(passed.bytes().as_ptr(), body.as_ptr());
            assert!(!passed.is_empty() && passed.parsed().is_none());
        }
    }

    #[test]
    fn what_is_kept_keeps_nothing_else() {
        let whole = Bytes::from_static(b"<a/><b/>");
        let mut piece = Document::piece(whole.slice(4..), Some((&json::JSON).into()), Limits::default());
        piece.properties.set("x", "1");
        let kept = piece.kept();
        assert_eq!((kept.bytes(), kept.properties.get("x")), (piece.bytes(), Some("1")));
        assert!(kept.codec().is_some());
        assert_ne!(kept.bytes().as_ptr(), piece.bytes().as_ptr());
        let all = Document::data(whole);
        assert_eq!(all.kept().bytes().as_ptr(), all.bytes().as_ptr());
    }
}
