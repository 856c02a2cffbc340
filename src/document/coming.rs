//! Bodies that are still on their way: handed on piece by piece where nothing reads them, and gathered where something does.

use std::fmt;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use hyper::body::{Body, Frame, SizeHint};
use tokio::sync::{Notify, mpsc};
use tokio::time::timeout_at;

/// Bytes of a body that are waited for before it is handed on: a body that is no longer is held, so that one that breaks off
/// is told as a failure.
pub const HELD: usize = 64 << 10;

/// A body that is still on its way. Copies share it: who takes it first has it.
#[derive(Debug, Clone)]
pub struct Coming {
    stream: Arc<Mutex<Option<Stream>>>,
    state: Arc<State>,
}

/// What both ends know.
#[derive(Debug, Default)]
struct State {
    /// How it ended, as who puts it in says.
    ended: OnceLock<Result<(), Cut>>,
    /// Whether all of it was taken out.
    is_over: AtomicBool,
    /// Told when nobody takes any more of it out: all of it was, or who did has gone.
    over: Notify,
    /// Told when nobody wants the rest.
    stop: Notify,
    /// Whether the next piece is waited for, and not who takes it.
    waits: AtomicBool,
    /// Pieces that were taken out.
    taken: AtomicUsize,
}

impl Coming {
    /// A body that begins with `first`, and the end at which the rest of it is put in. `length` is that of all of it, where
    /// it is known.
    pub fn new(first: Bytes, length: Option<u64>) -> (Self, Feed) {
        // One piece lies between who reads and who writes, so that neither waits for each turn of the other.
        let (pieces, rest) = mpsc::channel(1);
        let state = Arc::<State>::default();
        let stream = Stream { first, rest, state: Arc::clone(&state), left: length };
        let coming = Self { stream: Arc::new(Mutex::new(Some(stream))), state: Arc::clone(&state) };
        (coming, Feed { pieces, state })
    }

    /// Takes it; `None` where somebody has.
    pub fn take(&self) -> Option<Stream> {
        self.lock().take()
    }

    /// Puts it back, untouched.
    pub fn put_back(&self, stream: Stream) {
        *self.lock() = Some(stream);
    }

    /// Whether somebody has taken it.
    pub fn is_taken(&self) -> bool {
        self.lock().is_none()
    }

    /// Whether all of it was taken out.
    pub fn is_over(&self) -> bool {
        self.state.is_over.load(Ordering::Acquire)
    }

    /// Whether its next piece is waited for, and not who takes it.
    pub fn waits_for_more(&self) -> bool {
        self.state.waits.load(Ordering::Acquire)
    }

    /// How many pieces were taken out.
    pub fn taken(&self) -> usize {
        self.state.taken.load(Ordering::Acquire)
    }

    /// Whether it broke off.
    pub fn is_broken(&self) -> bool {
        matches!(self.state.ended.get(), Some(Err(_)))
    }

    /// Whether both are the same body.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.state, &other.state)
    }

    /// Waits until nobody takes any more of it out: all of it was, or who did has gone. For one who waits.
    pub async fn over(&self) {
        self.state.over.notified().await;
    }

    /// Nobody wants the rest of it.
    pub fn stop(&self) {
        drop(self.take());
        self.state.stop.notify_one();
    }

    /// Waits for all of it; `held` is told how much there is, and may refuse it.
    ///
    /// # Errors
    /// It broke off, or is refused.
    pub async fn gather<E: From<Cut>>(&self, held: impl Fn(usize) -> Result<(), E>) -> Result<Bytes, E> {
        let Some(mut stream) = self.take() else { return Err(Cut::lost().into()) };
        let mut all = BytesMut::new();
        while let Some(frame) = stream.frame().await {
            if let Ok(piece) = frame?.into_data() {
                held(all.len().saturating_add(piece.len()))?;
                all.extend_from_slice(&piece);
            }
        }
        Ok(all.freeze())
    }

    fn lock(&self) -> MutexGuard<'_, Option<Stream>> {
        self.stream.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The code of a request whose body broke off on its way here: who is called has no part in it.
pub const REQUEST_CUT: &str = "request-cut";

/// The code of an answer that broke off because who takes it did not.
pub const SLOW_TAKER: &str = "slow-taker";

/// Why a body ended before it was complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// A stable code: `truncated-answer`.
    pub code: &'static str,
    /// What happened, for the log.
    pub text: String,
}

impl Cut {
    /// Who put it in has gone without a word.
    fn lost() -> Self {
        Self { code: "cut", text: "the body ended before it was complete".into() }
    }
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for Cut {}

/// What comes out of a body that is on its way.
#[derive(Debug)]
pub struct Stream {
    first: Bytes,
    rest: mpsc::Receiver<Bytes>,
    state: Arc<State>,
    /// Bytes that are still to come, where that is known.
    left: Option<u64>,
}

impl Stream {
    fn next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Cut>>> {
        if !self.first.is_empty() {
            return Poll::Ready(Some(Ok(std::mem::take(&mut self.first))));
        }
        if let Some(piece) = ready!(self.rest.poll_recv(cx)) {
            return Poll::Ready(Some(Ok(piece)));
        }
        Poll::Ready(match self.state.ended.get() {
            Some(Ok(())) if self.left.is_none_or(|left| left == 0) => None,
            Some(Err(cut)) => Some(Err(cut.clone())),
            Some(Ok(())) | None => Some(Err(Cut::lost())),
        })
    }
}

impl Body for Stream {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = self.get_mut();
        let next = ready!(this.next(cx));
        this.state.taken.fetch_add(1, Ordering::AcqRel);
        if let (Some(Ok(piece)), Some(left)) = (&next, &mut this.left) {
            *left = left.saturating_sub(u64::try_from(piece.len()).unwrap_or(u64::MAX));
        }
        // Who knows the length does not ask for what is behind it.
        if next.is_none() || this.left == Some(0) {
            this.state.is_over.store(true, Ordering::Release);
            this.state.over.notify_one();
        }
        Poll::Ready(next.map(|piece| piece.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.left == Some(0)
    }

    fn size_hint(&self) -> SizeHint {
        self.left.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.state.over.notify_one();
    }
}

/// The end at which a body is put in. Dropped without a word it has broken off.
#[derive(Debug)]
pub struct Feed {
    pieces: mpsc::Sender<Bytes>,
    state: Arc<State>,
}

/// How long may be waited.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Until when for all of it.
    pub until: Option<Instant>,
    /// How long for each piece.
    pub piece: Option<Duration>,
    /// How long for who takes a piece.
    pub taker: Option<Duration>,
}

impl Pace {
    async fn keep<F: Future>(self, time: Option<Duration>, work: F) -> Option<F::Output> {
        let own = time.and_then(|time| Instant::now().checked_add(time));
        match own.into_iter().chain(self.until).min() {
            Some(until) => timeout_at(until.into(), work).await.ok(),
            None => Some(work.await),
        }
    }
}

/// Why not all of a body was handed on.
#[derive(Debug)]
pub enum Stopped<E> {
    /// It has more bytes than are allowed.
    TooLarge,
    /// It broke off.
    Broken(E),
    /// The next piece did not come in time.
    Late,
    /// Nobody takes it any more, or not in time.
    Unwanted,
}

impl Feed {
    /// Hands on what a body still brings, `room` bytes at most; `on` is told of each piece how long it is.
    ///
    /// # Errors
    /// Not all of it was handed on.
    pub async fn pass<B>(
        &self,
        body: &mut B,
        mut room: usize,
        pace: Pace,
        on: impl Fn(usize),
    ) -> Result<(), Stopped<B::Error>>
    where
        B: Body<Data = Bytes> + Unpin,
    {
        loop {
            self.state.waits.store(true, Ordering::Release);
            let frame = tokio::select! {
                // The last piece may have been the last that was wanted: the end is seen first.
                biased;
                // Who asks later still finds that it was waited for.
                frame = pace.keep(pace.piece, body.frame()) => frame.ok_or(Stopped::Late)?,
                () = self.unwanted() => return Err(Stopped::Unwanted),
            };
            self.state.waits.store(false, Ordering::Release);
            let Some(frame) = frame else { return Ok(()) };
            let Ok(piece) = frame.map_err(Stopped::Broken)?.into_data() else { continue };
            room = room.checked_sub(piece.len()).ok_or(Stopped::TooLarge)?;
            on(piece.len());
            if piece.is_empty() {
                continue;
            }
            let taken = tokio::select! {
                taken = pace.keep(pace.taker, self.pieces.send(piece)) => taken.is_some_and(|taken| taken.is_ok()),
                () = self.state.stop.notified() => false,
            };
            if !taken {
                return Err(Stopped::Unwanted);
            }
        }
    }

    async fn unwanted(&self) {
        tokio::select! {
            () = self.pieces.closed() => {}
            () = self.state.stop.notified() => {}
        }
        self.state.waits.store(false, Ordering::Release);
    }

    /// Ends it.
    pub fn end(self, how: Result<(), Cut>) {
        // Only here, and once.
        let _ = self.state.ended.set(how);
    }
}

#[cfg(test)]
#[path = "coming_tests.rs"]
mod tests;
