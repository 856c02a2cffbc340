//! Whether a server can be reached: connections are opened to all of its addresses, and nothing is sent.

use std::sync::Arc;
use std::time::Instant;

use futures_util::future::join_all;

use super::connect::{Peer, connect};
use super::error::CallError;
use super::{Endpoint, Server};

impl Server {
    /// Connects to all of its addresses at the same time, over TLS where it is spoken: each address with who is there.
    pub async fn ping(&self, deadline: Instant) -> Vec<(String, Result<Arc<Peer>, CallError>)> {
        let one = |endpoint: &Endpoint| {
            let (address, origin) = (endpoint.address.clone(), endpoint.address.origin());
            async move {
                let connected = connect(&address, &self.way, deadline).await;
                (origin, connected.map(|connection| connection.peer))
            }
        };
        join_all(self.endpoints.iter().map(one)).await
    }
}
