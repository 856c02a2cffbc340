//! The `rest` protocol: operations as methods on paths.

use hyper::Method;

use super::kinds::{Address, path, route};
use super::rest;
use crate::kind::protocol::{DeclaredEndpoint, ProtocolKind, Published};
use crate::kind::{Compiling, Manual};
use crate::pipeline::operation::Io;
use crate::pipeline::router::Route;
use crate::source::{Finding, Span, Spanned};
use crate::syntax::Node;

/// The kind.
pub const KIND: ProtocolKind = ProtocolKind {
    manual: Manual {
        name: "rest",
        summary: "operations as methods on paths, in XML and JSON",
        usage: "rest { METHOD PATH OPERATION ... }",
        text: "By default an operation is published at /ws/rest/OBJECT under the method of its action: GET for get and query, \
               POST for create, upsert and execute, PUT for update, DELETE for delete. A get or query that has an `input` is \
               published under POST, since a GET has no body. In an `api` each line gives a method \
               (get, post, put, patch, delete), a path below the base, in which `{name}` stands for one segment \
               (`request.path.name`), and an operation. An operation of XML profiles also takes and gives JSON: \
               Content-Type and Accept decide. Failures are problem documents (RFC 9457).",
        example: "rest {\n    post \"/orders\" create-order\n}",
    },
    prefix: "/ws/rest",
    publish,
    read: Some(read),
};

const METHODS: &[(&str, Method)] = &[
    ("get", Method::GET),
    ("post", Method::POST),
    ("put", Method::PUT),
    ("patch", Method::PATCH),
    ("delete", Method::DELETE),
];

fn publish(published: &Published<'_>, compiling: &Compiling<'_>) -> Vec<Route> {
    let one = |operation: &std::sync::Arc<crate::pipeline::operation::Operation>| {
        // Without an object there is nothing to name the address after: an `api` can.
        let path = rest::path(operation)?;
        let address = Address {
            method: rest::method(operation),
            path: format!("{}{path}", published.prefix),
            protocol: "rest",
            serves: &operation.name,
            span: compiling.operations.span(&operation.name).unwrap_or(published.span),
        };
        Some(route(address, &rest::endpoint(operation.clone()), compiling))
    };
    published.operations.iter().filter_map(one).collect()
}

#[derive(Debug)]
struct Declared {
    routes: Vec<DeclaredRoute>,
}

#[derive(Debug)]
struct DeclaredRoute {
    method: Method,
    path: Spanned<String>,
    operation: Spanned<String>,
    span: Span,
}

fn read(mut node: Node<'_>) -> Option<Box<dyn DeclaredEndpoint>> {
    let mut routes = Vec::new();
    for mut child in node.children() {
        let Some((_, method)) = METHODS.iter().find(|(word, _)| *word == child.name()) else {
            child.unknown("unknown-method", "a method of REST", METHODS.iter().map(|(word, _)| *word));
            continue;
        };
        let span = child.name_span();
        let path = path(&mut child);
        let operation = child.argument("operation's name");
        child.finish();
        if let (Some(path), Some(operation)) = (path, operation) {
            routes.push(DeclaredRoute { method: method.clone(), path, operation, span });
        }
    }
    if routes.is_empty() && !node.has_block() {
        node.report(Finding::error("missing-value", node.name_span(), "`rest` needs routes in its block"));
    }
    node.finish();
    Some(Box::new(Declared { routes }))
}

impl DeclaredEndpoint for Declared {
    fn routes(&self, base: &str, compiling: &Compiling<'_>) -> Vec<Route> {
        let one = |declared: &DeclaredRoute| {
            let operation = compiling.operation(&declared.operation)?;
            if declared.method == Method::GET && !matches!(operation.input, Io::None) {
                let message = format!("a GET has no body; `{}` takes an input", declared.operation.value);
                let finding = Finding::error("get-with-input", declared.span, message);
                compiling.report(finding.help("publish it with post, or remove the operation's `input`"));
                return None;
            }
            let address = Address {
                method: declared.method.clone(),
                path: format!("{base}{}", declared.path.value),
                protocol: "rest",
                serves: &declared.operation.value,
                span: declared.span,
            };
            Some(route(address, &rest::endpoint(operation), compiling))
        };
        self.routes.iter().filter_map(one).collect()
    }
}
