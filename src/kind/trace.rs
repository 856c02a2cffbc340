//! Watching a map at work: what each item read and wrote, for whoever looks on; nobody does while a gateway serves.

use crate::document::value::Value;
use crate::source::Place;

/// Who looks on.
pub trait Tracer {
    /// An item has done its work.
    fn note(&self, note: &Note<'_>);
}

/// What an item did.
#[derive(Debug)]
pub struct Note<'a> {
    /// The item's kind: `set`.
    pub item: &'static str,
    /// Its target as written; empty for an item that has none.
    pub target: &'a str,
    /// Where it stands.
    pub place: &'a Place,
    /// The positions, from 1, that the `each` around it have reached, outermost first.
    pub way: Vec<usize>,
    /// What it did.
    pub did: Did,
}

/// What an item did with what it read.
#[derive(Debug)]
pub enum Did {
    /// It wrote a value, or nothing when the value was absent.
    Value {
        /// What its path or property led to; `None` for an item that has neither.
        read: Option<Value>,
        /// What stands at the target now.
        written: Value,
    },
    /// It wrote a value that is a secret.
    Secret,
    /// It goes through so many elements of so many found.
    Each {
        /// How many the path led to.
        found: usize,
        /// How many are left by `where=`.
        taken: usize,
    },
    /// It changed the target as a whole.
    Whole,
}

/// A tracer with the place it looks at.
#[derive(Clone, Copy)]
pub struct Traced<'a> {
    tracer: &'a dyn Tracer,
    level: Option<&'a Level<'a>>,
}

/// One round of an `each`.
#[derive(Debug, Clone, Copy)]
pub struct Level<'a> {
    up: Option<&'a Level<'a>>,
    at: usize,
}

impl<'a> Traced<'a> {
    /// At the top of a map.
    pub fn new(tracer: &'a dyn Tracer) -> Self {
        Self { tracer, level: None }
    }

    /// The round of an `each` at this place, from 1.
    pub fn round(&self, at: usize) -> Level<'a> {
        Level { up: self.level, at }
    }

    /// The same tracer in a round.
    #[must_use]
    pub fn within(self, level: &'a Level<'a>) -> Self {
        Self { level: Some(level), ..self }
    }

    /// Tells what an item did.
    pub fn note(&self, item: &'static str, target: &str, place: &Place, did: Did) {
        let rounds = std::iter::successors(self.level, |level| level.up);
        let mut way: Vec<usize> = rounds.map(|level| level.at).collect();
        way.reverse();
        self.tracer.note(&Note { item, target, place, way, did });
    }
}
