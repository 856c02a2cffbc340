//! Whether a document is of the profile that a map reads it by: in one of another, paths would find next to nothing.

use crate::document::tree::{Content, Element};
use crate::pipeline::failure::Failure;
use crate::pipeline::operation::Profile;
use crate::schema::validate::is_named;
use crate::schema::{Shape, ShapeKind};

/// Refuses a root that is not the profile's. `who` reads it: `the map tidy`.
///
/// # Errors
/// It is another element, or another kind of JSON.
pub fn check(root: &Element, profile: &Profile, who: &dyn Fn() -> String) -> Result<(), Failure> {
    let shape = &*profile.shape;
    if is_named(root, shape) && is_kind(&root.content, shape) {
        return Ok(());
    }
    let log = format!(
        "{} reads profile {}, whose root is {}; the document here is {}",
        who(),
        profile.name,
        if shape.name.is_empty() {
            kind_wanted(shape).to_owned()
        } else {
            format!("`{}`", shape.element_name())
        },
        if root.name.local.is_empty() {
            kind_of(&root.content).to_owned()
        } else {
            format!("`{}`", root.name)
        },
    );
    Err(Failure::internal("wrong-document", log))
}

/// Whether a JSON document is the object or the array that its profile says; an XML document always.
fn is_kind(content: &Content, shape: &Shape) -> bool {
    match (&shape.kind, content) {
        _ if !shape.name.is_empty() => true,
        (_, Content::Nil) => shape.nillable,
        (ShapeKind::Children(_) | ShapeKind::Open(_), content) => matches!(content, Content::Children(_)),
        (ShapeKind::Items(_), content) => matches!(content, Content::Items(_)),
        (ShapeKind::Simple(_) | ShapeKind::Any, _) => true,
    }
}

fn kind_wanted(shape: &Shape) -> &'static str {
    match shape.kind {
        ShapeKind::Children(_) | ShapeKind::Open(_) => "an object",
        ShapeKind::Items(_) => "an array",
        ShapeKind::Simple(_) | ShapeKind::Any => "a value of JSON",
    }
}

fn kind_of(content: &Content) -> &'static str {
    match content {
        Content::Children(_) => "an object",
        Content::Items(_) => "an array",
        Content::Nil => "null",
        Content::Empty | Content::Text(_) => "a string",
        Content::Number(_) => "a number",
        Content::Bool(_) => "a boolean",
    }
}
