//! Particles: what may stand in an element, as a schema says it (XML Schema part 1, section 3.9).

use std::sync::Arc;

use super::ElementId;
use super::wildcard::Wildcard;
use crate::schema::Occurs;

/// Something that may occur, and how often.
#[derive(Debug, Clone)]
pub struct Particle {
    /// How often.
    pub occurs: Occurs,
    /// What.
    pub term: Term,
}

/// What a particle is of.
#[derive(Debug, Clone)]
pub enum Term {
    /// An element, or one that may take its place.
    Element(ElementId),
    /// Any element that a wildcard takes.
    Any(Arc<Wildcard>),
    /// All of them in this order.
    Sequence(Vec<Arc<Particle>>),
    /// One of them.
    Choice(Vec<Arc<Particle>>),
    /// All of them in any order.
    All(Vec<Arc<Particle>>),
}

impl Particle {
    /// Once.
    pub fn once(term: Term) -> Self {
        Self { occurs: Occurs::ONCE, term }
    }

    /// What stands in it, when it is a group.
    pub fn parts(&self) -> &[Arc<Particle>] {
        match &self.term {
            Term::Sequence(parts) | Term::Choice(parts) | Term::All(parts) => parts,
            Term::Element(_) | Term::Any(_) => &[],
        }
    }

    /// Whether nothing can be of it: it may not occur, or is a group of nothing.
    pub fn is_nothing(&self) -> bool {
        self.occurs.max == Some(0)
            || match &self.term {
                Term::Sequence(parts) | Term::All(parts) => parts.iter().all(|part| part.is_nothing()),
                // Of no alternatives none can be chosen: that is no content at all, and no document fits it.
                Term::Choice(_) | Term::Element(_) | Term::Any(_) => false,
            }
    }
}
