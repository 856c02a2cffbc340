//! A call: an address is chosen, an attempt is made, and perhaps another one.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use bytes::Bytes;
use compact_str::CompactString;
use hyper::header::{HeaderMap, HeaderValue, RETRY_AFTER};
use hyper::{Method, StatusCode};
use tokio::time::sleep_until;
use tracing::info;

use super::address::Address;
use super::answer::{Answer, GoesOn};
use super::attempt::Attempt;
use super::breaker::{self, Admission};
use super::error::{BAD_REQUEST, CallError, Kind};
use super::judge::Judge;
use super::pool::Pools;
use super::state::{Clients, State};
use super::tap::Tap;
use super::{Credentials, Endpoint, Server};
use crate::document::coming::Coming;

/// What is sent.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// The method.
    pub method: Method,
    /// The path behind the server's own, with the query behind the server's own: `/orders?since=1`. Escaped.
    pub target: CompactString,
    /// Whether the target has all of the query: an answer said where to look, and the server's own stands in that or not at all.
    pub redirected: bool,
    /// The header fields, without those of the server and of HTTP itself.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
    /// The body, where it is still on its way here; `body` is empty then. It can be sent once.
    pub coming: Option<Coming>,
    /// Whether the body of the answer may go on while it is still on its way, which nothing else does.
    pub hands_on: Option<GoesOn>,
    /// Whether it may be sent again although its method does not say so.
    pub repeatable: bool,
}

impl Outgoing {
    /// A request whose body is all there.
    pub fn new(method: Method, target: CompactString, headers: HeaderMap, body: Bytes) -> Self {
        let redirected = false;
        Self { method, target, redirected, headers, body, coming: None, hands_on: None, repeatable: false }
    }

    /// Path and query of the request to an address.
    pub(super) fn at(&self, address: &Address) -> String {
        let Address { base, query, .. } = address;
        let mut whole = String::with_capacity(2 + base.len() + query.len() + self.target.len());
        if !base.starts_with('/') && (!base.is_empty() || !self.target.starts_with('/')) {
            whole.push('/');
        }
        whole.push_str(base);
        if self.redirected || query.is_empty() {
            whole.push_str(&self.target);
            return whole;
        }
        let (path, own) = self.target.split_once('?').unwrap_or((&self.target, ""));
        whole.push_str(path);
        whole.push('?');
        whole.push_str(query);
        if !own.is_empty() {
            whole.push('&');
            whole.push_str(own);
        }
        whole
    }

    /// Whether its body has been sent, as far as it was there, and cannot be sent again.
    fn is_spent(&self) -> bool {
        self.coming.as_ref().is_some_and(Coming::is_taken)
    }
}

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
            let (endpoint, mut admission) = match self.choose(state) {
                Ok(chosen) => chosen,
                // What happened says more than that nothing is called any more.
                Err(open) => return last.unwrap_or(Err(open)),
            };
            let began = breaker::now();
            tries.made = tries.made.saturating_add(1);
            let authorization = self.authorization(state, clients, pools, deadline).await?;
            let authorization = authorization.as_ref();
            // What is sent while it comes could not be sent again, if a kept connection is lost.
            let fresh = tries.fresh || outgoing.coming.is_some();
            let idle = if fresh { None } else { pools.take(endpoint.key, self.idle_time) };
            let reused = idle.is_some();
            let attempt =
                Attempt { server: self, endpoint, outgoing, authorization, state, pools, deadline, began };
            let seen = tap.and_then(|tap| attempt.shown(tap, tries.made));
            let outcome = attempt.made(idle, seen, &mut admission).await;
            if let Some((tap, number)) = seen {
                tap.ended(number, &outcome);
            }
            // A connection that the server closed while nobody used it says nothing about the server.
            let is_lost =
                |error: &CallError| error.code == "connection-lost" && self.is_free(error, outgoing);
            let is_stale = reused && outcome.as_ref().is_err_and(is_lost);
            if is_stale {
                tries.fresh = true;
                continue;
            }
            let judge = self.judge(endpoint, state, began);
            match &outcome {
                // What goes on is judged by its end.
                Ok(answer) if answer.coming.is_some() => {}
                Ok(answer) => judge.answered(answer.status, answer.facts.took),
                Err(error) => judge.failed(error, Some(deadline)),
            }
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
    fn choose(&self, state: &State) -> Result<(&Endpoint, Option<Admission>), CallError> {
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

    /// Who judges an attempt at an address that began then.
    fn judge<'a>(&'a self, endpoint: &'a Endpoint, state: &'a State, began: u64) -> Judge<'a> {
        let health = self.left_alone().map(|breaker| (&**endpoint.health(state), breaker));
        Judge { name: &self.name, address: &endpoint.address, state, health, began }
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
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(url: &str, target: &str, redirected: bool) -> String {
        let outgoing = Outgoing::new(Method::GET, target.into(), HeaderMap::new(), Bytes::new());
        Outgoing { redirected, ..outgoing }.at(&Address::parse(url).unwrap())
    }

    #[test]
    fn paths_and_queries_stand_behind_those_of_the_address() {
        for (url, target, whole) in [
            ("http://x", "", "/"),
            ("http://x", "?a=1", "/?a=1"),
            ("http://x/b/", "/c?a=1", "/b/c?a=1"),
            ("http://x/b?s=1", "", "/b?s=1"),
            ("http://x/b?s=1", "/c", "/b/c?s=1"),
            ("http://x/b?s=1", "/c?a=1&d=2", "/b/c?s=1&a=1&d=2"),
            ("http://x?s=1", "?a=1", "/?s=1&a=1"),
        ] {
            assert_eq!(at(url, target, false), whole, "{url} {target}");
        }
        // Where an answer said where to look, that is all.
        assert_eq!(at("http://x/b?s=1", "/c?a=1", true), "/b/c?a=1");
        assert_eq!(at("http://x/b?s=1", "/c", true), "/b/c");
    }
}
