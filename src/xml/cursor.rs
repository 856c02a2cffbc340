//! A cursor over a piece of markup that knows its place in the document, and what is wrong at such a place.

use std::borrow::Cow;

use super::chars::is_space;
use crate::document::codec::MalformedKind;

/// What is wrong at a byte of the document.
#[derive(Debug)]
pub(super) struct Wrong {
    pub offset: usize,
    pub kind: MalformedKind,
    pub message: Cow<'static, str>,
}

/// Something that is not XML.
pub(super) fn syntax(offset: usize, message: impl Into<Cow<'static, str>>) -> Wrong {
    Wrong { offset, kind: MalformedKind::Syntax, message: message.into() }
}

/// Something beyond a limit.
pub(super) fn limit(offset: usize, message: impl Into<Cow<'static, str>>) -> Wrong {
    Wrong { offset, kind: MalformedKind::Limit, message: message.into() }
}

/// A text for a message: its first characters.
pub(super) fn short(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((at, _)) => format!("{}...", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// What is left of a piece of markup, and where in the document it begins.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'t> {
    pub rest: &'t str,
    pub offset: usize,
}

impl<'t> Cursor<'t> {
    pub fn new(rest: &'t str, offset: usize) -> Self {
        Self { rest, offset }
    }

    /// Takes the first `length` bytes, all of it if there are not so many.
    pub fn take(&mut self, length: usize) -> &'t str {
        let (head, tail) = self.rest.split_at_checked(length).unwrap_or((self.rest, ""));
        self.rest = tail;
        self.offset += head.len();
        head
    }

    /// Takes bytes as long as they are `wanted`; the rest must begin with a whole character.
    pub fn take_while(&mut self, wanted: impl Fn(u8) -> bool) -> &'t str {
        let length = self.rest.bytes().position(|b| !wanted(b)).unwrap_or(self.rest.len());
        self.take(length)
    }

    /// Skips white space; whether there was any.
    pub fn skip_space(&mut self) -> bool {
        !self.take_while(is_space).is_empty()
    }

    /// Takes the next byte if it is `byte`, which is ASCII.
    pub fn take_byte(&mut self, byte: u8) -> bool {
        let there = self.rest.as_bytes().first() == Some(&byte);
        if there {
            self.take(1);
        }
        there
    }

    /// `= "value"`: the value between the quotes.
    pub fn take_value(&mut self, name: &str) -> Result<&'t str, Wrong> {
        self.skip_space();
        if !self.take_byte(b'=') {
            return Err(syntax(self.offset, format!("`{}` needs a value: `=\"...\"`", short(name))));
        }
        self.skip_space();
        let quote = match self.rest.as_bytes().first() {
            Some(quote @ (b'"' | b'\'')) => *quote,
            _ => {
                return Err(syntax(self.offset, format!("the value of `{}` must be in quotes", short(name))));
            }
        };
        self.take(1);
        match memchr::memchr(quote, self.rest.as_bytes()) {
            Some(length) => {
                let value = self.take(length);
                self.take(1);
                Ok(value)
            }
            None => Err(syntax(self.offset, format!("the value of `{}` has no end quote", short(name)))),
        }
    }
}
