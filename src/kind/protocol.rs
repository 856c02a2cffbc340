//! The protocol kind: how operations are published at addresses.

use std::fmt::Debug;
use std::sync::Arc;

use super::{Compiling, Manual};
use crate::pipeline::operation::Operation;
use crate::pipeline::router::Route;
use crate::source::{Span, Spanned};
use crate::syntax::Node;

/// One listener protocol.
#[derive(Debug, Clone, Copy)]
pub struct ProtocolKind {
    /// Its manual entry; the name is the word in `paths` and `api`.
    pub manual: Manual,
    /// Where a listener publishes operations that no `api` publishes, unless `paths` says otherwise.
    pub prefix: &'static str,
    /// Publishes operations below a prefix; what cannot be published over the protocol is left out.
    pub publish: fn(&Published<'_>, &Compiling<'_>) -> Vec<Route>,
    /// Reads its block in an `api`; `None` where it has none there.
    pub read: Option<ReadEndpoint>,
}

/// Reads a protocol's block; `None` after findings.
pub type ReadEndpoint = fn(Node<'_>) -> Option<Box<dyn DeclaredEndpoint>>;

/// What a listener publishes by default.
#[derive(Debug, Clone, Copy)]
pub struct Published<'a> {
    /// The path all addresses begin with; empty or without a slash at its end.
    pub prefix: &'a str,
    /// What apis publish on the listener.
    pub others: &'a [Route],
    /// The operations.
    pub operations: &'a [Arc<Operation>],
    /// Where the listener is written.
    pub span: Span,
}

/// Where a description is served.
#[derive(Debug, Clone, Copy)]
pub enum Description<'a> {
    /// Where it always is.
    Usual,
    /// At this path below the base of the api.
    At(&'a Spanned<String>),
    /// Nowhere.
    Off,
}

/// A protocol's block in an `api`.
pub trait DeclaredEndpoint: Debug {
    /// Checks it and makes its routes; `base` is the api's.
    fn routes(&self, base: &str, compiling: &Compiling<'_>) -> Vec<Route>;

    /// Where the description of what it publishes is served; `None` where it publishes nothing that one describes.
    fn description(&self) -> Option<Description<'_>> {
        None
    }
}
