//! A path whose value documents or elements are told apart by: it must lead to a single one.

use super::path::End;
use crate::schema::ShapeKind;
use crate::source::{Finding, Spanned};
use crate::syntax::Literal;

/// What cannot be gone by: several values, or what is no single one. `otherwise` ends the help for several: what else
/// the user can do there.
pub fn misfit(from: &Spanned<Literal>, end: &End, otherwise: &str) -> Option<Finding> {
    let text = &from.value.text;
    let single = |kind: &ShapeKind| matches!(kind, ShapeKind::Simple(_) | ShapeKind::Any);
    if end.repeats {
        let message = format!("`{text}` can be there several times, and only the first would count");
        let help = format!("name one by its position, such as Net[1] in XML and nets[0] in JSON{otherwise}");
        return Some(Finding::error("repeated-source", from.span, message).help(help));
    }
    if end.shape.as_ref().is_some_and(|shape| !single(&shape.kind)) {
        let message = format!("`{text}` is no single value to go by");
        return Some(Finding::error("not-a-value", from.span, message).help("name a value in it"));
    }
    None
}
