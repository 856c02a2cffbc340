//! Segments, elements and components of an interchange, cut out of its text without copying it.

use std::borrow::Cow;

use compact_str::CompactString;

use super::{Delimiters, Syntax};

/// White space that may stand between segments.
pub(super) const SPACE: [char; 4] = [' ', '\t', '\r', '\n'];

/// One segment as it stands in the text.
#[derive(Debug, Clone)]
pub(super) struct Segment<'a> {
    /// Where it begins, in bytes of the text.
    pub offset: usize,
    /// Its tag.
    pub tag: CompactString,
    /// Its elements, still in one piece.
    body: Option<&'a str>,
    delimiters: Delimiters,
    /// The element from which on nothing delimits: the data of `BIN` and `BDS`.
    raw_from: usize,
}

/// Why no segment could be cut out: where, and what is wrong.
pub(super) type Fault = (usize, String);

/// The segments of an interchange.
#[derive(Debug)]
pub(super) struct Segments<'a> {
    text: &'a str,
    at: usize,
    /// What parts them.
    pub delimiters: Delimiters,
    /// Whether a character was a byte before it was read: then lengths count characters.
    single_bytes: bool,
}

/// Where the first character `at` stands that is not released.
fn find(text: &str, at: char, release: Option<char>) -> Option<usize> {
    let Some(release) = release else { return text.find(at) };
    let mut from = 0;
    loop {
        let rest = text.get(from..)?;
        let found = from + rest.find([at, release])?;
        let mut chars = text.get(found..)?.chars();
        if chars.next()? == at {
            return Some(found);
        }
        // The release character, the end of a line between the two, and what it releases.
        chars.find(|c| !matches!(c, '\r' | '\n'))?;
        from = text.len() - chars.as_str().len();
    }
}

/// The parts between the characters `at` that are not released; always one at least.
#[derive(Debug, Clone)]
pub(super) struct Split<'a> {
    rest: Option<&'a str>,
    at: Option<char>,
    release: Option<char>,
}

pub(super) fn split(text: &str, at: Option<char>, release: Option<char>) -> Split<'_> {
    Split { rest: Some(text), at, release }
}

impl<'a> Iterator for Split<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let rest = self.rest?;
        let Some((at, found)) = self.at.and_then(|at| Some((at, find(rest, at, self.release)?))) else {
            self.rest = None;
            return Some(rest);
        };
        self.rest = rest.get(found + at.len_utf8()..);
        rest.get(..found)
    }
}

impl Delimiters {
    /// The parts of an element that repeats.
    pub(super) fn repetitions<'a>(&self, element: &'a str) -> Split<'a> {
        split(element, self.repetition, self.release)
    }

    /// The components of an element.
    pub(super) fn components<'a>(&self, element: &'a str) -> Split<'a> {
        split(element, Some(self.component), self.release)
    }

    /// A value without what releases its characters. Line breaks are no characters of EDIFACT's sets: files are wrapped
    /// at them (ISO 9735-1, section 5).
    pub(super) fn value<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let release = self.release.unwrap_or('\n');
        if self.syntax == Syntax::X12 || !text.contains([release, '\r', '\n']) {
            return Cow::Borrowed(text);
        }
        let mut out = String::with_capacity(text.len());
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            match c {
                '\r' | '\n' => {}
                c if c == release => out.extend(chars.find(|c| !matches!(c, '\r' | '\n'))),
                c => out.push(c),
            }
        }
        Cow::Owned(out)
    }
}

impl<'a> Segment<'a> {
    /// The elements, the first at position 1, still with what parts and releases.
    pub(super) fn elements(&self) -> impl Iterator<Item = &'a str> {
        let Delimiters { element, release, .. } = self.delimiters;
        let (mut rest, mut left) = (self.body, self.raw_from);
        std::iter::from_fn(move || {
            let text = rest?;
            left = left.saturating_sub(1);
            let found = if left == 0 { None } else { find(text, element, release) };
            rest = found.and_then(|at| text.get(at + element.len_utf8()..));
            text.get(..found.unwrap_or(text.len()))
        })
    }

    /// Whether the element at that position is data in which nothing delimits.
    pub(super) fn is_raw(&self, position: usize) -> bool {
        position >= self.raw_from
    }

    /// A value by element and component, each from 1; empty when there is none.
    pub(super) fn value(&self, position: usize, component: usize) -> Cow<'a, str> {
        let element = self.elements().nth(position.saturating_sub(1)).unwrap_or_default();
        let part = self.delimiters.components(element).nth(component.saturating_sub(1));
        self.delimiters.value(part.unwrap_or_default())
    }
}

impl<'a> Segments<'a> {
    /// The segments from byte `at` on.
    pub(super) fn new(text: &'a str, at: usize, delimiters: Delimiters, single_bytes: bool) -> Self {
        Self { text, at, delimiters, single_bytes }
    }

    /// Where the next segment begins, or the end of the text.
    pub(super) fn position(&mut self) -> usize {
        let rest = self.text.get(self.at..).unwrap_or_default();
        self.at += rest.len() - rest.trim_start_matches(SPACE).len();
        self.at
    }

    /// The next segment; `None` at the end of the text.
    pub(super) fn next(&mut self) -> Result<Option<Segment<'a>>, Fault> {
        let offset = self.position();
        let rest = self.text.get(offset..).unwrap_or_default();
        if rest.is_empty() {
            return Ok(None);
        }
        let Delimiters { element, terminator, release, .. } = self.delimiters;
        let raw_from = match self.delimiters.syntax {
            Syntax::X12 if starts_with(rest, "BIN", element) => 2,
            Syntax::X12 if starts_with(rest, "BDS", element) => 3,
            _ => usize::MAX,
        };
        // How long it is, and how much of that is not binary data.
        let (length, text) = match raw_from {
            usize::MAX => match find(rest, terminator, release) {
                Some(length) => (length, length),
                // Where lines end segments, the last line may lack its end.
                None if SPACE.contains(&terminator) => (rest.len(), rest.len()),
                None => {
                    let message = format!("this segment is not ended by `{}`", terminator.escape_default());
                    return Err((offset, message));
                }
            },
            from => self.binary(rest, from).map_err(|message| (offset, message))?,
        };
        self.at = (offset + length + terminator.len_utf8()).min(self.text.len());
        let whole = rest.get(..length).unwrap_or_default();
        if let Some((at, c)) = self.delimiters.foreign(rest.get(..text).unwrap_or_default()) {
            return Err((offset + at, self.delimiters.not_data(c)));
        }
        let (tag, body) = match find(whole, element, release) {
            Some(at) => (whole.get(..at).unwrap_or_default(), whole.get(at + element.len_utf8()..)),
            None => (whole, None),
        };
        let tag = CompactString::from(self.delimiters.value(tag));
        Ok(Some(Segment { offset, tag, body, delimiters: self.delimiters, raw_from }))
    }

    /// The length of a segment that says how long its data is (X12 data elements 784 and 785), and where the data begins.
    fn binary(&self, rest: &str, from: usize) -> Result<(usize, usize), String> {
        let Delimiters { element, terminator, .. } = self.delimiters;
        let mut parts = rest.splitn(from + 1, element);
        let stated = parts.clone().nth(from - 1).unwrap_or_default();
        let data = parts.nth(from).unwrap_or_default();
        let tag = rest.get(..3).unwrap_or_default();
        let position = from - 1;
        let begin = rest.len() - data.len();
        if rest.get(..begin).is_some_and(|head| head.contains(terminator)) {
            return Err(format!(
                "{tag} ends before its data: it says how long that is in {tag}{position:02}"
            ));
        }
        let digits = Some(stated).filter(|text| text.bytes().all(|b| b.is_ascii_digit()));
        let count: usize = digits
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| format!("{tag}{position:02} does not say how long the data is"))?;
        let length = match self.single_bytes {
            true => data.char_indices().map(|(at, _)| at).chain([data.len()]).nth(count),
            false => Some(count).filter(|count| data.is_char_boundary(*count)),
        };
        let ended = length
            .is_some_and(|length| data.get(length..).is_some_and(|after| after.starts_with(terminator)));
        match length.filter(|_| ended) {
            Some(length) => Ok((begin + length, begin)),
            None => Err(format!("{tag}{position:02} says {count} bytes of data, and no segment ends there")),
        }
    }
}

fn starts_with(rest: &str, tag: &str, element: char) -> bool {
    rest.strip_prefix(tag).is_some_and(|rest| rest.starts_with(element))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segments(text: &str, delimiters: Delimiters) -> Result<Vec<Vec<String>>, Fault> {
        let mut segments = Segments::new(text, 0, delimiters, false);
        let mut out = Vec::new();
        while let Some(segment) = segments.next()? {
            let elements = segment.elements().map(|element| delimiters.value(element).into_owned());
            out.push(std::iter::once(segment.tag.to_string()).chain(elements).collect());
        }
        Ok(out)
    }

    #[test]
    fn x12_is_cut_at_its_delimiters() {
        let found = segments("BEG*00**X~\r\n HL~", Delimiters::X12).unwrap();
        assert_eq!(found, [vec!["BEG", "00", "", "X"], vec!["HL"]]);
        let (at, message) = segments("BEG*1~N1*2", Delimiters::X12).unwrap_err();
        assert_eq!((at, message.as_str()), (6, "this segment is not ended by `~`"));
    }

    #[test]
    fn edifact_releases_and_wraps() {
        let found = segments("FTX+a?+b??+c?'d'N\nAD+B\r\nY'", Delimiters::EDIFACT);
        assert_eq!(found.unwrap(), [vec!["FTX", "a+b?", "c'd"], vec!["NAD", "BY"]]);
    }

    #[test]
    fn binary_data_is_as_long_as_it_says() {
        let found = segments("BIN*5*a*b~c~SE*1~", Delimiters::X12).unwrap();
        assert_eq!(found, [vec!["BIN", "5", "a*b~c"], vec!["SE", "1"]]);
        for wrong in ["BIN*4*a*b~c~", "BIN*99*a~", "BIN*x*a~", "BIN*3~", "BDS*ASC*5*ab~"] {
            assert!(segments(wrong, Delimiters::X12).is_err(), "{wrong}");
        }
    }
}
