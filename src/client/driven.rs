//! A connection to a server, driven by whoever waits for something on it: it has no task of its own that would be woken too.

use std::fmt;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use futures_util::task::AtomicWaker;
use hyper::client::conn::TrySendError;
use hyper::client::conn::http1::SendRequest;
use hyper::{Request, Response, body::Incoming};

use super::connect::Peer;
use super::sent::Sent;

/// A connection that is ready for requests. What goes wrong on it, the request on it is told.
#[derive(Debug)]
pub struct Connection {
    /// Where requests go. Dropped before the driver, which then takes its leave.
    sender: SendRequest<Sent>,
    driver: Driver,
    /// Who is on the other side.
    pub(super) peer: Arc<Peer>,
}

/// What reads and writes.
type Work = dyn Future<Output = hyper::Result<()>> + Send;

impl Connection {
    /// Of both sides of a handshake.
    pub(super) fn new(
        sender: SendRequest<Sent>,
        work: impl Future<Output = hyper::Result<()>> + Send + 'static,
    ) -> Self {
        let turn = Arc::<Turn>::default();
        let driver = Driver { work: Some(Box::pin(work)), waker: Waker::from(Arc::clone(&turn)), turn };
        Self { sender, driver, peer: Arc::default() }
    }

    /// Waits until a request can be sent.
    ///
    /// # Errors
    /// The connection is closed.
    pub(super) async fn ready(&mut self) -> hyper::Result<()> {
        let Self { sender, driver, .. } = self;
        if sender.is_ready() {
            return Ok(());
        }
        driver.beside(poll_fn(|cx| sender.poll_ready(cx))).await
    }

    /// Sends a request, and waits for the head of the answer.
    ///
    /// # Errors
    /// As hyper's; with the request, where none of it was written.
    pub(super) async fn send(
        &mut self,
        request: Request<Sent>,
    ) -> Result<Response<Incoming>, TrySendError<Request<Sent>>> {
        self.driver.beside(self.sender.try_send_request(request)).await
    }

    /// Waits for something that comes on this connection.
    pub(super) async fn beside<F: Future>(&mut self, work: F) -> F::Output {
        self.driver.beside(work).await
    }

    /// Whether the next request can be sent on it, as far as is known: the other side has neither closed it nor said
    /// anything that it was not asked for, and nothing is under way.
    pub(super) fn is_idle(&mut self) -> bool {
        self.driver.look();
        self.sender.is_ready()
    }
}

/// Drives a connection.
struct Driver {
    /// `None` when it has ended.
    work: Option<Pin<Box<Work>>>,
    turn: Arc<Turn>,
    /// Wakes the turn.
    waker: Waker,
}

/// How often a connection and who waits on it take turns before other tasks have theirs.
const TURNS: usize = 16;

impl Driver {
    /// Drives it until something is done that waits for it.
    async fn beside<F: Future>(&mut self, work: F) -> F::Output {
        let (mut work, mut has_begun) = (pin!(work), false);
        poll_fn(|cx| {
            self.turn.task.register(cx.waker());
            // The task around it may look for another reason, and more often than once.
            if std::mem::replace(&mut has_begun, true) && !self.turn.has_come() {
                return Poll::Pending;
            }
            for _ in 0..TURNS {
                self.turn.begin();
                if let Poll::Ready(done) = work.as_mut().poll(&mut Context::from_waker(&self.waker)) {
                    self.turn.end();
                    return Poll::Ready(done);
                }
                self.poll();
                if self.turn.end() {
                    return Poll::Pending;
                }
            }
            cx.waker().wake_by_ref();
            Poll::Pending
        })
        .await
    }

    /// Drives it as far as it goes now, where something has happened.
    fn look(&mut self) {
        self.turn.task.take();
        if self.turn.has_come() {
            self.turn.begin();
            self.poll();
            self.turn.end();
        }
    }

    fn poll(&mut self) {
        let Some(work) = &mut self.work else { return };
        if work.as_mut().poll(&mut Context::from_waker(&self.waker)).is_ready() {
            // Who still waits for something is told by this.
            self.work = None;
        }
    }
}

impl Drop for Driver {
    /// Takes leave, as far as that can be done without waiting: TLS has a message for it (RFC 8446, section 6.1).
    fn drop(&mut self) {
        self.turn.task.take();
        self.poll();
    }
}

impl fmt::Debug for Driver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driver").field("has_ended", &self.work.is_none()).finish_non_exhaustive()
    }
}

/// Whose turn it is. What a connection and who waits on it tell each other in one turn leads to the next one, and the task
/// around them is woken for what comes from outside only.
#[derive(Debug, Default)]
struct Turn {
    state: AtomicU8,
    /// Who is woken. Nobody, while the connection is idle.
    task: AtomicWaker,
}

/// Nothing has come.
const RESTS: u8 = 0;
/// A turn is under way.
const RUNS: u8 = 1;
/// Something has come that was not looked at.
const CAME: u8 = 2;

impl Turn {
    fn begin(&self) {
        self.state.store(RUNS, Ordering::Release);
    }

    /// Ends a turn. Gives whether nothing has come meanwhile.
    fn end(&self) -> bool {
        self.state.compare_exchange(RUNS, RESTS, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    fn has_come(&self) -> bool {
        self.state.load(Ordering::Acquire) == CAME
    }
}

impl Wake for Turn {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // In a turn it is seen at its end; and what came before was told then.
        if self.state.swap(CAME, Ordering::AcqRel) == RESTS {
            self.task.wake();
        }
    }
}
