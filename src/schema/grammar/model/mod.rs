//! Content models: where in a particle a document stands, found by walking from leaf to leaf, with counters for repeats.
//!
//! A document stands at a leaf of the tree of particles, or at several where the schema is ambiguous. Each child leads on
//! to the leaves that may come next. Nothing is unrolled: a group that may occur a thousand times is a counter.

mod walk;

use std::collections::HashSet;
use std::sync::Arc;

use super::particle::{Particle, Term};
use super::wildcard::Wildcard;
use super::{Declaration, ElementId};
use crate::document::tree::Name;
use crate::schema::Occurs;
use walk::{Goal, Walk};

/// Groups with counters that stand in each other.
const COUNTERS: usize = 6;
/// Places at which a document may stand at once, in an ambiguous model, without memory of their own.
const PLACES: usize = 8;
/// The same at one leaf, with different counts; beyond that the least and the greatest are kept, and what is between them goes.
const PLACES_OF_LEAF: usize = 8;
/// Places at all: only a schema that leaves open which of dozens of declarations a child is of has as many leaves.
const MOST_PLACES: usize = 512;
/// Elements of an `xs:all`.
const MOST_OF_ALL: usize = 512;
/// Nesting of groups.
const DEEPEST: usize = 100;
/// Particles of one model.
const MOST: usize = 50_000;

const NONE: u32 = u32::MAX;

/// A content model.
#[derive(Debug, Default)]
pub struct Model {
    nodes: Vec<Node>,
    /// For an `xs:all`: its leaves come in any order, and this says whether there may be none at all.
    all: Option<bool>,
    /// Whether no child can be taken in two ways, so that the first one found is right.
    is_plain: bool,
}

#[derive(Debug)]
struct Node {
    kind: Kind,
    occurs: Occurs,
    /// Whether it may be left out, or what is in it may be empty.
    is_optional: bool,
    /// Whether what is in it may be empty.
    is_hollow: bool,
    parent: u32,
    next: u32,
    /// The first child of a group; the number of the leaf among the leaves.
    first: u32,
    /// Which counter counts it, if one does.
    counter: Option<u8>,
}

#[derive(Debug)]
enum Kind {
    Element(ElementId),
    Any(Arc<Wildcard>),
    Sequence,
    Choice,
}

/// Where a document stands in a model.
#[derive(Debug, Clone)]
pub enum State {
    /// At these leaves; none before the first child.
    At(Set),
    /// The elements of an `xs:all` that were seen.
    Seen([u64; MOST_OF_ALL / 64]),
}

/// Leaves with their counters.
#[derive(Debug, Clone, Default)]
pub struct Set {
    places: [Place; PLACES],
    count: usize,
    /// Those beyond.
    more: Vec<Place>,
    started: bool,
}

/// A leaf, with how often it and the groups around it occurred. Of the same leaf the lesser one has the lesser counts further
/// out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    node: u32,
    counts: [u32; COUNTERS],
}

/// What takes a child.
#[derive(Debug, Clone)]
pub enum Taker<'m> {
    /// A declaration.
    Element(ElementId),
    /// A wildcard.
    Any(&'m Wildcard),
}

impl Model {
    /// The model of a particle.
    ///
    /// # Errors
    /// It is beyond a bound: which one.
    pub fn new(particle: &Particle) -> Result<Self, String> {
        let mut model = Self::default();
        if let Term::All(parts) = &particle.term {
            if parts.len() > MOST_OF_ALL {
                return Err(format!("an xs:all has at most {MOST_OF_ALL} elements"));
            }
            for (number, part) in (0..).zip(parts) {
                let kind = match &part.term {
                    Term::Element(id) => Kind::Element(*id),
                    Term::Any(any) => Kind::Any(any.clone()),
                    _ => return Err("an xs:all holds elements only".to_owned()),
                };
                let is_optional = part.occurs.min == 0;
                model.nodes.push(Node {
                    kind,
                    occurs: part.occurs,
                    is_optional,
                    is_hollow: false,
                    parent: NONE,
                    next: NONE,
                    first: number,
                    counter: None,
                });
            }
            model.all = Some(particle.occurs.min == 0);
            return Ok(model);
        }
        model.add(particle, NONE, 0, 0)?;
        Ok(model)
    }

    /// Finds out whether the model is plain, once all declarations are known.
    pub fn settle(&mut self, elements: &[Declaration]) {
        let mut names = HashSet::new();
        self.is_plain = self.nodes.iter().all(|node| match &node.kind {
            Kind::Element(id) => {
                let own = elements.get(id.0);
                let members = own.map(|own| own.members.as_slice()).unwrap_or_default();
                let all = members.iter().filter_map(|member| elements.get(member.0)).chain(own);
                all.map(|declaration| &declaration.name).all(|name| names.insert(name))
            }
            Kind::Any(_) => false,
            Kind::Sequence | Kind::Choice => true,
        }) && !self.nodes.iter().any(|node| self.is_counted_twice(node));
    }

    /// Whether a node repeats within another one that does, and one of the two is counted: then an occurrence may be one more
    /// of either, and which one is right shows only later.
    fn is_counted_twice(&self, node: &Node) -> bool {
        if !node.repeats() {
            return false;
        }
        let mut at = node.parent;
        while let Some(outer) = self.node(at) {
            if outer.repeats() && (outer.counter.is_some() || node.counter.is_some()) {
                return true;
            }
            at = outer.parent;
        }
        false
    }

    /// Adds a particle with what is in it.
    fn add(&mut self, particle: &Particle, parent: u32, counters: u8, depth: usize) -> Result<u32, String> {
        if depth > DEEPEST {
            return Err(format!("groups are nested deeper than {DEEPEST}"));
        }
        if self.nodes.len() >= MOST {
            return Err(format!("this content has more than {MOST} particles"));
        }
        let own = self.nodes.len();
        let occurs = particle.occurs;
        let counted = occurs.min > 1 || occurs.max.is_some_and(|max| max > 1);
        if counted && usize::from(counters) >= COUNTERS {
            return Err(format!("more than {COUNTERS} groups with maxOccurs stand in each other"));
        }
        let inner = counters + u8::from(counted);
        let kind = match &particle.term {
            Term::Element(id) => Kind::Element(*id),
            Term::Any(any) => Kind::Any(any.clone()),
            Term::Sequence(_) => Kind::Sequence,
            Term::Choice(_) => Kind::Choice,
            Term::All(_) => {
                return Err("an xs:all stands alone: it cannot be part of another group".to_owned());
            }
        };
        self.nodes.push(Node {
            kind,
            occurs,
            is_optional: false,
            is_hollow: false,
            parent,
            next: NONE,
            first: NONE,
            counter: counted.then_some(counters),
        });
        let mut last: Option<u32> = None;
        let (mut all, mut any) = (true, false);
        let index = u32::try_from(own).unwrap_or(NONE);
        for part in particle.parts().iter().filter(|part| part.occurs.max != Some(0)) {
            let child = self.add(part, index, inner, depth + 1)?;
            let optional = self.node(child).is_some_and(|node| node.is_optional);
            (all, any) = (all && optional, any || optional);
            match last.and_then(|last| self.nodes.get_mut(slot(last))) {
                Some(before) => before.next = child,
                None => {
                    if let Some(node) = self.nodes.get_mut(own) {
                        node.first = child;
                    }
                }
            }
            last = Some(child);
        }
        if let Some(node) = self.nodes.get_mut(own) {
            node.is_hollow = match node.kind {
                Kind::Sequence => all,
                Kind::Choice => any,
                Kind::Element(_) | Kind::Any(_) => false,
            };
            node.is_optional = node.is_hollow || node.occurs.min == 0;
        }
        Ok(index)
    }

    fn node(&self, index: u32) -> Option<&Node> {
        self.nodes.get(slot(index))
    }

    /// Where a document stands before its first child.
    pub fn start(&self) -> State {
        match self.all {
            Some(_) => State::Seen([0; MOST_OF_ALL / 64]),
            None => State::At(Set::default()),
        }
    }

    /// Goes on by a child of this name; `None`, and no step, when none can stand there.
    pub fn step<'m>(&'m self, state: &mut State, name: &Name, elements: &[Declaration]) -> Option<Taker<'m>> {
        match state {
            State::Seen(seen) => {
                let (node, taker) = self.leaf_of(name, elements)?;
                let (word, bit) = (slot(node) / 64, 1u64 << (node % 64));
                let word = seen.get_mut(word).filter(|word| **word & bit == 0)?;
                *word |= bit;
                Some(taker)
            }
            State::At(set) => {
                let mut walk = Walk {
                    model: self,
                    goal: Goal::Take { name, elements },
                    found: Set { started: true, ..Set::default() },
                    taker: None,
                    expected: Vec::new(),
                };
                walk.from(set);
                let taker = walk.taker?;
                *set = walk.found;
                Some(taker)
            }
        }
    }

    /// Whether the document may end here.
    pub fn may_end(&self, state: &State) -> bool {
        match state {
            State::Seen(seen) => {
                let is_seen = |at: usize| seen.get(at / 64).is_some_and(|word| word & (1 << (at % 64)) != 0);
                let none = seen.iter().all(|word| *word == 0);
                (none && self.all == Some(true))
                    || self.nodes.iter().enumerate().all(|(at, node)| node.is_optional || is_seen(at))
            }
            State::At(set) if !set.started => self.nodes.first().is_none_or(|root| root.is_optional),
            State::At(set) => set.iter().any(|place| self.ends(place)),
        }
    }

    /// Whether everything behind a place may be left out.
    fn ends(&self, place: &Place) -> bool {
        let mut at = place.node;
        while let Some(node) = self.node(at) {
            if !node.is_hollow && place.count(node) < node.occurs.min {
                return false;
            }
            if self.node(node.parent).is_some_and(|parent| matches!(parent.kind, Kind::Sequence)) {
                let mut next = node.next;
                while let Some(sibling) = self.node(next) {
                    if !sibling.is_optional {
                        return false;
                    }
                    next = sibling.next;
                }
            }
            at = node.parent;
        }
        true
    }

    /// The leaves that may come next: declarations and wildcards, in the order of the schema.
    pub fn expected<'m>(&'m self, state: &State) -> Vec<Taker<'m>> {
        match state {
            State::Seen(seen) => {
                let open = |(at, _): &(usize, &Node)| {
                    seen.get(at / 64).is_some_and(|word| word & (1 << (at % 64)) == 0)
                };
                self.nodes.iter().enumerate().filter(open).filter_map(|(_, node)| node.taker()).collect()
            }
            State::At(set) => {
                let mut walk = Walk {
                    model: self,
                    goal: Goal::Expected,
                    found: Set::default(),
                    taker: None,
                    expected: Vec::new(),
                };
                walk.from(set);
                walk.expected.iter().filter_map(|at| self.node(*at)?.taker()).collect()
            }
        }
    }

    /// All leaves.
    pub fn leaves<'m>(&'m self) -> impl Iterator<Item = Taker<'m>> + Clone {
        self.nodes.iter().filter_map(Node::taker)
    }

    /// What would take a child of this name somewhere in the model.
    pub fn anywhere<'m>(&'m self, name: &Name, elements: &[Declaration]) -> Option<Taker<'m>> {
        self.leaf_of(name, elements).map(|(_, taker)| taker)
    }

    /// After a mistake: stands at the leaf of that name if it comes later than where the document stands.
    pub fn resume(&self, state: &mut State, name: &Name, elements: &[Declaration]) {
        let State::At(set) = state else { return };
        let now = set.iter().map(|place| place.node).min();
        let later = |at: &u32| now.is_none_or(|now| *at > now);
        let mut leaves = (0..).zip(&self.nodes).filter(|(_, node)| node.takes(name, elements).is_some());
        if let Some((at, _)) = leaves.find(|(at, _)| later(at)) {
            *set = Set { started: true, ..Set::default() };
            set.push(Place { node: at, counts: [1; COUNTERS] });
        }
    }

    fn leaf_of<'m>(&'m self, name: &Name, elements: &[Declaration]) -> Option<(u32, Taker<'m>)> {
        let mut any = None;
        for (at, node) in (0..).zip(&self.nodes) {
            match node.takes(name, elements) {
                Some(taker @ Taker::Element(_)) => return Some((at, taker)),
                Some(taker) => any = any.or(Some((at, taker))),
                None => {}
            }
        }
        any
    }
}

fn slot(index: u32) -> usize {
    usize::try_from(index).unwrap_or(usize::MAX)
}

impl Node {
    /// Whether it may occur more than once.
    fn repeats(&self) -> bool {
        self.occurs.max.is_none_or(|max| max > 1)
    }

    fn taker(&self) -> Option<Taker<'_>> {
        match &self.kind {
            Kind::Element(id) => Some(Taker::Element(*id)),
            Kind::Any(any) => Some(Taker::Any(any)),
            Kind::Sequence | Kind::Choice => None,
        }
    }

    /// What of it takes a child of this name, when it is a leaf that does.
    fn takes(&self, name: &Name, elements: &[Declaration]) -> Option<Taker<'_>> {
        match &self.kind {
            Kind::Element(id) => {
                let declaration = elements.get(id.0)?;
                if declaration.name == *name {
                    return Some(Taker::Element(*id));
                }
                let is = |member: &&ElementId| elements.get(member.0).is_some_and(|m| m.name == *name);
                declaration.members.iter().find(is).map(|member| Taker::Element(*member))
            }
            Kind::Any(any) => any.takes(name.namespace.as_deref()).then(|| Taker::Any(any)),
            Kind::Sequence | Kind::Choice => None,
        }
    }
}

impl Set {
    fn iter(&self) -> impl Iterator<Item = &Place> {
        self.places.iter().take(self.count).chain(&self.more)
    }

    fn push(&mut self, place: Place) {
        if self.iter().any(|known| *known == place) {
            return;
        }
        if let Some(free) = self.places.get_mut(self.count) {
            *free = place;
            self.count += 1;
            return;
        }
        if self.iter().filter(|known| known.node == place.node).count() >= PLACES_OF_LEAF {
            self.squeeze(place);
        } else if self.more.len() < MOST_PLACES {
            self.more.push(place);
        }
    }

    /// Takes in a place of a leaf that has enough of them, in place of one that is neither its least nor its greatest.
    fn squeeze(&mut self, place: Place) {
        let own = || self.iter().filter(|known| known.node == place.node);
        let (Some(least), Some(greatest)) = (own().min().copied(), own().max().copied()) else { return };
        if place > least && place < greatest {
            return;
        }
        let between = |known: &Place| known.node == place.node && *known != least && *known != greatest;
        let mut all = self.places.iter_mut().take(self.count).chain(&mut self.more);
        if let Some(given_up) = all.find(|known| between(known)) {
            *given_up = place;
        }
    }
}

impl Place {
    /// How often a node occurred so far.
    fn count(&self, node: &Node) -> u32 {
        node.counter.and_then(|counter| self.counts.get(usize::from(counter))).copied().unwrap_or(1)
    }

    fn set(&mut self, node: &Node, count: u32) {
        if let Some(own) = node.counter.and_then(|counter| self.counts.get_mut(usize::from(counter))) {
            *own = count;
        }
    }
}
