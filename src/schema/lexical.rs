//! The lexical forms of the built-in types: whether a text is one, and what is expected where it is none.

use super::simple::space::XML_SPACE;
use super::simple::{SimpleType, WhiteSpace};
use super::temporal::{Duration, Moment};
use crate::document::number::Lexical;
use crate::xml;

impl SimpleType {
    /// The text that counts of a value in XML: only strings keep the white space around them (XML Schema part 2,
    /// section 4.3.6).
    pub fn collapse(self, text: &str) -> &str {
        match self.white_space() {
            WhiteSpace::Collapse => super::simple::space::trim(text),
            _ => text,
        }
    }

    /// Whether the text is one of its lexical forms, its white space already treated.
    pub fn accepts(self, text: &str) -> bool {
        match self {
            Self::String | Self::AnySimpleType => true,
            Self::NormalizedString | Self::Token => self.white_space().is_normal(text),
            Self::Decimal => Lexical::decimal(text).is_some(),
            Self::Boolean => matches!(text, "true" | "false" | "1" | "0"),
            Self::Float | Self::Double => is_float(text),
            Self::Duration => Duration::parse(text).is_some(),
            Self::DateTime
            | Self::Date
            | Self::Time
            | Self::GYear
            | Self::GYearMonth
            | Self::GMonthDay
            | Self::GMonth
            | Self::GDay => Moment::parse(self, text).is_some(),
            Self::AnyUri => is_uri(text),
            Self::Base64Binary => base64_length(text).is_some(),
            Self::HexBinary => hex_length(text).is_some(),
            Self::QName | Self::Notation => xml::chars::split_qname(text).is_some(),
            Self::Language => is_language(text),
            Self::Name => xml::is_name(text),
            Self::NcName | Self::Id | Self::IdRef | Self::Entity => xml::is_ncname(text),
            Self::NmToken => is_nmtoken(text),
            Self::NmTokens | Self::IdRefs | Self::Entities => {
                let item = self.item().unwrap_or(Self::NmToken);
                let mut words = super::simple::space::words(text).peekable();
                words.peek().is_some() && words.all(|word| item.accepts(word))
            }
            whole => whole.range().is_some_and(|range| is_within(text, range)),
        }
    }

    /// What is expected where something else was found.
    pub fn expectation(self) -> &'static str {
        match self {
            Self::String | Self::AnySimpleType => "text",
            Self::NormalizedString => "text without tabs and line ends",
            Self::Token => "text without tabs, line ends and needless spaces",
            Self::Integer => "an integer",
            Self::NonNegativeInteger => "an integer from 0",
            Self::PositiveInteger => "an integer from 1",
            Self::NonPositiveInteger => "an integer up to 0",
            Self::NegativeInteger => "an integer up to -1",
            Self::Long => "an integer from -9223372036854775808 to 9223372036854775807",
            Self::Int => "an integer from -2147483648 to 2147483647",
            Self::Short => "an integer from -32768 to 32767",
            Self::Byte => "an integer from -128 to 127",
            Self::UnsignedLong => "an integer from 0 to 18446744073709551615",
            Self::UnsignedInt => "an integer from 0 to 4294967295",
            Self::UnsignedShort => "an integer from 0 to 65535",
            Self::UnsignedByte => "an integer from 0 to 255",
            Self::Decimal => "a decimal number",
            Self::Float | Self::Double => "a number, INF, -INF or NaN",
            Self::Boolean => "true or false",
            Self::Date => "a date like 2026-11-20",
            Self::DateTime => "a date and time like 2026-11-20T08:00:00Z",
            Self::Time => "a time like 08:00:00",
            Self::Duration => "a duration like P1DT12H",
            Self::GYear => "a year like 2026",
            Self::GYearMonth => "a year and month like 2026-11",
            Self::GMonthDay => "a month and day like --11-20",
            Self::GMonth => "a month like --11",
            Self::GDay => "a day of a month like ---20",
            Self::AnyUri => "a URI",
            Self::Base64Binary => "bytes in base64",
            Self::HexBinary => "bytes in hexadecimal digits",
            Self::QName | Self::Notation => "a name with an optional prefix",
            Self::Language => "a language tag like en-GB",
            Self::Name => "a name",
            Self::NcName | Self::Id | Self::IdRef | Self::Entity => "a name without a colon",
            Self::NmToken => "a word of letters, digits and . - _ :",
            Self::NmTokens => "words of letters, digits and . - _ :",
            Self::IdRefs | Self::Entities => "names without colons",
        }
    }
}

/// Whether it is an integer within bounds, which are far within 38 digits.
fn is_within(text: &str, (min, max): (Option<i128>, Option<i128>)) -> bool {
    if !Lexical::is_integer(text) {
        return false;
    }
    if (min, max) == (None, None) {
        return true;
    }
    let negative = text.starts_with('-');
    // Beyond 38 digits it lies beyond every bound on its side.
    let beyond = if negative { i128::MIN } else { i128::MAX };
    let value = text.parse::<i128>().unwrap_or(beyond);
    min.is_none_or(|min| min <= value) && max.is_none_or(|max| value <= max)
}

/// Whether it is a `float` or `double` (XML Schema part 2, section 3.2.4): a decimal with an optional exponent.
fn is_float(text: &str) -> bool {
    if matches!(text, "INF" | "-INF" | "NaN") {
        return true;
    }
    match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => Lexical::decimal(mantissa).is_some() && Lexical::is_integer(exponent),
        None => Lexical::decimal(text).is_some(),
    }
}

/// Whether it is a tag of parts of up to eight letters and, behind the first, digits (section 3.3.3).
fn is_language(text: &str) -> bool {
    text.split('-').enumerate().all(|(at, part)| {
        let fits = |b: u8| b.is_ascii_alphabetic() || (at > 0 && b.is_ascii_digit());
        (1..=8).contains(&part.len()) && part.bytes().all(fits)
    })
}

/// Whether it is a word of the characters that names go on with (XML 1.0, production 7).
fn is_nmtoken(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c == ':' || xml::chars::is_name_part(c))
}

/// Whether it may be a URI or IRI reference, or becomes one by escaping what a URI cannot have (XML Schema part 2,
/// section 3.2.17): escapes are well-formed, and there is one fragment.
fn is_uri(text: &str) -> bool {
    let bytes = text.as_bytes();
    let escape = |at: usize| {
        let digits = bytes.get(at + 1..at + 3);
        digits.is_some_and(|pair| pair.iter().all(u8::is_ascii_hexdigit))
    };
    let fragments = bytes.iter().filter(|byte| **byte == b'#').count();
    fragments <= 1
        && !text.contains(char::is_control)
        && bytes.iter().enumerate().all(|(at, byte)| *byte != b'%' || escape(at))
}

/// The number of bytes that a text of hexadecimal digits stands for; `None` when it is none.
pub fn hex_length(text: &str) -> Option<usize> {
    let fits = text.len().is_multiple_of(2) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    fits.then_some(text.len() / 2)
}

/// The number of bytes that a base64 text stands for, white space inside allowed; `None` when it is none.
pub fn base64_length(text: &str) -> Option<usize> {
    let (mut digits, mut padding, mut last) = (0usize, 0usize, 0u8);
    let is_space = |byte: &u8| XML_SPACE.contains(&char::from(*byte));
    for byte in text.bytes().filter(|byte| !is_space(byte)) {
        match byte {
            b'=' => padding += 1,
            _ if padding > 0 => return None,
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' => {
                digits += 1;
                last = byte;
            }
            _ => return None,
        }
    }
    // The bits of the last digit that no byte takes are zero (XML Schema part 2, section 3.2.16).
    let fits = match padding {
        0 => digits.is_multiple_of(4),
        1 => digits % 4 == 3 && b"AEIMQUYcgkosw048".contains(&last),
        2 => digits % 4 == 2 && b"AQgw".contains(&last),
        _ => false,
    };
    fits.then_some(digits * 3 / 4)
}

#[cfg(test)]
#[path = "lexical_tests.rs"]
mod tests;
