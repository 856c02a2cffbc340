//! Messages of several parts as this side has them: what is wrong with one, and whether its sender reads such answers.

use hyper::StatusCode;
use hyper::header::{ACCEPT, CONTENT_TYPE};
use memchr::memmem;

use super::super::accept::accepted;
use super::super::parts;
use crate::document::Document;
use crate::mime::{MediaType, RELATED};
use crate::pipeline::endpoint::{Reply, Request};
use crate::pipeline::failure::Failure;
use crate::pipeline::packed::{Outgoing, packed};
use crate::soap::Version;
use crate::soap::mtom::Packing;
use crate::soap::packed::{Packed, Refused};
use crate::soap::xop::XOP_TYPE;

/// The failure of a message that is not put together.
pub(super) fn refused(why: Refused) -> Failure {
    match why {
        Refused::Parts(why) => parts::refused(&why),
        Refused::NoEnvelope(found) => {
            let found: String = found.chars().take(60).collect();
            let message = format!(
                "The envelope's part is {found}; it is sent as text/xml (SOAP 1.1), application/soap+xml (SOAP 1.2) or {XOP_TYPE}."
            );
            Failure::client(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", message)
        }
        Refused::Include(why) => {
            let message = format!("The message cannot be put together: {why}.");
            Failure::client(StatusCode::BAD_REQUEST, "bad-include", message)
        }
        Refused::Beyond(most) => {
            let message = format!("The message refers to more than {most} bytes in its parts.");
            Failure::client(StatusCode::PAYLOAD_TOO_LARGE, "limit-passed", message)
        }
    }
}

/// Whether the sender reads data in parts of its own: it sent some so, or says so.
pub(super) fn is_spoken(packed: Option<&Packed>, request: &Request) -> bool {
    if packed.is_some_and(|packed| packed.is_xop) {
        return true;
    }
    let mut lines = request.headers.get_all(ACCEPT).iter();
    if !lines.any(|line| memmem::find(line.as_bytes(), b"xop+xml").is_some()) {
        return false;
    }
    let accept = accepted(&request.headers).unwrap_or_default();
    let wanted = |media: MediaType| {
        media.essence == RELATED
            && media.parameter("type") == Some(XOP_TYPE)
            && media.parameter("q").is_none_or(|q| !q.trim_matches(['0', '.']).is_empty())
    };
    accept.split(',').filter_map(MediaType::parse).any(wanted)
}

/// An answer with its data and its attachments in parts of their own: MTOM where data was taken out or `always`, else an
/// envelope with attachments; as it is with neither.
///
/// # Errors
/// The attachments do not go together.
pub(super) fn with_parts(
    mut reply: Reply,
    version: Version,
    packing: Option<Packing>,
    always: bool,
    attachments: &[Document],
) -> Result<Reply, Failure> {
    let packing = packing.filter(|packing| always || !packing.parts.is_empty());
    let outgoing = Outgoing { version, action: "", envelope: &reply.body };
    let Some(whole) = packed(&outgoing, packing, attachments)? else { return Ok(reply) };
    reply.headers.insert(CONTENT_TYPE, whole.media_type);
    Ok(Reply { body: whole.body, ..reply })
}
