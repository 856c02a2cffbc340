//! What the documents declare at their top, by kind and name; redefined components stand behind what redefines them.

use std::collections::{BTreeSet, HashMap};

use compact_str::{CompactString, format_compact};

use super::documents::Documents;
use super::source::At;
use crate::document::tree::Name;
use crate::source::{Finding, Span, nearest};

/// A kind of component: each has names of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    Type,
    Element,
    Attribute,
    Group,
    AttributeGroup,
    Notation,
}

impl Kind {
    fn of(tag: &str) -> Option<Self> {
        Some(match tag {
            "simpleType" | "complexType" => Self::Type,
            "element" => Self::Element,
            "attribute" => Self::Attribute,
            "group" => Self::Group,
            "attributeGroup" => Self::AttributeGroup,
            "notation" => Self::Notation,
            _ => return None,
        })
    }

    /// As messages name it.
    pub fn shown(self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::Element => "element",
            Self::Attribute => "attribute",
            Self::Group => "group",
            Self::AttributeGroup => "attribute group",
            Self::Notation => "notation",
        }
    }
}

/// The global components of all documents.
#[derive(Debug, Default)]
pub struct Symbols {
    by_name: HashMap<(Kind, Name), At>,
    /// Components that redefine another, with the name that the other one has got.
    redefining: HashMap<At, CompactString>,
    /// In the order of the documents.
    pub order: Vec<(Kind, Name, At)>,
}

/// Gathers the components; two of one name are a finding.
pub fn gather(documents: &Documents, findings: &mut Vec<Finding>) -> Symbols {
    let mut symbols = Symbols::default();
    let chains = redefinitions(documents, findings);
    for (number, doc) in documents.docs.iter().enumerate() {
        for node in doc.tree.nodes.first().map(|root| root.children.as_slice()).unwrap_or_default() {
            let at = At { doc: number, node: *node };
            let Some((kind, name)) = component(documents, at) else { continue };
            let chain = chains.get(&(kind, name.clone()));
            // Only what the redefined documents declare is redefined; the first one found is it.
            if let Some(chain) = chain.filter(|chain| chain.reaches.contains(&number)) {
                symbols.chain(kind, &name, at, chain);
            } else {
                symbols.add(kind, name, at, documents, findings);
            }
        }
    }
    for ((kind, name), chain) in &chains {
        if !symbols.by_name.contains_key(&(*kind, name.clone())) {
            let span = chain.by.first().map_or(Span::default(), |at| span(documents, *at));
            let message = format!("there is no {} `{}` to redefine", kind.shown(), name.local);
            findings.push(Finding::error("bad-schema", span, message));
        }
    }
    symbols
}

fn span(documents: &Documents, at: At) -> Span {
    documents.docs.get(at.doc).map_or(Span::default(), |doc| doc.span(at.node))
}

/// The kind and name of a component.
fn component(documents: &Documents, at: At) -> Option<(Kind, Name)> {
    let doc = documents.docs.get(at.doc)?;
    let kind = Kind::of(&doc.tree.nodes.get(at.node)?.tag)?;
    let local = doc.tree.attribute(at.node, "name")?;
    Some((kind, Name { namespace: doc.target.clone(), local: local.into() }))
}

/// The components that redefine one name, inner ones first.
#[derive(Default)]
struct Chain {
    by: Vec<At>,
    /// The documents whose component is redefined.
    reaches: BTreeSet<usize>,
}

fn redefinitions(documents: &Documents, findings: &mut Vec<Finding>) -> HashMap<(Kind, Name), Chain> {
    let mut chains: HashMap<(Kind, Name), Chain> = HashMap::new();
    for (redefine, target) in &documents.redefined {
        let reaches = reach(documents, *target);
        let Some(doc) = documents.docs.get(redefine.doc) else { continue };
        for node in doc.tree.nodes.get(redefine.node).map(|n| n.children.as_slice()).unwrap_or_default() {
            let at = At { doc: redefine.doc, node: *node };
            let Some((kind, name)) = component(documents, at) else { continue };
            let chain = chains.entry((kind, name)).or_default();
            let twice = chain.by.iter().any(|other| other.doc == at.doc);
            if twice {
                let finding =
                    Finding::error("bad-schema", doc.span(at.node), "this is redefined here a second time");
                findings.push(finding);
                continue;
            }
            chain.by.push(at);
            chain.reaches.extend(&reaches);
        }
    }
    chains
}

/// A document with all that it includes and redefines.
fn reach(documents: &Documents, from: usize) -> BTreeSet<usize> {
    let mut found = BTreeSet::from([from]);
    let mut open = vec![from];
    while let Some(at) = open.pop() {
        let Some(doc) = documents.docs.get(at) else { continue };
        for (number, other) in documents.docs.iter().enumerate() {
            // Documents of one namespace that stand beside it: includes are not kept apart, and need not be.
            if other.target == doc.target && documents.links.contains(&(at, number)) && found.insert(number) {
                open.push(number);
            }
        }
    }
    found
}

impl Symbols {
    fn add(&mut self, kind: Kind, name: Name, at: At, documents: &Documents, findings: &mut Vec<Finding>) {
        if let Some(first) = self.by_name.get(&(kind, name.clone())) {
            let message = format!("the {} `{}` is declared twice", kind.shown(), name.local);
            findings.push(
                Finding::error("bad-schema", span(documents, at), message)
                    .also(span(documents, *first), "it is declared here first"),
            );
            return;
        }
        self.order.push((kind, name.clone(), at));
        self.by_name.insert((kind, name), at);
    }

    /// Puts a component and those that redefine it in a row: the last one has the name, each refers to the one before.
    fn chain(&mut self, kind: Kind, name: &Name, original: At, chain: &Chain) {
        let mut behind = original;
        for (level, at) in chain.by.iter().enumerate() {
            // No name of XML has a control character in it.
            let hidden = format_compact!("{}\u{1}{level}", name.local);
            let hidden_name = Name { namespace: name.namespace.clone(), local: hidden.clone() };
            self.by_name.entry((kind, hidden_name)).or_insert(behind);
            self.redefining.insert(*at, hidden);
            behind = *at;
        }
        self.order.push((kind, name.clone(), behind));
        self.by_name.insert((kind, name.clone()), behind);
    }

    /// The component of a name.
    pub fn find(&self, kind: Kind, name: &Name) -> Option<At> {
        self.by_name.get(&(kind, name.clone())).copied()
    }

    /// The name that stands behind a component that redefines it.
    pub fn behind(&self, component: At) -> Option<&CompactString> {
        self.redefining.get(&component)
    }

    /// The nearest known name to one that is not known, or the namespace in which there is one.
    pub fn hint(&self, kind: Kind, name: &Name) -> Option<String> {
        let same = |other: &&(Kind, Name, At)| other.0 == kind && other.1.local == name.local;
        if let Some((_, other, _)) = self.order.iter().find(same) {
            return Some(match &other.namespace {
                Some(namespace) => format!("there is one of that name in the namespace `{namespace}`"),
                None => "there is one of that name in no namespace".to_owned(),
            });
        }
        let known = self.order.iter().filter(|other| other.0 == kind && other.1.namespace == name.namespace);
        let near = nearest(&name.local, known.map(|other| other.1.local.as_str()))?;
        Some(format!("did you mean `{near}`?"))
    }
}
