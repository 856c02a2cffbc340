//! `--mock NAME=FILE`: the document that stands in for what a process returns.

use std::path::Path;

use bytes::Bytes;

use crate::document::Document;
use crate::document::codec::{CodecRef, Limits};
use crate::document::json::JSON;
use crate::document::text::to_utf8;
use crate::kind::names::Names;
use crate::kind::process::Callee;
use crate::pipeline::execution::StandIns;
use crate::source::{Span, Spanned};
use crate::world::{Real, World, reason};
use crate::xml::XML;

/// Reads what stands in for which process.
///
/// # Errors
/// A text is not `NAME=FILE`, its process is unknown, or its file cannot be read.
pub fn read(texts: &[String], processes: &Names<Callee>) -> Result<StandIns, String> {
    let one = |text: &String| {
        let Some((name, file)) = text.split_once('=') else {
            return Err(format!("--mock {text}: expected NAME=FILE"));
        };
        let wanted = Spanned::new(name.to_owned(), Span::default());
        processes.find(&wanted).map_err(|unknown| {
            let message = unknown.map_or_else(String::new, |finding| super::told(&finding));
            format!("--mock {text}: {message}")
        })?;
        Ok((name.to_owned(), document(Path::new(file))?))
    };
    texts.iter().map(one).collect()
}

/// A document in the format of its file's extension.
fn document(file: &Path) -> Result<Document, String> {
    let name = file.display();
    let bytes = Real.read(file).map_err(|error| format!("{name} cannot be read: {}", reason(&error)))?;
    let codec: CodecRef = match file.extension().and_then(|extension| extension.to_str()) {
        Some("xml") => (&XML).into(),
        Some("json") => (&JSON).into(),
        _ => return Ok(Document::data(bytes.into())),
    };
    let malformed = |why: crate::document::codec::Malformed| {
        format!("{name}:{}:{}: {}", why.line, why.column, why.message)
    };
    let bytes = to_utf8(Bytes::from(bytes), None).map_err(malformed)?;
    let document = Document::encoded(bytes, codec, Limits::default());
    document.tree().map_err(malformed)?;
    Ok(document)
}
