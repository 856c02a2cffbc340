//! What is counted of each broker over generations of the file, by its name.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::client::Registry;

/// The brokers of the process.
pub type Brokers = Registry<State>;

/// What is counted of a broker.
#[derive(Debug, Default)]
pub struct State {
    published: AtomicU64,
    failed: AtomicU64,
    connections: AtomicU64,
    connected: AtomicU64,
}

impl State {
    /// Counts a message that was published, or one that failed.
    pub(super) fn count(&self, published: bool) {
        let count = if published { &self.published } else { &self.failed };
        count.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a connection, which is open until the guard is dropped.
    pub(super) fn opened(self: &Arc<Self>) -> Open {
        self.connections.fetch_add(1, Ordering::Relaxed);
        self.connected.fetch_add(1, Ordering::Relaxed);
        Open(Arc::clone(self))
    }

    /// What has been counted so far.
    pub fn counts(&self) -> Counts {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Counts {
            published: read(&self.published),
            failed: read(&self.failed),
            connections: read(&self.connections),
            connected: read(&self.connected),
        }
    }
}

/// A connection that is open.
#[derive(Debug)]
pub(super) struct Open(Arc<State>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.connected.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What was counted for a broker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Messages that the server, or a stream, has confirmed.
    pub published: u64,
    /// Messages that were not, as far as is known.
    pub failed: u64,
    /// Connections that were opened.
    pub connections: u64,
    /// Connections that are open now, at most one a worker.
    pub connected: u64,
}
