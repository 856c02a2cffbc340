//! Messages of several parts: the envelope and what came beside it (SOAP with Attachments, MTOM).

use bytes::Bytes;
use compact_str::CompactString;

use super::Version;
use super::xop::XOP_TYPE;
use crate::document::codec::Limits;
use crate::mime::{self, MediaType, Part, RELATED, Related, reference};

/// A message of several parts.
#[derive(Debug)]
pub struct Packed {
    /// The media type of the envelope, with the parameters that say its character set and action.
    pub media: MediaType,
    /// The version that the media types speak of; `None` where they count for nothing: clients say 1.1 there, whatever
    /// they send, because their library knows no other.
    pub version: Option<Version>,
    /// The envelope.
    pub envelope: Bytes,
    /// Whether data stands in other parts.
    pub is_xop: bool,
    /// The parts beside the envelope, in order.
    pub(super) others: Vec<Part>,
    /// Bytes of the whole message.
    pub(super) size: usize,
}

/// Why a message of several parts is not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// Its parts are not.
    Parts(mime::Refused),
    /// The part that should be the envelope is of that media type.
    NoEnvelope(CompactString),
    /// An `Include` is not as it must be, or stands where none may.
    Include(&'static str),
    /// What it includes has more bytes than that.
    Beyond(usize),
}

impl From<mime::Refused> for Refused {
    fn from(why: mime::Refused) -> Self {
        Self::Parts(why)
    }
}

/// The version whose messages have this media type over HTTP.
pub fn binding(media: &MediaType) -> Option<Version> {
    match media.essence.as_str() {
        "text/xml" | "application/xml" => Some(Version::V11),
        "application/soap+xml" => Some(Version::V12),
        _ => None,
    }
}

/// Takes a multipart message apart; `None` for any other.
///
/// # Errors
/// Its parts cannot be read, or none of them is an envelope.
pub fn unpack(body: &Bytes, media: Option<&MediaType>, limits: &Limits) -> Result<Option<Packed>, Refused> {
    let Some(outer) = media.filter(|media| media.essence == RELATED) else { return Ok(None) };
    let Related { root, others } = Related::read(body, outer, limits)?;
    let envelope = root.content()?;
    let outer_type = outer.parameter("type").and_then(MediaType::parse);
    let own = root.media_type().or_else(|| outer_type.clone());
    let untold = || mime::Refused::Malformed("its first part does not say what it is".to_owned());
    let own = own.ok_or_else(untold)?;
    let is_xop = [Some(&own), outer_type.as_ref()].into_iter().flatten().any(|m| m.essence == XOP_TYPE);
    let info = [outer.parameter("start-info"), own.parameter("type")];
    let info: Vec<MediaType> = info.into_iter().flatten().filter_map(MediaType::parse).collect();
    let version = binding(&own);
    if version.is_none() && !is_xop {
        return Err(Refused::NoEnvelope(own.essence));
    }
    // Some say the action beside the type of the whole, some within that of the envelope.
    let action = [outer, &own].into_iter().chain(&info).find_map(|media| media.parameter("action"));
    let action = action.map(|action| (CompactString::from("action"), action.into()));
    let charset = own.parameter("charset").map(|charset| (CompactString::from("charset"), charset.into()));
    let parameters = action.into_iter().chain(charset).collect();
    let media = MediaType { essence: own.essence.clone(), parameters };
    Ok(Some(Packed { media, version, envelope, is_xop, others, size: body.len() }))
}

impl Packed {
    /// Whether an address names one of the parts beside the envelope.
    pub fn names(&self, address: &str) -> bool {
        reference(address).is_some_and(|id| self.others.iter().any(|part| part.id() == Some(id.as_str())))
    }
}
