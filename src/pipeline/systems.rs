//! The systems that steps call, and what a worker and the process have for calling them.

use std::sync::Arc;

use crate::client::{Clients, Key, Pools, Server};

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
}

impl Outside {
    /// A worker's.
    pub fn new(shared: Arc<Shared>) -> Self {
        Self { shared, pools: Pools::default() }
    }

    /// Closes connections to all systems but these.
    pub fn keep(&self, systems: &[System]) {
        let servers = systems.iter().map(|System::Server(server)| server);
        let keys: Vec<Key> = servers.flat_map(|server| server.endpoints.iter().map(|at| at.key)).collect();
        self.pools.keep(&keys);
    }
}
