//! Particles of schema documents: sequences, choices, groups and references put together (XML Schema part 1, section 3.8).

use std::sync::Arc;

use super::compile::{Compiler, DEEPEST};
use super::model::Model;
use super::particle::{Particle, Term};
use super::source::At;
use super::symbols::Kind;
use super::wildcard::Wildcard;
use crate::schema::Occurs;

/// The particle and the model of `xs:anyType`.
pub(super) fn anything() -> (Arc<Particle>, Model) {
    let any = Term::Any(Arc::new(Wildcard::ANYTHING));
    let any = Particle { occurs: Occurs { min: 0, max: None }, term: any };
    let particle = Particle::once(Term::Sequence(vec![Arc::new(any)]));
    let model = Model::new(&particle).unwrap_or_default();
    (Arc::new(particle), model)
}

/// The tags of particles that are groups.
pub(super) const GROUPS: &[&str] = &["sequence", "choice", "all", "group"];

impl Compiler<'_> {
    /// The particle at an `xs:element`, `xs:any`, `xs:group` or one of the three groups; `None` when it may not occur, or
    /// after a finding.
    pub fn particle(&mut self, at: At, depth: usize) -> Option<Particle> {
        if depth > DEEPEST {
            self.wrong(at, "groups are nested too deeply");
            return None;
        }
        let occurs = self.occurs(at)?;
        if !self.afford(at) || occurs.max == Some(0) {
            return None;
        }
        let term = match self.tag(at) {
            "element" => match self.get(at, "ref") {
                Some(name) => {
                    self.check_reference(at);
                    let found = self.find(Kind::Element, at, name)?;
                    Term::Element(self.element(found))
                }
                None => Term::Element(self.element(at)),
            },
            "any" => Term::Any(Arc::new(self.wildcard(at))),
            "sequence" => Term::Sequence(self.parts(at, depth)),
            "choice" => Term::Choice(self.parts(at, depth)),
            "all" => {
                if occurs.max != Some(1) {
                    self.wrong(at, "an xs:all occurs once at most");
                }
                Term::All(self.parts_of_all(at, depth))
            }
            "group" => self.group_ref(at, depth)?,
            _ => return None,
        };
        Some(Particle { occurs, term })
    }

    fn parts(&mut self, at: At, depth: usize) -> Vec<Arc<Particle>> {
        let children: Vec<At> = self.children(at).collect();
        let mut parts = Vec::with_capacity(children.len());
        for child in children {
            let Some(part) = self.particle(child, depth + 1) else { continue };
            if matches!(part.term, Term::All(_)) {
                self.wrong(child, "an xs:all stands alone in a type: it cannot be part of another group");
                continue;
            }
            parts.push(Arc::new(part));
        }
        parts
    }

    fn parts_of_all(&mut self, at: At, depth: usize) -> Vec<Arc<Particle>> {
        let children: Vec<At> = self.children(at).collect();
        let mut parts = Vec::with_capacity(children.len());
        for child in children {
            if self.tag(child) != "element" {
                self.wrong(child, "an xs:all holds elements only");
                continue;
            }
            let Some(part) = self.particle(child, depth + 1) else { continue };
            if part.occurs.max.is_none_or(|max| max > 1) {
                self.wrong(child, "an element of an xs:all occurs once at most");
                continue;
            }
            parts.push(Arc::new(part));
        }
        parts
    }

    /// The group that a reference names, once.
    fn group_ref(&mut self, at: At, depth: usize) -> Option<Term> {
        let name = self.get(at, "ref")?;
        let found = self.find(Kind::Group, at, name)?;
        if self.open.contains(&found) {
            self.wrong(at, format!("the group `{name}` contains itself"));
            return None;
        }
        let inner = self.child(found, GROUPS)?;
        self.open.push(found);
        self.reasons.push(found);
        let particle = self.particle(inner, depth + 1);
        self.reasons.pop();
        self.open.pop();
        let particle = particle?;
        if particle.occurs == Occurs::ONCE {
            return Some(particle.term);
        }
        Some(Term::Sequence(vec![Arc::new(particle)]))
    }

    /// Checks a group that perhaps nothing refers to.
    pub fn group_alone(&mut self, at: At) {
        let Some(inner) = self.child(at, GROUPS) else { return };
        self.open.push(at);
        self.reasons.push(at);
        self.particle(inner, 0);
        self.reasons.pop();
        self.open.pop();
    }

    /// How often a particle occurs; `None` after a finding.
    fn occurs(&mut self, at: At) -> Option<Occurs> {
        let number = |text: Option<&str>| match text {
            None => Some(1),
            // Beyond what can be counted there is no difference to be seen.
            Some(text) if text.len() > 9 && text.bytes().all(|b| b.is_ascii_digit()) => {
                Some(text.trim_start_matches('0').parse().unwrap_or(u32::MAX))
            }
            Some(text) => text.trim_start_matches('+').parse::<u32>().ok(),
        };
        let (min, max) = (self.get(at, "minOccurs"), self.get(at, "maxOccurs"));
        let read = number(min).and_then(|least| match max {
            Some("unbounded") => Some(Occurs { min: least, max: None }),
            max => number(max).map(|most| Occurs { min: least, max: Some(most) }),
        });
        let Some(occurs) = read else {
            self.wrong(at, "minOccurs and maxOccurs are whole numbers, the latter also `unbounded`");
            return None;
        };
        if occurs.max.is_some_and(|max| max < occurs.min) {
            self.wrong(at, "minOccurs is greater than maxOccurs");
            return None;
        }
        Some(occurs)
    }
}
