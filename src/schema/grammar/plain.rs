//! What of a grammar has no words as a list of elements, values and attributes: the constructs, each with a place.

use std::collections::HashSet;

use super::particle::{Particle, Term};
use super::{Content, Declaration, ElementId, Given, Grammar, Type, TypeId};
use crate::schema::{Occurs, Simple, SimpleType, Variety};

/// Levels of elements that are looked at: no list is written deeper.
const DEEPEST: usize = 64;

impl Grammar {
    /// The constructs in documents of this root that [`Grammar::shape`] leaves out or widens, in the order they come up,
    /// each once and with the first element that has it: `` xs:choice in `Payment` ``. None when the shape says all.
    pub fn unsaid(&self, root: ElementId) -> Vec<String> {
        let mut looking =
            Looking { grammar: self, seen: HashSet::new(), open: Vec::new(), found: Vec::new() };
        if let Some(declaration) = self.declaration(root) {
            looking.element(declaration);
        }
        looking.found.iter().map(|(what, element)| format!("{what} in `{element}`")).collect()
    }
}

struct Looking<'g> {
    grammar: &'g Grammar,
    /// The types that were looked at.
    seen: HashSet<TypeId>,
    /// The types around the element at hand.
    open: Vec<TypeId>,
    found: Vec<(&'static str, &'g str)>,
}

impl<'g> Looking<'g> {
    fn note(&mut self, is_there: bool, what: &'static str, element: &'g str) {
        if is_there && !self.found.iter().any(|(known, _)| *known == what) {
            self.found.push((what, element));
        }
    }

    fn element(&mut self, declaration: &'g Declaration) {
        let (name, id) = (declaration.name.local.as_str(), declaration.type_id);
        self.note(declaration.is_abstract || !declaration.members.is_empty(), "a substitution group", name);
        self.note(!declaration.constraints.is_empty(), "an identity constraint", name);
        self.given(declaration.value.as_ref(), name);
        self.note(id == TypeId::ANY, "xs:anyType", name);
        let Some(known) = self.grammar.type_of(id).filter(|_| id != TypeId::ANY) else { return };
        self.note(self.open.contains(&id), "a recursive type", name);
        if !self.seen.insert(id) {
            return;
        }
        self.note(self.open.len() >= DEEPEST, "more levels than a list may have", name);
        if self.open.len() >= DEEPEST {
            return;
        }
        self.open.push(id);
        self.content(declaration, id, known);
        self.open.pop();
    }

    fn content(&mut self, declaration: &'g Declaration, id: TypeId, known: &'g Type) {
        let name = declaration.name.local.as_str();
        self.note(known.is_abstract, "an abstract type", name);
        self.note(self.is_base(declaration, id, known), "derived types for xsi:type", name);
        self.note(known.any_attribute.is_some(), "xs:anyAttribute", name);
        for used in &known.attributes {
            self.note(used.attribute.name.namespace.is_some(), "an attribute in a namespace", name);
            self.given(used.given(), name);
            self.simple(&used.attribute.simple, name);
        }
        match &known.content {
            Content::Empty => {}
            Content::Simple(simple) => self.simple(simple, name),
            Content::Elements { model, is_mixed } => {
                self.note(*is_mixed, "mixed content", name);
                if let Some(particle) = self.grammar.particles.get(*model) {
                    let mut names = HashSet::new();
                    self.particle(particle, name, &mut names);
                }
            }
        }
    }

    /// Whether `xsi:type` may name another complex type in an element.
    fn is_base(&self, declaration: &Declaration, id: TypeId, known: &Type) -> bool {
        let block = declaration.block.and(known.block);
        let mut others = self.grammar.named_types.values().filter(|other| **other != id);
        known.is_complex && others.any(|other| self.grammar.derives(*other, id, block))
    }

    fn given(&mut self, given: Option<&Given>, name: &'g str) {
        self.note(given.is_some_and(|given| given.is_fixed), "a fixed value", name);
        self.note(given.is_some_and(|given| !given.is_fixed), "a default value", name);
    }

    fn simple(&mut self, simple: &Simple, name: &'g str) {
        let is_own = simple.base.item().is_none();
        let item = match &simple.variety {
            Variety::List(item) => item.base,
            Variety::Atomic | Variety::Union(_) => simple.base,
        };
        self.note(matches!(item, SimpleType::Id | SimpleType::IdRef), "xs:ID and xs:IDREF", name);
        self.note(is_own && matches!(simple.variety, Variety::List(_)), "xs:list", name);
        self.note(matches!(simple.variety, Variety::Union(_)), "xs:union", name);
        let is_one = is_own && simple.variety == Variety::Atomic;
        self.note(is_one && simple.space != simple.base.white_space(), "xs:whiteSpace", name);
        let Some(facets) = simple.facets() else { return };
        let patterns = facets.patterns.iter().flat_map(|pattern| pattern.sources()).count();
        self.note(patterns > 1, "several patterns", name);
    }

    /// What stands in an element of this name; `names` are those of the elements so far.
    fn particle(&mut self, particle: &'g Particle, name: &'g str, names: &mut HashSet<&'g str>) {
        if particle.is_nothing() {
            return;
        }
        let parts = particle.parts().iter().filter(|part| !part.is_nothing());
        let count = parts.clone().count();
        match &particle.term {
            Term::Element(id) => {
                let Some(declaration) = self.grammar.declaration(*id) else { return };
                let is_new = names.insert(declaration.name.local.as_str());
                self.note(!is_new, "an element in several places", name);
                return self.element(declaration);
            }
            Term::Any(_) => self.note(true, "xs:any", name),
            Term::All(_) => self.note(count > 1, "xs:all", name),
            Term::Choice(_) => self.note(count != 1 || particle.parts().len() != 1, "xs:choice", name),
            Term::Sequence(_) => {}
        }
        // A group of one part occurs as often as the part, where either occurs once.
        let is_one = count == 1 && parts.clone().all(|part| part.occurs == Occurs::ONCE);
        self.note(
            count > 0 && particle.occurs != Occurs::ONCE && !is_one,
            "a group that repeats or is optional",
            name,
        );
        for part in parts {
            self.particle(part, name, names);
        }
    }
}
