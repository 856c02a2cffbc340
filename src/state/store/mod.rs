//! The store: values that outlive a request, under a space and a key, each with an owner and an end, within bounds.

mod sqlite;

use std::fmt::{self, Debug};
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use bytes::Bytes;
use jiff::Timestamp;

pub use sqlite::{OpenError, open};

/// Bytes of a store for which the file says nothing else.
pub const SIZE: usize = 256 << 20;

/// How long a store keeps anything for which the file says nothing else.
pub const AGE: Duration = Duration::from_secs(24 * 3600);

/// What an entry takes beside its bytes, about: its row, and its places in two indexes.
const OVERHEAD: usize = 128;

/// Where a value is: a space of one kind of values, and a key in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The space: `pages`, `executions`.
    pub space: &'static str,
    /// The key.
    pub name: Vec<u8>,
}

/// To whom a value belongs; nobody else finds it.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Owner(pub Vec<u8>);

// Names of callers are nothing for a log.
impl Debug for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Owner(..)")
    }
}

impl Owner {
    /// Whether both are the same, found in a time that tells nothing about where they differ.
    fn is(&self, other: &[u8]) -> bool {
        verify_slices_are_equal(&self.0, other).is_ok()
    }
}

/// A value to keep.
#[derive(Debug, Clone)]
pub struct Put {
    /// Where; what is there already is replaced.
    pub key: Key,
    /// To whom it belongs.
    pub owner: Owner,
    /// How long it is of use; the store's age bounds it.
    pub lasts: Duration,
    /// The value.
    pub value: Bytes,
}

impl Put {
    /// Bytes it counts for.
    fn size(&self) -> usize {
        let own = self.value.len().saturating_add(self.key.name.len()).saturating_add(self.owner.0.len());
        own.saturating_add(OVERHEAD)
    }
}

/// What a store says, once it has been to where its values are.
pub type Answer<T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send>>;

/// A store. What it has acknowledged is there, also after its process was killed, if it has a file. It is asked from every
/// worker and holds none of them up.
pub trait Store: Debug + Send + Sync {
    /// Keeps values, all or none. Where there is no room, the oldest of all spaces go.
    fn put(&self, entries: Vec<Put>) -> Answer<()>;

    /// The value under a key, if it belongs to that owner and has not ended.
    fn get(&self, key: Key, owner: Owner) -> Answer<Option<Bytes>>;

    /// The same, and forgets it: of several who take it at the same time one has it.
    fn take(&self, key: Key, owner: Owner) -> Answer<Option<Bytes>>;

    /// Thirty-two random bytes that were made with the store and last as long as it: what is signed with them is known
    /// again when the store is opened again.
    fn secret(&self) -> &[u8; 32];

    /// Bounds it anew, as a reload does. A smaller size takes effect with the next value.
    fn bound(&self, bounds: Bounds);

    /// Ends it, once what it was asked before is done.
    fn close(&self) -> Answer<()>;
}

/// What bounds a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Bytes of all values, with their keys.
    pub size: usize,
    /// How long a value is kept at most.
    pub age: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { size: SIZE, age: AGE }
    }
}

/// Where a store keeps its values.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Place {
    /// In memory: they end with the process.
    #[default]
    Memory,
    /// In a file of SQLite.
    File(PathBuf),
}

/// A store as a file declares it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StoreSpec {
    /// Where.
    pub place: Place,
    /// How much and how long.
    pub bounds: Bounds,
}

/// Why a store did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreError {
    /// More was asked of it than it has done by now.
    Busy,
    /// The values of one call are larger than the whole store may be.
    TooLarge {
        /// Bytes of the values.
        bytes: usize,
        /// Bytes of the store.
        most: usize,
    },
    /// It has ended.
    Closed,
    /// What the library says.
    Failed(String),
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Busy => f.write_str("the state has too much to do"),
            Self::TooLarge { bytes, most } => {
                write!(
                    f,
                    "{bytes} bytes do not fit into the state, which may have {most}: size= of `state` says so"
                )
            }
            Self::Closed => f.write_str("the state is closed"),
            Self::Failed(why) => write!(f, "the state: {why}"),
        }
    }
}

impl std::error::Error for StoreError {}

/// What all stores of a process hold and did.
#[derive(Debug, Default)]
pub struct Tally {
    /// Values that are kept.
    pub entries: AtomicI64,
    /// Bytes they count for.
    pub bytes: AtomicI64,
    /// Values that were put.
    pub puts: AtomicU64,
    /// Values that were asked for.
    pub gets: AtomicU64,
    /// Values that have ended.
    pub expired: AtomicU64,
    /// Values that had to go before their end.
    pub evicted: AtomicU64,
    /// Calls that failed.
    pub errors: AtomicU64,
    /// Nanoseconds of work.
    pub nanoseconds: AtomicU64,
}

impl Tally {
    fn add(counter: &AtomicU64, more: usize) {
        counter.fetch_add(u64::try_from(more).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}

/// The time of day in milliseconds; a test has its own.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// The clock of the machine.
pub fn clock() -> Clock {
    Arc::new(|| Timestamp::now().as_millisecond())
}

#[cfg(test)]
mod tests;
