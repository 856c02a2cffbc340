//! Shapes: what a document must look like, the same model for every format's profiles.

mod at;
pub mod dates;
mod finish;
#[cfg(test)]
mod fixture;
pub mod form;
pub mod grammar;
pub mod infer;
pub mod json_form;
pub mod json_schema;
pub mod lexical;
pub mod order;
pub mod pattern;
mod published;
pub mod rule;
pub mod simple;
pub mod temporal;
pub mod validate;
pub mod xsd;
mod xsd_simple;
mod xsd_write;

use compact_str::CompactString;
use std::sync::Arc;

use crate::document::tree::Name;

pub use dates::{Dates, Zone};
pub use finish::Finish;
pub use form::Form;
pub use rule::{Checking, Mode, Rule};
pub use simple::{
    Bound, FacetError, Facets, Fault, GivenFacets, Key, Simple, SimpleType, Variety, WhiteSpace,
};
pub use validate::{Format, Violation, validate};

/// How often something may occur: `min..max`, unbounded without a `max`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Occurs {
    /// At least so often; 0 makes it optional.
    pub min: u32,
    /// At most so often; `None` for any number.
    pub max: Option<u32>,
}

impl Occurs {
    /// Exactly once.
    pub const ONCE: Self = Self { min: 1, max: Some(1) };
    /// At most once.
    pub const OPTIONAL: Self = Self { min: 0, max: Some(1) };

    /// Whether more than one may occur.
    pub fn repeats(self) -> bool {
        self.max != Some(1)
    }
}

/// An element, a JSON member or a JSON array item, with everything under it.
#[derive(Debug, Clone, PartialEq)]
pub struct Shape {
    /// The local name; empty for a JSON root and for array items.
    pub name: CompactString,
    /// The namespace an XML element is in; `None` for none.
    pub namespace: Option<Arc<str>>,
    /// How often it occurs in its parent.
    pub occurs: Occurs,
    /// Whether it may be nil (`xsi:nil`, JSON `null`).
    pub nillable: bool,
    /// XML attributes.
    pub attributes: Vec<AttributeShape>,
    /// What it holds.
    pub kind: ShapeKind,
    /// How strictly it is checked, and by what else than this shape.
    pub checking: Checking,
    /// How it is written.
    pub form: Form,
}

/// What an element holds.
#[derive(Debug, Clone, PartialEq)]
pub enum ShapeKind {
    /// A single value.
    Simple(Simple),
    /// Child elements, in this order in XML and in any order in JSON.
    Children(Vec<Shape>),
    /// These child elements, and any others besides: what a schema says of them is more than a list can.
    Open(Vec<Shape>),
    /// A JSON array of such items.
    Items(Box<Shape>),
    /// Anything at all.
    Any,
}

/// An XML attribute.
#[derive(Debug, Clone, PartialEq)]
pub struct AttributeShape {
    /// Its local name.
    pub name: CompactString,
    /// The namespace it is in; `None` for none.
    pub namespace: Option<Arc<str>>,
    /// Whether it must be there.
    pub required: bool,
    /// Its type.
    pub simple: Simple,
}

impl Shape {
    /// The name that an element of it has on the wire.
    pub fn element_name(&self) -> Name {
        Name { namespace: self.namespace.clone(), local: self.name.clone() }
    }

    /// The child of that local name, with its position among the children.
    pub fn child(&self, local: &str) -> Option<(usize, &Shape)> {
        self.children().iter().enumerate().find(|(_, child)| child.name == local)
    }

    /// The declared children; none for a leaf, the item for an array.
    pub fn children(&self) -> &[Shape] {
        match &self.kind {
            ShapeKind::Children(children) | ShapeKind::Open(children) => children,
            ShapeKind::Items(item) => std::slice::from_ref(item),
            ShapeKind::Simple(_) | ShapeKind::Any => &[],
        }
    }

    /// The same shape, with what either of two says of how documents are written: what one leaves out is left out, and dates are
    /// written as the first says that says it.
    #[must_use]
    pub fn united(&self, other: &Self) -> Self {
        self.merged(other, Form::leave_out_with)
    }

    /// The same with what another, equal one says of how it is written; `forms` puts together what the two leave out.
    fn merged(&self, other: &Self, forms: fn(&mut Form, &Form)) -> Self {
        let mut merged = self.clone();
        forms(&mut merged.form, &other.form);
        for (attribute, other) in merged.attributes.iter_mut().zip(&other.attributes) {
            attribute.simple.dates = attribute.simple.dates.take().or_else(|| other.simple.dates.clone());
        }
        let children = match &mut merged.kind {
            ShapeKind::Children(children) | ShapeKind::Open(children) => children.as_mut_slice(),
            ShapeKind::Items(item) => std::slice::from_mut(&mut **item),
            ShapeKind::Simple(simple) => {
                if let ShapeKind::Simple(other) = &other.kind {
                    simple.dates = simple.dates.take().or_else(|| other.dates.clone());
                }
                &mut []
            }
            ShapeKind::Any => &mut [],
        };
        for (child, other) in children.iter_mut().zip(other.children()) {
            *child = child.merged(other, forms);
        }
        merged
    }

    /// What an element that is nothing but a list holds: its one child, which repeats.
    pub fn list_item(&self) -> Option<&Shape> {
        match &self.kind {
            ShapeKind::Children(children) if self.form.list => children.first(),
            _ => None,
        }
    }

    /// Whether a child of that name may stand there of which nothing is declared.
    pub fn may_have(&self, local: &str) -> bool {
        match &self.kind {
            ShapeKind::Any => true,
            ShapeKind::Open(_) => self.child(local).is_none(),
            ShapeKind::Simple(_) | ShapeKind::Children(_) | ShapeKind::Items(_) => false,
        }
    }

    /// The declared attribute of that name.
    pub fn attribute(&self, local: &str) -> Option<&AttributeShape> {
        self.attributes.iter().find(|attribute| attribute.name == local)
    }
}
