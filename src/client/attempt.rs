//! One attempt of a call: a connection, the request, and what comes back, each within its time.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, HOST, HeaderMap, HeaderValue};
use hyper::{Request, Response, Uri};
use tokio::time::{sleep_until, timeout_at};
use tracing::debug;

use super::answer::{Answer, Facts, Part, body, unpacked};
use super::breaker::Admission;
use super::connect::{Connection, connect};
use super::error::{BAD_REQUEST, CallError, Kind};
use super::pool::Pools;
use super::rest::Rest;
use super::send::Outgoing;
use super::sent::Sent;
use super::state::State;
use super::tap::{self, Tap};
use super::{Endpoint, Server};
use crate::document::coming::{Coming, REQUEST_CUT};

/// Who looks on at an attempt, and its number there.
pub(super) type Seen<'a> = (&'a dyn Tap, usize);

/// One attempt, and what it needs.
pub(super) struct Attempt<'a> {
    pub(super) server: &'a Server,
    pub(super) endpoint: &'a Endpoint,
    pub(super) outgoing: &'a Outgoing,
    /// What `Authorization` says.
    pub(super) authorization: Option<&'a HeaderValue>,
    pub(super) state: &'a Arc<State>,
    pub(super) pools: &'a Pools,
    /// When the request must be done that the call is made for.
    pub(super) deadline: Instant,
    /// When it began, by [`super::breaker::now`].
    pub(super) began: u64,
}

fn late(what: &str) -> CallError {
    CallError::sent(Kind::Timeout, "timeout", format!("{what} did not come in time"))
}

impl Attempt<'_> {
    /// Makes it, on a connection that was kept where there is one.
    pub(super) async fn made(
        &self,
        idle: Option<Connection>,
        seen: Option<Seen<'_>>,
        admission: &mut Option<Admission>,
    ) -> Result<Answer, CallError> {
        let Self { server, endpoint, outgoing, .. } = *self;
        let all = self.within(Some(server.times.total));
        let request = self.request()?;
        let reused = idle.is_some();
        let mut connection = match idle {
            Some(connection) => connection,
            None => {
                self.state.tally.connections.fetch_add(1, Ordering::Relaxed);
                // Boxed, since most requests find a connection, and all would carry its state.
                Box::pin(connect(&endpoint.address, &server.way, all)).await?
            }
        };
        if let Some((tap, number)) = seen {
            tap.connected(number, &connection.peer, reused);
        }
        let sent = Instant::now();
        let answering = self.answering(&mut connection, request);
        let head = self.within(server.times.first_byte).min(all);
        let response = match &outgoing.coming {
            None => timeout_at(head.into(), pin!(answering)).await.map_err(|_| late("the answer"))?,
            Some(coming) => Box::pin(self.while_sent(answering, coming, server.times.first_byte)).await?,
        };
        let first_byte = sent.elapsed();
        let (mut parts, mut incoming) = response?.into_parts();
        let read =
            body(&mut incoming, server.body, &parts.headers, |start| self.goes_on(&parts.headers, start));
        let read = match &outgoing.coming {
            None => timeout_at(all.into(), pin!(read)).await.map_err(|_| late("the end of the answer"))?,
            Some(coming) => Box::pin(self.while_sent(read, coming, None)).await?,
        };
        let read = read.map_err(|error| self.blamed(error))?;
        let took = sent.elapsed();
        let (body, coming) = match read {
            Part::Whole(read) => {
                self.put(connection);
                (unpacked(&mut parts.headers, read, server.body).await?, None)
            }
            Part::Begun(first) => {
                let admission = admission.take();
                let rest = Rest { first, incoming, connection, status: parts.status, took, admission };
                (Bytes::new(), Some(rest.hand_on(self)))
            }
        };
        debug!(server = %server.name, status = parts.status.as_u16(), ?took, "called");
        let facts = Facts { first_byte, took };
        Ok(Answer { status: parts.status, headers: parts.headers, body, coming, facts })
    }

    /// Whether an answer that begins so may go on while it comes. While the request is still sent it does not: who sends it may
    /// read nothing before all of it is gone.
    fn goes_on(&self, headers: &HeaderMap, start: &[u8]) -> bool {
        let is_sent = self.outgoing.coming.as_ref().is_none_or(Coming::is_over);
        is_sent && self.outgoing.hands_on.is_some_and(|goes_on| goes_on(headers, start))
    }

    /// The error as who is to blame for it tells it: a request that broke off ends its connection.
    fn blamed(&self, error: CallError) -> CallError {
        match self.outgoing.coming.as_ref().is_some_and(Coming::is_broken) {
            true => CallError::sent(Kind::Transport, REQUEST_CUT, error.text),
            false => error,
        }
    }

    /// When a time from now is over, within that of the request.
    fn within(&self, time: Option<Duration>) -> Instant {
        let own = time.and_then(|time| Instant::now().checked_add(time));
        own.map_or(self.deadline, |own| own.min(self.deadline))
    }

    /// Keeps the connection for the next request, unless something is still sent on it: nobody waits for that any more.
    fn put(&self, connection: Connection) {
        let server = self.server;
        match self.outgoing.coming.as_ref().filter(|coming| !coming.is_over()) {
            Some(coming) => coming.stop(),
            None => self.pools.put(self.endpoint.key, connection, server.idle, server.idle_time),
        }
    }

    /// Sends the request, and waits for the head of the answer.
    async fn answering(
        &self,
        connection: &mut Connection,
        mut request: Request<Sent>,
    ) -> Result<Response<Incoming>, CallError> {
        let unsent = |error| CallError { sent: false, ..CallError::of(&error) };
        connection.sender.ready().await.map_err(unsent)?;
        if let Some(coming) = &self.outgoing.coming {
            let spent = || CallError::unsent(Kind::Transport, BAD_REQUEST, "the body was sent before");
            *request.body_mut() = Sent::Coming(coming.take().ok_or_else(spent)?);
        }
        let answered = connection.sender.try_send_request(request).await;
        answered.map_err(|mut failed| {
            // What never left can still be sent on another connection.
            let unsent = failed.take_message().map(Request::into_body);
            if let (Some(coming), Some(Sent::Coming(stream))) = (&self.outgoing.coming, unsent) {
                coming.put_back(stream);
            }
            CallError::of(failed.error())
        })
    }

    /// Waits for what a server does while the body of its request still comes: the server has its own time from the end of the
    /// body on. Before, all that bounds it is the time of the request, and how long it may take nothing of what is there.
    async fn while_sent<T>(
        &self,
        work: impl Future<Output = T>,
        coming: &Coming,
        own: Option<Duration>,
    ) -> Result<T, CallError> {
        let mut work = pin!(work);
        let mut taken = coming.taken();
        while !coming.is_over() {
            tokio::select! {
                biased;
                done = &mut work => return Ok(done),
                () = coming.over() => break,
                () = sleep_until(self.within(Some(self.server.times.total)).into()) => {}
            }
            let waits = coming.waits_for_more();
            if waits && Instant::now() >= self.deadline {
                return Err(CallError::sent(
                    Kind::Timeout,
                    REQUEST_CUT,
                    "the body to send did not come in time",
                ));
            }
            if !waits && coming.taken() == taken {
                return Err(late("an end of what the server takes"));
            }
            taken = coming.taken();
        }
        let total = self.server.times.total;
        let until = self.within(Some(own.map_or(total, |own| own.min(total))));
        timeout_at(until.into(), work).await.map_err(|_| late("the answer"))
    }

    /// Shows it to who looks on.
    pub(super) fn shown<'t>(&self, tap: &'t dyn Tap, attempts: u32) -> Option<Seen<'t>> {
        let request = self.request().ok()?;
        let request = request.map(|_| self.outgoing.body.clone());
        let origin = self.endpoint.address.origin();
        Some((tap, tap.sends(tap::Attempt { server: &self.server.name, origin, attempts, request })))
    }

    fn request(&self) -> Result<Request<Sent>, CallError> {
        let (address, outgoing) = (&self.endpoint.address, self.outgoing);
        let unsent = |text: String| CallError::unsent(Kind::Transport, BAD_REQUEST, text);
        let uri = Uri::try_from(outgoing.at(address))
            .map_err(|error| unsent(format!("this is no path to call: {error}")))?;
        let mut request = Request::new(Sent::Whole(Full::new(outgoing.body.clone())));
        *request.method_mut() = outgoing.method.clone();
        *request.uri_mut() = uri;
        let own = &self.server.headers;
        let headers = request.headers_mut();
        headers.reserve(own.len() + outgoing.headers.len() + 2);
        headers.insert(HOST, address.authority.clone());
        if let Some(value) = self.authorization {
            headers.insert(AUTHORIZATION, value.clone());
        }
        for (name, value) in own {
            headers.insert(name.clone(), value.clone());
        }
        for (name, value) in &outgoing.headers {
            headers.insert(name.clone(), value.clone());
        }
        Ok(request)
    }
}
