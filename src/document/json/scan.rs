//! Tokens of JSON: white space, strings and numbers, strictly by the grammar of RFC 8259.

use std::borrow::Cow;

use compact_str::CompactString;

use crate::document::codec::MalformedKind;
use crate::document::short::control_or;

/// What is wrong at a byte of the text.
#[derive(Debug)]
pub(super) struct Wrong {
    pub offset: usize,
    pub kind: MalformedKind,
    pub message: Cow<'static, str>,
}

/// A place in the text.
#[derive(Debug)]
pub(super) struct Scan<'t> {
    pub text: &'t str,
    pub at: usize,
}

impl<'t> Scan<'t> {
    pub fn syntax(&self, message: impl Into<Cow<'static, str>>) -> Wrong {
        Wrong { offset: self.at, kind: MalformedKind::Syntax, message: message.into() }
    }

    pub fn limit(&self, message: impl Into<Cow<'static, str>>) -> Wrong {
        Wrong { offset: self.at, kind: MalformedKind::Limit, message: message.into() }
    }

    /// The next byte, not taken.
    pub fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// What is not read yet; `at` is always between two characters.
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Takes the next byte if it is this one.
    pub fn take(&mut self, byte: u8) -> bool {
        let there = self.peek() == Some(byte);
        self.at += usize::from(there);
        there
    }

    pub fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Takes `word` if it is next, and nothing of a name goes on after it.
    pub fn word(&mut self, word: &str) -> bool {
        let after = self.rest().strip_prefix(word);
        let there =
            after.is_some_and(|after| !after.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_'));
        if there {
            self.at += word.len();
        }
        there
    }

    /// A number in its lexical form (RFC 8259, section 6).
    pub fn number(&mut self) -> Result<&'t str, Wrong> {
        let start = self.at;
        self.take(b'-');
        if !self.take(b'0') {
            self.digits("a number needs a digit here")?;
        } else if matches!(self.peek(), Some(b'0'..=b'9')) {
            return Err(self.syntax("a number does not begin with 0 before another digit"));
        }
        if self.take(b'.') {
            self.digits("a number needs a digit after its point")?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits("a number needs a digit in its exponent")?;
        }
        Ok(self.text.get(start..self.at).unwrap_or_default())
    }

    fn digits(&mut self, message: &'static str) -> Result<(), Wrong> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start { Err(self.syntax(message)) } else { Ok(()) }
    }

    /// A string, from its first quote (RFC 8259, section 7).
    pub fn string(&mut self) -> Result<CompactString, Wrong> {
        self.at += 1;
        let plain = self.plain();
        if self.take(b'"') {
            return Ok(plain.into());
        }
        let mut out = String::from(plain);
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(out.into());
                }
                Some(b'\\') => out.push(self.escape()?),
                Some(_) => {
                    return Err(
                        self.syntax("a control character cannot stand in a string: write it as an escape")
                    );
                }
                None => return Err(self.syntax("the text ends within a string")),
            }
            out.push_str(self.plain());
        }
    }

    /// Characters up to a quote, an escape or a control character.
    fn plain(&mut self) -> &'t str {
        let start = self.at;
        let bytes = self.text.as_bytes().get(start..).unwrap_or_default();
        let length = control_or(bytes, [b'"', b'\\']).unwrap_or(bytes.len());
        self.at += length;
        self.text.get(start..self.at).unwrap_or_default()
    }

    fn escape(&mut self) -> Result<char, Wrong> {
        const UNKNOWN: &str = "this escape is not one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX";
        self.at += 1;
        let c = match self.peek() {
            Some(c @ (b'"' | b'\\' | b'/')) => char::from(c),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(),
            _ => return Err(self.syntax(UNKNOWN)),
        };
        self.at += 1;
        Ok(c)
    }

    /// `uXXXX`, and the second half of a surrogate pair.
    fn unicode(&mut self) -> Result<char, Wrong> {
        const LONE: &str = "half of a surrogate pair alone is not a character";
        let start = self.at;
        let high = self.hex()?;
        let code = if (0xD800..0xDC00).contains(&high) {
            if !(self.take(b'\\') && self.peek() == Some(b'u')) {
                self.at = start;
                return Err(self.syntax(LONE));
            }
            let low = self.hex()?;
            // A low half outside its range gives a code that is no character.
            if (0xDC00..0xE000).contains(&low) {
                0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)
            } else {
                high
            }
        } else {
            high
        };
        char::from_u32(code).ok_or_else(|| {
            self.at = start;
            self.syntax(LONE)
        })
    }

    fn hex(&mut self) -> Result<u32, Wrong> {
        let digits = self.text.get(self.at + 1..self.at + 5);
        let digits = digits.filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
        match digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()) {
            Some(code) => {
                self.at += 5;
                Ok(code)
            }
            None => Err(self.syntax("\\u needs four hexadecimal digits")),
        }
    }
}
