//! One execution of a process for a request, as all its parts see it, and what it finds around it on its worker.

use std::cell::{Cell, OnceCell, RefCell};
use std::fmt::Debug;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use compact_str::{CompactString, ToCompactString as _};
use jiff::Timestamp;
use tracing::info;

use super::endpoint::Request;
use super::failure::Failure;
use super::load::{Bounds, Held, Load};
use super::redact::{Redaction, Secrets};
use super::run::Run;
use super::step::{Documents, Outcome, StepNode};
use super::systems::Outside;
use super::trace::Trace;
use crate::document::Document;
use crate::script::{self, Scripts};
use crate::soap::Inbound;
use crate::source::Place;
use crate::state::cache::Caches;

/// What a worker has for its executions.
#[derive(Debug, Clone)]
pub struct Around {
    /// The worker's compiled scripts of the generation that runs.
    pub scripts: Rc<Scripts>,
    /// What no log line, failure or trace may show.
    pub secrets: Secrets,
    /// How much is under way.
    pub load: Rc<Load>,
    /// Where work goes on that nobody waits for.
    pub background: Rc<dyn Background>,
    /// The caches of the process.
    pub caches: Arc<Caches>,
    /// What calls of systems use.
    pub outside: Rc<Outside>,
    /// What stands in for processes and systems while a file is tried out.
    pub stand_ins: Option<Rc<StandIns>>,
}

impl Around {
    /// Scripts alone: nothing is bounded, nothing can go on in the background, and the caches are empty.
    pub fn alone(scripts: Rc<Scripts>) -> Self {
        Self {
            scripts,
            secrets: Secrets::default(),
            load: Load::new(Default::default()),
            background: Rc::new(Nowhere),
            caches: Arc::default(),
            outside: Rc::new(Outside::closed()),
            stand_ins: None,
        }
    }
}

/// Documents by the name of the process or system that they stand in for.
pub type StandIns = Vec<(String, Document)>;

/// Work that nobody waits for; the run in it tells when it must be done.
pub struct Unawaited {
    /// What runs, as the log names it: an operation, or a process that is called without waiting.
    pub what: Arc<str>,
    /// The run.
    pub run: Rc<Run>,
    /// What it began with.
    pub documents: Documents,
    /// Whether it is a part of another execution, which has an end of its own; else it is what is left of one.
    pub detached: bool,
    /// What is left of it.
    pub rest: Pin<Box<dyn Future<Output = Outcome>>>,
}

/// Where work goes on that nobody waits for: counted, bounded, and finished at a stop.
pub trait Background: Debug {
    /// Whether there is room for one more.
    ///
    /// # Errors
    /// 503 when there is none.
    fn room(&self) -> Result<(), Failure>;

    /// Lets it go on by itself.
    ///
    /// # Errors
    /// As [`Background::room`].
    fn start(&self, work: Unawaited) -> Result<(), Failure>;
}

/// For executions of a single map or test.
#[derive(Debug)]
struct Nowhere;

impl Background for Nowhere {
    fn room(&self) -> Result<(), Failure> {
        Err(Failure::internal("no-background", "nothing can run in the background here"))
    }

    fn start(&self, _: Unawaited) -> Result<(), Failure> {
        self.room()
    }
}

/// One execution. Lives on one worker.
#[derive(Debug)]
pub struct Execution {
    /// The request, without its body's documents.
    pub request: Rc<Request>,
    /// What came beside the documents, in parts of its own.
    pub attachments: Documents,
    /// What came beside answers of calls, as steps keep it.
    parts: RefCell<Vec<Documents>>,
    /// What SOAP said beside the body.
    pub soap: Option<Rc<Inbound>>,
    /// What it finds around it.
    pub around: Rc<Around>,
    /// What scripts share in it: when it started, sequences, totals.
    pub ongoing: script::Execution,
    /// What it may hold at once.
    pub bounds: Bounds,
    /// How long may take what it leaves behind: work that it does not wait for.
    pub after: Duration,
    /// What is noted of each step, where somebody looks on.
    pub trace: Option<Rc<Trace>>,
    pub(super) held: Held,
    properties: RefCell<Vec<(CompactString, CompactString)>>,
    /// Since when it holds the worker, as far as it knows.
    pub(super) turn: Cell<Option<Instant>>,
    caught: Cell<u32>,
    /// Bytes of documents that are returned or gathered, beside those on their way.
    outstanding: Cell<usize>,
    /// The step that waits, or that waited last.
    waiting: RefCell<Option<(&'static str, Place)>>,
    redaction: OnceCell<Redaction>,
}

impl Execution {
    /// A new execution, which starts now.
    pub fn new(request: Rc<Request>, soap: Option<Rc<Inbound>>, around: impl Into<Rc<Around>>) -> Self {
        let around = around.into();
        Self {
            request,
            attachments: Documents::new(),
            parts: RefCell::default(),
            soap,
            held: around.load.hold(),
            around,
            ongoing: script::Execution::new(Timestamp::now()),
            bounds: Bounds::default(),
            after: Duration::from_secs(300),
            trace: None,
            properties: RefCell::default(),
            turn: Cell::new(None),
            caught: Cell::new(0),
            outstanding: Cell::new(0),
            waiting: RefCell::default(),
            redaction: OnceCell::new(),
        }
    }

    /// The same, with its place among those that are under way, and what its request holds already.
    pub fn holding(
        held: Held,
        request: Rc<Request>,
        soap: Option<Rc<Inbound>>,
        around: impl Into<Rc<Around>>,
    ) -> Self {
        Self { held, ..Self::new(request, soap, around) }
    }

    /// An execution for work that this one does not wait for: the same request and trace, and a copy of the properties.
    ///
    /// # Errors
    /// 503: there are as many as there may be, or no room for the documents.
    pub fn detached(&self, documents: &[Document]) -> Result<Self, Failure> {
        let properties = RefCell::new(self.properties.borrow().clone());
        let held = self.around.load.enter()?;
        held.at_least(self.bounds.weigh(documents)?)?;
        let new = Self::holding(held, Rc::clone(&self.request), self.soap.clone(), Rc::clone(&self.around));
        let (trace, attachments, parts) = (self.trace.clone(), self.attachments.clone(), self.parts.clone());
        Ok(Self { properties, attachments, parts, bounds: self.bounds, after: self.after, trace, ..new })
    }

    /// A property of the whole execution (`process.NAME`).
    pub fn property(&self, name: &str) -> Option<CompactString> {
        let properties = self.properties.borrow();
        properties.iter().find(|(n, _)| n == name).map(|(_, value)| value.clone())
    }

    /// All properties of the whole execution.
    pub fn properties(&self) -> Vec<(CompactString, CompactString)> {
        self.properties.borrow().clone()
    }

    /// Sets a property of the whole execution; `None` removes it.
    pub fn set_property(&self, name: &str, value: Option<CompactString>) {
        let mut properties = self.properties.borrow_mut();
        let found = properties.iter().position(|(n, _)| n == name);
        match (found, value) {
            (Some(at), Some(value)) => {
                properties.get_mut(at).into_iter().for_each(|(_, old)| *old = value.clone())
            }
            (None, Some(value)) => properties.push((name.into(), value)),
            (Some(at), None) => drop(properties.remove(at)),
            (None, None) => {}
        }
    }

    /// Keeps what came beside the answer of a call until the execution ends: the number under which it is found, or `None`
    /// for nothing. `held` are the bytes of the answer, which its parts are pieces of.
    ///
    /// # Errors
    /// It is more than an execution may hold.
    pub fn keep_parts(&self, parts: Documents, held: usize) -> Result<Option<CompactString>, Failure> {
        if parts.is_empty() {
            return Ok(None);
        }
        let bytes = self.bounds.add(0, 0, &parts)?;
        self.keep(bytes.max(held))?;
        let mut all = self.parts.borrow_mut();
        all.push(parts);
        Ok(Some(all.len().to_compact_string()))
    }

    /// What was kept under a number; nothing under any other text.
    pub fn parts(&self, number: &str) -> Documents {
        let at = number.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        at.and_then(|at| self.parts.borrow().get(at).cloned()).unwrap_or_default()
    }

    /// Notes how many bytes are on their way between two steps, beside what is kept.
    ///
    /// # Errors
    /// 503: the worker has no room for them.
    pub(super) fn holds(&self, bytes: usize) -> Result<(), Failure> {
        self.held.at_least(self.outstanding.get().saturating_add(bytes))
    }

    /// Keeps so many bytes more until they are released.
    ///
    /// # Errors
    /// As [`Execution::holds`].
    pub(super) fn keep(&self, bytes: usize) -> Result<(), Failure> {
        self.outstanding.set(self.outstanding.get().saturating_add(bytes));
        self.holds(0)
    }

    /// Keeps so many bytes no more.
    pub(super) fn release(&self, bytes: usize) {
        self.outstanding.set(self.outstanding.get().saturating_sub(bytes));
    }

    /// Notes that a step waits.
    pub(super) fn waits(&self, node: &StepNode) {
        *self.waiting.borrow_mut() = Some((node.kind, node.place.clone()));
    }

    /// The step that waits, or that waited last.
    pub fn waiting(&self) -> Option<(&'static str, Place)> {
        self.waiting.borrow().clone()
    }

    /// Counts a failure that was caught, and notes it in the log: what goes on need not say what happened.
    pub fn catches(&self, failure: &Failure) {
        self.caught.set(self.caught.get().saturating_add(1));
        let cause = failure.log.as_deref().map(|log| self.redaction().strike(log));
        info!(
            request = %self.request.id,
            code = failure.code,
            place = failure.place.as_ref().map(tracing::field::display),
            steps = failure.steps.join(" > "),
            cause = cause.as_deref(),
            "caught",
        );
    }

    /// How many failures were caught so far.
    pub fn caught(&self) -> u32 {
        self.caught.get()
    }

    /// What is struck out of what is shown of it.
    pub fn redaction(&self) -> &Redaction {
        self.redaction.get_or_init(|| Redaction::new(&self.around.secrets, &self.request))
    }

    /// What stands in for a process or system of that name.
    pub fn stand_in(&self, name: &str) -> Option<Document> {
        let all = self.around.stand_ins.as_ref()?;
        all.iter().find(|(known, _)| known == name).map(|(_, document)| document.clone())
    }
}
