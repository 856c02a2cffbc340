//! Tags without attributes, which most of a message are: recognized in one look instead of an event each.

use super::chars::{is_ascii_part, is_ascii_start, is_plain_text, is_space};

/// The name in a tag.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Tag<'t> {
    /// As it is written.
    pub name: &'t str,
    /// The prefix; empty without one.
    pub prefix: &'t str,
    pub local: &'t str,
}

/// What plain markup is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Plain<'t> {
    /// An element of the form `<name>text</name>` or `<name/>`.
    Leaf {
        tag: Tag<'t>,
        text: &'t str,
        /// Bytes of the whole element.
        length: usize,
    },
    /// A start tag, `<name>`, of an element that is more.
    Start(Tag<'t>),
}

impl Plain<'_> {
    /// Bytes of it.
    pub fn length(&self) -> usize {
        match self {
            Self::Leaf { length, .. } => *length,
            Self::Start(tag) => tag.name.len() + 2,
        }
    }
}

/// The leaf or start tag that the text begins with. `None` for everything that takes a closer look: attributes, white space
/// in tags, names beyond ASCII, and whatever is wrong. No leaf is what has references, line ends to normalize, or `>` in its
/// text.
#[inline]
pub(super) fn plain(text: &str) -> Option<Plain<'_>> {
    let bytes = text.as_bytes();
    if bytes.first() != Some(&b'<') {
        return None;
    }
    let (colon, end) = name(bytes)?;
    let name = text.get(1..end)?;
    let tag = match colon {
        Some(colon) => Tag { name, prefix: text.get(1..colon)?, local: text.get(colon + 1..end)? },
        None => Tag { name, prefix: "", local: name },
    };
    if bytes.get(end) == Some(&b'/') {
        let closed = bytes.get(end + 1) == Some(&b'>');
        return closed.then_some(Plain::Leaf { tag, text: "", length: end + 2 });
    }
    match content(text.get(end + 1..)?, name) {
        Some(text) => Some(Plain::Leaf { tag, text, length: text.len() + 2 * end + 3 }),
        None => Some(Plain::Start(tag)),
    }
}

/// The text before the end tag of that name, if it stands for itself.
#[inline]
fn content<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let length = text.bytes().position(|byte| !is_plain_text(byte))?;
    let (content, rest) = text.split_at_checked(length)?;
    ends(rest, name).then_some(content)
}

/// Whether the text begins with the plain end tag of that name.
#[inline]
pub(super) fn ends(text: &str, name: &str) -> bool {
    let bytes = text.as_bytes();
    let end = name.len() + 2;
    bytes.get(end) == Some(&b'>')
        && bytes.get(..2) == Some(b"</")
        && bytes.get(2..end) == Some(name.as_bytes())
}

/// Bytes of an end tag of that name, as [`ends`] takes it.
pub(super) fn end_length(name: &str) -> usize {
    name.len() + 3
}

/// Where the name that begins at byte 1 has its colon, and where it ends: at `>` or `/`.
#[inline]
fn name(bytes: &[u8]) -> Option<(Option<usize>, usize)> {
    let ends = |at: usize| matches!(bytes.get(at), Some(b'>' | b'/'));
    let end = part(bytes, 1)?;
    if ends(end) {
        return Some((None, end));
    }
    let local = part(bytes, end + 1).filter(|_| bytes.get(end) == Some(&b':'))?;
    ends(local).then_some((Some(end), local))
}

/// Where the part of a name that begins at `start` ends.
#[inline]
fn part(bytes: &[u8], start: usize) -> Option<usize> {
    let rest = bytes.get(start..)?;
    let length = rest.iter().position(|byte| !is_ascii_part(*byte))?;
    rest.first().is_some_and(|first| is_ascii_start(*first)).then_some(start + length)
}

/// The white space before markup, if nothing else stands there.
#[inline]
pub(super) fn space(text: &str) -> Option<&str> {
    let length = text.bytes().position(|byte| !is_space(byte))?;
    text.get(..length).filter(|_| text.as_bytes().get(length) == Some(&b'<'))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The parts of a leaf.
    fn leaf(text: &str) -> Option<(&str, &str, &str, usize)> {
        match plain(text)? {
            Plain::Leaf { tag, text, length } => Some((tag.prefix, tag.local, text, length)),
            Plain::Start(_) => None,
        }
    }

    #[test]
    fn plain_leaves_are_recognized() {
        assert_eq!(leaf("<a>ü ]</a><b/>"), Some(("", "a", "ü ]", 11)));
        assert_eq!(leaf("<p:a-1></p:a-1>"), Some(("p", "a-1", "", 15)));
        assert_eq!(leaf("<a/>x"), Some(("", "a", "", 4)));
    }

    #[test]
    fn plain_start_tags_are_recognized() {
        for text in [
            "<a>",
            "<a>x",
            "<a>x<",
            "<a>x</",
            "<a>x</a",
            "<a>x</ab>",
            "<a>&lt;</a>",
            "<a>x\r</a>",
            "<a>]]></a>",
            "<a><b/></a>",
            "<a>x</b>",
            "<a>x</a >",
        ] {
            let tag = Tag { name: "a", prefix: "", local: "a" };
            assert_eq!(plain(text), Some(Plain::Start(tag)), "{text}");
        }
        let tag = Tag { name: "p:ab", prefix: "p", local: "ab" };
        assert_eq!(plain("<p:ab>x</a>").map(|plain| plain.length()), Some(6));
        assert_eq!(plain("<p:ab>x</a>"), Some(Plain::Start(tag)));
    }

    #[test]
    fn plain_end_tags_are_recognized() {
        assert!(ends("</a>", "a") && ends("</p:a-1></x>", "p:a-1"));
        assert_eq!(end_length("p:a-1"), "</p:a-1>".len());
        for text in ["", "<", "</", "</a", "</ab>", "</a >", "</b>", "<a>", "a</a>"] {
            assert!(!ends(text, "a"), "{text}");
        }
    }

    #[test]
    fn what_takes_a_closer_look_is_not_plain() {
        for other in [
            "",
            "<",
            "a",
            "<a",
            "<a >x</a>",
            "<a k=''>x</a>",
            "<a/ >",
            "</a>",
            "<!---->",
            "<?a?>",
            "<:a/>",
            "<a:/>",
            "<a:b:c/>",
            "<a:b:c>",
            "<1/>",
            "<1>",
            "<ä/>",
            "<ä>",
            "<a:1/>",
            "</>",
            "<>",
        ] {
            assert_eq!(plain(other), None, "{other}");
        }
    }

    #[test]
    fn white_space_before_markup() {
        assert_eq!(space(" \n\t<a/>"), Some(" \n\t"));
        assert_eq!(space("<a/>"), Some(""));
        assert_eq!([space(" x<a/>"), space(" "), space("")], [None; 3]);
    }
}
