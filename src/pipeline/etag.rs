//! Entity tags: what tells one state of a resource from another, and the conditions on it (RFC 9110, sections 8.8.3 and
//! 13.1).

use std::fmt::Write as _;

use aws_lc_rs::digest::{SHA256, digest};
use compact_str::{CompactString, format_compact};
use hyper::header::{HeaderMap, HeaderName, HeaderValue};

use super::answer::Returned;
use super::failure::Failure;
use super::run::Run;
use super::source::{ValueSource, is_blank};

/// The longest value that stands in a tag as it is; of a longer one it is the hash.
const LONGEST: usize = 128;

/// What follows the value in the tag of an answer in the JSON form of XML: two forms of one state are two representations,
/// and a strong tag is of one of them.
const JSON: &str = "+json";

/// What says which state an operation answers with: the inside of a strong entity tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State(CompactString);

impl State {
    /// The state that a source reads from an answer; `None` for an answer that is not one document, or without a value.
    ///
    /// # Errors
    /// The document cannot be read, or a script fails.
    pub fn of(source: &ValueSource, run: &Run, returned: &Returned) -> Result<Option<Self>, Failure> {
        let [document] = returned.documents.as_slice() else { return Ok(None) };
        if returned.status.is_some_and(|status| !status.is_success()) {
            return Ok(None);
        }
        let value = source.read(run, document, None)?;
        Ok(value.text().filter(|_| !is_blank(&value)).map(|text| Self::new(&text)))
    }

    /// Of a text. Characters that no tag can have, and the escape itself, are escaped: other texts are other states.
    fn new(text: &str) -> Self {
        if text.len() > LONGEST {
            let mut hash = CompactString::default();
            for byte in digest(&SHA256, text.as_bytes()).as_ref() {
                // Writing to a string does not fail.
                let _ = write!(hash, "{byte:02x}");
            }
            return Self(hash);
        }
        let mut inside = CompactString::default();
        for byte in text.bytes() {
            match byte {
                b'%' | b'"' => {
                    let _ = write!(inside, "%{byte:02X}");
                }
                0x21..=0x7E => inside.push(char::from(byte)),
                _ => {
                    let _ = write!(inside, "%{byte:02X}");
                }
            }
        }
        Self(inside)
    }

    /// The entity tag of an answer, as the field `ETag` has it. `json`: in the JSON form of XML.
    pub fn tag(&self, json: bool) -> Option<HeaderValue> {
        let form = if json { JSON } else { "" };
        HeaderValue::from_str(&format_compact!("\"{}{form}\"", self.0)).ok()
    }
}

/// The tags in `If-Match` or `If-None-Match`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tags {
    /// `*`: any state at all.
    Any,
    /// One of these.
    These(Vec<Tag>),
}

/// An entity tag as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// Whether it is of any state that is as good.
    weak: bool,
    /// With its quotes.
    text: Vec<u8>,
}

/// A field that is no list of entity tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoTags;

impl Tags {
    /// The tags in the lines of a field; `None` without one.
    ///
    /// # Errors
    /// It is neither `*` nor a list of entity tags.
    pub fn of(headers: &HeaderMap, name: &HeaderName) -> Result<Option<Self>, NoTags> {
        let mut lines = headers.get_all(name).iter().peekable();
        if lines.peek().is_none() {
            return Ok(None);
        }
        let mut tags = Vec::new();
        let mut any = 0_usize;
        for line in lines {
            match line.as_bytes().trim_ascii() {
                b"*" => any += 1,
                text => list(text, &mut tags)?,
            }
        }
        match (any, tags.is_empty()) {
            (1, true) => Ok(Some(Self::Any)),
            (0, false) => Ok(Some(Self::These(tags))),
            _ => Err(NoTags),
        }
    }

    /// Whether one of them is the same as `current`, byte for byte of one representation: neither is weak (section
    /// 8.8.3.2).
    pub fn match_strongly(&self, current: &HeaderValue) -> bool {
        let Self::These(tags) = self else { return true };
        let current = tag(current.as_bytes());
        current.is_some_and(|(current, _)| !current.weak && tags.contains(&current))
    }

    /// Whether one of them is as good as `current`.
    pub fn match_weakly(&self, current: &HeaderValue) -> bool {
        let Self::These(tags) = self else { return true };
        let current = tag(current.as_bytes());
        current.is_some_and(|(current, _)| tags.iter().any(|tag| tag.text == current.text))
    }
}

/// The tags of a list; commas may stand where nothing does (section 5.6.1).
fn list(mut text: &[u8], into: &mut Vec<Tag>) -> Result<(), NoTags> {
    loop {
        text = text.trim_ascii_start();
        if let Some(rest) = text.strip_prefix(b",") {
            text = rest;
        } else if text.is_empty() {
            return Ok(());
        } else {
            let (found, rest) = tag(text).ok_or(NoTags)?;
            into.push(found);
            text = rest.trim_ascii_start();
            if !text.is_empty() && !text.starts_with(b",") {
                return Err(NoTags);
            }
        }
    }
}

/// The tag that a text begins with, and what follows.
fn tag(text: &[u8]) -> Option<(Tag, &[u8])> {
    let strong = text.strip_prefix(b"W/");
    let weak = strong.is_some();
    let text = strong.unwrap_or(text);
    let inside = text.strip_prefix(b"\"")?;
    let end = inside.iter().position(|byte| !matches!(byte, 0x21 | 0x23..=0x7E | 0x80..))?;
    let (_, rest) = inside.split_at_checked(end)?;
    let rest = rest.strip_prefix(b"\"")?;
    let text = text.get(..end + 2)?;
    Some((Tag { weak, text: text.to_vec() }, rest))
}

#[cfg(test)]
mod tests {
    use hyper::header::IF_MATCH;

    use super::*;

    fn tags(lines: &[&str]) -> Result<Option<Tags>, NoTags> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(IF_MATCH, HeaderValue::from_str(line).unwrap());
        }
        Tags::of(&headers, &IF_MATCH)
    }

    fn count(lines: &[&str]) -> usize {
        match tags(lines).unwrap().unwrap() {
            Tags::Any => panic!("{lines:?}"),
            Tags::These(tags) => tags.len(),
        }
    }

    #[test]
    fn lists_of_tags_are_read() {
        assert_eq!(tags(&[]), Ok(None));
        assert_eq!(tags(&[" * "]), Ok(Some(Tags::Any)));
        assert_eq!(count(&["\"a\""]), 1);
        assert_eq!(count(&["\"a,b\" , W/\"c\\\",,\"\","]), 3);
        assert_eq!(count(&["\"a\"", "\"zürich\""]), 2);
        for wrong in
            ["", ",", "a", "\"a", "w/\"a\"", "\"a\"\"b\"", "\"a\" \"b\"", "\"a b\"", "*, \"a\"", "W/*"]
        {
            assert_eq!(tags(&[wrong]), Err(NoTags), "{wrong}");
        }
        assert_eq!(tags(&["*", "\"a\""]), Err(NoTags));
        assert_eq!(tags(&["*", "*"]), Err(NoTags));
    }

    #[test]
    fn tags_are_compared_as_the_standard_says() {
        // RFC 9110, section 8.8.3.2, table 3.
        for (one, other, strong, weak) in [
            ("W/\"1\"", "W/\"1\"", false, true),
            ("W/\"1\"", "W/\"2\"", false, false),
            ("W/\"1\"", "\"1\"", false, true),
            ("\"1\"", "\"1\"", true, true),
            ("\"1\"", "W/\"1\"", false, true),
            ("\"a\"", "\"A\"", false, false),
        ] {
            let tags = tags(&["\"x\"", one]).unwrap().unwrap();
            let current = HeaderValue::from_static(other);
            assert_eq!(
                (tags.match_strongly(&current), tags.match_weakly(&current)),
                (strong, weak),
                "{one} {other}"
            );
        }
        let any = tags(&["*"]).unwrap().unwrap();
        assert!(any.match_strongly(&HeaderValue::from_static("W/\"1\"")));
        assert!(!tags(&["\"1\""]).unwrap().unwrap().match_weakly(&HeaderValue::from_static("1")));
    }

    #[test]
    fn other_values_have_other_tags() {
        let tag = |text: &str, json| State::new(text).tag(json).unwrap();
        assert_eq!(tag("7", false), "\"7\"");
        assert_eq!(tag("7", true), "\"7+json\"");
        assert_eq!(tag("a \"b\" 100%ü", false), "\"a%20%22b%22%20100%25%C3%BC\"");
        let long = "x".repeat(LONGEST + 1);
        assert_eq!(tag(&long, false).len(), 66);
        assert_ne!(tag(&long, false), tag(&format!("{long}y"), false));
    }
}
