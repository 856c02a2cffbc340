//! The thread that resolves names: one small runtime of its own, so that any thread may wait for it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::lookup::Lookup;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::Name;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::failure::Failure;
use crate::request::Family;
use crate::sources::{Loaded, Sources};

/// No lookup takes longer than this, however many servers, tries and search domains `/etc/resolv.conf` names.
pub const LONGEST_LOOKUP: Duration = Duration::from_secs(15);

/// The addresses of a name.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// At least one.
    pub(crate) addresses: Vec<IpAddr>,
    /// The name the addresses belong to at the end of a chain of aliases.
    pub(crate) canonical: Option<String>,
}

struct Job {
    name: Name,
    family: Family,
    reply: SyncSender<Result<Found, Failure>>,
}

static SHARED: Mutex<Option<Worker>> = Mutex::new(None);

/// Looks a name up by the machine's own files, on a thread that starts with the first call.
pub(crate) fn shared(name: &str, family: Family) -> Result<Found, Failure> {
    let worker = {
        let mut slot = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        match &*slot {
            Some(worker) if worker.is_alive() => worker.clone(),
            _ => slot.insert(Worker::start(Sources::system(), LONGEST_LOOKUP)?).clone(),
        }
    };
    worker.lookup(name, family)
}

/// A handle to a resolving thread; the thread ends when the last handle is gone.
#[derive(Clone)]
pub(crate) struct Worker {
    jobs: UnboundedSender<Job>,
    longest: Duration,
}

impl Worker {
    /// Starts a thread that resolves by these files and spends at most `longest` on a name.
    pub(crate) fn start(sources: Sources, longest: Duration) -> Result<Self, Failure> {
        let (jobs, queue) = unbounded_channel();
        let run = move || {
            if let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() {
                runtime.block_on(serve(sources, queue, longest));
            }
        };
        thread::Builder::new().name("resolve".to_owned()).spawn(run).map_err(|_| Failure::Again)?;
        Ok(Self { jobs, longest })
    }

    fn is_alive(&self) -> bool {
        !self.jobs.is_closed()
    }

    /// Waits for the addresses of a name. Blocks the calling thread, as `getaddrinfo` must.
    pub(crate) fn lookup(&self, name: &str, family: Family) -> Result<Found, Failure> {
        let name = Name::from_utf8(name).map_err(|_| Failure::NoName)?;
        let (reply, answer) = sync_channel(1);
        self.jobs.send(Job { name, family, reply }).map_err(|_| Failure::Again)?;
        // The thread keeps the limit itself; the second more is for a machine too busy to let it run.
        match answer.recv_timeout(self.longest + Duration::from_secs(1)) {
            Ok(found) => found,
            Err(RecvTimeoutError::Timeout) => Err(Failure::Again),
            Err(RecvTimeoutError::Disconnected) => Err(Failure::Fail),
        }
    }
}

async fn serve(sources: Sources, mut queue: UnboundedReceiver<Job>, longest: Duration) {
    let mut loaded = Arc::new(sources.load());
    while let Some(job) = queue.recv().await {
        if loaded.is_stale(&sources) {
            loaded = Arc::new(sources.load());
        }
        let loaded = loaded.clone();
        tokio::spawn(async move {
            let found = tokio::time::timeout(longest, find(&loaded, job.name, job.family)).await;
            // Nobody may be waiting any more; then the answer is for the cache only.
            let _ = job.reply.try_send(found.unwrap_or(Err(Failure::Again)));
        });
    }
}

async fn find(loaded: &Loaded, name: Name, family: Family) -> Result<Found, Failure> {
    let addresses = loaded.in_hosts(&name, family);
    if !addresses.is_empty() {
        return Ok(Found { addresses, canonical: None });
    }
    match Reserved::of(&name) {
        Some(Reserved::Localhost) => return Ok(Found { addresses: loopback(family), canonical: None }),
        Some(Reserved::Invalid) => return Err(Failure::NoName),
        None => {}
    }
    let Some(dns) = &loaded.dns else {
        return Err(Failure::NoName);
    };
    let lookup = ask(dns, name, family).await.map_err(|error| failure(&error))?;
    let mut owners = lookup.answers().iter().filter(|r| r.data.ip_addr().is_some()).peekable();
    let canonical = owners.peek().map(|r| r.name.to_utf8().trim_end_matches('.').to_owned());
    let addresses: Vec<IpAddr> = owners.filter_map(|r| r.data.ip_addr()).collect();
    if addresses.is_empty() { Err(Failure::NoData) } else { Ok(Found { addresses, canonical }) }
}

async fn ask(dns: &TokioResolver, name: Name, family: Family) -> Result<Lookup, NetError> {
    match family {
        Family::Any => dns.lookup_ip(name).await.map(Lookup::from),
        Family::V4 => dns.ipv4_lookup(name).await,
        Family::V6 => dns.ipv6_lookup(name).await,
    }
}

/// The names that RFC 6761 section 6 settles without a server.
enum Reserved {
    Localhost,
    Invalid,
}

impl Reserved {
    fn of(name: &Name) -> Option<Self> {
        let last = name.iter().next_back()?;
        if last.eq_ignore_ascii_case(b"localhost") {
            return Some(Self::Localhost);
        }
        last.eq_ignore_ascii_case(b"invalid").then_some(Self::Invalid)
    }
}

fn loopback(family: Family) -> Vec<IpAddr> {
    let (v4, v6) = (IpAddr::from(Ipv4Addr::LOCALHOST), IpAddr::from(Ipv6Addr::LOCALHOST));
    match family {
        Family::Any => vec![v6, v4],
        Family::V4 => vec![v4],
        Family::V6 => vec![v6],
    }
}

fn failure(error: &NetError) -> Failure {
    let code = match error {
        NetError::Dns(DnsError::NoRecordsFound(none)) => none.response_code,
        NetError::Dns(DnsError::ResponseCode(code)) => *code,
        NetError::Proto(_) => return Failure::Fail,
        _ => return Failure::Again,
    };
    match code {
        ResponseCode::NXDomain => Failure::NoName,
        ResponseCode::NoError => Failure::NoData,
        ResponseCode::FormErr | ResponseCode::NotImp => Failure::Fail,
        _ => Failure::Again,
    }
}
