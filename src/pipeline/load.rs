//! How much is under way on a worker, and when that is too much: callers are told to come back before memory grows.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

use hyper::StatusCode;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::failure::{Blame, Failure};
use crate::document::Document;
use crate::state::cache;

/// What may be under way at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capacity {
    /// Bytes of bodies and documents, over all executions.
    pub memory: usize,
    /// Executions.
    pub executions: usize,
    /// Bytes of documents in caches, over all workers.
    pub caches: usize,
}

/// Bytes of a worker's share where the file does not say how much there is.
const LEAST: usize = 64 << 20;

impl Default for Capacity {
    fn default() -> Self {
        Self { memory: 512 << 20, executions: 10_000, caches: cache::BYTES }
    }
}

impl Capacity {
    /// The share of one worker of several; caches are not divided among them. Of the default it is never less than what
    /// large bodies take, whatever the number of workers.
    #[must_use]
    pub fn share(self, workers: usize) -> Self {
        let workers = workers.max(1);
        let least = if self.memory == Self::default().memory { LEAST } else { 0 };
        Self {
            memory: (self.memory / workers).max(least),
            executions: self.executions.div_ceil(workers),
            ..self
        }
    }
}

/// What one execution may hold at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// Documents between two steps.
    pub documents: usize,
    /// Bytes of those documents.
    pub bytes: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { documents: 100_000, bytes: 256 << 20 }
    }
}

/// The code of what holds more than it ever may.
pub const TOO_MUCH: &str = "too-much";

/// What is under way on one worker.
#[derive(Debug, Default)]
pub struct Load {
    capacity: Cell<Capacity>,
    bytes: Cell<usize>,
    executions: Cell<usize>,
    disk: Disk,
}

/// Who may use a disk at the moment.
#[derive(Debug)]
struct Disk(Arc<Semaphore>);

impl Default for Disk {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(DISK)))
    }
}

/// Pieces of work on files at once on one worker: fewer than the threads that it has for what waits, so that a disk that
/// does not answer holds up no check of a password.
const DISK: usize = 2;

impl Load {
    /// Nothing yet.
    pub fn new(capacity: Capacity) -> Rc<Self> {
        Rc::new(Self { capacity: Cell::new(capacity), ..Self::default() })
    }

    /// Bounds it anew, as a reload does; what is under way goes on.
    pub fn bound(&self, capacity: Capacity) {
        self.capacity.set(capacity);
    }

    /// Bytes and executions that are under way.
    pub fn now(&self) -> (usize, usize) {
        (self.bytes.get(), self.executions.get())
    }

    /// Waits for a place among those who use a disk. It goes with the work, which may outlive who waits for it.
    ///
    /// # Errors
    /// The worker has ended.
    pub async fn disk(&self) -> Result<OwnedSemaphorePermit, Failure> {
        let place = Arc::clone(&self.disk.0).acquire_owned().await;
        place.map_err(|_| Failure::internal("stopped", "the worker has ended"))
    }

    /// Nothing held yet.
    pub fn hold(self: &Rc<Self>) -> Held {
        Held { load: Rc::clone(self), bytes: Cell::new(0), executions: 0 }
    }

    /// One more execution.
    ///
    /// # Errors
    /// 503: there are as many as there may be.
    pub fn enter(self: &Rc<Self>) -> Result<Held, Failure> {
        let executions = self.executions.get();
        if executions >= self.capacity.get().executions {
            return Err(busy());
        }
        self.executions.set(executions.saturating_add(1));
        Ok(Held { load: Rc::clone(self), bytes: Cell::new(0), executions: 1 })
    }
}

/// The failure of a call that comes while there is too much to do.
pub fn busy() -> Failure {
    let message = "Too many calls are still being worked on. Try again shortly.";
    let mut failure =
        Failure::new(Blame::Gateway, StatusCode::SERVICE_UNAVAILABLE, "busy", message).retriable();
    failure.retry_after = Some(1);
    failure
}

/// A part of a worker's load, until it is dropped.
#[derive(Debug)]
pub struct Held {
    load: Rc<Load>,
    bytes: Cell<usize>,
    executions: usize,
}

impl Held {
    /// Holds so many bytes at least; what is held is not given back before the end.
    ///
    /// # Errors
    /// 503: so much may not be under way at once now; 500: nor ever.
    pub fn at_least(&self, bytes: usize) -> Result<(), Failure> {
        let more = bytes.saturating_sub(self.bytes.get());
        if more == 0 {
            return Ok(());
        }
        let all = self.load.bytes.get().saturating_add(more);
        let memory = self.load.capacity.get().memory;
        if bytes > memory {
            let log = format!(
                "an execution holds {bytes} bytes, and a worker may hold {memory} in all: `capacity memory=`, which all \
                 workers share, says more"
            );
            return Err(Failure::internal(TOO_MUCH, log));
        }
        if all > memory {
            return Err(busy());
        }
        self.load.bytes.set(all);
        self.bytes.set(bytes);
        Ok(())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let Load { bytes, executions, .. } = &*self.load;
        bytes.set(bytes.get().saturating_sub(self.bytes.get()));
        executions.set(executions.get().saturating_sub(self.executions));
    }
}

impl Bounds {
    /// Bytes of the documents that lie between two steps.
    ///
    /// # Errors
    /// There are more documents or bytes than one execution may hold.
    pub fn weigh(&self, documents: &[Document]) -> Result<usize, Failure> {
        // The tree of a single document was made of what was weighed before.
        let bytes = match documents {
            [one] => one.written_size(),
            several => sum(several),
        };
        self.check(documents.len(), bytes)
    }

    /// Bytes of all when these documents come to others.
    ///
    /// # Errors
    /// As [`Bounds::weigh`].
    pub fn add(&self, count: usize, bytes: usize, more: &[Document]) -> Result<usize, Failure> {
        self.check(count.saturating_add(more.len()), bytes.saturating_add(sum(more)))
    }

    /// As [`Bounds::add`] for documents that are not made yet.
    pub(super) fn check(&self, count: usize, bytes: usize) -> Result<usize, Failure> {
        if count > self.documents {
            let most = self.documents;
            return Err(too_much(&format!("{count} documents at once, and {most} are allowed: documents=")));
        }
        if bytes > self.bytes {
            let most = self.bytes;
            return Err(too_much(&format!(
                "{bytes} bytes of documents at once, and {most} are allowed: bytes="
            )));
        }
        Ok(bytes)
    }
}

fn sum(documents: &[Document]) -> usize {
    documents.iter().map(Document::size).fold(0, usize::saturating_add)
}

fn too_much(what: &str) -> Failure {
    Failure::internal(TOO_MUCH, format!("an execution holds {what} in the `limits` of its operation says so"))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    #[test]
    fn what_never_fits_is_not_told_to_come_back() {
        let load = Load::new(Capacity { memory: 100, ..Capacity::default() });
        let never = load.enter().unwrap().at_least(101).unwrap_err();
        assert_eq!((never.status.as_u16(), never.retry_after), (500, None));
        assert!(never.log.as_deref().unwrap().contains("capacity memory="));
    }

    #[test]
    fn what_is_held_is_given_back_at_the_end() {
        let load = Load::new(Capacity { memory: 100, executions: 2, ..Capacity::default() });
        let first = load.enter().unwrap();
        first.at_least(60).unwrap();
        first.at_least(40).unwrap();
        let second = load.enter().unwrap();
        let failure = second.at_least(41).unwrap_err();
        assert_eq!((failure.status.as_u16(), failure.retry_after), (503, Some(1)));
        second.at_least(40).unwrap();
        assert_eq!(load.enter().unwrap_err().code, "busy");
        assert_eq!(load.now(), (100, 2));
        drop((first, second));
        assert_eq!(load.now(), (0, 0));
    }

    #[test]
    fn a_batch_has_bounds_of_its_own() {
        let bounds = Bounds { documents: 2, bytes: 10 };
        let documents = |count: usize, bytes: usize| -> Vec<Document> {
            (0..count).map(|_| Document::data(Bytes::from(vec![b'x'; bytes]))).collect()
        };
        assert_eq!(bounds.weigh(&documents(2, 5)).unwrap(), 10);
        assert!(
            bounds
                .weigh(&documents(2, 6))
                .unwrap_err()
                .log
                .as_ref()
                .is_some_and(|log| log.contains("12 bytes"))
        );
        assert!(
            bounds
                .weigh(&documents(3, 1))
                .unwrap_err()
                .log
                .as_ref()
                .is_some_and(|log| log.contains("3 documents"))
        );
    }
}
