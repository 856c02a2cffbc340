//! The maker of samples: one walk along declarations, types and particles, from the root down.

use super::costs::{Costs, NEVER, Wild};
use super::{Extent, MOST};
use crate::document::tree::{Attribute, Content as Held, Element, Name, Node};
use crate::schema::Simple;
use crate::schema::grammar::particle::{Particle, Term};
use crate::schema::grammar::wildcard::Wildcard;
use crate::schema::grammar::{Content, Declaration, ElementId, Grammar, Type, TypeId};
use crate::schema::simple::{SimpleType, Variety};
use crate::xml::XSI;

/// How often a type may stand within itself before only what must be there is made.
const WITHIN: usize = 2;

/// Levels of elements at all.
const DEEPEST: usize = 200;
/// Items of an encoded array.
const ITEMS: usize = 2;
/// Attributes of an element, as far as they need not be there: readers have bounds.
const ATTRIBUTES: usize = 200;

/// A sample that is being made.
pub(super) struct Maker<'g> {
    grammar: &'g Grammar,
    costs: &'g Costs,
    extent: Extent,
    way: Way,
    /// Elements that may still be made.
    left: usize,
    /// The types around the element at hand.
    open: Vec<TypeId>,
    /// IDs so far.
    pub ids: usize,
    /// Whether there is a reference to an ID.
    pub refers: bool,
    /// Values so far.
    values: usize,
}

/// What else is wanted of a sample.
#[derive(Debug, Clone, Copy)]
pub(super) struct Way {
    /// Levels of elements that hold what is optional; below them only what must be there is made.
    pub levels: usize,
    /// Whether each value is another one, for constraints that say so.
    pub varies: bool,
    /// Whether there is an ID wherever there may be one, for references.
    pub has_ids: bool,
    /// Whether references are left out where they can be: no ID can stand there.
    pub lacks_ids: bool,
}

/// It became too large.
pub(super) struct TooLarge;

impl<'g> Maker<'g> {
    pub fn new(grammar: &'g Grammar, costs: &'g Costs, extent: Extent, way: Way) -> Self {
        let (open, ids, refers) = (Vec::new(), 0, false);
        Self { grammar, costs, extent, way, left: MOST, open, ids, refers, values: 0 }
    }

    /// An element of a declaration that is not abstract and has an end.
    pub fn element(&mut self, id: ElementId) -> Result<Element, TooLarge> {
        self.grammar.declaration(id).map_or_else(|| Ok(Element::default()), |own| self.declared(own))
    }

    fn declared(&mut self, declaration: &Declaration) -> Result<Element, TooLarge> {
        if self.open.len() >= DEEPEST {
            return Err(TooLarge);
        }
        self.left = self.left.checked_sub(1).ok_or(TooLarge)?;
        let mut element = Element::new(declaration.name.clone());
        let stand_in = self.costs.stand_in(self.grammar, declaration.type_id, declaration.block);
        let is_given = declaration.value.is_some();
        let nil = self.costs.nil(self.grammar, declaration).filter(|_| !is_given);
        // Nil ends what has no other end.
        let is_again = !self.is_full() && stand_in.is_some_and(|id| self.open.contains(&id));
        let nil = nil.filter(|_| stand_in.is_none() || is_again);
        let type_id = nil.or(stand_in).unwrap_or(declaration.type_id);
        let Some(known) = self.grammar.type_of(type_id) else { return Ok(element) };
        if type_id != declaration.type_id {
            let value = known.name.to_string().into();
            element.attributes.push(Attribute { name: Name::qualified(XSI, "type"), value });
        }
        self.attributes(known, &mut element);
        if nil.is_some() {
            element.content = Held::Nil;
            return Ok(element);
        }
        self.open.push(type_id);
        let made = self.content(declaration, known);
        self.open.pop();
        element.content = made?;
        Ok(element)
    }

    /// Whether what is optional is made here.
    fn is_full(&self) -> bool {
        let own = self.open.last();
        let within = self.open.iter().filter(|open| Some(*open) == own).count();
        let levels = match self.extent {
            Extent::Least => 0,
            Extent::Parts => self.way.levels.min(1),
            Extent::Full => self.way.levels,
        };
        self.open.len() <= levels && within <= WITHIN
    }

    fn content(&mut self, declaration: &Declaration, known: &Type) -> Result<Held, TooLarge> {
        match &known.content {
            Content::Empty => Ok(Held::Empty),
            Content::Simple(simple) => Ok(match &declaration.value {
                Some(given) => text(&given.text),
                None => text(&self.value(simple)),
            }),
            Content::Elements { model, is_mixed } => {
                let given = declaration.value.as_ref().filter(|given| given.is_fixed && *is_mixed);
                if let Some(fixed) = given {
                    return Ok(text(&fixed.text));
                }
                let mut nodes = Vec::new();
                if let Some(particle) = self.grammar.particles.get(*model) {
                    self.particle(particle, &mut nodes)?;
                }
                if nodes.is_empty() {
                    self.items(&mut nodes)?;
                }
                Ok(match nodes.is_empty() {
                    true if *is_mixed && self.is_full() => text("text"),
                    true => Held::Empty,
                    false => Held::Children(nodes),
                })
            }
        }
    }

    /// Items of an encoded array, which its content does not say.
    fn items(&mut self, out: &mut Vec<Node>) -> Result<(), TooLarge> {
        let array = self.open.last().and_then(|id| self.grammar.array_of(*id)).filter(|_| self.is_full());
        let Some(array) = array.filter(|array| array.inner().is_none()) else { return Ok(()) };
        let type_id = self.grammar.named_types.get(&array.item).copied().unwrap_or(TypeId::ANY);
        let item = Declaration::of(Name::local("item"), type_id);
        if self.costs.stand_in(self.grammar, type_id, item.block).is_some() {
            for _ in 0..ITEMS {
                out.push(Node::Element(self.declared(&item)?));
            }
        }
        Ok(())
    }

    fn particle(&mut self, particle: &Particle, out: &mut Vec<Node>) -> Result<(), TooLarge> {
        // What only a wildcard would take says nothing.
        let is_known = !matches!(particle.term, Term::Any(_));
        let is_known = is_known && !(self.way.lacks_ids && self.refers_to_id(&particle.term));
        let is_made = is_known && self.is_full() && self.costs.term(self.grammar, &particle.term) != NEVER;
        let optional = u32::from(is_made);
        for _ in 0..particle.occurs.min.max(optional) {
            let before = out.len();
            self.term(&particle.term, out)?;
            // Of nothing there is no more to come.
            if out.len() == before {
                break;
            }
        }
        Ok(())
    }

    /// Whether a term is an element that holds a reference to an ID.
    fn refers_to_id(&self, term: &Term) -> bool {
        let Term::Element(id) = term else { return false };
        let known = self.grammar.declaration(*id).and_then(|own| self.grammar.type_of(own.type_id));
        known.is_some_and(|known| match &known.content {
            Content::Simple(simple) => is_of(simple, SimpleType::IdRef),
            Content::Empty | Content::Elements { .. } => false,
        })
    }

    fn term(&mut self, term: &Term, out: &mut Vec<Node>) -> Result<(), TooLarge> {
        match term {
            Term::Element(id) => {
                if let Some(id) = self.costs.member(self.grammar, *id) {
                    out.push(Node::Element(self.element(id)?));
                }
                Ok(())
            }
            Term::Any(any) => self.wild(any, out),
            Term::Sequence(parts) | Term::All(parts) => {
                parts.iter().try_for_each(|part| self.particle(part, out))
            }
            Term::Choice(parts) => {
                let cost = |part: &&std::sync::Arc<Particle>| self.costs.particle(self.grammar, part);
                let ends = || parts.iter().filter(|part| cost(part) != NEVER);
                let chosen = if self.is_full() { ends().next() } else { ends().min_by_key(cost) };
                chosen.map_or(Ok(()), |part| self.particle(part, out))
            }
        }
    }

    /// What a wildcard takes where something must stand; what it need not take is not made.
    fn wild(&mut self, any: &Wildcard, out: &mut Vec<Node>) -> Result<(), TooLarge> {
        match self.costs.wild(self.grammar, any) {
            Some(Wild::Known(id)) => out.push(Node::Element(self.element(id)?)),
            Some(Wild::Free(namespace)) => {
                self.left = self.left.checked_sub(1).ok_or(TooLarge)?;
                out.push(Node::Element(Element::new(Name { namespace, local: "sample".into() })));
            }
            None => {}
        }
        Ok(())
    }

    fn attributes(&mut self, known: &Type, element: &mut Element) {
        // The type is not open yet: what is around the element says how much there is in it.
        let is_full = self.extent == Extent::Full && self.open.len() < self.way.levels;
        for used in &known.attributes {
            let simple = &used.attribute.simple;
            let is_left_out = self.way.lacks_ids && is_of(simple, SimpleType::IdRef);
            let is_full = is_full && element.attributes.len() < ATTRIBUTES && !is_left_out;
            if !(used.is_required || is_full || (self.way.has_ids && is_of(simple, SimpleType::Id))) {
                continue;
            }
            let value = match used.given() {
                Some(given) => given.text.clone(),
                None if simple.sample(0).is_none() => continue,
                None => self.value(simple),
            };
            element.attributes.push(Attribute { name: used.attribute.name.clone(), value });
        }
    }

    /// A value of a type that has one.
    fn value(&mut self, simple: &Simple) -> compact_str::CompactString {
        self.refers |= is_of(simple, SimpleType::IdRef);
        let turn = match is_of(simple, SimpleType::Id) {
            true => {
                self.ids += 1;
                self.ids - 1
            }
            false if self.way.varies && !is_of(simple, SimpleType::IdRef) => {
                self.values += 1;
                self.values - 1
            }
            false => 0,
        };
        simple.sample(turn).unwrap_or_default()
    }
}

fn text(value: &str) -> Held {
    if value.is_empty() { Held::Empty } else { Held::Text(value.into()) }
}

/// Whether values of a type, or their items, are of this built-in type.
fn is_of(simple: &Simple, base: SimpleType) -> bool {
    match &simple.variety {
        Variety::Atomic => simple.base == base,
        Variety::List(item) => item.base == base,
        Variety::Union(_) => false,
    }
}
