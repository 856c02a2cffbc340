//! What a reload says: asked for how, refused why, and what changed.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::sync::oneshot;

use crate::pipeline::gateway::Part;
use crate::state::store::OpenError;

/// A wish for a reload.
#[derive(Debug)]
pub(super) struct Ask {
    /// Only if this generation still serves.
    pub(super) if_generation: Option<u64>,
    /// Who waits for the result.
    pub(super) reply: oneshot::Sender<Result<Swapped, ReloadError>>,
}

/// What a reload did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Swapped {
    /// The content is what serves already: nothing happened.
    Unchanged {
        /// The generation that goes on serving.
        generation: u64,
    },
    /// Another generation serves now.
    Applied(Applied),
}

/// A generation that took over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// Its number.
    pub generation: u64,
    /// What the file declares now and did not before: `operation create-order`.
    pub added: Vec<String>,
    /// What it declares differently.
    pub changed: Vec<String>,
    /// What it declares no more.
    pub removed: Vec<String>,
    /// From the compiled gateway to the first request on it.
    pub took: Duration,
}

impl Applied {
    pub(super) fn between(old: &[Part], new: &[Part], generation: u64, took: Duration) -> Self {
        let by_name = |parts: &[Part]| -> BTreeMap<String, [u8; 32]> {
            parts.iter().map(|part| (name(part), part.hash)).collect()
        };
        let (old, new) = (by_name(old), by_name(new));
        let only = |a: &BTreeMap<String, [u8; 32]>, b: &BTreeMap<String, [u8; 32]>| {
            a.keys().filter(|name| !b.contains_key(*name)).cloned().collect()
        };
        let changed = new.iter().filter(|(name, hash)| old.get(*name).is_some_and(|other| other != *hash));
        Self {
            generation,
            added: only(&new, &old),
            changed: changed.map(|(name, _)| name.clone()).collect(),
            removed: only(&old, &new),
            took,
        }
    }
}

fn name(part: &Part) -> String {
    if part.name.is_empty() { part.kind.clone() } else { format!("{} {}", part.kind, part.name) }
}

/// Why the gateway cannot start or take over. What served before goes on as it was.
#[derive(Debug)]
pub enum StartError {
    /// An address cannot be listened on.
    Bind {
        /// `listener public` or `admin`.
        what: String,
        /// Where the file says so, if it is a listener.
        place: Option<String>,
        /// The address.
        address: SocketAddr,
        /// What the system says.
        error: std::io::Error,
    },
    /// The system gives no thread or no runtime.
    System(std::io::Error),
    /// What outlives a request cannot be kept where the file says.
    State(OpenError),
    /// A worker could not compile the scripts, or has ended.
    Worker,
    /// A worker was busy with one piece of work for too long to take the new gateway.
    Busy,
}

impl std::fmt::Display for StartError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bind { what, place, address, error } => {
                if let Some(place) = place {
                    write!(f, "{place}: ")?;
                }
                write!(f, "{what} cannot listen on {address}: {}", advice(error))
            }
            Self::State(error) => error.fmt(f),
            Self::Worker => f.write_str(
                "a worker could not take the new gateway. This is a bug: please report it with the log around this \
                 moment; restarting the process helps until then",
            ),
            Self::Busy => f.write_str(
                "a worker was too busy to take the new gateway in time. Try again; when it happens often, look for a \
                 script that runs long, and give its listener a lower bound",
            ),
            Self::System(error) => write!(
                f,
                "the system gives no thread or runtime for a worker: {error}; raise its limits on processes and \
                 open files, or ask for fewer workers"
            ),
        }
    }
}

impl std::error::Error for StartError {}

fn advice(error: &std::io::Error) -> String {
    use std::io::ErrorKind::{AddrInUse, AddrNotAvailable, PermissionDenied};
    match error.kind() {
        AddrInUse => {
            "another process, or another listener of this one, has the address. Stop that process or choose \
                      another bind="
                .to_owned()
        }
        AddrNotAvailable => {
            "this machine has no such address. Use one of its own, or 0.0.0.0 for all".to_owned()
        }
        PermissionDenied => "the process may not use this port. Choose one from 1024 up, or give it \
                             CAP_NET_BIND_SERVICE"
            .to_owned(),
        _ => error.to_string(),
    }
}

/// Why a reload did nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReloadError {
    /// The file has errors: the findings as text.
    Findings(String),
    /// The gateway was compiled and cannot take over: a [`StartError`] as text.
    Start(String),
    /// Another generation serves than the caller expected.
    Moved {
        /// The one that serves.
        generation: u64,
    },
    /// The process is stopping, or takes no reloads.
    Stopping,
}

impl std::fmt::Display for ReloadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Findings(text) | Self::Start(text) => f.write_str(text),
            Self::Moved { generation } => write!(
                f,
                "generation {generation} serves now: someone else was faster. Look at what changed, then reload again"
            ),
            Self::Stopping => f.write_str("the gateway is stopping and takes no reloads"),
        }
    }
}

impl std::error::Error for ReloadError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(name: &str, hash: u8) -> Part {
        Part { kind: "operation".into(), name: name.into(), hash: [hash; 32] }
    }

    #[test]
    fn the_difference_names_each_part_once() {
        let old = [part("a", 1), part("b", 1), part("c", 1)];
        let new = [part("b", 2), part("c", 1), part("d", 1)];
        let applied = Applied::between(&old, &new, 2, Duration::ZERO);
        assert_eq!(applied.added, ["operation d"]);
        assert_eq!(applied.changed, ["operation b"]);
        assert_eq!(applied.removed, ["operation a"]);
    }
}
