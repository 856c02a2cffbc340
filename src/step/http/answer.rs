//! What an `http` step makes of an answer.

use bytes::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderMap};

use super::Http;
use crate::client::Answer;
use crate::document::Document;
use crate::document::codec::{CodecRef, Limits};
use crate::document::json::JSON;
use crate::document::text::{is_plain_utf8, to_utf8};
use crate::mime::{self, MediaType, RELATED, Related};
use crate::pipeline::called::{CallKind, Called};
use crate::pipeline::failure::Failure;
use crate::pipeline::parts::documents;
use crate::pipeline::run::Run;
use crate::pipeline::step::Documents;
use crate::step::beside::kept;
use crate::step::fields::answered;
use crate::xml::XML;

impl Http {
    /// The failure of an answer whose status is not expected.
    pub(super) fn unexpected(&self, answer: &Answer) -> Failure {
        let kind = match answer.status.as_u16() {
            401 | 403 | 407 => CallKind::Security,
            _ => CallKind::Status,
        };
        let cause = match answer.status.as_u16() {
            401 => "unauthorized",
            403 => "forbidden",
            300..=399 => "redirected",
            _ => "unexpected-status",
        };
        let called = Called::new(&self.server.name, kind, cause);
        let called = called.answered(answer.status, &answer.headers, &answer.body);
        let begins = called.excerpt.as_deref().map(|text| text.chars().take(200).collect::<String>());
        called.failure(match begins {
            Some(text) => format!("answered {}: {text}", answer.status),
            None => format!("answered {}", answer.status),
        })
    }

    /// The document that an answer becomes.
    pub(super) fn document(
        &self,
        run: &Run,
        document: &Document,
        answer: Answer,
    ) -> Result<Document, Failure> {
        let Answer { status, headers, body, .. } = answer;
        let (limits, held) = (run.request().limits, body.len());
        let given = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let media = given.and_then(MediaType::parse);
        let (media, body, beside) = match media {
            Some(media) if self.kept_parts.is_some() && media.is_multipart() => {
                self.apart(media, body, limits)?
            }
            media => (media, body, Documents::new()),
        };
        let mut out = document.replaced(self.read(media.as_ref(), body, limits)?);
        if self.profile.is_some() && !out.is_empty() {
            // Where the file says what it is, what is not so is a failure of this call.
            out.tree().map_err(|malformed| {
                let called = Called::new(&self.server.name, CallKind::Mapping, "malformed-answer");
                called.failure(format!("the answer cannot be read: {malformed}"))
            })?;
        }
        answered(&mut out, status, &headers, &self.kept);
        kept(run, &mut out, self.kept_parts.as_deref(), beside, held)?;
        Ok(out)
    }

    /// A multipart answer: its root with what belongs to it, or itself with all its parts.
    fn apart(
        &self,
        media: MediaType,
        body: Bytes,
        limits: Limits,
    ) -> Result<(Option<MediaType>, Bytes, Documents), Failure> {
        let read = || match media.essence == RELATED {
            true => {
                let Related { root, others } = Related::read(&body, &media, &limits)?;
                Ok((root.media_type(), root.content()?, documents(&others, limits)?))
            }
            false => {
                let all = documents(&mime::parts(&body, &media, &limits)?, limits)?;
                Ok((Some(media.clone()), body.clone(), all))
            }
        };
        read().map_err(|why: mime::Refused| {
            let called = Called::new(&self.server.name, CallKind::Mapping, "malformed-answer");
            called.failure(format!("the parts of the answer cannot be read: {why}"))
        })
    }

    /// A body of that type as a document, without properties.
    fn read(&self, media: Option<&MediaType>, body: Bytes, limits: Limits) -> Result<Document, Failure> {
        let codec: Option<CodecRef> = match (&self.profile, media) {
            (Some(profile), _) => Some(profile.codec.clone()),
            (None, Some(media)) if media.is_xml() => Some((&XML).into()),
            (None, Some(media)) if media.is_json() => Some((&JSON).into()),
            _ => None,
        };
        let charset = media.and_then(|media| media.parameter("charset"));
        Ok(match codec {
            Some(codec) if codec.format() == "xml" || codec.is_typed() => {
                let text = to_utf8(body, charset).map_err(|malformed| {
                    let called = Called::new(&self.server.name, CallKind::Mapping, "bad-charset");
                    called.failure(format!("the answer cannot be read: {malformed}"))
                })?;
                match text.is_empty() {
                    true => Document::empty(),
                    false => Document::encoded(text, codec, limits),
                }
            }
            Some(codec) => Document::encoded(body, codec, limits),
            None => Document::data(body),
        })
    }
}

/// Whether an answer goes on as it comes: what would be another text in UTF-8 does not, which is how documents are held.
pub(super) fn goes_on(headers: &HeaderMap, start: &[u8]) -> bool {
    let given = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let Some(media) = given.and_then(MediaType::parse) else { return true };
    !(media.is_xml() || media.is_json()) || is_plain_utf8(start, media.parameter("charset"))
}
