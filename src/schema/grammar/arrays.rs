//! Arrays of the SOAP encodings, whose items a schema gives in an attribute of WSDL (WSDL 1.1, section 2.2).

use compact_str::CompactString;

use super::compile::Compiler;
use super::derive::DEEPEST;
use super::source::{At, XS};
use super::{Grammar, Type, TypeId};
use crate::document::tree::Name;

/// The namespaces of the encodings of SOAP 1.1 and 1.2, each with a type `Array`.
pub(super) const ENCODINGS: &[&str] =
    &["http://schemas.xmlsoap.org/soap/encoding/", "http://www.w3.org/2003/05/soap-encoding"];

/// What the items of an encoded array are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Array {
    /// The type of an item, or of the items of those.
    pub item: Name,
    /// The dimensions as they are written: `[]`, `[,]`, or `[][]` for an array of arrays.
    pub sizes: CompactString,
}

impl Array {
    /// An array of anything.
    pub(super) fn of_anything() -> Self {
        Self { item: Name::qualified(XS, "anyType"), sizes: "[]".into() }
    }

    /// What an item is, when it is an array itself.
    pub fn inner(&self) -> Option<Self> {
        let (inner, _) = self.sizes.rsplit_once('[')?;
        (!inner.is_empty()).then(|| Self { item: self.item.clone(), sizes: inner.into() })
    }
}

impl Compiler<'_> {
    /// What an attribute of a type says of the items.
    pub fn array(&self, at: At) -> Option<Array> {
        let doc = self.doc(at)?;
        let text = doc.tree.nodes.get(at.node)?.array_type.as_deref()?.trim();
        let (name, _) = text.split_once('[')?;
        let item = doc.name(at.node, name.trim()).ok()?;
        let sizes = text.get(name.len()..)?.split_whitespace().collect();
        Some(Array { item, sizes })
    }
}

impl Grammar {
    /// Whether a type is an encoded array, or derives from one.
    pub(super) fn is_array(&self, id: TypeId) -> bool {
        let mut at = id;
        for _ in 0..DEEPEST {
            let Some(known) = self.type_of(at) else { return false };
            if known.name.local == "Array" && ENCODINGS.iter().any(|of| known.name.is(of, "Array")) {
                return true;
            }
            if known.base == at {
                return false;
            }
            at = known.base;
        }
        false
    }

    /// What the items of elements of a type are; `None` for what is no encoded array.
    pub(super) fn array_of(&self, id: TypeId) -> Option<Array> {
        let said = |known: &Type| known.attributes.iter().find_map(|used| used.array.clone());
        self.is_array(id).then(|| self.type_of(id).and_then(said).unwrap_or_else(Array::of_anything))
    }
}
