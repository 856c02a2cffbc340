//! Splitting: a file into its interchanges, and an interchange into one for each of its messages.

use super::Syntax;
use super::envelope::{self, GROUP};
use super::token::{SPACE, Segments};
use crate::document::codec::{Malformed, MalformedKind};
use crate::document::tree::{Element, Name, Node};

/// The interchanges of a text that holds several, one behind the other, each with its end.
///
/// # Errors
/// What does not begin or end like an interchange.
pub fn interchanges(text: &str, syntax: Syntax) -> Result<Vec<&str>, Malformed> {
    let failed = |(at, message)| Malformed::at(text.as_bytes(), at, MalformedKind::Syntax, message);
    let tail = syntax.envelopes().interchange.tail;
    let mut found = Vec::new();
    let mut from = 0;
    while !text.get(from..).unwrap_or_default().trim_start_matches(SPACE).is_empty() {
        let rest = text.get(from..).unwrap_or_default();
        let moved = |(at, message)| failed((from + at, message));
        let head = envelope::head(rest, syntax).map_err(moved)?;
        let mut segments = Segments::new(rest, head.next, head.delimiters, false);
        loop {
            match segments.next().map_err(moved)? {
                Some(segment) if segment.tag == tail => break,
                Some(_) => {}
                None => return Err(failed((text.len(), format!("the interchange ends without {tail}")))),
            }
        }
        let end = segments.position();
        found.extend(rest.get(head.offset..end));
        from += end;
    }
    Ok(found)
}

/// One interchange for each message of this one, each with the envelopes of the whole: its counts are made anew when it
/// is written. Of an interchange without messages there is none.
pub fn messages(root: Element, syntax: Syntax) -> Vec<Element> {
    let (around, parts) = parted(root, GROUP, syntax.message_name());
    let mut found = Vec::new();
    for (at, part) in parts {
        if part.name.local != GROUP {
            found.push(inserted(&around, at, part));
            continue;
        }
        let (group, messages) = parted(part, syntax.message_name(), syntax.message_name());
        for (inner, message) in messages {
            found.push(inserted(&around, at, inserted(&group, inner, message)));
        }
    }
    found
}

/// One interchange with the envelope of the first and the messages of all: the reverse of [`messages`].
pub fn joined(roots: &[&Element], syntax: Syntax) -> Element {
    let Some((first, rest)) = roots.split_first() else { return Element::new(Name::local(envelope::ROOT)) };
    let mut whole = Element::clone(first);
    for root in rest {
        for child in root.elements() {
            let name = child.name.local.as_str();
            if name == GROUP || name == syntax.message_name() {
                whole.push(child.clone());
            }
        }
    }
    whole
}

/// The element without its children of these names, and those, each with the place it stood at among what is left.
fn parted(mut element: Element, name: &str, other: &str) -> (Element, Vec<(usize, Element)>) {
    let mut parts = Vec::new();
    let mut kept = Vec::new();
    for node in std::mem::take(element.nodes_mut()) {
        match node {
            Node::Element(child) if child.name.local == name || child.name.local == other => {
                parts.push((kept.len(), child));
            }
            node => kept.push(node),
        }
    }
    *element.nodes_mut() = kept;
    (element, parts)
}

fn inserted(around: &Element, at: usize, part: Element) -> Element {
    let mut whole = around.clone();
    whole.nodes_mut().insert(at, Node::Element(part));
    whole
}
