//! Simple types: a built-in type, a list or a union, with the facets that narrow it (XML Schema part 2).

mod applies;
mod builtin;
mod check;
mod facets;
mod key;
mod ordered;
mod restrict;
mod sample;
pub mod space;

use std::sync::Arc;

use super::dates::Dates;

pub use builtin::SimpleType;
pub use facets::{Bound, Facets, Values};
pub use key::Key;
pub use restrict::{FacetError, Fault, GivenFacets};
pub use space::WhiteSpace;

/// A simple type. Copies share their facets. Types within types are walked recursively: who makes them from outside data
/// bounds how deep they go.
#[derive(Debug, Clone)]
pub struct Simple {
    /// The nearest built-in type; [`SimpleType::String`] for a list or a union of its own.
    pub base: SimpleType,
    /// Whether it is one value, a list, or one of several types.
    pub variety: Variety,
    /// What happens to its white space first; a union leaves that to its members.
    pub space: WhiteSpace,
    /// What narrows it, from all steps of its derivation; `None` for nothing.
    facets: Option<Arc<Facets>>,
    /// How its dates are written; `None` for as they come.
    pub dates: Option<Arc<Dates>>,
}

/// A way of writing belongs to no value: types that differ in it alone are the same.
impl PartialEq for Simple {
    fn eq(&self, other: &Self) -> bool {
        let of = |simple: &Self| (simple.base, simple.space);
        of(self) == of(other) && self.variety == other.variety && self.facets == other.facets
    }
}

/// The three kinds of simple types (XML Schema part 2, section 2.5.1).
#[derive(Debug, Clone, PartialEq)]
pub enum Variety {
    /// One value of the base type.
    Atomic,
    /// Items of that type, separated by white space.
    List(Arc<Simple>),
    /// A value of the first of these types that takes it.
    Union(Arc<[Arc<Simple>]>),
}

impl Simple {
    /// The built-in type.
    pub fn of(base: SimpleType) -> Self {
        let variety = match base.item() {
            Some(item) => Variety::List(Arc::new(Self::of(item))),
            None => Variety::Atomic,
        };
        Self { base, variety, space: base.white_space(), facets: None, dates: None }
    }

    /// A list of such items, which are atomic or unions: a list of lists is for the caller to refuse.
    pub fn list_of(item: Arc<Self>) -> Self {
        let variety = Variety::List(item);
        Self { base: SimpleType::String, variety, space: WhiteSpace::Collapse, facets: None, dates: None }
    }

    /// A union of these types. Those of a member that is nothing but a union are taken as its own.
    pub fn union_of(members: Vec<Arc<Self>>) -> Self {
        let mut own: Vec<Arc<Self>> = Vec::with_capacity(members.len());
        for member in members {
            match &member.variety {
                Variety::Union(inner) if member.facets.is_none() => own.extend(inner.iter().cloned()),
                _ => own.push(member),
            }
        }
        let variety = Variety::Union(own.into());
        Self { base: SimpleType::String, variety, space: WhiteSpace::Preserve, facets: None, dates: None }
    }

    /// What narrows it; `None` for nothing.
    pub fn facets(&self) -> Option<&Facets> {
        self.facets.as_deref()
    }

    /// Takes away what narrows it.
    pub(super) fn narrow_no_more(&mut self) {
        self.facets = None;
    }

    /// Whether it is a built-in type with nothing added, which a schema names.
    pub fn is_builtin(&self) -> bool {
        let own = matches!(self.variety, Variety::Atomic) || self.base.item().is_some();
        own && self.facets.is_none() && self.space == self.base.white_space()
    }

    /// Whether a value is a list, by its own type or by that of a member.
    pub fn is_list(&self) -> bool {
        match &self.variety {
            Variety::Atomic => false,
            Variety::List(_) => true,
            Variety::Union(members) => members.iter().any(|member| member.is_list()),
        }
    }

    /// Whether JSON writes its values as numbers.
    pub fn is_number(&self) -> bool {
        matches!(self.variety, Variety::Atomic) && self.base.is_number()
    }
}

#[cfg(test)]
mod restrict_tests;
#[cfg(test)]
mod tests;
