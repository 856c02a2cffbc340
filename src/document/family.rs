//! Families of formats: what is in elements, what has arrays, and what repeats in a way that only its codec knows.

use super::codec::Codec;

/// How several documents of a format stand together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// In an element around them.
    Xml,
    /// In an array.
    Json,
    /// As files: the codec knows how what repeats is written.
    File,
}

impl Family {
    /// The family of a codec's format.
    pub fn of(codec: &dyn Codec) -> Self {
        Self::named(codec.format(), codec.is_typed())
    }

    /// The family by what a codec says of itself: [`Codec::format`] and [`Codec::is_typed`].
    pub fn named(format: &str, typed: bool) -> Self {
        match format {
            "xml" => Self::Xml,
            _ if typed => Self::Json,
            _ => Self::File,
        }
    }
}
