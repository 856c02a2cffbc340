//! Failures: what went wrong in a request, whose fault it is, and who may read what about it.

use std::sync::Arc;

use compact_str::CompactString;
use hyper::StatusCode;

use super::called::Called;
use super::contract::Detail;
use crate::client::ANSWER_TOO_LARGE;
use crate::document::codec::{Malformed, MalformedKind};
use crate::document::coming::{Cut, REQUEST_CUT, SLOW_TAKER};
use crate::document::tree::Element;
use crate::soap::Version;
use crate::source::Place;

pub use crate::schema::Violation;

/// Whose fault a failure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blame {
    /// The caller's: the same request fails again.
    Client,
    /// This gateway's or its file's.
    Gateway,
    /// A called system's.
    Upstream,
}

impl Blame {
    /// The word in log lines and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Gateway => "gateway",
            Self::Upstream => "upstream",
        }
    }
}

/// A failed request. Becomes an answer in `serve/reply`, and nowhere else. Boxed, so that the way of a request that
/// succeeds does not carry its size.
#[derive(Debug, Clone)]
pub struct Failure(Box<Details>);

/// What a [`Failure`] says; read and changed through it.
#[derive(Debug, Clone)]
pub struct Details {
    /// Whose fault.
    pub blame: Blame,
    /// The HTTP status; SOAP derives its own from blame and version (SOAP 1.1 section 6.2; SOAP 1.2 part 2, table 20).
    pub status: StatusCode,
    /// A stable code: `malformed`, `invalid-document`, or the `code=` of a `throw`.
    pub code: String,
    /// What the caller may read.
    pub message: String,
    /// What only the log keeps.
    pub log: Option<String>,
    /// After how many seconds the same request may succeed.
    pub retry_after: Option<u32>,
    /// Whether trying again may help: never where the caller or the file is at fault.
    pub retriable: bool,
    /// Whether it goes past every `try`.
    pub end: End,
    /// Whether a process chose it, by `throw` or in a script: its status and code then say nothing about HTTP itself.
    pub thrown: bool,
    /// The declared fault that it is, with its detail, where it has one.
    pub detail: Option<Detail>,
    /// Whether it is about a header block: a fault of SOAP 1.1 then has no detail (section 4.4).
    pub of_header: bool,
    /// The subcode that a standard has for it: namespace and local name. It stands around ours in SOAP 1.2.
    pub subcode: Option<(&'static str, &'static str)>,
    /// SOAP header blocks that the process made before it failed: they go with the fault.
    pub headers: Vec<Element>,
    /// Whether the body is not what its format's syntax says, or is not there.
    pub unreadable: bool,
    /// The content codings that would be read (415).
    pub codings: Option<&'static str>,
    /// The methods that would be right (405).
    pub allow: Option<String>,
    /// The challenges to answer with (401).
    pub challenges: Vec<String>,
    /// The places that are wrong, when a document does not fit its profile.
    pub violations: Vec<Violation>,
    /// The SOAP condition, where SOAP has a code of its own for this failure.
    pub soap: Option<SoapCondition>,
    /// The call that failed, where it is one.
    pub called: Option<Arc<Called>>,
    /// Where in `gateway.kdl` it arose.
    pub place: Option<Place>,
    /// The steps that led there with the paths inside them, outermost first: `branch`, `path store`, `map`.
    pub steps: Vec<CompactString>,
}

/// Whether a `try` may catch a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum End {
    /// It may.
    #[default]
    Catchable,
    /// It ends the execution: the time of the request is up, or a called process failed that is to end all.
    Whole,
    /// No failure at all: `stop all=#true` ends the process that it stands in, which counts as successful.
    Stop,
}

/// Failures for which SOAP has codes of its own (SOAP 1.2 part 1, section 5.4.6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SoapCondition {
    /// The envelope's namespace is none that is served here; these versions are.
    VersionMismatch(Vec<Version>),
    /// Mandatory header blocks for this node that it does not process, as `{namespace}local` pairs.
    MustUnderstand(Vec<(String, String)>),
    /// An encoding style that is not read.
    DataEncodingUnknown,
}

impl std::ops::Deref for Failure {
    type Target = Details;

    fn deref(&self) -> &Details {
        &self.0
    }
}

impl std::ops::DerefMut for Failure {
    fn deref_mut(&mut self) -> &mut Details {
        &mut self.0
    }
}

impl Failure {
    /// A failure of any kind.
    pub fn new(
        blame: Blame,
        status: StatusCode,
        code: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self(Box::new(Details {
            blame,
            status,
            code: code.into(),
            message: message.into(),
            log: None,
            retry_after: None,
            retriable: blame == Blame::Upstream,
            end: End::Catchable,
            thrown: false,
            detail: None,
            of_header: false,
            subcode: None,
            headers: Vec::new(),
            unreadable: false,
            codings: None,
            allow: None,
            challenges: Vec::new(),
            violations: Vec::new(),
            soap: None,
            called: None,
            place: None,
            steps: Vec::new(),
        }))
    }

    /// The caller's fault.
    pub fn client(status: StatusCode, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Blame::Client, status, code, message)
    }

    /// This gateway's fault: the caller reads that something failed, the log what it was.
    pub fn internal(code: impl Into<String>, log: impl Into<String>) -> Self {
        let message = "The request could not be processed.";
        Self::new(Blame::Gateway, StatusCode::INTERNAL_SERVER_ERROR, code, message).log(log)
    }

    /// A document that its sender got wrong: for listeners, which read what callers sent.
    pub fn malformed(malformed: &Malformed) -> Self {
        let unreadable = matches!(malformed.kind, MalformedKind::Syntax | MalformedKind::Dtd);
        let (status, code) = match malformed.kind {
            MalformedKind::Syntax => (StatusCode::BAD_REQUEST, "malformed"),
            MalformedKind::Dtd => (StatusCode::BAD_REQUEST, "dtd-refused"),
            MalformedKind::Limit => (StatusCode::PAYLOAD_TOO_LARGE, "limit-passed"),
            MalformedKind::Charset => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "charset"),
        };
        let mut failure = Self::client(status, code, format!("The document cannot be read: {malformed}"));
        failure.unreadable = unreadable;
        failure
    }

    /// No document where one is needed; `message` says what to send.
    pub fn missing(message: impl Into<String>) -> Self {
        let mut failure = Self::client(StatusCode::BAD_REQUEST, "malformed", message);
        failure.unreadable = true;
        failure
    }

    /// As a process chose it.
    #[must_use]
    pub fn thrown(mut self) -> Self {
        self.thrown = true;
        self
    }

    /// A body that broke off while it went on: that of the caller, or that of an answer.
    pub fn broken_off(cut: &Cut) -> Self {
        let failure = match cut.code {
            REQUEST_CUT => {
                Self::client(StatusCode::BAD_REQUEST, "incomplete", "The body ended before it was complete.")
            }
            SLOW_TAKER => {
                Self::client(StatusCode::REQUEST_TIMEOUT, SLOW_TAKER, "The answer was not taken in time.")
            }
            code => {
                let message = "A system that is called here did not answer as it should.";
                let mut failure = Self::new(Blame::Upstream, StatusCode::BAD_GATEWAY, code, message);
                // The same answer would be too large again.
                failure.retriable = code != ANSWER_TOO_LARGE;
                failure
            }
        };
        failure.log(cut.text.clone())
    }

    /// A document that a step of this gateway made or was given cannot be read: no fault of the caller, who is told no
    /// more than of any other fault of the gateway.
    pub fn unreadable(malformed: &Malformed) -> Self {
        Self::internal("unreadable-document", format!("the document cannot be read: {malformed}"))
    }

    /// The end of a process that is none: `stop all=#true`.
    pub fn stop() -> Self {
        Self::internal("stopped", "`stop all=#true` ended the process").ending(End::Stop)
    }

    /// With whether a `try` may catch it.
    #[must_use]
    pub fn ending(mut self, end: End) -> Self {
        self.end = end;
        self
    }

    /// One that trying again may mend.
    #[must_use]
    pub fn retriable(mut self) -> Self {
        self.retriable = true;
        self
    }

    /// With what only the log keeps.
    #[must_use]
    pub fn log(mut self, text: impl Into<String>) -> Self {
        self.log = Some(text.into());
        self
    }

    /// With a SOAP condition.
    #[must_use]
    pub fn soap(mut self, condition: SoapCondition) -> Self {
        self.soap = Some(condition);
        self
    }

    /// With the subcode that a standard has for it.
    #[must_use]
    pub fn subcode(mut self, namespace: &'static str, local: &'static str) -> Self {
        self.subcode = Some((namespace, local));
        self
    }

    /// With the place in `gateway.kdl`, unless a more exact one is known.
    #[must_use]
    pub fn at(mut self, place: &Place) -> Self {
        self.place.get_or_insert_with(|| place.clone());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_was_too_large_would_be_so_again() {
        let failed = |code| Failure::broken_off(&Cut { code, text: String::new() }).retriable;
        assert!(failed("truncated-answer") && !failed(ANSWER_TOO_LARGE));
    }
}
