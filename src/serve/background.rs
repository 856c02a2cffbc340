//! What runs on after its answer has gone: counted, bounded, with a deadline of its own, its failures logged and kept.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use compact_str::CompactString;
use prometheus_client::metrics::gauge::Gauge;
use tokio::task::spawn_local;
use tokio::time::timeout_at;
use tracing::{debug, warn};

use super::access::log_failure;
use super::caught::caught;
use super::kept::About;
use super::live::{Live, Shared};
use super::worker::{Counts, Tally};
use crate::pipeline::execution::{Background, Unawaited};
use crate::pipeline::failure::Failure;
use crate::pipeline::load::busy;
use crate::pipeline::trace_view;

/// Runs at once on one worker; beyond it calls are refused until some have ended.
const MOST: usize = 1000;

/// The background of one worker for one generation.
#[derive(Debug)]
pub(super) struct OnWorker {
    /// Counts what runs on the worker.
    pub(super) running: Rc<Tally>,
    pub(super) names: Rc<Names>,
    /// What others see of the worker: new connections go where less is to do.
    pub(super) load: Arc<AtomicUsize>,
    pub(super) shared: Arc<Shared>,
    /// The generation lives for as long as something runs on it.
    pub(super) live: Arc<Live>,
}

/// The requests of what runs on, and what it is, by a number each.
#[derive(Debug, Default)]
pub(super) struct Names {
    last: Cell<u64>,
    all: RefCell<BTreeMap<u64, Named>>,
}

/// A request, and what it left running.
type Named = (CompactString, Arc<str>);

impl Names {
    fn add(&self, request: &CompactString, what: &Arc<str>) -> u64 {
        let number = self.last.get().wrapping_add(1);
        self.last.set(number);
        self.all.borrow_mut().insert(number, (request.clone(), Arc::clone(what)));
        number
    }

    fn remove(&self, number: u64) {
        self.all.borrow_mut().remove(&number);
    }

    /// Logs what has not ended: a stop cuts it off.
    pub(super) fn tell(&self) {
        for (request, what) in self.all.borrow().values() {
            warn!(%request, operation = %what, "cut off by the stop before it was done");
        }
    }
}

impl Background for OnWorker {
    fn room(&self) -> Result<(), Failure> {
        if self.running.count() < MOST { Ok(()) } else { Err(busy()) }
    }

    fn start(&self, work: Unawaited) -> Result<(), Failure> {
        self.room()?;
        let gauge = Counted::new(&self.shared.metrics.background);
        let guards = (Tally::enter(&self.running), Counts::one(&self.load), gauge);
        let (names, number) = (Rc::clone(&self.names), self.names.add(&work.run.request().id, &work.what));
        let (shared, live) = (Arc::clone(&self.shared), Arc::clone(&self.live));
        spawn_local(async move {
            let Unawaited { what, run, documents, detached, rest } = work;
            let caught_before = run.execution.caught();
            let ran = caught(pin!(timeout_at(run.end().into(), rest))).await;
            let mut failure = match ran {
                Ok(Ok(Ok(_))) => None,
                Ok(Ok(Err(failure))) => Some(failure),
                Ok(Err(_)) => Some(run.too_late()),
                Err(panic) => Some(Failure::internal("panic", panic)),
            };
            let more_caught = run.execution.caught().saturating_sub(caught_before);
            shared.metrics.caught.inc_by(more_caught.into());
            let redaction = run.execution.redaction();
            if let Some(failure) = &mut failure {
                redaction.strike_failure(failure);
            }
            let request = run.request();
            match &failure {
                Some(failure) => {
                    shared.metrics.background_failures.inc();
                    log_failure(&request.id, failure, None);
                    let tracing = &live.gateway.tracing;
                    let generation = live.gateway.generation;
                    let about = About { id: &request.id, what: &what, generation, keep: tracing.keep };
                    let documents = trace_view::documents(&documents, trace_view::KEPT, redaction);
                    shared.kept.failure(&about, &trace_view::failure(failure, redaction), documents);
                }
                None => debug!(request = %request.id, %what, "a background run has ended"),
            }
            if detached {
                super::tracing::add(&shared, &run);
            } else {
                super::tracing::keep(&shared, &live, &run, &what, failure.as_ref().map_or(Ok(None), Err));
            }
            names.remove(number);
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
