//! The layout of fixed-width files: records, their tags, fields and the records under them.

use compact_str::CompactString;

use crate::document::charset::Charset;
use crate::document::flat::Holds;

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

/// What tells a record type from the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// Where it stands in the record, from 0.
    pub at: usize,
    /// What stands there.
    pub text: CompactString,
}

/// A record type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The name of its element.
    pub name: CompactString,
    /// What tells it from others; a file has at most one type without.
    pub tag: Option<Tag>,
    /// Its fields, in the order of their elements.
    pub fields: Vec<Field>,
    /// The types of the records that belong to one of it and follow it.
    pub records: Vec<Record>,
    /// Its length in characters, at least up to the end of the last field.
    pub length: usize,
}

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
    pub(super) records: Vec<Record>,
    /// Every type by its way from the top, those with the longest tags first.
    pub(super) types: Vec<Vec<usize>>,
    pub(super) framing: Framing,
    pub(super) charset: Charset,
}

impl Fixed {
    /// Files of these records.
    pub fn new(records: Vec<Record>, framing: Framing, charset: Charset) -> Self {
        let mut types = Vec::new();
        collect(&records, &mut Vec::new(), &mut types);
        types.sort_by_key(|(length, _)| std::cmp::Reverse(*length));
        Self { records, types: types.into_iter().map(|(_, way)| way).collect(), framing, charset }
    }

    /// The type at the end of a way.
    pub(super) fn at(&self, way: &[usize]) -> Option<&Record> {
        let (first, rest) = way.split_first()?;
        rest.iter().try_fold(self.records.get(*first)?, |record, index| record.records.get(*index))
    }
}

fn collect(records: &[Record], way: &mut Vec<usize>, types: &mut Vec<(usize, Vec<usize>)>) {
    for (index, record) in records.iter().enumerate() {
        way.push(index);
        let length = record.tag.as_ref().map_or(0, |tag| tag.text.chars().count());
        types.push((length, way.clone()));
        collect(&record.records, way, types);
        way.pop();
    }
}
