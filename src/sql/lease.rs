//! A connection in use: what runs on it is watched, and it goes back only if it can be used again.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, oneshot};
use tokio::time::{sleep_until, timeout};

use super::error::{Kind, SqlError};
use super::pool::Pool;
use super::session::{Answer, Described, Session};
use super::statement::Task;
use super::stop::Stop;

/// How long a cancelled statement may take to end.
const GRACE: Duration = Duration::from_secs(2);

/// How long a connection may lie idle before it is asked whether it still works.
const FRESH: Duration = Duration::from_secs(1);

/// A connection in use.
#[derive(Debug)]
pub(super) struct Lease {
    pool: Arc<Pool>,
    /// None before it is connected; taken when it is given back.
    session: Option<Session>,
    /// Whether it can be used again.
    sound: bool,
    _permit: OwnedSemaphorePermit,
}

impl Lease {
    /// One that may be connected.
    pub(super) fn new(pool: Arc<Pool>, permit: OwnedSemaphorePermit) -> Self {
        Self { pool, session: None, sound: false, _permit: permit }
    }

    /// Takes a connection that lies idle and still answers, or opens one.
    pub(super) async fn connect(&mut self) -> Result<(), SqlError> {
        while let Some((session, since)) = self.pool.pop() {
            // It is not sound before it has answered: it is closed where nobody waits for that any more.
            let session = self.session.insert(session);
            if since.elapsed() < FRESH || session.answers().await {
                self.sound = true;
                return Ok(());
            }
            self.give_back();
        }
        self.session = Some(Session::open(&self.pool.spec).await?);
        self.pool.tally.open.fetch_add(1, Ordering::Relaxed);
        self.sound = true;
        Ok(())
    }

    /// Gives the connection back, or closes it where it cannot be used again.
    fn give_back(&mut self) {
        let Some(session) = self.session.take() else { return };
        if self.sound && !session.in_transaction() {
            self.pool.put(session);
        } else {
            self.pool.closed(session);
        }
    }

    /// It is not used again.
    pub(super) fn spoil(&mut self) {
        self.sound = false;
    }

    /// Runs statements, with a transaction around them where they are to hold all or none. What was done by the time that
    /// it was cancelled is done: outside of a transaction that is told, since who tried again would do it twice.
    pub(super) async fn attend<T>(
        &mut self,
        task: &Task,
        atomic: bool,
        waiting: &mut oneshot::Sender<T>,
    ) -> Result<Vec<Answer>, SqlError> {
        let Self { pool, session: Some(session), .. } = self else { return Err(SqlError::ended()) };
        let stop = session.stop();
        let holds = !session.in_transaction();
        let work: Working<'_, _> = match atomic {
            true => Box::pin(session.atomically(task, &pool.known)),
            false => Box::pin(session.work(task, &pool.known)),
        };
        match watch(pool, &stop, work, waiting).await {
            Watched::Cancelled(late, known) if holds => self.cancelled(known_of(late, known)),
            watched => self.judge(watched),
        }
    }

    /// Begins a transaction.
    pub(super) async fn begin<T>(&mut self, waiting: &mut oneshot::Sender<T>) -> Result<(), SqlError> {
        let Self { pool, session: Some(session), .. } = self else { return Err(SqlError::ended()) };
        let stop = session.stop();
        let watched = watch(pool, &stop, Box::pin(session.begin()), waiting).await;
        self.judge(watched)
    }

    /// Asks what a statement would give and take.
    pub(super) async fn describe<T>(
        &mut self,
        sql: String,
        waiting: &mut oneshot::Sender<T>,
    ) -> Result<Described, SqlError> {
        let Self { pool, session: Some(session), .. } = self else { return Err(SqlError::ended()) };
        let stop = session.stop();
        let watched = watch(pool, &stop, Box::pin(session.describe(sql)), waiting).await;
        self.judge(watched)
    }

    /// Does not use the connection again after a failure that may be its own.
    fn judge<R>(&mut self, watched: Watched<R>) -> Result<R, SqlError> {
        match watched {
            Watched::Ended(outcome) => {
                self.sound &= !outcome.as_ref().is_err_and(SqlError::breaks);
                outcome
            }
            Watched::Cancelled(late, _) => self.cancelled(Err(late)),
        }
    }

    /// Does not use the connection again after a cancellation, which could stop the next statement on it.
    fn cancelled<R>(&mut self, outcome: Result<R, SqlError>) -> Result<R, SqlError> {
        self.spoil();
        match &outcome {
            Ok(_) => self.pool.tally.count(&outcome),
            Err(_) => self.pool.tally.cancel(),
        }
        outcome
    }

    /// Ends a transaction: whoever waits for it, this is done.
    pub(super) async fn end(&mut self, word: &'static str) -> Result<(), SqlError> {
        let Some(session) = &mut self.session else { return Err(SqlError::ended()) };
        let said = match timeout(self.pool.spec.timeout, Box::pin(session.end(word))).await {
            Ok(said) => said,
            Err(_) => Err(SqlError::new(Kind::Lost, format!("`{word}` was not answered in time"))),
        };
        if said.is_err() {
            self.spoil();
        }
        said
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.give_back();
    }
}

/// What is done on a connection.
type Working<'a, R> = Pin<Box<dyn Future<Output = Result<R, SqlError>> + Send + 'a>>;

/// What came of what was done on a connection.
enum Watched<R> {
    /// It ended.
    Ended(Result<R, SqlError>),
    /// It was cancelled for this reason, and ended so where that is known.
    Cancelled(SqlError, Option<Result<R, SqlError>>),
}

/// What to tell of statements that were cancelled, and hold as soon as they end well.
fn known_of<R>(late: SqlError, known: Option<Result<R, SqlError>>) -> Result<R, SqlError> {
    match known {
        Some(Ok(done)) => Ok(done),
        Some(Err(error)) if error.kind == Kind::Lost => Err(error),
        Some(Err(_)) => Err(late),
        None => {
            let text =
                format!("{late}, and has not ended when it was cancelled: nobody knows whether it holds");
            Err(SqlError::new(Kind::Lost, text))
        }
    }
}

/// Waits for what is done on a connection, and cancels it on the server when its time is up or nobody waits any more.
async fn watch<R, T>(
    pool: &Pool,
    stop: &Stop,
    mut work: Working<'_, R>,
    waiting: &mut oneshot::Sender<T>,
) -> Watched<R> {
    if waiting.is_closed() {
        let text = "nobody waits for the statement any more";
        return Watched::Ended(Err(SqlError::new(Kind::Timeout, text)));
    }
    let until = Instant::now().checked_add(pool.spec.timeout).unwrap_or_else(Instant::now);
    let late = tokio::select! {
        biased;
        outcome = &mut work => {
            pool.tally.count(&outcome);
            // What broke one connection has mostly broken those that lie idle too.
            if outcome.as_ref().is_err_and(|error| matches!(error.kind, Kind::Unreachable | Kind::Lost | Kind::Stale)) {
                pool.close_idle(None);
            }
            return Watched::Ended(outcome);
        }
        () = sleep_until(until.into()) => SqlError::late("the statement"),
        () = waiting.closed() => SqlError::late("the step, or the request,"),
    };
    stop.stop(&pool.spec).await;
    // It mostly ends with an error; it may have been done by then; or the connection is closed while it runs.
    let known = timeout(GRACE, work).await.ok();
    Watched::Cancelled(late, known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_held_although_it_was_cancelled_is_not_tried_again() {
        let told = |known| known_of(SqlError::late("the statement"), known).map_err(|error| error.kind);
        let failed = |kind| Some(Err(SqlError::new(kind, "")));
        assert_eq!(told(Some(Ok(7))), Ok(7));
        assert_eq!(told(failed(Kind::Timeout)), Err(Kind::Timeout));
        assert_eq!(told(failed(Kind::Lost)), Err(Kind::Lost));
        assert_eq!(told(None), Err(Kind::Lost));
    }
}
