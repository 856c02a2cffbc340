//! EDI: ANSI X12 and UN/EDIFACT interchanges, read into element trees and written from them.
//!
//! A document is one interchange. Its tree: `Interchange` holds the header segment (`ISA` or `UNB`), then `Group`s, in
//! them `Transaction`s (X12) or `Message`s (EDIFACT), in those the segments by their tags, and loops by their declared
//! names. Elements are named by tag and position (`BEG03`), components by one more (`SV10101`), unless a profile names
//! them; what is empty is absent. Trailers stand in the tree as they were read, and are computed on writing.

mod charset;
pub mod codec;
mod count;
pub mod delimiters;
mod envelope;
mod fill;
mod group;
mod lines;
mod read;
mod slots;
pub mod split;
pub mod structure;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_same;
#[cfg(test)]
mod tests_write;
mod token;
pub mod wire;
mod write;

pub use codec::{Defaults, Edi};
pub use delimiters::Delimiters;
pub use structure::{ElementSpec, Item, LoopSpec, Part, SegmentSpec};

/// Which of the two families of syntax rules an interchange follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// ANSI ASC X12 (X12.5 interchange control, X12.6 application control).
    X12,
    /// UN/EDIFACT (ISO 9735, syntax versions 1 to 4, batch).
    Edifact,
}
