//! Trying again: which failures, how often, after how long, and how much of it all calls together may do.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use hyper::{Method, StatusCode};

use super::error::{CallError, Kind};

/// When a call is tried again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retry {
    /// How often after the first attempt; 0 for never.
    pub times: u32,
    /// How long is waited before the first further attempt; doubled before each next one.
    pub backoff: Duration,
    /// What is worth it.
    pub on: Vec<On>,
    /// Whether the file says that every request may be repeated, whatever its method.
    pub any: bool,
}

/// A reason to try again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    /// There was no connection: the request has not left.
    Connect,
    /// The connection was lost, or what came is no answer.
    Lost,
    /// The time of the attempt was up.
    Timeout,
    /// An answer with that status.
    Status(StatusCode),
}

impl Default for Retry {
    /// Nothing is tried again but what never left.
    fn default() -> Self {
        Self { times: 0, backoff: Duration::from_millis(200), on: Self::usual(), any: false }
    }
}

/// The longest wait between two attempts.
const LONGEST: Duration = Duration::from_secs(30);

impl Retry {
    /// What is tried again where the file does not say what.
    pub fn usual() -> Vec<On> {
        let statuses =
            [StatusCode::BAD_GATEWAY, StatusCode::SERVICE_UNAVAILABLE, StatusCode::GATEWAY_TIMEOUT];
        [On::Connect, On::Lost].into_iter().chain(statuses.map(On::Status)).collect()
    }

    /// Whether a failed attempt may be followed by another: what the server may have worked on is repeated only where
    /// that is safe (RFC 9110, section 9.2.2), or where the file says so.
    pub fn wants(&self, error: &CallError, method: &Method, repeatable: bool) -> bool {
        let on = match (error.kind, error.sent) {
            (Kind::Security, _) => return false,
            (Kind::Timeout, true) => On::Timeout,
            (_, false) => On::Connect,
            (Kind::Transport, true) => On::Lost,
        };
        self.on.contains(&on) && (!error.sent || self.is_safe(method, repeatable))
    }

    /// Whether an answer with that status may be followed by another attempt.
    pub fn wants_status(&self, status: StatusCode, method: &Method, repeatable: bool) -> bool {
        self.on.contains(&On::Status(status)) && self.is_safe(method, repeatable)
    }

    fn is_safe(&self, method: &Method, repeatable: bool) -> bool {
        self.any || repeatable || method.is_idempotent()
    }

    /// How long to wait before an attempt, counted from 1: between half of the time and all of it, as `spread` says
    /// (0 to 255), so that those who failed together do not come back together.
    pub fn wait(&self, attempt: u32, spread: u8) -> Duration {
        let factor = 2_u32.saturating_pow(attempt.saturating_sub(1).min(16));
        let whole = self.backoff.saturating_mul(factor).min(LONGEST);
        whole / 2 + whole.mul_f64(f64::from(spread) / 510.0)
    }
}

/// What all calls of a server together may repeat: a fifth of what they send, and a handful at once. When everything
/// fails, this is what keeps a server that is down from being called several times as often.
#[derive(Debug)]
pub struct Budget(AtomicI64);

/// Parts of one further attempt.
const ONE: i64 = 1000;
/// What each call adds.
const EACH: i64 = ONE / 5;
/// The most that is saved.
const MOST: i64 = 10 * ONE;

impl Default for Budget {
    fn default() -> Self {
        Self(AtomicI64::new(MOST))
    }
}

impl Budget {
    /// A call begins.
    pub fn earn(&self) {
        // A few too many by calls at the same moment do no harm.
        if self.0.load(Ordering::Relaxed) < MOST {
            self.0.fetch_add(EACH, Ordering::Relaxed);
        }
    }

    /// Takes what a further attempt costs, if it is there.
    pub fn spend(&self) -> bool {
        self.0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |have| (have >= ONE).then_some(have - ONE))
            .is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_safe_is_repeated() {
        let retry = Retry { times: 3, ..Retry::default() };
        let lost = CallError::sent(Kind::Transport, "connection-lost", "");
        let refused = CallError::unsent(Kind::Transport, "connect-refused", "");
        assert!(retry.wants(&refused, &Method::POST, false));
        assert!(!retry.wants(&lost, &Method::POST, false));
        assert!(retry.wants(&lost, &Method::POST, true) && retry.wants(&lost, &Method::GET, false));
        assert!(!retry.wants_status(StatusCode::BAD_GATEWAY, &Method::POST, false));
        assert!(retry.wants_status(StatusCode::BAD_GATEWAY, &Method::PUT, false));
        assert!(!retry.wants_status(StatusCode::NOT_FOUND, &Method::GET, false));
        assert!(Retry { any: true, ..retry.clone() }.wants(&lost, &Method::POST, false));
        let late = CallError::sent(Kind::Timeout, "timeout", "");
        assert!(!retry.wants(&late, &Method::GET, false), "not unless asked for");
    }

    #[test]
    fn waits_double_and_spread() {
        let retry = Retry { backoff: Duration::from_millis(100), ..Retry::default() };
        assert_eq!(retry.wait(1, 0), Duration::from_millis(50));
        assert_eq!(retry.wait(2, 255), Duration::from_millis(200));
        assert!(retry.wait(40, 255) <= LONGEST);
    }

    #[test]
    fn a_budget_ends() {
        let budget = Budget::default();
        assert_eq!((0..100).filter(|_| budget.spend()).count(), 10);
        (0..4).for_each(|_| budget.earn());
        assert!(!budget.spend());
        budget.earn();
        assert!(budget.spend() && !budget.spend());
    }
}
