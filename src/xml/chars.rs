//! Characters and names of XML 1.0, with fast paths for ASCII.

use std::borrow::Cow;

use memchr::memmem;

use crate::document::short::{SHORT, control_or};

/// What a byte below 0x80 may be.
const START: u8 = 1;
const PART: u8 = 2;
const SPACE: u8 = 4;
/// Ends a piece of text, or makes it need a closer look: markup, references, `]]>`, line ends to normalize.
const STOP: u8 = 8;

/// The class of every byte: ASCII by XML's productions, bytes of other characters none.
static CLASS: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut table = [0; 256];
    let mut at = 0;
    while at < 128 {
        let byte = at as u8;
        #[expect(
            clippy::indexing_slicing,
            reason = "evaluated by the compiler, within the bounds of the table"
        )]
        {
            table[at] = match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'_' => START | PART,
                b'0'..=b'9' | b'-' | b'.' => PART,
                b'\r' => SPACE | STOP,
                b' ' | b'\t' | b'\n' => SPACE,
                b'<' | b'&' | b'>' => STOP,
                _ => 0,
            };
        }
        at += 1;
    }
    table
}

fn class(byte: u8) -> u8 {
    CLASS.get(usize::from(byte)).copied().unwrap_or_default()
}

/// Whether a byte is white space (XML 1.0, production 3).
pub fn is_space(byte: u8) -> bool {
    class(byte) & SPACE != 0
}

/// Whether an ASCII byte may begin a name; false for others.
pub(super) fn is_ascii_start(byte: u8) -> bool {
    class(byte) & START != 0
}

/// Whether an ASCII byte may go on in a name; false for others.
pub(super) fn is_ascii_part(byte: u8) -> bool {
    class(byte) & PART != 0
}

/// Whether a byte of text stands for itself wherever it stands.
pub(super) fn is_plain_text(byte: u8) -> bool {
    class(byte) & STOP == 0
}

/// Whether a text is white space only.
pub fn is_blank(text: &str) -> bool {
    text.bytes().all(is_space)
}

/// Whether XML 1.0 can carry the character (production 2).
pub fn is_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

/// Whether a name may begin with the character (XML 1.0, production 4, without the colon).
pub fn is_name_start(c: char) -> bool {
    if c.is_ascii() {
        return class(c as u8) & START != 0;
    }
    matches!(c,
        '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{2FF}' | '\u{370}'..='\u{37D}'
        | '\u{37F}'..='\u{1FFF}' | '\u{200C}'..='\u{200D}' | '\u{2070}'..='\u{218F}'
        | '\u{2C00}'..='\u{2FEF}' | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}'
        | '\u{FDF0}'..='\u{FFFD}' | '\u{10000}'..='\u{EFFFF}')
}

/// Whether a name may go on with the character (XML 1.0, production 4a, without the colon).
pub fn is_name_part(c: char) -> bool {
    if c.is_ascii() {
        return class(c as u8) & PART != 0;
    }
    is_name_start(c) || matches!(c, '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}')
}

/// Whether a text is a name without a colon (Namespaces in XML, production 4).
pub fn is_ncname(text: &str) -> bool {
    let mut bytes = text.bytes();
    if bytes.next().is_some_and(|b| class(b) & START != 0) && bytes.all(|b| class(b) & PART != 0) {
        return true;
    }
    let mut chars = text.chars();
    !text.is_ascii() && chars.next().is_some_and(is_name_start) && chars.all(is_name_part)
}

/// Whether a text is a name, colons allowed (XML 1.0, production 5).
pub fn is_name(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| c == ':' || is_name_start(c)) && chars.all(|c| c == ':' || is_name_part(c))
}

/// A qualified name in its prefix (empty without one) and local part (Namespaces in XML, production 7).
pub fn split_qname(text: &str) -> Option<(&str, &str)> {
    if is_ncname(text) {
        return Some(("", text));
    }
    let (prefix, local) = text.split_once(':')?;
    (is_ncname(prefix) && is_ncname(local)).then_some((prefix, local))
}

/// The first character that XML 1.0 cannot carry, and what is wrong with it: one pass over a document or a piece of one,
/// most of it by machine words.
pub(super) fn forbidden(text: &str) -> Option<(usize, Cow<'static, str>)> {
    let bytes = text.as_bytes();
    let control = |b: &u8| *b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r');
    // U+FFFE and U+FFFF begin with EF, as do some letters. Values are mostly short; a long text has line ends, and a fold
    // without an early end is what the compiler turns into vector instructions.
    let suspect = match bytes.len() < SHORT {
        true => control_or(bytes, [0xEF]).is_some(),
        false => bytes.iter().fold(false, |any, b| any | control(b) | (*b == 0xEF)),
    };
    if !suspect {
        return None;
    }
    if !bytes.iter().any(control) && memmem::find(bytes, b"\xEF\xBF").is_none() {
        return None;
    }
    let (at, c) = text.char_indices().find(|(_, c)| !is_char(*c))?;
    Some((at, format!("the character U+{:04X} cannot stand in XML", u32::from(c)).into()))
}

/// The first character that XML 1.0 cannot carry or XML 1.1 only takes as a reference (XML 1.1, production 2a): what is
/// read as XML 1.0 and says 1.1 must be well-formed as both.
pub(super) fn restricted(text: &str) -> Option<(usize, Cow<'static, str>)> {
    let wrong = |(at, c): (usize, char)| -> (usize, Cow<'static, str>) {
        (at, format!("the character U+{:04X} cannot stand in XML 1.1 as it is", u32::from(c)).into())
    };
    let found = text.char_indices().find(|(_, c)| matches!(c, '\u{7F}'..='\u{84}' | '\u{86}'..='\u{9F}'));
    match (found.map(wrong), forbidden(text)) {
        (Some(restricted), Some(forbidden)) if forbidden.0 < restricted.0 => Some(forbidden),
        (restricted, forbidden) => restricted.or(forbidden),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_productions() {
        for good in ["a", "_", "Größe", "a-b.c1", "名"] {
            assert!(is_ncname(good) && is_name(good), "{good}");
        }
        for bad in ["", "1a", "-a", "a b", "a:b", "a\u{D7}", "·a", "a/"] {
            assert!(!is_ncname(bad), "{bad}");
        }
        assert!(is_name("a:b") && !is_name("1"));
        assert_eq!(split_qname("s:Body"), Some(("s", "Body")));
        assert_eq!(split_qname("Body"), Some(("", "Body")));
        assert_eq!([split_qname(":a"), split_qname("a:"), split_qname("a:b:c")], [None; 3]);
    }

    #[test]
    fn characters_that_xml_cannot_carry() {
        assert!([' ', '\t', '\u{7f}', '\u{85}', '\u{10FFFF}'].into_iter().all(is_char));
        assert!(!['\0', '\u{b}', '\u{1f}', '\u{FFFE}', '\u{FFFF}'].into_iter().any(is_char));
    }
}
