//! SOAP messages of several parts as they are written: data in parts of its own (MTOM), and attachments (SwA).

use super::failure::Failure;
use super::multipart::{Multipart, related};
use crate::document::Document;
use crate::mime::{Root, boundary, quoted};
use crate::soap::Version;
use crate::soap::mtom::Packing;
use crate::soap::xop::XOP_TYPE;

/// A message as it is without parts.
#[derive(Debug)]
pub struct Outgoing<'a> {
    /// Its version.
    pub version: Version,
    /// Its action, where it has one; an answer has none.
    pub action: &'a str,
    /// Its envelope.
    pub envelope: &'a [u8],
}

/// The message with its parts: MTOM with a `packing`, else an envelope with attachments; `None` with neither, when it goes
/// as it is.
///
/// # Errors
/// The attachments do not go together.
pub fn packed(
    message: &Outgoing<'_>,
    packing: Option<Packing>,
    attachments: &[Document],
) -> Result<Option<Multipart>, Failure> {
    if packing.is_none() && attachments.is_empty() {
        return Ok(None);
    }
    let plain = message.version.content_type();
    let essence = plain.split_once(';').map_or(plain, |(essence, _)| essence);
    // The action belongs to the media type of SOAP 1.2, wherever that is named; SOAP 1.1 has a header field for it.
    let action = if message.version == Version::V12 { message.action } else { "" };
    let with_action = |text: &str| match action {
        "" => text.to_owned(),
        action => format!("{text}; action={}", quoted(action)),
    };
    let info = with_action(essence);
    let (boundary, parts, is_xop) = match packing {
        Some(packing) => (packing.boundary, packing.parts, true),
        None => (boundary(), Vec::new(), false),
    };
    let content_type = match is_xop {
        true => format!("{XOP_TYPE}; charset=UTF-8; type={}", quoted(&info)),
        false => with_action(plain),
    };
    let root = Root {
        kind: if is_xop { XOP_TYPE } else { essence },
        info: if is_xop { &info } else { "" },
        action,
        content_type: &content_type,
        encoding: if is_xop { "binary" } else { "8bit" },
        body: message.envelope,
    };
    related(&boundary, &root, &parts, attachments).map(Some)
}
