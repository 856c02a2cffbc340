//! Questions to a grammar: which types there are, and which may stand in for which (XML Schema part 1, section 3.4.6).

use std::collections::HashSet;

use super::{Content, Declaration, Documents, ElementId, Grammar, Type, TypeId, Ways};
use crate::document::tree::Name;

/// Steps of derivation that are followed; compiled types have fewer.
pub(super) const DEEPEST: usize = 1000;

impl Grammar {
    /// The type of a number.
    pub(super) fn type_of(&self, id: TypeId) -> Option<&Type> {
        self.types.get(id.0)
    }

    /// The declaration of a number.
    pub(super) fn declaration(&self, id: ElementId) -> Option<&Declaration> {
        self.elements.get(id.0)
    }

    /// Whether it is a simple type, not only one with simple content.
    pub(super) fn is_simple(&self, id: TypeId) -> bool {
        self.type_of(id).is_some_and(|known| !known.is_complex)
    }

    /// Whether a type is another one, or derives from it in other ways than those that are blocked.
    pub(super) fn derives(&self, derived: TypeId, base: TypeId, blocked: Ways) -> bool {
        self.steps(derived, base, blocked) || self.is_member(derived, base, blocked)
    }

    /// Whether steps of derivation lead from a type to another one.
    fn steps(&self, derived: TypeId, base: TypeId, blocked: Ways) -> bool {
        let mut at = derived;
        for _ in 0..DEEPEST {
            if at == base {
                return true;
            }
            let Some(known) = self.type_of(at) else { return false };
            if blocked.has(known.way) {
                return false;
            }
            if known.base == at {
                return false;
            }
            at = known.base;
        }
        false
    }

    /// Whether a type is, or derives from, a member of a union that no facets narrow: it is as good as the union.
    fn is_member(&self, derived: TypeId, union: TypeId, blocked: Ways) -> bool {
        let (mut open, mut seen) = (vec![union], HashSet::from([union]));
        while let Some(at) = open.pop() {
            let Some(known) = self.type_of(at) else { continue };
            let is_bare = matches!(&known.content, Content::Simple(simple) if simple.facets().is_none());
            for member in known.members.iter().filter(|_| is_bare) {
                if self.steps(derived, *member, blocked) {
                    return true;
                }
                if seen.insert(*member) {
                    open.push(*member);
                }
            }
        }
        false
    }

    /// The type that the value of an `xsi:type` names: `{namespace}name`, or a name in no namespace.
    pub(super) fn type_by_name(&self, value: &str) -> Option<TypeId> {
        let value = value.trim();
        let name = Name::written(value);
        self.named_types.get(&name).copied()
    }

    /// The global elements, in no order.
    pub fn roots(&self) -> impl Iterator<Item = &Name> + Clone {
        self.roots.keys()
    }

    /// The global elements in the namespaces of the documents that were named, by name.
    pub fn own_roots(&self, documents: &Documents) -> Vec<Name> {
        let named = |number: &usize| documents.docs.get(*number).map(|doc| doc.target.clone());
        let namespaces: Vec<_> = documents.roots.iter().filter_map(named).collect();
        let mut own: Vec<Name> =
            self.roots.keys().filter(|name| namespaces.contains(&name.namespace)).cloned().collect();
        own.sort_by(|left, right| (&left.local, &left.namespace).cmp(&(&right.local, &right.namespace)));
        own
    }

    /// The global element of a name.
    pub fn root(&self, name: &Name) -> Option<ElementId> {
        self.roots.get(name).copied()
    }
}
