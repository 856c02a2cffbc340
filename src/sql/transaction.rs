//! A transaction: one connection for several statements, which ends by its commit or by being dropped.

use std::cell::Cell;
use std::sync::Arc;

use tokio::sync::Mutex;

use super::error::{Kind, SqlError};
use super::lease::Lease;
use super::pool::Pool;
use super::session::Answer;
use super::statement::Task;

/// A transaction of one worker. Dropped before its commit, it is rolled back, and what runs in it is cancelled.
#[derive(Debug)]
pub struct Transaction {
    pool: Arc<Pool>,
    /// Its connection; none when it is over. Statements that come at the same time take turns.
    lease: Arc<Mutex<Option<Lease>>>,
    /// Whether a statement has failed: then nothing of it can hold.
    failed: Cell<bool>,
}

impl Transaction {
    pub(super) fn new(pool: Arc<Pool>, lease: Lease) -> Self {
        Self { pool, lease: Arc::new(Mutex::new(Some(lease))), failed: Cell::new(false) }
    }

    /// Runs statements in it. Who stops waiting cancels them, and the transaction is over.
    ///
    /// # Errors
    /// A statement fails, the time of the declaration is up, or the transaction is over because one has failed before.
    pub async fn run(&self, task: Task) -> Result<Vec<Answer>, SqlError> {
        if self.failed.get() {
            return Err(over());
        }
        let mut mark = Mark { failed: &self.failed, ended_well: false };
        let own = Arc::clone(&self.lease);
        let outcome = self.pool.apart(|_, mut waiting| async move {
            let mut slot = own.lock_owned().await;
            let outcome = match slot.as_mut() {
                Some(lease) => lease.attend(&task, false, &mut waiting).await,
                None => Err(over()),
            };
            if outcome.as_ref().is_err_and(SqlError::breaks) {
                *slot = None;
            }
            drop(slot);
            let _ = waiting.send(outcome);
        });
        let outcome = outcome.await;
        mark.ended_well = outcome.is_ok();
        outcome
    }

    /// Makes all of it hold.
    ///
    /// # Errors
    /// A statement in it had failed, or the database refuses: nothing of it holds. Where the connection breaks meanwhile,
    /// nobody knows.
    pub async fn commit(&self) -> Result<(), SqlError> {
        if self.failed.get() {
            return Err(over());
        }
        let own = Arc::clone(&self.lease);
        self.pool
            .apart(|_, waiting| async move {
                let outcome = match own.lock_owned().await.take() {
                    Some(mut lease) => lease.end("commit").await,
                    None => Err(over()),
                };
                let _ = waiting.send(outcome);
            })
            .await
    }
}

impl Transaction {
    /// Takes all of it back, and waits until that is done.
    pub async fn roll_back(&self) {
        let own = Arc::clone(&self.lease);
        let ended = self.pool.apart(|_, waiting| async move {
            if let Some(mut lease) = own.lock_owned().await.take() {
                // Where that fails the connection is closed, which rolls back too.
                let _ = lease.end("rollback").await;
            }
            let _ = waiting.send(Ok(()));
        });
        let _ = ended.await;
    }
}

impl Drop for Transaction {
    fn drop(&mut self) {
        let own = Arc::clone(&self.lease);
        self.pool.runtime.spawn(async move {
            let taken = own.lock_owned().await.take();
            if let Some(mut lease) = taken {
                // Where that fails the connection is closed, which rolls back too.
                let _ = lease.end("rollback").await;
            }
        });
    }
}

/// Notes that a statement has failed, also one that nobody waited for to its end.
struct Mark<'a> {
    failed: &'a Cell<bool>,
    ended_well: bool,
}

impl Drop for Mark<'_> {
    fn drop(&mut self) {
        self.failed.set(self.failed.get() | !self.ended_well);
    }
}

fn over() -> SqlError {
    let text = "the transaction is over: a statement in it has failed before, so that nothing of it can hold; put the `try` around the `transaction`, not into it";
    SqlError::new(Kind::RolledBack, text)
}
