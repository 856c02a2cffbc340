//! Texts in which only the address of a service is open.

use crate::xml::escape_attribute;

/// Stands for the address while a text is made; no text from outside can hold it.
pub(super) const ADDRESS: char = '\u{0}';

/// The text between the places where the address stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template(Vec<String>);

impl Template {
    /// Takes a text apart at [`ADDRESS`].
    pub(super) fn new(text: &str) -> Self {
        Self(text.split(ADDRESS).map(str::to_owned).collect())
    }

    /// The text with an address.
    pub(super) fn at(&self, address: &str) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.0.iter().map(|part| part.len() + address.len()).sum());
        for (at, part) in self.0.iter().enumerate() {
            if at > 0 {
                escape_attribute(address, &mut out);
            }
            out.extend_from_slice(part.as_bytes());
        }
        out
    }
}

/// A text as the value of an attribute.
pub(super) fn attribute(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    escape_attribute(text, &mut out);
    String::from_utf8(out).unwrap_or_default()
}
