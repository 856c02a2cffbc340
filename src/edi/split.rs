//! Splitting: an interchange into one for each of its messages, and those into one again.

use super::Syntax;
use super::envelope::{Envelopes, GROUP, Pair, ROOT};
use crate::document::codec::{Limits, Malformed, MalformedKind, Unwritable};
use crate::document::tree::{Element, Name, Node};

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

/// The messages of an interchange, in the order in which [`messages`] takes it apart.
pub fn parts(root: &Element, syntax: Syntax) -> Vec<&Element> {
    let message_name = syntax.envelopes().message_name;
    let mut found = Vec::new();
    for child in root.elements() {
        match child.name.local.as_str() {
            GROUP => found.extend(child.elements().filter(|inner| inner.name.local == message_name)),
            name if name == message_name => found.push(child),
            _ => {}
        }
    }
    found
}

fn too_many(limits: &Limits) -> Malformed {
    let message = format!(
        "each message is given the envelope around it, and all of these have more than {} values: send fewer messages in \
         one interchange",
        limits.elements
    );
    Malformed { line: 1, column: 1, message, kind: MalformedKind::Limit }
}

/// One interchange with the envelope of the first and what is in all of them: the reverse of [`messages`].
///
/// # Errors
/// An envelope says something else than the first one (sender, receiver, version, test or not) apart from its date, time,
/// control number and delimiters: its messages would go elsewhere, or as something else.
pub fn joined(roots: &[&Element], syntax: Syntax) -> Result<Element, Unwritable> {
    let Some((first, rest)) = roots.split_first() else {
        return Ok(Element::new(Name::local(ROOT)));
    };
    let Pair { head, tail, .. } = syntax.envelopes().interchange;
    let mut whole = Element::clone(first);
    for (at, root) in rest.iter().enumerate() {
        if let Some(name) = difference(said(first, syntax), said(root, syntax)) {
            let message = format!(
                "document {} has another {name} than the first one, and a file is one interchange: return them one by one",
                at + 2
            );
            return Err(Unwritable { path: format!("{}/{head}/{name}", ROOT), message });
        }
        let is_around = |node: &&Node| match node {
            Node::Element(child) => [head, tail, "UNA"].contains(&child.name.local.as_str()),
            Node::Text(_) => false,
        };
        whole.nodes_mut().extend(root.nodes().iter().filter(|node| !is_around(node)).cloned());
    }
    Ok(whole)
}

/// What the first segment says of all messages, by name: not its date, time, control number, and what delimits.
fn said(root: &Element, syntax: Syntax) -> Vec<&Element> {
    let own: &[&str] = match syntax {
        Syntax::X12 => &["ISA09", "ISA10", "ISA11", "ISA13", "ISA16"],
        Syntax::Edifact => &["UNB04", "UNB05"],
    };
    let head = root.child(syntax.envelopes().interchange.head);
    let elements = head.into_iter().flat_map(Element::elements);
    let mut said: Vec<&Element> =
        elements.filter(|child| !own.contains(&child.name.local.as_str())).collect();
    said.sort_by(|a, b| a.name.local.cmp(&b.name.local));
    said
}

/// The name of the first element that is not the same in both.
fn difference<'e>(one: Vec<&'e Element>, other: Vec<&'e Element>) -> Option<&'e str> {
    let differs = one.iter().zip(&other).find(|(a, b)| !is_same(a, b)).map(|(a, b)| {
        // Of two names, the earlier one is missing among the others.
        a.name.local.as_str().min(b.name.local.as_str())
    });
    let shorter = one.len().min(other.len());
    let more = || one.get(shorter).or(other.get(shorter)).map(|element| element.name.local.as_str());
    differs.or_else(more)
}

/// Whether two elements of a segment are written as the same.
fn is_same(a: &Element, b: &Element) -> bool {
    a.name.local == b.name.local
        && a.leaf().map(str::trim_end) == b.leaf().map(str::trim_end)
        && a.elements().count() == b.elements().count()
        && a.elements().zip(b.elements()).all(|(a, b)| is_same(a, b))
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

    #[test]
    fn what_was_split_is_joined_again() {
        let root = many(3, 2);
        let inside = parts(&root, Syntax::X12).into_iter().cloned().collect::<Vec<_>>();
        let parts = messages(root, Syntax::X12, &Limits::default()).unwrap();
        for (inside, part) in inside.iter().zip(&parts) {
            assert_eq!(super::parts(part, Syntax::X12), [inside]);
        }
        let whole = joined(&parts.iter().collect::<Vec<_>>(), Syntax::X12).unwrap();
        let count = |name: &str| whole.elements().filter(|child| child.name.local == name).count();
        assert_eq!((count("ISA"), count("Group"), count("TA1"), count("IEA")), (1, 3, 2, 1));
        // A segment beside the groups is kept from whichever document has it.
        let late = joined(&[&parts[1], &parts[0]], Syntax::X12).unwrap();
        assert_eq!(late.elements().filter(|child| child.name.local == "TA1").count(), 2);
    }

    #[test]
    fn messages_never_leave_in_the_envelope_of_another_partner() {
        let refused = |syntax, one: &str, from: &str, to: &str| {
            let first = read(&Edi::any(syntax), one).unwrap();
            let second = read(&Edi::any(syntax), &one.replace(from, to)).unwrap();
            joined(&[&first, &second], syntax).err().map(|error| error.path)
        };
        let path = |name: &str| Some(format!("Interchange/{name}"));
        let one = x12("BEG*00~");
        let isa = |from, to| refused(Syntax::X12, &one, from, to);
        assert_eq!(isa("ZZ*RECEIVER  ", "ZZ*OTHER     "), path("ISA/ISA08"));
        assert_eq!(isa("ZZ*SENDER  ", "ZZ*OTHER   "), path("ISA/ISA06"));
        assert_eq!(isa("*00501*", "*00402*"), path("ISA/ISA12"));
        assert_eq!(isa("*0*P*", "*0*T*"), path("ISA/ISA15"), "a test is not sent as production");
        assert_eq!(isa("*00*          *ZZ", "*00*PASSWORD  *ZZ"), path("ISA/ISA04"));
        assert_eq!(isa("000000007", "000000008"), None);
        let one = edifact("BGM+A'");
        let unb = |from, to| refused(Syntax::Edifact, &one, from, to);
        assert_eq!(unb("+RECEIVER+", "+OTHER+"), path("UNB/UNB03"));
        assert_eq!(unb("SENDER:14", "SENDER:1"), path("UNB/UNB02"));
        assert_eq!(unb("UNOA:3", "UNOB:3"), path("UNB/UNB01"));
        assert_eq!(unb("0800+REF1'", "0800+REF1++ORDERS'"), path("UNB/UNB07"));
        assert_eq!(unb("0800+REF1", "0801+REF1"), None);
    }
}
