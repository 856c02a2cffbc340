//! What runs on after its answer has gone: counted, bounded, with a deadline of its own, its failures logged and kept.

use std::rc::Rc;
use std::sync::Arc;

use prometheus_client::metrics::gauge::Gauge;
use tokio::task::spawn_local;
use tokio::time::timeout_at;
use tracing::debug;

use super::access::log_failure;
use super::caught::caught;
use super::kept::About;
use super::live::{Live, Shared};
use super::worker::Tally;
use crate::pipeline::execution::{Background, Unawaited};
use crate::pipeline::failure::Failure;
use crate::pipeline::load::busy;
use crate::pipeline::redact::Redaction;
use crate::pipeline::run::too_late;
use crate::pipeline::trace_view;

/// Runs at once on one worker; beyond it calls are refused until some have ended.
const MOST: usize = 1000;

/// The background of one worker for one generation.
#[derive(Debug)]
pub(super) struct OnWorker {
    running: Rc<Tally>,
    shared: Arc<Shared>,
    /// The generation lives for as long as something runs on it.
    live: Arc<Live>,
}

impl OnWorker {
    /// `running` counts what runs on the worker.
    pub(super) fn new(running: &Rc<Tally>, shared: &Arc<Shared>, live: &Arc<Live>) -> Self {
        Self { running: Rc::clone(running), shared: Arc::clone(shared), live: Arc::clone(live) }
    }
}

impl Background for OnWorker {
    fn room(&self) -> Result<(), Failure> {
        if self.running.count() < MOST { Ok(()) } else { Err(busy()) }
    }

    fn start(&self, work: Unawaited) -> Result<(), Failure> {
        self.room()?;
        let guards = (Tally::enter(&self.running), Counted::new(&self.shared.metrics.background));
        let (shared, live) = (Arc::clone(&self.shared), Arc::clone(&self.live));
        spawn_local(async move {
            let Unawaited { what, run, documents, detached, rest } = work;
            let caught_before = run.execution.caught();
            let ran = caught(timeout_at(run.deadline().into(), rest)).await;
            let failure = match ran {
                Ok(Ok(Ok(_))) => None,
                Ok(Ok(Err(failure))) => Some(failure),
                Ok(Err(_)) => Some(too_late()),
                Err(panic) => Some(Failure::internal("panic", panic)),
            };
            let more_caught = run.execution.caught().saturating_sub(caught_before);
            shared.metrics.caught.inc_by(more_caught.into());
            let request = run.request();
            match &failure {
                Some(failure) => {
                    shared.metrics.background_failures.inc();
                    log_failure(&request.id, failure, None);
                    let tracing = &live.gateway.tracing;
                    let redaction = Redaction::new(&tracing.secrets, request);
                    let generation = live.gateway.generation;
                    let about = About { id: &request.id, what: &what, generation, keep: tracing.keep };
                    let documents = trace_view::documents(&documents, trace_view::KEPT, &redaction);
                    shared.kept.failure(&about, &trace_view::failure(failure, &redaction), documents);
                }
                None => debug!(request = %request.id, %what, "a background run has ended"),
            }
            if detached {
                super::tracing::add(&shared, &live, &run);
            } else {
                super::tracing::keep(&shared, &live, &run, &what, failure.as_ref().map_or(Ok(None), Err));
            }
            drop(guards);
        });
        Ok(())
    }
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
