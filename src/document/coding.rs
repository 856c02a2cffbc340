//! Codings: bytes as text of a small alphabet, text in a character set, and back.

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::charset::{Charset, shown};
use super::codec::{Malformed, MalformedKind};
use super::text::{decode, redeclared};

/// A way to write bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// base64 (RFC 4648, section 4).
    Base64,
    /// base64 in the URL-safe alphabet (RFC 4648, section 5), without padding.
    Base64Url,
    /// Hexadecimal digits.
    Hex,
    /// Percent-encoding (RFC 3986, section 2.1).
    Url,
    /// A character set.
    Charset(Charset),
}

/// Why bytes cannot be written so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Uncodable {
    /// They are no text, and a character set is for texts.
    Unreadable(Malformed),
    /// The character set lacks a character of the text.
    Lacking(String),
}

const WORDS: &[(&str, Coding)] = &[
    ("base64", Coding::Base64),
    ("base64url", Coding::Base64Url),
    ("hex", Coding::Hex),
    ("url", Coding::Url),
];

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);

static PLAIN: GeneralPurpose = GeneralPurpose::new(&STANDARD, LENIENT);
static URL: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, LENIENT.with_encode_padding(false));

const DIGITS: &[u8; 16] = b"0123456789abcdef";
const UPPER: &[u8; 16] = b"0123456789ABCDEF";

impl Coding {
    /// The coding of a word, or of a character set's name.
    pub fn by_name(name: &str) -> Option<Self> {
        let word = WORDS.iter().find(|(word, _)| *word == name).map(|(_, coding)| *coding);
        word.or_else(|| Charset::by_name(name).map(Self::Charset))
    }

    /// The words and names that are shown.
    pub fn names() -> impl Iterator<Item = &'static str> {
        WORDS.iter().map(|(word, _)| *word).chain(Charset::names())
    }

    /// The bytes in this coding. For a character set they are a text, in the set `charset` where they do not say
    /// themselves in which they are, UTF-8 without either; an XML declaration in it is made to name the set.
    ///
    /// # Errors
    /// The bytes are no text, or one with a character that the set lacks.
    pub fn encode(self, bytes: &[u8], charset: Option<&str>) -> Result<Vec<u8>, Uncodable> {
        Ok(match self {
            Self::Base64 => PLAIN.encode(bytes).into_bytes(),
            Self::Base64Url => URL.encode(bytes).into_bytes(),
            Self::Hex => bytes.iter().flat_map(|byte| digits(*byte, DIGITS)).collect(),
            Self::Url => percent(bytes),
            Self::Charset(wanted) => {
                let text = decode(bytes, charset).map_err(Uncodable::Unreadable)?;
                let text = redeclared(&text, wanted);
                let mut out = wanted.mark().to_vec();
                wanted.append(&text, &mut out).map_err(|c| {
                    Uncodable::Lacking(format!("{} has no character {}", wanted.name(), shown(c)))
                })?;
                out
            }
        })
    }

    /// The bytes that are written so; white space between letters of base64 and digits counts for nothing. Of a character
    /// set the text in UTF-8, its XML declaration made to say so.
    ///
    /// # Errors
    /// They are not of this coding.
    pub fn decode(self, bytes: &[u8]) -> Result<Vec<u8>, Malformed> {
        match self {
            Self::Base64 => letters(bytes, &PLAIN, b"+/"),
            Self::Base64Url => letters(bytes, &URL, b"-_"),
            Self::Hex => hexadecimal(bytes),
            Self::Url => unpercent(bytes),
            Self::Charset(charset) => {
                let text = decode(bytes, Some(charset.name()))?;
                Ok(redeclared(&text, Charset::Utf8).into_owned().into_bytes())
            }
        }
    }
}

fn wrong(bytes: &[u8], at: usize, message: &str) -> Malformed {
    Malformed::at(bytes, at, MalformedKind::Syntax, message)
}

fn letters(bytes: &[u8], engine: &GeneralPurpose, others: &[u8; 2]) -> Result<Vec<u8>, Malformed> {
    let plain: Vec<u8> = bytes.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    engine.decode(plain).map_err(|_| {
        let known = |byte: u8| byte.is_ascii_alphanumeric() || byte.is_ascii_whitespace() || byte == b'=';
        match bytes.iter().position(|byte| !known(*byte) && !others.contains(byte)) {
            Some(at) => wrong(bytes, at, "this is no letter of the base64 that is read here"),
            None => wrong(bytes, bytes.len(), "the base64 breaks off, or has a `=` within it"),
        }
    })
}

fn digits(byte: u8, digits: &[u8; 16]) -> [u8; 2] {
    [byte >> 4, byte & 15].map(|half| digits.get(usize::from(half)).copied().unwrap_or(b'0'))
}

/// The byte that two hexadecimal digits say; `None` for anything else, such as `+1`.
pub fn hex_byte(digits: &[u8]) -> Option<u8> {
    match digits {
        [high, low] => Some(half(*high)? << 4 | half(*low)?),
        _ => None,
    }
}

fn half(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

fn hexadecimal(bytes: &[u8]) -> Result<Vec<u8>, Malformed> {
    let mut out = Vec::with_capacity(bytes.len() / 2);
    let mut open = None;
    for (at, byte) in bytes.iter().enumerate().filter(|(_, byte)| !byte.is_ascii_whitespace()) {
        let half = half(*byte).ok_or_else(|| wrong(bytes, at, "this is no hexadecimal digit"))?;
        match open.take() {
            None => open = Some(half),
            Some(first) => out.push(first << 4 | half),
        }
    }
    match open {
        None => Ok(out),
        Some(_) => Err(wrong(bytes, bytes.len(), "a second digit is missing: a byte is two of them")),
    }
}

/// All but the unreserved characters (RFC 3986, section 2.3) as `%` and two digits.
pub fn percent(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    for byte in bytes {
        match byte {
            b'-' | b'.' | b'_' | b'~' => out.push(*byte),
            byte if byte.is_ascii_alphanumeric() => out.push(*byte),
            byte => {
                out.push(b'%');
                out.extend(digits(*byte, UPPER));
            }
        }
    }
    out
}

fn unpercent(bytes: &[u8]) -> Result<Vec<u8>, Malformed> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes.iter().enumerate();
    while let Some((at, byte)) = rest.next() {
        if *byte != b'%' {
            out.push(*byte);
            continue;
        }
        let mut digit = || rest.next().and_then(|(_, byte)| half(*byte));
        match (digit(), digit()) {
            (Some(first), Some(second)) => out.push(first << 4 | second),
            _ => return Err(wrong(bytes, at, "two hexadecimal digits are missing behind this `%`")),
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn encoded(name: &str, bytes: &[u8]) -> String {
        let coding = Coding::by_name(name).unwrap();
        String::from_utf8(coding.encode(bytes, None).unwrap()).unwrap()
    }

    fn decoded(name: &str, text: &[u8]) -> Result<Vec<u8>, Malformed> {
        Coding::by_name(name).unwrap().decode(text)
    }

    #[test]
    fn bytes_are_written_as_their_standards_say() {
        assert_eq!(encoded("base64", b"\xFB\xFF?"), "+/8/");
        assert_eq!(encoded("base64", b"a"), "YQ==");
        assert_eq!(encoded("base64url", b"\xFB\xFFa"), "-_9h");
        assert_eq!(encoded("base64url", b"a"), "YQ");
        assert_eq!(encoded("hex", b"\x00\xABz"), "00ab7a");
        assert_eq!(encoded("url", "a b/ä+~".as_bytes()), "a%20b%2F%C3%A4%2B~");
    }

    #[test]
    fn what_others_write_is_read() {
        assert_eq!(decoded("base64", b"YW\r\nJj\n").unwrap(), b"abc");
        assert_eq!(decoded("base64", b"YQ").unwrap(), b"a");
        assert_eq!(decoded("base64url", b"YQ==").unwrap(), b"a");
        assert_eq!(decoded("hex", b"00 AB\n7a").unwrap(), b"\x00\xABz");
        assert_eq!(decoded("url", b"a%20b%2f+c").unwrap(), b"a b/+c");
    }

    #[test]
    fn what_is_not_of_the_coding_is_refused_at_its_place() {
        for (name, text, column) in [
            ("base64", &b"YQ*="[..], 3),
            ("base64", b"-_9h", 1),
            ("base64", b"Y", 2),
            ("base64url", b"+/8/", 1),
            ("hex", b"0g", 2),
            ("hex", b"abc", 4),
            ("url", b"a%2", 2),
            ("url", b"%zz", 1),
            ("us-ascii", b"a\xE4", 2),
            ("utf-8", b"\xFF", 1),
        ] {
            let refused = decoded(name, text).unwrap_err();
            assert_eq!((refused.line, refused.column), (1, column), "{name}: {refused}");
        }
    }

    #[test]
    fn text_changes_its_character_set_and_its_declaration() {
        let latin1 = Coding::by_name("iso-8859-1").unwrap();
        let text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><a>ä</a>";
        let wanted = b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a>\xE4</a>";
        assert_eq!(latin1.encode(text.as_bytes(), None).unwrap(), wanted);
        let back = String::from_utf8(latin1.decode(wanted).unwrap()).unwrap();
        assert_eq!(back, "<?xml version=\"1.0\" encoding=\"UTF-8\"     ?><a>ä</a>");
        let windows = latin1.encode(b"\x84", Some("windows-1252"));
        assert_eq!(windows, Err(Uncodable::Lacking("iso-8859-1 has no character `„` (U+201E)".to_owned())));
        assert!(matches!(latin1.encode(b"\xFF", None), Err(Uncodable::Unreadable(_))));
        let utf16 = Coding::by_name("utf-16").unwrap();
        assert_eq!(utf16.encode("ä".as_bytes(), None).unwrap(), b"\xFE\xFF\x00\xE4");
        assert_eq!(utf16.decode(b"\xFF\xFE\xE4\x00").unwrap(), "ä".as_bytes());
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn decoding_undoes_encoding(bytes in prop::collection::vec(any::<u8>(), 0..300), text in "\\PC{0,60}") {
            for (_, coding) in WORDS {
                prop_assert_eq!(&coding.decode(&coding.encode(&bytes, None).unwrap()).unwrap(), &bytes);
                let _ = coding.decode(&bytes);
            }
            // A text that begins with a mark would lose it.
            let text = text.trim_start_matches('\u{FEFF}');
            for name in ["utf-8", "utf-16", "utf-16le", "utf-16be"] {
                let coding = Coding::by_name(name).unwrap();
                prop_assert_eq!(coding.decode(&coding.encode(text.as_bytes(), Some("utf-8")).unwrap()).unwrap(), text.as_bytes());
                let _ = coding.decode(&bytes);
            }
        }
    }
}
