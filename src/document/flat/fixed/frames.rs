//! The records of a fixed-width text, and the characters at positions of one.

use memchr::memchr2;

use super::layout::Framing;
use crate::document::flat::Wrong;

/// A walk through the records of a text. Empty lines are no records.
#[derive(Debug)]
pub(super) struct Frames<'t> {
    text: &'t str,
    at: usize,
    framing: Framing,
}

impl<'t> Frames<'t> {
    pub(super) fn new(text: &'t str, framing: Framing) -> Self {
        Self { text, at: 0, framing }
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The next record and the byte at which it begins; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<(usize, &'t str)>, Wrong> {
        match self.framing {
            Framing::Lines(_) => Ok(self.line()),
            Framing::Blocks(length) => self.block(length),
        }
    }

    fn line(&mut self) -> Option<(usize, &'t str)> {
        let rest = self.rest();
        let empty = rest.len() - rest.trim_start_matches(['\r', '\n']).len();
        self.at += empty;
        let (start, rest) = (self.at, self.rest());
        if rest.is_empty() {
            return None;
        }
        let end = memchr2(b'\n', b'\r', rest.as_bytes()).unwrap_or(rest.len());
        self.at += end;
        rest.get(..end).map(|line| (start, line))
    }

    fn block(&mut self, length: usize) -> Result<Option<(usize, &'t str)>, Wrong> {
        let (start, rest) = (self.at, self.rest());
        // Many editors end every file with the end of a line.
        if matches!(rest, "" | "\n" | "\r\n") {
            return Ok(None);
        }
        let end = byte_of(rest, length);
        match rest.get(..end).filter(|block| block.chars().count() == length) {
            Some(block) => {
                self.at += end;
                Ok(Some((start, block)))
            }
            None => {
                let found = rest.chars().count();
                let message = format!("found {found} characters, expected a record of {length}");
                Err(Wrong::syntax(start, message))
            }
        }
    }
}

/// The byte at which a character begins, or the length of the text when it has fewer.
fn byte_of(text: &str, character: usize) -> usize {
    match text.as_bytes().get(..character) {
        // A character has at least one byte.
        None => text.len(),
        Some(bytes) if bytes.is_ascii() => character,
        _ => text.char_indices().nth(character).map_or(text.len(), |(byte, _)| byte),
    }
}

/// The characters of a record from a position on, as many as are there.
pub(super) fn part(record: &str, at: usize, length: usize) -> &str {
    let rest = record.get(byte_of(record, at)..).unwrap_or_default();
    rest.get(..byte_of(rest, length)).unwrap_or_default()
}
