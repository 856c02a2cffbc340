//! The server: starts a gateway, swaps it for another without a failed request, and stops.

use std::num::NonZeroUsize;
use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, mpsc};
use tracing::{info, warn};

use super::live::{Entry, Live, Shared};
use super::log::LogHandle;
use super::metrics::Metrics;
use super::socket::{self, Socket};
use super::state::State;
use super::swap::{Applied, Ask, StartError, Swapped};
use super::worker::{Left, Workers};
use crate::pipeline::gateway::Gateway;

/// Asks for a reload that may wait at once; each reload serves all that wait.
const ASKS: usize = 64;

/// How long the workers may take to compile a gateway's scripts, what they are at included.
const PREPARE: Duration = Duration::from_secs(10);

/// Connections at once of those who operate the gateway.
const SIDE_CONNECTIONS: usize = 64;

/// What the server needs beside a gateway.
#[derive(Debug, Default)]
pub struct Options {
    /// Worker threads; `None` for one a core.
    pub workers: Option<NonZeroUsize>,
    /// Who serves the connections to `admin bind=`; without it nothing is bound there.
    pub admin: Option<Arc<dyn Side>>,
    /// The log, whose level follows the gateway's.
    pub log: Option<LogHandle>,
}

/// Serves connections beside the listeners.
pub trait Side: std::fmt::Debug + Send + Sync {
    /// Serves one connection to its end.
    fn serve(&self, stream: TcpStream, shared: Arc<Shared>) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}

/// A running gateway.
#[derive(Debug)]
pub struct Server {
    shared: Arc<Shared>,
    workers: Arc<Workers>,
    control: Mutex<Control>,
    asks: Mutex<mpsc::Receiver<Ask>>,
    admin: Option<Arc<dyn Side>>,
    log: Option<LogHandle>,
}

/// What only a swap changes, one at a time.
#[derive(Debug)]
struct Control {
    sockets: Vec<Arc<Socket>>,
    admin: Option<Arc<Socket>>,
    next: u64,
}

/// A socket that a gateway needs: new ones come with what accepts on them. Dropping it undoes the binding.
type Bound = (Arc<Socket>, Option<TcpListener>);

/// Every socket of a gateway, bound before anything changes.
#[derive(Debug)]
struct Prepared {
    listeners: Vec<Bound>,
    admin: Option<Bound>,
    next: u64,
}

impl Server {
    /// Binds, compiles and serves. Runs on the control runtime; see [`super::control_runtime`].
    ///
    /// # Errors
    /// An address cannot be bound, or the system gives no threads.
    pub async fn start(gateway: Gateway, options: Options) -> Result<Self, StartError> {
        let Options { workers, admin, log } = options;
        let empty = Control { sockets: Vec::new(), admin: None, next: 1 };
        let prepared = empty.prepare(&gateway, admin.is_some())?;
        let metrics = Metrics::default();
        let state = State::open(&gateway.state, &metrics.state).await?;
        let live = Arc::new(live(gateway, 1, &prepared, &metrics, state));
        let (sender, asks) = mpsc::channel(ASKS);
        let shared = Arc::new(Shared::new(Arc::clone(&live), metrics, sender));
        let count =
            workers.or_else(|| std::thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get);
        let workers = Arc::new(Workers::start(count, &shared).map_err(StartError::System)?);
        workers.prepare(&live, Instant::now() + PREPARE).await?;
        workers.keep(&live.gateway);
        let (control, asks) = (Mutex::new(empty), Mutex::new(asks));
        let server = Self { shared, workers, control, asks, admin, log };
        server.control.lock().await.take_over(&server, prepared);
        server.apply_log(&live.gateway);
        look_at_files(&live.gateway);
        server.shared.set_ready(true);
        info!(generation = 1, workers = count, "serving");
        Ok(server)
    }

    /// Prepares a gateway, commits it and retires the one before. Swaps wait for each other.
    ///
    /// # Errors
    /// An address cannot be bound, or a worker does not take the gateway in time: what served before goes on untouched.
    pub async fn swap(&self, gateway: Gateway) -> Result<Swapped, StartError> {
        self.swap_within(gateway, PREPARE).await
    }

    /// The same, where the workers may take `limit` to prepare.
    pub(super) async fn swap_within(&self, gateway: Gateway, limit: Duration) -> Result<Swapped, StartError> {
        let mut control = self.control.lock().await;
        let started = Instant::now();
        let old = self.shared.load();
        let generation = old.gateway.generation;
        if gateway.fingerprint == old.gateway.fingerprint {
            self.shared.metrics.reload("unchanged");
            return Ok(Swapped::Unchanged { generation });
        }
        let prepared = match control.prepare(&gateway, self.admin.is_some()) {
            Ok(prepared) => prepared,
            Err(error) => {
                self.shared.metrics.reload("failed");
                return Err(error);
            }
        };
        let state = match old.state_for(&gateway.state, &self.shared.metrics.state).await {
            Ok(state) => state,
            Err(error) => {
                self.shared.metrics.reload("failed");
                return Err(error);
            }
        };
        let generation = generation.saturating_add(1);
        let live = Arc::new(live(gateway, generation, &prepared, &self.shared.metrics, state));
        if let Err(error) = self.workers.prepare(&live, started + limit).await {
            self.workers.keep(&old.gateway);
            self.shared.metrics.reload("failed");
            return Err(error);
        }
        // Before the commit, so that no request of theirs finds neither the new gateway nor the old.
        let leaving = control.leaving(&prepared);
        leaving.iter().for_each(|socket| socket.retire(&old));
        self.shared.store(Arc::clone(&live));
        control.take_over(self, prepared);
        let drain = Instant::now() + old.gateway.drain;
        leaving.iter().for_each(|socket| socket.close(drain));
        self.workers.keep(&live.gateway);
        self.apply_log(&live.gateway);
        look_at_files(&live.gateway);
        self.shared.metrics.reload("applied");
        let parts = (&old.gateway.parts, &live.gateway.parts);
        let applied = Applied::between(parts.0, parts.1, generation, started.elapsed());
        let Applied { added, changed, removed, took, .. } = &applied;
        info!(generation, ?added, ?changed, ?removed, ms = took.as_secs_f64() * 1000.0, "reloaded");
        Ok(Swapped::Applied(applied))
    }

    /// Stops accepting, lets what is under way finish within the gateway's `drain`, and ends the workers.
    pub async fn stop(&self) -> Left {
        let drain = self.shared.load().gateway.drain;
        self.stop_within(drain).await
    }

    async fn stop_within(&self, drain: Duration) -> Left {
        self.shared.set_ready(false);
        let deadline = Instant::now() + drain;
        let mut control = self.control.lock().await;
        for socket in control.sockets.drain(..) {
            socket.close(deadline);
        }
        let left = self.workers.stop(deadline).await;
        self.shared.load().state.close().await;
        // Last, so that its metrics and readiness can be read until the end.
        if let Some(admin) = control.admin.take() {
            admin.close(Instant::now());
        }
        info!(connections = left.connections, background = left.background, "stopped");
        left
    }

    /// What the workers and the admin interface share.
    pub fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// The addresses that are listened on, by listener in the order of the gateway.
    pub async fn addresses(&self) -> Vec<std::net::SocketAddr> {
        let control = self.control.lock().await;
        control.sockets.iter().map(|socket| socket.address).collect()
    }

    /// The address of the admin interface, where there is one.
    pub async fn admin_address(&self) -> Option<std::net::SocketAddr> {
        self.control.lock().await.admin.as_ref().map(|socket| socket.address)
    }

    /// Whether every worker still runs.
    pub fn workers_run(&self) -> bool {
        self.workers.all_run()
    }

    /// The next wish for a reload.
    pub(super) async fn next_ask(&self) -> Option<Ask> {
        self.asks.lock().await.recv().await
    }

    /// Another wish that waits already.
    pub(super) async fn waiting_ask(&self) -> Option<Ask> {
        self.asks.lock().await.try_recv().ok()
    }

    fn apply_log(&self, gateway: &Gateway) {
        if let Some(log) = &self.log {
            log.set_level(gateway.log.level);
        }
    }
}

/// Warns of a folder of files that is not there. It may come later, so nothing waits for it.
fn look_at_files(gateway: &Gateway) {
    let Some(files) = gateway.files.clone() else { return };
    tokio::task::spawn_blocking(move || {
        if let Err(why) = files.look() {
            warn!("{why}. Until it is there, every step `file` fails");
        }
    });
}

fn live(
    gateway: Gateway,
    generation: u64,
    prepared: &Prepared,
    metrics: &Metrics,
    state: Arc<State>,
) -> Live {
    let sockets = gateway.listeners.iter().zip(&prepared.listeners);
    let entries = sockets.map(|(listener, (socket, _))| Entry {
        socket: socket.id,
        listener: Arc::clone(listener),
        metrics: metrics.listener(&listener.name),
    });
    let entries = entries.collect();
    Live { gateway: Gateway { generation, ..gateway }, entries, state }
}

impl Control {
    /// Finds or binds a socket for everything that the gateway listens on. Changes nothing.
    fn prepare(&self, gateway: &Gateway, admin: bool) -> Result<Prepared, StartError> {
        let mut prepared = Prepared { listeners: Vec::new(), admin: None, next: self.next };
        let mut free: Vec<&Arc<Socket>> = self.sockets.iter().collect();
        // First those of the same name, so that a renamed listener takes only what nobody else wants.
        let mut kept: Vec<Option<Arc<Socket>>> = Vec::new();
        for listener in &gateway.listeners {
            let same = |s: &&Arc<Socket>| s.bind == listener.bind && s.name == listener.name;
            kept.push(take(&mut free, same));
        }
        for (listener, kept) in gateway.listeners.iter().zip(kept) {
            let same = |s: &&Arc<Socket>| s.bind == listener.bind && s.bind.port() != 0;
            let bound = match kept.or_else(|| take(&mut free, same)) {
                Some(socket) => (socket, None),
                None => prepared.bind(&listener.name, listener.bind).map_err(|error| StartError::Bind {
                    what: format!("listener {}", listener.name),
                    place: Some(listener.place.to_string()),
                    address: listener.bind,
                    error,
                })?,
            };
            prepared.listeners.push(bound);
        }
        if let Some(wanted) = gateway.admin.as_ref().filter(|_| admin) {
            let bound = match self.admin.as_ref().filter(|socket| socket.bind == wanted.bind) {
                Some(socket) => (Arc::clone(socket), None),
                None => prepared.bind(&Arc::from("admin"), wanted.bind).map_err(|error| {
                    StartError::Bind { what: "admin".to_owned(), place: None, address: wanted.bind, error }
                })?,
            };
            prepared.admin = Some(bound);
        }
        Ok(prepared)
    }

    /// The sockets that nobody needs any more.
    fn leaving(&self, prepared: &Prepared) -> Vec<Arc<Socket>> {
        let stays = |old: &Arc<Socket>| {
            prepared.listeners.iter().chain(&prepared.admin).any(|(socket, _)| socket.id == old.id)
        };
        self.sockets.iter().chain(&self.admin).filter(|old| !stays(old)).cloned().collect()
    }

    /// Accepts on what is new.
    fn take_over(&mut self, server: &Server, prepared: Prepared) {
        let Prepared { listeners, admin, next } = prepared;
        let mut sockets = Vec::new();
        for (socket, new) in listeners {
            if let Some(listener) = new {
                let (shared, workers) = (Arc::clone(&server.shared), Arc::clone(&server.workers));
                tokio::spawn(socket::accept(Arc::clone(&socket), listener, shared, workers));
            }
            sockets.push(socket);
        }
        let admin = admin.map(|(socket, new)| {
            if let (Some(listener), Some(side)) = (new, &server.admin) {
                let (shared, side) = (Arc::clone(&server.shared), Arc::clone(side));
                tokio::spawn(beside(Arc::clone(&socket), listener, shared, side));
            }
            socket
        });
        (self.sockets, self.admin, self.next) = (sockets, admin, next);
    }
}

impl Prepared {
    fn bind(&mut self, name: &Arc<str>, bind: std::net::SocketAddr) -> std::io::Result<Bound> {
        let (socket, listener) = Socket::bind(self.next, Arc::clone(name), bind)?;
        self.next = self.next.saturating_add(1);
        Ok((socket, Some(listener)))
    }
}

fn take(free: &mut Vec<&Arc<Socket>>, wanted: impl Fn(&&Arc<Socket>) -> bool) -> Option<Arc<Socket>> {
    let at = free.iter().position(wanted)?;
    Some(Arc::clone(free.swap_remove(at)))
}

/// Accepts for a [`Side`] until its socket is told to close, and then for as long as it may.
async fn beside(socket: Arc<Socket>, listener: TcpListener, shared: Arc<Shared>, side: Arc<dyn Side>) {
    let places = Arc::new(tokio::sync::Semaphore::new(SIDE_CONNECTIONS));
    socket::each(&socket, listener, |stream, _| {
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else { return };
        let served = side.serve(stream, Arc::clone(&shared));
        let socket = Arc::clone(&socket);
        tokio::spawn(async move {
            let until = async { tokio::time::sleep_until(socket.closed().await.into()).await };
            tokio::select! {
                () = served => {}
                () = until => {}
            }
            drop(place);
        });
    })
    .await;
}
