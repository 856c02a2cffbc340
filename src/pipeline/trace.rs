//! What is noted of each step of an execution while somebody looks on.

use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

use compact_str::CompactString;

use super::failure::Failure;
use super::run::Run;
use super::step::{Documents, Outcome, Path, StepNode};
use crate::source::Place;

/// Steps that one trace holds; those beyond are counted only.
const MOST: usize = 10_000;

/// One execution, step by step.
#[derive(Debug)]
pub struct Trace {
    began: Instant,
    steps: RefCell<Vec<Seen>>,
    dropped: Cell<usize>,
}

/// A step that ran.
#[derive(Debug)]
pub struct Seen {
    /// The step that it stands in, by its position in the trace.
    pub within: Option<usize>,
    /// The path that it stands in: `then`, `path store`; empty for a process's own.
    pub path: CompactString,
    /// The kind's name.
    pub kind: &'static str,
    /// How it begins in the file.
    pub text: Box<str>,
    /// Where it is written.
    pub place: Place,
    /// The documents that it was given.
    pub before: Documents,
    /// The documents that it gave.
    pub after: Documents,
    /// The properties of the execution and of its answer that are others behind it; `None` for one that is gone.
    pub changed: Vec<(CompactString, Option<CompactString>)>,
    /// When it began, from the begin of the trace.
    pub began: Duration,
    /// How long it took; `None` for one that was cancelled, or that still runs.
    pub took: Option<Duration>,
    /// How it failed, if it did.
    pub failure: Option<Failure>,
}

/// A step that runs.
pub(super) struct Running {
    at: Option<usize>,
    properties: Vec<(CompactString, CompactString)>,
    began: Instant,
}

impl Default for Trace {
    fn default() -> Self {
        Self { began: Instant::now(), steps: RefCell::default(), dropped: Cell::new(0) }
    }
}

impl Trace {
    /// The steps in the order in which they began.
    pub fn steps(&self) -> std::cell::Ref<'_, Vec<Seen>> {
        self.steps.borrow()
    }

    /// How many steps more there were than a trace holds.
    pub fn dropped(&self) -> usize {
        self.dropped.get()
    }

    /// Notes that a step begins; gives its position too.
    pub(super) fn enter(
        &self,
        within: Option<usize>,
        path: &Path,
        node: &StepNode,
        documents: &Documents,
        run: &Run,
    ) -> (Running, Option<usize>) {
        let began = Instant::now();
        let mut steps = self.steps.borrow_mut();
        if steps.len() >= MOST {
            self.dropped.set(self.dropped.get().saturating_add(1));
            return (Running { at: None, properties: Vec::new(), began }, within);
        }
        let at = steps.len();
        steps.push(Seen {
            within,
            path: path.name.clone(),
            kind: node.kind,
            text: node.text.clone(),
            place: node.place.clone(),
            before: documents.clone(),
            after: Documents::new(),
            changed: Vec::new(),
            began: began.duration_since(self.began),
            took: None,
            failure: None,
        });
        (Running { at: Some(at), properties: run.settings(), began }, Some(at))
    }

    /// Notes how it ended.
    pub(super) fn leave(&self, running: Running, outcome: &Outcome, run: &Run) {
        let mut steps = self.steps.borrow_mut();
        let Some(seen) = running.at.and_then(|at| steps.get_mut(at)) else { return };
        seen.took = Some(running.began.elapsed());
        seen.changed = changed(&running.properties, &run.settings());
        match outcome {
            Ok(documents) => seen.after.clone_from(documents),
            Err(failure) => seen.failure = Some(failure.clone()),
        }
    }
}

type Properties = [(CompactString, CompactString)];

/// The properties that are others now.
fn changed(before: &Properties, after: &Properties) -> Vec<(CompactString, Option<CompactString>)> {
    let of =
        |all: &Properties, name: &str| all.iter().find(|(n, _)| n == name).map(|(_, value)| value.clone());
    let new = after.iter().filter(|(name, value)| of(before, name).as_ref() != Some(value));
    let gone = before.iter().filter(|(name, _)| of(after, name).is_none());
    let new = new.map(|(name, value)| (name.clone(), Some(value.clone())));
    new.chain(gone.map(|(name, _)| (name.clone(), None))).collect()
}
