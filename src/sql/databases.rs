//! The databases of the process, and the one thread on which all their connections are served.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

use super::counts::Counts;
use super::error::{Kind, SqlError};
use super::pool::Pool;
use super::{Database, Spec};

/// The databases of the process: their connections outlive reloads that say the same of them.
///
/// Connections belong to one thread with a runtime of its own, whichever worker asks: so the size of a pool is what its
/// author means, and who goes away leaves nobody waiting, since what it asked for is cancelled and put in order there.
#[derive(Debug, Default)]
pub struct Databases {
    pools: Mutex<Vec<Arc<Pool>>>,
    thread: OnceLock<Option<Thread>>,
}

/// The thread; it ends when this is dropped.
#[derive(Debug)]
struct Thread {
    runtime: Handle,
    _alive: oneshot::Sender<()>,
}

impl Databases {
    /// The connections of a database.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn open(&self, database: &Database) -> Result<Arc<Pool>, SqlError> {
        if let Some(pool) = database.pool.get() {
            return Ok(Arc::clone(pool));
        }
        let failed = || SqlError::new(Kind::Unreachable, "the system gives no thread for databases");
        let thread = self.thread.get_or_init(start).as_ref().ok_or_else(failed)?;
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        let found = pools.iter().find(|pool| is_same(pool, &database.name, &database.spec));
        let pool = match found {
            Some(pool) => Arc::clone(pool),
            None => {
                let pool =
                    Pool::new(Arc::clone(&database.name), database.spec.clone(), thread.runtime.clone());
                pools.push(Arc::clone(&pool));
                pool
            }
        };
        Ok(Arc::clone(database.pool.get_or_init(|| pool)))
    }

    /// Forgets all databases but these: their connections close when the last statement on them is done.
    pub fn keep<'a>(&self, databases: impl Iterator<Item = &'a Arc<Database>>) {
        let kept: Vec<&Arc<Database>> = databases.collect();
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        pools.retain(|pool| kept.iter().any(|database| is_same(pool, &database.name, &database.spec)));
    }

    /// What has been counted for each database that was called, in the order of their names.
    pub fn counts(&self) -> Vec<(Arc<str>, Counts)> {
        let pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<_> = pools.iter().map(|pool| (Arc::clone(&pool.name), pool.counts())).collect();
        all.sort_by(|(one, _), (other, _)| one.cmp(other));
        // Of a name whose declaration has changed only the newest is shown.
        all.dedup_by(|(one, _), (other, _)| one == other);
        all
    }
}

fn is_same(pool: &Pool, name: &Arc<str>, spec: &Spec) -> bool {
    pool.name == *name && pool.spec == *spec
}

fn start() -> Option<Thread> {
    let runtime = Builder::new_current_thread().enable_all().thread_name("database").build().ok()?;
    let handle = runtime.handle().clone();
    let (alive, ended) = oneshot::channel::<()>();
    let serve = move || {
        // Told nothing ever: this is the end of the process's databases.
        let _ = runtime.block_on(ended);
        runtime.shutdown_background();
    };
    std::thread::Builder::new().name("databases".to_owned()).spawn(serve).ok()?;
    Some(Thread { runtime: handle, _alive: alive })
}
