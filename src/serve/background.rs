//! Operations without an output: answered at once, and run on after the answer has gone.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use hyper::StatusCode;
use prometheus_client::metrics::gauge::Gauge;
use tokio::task::spawn_local;
use tokio::time::timeout_at;
use tracing::debug;

use super::access::{Exchange, log_failure};
use super::caught::caught;
use super::request::Peer;
use super::worker::Tally;
use crate::pipeline::endpoint::{Call, Endpoint, Reply, Request};
use crate::pipeline::failure::{Blame, Failure};
use crate::pipeline::run::{Returned, Run, too_late};
use crate::pipeline::step::Documents;

/// Runs at once on one worker; beyond it calls are refused until some have ended.
const MOST: usize = 1000;

/// How many times the listener's `request` bound such a run may take: nobody waits for it, and nothing may run for ever.
const LONGEST: u32 = 10;

/// Starts the run and gives the answer that goes out before it. `deadline` is the request's.
///
/// # Errors
/// 503 when too many run; or the endpoint has no answer without documents, and nothing is run.
pub(super) fn start(
    peer: &Peer,
    exchange: &Exchange,
    endpoint: &dyn Endpoint,
    request: &Rc<Request>,
    mut call: Call,
    documents: Documents,
    deadline: Instant,
) -> Result<Reply, Failure> {
    let worker = &peer.worker;
    if worker.background.count() >= MOST {
        return Err(busy());
    }
    let reply = endpoint.close(&call, Returned::default())?;
    let guard = Tally::enter(&worker.background);
    let gauge = Counted::new(&worker.shared.metrics.background);
    let bound = deadline.saturating_duration_since(exchange.started);
    let deadline = exchange.started + bound.saturating_mul(LONGEST);
    // The generation lives for as long as something runs on it.
    let live = Arc::clone(&exchange.live);
    let run = Run::new(Rc::clone(request), call.soap.take(), worker.scripts(&live), deadline);
    let operation = Arc::clone(&call.operation);
    spawn_local(async move {
        let path = run.path(&operation.process.path, documents);
        let ran = caught(timeout_at(deadline.into(), path)).await;
        let failure = match ran {
            Ok(Ok(Ok(_))) => None,
            Ok(Ok(Err(failure))) => Some(failure),
            Ok(Err(_)) => Some(too_late()),
            Err(panic) => Some(Failure::internal("panic", panic)),
        };
        match failure {
            Some(failure) => log_failure(&run.request.id, &failure, None),
            None => {
                debug!(request = %run.request.id, operation = %operation.name, "a background run has ended")
            }
        }
        drop((live, gauge, guard));
    });
    Ok(reply)
}

fn busy() -> Failure {
    let message = "Too many calls are still being worked on. Try again shortly.";
    let status = StatusCode::SERVICE_UNAVAILABLE;
    let mut failure = Failure::new(Blame::Gateway, status, "busy", message);
    failure.retry_after = Some(1);
    failure
}

/// One in a gauge, until it is dropped.
struct Counted(Gauge);

impl Counted {
    fn new(gauge: &Gauge) -> Self {
        gauge.inc();
        Self(gauge.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.dec();
    }
}
