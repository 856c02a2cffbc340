//! The records of a CSV text (RFC 4180, section 2): cells borrowed from it, each quote where it may be.

use std::borrow::Cow;

use memchr::{memchr, memchr3};

use crate::document::codec::MalformedKind;
use crate::document::flat::{LONGEST_VALUE, Wrong};

/// Fields of one record: far more than any file has, and few enough to hold.
const MOST_FIELDS: usize = 10_000;

/// What is wrong with a quote that only opens.
pub(super) const UNCLOSED: &str = "the quote that opens here is never closed";

/// A cell of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell<'t> {
    /// Its value, without the quotes around it.
    pub text: Cow<'t, str>,
    /// Whether it was in quotes: only then an empty one is there.
    pub quoted: bool,
}

/// A walk through the records of a text. Lines end with CR LF, LF or CR; empty ones are no records.
#[derive(Debug)]
pub(super) struct Records<'t> {
    text: &'t str,
    at: usize,
    delimiter: u8,
    quote: Option<u8>,
}

impl<'t> Records<'t> {
    pub(super) fn new(text: &'t str, delimiter: u8, quote: Option<u8>) -> Self {
        Self { text, at: 0, delimiter, quote }
    }

    /// The byte behind the record that came last, where its line ends.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    fn part(&self, from: usize, to: usize) -> &'t str {
        // The ends are beside ASCII characters or at those of the text, so between characters.
        self.text.get(from..to).unwrap_or_default()
    }

    /// The next record's cells into `cells`, and the byte at which it begins; `None` at the end.
    pub(super) fn next(&mut self, cells: &mut Vec<Cell<'t>>) -> Result<Option<usize>, Wrong> {
        cells.clear();
        while matches!(self.byte(self.at), Some(b'\n' | b'\r')) {
            self.at += 1;
        }
        let start = self.at;
        if start >= self.text.len() {
            return Ok(None);
        }
        loop {
            let cell = if self.quote.is_some() && self.byte(self.at) == self.quote {
                self.quoted()?
            } else {
                self.plain()?
            };
            if cells.len() >= MOST_FIELDS {
                let message = format!("a record has at most {MOST_FIELDS} fields");
                return Err(Wrong { kind: MalformedKind::Limit, ..Wrong::syntax(start, message) });
            }
            cells.push(cell);
            match self.byte(self.at) {
                Some(byte) if byte == self.delimiter => self.at += 1,
                // The end of the line is skipped before the next record.
                _ => return Ok(Some(start)),
            }
        }
    }

    /// A cell up to the delimiter or the end of the line. A quote in it stands for itself.
    fn plain(&mut self) -> Result<Cell<'t>, Wrong> {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let length = memchr3(self.delimiter, b'\n', b'\r', rest).unwrap_or(rest.len());
        if length > LONGEST_VALUE {
            return Err(Wrong::long(self.at));
        }
        let start = self.at;
        self.at += length;
        Ok(Cell { text: Cow::Borrowed(self.part(start, self.at)), quoted: false })
    }

    /// A cell in quotes; a quote in it is written twice.
    fn quoted(&mut self) -> Result<Cell<'t>, Wrong> {
        let quote = self.quote.unwrap_or(b'"');
        let open = self.at;
        let mut start = open + 1;
        let mut joined: Option<String> = None;
        // A quote that is lost is not looked for in all that is behind it.
        let farthest = self.text.len().min(open + LONGEST_VALUE + 1);
        loop {
            let rest = self.text.as_bytes().get(start..farthest).unwrap_or_default();
            let Some(length) = memchr(quote, rest) else {
                return Err(match farthest < self.text.len() {
                    true => Wrong::long(open),
                    false => Wrong::syntax(open, UNCLOSED),
                });
            };
            let close = start + length;
            if self.byte(close + 1) == Some(quote) {
                joined.get_or_insert_default().push_str(self.part(start, close + 1));
                start = close + 2;
                continue;
            }
            self.at = close + 1;
            self.check_behind(quote)?;
            let last = self.part(start, close);
            let text = match joined {
                Some(joined) => Cow::Owned(joined + last),
                None => Cow::Borrowed(last),
            };
            return Ok(Cell { text, quoted: true });
        }
    }

    /// Behind a closing quote stands the delimiter, or the line ends.
    fn check_behind(&self, quote: u8) -> Result<(), Wrong> {
        match self.byte(self.at) {
            None | Some(b'\n' | b'\r') => Ok(()),
            Some(byte) if byte == self.delimiter => Ok(()),
            Some(_) => {
                let (quote, delimiter) = (char::from(quote), char::from(self.delimiter));
                let message = format!(
                    "expected `{delimiter}` or the end of the line behind the closing quote; a quote in a value is written {quote}{quote}",
                    delimiter = delimiter.escape_default(),
                );
                Err(Wrong::syntax(self.at, message))
            }
        }
    }
}
