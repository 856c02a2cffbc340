//! Why a call gave no answer: kinds that a process can tell apart, and a text for the log.

use std::error::Error as _;
use std::{fmt, io};

use crate::document::coming::{Cut, REQUEST_CUT};
use tokio_rustls::rustls::{AlertDescription, Error as TlsError};

/// The kind of what went wrong with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// No connection, a broken one, or an answer that is none.
    Transport,
    /// The time was up.
    Timeout,
    /// The other side is not who it should be, or does not let this gateway in.
    Security,
}

impl Kind {
    /// The word in the file, in properties and in metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Transport => "transport",
            Self::Timeout => "timeout",
            Self::Security => "security",
        }
    }
}

/// The code of an answer of which more came back than `limits body=` allows: it would again.
pub const ANSWER_TOO_LARGE: &str = "answer-too-large";

/// The code of a request that cannot be written.
pub(super) const BAD_REQUEST: &str = "bad-request";

/// A call that gave no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallError {
    /// Which kind of failure it is.
    pub kind: Kind,
    /// A stable code: `connect-refused`.
    pub code: &'static str,
    /// What happened, for the log. Holds no secret.
    pub text: String,
    /// Whether the server may have begun to work on the request.
    pub sent: bool,
}

impl CallError {
    /// An error before anything was sent.
    pub fn unsent(kind: Kind, code: &'static str, text: impl Into<String>) -> Self {
        Self { kind, code, text: text.into(), sent: false }
    }

    /// An error after the request, or a part of it, was sent.
    pub fn sent(kind: Kind, code: &'static str, text: impl Into<String>) -> Self {
        Self { kind, code, text: text.into(), sent: true }
    }

    /// What hyper says went wrong between request and answer.
    pub(super) fn of(error: &hyper::Error) -> Self {
        if error.is_canceled() {
            return Self::unsent(
                Kind::Transport,
                "connection-lost",
                "the connection closed before the request",
            );
        }
        if is_cut(error) {
            let text = format!("what was to be sent ended before it was complete: {}", innermost(error));
            return Self::sent(Kind::Transport, REQUEST_CUT, text);
        }
        // In TLS 1.3 the other side says only behind the handshake that it does not take our certificate.
        if let Some(alert) = refused_certificate(error) {
            return Self::sent(Kind::Security, "own-certificate-refused", alert);
        }
        let (code, text) = if error.is_parse_too_large() {
            ("head-too-large", "the head of the answer is larger than is allowed".to_owned())
        } else if error.is_parse() {
            ("bad-answer", "what came back is not HTTP".to_owned())
        } else if error.is_incomplete_message() {
            ("connection-lost", "the connection closed before there was a whole answer".to_owned())
        } else {
            ("connection-lost", innermost(error))
        };
        Self::sent(Kind::Transport, code, text)
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Whether the body of the request broke off.
fn is_cut(error: &hyper::Error) -> bool {
    let mut next = error.source();
    while let Some(cause) = next {
        if cause.is::<Cut>() {
            return true;
        }
        next = cause.source();
    }
    false
}

/// The alert of TLS that refuses our certificate, where that is among the causes.
fn refused_certificate(error: &hyper::Error) -> Option<String> {
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(cause) = next {
        let inner = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        let tls = inner.and_then(|inner| inner.downcast_ref::<TlsError>());
        if let Some(tls) = tls.or_else(|| cause.downcast_ref()).filter(|tls| refuses_certificate(tls)) {
            return Some(format!("no TLS with the server: {tls}"));
        }
        next = cause.source();
    }
    None
}

/// Whether the other side refuses the certificate that it was shown, or that it was shown none.
pub(super) fn refuses_certificate(error: &TlsError) -> bool {
    matches!(
        error,
        TlsError::AlertReceived(
            AlertDescription::CertificateRequired
                | AlertDescription::BadCertificate
                | AlertDescription::UnknownCA
                | AlertDescription::AccessDenied
                | AlertDescription::CertificateUnknown
        )
    )
}

/// The last cause, which is the one that says something: `connection reset by peer`.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut last = error;
    while let Some(next) = last.source() {
        last = next;
    }
    last.to_string()
}
