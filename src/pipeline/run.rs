//! A run: an execution, or a part of it that gathers its answer for itself, with its deadlines and its turns.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::{Duration, Instant};

use compact_str::{CompactString, format_compact};
use hyper::StatusCode;
use hyper::header::{HeaderName, HeaderValue};
use tokio::sync::Notify;
use tokio::task::yield_now;

use super::answer::{Mark, Returned};
use super::endpoint::Request;
use super::execution::{Around, Execution};
use super::failure::{Blame, End, Failure};
use super::step::{Documents, Work};
use super::transactions::Transactions;
use crate::document::Document;
use crate::document::tree::Element;
use crate::soap::Inbound;

/// How long an execution may hold its worker before the others there get a turn.
const SLICE: Duration = Duration::from_millis(2);

/// SOAP header blocks of one answer.
const MOST_BLOCKS: usize = 100;

/// An execution, or a part of it that gathers its answer for itself: a called process, one document of several that are
/// worked on at the same time.
#[derive(Debug)]
pub struct Run {
    /// What all parts share.
    pub execution: Rc<Execution>,
    pub(super) answer: RefCell<Returned>,
    /// Bytes of its documents.
    pub(super) returned: Cell<usize>,
    /// When all must be done.
    pub(super) deadline: Cell<Instant>,
    /// When the step must be done that says how long it may take.
    pub(super) step_deadline: Cell<Option<Instant>>,
    /// Told when nothing can add to the answer any more; only the operation's own run has an answer that can leave.
    pub(super) answered: Option<Notify>,
    pub(super) is_answered: Cell<bool>,
    pub(super) may_leave: Cell<bool>,
    /// How much is still to come that may add to the answer.
    pub(super) holds: Cell<u32>,
    /// Whether what the steps at hand give may leave while it is still on its way: nobody reads it before.
    pub(super) hands_on: Cell<bool>,
    /// Whether what it returns leaves as bytes that no profile of an output is for.
    pub answers_data: Cell<bool>,
    /// The step at hand in the trace.
    pub(super) inside: Cell<Option<usize>>,
    /// The transactions that are open around the step at hand.
    pub transactions: Transactions,
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
            hands_on: Cell::new(false),
            answers_data: Cell::new(false),
            inside: Cell::new(None),
            transactions: Transactions::default(),
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
            hands_on: Cell::new(false),
            answers_data: self.answers_data.clone(),
            inside: self.inside.clone(),
            transactions: self.transactions.clone(),
        }
    }

    /// The run of work that it does not wait for.
    ///
    /// # Errors
    /// 503: there is too much under way.
    pub fn detached(&self, documents: &[Document]) -> Result<Self, Failure> {
        let execution = self.execution.detached(documents)?;
        Ok(Self { inside: self.inside.clone(), ..Self::of(execution, self.after()) })
    }

    /// Lets its answer leave while the body is still on its way, where nothing reads it before.
    pub fn lets_go_on(&self) {
        self.hands_on.set(true);
    }

    /// Whether the step at hand may give a body that is still on its way. Asked once, so that no step inside it may too.
    pub fn takes_hands_on(&self) -> bool {
        self.hands_on.replace(false)
    }

    /// Whether its answer is one document and nothing else, and not the body of its own request: who sends that may read nothing
    /// before all of it is gone.
    pub fn gives_one(&self) -> bool {
        let answer = self.answer.borrow();
        let [document] = answer.documents.as_slice() else { return false };
        let own = document.on_its_way().zip(self.request().coming.as_ref());
        answer.attachments.is_empty() && !own.is_some_and(|(body, own)| body.is_same(own))
    }

    /// Waits for what is still on its way of the answer's documents.
    ///
    /// # Errors
    /// As [`Run::arrived`].
    pub async fn arrives(&self) -> Result<(), Failure> {
        let is_coming = |document: &Document| document.on_its_way().is_some();
        if self.answer.borrow().documents.iter().any(is_coming) {
            let documents = std::mem::take(&mut self.answer.borrow_mut().documents);
            let documents = self.arrived(documents).await?;
            self.answer.borrow_mut().documents = documents;
        }
        Ok(())
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

    /// When all must be done, whatever a step at hand says.
    pub fn end(&self) -> Instant {
        self.deadline.get()
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
        self.gather_answer(documents, |answer| &mut answer.documents)
    }

    /// Adds documents that go beside those of the answer.
    ///
    /// # Errors
    /// As [`Run::give_back`].
    pub fn attach(&self, documents: Documents) -> Result<(), Failure> {
        self.gather_answer(documents, |answer| &mut answer.attachments)
    }

    fn gather_answer(
        &self,
        documents: Documents,
        into: fn(&mut Returned) -> &mut Documents,
    ) -> Result<(), Failure> {
        let mut answer = self.answer.borrow_mut();
        let count = answer.documents.len().saturating_add(answer.attachments.len());
        let bytes = self.execution.bounds.add(count, self.returned.get(), &documents)?;
        self.execution.keep(bytes.saturating_sub(self.returned.replace(bytes)))?;
        into(&mut answer).extend(documents);
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

    /// Adds a SOAP header block to the answer.
    ///
    /// # Errors
    /// The answer is larger than an execution may be.
    pub fn add_block(&self, block: Element) -> Result<(), Failure> {
        self.execution.keep(block.size())?;
        let mut answer = self.answer.borrow_mut();
        if answer.blocks.len() >= MOST_BLOCKS {
            let log = format!("the answer has more than {MOST_BLOCKS} SOAP header blocks");
            return Err(Failure::internal("too-many-headers", log));
        }
        answer.blocks.push(block);
        Ok(())
    }

    /// Takes the SOAP header blocks out of the answer: they go with a fault.
    pub fn take_blocks(&self) -> Vec<Element> {
        std::mem::take(&mut self.answer.borrow_mut().blocks)
    }

    /// Takes over the SOAP header blocks of a part that failed, so that they go with the fault.
    pub fn keep_blocks(&self, part: &Self) {
        self.answer.borrow_mut().blocks.extend(part.take_blocks());
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
    pub fn mark(&self) -> (Mark, usize) {
        (self.answer.borrow().mark(), self.returned.get())
    }

    /// Makes the answer what it was then.
    pub fn back_to(&self, (mark, bytes): (Mark, usize)) {
        self.answer.borrow_mut().back_to(mark);
        self.execution.release(self.returned.replace(bytes).saturating_sub(bytes));
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
        // Its documents are held by now: they only move.
        let all = part.documents.iter().chain(&part.attachments);
        self.execution.release(all.map(Document::size).sum());
        self.give_back(std::mem::take(&mut part.documents))?;
        self.attach(std::mem::take(&mut part.attachments))?;
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
    pub(super) async fn complete(&self) {
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

    /// Whether the execution may hold these documents; notes what it holds at most.
    pub(super) fn weigh(&self, documents: &[Document]) -> Result<(), Failure> {
        let bytes = self.execution.bounds.weigh(documents)?;
        self.execution.holds(bytes)
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

/// The code of what took too long.
pub(super) const TIMEOUT: &str = "timeout";

/// The failure of a request whose time is up; nothing catches it.
pub fn too_late() -> Failure {
    let message = "The request took longer than is allowed here.";
    let failure = Failure::new(Blame::Gateway, StatusCode::GATEWAY_TIMEOUT, TIMEOUT, message);
    failure.retriable().ending(End::Whole)
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
