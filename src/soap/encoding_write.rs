//! The writer of encoded bodies: beside each value its type, of an array what it holds and how much (SOAP 1.1 section 5;
//! SOAP 1.2 part 2, section 3). Every value stands where it belongs; none is referred to.

use compact_str::{CompactString, format_compact};

use super::Version;
use super::encoding::{ENCODING_11, ENCODING_12};
use crate::document::tree::{Attribute, Element, Name};
use crate::schema::grammar::{Array, ElementId, Grammar, Typed};
use crate::xml::XSI;

impl Version {
    /// The encoding of the version, which is its encoding style and its namespace.
    pub fn encoding(self) -> &'static str {
        match self {
            Self::V11 => ENCODING_11,
            Self::V12 => ENCODING_12,
        }
    }
}

/// Makes a call or an answer in the style rpc, which is a document of that element of a grammar, one that is encoded: it names
/// the encoding, and every accessor in it its type, unless that has no name. What only the encoding needs and the document
/// had already, such as ids, is replaced.
pub fn encode(document: &mut Element, grammar: &Grammar, root: ElementId, version: Version) {
    grammar.visit_types(root, document, &mut |accessor, typed| mark(accessor, typed, version));
    let style = Name::qualified(version.namespace(), "encodingStyle");
    document.attributes.retain(|attribute| attribute.name != style);
    document.attributes.push(Attribute { name: style, value: version.encoding().into() });
}

fn mark(accessor: &mut Element, typed: &Typed<'_>, version: Version) {
    accessor.attributes.retain(|attribute| !is_of_encoding(&attribute.name));
    let mut put = |namespace: &str, local: &str, value: CompactString| {
        accessor.attributes.push(Attribute { name: Name::qualified(namespace, local), value });
    };
    let array_type = || Name::qualified(version.encoding(), "Array");
    match (typed.name, typed.array) {
        (Some(name), _) => put(XSI, "type", format_compact!("{name}")),
        (None, Some(_)) => put(XSI, "type", format_compact!("{}", array_type())),
        (None, None) => {}
    }
    let Some(array) = typed.array.filter(|_| !accessor.is_nil()) else { return };
    let count = accessor.elements().count();
    describe(accessor, array, count, version);
}

/// What an array holds: `arrayType="xsd:string[2]"`, in SOAP 1.2 `itemType="xsd:string" arraySize="2"`.
fn describe(accessor: &mut Element, array: &Array, count: usize, version: Version) {
    let inner = array.inner();
    let attributes = match (version, &inner) {
        (Version::V11, inner) => {
            let inner = inner.as_ref().map(|inner| inner.sizes.as_str()).unwrap_or_default();
            // Of several dimensions the items stand in a row: it is one of them in all but the first.
            let commas = array.sizes.rsplit('[').next().unwrap_or_default().matches(',').count();
            let ones = ",1".repeat(commas);
            vec![("arrayType", format_compact!("{}{inner}[{count}{ones}]", array.item))]
        }
        (Version::V12, Some(_)) => {
            let of = Name::qualified(ENCODING_12, "Array");
            vec![("itemType", format_compact!("{of}")), ("arraySize", format_compact!("{count}"))]
        }
        (Version::V12, None) => {
            vec![("itemType", format_compact!("{}", array.item)), ("arraySize", format_compact!("{count}"))]
        }
    };
    let made = attributes
        .into_iter()
        .map(|(local, value)| Attribute { name: Name::qualified(version.encoding(), local), value });
    accessor.attributes.extend(made);
}

/// Whether an attribute is one that the encoding writes itself, or would be read as a reference.
fn is_of_encoding(name: &Name) -> bool {
    let is_reference = name.is("", "id") || name.is("", "href");
    let namespace = name.namespace.as_deref().unwrap_or_default();
    is_reference || namespace == ENCODING_11 || namespace == ENCODING_12 || name.is(XSI, "type")
}

#[cfg(test)]
#[path = "encoding_write_tests.rs"]
mod tests;
