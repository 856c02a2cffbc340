//! The body of a request that is handed to its process while it is still on its way.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Instant;

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::StatusCode;
use hyper::body::{Body as _, Incoming};
use tokio::task::spawn_local;
use tokio::time::timeout_at;

use super::body;
use super::watched::Watch;
use crate::document::coming::{Coming, Cut, Feed, Pace, REQUEST_CUT, Stopped};
use crate::pipeline::failure::Failure;

/// What is still to come of a request's body.
pub(super) struct Rest {
    /// How it begins.
    pub(super) first: Bytes,
    /// What follows.
    pub(super) body: Incoming,
    /// Bytes that all of it may have.
    pub(super) limit: usize,
    /// When all of it must be there.
    pub(super) deadline: Instant,
    /// The connection that it comes on.
    pub(super) watch: Rc<Watch>,
    /// Counts its bytes.
    pub(super) read: Rc<Cell<usize>>,
}

/// A request's body that is on its way, as who answers the request sees it.
#[derive(Debug, Clone)]
pub(super) struct OnItsWay {
    /// The body.
    pub(super) body: Coming,
    /// Why it broke off.
    broken: Rc<RefCell<Option<Failure>>>,
    /// When all of it must be there.
    deadline: Instant,
}

impl OnItsWay {
    /// What its sender must know where the request failed: that the body broke off or was slow, and not what that led to.
    pub(super) fn why(&self, failure: Failure) -> Failure {
        if let Some(broken) = self.broken.take() {
            return broken;
        }
        let is_cut = failure.called.as_ref().is_some_and(|called| called.cause == REQUEST_CUT);
        // The time of the request is up, as is that of its body.
        let is_late = Instant::now() >= self.deadline && self.body.waits_for_more();
        if is_cut || (is_late && failure.status == StatusCode::GATEWAY_TIMEOUT) {
            body::too_slow()
        } else {
            failure
        }
    }
}

/// Hands a body on while it comes. What nobody wants any more is read to its end all the same, so that the connection can
/// be used again, and the answer arrives.
pub(super) fn hand_on(rest: Rest) -> OnItsWay {
    let Rest { first, mut body, limit, deadline, watch, read } = rest;
    let begun = first.len();
    let length = body.size_hint().exact();
    let length = length.and_then(|rest| rest.checked_add(u64::try_from(begun).ok()?));
    read.set(begun);
    let (coming, feed) = Coming::new(first, length);
    let on_its_way = OnItsWay { body: coming, broken: Rc::default(), deadline };
    let broken = Rc::clone(&on_its_way.broken);
    // More must come: a peer that ends its side now has gone.
    watch.taken();
    let reading = watch.reading();
    spawn_local(async move {
        let count = |bytes| read.set(read.get().saturating_add(bytes));
        if let Err(failure) = passed(feed, &mut body, (limit, deadline), count, &read).await {
            watch.left_unread();
            *broken.borrow_mut() = failure;
        }
        drop(reading);
    });
    on_its_way
}

/// Hands on what comes, and reads the rest when nobody wants it. Where not all of it could be read, what that says of the request.
async fn passed(
    feed: Feed,
    body: &mut Incoming,
    (limit, deadline): (usize, Instant),
    count: impl Fn(usize),
    read: &Cell<usize>,
) -> Result<(), Option<Failure>> {
    let pace = Pace { until: Some(deadline), piece: None, taker: None };
    let failure = match feed.pass(body, limit.saturating_sub(read.get()), pace, &count).await {
        Ok(()) => {
            feed.end(Ok(()));
            return Ok(());
        }
        Err(Stopped::Unwanted) => {
            let text = "nobody takes the rest of the body".to_owned();
            feed.end(Err(Cut { code: REQUEST_CUT, text }));
            let drained = timeout_at(deadline.into(), drained(body, limit, count, read)).await;
            // Nobody waited for that: it explains nothing.
            return drained.unwrap_or_else(|_| Err(body::too_slow())).map_err(|_| None);
        }
        Err(Stopped::TooLarge) => body::too_large(limit),
        Err(Stopped::Broken(error)) => body::broken(&error),
        Err(Stopped::Late) => body::too_slow(),
    };
    feed.end(Err(Cut { code: REQUEST_CUT, text: failure.message.clone() }));
    Err(Some(failure))
}

/// Reads a body to its end.
async fn drained(
    body: &mut Incoming,
    limit: usize,
    count: impl Fn(usize),
    read: &Cell<usize>,
) -> Result<(), Failure> {
    while let Some(frame) = body.frame().await {
        count(frame.map_err(|error| body::broken(&error))?.data_ref().map_or(0, Bytes::len));
        if read.get() > limit {
            return Err(body::too_large(limit));
        }
    }
    Ok(())
}
