//! Bodies that are still on their way: handed on piece by piece where nothing reads them, and gathered where something does.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use hyper::body::{Body, Frame, SizeHint};
use tokio::sync::mpsc;

/// Bytes of a body that are waited for before it is handed on: a body that is no longer is held, so that one that breaks off
/// is told as a failure.
pub const HELD: usize = 64 << 10;

/// A body that is still on its way. Copies share it: who takes it first has it.
#[derive(Debug, Clone)]
pub struct Coming(Arc<Mutex<Option<Stream>>>);

impl Coming {
    /// A body that begins with `first`, and the end at which the rest of it is put in. `length` is that of all of it, where
    /// it is known.
    pub fn new(first: Bytes, length: Option<u64>) -> (Self, Feed) {
        // One piece lies between who reads and who writes, so that neither waits for each turn of the other.
        let (pieces, rest) = mpsc::channel(1);
        let ended = Arc::new(OnceLock::new());
        let stream = Stream { first, rest, ended: Arc::clone(&ended), left: length };
        (Self(Arc::new(Mutex::new(Some(stream)))), Feed { pieces, ended })
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

    /// Waits for all of it.
    ///
    /// # Errors
    /// It broke off, or somebody has taken it.
    pub async fn gather(&self) -> Result<Bytes, Cut> {
        let Some(stream) = self.take() else { return Err(Cut::lost()) };
        stream.gather().await
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Stream>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

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
    ended: Arc<OnceLock<Result<(), Cut>>>,
    /// Bytes that are still to come, where that is known.
    left: Option<u64>,
}

impl Stream {
    async fn gather(mut self) -> Result<Bytes, Cut> {
        let mut all = BytesMut::new();
        while let Some(frame) = self.frame().await {
            if let Ok(piece) = frame?.into_data() {
                all.extend_from_slice(&piece);
            }
        }
        Ok(all.freeze())
    }

    fn next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Cut>>> {
        if !self.first.is_empty() {
            return Poll::Ready(Some(Ok(std::mem::take(&mut self.first))));
        }
        if let Some(piece) = ready!(self.rest.poll_recv(cx)) {
            return Poll::Ready(Some(Ok(piece)));
        }
        Poll::Ready(match self.ended.get() {
            Some(Ok(())) => None,
            Some(Err(cut)) => Some(Err(cut.clone())),
            None => Some(Err(Cut::lost())),
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
        if let (Some(Ok(piece)), Some(left)) = (&next, &mut this.left) {
            *left = left.saturating_sub(u64::try_from(piece.len()).unwrap_or(u64::MAX));
        }
        Poll::Ready(next.map(|piece| piece.map(Frame::data)))
    }

    fn size_hint(&self) -> SizeHint {
        self.left.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

/// The end at which a body is put in. Dropped without a word it has broken off.
#[derive(Debug)]
pub struct Feed {
    pieces: mpsc::Sender<Bytes>,
    ended: Arc<OnceLock<Result<(), Cut>>>,
}

/// Why not all of a body was handed on.
#[derive(Debug)]
pub enum Stopped<E> {
    /// It has more bytes than are allowed.
    TooLarge,
    /// It broke off.
    Broken(E),
    /// Nobody takes it any more.
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
        on: impl Fn(usize),
    ) -> Result<(), Stopped<B::Error>>
    where
        B: Body<Data = Bytes> + Unpin,
    {
        loop {
            let frame = tokio::select! {
                // Whoever knows the length goes with the last byte, before its end is seen here.
                biased;
                frame = body.frame() => frame,
                () = self.pieces.closed() => return Err(Stopped::Unwanted),
            };
            let Some(frame) = frame else { return Ok(()) };
            let Ok(piece) = frame.map_err(Stopped::Broken)?.into_data() else { continue };
            room = room.checked_sub(piece.len()).ok_or(Stopped::TooLarge)?;
            on(piece.len());
            if !piece.is_empty() && self.pieces.send(piece).await.is_err() {
                return Err(Stopped::Unwanted);
            }
        }
    }

    /// Ends it.
    pub fn end(self, how: Result<(), Cut>) {
        // Only here, and once.
        let _ = self.ended.set(how);
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::{Full, StreamBody};

    use super::*;

    fn frames(pieces: &[&'static str]) -> impl Body<Data = Bytes, Error = Cut> + Unpin + use<> {
        let frame = |piece: &&'static str| Ok(Frame::data(Bytes::from_static(piece.as_bytes())));
        let frames: Vec<_> = pieces.iter().map(frame).collect();
        StreamBody::new(futures_util::stream::iter(frames))
    }

    #[tokio::test(flavor = "current_thread")]
    async fn all_pieces_come_in_order() {
        let (coming, feed) = Coming::new("a".into(), Some(6));
        let copy = coming.clone();
        let gathered = async { copy.gather().await };
        let fed = async {
            let mut body = frames(&["bc", "", "def"]);
            feed.pass(&mut body, 5, |_| {}).await.unwrap();
            feed.end(Ok(()));
        };
        let (gathered, ()) = tokio::join!(gathered, fed);
        assert_eq!(gathered.unwrap(), "abcdef");
        assert!(coming.is_taken() && coming.gather().await.is_err());
    }

    #[tokio::test(flavor = "current_thread")]
    async fn what_breaks_off_is_told() {
        let (coming, feed) = Coming::new(Bytes::new(), None);
        let long = feed.pass(&mut frames(&["abc"]), 2, |_| {}).await;
        assert!(matches!(long, Err(Stopped::TooLarge)), "{long:?}");
        feed.end(Err(Cut { code: "too-large", text: "too much".into() }));
        assert_eq!(coming.gather().await.unwrap_err().code, "too-large");
        let (coming, feed) = Coming::new("a".into(), None);
        drop(feed);
        assert_eq!(coming.gather().await.unwrap_err().code, "cut");
        let (coming, feed) = Coming::new("a".into(), None);
        drop(coming);
        let unwanted = feed.pass(&mut Full::new(Bytes::from_static(b"b")), 9, |_| {}).await;
        assert!(matches!(unwanted, Err(Stopped::Unwanted)), "{unwanted:?}");
    }

    #[tokio::test(flavor = "current_thread")]
    async fn the_length_counts_down() {
        let (coming, _feed) = Coming::new("ab".into(), Some(5));
        let mut stream = coming.take().unwrap();
        assert_eq!(stream.size_hint().exact(), Some(5));
        assert!(stream.frame().await.is_some_and(|frame| frame.is_ok()));
        assert_eq!(stream.size_hint().exact(), Some(3));
        coming.put_back(stream);
        assert!(!coming.is_taken());
    }
}
