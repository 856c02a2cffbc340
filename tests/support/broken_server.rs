//! A small HTTP server that answers as a test says: late, cut off, reset, oversized, in another form, behind a wrong certificate.
//!
//! `BrokenServer::start([Answer::unavailable(1), Answer::soap("<Ok/>")])` answers the first request with 503 and all that
//! follow with the envelope; `BrokenServer::answering(|seen| ..)` looks at each request first. What it was asked is in
//! `seen`, and in `taken`, which forgets it. It ends when it is dropped, with every connection.
#![allow(dead_code, reason = "each test binary uses its own part of this")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

#[path = "broken_server/answer.rs"]
mod answer;
#[path = "broken_server/request.rs"]
mod request;
#[path = "broken_server/state.rs"]
mod state;

use std::io::{self, Read as _};
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::server::TlsStream;

pub use answer::Answer;
pub use request::Seen;
use state::{Connected, Plan, Shared};

use crate::support::DEADLINE;

/// What a server with TLS shows. Each is signed by itself: a client that does not trust `certificate()` must refuse it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Identity {
    /// For 127.0.0.1 and localhost.
    Right,
    /// For other.test only.
    WrongName,
    /// For 127.0.0.1 and localhost, until the year 2021.
    Expired,
}

/// A port that refuses connections for as long as this lives: it is taken, and nobody listens.
pub struct ClosedPort {
    address: SocketAddr,
    _socket: TcpSocket,
}

impl ClosedPort {
    pub fn new() -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        Self { address: socket.local_addr().unwrap(), _socket: socket }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

/// The running server.
pub struct BrokenServer {
    address: SocketAddr,
    /// In PEM.
    certificate: Option<String>,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl BrokenServer {
    /// Answers the requests in their order with these; the last is for all that follow.
    pub fn start(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self::run(Plan::of(answers), None)
    }

    /// The same over TLS.
    pub fn start_tls(identity: Identity, answers: impl IntoIterator<Item = Answer>) -> Self {
        Self::run(Plan::of(answers), Some(identity))
    }

    /// Answers each request with what this makes of it.
    pub fn answering(make: impl Fn(&Seen) -> Answer + Send + Sync + 'static) -> Self {
        Self::run(Plan::Made(Arc::new(make)), None)
    }

    /// The same over TLS.
    pub fn answering_tls(identity: Identity, make: impl Fn(&Seen) -> Answer + Send + Sync + 'static) -> Self {
        Self::run(Plan::Made(Arc::new(make)), Some(identity))
    }

    fn run(plan: Plan, identity: Option<Identity>) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let (certificate, acceptor) = identity.map(tls).unzip();
        let shared = Arc::new(Shared::new(plan));
        let (stop, stopped) = oneshot::channel();
        let serving = Arc::clone(&shared);
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            // Ends when the sender is dropped, and all connections with the runtime.
            runtime.block_on(async {
                tokio::select! {
                    () = accept(TcpListener::from_std(listener).unwrap(), acceptor, serving) => {}
                    _ = stopped => {}
                }
            });
        });
        Self { address, certificate, shared, stop: Some(stop), thread: Some(thread) }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn url(&self, path: &str) -> String {
        let scheme = if self.certificate.is_some() { "https" } else { "http" };
        format!("{scheme}://{}{path}", self.address)
    }

    /// The certificate that it shows, in PEM, for a client that is to trust it.
    pub fn certificate(&self) -> &str {
        self.certificate.as_deref().unwrap_or_else(|| panic!("no TLS"))
    }

    /// Answers the next requests with these instead of what was left; the last is for all that follow.
    pub fn answer(&self, answers: impl IntoIterator<Item = Answer>) {
        self.shared.lock().plan = Plan::of(answers);
    }

    /// The requests that came whole, in their order.
    pub fn seen(&self) -> Vec<Seen> {
        self.shared.lock().seen.clone()
    }

    /// The requests that came whole since this was asked last, in their order.
    pub fn taken(&self) -> Vec<Seen> {
        std::mem::take(&mut self.shared.lock().seen)
    }

    /// The one request that came whole since then.
    #[track_caller]
    pub fn one(&self) -> Seen {
        let mut taken = self.taken();
        assert_eq!(taken.len(), 1, "{taken:?}");
        taken.remove(0)
    }

    /// How many requests came whole.
    pub fn count(&self) -> usize {
        self.shared.lock().seen.len()
    }

    /// How many connections came, with those that sent nothing.
    pub fn connections(&self) -> usize {
        self.shared.lock().connections
    }

    /// The number of requests that came whole, once all who connected have gone: nothing of theirs is still under way.
    pub fn count_in_the_end(&self) -> usize {
        // Connections are taken in the order they came, so this one is the last: it is closed, and then closed by the server.
        let mut last = std::net::TcpStream::connect(self.address).unwrap();
        last.set_read_timeout(Some(DEADLINE)).unwrap();
        last.shutdown(std::net::Shutdown::Write).unwrap();
        let _ = last.read_to_end(&mut Vec::new());
        let (state, timeout) = self
            .shared
            .changed
            .wait_timeout_while(self.shared.lock(), DEADLINE, |state| state.ended < state.connections)
            .unwrap();
        assert!(!timeout.timed_out(), "a connection stays open");
        state.seen.len()
    }

    /// Waits until this many requests have come.
    pub fn wait_for(&self, count: usize) -> Vec<Seen> {
        let state = self.shared.lock();
        let (state, timeout) = self
            .shared
            .changed
            .wait_timeout_while(state, DEADLINE, |state| state.seen.len() < count)
            .unwrap();
        assert!(!timeout.timed_out(), "{} of {count} requests came in time", state.seen.len());
        state.seen.clone()
    }
}

impl Drop for BrokenServer {
    fn drop(&mut self) {
        self.stop.take();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A connection of which the socket can be reached, to reset it.
trait Wire: AsyncRead + AsyncWrite + Unpin {
    fn socket(&self) -> &TcpStream;
}

impl Wire for TcpStream {
    fn socket(&self) -> &TcpStream {
        self
    }
}

impl Wire for TlsStream<TcpStream> {
    fn socket(&self) -> &TcpStream {
        self.get_ref().0
    }
}

async fn accept(listener: TcpListener, acceptor: Option<TlsAcceptor>, shared: Arc<Shared>) {
    while let Ok((stream, _)) = listener.accept().await {
        let (acceptor, shared) = (acceptor.clone(), Arc::clone(&shared));
        let (number, reset) = shared.connected();
        let connected = Connected::new(&shared);
        tokio::spawn(async move {
            let _connected = connected;
            if reset {
                return stream.set_zero_linger();
            }
            stream.set_nodelay(true)?;
            match acceptor {
                None => serve(stream, number, &shared).await,
                Some(acceptor) => serve(acceptor.accept(stream).await?, number, &shared).await,
            }
        });
    }
}

async fn serve(mut stream: impl Wire, number: usize, shared: &Shared) -> io::Result<()> {
    let mut received = Vec::new();
    while let Some(seen) = request::read(&mut stream, &mut received, number).await? {
        if !shared.asked(seen).send(&mut stream).await? {
            break;
        }
    }
    Ok(())
}

fn tls(identity: Identity) -> (String, TlsAcceptor) {
    let names: &[&str] =
        if identity == Identity::WrongName { &["other.test"] } else { &["127.0.0.1", "localhost"] };
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = rcgen::CertificateParams::new(names).unwrap();
    params.distinguished_name.push(rcgen::DnType::CommonName, "a test");
    if identity == Identity::Expired {
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(2021, 1, 1);
    }
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    let secret = PrivateKeyDer::Pkcs8(key.serialize_der().into());
    let config = ServerConfig::builder().with_no_client_auth();
    let config = config.with_single_cert(vec![certificate.der().clone()], secret).unwrap();
    (certificate.pem(), TlsAcceptor::from(Arc::new(config)))
}
