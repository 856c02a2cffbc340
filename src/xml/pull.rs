//! quick-xml's events with the source text of each, and its errors in the words of this reader.

use std::io::BufRead as _;

use quick_xml::Reader as Events;
use quick_xml::errors::IllFormedError;
use quick_xml::events::Event;

use super::cursor::{Wrong, short, syntax};
use crate::document::codec::MalformedKind;

/// Events of a text, one by one.
pub(super) struct Pull<'t> {
    events: Events<&'t [u8]>,
    text: &'t str,
    /// Where what comes next begins.
    at: usize,
}

/// One event: its whole source text, and where that begins.
pub(super) struct Piece<'t> {
    pub event: Event<'t>,
    pub markup: &'t str,
    pub offset: usize,
}

/// Why there is no next event.
#[derive(Debug)]
pub(super) enum Stop {
    /// The text ends within something that more text may end.
    Cut(Wrong),
    /// Whatever follows, this is not XML.
    Wrong(Wrong),
}

impl From<Wrong> for Stop {
    fn from(wrong: Wrong) -> Self {
        Self::Wrong(wrong)
    }
}

impl Stop {
    /// What is wrong when no more text comes.
    pub fn wrong(self) -> Wrong {
        match self {
            Self::Cut(wrong) | Self::Wrong(wrong) => wrong,
        }
    }
}

impl<'t> Pull<'t> {
    /// Events of a document or of a part of one. The caller checks the names of end tags: it knows also those elements that
    /// begin before the part, or in what is [passed over](Pull::skip).
    pub fn new(text: &'t str) -> Self {
        let mut events = Events::from_str(text);
        let config = events.config_mut();
        config.check_comments = true;
        config.check_end_names = false;
        config.allow_unmatched_ends = true;
        Self { events, text, at: 0 }
    }

    /// Where what comes next begins.
    pub fn at(&self) -> usize {
        self.at
    }

    /// What is not read yet.
    pub fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Passes over the next `length` bytes: whole tags, and text before them.
    pub fn skip(&mut self, length: usize) {
        self.events.stream().consume(length);
        self.at += length;
    }

    /// The next event; `None` at the end of the text.
    #[inline]
    pub fn next(&mut self) -> Result<Option<Piece<'t>>, Stop> {
        let offset = self.at;
        match self.events.read_event() {
            Ok(Event::Eof) => Ok(None),
            Ok(event) => {
                self.at = usize::try_from(self.events.buffer_position()).unwrap_or(self.text.len());
                let markup = self.text.get(offset..self.at).unwrap_or_default();
                Ok(Some(Piece { event, markup, offset }))
            }
            Err(error) => {
                let place = usize::try_from(self.events.error_position()).unwrap_or(offset);
                Err(self.broken(&error, offset, place.min(self.text.len())))
            }
        }
    }

    #[cold]
    fn broken(&self, error: &quick_xml::Error, start: usize, place: usize) -> Stop {
        let rest = self.text.get(place..).unwrap_or_default();
        if [start, place].into_iter().any(|at| is_doctype(self.text.get(at..).unwrap_or_default())) {
            return dtd(start.max(place)).into();
        }
        let wrong = if rest.starts_with('&') {
            syntax(place, "`&` begins a reference that has no `;`: write `&amp;`")
        } else {
            let message = error.to_string();
            syntax(place, short(message.strip_prefix("ill-formed document: ").unwrap_or(&message)))
        };
        if is_cut(error, rest) { Stop::Cut(wrong) } else { Stop::Wrong(wrong) }
    }
}

/// Whether more text could mend the error, which lies at the start of `rest`.
fn is_cut(error: &quick_xml::Error, rest: &str) -> bool {
    match error {
        quick_xml::Error::IllFormed(IllFormedError::UnclosedReference) => {
            !rest.bytes().skip(1).any(|b| matches!(b, b'&' | b'<' | b';'))
        }
        quick_xml::Error::Syntax(_) if rest.starts_with("<!") => {
            let begins = |markup: &str| {
                let length = markup.len().min(rest.len());
                rest.as_bytes().get(..length).is_some_and(|rest| {
                    markup.as_bytes().get(..length).is_some_and(|m| m.eq_ignore_ascii_case(rest))
                })
            };
            begins("<!--") || begins("<![CDATA[") || begins("<!DOCTYPE")
        }
        quick_xml::Error::Syntax(_) => true,
        _ => false,
    }
}

fn is_doctype(text: &str) -> bool {
    text.get(..9).is_some_and(|start| start.eq_ignore_ascii_case("<!DOCTYPE"))
}

/// The refusal of a document type declaration.
pub(super) fn dtd(offset: usize) -> Wrong {
    let message = "document type declarations are refused: send the document without <!DOCTYPE>";
    Wrong { offset, kind: MalformedKind::Dtd, message: message.into() }
}
