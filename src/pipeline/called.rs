//! Calls that failed: what a process can tell about them, and the properties in which a `catch` finds it.

use std::sync::Arc;

use compact_str::CompactString;
use hyper::StatusCode;
use hyper::header::HeaderMap;

use super::failure::{Blame, Failure};
use crate::client::{ANSWER_TOO_LARGE, CallError, Kind};
use crate::document::Document;
use crate::document::tree::{Element, Name};
use crate::soap::received::ReceivedFault;
use crate::xml::write_element;

/// The kind of what went wrong with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallKind {
    /// The system answered with a fault of its own.
    Fault,
    /// It answered with a status that is not expected.
    Status,
    /// No connection, a broken one, or an answer that is none.
    Transport,
    /// The time was up.
    Timeout,
    /// The system is not who it should be, or does not let this gateway in.
    Security,
    /// The request or the answer does not fit the contract.
    Validation,
    /// The request cannot be made of the document, or the answer cannot be made a document.
    Mapping,
}

impl CallKind {
    /// The words of the language.
    pub const ALL: &[(&'static str, Self)] = &[
        ("fault", Self::Fault),
        ("status", Self::Status),
        ("transport", Self::Transport),
        ("timeout", Self::Timeout),
        ("security", Self::Security),
        ("validation", Self::Validation),
        ("mapping", Self::Mapping),
    ];

    /// Its word.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(_, kind)| *kind == self).map_or("", |(word, _)| word)
    }

    /// The code of the failure that a caller reads: it says nothing of what stands behind this gateway.
    fn code(self) -> &'static str {
        match self {
            Self::Fault => "upstream-fault",
            Self::Status => "upstream-status",
            Self::Transport => "upstream-transport",
            Self::Timeout => "upstream-timeout",
            Self::Security => "upstream-security",
            Self::Validation => "upstream-validation",
            Self::Mapping => "upstream-mapping",
        }
    }
}

impl From<Kind> for CallKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Transport => Self::Transport,
            Kind::Timeout => Self::Timeout,
            Kind::Security => Self::Security,
        }
    }
}

/// A call that failed.
#[derive(Debug, Clone)]
pub struct Called {
    /// The system that was called.
    pub system: Arc<str>,
    /// What went wrong.
    pub kind: CallKind,
    /// The same more exactly, in a word that stays: `connect-refused`.
    pub cause: &'static str,
    /// The status, where there was an answer.
    pub status: Option<StatusCode>,
    /// Its header fields.
    pub headers: HeaderMap,
    /// How the answer begins, where it is not what was expected.
    pub excerpt: Option<String>,
    /// The fault, where it is one.
    pub fault: Option<Box<ReceivedFault>>,
    /// The name of the fault in the contract, where it is declared there.
    pub name: Option<String>,
    /// The header blocks that came with the fault.
    pub blocks: Vec<Element>,
    /// What its step keeps of the answer: each property with its value; one without is removed.
    pub kept: Vec<(String, Option<CompactString>)>,
}

/// The causes of calls that were not made, since the document makes no request.
const OWN: &[&str] = &["invalid-request", "wrong-document", "bad-path", "bad-header"];

/// Bytes of an unexpected answer that are kept.
const EXCERPT: usize = 1024;

impl Called {
    /// A call of a system that failed in that way.
    pub fn new(system: &Arc<str>, kind: CallKind, cause: &'static str) -> Self {
        Self {
            system: Arc::clone(system),
            kind,
            cause,
            status: None,
            headers: HeaderMap::new(),
            excerpt: None,
            fault: None,
            name: None,
            blocks: Vec::new(),
            kept: Vec::new(),
        }
    }

    /// With the answer that there was.
    #[must_use]
    pub fn answered(mut self, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Self {
        let start = body.get(..body.len().min(EXCERPT)).unwrap_or_default();
        (self.status, self.headers) = (Some(status), headers.clone());
        self.excerpt = (!start.is_empty()).then(|| String::from_utf8_lossy(start).into_owned());
        self
    }

    /// The failure that it is. `log` says what happened; a caller reads only that a system failed.
    pub fn failure(self, log: impl Into<String>) -> Failure {
        let (status, message) = match self.kind {
            _ if self.is_unsent() => {
                (StatusCode::INTERNAL_SERVER_ERROR, "The request could not be processed.")
            }
            CallKind::Timeout => {
                (StatusCode::GATEWAY_TIMEOUT, "A system that is called here did not answer in time.")
            }
            _ => (StatusCode::BAD_GATEWAY, "A system that is called here did not answer as it should."),
        };
        let log = format!("{}: {}", self.system, log.into());
        let blame = if self.is_unsent() { Blame::Gateway } else { Blame::Upstream };
        let mut failure = Failure::new(blame, status, self.kind.code(), message).log(log);
        // The same request to the same server has the same end.
        failure.retriable = match self.kind {
            CallKind::Transport => self.cause != ANSWER_TOO_LARGE,
            CallKind::Timeout => true,
            CallKind::Status => self.status.is_some_and(|status| matches!(status.as_u16(), 429 | 502..=504)),
            CallKind::Fault => self.fault.as_ref().is_some_and(|fault| fault.has_code("Receiver")),
            CallKind::Security | CallKind::Validation | CallKind::Mapping => false,
        };
        failure.called = Some(Arc::new(self));
        failure
    }

    /// Whether no request could be made of the document: nothing was sent, and the system has no part in it.
    fn is_unsent(&self) -> bool {
        OWN.contains(&self.cause)
    }

    /// The failure of a call that got no answer.
    pub fn unanswered(system: &Arc<str>, error: &CallError) -> Failure {
        Self::new(system, error.kind.into(), error.code).failure(error.text.as_str())
    }

    fn detail(&self) -> Option<&Element> {
        self.fault.as_ref()?.detail.first()
    }

    /// The name of the first element in the fault's detail.
    pub fn detail_name(&self) -> Option<&Name> {
        self.detail().map(|element| &element.name)
    }

    /// Its value for a property, by the name behind `error.`.
    fn value(&self, name: &str) -> Option<CompactString> {
        let fault = self.fault.as_deref();
        let text = |text: &str| CompactString::from(text);
        match name {
            "kind" => Some(self.kind.as_str().into()),
            "system" => Some(text(&self.system)),
            "cause" => Some(self.cause.into()),
            "http.status" => self.status.map(|status| status.as_str().into()),
            "http.body" => self.excerpt.as_deref().map(text),
            "fault.name" => self.name.as_deref().map(text),
            "fault.code" => fault.map(|fault| fault.code.local.clone()),
            "fault.namespace" => fault?.code.namespace.as_deref().map(text),
            "fault.subcodes" => {
                let all: Vec<String> = fault?.subcodes.iter().map(Name::to_string).collect();
                (!all.is_empty()).then(|| all.join(" ").into())
            }
            "fault.reason" => fault.map(|fault| text(fault.reason())),
            "fault.reasons" => {
                let all: Vec<String> = fault?.reasons.iter().map(reason).collect();
                (!all.is_empty()).then(|| all.join("\n").into())
            }
            "fault.role" => fault?.role.as_deref().map(text),
            "fault.node" => fault?.node.as_deref().map(text),
            "fault.detail" => {
                let mut out = Vec::new();
                write_element(self.detail()?, None, &mut out);
                Some(CompactString::from_utf8_lossy(&out))
            }
            "fault.details" => {
                let mut out = Vec::new();
                fault?.detail.iter().for_each(|element| write_element(element, None, &mut out));
                (!out.is_empty()).then(|| CompactString::from_utf8_lossy(&out))
            }
            _ => None,
        }
    }
}

/// A reason on one line, behind its language where it says one.
fn reason((language, text): &(Option<String>, String)) -> String {
    let text = text.replace(['\r', '\n'], " ");
    match language {
        Some(language) => format!("{language}: {text}"),
        None => text,
    }
}

/// The properties of a failed call.
pub const OF_CALL: &[&str] = &[
    "error.kind",
    "error.system",
    "error.cause",
    "error.http.status",
    "error.http.body",
    "error.fault.name",
    "error.fault.code",
    "error.fault.namespace",
    "error.fault.subcodes",
    "error.fault.reason",
    "error.fault.reasons",
    "error.fault.role",
    "error.fault.node",
    "error.fault.detail",
    "error.fault.details",
];

/// The document with what failed in its properties.
pub fn told(mut document: Document, failure: &Failure) -> Document {
    let properties = &mut document.properties;
    properties.set("error.message", failure.message.as_str());
    properties.set("error.code", failure.code.as_str());
    properties.set("error.status", failure.status.as_str());
    properties.set("error.blame", failure.blame.as_str());
    properties.set("error.retry", if failure.retriable { "true" } else { "false" });
    properties.set("error.step", failure.steps.join(" > "));
    match &failure.place {
        Some(place) => properties.set("error.place", place.to_string()),
        None => properties.remove("error.place"),
    }
    match &failure.log {
        Some(log) => properties.set("error.fault", log.as_str()),
        None => properties.remove("error.fault"),
    }
    for name in OF_CALL {
        let own = name.strip_prefix("error.").unwrap_or(name);
        match failure.called.as_ref().and_then(|called| called.value(own)) {
            Some(value) => properties.set(name, value),
            None => properties.remove(name),
        }
    }
    for (name, value) in failure.called.iter().flat_map(|called| &called.kept) {
        match value {
            Some(value) => properties.set(name, value.clone()),
            None => properties.remove(name),
        }
    }
    document
}
