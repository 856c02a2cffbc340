//! A connection's stream with a watch on it: what the peer is doing, so that slow heads and idle connections end.

use std::cell::{Cell, RefCell};
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};

/// What an HTTP/2 client says first (RFC 9113, section 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// What the connection is doing, as seen from its bytes and its requests.
///
/// hyper's own `header_read_timeout` also runs while a kept-alive connection is idle and closes without an answer; a
/// slow head and an idle connection have different bounds here, and a slow head is answered with 408.
#[derive(Debug)]
pub(super) struct Watch {
    /// The end of the last request, or the last byte of its answer that was written after it.
    quiet_since: Cell<Instant>,
    /// When the first byte of a head came that is not complete yet (HTTP/1 only).
    head_since: Cell<Option<Instant>>,
    running: Cell<u32>,
    http2: Cell<bool>,
    /// Bytes of answers that HTTP/2 has yet to write; what it writes beyond them only says that it lives.
    owed: Cell<usize>,
    /// Since when the peer has taken nothing of what is written.
    blocked: Cell<Option<Instant>>,
    unread: Cell<bool>,
    /// Whether a request's body may be complete and not taken yet (HTTP/1 only).
    untaken: Cell<bool>,
    /// Whether the end of the stream was put off once, behind bytes of a head.
    put_off: Cell<bool>,
    /// Who waits for the end of the stream that is held back.
    held_back: RefCell<Option<Waker>>,
}

impl Watch {
    pub(super) fn new() -> Self {
        Self {
            quiet_since: Cell::new(Instant::now()),
            head_since: Cell::new(None),
            running: Cell::new(0),
            http2: Cell::new(false),
            owed: Cell::new(0),
            blocked: Cell::new(None),
            unread: Cell::new(false),
            untaken: Cell::new(false),
            put_off: Cell::new(false),
            held_back: RefCell::new(None),
        }
    }

    /// A request's head is complete.
    pub(super) fn begin(&self) {
        if self.running.get() == 0 {
            self.owed.set(0);
        }
        self.running.set(self.running.get().saturating_add(1));
        self.head_since.set(None);
        self.unread.set(false);
        self.untaken.set(!self.http2.get());
    }

    /// The request's body is taken, or more of it must come: that the peer ends its side now means that it has gone.
    pub(super) fn taken(&self) {
        self.untaken.set(false);
        if let Some(waker) = self.held_back.take() {
            waker.wake();
        }
    }

    /// Whether the end of the stream waits. hyper gives a request up when the peer ends its side, even one whose last byte it
    /// has read but not handed on: a client that does not wait for the answer to its one-way message would send it in vain.
    fn holds_back(&self, cx: &Context<'_>) -> bool {
        if self.untaken.get() {
            self.held_back.replace(Some(cx.waker().clone()));
            return true;
        }
        // A head may be complete with these bytes: its request begins before the stream is read again.
        let waits = self.head_since.get().is_some() && !self.put_off.replace(true);
        if waits {
            cx.waker().wake_by_ref();
        }
        waits
    }

    /// A request is answered or given up.
    pub(super) fn end(&self) {
        self.running.set(self.running.get().saturating_sub(1));
        self.taken();
        self.quiet_since.set(Instant::now());
    }

    /// A request's body is read behind its answer, too, until the guard is dropped: its bytes are no head, and who sends it is
    /// not idle.
    pub(super) fn reading(self: &Rc<Self>) -> Reading {
        self.running.set(self.running.get().saturating_add(1));
        Reading(Rc::clone(self))
    }

    /// An answer with a body of so many bytes is made.
    pub(super) fn owes(&self, bytes: usize) {
        if self.http2.get() {
            self.owed.set(self.owed.get().saturating_add(bytes));
        }
    }

    /// A body was refused before all of it was read: the answer must survive the bytes that still come.
    pub(super) fn left_unread(&self) {
        self.unread.set(true);
    }

    /// Whether bytes were refused.
    pub(super) fn has_unread(&self) -> bool {
        self.unread.get()
    }

    /// When the peer has been too slow, if nothing changes; while requests run, which have bounds of their own, only with taking
    /// what is written.
    pub(super) fn deadline(&self, head: Duration, idle: Duration) -> Option<(Instant, Late)> {
        if self.running.get() > 0 {
            return self.blocked.get().map(|since| (since + idle, Late::Taking));
        }
        match self.head_since.get() {
            Some(since) => Some((since + head, Late::Head)),
            None => Some((self.quiet_since.get() + idle, Late::Idle)),
        }
    }

    /// When nothing will have happened for so long; `None` while requests run.
    pub(super) fn quiet(&self, time: Duration) -> Option<Instant> {
        (self.running.get() == 0).then(|| self.quiet_since.get() + time)
    }

    /// The client speaks HTTP/2, whose heads are its own matter: nothing of HTTP/1 may be written from now on.
    fn is_http2(&self) {
        self.http2.set(true);
        self.head_since.set(None);
    }

    fn saw_read(&self) {
        let head = !self.http2.get() && self.blocked.get().is_none() && !self.unread.get();
        if self.running.get() == 0 && head && self.head_since.get().is_none() {
            self.head_since.set(Some(Instant::now()));
        }
    }

    fn saw_write(&self, asked: usize, outcome: &Poll<io::Result<usize>>) {
        match outcome {
            Poll::Ready(Ok(written)) => {
                self.blocked.set((*written < asked).then(Instant::now));
                // Answers to PING must not keep an idle connection (RFC 9113, section 6.7).
                let of_an_answer = !self.http2.get() || self.owed.get() > 0;
                self.owed.set(self.owed.get().saturating_sub(*written));
                if of_an_answer && self.running.get() == 0 {
                    self.quiet_since.set(Instant::now());
                }
            }
            Poll::Ready(Err(_)) => {}
            Poll::Pending => self.blocked.set(self.blocked.get().or_else(|| Some(Instant::now()))),
        }
    }
}

/// A body that is read.
#[derive(Debug)]
pub(super) struct Reading(Rc<Watch>);

impl Drop for Reading {
    fn drop(&mut self) {
        self.0.running.set(self.0.running.get().saturating_sub(1));
        self.0.quiet_since.set(Instant::now());
    }
}

/// How many bytes of the preface are still to come.
fn left(first: &[u8]) -> u64 {
    u64::try_from(PREFACE.len().saturating_sub(first.len())).unwrap_or_default()
}

/// What the peer is late with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Late {
    /// The rest of a head.
    Head,
    /// Any request at all.
    Idle,
    /// Taking an answer.
    Taking,
}

/// A stream whose bytes are watched. Copies share the stream, so that the connection's task can end it in its own way.
#[derive(Debug)]
pub(super) struct Watched<S> {
    stream: Rc<RefCell<S>>,
    watch: Rc<Watch>,
    /// Bytes that were read to tell the version, and are read again by who serves it.
    sniffed: Bytes,
}

impl<S> Watched<S> {
    pub(super) fn new(stream: S, watch: Rc<Watch>) -> Self {
        Self { stream: Rc::new(RefCell::new(stream)), watch, sniffed: Bytes::new() }
    }

    /// The same stream, without the bytes that were read to tell the version.
    pub(super) fn rest(&self) -> Self {
        Self { stream: Rc::clone(&self.stream), watch: Rc::clone(&self.watch), sniffed: Bytes::new() }
    }
}

impl<S: AsyncRead + Unpin> Watched<S> {
    /// Whether the client begins as HTTP/2 does. Its bytes are kept for who serves the connection.
    pub(super) async fn is_http2(&mut self) -> io::Result<bool> {
        let mut first = BytesMut::with_capacity(PREFACE.len());
        let http2 = loop {
            let more = (&mut *self).take(left(&first)).read_buf(&mut first).await?;
            if more == 0 || !PREFACE.starts_with(&first) {
                break false;
            }
            if first.len() == PREFACE.len() {
                break true;
            }
        };
        self.sniffed = first.freeze();
        if http2 {
            self.watch.is_http2();
        }
        Ok(http2)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if !this.sniffed.is_empty() {
            let piece = this.sniffed.split_to(this.sniffed.len().min(buf.remaining()));
            buf.put_slice(&piece);
            return Poll::Ready(Ok(()));
        }
        let before = buf.filled().len();
        let outcome = Pin::new(&mut *this.stream.borrow_mut()).poll_read(cx, buf);
        if buf.filled().len() > before {
            this.watch.saw_read();
        } else if matches!(outcome, Poll::Ready(Ok(()))) && buf.remaining() > 0 && this.watch.holds_back(cx) {
            return Poll::Pending;
        }
        outcome
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut *self.stream.borrow_mut()).poll_write(cx, buf);
        self.watch.saw_write(buf.len(), &outcome);
        outcome
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let asked = bufs.iter().map(|buf| buf.len()).sum();
        let outcome = Pin::new(&mut *self.stream.borrow_mut()).poll_write_vectored(cx, bufs);
        self.watch.saw_write(asked, &outcome);
        outcome
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.borrow().is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.stream.borrow_mut()).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.stream.borrow_mut()).poll_shutdown(cx)
    }
}
