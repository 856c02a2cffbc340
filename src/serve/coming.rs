//! The body of a request that is handed to its process while it is still on its way.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Instant;

use bytes::Bytes;
use hyper::body::{Body as _, Incoming};
use tokio::task::spawn_local;
use tokio::time::timeout_at;

use super::body;
use super::watched::Watch;
use crate::document::coming::{Coming, Cut, Stopped};
use crate::pipeline::failure::Failure;

/// Why a body broke off, as its sender is told: the process sees only that it did.
pub(super) type Broken = Rc<RefCell<Option<Failure>>>;

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

/// Hands a body on while it comes.
pub(super) fn hand_on(rest: Rest) -> (Coming, Broken) {
    let Rest { first, mut body, limit, deadline, watch, read } = rest;
    let begun = first.len();
    let length = body.size_hint().exact();
    let length = length.and_then(|rest| rest.checked_add(u64::try_from(begun).ok()?));
    read.set(begun);
    let (coming, feed) = Coming::new(first, length);
    let broken = Broken::default();
    let told = Rc::clone(&broken);
    // More must come: a peer that ends its side now has gone.
    watch.taken();
    spawn_local(async move {
        let count = |bytes| read.set(read.get().saturating_add(bytes));
        let passing = feed.pass(&mut body, limit.saturating_sub(begun), count);
        let failure = match timeout_at(deadline.into(), passing).await {
            Ok(Ok(())) => return feed.end(Ok(())),
            Ok(Err(Stopped::Unwanted)) => {
                watch.left_unread();
                return;
            }
            Ok(Err(Stopped::TooLarge)) => body::too_large(limit),
            Ok(Err(Stopped::Broken(error))) => body::broken(&error),
            Err(_) => body::too_slow(),
        };
        watch.left_unread();
        let cut = Cut { code: "request-cut", text: failure.message.clone() };
        told.replace(Some(failure));
        feed.end(Err(cut));
    });
    (coming, broken)
}
