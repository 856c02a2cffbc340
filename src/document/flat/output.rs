//! The bytes of a flat file on their way out, in the character set that its profile declares.

use crate::document::charset::{self, Charset};
use crate::document::codec::Unwritable;
use crate::document::text::has_mark;

/// The byte order mark of UTF-8.
const MARK: &[u8] = b"\xEF\xBB\xBF";

/// Where a file is written to: text is collected for a record and then put into the character set.
#[derive(Debug)]
pub(super) struct Output<'o> {
    out: &'o mut Vec<u8>,
    start: usize,
    charset: Charset,
    /// The text of the record at hand.
    pub(super) text: String,
}

impl<'o> Output<'o> {
    /// Begins a file; `mark`: with a byte order mark, where the character set has one.
    pub(super) fn new(out: &'o mut Vec<u8>, charset: Charset, mark: bool) -> Self {
        out.extend_from_slice(if mark && charset == Charset::Utf8 { MARK } else { charset.mark() });
        let start = out.len();
        Self { out, start, charset, text: String::new() }
    }

    /// Whether nothing of the file was written yet.
    pub(super) fn is_first(&self) -> bool {
        self.out.len() == self.start && self.text.is_empty()
    }

    /// Writes the record's text and begins the next one.
    ///
    /// # Errors
    /// A character that the character set does not have.
    pub(super) fn flush(&mut self) -> Result<(), char> {
        let done = self.charset.append(&self.text, self.out);
        self.text.clear();
        done
    }

    /// Ends the file.
    ///
    /// # Errors
    /// Its first characters would be read as a byte order mark.
    pub(super) fn finish(self) -> Result<(), Unwritable> {
        let marked = self.start > 0 && self.out.get(..self.start).is_some_and(has_mark);
        if !marked && self.out.get(self.start..).is_some_and(has_mark) {
            let message = "the file would begin with what readers take for a byte order mark";
            return Err(Unwritable { path: ".".to_owned(), message: message.to_owned() });
        }
        Ok(())
    }
}

/// The failure of a character that a character set lacks, at the value that has it.
pub(super) fn unrepresentable(c: char, charset: Charset, path: String) -> Unwritable {
    let message = format!("{} is not a character of {}", charset::shown(c), charset.name());
    Unwritable { path, message }
}
