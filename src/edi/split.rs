//! Splitting: a file into its interchanges, and an interchange into one for each of its messages.

use super::Syntax;
use super::envelope::{self, Envelopes, GROUP, Pair};
use super::token::{SPACE, Segments};
use crate::document::codec::{Limits, Malformed, MalformedKind};
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
/// is written. Segments beside the groups (`TA1`) go with the first message only. Of an interchange without messages there
/// is none.
///
/// # Errors
/// The copies of the envelopes have more elements than a document may have.
pub fn messages(root: Element, syntax: Syntax, limits: &Limits) -> Result<Vec<Element>, Malformed> {
    let Envelopes { interchange, group, message_name, .. } = syntax.envelopes();
    let (around, parts) = parted(root, GROUP, message_name);
    let mut around = Around::new(around, interchange);
    let mut left = limits.elements;
    let mut found = Vec::new();
    for (at, part) in parts {
        if part.name.local != GROUP {
            found.push(around.with(at, part, &mut left).ok_or_else(|| too_many(limits))?);
            continue;
        }
        let (inside, messages) = parted(part, message_name, message_name);
        let mut inside = Around::new(inside, group);
        for (inner, message) in messages {
            let whole = inside.with(inner, message, &mut left);
            let whole = whole.and_then(|part| around.with(at, part, &mut left));
            found.push(whole.ok_or_else(|| too_many(limits))?);
        }
    }
    Ok(found)
}

fn too_many(limits: &Limits) -> Malformed {
    let message = format!(
        "each message is given the envelope around it, and all of these have more than {} values: send fewer messages in \
         one interchange",
        limits.elements
    );
    Malformed { line: 1, column: 1, message, kind: MalformedKind::Limit }
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

/// What stands around messages. Copying all of it for each would make much of little: anything may stand beside groups.
struct Around {
    /// All of it, until a message has it.
    whole: Option<Element>,
    /// Head and tail.
    envelope: Element,
    /// The place between them.
    between: usize,
    /// The elements of the envelope.
    size: usize,
}

impl Around {
    fn new(whole: Element, pair: &Pair) -> Self {
        let mut envelope = Element::new(whole.name.clone());
        envelope.attributes.clone_from(&whole.attributes);
        let named = |names: [&'static str; 2]| {
            whole.elements().filter(move |child| names.contains(&child.name.local.as_str())).cloned()
        };
        let heads: Vec<Element> = named(["UNA", pair.head]).collect();
        let between = heads.len();
        heads.into_iter().chain(named([pair.tail; 2])).for_each(|segment| envelope.push(segment));
        let size = size(&envelope);
        Self { whole: Some(whole), envelope, between, size }
    }

    /// The part with all of it the first time, then with the envelope, whose elements are taken from `left`; `None` when
    /// these are too few. `at` is the part's place in the whole.
    fn with(&mut self, at: usize, part: Element, left: &mut usize) -> Option<Element> {
        let (mut around, at) = match self.whole.take() {
            Some(whole) => (whole, at),
            None => {
                *left = left.checked_sub(self.size)?;
                (self.envelope.clone(), self.between)
            }
        };
        around.nodes_mut().insert(at, Node::Element(part));
        Some(around)
    }
}

/// The elements of a tree that is as deep as segments are.
fn size(element: &Element) -> usize {
    1 + element.elements().map(size).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::edi::Edi;
    use crate::edi::tests::{edifact, read, x12};

    fn limits(elements: usize) -> Limits {
        Limits { elements, ..Limits::default() }
    }

    /// An interchange of one group with so many transaction sets, and so many `TA1` before it.
    fn many(sets: usize, beside: usize) -> Element {
        let set = "ST*850*0001~SE*2*0001~";
        let text = x12("").replace(set, &set.repeat(sets)).replace("GE*1*", &format!("GE*{sets}*"));
        let beside = "TA1*000000007*261120*0800*A*000~".repeat(beside);
        read(&Edi::any(Syntax::X12), &text.replace("GS*", &format!("{beside}GS*"))).unwrap()
    }

    #[test]
    fn segments_beside_the_groups_go_with_the_first_message_only() {
        let root = many(100, 2000);
        let most = size(&root) + 100 * 60;
        let found = messages(root, Syntax::X12, &Limits::default()).unwrap();
        let counts: Vec<usize> =
            found.iter().map(|root| root.elements().filter(|e| e.name.local == "TA1").count()).collect();
        assert_eq!((found.len(), counts[0], counts[1..].iter().sum()), (100, 2000, 0));
        assert!(found.iter().map(size).sum::<usize>() < most);
        let names = |root: &Element| -> Vec<String> {
            root.elements().map(|e| e.name.local.to_string()).filter(|name| name != "TA1").collect()
        };
        assert!(found.iter().all(|root| names(root) == ["ISA", "Group", "IEA"]));
        assert!(found.iter().all(|root| names(root.child("Group").unwrap()) == ["GS", "Transaction", "GE"]));
    }

    #[test]
    fn copies_of_envelopes_are_counted() {
        assert!(messages(many(11, 0), Syntax::X12, &limits(400)).is_ok());
        let refused = messages(many(20, 0), Syntax::X12, &limits(400)).unwrap_err();
        assert_eq!(refused.kind, MalformedKind::Limit);
        assert!(refused.message.contains("more than 400 values"), "{refused}");
    }

    #[test]
    fn one_message_stays_as_it_is() {
        for (syntax, text) in [(Syntax::X12, x12("BEG*00~")), (Syntax::Edifact, edifact("BGM+A'"))] {
            let root = read(&Edi::any(syntax), &text).unwrap();
            assert_eq!(messages(root.clone(), syntax, &limits(0)).unwrap(), [root]);
        }
    }
}
