//! What the protocols' kinds share: reading names and addresses, and making routes.

use std::sync::Arc;

use hyper::Method;

use crate::kind::Compiling;
use crate::pipeline::endpoint::Endpoint;
use crate::pipeline::router::Route;
use crate::source::{Finding, Span, Spanned};
use crate::syntax::Node;

/// Reads the path of an address: it begins with `/`, and `{name}` stands for a whole segment.
pub fn path(node: &mut Node<'_>) -> Option<Spanned<String>> {
    let path = node.argument::<String>("path")?;
    let braces = |segment: &str| segment.contains(['{', '}']) && parameter(segment).is_none();
    let names: Vec<&str> = path.value.split('/').filter_map(parameter).collect();
    let problem = if !path.value.starts_with('/') {
        Some("a path begins with `/`")
    } else if path.value.contains(['?', '#', ' ']) {
        Some("a path has no `?`, `#` or space in it")
    } else if path.value.split('/').any(|segment| segment.starts_with(':')) {
        Some("a segment that stands for any is written `{tenant}`, not `:tenant`")
    } else if path.value.split('/').any(braces) {
        Some("`{name}` stands for a whole segment of a path")
    } else if path.value.split('/').any(|segment| segment == "*") {
        Some("`prefix=#true` serves what lies below a path, `{name}` one segment of any name")
    } else if names.iter().enumerate().any(|(at, name)| names.iter().skip(at + 1).any(|other| other == name))
    {
        Some("each `{name}` of a path needs a name of its own")
    } else {
        None
    };
    if let Some(problem) = problem {
        let finding = Finding::error("bad-address", path.span, format!("`{}` is not an address", path.value));
        node.report(finding.help(problem));
        return None;
    }
    Some(path)
}

/// The name in a segment `{name}`.
fn parameter(segment: &str) -> Option<&str> {
    let name = segment.strip_prefix('{')?.strip_suffix('}')?;
    (!name.is_empty() && !name.contains(['{', '}'])).then_some(name)
}

/// An address that is served.
pub struct Address<'a> {
    /// The method.
    pub method: Method,
    /// The path.
    pub path: String,
    /// The protocol's name.
    pub protocol: &'static str,
    /// What is called there.
    pub serves: &'a str,
    /// Where the file says so.
    pub span: Span,
}

/// A route to an endpoint.
pub fn route(address: Address<'_>, endpoint: &Arc<dyn Endpoint>, compiling: &Compiling<'_>) -> Route {
    Route {
        method: address.method,
        path: address.path,
        protocol: address.protocol,
        serves: address.serves.to_owned(),
        place: compiling.place(address.span),
        span: address.span,
        endpoint: endpoint.clone(),
        prefix: false,
        conditions: Arc::default(),
        vary: None,
        defaults: None,
        resource: None,
        api: None,
    }
}
