//! Character sets by name, and text written in them: UTF-8, US-ASCII, ISO-8859-1, windows-1252 and UTF-16.

/// A character set that documents are read and written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Charset {
    /// UTF-8.
    Utf8,
    /// US-ASCII: the first half of UTF-8.
    Ascii,
    /// ISO-8859-1: one byte for each of the first 256 characters of Unicode.
    Latin1,
    /// windows-1252: ISO-8859-1 with printed characters in place of most of the controls from 0x80 on.
    Windows1252,
    /// UTF-16 with a byte order mark; big-endian where it is read without one (RFC 2781, section 4.3).
    Utf16,
    /// UTF-16, little-endian, written without a mark.
    Utf16Le,
    /// UTF-16, big-endian, written without a mark.
    Utf16Be,
}

/// The characters that windows-1252 has at 0x80 to 0x9F. The five bytes that it leaves open stand for the controls of
/// the same number, as the Encoding Standard has them, so that every byte has a character.
const UPPER: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8D}', 'Ž', '\u{8F}', '\u{90}',
    '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9D}', 'ž', 'Ÿ',
];

/// The names of the IANA registry in lower case, the one that headers show first.
const NAMES: &[(Charset, &[&str])] = &[
    (Charset::Utf8, &["utf-8", "utf8"]),
    (Charset::Ascii, &["us-ascii", "ascii"]),
    (Charset::Latin1, &["iso-8859-1", "iso8859-1", "iso_8859-1", "latin1", "l1"]),
    (Charset::Windows1252, &["windows-1252", "cp1252", "cp-1252"]),
    (Charset::Utf16, &["utf-16"]),
    (Charset::Utf16Le, &["utf-16le"]),
    (Charset::Utf16Be, &["utf-16be"]),
];

impl Charset {
    /// The character set of a name from the IANA registry, in any case, with or without quotes.
    pub fn by_name(name: &str) -> Option<Self> {
        // What nearly all say, and say as it is.
        if name.eq_ignore_ascii_case("utf-8") {
            return Some(Self::Utf8);
        }
        let name = name.trim().trim_matches(['"', '\'']);
        let is = |names: &[&str]| names.iter().any(|known| name.eq_ignore_ascii_case(known));
        NAMES.iter().find(|(_, names)| is(names)).map(|(charset, _)| *charset)
    }

    /// The names that are shown, in the order they are listed to a user.
    pub fn names() -> impl Iterator<Item = &'static str> {
        NAMES.iter().filter_map(|(_, names)| names.first().copied())
    }

    /// Its name as headers and profiles write it, in lower case.
    pub fn name(self) -> &'static str {
        let found = NAMES.iter().find(|(charset, _)| *charset == self);
        found.and_then(|(_, names)| names.first().copied()).unwrap_or("utf-8")
    }

    /// The character of a byte; `None` for a character set that has no single bytes, or not this one.
    pub fn character(self, byte: u8) -> Option<char> {
        match (self, byte) {
            (Self::Windows1252, 0x80..=0x9F) => UPPER.get(usize::from(byte - 0x80)).copied(),
            (Self::Latin1 | Self::Windows1252, _) => Some(char::from(byte)),
            (Self::Ascii | Self::Utf8, 0..=0x7F) => Some(char::from(byte)),
            _ => None,
        }
    }

    /// The bytes that the text of a whole document begins with: UTF-16 without a named byte order says it by a mark.
    pub fn mark(self) -> &'static [u8] {
        if self == Self::Utf16 { b"\xFE\xFF" } else { b"" }
    }

    /// Appends the text in this character set, without a mark.
    ///
    /// # Errors
    /// The first character that the set does not have; what stands before it has been appended.
    pub fn append(self, text: &str, out: &mut Vec<u8>) -> Result<(), char> {
        match self {
            Self::Utf8 => out.extend_from_slice(text.as_bytes()),
            Self::Utf16 | Self::Utf16Be => out.extend(text.encode_utf16().flat_map(u16::to_be_bytes)),
            Self::Utf16Le => out.extend(text.encode_utf16().flat_map(u16::to_le_bytes)),
            Self::Ascii | Self::Latin1 | Self::Windows1252 => {
                out.reserve(text.len());
                for c in text.chars() {
                    out.push(self.byte(c).ok_or(c)?);
                }
            }
        }
        Ok(())
    }

    /// The byte of a character in a set of single bytes.
    fn byte(self, c: char) -> Option<u8> {
        let plain = u8::try_from(u32::from(c)).ok();
        match (self, plain) {
            (_, Some(byte)) if byte.is_ascii() => Some(byte),
            (Self::Latin1, byte) => byte,
            (Self::Windows1252, Some(byte)) if byte > 0x9F => Some(byte),
            (Self::Windows1252, _) => {
                let at = UPPER.iter().position(|upper| *upper == c)?;
                u8::try_from(at + 0x80).ok()
            }
            _ => None,
        }
    }
}

/// A character as a message shows it: `€ (U+20AC)`.
pub fn shown(c: char) -> String {
    match c.is_control() {
        true => format!("U+{:04X}", u32::from(c)),
        false => format!("`{c}` (U+{:04X})", u32::from(c)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_of_windows_1252_comes_back() {
        let bytes: Vec<u8> = (0..=255).collect();
        for charset in [Charset::Windows1252, Charset::Latin1] {
            let text: String = bytes.iter().map(|b| charset.character(*b).unwrap()).collect();
            let mut out = Vec::new();
            charset.append(&text, &mut out).unwrap();
            assert_eq!(out, bytes);
        }
        assert_eq!(Charset::Windows1252.character(0x80), Some('€'));
        assert_eq!(Charset::Windows1252.character(0x9F), Some('Ÿ'));
        assert_eq!(Charset::Windows1252.character(0xE4), Some('ä'));
    }

    #[test]
    fn a_character_that_a_set_lacks_is_named() {
        for (charset, text, lacks) in [
            (Charset::Latin1, "a€", '€'),
            (Charset::Windows1252, "a\u{80}", '\u{80}'),
            (Charset::Windows1252, "Ω", 'Ω'),
            (Charset::Ascii, "ä", 'ä'),
        ] {
            assert_eq!(charset.append(text, &mut Vec::new()), Err(lacks));
        }
        assert_eq!(shown('€'), "`€` (U+20AC)");
    }

    #[test]
    fn names_are_those_of_the_registry() {
        assert_eq!(Charset::by_name(" \"Windows-1252\""), Some(Charset::Windows1252));
        assert_eq!(Charset::by_name("koi8-r"), None);
        for name in Charset::names() {
            assert_eq!(Charset::by_name(name).unwrap().name(), name);
        }
    }
}
