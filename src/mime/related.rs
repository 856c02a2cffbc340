//! multipart/related: a root and the parts that belong to it (RFC 2387).

use bytes::Bytes;
use compact_str::CompactString;

use super::media_type::MediaType;
use super::part::Part;
use super::{Refused, malformed, read};
use crate::document::codec::Limits;

/// The media type of a root with what belongs to it.
pub const RELATED: &str = "multipart/related";

/// A body of this type, taken apart.
#[derive(Debug)]
pub struct Related {
    /// The part that `start` names, or the first.
    pub root: Part,
    /// All others, in order.
    pub others: Vec<Part>,
}

impl Related {
    /// Takes a body apart that is of that media type.
    ///
    /// # Errors
    /// Its parts cannot be read, two have one id, or there is no root.
    pub fn read(body: &Bytes, media: &MediaType, limits: &Limits) -> Result<Self, Refused> {
        let mut others = parts(body, media, limits)?;
        distinct(&others)?;
        let root = match media.parameter("start").map(str::trim).filter(|start| !start.is_empty()) {
            // Without one it is the first (RFC 2387, section 3.2).
            None => 0,
            Some(start) => {
                let id = start.trim_start_matches('<').trim_end_matches('>');
                let found = others.iter().position(|part| part.id() == Some(id));
                found.ok_or_else(|| malformed("the part that `start` names is not in it"))?
            }
        };
        if root >= others.len() {
            return Err(malformed("it has no parts"));
        }
        let root = others.remove(root);
        Ok(Self { root, others })
    }
}

/// The parts of a body of a multipart type, in order.
///
/// # Errors
/// The type names no boundary, or as [`read`].
pub fn parts(body: &Bytes, media: &MediaType, limits: &Limits) -> Result<Vec<Part>, Refused> {
    let boundary = media.parameter("boundary");
    let boundary = boundary.ok_or_else(|| malformed("its media type has no boundary parameter"))?;
    read(body, boundary, limits)
}

/// A part is found by its id, which must therefore be its own.
fn distinct(parts: &[Part]) -> Result<(), Refused> {
    let mut ids: Vec<&str> = parts.iter().filter_map(Part::id).collect();
    ids.sort_unstable();
    match ids.windows(2).any(|pair| matches!(pair, [a, b] if a == b)) {
        true => Err(malformed("two of its parts have one Content-ID")),
        false => Ok(()),
    }
}

/// A root to be written.
#[derive(Debug)]
pub struct Root<'a> {
    /// The media type of the whole tells this one of it (RFC 2387, section 3.1).
    pub kind: &'a str,
    /// What the root is wrapped as (RFC 2387, section 3.3); empty for nothing.
    pub info: &'a str,
    /// What a SOAP message is for, said beside the type of the whole too: some look there alone; empty for nothing.
    pub action: &'a str,
    /// Its `Content-Type`.
    pub content_type: &'a str,
    /// Its `Content-Transfer-Encoding`.
    pub encoding: &'a str,
    /// Its bytes.
    pub body: &'a [u8],
}

/// Bytes that a root refers to by their content id.
#[derive(Debug)]
pub struct Referenced {
    /// The id, without angle brackets.
    pub id: String,
    /// Its `Content-Type`.
    pub content_type: CompactString,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// The content id of the part of a number in a body with that boundary: nobody else's.
pub fn own_id(number: usize, boundary: &str) -> String {
    format!("{number}@{boundary}")
}
