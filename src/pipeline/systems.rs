//! The systems that steps call, and what a worker and the process have for calling them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use compact_str::CompactString;
use jiff::Timestamp;
use tokio::time::timeout_at;

use super::called::Called;
use super::failure::Failure;
use super::run::Run;
use crate::broker::{self, Broker, Brokers, Links};
use crate::client::{Answer, Certificate, Clients, Credentials, Key, Outgoing, Peer, Pools, Reached, Server};
use crate::document::coding::percent;
use crate::sql::{Database, Databases};
use crate::syntax::Secret;

/// A system that is declared.
#[derive(Debug, Clone)]
pub enum System {
    /// A server that is called over HTTP.
    Server(Arc<Server>),
    /// A database that is called by SQL.
    Database(Arc<Database>),
    /// A broker that messages are published to.
    Broker(Arc<Broker>),
}

impl System {
    /// Its name.
    pub fn name(&self) -> &Arc<str> {
        match self {
            Self::Server(server) => &server.name,
            Self::Database(database) => &database.name,
            Self::Broker(broker) => &broker.name,
        }
    }

    /// What a server is shown with every request, where that is made of a secret.
    pub fn shown(&self) -> Option<Secret> {
        let Self::Server(server) = self else { return None };
        let Credentials::Fixed(value) = &server.credentials else { return None };
        let (_, secret) = value.to_str().ok()?.split_once(' ')?;
        Some(Secret::new(secret))
    }

    /// The database, where it is one.
    pub fn database(&self) -> Option<&Arc<Database>> {
        match self {
            Self::Database(database) => Some(database),
            Self::Server(_) | Self::Broker(_) => None,
        }
    }

    /// Checks that it can be reached, without asking it for anything. A server has a part for each of its addresses, any other
    /// system is one.
    pub async fn ping(&self, deadline: Instant) -> Vec<Pinged> {
        let began = Instant::now();
        let what = match self {
            Self::Server(server) => return server.ping(deadline).await.iter().map(Pinged::of).collect(),
            Self::Database(database) => asked(database, deadline).await,
            Self::Broker(broker) => match timeout_at(deadline.into(), broker.ping()).await {
                Ok(met) => met.map_err(|error| error.text),
                Err(_) => Err("no answer in time".to_owned()),
            },
        };
        vec![Pinged { address: None, what, took: began.elapsed() }]
    }
}

/// What was found at one place.
#[derive(Debug)]
pub struct Pinged {
    /// The address, of a server.
    pub address: Option<String>,
    /// Who is there, or why that is not known, in words without secrets.
    pub what: Result<String, String>,
    /// How long it took.
    pub took: Duration,
}

impl Pinged {
    fn of(reached: &Reached) -> Self {
        let what = reached.peer.as_ref().map(|peer| told(peer)).map_err(ToString::to_string);
        Self { address: Some(reached.origin.clone()), what, took: reached.took }
    }
}

/// Whether a database understands the least that can be said to one.
async fn asked(database: &Database, deadline: Instant) -> Result<String, String> {
    let databases = Databases::default();
    let described = async { databases.open(database)?.describe("select 1".into()).await };
    match timeout_at(deadline.into(), described).await {
        Ok(Ok(_)) => Ok(format!("{} answers", database.spec.dialect().name())),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("no answer in time".to_owned()),
    }
}

/// Who is on the other side of a connection: `at 127.0.0.1:8443, TLS 1.3, certificate of CN=crm for another 89 days`.
fn told(peer: &Peer) -> String {
    let mut told = peer.address.map(|address| format!("at {address}")).unwrap_or_default();
    if let Some((version, _, der)) = &peer.tls {
        told.push_str(&format!(", {}", tls_version(version)));
        if let Some(certificate) = Certificate::read(der) {
            let days = certificate.days_left(Timestamp::now());
            told.push_str(&format!(", certificate of {} for another {days} days", certificate.subject));
        }
    }
    told
}

/// A version of TLS as people write it: `TLS 1.3` for `TLSv1_3`.
pub fn tls_version(version: &str) -> String {
    version.replace("TLSv", "TLS ").replace('_', ".")
}

/// What the process has of the systems that it calls: kept over reloads.
#[derive(Debug, Default)]
pub struct Shared {
    /// Of servers.
    pub clients: Clients,
    /// Of databases.
    pub databases: Databases,
    /// Of brokers.
    pub brokers: Brokers,
}

impl Shared {
    /// Forgets all systems but these.
    pub fn keep(&self, systems: &[System]) {
        let names: Vec<Arc<str>> = systems.iter().map(|system| Arc::clone(system.name())).collect();
        // Systems of all kinds have names of their own.
        self.clients.keep(&names);
        self.brokers.keep(&names);
        self.databases.keep(systems.iter().filter_map(System::database));
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
    /// Connections to brokers.
    pub links: Links,
}

impl Outside {
    /// A worker's.
    pub fn new(shared: Arc<Shared>) -> Self {
        Self { shared, ..Self::default() }
    }

    /// For a file that is tried out: every call fails.
    pub fn closed() -> Self {
        Self { is_closed: true, ..Self::default() }
    }

    /// Closes connections to all systems but these.
    pub fn keep(&self, systems: &[System]) {
        let mut keys: Vec<Key> = Vec::new();
        let mut brokers: Vec<broker::Key> = Vec::new();
        for system in systems {
            match system {
                System::Server(server) => keys.extend(server.endpoints.iter().map(|at| at.key)),
                System::Broker(broker) => brokers.push(broker.key),
                // Their connections belong to the process.
                System::Database(_) => {}
            }
        }
        self.pools.keep(&keys);
        self.links.keep(&brokers);
    }
}

/// What calling a system of that name uses.
///
/// # Errors
/// A file is tried out, in which nothing is called.
pub fn outside<'r>(run: &'r Run, name: &str) -> Result<&'r Outside, Failure> {
    let outside = &*run.execution.around.outside;
    if outside.is_closed {
        let log = format!(
            "`{name}` is not called while a file is tried out: say what stands in for it, --mock {name}=FILE"
        );
        return Err(Failure::internal("no-stand-in", log));
    }
    Ok(outside)
}

/// Calls a server within the time of the work at hand.
///
/// # Errors
/// There is no answer, or nothing is called here.
pub async fn call(run: &Run, server: &Server, outgoing: &Outgoing) -> Result<Answer, Failure> {
    let outside = outside(run, &server.name)?;
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
