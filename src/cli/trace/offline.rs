//! An operation run without sockets: read and answered as over plain HTTP, and what nobody waits for run to its end too.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use hyper::StatusCode;
use tokio::task::LocalSet;
use tokio::time::{sleep_until, timeout_at};

use crate::cli::given::Given;
use crate::cli::queue::Queue;
use crate::listener::plain_http;
use crate::pipeline::endpoint::{Call, Endpoint, Opened, Reply, Request};
use crate::pipeline::execution::{Around, Background, Execution, StandIns, Unawaited};
use crate::pipeline::failure::Failure;
use crate::pipeline::gateway::{Gateway, ListenerBounds};
use crate::pipeline::load::Load;
use crate::pipeline::operation::{Leaves, Operation};
use crate::pipeline::redact::Secrets;
use crate::pipeline::run::{Run, too_late};
use crate::pipeline::step::{Documents, Pending};
use crate::pipeline::systems::Outside;
use crate::pipeline::trace::Trace;
use crate::script::Scripts;
use crate::serve::failed_reply;

/// What came of it.
#[derive(Debug)]
pub struct Ran {
    /// The documents that it began with.
    pub documents: Documents,
    /// The steps.
    pub trace: Rc<Trace>,
    /// What its caller reads.
    pub answer: Reply,
    /// How many documents the answer was made of.
    pub returned: usize,
    /// Why it is no better answer.
    pub failure: Option<Failure>,
    /// How many steps had begun when the answer left; those beyond run after it.
    pub before_answer: usize,
    /// How work failed that nobody waited for, with its name.
    pub later: Vec<(Arc<str>, Failure)>,
}

impl Default for Ran {
    fn default() -> Self {
        Self {
            documents: Documents::new(),
            trace: Rc::default(),
            answer: Reply::empty(StatusCode::OK),
            returned: 0,
            failure: None,
            before_answer: 0,
            later: Vec::new(),
        }
    }
}

impl Ran {
    /// Whether anything failed.
    pub fn failed(&self) -> bool {
        self.failure.is_some() || !self.later.is_empty()
    }
}

/// Runs an operation for a request.
///
/// # Errors
/// The system gives no runtime, in words.
pub fn run(
    operation: &Arc<Operation>,
    request: Rc<Request>,
    given: &Given,
    stand_ins: StandIns,
    gateway: &Gateway,
) -> Result<Ran, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| format!("nothing can be run here: {error}"))?;
    let queue = Rc::new(Queue::default());
    let background: Rc<dyn Background> = Rc::<Queue>::clone(&queue);
    let around = Around {
        scripts: Rc::new(Scripts::compile(&gateway.scripts.set, gateway.scripts.bounds)),
        secrets: Secrets::new(&gateway.tracing.secrets),
        load: Load::new(gateway.capacity),
        background,
        caches: Arc::default(),
        outside: Rc::new(Outside::closed()),
        stand_ins: Some(Rc::new(stand_ins)),
    };
    let way = Way { operation, endpoint: plain_http(Arc::clone(operation)), request, queue };
    let mut ran = Ran::default();
    LocalSet::new().block_on(&runtime, way.run(around, given, &mut ran));
    Ok(ran)
}

/// The way of the request.
struct Way<'a> {
    operation: &'a Arc<Operation>,
    endpoint: Arc<dyn Endpoint>,
    request: Rc<Request>,
    queue: Rc<Queue>,
}

impl Way<'_> {
    async fn run(&self, around: Around, given: &Given, ran: &mut Ran) {
        match self.begin(around, given, ran) {
            Ok((call, run)) => self.work(&call, &run, ran).await,
            Err(failure) => self.fail(failure, ran),
        }
        loop {
            let Some(Unawaited { what, run, rest, .. }) = self.queue.next() else { break };
            finish(&run, what, rest, ran).await;
        }
    }

    /// Reads the body, and gives the execution and its documents the properties that the command line says.
    fn begin(&self, around: Around, given: &Given, ran: &mut Ran) -> Result<(Call, Rc<Run>), Failure> {
        let mut call = match self.endpoint.open(&self.request)? {
            Opened::Call(call) => call,
            Opened::Reply(_) | Opened::More(_) | Opened::Execution(_) => {
                return Err(Failure::internal("no-call", "plain HTTP has calls only"));
            }
        };
        let mut execution = Execution::new(Rc::clone(&self.request), None, around);
        let (limits, allowed) = (&self.operation.limits, ListenerBounds::default().request);
        execution.bounds = limits.bounds;
        execution.attachments = std::mem::take(&mut call.attachments);
        execution.after = limits.behind(allowed);
        execution.trace = Some(Rc::clone(&ran.trace));
        let (now, time) = (Instant::now(), limits.request.map_or(allowed, |time| time.min(allowed)));
        let run = Rc::new(Run::of(execution, now.checked_add(time).unwrap_or(now)));
        let documents = std::mem::take(&mut call.documents).into_iter();
        ran.documents = documents.map(|document| given.put(&run, document)).collect::<Result<_, _>>()?;
        Ok((call, run))
    }

    /// Runs until the answer leaves, and then on, as the gateway does it.
    async fn work(&self, call: &Call, run: &Rc<Run>, ran: &mut Ran) {
        let mut work = self.whole(run, ran.documents.clone());
        let until = run.end().into();
        let ended = match self.operation.leaves() {
            Leaves::AtOnce => None,
            Leaves::AtTheEnd => Some(timeout_at(until, &mut work).await.unwrap_or_else(|_| Err(too_late()))),
            Leaves::Early => {
                run.may_leave();
                tokio::select! {
                    biased;
                    ended = &mut work => Some(ended),
                    () = run.answered() => None,
                    () = sleep_until(until) => Some(Err(too_late())),
                }
            }
        };
        ran.before_answer = ran.trace.steps().len();
        let runs_on = ended.is_none();
        match ended.unwrap_or_else(|| Ok(Documents::new())).and_then(|_| self.close(call, run)) {
            Ok((answer, returned)) => {
                (ran.answer, ran.returned) = (answer, returned);
                if runs_on {
                    finish(run, Arc::clone(&self.operation.name), work, ran).await;
                }
            }
            Err(failure) => self.fail(failure, ran),
        }
    }

    fn whole(&self, run: &Rc<Run>, documents: Documents) -> Pending<'static> {
        let (run, process) = (Rc::clone(run), Arc::clone(&self.operation.process));
        Box::pin(async move { run.whole(&process.path, documents).await })
    }

    fn close(&self, call: &Call, run: &Run) -> Result<(Reply, usize), Failure> {
        let returned = self.operation.gathered(run, self.request.limits)?;
        let count = returned.documents.len();
        Ok((self.endpoint.close(call, returned)?, count))
    }

    fn fail(&self, failure: Failure, ran: &mut Ran) {
        ran.answer = failed_reply(self.endpoint.failure_form(&self.request), &failure, &self.request.id);
        ran.failure = Some(failure);
    }
}

/// Runs to its end what nobody waits for.
async fn finish(run: &Run, what: Arc<str>, work: Pending<'static>, ran: &mut Ran) {
    run.extend();
    let ended = timeout_at(run.end().into(), work).await.unwrap_or_else(|_| Err(too_late()));
    if let Err(failure) = ended {
        ran.later.push((what, failure));
    }
}
