//! Bodies: read within a bound, and decompressed within the same bound.

use std::future::poll_fn;
use std::pin::Pin;

use bytes::{Bytes, BytesMut};
use hyper::StatusCode;
use hyper::body::{Body, Frame, Incoming};
use hyper::header::{CONTENT_ENCODING, HeaderMap};

use crate::document::inflate::{ContentCoding, LARGE, NotInflated};
use crate::pipeline::failure::Failure;
use crate::pipeline::load::{Held, TOO_MUCH};

/// What the reading of one body keeps to.
#[derive(Clone, Copy)]
pub(super) struct Reading<'a> {
    /// Bytes that it may have.
    pub(super) limit: usize,
    /// The account that it is on.
    pub(super) held: &'a Held,
    /// Bytes that are held of it where the rest may be handed on.
    pub(super) most: Option<usize>,
    /// Told when more of it must be waited for.
    pub(super) waits: &'a dyn Fn(),
}

/// Reads a body of at most `limit` bytes; where the rest may be handed on, as much of it as is held. Gives what was read, and
/// whether that is all.
///
/// # Errors
/// 413 beyond the limit, at once where the length is declared; 400 when the body breaks off; 503 when all bodies together
/// are more than may be held.
pub(super) async fn read(body: &mut Incoming, reading: Reading<'_>) -> Result<(Bytes, bool), Failure> {
    let limit = reading.limit;
    if body.is_end_stream() {
        return Ok((Bytes::new(), true));
    }
    let declared = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if declared > limit {
        return Err(too_large(limit));
    }
    let most = reading.most.unwrap_or(usize::MAX);
    if declared > most {
        return Ok((Bytes::new(), false));
    }
    let Some(first) = data(body, 0, &reading).await? else { return Ok((Bytes::new(), true)) };
    // The usual body comes in one piece and is not copied.
    let Some(second) = data(body, first.len(), &reading).await? else { return Ok((first, true)) };
    let mut all = BytesMut::with_capacity(declared.max(first.len().saturating_add(second.len())));
    all.extend_from_slice(&first);
    all.extend_from_slice(&second);
    while all.len() <= most {
        let Some(next) = data(body, all.len(), &reading).await? else { return Ok((all.freeze(), true)) };
        all.extend_from_slice(&next);
    }
    Ok((all.freeze(), false))
}

/// The next frame; says when it must be waited for.
async fn next(body: &mut Incoming, waits: &dyn Fn()) -> Option<hyper::Result<Frame<Bytes>>> {
    poll_fn(|cx| {
        let frame = Pin::new(&mut *body).poll_frame(cx);
        if frame.is_pending() {
            waits();
        }
        frame
    })
    .await
}

/// The next piece of the body; trailers are passed over.
async fn data(body: &mut Incoming, read: usize, reading: &Reading<'_>) -> Result<Option<Bytes>, Failure> {
    let Reading { limit, held, waits, .. } = *reading;
    while let Some(frame) = next(body, waits).await {
        let frame = frame.map_err(|error| broken(&error))?;
        if let Ok(data) = frame.into_data()
            && !data.is_empty()
        {
            if read.saturating_add(data.len()) > limit {
                return Err(too_large(limit));
            }
            held.at_least(read.saturating_add(data.len())).map_err(unholdable)?;
            return Ok(Some(data));
        }
    }
    Ok(None)
}

/// The content coding of a request.
///
/// # Errors
/// 415 for a coding that is not read here, with the ones that are.
pub(super) fn coding(headers: &HeaderMap) -> Result<ContentCoding, Failure> {
    let values = headers.get_all(CONTENT_ENCODING).iter().map(|value| value.to_str().unwrap_or("?"));
    ContentCoding::of(values).ok_or_else(unknown_coding)
}

/// Decompresses a body to at most `limit` bytes.
///
/// # Errors
/// 413 beyond the limit, 400 for bytes that are not of the coding.
pub(super) async fn decompress(body: Bytes, coding: ContentCoding, limit: usize) -> Result<Bytes, Failure> {
    if coding == ContentCoding::Identity || body.is_empty() {
        return Ok(body);
    }
    let small = body.len() < LARGE;
    let work = move || coding.inflate(&body, limit).map_err(|why| not_inflated(why, limit));
    if small {
        return work();
    }
    let work = tokio::task::spawn_blocking(work);
    work.await.unwrap_or_else(|error| Err(Failure::internal("panic", error.to_string())))
}

fn not_inflated(why: NotInflated, limit: usize) -> Failure {
    match why {
        NotInflated::TooLarge => too_large(limit),
        NotInflated::Broken(error) => {
            let message = "The body is not compressed as its Content-Encoding says.";
            Failure::client(StatusCode::BAD_REQUEST, "content-encoding", message).log(error)
        }
    }
}

pub(super) fn too_large(limit: usize) -> Failure {
    let message = format!("The body is larger than the {limit} bytes that are allowed here.");
    Failure::client(StatusCode::PAYLOAD_TOO_LARGE, "too-large", message)
}

/// What one execution can never hold is too large, whoever comes back.
pub(super) fn unholdable(failure: Failure) -> Failure {
    if failure.code != TOO_MUCH {
        return failure;
    }
    let message = "The body is larger than this gateway can hold.";
    let large = Failure::client(StatusCode::PAYLOAD_TOO_LARGE, "too-large", message);
    large.log(failure.log.as_deref().unwrap_or_default())
}

pub(super) fn broken(error: &hyper::Error) -> Failure {
    let message = "The body ended before it was complete, or was not framed as HTTP says.";
    Failure::client(StatusCode::BAD_REQUEST, "incomplete", message).log(error.to_string())
}

fn unknown_coding() -> Failure {
    let message = "The body's Content-Encoding is not read here: send gzip, deflate or none, and only one.";
    let mut failure = Failure::client(StatusCode::UNSUPPORTED_MEDIA_TYPE, "content-encoding", message);
    failure.codings = Some("gzip, deflate");
    failure
}

/// The failure of a body that did not arrive in time.
pub(super) fn too_slow() -> Failure {
    let message = "The body did not arrive in the time that is allowed here.";
    Failure::client(StatusCode::REQUEST_TIMEOUT, "slow-body", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_unpacked_is_the_callers_fault() {
        let of = |why| not_inflated(why, 10).status.as_u16();
        assert_eq!((of(NotInflated::TooLarge), of(NotInflated::Broken(String::new()))), (413, 400));
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_ENCODING, "br".parse().unwrap());
        assert_eq!(coding(&headers).unwrap_err().status.as_u16(), 415);
    }
}
