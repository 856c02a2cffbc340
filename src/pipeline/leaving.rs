//! How documents leave: without what their profile excludes, and with dates as it says, whoever made them.

use std::borrow::Cow;

use super::failure::Failure;
use crate::document::Document;
use crate::document::codec::{CodecRef, Limits};
use crate::schema::{Finish, Shape};

/// What is done with documents of a shape before they leave. Where nothing has to be done with one, its bytes leave as they came.
#[derive(Debug, Clone)]
pub struct Leaving {
    /// What is done with the tree.
    pub finish: Finish,
    /// The format of the documents.
    codec: CodecRef,
}

impl Leaving {
    /// What documents of a shape and format need; `None` where they leave as they are.
    pub fn of(shape: &Shape, codec: impl Into<CodecRef>) -> Option<Self> {
        Finish::of(shape).map(|finish| Self { finish, codec: codec.into() })
    }

    /// The document as it leaves, with its properties. Plain data is read in the format, within `limits`.
    ///
    /// # Errors
    /// It cannot be read, so that nobody knows what is in it, or not be written.
    pub fn document<'d>(&self, document: &'d Document, limits: Limits) -> Result<Cow<'d, Document>, Failure> {
        let known = match document.codec() {
            Some(_) => Cow::Borrowed(document),
            None if document.is_empty() => return Ok(Cow::Borrowed(document)),
            None => {
                let read = Document::encoded(document.bytes().clone(), self.codec.clone(), limits);
                Cow::Owned(document.replaced(read))
            }
        };
        let root = known.tree().map_err(|malformed| Failure::unreadable(&malformed))?;
        if !self.finish.changes(root) {
            return Ok(known);
        }
        let mut root = root.clone();
        self.finish.apply(&mut root);
        let codec = known.codec().unwrap_or(&self.codec).clone();
        let left = match codec {
            CodecRef::Fixed(_) => Document::tree_of(root, codec),
            CodecRef::Made(_) => Document::written(root, codec).map_err(|unwritable| {
                let log = format!("what its format cannot hold: {unwritable}");
                Failure::internal("unwritable-document", log)
            })?,
        };
        Ok(Cow::Owned(known.replaced(left)))
    }
}

/// The document as it leaves where something is known of that, and else as it is.
///
/// # Errors
/// As [`Leaving::document`].
pub fn leaving<'d>(
    known: Option<&Leaving>,
    document: &'d Document,
    limits: Limits,
) -> Result<Cow<'d, Document>, Failure> {
    match known {
        Some(known) => known.document(document, limits),
        None => Ok(Cow::Borrowed(document)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::json::JSON;
    use crate::schema::{Dates, Occurs, ShapeKind, Simple, SimpleType, Zone};

    /// An object with a moment, which leaves in UTC, and a secret, which does not leave.
    fn known() -> Leaving {
        let of = |name: &str, kind| Shape {
            name: name.into(),
            namespace: None,
            occurs: Occurs::OPTIONAL,
            nillable: false,
            attributes: Vec::new(),
            kind,
            checking: Default::default(),
            form: Default::default(),
        };
        let mut simple = Simple::of(SimpleType::DateTime);
        simple.dates = Some(Dates { zone: Zone::named("utc"), fraction: Some(0) }.into());
        let mut secret = of("secret", ShapeKind::Any);
        secret.form.left_out = true;
        let parts = vec![of("at", ShapeKind::Simple(simple)), secret];
        Leaving::of(&of("", ShapeKind::Children(parts)), &JSON).unwrap()
    }

    fn left(document: &Document) -> String {
        let left = known().document(document, Limits::default()).unwrap();
        String::from_utf8(left.bytes().to_vec()).unwrap()
    }

    #[test]
    fn data_and_documents_leave_in_the_same_way() {
        let text = r#"{"at": "2026-03-01T01:00:00.5+01:00", "secret": {"a": 1}, "more": 1}"#;
        let mut data = Document::data(text.into());
        data.properties.set("kept", "yes");
        let written = r#"{"at":"2026-03-01T00:00:00Z","more":1}"#;
        assert_eq!(left(&data), written);
        assert_eq!(left(&Document::encoded(text.into(), &JSON, Limits::default())), written);
        let left = known().document(&data, Limits::default()).unwrap().into_owned();
        assert_eq!(left.properties.get("kept"), Some("yes"));
        // The process still has what does not leave.
        assert!(data.bytes().ends_with(b"\"more\": 1}"));
    }

    #[test]
    fn what_is_as_it_leaves_is_not_written_anew() {
        for text in ["{ \"at\" : \"2026-03-01T00:00:00Z\" }", "{ \"at\" : \"soon\" }", ""] {
            let document = Document::data(text.into());
            let left = known().document(&document, Limits::default()).unwrap().into_owned();
            assert_eq!(left.bytes().as_ptr(), document.bytes().as_ptr(), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_does_not_leave() {
        for text in ["{\"secret\": 1", "<secret/>"] {
            let failure = known().document(&Document::data(text.into()), Limits::default()).unwrap_err();
            assert_eq!((failure.code.as_str(), failure.status.as_u16()), ("unreadable-document", 500));
        }
    }
}
