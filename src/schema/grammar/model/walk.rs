//! The walk from where a document stands in a model to the leaves that may come next.

use super::{Kind, Model, Place, Set, Taker};
use crate::document::tree::Name;
use crate::schema::grammar::Declaration;

/// What a walk is for.
pub(super) enum Goal<'n> {
    Take { name: &'n Name, elements: &'n [Declaration] },
    Expected,
}

/// A walk from the places where a document stands to the leaves that may come next.
pub(super) struct Walk<'m, 'n> {
    pub model: &'m Model,
    pub goal: Goal<'n>,
    pub found: Set,
    pub taker: Option<Taker<'m>>,
    pub expected: Vec<u32>,
}

impl Walk<'_, '_> {
    /// From all places where a document stands.
    pub fn from(&mut self, set: &Set) {
        if !set.started {
            return self.enter(0, Place::default());
        }
        for place in set.iter() {
            self.after(place.node, *place);
        }
    }

    fn is_done(&self) -> bool {
        self.model.is_plain && self.taker.is_some() && matches!(self.taker, Some(Taker::Element(_)))
    }

    /// A node has occurred once more: it may occur again, or what comes behind it may.
    fn after(&mut self, at: u32, place: Place) {
        let Some(node) = self.model.node(at) else { return };
        let count = place.count(node);
        if node.occurs.max.is_none_or(|max| count < max) {
            let mut again = place;
            // Beyond the least there is nothing to count without a most.
            let next = count.saturating_add(1);
            again.set(node, if node.occurs.max.is_none() { next.min(node.occurs.min) } else { next });
            self.body(at, again);
        }
        if self.is_done() || (count < node.occurs.min && !node.is_hollow) {
            return;
        }
        let mut place = place;
        place.set(node, 0);
        let Some(parent) = self.model.node(node.parent) else { return };
        if matches!(parent.kind, Kind::Sequence) && !self.row(node.next, place) {
            return;
        }
        self.after(node.parent, place);
    }

    /// The nodes of a sequence from one on; whether the sequence may end behind them.
    fn row(&mut self, from: u32, place: Place) -> bool {
        let mut at = from;
        while let Some(node) = self.model.node(at) {
            self.enter(at, place);
            if !node.is_optional || self.is_done() {
                return false;
            }
            at = node.next;
        }
        true
    }

    /// A node occurs for the first time.
    fn enter(&mut self, at: u32, mut place: Place) {
        let Some(node) = self.model.node(at) else { return };
        place.set(node, 1);
        self.body(at, place);
    }

    fn body(&mut self, at: u32, mut place: Place) {
        let Some(node) = self.model.node(at) else { return };
        match node.kind {
            Kind::Sequence => {
                self.row(node.first, place);
            }
            Kind::Choice => {
                let mut child = node.first;
                while let Some(next) = self.model.node(child).filter(|_| !self.is_done()) {
                    self.enter(child, place);
                    child = next.next;
                }
            }
            Kind::Element(_) | Kind::Any(_) => {
                place.node = at;
                self.leaf(at, place);
            }
        }
    }

    fn leaf(&mut self, at: u32, place: Place) {
        let Some(node) = self.model.node(at) else { return };
        match self.goal {
            Goal::Take { name, elements } => {
                let Some(taker) = node.takes(name, elements) else { return };
                // A declaration says more than a wildcard.
                if !matches!((&self.taker, &taker), (Some(Taker::Element(_)), _) | (Some(_), Taker::Any(_))) {
                    self.taker = Some(taker);
                }
                self.found.push(place);
            }
            Goal::Expected => {
                if !self.expected.contains(&at) {
                    self.expected.push(at);
                }
            }
        }
    }
}
