//! What the least document of each type and element takes, so that a sample of a recursive schema finds the way out.

use std::collections::HashMap;

use crate::schema::Occurs;
use crate::schema::grammar::particle::{Particle, Term};
use crate::schema::grammar::wildcard::{Namespaces, Process, Wildcard};
use crate::schema::grammar::{Content, Declaration, ElementId, Grammar, Type, TypeId, Ways};

/// The cost of what no finite document can hold.
pub(super) const NEVER: u32 = u32::MAX;
/// Rounds in which costs become less; each settles all that is one step nearer to an end.
const ROUNDS: usize = 1000;

/// Costs of a grammar, in elements.
#[derive(Debug)]
pub(super) struct Costs {
    types: Vec<u32>,
    elements: Vec<u32>,
    /// The named types that derive from each type.
    heirs: HashMap<TypeId, Vec<TypeId>>,
    /// Whether each type has values for its text and for the attributes that must be there.
    has_values: Vec<(bool, bool)>,
}

impl Costs {
    pub fn new(grammar: &Grammar) -> Self {
        let mut costs = Self {
            types: vec![NEVER; grammar.types.len()],
            elements: vec![NEVER; grammar.elements.len()],
            heirs: grammar.heirs(),
            has_values: grammar.types.iter().map(has_values).collect(),
        };
        // All begin at NEVER and become less until nothing changes.
        for _ in 0..ROUNDS {
            let types: Vec<u32> =
                (0..).zip(&grammar.types).map(|(at, t)| costs.type_now(grammar, at, t)).collect();
            let mut is_settled = types == costs.types;
            costs.types = types;
            let elements: Vec<u32> =
                grammar.elements.iter().map(|one| costs.element_now(grammar, one)).collect();
            is_settled &= elements == costs.elements;
            costs.elements = elements;
            if is_settled {
                break;
            }
        }
        costs
    }

    fn type_now(&self, grammar: &Grammar, at: usize, known: &Type) -> u32 {
        match &known.content {
            _ if known.is_abstract || !self.has_attributes(TypeId(at)) => NEVER,
            Content::Empty => 0,
            Content::Simple(_) => {
                if self.has_text(TypeId(at)) {
                    0
                } else {
                    NEVER
                }
            }
            Content::Elements { model, .. } => {
                grammar.particles.get(*model).map_or(0, |particle| self.particle(grammar, particle))
            }
        }
    }

    fn element_now(&self, grammar: &Grammar, declaration: &Declaration) -> u32 {
        if declaration.is_abstract {
            return NEVER;
        }
        let is_given = declaration.value.is_some() && self.has_attributes(declaration.type_id);
        if is_given || self.nil(grammar, declaration).is_some() {
            return 1;
        }
        let found = self.stand_in(grammar, declaration.type_id, declaration.block);
        found.map_or(NEVER, |id| self.of_type(id).saturating_add(1))
    }

    /// The type that an element of this declared type has: its own, or the least of those that may stand in for it.
    pub fn stand_in(&self, grammar: &Grammar, declared: TypeId, block: Ways) -> Option<TypeId> {
        if self.of_type(declared) != NEVER {
            return Some(declared);
        }
        let blocked = block.and(grammar.type_of(declared)?.block);
        let heirs = self.heirs.get(&declared).into_iter().flatten().copied();
        let fits =
            heirs.filter(|heir| self.of_type(*heir) != NEVER && grammar.derives(*heir, declared, blocked));
        fits.min_by_key(|heir| self.of_type(*heir))
    }

    /// The type that an element can be nil with, where nothing else ends it.
    pub fn nil(&self, grammar: &Grammar, declaration: &Declaration) -> Option<TypeId> {
        let is_fixed = declaration.value.as_ref().is_some_and(|given| given.is_fixed);
        if !declaration.is_nillable || is_fixed {
            return None;
        }
        let heirs = self.heirs.get(&declaration.type_id).into_iter().flatten().copied();
        let blocked = declaration.block.and(grammar.type_of(declaration.type_id)?.block);
        let may = |id: &TypeId| {
            let is_concrete = grammar.type_of(*id).is_some_and(|known| !known.is_abstract);
            is_concrete && self.has_attributes(*id) && grammar.derives(*id, declaration.type_id, blocked)
        };
        std::iter::once(declaration.type_id).chain(heirs).find(may)
    }

    /// The least that a particle takes.
    pub fn particle(&self, grammar: &Grammar, particle: &Particle) -> u32 {
        match particle.occurs {
            Occurs { min: 0, .. } => 0,
            Occurs { min, .. } => match self.term(grammar, &particle.term) {
                NEVER => NEVER,
                cost => cost.saturating_mul(min).min(NEVER - 1),
            },
        }
    }

    /// The least that one occurrence of a particle takes.
    pub fn term(&self, grammar: &Grammar, term: &Term) -> u32 {
        match term {
            Term::Element(id) => self.member(grammar, *id).map_or(NEVER, |id| self.of_element(id)),
            Term::Any(any) => match self.wild(grammar, any) {
                Some(Wild::Known(id)) => self.of_element(id),
                Some(Wild::Free(_)) => 1,
                None => NEVER,
            },
            Term::Sequence(parts) | Term::All(parts) => {
                parts.iter().map(|part| self.particle(grammar, part)).fold(0, u32::saturating_add)
            }
            Term::Choice(parts) => {
                parts.iter().map(|part| self.particle(grammar, part)).min().unwrap_or(NEVER)
            }
        }
    }

    /// The element that stands where a declaration is referred to: itself, or the least of its substitution group.
    pub fn member(&self, grammar: &Grammar, head: ElementId) -> Option<ElementId> {
        if self.of_element(head) != NEVER {
            return Some(head);
        }
        let members = grammar.declaration(head)?.members.iter().copied();
        members
            .filter(|member| self.of_element(*member) != NEVER)
            .min_by_key(|member| self.of_element(*member))
    }

    /// An element that a wildcard takes.
    pub fn wild(&self, grammar: &Grammar, any: &Wildcard) -> Option<Wild> {
        if any.process != Process::Strict {
            let namespace = match &any.namespaces {
                Namespaces::Any | Namespaces::Not(_) => Some(FREE.into()),
                Namespaces::Of(list) => list.first()?.clone(),
            };
            return Some(Wild::Free(namespace));
        }
        let fits = |(name, id): &(&_, &ElementId)| {
            let name: &crate::document::tree::Name = name;
            any.takes(name.namespace.as_deref()) && self.of_element(**id) != NEVER
        };
        let roots = grammar.roots.iter().filter(fits);
        let least = roots.min_by_key(|(name, id)| (self.of_element(**id), &name.local, &name.namespace));
        least.map(|(_, id)| Wild::Known(*id))
    }

    /// The least that is in an element of a type; its own element not counted.
    pub fn of_type(&self, id: TypeId) -> u32 {
        self.types.get(id.0).copied().unwrap_or(NEVER)
    }

    pub fn of_element(&self, id: ElementId) -> u32 {
        self.elements.get(id.0).copied().unwrap_or(NEVER)
    }

    fn has_text(&self, id: TypeId) -> bool {
        self.has_values.get(id.0).is_some_and(|(text, _)| *text)
    }

    fn has_attributes(&self, id: TypeId) -> bool {
        self.has_values.get(id.0).is_some_and(|(_, attributes)| *attributes)
    }
}

/// The namespace of elements that no schema declares.
const FREE: &str = "urn:sample";

/// What stands for a wildcard.
pub(super) enum Wild {
    /// A declared element.
    Known(ElementId),
    /// One of which nothing is declared, in this namespace.
    Free(Option<std::sync::Arc<str>>),
}

fn has_values(known: &Type) -> (bool, bool) {
    let text = match &known.content {
        Content::Simple(simple) => simple.sample(0).is_some(),
        Content::Empty | Content::Elements { .. } => true,
    };
    let mut required = known.attributes.iter().filter(|used| used.is_required);
    (text, required.all(|used| used.given().is_some() || used.attribute.simple.sample(0).is_some()))
}
