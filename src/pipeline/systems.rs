//! The systems that steps call, and what a worker and the process have for calling them.

use std::sync::Arc;

use compact_str::CompactString;

use super::called::Called;
use super::failure::Failure;
use super::run::Run;
use crate::client::{Answer, Clients, Key, Outgoing, Pools, Server};
use crate::document::coding::percent;

/// A system that is declared.
#[derive(Debug, Clone)]
pub enum System {
    /// A server that is called over HTTP.
    Server(Arc<Server>),
}

impl System {
    /// Its name.
    pub fn name(&self) -> &Arc<str> {
        match self {
            Self::Server(server) => &server.name,
        }
    }
}

/// What the process has of the systems that it calls: kept over reloads.
#[derive(Debug, Default)]
pub struct Shared {
    /// Of servers.
    pub clients: Clients,
}

impl Shared {
    /// Forgets all systems but these.
    pub fn keep(&self, systems: &[System]) {
        let servers: Vec<Arc<str>> =
            systems.iter().map(|System::Server(server)| Arc::clone(&server.name)).collect();
        self.clients.keep(&servers);
    }
}

/// What a worker has of the systems that it calls.
#[derive(Debug, Default)]
pub struct Outside {
    /// What all workers share.
    pub shared: Arc<Shared>,
    /// Connections to servers that wait for the next request.
    pub pools: Pools,
    /// Whether nothing is called: a file is tried out.
    pub is_closed: bool,
}

impl Outside {
    /// A worker's.
    pub fn new(shared: Arc<Shared>) -> Self {
        Self { shared, pools: Pools::default(), is_closed: false }
    }

    /// For a file that is tried out: every call fails.
    pub fn closed() -> Self {
        Self { is_closed: true, ..Self::default() }
    }

    /// Closes connections to all systems but these.
    pub fn keep(&self, systems: &[System]) {
        let servers = systems.iter().map(|System::Server(server)| server);
        let keys: Vec<Key> = servers.flat_map(|server| server.endpoints.iter().map(|at| at.key)).collect();
        self.pools.keep(&keys);
    }
}

/// Calls a server within the time of the work at hand.
///
/// # Errors
/// There is no answer, or nothing is called here.
pub async fn call(run: &Run, server: &Server, outgoing: &Outgoing) -> Result<Answer, Failure> {
    let outside = &run.execution.around.outside;
    if outside.is_closed {
        let log =
            format!("`{}` is not called while a file is tried out: say what stands in for it", server.name);
        return Err(Failure::internal("no-stand-in", log));
    }
    let called = server.call(outgoing, &outside.shared.clients, &outside.pools, run.deadline()).await;
    called.map_err(|error| Called::unanswered(&server.name, &error))
}

/// A text as a part of a path, a query or a form.
pub fn escaped(text: &str) -> CompactString {
    CompactString::from_utf8_lossy(&percent(text.as_bytes()))
}

/// Header fields that belong to the connection, and are made for every request.
pub const NOT_GIVEN: &[&str] =
    &["host", "content-length", "transfer-encoding", "connection", "te", "upgrade", "trailer", "expect"];
