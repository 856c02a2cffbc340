//! The reader: finds the boundaries of a body and gives what stands between them as slices.

use std::ops::Range;

use bytes::Bytes;
use memchr::memchr;
use memchr::memmem::Finder;

use super::part::Part;
use super::{Refused, fields, malformed};
use crate::document::codec::Limits;

/// Characters of a boundary. The standard has 70 (RFC 2046, section 5.1.1), and some clients more.
const LONGEST_BOUNDARY: usize = 250;

/// Takes a body apart at its boundary, the parameter of its media type (RFC 2046, section 5.1). What stands before the
/// first boundary and behind the last counts for nothing; lines may end without a carriage return.
///
/// # Errors
/// There is no boundary, none closes the body, a header is none, or there is more than `limits` allow.
pub fn read(body: &Bytes, boundary: &str, limits: &Limits) -> Result<Vec<Part>, Refused> {
    let boundary = boundary.trim_end();
    if boundary.is_empty() || boundary.len() > LONGEST_BOUNDARY {
        return Err(malformed(format!("its boundary must have 1 to {LONGEST_BOUNDARY} characters")));
    }
    let mark = format!("--{boundary}");
    let mut lines = Delimiters { body, finder: Finder::new(mark.as_bytes()), from: 0, floor: 0 };
    let first = lines.next().ok_or_else(|| malformed("the boundary of its media type is not in it"))?;
    let mut parts = Vec::new();
    let mut last = first;
    while !last.closes {
        let next = lines.next().ok_or_else(|| malformed("the last boundary is missing"))?;
        if parts.len() == limits.parts {
            return Err(Refused::Beyond(format!("it has more than {} parts", limits.parts)));
        }
        parts.push(part(body, last.range.end..next.range.start, limits)?);
        last = next;
    }
    Ok(parts)
}

fn part(body: &Bytes, range: Range<usize>, limits: &Limits) -> Result<Part, Refused> {
    let whole = body.get(range).unwrap_or_default();
    let (fields, length) = fields::read(whole)?;
    let content = whole.get(length..).unwrap_or_default();
    if content.len() > limits.part {
        return Err(Refused::Beyond(format!("a part has more than {} bytes", limits.part)));
    }
    let content = if content.is_empty() { Bytes::new() } else { body.slice_ref(content) };
    Ok(Part { fields, body: content })
}

/// A line that divides parts: from the line end before it to the start of what follows.
struct Delimiter {
    range: Range<usize>,
    closes: bool,
}

/// The dividing lines of a body.
struct Delimiters<'a> {
    body: &'a [u8],
    finder: Finder<'a>,
    /// Where the search goes on.
    from: usize,
    /// Where the last one ended.
    floor: usize,
}

impl Iterator for Delimiters<'_> {
    type Item = Delimiter;

    fn next(&mut self) -> Option<Delimiter> {
        loop {
            let found = self.finder.find(self.body.get(self.from..)?)?;
            let (begin, end) = (self.from + found, self.from + found + self.finder.needle().len());
            let before = self.body.get(..begin)?;
            match (is_line_start(before), rest_of_line(self.body.get(end..)?)) {
                (true, Some((closes, length))) => {
                    // The line end before the boundary belongs to it, unless it is that of the boundary before.
                    let start = begin.saturating_sub(line_end(before)).max(self.floor);
                    // What follows may begin with the next boundary, whose line end is this one's.
                    self.from = end + length;
                    self.floor = self.from;
                    return Some(Delimiter { range: start..end + length, closes });
                }
                // None begins in the rest of this line. Each byte is looked at once, whatever begins like a boundary.
                _ => self.from = begin + memchr(b'\n', self.body.get(begin..)?)? + 1,
            }
        }
    }
}

fn is_line_start(before: &[u8]) -> bool {
    before.last().is_none_or(|byte| *byte == b'\n')
}

fn line_end(before: &[u8]) -> usize {
    match before {
        [.., b'\r', b'\n'] => 2,
        [.., b'\n'] => 1,
        _ => 0,
    }
}

/// Whether the boundary closes the body, and the bytes up to the next line; `None` when more stands in its line, which is
/// then no boundary but a text that begins like one.
fn rest_of_line(rest: &[u8]) -> Option<(bool, usize)> {
    let (closes, rest, used) = match rest.strip_prefix(b"--") {
        Some(rest) => (true, rest, 2),
        None => (false, rest, 0),
    };
    let padding = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let end = match rest.get(padding..)? {
        [b'\r', b'\n', ..] => 2,
        [b'\n', ..] => 1,
        [] if closes => 0,
        _ => return None,
    };
    Some((closes, used + padding + end))
}
