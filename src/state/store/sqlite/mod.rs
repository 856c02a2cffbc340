//! A store in SQLite: a thread of its own does what all workers ask, and writes what waits together in one transaction.

mod entries;
mod open;

use std::fmt::{self, Debug};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::time::{Duration, Instant};

use bytes::Bytes;
use rusqlite::Connection;
use tokio::sync::oneshot;
use tracing::warn;

use self::entries::Totals;
use super::{Answer, Bounds, Clock, Key, Owner, Place, Put, Store, StoreError, Tally};

pub use open::OpenError;

/// Calls that may wait; beyond them a store says that it is busy.
const WAITING: usize = 1024;

/// Calls that are done in one transaction.
const TOGETHER: usize = 128;

/// How often it is looked for what has ended.
const TIDY: Duration = Duration::from_secs(5);

/// Who waits for an answer.
type Done<T> = oneshot::Sender<Result<T, StoreError>>;

/// What the thread is asked.
enum Job {
    Put(Vec<Put>, Done<()>),
    Get(Key, Owner, Done<Option<Bytes>>),
    Take(Key, Owner, Done<Option<Bytes>>),
    Bound(Bounds),
    Close(Done<()>),
}

/// A store in SQLite, as those see it who ask.
struct Sqlite {
    jobs: SyncSender<Job>,
    secret: [u8; 32],
    tally: Arc<Tally>,
}

// The secret is nothing for a log.
impl Debug for Sqlite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sqlite").finish_non_exhaustive()
    }
}

/// Opens a store. Waits for the disk: not for a worker.
///
/// # Errors
/// The file cannot be opened, belongs to another program, or was written by a newer version.
pub fn open(
    place: &Place,
    bounds: Bounds,
    tally: &Arc<Tally>,
    clock: Clock,
) -> Result<Arc<dyn Store>, OpenError> {
    let (connection, secret) = open::connection(place)?;
    let (jobs, asked) = sync_channel(WAITING);
    let mut thread = Worker { connection, bounds, clock, tally: Arc::clone(tally), shown: Totals::default() };
    thread.show();
    let spawned = std::thread::Builder::new().name("state".to_owned()).spawn(move || thread.work(&asked));
    spawned.map_err(|error| OpenError::no_thread(place, error))?;
    Ok(Arc::new(Sqlite { jobs, secret, tally: Arc::clone(tally) }))
}

impl Sqlite {
    fn ask<T: Send + 'static>(&self, job: impl FnOnce(Done<T>) -> Job) -> Answer<T> {
        let (done, answer) = oneshot::channel();
        let refused = self.jobs.try_send(job(done)).err().map(|error| match error {
            TrySendError::Full(_) => StoreError::Busy,
            TrySendError::Disconnected(_) => StoreError::Closed,
        });
        if refused.is_some() {
            Tally::add(&self.tally.errors, 1);
        }
        Box::pin(async move {
            match refused {
                Some(error) => Err(error),
                None => answer.await.unwrap_or(Err(StoreError::Closed)),
            }
        })
    }
}

impl Store for Sqlite {
    fn put(&self, entries: Vec<Put>) -> Answer<()> {
        self.ask(|done| Job::Put(entries, done))
    }

    fn get(&self, key: Key, owner: Owner) -> Answer<Option<Bytes>> {
        self.ask(|done| Job::Get(key, owner, done))
    }

    fn take(&self, key: Key, owner: Owner) -> Answer<Option<Bytes>> {
        self.ask(|done| Job::Take(key, owner, done))
    }

    fn secret(&self) -> &[u8; 32] {
        &self.secret
    }

    fn bound(&self, bounds: Bounds) {
        // It bounds what comes: when there is too much to do, later is soon enough, and a reload says it again.
        let _ = self.jobs.try_send(Job::Bound(bounds));
    }

    fn close(&self) -> Answer<()> {
        self.ask(Job::Close)
    }
}

/// The thread that has the connection.
struct Worker {
    connection: Connection,
    bounds: Bounds,
    clock: Clock,
    tally: Arc<Tally>,
    /// What the tally knows of this store.
    shown: Totals,
}

/// Tells who waits, once it is known whether the transaction was committed.
type Tell = Box<dyn FnOnce(Result<(), StoreError>)>;

/// The answer for who waits: what was found, or why the transaction failed.
fn tell<T: 'static>(done: Done<T>, found: Result<T, StoreError>) -> Tell {
    // Who does not wait any more needs no answer.
    Box::new(move |committed| drop(done.send(committed.and(found))))
}

impl Worker {
    fn work(mut self, asked: &Receiver<Job>) {
        let mut tidied = Instant::now();
        let closing = loop {
            let first = match asked.recv_timeout(TIDY) {
                Ok(job) => Some(job),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => break None,
            };
            let started = Instant::now();
            let (jobs, closing) = gather(first, asked);
            self.batch(jobs);
            if tidied.elapsed() >= TIDY {
                self.tidy();
                tidied = Instant::now();
            }
            let took = u64::try_from(started.elapsed().as_nanos()).unwrap_or(u64::MAX);
            self.tally.nanoseconds.fetch_add(took, Ordering::Relaxed);
            if closing.is_some() {
                break closing;
            }
        };
        self.end(closing);
    }

    /// Does what was asked in one transaction, where something is written, and answers when it is committed.
    fn batch(&mut self, jobs: Vec<Job>) {
        let writes = jobs.iter().any(|job| matches!(job, Job::Put(..) | Job::Take(..)));
        let begun = if writes { self.sql("BEGIN IMMEDIATE") } else { Ok(()) };
        let mut tells: Vec<Tell> = Vec::with_capacity(jobs.len());
        for job in jobs {
            match job {
                Job::Put(entries, done) => {
                    let put = begun.clone().and_then(|()| self.put(&entries));
                    tells.push(tell(done, put));
                }
                Job::Get(key, owner, done) => {
                    Tally::add(&self.tally.gets, 1);
                    tells.push(tell(done, entries::get(&self.connection, &key, &owner, (self.clock)())));
                }
                Job::Take(key, owner, done) => {
                    Tally::add(&self.tally.gets, 1);
                    let taken = begun.clone().and_then(|()| self.take(&key, &owner));
                    tells.push(tell(done, taken));
                }
                Job::Bound(bounds) => self.bounds = bounds,
                // Taken out before.
                Job::Close(_) => {}
            }
        }
        let committed = if writes && begun.is_ok() { self.sql("COMMIT") } else { Ok(()) };
        if let Err(error) = begun.and(committed.clone()) {
            warn!(%error, "the state could not be written");
            Tally::add(&self.tally.errors, 1);
            let _ = self.sql("ROLLBACK");
        }
        self.show();
        tells.into_iter().for_each(|tell| tell(committed.clone()));
    }

    /// All of the entries or none, whatever else is in the transaction.
    fn put(&self, entries: &[Put]) -> Result<(), StoreError> {
        self.sql("SAVEPOINT one")?;
        match entries::put(&self.connection, entries, self.bounds, (self.clock)()) {
            Ok(evicted) => {
                self.sql("RELEASE one")?;
                Tally::add(&self.tally.puts, entries.len());
                Tally::add(&self.tally.evicted, evicted);
                Ok(())
            }
            Err(error) => {
                Tally::add(&self.tally.errors, 1);
                self.sql("ROLLBACK TO one; RELEASE one")?;
                Err(error)
            }
        }
    }

    fn take(&self, key: &Key, owner: &Owner) -> Result<Option<Bytes>, StoreError> {
        let found = entries::get(&self.connection, key, owner, (self.clock)())?;
        if found.is_some() {
            entries::forget(&self.connection, key)?;
        }
        Ok(found)
    }

    fn tidy(&mut self) {
        let expired = entries::expire(&self.connection, self.bounds, (self.clock)());
        let tidied = expired.and_then(|count| {
            Tally::add(&self.tally.expired, count);
            entries::compact(&self.connection)
        });
        if let Err(error) = tidied {
            warn!(%error, "the state could not be tidied");
            Tally::add(&self.tally.errors, 1);
        }
        self.show();
    }

    /// Shows what is there now.
    fn show(&mut self) {
        if let Ok(now) = entries::totals(&self.connection) {
            self.shows(now);
        }
    }

    fn shows(&mut self, now: Totals) {
        let before = std::mem::replace(&mut self.shown, now);
        self.tally.entries.fetch_add(now.entries.saturating_sub(before.entries), Ordering::Relaxed);
        self.tally.bytes.fetch_add(now.bytes.saturating_sub(before.bytes), Ordering::Relaxed);
    }

    fn end(mut self, closing: Option<Done<()>>) {
        self.shows(Totals::default());
        let closed = self.connection.close().map_err(|(_, error)| StoreError::from(error));
        if let Err(error) = &closed {
            warn!(%error, "the state could not be closed");
        }
        if let Some(done) = closing {
            let _ = done.send(closed);
        }
    }

    fn sql(&self, text: &str) -> Result<(), StoreError> {
        Ok(self.connection.execute_batch(text)?)
    }
}

/// The first call and those that wait behind it, as far as they go into one transaction; and who waits for the end.
fn gather(first: Option<Job>, asked: &Receiver<Job>) -> (Vec<Job>, Option<Done<()>>) {
    let mut jobs = Vec::new();
    let mut next = first;
    while let Some(job) = next {
        if let Job::Close(done) = job {
            return (jobs, Some(done));
        }
        jobs.push(job);
        next = if jobs.len() < TOGETHER { asked.try_recv().ok() } else { None };
    }
    (jobs, None)
}
