//! XML 1.0 with namespaces: text to element tree and back, nothing fetched and nothing expanded.

mod carry;
pub mod chars;
mod cursor;
pub mod escape;
mod lines;
mod namespaces;
mod places;
mod plain;
mod prolog;
mod pull;
mod reader;
mod records;
#[cfg(test)]
mod records_tests;
mod run;
mod tag;
mod write;

#[cfg(test)]
mod tests;

use bytes::Bytes;

use crate::document::codec::{Codec, Limits, Malformed, Unwritable};
use crate::document::path::PathError;
use crate::document::records::{Bounds, Fused, Input, RecordPath, Records};
use crate::document::text;
use crate::document::tree::Element;

pub use carry::{uncarried, uncarried_in};
pub use chars::{is_name, is_ncname};
pub use escape::{escape_attribute, escape_text};
pub use places::{attribute_value, element_end};
pub use reader::{parse, parse_with_places};
pub use write::{write, write_element};

/// The namespace of `xsi:nil` and `xsi:type` (XML Schema part 1, section 2.6).
pub const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";
/// The namespace that the prefix `xml` always stands for (Namespaces in XML, section 3).
pub const XML_NAMESPACE: &str = "http://www.w3.org/XML/1998/namespace";
/// The namespace that the prefix `xmlns` always stands for (Namespaces in XML, section 3).
pub const XMLNS_NAMESPACE: &str = "http://www.w3.org/2000/xmlns/";

/// The XML codec.
#[derive(Debug)]
pub struct Xml;

/// The XML codec, as documents refer to it.
pub static XML: Xml = Xml;

impl Codec for Xml {
    fn format(&self) -> &'static str {
        "xml"
    }

    fn media_type(&self) -> &'static str {
        "application/xml; charset=utf-8"
    }

    fn decode(&self, bytes: &Bytes, limits: &Limits) -> Result<Element, Malformed> {
        parse(&text::decode(bytes, None)?, limits)
    }

    fn lines(&self, bytes: &[u8], ways: &[&[usize]]) -> Vec<Option<usize>> {
        match text::decode(bytes, None) {
            Ok(text) => lines::lines(&text, ways),
            Err(_) => vec![None; ways.len()],
        }
    }

    fn records(
        &self,
        input: Input,
        path: &RecordPath,
        bounds: Bounds,
    ) -> Result<Box<dyn Records>, PathError> {
        Ok(Box::new(Fused::new(records::XmlRecords::new(input, path, bounds))))
    }

    fn media_types(&self) -> &'static [&'static str] {
        &["application/xml", "text/xml"]
    }

    fn head(&self) -> Vec<u8> {
        write::DECLARATION.to_vec()
    }

    fn encode(&self, root: &Element, out: &mut Vec<u8>) -> Result<(), Unwritable> {
        write(root, out, true);
        Ok(())
    }
}
