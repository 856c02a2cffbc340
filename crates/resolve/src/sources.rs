//! The two files that say who answers for names: `/etc/hosts` and `/etc/resolv.conf`, read again when they change.
#![allow(clippy::disallowed_methods, reason = "reading these two files is what this module is for")]

use std::fs::{self, File};
use std::net::IpAddr;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use hickory_resolver::config::{ResolveHosts, ServerOrderingStrategy};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::op::Query;
use hickory_resolver::proto::rr::{Name, RecordType};
use hickory_resolver::system_conf::parse_resolv_conf;
use hickory_resolver::{Hosts, TokioResolver};

use crate::request::Family;

/// Where to look.
#[derive(Clone, Debug)]
pub(crate) struct Sources {
    /// In the form of hosts(5).
    pub(crate) hosts: PathBuf,
    /// In the form of resolv.conf(5).
    pub(crate) resolv: PathBuf,
    /// The port of the name servers; 53 but in tests.
    pub(crate) port: u16,
}

impl Sources {
    /// The machine's own files.
    pub(crate) fn system() -> Self {
        Self { hosts: "/etc/hosts".into(), resolv: "/etc/resolv.conf".into(), port: 53 }
    }

    /// What tells that a file was written again or put in the place of another.
    pub(crate) fn stamp(&self) -> Stamp {
        Stamp { hosts: mark(&self.hosts), resolv: mark(&self.resolv) }
    }

    /// Reads both files. A file that is missing or cannot be understood counts as empty. Needs a running tokio
    /// runtime, on which the resolver will open its sockets.
    pub(crate) fn load(&self) -> Loaded {
        let stamp = self.stamp();
        let mut hosts = Hosts::default();
        if let Ok(file) = File::open(&self.hosts) {
            // On a line that is not UTF-8 the lines before it stay.
            let _ = hosts.read_hosts_conf(file);
        }
        Loaded { stamp, hosts, dns: self.resolver().ok() }
    }

    fn resolver(&self) -> Result<TokioResolver, NetError> {
        let (config, mut options) = parse_resolv_conf(fs::read(&self.resolv)?)?;
        let (domain, search, mut servers) = config.into_parts();
        let connections = servers.iter_mut().flat_map(|server| server.connections.iter_mut());
        connections.for_each(|connection| connection.port = self.port);
        // As resolv.conf(5) says: the servers in their order, the next one when the one before stays silent.
        options.server_ordering_strategy = ServerOrderingStrategy::UserProvidedOrder;
        options.num_concurrent_reqs = 1;
        // There, `attempts` counts the first try as well; here, only those after it.
        options.attempts = options.attempts.saturating_sub(1);
        options.use_hosts_file = ResolveHosts::Never;
        let config = hickory_resolver::config::ResolverConfig::from_parts(domain, search, servers);
        let mut builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
        *builder.options_mut() = options;
        builder.build()
    }
}

/// The marks of both files at the time they were read; `None` for a file that is not there.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    hosts: Option<Mark>,
    resolv: Option<Mark>,
}

/// Device, inode, length, and time of change in seconds and nanoseconds.
type Mark = (u64, u64, u64, i64, i64);

fn mark(path: &Path) -> Option<Mark> {
    let meta = fs::metadata(path).ok()?;
    Some((meta.dev(), meta.ino(), meta.len(), meta.ctime(), meta.ctime_nsec()))
}

/// Both files, read.
pub(crate) struct Loaded {
    stamp: Stamp,
    hosts: Hosts,
    /// Asks the name servers; `None` when no server is known.
    pub(crate) dns: Option<TokioResolver>,
}

impl Loaded {
    /// Have the files changed since?
    pub(crate) fn is_stale(&self, sources: &Sources) -> bool {
        self.stamp != sources.stamp()
    }

    /// The addresses that the hosts file gives a name, in the families asked for.
    pub(crate) fn in_hosts(&self, name: &Name, family: Family) -> Vec<IpAddr> {
        let types: &[RecordType] = match family {
            Family::Any => &[RecordType::AAAA, RecordType::A],
            Family::V4 => &[RecordType::A],
            Family::V6 => &[RecordType::AAAA],
        };
        let lookups =
            types.iter().filter_map(|&t| self.hosts.lookup_static_host(&Query::query(name.clone(), t)));
        lookups
            .flat_map(|lookup| lookup.answers().iter().filter_map(|r| r.data.ip_addr()).collect::<Vec<_>>())
            .collect()
    }
}
