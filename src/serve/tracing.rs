//! Which requests are traced, and where their traces go.

use std::rc::Rc;
use std::sync::Arc;

use hyper::StatusCode;
use serde_json::json;

use super::kept::About;
use super::live::{Live, Shared};
use super::worker::Worker;
use crate::pipeline::endpoint::Request;
use crate::pipeline::failure::Failure;
use crate::pipeline::gateway::Tracing;
use crate::pipeline::operation::{Operation, Sample};
use crate::pipeline::run::Run;
use crate::pipeline::trace::Trace;
use crate::pipeline::trace_view;

/// The field by which a caller asks for a trace.
const ASKS: &str = "x-soapstone-trace";

/// A trace, if the request is to have one: its caller asks and may, or it is drawn.
pub(super) fn wanted(
    worker: &Worker,
    tracing: &Tracing,
    operation: &Operation,
    request: &Request,
) -> Option<Rc<Trace>> {
    let asks = || may(tracing, request) && request.headers.get(ASKS).is_some_and(|value| value == "1");
    let sample = operation.trace.max(tracing.sample);
    let drawn = sample != Sample::default() && worker.draw() < sample.0;
    (drawn || asks()).then(Rc::default)
}

fn may(tracing: &Tracing, request: &Request) -> bool {
    let user = request.user.as_ref();
    user.is_some_and(|user| user.roles.iter().any(|role| tracing.roles.contains(role)))
}

/// Keeps the trace of a run that has ended, if it has one. The outcome is the status of the answer, nothing for a run that
/// went on after it, or the failure.
pub(super) fn keep(
    shared: &Shared,
    live: &Arc<Live>,
    run: &Run,
    what: &str,
    outcome: Result<Option<StatusCode>, &Failure>,
) {
    let Some(trace) = &run.execution.trace else { return };
    let (request, tracing) = (run.request(), &live.gateway.tracing);
    let redaction = run.execution.redaction();
    let generation = live.gateway.generation;
    let about = About { id: &request.id, what, generation, keep: tracing.keep };
    let outcome = match outcome {
        Ok(status) => json!({ "status": status.map(|status| status.as_u16()) }),
        Err(failure) => trace_view::failure(failure, redaction),
    };
    shared.kept.trace(&about, &outcome, trace_view::view(trace, trace_view::KEPT, redaction));
}

/// Adds the steps of work that nobody waited for to the trace of its request, if that is kept; one that is kept later has
/// them anyway.
pub(super) fn add(shared: &Shared, run: &Run) {
    let Some(trace) = &run.execution.trace else { return };
    // The last of those that share it shows what all have done.
    if Rc::strong_count(trace) > 1 {
        return;
    }
    let request = run.request();
    let redaction = run.execution.redaction();
    shared.kept.more(&request.id, trace_view::view(trace, trace_view::KEPT, redaction));
}
