//! The body of an answer as it leaves: bytes, or what is still on its way from a server that was called.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body_util::Full;
use hyper::StatusCode;
use hyper::body::{Body, Frame, SizeHint};

use super::access::Exchange;
use crate::document::coming::{Cut, Stream};

/// A body as it leaves.
pub(super) enum Outbound {
    /// All of it is there.
    Whole(Full<Bytes>),
    /// It comes while it leaves.
    Passing(Box<Passing>),
}

impl Outbound {
    /// Bytes.
    pub(super) fn whole(bytes: Bytes) -> Self {
        Self::Whole(Full::new(bytes))
    }
}

/// A body that leaves while it comes, with the exchange that ends with it.
pub(super) struct Passing {
    stream: Stream,
    exchange: Exchange,
    status: StatusCode,
    /// Whether its end was told.
    is_over: bool,
}

impl Passing {
    /// The answer with that status to a request.
    pub(super) fn new(stream: Stream, exchange: Exchange, status: StatusCode) -> Box<Self> {
        Box::new(Self { stream, exchange, status, is_over: false })
    }

    fn next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        let frame = ready!(Pin::new(&mut self.stream).poll_frame(cx));
        match &frame {
            Some(Ok(frame)) => self.exchange.passes(frame.data_ref().map_or(0, Bytes::len)),
            Some(Err(cut)) => self.exchange.broke_off(cut, self.status),
            None => {}
        }
        // Who knows the length does not ask for what is behind it.
        let is_last = !matches!(&frame, Some(Ok(_))) || self.stream.size_hint().exact() == Some(0);
        if is_last && !self.is_over {
            self.is_over = true;
            if !matches!(&frame, Some(Err(_))) {
                self.exchange.has_passed(self.status);
            }
        }
        Poll::Ready(frame)
    }
}

impl Body for Outbound {
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
            Self::Passing(passing) => passing.next(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(body) => body.is_end_stream(),
            Self::Passing(passing) => passing.stream.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(body) => body.size_hint(),
            Self::Passing(passing) => passing.stream.size_hint(),
        }
    }
}
