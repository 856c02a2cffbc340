//! What a segment or composite that is written holds, by position.

use super::fill::unwritable;
use super::structure::{ElementSpec, LAST_POSITION, Part, position_of};
use crate::document::codec::Unwritable;
use crate::document::tree::Element;

/// An element of a segment, or a component, at its position.
#[derive(Debug)]
pub(super) struct Slot<'a> {
    pub position: usize,
    pub element: &'a Element,
    pub part: Option<&'a Part>,
}

/// The children by their positions, without the empty ones at the end of each.
pub(super) fn slots<'a>(
    parent: &'a Element,
    known: &'a [ElementSpec],
    prefix: &str,
    tag: &str,
) -> Result<Vec<Slot<'a>>, Unwritable> {
    let mut slots: Vec<Slot<'a>> = Vec::with_capacity(parent.nodes().len());
    for element in parent.elements() {
        let name = &element.name.local;
        let spec = known.iter().find(|known| known.name == *name);
        let position = spec.map(|spec| spec.position).or_else(|| position_of(name, prefix));
        let Some(position) = position.filter(|position| *position <= LAST_POSITION) else {
            let message = format!("this is no element of {tag}; they are named {prefix}01, {prefix}02, ...");
            return Err(unwritable(name.as_str(), message));
        };
        slots.push(Slot { position, element, part: spec.map(|spec| &spec.part) });
    }
    slots.sort_by_key(|slot| slot.position);
    let empty = |slot: &Slot<'_>| is_empty(slot.element);
    let mut kept: Vec<Slot<'a>> = Vec::with_capacity(slots.len());
    for slot in slots.into_iter().rev() {
        // From behind: an empty one counts only when one of its position follows it.
        if !empty(&slot) || kept.last().is_some_and(|next: &Slot<'_>| next.position == slot.position) {
            kept.push(slot);
        }
    }
    kept.reverse();
    Ok(kept)
}

/// Whether nothing would be written of it.
pub(super) fn is_empty(element: &Element) -> bool {
    match element.leaf() {
        Some(text) => text.is_empty(),
        None => element.elements().all(is_empty),
    }
}
