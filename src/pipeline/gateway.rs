//! The gateway: everything a request needs, compiled once and never changed.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use compact_str::CompactString;
use tokio_rustls::rustls::ServerConfig;

use super::access::Access;
use super::load::Capacity;
use super::operation::{Operation, Sample};
use super::router::Router;
use super::systems::System;
use crate::document::codec::Limits;
use crate::script::{Bounds, ScriptSet};
use crate::source::Place;
use crate::state::cache::CacheSpec;
use crate::state::files::Files;
use crate::state::store::StoreSpec;
use crate::syntax::Secret;

/// One compiled `gateway.kdl`. Requests share it; a reload puts another in its place.
#[derive(Debug)]
pub struct Gateway {
    /// Counted by the process from 1; 0 until it serves.
    pub generation: u64,
    /// A hash over every byte that was read to make it: files and variables.
    pub fingerprint: [u8; 32],
    /// Where it listens.
    pub listeners: Vec<Arc<Listener>>,
    /// The operations by name: who may ask for what one of them left behind.
    pub operations: HashMap<Arc<str>, Arc<Operation>>,
    /// Where it is looked after, if anywhere.
    pub admin: Option<Admin>,
    /// Every script; each worker compiles its own copies.
    pub scripts: Scripting,
    /// What the file declares, for the difference that a reload shows.
    pub parts: Vec<Part>,
    /// How the log is written.
    pub log: Log,
    /// What may be under way at once.
    pub capacity: Capacity,
    /// Its caches.
    pub caches: Vec<CacheSpec>,
    /// The systems that it calls.
    pub systems: Vec<System>,
    /// The folder of its files, where it has one.
    pub files: Option<Arc<Files>>,
    /// Where it keeps what outlives a request.
    pub state: StoreSpec,
    /// Whose requests are traced, and what is kept of them.
    pub tracing: Tracing,
    /// How long a stop or a removed listener waits for requests that are under way.
    pub drain: Duration,
}

/// What workers compile.
#[derive(Debug, Default)]
pub struct Scripting {
    /// The scripts, checked.
    pub set: ScriptSet,
    /// What bounds each run of one.
    pub bounds: Bounds,
}

/// One listener.
#[derive(Debug)]
pub struct Listener {
    /// Its name.
    pub name: Arc<str>,
    /// Where it is bound.
    pub bind: SocketAddr,
    /// TLS, where it is used. HTTP/2 and HTTP/1.1 by ALPN.
    pub tls: Option<Arc<ServerConfig>>,
    /// Who may call.
    pub access: Access,
    /// What a stranger may send.
    pub bounds: ListenerBounds,
    /// Its addresses.
    pub router: Router,
    /// Where it is written.
    pub place: Place,
}

/// Bounds on what a stranger can send, and on how slowly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListenerBounds {
    /// Bytes of a body, also after decompression.
    pub body: usize,
    /// Bytes of a request's head, and its number of fields.
    pub header: usize,
    /// The number of header fields.
    pub fields: usize,
    /// Connections at once.
    pub connections: usize,
    /// How long a connection may be idle.
    pub idle: Duration,
    /// How long a request may take as a whole, body included.
    pub request: Duration,
    /// How long a head may take to arrive.
    pub head: Duration,
    /// Bounds on documents.
    pub document: Limits,
}

impl Default for ListenerBounds {
    fn default() -> Self {
        Self {
            body: 10 << 20,
            header: 32 << 10,
            fields: 100,
            connections: 10_000,
            idle: Duration::from_secs(60),
            request: Duration::from_secs(30),
            head: Duration::from_secs(10),
            document: Limits::default(),
        }
    }
}

/// The address for those who operate the gateway.
#[derive(Clone)]
pub struct Admin {
    /// Where it is bound.
    pub bind: SocketAddr,
    /// The hash (SHA-256) of the token that must be shown, if any.
    pub token: Option<[u8; 32]>,
}

// A hash of a token is nothing for a log either: a weak token can be found from it.
impl std::fmt::Debug for Admin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let token = self.token.map(|_| "..");
        f.debug_struct("Admin").field("bind", &self.bind).field("token", &token).finish()
    }
}

/// Whose requests are traced, and what is kept of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tracing {
    /// The roles whose users may ask for a trace of their own request.
    pub roles: Vec<CompactString>,
    /// How often a request is traced unasked, whatever its operation says.
    pub sample: Sample,
    /// How many traces and how many failures are kept.
    pub keep: usize,
    /// Texts that no trace may show: every secret that the file takes from outside.
    pub secrets: Vec<Secret>,
}

impl Default for Tracing {
    fn default() -> Self {
        Self { roles: Vec::new(), sample: Sample::default(), keep: 100, secrets: Vec::new() }
    }
}

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Log {
    /// The least level that is written.
    pub level: tracing::Level,
    /// One JSON object a line instead of text.
    pub json: bool,
}

impl Default for Log {
    fn default() -> Self {
        Self { level: tracing::Level::INFO, json: false }
    }
}

/// A declaration with a hash of what it says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    /// `operation`, `listener`.
    pub kind: String,
    /// Its name; empty for what has none.
    pub name: String,
    /// A hash of its text and of what it reads.
    pub hash: [u8; 32],
}
