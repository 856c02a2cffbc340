//! How the parts of a multipart body become documents: each keeps its bytes, and what its header says as properties.

use compact_str::{CompactString, ToCompactString, format_compact};

use super::part;
use super::step::Documents;
use crate::document::Document;
use crate::document::charset::Charset;
use crate::document::codec::{CodecRef, Limits};
use crate::document::json::JSON;
use crate::mime::{Disposition, MediaType, Part, Refused};
use crate::xml::XML;

/// A document for each part; `limits` bound those that are of a format.
///
/// # Errors
/// A part is not in the transfer encoding that it says.
pub fn documents<'p>(
    parts: impl IntoIterator<Item = &'p Part>,
    limits: Limits,
) -> Result<Documents, Refused> {
    let one = |(at, part): (usize, &Part)| document(part, at + 1, limits);
    parts.into_iter().enumerate().map(one).collect()
}

fn document(part: &Part, number: usize, limits: Limits) -> Result<Document, Refused> {
    let content = part.content()?;
    let codec = part.media_type().and_then(|media| codec(&media));
    let mut document = Document::piece(content, codec, limits);
    let Disposition { name, filename, .. } = part.disposition();
    let id = part.id().map_or_else(|| number.to_compact_string(), CompactString::from);
    let known = [
        (part::ID, Some(id)),
        (part::NAME, name),
        (part::FILENAME, filename),
        (part::TYPE, part.field("content-type").map(Into::into)),
        (part::LOCATION, part.field("content-location").map(Into::into)),
    ];
    for (property, value) in known {
        if let Some(value) = value {
            document.properties.set(property, value);
        }
    }
    for (name, value) in part.fields().filter(|(name, _)| is_kept(name)) {
        document.properties.set(&format_compact!("{}{name}", part::HEADER), value);
    }
    Ok(document)
}

/// The fields that have a property of their own, or that say nothing of the content once it is read.
const KNOWN: &[&str] =
    &["content-id", "content-disposition", "content-type", "content-location", "content-transfer-encoding"];

fn is_kept(field: &str) -> bool {
    field.starts_with("content-") && !KNOWN.contains(&field)
}

/// The codec of a part that says it is XML or JSON in a character set that its codec finds by itself.
fn codec(media: &MediaType) -> Option<CodecRef> {
    let named = media.parameter("charset").map(Charset::by_name);
    if named.is_some_and(|charset| !matches!(charset, Some(Charset::Utf8 | Charset::Ascii))) {
        return None;
    }
    match () {
        () if media.is_xml() => Some((&XML).into()),
        () if media.is_json() => Some((&JSON).into()),
        () => None,
    }
}
