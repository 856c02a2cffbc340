//! Panics: one in a request becomes a failure of that request and of nothing else.

use std::any::Any;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::Poll;

/// Runs a future to its end; `Err` is the text of a panic in it.
///
/// What the future borrowed may be half changed after a panic: callers throw the whole request away. It is pinned already,
/// since it is large to move.
pub(super) fn caught<F: Future>(mut future: Pin<&mut F>) -> impl Future<Output = Result<F::Output, String>> {
    poll_fn(move |cx| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
        Ok(Poll::Ready(output)) => Poll::Ready(Ok(output)),
        Ok(Poll::Pending) => Poll::Pending,
        Err(panic) => Poll::Ready(Err(text(panic.as_ref()))),
    })
}

fn text(panic: &(dyn Any + Send)) -> String {
    let words = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let words = words.or_else(|| panic.downcast_ref::<String>().cloned());
    words.unwrap_or_else(|| "a panic without words".to_owned())
}
