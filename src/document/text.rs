//! Character sets: the bytes of a document as text in UTF-8, by byte order mark, `charset=` or XML declaration.

use std::borrow::Cow;
use std::ops::Range;

use bytes::Bytes;

use super::charset::Charset;
use super::codec::{Malformed, MalformedKind};

const BOM: &[u8] = b"\xEF\xBB\xBF";

const ENCODING: &[u8] = b"encoding";

/// The text of a document, without its byte order mark; borrowed when it is UTF-8 already.
///
/// A byte order mark beats `charset` (the media type's parameter), which beats the XML declaration (RFC 7303, section
/// 3); without any of the three it is UTF-8. See [`Charset`] for those that are read.
///
/// # Errors
/// [`MalformedKind::Charset`]: another character set, or bytes that are not of the one they claim to be in.
pub fn decode<'a>(bytes: &'a [u8], charset: Option<&str>) -> Result<Cow<'a, str>, Malformed> {
    let (found, mark) = detect(bytes, charset)?;
    let body = bytes.get(mark..).unwrap_or_default();
    match found {
        Charset::Utf8 => utf8(bytes, body, mark),
        Charset::Ascii => match body.iter().position(|b| !b.is_ascii()) {
            None => utf8(bytes, body, mark),
            Some(at) => Err(refused(bytes, mark + at, "the body says it is US-ASCII, and this byte is not")),
        },
        Charset::Latin1 | Charset::Windows1252 => {
            Ok(Cow::Owned(body.iter().filter_map(|byte| found.character(*byte)).collect()))
        }
        Charset::Utf16Le => utf16(bytes, body, u16::from_le_bytes).map(Cow::Owned),
        Charset::Utf16 | Charset::Utf16Be => utf16(bytes, body, u16::from_be_bytes).map(Cow::Owned),
    }
}

/// The body in UTF-8, as a listener hands it to a codec: the same bytes when they are UTF-8 already (then they are not
/// checked here: the codec does), a converted copy otherwise.
///
/// An XML declaration that names another character set than the one that holds is made to name UTF-8; spaces keep the
/// rest of the document at its place.
///
/// # Errors
/// As [`decode`].
pub fn to_utf8(bytes: Bytes, charset: Option<&str>) -> Result<Bytes, Malformed> {
    let (found, mark) = detect(&bytes, charset)?;
    if found == Charset::Utf8 {
        if mark > 0 || declared(&bytes).is_none_or(|name| by_label(name, &bytes) == Some(Charset::Utf8)) {
            return Ok(bytes);
        }
        return Ok(Bytes::from(renamed(&bytes, "UTF-8")));
    }
    let text = decode(&bytes, charset)?;
    Ok(if declared(text.as_bytes()).is_some() {
        Bytes::from(renamed(text.as_bytes(), "UTF-8"))
    } else {
        Bytes::from(text.into_owned())
    })
}

/// Whether a document that begins so is in UTF-8 as [`to_utf8`] gives it: without a mark, and with no other encoding in its
/// XML declaration.
pub fn is_plain_utf8(start: &[u8], charset: Option<&str>) -> bool {
    let other = |name| by_label(name, start) != Some(Charset::Utf8);
    matches!(detect(start, charset), Ok((Charset::Utf8, 0))) && !declared(start).is_some_and(other)
}

/// A text with that character set as the encoding of its XML declaration, where it has one that names another.
pub fn redeclared(text: &str, charset: Charset) -> Cow<'_, str> {
    match declared(text.as_bytes()) {
        Some(name) if Charset::by_name(name) != Some(charset) => {
            let renamed = renamed(text.as_bytes(), &charset.name().to_ascii_uppercase());
            String::from_utf8(renamed).map_or(Cow::Borrowed(text), Cow::Owned)
        }
        _ => Cow::Borrowed(text),
    }
}

/// The body in UTF-8 with a byte order mark, for a codec that would else believe its profile's character set; `None` when
/// `charset` is that set, or the body has a mark of its own.
///
/// # Errors
/// As [`decode`].
pub fn overruled(bytes: &[u8], charset: &str, profile: &str) -> Result<Option<Bytes>, Malformed> {
    let same = Charset::by_name(charset).is_some_and(|named| Charset::by_name(profile) == Some(named));
    if same || has_mark(bytes) {
        return Ok(None);
    }
    decode(bytes, Some(charset)).map(|text| Some(marked(text.as_bytes())))
}

/// The document with another encoding in its XML declaration, where it has one; spaces keep the rest at its place.
fn renamed(text: &[u8], encoding: &str) -> Vec<u8> {
    let Some(range) = declaration(text) else { return text.to_vec() };
    let (Some(before), Some(quote), Some(after)) =
        (text.get(..range.start), text.get(range.end..=range.end), text.get(range.end + 1..))
    else {
        return text.to_vec();
    };
    let spaces = b" ".repeat(range.len().saturating_sub(encoding.len()));
    [before, encoding.as_bytes(), quote, &spaces, after].concat()
}

fn marked(text: &[u8]) -> Bytes {
    Bytes::from([BOM, text].concat())
}

/// Whether the bytes begin with a byte order mark, which beats every declaration.
pub fn has_mark(bytes: &[u8]) -> bool {
    matches!(bytes, [0xEF, 0xBB, 0xBF, ..] | [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] | [0, 0, 0xFE, 0xFF, ..])
}

/// The character set, and the length of the byte order mark.
pub(super) fn detect(bytes: &[u8], charset: Option<&str>) -> Result<(Charset, usize), Malformed> {
    const UTF_32: &str = "the body is in UTF-32, which is not read; send it in UTF-8";
    match bytes {
        [0xEF, 0xBB, 0xBF, ..] => return Ok((Charset::Utf8, 3)),
        [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0xFE, 0xFF, ..] => return Err(refused(bytes, 0, UTF_32)),
        [0xFF, 0xFE, ..] => return Ok((Charset::Utf16Le, 2)),
        [0xFE, 0xFF, ..] => return Ok((Charset::Utf16Be, 2)),
        _ => {}
    }
    if let Some(label) = charset {
        return known(label, bytes).map(|found| (found, 0));
    }
    match bytes {
        [b'<', 0, 0, 0, ..] | [0, 0, 0, b'<', ..] => return Err(refused(bytes, 0, UTF_32)),
        [b'<', 0, ..] => return Ok((Charset::Utf16Le, 0)),
        [0, b'<', ..] => return Ok((Charset::Utf16Be, 0)),
        _ => {}
    }
    let Some(label) = declared(bytes) else {
        return Ok((Charset::Utf8, 0));
    };
    match known(label, bytes)? {
        // The declaration was read byte by byte, so it is not in UTF-16 whatever it says.
        Charset::Utf16 | Charset::Utf16Le | Charset::Utf16Be => {
            Err(refused(bytes, 0, "the XML declaration says UTF-16, and the body is not in it"))
        }
        found => Ok((found, 0)),
    }
}

fn known(label: &str, bytes: &[u8]) -> Result<Charset, Malformed> {
    by_label(label, bytes).ok_or_else(|| {
        let label: String = label.chars().take(40).filter(|c| !c.is_control()).collect();
        let message = format!(
            "the character set `{label}` is not read; send UTF-8, UTF-16, US-ASCII, ISO-8859-1 or windows-1252"
        );
        refused(bytes, 0, message)
    })
}

/// The character set of a name, the byte order of UTF-16 taken from the bytes.
fn by_label(label: &str, bytes: &[u8]) -> Option<Charset> {
    match Charset::by_name(label)? {
        // Without a mark it is big-endian (RFC 2781, section 4.3), unless the first character shows that it is not.
        Charset::Utf16 => match bytes {
            [first, 0, ..] if *first != 0 => Some(Charset::Utf16Le),
            _ => Some(Charset::Utf16Be),
        },
        found => Some(found),
    }
}

/// The value of `encoding` in the XML declaration, if there is one.
fn declared(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes.get(declaration(bytes)?)?).ok()
}

/// Where `what` first stands in a short text: for few bytes, what searches fast is slow to begin.
fn starting(text: &[u8], what: &[u8]) -> Option<usize> {
    let first = *what.first()?;
    memchr::memchr_iter(first, text).find(|at| text.get(*at..).is_some_and(|rest| rest.starts_with(what)))
}

/// Where the value of `encoding` stands, without its quotes.
fn declaration(bytes: &[u8]) -> Option<Range<usize>> {
    let start = b"<?xml";
    let rest = bytes.strip_prefix(start)?;
    let rest = rest.get(..rest.len().min(300)).unwrap_or_default();
    let end = starting(rest, b"?>")?;
    let declaration = std::str::from_utf8(rest.get(..end)?).ok()?;
    if !declaration.starts_with([' ', '\t', '\r', '\n']) {
        return None;
    }
    let after =
        starting(declaration.as_bytes(), ENCODING).and_then(|at| declaration.get(at + ENCODING.len()..))?;
    let value = after.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (name, _) = value.get(1..)?.split_once(quote)?;
    let at = start.len() + declaration.len() - value.len() + 1;
    Some(at..at + name.len())
}

fn utf8<'a>(bytes: &[u8], body: &'a [u8], mark: usize) -> Result<Cow<'a, str>, Malformed> {
    std::str::from_utf8(body).map(Cow::Borrowed).map_err(|error| {
        refused(
            bytes,
            mark + error.valid_up_to(),
            "these bytes are not UTF-8; say the character set, or send UTF-8",
        )
    })
}

fn utf16(bytes: &[u8], body: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, Malformed> {
    let (pairs, rest) = body.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(refused(bytes, bytes.len(), "the body is UTF-16 and ends within a character"));
    }
    let mut text = String::with_capacity(body.len() / 2);
    for unit in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
        match unit {
            Ok(c) => text.push(c),
            Err(_) => {
                let message = "the body is UTF-16 and has half of a surrogate pair here";
                return Err(Malformed::at(text.as_bytes(), text.len(), MalformedKind::Charset, message));
            }
        }
    }
    Ok(text)
}

fn refused(bytes: &[u8], at: usize, message: impl Into<String>) -> Malformed {
    Malformed::at(bytes, at, MalformedKind::Charset, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16le(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn utf8_is_borrowed_and_its_mark_dropped() {
        assert!(matches!(decode(b"\xEF\xBB\xBFabc", None), Ok(Cow::Borrowed("abc"))));
        assert!(matches!(decode("ä".as_bytes(), Some("UTF-8")), Ok(Cow::Borrowed("ä"))));
    }

    #[test]
    fn the_mark_beats_the_parameter_which_beats_the_declaration() {
        let marked = [&b"\xFF\xFE"[..], &utf16le("<a/>")].concat();
        assert_eq!(decode(&marked, Some("utf-8")).unwrap(), "<a/>");
        let declared = b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xE4</a>";
        assert!(decode(declared, None).unwrap().contains('ä'));
        assert_eq!(decode(declared, Some("utf-8")).unwrap_err().kind, MalformedKind::Charset);
        assert_eq!(decode(&utf16le("<a/>"), Some("utf-16")).unwrap(), "<a/>");
        assert_eq!(decode(&utf16le("<a/>"), None).unwrap(), "<a/>");
    }

    #[test]
    fn windows_1252_is_not_iso_8859_1() {
        assert_eq!(decode(b"\x80 \xE4", Some("windows-1252")).unwrap(), "€ ä");
        assert_eq!(decode(b"\x80", Some("iso-8859-1")).unwrap(), "\u{80}");
    }

    #[test]
    fn what_is_not_read_is_refused_with_words() {
        for (bytes, charset) in [
            (&b"a"[..], Some("koi8-r")),
            (b"\xFF\xFE\0\0", None),
            (b"<?xml version='1.0' encoding='UTF-16'?><a/>", None),
            (b"\xC0\xBC", None),
            (b"\xE4", Some("us-ascii")),
            (b"\xFE\xFF\xD8\x00\x00a", None),
            (b"\xFE\xFF\x00", None),
        ] {
            let error = decode(bytes, charset).unwrap_err();
            assert_eq!(error.kind, MalformedKind::Charset, "{bytes:?}");
            assert!(error.message.len() > 20);
        }
        assert_eq!(decode(b"ab\n\xFF", None).unwrap_err().line, 2);
    }

    #[test]
    fn a_declaration_that_no_longer_holds_is_made_to_hold() {
        let text = "<?xml version='1.0' encoding='ISO-8859-1'?><a>ä</a>";
        let bytes = Bytes::from_static(text.as_bytes());
        let wanted = "<?xml version='1.0' encoding='UTF-8'     ?><a>ä</a>";
        assert_eq!(to_utf8(bytes.clone(), Some("utf-8")).unwrap(), wanted);
        let latin1: Vec<u8> = text.chars().map(|c| c as u8).collect();
        let converted = to_utf8(Bytes::from(latin1), None).unwrap();
        assert_eq!(converted, wanted);
        let wide = "<?xml version=\"1.0\" encoding=\"UTF-16\" standalone=\"yes\"?>\n<a/>";
        let converted = to_utf8(Bytes::from(utf16le(wide)), None).unwrap();
        assert_eq!(converted, "<?xml version=\"1.0\" encoding=\"UTF-8\"  standalone=\"yes\"?>\n<a/>");
        let plain = Bytes::from_static(b"<a/>");
        assert_eq!(to_utf8(plain.clone(), Some("utf-8")).unwrap().as_ptr(), plain.as_ptr());
    }
}
