//! Complex types: what they derive from, their content and their attributes (XML Schema part 1, section 3.4).

use std::sync::Arc;

use super::attributes::Listed;
use super::compile::{Compiler, is_true};
use super::content::GROUPS;
use super::model::Model;
use super::particle::{Particle, Term};
use super::simple_types;
use super::source::At;
use super::wildcard::Wildcard;
use super::{Content, Type, TypeId, Use, Ways};

impl Compiler<'_> {
    /// Completes a type that something derives from; one that is being completed derives from itself.
    pub fn completed(&mut self, id: TypeId) {
        // Only types that were named are still open.
        let Some(place) = self.pending.iter().rposition(|(_, pending)| *pending == id) else { return };
        let Some((at, _)) = self.pending.get(place).copied() else { return };
        self.complete(at, id);
    }

    /// Compiles an `xs:complexType`.
    pub fn complex_type(&mut self, at: At, id: TypeId) {
        let content = self.child(at, &["simpleContent", "complexContent"]);
        let derivation = content.and_then(|content| self.child(content, &["extension", "restriction"]));
        let mixed = content.and_then(|content| self.get(content, "mixed")).or_else(|| self.get(at, "mixed"));
        let is_mixed = is_true(mixed);
        let made = match (content, derivation) {
            (Some(content), Some(derivation)) if self.tag(content) == "simpleContent" => {
                self.simple_content(derivation)
            }
            (Some(_), Some(derivation)) => self.complex_content(derivation, id, is_mixed),
            _ => self.plain_content(at, id, is_mixed),
        };
        let Some(made) = made else { return };
        let is_abstract = is_true(self.get(at, "abstract"));
        let block = self.ways(at, "block", "blockDefault", Ways(3));
        let closed = self.ways(at, "final", "finalDefault", Ways(3));
        if let Some(known) = self.grammar.types.get_mut(id.0) {
            let name = known.name.clone();
            *known = Type { name, is_complex: true, is_abstract, block, closed, ..made };
        }
    }

    /// The type that a derivation is from; `None` after a finding.
    fn base(&mut self, derivation: At) -> Option<(TypeId, Type)> {
        let Some(name) = self.get(derivation, "base") else {
            self.wrong(derivation, "the base= is missing: the type that this derives from");
            return None;
        };
        let base = self.type_named(derivation, name)?;
        self.completed(base);
        if self.open.iter().any(|open| self.types.get(open) == Some(&base)) {
            self.wrong(derivation, format!("the type `{name}` derives from itself"));
            return None;
        }
        let known = self.grammar.types.get(base.0)?.clone();
        let way = self.way(derivation);
        if known.closed.has(way) {
            self.wrong(derivation, format!("`{name}` is final: no type may derive from it in this way"));
        }
        Some((base, known))
    }

    fn way(&self, derivation: At) -> Ways {
        if self.tag(derivation) == "extension" { Ways::EXTENSION } else { Ways::RESTRICTION }
    }

    /// Content without a derivation: a restriction of `xs:anyType`.
    fn plain_content(&mut self, at: At, id: TypeId, is_mixed: bool) -> Option<Type> {
        let own = self.own_particle(at);
        let content = self.content(at, id, own, is_mixed);
        let listed = self.listed(at, 0);
        Some(Type {
            base: TypeId::ANY,
            way: Ways::RESTRICTION,
            content,
            attributes: listed.uses,
            any_attribute: listed.any,
            ..self.grammar.types.get(id.0)?.clone()
        })
    }

    /// The particle in a type or derivation; `None` where nothing can stand.
    fn own_particle(&mut self, at: At) -> Option<Arc<Particle>> {
        let inner = self.child(at, GROUPS)?;
        let particle = self.particle(inner, 0)?;
        Some(Arc::new(particle)).filter(|particle| !particle.is_nothing())
    }

    /// The content that a particle allows, and keeps the particle for types that extend this one.
    fn content(&mut self, at: At, id: TypeId, particle: Option<Arc<Particle>>, is_mixed: bool) -> Content {
        let particle = match (particle, is_mixed) {
            (Some(particle), _) => particle,
            (None, true) => Arc::new(Particle::once(Term::Sequence(Vec::new()))),
            (None, false) => return Content::Empty,
        };
        match Model::new(&particle) {
            Ok(model) => {
                self.particles.insert(id, particle.clone());
                self.grammar.models.push(model);
                self.grammar.particles.push(particle);
                Content::Elements { model: self.grammar.models.len() - 1, is_mixed }
            }
            Err(bound) => {
                self.wrong(at, bound);
                Content::Empty
            }
        }
    }

    fn complex_content(&mut self, derivation: At, id: TypeId, is_mixed: bool) -> Option<Type> {
        let (base, known) = self.base(derivation)?;
        let way = self.way(derivation);
        let own = self.own_particle(derivation);
        if matches!(known.content, Content::Simple(_)) {
            // With attributes alone it says the same as simple content would (section 3.4.2).
            if way == Ways::EXTENSION && own.is_none() && !is_mixed && known.is_complex {
                let listed = self.listed(derivation, 0);
                let content = known.content.clone();
                let (attributes, any_attribute) = self.derived(derivation, way, &known, listed);
                return Some(Type { base, way, content, attributes, any_attribute, ..known.anonymous() });
            }
            let message = "the base has simple content: write xs:simpleContent in place of xs:complexContent";
            self.wrong(derivation, message);
            return None;
        }
        let listed = self.listed(derivation, 0);
        let content = if way == Ways::EXTENSION {
            self.extended(derivation, id, (base, &known), own, is_mixed)?
        } else {
            if let Content::Elements { is_mixed: false, .. } | Content::Empty = known.content
                && is_mixed
            {
                self.wrong(derivation, "this is mixed, and the base is not: a restriction cannot allow more");
            }
            self.restricted(derivation, id, (base, &known), own, is_mixed)
        };
        let (attributes, any_attribute) = self.derived(derivation, way, &known, listed);
        Some(Type { base, way, content, attributes, any_attribute, ..known.anonymous() })
    }

    /// The content of a restriction. Of an encoded array it says what the items are in an attribute, and nothing of content:
    /// that is the base's (WSDL 1.1, section 2.2).
    fn restricted(
        &mut self,
        derivation: At,
        id: TypeId,
        (base, known): (TypeId, &Type),
        own: Option<Arc<Particle>>,
        is_mixed: bool,
    ) -> Content {
        if own.is_none() && self.grammar.is_array(base) {
            if let Some(particle) = self.particles.get(&base).cloned() {
                self.particles.insert(id, particle);
            }
            return known.content.clone();
        }
        self.content(derivation, id, own, is_mixed)
    }

    /// The content of the base, followed by the type's own.
    fn extended(
        &mut self,
        derivation: At,
        id: TypeId,
        (base, known): (TypeId, &Type),
        own: Option<Arc<Particle>>,
        is_mixed: bool,
    ) -> Option<Content> {
        let before = self.particles.get(&base).filter(|particle| !particle.is_nothing()).cloned();
        let base_mixed = matches!(known.content, Content::Elements { is_mixed: true, .. });
        if before.is_some() && own.is_some() && base_mixed != is_mixed {
            let message = match base_mixed {
                true => "the base is mixed, and this is not: write mixed=\"true\"",
                false => "this is mixed, and the base is not",
            };
            self.wrong(derivation, message);
        }
        let particle = match (before, own) {
            (None, own) => own,
            (Some(before), None) => {
                // The base's own content, with its model.
                self.particles.insert(id, before);
                return Some(known.content.clone());
            }
            (Some(before), Some(own)) => {
                if matches!(before.term, Term::All(_)) || matches!(own.term, Term::All(_)) {
                    let message =
                        "an xs:all cannot be extended, nor extend anything: only attributes can be added";
                    self.wrong(derivation, message);
                    return None;
                }
                Some(Arc::new(Particle::once(Term::Sequence(vec![before, own]))))
            }
        };
        Some(self.content(derivation, id, particle, is_mixed || base_mixed))
    }

    fn simple_content(&mut self, derivation: At) -> Option<Type> {
        let (base, known) = self.base(derivation)?;
        let way = self.way(derivation);
        let listed = self.listed(derivation, 0);
        let own = self.child(derivation, &["simpleType"]);
        let of_base = match &known.content {
            Content::Simple(simple) => Some(simple.clone()),
            Content::Empty | Content::Elements { .. } => None,
        };
        let is_simple_type = self.grammar.is_simple(base);
        if way == Ways::RESTRICTION && is_simple_type {
            self.wrong(derivation, "a simple type is extended here, or restricted in an xs:simpleType");
            return None;
        }
        let simple = match (own, of_base) {
            // A restriction may narrow the value, or give mixed content that may be empty a value.
            (Some(own), _) if way == Ways::RESTRICTION => {
                let own = self.type_at(own);
                self.simple_of(own)
            }
            (_, of_base) => of_base,
        };
        let Some(mut simple) = simple else {
            self.wrong(derivation, "the base has no simple content: write xs:complexContent");
            return None;
        };
        if way == Ways::RESTRICTION {
            simple = self.narrowed(derivation, &simple)?;
        }
        let (attributes, any_attribute) = self.derived(derivation, way, &known, listed);
        Some(Type {
            base,
            way,
            content: Content::Simple(simple),
            attributes,
            any_attribute,
            ..known.anonymous()
        })
    }

    /// The attributes of the base with those of the derivation.
    fn derived(&mut self, at: At, way: Ways, base: &Type, listed: Listed) -> (Vec<Use>, Option<Wildcard>) {
        let mut uses = base.attributes.clone();
        for own in listed.uses {
            let name = own.attribute.name.clone();
            let known = uses.iter_mut().find(|known| known.attribute.name == name);
            match (known, way) {
                (Some(_), Ways::EXTENSION) => {
                    self.wrong(at, format!("the base has the attribute `{}` already", name.local));
                }
                (Some(known), _) => {
                    let problem = narrows(known, &own);
                    *known = own;
                    if let Some(problem) = problem {
                        self.wrong(at, format!("the attribute `{}` {problem}", name.local));
                    }
                }
                (None, Ways::RESTRICTION)
                    if !base
                        .any_attribute
                        .as_ref()
                        .is_some_and(|any| any.takes(name.namespace.as_deref())) =>
                {
                    let message =
                        format!("the base has no attribute `{}`: a restriction cannot add one", name.local);
                    self.wrong(at, message);
                }
                (None, _) => uses.push(own),
            }
        }
        if way == Ways::RESTRICTION {
            if let Some(needed) = uses
                .iter()
                .find(|known| known.is_required && listed.prohibited.contains(&known.attribute.name))
            {
                let local = needed.attribute.name.local.clone();
                self.wrong(at, format!("the base requires the attribute `{local}`: it cannot be prohibited"));
            }
            uses.retain(|known| !listed.prohibited.contains(&known.attribute.name));
            if listed.any.is_some() && base.any_attribute.is_none() {
                self.wrong(at, "the base takes no other attributes: a restriction cannot");
            }
            return (uses, listed.any);
        }
        let any = match (listed.any, base.any_attribute.clone()) {
            (Some(own), Some(other)) => {
                Some(Wildcard { namespaces: own.namespaces.unite(&other.namespaces), ..own })
            }
            (own, other) => own.or(other),
        };
        (uses, any)
    }
}

/// What is wrong with an attribute that takes the place of the base's.
fn narrows(base: &Use, own: &Use) -> Option<&'static str> {
    if base.is_required && !own.is_required {
        return Some("is required in the base, and so must be here");
    }
    let fixed = |of: &Use| of.given().filter(|given| given.is_fixed).cloned();
    match (fixed(base), fixed(own)) {
        (Some(left), Some(right)) if simple_types::same(&base.attribute.simple, &left.text, &right.text) => {
            None
        }
        (Some(_), _) => Some("is fixed in the base to another value"),
        (None, _) => None,
    }
}

impl Type {
    /// The same without what is a type's own.
    fn anonymous(&self) -> Self {
        Self { name: Default::default(), members: Vec::new(), ..self.clone() }
    }
}
