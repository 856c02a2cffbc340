//! What is live: the one gateway that requests load, and what all workers share beside it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use arc_swap::ArcSwap;
use tokio::sync::mpsc;

use super::kept::Kept;
use super::metrics::{ListenerMetrics, Metrics};
use super::state::State;
use super::swap::{Ask, StartError};
use crate::pipeline::gateway::{Gateway, Listener};
use crate::pipeline::systems;
use crate::state::cache::Caches;
use crate::state::store::{StoreSpec, Tally};

/// A gateway that serves, with what belongs to its generation.
#[derive(Debug)]
pub(super) struct Live {
    /// The gateway.
    pub(super) gateway: Gateway,
    /// Its listeners, each with the socket it is served on; in the order of the gateway.
    pub(super) entries: Vec<Entry>,
    /// What outlives its requests.
    pub(super) state: Arc<State>,
}

/// One listener of a generation.
#[derive(Debug)]
pub(super) struct Entry {
    /// The number of the socket.
    pub(super) socket: u64,
    /// The listener.
    pub(super) listener: Arc<Listener>,
    /// Its metrics, looked up once.
    pub(super) metrics: Arc<ListenerMetrics>,
}

impl Live {
    /// Where the next generation keeps what outlives its requests: the same place stays open.
    ///
    /// # Errors
    /// Another place cannot be opened.
    pub(super) async fn state_for(
        &self,
        wanted: &StoreSpec,
        tally: &Arc<Tally>,
    ) -> Result<Arc<State>, StartError> {
        if wanted.place == self.gateway.state.place {
            return Ok(Arc::clone(&self.state));
        }
        State::open(wanted, tally).await
    }

    /// The listener that serves a socket. A listener of the same name at another address is another door, with access
    /// rules of its own, so names do not count.
    pub(super) fn entry(&self, socket: u64) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.socket == socket)
    }
}

/// What every worker, every socket and the admin interface share.
#[derive(Debug)]
pub struct Shared {
    live: ArcSwap<Live>,
    generations: Mutex<Vec<(u64, Weak<Live>)>>,
    ready: AtomicBool,
    asks: mpsc::Sender<Ask>,
    /// Every metric of the process.
    pub(super) metrics: Metrics,
    /// Traces and failures, for those who operate the gateway.
    pub(super) kept: Kept,
    /// Caches of documents.
    pub(super) caches: Arc<Caches>,
    /// What is known of the systems that are called.
    pub(super) systems: Arc<systems::Shared>,
}

impl Shared {
    pub(super) fn new(live: Arc<Live>, mut metrics: Metrics, asks: mpsc::Sender<Ask>) -> Self {
        let generations = Mutex::new(vec![(live.gateway.generation, Arc::downgrade(&live))]);
        let caches = Arc::new(Caches::default());
        caches.keep(&live.gateway.caches, live.gateway.capacity.caches);
        metrics.watch(Arc::clone(&caches));
        let systems = Arc::default();
        metrics.watch_systems(&systems);
        Self {
            live: ArcSwap::new(live),
            generations,
            ready: AtomicBool::new(false),
            asks,
            metrics,
            kept: Kept::default(),
            caches,
            systems,
        }
    }

    /// The current generation; the one load of a request.
    pub(super) fn load(&self) -> Arc<Live> {
        self.live.load_full()
    }

    /// Makes a generation current, and the caches its own. This is the commit of a reload.
    pub(super) fn store(&self, live: Arc<Live>) {
        let mut generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        generations.retain(|(_, weak)| weak.strong_count() > 0);
        generations.push((live.gateway.generation, Arc::downgrade(&live)));
        drop(generations);
        self.live.store(Arc::clone(&live));
        self.caches.keep(&live.gateway.caches, live.gateway.capacity.caches);
        self.systems.keep(&live.gateway.systems);
        live.state.store.bound(live.gateway.state.bounds);
    }

    /// The generations that some request or connection still holds, oldest first.
    pub fn live_generations(&self) -> Vec<u64> {
        let generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        generations.iter().filter(|(_, weak)| weak.strong_count() > 0).map(|(number, _)| *number).collect()
    }

    /// The number of the generation that serves.
    pub fn generation(&self) -> u64 {
        self.live.load().gateway.generation
    }

    /// Whether new requests are welcome: from the first commit until a stop begins.
    pub fn is_ready(&self) -> bool {
        self.ready.load(Ordering::Acquire)
    }

    pub(super) fn set_ready(&self, ready: bool) {
        self.ready.store(ready, Ordering::Release);
    }

    /// Where reloads are asked for.
    pub(super) fn asks(&self) -> &mpsc::Sender<Ask> {
        &self.asks
    }

    /// What is known of each trace that is kept, newest first.
    pub fn traces(&self) -> Vec<serde_json::Value> {
        self.kept.traces()
    }

    /// The trace of a request, as JSON.
    pub fn trace(&self, id: &str) -> Option<String> {
        self.kept.trace_of(id)
    }

    /// What is known of each failure of what ran on after its answer, newest first.
    pub fn failures(&self) -> Vec<serde_json::Value> {
        self.kept.failures()
    }

    /// The failure of a request after its answer, as JSON.
    pub fn failure(&self, id: &str) -> Option<String> {
        self.kept.failure_of(id)
    }

    /// Every metric in the OpenMetrics text format.
    pub fn metrics_text(&self) -> String {
        self.metrics.text(self.generation(), self.live_generations().len())
    }

    /// Runs `read` on the gateway that serves now.
    pub fn with_gateway<T>(&self, read: impl FnOnce(&Gateway) -> T) -> T {
        read(&self.live.load().gateway)
    }
}
