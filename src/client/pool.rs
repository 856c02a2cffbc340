//! Connections that wait for the next request: one pool a worker, since a connection belongs to the runtime that drives it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::connect::Connection;
use super::tap::Tap;

/// What connections are kept under: a hash over all that makes two of them interchangeable.
pub type Key = u128;

/// The idle connections of a worker, and who looks on at the calls that it makes.
#[derive(Debug, Default)]
pub struct Pools {
    /// By key, of which there are few: looking one up takes less than hashing it.
    idle: Rc<RefCell<BTreeMap<Key, Vec<Idle>>>>,
    tap: Option<Rc<dyn Tap>>,
}

#[derive(Debug)]
struct Idle {
    connection: Connection,
    since: Instant,
}

impl Pools {
    /// Without connections yet, and with somebody who looks on.
    pub fn tapped(tap: Rc<dyn Tap>) -> Self {
        Self { tap: Some(tap), ..Self::default() }
    }

    /// The same connections for who goes on behind a call, where nobody looks on any more.
    pub(super) fn shared(&self) -> Self {
        Self { idle: Rc::clone(&self.idle), tap: None }
    }

    /// Who looks on.
    pub(super) fn tap(&self) -> Option<&dyn Tap> {
        self.tap.as_deref()
    }

    /// A connection that waits, the one that was used last.
    pub(super) fn take(&self, key: Key, longest: Duration) -> Option<Connection> {
        let mut pools = self.idle.borrow_mut();
        let pool = pools.get_mut(&key)?;
        while let Some(idle) = pool.pop() {
            if idle.since.elapsed() < longest && !idle.connection.sender.is_closed() {
                return Some(idle.connection);
            }
        }
        None
    }

    /// Keeps a connection for the next request, unless there are enough.
    pub(super) fn put(&self, key: Key, connection: Connection, most: usize, longest: Duration) {
        if most == 0 || connection.sender.is_closed() {
            return;
        }
        let mut pools = self.idle.borrow_mut();
        let pool = pools.entry(key).or_default();
        // The one used last is taken first, so those that have waited too long are at the bottom.
        let old = pool.iter().take_while(|idle| idle.since.elapsed() >= longest).count();
        drop(pool.drain(..old));
        if pool.len() >= most {
            // The oldest has waited longest, and is the likeliest to be closed by the other side.
            drop(pool.drain(..=pool.len() - most));
        }
        pool.push(Idle { connection, since: Instant::now() });
    }

    /// Closes the connections of all addresses but these.
    pub fn keep(&self, keys: &[Key]) {
        self.idle.borrow_mut().retain(|key, _| keys.contains(key));
    }
}
