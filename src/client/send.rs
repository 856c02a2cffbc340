//! A call: an address is chosen, an attempt is made, and perhaps another one.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use bytes::Bytes;
use compact_str::CompactString;
use http_body_util::Full;
use hyper::body::{Body as _, Incoming};
use hyper::header::{AUTHORIZATION, HOST, HeaderMap, HeaderValue, RETRY_AFTER};
use hyper::{Method, Request, StatusCode, Uri};
use tokio::task::spawn_local;
use tokio::time::{sleep_until, timeout_at};
use tracing::{debug, info, warn};

use super::answer::{Answer, Facts, body, held, pass, unpacked};
use super::breaker::{self, Admission, Breaker};
use super::connect::{Connection, connect};
use super::error::{CallError, Kind, REQUEST_CUT};
use super::pool::{Key, Pools};
use super::sent::Sent;
use super::state::{Clients, State};
use super::tap::{Attempt, Tap};
use super::{Credentials, Endpoint, Server};
use crate::document::coming::{Coming, Cut};

/// What is sent.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// The method.
    pub method: Method,
    /// The path behind the server's own, with the query: `/orders?since=1`. Escaped.
    pub target: CompactString,
    /// The header fields, without those of the server and of HTTP itself.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// The body, where it is still on its way here; `body` is empty then. It can be sent once.
    pub coming: Option<Coming>,
    /// Whether the body of the answer may be handed on while it is still on its way.
    pub hands_on: bool,
    /// Whether it may be sent again although its method does not say so.
    pub repeatable: bool,
}

impl Outgoing {
    /// A request whose body is all there.
    pub fn new(method: Method, target: CompactString, headers: HeaderMap, body: Bytes) -> Self {
        Self { method, target, headers, body, coming: None, hands_on: false, repeatable: false }
    }

    /// Whether its body has been sent, as far as it was there, and cannot be sent again.
    fn is_spent(&self) -> bool {
        self.coming.as_ref().is_some_and(Coming::is_taken)
    }
}

/// How an address is judged where the file says nothing: with several of them, one that fails is left alone for a while.
const SEVERAL: Breaker = Breaker { failures: 5, open: Duration::from_secs(10) };

/// Who looks on at an attempt, and its number there.
type Seen<'a> = (&'a dyn Tap, usize);

/// The code of a request that cannot be written.
const BAD_REQUEST: &str = "bad-request";

/// What was tried for one call.
#[derive(Debug, Default)]
struct Tries {
    /// Attempts.
    made: u32,
    /// Of them those after a wait.
    spent: u32,
    /// How many other addresses there are to go to.
    elsewhere: usize,
    /// Whether a kept connection was lost, so that the next one is new.
    fresh: bool,
    /// Whether a refused token was replaced.
    renewed: bool,
}

/// What is still to come of an answer.
struct Rest {
    first: Bytes,
    incoming: Incoming,
    connection: Connection,
    key: Key,
    until: Instant,
    state: Arc<State>,
}

/// What follows an attempt.
enum Next {
    /// Another at once.
    Now,
    /// Another after a wait.
    Later,
    /// None.
    End,
}

impl Server {
    /// Calls the server.
    ///
    /// # Errors
    /// There is no answer: after as many attempts as are allowed.
    pub async fn call(
        &self,
        outgoing: &Outgoing,
        clients: &Clients,
        pools: &Pools,
        deadline: Instant,
    ) -> Result<Answer, CallError> {
        self.call_seen(outgoing, clients, pools, deadline, pools.tap()).await
    }

    /// The same with somebody who looks on, or nobody.
    pub(super) async fn call_seen(
        &self,
        outgoing: &Outgoing,
        clients: &Clients,
        pools: &Pools,
        deadline: Instant,
        tap: Option<&dyn Tap>,
    ) -> Result<Answer, CallError> {
        let state = self.state.get_or_init(|| clients.open(&self.name));
        state.budget.earn();
        let mut tries = Tries { elsewhere: self.endpoints.len().saturating_sub(1), ..Tries::default() };
        let mut last = None;
        loop {
            let (endpoint, admission) = match self.choose(state) {
                Ok(chosen) => chosen,
                // What happened says more than that nothing is called any more.
                Err(open) => return last.unwrap_or(Err(open)),
            };
            let began = breaker::now();
            tries.made = tries.made.saturating_add(1);
            let authorization = self.authorization(state, clients, pools, deadline).await?;
            let authorization = authorization.as_ref();
            let idle = if tries.fresh { None } else { pools.take(endpoint.key, self.idle_time) };
            let reused = idle.is_some();
            let seen = tap.and_then(|tap| self.shown(tap, endpoint, outgoing, authorization, tries.made));
            let outcome =
                self.attempt(endpoint, idle, outgoing, authorization, state, pools, deadline, seen).await;
            if let Some((tap, number)) = seen {
                tap.ended(number, &outcome);
            }
            // A connection that the server closed while nobody used it says nothing about the server.
            let is_lost =
                |error: &CallError| error.code == "connection-lost" && self.is_free(error, outgoing);
            let is_stale = reused && !outgoing.is_spent() && outcome.as_ref().is_err_and(is_lost);
            if is_stale {
                tries.fresh = true;
                continue;
            }
            self.judge(endpoint, &outcome, state, deadline, began);
            drop(admission);
            match self.next(&outcome, outgoing, &mut tries, state, authorization) {
                Next::Now => {}
                Next::Later => {
                    let until = self.next_time(tries.spent, outcome.as_ref().ok(), deadline);
                    let Some(until) = until else { return outcome };
                    state.tally.retries.fetch_add(1, Ordering::Relaxed);
                    let why = outcome
                        .as_ref()
                        .map_or_else(|error| error.text.clone(), |answer| answer.status.to_string());
                    info!(server = %self.name, attempt = tries.spent, why, "calling again");
                    sleep_until(until.into()).await;
                }
                Next::End => return outcome,
            }
            last = Some(outcome);
        }
    }

    /// What follows an attempt.
    fn next(
        &self,
        outcome: &Result<Answer, CallError>,
        outgoing: &Outgoing,
        tries: &mut Tries,
        state: &State,
        authorization: Option<&HeaderValue>,
    ) -> Next {
        if outgoing.is_spent() {
            return Next::End;
        }
        let again = match outcome {
            // The token was taken back before its end: a new one is worth one attempt.
            Ok(answer)
                if answer.status == StatusCode::UNAUTHORIZED
                    && !tries.renewed
                    && self.renews(state, authorization)
                    && state.budget.spend() =>
            {
                tries.renewed = true;
                return Next::Now;
            }
            Ok(answer) => self.retry.wants_status(answer.status, &outgoing.method, outgoing.repeatable),
            Err(error) if error.code == BAD_REQUEST => false,
            Err(error) if !error.sent && tries.elsewhere > 0 && state.budget.spend() => {
                tries.elsewhere -= 1;
                return Next::Now;
            }
            Err(error) => self.retry.wants(error, &outgoing.method, outgoing.repeatable),
        };
        if !again || tries.spent >= self.retry.times || !state.budget.spend() {
            return Next::End;
        }
        tries.spent += 1;
        Next::Later
    }

    /// Whether a lost connection may be replaced without further ado.
    fn is_free(&self, error: &CallError, outgoing: &Outgoing) -> bool {
        !error.sent || outgoing.repeatable || outgoing.method.is_idempotent() || self.retry.any
    }

    /// When to try again; `None` where that is not before the end of the request.
    fn next_time(&self, attempt: u32, answer: Option<&Answer>, deadline: Instant) -> Option<Instant> {
        let mut spread = [0; 1];
        // Without random numbers there is no spread, and that is all.
        let _ = aws_lc_rs::rand::fill(&mut spread);
        let own = self.retry.wait(attempt, spread.first().copied().unwrap_or_default());
        let asked =
            answer.and_then(|answer| answer.headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok());
        let wait = asked.map_or(own, |seconds| own.max(Duration::from_secs(seconds)));
        Instant::now().checked_add(wait).filter(|until| *until < deadline)
    }

    /// The next address that is not left alone, in turn.
    fn choose<'a>(&'a self, state: &State) -> Result<(&'a Endpoint, Option<Admission<'a>>), CallError> {
        let count = self.endpoints.len().max(1);
        let first = match count {
            1 => 0,
            _ => state.next.fetch_add(1, Ordering::Relaxed) % count,
        };
        let mut shortest: Option<Duration> = None;
        for endpoint in self.endpoints.iter().cycle().skip(first).take(count) {
            if self.breaker.is_none() && count == 1 {
                return Ok((endpoint, None));
            }
            match endpoint.health(state).admit() {
                Admission::Open(time) => shortest = Some(shortest.map_or(time, |other| other.min(time))),
                admission => return Ok((endpoint, Some(admission))),
            }
        }
        state.tally.rejected.fetch_add(1, Ordering::Relaxed);
        let wait = shortest.unwrap_or_default();
        let text = format!("calls of `{}` failed in a row: it is not called for another {wait:?}", self.name);
        Err(CallError::unsent(Kind::Transport, "breaker-open", text))
    }

    /// Notes how an attempt ended.
    fn judge(
        &self,
        endpoint: &Endpoint,
        outcome: &Result<Answer, CallError>,
        state: &State,
        deadline: Instant,
        began: u64,
    ) {
        match outcome {
            Ok(answer) => {
                state.tally.answered.fetch_add(1, Ordering::Relaxed);
                let micros = u64::try_from(answer.facts.took.as_micros()).unwrap_or(u64::MAX);
                state.tally.micros.fetch_add(micros, Ordering::Relaxed);
            }
            Err(error) => {
                debug!(server = %self.name, address = endpoint.address.origin(), cause = error.code, why = error.text, "not answered");
                if error.code == REQUEST_CUT {
                    return;
                }
                state.tally.failed(error.kind);
            }
        }
        let breaker = match self.breaker {
            Some(breaker) => breaker,
            None if self.endpoints.len() > 1 => SEVERAL,
            None => return,
        };
        let failed = match outcome {
            Ok(answer) => matches!(answer.status.as_u16(), 502..=504),
            // Who had less time than the server may take says nothing about it, nor do what was asked and how much came.
            Err(error) if error.kind == Kind::Timeout && Instant::now() >= deadline => return,
            Err(error) if matches!(error.code, BAD_REQUEST | "answer-too-large") => return,
            Err(_) => true,
        };
        let health = endpoint.health(state);
        if !failed {
            health.succeeded(began);
        } else if health.failed(breaker, began) {
            warn!(server = %self.name, address = endpoint.address.origin(), open = ?breaker.open, "not called for a while: calls failed in a row");
        }
    }

    /// What `Authorization` says, where the server asks for it.
    async fn authorization(
        &self,
        state: &State,
        clients: &Clients,
        pools: &Pools,
        deadline: Instant,
    ) -> Result<Option<HeaderValue>, CallError> {
        match &self.credentials {
            Credentials::None => Ok(None),
            Credentials::Fixed(value) => Ok(Some(value.clone())),
            Credentials::Token(by) => {
                state.tokens.authorization(by, clients, pools, deadline).await.map(Some)
            }
        }
    }

    /// Whether a refused token can be replaced by a new one.
    fn renews(&self, state: &State, authorization: Option<&HeaderValue>) -> bool {
        let (Credentials::Token(_), Some(value)) = (&self.credentials, authorization) else { return false };
        state.tokens.refused(value);
        true
    }

    /// One request and its answer, within the time of one.
    #[expect(clippy::too_many_arguments, reason = "all of it belongs to one attempt, and nothing else is")]
    async fn attempt(
        &self,
        endpoint: &Endpoint,
        idle: Option<Connection>,
        outgoing: &Outgoing,
        authorization: Option<&HeaderValue>,
        state: &Arc<State>,
        pools: &Pools,
        deadline: Instant,
        seen: Option<Seen<'_>>,
    ) -> Result<Answer, CallError> {
        let began = Instant::now();
        let until = began.checked_add(self.times.total).map_or(deadline, |until| until.min(deadline));
        let mut request = self.request(endpoint, outgoing, authorization)?;
        let reused = idle.is_some();
        let mut connection = match idle {
            Some(connection) => connection,
            None => {
                state.tally.connections.fetch_add(1, Ordering::Relaxed);
                // Boxed, since most requests find a connection, and all would carry its state.
                Box::pin(connect(&endpoint.address, &self.way, until)).await?
            }
        };
        if let Some((tap, number)) = seen {
            tap.connected(number, &connection.peer, reused);
        }
        let sent = Instant::now();
        let head =
            self.times.first_byte.and_then(|time| sent.checked_add(time)).map_or(until, |at| at.min(until));
        let late =
            |what: &str| CallError::sent(Kind::Timeout, "timeout", format!("{what} did not come in time"));
        let answering = async {
            connection
                .sender
                .ready()
                .await
                .map_err(|error| CallError { sent: false, ..CallError::of(&error) })?;
            if let Some(stream) = outgoing.coming.as_ref().and_then(Coming::take) {
                *request.body_mut() = Sent::Coming(stream);
            }
            let answered = connection.sender.try_send_request(request).await;
            answered.map_err(|mut failed| {
                // What never left can still be sent on another connection.
                let unsent = failed.take_message().map(Request::into_body);
                if let (Some(coming), Some(Sent::Coming(stream))) = (&outgoing.coming, unsent) {
                    coming.put_back(stream);
                }
                CallError::of(failed.error())
            })
        };
        let response = timeout_at(head.into(), answering).await.map_err(|_| late("the answer"))??;
        let first_byte = sent.elapsed();
        let (mut parts, mut incoming) = response.into_parts();
        let held = if outgoing.hands_on { held(&parts.headers) } else { None };
        let read = timeout_at(until.into(), body(&mut incoming, self.body, held)).await;
        let (read, is_all) = read.map_err(|_| late("the end of the answer"))??;
        let (body, coming) = if is_all {
            pools.put(endpoint.key, connection, self.idle, self.idle_time);
            (unpacked(&mut parts.headers, read, self.body).await?, None)
        } else {
            let key = endpoint.key;
            let rest = Rest { first: read, incoming, connection, key, until, state: Arc::clone(state) };
            (Bytes::new(), Some(self.hand_on(rest, pools)))
        };
        let facts = Facts { first_byte, took: sent.elapsed() };
        debug!(server = %self.name, status = parts.status.as_u16(), took = ?facts.took, "called");
        Ok(Answer { status: parts.status, headers: parts.headers, body, coming, facts })
    }

    /// Hands on the body of an answer, and keeps the connection when all of it was taken.
    fn hand_on(&self, rest: Rest, pools: &Pools) -> Coming {
        let Rest { first, mut incoming, connection, key, until, state } = rest;
        let begun = first.len();
        let length = incoming.size_hint().exact();
        let length = length.and_then(|rest| rest.checked_add(u64::try_from(begun).ok()?));
        let (coming, feed) = Coming::new(first, length);
        let (pools, limit, name) = (pools.shared(), self.body, Arc::clone(&self.name));
        let (idle, idle_time) = (self.idle, self.idle_time);
        spawn_local(async move {
            match pass(&feed, &mut incoming, limit, begun, until).await {
                Ok(is_all) => {
                    if is_all {
                        pools.put(key, connection, idle, idle_time);
                    }
                    feed.end(Ok(()));
                }
                Err(error) => {
                    debug!(server = %name, cause = error.code, why = error.text, "the answer broke off");
                    state.tally.failed(error.kind);
                    feed.end(Err(Cut { code: error.code, text: error.text }));
                }
            }
        });
        coming
    }

    /// Shows an attempt to who looks on.
    fn shown<'t>(
        &self,
        tap: &'t dyn Tap,
        endpoint: &Endpoint,
        outgoing: &Outgoing,
        authorization: Option<&HeaderValue>,
        attempts: u32,
    ) -> Option<Seen<'t>> {
        let request = self.request(endpoint, outgoing, authorization).ok()?;
        let request = request.map(|_| outgoing.body.clone());
        let origin = endpoint.address.origin();
        Some((tap, tap.sends(Attempt { server: &self.name, origin, attempts, request })))
    }

    fn request(
        &self,
        endpoint: &Endpoint,
        outgoing: &Outgoing,
        authorization: Option<&HeaderValue>,
    ) -> Result<Request<Sent>, CallError> {
        let unsent = |text: String| CallError::unsent(Kind::Transport, BAD_REQUEST, text);
        let base = &endpoint.address.base;
        let mut target = String::with_capacity(1 + base.len() + outgoing.target.len());
        if !base.starts_with('/') && (!base.is_empty() || !outgoing.target.starts_with('/')) {
            target.push('/');
        }
        target.push_str(base);
        target.push_str(&outgoing.target);
        let uri =
            Uri::try_from(target).map_err(|error| unsent(format!("this is no path to call: {error}")))?;
        let mut request = Request::new(Sent::Whole(Full::new(outgoing.body.clone())));
        *request.method_mut() = outgoing.method.clone();
        *request.uri_mut() = uri;
        let headers = request.headers_mut();
        headers.reserve(self.headers.len() + outgoing.headers.len() + 2);
        headers.insert(HOST, endpoint.address.authority.clone());
        if let Some(value) = authorization {
            headers.insert(AUTHORIZATION, value.clone());
        }
        for (name, value) in &self.headers {
            headers.insert(name.clone(), value.clone());
        }
        for (name, value) in &outgoing.headers {
            headers.insert(name.clone(), value.clone());
        }
        Ok(request)
    }
}
