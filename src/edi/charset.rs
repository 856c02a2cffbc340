//! Character sets of interchanges: what the first segment or the profile says, to text and back.

use std::borrow::Cow;

use crate::document::charset::Charset;
use crate::document::codec::{Malformed, MalformedKind};

/// The character set of a syntax identifier in `UNB01` (ISO 9735-1, annex A); `None` for one that is not known.
pub(super) fn of_level(identifier: &str) -> Option<Charset> {
    match identifier {
        "UNOA" | "UNOB" | "IATA" | "IATB" => Some(Charset::Ascii),
        "UNOC" => Some(Charset::Latin1),
        "UNOW" | "UNOX" | "UNOY" => Some(Charset::Utf8),
        _ => None,
    }
}

/// Whether a character set has the character.
pub(super) fn has(charset: Charset, c: char) -> bool {
    c.is_ascii()
        || charset == Charset::Utf8
        || charset.append(c.encode_utf8(&mut [0; 4]), &mut Vec::new()).is_ok()
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
    let said = declared.or_else(|| level(bytes).and_then(of_level));
    let refused = |at: usize, message: &str| Malformed::at(bytes, at, MalformedKind::Charset, message);
    match (std::str::from_utf8(bytes), said) {
        (Ok(text), Some(Charset::Ascii)) if !text.is_ascii() => {
            let at = bytes.iter().position(|b| !b.is_ascii()).unwrap_or(0);
            let message = "this character is not of the set that the interchange says it is in; it should say UNOC \
                           or UNOY in UNB01, or the profile encoding=";
            Err(refused(at, message))
        }
        (Ok(text), _) => Ok((Cow::Borrowed(text), false)),
        (Err(_), Some(charset @ (Charset::Latin1 | Charset::Windows1252))) => {
            Ok((Cow::Owned(bytes.iter().filter_map(|b| charset.character(*b)).collect()), true))
        }
        (Err(error), _) => {
            let message = "these bytes are not UTF-8, and the interchange does not say UNOC; declare encoding= in \
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
