//! Grammars: XML Schema 1.0 documents compiled into a form that checks a document in one pass.
//!
//! `load` reads the documents, `symbols` finds what they declare, `compile` and its parts resolve every name and make
//! content models of particles, `check` walks a document along them.

mod arrays;
mod attributes;
mod catalog;
mod check;
mod check_attributes;
mod compile;
mod complex;
mod components;
mod content;
mod derive;
mod documents;
mod elements;
mod gather;
mod identity;
mod load;
mod locate;
mod model;
mod particle;
mod plain;
mod publish;
pub mod sample;
mod simple_types;
mod source;
mod structure;
mod substitution;
mod symbols;
mod typed;
mod view;
mod wildcard;
mod xpath;

use std::collections::HashMap;
use std::sync::Arc;

use compact_str::CompactString;

pub use arrays::Array;
pub use catalog::is_built_in;
pub use check::Root;
pub use compile::compile;
pub use components::Component;
pub use documents::{Documents, Files, More, NOT_CACHED, Source};
pub use load::{ALLOW_IT, load, load_all};
pub use source::Part;
pub use typed::Typed;

use super::Simple;
use super::rule::Published;
use crate::document::tree::Name;
use identity::Constraint;
use model::Model;
use particle::Particle;
use wildcard::Wildcard;

/// The number of an element declaration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ElementId(usize);

/// The number of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TypeId(usize);

impl TypeId {
    /// `xs:anyType`.
    const ANY: Self = Self(0);
    /// `xs:anySimpleType`.
    const ANY_SIMPLE: Self = Self(1);
}

/// Compiled schemas: what a document may look like.
#[derive(Debug, Default)]
pub struct Grammar {
    types: Vec<Type>,
    elements: Vec<Declaration>,
    models: Vec<Model>,
    /// The particle of each model.
    particles: Vec<Arc<Particle>>,
    constraints: Vec<Constraint>,
    /// The documents, for the descriptions of services.
    published: Option<Vec<Published>>,
    /// Whether there are types of IDs.
    has_ids: bool,
    /// Elements that may be roots and that wildcards lead to.
    roots: HashMap<Name, ElementId>,
    /// Types that `xsi:type` may name.
    named_types: HashMap<Name, TypeId>,
    /// Attributes that wildcards lead to.
    attributes: HashMap<Name, Arc<Attribute>>,
}

/// How a type derives from another, or an element takes the place of another: a set of such ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Ways(u8);

impl Ways {
    const NONE: Self = Self(0);
    const EXTENSION: Self = Self(1);
    const RESTRICTION: Self = Self(2);
    const SUBSTITUTION: Self = Self(4);
    const LIST: Self = Self(8);
    const UNION: Self = Self(16);
    const ALL: Self = Self(31);

    fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// A type (XML Schema part 1, sections 3.4 and 3.14).
#[derive(Debug, Clone)]
struct Type {
    /// The name; empty for an anonymous one.
    name: Name,
    /// What it derives from; itself for `xs:anyType`.
    base: TypeId,
    /// How.
    way: Ways,
    /// Whether it is a complex type.
    is_complex: bool,
    is_abstract: bool,
    /// The ways in which a derived type may not stand in for it.
    block: Ways,
    /// The ways in which no type may derive from it.
    closed: Ways,
    /// The types of a union.
    members: Vec<TypeId>,
    content: Content,
    attributes: Vec<Use>,
    any_attribute: Option<Wildcard>,
}

/// What elements of a type hold.
#[derive(Debug, Clone, Default)]
enum Content {
    /// Nothing, not even white space.
    #[default]
    Empty,
    /// A value.
    Simple(Arc<Simple>),
    /// Elements, and text between them if it is mixed.
    Elements { model: usize, is_mixed: bool },
}

/// An element declaration (XML Schema part 1, section 3.3).
#[derive(Debug, Clone)]
struct Declaration {
    name: Name,
    type_id: TypeId,
    is_nillable: bool,
    is_abstract: bool,
    /// The value of an empty element, and whether there may be another one.
    value: Option<Given>,
    block: Ways,
    closed: Ways,
    /// The identity constraints on what is in it.
    constraints: Vec<usize>,
    /// The elements that may stand in its place, abstract ones too.
    members: Vec<ElementId>,
}

/// A value that a declaration gives.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Given {
    text: CompactString,
    is_fixed: bool,
}

/// An attribute declaration (XML Schema part 1, section 3.2).
#[derive(Debug, Clone)]
struct Attribute {
    name: Name,
    simple: Arc<Simple>,
    value: Option<Given>,
}

/// An attribute of a type (XML Schema part 1, section 3.5).
#[derive(Debug, Clone)]
struct Use {
    attribute: Arc<Attribute>,
    is_required: bool,
    /// Its own value, in place of the declaration's.
    value: Option<Given>,
    /// What the items of an encoded array are: said where its type refers to the attribute for that.
    array: Option<Array>,
}

impl Use {
    fn given(&self) -> Option<&Given> {
        self.value.as_ref().or(self.attribute.value.as_ref())
    }
}

#[cfg(test)]
mod gather_tests;
#[cfg(test)]
mod tests;
