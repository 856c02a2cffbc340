//! Files of fixed-width records: fields by position, record types by tags, records under records.

mod frames;
mod layout;
mod read;
#[cfg(test)]
mod tests;
mod value;
mod write;

use bytes::Bytes;

use crate::document::charset::Charset;
use crate::document::codec::{Codec, Limits, Malformed, Unwritable};
use crate::document::text;
use crate::document::tree::Element;

pub use super::records::Tag;
pub use layout::{Align, Field, Fixed, Framing, Record};

impl Codec for Fixed {
    fn format(&self) -> &'static str {
        "fixed"
    }

    fn media_type(&self) -> &'static str {
        match self.charset {
            Charset::Utf8 => "text/plain; charset=utf-8",
            Charset::Ascii => "text/plain; charset=us-ascii",
            Charset::Latin1 => "text/plain; charset=iso-8859-1",
            Charset::Windows1252 => "text/plain; charset=windows-1252",
            Charset::Utf16 => "text/plain; charset=utf-16",
            Charset::Utf16Le => "text/plain; charset=utf-16le",
            Charset::Utf16Be => "text/plain; charset=utf-16be",
        }
    }

    fn media_types(&self) -> &'static [&'static str] {
        &["text/plain", "application/octet-stream"]
    }

    fn charset(&self) -> Option<&str> {
        Some(self.charset.name())
    }

    fn lines(&self, bytes: &[u8], ways: &[&[usize]]) -> Vec<Option<usize>> {
        match text::decode(bytes, self.charset()) {
            Ok(text) => read::lines(self, &text, ways),
            Err(_) => vec![None; ways.len()],
        }
    }

    fn decode(&self, bytes: &Bytes, limits: &Limits) -> Result<Element, Malformed> {
        let text = text::decode(bytes, self.charset())?;
        read::parse(self, &text, limits).map_err(|wrong| wrong.in_text(&text))
    }

    fn encode(&self, root: &Element, out: &mut Vec<u8>) -> Result<(), Unwritable> {
        write::write(self, &[root], out)
    }

    fn encode_list(&self, roots: &[&Element], out: &mut Vec<u8>) -> Result<(), Unwritable> {
        write::write(self, roots, out)
    }
}
