//! What makes a running server reload and stop: signals, wishes of the admin interface, changed content.

use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{mpsc, oneshot};
use tracing::{error, info, warn};

use super::live::Shared;
use super::notify::Notify;
use super::server::Server;
use super::swap::{Ask, ReloadError, StartError, Swapped};
use super::worker::Left;
use crate::pipeline::gateway::Gateway;

/// How often content is looked at.
const POLL: Duration = Duration::from_millis(500);

/// Reads and compiles everything again; `Err` is the findings as text.
pub type Compile = Arc<dyn Fn() -> Result<Gateway, String> + Send + Sync>;

/// A hash over all content as it is now; `None` while it cannot be read.
pub type Content = Arc<dyn Fn() -> Option<[u8; 32]> + Send + Sync>;

/// What reloads need from above. Both are called off the workers.
#[derive(Clone)]
pub struct Triggers {
    /// Reads and compiles.
    pub compile: Compile,
    /// Looks at the content, where it is watched.
    pub watch: Option<Content>,
    /// The socket of the service manager (`NOTIFY_SOCKET`), if there is one.
    pub notify_socket: Option<String>,
}

impl std::fmt::Debug for Triggers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Triggers").field("watch", &self.watch.is_some()).finish_non_exhaustive()
    }
}

impl Shared {
    /// Asks for a reload, and waits until the new gateway serves or why it does not.
    ///
    /// # Errors
    /// Findings, an address that cannot be bound, another generation than `if_generation`, or a stop.
    pub async fn reload(&self, if_generation: Option<u64>) -> Result<Swapped, ReloadError> {
        let (reply, result) = oneshot::channel();
        let asked = self.asks().send(Ask { if_generation, reply }).await;
        asked.map_err(|_| ReloadError::Stopping)?;
        result.await.unwrap_or(Err(ReloadError::Stopping))
    }
}

/// What the process is told from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// To reload: SIGHUP.
    Reload,
    /// To stop: SIGTERM, SIGINT.
    Stop,
}

/// The signals of this process, from now on in place of what they do by default.
///
/// # Errors
/// The system gives no signal handlers.
pub fn signals() -> Result<mpsc::Receiver<Signal>, StartError> {
    let (sender, receiver) = mpsc::channel(8);
    let kinds = [
        (SignalKind::hangup(), Signal::Reload),
        (SignalKind::terminate(), Signal::Stop),
        (SignalKind::interrupt(), Signal::Stop),
    ];
    for (kind, means) in kinds {
        let mut stream = signal(kind).map_err(StartError::System)?;
        let sender = sender.clone();
        tokio::spawn(async move {
            while stream.recv().await.is_some() {
                if sender.send(means).await.is_err() {
                    return;
                }
            }
        });
    }
    Ok(receiver)
}

/// Reloads on signals, on wishes and on changed content, until a signal says stop; then stops the server gracefully.
/// A stop that comes during a reload takes effect after it.
pub async fn run(server: &Server, triggers: &Triggers, mut signals: mpsc::Receiver<Signal>) -> Left {
    let notify = Notify::new(triggers.notify_socket.clone());
    let (changed, mut changes) = mpsc::channel(1);
    let watcher = triggers.watch.clone().map(|content| {
        let shared = Arc::clone(server.shared());
        tokio::spawn(watch(content, shared, changed))
    });
    notify.ready();
    loop {
        let why = tokio::select! {
            biased;
            signal = signals.recv() => match signal {
                Some(Signal::Reload) => Why::Told,
                Some(Signal::Stop) | None => break,
            },
            Some(ask) = server.next_ask() => Why::Asked(ask),
            Some(change) = changes.recv() => Why::Changed(change),
        };
        notify.reloading();
        reload(server, triggers, why).await;
        notify.ready();
    }
    info!("stopping");
    notify.stopping();
    if let Some(watcher) = watcher {
        watcher.abort();
    }
    server.stop().await
}

/// What a reload is for.
enum Why {
    /// A signal says so.
    Told,
    /// Somebody waits for it.
    Asked(Ask),
    /// The content has changed.
    Changed(Change),
}

/// Content that has settled, and who hears whether it was tried; `false` asks for another look.
struct Change {
    content: [u8; 32],
    tried: oneshot::Sender<bool>,
}

/// One reload for all who wait for one now.
async fn reload(server: &Server, triggers: &Triggers, why: Why) {
    let (mut asks, change, told) = match why {
        Why::Told => (Vec::new(), None, true),
        Why::Asked(ask) => (vec![ask], None, false),
        Why::Changed(change) => (Vec::new(), Some(change), false),
    };
    while let Some(ask) = server.waiting_ask().await {
        asks.push(ask);
    }
    let generation = server.shared().generation();
    let (asks, late): (Vec<Ask>, Vec<Ask>) =
        asks.into_iter().partition(|ask| ask.if_generation.is_none_or(|wanted| wanted == generation));
    for ask in late {
        let _ = ask.reply.send(Err(ReloadError::Moved { generation }));
    }
    if asks.is_empty() && change.is_none() && !told {
        return;
    }
    let compile = Arc::clone(&triggers.compile);
    let compiled = tokio::task::spawn_blocking(move || compile()).await;
    let compiled = compiled.unwrap_or_else(|error| Err(format!("reading the file ended in a bug: {error}")));
    if let Some(Change { content, tried }) = change {
        // What was read while somebody wrote is nothing that anybody wants, unless somebody asked for it.
        let same = match &compiled {
            Ok(gateway) => gateway.fingerprint == content,
            Err(_) => look(triggers.watch.as_ref()).await == Some(content),
        };
        let _ = tried.send(same);
        if !same && asks.is_empty() {
            return;
        }
    }
    let outcome = match compiled {
        Ok(gateway) => server.swap(gateway).await.map_err(|error| ReloadError::Start(error.to_string())),
        Err(findings) => {
            server.shared().metrics.reload("failed");
            Err(ReloadError::Findings(findings))
        }
    };
    match &outcome {
        Ok(Swapped::Unchanged { generation }) => info!(generation, "the content is what serves already"),
        Ok(Swapped::Applied(_)) => {}
        Err(reason) => error!(generation, "not reloaded: {reason}"),
    }
    for ask in asks {
        let _ = ask.reply.send(outcome.clone());
    }
}

/// The content as it is now; `None` while it cannot be read.
async fn look(content: Option<&Content>) -> Option<[u8; 32]> {
    let look = Arc::clone(content?);
    tokio::task::spawn_blocking(move || look()).await.unwrap_or_else(|error| {
        warn!(%error, "the content cannot be watched");
        None
    })
}

/// Says when the content has changed: it was the same at two looks in a row, so that nobody was writing it, and is not
/// what serves or what was tried last.
async fn watch(content: Content, shared: Arc<Shared>, changed: mpsc::Sender<Change>) {
    let (mut before, mut tried) = (None, None);
    let mut clock = tokio::time::interval(POLL);
    clock.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        clock.tick().await;
        let now = look(Some(&content)).await;
        let serves = shared.with_gateway(|gateway| gateway.fingerprint);
        if now == Some(serves) {
            tried = None;
        } else if let Some(content) = now
            && now == before
            && now != tried
        {
            let (sender, was_tried) = oneshot::channel();
            if changed.send(Change { content, tried: sender }).await.is_err() {
                return;
            }
            if was_tried.await == Ok(true) {
                tried = now;
            }
        }
        before = now;
    }
}
