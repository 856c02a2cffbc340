//! What a step is at run time, and the paths that steps stand in.

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;

use super::failure::Failure;
use super::run::Run;
use crate::document::Document;
use crate::source::Place;

/// The documents on their way through a path, in order.
pub type Documents = Vec<Document>;

/// What comes out of a step or a path.
pub type Outcome = Result<Documents, Failure>;

/// A step that waits for something; not `Send`, because a request never leaves its worker.
pub type Pending<'a> = Pin<Box<dyn Future<Output = Outcome> + 'a>>;

/// The work of a step on its documents.
pub enum Work<'a> {
    /// Done without waiting: the usual case costs no allocation.
    Done(Outcome),
    /// Waits: for a call, or for inner paths.
    Later(Pending<'a>),
}

impl From<Outcome> for Work<'_> {
    fn from(outcome: Outcome) -> Self {
        Self::Done(outcome)
    }
}

/// A compiled step. It only does its step: timing, tracing, cancelling and error paths are the executor's.
pub trait Step: Debug + Send + Sync {
    /// Works on a batch of documents (never an empty one) and gives the documents that go on.
    fn run<'a>(&'a self, run: &'a Run, documents: Documents) -> Work<'a>;
}

/// A step with what the executor says about it.
#[derive(Debug)]
pub struct StepNode {
    /// The kind's name: `map`, `branch`.
    pub kind: &'static str,
    /// Where it is written.
    pub place: Place,
    /// What it does.
    pub step: Box<dyn Step>,
}

/// Steps in order.
#[derive(Debug, Default)]
pub struct Path {
    /// The steps.
    pub steps: Vec<StepNode>,
}

/// A compiled process.
#[derive(Debug)]
pub struct Process {
    /// Its name, or its operation's.
    pub name: String,
    /// Its steps.
    pub path: Path,
}
