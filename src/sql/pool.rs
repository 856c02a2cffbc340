//! The connections to one database: how many there are, who has one, and which are kept.

use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::{Semaphore, oneshot};
use tokio::time::{sleep, timeout_at};

use super::Spec;
use super::counts::{Counts, Tally};
use super::error::{Kind, SqlError};
use super::lease::Lease;
use super::session::{Answer, Described, Session};
use super::statement::{Statement, Task};
use super::transaction::Transaction;

/// Statements whose types are kept.
const MOST_KNOWN: usize = 1000;

/// The connections to one database. All work on them is done on the runtime of the databases: whoever waits for it may go
/// away at any time, and the connection is still put in order.
#[derive(Debug)]
pub struct Pool {
    pub(super) name: Arc<str>,
    pub(super) spec: Spec,
    pub(super) runtime: Handle,
    permits: Arc<Semaphore>,
    idle: Mutex<Vec<(Session, Instant)>>,
    pub(super) known: Known,
    pub(super) tally: Tally,
}

/// What the server said of the parameters of statements, by their SQL.
#[derive(Debug, Default)]
pub(super) struct Known(Mutex<HashMap<Arc<str>, Arc<Learnt>>>);

/// What the server said of the parameters of a statement.
#[derive(Debug)]
pub(super) struct Learnt {
    /// The names of their types.
    pub(super) types: Vec<String>,
    /// The SQL that reads the values as of these types.
    pub(super) typed: Arc<str>,
}

impl Known {
    pub(super) fn of(&self, sql: &str) -> Option<Arc<Learnt>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(sql).cloned()
    }

    pub(super) fn learn(&self, sql: Arc<str>, types: Vec<String>, statement: &Statement) -> Arc<Learnt> {
        let typed = statement.typed(&types).into();
        let learnt = Arc::new(Learnt { types, typed });
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST_KNOWN {
            all.clear();
        }
        all.insert(sql, Arc::clone(&learnt));
        learnt
    }

    pub(super) fn forget(&self, sql: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(sql);
    }
}

impl Pool {
    /// The connections of a database, of which there are none yet.
    pub(super) fn new(name: Arc<str>, spec: Spec, runtime: Handle) -> Arc<Self> {
        let pool = Arc::new(Self {
            permits: Arc::new(Semaphore::new(spec.size)),
            name,
            runtime,
            idle: Mutex::default(),
            known: Known::default(),
            tally: Tally::default(),
            spec,
        });
        pool.runtime.spawn(close_idle(Arc::downgrade(&pool), pool.spec.idle));
        pool
    }

    /// Runs statements on a connection of their own. Who stops waiting for it cancels it. Those that a connection has
    /// prepared before the tables changed are run once more, on another one.
    ///
    /// # Errors
    /// There is no connection, a statement fails, or the time of the declaration is up: then it is cancelled on the server.
    pub async fn run(self: &Arc<Self>, task: Task) -> Result<Vec<Answer>, SqlError> {
        self.apart(|pool, mut waiting| async move {
            let mut outcome = pool.attempt(&task, &mut waiting).await;
            if outcome.as_ref().is_err_and(|error| error.kind == Kind::Stale) {
                outcome = pool.attempt(&task, &mut waiting).await;
            }
            let _ = waiting.send(outcome);
        })
        .await
    }

    async fn attempt<T>(
        self: &Arc<Self>,
        task: &Task,
        waiting: &mut oneshot::Sender<T>,
    ) -> Result<Vec<Answer>, SqlError> {
        let mut lease = self.lease(waiting).await?;
        let atomic = task.atomic && task.all.len() > 1;
        lease.attend(task, atomic, waiting).await
    }

    /// Begins a transaction.
    ///
    /// # Errors
    /// As [`Pool::run`].
    pub async fn begin(self: &Arc<Self>) -> Result<Transaction, SqlError> {
        let lease = self.apart(|pool, mut waiting| async move {
            let outcome = async {
                let mut lease = pool.lease(&mut waiting).await?;
                lease.begin(&mut waiting).await?;
                Ok(lease)
            };
            let outcome = outcome.await;
            // One that nobody takes any more is rolled back by the end of its connection.
            let _ = waiting.send(outcome);
        });
        Ok(Transaction::new(Arc::clone(self), lease.await?))
    }

    /// Asks what a statement would give and take, without running it.
    ///
    /// # Errors
    /// There is no connection, or the database does not take the statement.
    pub async fn describe(self: &Arc<Self>, sql: String) -> Result<Described, SqlError> {
        self.apart(|pool, mut waiting| async move {
            let outcome = async {
                let mut lease = pool.lease(&mut waiting).await?;
                lease.describe(sql, &mut waiting).await
            };
            let outcome = outcome.await;
            let _ = waiting.send(outcome);
        })
        .await
    }

    /// Does something on the runtime of the databases, and waits for what it sends.
    pub(super) async fn apart<T, F>(
        self: &Arc<Self>,
        work: impl FnOnce(Arc<Self>, oneshot::Sender<Result<T, SqlError>>) -> F,
    ) -> Result<T, SqlError>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (send, receive) = oneshot::channel();
        self.runtime.spawn(work(Arc::clone(self), send));
        receive.await.unwrap_or_else(|_| Err(SqlError::ended()))
    }

    /// A connection, as soon as one is free.
    async fn lease<T>(self: &Arc<Self>, waiting: &mut oneshot::Sender<T>) -> Result<Lease, SqlError> {
        let until = Instant::now().checked_add(self.spec.timeout).unwrap_or_else(Instant::now);
        tokio::select! {
            biased;
            () = waiting.closed() => Err(SqlError::late("waiting for a connection")),
            lease = timeout_at(until.into(), Box::pin(self.free())) => {
                lease.unwrap_or_else(|_| Err(SqlError::late("waiting for a free connection of the pool")))
            }
        }
    }

    async fn free(self: &Arc<Self>) -> Result<Lease, SqlError> {
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|_| SqlError::ended())?;
        let mut lease = Lease::new(Arc::clone(self), permit);
        lease.connect().await?;
        Ok(lease)
    }

    /// The connection that has lain idle for the shortest time.
    pub(super) fn pop(&self) -> Option<(Session, Instant)> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    /// Keeps a connection for the next statement.
    pub(super) fn put(&self, session: Session) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push((session, Instant::now()));
    }

    /// Closes a connection.
    pub(super) fn closed(&self, session: Session) {
        self.tally.open.fetch_sub(1, Ordering::Relaxed);
        self.runtime.spawn(session.close());
    }

    /// Closes connections that nobody has used since: the others there may be broken too.
    pub(super) fn close_idle(&self, before: Option<Instant>) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let old = |(_, since): &mut (Session, Instant)| before.is_none_or(|before| *since < before);
        let all: Vec<_> = idle.extract_if(.., old).collect();
        drop(idle);
        all.into_iter().for_each(|(session, _)| self.closed(session));
    }

    /// What has been counted.
    pub fn counts(&self) -> Counts {
        let read = |count: &std::sync::atomic::AtomicU64| count.load(Ordering::Relaxed);
        let used = self.spec.size.saturating_sub(self.permits.available_permits());
        Counts {
            statements: read(&self.tally.statements),
            failures: read(&self.tally.failures),
            cancelled: read(&self.tally.cancelled),
            open: read(&self.tally.open),
            used: u64::try_from(used).unwrap_or(u64::MAX),
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.close_idle(None);
    }
}

/// Closes connections that nobody has used for so long, until there is no pool any more.
async fn close_idle(pool: Weak<Pool>, time: Duration) {
    let pause = (time / 2).clamp(Duration::from_millis(100), Duration::from_secs(60));
    loop {
        sleep(pause).await;
        let Some(pool) = pool.upgrade() else { return };
        pool.close_idle(Instant::now().checked_sub(time));
    }
}

#[cfg(test)]
#[path = "pool_tests.rs"]
mod tests;
