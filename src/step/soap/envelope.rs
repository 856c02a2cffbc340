//! The envelope of a call: header blocks, and the document as its body.

use std::sync::Arc;

use bytes::Bytes;

use crate::document::Document;
use crate::document::tree::Element;
use crate::pipeline::called::{CallKind, Called};
use crate::pipeline::failure::Failure;
use crate::pipeline::fits::{VIOLATIONS, fits};
use crate::pipeline::operation::Profile;
use crate::pipeline::run::Run;
use crate::schema::{Format, validate};
use crate::soap::Version;
use crate::soap::write::Frame;
use crate::step::header::Header;
use crate::xml::{uncarried_in, write_element};

/// What makes the envelopes of a step.
#[derive(Debug)]
pub(super) struct Writer {
    pub(super) version: Version,
    /// What stands around the body.
    pub(super) frame: Frame,
    pub(super) body: Body,
    pub(super) blocks: Vec<Header>,
}

/// What stands in the body of a request.
#[derive(Debug)]
pub(super) enum Body {
    /// Nothing.
    Empty,
    /// The document, which is of that element of the contract, or an envelope with one in its body.
    Of(Arc<Profile>),
    /// The document, whatever it is; one that is an envelope is sent as it is.
    Any,
}

impl Writer {
    /// The envelope for a document.
    ///
    /// # Errors
    /// The document is not what the contract wants in the body, or cannot be put there.
    pub(super) fn write(&self, run: &Run, document: &Document, system: &Arc<str>) -> Result<Bytes, Failure> {
        let root = match &self.body {
            Body::Empty => None,
            Body::Any if document.is_empty() => None,
            Body::Of(_) | Body::Any => Some(tree(document, system)?),
        };
        if let Some(root) = root.filter(|root| is_envelope(root)) {
            if let Body::Of(profile) = &self.body {
                self.check_whole(profile, root, system)?;
            }
            return Ok(document.bytes().clone());
        }
        if let (Body::Of(profile), Some(root)) = (&self.body, root) {
            check(profile, root, system)?;
        }
        let mut blocks = Vec::with_capacity(self.blocks.len());
        for block in &self.blocks {
            blocks.extend(block.make(run, document, self.version)?);
        }
        let mut out = Vec::with_capacity(document.size().saturating_add(512));
        self.frame.begin(self.version, &blocks, &mut out);
        if let Some(root) = root {
            write_element(root, None, &mut out);
        }
        out.extend_from_slice(&self.frame.after);
        Ok(Bytes::from(out))
    }

    /// Checks a whole envelope against the contract.
    fn check_whole(&self, profile: &Profile, root: &Element, system: &Arc<str>) -> Result<(), Failure> {
        let namespace = self.version.namespace();
        let body = root
            .elements()
            .find(|child| root.name.is(namespace, "Envelope") && child.name.is(namespace, "Body"));
        match body.map(|body| body.elements().next()) {
            Some(Some(element)) => check(profile, element, system),
            Some(None) => Err(invalid(
                system,
                format!("its body is empty, and {} is expected in it", profile.shape.element_name()),
            )),
            None => Err(invalid(system, format!("it is no envelope of {namespace} with a body"))),
        }
    }
}

fn is_envelope(root: &Element) -> bool {
    root.name.local == "Envelope"
        && root.name.namespace.as_deref().is_some_and(|ns| Version::of(ns).is_some())
}

/// The document as XML.
fn tree<'a>(document: &'a Document, system: &Arc<str>) -> Result<&'a Element, Failure> {
    let mapping = |log: String| Called::new(system, CallKind::Mapping, "wrong-document").failure(log);
    if document.codec().is_none_or(|codec| codec.format() != "xml") {
        let found = document.codec().map_or("plain data", |codec| codec.format());
        return Err(mapping(format!("the body of a call is XML, and the document is {found}: map it first")));
    }
    let root =
        document.tree().map_err(|malformed| mapping(format!("the document cannot be read: {malformed}")))?;
    match uncarried_in(root) {
        Some((path, why)) => Err(mapping(format!("{path} cannot be sent: {why}"))),
        None => Ok(root),
    }
}

/// A request that is against the contract.
fn invalid(system: &Arc<str>, log: String) -> Failure {
    Called::new(system, CallKind::Validation, "invalid-request").failure(log)
}

/// Checks a request against the contract: what does not fit is not sent.
fn check(profile: &Profile, root: &Element, system: &Arc<str>) -> Result<(), Failure> {
    let wanted = profile.shape.element_name();
    if root.name != wanted {
        return Err(invalid(system, format!("the request is {wanted}, and the document is {}", root.name)));
    }
    fits(validate(root, &profile.shape, Format::Xml, VIOLATIONS), None).map_err(|failure| {
        let mut of_call =
            invalid(system, format!("the request does not fit the contract: {}", failure.message));
        of_call.violations.clone_from(&failure.violations);
        of_call
    })
}
