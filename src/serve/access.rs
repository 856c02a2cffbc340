//! One request and its answer as the access log and the metrics see them.

use std::cell::{Cell, OnceCell, RefCell};
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use compact_str::CompactString;
use hyper::header::{HeaderValue, VARY};
use hyper::http::request::Parts;
use hyper::{Method, StatusCode, Uri, Version};
use tracing::{error, info, warn};

use super::live::Live;
use super::metrics::ListenerMetrics;
use super::path_credentials::before_parameters;
use super::request::{Peer, entry_of};
use crate::document::coming::Cut;
use crate::pipeline::access::User;
use crate::pipeline::endpoint::Reply;
use crate::pipeline::failure::{Blame, Failure};
use crate::pipeline::gateway::Listener;
use crate::pipeline::operation::Operation;
use crate::pipeline::published::Api;
use crate::pipeline::route::Route;
use crate::pipeline::run::Run;

/// A request from its head to its answer, or to its caller's leaving.
#[derive(Debug)]
pub(super) struct Exchange {
    pub(super) id: CompactString,
    pub(super) started: Instant,
    pub(super) method: Method,
    /// Whether the caller speaks HTTP/1.0.
    pub(super) is_old: bool,
    pub(super) live: Arc<Live>,
    pub(super) listener: Option<Arc<Listener>>,
    metrics: Option<Arc<ListenerMetrics>>,
    pub(super) peer: Rc<Peer>,
    uri: Uri,
    facts: RefCell<Facts>,
    bytes_in: Cell<usize>,
    /// Counts the bytes of a body that is still on its way.
    reads: OnceCell<Rc<Cell<usize>>>,
    /// The run whose answer leaves while it still comes.
    passing: RefCell<Option<Rc<Run>>>,
    answered: Cell<bool>,
    /// Whether the answer broke off behind its head.
    broken: Cell<bool>,
}

/// What is learned on the way.
#[derive(Debug, Default)]
struct Facts {
    address: Option<IpAddr>,
    user: Option<Arc<User>>,
    operation: Option<Arc<Operation>>,
    /// The api that was called, where it should not be used any more.
    deprecated: Option<Arc<Api>>,
    /// The fields that led to the route.
    vary: Option<HeaderValue>,
    bytes_out: usize,
    caught: u32,
}

impl Exchange {
    /// A request's head is here.
    pub(super) fn begin(peer: &Rc<Peer>, live: Arc<Live>, head: &Parts) -> Self {
        peer.watch.begin();
        let (listener, metrics) = entry_of(peer, &live).unzip();
        if let Some(metrics) = &metrics {
            metrics.in_flight.inc();
        }
        Self {
            id: peer.worker.next_id(),
            started: Instant::now(),
            method: head.method.clone(),
            is_old: head.version < Version::HTTP_11,
            live,
            listener,
            metrics,
            peer: Rc::clone(peer),
            uri: head.uri.clone(),
            facts: RefCell::default(),
            bytes_in: Cell::default(),
            reads: OnceCell::new(),
            passing: RefCell::default(),
            answered: Cell::new(false),
            broken: Cell::new(false),
        }
    }

    /// The caller's address is known.
    pub(super) fn calls(&self, address: IpAddr) {
        self.facts.borrow_mut().address = Some(address);
    }

    /// The caller is known.
    pub(super) fn is_by(&self, user: Option<&Arc<User>>) {
        self.facts.borrow_mut().user = user.cloned();
    }

    /// The address is known. That of an api which should not be used any more is to be told so, as is which fields decided.
    pub(super) fn comes_to(&self, route: &Route) {
        if route.vary.is_some() {
            self.facts.borrow_mut().vary.clone_from(&route.vary);
        }
        if let Some(api) = route.api.as_ref().filter(|api| api.deprecation.is_some()) {
            self.facts.borrow_mut().deprecated = Some(Arc::clone(api));
        }
    }

    /// Adds to the answer which fields led to it, and what the api says of its end.
    pub(super) fn mark(&self, reply: &mut Reply) {
        let facts = self.facts.borrow();
        if let Some(vary) = &facts.vary {
            reply.headers.append(VARY, vary.clone());
        }
        if let Some(deprecation) = facts.deprecated.as_ref().and_then(|api| api.deprecation.as_ref()) {
            deprecation.mark(&mut reply.headers);
        }
    }

    /// The body is read.
    pub(super) fn read(&self, bytes: usize) {
        self.bytes_in.set(bytes);
    }

    /// Counts the bytes of a body that is still on its way.
    pub(super) fn reads(&self) -> Rc<Cell<usize>> {
        Rc::clone(self.reads.get_or_init(Rc::default))
    }

    /// Its answer leaves while it still comes: until then the run has its place among those under way.
    pub(super) fn holds(&self, run: &Rc<Run>) {
        self.passing.replace(Some(Rc::clone(run)));
    }

    /// A piece of the answer leaves, which is still on its way.
    pub(super) fn passes(&self, bytes: usize) {
        self.peer.watch.owes(bytes);
        let sent = &mut self.facts.borrow_mut().bytes_out;
        *sent = sent.saturating_add(bytes);
    }

    /// All of an answer has left that was on its way when its head left.
    pub(super) fn has_passed(&self, status: StatusCode) {
        self.counts(status);
        self.log(Some(status));
    }

    /// The answer broke off behind its head: all that is left is to end the connection.
    pub(super) fn broke_off(&self, cut: &Cut, status: StatusCode) {
        let mut failure = Failure::broken_off(cut);
        let waiting = self.passing.borrow().as_ref().and_then(|run| run.execution.waiting());
        if let Some((step, place)) = waiting {
            failure = failure.at(&place);
            failure.steps.push(step.into());
        }
        self.failed(&failure, status);
        self.counts(status);
        self.broken.set(true);
        self.log(Some(status));
    }

    /// The operation is known.
    pub(super) fn runs(&self, operation: &Arc<Operation>) {
        self.facts.borrow_mut().operation = Some(Arc::clone(operation));
    }

    /// So many failures were caught on the way: the answer does not show them.
    pub(super) fn caught(&self, failures: u32) {
        if failures > 0 {
            let caught = &mut self.facts.borrow_mut().caught;
            *caught = caught.saturating_add(failures);
            self.peer.worker.shared.metrics.caught.inc_by(failures.into());
        }
    }

    /// The request failed, and this is the status it is answered with.
    pub(super) fn failed(&self, failure: &Failure, status: StatusCode) {
        if let Some(metrics) = &self.metrics {
            metrics.failed(failure);
        }
        log_failure(&self.id, failure, Some(status));
    }

    /// The answer is made.
    pub(super) fn answered(&self, status: StatusCode, bytes_out: usize) {
        self.peer.watch.owes(bytes_out);
        self.facts.borrow_mut().bytes_out = bytes_out;
        self.counts(status);
        self.log(Some(status));
    }

    fn counts(&self, status: StatusCode) {
        self.answered.set(true);
        let took = self.started.elapsed();
        if let Some(metrics) = &self.metrics {
            metrics.answered(status, took);
        }
        if let Some(operation) = &self.facts.borrow().operation {
            self.peer.worker.operation(&operation.name).answered(status);
        }
    }

    fn log(&self, status: Option<StatusCode>) {
        let facts = self.facts.borrow();
        let us = u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX);
        info!(
            target: "soapstone::access",
            request = %self.id,
            generation = self.live.gateway.generation,
            listener = self.listener.as_ref().map_or("", |listener| &*listener.name),
            address = %facts.address.unwrap_or_else(|| self.peer.address.ip()),
            user = facts.user.as_ref().map(|user| user.name.as_str()),
            method = %self.method,
            path = logged_path(&self.uri),
            operation = facts.operation.as_ref().map(|operation| &*operation.name),
            deprecated = facts.deprecated.as_ref().map(|api| tracing::field::display(api.identity())),
            status = status.map(|status| status.as_u16()),
            bytes_in = self.reads.get().map_or(self.bytes_in.get(), |read| read.get()),
            bytes_out = facts.bytes_out,
            caught = (facts.caught > 0).then_some(facts.caught),
            us,
            "{}", self.end(status),
        );
    }
}

impl Exchange {
    /// How it ended, in words.
    fn end(&self, status: Option<StatusCode>) -> &'static str {
        let stopping = self.peer.socket.is_over();
        match status {
            Some(_) if self.broken.get() => "broken off",
            Some(_) => "answered",
            None if stopping => "cut off by the stop",
            None => "client gone",
        }
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.peer.watch.end();
        if !self.answered.get() {
            self.log(None);
        }
        if let Some(metrics) = &self.metrics {
            metrics.in_flight.dec();
        }
    }
}

/// The path without its parameters (`;name=value`) and query: credentials have been seen in both, whether the listener reads
/// them there or not.
fn logged_path(uri: &Uri) -> &str {
    before_parameters(uri.path())
}

/// Logs a failure: what the caller did at `info`, what others did higher.
pub(super) fn log_failure(id: &str, failure: &Failure, status: Option<StatusCode>) {
    macro_rules! write_at {
        ($level:ident) => {
            $level!(
                request = %id,
                blame = failure.blame.as_str(),
                code = failure.code,
                status = status.map(|status| status.as_u16()),
                place = failure.place.as_ref().map(tracing::field::display),
                steps = failure.steps.join(" > "),
                retry = failure.retriable.then_some(true),
                cause = failure.log,
                "{}",
                failure.message,
            )
        };
    }
    match failure.blame {
        // Nobody else reads of what failed behind an answer.
        Blame::Client if status.is_none() => write_at!(warn),
        Blame::Client => write_at!(info),
        Blame::Upstream => write_at!(warn),
        // Too much to do is no fault to be looked for.
        Blame::Gateway if failure.retry_after.is_some() => write_at!(warn),
        Blame::Gateway => write_at!(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_in_a_path_are_not_logged() {
        for target in ["x;boomi_auth=c2VjcmV0?a=b", "x%3Bboomi_auth=c2VjcmV0", "x%3bBOOMI_AUTH=c2VjcmV0;v=1"]
        {
            let uri: Uri = format!("/ws/simple/{target}").parse().unwrap();
            assert_eq!(logged_path(&uri), "/ws/simple/x");
        }
    }
}
