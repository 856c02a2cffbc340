//! Calls over HTTP: addresses, connections that are kept, credentials, times, further attempts, and what comes back.

mod address;
mod answer;
mod attempt;
mod breaker;
mod certificate;
mod connect;
mod error;
mod judge;
mod oauth;
mod ping;
mod pool;
mod registry;
mod rest;
mod retry;
mod send;
mod sent;
mod state;
mod tap;
mod tls;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use compact_str::CompactString;
use hyper::Method;
use hyper::header::{HeaderName, HeaderValue};

pub use self::address::Address;
pub use self::answer::{Answer, Facts, GoesOn};
pub use self::breaker::{Breaker, Health};
pub use self::certificate::Certificate;
pub use self::connect::{Peer, Proxy, Way};
pub use self::error::{ANSWER_TOO_LARGE, CallError, Kind};
pub use self::oauth::ClientCredentials;
pub use self::ping::Reached;
pub use self::pool::{Key, Pools};
pub use self::registry::Registry;
pub use self::retry::{On, Retry};
pub use self::send::Outgoing;
pub use self::state::{Clients, Counts, State};
pub use self::tap::{Attempt, Tap};
pub use self::tls::{Tls, settings};

/// A server that is called, as a file declares it.
#[derive(Debug)]
pub struct Server {
    /// Its name.
    pub name: Arc<str>,
    /// Its addresses; never none.
    pub endpoints: Vec<Endpoint>,
    /// How they are reached.
    pub way: Way,
    /// What it is shown.
    pub credentials: Credentials,
    /// Header fields of every request.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// How long an attempt may take.
    pub times: Times,
    /// When there is a further attempt.
    pub retry: Retry,
    /// When it is left alone.
    pub breaker: Option<Breaker>,
    /// Bytes that an answer may have, also after its content coding is taken off.
    pub body: usize,
    /// Idle connections to each address that a worker keeps.
    pub idle: usize,
    /// How long they are kept.
    pub idle_time: Duration,
    /// What is known of it, looked up by the first call: compiling knows of no process.
    pub state: OnceLock<Arc<State>>,
}

/// One address of a server.
#[derive(Debug)]
pub struct Endpoint {
    /// Where it is.
    pub address: Address,
    /// What its connections are kept under.
    pub key: Key,
    health: OnceLock<Arc<Health>>,
}

/// How long the parts of an attempt may take; connecting has its time in [`Way`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// From the request to the head of the answer.
    pub first_byte: Option<Duration>,
    /// All of it.
    pub total: Duration,
}

/// What a server is shown.
pub enum Credentials {
    /// Nothing.
    None,
    /// The same with every request: the value of `Authorization`.
    Fixed(HeaderValue),
    /// A token that is asked for.
    Token(Box<ClientCredentials>),
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Fixed(_) => "Fixed(..)",
            Self::Token(_) => "Token(..)",
        })
    }
}

impl Endpoint {
    /// An address; `identity` is all else that makes connections to it interchangeable: trust, certificates, proxy.
    pub fn new(address: Address, identity: &str) -> Self {
        let hash = digest(&SHA256, format!("{}\n{identity}", address.origin()).as_bytes());
        let key = hash.as_ref().first_chunk().map(|bytes| Key::from_le_bytes(*bytes)).unwrap_or_default();
        Self { address, key, health: OnceLock::new() }
    }

    /// Its health.
    pub(crate) fn health(&self, state: &State) -> &Arc<Health> {
        self.health.get_or_init(|| state.health(self.address.origin()))
    }
}

/// What stands in a path behind the base of an address; `None` for a path that is elsewhere, or climbs.
fn behind<'p>(path: &'p str, base: &str) -> Option<&'p str> {
    let rest = path.strip_prefix(base)?;
    let (own, _) = rest.split_once('?').unwrap_or((rest, ""));
    let climbs = own.split('/').any(|part| matches!(part, "." | ".."));
    (!climbs && (rest.is_empty() || rest.starts_with(['/', '?']))).then_some(rest)
}

impl Server {
    /// When an address is left alone, where it is.
    fn left_alone(&self) -> Option<Breaker> {
        self.breaker.or((self.endpoints.len() > 1).then_some(judge::SEVERAL))
    }

    /// The path and query of a URL, where it is an address of this server, behind the path of that address.
    pub fn own(&self, location: &str) -> Option<CompactString> {
        if location.starts_with('/') && !location.starts_with("//") {
            let base = &self.endpoints.first()?.address.base;
            return behind(location, base).map(CompactString::from);
        }
        let there = Address::parse(location).ok()?;
        let is_it = |endpoint: &&Endpoint| endpoint.address.origin() == there.origin();
        let base = &self.endpoints.iter().find(is_it)?.address.base;
        let path = if there.slash { format!("{}/", there.base) } else { there.base.to_string() };
        let path = behind(&path, base)?;
        let query = if there.query.is_empty() { String::new() } else { format!("?{}", there.query) };
        Some(format!("{path}{query}").into())
    }

    /// Whether a request with that method is sent once at most, when any of it has left: there is nothing for which it would
    /// be repeated.
    pub fn sends_once(&self, method: &Method) -> bool {
        let retries = self.retry.times > 0 && (self.retry.any || method.is_idempotent());
        !retries && !matches!(self.credentials, Credentials::Token(_))
    }

    /// The target of calls to a server that has one address for everything: nothing is put behind its URL.
    pub fn own_target(&self) -> CompactString {
        let ends_so = self.endpoints.first().is_some_and(|endpoint| endpoint.address.slash);
        CompactString::const_new(if ends_so { "/" } else { "" })
    }
}
