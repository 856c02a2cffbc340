//! What the contract of an operation says beside its input and output: the faults it may answer with, its SOAP headers.

use std::sync::Arc;

use compact_str::CompactString;
use hyper::StatusCode;

use super::failure::{Blame, Failure};
use super::operation::Profile;
use crate::document::Document;
use crate::document::codec::Limits;

/// A failure that contracts name, with a detail of its own (WSDL 1.1, section 2.4.2).
#[derive(Debug)]
pub struct Fault {
    /// Its name: that of `wsdl:fault`, and the code of the failure.
    pub name: CompactString,
    /// What its detail looks like, where it has one.
    pub profile: Option<Arc<Profile>>,
    /// The status over HTTP; below 500 the caller is at fault.
    pub status: StatusCode,
    /// When it comes, in the words of the file; empty without.
    pub description: CompactString,
}

/// A fault that was thrown.
#[derive(Debug, Clone)]
pub struct Detail {
    /// Which.
    pub fault: Arc<Fault>,
    /// A document of its profile.
    pub document: Document,
}

/// A SOAP header block that contracts name (WSDL 1.1, section 3.7).
#[derive(Debug, Clone)]
pub struct Header {
    /// What it looks like; the root's name is the block's.
    pub profile: Arc<Profile>,
    /// Whether requests carry it.
    pub inbound: bool,
    /// Whether answers carry it.
    pub outbound: bool,
    /// Whether a request without it is refused.
    pub required: bool,
}

impl Fault {
    /// The failure that it is, with a text for the caller; `document` is its detail.
    ///
    /// # Errors
    /// The document is not of its profile: a fault of this gateway, which the failure then is.
    pub fn failure(self: &Arc<Self>, text: String, document: &Document) -> Result<Failure, Failure> {
        let blame = if self.status.is_client_error() { Blame::Client } else { Blame::Gateway };
        let mut failure = Failure::new(blame, self.status, self.name.as_str(), text).thrown();
        if let Some(profile) = &self.profile {
            let document = self.of(profile, document)?;
            failure.detail = Some(Detail { fault: Arc::clone(self), document });
        }
        Ok(failure)
    }

    /// The document with a tree of the profile's format and root, as it leaves.
    fn of(&self, profile: &Profile, document: &Document) -> Result<Document, Failure> {
        let wrong = |found: String| {
            let log =
                format!("the detail of fault {} is of profile {}, and was {found}", self.name, profile.name);
            Failure::internal("wrong-detail", log)
        };
        profile.leave(document, Limits::default()).map_err(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Occurs, Shape, ShapeKind};
    use crate::xml::XML;

    fn fault() -> Arc<Fault> {
        let shape = Shape {
            name: "Problem".into(),
            namespace: None,
            occurs: Occurs::ONCE,
            nillable: false,
            attributes: Vec::new(),
            kind: ShapeKind::Any,
            checking: Default::default(),
            form: Default::default(),
        };
        let profile = Profile::new("problem", &XML, shape);
        Arc::new(Fault {
            name: "OutOfStock".into(),
            profile: Some(Arc::new(profile)),
            status: StatusCode::CONFLICT,
            description: "".into(),
        })
    }

    #[test]
    fn the_document_becomes_the_detail() {
        let document = Document::data("<Problem>3 left</Problem>".into());
        let failure = fault().failure("Only 3 are left.".into(), &document).unwrap();
        assert_eq!(
            (failure.status.as_u16(), failure.code.as_str(), failure.thrown),
            (409, "OutOfStock", true)
        );
        assert_eq!(failure.blame, Blame::Client);
        let detail = failure.detail.as_ref().unwrap();
        assert_eq!(detail.document.tree().unwrap().string_value(), "3 left");
    }

    #[test]
    fn a_wrong_document_is_the_gateways_fault() {
        for text in ["<Other/>", "no XML"] {
            let failure = fault().failure("secret".into(), &Document::data(text.into())).unwrap_err();
            assert_eq!((failure.status.as_u16(), failure.code.as_str()), (500, "wrong-detail"), "{text}");
            assert!(failure.detail.is_none() && !failure.message.contains("secret"), "{text}");
        }
    }
}
