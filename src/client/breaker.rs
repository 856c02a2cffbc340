//! The health of one address: failures in a row open its circuit, and one call tries whether it works again.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

/// When an address is left alone, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Breaker {
    /// Failures in a row that open the circuit.
    pub failures: u32,
    /// How long it stays open.
    pub open: Duration,
}

/// What is known of an address from the calls so far; shared by all workers, and kept over reloads.
#[derive(Debug, Default)]
pub struct Health {
    failures: AtomicU32,
    /// Milliseconds of [`now`] until which the circuit is open; 0 while it is closed.
    open_until: AtomicU64,
    /// Whether a call is under way that tries an address whose time is over.
    probing: AtomicBool,
    /// Since when the circuit is as it is: calls that began before say nothing about it any more.
    changed: AtomicU64,
}

/// Whether a call may be made.
#[derive(Debug)]
pub enum Admission {
    /// It may.
    Free,
    /// It may, and decides whether others may again. If it is dropped without an outcome, the next one tries.
    Probe(Probe),
    /// Not for so long.
    Open(Duration),
}

/// The one call that tries an address out.
#[derive(Debug)]
pub struct Probe(Arc<Health>);

impl Drop for Probe {
    fn drop(&mut self) {
        self.0.probing.store(false, Ordering::Release);
    }
}

impl Health {
    /// Asks whether a call may be made.
    pub fn admit(self: &Arc<Self>) -> Admission {
        let until = self.open_until.load(Ordering::Acquire);
        if until == 0 {
            return Admission::Free;
        }
        let now = now();
        if now < until {
            return Admission::Open(Duration::from_millis(until - now));
        }
        match self.probing.compare_exchange(false, true, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => Admission::Probe(Probe(Arc::clone(self))),
            Err(_) => Admission::Open(Duration::from_millis(100)),
        }
    }

    /// Whether calls are kept from it now.
    pub fn is_open(&self) -> bool {
        self.open_until.load(Ordering::Acquire) > now()
    }

    /// A call was answered that began then, by [`now`].
    pub fn succeeded(&self, began: u64) {
        if began < self.changed.load(Ordering::Relaxed) {
            return;
        }
        // Written only where something changes: workers share the line of memory.
        if self.failures.load(Ordering::Relaxed) != 0 {
            self.failures.store(0, Ordering::Relaxed);
        }
        if self.open_until.load(Ordering::Relaxed) != 0 {
            self.changed.store(now(), Ordering::Relaxed);
            self.open_until.store(0, Ordering::Release);
        }
    }

    /// A call failed that began then. Gives whether the circuit opened by it.
    pub fn failed(&self, breaker: Breaker, began: u64) -> bool {
        if began < self.changed.load(Ordering::Relaxed) {
            return false;
        }
        let failures = self.failures.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        if failures < breaker.failures {
            return false;
        }
        let was = self.open_until.load(Ordering::Acquire);
        let open = u64::try_from(breaker.open.as_millis()).unwrap_or(u64::MAX);
        self.changed.store(now(), Ordering::Relaxed);
        self.open_until.store(now().saturating_add(open).max(1), Ordering::Release);
        was == 0
    }
}

/// Milliseconds since the first call of this function.
pub fn now() -> u64 {
    static START: OnceLock<Instant> = OnceLock::new();
    let since = START.get_or_init(Instant::now).elapsed().as_millis();
    u64::try_from(since).unwrap_or(u64::MAX).saturating_add(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BREAKER: Breaker = Breaker { failures: 2, open: Duration::from_millis(30) };

    #[test]
    fn failures_in_a_row_open_it_and_one_call_closes_it() {
        let health = Arc::new(Health::default());
        assert!(!health.failed(BREAKER, now()));
        health.succeeded(now());
        assert!(!health.failed(BREAKER, now()));
        assert!(health.failed(BREAKER, now()), "the second in a row");
        assert!(matches!(health.admit(), Admission::Open(_)) && health.is_open());
        let deadline = Instant::now() + Duration::from_secs(5);
        while health.is_open() && Instant::now() < deadline {
            std::thread::yield_now();
        }
        let Admission::Probe(probe) = health.admit() else { panic!("its time is over") };
        assert!(matches!(health.admit(), Admission::Open(_)), "one tries, the others wait");
        health.succeeded(now());
        drop(probe);
        assert!(matches!(health.admit(), Admission::Free));
    }

    #[test]
    fn a_probe_that_comes_to_no_end_gives_way() {
        let health = Arc::new(Health::default());
        health.failed(Breaker { failures: 1, open: Duration::ZERO }, now());
        let deadline = Instant::now() + Duration::from_secs(5);
        while health.is_open() && Instant::now() < deadline {
            std::thread::yield_now();
        }
        let first = health.admit();
        assert!(matches!(first, Admission::Probe(_)));
        drop(first);
        assert!(matches!(health.admit(), Admission::Probe(_)));
    }

    #[test]
    fn what_began_before_a_change_says_nothing() {
        let health = Arc::new(Health::default());
        let before = now();
        let deadline = Instant::now() + Duration::from_secs(5);
        while now() == before && Instant::now() < deadline {
            std::thread::yield_now();
        }
        let once = Breaker { failures: 1, open: Duration::from_secs(60) };
        assert!(health.failed(once, now()));
        health.succeeded(before);
        assert!(health.is_open(), "an answer to an earlier call does not close it");
        assert!(!health.failed(once, before));
    }
}
