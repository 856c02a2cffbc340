//! Answers as they are kept in a store, and what a caller is told when they cannot be.

use bytes::{BufMut, Bytes, BytesMut};
use compact_str::CompactString;
use hyper::StatusCode;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};

use super::endpoint::Reply;
use super::failure::Failure;
use super::load::busy;
use crate::state::store::StoreError;

/// How the bytes are laid out; another way has another number.
const FORM: u8 = 1;

/// An answer that is kept.
#[derive(Debug, Clone)]
pub struct Kept {
    /// The answer.
    pub reply: Reply,
    /// The token of the page behind it.
    pub next: Option<CompactString>,
}

impl Kept {
    /// As bytes: the form, the status, the token, the fields, and the body.
    pub fn encode(&self) -> Bytes {
        let Self { reply: Reply { status, headers, body, .. }, next } = self;
        let mut out = BytesMut::with_capacity(body.len().saturating_add(512));
        out.put_u8(FORM);
        out.put_u16(status.as_u16());
        text(&mut out, next.as_deref().unwrap_or_default().as_bytes());
        out.put_u32(u32::try_from(headers.len()).unwrap_or(u32::MAX));
        for (name, value) in headers {
            text(&mut out, name.as_str().as_bytes());
            text(&mut out, value.as_bytes());
        }
        out.extend_from_slice(body);
        out.freeze()
    }

    /// From bytes; `None` where they are no answer in this form.
    pub fn decode(mut bytes: Bytes) -> Option<Self> {
        if number(&mut bytes, 1)? != u32::from(FORM) {
            return None;
        }
        let status = StatusCode::from_u16(number(&mut bytes, 2)?.try_into().ok()?).ok()?;
        let next = part(&mut bytes)?;
        let next = (!next.is_empty()).then(|| CompactString::from_utf8_lossy(&next));
        let mut headers = HeaderMap::new();
        for _ in 0..number(&mut bytes, 4)? {
            let name = HeaderName::from_bytes(&part(&mut bytes)?).ok()?;
            headers.append(name, HeaderValue::from_maybe_shared(part(&mut bytes)?).ok()?);
        }
        Some(Self { reply: Reply { status, headers, ..Reply::of(bytes) }, next })
    }
}

/// A text behind its length.
fn text(out: &mut BytesMut, bytes: &[u8]) {
    out.put_u32(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
    out.extend_from_slice(bytes);
}

/// The next number of so many bytes, four at most.
fn number(bytes: &mut Bytes, size: usize) -> Option<u32> {
    let own = (bytes.len() >= size).then(|| bytes.split_to(size))?;
    Some(own.iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte)))
}

/// The next text behind its length.
fn part(bytes: &mut Bytes) -> Option<Bytes> {
    let length = usize::try_from(number(bytes, 4)?).ok()?;
    (bytes.len() >= length).then(|| bytes.split_to(length))
}

/// What a caller is told when the state did not do its part.
pub fn failed(error: &StoreError) -> Failure {
    match error {
        StoreError::Busy => busy().log(error.to_string()),
        StoreError::TooLarge { .. } | StoreError::Closed | StoreError::Failed(_) => {
            Failure::internal("state", error.to_string())
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_answer_comes_back_as_it_was() {
        let mut reply = Reply::new(StatusCode::CREATED, "text/xml", "<a/>");
        reply.headers.append("x-a", HeaderValue::from_static("1"));
        reply.headers.append("x-a", HeaderValue::from_bytes(b"\xfc").unwrap());
        for next in [None, Some("token".into())] {
            let kept = Kept { reply: reply.clone(), next };
            let back = Kept::decode(kept.encode()).unwrap();
            assert_eq!((back.reply.status, &back.reply.headers), (reply.status, &reply.headers));
            assert_eq!((&back.reply.body, &back.next), (&reply.body, &kept.next));
        }
        let bytes = Kept { reply: Reply::empty(StatusCode::OK), next: None }.encode();
        for length in 0..bytes.len() {
            assert!(Kept::decode(bytes.slice(..length)).is_none(), "{length}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_can_be_looked_at(bytes in proptest::collection::vec(0u8..8, 0..60)) {
            let _ = Kept::decode(bytes.into());
        }
    }
}
