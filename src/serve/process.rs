//! The process of a request: run to its end, or until its answer is complete and the rest runs on behind it.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use tokio::time::{sleep_until, timeout_at};

use super::access::Exchange;
use super::request::{Known, Peer};
use super::{conditional, tracing};
use crate::pipeline::answer::Returned;
use crate::pipeline::endpoint::{Call, Reply};
use crate::pipeline::execution::{Execution, Unawaited};
use crate::pipeline::failure::Failure;
use crate::pipeline::load::Held;
use crate::pipeline::operation::Leaves;
use crate::pipeline::run::Run;
use crate::pipeline::step::{Documents, Pending, Process};

/// Runs what a request asks for.
///
/// # Errors
/// The process fails before its answer is complete, there is too much under way, or the time is up.
pub(super) async fn run(
    peer: &Peer,
    exchange: &Exchange,
    known: &Known,
    mut call: Call,
    held: Held,
    deadline: Instant,
) -> Result<Reply, Failure> {
    let operation = Arc::clone(&call.operation);
    exchange.runs(&operation);
    operation.admit(known.request.user.as_deref())?;
    let documents = std::mem::take(&mut call.documents);
    let around = peer.worker.around(&exchange.live);
    let mut execution = Execution::holding(held, Rc::clone(&known.request), call.soap.clone(), around);
    execution.bounds = operation.limits.bounds;
    execution.attachments = std::mem::take(&mut call.attachments);
    let allowed = deadline.saturating_duration_since(exchange.started);
    execution.after = operation.limits.behind(allowed);
    execution.trace =
        tracing::wanted(&peer.worker, &exchange.live.gateway.tracing, &operation, &known.request);
    let time = operation.limits.request.map_or(allowed, |time| time.min(allowed));
    let run = Rc::new(Run::of(execution, exchange.started + time));
    let (worker, live) = (&peer.worker, &exchange.live);
    let outcome = match operation.leaves() {
        Leaves::AtOnce => unanswered(known, &call, &run, documents),
        Leaves::AtTheEnd => {
            let ran = timeout_at(run.deadline().into(), run.whole(&operation.process.path, documents)).await;
            ran.unwrap_or_else(|_| Err(run.too_late())).and_then(|_| close(known, &call, &run))
        }
        Leaves::Early => leaving(known, &call, &run, documents).await,
    };
    let outcome = outcome.map_err(|mut failure| {
        failure.headers = run.take_blocks();
        run.execution.redaction().strike_failure(&mut failure);
        failure
    });
    exchange.caught(run.execution.caught());
    let ended = match &outcome {
        // What runs on keeps the trace when it ends.
        Ok((_, true)) => return outcome.map(|(reply, _)| reply),
        Ok((reply, false)) => Ok(Some(reply.status)),
        Err(failure) => Err(failure),
    };
    tracing::keep(&worker.shared, live, &run, &operation.name, ended);
    outcome.map(|(reply, _)| reply)
}

/// A reply, and whether something runs on behind it.
type Closed = Result<(Reply, bool), Failure>;

/// Makes the answer of what was gathered.
fn close(known: &Known, call: &Call, run: &Run) -> Closed {
    let returned = call.operation.gathered(run, known.request.limits)?;
    let reply = known.endpoint.close(call, returned)?;
    conditional::read(&known.request, reply).map(|reply| (reply, false))
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
async fn leaving(known: &Known, call: &Call, run: &Rc<Run>, documents: Documents) -> Closed {
    run.may_leave();
    let background = Rc::clone(&run.execution.around.background);
    let mut work = whole(run, &call.operation.process, documents.clone());
    let until = run.deadline().into();
    let left = tokio::select! {
        biased;
        ended = &mut work => Some(ended),
        () = run.answered() => None,
        () = sleep_until(until) => Some(Err(run.too_late())),
    };
    match left {
        None if background.room().is_ok() => {
            let (reply, _) = close(known, call, run)?;
            run.extend();
            background.start(unawaited(call, run, documents, work))?;
            Ok((reply, true))
        }
        None => {
            let ended = timeout_at(until, work).await;
            ended.unwrap_or_else(|_| Err(run.too_late())).and_then(|_| close(known, call, run))
        }
        Some(ended) => ended.and_then(|_| close(known, call, run)),
    }
}

/// A whole process as a future of its own.
fn whole(run: &Rc<Run>, process: &Arc<Process>, documents: Documents) -> Pending<'static> {
    let (run, process) = (Rc::clone(run), Arc::clone(process));
    Box::pin(async move { run.whole(&process.path, documents).await })
}

fn unawaited(call: &Call, run: &Rc<Run>, documents: Documents, rest: Pending<'static>) -> Unawaited {
    let what = Arc::clone(&call.operation.name);
    Unawaited { what, run: Rc::clone(run), documents, detached: false, rest }
}
