//! CSV (RFC 4180) with declared columns: text to a tree of rows and back.

pub mod dialect;
mod read;
mod records;
mod split;
#[cfg(test)]
mod split_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_typed;
mod typed;
mod write;

use bytes::Bytes;

use super::Column;
use super::records::{Record, Types};
use crate::document::charset::Charset;
use crate::document::codec::{Codec, Limits, Malformed, Unwritable};
use crate::document::path::PathError;
use crate::document::records::{Bounds, Fused, Input, RecordPath, Records};
use crate::document::text;
use crate::document::tree::{Element, Name};

/// The name of the element that holds a record's values.
pub const ROW: &str = "row";

/// A kind of CSV file, and its codec: the root has no name, its children are elements `row`, each with the values of its
/// columns as children in the order of the profile.
///
/// A field that is empty is absent: its row has no such child. One that is empty in quotes is an empty text, where the
/// column holds text and is not the only one; so all values come back as they were written. With several record types the
/// value of a tag's column tells which one a record is; it is written of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Csv {
    /// The columns, at least one; without a header line in the order of the file.
    pub columns: Vec<Column>,
    /// Whether the first line names the columns, which may then stand in any order.
    pub header: bool,
    /// The character between fields: one of ASCII that ends no line.
    pub delimiter: u8,
    /// The character around fields that could be misread; `None` when there is none.
    pub quote: Option<u8>,
    /// The character set that is written, and read where the bytes do not say another.
    pub charset: Charset,
    /// Whether UTF-8 is written with a byte order mark.
    pub mark: bool,
    /// What ends a line that is written.
    pub newline: &'static str,
    /// Whether the last fields of a record may be missing: they are absent, as if they were empty.
    pub short: bool,
    /// The record types, where there are several: their elements take the place of `row`, and their columns that of
    /// `columns`.
    pub types: Option<Types<Column>>,
}

impl Csv {
    /// A file of these columns as RFC 4180 has it: no header, commas, double quotes, CR LF, in UTF-8.
    pub fn of(columns: Vec<Column>) -> Self {
        Self {
            columns,
            header: false,
            delimiter: b',',
            quote: Some(b'"'),
            charset: Charset::Utf8,
            mark: false,
            newline: "\r\n",
            short: false,
            types: None,
        }
    }

    /// A file of several record types, told apart by the values of their tags' columns.
    pub fn of_types(records: Vec<Record<Column>>) -> Self {
        Self { types: Some(Types::new(records)), ..Self::of(Vec::new()) }
    }
}

impl Codec for Csv {
    fn format(&self) -> &'static str {
        "csv"
    }

    fn media_type(&self) -> &'static str {
        match self.charset {
            Charset::Utf8 => "text/csv; charset=utf-8",
            Charset::Ascii => "text/csv; charset=us-ascii",
            Charset::Latin1 => "text/csv; charset=iso-8859-1",
            Charset::Windows1252 => "text/csv; charset=windows-1252",
            Charset::Utf16 => "text/csv; charset=utf-16",
            Charset::Utf16Le => "text/csv; charset=utf-16le",
            Charset::Utf16Be => "text/csv; charset=utf-16be",
        }
    }

    fn media_types(&self) -> &'static [&'static str] {
        &["text/csv", "text/plain", "application/csv", "application/octet-stream"]
    }

    fn charset(&self) -> Option<&str> {
        Some(self.charset.name())
    }

    fn lines(&self, bytes: &[u8], ways: &[&[usize]]) -> Vec<Option<usize>> {
        match text::decode(bytes, self.charset()) {
            Ok(text) => match &self.types {
                Some(types) => typed::lines(self, types, &text, ways),
                None => read::lines(self, &text, ways),
            },
            Err(_) => vec![None; ways.len()],
        }
    }

    fn records(
        &self,
        input: Input,
        path: &RecordPath,
        bounds: Bounds,
    ) -> Result<Box<dyn Records>, PathError> {
        if self.types.is_some() {
            let message = "a CSV file of several record types is not split into records".to_owned();
            return Err(PathError { offset: 0, message });
        }
        if path.depth() != 1 || !path.takes(0, &Name::local(ROW)) {
            return Err(PathError {
                offset: 0,
                message: format!("the records of CSV are its rows: `{ROW}`"),
            });
        }
        Ok(Box::new(Fused::new(split::CsvRecords::new(self.clone(), input, bounds))))
    }

    fn decode(&self, bytes: &Bytes, limits: &Limits) -> Result<Element, Malformed> {
        let text = text::decode(bytes, self.charset())?;
        let read = match &self.types {
            Some(types) => typed::parse(self, types, &text, limits),
            None => read::parse(self, &text, limits),
        };
        read.map_err(|wrong| wrong.in_text(&text))
    }

    fn encode(&self, root: &Element, out: &mut Vec<u8>) -> Result<(), Unwritable> {
        self.encode_list(&[root], out)
    }

    fn head(&self) -> Vec<u8> {
        let mut out = Vec::new();
        match self.encode_list(&[], &mut out) {
            Ok(()) => out,
            Err(_) => Vec::new(),
        }
    }

    fn encode_list(&self, roots: &[&Element], out: &mut Vec<u8>) -> Result<(), Unwritable> {
        match &self.types {
            Some(types) => typed::write(self, types, roots, out),
            None => write::write(self, roots, out),
        }
    }
}
