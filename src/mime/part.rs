//! A part: its header fields, and its body as it was sent.

use bytes::Bytes;
use compact_str::CompactString;

use super::disposition::Disposition;
use super::fields::Fields;
use super::media_type::MediaType;
use super::{Refused, transfer};
use crate::document::coding::Coding;

/// A part of a body. What it holds is a slice of the whole, not a copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub(super) fields: Fields,
    /// The body in its transfer encoding.
    pub body: Bytes,
}

impl Part {
    /// The first field of a name, given in lower case.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// All fields in order, their names in lower case.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// `Content-Type`, where it is one.
    pub fn media_type(&self) -> Option<MediaType> {
        MediaType::parse(self.field("content-type")?)
    }

    /// `Content-ID` without its angle brackets (RFC 2392); `None` for an empty one.
    pub fn id(&self) -> Option<&str> {
        self.field("content-id").map(bare).filter(|id| !id.is_empty())
    }

    /// `Content-Disposition`; an empty one when there is none.
    pub fn disposition(&self) -> Disposition {
        self.field("content-disposition").map(Disposition::parse).unwrap_or_default()
    }

    /// The body with its transfer encoding undone (RFC 2045, section 6): the same bytes where there is none.
    ///
    /// # Errors
    /// The encoding is not known, or the body is not written in it.
    pub fn content(&self) -> Result<Bytes, Refused> {
        transfer::decode(self.field("content-transfer-encoding").unwrap_or_default(), &self.body)
    }
}

/// A content id without white space and angle brackets around.
fn bare(id: &str) -> &str {
    let id = id.trim();
    id.strip_prefix('<').and_then(|id| id.strip_suffix('>')).unwrap_or(id).trim()
}

/// Whether a text can be written as a content id: it stands in angle brackets, and in addresses (RFC 2392).
pub fn is_id(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'<' | b'>' | b'"'))
}

/// The content id that a `cid:` address names, decoded (RFC 2392); `None` for another kind of address.
pub fn reference(address: &str) -> Option<CompactString> {
    let address = address.trim();
    let scheme = address.get(..4).filter(|scheme| scheme.eq_ignore_ascii_case("cid:"))?;
    let id = bare(address.get(scheme.len()..)?);
    let decoded = Coding::Url.decode(id.as_bytes()).ok();
    // What is no escape stays: some clients write a `%` as it is.
    Some(decoded.and_then(|bytes| CompactString::from_utf8(bytes).ok()).unwrap_or_else(|| id.into()))
}
