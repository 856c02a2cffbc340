//! How the parts of a multipart body become documents: each keeps its bytes, and what its header says as properties.

use compact_str::{CompactString, ToCompactString, format_compact};
use hyper::StatusCode;

use crate::document::Document;
use crate::document::charset::Charset;
use crate::document::codec::CodecRef;
use crate::document::json::JSON;
use crate::mime::{self, Disposition, Part, Refused};
use crate::pipeline::endpoint::{MediaType, Request};
use crate::pipeline::failure::Failure;
use crate::pipeline::part;
use crate::pipeline::step::Documents;
use crate::xml::XML;

/// The parts of a request's body, in order.
///
/// # Errors
/// It is no multipart body, or one beyond the bounds.
pub(super) fn parts(request: &Request, media: &MediaType) -> Result<Vec<Part>, Failure> {
    let boundary = media
        .parameter("boundary")
        .ok_or_else(|| refused(&Refused::Malformed("its media type has no boundary parameter".to_owned())))?;
    mime::read(&request.body, boundary, &request.limits).map_err(|why| refused(&why))
}

/// A document for each part.
///
/// # Errors
/// A part is not in the transfer encoding that it says.
pub(super) fn documents<'p>(
    parts: impl IntoIterator<Item = &'p Part>,
    request: &Request,
) -> Result<Documents, Failure> {
    let one = |(at, part): (usize, &Part)| document(part, at + 1, request);
    parts.into_iter().enumerate().map(one).collect()
}

fn document(part: &Part, number: usize, request: &Request) -> Result<Document, Failure> {
    let content = part.content().map_err(|why| refused(&why))?;
    let codec = part.media_type().and_then(|media| codec(&media));
    let mut document = Document::piece(content, codec, request.limits);
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

/// The failure of a body that is not read as parts.
pub(super) fn refused(why: &Refused) -> Failure {
    let message = format!("The multipart body cannot be read: {why}.");
    match why {
        Refused::Malformed(_) => Failure::missing(message),
        Refused::Beyond(_) => Failure::client(StatusCode::PAYLOAD_TOO_LARGE, "limit-passed", message),
    }
}
