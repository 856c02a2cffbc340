//! Whether a server can be reached: connections are opened to all of its addresses, and nothing is sent.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;

use super::connect::{Peer, connect};
use super::error::CallError;
use super::{Endpoint, Server};

/// What was found at an address.
#[derive(Debug)]
pub struct Reached {
    /// The address, as far as a connection is to it: `https://crm.example:443`.
    pub origin: String,
    /// Who is there.
    pub peer: Result<Arc<Peer>, CallError>,
    /// How long it took.
    pub took: Duration,
}

impl Server {
    /// Connects to all of its addresses at the same time, over TLS where it is spoken.
    pub async fn ping(&self, deadline: Instant) -> Vec<Reached> {
        let one = |endpoint: &Endpoint| {
            let (address, origin) = (endpoint.address.clone(), endpoint.address.origin());
            async move {
                let began = Instant::now();
                let connected = connect(&address, &self.way, deadline).await;
                let peer = connected.map(|connection| connection.peer);
                Reached { origin, peer, took: began.elapsed() }
            }
        };
        join_all(self.endpoints.iter().map(one)).await
    }
}
