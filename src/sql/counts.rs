//! What is counted for a database.

use std::sync::atomic::{AtomicU64, Ordering};

use super::error::SqlError;

/// What was counted for a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Statements that were sent, whatever came of them.
    pub statements: u64,
    /// Those that failed.
    pub failures: u64,
    /// Those of them that were cancelled.
    pub cancelled: u64,
    /// Connections that are open now.
    pub open: u64,
    /// Those of them that are in use now.
    pub used: u64,
}

/// The counters behind it.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) statements: AtomicU64,
    pub(super) failures: AtomicU64,
    pub(super) cancelled: AtomicU64,
    pub(super) open: AtomicU64,
}

impl Tally {
    /// Counts a statement by what came of it.
    pub(super) fn count<T>(&self, outcome: &Result<T, SqlError>) {
        self.statements.fetch_add(1, Ordering::Relaxed);
        if outcome.is_err() {
            self.failures.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Counts one that was cancelled, which has failed.
    pub(super) fn cancel(&self) {
        self.statements.fetch_add(1, Ordering::Relaxed);
        self.failures.fetch_add(1, Ordering::Relaxed);
        self.cancelled.fetch_add(1, Ordering::Relaxed);
    }
}
