//! The way of a request: one load of the gateway, authenticate, route, read, run, answer.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use hyper::body::{Body, Incoming};
use hyper::header::{ALLOW, CONNECTION, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, Response, StatusCode};
use tokio::time::timeout_at;

use super::access::Exchange;
use super::caught::caught;
use super::coming::{self, OnItsWay, Rest};
use super::live::Live;
use super::outbound::Outbound;
use super::site::Site;
use super::socket::Socket;
use super::watched::Watch;
use super::worker::Worker;
use super::{body, conditional, executions, head, pages, path_credentials, process, reply};
use crate::document::coming::HELD;
use crate::document::inflate::ContentCoding;
use crate::pipeline::endpoint::{Endpoint, FailureForm, Opened, Reply, Request};
use crate::pipeline::failure::Failure;
use crate::pipeline::gateway::Listener;
use crate::pipeline::load::Held;
use crate::pipeline::router::{Found, Router};
use crate::pipeline::run::too_late;

/// The other end of a connection, and where it is connected to.
#[derive(Debug)]
pub(super) struct Peer {
    pub(super) worker: Rc<Worker>,
    pub(super) socket: Arc<Socket>,
    pub(super) address: SocketAddr,
    pub(super) local: SocketAddr,
    pub(super) tls: bool,
    pub(super) watch: Rc<Watch>,
}

/// A failure with the form that its caller reads.
type Failed = (FailureForm, Failure);

/// Answers one request. Dropping the future, when the client has gone, cancels the request.
pub(super) async fn answer(peer: Rc<Peer>, request: hyper::Request<Incoming>) -> Response<Outbound> {
    let (head, body) = request.into_parts();
    let live = peer.socket.live(&peer.worker.shared);
    let exchange = Exchange::begin(&peer, live, &head);
    let form = RefCell::new(None);
    let outcome = caught(pin!(way(&peer, &exchange, &form, head, body))).await;
    let outcome = outcome.unwrap_or_else(|panic| {
        let known = form.take().map(|known: Known| known.form());
        Err((known.unwrap_or(FailureForm::Text), Failure::internal("panic", panic)))
    });
    let outcome = outcome.and_then(|reply| {
        // Only a process can have set it; hyper would answer with a bare 500.
        let failure = || Failure::internal("status", format!("{} is no status of an answer", reply.status));
        if reply.status.is_informational() { Err((FailureForm::Text, failure())) } else { Ok(reply) }
    });
    let mut reply = match outcome {
        Ok(reply) => reply,
        Err((form, failure)) => {
            let reply = reply::failed(form, &failure, &exchange.id);
            exchange.failed(&failure, reply.status);
            reply
        }
    };
    exchange.mark(&mut reply);
    // A listener that was plain and now has TLS, or the other way, must not go on as it was on kept connections; and one
    // that is gone ends with what was under way.
    let other = exchange.listener.as_ref().is_some_and(|listener| listener.tls.is_some() != peer.tls);
    let mut response = match reply.coming.take().and_then(|coming| coming.take()) {
        Some(stream) => reply::passing(reply, stream, exchange),
        None => {
            exchange.answered(reply.status, reply.body.len());
            reply::finish(reply, &exchange.method, &exchange.id)
        }
    };
    // And what stands behind a body in a coding that is not read may be anything.
    let unclear = response.status() == StatusCode::NOT_IMPLEMENTED;
    if other || unclear || peer.socket.retired().is_some() {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// An endpoint and the request it was given: who tells the form of a failure.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub(super) endpoint: Arc<dyn Endpoint>,
    pub(super) request: Rc<Request>,
}

impl Known {
    pub(super) fn form(&self) -> FailureForm {
        self.endpoint.failure_form(&self.request)
    }
}

async fn way(
    peer: &Rc<Peer>,
    exchange: &Exchange,
    form: &RefCell<Option<Known>>,
    mut head: Parts,
    body: Incoming,
) -> Result<Reply, Failed> {
    let Some(listener) = exchange.listener.clone() else {
        return Err((FailureForm::Text, gone()));
    };
    path_credentials::take(&mut head, &listener.access);
    let deadline = exchange.started + listener.bounds.request;
    let unread = || {
        if !body.is_end_stream() {
            peer.watch.left_unread();
        }
    };
    let guessed = |failure| {
        unread();
        (reply::guessed_form(&head.headers), failure)
    };
    let request = admit(peer, exchange, &listener, &head, deadline).await.map_err(guessed)?;
    // Only who may call here learns which addresses there are.
    if head.method == Method::OPTIONS {
        let reply = options(exchange, &listener.router, head.uri.path());
        unread();
        return reply.ok_or_else(|| guessed(nothing_here()));
    }
    let (route, params) = match listener.router.find(&head.method, head.uri.path(), &head.headers) {
        Found::Route(route, params) => (route, Ok(params)),
        Found::OtherMethods(allow, route) => (route, Err(allow)),
        Found::Nothing => {
            // There may be something, for other fields.
            if let Some((_, route)) = listener.router.allow(head.uri.path()) {
                exchange.comes_to(route);
            }
            return Err(guessed(nothing_here()));
        }
    };
    exchange.comes_to(route);
    let endpoint = Arc::clone(&route.endpoint);
    let defaults = route.defaults.clone();
    let mut request = Request { defaults, ..with_head(request, head) };
    match params {
        Ok(params) => request.params = params,
        Err(allow) => {
            unread();
            let failure = other_methods(&request.method, allow);
            return Err((endpoint.failure_form(&request), failure));
        }
    }
    served(peer, exchange, form, (endpoint, request, body), deadline).await
}

/// Reads the body of a request whose address is known, and runs what it asks for.
async fn served(
    peer: &Rc<Peer>,
    exchange: &Exchange,
    form: &RefCell<Option<Known>>,
    (endpoint, mut request, body): (Arc<dyn Endpoint>, Request, Incoming),
    deadline: Instant,
) -> Result<Reply, Failed> {
    let failed = |request: &Request, failure| (endpoint.failure_form(request), failure);
    // Before the body is taken: there may be too much to do already.
    let held = match peer.worker.in_hand.enter() {
        Ok(held) => held,
        Err(failure) => {
            if !body.is_end_stream() {
                peer.watch.left_unread();
            }
            return Err(failed(&request, failure));
        }
    };
    let Some(listener) = &exchange.listener else { return Err(failed(&request, gone())) };
    let most = endpoint.hands_on().then_some(HELD);
    let taken = take(&mut request, body, listener, deadline, (&held, exchange), most).await;
    let on_its_way = match taken {
        Ok(on_its_way) => on_its_way,
        Err(failure) => {
            peer.watch.left_unread();
            return Err(failed(&request, failure));
        }
    };
    request.headers.remove(hyper::header::CONTENT_ENCODING);
    let known = Known { endpoint, request: Rc::new(request) };
    form.replace(Some(known.clone()));
    let outcome = opened(peer, exchange, &known, held, deadline).await;
    let outcome = match &on_its_way {
        None => outcome,
        Some(on_its_way) => {
            let outcome = outcome.map_err(|failure| on_its_way.why(failure));
            // An answer that goes on may still be made of it.
            if !outcome.as_ref().is_ok_and(|reply| reply.coming.is_some()) {
                on_its_way.body.stop();
            }
            outcome
        }
    };
    outcome.map_err(|failure| (known.form(), failure))
}

/// Does what a request asks for.
async fn opened(
    peer: &Peer,
    exchange: &Exchange,
    known: &Known,
    held: Held,
    deadline: Instant,
) -> Result<Reply, Failure> {
    let site = || Site::of(peer, exchange, known).ok_or_else(gone);
    match known.endpoint.open(&known.request)? {
        Opened::Reply(reply) => Ok(reply),
        Opened::Call(call) => {
            exchange.runs(&call.operation);
            conditional::allows(peer, exchange, known, deadline).await?;
            // What has no answer starts before anything else is awaited.
            peer.watch.taken();
            process::run(peer, exchange, known, call, held, deadline).await
        }
        Opened::More(more) => {
            more.operation.admit(known.request.user.as_deref())?;
            pages::more(&site()?, known, &more).await
        }
        Opened::Execution(asked) => executions::tell(&site()?, known, &asked).await,
    }
}

/// Which methods a path is for (RFC 9110, section 9.3.7); `None` where nothing is served.
fn options(exchange: &Exchange, router: &Router, path: &str) -> Option<Reply> {
    let (allow, route) = router.allow(path)?;
    exchange.comes_to(route);
    let mut reply = Reply::empty(StatusCode::NO_CONTENT);
    reply.headers.insert(ALLOW, HeaderValue::from_str(&allow).ok()?);
    Some(reply)
}

/// Who calls and for which host: a request without what routing adds.
async fn admit(
    peer: &Peer,
    exchange: &Exchange,
    listener: &Listener,
    head: &Parts,
    deadline: Instant,
) -> Result<Request, Failure> {
    let access = &listener.access;
    if head.headers.len() > listener.bounds.fields {
        let message = format!("The request has more than {} header fields.", listener.bounds.fields);
        return Err(Failure::client(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "too-many-fields", message));
    }
    head::transfer_coding(&head.headers)?;
    let address = head::caller(&head.headers, peer.address.ip(), &access.trusted_proxies);
    exchange.calls(address);
    let trusted = access.trusted_proxies.contains(peer.address.ip());
    let base_url = head::base_url(head, peer.tls, peer.local, trusted)?;
    let admitted = timeout_at(deadline.into(), access.admit(&head.headers, address)).await;
    let user = admitted.unwrap_or_else(|_| Err(too_late()))?;
    exchange.is_by(user.as_ref());
    Ok(Request {
        id: exchange.id.clone(),
        method: head.method.clone(),
        path: head.uri.path().into(),
        query: head.uri.query().unwrap_or_default().into(),
        headers: hyper::HeaderMap::new(),
        params: Vec::new(),
        defaults: None,
        user,
        address,
        base_url,
        coming: None,
        body: Bytes::new(),
        limits: listener.bounds.document,
    })
}

fn with_head(request: Request, head: Parts) -> Request {
    Request { headers: head.headers, ..request }
}

fn other_methods(method: &Method, allow: String) -> Failure {
    let useful = allow.strip_suffix(", OPTIONS").unwrap_or(&allow);
    let message = format!("This address is not for {method}. Use {useful}.");
    let mut failure = Failure::client(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", message);
    failure.allow = Some(allow);
    failure
}

fn nothing_here() -> Failure {
    Failure::client(StatusCode::NOT_FOUND, "not-found", "There is nothing at this address.")
}

/// Puts the body into a request: read, or begun where more than `most` bytes of it may be handed on; then it is given, too.
async fn take(
    request: &mut Request,
    mut body: Incoming,
    listener: &Listener,
    deadline: Instant,
    (held, exchange): (&Held, &Exchange),
    most: Option<usize>,
) -> Result<Option<OnItsWay>, Failure> {
    let (limit, watch) = (listener.bounds.body, &exchange.peer.watch);
    let coding = body::coding(&request.headers)?;
    let waits = || watch.taken();
    let most = most.filter(|_| coding == ContentCoding::Identity);
    let reading = body::Reading { limit, held, most, waits: &waits };
    let read = timeout_at(deadline.into(), body::read(&mut body, reading)).await;
    let (read, is_all) = read.unwrap_or_else(|_| Err(body::too_slow()))?;
    if !is_all {
        let (watch, read_of) = (Rc::clone(watch), exchange.reads());
        let on_its_way = coming::hand_on(Rest { first: read, body, limit, deadline, watch, read: read_of });
        request.coming = Some(on_its_way.body.clone());
        return Ok(Some(on_its_way));
    }
    let body = body::decompress(read, coding, limit).await?;
    held.at_least(body.len()).map_err(body::unholdable)?;
    exchange.read(body.len());
    request.body = body;
    Ok(None)
}

fn gone() -> Failure {
    let message = "This address is no longer served.";
    Failure::client(StatusCode::SERVICE_UNAVAILABLE, "gone", message)
}

/// The listener of a generation that serves a peer's socket, with the live generation it stands in.
pub(super) fn entry_of(
    peer: &Peer,
    live: &Live,
) -> Option<(Arc<Listener>, Arc<super::metrics::ListenerMetrics>)> {
    let entry = live.entry(peer.socket.id)?;
    Some((Arc::clone(&entry.listener), Arc::clone(&entry.metrics)))
}
