//! Values: what an argument or property says, as the type that its reader asked for.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use compact_str::CompactString;
use ipnet::IpNet;
use kdl::KdlValue;
use rust_decimal::Decimal;

use super::{Literal, Secret, parse_duration, parse_size};
use crate::source::Span;

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// It stands in the file.
    File,
    /// `(env)` or `(file)`: it lives outside, may be a secret, and is never shown.
    Outside,
}

/// Where values of a type must come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Home {
    /// From anywhere.
    Anywhere,
    /// Only from the file: names, words and paths, which findings quote.
    File,
    /// Only from outside: secrets, which whoever may read the file need not know.
    Outside,
}

/// A value as it was given.
#[derive(Debug, Clone)]
pub struct Given<'a> {
    /// The value; text for one from outside.
    pub value: KdlValue,
    /// Where it comes from.
    pub origin: Origin,
    /// The literal as written.
    pub written: &'a str,
    /// Where it stands.
    pub span: Span,
}

impl Given<'_> {
    /// The text, if it is one.
    pub fn text(&self) -> Option<&str> {
        self.value.as_string()
    }

    /// The same written as a value of the other kind: a number in quotes, or a text without them.
    pub fn rewritten(&self) -> Option<Given<'_>> {
        if self.origin == Origin::Outside {
            return None;
        }
        let bare = self.written.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
        let (value, written) = match (&self.value, bare) {
            (KdlValue::String(text), Some(bare)) => match (text.as_str(), text.parse()) {
                ("true", _) => (KdlValue::Bool(true), "#true"),
                ("false", _) => (KdlValue::Bool(false), "#false"),
                (_, Ok(number)) => (KdlValue::Integer(number), bare),
                _ => return None,
            },
            (KdlValue::Integer(_) | KdlValue::Float(_), _) => {
                (KdlValue::String(self.written.to_owned()), self.written)
            }
            _ => return None,
        };
        Some(Given { value, origin: self.origin, written, span: self.span })
    }
}

/// A type that a value can be read as.
pub trait FromValue: Sized {
    /// Where it must come from.
    const HOME: Home = Home::Anywhere;

    /// Reads it.
    ///
    /// # Errors
    /// What was expected, to be put behind "expected ".
    fn from_value(given: &Given<'_>) -> Result<Self, String>;
}

fn text<'a>(given: &'a Given<'_>) -> Result<&'a str, String> {
    given.text().ok_or_else(|| "text".to_owned())
}

impl FromValue for String {
    const HOME: Home = Home::File;

    fn from_value(given: &Given<'_>) -> Result<Self, String> {
        text(given).map(str::to_owned)
    }
}

impl FromValue for CompactString {
    const HOME: Home = Home::File;

    fn from_value(given: &Given<'_>) -> Result<Self, String> {
        text(given).map(Self::from)
    }
}

impl FromValue for Literal {
    fn from_value(given: &Given<'_>) -> Result<Self, String> {
        Ok(Self::of(text(given)?, given))
    }
}

impl FromValue for Secret {
    const HOME: Home = Home::Outside;

    fn from_value(given: &Given<'_>) -> Result<Self, String> {
        text(given).map(Self::new)
    }
}

impl FromValue for bool {
    fn from_value(given: &Given<'_>) -> Result<Self, String> {
        let outside = given.origin == Origin::Outside;
        match (&given.value, given.text()) {
            (KdlValue::Bool(value), _) => Ok(*value),
            (_, Some("true")) if outside => Ok(true),
            (_, Some("false")) if outside => Ok(false),
            _ => Err("#true or #false".to_owned()),
        }
    }
}

/// Whole numbers: from the file as numbers, from outside as text.
macro_rules! whole {
    ($($type:ty),*) => {$(
        impl FromValue for $type {
            fn from_value(given: &Given<'_>) -> Result<Self, String> {
                let expected = || match (<$type>::MIN == 0, <$type>::BITS) {
                    (true, 64) => "a whole number from 0".to_owned(),
                    (false, _) => "a whole number".to_owned(),
                    (true, _) => format!("a whole number from 0 to {}", <$type>::MAX),
                };
                match (&given.value, given.origin) {
                    (KdlValue::Integer(number), _) => (*number).try_into().map_err(|_| expected()),
                    (KdlValue::String(text), Origin::Outside) => text.trim().parse().map_err(|_| expected()),
                    _ => Err("a whole number".to_owned()),
                }
            }
        }
    )*};
}
whole!(u16, u32, usize, i64);

impl FromValue for Decimal {
    fn from_value(given: &Given<'_>) -> Result<Self, String> {
        // From the text as written: a float in between would change it.
        let written = match (&given.value, given.origin) {
            (KdlValue::Integer(_) | KdlValue::Float(_), _) => given.written,
            (KdlValue::String(text), Origin::Outside) => text.trim(),
            _ => return Err("a number".to_owned()),
        };
        let plain = written.replace('_', "");
        plain
            .parse()
            .or_else(|_| Self::from_scientific(&plain))
            .map_err(|_| "a number of at most 28 digits".to_owned())
    }
}

impl FromValue for Duration {
    fn from_value(given: &Given<'_>) -> Result<Self, String> {
        parse_duration(given.text().unwrap_or(""))
    }
}

/// A size in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bytes(pub usize);

impl FromValue for Bytes {
    fn from_value(given: &Given<'_>) -> Result<Self, String> {
        parse_size(given.text().unwrap_or("")).map(Self)
    }
}

impl FromValue for SocketAddr {
    fn from_value(given: &Given<'_>) -> Result<Self, String> {
        let expected =
            || "an address with a port, such as \"127.0.0.1:8080\", \"0.0.0.0:8443\" or \"[::1]:8080\"";
        text(given)?.parse().map_err(|_| expected().to_owned())
    }
}

impl FromValue for IpNet {
    fn from_value(given: &Given<'_>) -> Result<Self, String> {
        let text = text(given)?;
        let single = || text.parse::<IpAddr>().map(Self::from);
        text.parse::<Self>().or_else(|_| single()).map_err(|_| {
            "an address or network, such as \"192.0.2.7\", \"10.0.0.0/8\" or \"2001:db8::/32\"".to_owned()
        })
    }
}
