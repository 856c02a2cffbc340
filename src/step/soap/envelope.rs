//! The message of a call: header blocks, the document as its body, and what goes in parts of its own.

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use hyper::header::HeaderValue;

use crate::document::Document;
use crate::document::tree::Element;
use crate::pipeline::called::{CallKind, Called};
use crate::pipeline::failure::Failure;
use crate::pipeline::fits::{VIOLATIONS, fits};
use crate::pipeline::leaving::{Leaving, leaving};
use crate::pipeline::multipart::Multipart;
use crate::pipeline::operation::Profile;
use crate::pipeline::packed::{Outgoing, packed};
use crate::pipeline::run::Run;
use crate::schema::grammar::{ElementId, Grammar};
use crate::schema::{Format, validate};
use crate::soap::Version;
use crate::soap::encoding_write::encode;
use crate::soap::mtom::{Included, Packing};
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
    /// What is done with the document before it is written.
    pub(super) leaving: Option<Leaving>,
    /// What encodes the body, where the contract wants that.
    pub(super) encoding: Option<Encoding>,
    pub(super) blocks: Vec<Header>,
    /// The media type without parts, with the action in SOAP 1.2.
    pub(super) media_type: HeaderValue,
    /// The action; empty for none.
    pub(super) action: String,
    /// Whether data of the document goes in parts of its own, and from how many bytes on.
    pub(super) mtom: Option<usize>,
}

/// How bodies of one element are encoded (SOAP 1.1 section 5).
#[derive(Debug)]
pub(super) struct Encoding {
    pub(super) grammar: Arc<Grammar>,
    pub(super) root: ElementId,
}

/// A message, ready to be sent.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) media_type: HeaderValue,
    pub(super) body: Bytes,
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
    /// The message for a document, with these attachments.
    ///
    /// # Errors
    /// The document is not what the contract wants in the body, or cannot be put there; or the attachments do not go together.
    pub(super) fn write(
        &self,
        run: &Run,
        document: &Document,
        attachments: &[Document],
        system: &Arc<str>,
    ) -> Result<Message, Failure> {
        let mut packing = self.mtom.map(Packing::new);
        let envelope = self.envelope(run, document, packing.as_mut(), system)?;
        let outgoing = Outgoing { version: self.version, action: &self.action, envelope: &envelope };
        Ok(match packed(&outgoing, packing, attachments)? {
            Some(Multipart { media_type, body }) => Message { media_type, body },
            None => Message { media_type: self.media_type.clone(), body: envelope },
        })
    }

    fn envelope(
        &self,
        run: &Run,
        document: &Document,
        packing: Option<&mut Packing>,
        system: &Arc<str>,
    ) -> Result<Bytes, Failure> {
        let sent = leaving(self.leaving.as_ref(), document, run.request().limits)?;
        let root = match &self.body {
            Body::Empty => None,
            Body::Any if document.is_empty() => None,
            Body::Of(_) | Body::Any => Some(tree(&sent, system)?),
        };
        if let Some(root) = root.filter(|root| is_envelope(root)) {
            if let Body::Of(profile) = &self.body {
                self.check_whole(profile, root, system)?;
            }
            carried(sent.bytes(), root, system)?;
            return Ok(sent.bytes().clone());
        }
        let mut root = root.map(Cow::Borrowed);
        if let (Body::Of(profile), Some(whole)) = (&self.body, &mut root) {
            check(profile, whole, system)?;
            if let Some(packing) = packing {
                let taken = packing.take(whole, &profile.shape).map_err(|Included| {
                    let log =
                        "an xop:Include stands in the document, which MTOM forbids: data is base64 in it";
                    mapping(system, log.to_owned())
                })?;
                *whole = Cow::Owned(taken);
            }
        }
        if let (Some(encoding), Some(whole)) = (&self.encoding, &mut root) {
            encode(whole.to_mut(), &encoding.grammar, encoding.root, self.version);
        }
        let mut blocks = Vec::with_capacity(self.blocks.len());
        for block in &self.blocks {
            blocks.extend(block.make(run, document, self.version)?);
        }
        let mut out = Vec::with_capacity(document.size().saturating_add(512));
        self.frame.begin(self.version, &blocks, &mut out);
        if let Some(root) = root {
            let begins = out.len();
            write_element(&root, None, &mut out);
            carried(out.get(begins..).unwrap_or_default(), &root, system)?;
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

fn mapping(system: &Arc<str>, log: String) -> Failure {
    Called::new(system, CallKind::Mapping, "wrong-document").failure(log)
}

fn is_envelope(root: &Element) -> bool {
    root.name.local == "Envelope"
        && root.name.namespace.as_deref().is_some_and(|ns| Version::of(ns).is_some())
}

/// The document as XML.
fn tree<'a>(document: &'a Document, system: &Arc<str>) -> Result<&'a Element, Failure> {
    if document.codec().is_none_or(|codec| codec.format() != "xml") {
        let found = document.codec().map_or("plain data", |codec| codec.format());
        return Err(mapping(
            system,
            format!("the body of a call is XML, and the document is {found}: map it first"),
        ));
    }
    document.tree().map_err(|malformed| mapping(system, format!("the document cannot be read: {malformed}")))
}

/// That XML can carry what was written: where it cannot, the writer has put U+FFFD, which few texts hold themselves.
fn carried(written: &[u8], root: &Element, system: &Arc<str>) -> Result<(), Failure> {
    if memchr::memchr(0xEF, written).is_none() {
        return Ok(());
    }
    match uncarried_in(root) {
        Some((path, why)) => Err(mapping(system, format!("{path} cannot be sent: {why}"))),
        None => Ok(()),
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
