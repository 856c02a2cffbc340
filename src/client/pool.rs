//! Connections that wait for the next request: one pool a worker, since a connection belongs to the runtime that drives it.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::{Rc, Weak};
use std::time::{Duration, Instant};

use tokio::task::spawn_local;
use tokio::time::sleep;

use super::driven::Connection;
use super::tap::Tap;

/// What connections are kept under: a hash over all that makes two of them interchangeable.
pub type Key = u128;

/// The idle connections of a worker, and who looks on at the calls that it makes.
#[derive(Debug, Default)]
pub struct Pools {
    kept: Rc<Kept>,
    tap: Option<Rc<dyn Tap>>,
}

/// The idle connections of a worker.
#[derive(Debug, Default)]
struct Kept {
    /// By key, of which there are few: looking one up takes less than hashing it.
    idle: RefCell<BTreeMap<Key, Vec<Idle>>>,
    /// Whether somebody looks through them.
    is_swept: Cell<bool>,
}

#[derive(Debug)]
struct Idle {
    connection: Connection,
    since: Instant,
    longest: Duration,
}

/// How often idle connections are looked through, for those that have waited too long or were closed by the other side:
/// nobody drives them meanwhile.
const SWEEP: Duration = Duration::from_secs(1);

impl Pools {
    /// Without connections yet, and with somebody who looks on.
    pub fn tapped(tap: Rc<dyn Tap>) -> Self {
        Self { tap: Some(tap), ..Self::default() }
    }

    /// The same connections for who goes on behind a call, where nobody looks on any more.
    pub(super) fn shared(&self) -> Self {
        Self { kept: Rc::clone(&self.kept), tap: None }
    }

    /// Who looks on.
    pub(super) fn tap(&self) -> Option<&dyn Tap> {
        self.tap.as_deref()
    }

    /// A connection that waits, the one that was used last.
    pub(super) fn take(&self, key: Key, longest: Duration) -> Option<Connection> {
        let mut pools = self.kept.idle.borrow_mut();
        let pool = pools.get_mut(&key)?;
        while let Some(mut idle) = pool.pop() {
            if idle.since.elapsed() < longest && idle.connection.is_idle() {
                return Some(idle.connection);
            }
        }
        None
    }

    /// Keeps a connection for the next request, unless there are enough, or something is still under way on it.
    pub(super) fn put(&self, key: Key, mut connection: Connection, most: usize, longest: Duration) {
        if most == 0 || !connection.is_idle() {
            return;
        }
        let mut pools = self.kept.idle.borrow_mut();
        let pool = pools.entry(key).or_default();
        if pool.len() >= most {
            // The oldest has waited longest, and is the likeliest to be closed by the other side.
            drop(pool.drain(..=pool.len() - most));
        }
        pool.push(Idle { connection, since: Instant::now(), longest });
        if !self.kept.is_swept.replace(true) {
            spawn_local(swept(Rc::downgrade(&self.kept)));
        }
    }

    /// Closes the connections of all addresses but these.
    pub fn keep(&self, keys: &[Key]) {
        self.kept.idle.borrow_mut().retain(|key, _| keys.contains(key));
    }
}

/// Looks through idle connections as long as there are any.
async fn swept(kept: Weak<Kept>) {
    loop {
        sleep(SWEEP).await;
        let Some(kept) = kept.upgrade() else { return };
        let mut pools = kept.idle.borrow_mut();
        pools.retain(|_, pool| {
            pool.retain_mut(|idle| idle.since.elapsed() < idle.longest && idle.connection.is_idle());
            !pool.is_empty()
        });
        if pools.is_empty() {
            kept.is_swept.set(false);
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http_body_util::{BodyExt as _, Full};
    use hyper::client::conn::http1;
    use hyper::{Request, StatusCode};
    use hyper_util::rt::TokioIo;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream, duplex};
    use tokio::task::LocalSet;
    use tokio::time::timeout;

    use super::*;
    use crate::client::sent::Sent;

    const LONG: Duration = Duration::from_secs(60);

    /// A connection, and the other side of it.
    async fn pair() -> (Connection, DuplexStream) {
        let (near, far) = duplex(64 << 10);
        let (sender, work) = http1::handshake(TokioIo::new(near)).await.unwrap();
        let mut connection = Connection::new(sender, work);
        connection.ready().await.unwrap();
        (connection, far)
    }

    async fn call(connection: &mut Connection, far: &mut DuplexStream, answer: &[u8]) {
        let request = Request::builder().uri("/").header("Host", "example.com");
        let request = request.body(Sent::Whole(Full::new(Bytes::from_static(b"ping")))).unwrap();
        let other = async {
            let mut asked = Vec::new();
            while !asked.ends_with(b"ping") {
                assert_ne!(far.read_buf(&mut asked).await.unwrap(), 0);
            }
            far.write_all(answer).await.unwrap();
        };
        let (answered, ()) = tokio::join!(connection.send(request), other);
        let mut answered = answered.unwrap();
        assert_eq!(answered.status(), StatusCode::OK);
        let body = connection.beside(answered.body_mut().collect()).await.unwrap();
        assert_eq!(body.to_bytes(), "pong");
    }

    fn run(test: impl Future<Output = ()>) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        LocalSet::new().block_on(&runtime, async { timeout(Duration::from_secs(20), test).await.unwrap() });
    }

    const ANSWERS: [&[u8]; 2] = [
        b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\npong",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\npo\r\n2\r\nng\r\n0\r\n\r\n",
    ];

    #[test]
    fn a_connection_is_used_again_until_the_other_side_closes_it() {
        run(async {
            let pools = Pools::default();
            let (mut connection, mut far) = pair().await;
            for answer in ANSWERS {
                call(&mut connection, &mut far, answer).await;
                pools.put(1, connection, 2, LONG);
                connection = pools.take(1, LONG).expect("it is idle");
            }
            pools.put(1, connection, 2, LONG);
            drop(far);
            assert!(pools.take(1, LONG).is_none());
        });
    }

    #[test]
    fn what_was_closed_with_the_answer_or_says_something_unasked_is_not_kept() {
        run(async {
            let pools = Pools::default();
            for more in ["HTTP/1.1 408 Request Timeout\r\n\r\n", ""] {
                let (mut connection, mut far) = pair().await;
                call(&mut connection, &mut far, ANSWERS[0]).await;
                pools.put(1, connection, 2, LONG);
                far.write_all(more.as_bytes()).await.unwrap();
                far.shutdown().await.unwrap();
                assert!(pools.take(1, LONG).is_none(), "{more}");
            }
            let (mut connection, mut far) = pair().await;
            let last = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 4\r\n\r\npong";
            call(&mut connection, &mut far, last).await;
            pools.put(1, connection, 2, LONG);
            assert!(pools.take(1, LONG).is_none());
        });
    }

    #[test]
    fn idle_connections_are_closed_in_time_without_a_further_call() {
        run(async {
            let pools = Pools::default();
            let (kept, mut far_of_kept) = pair().await;
            let (old, mut far_of_old) = pair().await;
            let (closed, far_of_closed) = pair().await;
            pools.put(1, kept, 4, LONG);
            pools.put(1, old, 4, Duration::from_millis(1));
            pools.put(2, closed, 4, LONG);
            drop(far_of_closed);
            // The other side sees the end.
            assert_eq!(far_of_old.read(&mut [0; 8]).await.unwrap(), 0);
            assert!(!pools.kept.idle.borrow().contains_key(&2));
            assert!(pools.kept.is_swept.get());
            drop(pools);
            assert_eq!(far_of_kept.read(&mut [0; 8]).await.unwrap(), 0);
        });
    }
}
