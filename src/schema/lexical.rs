//! The check of one value against its simple type: lexical form first, then the facets.

use std::cmp::Ordering;
use std::fmt::Write as _;

use compact_str::ToCompactString;
use rust_decimal::Decimal;

use super::simple::{Facets, Simple, SimpleType};
use super::temporal;
use crate::document::number::Lexical;

/// What white space is in XML.
pub const XML_SPACE: [char; 4] = [' ', '\t', '\r', '\n'];

impl SimpleType {
    /// The text that counts of a value in XML: only strings keep the white space around them (XML Schema part 2,
    /// section 4.3.6).
    pub fn collapse(self, text: &str) -> &str {
        match self {
            Self::String => text,
            _ if !has_space_around(text) => text,
            _ => text.trim_matches(XML_SPACE),
        }
    }

    /// Whether the text is one of its lexical forms.
    pub fn accepts(self, text: &str) -> bool {
        match self {
            Self::String => true,
            Self::Integer => Lexical::is_integer(text),
            Self::Decimal => Lexical::decimal(text).is_some(),
            Self::Boolean => matches!(text, "true" | "false" | "1" | "0"),
            Self::Date => temporal::is_date(text),
            Self::DateTime => temporal::is_date_time(text),
            Self::Time => temporal::is_time(text),
            Self::AnyUri => is_uri(text),
            Self::Base64Binary => base64_length(text).is_some(),
        }
    }

    /// What is expected where something else was found.
    pub fn expectation(self) -> &'static str {
        match self {
            Self::String => "text",
            Self::Integer => "an integer",
            Self::Decimal => "a decimal number",
            Self::Boolean => "true or false",
            Self::Date => "a date like 2026-11-20",
            Self::DateTime => "a date and time like 2026-11-20T08:00:00Z",
            Self::Time => "a time like 08:00:00",
            Self::AnyUri => "a URI",
            Self::Base64Binary => "bytes in base64",
        }
    }
}

impl Simple {
    /// Checks a value whose surrounding white space is already gone where it does not count.
    ///
    /// # Errors
    /// What was expected instead, to stand behind the word "expected".
    pub fn check(&self, text: &str) -> Result<(), String> {
        if !self.base.accepts(text) {
            return Err(self.base.expectation().to_owned());
        }
        self.facets.check(self.base, text)
    }

    /// As [`Simple::check`], for the text of a JSON number, which may have an exponent where a decimal is expected.
    ///
    /// # Errors
    /// As there.
    pub fn check_json_number(&self, text: &str) -> Result<(), String> {
        let right = match self.base {
            SimpleType::Integer => Lexical::is_integer(text),
            _ => Lexical::json(text).is_some(),
        };
        if !right {
            return Err(self.base.expectation().to_owned());
        }
        self.facets.check(self.base, text)
    }
}

impl Facets {
    /// Checks a text that is a lexical form of the type.
    ///
    /// # Errors
    /// The first facet that does not hold, to stand behind the word "expected".
    pub fn check(&self, base: SimpleType, text: &str) -> Result<(), String> {
        if let Some(min) = self.min
            && compare(text, min) == Some(Ordering::Less)
        {
            return Err(format!("at least {min}"));
        }
        if let Some(max) = self.max
            && compare(text, max) == Some(Ordering::Greater)
        {
            return Err(format!("at most {max}"));
        }
        self.lengths(base, text)?;
        if let Some((pattern, regex)) = &self.pattern
            && !regex.is_match(text)
        {
            return Err(format!("a match of the pattern {pattern}"));
        }
        if self.values.is_empty() || self.values.iter().any(|value| same(base, value, text)) {
            return Ok(());
        }
        Err(self.one_of())
    }

    fn lengths(&self, base: SimpleType, text: &str) -> Result<(), String> {
        if (self.length, self.min_length, self.max_length) == (None, None, None) {
            return Ok(());
        }
        let (length, unit) = match base {
            SimpleType::Base64Binary => (base64_length(text).unwrap_or_default(), "bytes"),
            _ => (text.chars().count(), "characters"),
        };
        let length = u32::try_from(length).unwrap_or(u32::MAX);
        match (self.length, self.min_length, self.max_length) {
            (Some(exact), _, _) if length != exact => Err(format!("exactly {exact} {unit}, not {length}")),
            (_, Some(least), _) if length < least => Err(format!("at least {least} {unit}, not {length}")),
            (_, _, Some(most)) if length > most => Err(format!("at most {most} {unit}, not {length}")),
            _ => Ok(()),
        }
    }

    /// The allowed values as words, as many as are useful.
    fn one_of(&self) -> String {
        const SHOWN: usize = 10;
        let mut text = String::from("one of");
        for (at, value) in self.values.iter().take(SHOWN).enumerate() {
            let comma = if at == 0 { "" } else { "," };
            // Writing to a String cannot fail.
            let _ = write!(text, "{comma} `{value}`");
        }
        if self.values.len() > SHOWN {
            text.push_str(", ...");
        }
        text
    }
}

/// Two lexical forms of one value; numbers are compared as numbers.
fn same(base: SimpleType, allowed: &str, text: &str) -> bool {
    if allowed == text {
        return true;
    }
    let equal = || Some(Lexical::json(allowed)?.compare(Lexical::json(text)?) == Ordering::Equal);
    base.is_number() && equal().unwrap_or(false)
}

/// Whether a byte at either end is no character to be seen: most values have none, and then nothing is searched.
fn has_space_around(text: &str) -> bool {
    let is_space = |byte: Option<&u8>| byte.is_some_and(|byte| *byte <= b' ');
    is_space(text.as_bytes().first()) || is_space(text.as_bytes().last())
}

fn compare(text: &str, bound: Decimal) -> Option<Ordering> {
    let bound = bound.to_compact_string();
    Some(Lexical::json(text)?.compare(Lexical::decimal(&bound)?))
}

/// Whether it may be a URI or IRI reference: no spaces and delimiters that neither has, escapes well-formed (RFC 3987).
fn is_uri(text: &str) -> bool {
    let bytes = text.as_bytes();
    let escape = |at: usize| {
        let digits = bytes.get(at + 1..at + 3);
        digits.is_some_and(|pair| pair.iter().all(u8::is_ascii_hexdigit))
    };
    !text.contains(|c: char| c.is_whitespace() || c.is_control() || "<>\"{}|\\^`".contains(c))
        && bytes.iter().enumerate().all(|(at, byte)| *byte != b'%' || escape(at))
}

/// The number of bytes that a base64 text stands for, white space inside allowed; `None` when it is none.
pub fn base64_length(text: &str) -> Option<usize> {
    let (mut digits, mut padding, mut last) = (0usize, 0usize, 0u8);
    for byte in text.bytes().filter(|byte| !byte.is_ascii_whitespace()) {
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
mod tests {
    use super::*;
    use regex::Regex;

    #[test]
    fn lexical_forms_are_those_of_the_standard() {
        use SimpleType as T;
        let right = [
            (T::Integer, "123456789012345678901234567890123456789"),
            (T::Integer, "-0"),
            (T::Decimal, "+1.50"),
            (T::Boolean, "0"),
            (T::AnyUri, "urn:a:b%20c?ü#x"),
            (T::AnyUri, ""),
            (T::Base64Binary, "aGVs bG8="),
            (T::Base64Binary, ""),
        ];
        for (simple, text) in right {
            assert!(simple.accepts(text), "{text}");
        }
        let wrong = [
            (T::Integer, "1.0"),
            (T::Integer, ""),
            (T::Decimal, "1e3"),
            (T::Boolean, "TRUE"),
            (T::AnyUri, "a b"),
            (T::AnyUri, "%zz"),
            (T::Base64Binary, "aGVsbG9="),
            (T::Base64Binary, "a"),
            (T::Base64Binary, "a===="),
            (T::Base64Binary, "ab=c"),
        ];
        for (simple, text) in wrong {
            assert!(!simple.accepts(text), "{text}");
        }
    }

    #[test]
    fn facets_narrow() {
        let facets =
            Facets { min: Some(Decimal::new(15, 1)), max: Some(Decimal::from(1000)), ..Facets::default() };
        let simple = Simple { base: SimpleType::Decimal, facets };
        assert_eq!(simple.check("1.5"), Ok(()));
        assert_eq!(simple.check("1.49").unwrap_err(), "at least 1.5");
        assert_eq!(simple.check("99999999999999999999999999999999999999").unwrap_err(), "at most 1000");
        assert_eq!(simple.check_json_number("1e3"), Ok(()));
        let facets = Facets {
            length: Some(2),
            pattern: Some(("[A-Z]+".into(), Regex::new("^(?:[A-Z]+)$").unwrap())),
            values: vec!["DE".into(), "AT".into()],
            ..Facets::default()
        };
        let simple = Simple { base: SimpleType::String, facets };
        assert_eq!(simple.check("DE"), Ok(()));
        assert_eq!(simple.check("D").unwrap_err(), "exactly 2 characters, not 1");
        assert_eq!(simple.check("de").unwrap_err(), "a match of the pattern [A-Z]+");
        assert_eq!(simple.check("CH").unwrap_err(), "one of `DE`, `AT`");
    }

    #[test]
    fn allowed_numbers_are_compared_as_numbers() {
        let facets = Facets { values: vec!["1.50".into()], ..Facets::default() };
        let simple = Simple { base: SimpleType::Decimal, facets };
        assert_eq!(simple.check("1.5"), Ok(()));
        assert!(simple.check("1.51").is_err());
    }
}
