//! What statuses the steps of an operation's process choose, those of the processes that it calls included.

use std::collections::BTreeSet;

use super::processes::{ByName, by_name};
use crate::config::{Declarations, DeclaredOperation, DeclaredWork};
use crate::kind::step::{DeclaredPath, StatusSet};
use crate::pipeline::outcome::Outcomes;

/// How an operation can end.
pub fn outcomes(operation: &DeclaredOperation, declared: &Declarations) -> Outcomes {
    let all = by_name(declared);
    let path = match &operation.work {
        Some(DeclaredWork::Inline(path, _)) => path,
        Some(DeclaredWork::Named(name)) => match all.get(name.value.as_str()) {
            Some((_, path)) => path,
            None => return Outcomes::default(),
        },
        None => return Outcomes::default(),
    };
    let mut found = Outcomes { certain: is_certain(path), ..Outcomes::default() };
    gather(path, &all, &mut BTreeSet::new(), &mut found);
    found
}

fn gather<'a>(path: &'a DeclaredPath, all: &ByName<'a>, seen: &mut BTreeSet<&'a str>, found: &mut Outcomes) {
    for node in &path.steps {
        let facts = node.step.facts();
        match facts.status {
            Some(StatusSet::To(status)) => {
                found.statuses.insert(status);
            }
            Some(StatusSet::Computed) => found.computed = true,
            None => {}
        }
        found.attaches |= facts.attaches;
        if let Some((status, code)) = facts.throws {
            found.failures.entry(status).or_default().insert(code.into());
        }
        facts.inner.iter().for_each(|inner| gather(inner, all, seen, found));
        for (name, _) in facts.calls.iter().filter(|(_, waits)| *waits) {
            let called = all.get(name.value.as_str()).filter(|_| seen.insert(&name.value));
            if let Some((_, called)) = called {
                gather(called, all, seen, found);
            }
        }
    }
}

/// Whether a step that every document passes sets the status before anything can be returned.
fn is_certain(path: &DeclaredPath) -> bool {
    for node in &path.steps {
        let facts = node.step.facts();
        if matches!(facts.status, Some(StatusSet::To(_))) {
            return true;
        }
        if facts.returns || !facts.calls.is_empty() || facts.inner.iter().any(|inner| inner.returns()) {
            return false;
        }
    }
    false
}
