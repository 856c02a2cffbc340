//! How an element is written where its shape alone does not say: as a list, not at all, as one of several types.

use std::sync::Arc;

use super::AttributeShape;
use crate::document::tree::Name;

/// What a profile says of an element beside its shape. The default: nothing.
#[derive(Debug, Clone, Default)]
pub struct Form {
    /// Whether it is nothing but what is around a list: its JSON form is an array of what its one child holds.
    pub list: bool,
    /// Whether it is never written, whatever is there.
    pub left_out: bool,
    /// Its attributes that are never written.
    pub attributes_left_out: Vec<Name>,
    /// The types that `xsi:type` may name in it, its own among them unless that is abstract; `None` where any may be.
    pub types: Option<Arc<[Name]>>,
}

impl Form {
    /// Whether an attribute of the element is never written.
    pub fn leaves_out(&self, attribute: &AttributeShape) -> bool {
        let is = |name: &Name| name.local == attribute.name && name.namespace == attribute.namespace;
        self.attributes_left_out.iter().any(is)
    }

    /// What either of two leaves out.
    pub(super) fn leave_out_with(&mut self, other: &Self) {
        self.left_out |= other.left_out;
        let more = other.attributes_left_out.iter().filter(|name| !self.attributes_left_out.contains(name));
        let more: Vec<Name> = more.cloned().collect();
        self.attributes_left_out.extend(more);
    }

    /// What both of two leave out.
    pub(super) fn leave_out_as(&mut self, other: &Self) {
        self.left_out &= other.left_out;
        self.attributes_left_out.retain(|name| other.attributes_left_out.contains(name));
    }
}

/// Forms say nothing of which documents fit, so two shapes that differ in them alone are the same.
impl PartialEq for Form {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// What an `xsi:type` means that is written as `{namespace}Name`, or as the name alone where one of the types has it.
pub fn type_named<'t>(types: &'t [Name], text: &str) -> Option<&'t Name> {
    if let Some(name) = Name::braced(text) {
        return types.iter().find(|known| **known == name);
    }
    let mut same = types.iter().filter(|known| known.local == text);
    let first = same.next()?;
    match same.next() {
        None => Some(first),
        // Several have it: only the one in no namespace is written without one.
        Some(_) => types.iter().find(|known| known.local == text && known.namespace.is_none()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_named_in_full_or_by_a_name_that_only_one_has() {
        let types = [
            Name::qualified("urn:a", "Card"),
            Name::qualified("urn:a", "Cash"),
            Name::qualified("urn:b", "Cash"),
        ];
        assert_eq!(type_named(&types, "Card"), Some(&types[0]));
        assert_eq!(type_named(&types, "{urn:b}Cash"), Some(&types[2]));
        for unknown in ["Cash", "{urn:b}Card", "Cheque", "a:Card", ""] {
            assert_eq!(type_named(&types, unknown), None, "{unknown}");
        }
        let plain = [Name::local("Cash"), Name::qualified("urn:b", "Cash")];
        assert_eq!(type_named(&plain, "Cash"), Some(&plain[0]));
    }
}
