//! What the command line names as input: a file, or standard input for `-`.

use std::io::Read as _;
use std::path::Path;

use bytes::Bytes;

use crate::document::Document;
use crate::document::codec::{CodecRef, Limits, Malformed};
use crate::document::json::JSON;
use crate::document::text::to_utf8;
use crate::world::{Real, World, reason};
use crate::xml::XML;

/// The bytes of a file, or of standard input for `-`.
///
/// # Errors
/// It cannot be read, in words.
pub fn bytes_of(file: &Path) -> Result<Bytes, String> {
    let (name, bytes) = if file == Path::new("-") {
        let mut bytes = Vec::new();
        ("standard input".to_owned(), std::io::stdin().read_to_end(&mut bytes).map(|_| bytes))
    } else {
        (file.display().to_string(), Real.read(file))
    };
    bytes.map(Bytes::from).map_err(|error| format!("{name} cannot be read: {}", reason(&error)))
}

/// A document in the format that its file's name ends in: `.xml`, `.json`, or else data.
///
/// # Errors
/// It cannot be read, or is not of its format, in words that name the file and the place.
pub fn document(file: &Path) -> Result<Document, String> {
    let codec: Option<CodecRef> = match file.extension().and_then(|extension| extension.to_str()) {
        Some("xml") => Some((&XML).into()),
        Some("json") => Some((&JSON).into()),
        _ => None,
    };
    document_as(file, codec)
}

/// A document of a format, or data without one.
///
/// # Errors
/// As [`document`].
pub fn document_as(file: &Path, codec: Option<CodecRef>) -> Result<Document, String> {
    let bytes = bytes_of(file)?;
    let Some(codec) = codec else { return Ok(Document::data(bytes)) };
    let malformed =
        |why: Malformed| format!("{}:{}:{}: {}", file.display(), why.line, why.column, why.message);
    let document = Document::encoded(to_utf8(bytes, None).map_err(malformed)?, codec, Limits::default());
    document.tree().map_err(malformed)?;
    Ok(document)
}
