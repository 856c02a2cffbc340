//! One connection: TLS where the listener has it, HTTP/1.1 or HTTP/2, and an end for peers that are too slow.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::spawn_local;
use tokio::time::{Sleep, sleep_until, timeout};
use tokio_rustls::TlsAcceptor;
use tracing::debug;

use super::metrics::ListenerMetrics;
use super::reply;
use super::request::{self, Peer};
use super::socket::{Accepted, Socket};
use super::watched::{Late, Watch, Watched};
use super::worker::Worker;
use crate::pipeline::gateway::ListenerBounds;

/// How long a connection that is told to end may take to do so when no request is under way.
const FAREWELL: Duration = Duration::from_secs(1);

/// How long, and for how many bytes, a peer is heard out whose body was refused: closing at once would reset the
/// connection and take the answer with it.
const LINGER: Duration = Duration::from_secs(1);
const LINGER_BYTES: u64 = 4 << 20;

/// Bytes of hyper's buffer for a connection, at least.
const BUFFER: usize = 128 << 10;

/// Requests at once on one HTTP/2 connection.
const STREAMS: u32 = 128;

/// HTTP/2 streams that may be reset before they were accepted (CVE-2023-44487) or for errors of the peer.
const RESETS: usize = 32;

/// Runs HTTP/2's tasks on the worker.
#[derive(Debug, Clone, Copy)]
struct Local;

impl<F: Future + 'static> hyper::rt::Executor<F> for Local {
    fn execute(&self, future: F) {
        spawn_local(async move {
            future.await;
        });
    }
}

/// Counts a connection until it ends, however it ends.
struct Open(Arc<ListenerMetrics>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.connections.dec();
    }
}

/// Serves one connection to its end.
pub(super) async fn serve(worker: Rc<Worker>, accepted: Accepted) {
    let Accepted { stream, peer, place } = accepted;
    let socket = place.socket();
    let live = socket.live(&worker.shared);
    let Some(entry) = live.entry(socket.id) else { return };
    let (tls, bounds) = (entry.listener.tls.clone(), entry.listener.bounds.clone());
    entry.metrics.connections.inc();
    let _open = Open(Arc::clone(&entry.metrics));
    // A connection holds no generation: each of its requests takes the one that is current then.
    drop(live);
    let Ok(stream) = TcpStream::from_std(stream) else { return };
    let Ok(local) = stream.local_addr() else { return };
    let peer = Peer {
        worker,
        socket: Arc::clone(socket),
        address: peer,
        local,
        tls: tls.is_some(),
        watch: Rc::new(Watch::new()),
    };
    let outcome = match tls {
        None => http(peer, stream, &bounds).await,
        Some(config) => {
            let handshake = timeout(bounds.head, TlsAcceptor::from(config).accept(stream));
            tokio::select! {
                biased;
                shaken = handshake => match shaken {
                    Ok(Ok(stream)) => http(peer, stream, &bounds).await,
                    Ok(Err(error)) => Err(error.into()),
                    Err(_) => Err(io::Error::from(io::ErrorKind::TimedOut).into()),
                },
                _ = socket.closed() => Ok(()),
            }
        }
    };
    if let Err(error) = outcome {
        debug!(listener = %socket.name, %error, "a connection ended early");
    }
}

type Outcome = Result<(), Box<dyn std::error::Error + Send + Sync>>;

/// How hyper's part of a connection ended.
enum Ended {
    Done(Outcome),
    SlowHead,
    Killed,
}

async fn http<S>(peer: Peer, stream: S, bounds: &ListenerBounds) -> Outcome
where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
{
    let peer = Rc::new(peer);
    let watch = Rc::clone(&peer.watch);
    let mut pacer = Pacer::new(&peer, bounds);
    let mut stream = Watched::new(stream, Rc::clone(&watch));
    let mut rest = stream.rest();
    let http2 = match pacer.sniff(&mut stream).await {
        Ok(http2) => http2?,
        Err(ended) => return end(ended, &mut rest, &watch).await,
    };
    let service = service_fn(|request| {
        let peer = Rc::clone(&peer);
        async move { Ok::<_, Infallible>(request::answer(peer, request).await) }
    });
    let io = TokioIo::new(stream);
    let ended = if http2 {
        let connection = pin!(http2_builder(bounds).serve_connection(io, service));
        pacer.drive(connection, http2::Connection::graceful_shutdown).await
    } else {
        let connection = pin!(http1_builder(bounds).serve_connection(io, service));
        pacer.drive(connection, http1::Connection::graceful_shutdown).await
    };
    end(ended, &mut rest, &watch).await
}

/// Ends a connection so that its last answer arrives.
async fn end<S>(ended: Ended, stream: &mut Watched<S>, watch: &Watch) -> Outcome
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    match ended {
        Ended::Done(outcome) => {
            if watch.has_unread() {
                let (mut rest, mut nowhere) = (stream.take(LINGER_BYTES), tokio::io::sink());
                let _ = timeout(LINGER, tokio::io::copy(&mut rest, &mut nowhere)).await;
            }
            outcome
        }
        Ended::SlowHead => {
            let said = async {
                stream.write_all(reply::SLOW_HEAD).await?;
                stream.shutdown().await
            };
            timeout(FAREWELL, said).await?.map_err(Into::into)
        }
        Ended::Killed => Err(io::Error::from(io::ErrorKind::TimedOut).into()),
    }
}

fn http1_builder(bounds: &ListenerBounds) -> http1::Builder {
    let mut builder = http1::Builder::new();
    // The watch bounds slow heads and idle connections, each by its own time.
    builder.timer(TokioTimer::new()).header_read_timeout(None).max_header_size(bounds.header);
    builder.max_buf_size(bounds.header.saturating_mul(2).max(BUFFER));
    if bounds.fields != ListenerBounds::default().fields {
        // Setting it costs an allocation a request, so hyper's own default, the same number, stays unset.
        builder.max_headers(bounds.fields);
    }
    builder
}

fn http2_builder(bounds: &ListenerBounds) -> http2::Builder<Local> {
    let mut builder = http2::Builder::new(Local);
    let header = u32::try_from(bounds.header).unwrap_or(u32::MAX);
    builder.timer(TokioTimer::new()).max_concurrent_streams(STREAMS).max_header_list_size(header);
    builder.max_pending_accept_reset_streams(RESETS).max_local_error_reset_streams(RESETS);
    builder.keep_alive_interval(bounds.idle).keep_alive_timeout(bounds.head);
    builder
}

/// What the connection's task does next.
enum Turn {
    Wait,
    Farewell,
    End(Ended),
}

/// Watches the clock for one connection, with one timer that is moved only when an earlier end comes in sight.
struct Pacer {
    watch: Rc<Watch>,
    head: Duration,
    idle: Duration,
    timer: Pin<Box<Sleep>>,
    armed: Instant,
    socket: Arc<Socket>,
    closed: Option<Pin<Box<dyn Future<Output = Instant>>>>,
    /// Who is woken when the socket closes.
    told: Option<Waker>,
    leaving: Option<Leaving>,
}

/// Why a connection was told to end, and when it must have.
#[derive(Debug, Clone, Copy)]
enum Leaving {
    /// Its socket closes: at this time, whatever runs.
    Drained(Instant),
    /// It was idle: from this time on, once nothing runs and its last answer has had time to leave.
    Idle(Instant),
}

impl Pacer {
    fn new(peer: &Peer, bounds: &ListenerBounds) -> Self {
        let (socket, closing) = (Arc::clone(&peer.socket), Arc::clone(&peer.socket));
        let armed = Instant::now() + bounds.head.min(bounds.idle);
        Self {
            watch: Rc::clone(&peer.watch),
            head: bounds.head,
            idle: bounds.idle,
            timer: Box::pin(sleep_until(armed.into())),
            armed,
            socket,
            closed: Some(Box::pin(async move { closing.closed().await })),
            told: None,
            leaving: None,
        }
    }

    /// Tells the version from the first bytes.
    async fn sniff<S: AsyncRead + Unpin>(
        &mut self,
        stream: &mut Watched<S>,
    ) -> Result<io::Result<bool>, Ended> {
        let mut sniffed = pin!(stream.is_http2());
        poll_fn(|cx| match sniffed.as_mut().poll(cx) {
            Poll::Ready(outcome) => Poll::Ready(Ok(outcome)),
            Poll::Pending => match self.poll(cx) {
                Turn::Wait => Poll::Pending,
                // Nothing was asked yet, so there is nothing to finish.
                Turn::Farewell => Poll::Ready(Err(Ended::Done(Ok(())))),
                Turn::End(ended) => Poll::Ready(Err(ended)),
            },
        })
        .await
    }

    /// Drives a connection to its end.
    async fn drive<C>(&mut self, mut connection: Pin<&mut C>, farewell: impl Fn(Pin<&mut C>)) -> Ended
    where
        C: Future<Output = hyper::Result<()>>,
    {
        poll_fn(|cx| {
            loop {
                if let Poll::Ready(outcome) = connection.as_mut().poll(cx) {
                    return Poll::Ready(Ended::Done(outcome.map_err(Into::into)));
                }
                match self.poll(cx) {
                    Turn::Wait => return Poll::Pending,
                    Turn::Farewell => farewell(connection.as_mut()),
                    Turn::End(ended) => return Poll::Ready(ended),
                }
            }
        })
        .await
    }

    /// When the connection must be gone, once its socket is told to close.
    fn told(&mut self, cx: &Context<'_>) -> Option<Instant> {
        let closed = self.closed.as_mut()?;
        // To wait anew takes more than to look, and this is asked whenever anything happens on the connection.
        if !self.socket.is_closing() && self.told.as_ref().is_some_and(|told| told.will_wake(cx.waker())) {
            return None;
        }
        self.told = Some(cx.waker().clone());
        match closed.as_mut().poll(&mut Context::from_waker(cx.waker())) {
            Poll::Ready(deadline) => Some(deadline),
            Poll::Pending => None,
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Turn {
        if let Some(deadline) = self.told(cx) {
            self.closed = None;
            self.leaving = Some(Leaving::Drained(deadline));
            return Turn::Farewell;
        }
        loop {
            let Some((at, late)) = self.end_in_sight() else { return Turn::Wait };
            if at < self.armed {
                self.arm(at);
            }
            if self.timer.as_mut().poll(cx).is_pending() {
                return Turn::Wait;
            }
            if Instant::now() < at {
                self.arm(at);
                continue;
            }
            return match late {
                Some(Late::Head) => Turn::End(Ended::SlowHead),
                Some(Late::Idle) => {
                    self.leaving = Some(Leaving::Idle(Instant::now() + FAREWELL));
                    Turn::Farewell
                }
                Some(Late::Taking) | None => Turn::End(Ended::Killed),
            };
        }
    }

    /// When the connection ends if nothing changes, and for what; `None` for what ends it after a farewell.
    fn end_in_sight(&self) -> Option<(Instant, Option<Late>)> {
        match self.leaving {
            None => self.watch.deadline(self.head, self.idle).map(|(at, late)| (at, Some(late))),
            Some(Leaving::Drained(at)) => Some((at, None)),
            // A request may have been on its way while it was told.
            Some(Leaving::Idle(at)) => self.watch.quiet(FAREWELL).map(|quiet| (at.max(quiet), None)),
        }
    }

    fn arm(&mut self, at: Instant) {
        self.timer.as_mut().reset(at.into());
        self.armed = at;
    }
}
