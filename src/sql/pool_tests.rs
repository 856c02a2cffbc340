//! Tests of connections that are left at an awkward moment: none goes back with its transaction open, and none is miscounted.

use std::path::PathBuf;
use std::pin::Pin;
use std::task::Poll;

use super::super::{File, One, Place};
use super::*;

/// A folder that goes with its test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("soapstone-pool-{}", uuid::Uuid::new_v4().simple()));
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    /// The one connection to a file in it.
    fn pool(&self) -> Arc<Pool> {
        let file = File { path: self.0.join("erp.db"), read_only: false, create: true };
        let time = Duration::from_secs(5);
        let place = Place::Sqlite(file);
        let spec = Spec { place, size: 1, idle: time, timeout: time, connect: time, tls: None };
        Pool::new("erp".into(), spec, Handle::current())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

async fn run(pool: &Arc<Pool>, all: &[&str]) -> Result<Vec<Answer>, SqlError> {
    let one = |sql: &&str| {
        let mut statement = Statement::default();
        statement.text(sql);
        let statement = Arc::new(statement);
        One { row: Arc::clone(&statement), statement, values: Vec::new() }
    };
    let all = all.iter().map(one).collect();
    Box::pin(pool.run(Task { all, atomic: true, rows: 10, bytes: 1000 })).await
}

/// Lets a future go on once.
async fn poll_once<F: Future>(mut future: Pin<&mut F>) -> Poll<F::Output> {
    std::future::poll_fn(|context| Poll::Ready(future.as_mut().poll(context))).await
}

#[tokio::test]
async fn a_transaction_that_nobody_takes_does_not_go_on_for_others() {
    let folder = Folder::new();
    let pool = folder.pool();
    let mut begin = Box::pin(pool.begin());
    assert!(poll_once(begin.as_mut()).await.is_pending());
    while pool.counts().statements == 0 {
        sleep(Duration::from_millis(1)).await;
    }
    // It has been sent by now, and not been received.
    drop(begin);
    let again = Box::pin(pool.begin()).await.unwrap();
    again.commit().await.unwrap();
}

#[tokio::test]
async fn a_commit_that_fails_ends_its_transaction() {
    let folder = Folder::new();
    let pool = folder.pool();
    run(&pool, &["create table parents (id integer primary key)"]).await.unwrap();
    let deferred = "create table children (of integer references parents deferrable initially deferred)";
    run(&pool, &[deferred]).await.unwrap();
    let orphan = "insert into children values (1)";
    let failed = run(&pool, &[orphan, orphan]).await.unwrap_err();
    assert_eq!(failed.kind, Kind::Conflict, "{failed}");
    let again = Box::pin(pool.begin()).await.unwrap();
    again.commit().await.unwrap();
}

#[tokio::test]
async fn a_connection_that_is_left_while_it_is_asked_is_counted_as_closed() {
    let folder = Folder::new();
    let pool = folder.pool();
    for _ in 0..20 {
        run(&pool, &["select 1"]).await.unwrap();
        assert_eq!(pool.counts().open, 1);
        let before = Instant::now().checked_sub(Duration::from_secs(2)).unwrap();
        pool.idle.lock().unwrap().iter_mut().for_each(|(_, since)| *since = before);
        let mut free = Box::pin(pool.free());
        let _ = poll_once(free.as_mut()).await;
        drop(free);
        assert_eq!(pool.counts().open, u64::try_from(pool.idle.lock().unwrap().len()).unwrap());
    }
}
