//! Answers: a body is read within a bound and a time, and unpacked within the same bound.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use hyper::StatusCode;
use hyper::body::{Body as _, Incoming};
use hyper::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue};

use super::error::{ANSWER_TOO_LARGE, CallError, Kind};
use crate::document::coming::{Coming, HELD};
use crate::document::inflate::{ContentCoding, LARGE, NotInflated};

/// The media type of events that a server sends as they happen.
const EVENTS: &[u8] = b"text/event-stream";

/// What a call was answered with.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The header fields.
    pub headers: HeaderMap,
    /// The body, without its content coding.
    pub body: Bytes,
    /// The body, where it is handed on while it is still on its way; `body` is empty then.
    pub coming: Option<Coming>,
    /// How it came.
    pub facts: Facts,
}

/// How an answer came.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    /// From the request to the head of the answer, in the last attempt.
    pub first_byte: Duration,
    /// From the request to the end of the answer, in the last attempt.
    pub took: Duration,
}

/// Whether the body of an answer may go on while it comes, which has these fields and begins so.
pub type GoesOn = fn(&HeaderMap, &[u8]) -> bool;

/// What was read of a body.
pub(super) enum Part {
    /// All of it.
    Whole(Bytes),
    /// How it begins; the rest may go on while it comes.
    Begun(Bytes),
}

/// Reads a body to its end, or as much of it as is held where the rest may go on.
///
/// # Errors
/// It has more bytes than `limit`, or the connection is lost before its end.
pub(super) async fn body(
    body: &mut Incoming,
    limit: usize,
    headers: &HeaderMap,
    goes_on: impl Fn(&[u8]) -> bool,
) -> Result<Part, CallError> {
    let declared = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if declared > limit {
        return Err(too_large(limit));
    }
    let mut held = held(headers);
    let (mut first, mut all) = (Bytes::new(), BytesMut::new());
    while !body.is_end_stream() {
        let begun = if all.is_empty() { first.as_ref() } else { all.as_ref() };
        if held.is_some_and(|held| begun.len() >= held) {
            if goes_on(begun) {
                return Ok(Part::Begun(joined(first, all)));
            }
            held = None;
        }
        let Some(frame) = body.frame().await else { break };
        let frame = frame.map_err(|error| truncated(&error))?;
        let Ok(data) = frame.into_data() else { continue };
        if first.len().max(all.len()).saturating_add(data.len()) > limit {
            return Err(too_large(limit));
        }
        // The usual body comes in one piece and is not copied.
        if first.is_empty() && all.is_empty() {
            first = data;
            continue;
        }
        if all.is_empty() {
            all.reserve(declared.max(first.len().saturating_add(data.len())));
            all.extend_from_slice(&std::mem::take(&mut first));
        }
        all.extend_from_slice(&data);
    }
    Ok(Part::Whole(joined(first, all)))
}

fn joined(first: Bytes, all: BytesMut) -> Bytes {
    if all.is_empty() { first } else { all.freeze() }
}

/// Bytes of an answer that are held before it goes on; `None` where it does not: what is in a coding is unpacked first.
/// Events are for at once (HTML, section 9.2).
fn held(headers: &HeaderMap) -> Option<usize> {
    let kind = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    let is_events = kind.get(..EVENTS.len()).is_some_and(|start| start.eq_ignore_ascii_case(EVENTS));
    (!headers.contains_key(CONTENT_ENCODING)).then_some(if is_events { 0 } else { HELD })
}

/// Takes the content coding off a body.
///
/// # Errors
/// It is none that is read, the body is not of it, or there is more than `limit`.
pub(super) async fn unpacked(headers: &mut HeaderMap, body: Bytes, limit: usize) -> Result<Bytes, CallError> {
    let values = headers.get_all(CONTENT_ENCODING).iter().map(|value| value.to_str().unwrap_or("?"));
    let bad = |text: String| CallError::sent(Kind::Transport, "bad-answer", text);
    let coding = ContentCoding::of(values).ok_or_else(|| {
        bad("the answer is compressed in a way that is not read: only gzip and deflate are".into())
    })?;
    if coding == ContentCoding::Identity || body.is_empty() {
        return Ok(body);
    }
    headers.remove(CONTENT_ENCODING);
    let is_small = body.len() < LARGE;
    let work = move || {
        coding.inflate(&body, limit).map_err(|why| match why {
            NotInflated::TooLarge => too_large(limit),
            NotInflated::Broken(error) => bad(format!("the answer is not compressed as it says: {error}")),
        })
    };
    if is_small {
        return work();
    }
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(CallError::sent(Kind::Transport, "bad-answer", error.to_string())))
}

pub(super) fn too_large(limit: usize) -> CallError {
    let text =
        format!("the answer has more than the {limit} bytes that are allowed: `limits body=` says more");
    CallError::sent(Kind::Transport, ANSWER_TOO_LARGE, text)
}

pub(super) fn truncated(error: &hyper::Error) -> CallError {
    let lost = CallError::of(error);
    let text = format!("the answer ended before it was complete: {}", lost.text);
    CallError::sent(Kind::Transport, "truncated-answer", text)
}
