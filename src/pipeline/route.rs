//! Routes: an address with what serves it, and the header fields that a request must have to come there.

use std::sync::Arc;

use compact_str::CompactString;
use hyper::Method;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};

use super::endpoint::Endpoint;
use super::published::{Api, Resource};
use crate::source::{Place, Span};

/// An address with what serves it.
#[derive(Debug, Clone)]
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path; a segment `{name}` stands for any one segment.
    pub path: String,
    /// Whether everything below the path is served too; the rest of the path is then the value of [`REST`].
    pub prefix: bool,
    /// What else a request must have, in the order of the names.
    pub conditions: Arc<[Condition]>,
    /// The protocol's name, for `routes` and metrics.
    pub protocol: &'static str,
    /// What is called there, for `routes`: an operation's name, or a count of them.
    pub serves: String,
    /// Where the file says so.
    pub place: Place,
    /// The same as a span, for findings.
    pub span: Span,
    /// What serves it.
    pub endpoint: Arc<dyn Endpoint>,
    /// The fields that decide, beside the path, which route a request comes to that comes here, as `Vary` has them (RFC 9110,
    /// section 12.5.5): the router knows.
    pub vary: Option<HeaderValue>,
    /// The values of query parameters that a request does not give.
    pub defaults: Option<Defaults>,
    /// What is published there, over REST.
    pub resource: Option<Arc<Resource>>,
    /// The api that it belongs to, if any.
    pub api: Option<Arc<Api>>,
}

/// The name under which the rest of the path is, of a route that serves everything below it.
pub const REST: &str = "rest";

/// Names and values of query parameters.
pub type Defaults = Arc<[(CompactString, CompactString)]>;

/// A header field that a request must have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// Its name.
    pub name: HeaderName,
    /// Its value, letter case included.
    pub value: CompactString,
}

impl Condition {
    /// Whether a line of that field has the value.
    pub fn holds(&self, headers: &HeaderMap) -> bool {
        let is = |value: &[u8]| value.trim_ascii() == self.value.as_bytes();
        headers.get_all(&self.name).iter().any(|value| is(value.as_bytes()))
    }
}

impl std::fmt::Display for Condition {
    /// `x-kind: express`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.name, self.value)
    }
}

impl Route {
    /// Whether the request has all that it must have.
    pub fn takes(&self, headers: &HeaderMap) -> bool {
        self.conditions.iter().all(|condition| condition.holds(headers))
    }
}
