//! Lines: where in the text the element at the end of a way begins, by the marks on its segments.

use super::read::LINE;
use crate::document::tree::Element;

/// The line of the segment that the element is, lies in or begins with.
pub(super) fn line(root: &Element, way: &[usize]) -> Option<usize> {
    let own = |element: &Element| element.attribute(LINE).and_then(|line| line.parse().ok());
    let mut at = root;
    let mut found = None;
    for step in way {
        at = at.elements().nth(*step)?;
        found = own(at).or(found);
    }
    // A group or loop begins with its first segment.
    while found.is_none() {
        at = at.elements().next()?;
        found = own(at);
    }
    found
}
