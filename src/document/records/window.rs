//! The window on a large document: the text from where it was read to, decoded and checked piece by piece.

use std::borrow::Cow;
use std::io::Read;

use super::{Bounds, Broken, Input, pieces};
use crate::document::charset::Charset;
use crate::document::codec::{Malformed, MalformedKind};
use crate::document::text;

/// Bytes that are read at a time, while records are smaller. In unit tests few, so that everything meets the window's end.
const PIECE: usize = if cfg!(test) { 9 } else { 128 << 10 };

/// Bytes in which an XML declaration is looked for.
const HEAD: usize = 512;

/// Finds the first character of a piece of text that the format cannot carry: its offset, and what is wrong with it.
pub type Check = fn(&str) -> Option<(usize, Cow<'static, str>)>;

/// A part of a document's text, and where in the document it stands.
pub struct Window {
    input: Input,
    bounds: Bounds,
    label: Option<&'static str>,
    check: Option<Check>,
    charset: Option<Charset>,
    /// Bytes that are read and not decoded: the head of the document, then the beginning of a character.
    raw: Vec<u8>,
    text: String,
    /// How much of the text is done with.
    at: usize,
    /// Where the text begins in the document: bytes of UTF-8, lines, characters of its line.
    offset: usize,
    line: usize,
    column: usize,
    ended: bool,
    /// What is wrong with what follows the text.
    wrong: Option<Malformed>,
}

impl std::fmt::Debug for Window {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Window")
            .field("offset", &self.offset)
            .field("line", &self.line)
            .finish_non_exhaustive()
    }
}

impl Window {
    /// A window before the first byte. `label` is the character set that the format has whatever the document says.
    pub fn new(input: Input, bounds: Bounds, label: Option<&'static str>, check: Option<Check>) -> Self {
        Self {
            input,
            bounds,
            label,
            check,
            charset: None,
            raw: Vec::new(),
            text: String::new(),
            at: 0,
            offset: 0,
            line: 1,
            column: 1,
            ended: false,
            wrong: None,
        }
    }

    /// The text that is there and not done with.
    pub fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Whether the document ends with [`Window::rest`].
    pub fn is_last(&self) -> bool {
        self.ended && self.wrong.is_none()
    }

    /// Whether nothing of the document is done with yet.
    pub fn is_first(&self) -> bool {
        self.offset + self.at == 0
    }

    /// Is done with the first `length` bytes of the rest.
    pub fn advance(&mut self, length: usize) {
        self.at = self.text.floor_char_boundary(self.at + length);
    }

    /// Reads on: at least as much as is there, so that what is looked at again from its beginning is so a few times only.
    ///
    /// # Errors
    /// The input cannot be read, is not in its character set, or the rest is as large as it may be.
    pub fn more(&mut self) -> Result<(), Broken> {
        if let Some(wrong) = &self.wrong {
            return Err(Broken::Malformed(wrong.clone()));
        }
        self.forget();
        if self.text.len() >= self.bounds.bytes {
            let message = format!(
                "a record, or what stands between two, has more than {} bytes: raise the limit, or choose a record \
                 that is smaller",
                self.bounds.bytes
            );
            return Err(self.malformed(0, MalformedKind::Limit, message).into());
        }
        self.read(PIECE.max(self.text.len()))?;
        if self.charset.is_none() {
            if self.raw.starts_with(b"<?xml") && self.raw.len() < HEAD {
                self.read(HEAD)?;
            }
            let (charset, mark) = text::detect(&self.raw, self.label)?;
            self.charset = Some(charset);
            self.raw.drain(..mark);
        }
        self.decode();
        Ok(())
    }

    fn read(&mut self, wanted: usize) -> Result<(), Broken> {
        let read = (&mut self.input).take(wanted as u64).read_to_end(&mut self.raw).map_err(Broken::Input)?;
        self.ended = read < wanted;
        Ok(())
    }

    /// Drops what is done with and keeps the place.
    fn forget(&mut self) {
        (self.line, self.column) = self.place(0);
        self.offset += self.at;
        self.text.drain(..self.at);
        self.at = 0;
    }

    /// Decodes what was read, as far as it is whole and right.
    fn decode(&mut self) {
        let from = self.text.len();
        let charset = self.charset.unwrap_or(Charset::Utf8);
        let (done, wrong) = pieces::decode(charset, &self.raw, self.ended, &mut self.text);
        self.raw.drain(..done);
        self.wrong = wrong.map(|message| {
            let end = self.text.len() - self.at;
            self.malformed(end, MalformedKind::Charset, message)
        });
        self.check_from(from);
    }

    fn check_from(&mut self, from: usize) {
        let Some(check) = self.check else { return };
        if let Some((offset, message)) = check(self.text.get(from..).unwrap_or_default()) {
            self.wrong = Some(self.malformed(from + offset - self.at, MalformedKind::Syntax, message));
            self.text.truncate(from + offset);
        }
    }

    /// From here on another check holds.
    pub fn set_check(&mut self, check: Check) {
        self.check = Some(check);
        self.check_from(self.at);
    }

    /// Line and column, from 1, of byte `offset` of the rest.
    fn place(&self, offset: usize) -> (usize, usize) {
        let place = Malformed::at(self.text.as_bytes(), self.at + offset, MalformedKind::Syntax, "");
        let column = if place.line == 1 { self.column - 1 } else { 0 };
        (self.line + place.line - 1, column + place.column)
    }

    /// The line, from 1, of byte `offset` of the rest.
    pub fn line(&self, offset: usize) -> usize {
        self.place(offset).0
    }

    /// The lines that `find` tells of elements of the record at the start of the rest, so many bytes long.
    pub fn lines(
        &self,
        record: usize,
        ways: &[&[usize]],
        find: impl Fn(&str, &[&[usize]]) -> Vec<Option<usize>>,
    ) -> Vec<Option<usize>> {
        let before = self.line(0) - 1;
        let record = self.rest().get(..record).unwrap_or_default();
        find(record, ways).into_iter().map(|line| line.map(|line| before + line)).collect()
    }

    /// What is wrong at byte `offset` of the rest.
    pub fn malformed(&self, offset: usize, kind: MalformedKind, message: impl Into<String>) -> Malformed {
        let (line, column) = self.place(offset);
        Malformed { line, column, message: message.into(), kind }
    }
}
