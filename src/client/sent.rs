//! The body of a request to a server: bytes, or what is still on its way from who sent it.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::{Body, Frame, SizeHint};

use crate::document::coming::{Cut, Stream};

/// A body as it is sent.
#[derive(Debug)]
pub enum Sent {
    /// All of it is there.
    Whole(Full<Bytes>),
    /// It comes while it is sent.
    Coming(Stream),
}

impl Body for Sent {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        match self.get_mut() {
            Self::Whole(body) => {
                let never = |never: Infallible| match never {};
                Pin::new(body).poll_frame(cx).map_err(never)
            }
            Self::Coming(body) => Pin::new(body).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(body) => body.is_end_stream(),
            Self::Coming(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(body) => body.size_hint(),
            Self::Coming(body) => body.size_hint(),
        }
    }
}
