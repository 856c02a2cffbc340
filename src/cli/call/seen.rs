//! What was seen of calls: every attempt with what left and what came back, and the parts of it that may be shown.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use bytes::Bytes;
use hyper::Request;
use hyper::header::{CONTENT_LENGTH, HeaderMap, SET_COOKIE};

use crate::client::{Answer, Attempt, CallError, Peer, Tap};
use crate::pipeline::redact::{CREDENTIALS, Redaction};

/// Attempts that are kept; a process may make any number.
const MOST: usize = 100;

/// One attempt.
#[derive(Debug)]
pub struct Exchange {
    /// The server's name.
    pub server: Arc<str>,
    /// Where it went.
    pub origin: String,
    /// Which attempt of its call it is, from 1.
    pub attempt: u32,
    /// What left, or would have.
    pub request: Request<Bytes>,
    /// Who was on the other side, and whether the connection had been used before; `None` without a connection.
    pub peer: Option<(Arc<Peer>, bool)>,
    /// How it ended; `None` when it was given up.
    pub outcome: Option<Result<Answer, CallError>>,
}

/// Keeps the attempts.
#[derive(Debug, Default)]
pub struct Watch {
    all: RefCell<Vec<Exchange>>,
    more: Cell<usize>,
}

impl Watch {
    /// What was kept, and how many attempts were not.
    pub fn taken(&self) -> (Vec<Exchange>, usize) {
        (self.all.take(), self.more.get())
    }

    fn change(&self, number: usize, change: impl FnOnce(&mut Exchange)) {
        if let Some(exchange) = self.all.borrow_mut().get_mut(number) {
            change(exchange);
        }
    }
}

impl Tap for Watch {
    fn sends(&self, attempt: Attempt<'_>) -> usize {
        let Attempt { server, origin, attempts, request } = attempt;
        let mut all = self.all.borrow_mut();
        if all.len() >= MOST {
            self.more.set(self.more.get().saturating_add(1));
            return usize::MAX;
        }
        let server = Arc::clone(server);
        all.push(Exchange { server, origin, attempt: attempts, request, peer: None, outcome: None });
        all.len() - 1
    }

    fn connected(&self, number: usize, peer: &Arc<Peer>, reused: bool) {
        self.change(number, |exchange| exchange.peer = Some((Arc::clone(peer), reused)));
    }

    fn ended(&self, number: usize, outcome: &Result<Answer, CallError>) {
        self.change(number, |exchange| exchange.outcome = Some(outcome.clone()));
    }
}

impl Exchange {
    /// The header fields that left, those included that frame the body.
    pub fn sent(&self) -> HeaderMap {
        let mut headers = self.request.headers().clone();
        let length = self.request.body().len();
        if length > 0 {
            headers.insert(CONTENT_LENGTH, length.into());
        }
        headers
    }

    /// The answer, where there was one.
    pub fn answer(&self) -> Option<&Answer> {
        self.outcome.as_ref()?.as_ref().ok()
    }
}

/// Header fields as they are shown: credentials and secrets struck out.
pub fn fields(headers: &HeaderMap, redaction: &Redaction) -> Vec<(String, String)> {
    let one = |name: &str, value: &[u8]| {
        let hidden = CREDENTIALS.contains(&name) || name == SET_COOKIE.as_str();
        let text = String::from_utf8_lossy(value);
        let shown = if hidden { "***".to_owned() } else { redaction.strike(&text).into_owned() };
        (name.to_owned(), shown)
    };
    headers.iter().map(|(name, value)| one(name.as_str(), value.as_bytes())).collect()
}

/// A body as it is shown; `None` for one that is no text.
pub fn text(body: &[u8], redaction: &Redaction) -> Option<String> {
    std::str::from_utf8(body).ok().map(|text| redaction.strike(text).into_owned())
}
