//! The executor: runs the steps of paths in order, with turns for others, deadlines, and notes for who looks on.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use compact_str::{CompactString, format_compact};
use hyper::StatusCode;
use hyper::header::{HeaderName, HeaderValue};
use tokio::sync::Notify;
use tokio::task::yield_now;
use tokio::time::timeout_at;

use super::answer::{Mark, Returned};
use super::endpoint::Request;
use super::execution::{Around, Execution};
use super::failure::{Blame, End, Failure};
use super::step::{Documents, Outcome, Path, Pending, StepNode, Work};
use crate::document::Document;
use crate::soap::Inbound;

/// How long an execution may hold its worker before the others there get a turn.
const SLICE: Duration = Duration::from_millis(2);

/// An execution, or a part of it that gathers its answer for itself: a called process, one document of several that are
/// worked on at the same time.
#[derive(Debug)]
pub struct Run {
    /// What all parts share.
    pub execution: Rc<Execution>,
    answer: RefCell<Returned>,
    /// Bytes of its documents.
    returned: Cell<usize>,
    /// When all must be done.
    deadline: Cell<Instant>,
    /// When the step must be done that says how long it may take.
    step_deadline: Cell<Option<Instant>>,
    /// Told when nothing can add to the answer any more; only the operation's own run has an answer that can leave.
    answered: Option<Notify>,
    is_answered: Cell<bool>,
    may_leave: Cell<bool>,
    /// How much is still to come that may add to the answer.
    holds: Cell<u32>,
    /// The step at hand in the trace.
    inside: Cell<Option<usize>>,
}

impl Run {
    /// A new execution.
    pub fn new(
        request: Rc<Request>,
        soap: Option<Rc<Inbound>>,
        around: impl Into<Rc<Around>>,
        deadline: Instant,
    ) -> Self {
        Self::of(Execution::new(request, soap, around), deadline)
    }

    /// The run of an execution whose answer may leave before its end.
    pub fn of(execution: Execution, deadline: Instant) -> Self {
        Self {
            execution: Rc::new(execution),
            answer: RefCell::default(),
            returned: Cell::new(0),
            deadline: Cell::new(deadline),
            step_deadline: Cell::new(None),
            answered: Some(Notify::new()),
            is_answered: Cell::new(false),
            may_leave: Cell::new(false),
            holds: Cell::new(0),
            inside: Cell::new(None),
        }
    }

    /// A part of it that gathers its answer for itself, and knows the status and header fields so far.
    #[must_use]
    pub fn part(&self) -> Self {
        Self {
            execution: Rc::clone(&self.execution),
            answer: RefCell::new(self.answer.borrow().without_documents()),
            returned: Cell::new(0),
            deadline: Cell::new(self.deadline()),
            step_deadline: Cell::new(None),
            answered: None,
            is_answered: Cell::new(false),
            may_leave: Cell::new(false),
            holds: Cell::new(0),
            inside: self.inside.clone(),
        }
    }

    /// The run of work that it does not wait for.
    ///
    /// # Errors
    /// 503: there is too much under way.
    pub fn detached(&self) -> Result<Self, Failure> {
        Ok(Self { inside: self.inside.clone(), ..Self::of(self.execution.detached()?, self.after()) })
    }

    /// The request.
    pub fn request(&self) -> &Request {
        &self.execution.request
    }

    /// When the work at hand must be done.
    pub fn deadline(&self) -> Instant {
        let whole = self.deadline.get();
        self.step_deadline.get().map_or(whole, |step| step.min(whole))
    }

    /// When work must be done that nobody waits for and that starts now.
    pub fn after(&self) -> Instant {
        Instant::now().checked_add(self.execution.after).unwrap_or_else(|| self.deadline.get())
    }

    /// Gives it the time of work that nobody waits for: it goes on after its answer has left.
    pub fn extend(&self) {
        self.deadline.set(self.after());
    }

    /// Whether the time of the whole is up.
    pub fn is_over(&self) -> bool {
        Instant::now() >= self.deadline.get()
    }

    /// Adds documents to the answer.
    ///
    /// # Errors
    /// The answer is larger than an execution may be.
    pub fn give_back(&self, documents: Documents) -> Result<(), Failure> {
        let mut answer = self.answer.borrow_mut();
        let bytes = self.execution.bounds.add(answer.documents.len(), self.returned.get(), &documents)?;
        self.returned.set(bytes);
        answer.documents.extend(documents);
        Ok(())
    }

    /// `response.status`.
    pub fn status(&self) -> Option<StatusCode> {
        self.answer.borrow().status
    }

    /// Sets `response.status`.
    pub fn set_status(&self, status: impl Into<Option<StatusCode>>) {
        self.answer.borrow_mut().status = status.into();
    }

    /// `response.header.NAME`.
    pub fn response_header(&self, name: &HeaderName) -> Option<CompactString> {
        self.answer.borrow().header(name)
    }

    /// Sets `response.header.NAME`, or removes it.
    pub fn set_response_header(&self, name: &HeaderName, value: Option<HeaderValue>) {
        self.answer.borrow_mut().set_header(name, value);
    }

    /// The properties of the execution and of its answer, by their whole names.
    pub fn settings(&self) -> Vec<(CompactString, CompactString)> {
        let answer = self.answer.borrow();
        let status = answer.status.map(|status| ("response.status".into(), status.as_str().into()));
        let text = |value: &HeaderValue| CompactString::from_utf8_lossy(value.as_bytes());
        let headers = answer.headers.iter();
        let headers = headers.map(|(name, value)| (format_compact!("response.header.{name}"), text(value)));
        let own = self.execution.properties().into_iter();
        own.map(|(name, value)| (format_compact!("process.{name}"), value))
            .chain(status)
            .chain(headers)
            .collect()
    }

    /// How far the answer is.
    pub fn mark(&self) -> Mark {
        self.answer.borrow().mark()
    }

    /// Makes the answer what it was then.
    pub fn back_to(&self, mark: Mark) {
        self.answer.borrow_mut().back_to(mark);
    }

    /// What the answer is so far, without its documents.
    pub fn answer_base(&self) -> Returned {
        self.answer.borrow().without_documents()
    }

    /// Takes in what a part has gathered that began with `base`.
    ///
    /// # Errors
    /// As [`Run::give_back`].
    pub fn take_in(&self, base: &Returned, mut part: Returned) -> Result<(), Failure> {
        self.give_back(std::mem::take(&mut part.documents))?;
        self.answer.borrow_mut().take_in(base, part);
        Ok(())
    }

    /// Ends the execution, or the gathering for its answer, and takes what it leaves.
    pub fn finish(&self) -> Returned {
        std::mem::take(&mut *self.answer.borrow_mut())
    }

    /// Keeps the answer from leaving for as long as something comes that may still add to it.
    pub fn hold(&self) -> Hold<'_> {
        self.holds.set(self.holds.get().saturating_add(1));
        Hold(&self.holds)
    }

    /// The last step of a path that can add to the answer has run: lets it leave at once, unless something is still to
    /// come elsewhere, where somebody waits for that.
    async fn complete(&self) {
        let Some(answered) = self.answered.as_ref().filter(|_| self.may_leave.get() && self.holds.get() == 0)
        else {
            return;
        };
        if !self.is_answered.replace(true) {
            answered.notify_one();
            yield_now().await;
        }
    }

    /// Somebody waits for the answer to be complete.
    pub fn may_leave(&self) {
        self.may_leave.set(true);
    }

    /// Waits until nothing can add to the answer any more.
    pub async fn answered(&self) {
        match &self.answered {
            Some(answered) => answered.notified().await,
            None => std::future::pending().await,
        }
    }

    /// Runs a process to its end; that a step has stopped all of it is no failure.
    ///
    /// # Errors
    /// A step fails and nothing catches it, or the time is up.
    pub async fn whole(&self, path: &Path, documents: Documents) -> Outcome {
        match self.path(path, documents).await {
            Err(failure) if failure.end == End::Stop => Ok(Documents::new()),
            outcome => outcome,
        }
    }

    /// Runs the steps of a path in order. A step does not run without documents.
    pub fn path<'a>(&'a self, path: &'a Path, documents: Documents) -> Pending<'a> {
        Box::pin(async move {
            let mut documents = documents;
            for (at, node) in path.steps.iter().enumerate() {
                if documents.is_empty() {
                    break;
                }
                let hold = path.last_answer.filter(|last| at < *last).map(|_| self.hold());
                documents = self.step(path, node, documents).await?;
                drop(hold);
                if path.last_answer == Some(at) {
                    self.complete().await;
                }
            }
            if path.last_answer.is_some() {
                self.complete().await;
            }
            Ok(documents)
        })
    }

    async fn step(&self, path: &Path, node: &StepNode, documents: Documents) -> Outcome {
        self.turn().await.map_err(|failure| located(failure, path, node))?;
        let outcome = match (&self.execution.trace, node.timeout) {
            (None, None) => match node.step.run(self, documents) {
                Work::Done(outcome) => outcome,
                Work::Later(pending) => pending.await,
            },
            _ => Box::pin(self.watched(path, node, documents)).await,
        };
        let outcome = outcome.and_then(|documents| self.weigh(&documents).map(|()| documents));
        outcome.map_err(|failure| located(failure, path, node))
    }

    /// The same for a step that is bounded in time, or that somebody looks at.
    async fn watched(&self, path: &Path, node: &StepNode, documents: Documents) -> Outcome {
        let Some(trace) = &self.execution.trace else { return self.timed(node, documents).await };
        let within = self.inside.get();
        let (running, at) = trace.enter(within, path, node, &documents, self);
        self.inside.set(at);
        let outcome = self.timed(node, documents).await;
        self.inside.set(within);
        trace.leave(running, &outcome, self);
        outcome
    }

    async fn timed(&self, node: &StepNode, documents: Documents) -> Outcome {
        let work = |documents| match node.step.run(self, documents) {
            Work::Done(outcome) => Box::pin(std::future::ready(outcome)),
            Work::Later(pending) => pending,
        };
        let Some(time) = node.timeout else { return work(documents).await };
        let outer = self.step_deadline.get();
        let until = Instant::now().checked_add(time).unwrap_or_else(|| self.deadline.get());
        self.step_deadline.set(Some(outer.map_or(until, |outer| outer.min(until))));
        let outcome = timeout_at(until.into(), async { work(documents).await }).await;
        self.step_deadline.set(outer);
        let late = || step_too_late(node, time);
        match outcome {
            // A script or a turn within it may have noticed first.
            Ok(Err(failure)) if failure.code == TIMEOUT && Instant::now() >= until && !self.is_over() => {
                Err(late())
            }
            Ok(outcome) => outcome,
            Err(_) => Err(late()),
        }
    }

    /// Whether the execution may hold these documents; notes what it holds at most.
    fn weigh(&self, documents: &[Document]) -> Result<(), Failure> {
        let bytes = self.execution.bounds.weigh(documents)?;
        self.execution.held.at_least(bytes)
    }

    /// Where a step gathers the documents that it makes bit by bit.
    pub fn gather(&self) -> Gathered<'_> {
        Gathered { run: self, documents: Documents::new(), bytes: 0 }
    }

    /// Stands between pieces of work that never wait: nothing from outside can act within them. Looks at the deadline,
    /// and lets the others on this worker have a turn when this execution has held it for a time slice.
    ///
    /// # Errors
    /// The time of the request is up.
    pub async fn turn(&self) -> Result<(), Failure> {
        let now = Instant::now();
        if now >= self.deadline() {
            return Err(self.late());
        }
        let turn = &self.execution.turn;
        match turn.get() {
            Some(since) if now.duration_since(since) < SLICE => {}
            Some(_) => {
                yield_now().await;
                turn.set(Some(Instant::now()));
            }
            None => turn.set(Some(now)),
        }
        Ok(())
    }

    /// The failure of work that was not done by its deadline.
    pub fn late(&self) -> Failure {
        let end = if self.is_over() { End::Whole } else { End::Catchable };
        too_late().ending(end)
    }
}

/// Something that may still add to the answer, until it is dropped.
#[derive(Debug)]
pub struct Hold<'a>(&'a Cell<u32>);

impl Drop for Hold<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get().saturating_sub(1));
    }
}

/// Documents that a step makes bit by bit, never more than an execution may hold.
#[derive(Debug)]
pub struct Gathered<'a> {
    run: &'a Run,
    documents: Documents,
    bytes: usize,
}

impl Gathered<'_> {
    /// Makes room for documents before they are made: so many, of so many bytes in all.
    ///
    /// # Errors
    /// As [`Gathered::add`] would fail with them.
    pub fn room(&self, documents: usize, bytes: usize) -> Result<(), Failure> {
        let execution = &self.run.execution;
        let count = self.documents.len().saturating_add(documents);
        let bytes = execution.bounds.check(count, self.bytes.saturating_add(bytes))?;
        execution.held.at_least(bytes)
    }

    /// Adds some.
    ///
    /// # Errors
    /// There are more than an execution may hold, or than its worker has room for.
    pub fn add(&mut self, more: Documents) -> Result<(), Failure> {
        let execution = &self.run.execution;
        self.bytes = execution.bounds.add(self.documents.len(), self.bytes, &more)?;
        execution.held.at_least(self.bytes)?;
        if self.documents.is_empty() {
            self.documents = more;
        } else {
            self.documents.extend(more);
        }
        Ok(())
    }

    /// All of them.
    pub fn done(self) -> Documents {
        self.documents
    }
}

/// The code of what took too long.
const TIMEOUT: &str = "timeout";

/// The failure of a request whose time is up; nothing catches it.
pub fn too_late() -> Failure {
    let message = "The request took longer than is allowed here.";
    let failure = Failure::new(Blame::Gateway, StatusCode::GATEWAY_TIMEOUT, TIMEOUT, message);
    failure.retriable().ending(End::Whole)
}

fn step_too_late(node: &StepNode, time: Duration) -> Failure {
    let log = format!("`{}` was not done within {time:?}", node.kind);
    let mut failure = too_late().ending(End::Catchable).log(log);
    failure.message = "A part of the work took longer than it may.".to_owned();
    failure
}

fn located(failure: Failure, path: &Path, node: &StepNode) -> Failure {
    let mut failure = failure.at(&node.place);
    failure.steps.insert(0, node.kind.into());
    if !path.name.is_empty() {
        failure.steps.insert(0, path.name.clone());
    }
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
