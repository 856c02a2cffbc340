//! The steps of a trace as a tree: how deep each stands, and which changes are its own.

use std::collections::HashSet;

use crate::document::Document;
use crate::pipeline::failure::Failure;
use crate::pipeline::trace::Seen;

/// A property that a step changed: of the document at a position, or of the execution; its name, and its value, `None`
/// where it is gone.
pub type Change<'a> = (Option<usize>, &'a str, Option<&'a str>);

/// What is known of each step beside itself.
#[derive(Debug)]
pub struct Tree<'a> {
    depths: Vec<usize>,
    /// The steps inside each.
    inner: Vec<Vec<usize>>,
    /// What the steps inside each one change, those inside them included.
    within: Vec<HashSet<(bool, &'a str, Option<&'a str>)>>,
}

impl<'a> Tree<'a> {
    /// Of the steps in the order in which they began: one stands behind the step that it stands in.
    pub fn new(steps: &'a [Seen]) -> Self {
        let mut depths: Vec<usize> = Vec::with_capacity(steps.len());
        let mut inner: Vec<Vec<usize>> = vec![Vec::new(); steps.len()];
        for (at, seen) in steps.iter().enumerate() {
            let around = seen.within.and_then(|within| depths.get(within));
            depths.push(around.map_or(0, |depth| depth + 1));
            let siblings = seen.within.and_then(|within| inner.get_mut(within));
            siblings.into_iter().for_each(|siblings| siblings.push(at));
        }
        let mut tree = Self { depths, inner, within: vec![HashSet::new(); steps.len()] };
        for (at, seen) in steps.iter().enumerate().rev() {
            let Some(around) = seen.within else { continue };
            let mut all = tree.within.get(at).cloned().unwrap_or_default();
            all.extend(tree.changes(at, seen).into_iter().map(key));
            tree.within.get_mut(around).into_iter().for_each(|within| within.extend(all.iter().copied()));
        }
        tree
    }

    /// In how many steps it stands.
    pub fn depth(&self, at: usize) -> usize {
        self.depths.get(at).copied().unwrap_or_default()
    }

    /// The properties that a step changed, but for what steps inside it did.
    pub fn changes(&self, at: usize, seen: &'a Seen) -> Vec<Change<'a>> {
        let alone = self.inner.get(at).is_none_or(Vec::is_empty);
        // A step with others inside it may give its documents in another order.
        let mut changes = changes(&seen.before, &seen.after, alone);
        let own = seen.changed.iter().map(|(name, value)| (None, name.as_str(), value.as_deref()));
        changes.extend(own);
        let within = self.within.get(at);
        changes.retain(|change| within.is_none_or(|within| !within.contains(&key(*change))));
        changes
    }

    /// Whether a step was still running when a later one began inside it, among those from `from` on.
    pub fn runs_beyond(&self, at: usize, from: usize, steps: &[Seen]) -> bool {
        let end = steps.get(at).and_then(|seen| Some(seen.began + seen.took?));
        self.inner.get(at).into_iter().flatten().any(|inner| {
            let began = steps.get(*inner).map(|seen| seen.began);
            let later = *inner >= from && end.is_none_or(|end| began.is_some_and(|began| began <= end));
            later || self.runs_beyond(*inner, from, steps)
        })
    }

    /// Whether a step inside it failed in the same way: then that one tells of it.
    pub fn fails_within(&self, at: usize, failure: &Failure, steps: &[Seen]) -> bool {
        let mut inner = self.inner.get(at).into_iter().flatten().filter_map(|inner| steps.get(*inner));
        inner.any(|seen| {
            let inner = seen.failure.as_ref();
            inner.is_some_and(|inner| inner.code == failure.code && inner.message == failure.message)
        })
    }
}

/// A change wherever it was made.
fn key<'a>((document, name, value): Change<'a>) -> (bool, &'a str, Option<&'a str>) {
    (document.is_some(), name, value)
}

/// The properties that documents have behind a step, and did not before it. `pairwise`: each document is compared with the
/// one at its position.
fn changes<'a>(before: &'a [Document], after: &'a [Document], pairwise: bool) -> Vec<Change<'a>> {
    let mut out = Vec::new();
    let pairwise = pairwise && before.len() == after.len();
    for (at, document) in after.iter().enumerate() {
        let same = before.get(at).filter(|_| pairwise);
        let had = |name: &str, value: &str| match same {
            Some(before) => before.properties.get(name) == Some(value),
            None => before.iter().any(|before| before.properties.get(name) == Some(value)),
        };
        let new = document.properties.iter().filter(|(name, value)| !had(name, value));
        out.extend(new.map(|(name, value)| (Some(at), name, Some(value))));
        let gone = same.into_iter().flat_map(|before| before.properties.iter());
        let gone = gone.filter(|(name, _)| document.properties.get(name).is_none());
        out.extend(gone.map(|(name, _)| (Some(at), name, None)));
    }
    out
}
