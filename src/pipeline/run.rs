//! One execution: what its steps may read and change, and the executor that runs them.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use compact_str::CompactString;
use hyper::StatusCode;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use jiff::Timestamp;
use tokio::task::yield_now;
use tracing::trace;

use super::endpoint::Request;
use super::failure::Failure;
use super::step::{Documents, Outcome, Path, Pending, StepNode, Work};
use crate::document::Document;
use crate::script::{Execution, Scripts};
use crate::soap::Inbound;

/// How long an execution may hold its worker before the others there get a turn.
const SLICE: Duration = Duration::from_millis(2);

/// One execution of a process for a request. Lives on one worker.
#[derive(Debug)]
pub struct Run {
    /// The request, without its body's documents.
    pub request: Rc<Request>,
    /// What SOAP said beside the body.
    pub soap: Option<Inbound>,
    /// This worker's compiled scripts.
    pub scripts: Rc<Scripts>,
    /// What scripts share in it: when it started, sequences, totals.
    pub execution: Execution,
    /// When the whole request must be done.
    pub deadline: Instant,
    state: RefCell<State>,
    /// Since when it holds the worker, as far as it knows.
    turn: Cell<Option<Instant>>,
}

/// What steps change for the execution as a whole.
#[derive(Debug, Default)]
struct State {
    status: Option<StatusCode>,
    headers: HeaderMap,
    properties: Vec<(CompactString, CompactString)>,
    returned: Documents,
}

/// What an execution leaves for the answer.
#[derive(Debug, Default)]
pub struct Returned {
    /// `response.status`, if it was set.
    pub status: Option<StatusCode>,
    /// `response.header.*`.
    pub headers: HeaderMap,
    /// The documents that reached a `return`, in order.
    pub documents: Documents,
}

impl Run {
    /// A new execution.
    pub fn new(request: Rc<Request>, soap: Option<Inbound>, scripts: Rc<Scripts>, deadline: Instant) -> Self {
        Self {
            request,
            soap,
            scripts,
            execution: Execution::new(Timestamp::now()),
            deadline,
            state: RefCell::default(),
            turn: Cell::new(None),
        }
    }

    /// The same as if it had started then: what `date::now()` gives its scripts.
    #[must_use]
    pub fn started_at(self, started: Timestamp) -> Self {
        Self { execution: Execution::new(started), ..self }
    }

    /// Adds documents to the answer.
    pub fn give_back(&self, documents: Documents) {
        self.state.borrow_mut().returned.extend(documents);
    }

    /// `response.status`.
    pub fn status(&self) -> Option<StatusCode> {
        self.state.borrow().status
    }

    /// Sets `response.status`.
    pub fn set_status(&self, status: impl Into<Option<StatusCode>>) {
        self.state.borrow_mut().status = status.into();
    }

    /// `response.header.NAME`.
    pub fn response_header(&self, name: &HeaderName) -> Option<CompactString> {
        self.state.borrow().headers.get(name).and_then(|value| value.to_str().ok()).map(CompactString::from)
    }

    /// Sets `response.header.NAME`, or removes it.
    pub fn set_response_header(&self, name: &HeaderName, value: Option<HeaderValue>) {
        let headers = &mut self.state.borrow_mut().headers;
        match value {
            Some(value) => headers.insert(name, value),
            None => headers.remove(name),
        };
    }

    /// A property of the whole execution (`process.NAME`).
    pub fn property(&self, name: &str) -> Option<CompactString> {
        let state = self.state.borrow();
        state.properties.iter().find(|(n, _)| n == name).map(|(_, value)| value.clone())
    }

    /// Sets a property of the whole execution; `None` removes it.
    pub fn set_property(&self, name: &str, value: Option<CompactString>) {
        let mut state = self.state.borrow_mut();
        state.properties.retain(|(n, _)| n != name);
        if let Some(value) = value {
            state.properties.push((name.into(), value));
        }
    }

    /// Ends the execution and takes what it leaves.
    pub fn finish(&self) -> Returned {
        let state = std::mem::take(&mut *self.state.borrow_mut());
        Returned { status: state.status, headers: state.headers, documents: state.returned }
    }

    /// Runs the steps of a path in order. A step does not run without documents.
    pub fn path<'a>(&'a self, path: &'a Path, documents: Documents) -> Pending<'a> {
        Box::pin(async move {
            let mut documents = documents;
            for node in &path.steps {
                if documents.is_empty() {
                    break;
                }
                documents = self.step(node, documents).await?;
            }
            Ok(documents)
        })
    }

    async fn step(&self, node: &StepNode, documents: Documents) -> Outcome {
        self.turn().await.map_err(|failure| located(failure, node))?;
        let before = documents.len();
        let outcome = match node.step.run(self, documents) {
            Work::Done(outcome) => outcome,
            Work::Later(pending) => pending.await,
        };
        match outcome {
            Ok(documents) => {
                trace!(request = %self.request.id, step = node.kind, place = %node.place, before, after = documents.len());
                Ok(documents)
            }
            Err(failure) => Err(located(failure, node)),
        }
    }

    /// Stands between pieces of work that never wait: nothing from outside can act within them. Looks at the deadline,
    /// and lets the others on this worker have a turn when this execution has held it for a time slice.
    ///
    /// # Errors
    /// The time of the request is up.
    pub async fn turn(&self) -> Result<(), Failure> {
        let now = Instant::now();
        if now >= self.deadline {
            return Err(too_late());
        }
        match self.turn.get() {
            Some(since) if now.duration_since(since) < SLICE => {}
            Some(_) => {
                yield_now().await;
                self.turn.set(Some(Instant::now()));
            }
            None => self.turn.set(Some(now)),
        }
        Ok(())
    }
}

/// The failure of a request whose time is up.
pub fn too_late() -> Failure {
    Failure::new(
        super::failure::Blame::Gateway,
        StatusCode::GATEWAY_TIMEOUT,
        "timeout",
        "The request took longer than is allowed here.",
    )
}

fn located(failure: Failure, node: &StepNode) -> Failure {
    let mut failure = failure.at(&node.place);
    failure.steps.insert(0, node.kind);
    failure
}

/// Runs a step's inner work for each document and gathers what comes out, in order. Between the documents of a batch the
/// execution takes a new [`Run::turn`]; a single document is worked on at once.
pub fn each_document<'a>(
    run: &'a Run,
    mut documents: Documents,
    mut work: impl FnMut(Document) -> Result<Document, Failure> + 'a,
) -> Work<'a> {
    if let [document] = documents.as_mut_slice() {
        return match work(std::mem::take(document)) {
            Ok(done) => {
                *document = done;
                Work::Done(Ok(documents))
            }
            Err(failure) => Work::Done(Err(failure)),
        };
    }
    Work::Later(Box::pin(async move {
        for document in &mut documents {
            run.turn().await?;
            *document = work(std::mem::take(document))?;
        }
        Ok(documents)
    }))
}

#[cfg(test)]
#[path = "run_tests.rs"]
mod tests;
