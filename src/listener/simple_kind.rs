//! The `simple` protocol: plain HTTP, one address for each operation.

use super::kinds::{Address, route};
use super::simple;
use crate::kind::protocol::{ProtocolKind, Published};
use crate::kind::{Compiling, Manual};
use crate::pipeline::router::Route;

/// The kind.
pub const KIND: ProtocolKind = ProtocolKind {
    manual: Manual {
        name: "simple",
        summary: "plain HTTP: a document in the body, a document in the answer",
        usage: "paths simple=PREFIX",
        text: "Every operation is published at /ws/simple/ACTIONObject, the object's first letter in upper case: POST with the \
               document as the body, GET (or POST without a body) for an operation that takes none. The answer is the \
               document; a failure is plain text with the status. `paths simple=` moves the prefix.",
        example: "paths simple=\"/plain\"",
    },
    prefix: "/ws/simple",
    publish,
    read: None,
};

fn publish(published: &Published<'_>, compiling: &Compiling<'_>) -> Vec<Route> {
    let mut routes = Vec::new();
    for operation in published.operations {
        let endpoint = simple::endpoint(operation.clone());
        for method in simple::methods(operation) {
            let address = Address {
                method: method.clone(),
                path: format!("{}{}", published.prefix, simple::path(operation)),
                protocol: "simple",
                serves: &operation.name,
                span: compiling.operations.span(&operation.name).unwrap_or(published.span),
            };
            routes.push(route(address, &endpoint, compiling));
        }
    }
    routes
}
