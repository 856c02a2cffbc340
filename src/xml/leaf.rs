//! Leaves without attributes, which most elements of a message are: recognized in one look instead of three events.

use super::chars::{is_ascii_part, is_ascii_start, is_plain_text, is_space};

/// An element of the form `<name>text</name>` or `<name/>`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Leaf<'t> {
    /// The prefix; empty without one.
    pub prefix: &'t str,
    pub local: &'t str,
    pub text: &'t str,
    /// Bytes of the whole element.
    pub length: usize,
}

/// The leaf that the text begins with. `None` for everything that takes a closer look: attributes, white space in tags,
/// names beyond ASCII, references, line ends to normalize, `>` in text, and whatever is wrong.
#[inline]
pub(super) fn leaf(text: &str) -> Option<Leaf<'_>> {
    let bytes = text.as_bytes();
    if bytes.first() != Some(&b'<') {
        return None;
    }
    let (colon, end) = name(bytes)?;
    let (prefix, local) = match colon {
        Some(colon) => (text.get(1..colon)?, text.get(colon + 1..end)?),
        None => ("", text.get(1..end)?),
    };
    if bytes.get(end) == Some(&b'/') {
        let closed = bytes.get(end + 1) == Some(&b'>');
        return closed.then_some(Leaf { prefix, local, text: "", length: end + 2 });
    }
    let start = end + 1;
    let content = bytes.get(start..)?;
    let length = content.iter().position(|byte| !is_plain_text(*byte))?;
    let closing = content.get(length..)?.strip_prefix(b"</")?;
    let (closing, after) = closing.split_at_checked(end - 1)?;
    let same = bytes.get(1..end)? == closing && after.first() == Some(&b'>');
    let text = text.get(start..start + length)?;
    same.then_some(Leaf { prefix, local, text, length: start + length + 2 + end })
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

    #[test]
    fn plain_leaves_are_recognized() {
        let found = |text| leaf(text).map(|l| (l.prefix, l.local, l.text, l.length));
        assert_eq!(found("<a>ü ]</a><b/>"), Some(("", "a", "ü ]", 11)));
        assert_eq!(found("<p:a-1></p:a-1>"), Some(("p", "a-1", "", 15)));
        assert_eq!(found("<a/>x"), Some(("", "a", "", 4)));
        for other in [
            "",
            "<",
            "a",
            "<a",
            "<a>",
            "<a>x",
            "<a>x<",
            "<a>x</",
            "<a>x</a",
            "<a>x</ab>",
            "<ab>x</a>",
            "<a >x</a>",
            "<a k=''>x</a>",
            "<a>&lt;</a>",
            "<a>x\r</a>",
            "<a>]]></a>",
            "<a><b/></a>",
            "<a>x</b>",
            "<a>x</a >",
            "<a/ >",
            "</a>",
            "<!---->",
            "<?a?>",
            "<:a/>",
            "<a:/>",
            "<a:b:c/>",
            "<1/>",
            "<ä/>",
            "<a:1/>",
            "</>",
            "<>",
        ] {
            assert_eq!(found(other), None, "{other}");
        }
    }

    #[test]
    fn white_space_before_markup() {
        assert_eq!(space(" \n\t<a/>"), Some(" \n\t"));
        assert_eq!(space("<a/>"), Some(""));
        assert_eq!([space(" x<a/>"), space(" "), space("")], [None; 3]);
    }
}
