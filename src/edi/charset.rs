//! Character sets of interchanges: what the first segment or the profile says, to text and back.

use std::borrow::Cow;

use crate::document::codec::{Malformed, MalformedKind};

/// How the characters of an interchange are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Charset {
    /// Seven bits: levels A and B of EDIFACT.
    Ascii,
    /// ISO 8859-1: level C of EDIFACT.
    Latin1,
    /// UTF-8: level Y of EDIFACT, and X12 unless its profile says otherwise.
    Utf8,
}

impl Charset {
    /// The character set of a syntax identifier in `UNB01` (ISO 9735-1, annex A); `None` for one that is not known.
    pub(super) fn of_level(identifier: &str) -> Option<Self> {
        match identifier {
            "UNOA" | "UNOB" | "IATA" | "IATB" => Some(Self::Ascii),
            "UNOC" => Some(Self::Latin1),
            "UNOW" | "UNOX" | "UNOY" => Some(Self::Utf8),
            _ => None,
        }
    }

    /// The character set of a name that a profile may declare.
    pub(super) fn of_label(label: &str) -> Option<Self> {
        let is = |names: &[&str]| names.iter().any(|name| label.eq_ignore_ascii_case(name));
        if is(&["us-ascii", "ascii"]) {
            Some(Self::Ascii)
        } else if is(&["iso-8859-1", "latin1"]) {
            Some(Self::Latin1)
        } else {
            is(&["utf-8", "utf8"]).then_some(Self::Utf8)
        }
    }

    /// Whether it has the character.
    pub(super) fn has(self, c: char) -> bool {
        match self {
            Self::Ascii => c.is_ascii(),
            Self::Latin1 => u32::from(c) < 0x100,
            Self::Utf8 => true,
        }
    }

    /// Its name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Ascii => "US-ASCII",
            Self::Latin1 => "ISO-8859-1",
            Self::Utf8 => "UTF-8",
        }
    }

    /// The text's bytes, all of whose characters it has.
    pub(super) fn write(self, text: &str, out: &mut Vec<u8>) {
        match self {
            Self::Latin1 if !text.is_ascii() => {
                out.extend(text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')));
            }
            _ => out.extend_from_slice(text.as_bytes()),
        }
    }
}

/// The syntax identifier of an EDIFACT interchange that begins with `UNB`, whatever parts it.
fn level(bytes: &[u8]) -> Option<&str> {
    let at = memchr::memmem::find(bytes.get(..64.min(bytes.len()))?, b"UNB")?;
    std::str::from_utf8(bytes.get(at + 4..at + 8)?).ok()
}

/// The text of an interchange, and whether each of its characters was one byte.
///
/// What is UTF-8 is read as it, since a listener may have made it that; other bytes as the profile says (`declared`),
/// else as the interchange itself says in `UNB01`.
///
/// # Errors
/// [`MalformedKind::Charset`]: bytes that are of none of these.
pub(super) fn read<'a>(
    bytes: &'a [u8],
    declared: Option<Charset>,
) -> Result<(Cow<'a, str>, bool), Malformed> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let said = declared.or_else(|| level(bytes).and_then(Charset::of_level));
    let refused = |at: usize, message: &str| Malformed::at(bytes, at, MalformedKind::Charset, message);
    match (std::str::from_utf8(bytes), said) {
        (Ok(text), Some(Charset::Ascii)) if !text.is_ascii() => {
            let at = bytes.iter().position(|b| !b.is_ascii()).unwrap_or(0);
            let message = "this character is not of the set that the interchange says it is in; it should say UNOC \
                           or UNOY in UNB01, or the profile charset=";
            Err(refused(at, message))
        }
        (Ok(text), _) => Ok((Cow::Borrowed(text), false)),
        (Err(_), Some(Charset::Latin1)) => {
            Ok((Cow::Owned(bytes.iter().map(|b| char::from(*b)).collect()), true))
        }
        (Err(error), _) => {
            let message = "these bytes are not UTF-8, and the interchange does not say UNOC; declare charset= in \
                           the profile, or send UTF-8";
            Err(refused(error.valid_up_to(), message))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_utf8_is_read_as_it_and_the_rest_as_it_says() {
        let (text, single) = read(b"UNB+UNOC:3+B\xDCRO", None).unwrap();
        assert_eq!((&*text, single), ("UNB+UNOC:3+BÜRO", true));
        let (text, single) = read("UNB+UNOC:3+BÜRO".as_bytes(), None).unwrap();
        assert_eq!((&*text, single), ("UNB+UNOC:3+BÜRO", false));
        let error = read("UNB+UNOA:3+BÜRO".as_bytes(), None).unwrap_err();
        assert_eq!((error.kind, error.column), (MalformedKind::Charset, 13));
        assert!(read("UNB+UNOA:3+BÜRO".as_bytes(), Some(Charset::Utf8)).is_ok());
        assert!(read(b"ISA*\xDC", None).is_err());
        assert_eq!(read(b"ISA*\xDC", Some(Charset::Latin1)).unwrap().0, "ISA*Ü");
        assert!(read(b"", None).is_ok() && read(b"UNB", None).is_ok() && read(b"UNB+\xFF", None).is_err());
    }
}
