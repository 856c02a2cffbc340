//! Bodies: read within a bound, and decompressed within the same bound.

use std::future::poll_fn;
use std::io::Read;
use std::pin::Pin;

use bytes::{Bytes, BytesMut};
use flate2::bufread::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use hyper::StatusCode;
use hyper::body::{Body, Frame, Incoming};
use hyper::header::{CONTENT_ENCODING, HeaderMap};

use crate::pipeline::failure::Failure;
use crate::pipeline::load::Held;

/// Compressed bytes from which on decompressing is not done on the worker, whose other requests it would hold up.
const BLOCKING_FROM: usize = 64 << 10;

/// What the reading of one body keeps to.
#[derive(Clone, Copy)]
pub(super) struct Reading<'a> {
    /// Bytes that it may have.
    pub(super) limit: usize,
    /// The account that it is on.
    pub(super) held: &'a Held,
    /// Told when more of it must be waited for.
    pub(super) waits: &'a dyn Fn(),
}

/// Reads a body of at most `limit` bytes.
///
/// # Errors
/// 413 beyond the limit, at once where the length is declared; 400 when the body breaks off; 503 when all bodies together
/// are more than may be held.
pub(super) async fn read(mut body: Incoming, reading: Reading<'_>) -> Result<Bytes, Failure> {
    let limit = reading.limit;
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    let declared = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if declared > limit {
        return Err(too_large(limit));
    }
    let Some(first) = data(&mut body, 0, &reading).await? else { return Ok(Bytes::new()) };
    // The usual body comes in one piece and is not copied.
    let Some(second) = data(&mut body, first.len(), &reading).await? else { return Ok(first) };
    let mut all = BytesMut::with_capacity(declared.max(first.len().saturating_add(second.len())));
    all.extend_from_slice(&first);
    all.extend_from_slice(&second);
    while let Some(next) = data(&mut body, all.len(), &reading).await? {
        all.extend_from_slice(&next);
    }
    Ok(all.freeze())
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
    let Reading { limit, held, waits } = *reading;
    while let Some(frame) = next(body, waits).await {
        let frame = frame.map_err(|error| broken(&error))?;
        if let Ok(data) = frame.into_data()
            && !data.is_empty()
        {
            if read.saturating_add(data.len()) > limit {
                return Err(too_large(limit));
            }
            held.at_least(read.saturating_add(data.len()))?;
            return Ok(Some(data));
        }
    }
    Ok(None)
}

/// A content coding of requests (RFC 9110, section 8.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    Identity,
    Gzip,
    Deflate,
}

/// The content coding of a request.
///
/// # Errors
/// 415 for a coding that is not read here, with the ones that are.
pub(super) fn coding(headers: &HeaderMap) -> Result<Coding, Failure> {
    let mut found = Coding::Identity;
    for value in headers.get_all(CONTENT_ENCODING) {
        let text = value.to_str().unwrap_or("?");
        for word in text.split(',').map(str::trim).filter(|word| !word.is_empty()) {
            let coding = match word.to_ascii_lowercase().as_str() {
                "identity" => continue,
                "gzip" | "x-gzip" => Coding::Gzip,
                "deflate" => Coding::Deflate,
                _ => return Err(unknown_coding()),
            };
            // One coding over another is how small bodies become huge ones.
            if found != Coding::Identity {
                return Err(unknown_coding());
            }
            found = coding;
        }
    }
    Ok(found)
}

/// Decompresses a body to at most `limit` bytes.
///
/// # Errors
/// 413 beyond the limit, 400 for bytes that are not of the coding.
pub(super) async fn decompress(body: Bytes, coding: Coding, limit: usize) -> Result<Bytes, Failure> {
    if coding == Coding::Identity || body.is_empty() {
        return Ok(body);
    }
    if body.len() < BLOCKING_FROM {
        return inflate(&body, coding, limit);
    }
    let work = tokio::task::spawn_blocking(move || inflate(&body, coding, limit));
    work.await.unwrap_or_else(|error| Err(Failure::internal("panic", error.to_string())))
}

fn inflate(body: &[u8], coding: Coding, limit: usize) -> Result<Bytes, Failure> {
    let beyond = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    let mut out = Vec::new();
    let outcome = match coding {
        Coding::Identity => Ok(0),
        Coding::Gzip => MultiGzDecoder::new(body).take(beyond).read_to_end(&mut out),
        // The standard means zlib; some clients send the bare stream, whose first byte tells it apart.
        Coding::Deflate if body.first().is_some_and(|first| first & 0x0F == 8) => {
            ZlibDecoder::new(body).take(beyond).read_to_end(&mut out)
        }
        Coding::Deflate => DeflateDecoder::new(body).take(beyond).read_to_end(&mut out),
    };
    match outcome {
        Ok(_) if out.len() > limit => Err(too_large(limit)),
        Ok(_) => Ok(out.into()),
        Err(error) => {
            let message = "The body is not compressed as its Content-Encoding says.";
            Err(Failure::client(StatusCode::BAD_REQUEST, "content-encoding", message).log(error.to_string()))
        }
    }
}

fn too_large(limit: usize) -> Failure {
    let message = format!("The body is larger than the {limit} bytes that are allowed here.");
    Failure::client(StatusCode::PAYLOAD_TOO_LARGE, "too-large", message)
}

fn broken(error: &hyper::Error) -> Failure {
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
    use std::io::Write;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn each_coding_is_read_and_bounded() {
        let text = b"hello hello hello";
        assert_eq!(inflate(&gzip(text), Coding::Gzip, 17).unwrap(), text.as_slice());
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        zlib.write_all(text).unwrap();
        assert_eq!(inflate(&zlib.finish().unwrap(), Coding::Deflate, 17).unwrap(), text.as_slice());
        let mut bare = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
        bare.write_all(text).unwrap();
        assert_eq!(inflate(&bare.finish().unwrap(), Coding::Deflate, 17).unwrap(), text.as_slice());
        let bomb = gzip(&vec![0; 1 << 20]);
        assert_eq!(inflate(&bomb, Coding::Gzip, 1000).unwrap_err().status, StatusCode::PAYLOAD_TOO_LARGE);
        let broken = inflate(b"nonsense", Coding::Gzip, 1000).unwrap_err();
        assert_eq!(broken.status, StatusCode::BAD_REQUEST);
    }

    #[test]
    fn only_one_known_coding_is_read() {
        let of = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_ENCODING, text.parse().unwrap());
            coding(&headers).map_err(|failure| failure.status.as_u16())
        };
        assert_eq!(of("GZIP"), Ok(Coding::Gzip));
        assert_eq!(of("identity"), Ok(Coding::Identity));
        assert_eq!(of("br"), Err(415));
        assert_eq!(of("gzip, gzip"), Err(415));
    }
}
