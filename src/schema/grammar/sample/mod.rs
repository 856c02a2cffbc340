//! Samples: a document for each element of a grammar, made from what the schema says of it and accepted by it.
//!
//! `costs` finds for every type what its least document takes, so that recursion ends; `make` walks from the root down.

mod costs;
mod make;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use super::check::Root;
use super::{ElementId, Grammar};
use crate::document::tree::Element;
use crate::schema::{Checking, Format, Occurs, Shape, ShapeKind, validate};
use costs::{Costs, NEVER};
use make::{Maker, Way};

/// Elements of a sample; where all that is optional would be more, its deeper levels hold only what must be there.
const MOST: usize = 4_000;
/// Levels of elements that hold what is optional.
const LEVELS: usize = 12;

/// How much a sample holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// What must be there, by the shortest way.
    Least,
    /// That, and everything that the root may hold: the parts of an encoded message, which a reader can miss, and a call sends.
    Parts,
    /// What may be there too, once; of a choice the first alternative, of a type within itself two more levels.
    Full,
}

/// Why there is no sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoSample {
    /// No finite document fits: an abstract element that nothing stands in for, a recursion without an end, or a value for
    /// which none was found that fits its facets.
    Endless,
    /// What must be there is more than a sample may hold.
    TooLarge,
    /// What was made does not fit, by a rule that samples are not made for, such as a key: the place and what is wrong.
    Unfit(String),
}

/// Makes samples of one grammar.
#[derive(Debug)]
pub struct Sampler {
    grammar: Arc<Grammar>,
    costs: Costs,
}

impl Sampler {
    /// Looks at a whole grammar once; it takes as long as compiling it.
    pub fn new(grammar: Arc<Grammar>) -> Self {
        let costs = Costs::new(&grammar);
        Self { grammar, costs }
    }

    /// A document with this root, which the grammar accepts.
    ///
    /// # Errors
    /// None can be made.
    pub fn sample(&self, root: ElementId, extent: Extent) -> Result<Element, NoSample> {
        let root = self.costs.member(&self.grammar, root).ok_or(NoSample::Endless)?;
        if self.costs.of_element(root) == NEVER {
            return Err(NoSample::Endless);
        }
        // What is wrong with the first is said when no other way leads further.
        let mut first = None;
        for (varies, other) in [(false, extent), (true, extent), (false, Extent::Full), (true, Extent::Full)]
        {
            match self.attempt(root, other, varies) {
                Ok(element) => return Ok(element),
                Err(NoSample::TooLarge) if first.is_none() => return Err(NoSample::TooLarge),
                Err(why) => first = first.or(Some(why)),
            }
        }
        Err(first.unwrap_or(NoSample::Endless))
    }

    /// Whether a document fits.
    ///
    /// # Errors
    /// The first place that does not, and what is wrong there.
    pub fn check(&self, root: ElementId, element: &Element) -> Result<(), String> {
        let rule = Root { grammar: self.grammar.clone(), element: root };
        let shape = Shape {
            name: element.name.local.clone(),
            namespace: element.name.namespace.clone(),
            occurs: Occurs::ONCE,
            nillable: false,
            attributes: Vec::new(),
            kind: ShapeKind::Any,
            checking: Checking { rule: Some(Arc::new(rule)), ..Checking::default() },
            form: Default::default(),
        };
        let found = validate(element, &shape, Format::Xml, 1);
        found.into_iter().next().map_or(Ok(()), |wrong| Err(format!("{}: {}", wrong.path, wrong.message)))
    }

    fn attempt(&self, root: ElementId, extent: Extent, varies: bool) -> Result<Element, NoSample> {
        let whole =
            self.made(root, extent, Way { levels: LEVELS, varies, has_ids: false, lacks_ids: false })?;
        self.check(root, &whole).map_err(NoSample::Unfit).map(|()| whole)
    }

    /// A document with as many whole levels as there is room for, and with an ID if one is referred to.
    fn made(&self, root: ElementId, extent: Extent, way: Way) -> Result<Element, NoSample> {
        let mut maker = Maker::new(&self.grammar, &self.costs, extent, way);
        match maker.element(root) {
            Ok(_) if maker.refers && maker.ids == 0 && !way.has_ids => {
                self.made(root, extent, Way { has_ids: true, ..way })
            }
            Ok(_) if maker.refers && maker.ids == 0 && !way.lacks_ids => {
                self.made(root, extent, Way { lacks_ids: true, ..way })
            }
            Ok(element) => Ok(element),
            Err(_) if way.levels > 0 && extent != Extent::Least => {
                self.made(root, extent, Way { levels: way.levels - 1, ..way })
            }
            Err(_) => Err(NoSample::TooLarge),
        }
    }
}
