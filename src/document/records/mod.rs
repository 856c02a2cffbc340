//! Records: a large document read one repeated part at a time, in memory that does not grow with the document.

mod path;
mod pieces;
mod window;

use std::io::Read;

use super::codec::{Limits, Malformed};
use super::tree::Element;

pub use path::RecordPath;
pub(crate) use window::Window;

/// Where the bytes of a large document come from.
pub type Input = Box<dyn Read>;

/// Bounds on a document that is read record by record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// What holds for each record as for a document of its own; the depth counts from the document's root.
    pub limits: Limits,
    /// Bytes of a record, or of anything between records that is read in one piece, as UTF-8.
    pub bytes: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { limits: Limits::default(), bytes: 8 << 20 }
    }
}

/// Why there is no next record.
#[derive(Debug)]
pub enum Broken {
    /// The document is not well-formed, or passes a bound; the place is one in the whole document.
    Malformed(Malformed),
    /// The input could not be read.
    Input(std::io::Error),
}

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Malformed(malformed) => malformed.fmt(f),
            Self::Input(error) => write!(f, "the input cannot be read: {error}"),
        }
    }
}

impl std::error::Error for Broken {}

impl From<Malformed> for Broken {
    fn from(malformed: Malformed) -> Self {
        Self::Malformed(malformed)
    }
}

/// Records that stay at their end once it has come, be it by an error.
#[derive(Debug)]
pub(crate) struct Fused<R> {
    records: R,
    is_over: bool,
}

impl<R> Fused<R> {
    /// Records that have not begun.
    pub(crate) fn new(records: R) -> Self {
        Self { records, is_over: false }
    }
}

impl<R: Records> Records for Fused<R> {
    fn next(&mut self) -> Result<Option<Element>, Broken> {
        if self.is_over {
            return Ok(None);
        }
        let next = self.records.next();
        self.is_over = !matches!(next, Ok(Some(_)));
        next
    }

    fn line(&self) -> usize {
        self.records.line()
    }

    fn lines(&self, ways: &[&[usize]]) -> Vec<Option<usize>> {
        self.records.lines(ways)
    }
}

/// The records of one document, in its order.
pub trait Records {
    /// The next record: the same tree that the path selects in the document when it is parsed as a whole; of a flat file
    /// the tree of a file that has this record alone, so that its profile and its maps hold for both. `None` at the
    /// end, which comes only after the rest of the document was found to be well-formed.
    ///
    /// # Errors
    /// What follows is not well-formed, passes a bound, or cannot be read. Nothing comes after an error.
    fn next(&mut self) -> Result<Option<Element>, Broken>;

    /// The line of the document, from 1, at which the record that came last begins.
    fn line(&self) -> usize;

    /// The lines of the document at which elements of the record that came last begin, as
    /// [`Codec::lines`](super::codec::Codec::lines) gives them for a document.
    fn lines(&self, ways: &[&[usize]]) -> Vec<Option<usize>>;
}
