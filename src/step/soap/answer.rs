//! What a call over SOAP is answered with: told apart, checked, and made a document or a failure.

use std::sync::Arc;

use bytes::Bytes;
use hyper::StatusCode;
use hyper::header::CONTENT_TYPE;

use crate::client::{ANSWER_TOO_LARGE, Answer};
use crate::document::Document;
use crate::document::codec::{Codec as _, Limits};
use crate::document::text::to_utf8;
use crate::document::tree::{Element, Name};
use crate::mime::{MediaType, Refused as MimeRefused};
use crate::pipeline::called::{CallKind, Called};
use crate::pipeline::failure::Failure;
use crate::pipeline::fits::{VIOLATIONS, fits};
use crate::pipeline::operation::Profile;
use crate::pipeline::parts::documents;
use crate::pipeline::step::Documents;
use crate::schema::{Format, validate};
use crate::soap::Version;
use crate::soap::encoded;
use crate::soap::envelope::{Message, take};
use crate::soap::header::{Block, Roles};
use crate::soap::packed::{Packed, Refused, unpack};
use crate::soap::received::ReceivedFault;
use crate::soap::xop::inline;
use crate::xml::XML;

/// What an answer must be.
#[derive(Debug)]
pub(super) struct Expected {
    pub(super) body: Body,
    /// The faults of the contract: each name with the element of its detail.
    pub(super) faults: Vec<(String, Option<Name>)>,
}

/// What stands in the body of an answer.
#[derive(Debug)]
pub(super) enum Body {
    /// Nothing is answered.
    OneWay,
    /// Nothing stands in it.
    Empty,
    /// An element of the contract.
    Of(Arc<Profile>),
    /// Any element.
    Any,
    /// Any element, and the envelope around it becomes the document.
    Envelope,
}

/// An answer that was read.
#[derive(Debug)]
pub(super) struct Read {
    /// The document; `None` where nothing is answered.
    pub(super) body: Option<Document>,
    /// The header blocks.
    pub(super) blocks: Vec<Block>,
    /// The parts beside the envelope that nothing in it includes.
    pub(super) parts: Documents,
}

/// Reads an answer.
///
/// # Errors
/// It is a fault, no envelope, or not what is expected; each is told apart.
pub(super) fn read(
    expected: &Expected,
    system: &Arc<str>,
    answer: &Answer,
    limits: Limits,
) -> Result<Read, Failure> {
    let reading = Reading { expected, system, answer, limits };
    if answer.body.is_empty() {
        return reading.empty();
    }
    let packed = reading.unpack()?;
    let (text, mut root) = reading.parse(packed.as_ref())?;
    let beside = inline(&mut root, &text, packed.as_ref()).map_err(|why| reading.unpacked(why))?;
    let read = reading.envelope(&text, root, packed.as_ref())?;
    let parts = documents(beside, limits).map_err(|why| reading.unpacked(Refused::Parts(why)))?;
    Ok(Read { parts, ..read })
}

struct Reading<'a> {
    expected: &'a Expected,
    system: &'a Arc<str>,
    answer: &'a Answer,
    limits: Limits,
}

impl Reading<'_> {
    /// A failure with what came.
    fn failed(&self, kind: CallKind, cause: &'static str) -> Called {
        let Answer { status, headers, body, .. } = self.answer;
        Called::new(self.system, kind, cause).answered(*status, headers, body)
    }

    fn transport(&self, cause: &'static str, log: &str) -> Failure {
        let begins =
            String::from_utf8_lossy(self.answer.body.get(..200).unwrap_or(&self.answer.body)).into_owned();
        let log = format!("answered {}: {log}", self.answer.status);
        let log = if begins.is_empty() { log } else { format!("{log}: {begins}") };
        self.failed(CallKind::Transport, cause).failure(log)
    }

    /// An answer without a body: right for what is not answered, wrong for all else.
    fn empty(&self) -> Result<Read, Failure> {
        let status = self.answer.status;
        if matches!(self.expected.body, Body::Any | Body::Envelope) && matches!(status.as_u16(), 202 | 204) {
            return Ok(Read { body: Some(Document::empty()), blocks: Vec::new(), parts: Documents::new() });
        }
        let is_right = matches!(self.expected.body, Body::OneWay) && status.is_success();
        if is_right {
            return Ok(Read { body: None, blocks: Vec::new(), parts: Documents::new() });
        }
        Err(match status.as_u16() {
            200..=299 => self.transport("empty-answer", "there is no envelope"),
            _ => self.not_soap(),
        })
    }

    /// The failure of an answer that is no envelope, by its status and its looks.
    fn not_soap(&self) -> Failure {
        let status = self.answer.status;
        match status.as_u16() {
            401 | 403 | 407 => {
                let cause = if status == StatusCode::FORBIDDEN { "forbidden" } else { "unauthorized" };
                self.failed(CallKind::Security, cause).failure(format!("answered {status}"))
            }
            300..=399 => self.transport("redirected", "it says to look elsewhere, which is not followed"),
            _ if self.looks_like_html(self.media().as_ref()) => {
                self.transport("html-answer", "it is a page for people")
            }
            400..=599 => self.transport("unexpected-status", "it is no envelope"),
            _ => self.transport("not-soap", "it is no envelope"),
        }
    }

    fn media(&self) -> Option<MediaType> {
        self.answer.headers.get(CONTENT_TYPE)?.to_str().ok().and_then(MediaType::parse)
    }

    fn looks_like_html(&self, media: Option<&MediaType>) -> bool {
        let start =
            self.answer.body.get(..64.min(self.answer.body.len())).unwrap_or_default().trim_ascii_start();
        let starts = |with: &[u8]| start.get(..with.len()).is_some_and(|it| it.eq_ignore_ascii_case(with));
        starts(b"<!doctype html")
            || starts(b"<html")
            || media.is_some_and(|media| media.essence.contains("html"))
    }

    /// Takes an answer of several parts apart; `None` for any other.
    fn unpack(&self) -> Result<Option<Packed>, Failure> {
        // Some say it of an envelope that stands alone.
        if self.answer.body.trim_ascii_start().starts_with(b"<") {
            return Ok(None);
        }
        unpack(&self.answer.body, self.media().as_ref(), &self.limits).map_err(|why| self.unpacked(why))
    }

    /// The failure of an answer whose parts do not make a message.
    fn unpacked(&self, why: Refused) -> Failure {
        match why {
            Refused::Parts(_) | Refused::NoEnvelope(_) if !self.answer.status.is_success() => self.not_soap(),
            Refused::Parts(MimeRefused::Malformed(why)) => {
                self.transport("malformed-answer", &format!("its parts cannot be read: {why}"))
            }
            Refused::Parts(MimeRefused::Beyond(why)) => {
                self.transport(ANSWER_TOO_LARGE, &format!("its parts cannot be read: {why}"))
            }
            Refused::Beyond(most) => {
                let log = format!("it includes more than {most} bytes of its parts");
                self.transport(ANSWER_TOO_LARGE, &log)
            }
            Refused::NoEnvelope(found) => {
                self.transport("not-soap", &format!("its first part is {found}, which is no envelope"))
            }
            Refused::Include(why) => self
                .failed(CallKind::Mapping, "bad-include")
                .failure(format!("the answer cannot be put together: {why}")),
        }
    }

    /// The text of the envelope and its tree.
    fn parse(&self, packed: Option<&Packed>) -> Result<(Bytes, Element), Failure> {
        let media = packed.map(|packed| packed.media.clone()).or_else(|| self.media());
        let envelope = packed.map_or(&self.answer.body, |packed| &packed.envelope);
        // What it is called counts for little: many send faults as plain text or as pages.
        let first = envelope.trim_ascii_start().first();
        let starts_as_xml = first.is_none_or(|b| !b.is_ascii() || *b == b'<' || *b == 0);
        if !starts_as_xml || (packed.is_none() && self.looks_like_html(media.as_ref())) {
            return Err(self.not_soap());
        }
        let charset = media.as_ref().and_then(|media| media.parameter("charset"));
        let malformed = |why: String| match self.answer.status.as_u16() {
            200..=299 => self.transport("malformed-answer", &format!("it is not well-formed XML: {why}")),
            _ => self.not_soap(),
        };
        let text = to_utf8(envelope.clone(), charset).map_err(|why| malformed(why.to_string()))?;
        let root = XML.decode(&text, &self.limits).map_err(|why| malformed(why.to_string()))?;
        Ok((text, root))
    }

    fn envelope(&self, text: &Bytes, root: Element, packed: Option<&Packed>) -> Result<Read, Failure> {
        let is_envelope = root.name.local == "Envelope";
        let whole = matches!(self.expected.body, Body::Envelope).then(|| root.clone());
        let message = match take(root, Version::ALL, &Roles::default()) {
            Ok(message) => message,
            Err(_) if !is_envelope => return Err(self.not_soap()),
            Err(why) => {
                return Err(self.transport("not-soap", &format!("the envelope is not right: {why:?}")));
            }
        };
        if message.root().is_some_and(|body| body.name.is(message.version.namespace(), "Fault")) {
            return Err(self.fault(text, message));
        }
        if !self.answer.status.is_success() {
            return Err(self.transport("unexpected-status", "the envelope is no fault"));
        }
        self.body(message, whole, packed)
    }

    fn fault(&self, text: &[u8], mut message: Message) -> Failure {
        let text = String::from_utf8_lossy(text);
        let mut fault = ReceivedFault::read(&text, &self.limits).unwrap_or_default();
        // What an encoded detail refers to stands behind the fault.
        if message.is_encoded
            && let Ok(Some(whole)) = message.take_body(true, &self.limits, &|_| false)
        {
            fault.take_detail(&whole);
        }
        let mut called = self.failed(CallKind::Fault, "fault");
        let detail = fault.detail.first().map(|detail| &detail.name);
        // A fault whose detail the contract gives by a type has an element of its own name at best.
        let is_it = |(name, element): &&(String, Option<Name>)| match element {
            Some(element) => Some(element) == detail,
            None => detail.is_some_and(|detail| detail.local == name.as_str()),
        };
        let declared = self.expected.faults.iter().find(is_it);
        called.name = declared.map(|(name, _)| name.clone());
        let code = fault.code.local.clone();
        let log = format!(
            "answered with the fault {code}: {}",
            fault.reason().chars().take(500).collect::<String>()
        );
        called.fault = Some(Box::new(fault));
        called.blocks = message.blocks.into_iter().map(|block| block.element).collect();
        called.failure(log)
    }

    fn body(
        &self,
        mut message: Message,
        whole: Option<Element>,
        packed: Option<&Packed>,
    ) -> Result<Read, Failure> {
        let is_encoded = message.is_encoded;
        let names_part = |address: &str| packed.is_some_and(|packed| packed.names(address));
        let body = message.take_body(is_encoded, &self.limits, &names_part);
        let badly_encoded = |why: String| {
            self.failed(CallKind::Mapping, "bad-encoding").failure(format!("the body cannot be read: {why}"))
        };
        let body = body.map_err(|why| badly_encoded(format!("{why:?}")))?;
        let blocks = message.blocks;
        let document = match (&self.expected.body, body) {
            (Body::OneWay, _) => None,
            (Body::Envelope, _) => whole.map(|root| Document::tree_of(root, &XML)),
            (Body::Empty, _) => Some(Document::empty()),
            (Body::Any, Some(root)) => Some(Document::tree_of(root, &XML)),
            (Body::Any, None) => Some(Document::empty()),
            (Body::Of(profile), Some(mut root)) => {
                if is_encoded {
                    encoded::fit(&mut root, &profile.shape).map_err(badly_encoded)?;
                }
                self.check(profile, &root)?;
                Some(Document::tree_of(root, &XML))
            }
            (Body::Of(profile), None) => {
                let log =
                    format!("the body is empty, and {} is expected in it", profile.shape.element_name());
                return Err(self.failed(CallKind::Validation, "invalid-answer").failure(log));
            }
        };
        Ok(Read { body: document, blocks, parts: Documents::new() })
    }

    fn check(&self, profile: &Profile, root: &Element) -> Result<(), Failure> {
        let invalid = |log: String| self.failed(CallKind::Validation, "invalid-answer").failure(log);
        let wanted = profile.shape.element_name();
        if root.name != wanted {
            return Err(invalid(format!("the body is {}, and {wanted} is expected", root.name)));
        }
        fits(validate(root, &profile.shape, Format::Xml, VIOLATIONS), None)
            .map_err(|failure| invalid(format!("the answer does not fit the contract: {}", failure.message)))
    }
}
