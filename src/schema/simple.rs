//! Simple types: the lexical forms a value may have, and the facets that narrow them (XML Schema part 2).

use compact_str::CompactString;
use regex::Regex;
use rust_decimal::Decimal;

/// The built-in types a profile names with `type=`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SimpleType {
    /// Any text.
    String,
    /// A whole number of any size.
    Integer,
    /// A decimal number, exact.
    Decimal,
    /// `true`, `false`, `1` or `0`.
    Boolean,
    /// `2026-11-20`, with an optional zone.
    Date,
    /// `2026-11-20T08:00:00`, with optional fraction and zone.
    DateTime,
    /// `08:00:00`, with optional fraction and zone.
    Time,
    /// A URI.
    AnyUri,
    /// Bytes in base64.
    Base64Binary,
}

impl SimpleType {
    /// Every type with the name that `type=` uses, which is XML Schema's.
    pub const ALL: &[(&str, SimpleType)] = &[
        ("string", Self::String),
        ("integer", Self::Integer),
        ("decimal", Self::Decimal),
        ("boolean", Self::Boolean),
        ("date", Self::Date),
        ("dateTime", Self::DateTime),
        ("time", Self::Time),
        ("anyURI", Self::AnyUri),
        ("base64Binary", Self::Base64Binary),
    ];

    /// The name in `type=` and in a schema.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, t)| *t == self).map_or("string", |(name, _)| name)
    }

    /// Whether JSON writes it as a number.
    pub fn is_number(self) -> bool {
        matches!(self, Self::Integer | Self::Decimal)
    }
}

/// A simple type with its facets.
#[derive(Debug, Clone, PartialEq)]
pub struct Simple {
    /// The type.
    pub base: SimpleType,
    /// What narrows it.
    pub facets: Facets,
}

impl Simple {
    /// The type without facets.
    pub fn of(base: SimpleType) -> Self {
        Self { base, facets: Facets::default() }
    }
}

/// What narrows a simple type. All must hold.
#[derive(Debug, Clone, Default)]
pub struct Facets {
    /// The least value of a number.
    pub min: Option<Decimal>,
    /// The greatest value of a number.
    pub max: Option<Decimal>,
    /// The exact length in characters.
    pub length: Option<u32>,
    /// The least length in characters.
    pub min_length: Option<u32>,
    /// The greatest length in characters.
    pub max_length: Option<u32>,
    /// The pattern as written, and compiled to match the whole value.
    pub pattern: Option<(String, Regex)>,
    /// The only values allowed, when there are any.
    pub values: Vec<CompactString>,
}

impl PartialEq for Facets {
    fn eq(&self, other: &Self) -> bool {
        let pattern = |f: &Self| f.pattern.as_ref().map(|(text, _)| text.clone());
        (self.min, self.max, self.length, self.min_length, self.max_length)
            == (other.min, other.max, other.length, other.min_length, other.max_length)
            && pattern(self) == pattern(other)
            && self.values == other.values
    }
}
