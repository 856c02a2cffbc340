//! How an attempt is judged: what is counted of it, and what it says of the address.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use hyper::StatusCode;
use tracing::{debug, warn};

use super::address::Address;
use super::breaker::{Breaker, Health};
use super::error::{ANSWER_TOO_LARGE, BAD_REQUEST, CallError, Kind};
use super::state::State;
use crate::document::coming::REQUEST_CUT;

/// How an address is judged where the file says nothing: with several of them, one that fails is left alone for a while.
pub(super) const SEVERAL: Breaker = Breaker { failures: 5, open: Duration::from_secs(10) };

/// An attempt that is to be judged.
pub(super) struct Judge<'a> {
    /// The server's name.
    pub(super) name: &'a str,
    /// Where it was called.
    pub(super) address: &'a Address,
    pub(super) state: &'a State,
    /// What is known of the address, where it is left alone when it fails.
    pub(super) health: Option<(&'a Health, Breaker)>,
    /// When the attempt began, by [`super::breaker::now`].
    pub(super) began: u64,
}

impl Judge<'_> {
    /// There was an answer, which took so long.
    pub(super) fn answered(&self, status: StatusCode, took: Duration) {
        let tally = &self.state.tally;
        tally.answered.fetch_add(1, Ordering::Relaxed);
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        tally.micros.fetch_add(micros, Ordering::Relaxed);
        if matches!(status.as_u16(), 502..=504) {
            self.fails();
        } else if let Some((health, _)) = self.health {
            health.succeeded(self.began);
        }
    }

    /// There was none; the request had to be done by `deadline`.
    pub(super) fn failed(&self, error: &CallError, deadline: Option<Instant>) {
        debug!(server = %self.name, address = self.address.origin(), cause = error.code, why = error.text, "not answered");
        if error.code == REQUEST_CUT {
            return;
        }
        self.state.tally.failed(error.kind);
        // Who had less time than the server may take says nothing about it, nor do what was asked and how much came.
        let is_over = || deadline.is_some_and(|deadline| Instant::now() >= deadline);
        if (error.kind == Kind::Timeout && is_over()) || matches!(error.code, BAD_REQUEST | ANSWER_TOO_LARGE)
        {
            return;
        }
        self.fails();
    }

    fn fails(&self) {
        if let Some((health, breaker)) = self.health
            && health.failed(breaker, self.began)
        {
            warn!(server = %self.name, address = self.address.origin(), open = ?breaker.open, "not called for a while: attempts failed in a row");
        }
    }
}
