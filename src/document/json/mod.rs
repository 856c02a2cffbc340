//! JSON (RFC 8259): text to element tree and back, numbers kept as they are written.

mod lines;
mod read;
mod records;
#[cfg(test)]
mod records_tests;
mod scan;
#[cfg(test)]
mod tests;
mod write;

use bytes::Bytes;

use super::codec::{Codec, Limits, Malformed, Unwritable};
use super::path::{Language, PathError};
use super::records::{Bounds, Fused, Input, RecordPath, Records};
use super::tree::Element;

pub use read::parse;
pub use write::{is_number, write, write_string};

/// The JSON codec.
#[derive(Debug)]
pub struct Json;

/// The JSON codec, as documents refer to it.
pub static JSON: Json = Json;

impl Codec for Json {
    fn format(&self) -> &'static str {
        "json"
    }

    fn media_type(&self) -> &'static str {
        "application/json"
    }

    fn decode(&self, bytes: &Bytes, limits: &Limits) -> Result<Element, Malformed> {
        parse(&super::text::decode(bytes, Some("utf-8"))?, limits)
    }

    fn lines(&self, bytes: &[u8], ways: &[&[usize]]) -> Vec<Option<usize>> {
        lines::lines(bytes, ways)
    }

    fn records(
        &self,
        input: Input,
        path: &RecordPath,
        bounds: Bounds,
    ) -> Result<Box<dyn Records>, PathError> {
        Ok(Box::new(Fused::new(records::JsonRecords::new(input, path, bounds))))
    }

    fn language(&self) -> Language {
        Language::JsonPath
    }

    fn is_typed(&self) -> bool {
        true
    }

    fn media_types(&self) -> &'static [&'static str] {
        &["application/json"]
    }

    fn encode(&self, root: &Element, out: &mut Vec<u8>) -> Result<(), Unwritable> {
        write(root, out);
        Ok(())
    }
}
