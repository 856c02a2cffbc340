//! Conditions on the state of a resource: `If-Match` and `If-None-Match` (RFC 9110, section 13).

use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use hyper::header::{
    ACCEPT, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LENGTH, CONTENT_TYPE, ETAG, HeaderMap, HeaderName,
    HeaderValue, IF_MATCH, IF_NONE_MATCH, TRANSFER_ENCODING,
};
use hyper::{Method, StatusCode};
use tokio::time::timeout_at;

use super::access::Exchange;
use super::process::{self, Ended};
use super::request::{Known, Peer};
use crate::pipeline::endpoint::{Call, Opened, Reply, Request};
use crate::pipeline::etag::{State, Tags};
use crate::pipeline::failure::Failure;
use crate::pipeline::router::Found;
use crate::pipeline::run::Run;
use crate::pipeline::step::Documents;

/// Fields of a request that changes something which are nothing for the one that reads.
const OF_THE_OTHER: [HeaderName; 8] = [
    ACCEPT,
    CONTENT_ENCODING,
    CONTENT_LENGTH,
    CONTENT_TYPE,
    IF_MATCH,
    IF_NONE_MATCH,
    TRANSFER_ENCODING,
    HeaderName::from_static("prefer"),
];

fn is_read(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

/// The answer to a request that reads: 304 without a body where the caller has it already.
///
/// # Errors
/// 412 where the caller wants another state only.
pub(super) fn read(request: &Request, reply: Reply) -> Result<Reply, Failure> {
    let Some(tag) = reply.headers.get(ETAG).filter(|_| is_read(&request.method) && reply.status.is_success())
    else {
        return Ok(reply);
    };
    // Who cannot be understood is answered in full.
    let tags = |name: &HeaderName| Tags::of(&request.headers, name).ok().flatten();
    if tags(&IF_MATCH).is_some_and(|tags| !tags.match_strongly(tag)) {
        return Err(failed());
    }
    if !tags(&IF_NONE_MATCH).is_some_and(|tags| tags.match_weakly(tag)) {
        return Ok(reply);
    }
    // What describes a body has nothing to describe (section 15.4.5).
    let mut headers = reply.headers;
    for name in [CONTENT_TYPE, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LENGTH] {
        headers.remove(name);
    }
    Ok(Reply { headers, ..Reply::empty(StatusCode::NOT_MODIFIED) })
}

/// Whether a request that changes something may, as far as its conditions say. The state is what a GET of the same
/// address answers its caller with, where its operation has an `etag`; elsewhere the process alone knows.
///
/// # Errors
/// 412 where a condition does not hold, 400 where it cannot be understood, and what stands in the way of reading the state:
/// 403 where the caller may not read it, which would else be told by its writes.
pub(super) async fn allows(
    peer: &Peer,
    exchange: &Exchange,
    known: &Known,
    until: Instant,
) -> Result<(), Failure> {
    let request = &known.request;
    let has = |name| request.headers.contains_key(name);
    if is_read(&request.method) || !(has(&IF_MATCH) || has(&IF_NONE_MATCH)) {
        return Ok(());
    }
    let Some(listener) = &exchange.listener else { return Ok(()) };
    let Found::Route(route, params) = listener.router.find(&Method::GET, &request.path, &request.headers)
    else {
        return Ok(());
    };
    if route.resource.as_ref().is_none_or(|resource| resource.operation.etag.is_none()) {
        return Ok(());
    }
    let conditions = Conditions::of(&request.headers)?;
    let defaults = route.defaults.clone();
    let reading = Rc::new(Request { params, defaults, ..bare(request) });
    let Opened::Call(call) = route.endpoint.open(&reading)? else { return Err(failed()) };
    let current = current(peer, exchange, &reading, call, until).await?;
    if conditions.hold(&current) { Ok(()) } else { Err(failed()) }
}

/// The conditions of a request.
struct Conditions {
    any_of: Option<Tags>,
    none_of: Option<Tags>,
}

impl Conditions {
    fn of(headers: &HeaderMap) -> Result<Self, Failure> {
        let tags = |name: &HeaderName, shown: &str| {
            Tags::of(headers, name).map_err(|_| {
                let message = format!("{shown} is neither * nor a list of entity tags, such as \"7\".");
                Failure::client(StatusCode::BAD_REQUEST, "bad-condition", message)
            })
        };
        Ok(Self { any_of: tags(&IF_MATCH, "If-Match")?, none_of: tags(&IF_NONE_MATCH, "If-None-Match")? })
    }

    /// In the order of section 13.2.2.
    fn hold(&self, current: &Current) -> bool {
        let any = |tags: &Tags, matches: fn(&Tags, &HeaderValue) -> bool| match tags {
            Tags::Any => current.is_there,
            Tags::These(_) => current.tags.iter().any(|tag| matches(tags, tag)),
        };
        let wanted = self.any_of.as_ref().is_none_or(|tags| any(tags, Tags::match_strongly));
        wanted && !self.none_of.as_ref().is_some_and(|tags| any(tags, Tags::match_weakly))
    }
}

/// The state of a resource now.
#[derive(Default)]
struct Current {
    is_there: bool,
    /// Its tags, one for each form that it is answered in.
    tags: Vec<HeaderValue>,
}

/// A GET of the same address by the same caller, without what its fields say of the other's body, conditions and answer.
fn bare(request: &Request) -> Request {
    let mut headers = request.headers.clone();
    for name in OF_THE_OTHER {
        headers.remove(name);
    }
    Request {
        id: request.id.clone(),
        method: Method::GET,
        path: request.path.clone(),
        query: request.query.clone(),
        headers,
        params: Vec::new(),
        defaults: None,
        user: request.user.clone(),
        address: request.address,
        base_url: request.base_url.clone(),
        coming: None,
        body: Default::default(),
        limits: request.limits,
    }
}

/// Runs what a GET would run.
async fn current(
    peer: &Peer,
    exchange: &Exchange,
    request: &Rc<Request>,
    call: Call,
    until: Instant,
) -> Result<Current, Failure> {
    let held = peer.worker.in_hand.enter()?;
    let limits = request.limits;
    let work = async |call: Call, run: Rc<Run>, documents: Documents| {
        let ran = run.whole(&call.operation.process.path, documents);
        let ran = timeout_at(run.deadline().into(), ran).await;
        ran.unwrap_or_else(|_| Err(run.too_late()))?;
        let returned = call.operation.gathered(&run, limits)?;
        let status = returned.status.unwrap_or(StatusCode::OK);
        Ok((returned, Ended::With(status)))
    };
    let operation = Arc::clone(&call.operation);
    let read = process::executed(peer, exchange, request, (call, held), until, work).await;
    let status = match &read {
        Ok(returned) => returned.status.unwrap_or(StatusCode::OK),
        Err(failure) => failure.status,
    };
    peer.worker.operation(&operation.name).answered(status);
    let returned = match read {
        Ok(returned) => returned,
        // The process says that there is nothing.
        Err(failure) if matches!(failure.status, StatusCode::NOT_FOUND | StatusCode::GONE) => {
            return Ok(Current::default());
        }
        Err(failure) => return Err(failure),
    };
    let is_there = !returned.documents.is_empty() && returned.status.is_none_or(|status| status.is_success());
    if !is_there {
        return Ok(Current::default());
    }
    let tags = match (returned.headers.get(ETAG), &returned.state) {
        (Some(tag), _) => vec![tag.clone()],
        (None, Some(state)) => [false, true].into_iter().filter_map(|json| State::tag(state, json)).collect(),
        (None, None) => Vec::new(),
    };
    Ok(Current { is_there, tags })
}

fn failed() -> Failure {
    let message = "The resource is not in the state that the request is for. Read it again.";
    Failure::client(StatusCode::PRECONDITION_FAILED, "precondition-failed", message)
}
