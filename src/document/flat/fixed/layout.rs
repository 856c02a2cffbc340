//! The layout of fixed-width files: records, their tags, fields and the records under them.

use compact_str::CompactString;

use crate::document::charset::Charset;
use crate::document::flat::Holds;
use crate::document::flat::records::{self, Types};

/// Where a value stands in a field that is longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// At its beginning.
    Left,
    /// At its end.
    Right,
}

/// A field of a record. Positions and lengths are in characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The name of its element.
    pub name: CompactString,
    /// Where it begins in the record, from 0.
    pub at: usize,
    /// How long it is, at least 1.
    pub length: usize,
    /// What fills it beside a value.
    pub pad: char,
    /// The side that the value stands at.
    pub align: Align,
    /// What its values are.
    pub holds: Holds,
    /// How many of its digits are behind a decimal point that is not written; for numbers only.
    pub decimals: usize,
}

/// A record type.
pub type Record = records::Record<Field>;

impl Record {
    /// The characters that its tag and fields need.
    pub fn needs(&self) -> usize {
        let tag = self.tag.as_ref().map_or(0, |tag| tag.at + tag.text.chars().count());
        self.fields.iter().map(|field| field.at + field.length).fold(tag, usize::max)
    }
}

/// How records follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// A line each: read with CR LF, LF or CR behind it, written with this.
    Lines(&'static str),
    /// One right behind the other, each of so many characters.
    Blocks(usize),
}

/// A kind of file of fixed-width records, and its codec: the root has no name, its children are the records by the names
/// of their types, each with its fields that hold a value, and then the records that belong to it.
///
/// A field of nothing but blanks is absent. Blanks around numbers and behind text do not count, nor does what fills a
/// field beside a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fixed {
    pub(super) types: Types<Field>,
    pub(super) framing: Framing,
    pub(super) charset: Charset,
    /// Whether records that are shorter are read as if blanks followed; else they are refused.
    pub(super) short: bool,
}

impl Fixed {
    /// Files of these records.
    pub fn new(records: Vec<Record>, framing: Framing, charset: Charset) -> Self {
        Self { types: Types::new(records), framing, charset, short: true }
    }

    /// Files whose records are never shorter than their fields need.
    pub fn whole(self) -> Self {
        Self { short: false, ..self }
    }
}
