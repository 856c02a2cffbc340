//! A grammar as a shape: what paths, maps, scripts and descriptions need to know of it, cut where it has no end.

use std::collections::HashMap;
use std::sync::Arc;

use super::check::Root;
use super::particle::{Particle, Term};
use super::{Content, Declaration, ElementId, Grammar, Type, TypeId, Ways};
use crate::document::tree::Name;
use crate::schema::{AttributeShape, Checking, Occurs, Shape, ShapeKind};

/// Shapes of one view. What lies deeper than this allows may be anything.
const MOST: usize = 6_000;
/// Levels of a view.
const DEEPEST: usize = 16;

impl Grammar {
    /// The shape of documents with this root. The grammar itself checks them.
    ///
    /// Elements of a choice are optional, those of a repeated group repeat; what derived types add is there beside an
    /// `xsi:type`, and makes the list open, as wildcards do. Recursive types, and what lies too deep, may hold anything.
    pub fn shape(self: &Arc<Self>, root: ElementId) -> Option<Shape> {
        let declaration = self.declaration(root)?;
        let heirs = self.heirs();
        // As many whole levels as there is room for.
        let levels = (1..=DEEPEST).rev();
        let mut views = levels.filter_map(|levels| {
            let left = if levels == 1 { usize::MAX } else { MOST };
            let mut view =
                View { grammar: self, heirs: &heirs, left, open: Vec::new(), types: HashMap::new() };
            view.element(declaration, Occurs::ONCE, levels)
        });
        let mut shape = views.next()?;
        let rule = Root { grammar: self.clone(), element: root };
        shape.checking = Checking { rule: Some(Arc::new(rule)), ..Checking::default() };
        Some(shape)
    }

    /// The named types that derive from each type, in the order of their numbers.
    pub(super) fn heirs(&self) -> HashMap<TypeId, Vec<TypeId>> {
        let mut named: Vec<TypeId> = self.named_types.values().copied().collect();
        named.sort();
        let mut heirs: HashMap<TypeId, Vec<TypeId>> = HashMap::new();
        for heir in named {
            let mut at = heir;
            // A chain that is too long is no derivation either: see `derives`.
            for _ in 0..super::derive::DEEPEST {
                let Some(base) = self.type_of(at).map(|known| known.base).filter(|base| *base != at) else {
                    break;
                };
                heirs.entry(base).or_default().push(heir);
                at = base;
            }
        }
        heirs
    }
}

struct View<'g> {
    grammar: &'g Grammar,
    heirs: &'g HashMap<TypeId, Vec<TypeId>>,
    left: usize,
    /// The types around the element at hand.
    open: Vec<TypeId>,
    /// The types that may be named for a type where some ways are blocked, as far as somebody asked.
    types: HashMap<(TypeId, u8), Arc<[Name]>>,
}

/// What the content of an element is made of, before it is a kind.
#[derive(Default)]
struct Members<'g> {
    elements: Vec<(&'g Declaration, Occurs)>,
    is_open: bool,
}

impl<'g> View<'g> {
    /// An element; `None` when there is no room left.
    fn element(&mut self, declaration: &'g Declaration, occurs: Occurs, levels: usize) -> Option<Shape> {
        self.left = self.left.checked_sub(1)?;
        let grammar = self.grammar;
        let mut shape = Shape {
            name: declaration.name.local.clone(),
            namespace: declaration.name.namespace.clone(),
            occurs,
            nillable: declaration.is_nillable,
            attributes: Vec::new(),
            kind: ShapeKind::Any,
            checking: Checking::default(),
            form: Default::default(),
        };
        let id = declaration.type_id;
        let Some(known) = grammar.type_of(id).filter(|_| id != TypeId::ANY) else { return Some(shape) };
        shape.attributes = attributes(known);
        shape.form.types = self.types(declaration, id, known);
        // A type within itself: one level of it is shown, then anything.
        if levels == 0 || self.open.iter().filter(|open| **open == id).count() > 1 {
            if let Content::Simple(simple) = &known.content {
                shape.kind = ShapeKind::Simple((**simple).clone());
            }
            return Some(shape);
        }
        let derived = self.derived(declaration, id);
        for other in &derived {
            for attribute in attributes(other) {
                let is_known = shape
                    .attributes
                    .iter()
                    .any(|a| (&a.name, &a.namespace) == (&attribute.name, &attribute.namespace));
                if !is_known {
                    shape.attributes.push(AttributeShape { required: false, ..attribute });
                }
            }
        }
        shape.kind = match &known.content {
            Content::Simple(simple)
                if derived.iter().all(|other| matches!(other.content, Content::Simple(_))) =>
            {
                ShapeKind::Simple((**simple).clone())
            }
            Content::Empty if derived.is_empty() => ShapeKind::Children(Vec::new()),
            Content::Elements { is_mixed: true, .. } if self.members(known, &derived).elements.is_empty() => {
                ShapeKind::Any
            }
            content => {
                let members = self.members(known, &derived);
                let is_mixed = matches!(content, Content::Elements { is_mixed: true, .. });
                let is_open = members.is_open || is_mixed || !derived.is_empty();
                self.open.push(id);
                let children: Option<Vec<Shape>> = members
                    .elements
                    .iter()
                    .map(|(child, occurs)| self.element(child, *occurs, levels - 1))
                    .collect();
                self.open.pop();
                let children = children?;
                if is_open { ShapeKind::Open(children) } else { ShapeKind::Children(children) }
            }
        };
        Some(shape)
    }

    /// The names that `xsi:type` may have in an element; `None` for a union, of which its members may be named too.
    fn types(&mut self, declaration: &Declaration, id: TypeId, known: &'g Type) -> Option<Arc<[Name]>> {
        if !known.members.is_empty() {
            return None;
        }
        let grammar = self.grammar;
        let block = declaration.block.and(known.block);
        let heirs = self.heirs;
        let names = self.types.entry((id, block.0)).or_insert_with(|| {
            let heirs = heirs.get(&id).into_iter().flatten().copied();
            let may = heirs.filter(|heir| grammar.derives(*heir, id, block));
            let types = std::iter::once(id).chain(may).filter_map(|one| grammar.type_of(one));
            types
                .filter(|one| !one.is_abstract && !one.name.local.is_empty())
                .map(|one| one.name.clone())
                .collect()
        });
        Some(names.clone())
    }

    /// The types that `xsi:type` may name in place of the declared one.
    fn derived(&self, declaration: &Declaration, id: TypeId) -> Vec<&'g Type> {
        let grammar = self.grammar;
        let is_simple = grammar.is_simple(id);
        if is_simple {
            return Vec::new();
        }
        let block = declaration.block.and(grammar.type_of(id).map_or(Ways::NONE, |known| known.block));
        let heirs = self.heirs.get(&id).map(Vec::as_slice).unwrap_or_default();
        let may = |heir: &&TypeId| grammar.derives(**heir, id, block);
        heirs.iter().filter(may).filter_map(|heir| grammar.type_of(*heir)).collect()
    }

    /// The elements that a type and those derived from it may hold, each once.
    fn members(&self, known: &Type, derived: &[&Type]) -> Members<'g> {
        let mut members = Members::default();
        let mut seen: Vec<usize> = Vec::new();
        for (number, known) in std::iter::once(known).chain(derived.iter().copied()).enumerate() {
            let Content::Elements { model, .. } = known.content else { continue };
            if seen.contains(&model) {
                continue;
            }
            seen.push(model);
            let Some(particle) = self.grammar.particles.get(model) else { continue };
            let mut own = Members::default();
            self.gather(particle, Occurs::ONCE, &mut own);
            members.is_open |= own.is_open;
            for (declaration, occurs) in own.elements {
                match members.elements.iter_mut().find(|(first, _)| first.name == declaration.name) {
                    // What the declared type has, a derived one may narrow, or hold once more.
                    Some((_, known)) => {
                        known.min = known.min.min(occurs.min);
                        known.max = known.max.zip(occurs.max).map(|(one, other)| one.max(other));
                    }
                    None if number == 0 => members.elements.push((declaration, occurs)),
                    None => members.elements.push((declaration, Occurs { min: 0, ..occurs })),
                }
            }
        }
        members
    }

    fn gather(&self, particle: &Particle, around: Occurs, members: &mut Members<'g>) {
        let occurs = times(around, particle.occurs);
        match &particle.term {
            Term::Any(_) => members.is_open = true,
            Term::Element(id) => {
                let Some(declaration) = self.grammar.declaration(*id) else { return };
                let replaced = Occurs { min: 0, ..occurs };
                if !declaration.is_abstract {
                    let occurs = if declaration.members.is_empty() { occurs } else { replaced };
                    members.add(declaration, occurs);
                }
                for member in &declaration.members {
                    let member = self.grammar.declaration(*member).filter(|member| !member.is_abstract);
                    if let Some(member) = member {
                        members.add(member, replaced);
                    }
                }
            }
            Term::Sequence(parts) | Term::All(parts) => {
                parts.iter().for_each(|part| self.gather(part, occurs, members));
            }
            Term::Choice(parts) => {
                let one = if parts.len() > 1 { Occurs { min: 0, ..occurs } } else { occurs };
                parts.iter().for_each(|part| self.gather(part, one, members));
            }
        }
    }
}

impl<'g> Members<'g> {
    /// One more element; a second one of its name is counted with the first.
    fn add(&mut self, declaration: &'g Declaration, occurs: Occurs) {
        match self.elements.iter_mut().find(|(known, _)| known.name == declaration.name) {
            Some((_, known)) => {
                *known = Occurs {
                    min: known.min.min(occurs.min),
                    max: known.max.zip(occurs.max).map(|(a, b)| a.saturating_add(b)),
                };
            }
            None => self.elements.push((declaration, occurs)),
        }
    }
}

/// How often what is in a group occurs in all.
fn times(around: Occurs, own: Occurs) -> Occurs {
    let max = match (around.max, own.max) {
        (Some(0), _) | (_, Some(0)) => Some(0),
        (Some(around), Some(own)) => Some(around.saturating_mul(own)),
        _ => None,
    };
    Occurs { min: around.min.saturating_mul(own.min), max }
}

fn attributes(known: &Type) -> Vec<AttributeShape> {
    let one = |used: &super::Use| AttributeShape {
        name: used.attribute.name.local.clone(),
        namespace: used.attribute.name.namespace.clone(),
        required: used.is_required,
        simple: (*used.attribute.simple).clone(),
    };
    known.attributes.iter().map(one).collect()
}
