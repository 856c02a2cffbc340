//! What a step is at run time, and the paths that steps stand in.

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use compact_str::CompactString;

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

/// What a step does with a document whose body is still on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WithComing {
    /// It reads the body, or may: all of it is waited for first.
    Reads,
    /// It passes the document on, and never looks into the body.
    Passes,
    /// It sends the body on as it comes, or a path in it may, and never looks into it before.
    Sends,
}

/// A compiled step. It only does its step: timing, tracing, cancelling and error paths are the executor's.
pub trait Step: Debug + Send + Sync {
    /// Works on a batch of documents (never an empty one) and gives the documents that go on.
    fn run<'a>(&'a self, run: &'a Run, documents: Documents) -> Work<'a>;

    /// What it does with a document whose body is still on its way.
    fn with_coming(&self) -> WithComing {
        WithComing::Reads
    }

    /// Whether what it gives for a single document may still be on its way, and is then not read by itself.
    fn gives_coming(&self) -> bool {
        false
    }

    /// Whether it gives one document for each that it gets, or fails; `false` where it may be otherwise.
    fn gives_each(&self) -> bool {
        false
    }

    /// The paths of which a document takes one, where what it does with a body is what they do; `None` stands for none of them,
    /// by which it goes on.
    fn choices(&self) -> Vec<Option<&Path>> {
        Vec::new()
    }
}

/// A step with what the executor says about it.
#[derive(Debug)]
pub struct StepNode {
    /// The kind's name: `map`, `branch`.
    pub kind: &'static str,
    /// How it begins in the file, on one line: `map order-to-receipt`.
    pub text: Box<str>,
    /// Where it is written.
    pub place: Place,
    /// How long it may take, where the file says so.
    pub timeout: Option<Duration>,
    /// Whether documents that go on behind it may have no answer yet.
    pub owes: bool,
    /// What it does.
    pub step: Box<dyn Step>,
}

/// Steps in order.
#[derive(Debug, Default)]
pub struct Path {
    /// What it is in the step that it stands in: `then`, `path store`; empty for a process's own.
    pub name: CompactString,
    /// The steps.
    pub steps: Vec<StepNode>,
    /// The position of the last step that can add to the answer; `None` where none can.
    pub last_answer: Option<usize>,
    /// Whether documents that come out of it may have no answer yet.
    pub owes: bool,
    /// The position from which on no step looks into a document's body.
    pub untouched_from: usize,
    /// Whether the first step that looks into a document's body sends it on as it comes.
    pub sends_on: bool,
}

impl Path {
    /// Whether one document comes out of it for each that enters, or it fails; `false` where it may be otherwise.
    pub fn gives_each(&self) -> bool {
        self.steps.iter().all(|node| node.step.gives_each())
    }
}

/// The last step that can add to an answer which leaves while others can still run.
#[derive(Debug)]
pub struct LastAnswer {
    /// The kind's name: `branch`.
    pub kind: &'static str,
    /// Where it is written.
    pub place: Place,
}

/// A compiled process.
#[derive(Debug, Default)]
pub struct Process {
    /// Its name, or its operation's.
    pub name: Arc<str>,
    /// Its steps.
    pub path: Path,
    /// Whether a `return` stands in it.
    pub returns: bool,
    /// With or behind which step the answer leaves, where steps can still run when nothing can add to it any more: they run on.
    pub runs_on: Option<LastAnswer>,
}

/// A process that another one runs: compiled by the time that anything runs.
#[derive(Debug, Clone, Default)]
pub struct ProcessRef(Arc<OnceLock<Arc<Process>>>);

impl ProcessRef {
    /// Puts the compiled process in, once.
    pub fn fill(&self, process: Arc<Process>) {
        // A second one would be a process of the same name, which is a finding.
        let _ = self.0.set(process);
    }

    /// The process, once it is compiled.
    pub fn process(&self) -> Option<&Arc<Process>> {
        self.0.get()
    }

    /// The process.
    ///
    /// # Errors
    /// It was never compiled: a fault of this program, since a file with such a process does not run.
    pub fn get(&self) -> Result<&Arc<Process>, Failure> {
        self.0
            .get()
            .ok_or_else(|| Failure::internal("no-process", "a process is called that was not compiled"))
    }
}
