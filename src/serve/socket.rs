//! Sockets: bound before a gateway is committed, kept over reloads, each with one loop that accepts.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tracing::{debug, warn};

use super::live::{Live, Shared};
use super::reply;
use super::worker::Workers;

/// Connections that the system queues before they are accepted.
const BACKLOG: u32 = 1024;

/// How long accepting rests after an error like too many open files, which the next try would only repeat.
const REST: Duration = Duration::from_millis(50);

/// One bound address.
#[derive(Debug)]
pub(super) struct Socket {
    /// Its number in this process.
    pub(super) id: u64,
    /// The name of the listener it was bound for.
    pub(super) name: Arc<str>,
    /// The address as the file says.
    pub(super) bind: SocketAddr,
    /// The address as the system says: with the port where the file says 0.
    pub(super) address: SocketAddr,
    /// When its connections must be gone, once it is told to close.
    closing: watch::Sender<Option<Instant>>,
    /// The last generation that served it, once none does.
    retired: OnceLock<Arc<Live>>,
    open: AtomicUsize,
}

/// A connection that was accepted for a listener.
#[derive(Debug)]
pub(super) struct Accepted {
    pub(super) stream: std::net::TcpStream,
    pub(super) peer: SocketAddr,
    pub(super) place: Place,
}

/// One of the connections that a socket may have at once; free again when it is dropped.
#[derive(Debug)]
pub(super) struct Place(Arc<Socket>);

impl Place {
    fn take(socket: &Arc<Socket>) -> Self {
        socket.open.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(socket))
    }

    /// The socket.
    pub(super) fn socket(&self) -> &Arc<Socket> {
        &self.0
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Socket {
    /// Binds an address and listens; nothing is accepted yet.
    pub(super) fn bind(id: u64, name: Arc<str>, bind: SocketAddr) -> io::Result<(Arc<Self>, TcpListener)> {
        let socket = if bind.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        // So that a restart does not wait for connections in TIME_WAIT.
        socket.set_reuseaddr(true)?;
        socket.bind(bind)?;
        let listener = socket.listen(BACKLOG)?;
        let address = listener.local_addr()?;
        let closing = watch::Sender::new(None);
        let (retired, open) = (OnceLock::new(), AtomicUsize::new(0));
        Ok((Arc::new(Self { id, name, bind, address, closing, retired, open }), listener))
    }

    /// Stops accepting and tells the connections to end until `deadline`.
    pub(super) fn close(&self, deadline: Instant) {
        self.closing.send_replace(Some(deadline));
    }

    /// Whether its connections are told to end.
    pub(super) fn is_closing(&self) -> bool {
        self.closing.borrow().is_some()
    }

    /// Whether its connections must be gone by now.
    pub(super) fn is_over(&self) -> bool {
        self.closing.borrow().is_some_and(|deadline| Instant::now() >= deadline)
    }

    /// Keeps the last generation that knew this socket for the requests its connections still bring.
    pub(super) fn retire(&self, last: &Arc<Live>) {
        let _ = self.retired.set(Arc::clone(last));
    }

    /// See [`Socket::retire`].
    pub(super) fn retired(&self) -> Option<&Arc<Live>> {
        self.retired.get()
    }

    /// The generation that serves this socket: the current one, or the last that did.
    pub(super) fn live(&self, shared: &Shared) -> Arc<Live> {
        let live = shared.load();
        match self.retired() {
            Some(last) if live.entry(self.id).is_none() => Arc::clone(last),
            _ => live,
        }
    }

    /// Waits until the socket is told to close: when its connections must be gone.
    pub(super) async fn closed(&self) -> Instant {
        let mut closing = self.closing.subscribe();
        let told = closing.wait_for(Option::is_some).await.ok().and_then(|deadline| *deadline);
        told.unwrap_or_else(Instant::now)
    }
}

/// Accepts for a listener and hands each connection to a worker, until the socket is told to close.
pub(super) async fn accept(
    socket: Arc<Socket>,
    listener: TcpListener,
    shared: Arc<Shared>,
    workers: Arc<Workers>,
) {
    each(&socket, listener, |stream, peer| {
        let live = socket.live(&shared);
        let Some(entry) = live.entry(socket.id) else { return };
        if socket.open.load(Ordering::Relaxed) >= entry.listener.bounds.connections {
            entry.metrics.refused.inc();
            debug!(listener = %entry.listener.name, %peer, "too many connections");
            if entry.listener.tls.is_none() {
                let _ = stream.try_write(reply::TOO_MANY_CONNECTIONS);
            }
            return;
        }
        let handed = stream.set_nodelay(true).and_then(|()| stream.into_std());
        match handed {
            Ok(stream) => workers.serve(Accepted { stream, peer, place: Place::take(&socket) }),
            Err(error) => debug!(%peer, %error, "a connection ended before it was served"),
        }
    })
    .await;
}

/// Calls `take` for each connection until the socket is told to close.
pub(super) async fn each(
    socket: &Socket,
    listener: TcpListener,
    mut take: impl FnMut(TcpStream, SocketAddr),
) {
    let mut closed = std::pin::pin!(socket.closed());
    loop {
        let accepted = tokio::select! {
            biased;
            _ = &mut closed => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => take(stream, peer),
            Err(error) if is_of_one_connection(&error) => debug!(%error, "a connection was not accepted"),
            Err(error) => {
                warn!(listener = %socket.name, %error, "connections cannot be accepted");
                tokio::time::sleep(REST).await;
            }
        }
    }
}

fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
