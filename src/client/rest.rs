//! The rest of an answer whose beginning was read: handed on while it comes, and judged by its end.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hyper::StatusCode;
use hyper::body::{Body as _, Incoming};
use tokio::task::spawn_local;

use super::answer::{too_large, truncated};
use super::attempt::Attempt;
use super::breaker::Admission;
use super::connect::Connection;
use super::error::{CallError, Kind};
use super::judge::Judge;
use crate::document::coming::{Coming, Cut, Pace, SLOW_TAKER, Stopped};

/// How long who takes an answer may let a piece of it lie.
const TAKER: Duration = Duration::from_secs(60);

/// What is still to come of an answer.
pub(super) struct Rest {
    /// How it begins.
    pub(super) first: Bytes,
    pub(super) incoming: Incoming,
    /// The connection that it comes on.
    pub(super) connection: Connection,
    pub(super) status: StatusCode,
    /// How long it took until here.
    pub(super) took: Duration,
    /// Whether the call tries the address out: until it is judged, no other does.
    pub(super) admission: Option<Admission>,
}

impl Rest {
    /// Hands it on, and keeps the connection when all of it was taken. Who takes it may be slow: only the waits are
    /// bounded, those for the server by the time of an attempt.
    pub(super) fn hand_on(self, attempt: &Attempt<'_>) -> Coming {
        let Self { first, mut incoming, connection, status, took, admission } = self;
        let (server, endpoint) = (attempt.server, attempt.endpoint);
        let begun = first.len();
        let length = incoming.size_hint().exact();
        let length = length.and_then(|rest| rest.checked_add(u64::try_from(begun).ok()?));
        let (coming, feed) = Coming::new(first, length);
        let request = attempt.outgoing.coming.clone();
        let (pools, key, limit) = (attempt.pools.shared(), endpoint.key, server.body);
        let (idle, idle_time) = (server.idle, server.idle_time);
        let pace = Pace { until: None, piece: Some(server.times.total), taker: Some(TAKER) };
        let (state, began) = (Arc::clone(attempt.state), attempt.began);
        let health = server.left_alone().map(|breaker| (Arc::clone(endpoint.health(&state)), breaker));
        let (name, address) = (Arc::clone(&server.name), endpoint.address.clone());
        spawn_local(async move {
            let passed = feed.pass(&mut incoming, limit.saturating_sub(begun), pace, |_| {}).await;
            let health = health.as_ref().map(|(health, breaker)| (&**health, *breaker));
            let judge = Judge { name: &name, address: &address, state: &state, health, began };
            let is_all = matches!(passed, Ok(()));
            match passed {
                Ok(()) => {
                    judge.answered(status, took);
                    feed.end(Ok(()));
                }
                // It says nothing of the server, and what was left out must not be taken for whole.
                Err(Stopped::Unwanted) => {
                    judge.answered(status, took);
                    let text = "the answer was not taken in time".to_owned();
                    feed.end(Err(Cut { code: SLOW_TAKER, text }));
                }
                Err(stopped) => {
                    let error = broken_off(stopped, limit);
                    judge.failed(&error, None);
                    feed.end(Err(Cut { code: error.code, text: format!("{name}: {}", error.text) }));
                }
            }
            drop(admission);
            match request.filter(|request| !request.is_over()) {
                Some(request) => request.stop(),
                None if is_all => pools.put(key, connection, idle, idle_time),
                None => {}
            }
        });
        coming
    }
}

fn broken_off(stopped: Stopped<hyper::Error>, limit: usize) -> CallError {
    match stopped {
        Stopped::TooLarge => too_large(limit),
        Stopped::Broken(error) => truncated(&error),
        Stopped::Late | Stopped::Unwanted => {
            CallError::sent(Kind::Timeout, "timeout", "the next piece of the answer did not come in time")
        }
    }
}
