//! What outlives a generation of the file: the health of addresses, budgets, tokens and counts, by the name of the server.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::breaker::Health;
use super::error::Kind;
use super::oauth::Tokens;
use super::registry::Registry;
use super::retry::Budget;

/// The servers of the process.
pub type Clients = Registry<State>;

/// Addresses of a server that are remembered before the forgotten ones are looked for.
const MOST: usize = 256;

/// What is known of a server from its calls so far.
#[derive(Debug, Default)]
pub struct State {
    /// Whose turn it is among several addresses.
    pub(super) next: AtomicUsize,
    healths: Mutex<BTreeMap<String, Arc<Health>>>,
    /// What may be repeated.
    pub(super) budget: Budget,
    /// The tokens that it is called with.
    pub(super) tokens: Tokens,
    pub(super) tally: Tally,
}

impl State {
    /// The health of one of its addresses.
    pub(super) fn health(&self, origin: String) -> Arc<Health> {
        let mut healths = self.healths.lock().unwrap_or_else(PoisonError::into_inner);
        // Of a file that is changed again and again, what no generation has any more goes.
        if healths.len() >= MOST {
            healths.retain(|known, health| *known == origin || Arc::strong_count(health) > 1);
        }
        Arc::clone(healths.entry(origin).or_default())
    }

    /// What has been counted so far.
    pub fn counts(&self) -> Counts {
        let healths = self.healths.lock().unwrap_or_else(PoisonError::into_inner);
        let open = healths.values().filter(|health| health.is_open()).count();
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        let tally = &self.tally;
        Counts {
            answered: read(&tally.answered),
            transport: read(&tally.transport),
            timeout: read(&tally.timeout),
            security: read(&tally.security),
            rejected: read(&tally.rejected),
            retries: read(&tally.retries),
            connections: read(&tally.connections),
            micros: read(&tally.micros),
            open: u64::try_from(open).unwrap_or(u64::MAX),
        }
    }
}

/// Counts of a server's attempts.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) answered: AtomicU64,
    transport: AtomicU64,
    timeout: AtomicU64,
    security: AtomicU64,
    pub(super) rejected: AtomicU64,
    pub(super) retries: AtomicU64,
    pub(super) connections: AtomicU64,
    pub(super) micros: AtomicU64,
}

impl Tally {
    /// Counts an attempt that got no answer.
    pub(super) fn failed(&self, kind: Kind) {
        let count = match kind {
            Kind::Transport => &self.transport,
            Kind::Timeout => &self.timeout,
            Kind::Security => &self.security,
        };
        count.fetch_add(1, Ordering::Relaxed);
    }
}

/// What was counted for a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Attempts that were answered, whatever the status.
    pub answered: u64,
    /// Attempts that failed on the way.
    pub transport: u64,
    /// Attempts whose time was up.
    pub timeout: u64,
    /// Attempts that failed for whom they met, or were.
    pub security: u64,
    /// Calls that were not made, because every address was left alone.
    pub rejected: u64,
    /// Attempts after the first.
    pub retries: u64,
    /// Connections that were opened.
    pub connections: u64,
    /// Microseconds that answered attempts took together.
    pub micros: u64,
    /// Addresses that are left alone now.
    pub open: u64,
}
