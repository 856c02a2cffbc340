//! The process of a request: run to its end, or until its answer is complete and the rest runs on behind it.

use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use hyper::StatusCode;
use tokio::time::timeout_at;

use super::access::Exchange;
use super::handover::{self, Task};
use super::request::{Known, Peer};
use super::site::Site;
use super::{conditional, pages, tracing};
use crate::pipeline::answer::Returned;
use crate::pipeline::endpoint::{Call, Reply, Request};
use crate::pipeline::execution::{Execution, Unawaited};
use crate::pipeline::failure::Failure;
use crate::pipeline::load::Held;
use crate::pipeline::operation::Leaves;
use crate::pipeline::run::Run;
use crate::pipeline::step::{Documents, Pending, Process};

/// Answers a request by running what it asks for.
///
/// # Errors
/// The process fails before its answer is complete, there is too much under way, or the time is up; 412 where the caller
/// wants another state only.
pub(super) async fn run(
    peer: &Peer,
    exchange: &Exchange,
    known: &Known,
    call: Call,
    held: Held,
    deadline: Instant,
) -> Result<Reply, Failure> {
    let work = async |call: Call, run: Rc<Run>, documents: Documents| {
        let (reply, runs_on) = outcome(peer, exchange, known, call, &run, documents).await?;
        // Not for an answer that is handed over: who comes back for it asks for all of it.
        let reply = conditional::read(&known.request, reply);
        if runs_on {
            return Ok((reply, Ended::RunsOn));
        }
        let status = reply.as_ref().map(|reply| reply.status).map_err(Clone::clone)?;
        Ok((reply, Ended::With(status)))
    };
    executed(peer, exchange, &known.request, (call, held), deadline, work).await?
}

/// How an execution has ended, when what its caller waits for is there.
pub(super) enum Ended {
    /// With a status.
    With(StatusCode),
    /// Not yet: who runs the rest keeps the trace.
    RunsOn,
}

/// Runs an operation for a request, in the only way there is: its caller may, its time is bounded, its failures are struck,
/// and it leaves its trace. `work` says what of it is waited for.
///
/// # Errors
/// 403: the caller may not use it; else as `work`.
pub(super) async fn executed<T>(
    peer: &Peer,
    exchange: &Exchange,
    request: &Rc<Request>,
    (mut call, held): (Call, Held),
    deadline: Instant,
    work: impl AsyncFnOnce(Call, Rc<Run>, Documents) -> Result<(T, Ended), Failure>,
) -> Result<T, Failure> {
    let operation = Arc::clone(&call.operation);
    operation.admit(request.user.as_deref())?;
    let documents = std::mem::take(&mut call.documents);
    let around = peer.worker.around(&exchange.live);
    let mut execution = Execution::holding(held, Rc::clone(request), call.soap.clone(), around);
    execution.bounds = operation.limits.bounds;
    execution.attachments = std::mem::take(&mut call.attachments);
    let allowed = deadline.saturating_duration_since(exchange.started);
    execution.after = operation.limits.behind(allowed);
    execution.trace = tracing::wanted(&peer.worker, &exchange.live.gateway.tracing, &operation, request);
    let time = operation.limits.request.map_or(allowed, |time| time.min(allowed));
    let run = Rc::new(Run::of(execution, exchange.started + time));
    run.answers_data.set(operation.output.profile().is_none());
    let outcome = work(call, Rc::clone(&run), documents).await;
    let outcome = outcome.map_err(|mut failure| {
        failure.headers = run.take_blocks();
        run.execution.redaction().strike_failure(&mut failure);
        failure
    });
    exchange.caught(run.execution.caught());
    let ended = match &outcome {
        Ok((_, Ended::RunsOn)) => return outcome.map(|(done, _)| done),
        Ok((_, Ended::With(status))) => Ok(Some(*status)),
        Err(failure) => Err(failure),
    };
    tracing::keep(&peer.worker.shared, &exchange.live, &run, &operation.name, ended);
    outcome.map(|(done, _)| done)
}

/// A reply, and whether something runs on behind it.
pub(super) type Closed = Result<(Reply, bool), Failure>;

/// Answers at once, when the answer is complete, or when the caller does not want to wait any longer.
async fn outcome(
    peer: &Peer,
    exchange: &Exchange,
    known: &Known,
    call: Call,
    run: &Rc<Run>,
    documents: Documents,
) -> Closed {
    let leaves = call.operation.leaves();
    if leaves == Leaves::AtOnce {
        return unanswered(known, &call, run, documents);
    }
    let wait = if known.endpoint.may_hand_over() { handover::wait(&known.request.headers) } else { None };
    // What outlives the request is asked for by few.
    let site = if wait.is_some() || call.pages.is_some() { Site::of(peer, exchange, known) } else { None };
    let (site, call) = (site.map(Rc::new), Rc::new(call));
    if let (Some(wait), Some(site)) = (wait, &site) {
        // The request may end before the process does.
        let arrived = Box::pin(run.arrived(documents));
        let arrived = timeout_at(run.deadline().into(), arrived).await;
        let documents = arrived.unwrap_or_else(|_| Err(run.too_late()))?;
        let (site, known, call, run) = (Rc::clone(site), known.clone(), Rc::clone(&call), Rc::clone(run));
        let task = Task { site, known, call, run, documents };
        let work = Box::pin(owned(task.clone()));
        return handover::within(wait, exchange.started, task, work).await;
    }
    if goes_on(exchange, &call) {
        run.lets_go_on();
    }
    // In its place, since the timer would move it about.
    let complete = pin!(complete(site.as_ref(), known, &call, run, documents));
    let closed = timeout_at(run.deadline().into(), complete).await;
    let closed = closed.unwrap_or_else(|_| Err(run.too_late()));
    if closed.as_ref().is_ok_and(|(reply, _)| reply.coming.is_some()) {
        exchange.holds(run);
    }
    closed
}

/// Whether an answer may leave while it is still on its way. To HTTP/1.0 one that breaks off would look whole.
fn goes_on(exchange: &Exchange, call: &Call) -> bool {
    !exchange.is_old && call.pages.is_none() && call.operation.hands_answer_on()
}

/// The work of a task as a future of its own.
async fn owned(task: Task) -> Closed {
    let Task { site, known, call, run, documents } = task;
    complete(Some(&site), &known, &call, &run, documents).await
}

/// Runs until the answer is complete; whoever waits has the deadline.
async fn complete(
    site: Option<&Rc<Site>>,
    known: &Known,
    call: &Call,
    run: &Rc<Run>,
    documents: Documents,
) -> Closed {
    if call.operation.leaves() == Leaves::Early {
        return leaving(site, known, call, run, documents).await;
    }
    run.whole(&call.operation.process.path, documents).await?;
    close(site, known, call, run).await
}

/// Makes the answer of what was gathered, and keeps the pages that do not leave with it.
async fn close(site: Option<&Rc<Site>>, known: &Known, call: &Call, run: &Run) -> Closed {
    if !(call.operation.hands_answer_on() && call.pages.is_none() && run.gives_one()) {
        run.arrives().await?;
    }
    let returned = call.operation.gathered(run, known.request.limits)?;
    let begun = match site {
        Some(site) => pages::begin(site, known, call, returned.documents.len())?.map(|series| (site, series)),
        None => None,
    };
    let mut reply = known.endpoint.close(call, returned)?;
    if let Some((site, series)) = begun {
        reply = pages::keep(site, known, call, series, reply).await?;
    }
    Ok((reply, false))
}

/// Answers at once, and lets the whole process run on. If the endpoint has no answer without documents, nothing is run.
fn unanswered(known: &Known, call: &Call, run: &Rc<Run>, documents: Documents) -> Closed {
    let background = Rc::clone(&run.execution.around.background);
    background.room()?;
    let reply = known.endpoint.close(call, Returned::default())?;
    run.extend();
    let work = whole(run, &call.operation.process, documents.clone());
    background.start(unawaited(call, run, documents, work))?;
    Ok((reply, true))
}

/// Runs until the answer is complete, and lets the rest run on behind it. When there is no room for that, the answer
/// waits for the end.
async fn leaving(
    site: Option<&Rc<Site>>,
    known: &Known,
    call: &Call,
    run: &Rc<Run>,
    documents: Documents,
) -> Closed {
    run.may_leave();
    let background = Rc::clone(&run.execution.around.background);
    let mut work = whole(run, &call.operation.process, documents.clone());
    let ended = tokio::select! {
        biased;
        ended = &mut work => Some(ended),
        () = run.answered() => None,
    };
    match ended {
        None if background.room().is_ok() => {
            let (reply, _) = close(site, known, call, run).await?;
            run.extend();
            background.start(unawaited(call, run, documents, work))?;
            Ok((reply, true))
        }
        None => {
            work.await?;
            close(site, known, call, run).await
        }
        Some(ended) => {
            ended?;
            close(site, known, call, run).await
        }
    }
}

/// A whole process as a future of its own.
fn whole(run: &Rc<Run>, process: &Arc<Process>, documents: Documents) -> Pending<'static> {
    let (run, process) = (Rc::clone(run), Arc::clone(process));
    Box::pin(async move { run.whole(&process.path, documents).await })
}

pub(super) fn unawaited(
    call: &Call,
    run: &Rc<Run>,
    documents: Documents,
    rest: Pending<'static>,
) -> Unawaited {
    let what = Arc::clone(&call.operation.name);
    Unawaited { what, run: Rc::clone(run), documents, detached: false, rest }
}
