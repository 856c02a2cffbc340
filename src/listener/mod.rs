//! The listener protocols, how they are written in the file (`*_kind.rs`) and how they run, and the table of them.

mod accept;
mod common;
mod executions_kind;
mod family;
mod fields;
#[cfg(test)]
mod fixture;
mod kinds;
mod openapi;
mod page;
mod parts;
mod query;
mod reader;
mod rest;
mod rest_answers;
mod rest_described;
mod rest_kind;
mod rest_route;
mod rest_terms;
mod shown;
mod simple;
mod simple_kind;
pub mod soap;
mod soap_declared;
mod soap_given;
mod soap_kind;
mod writer;

use crate::kind::protocol::ProtocolKind;

pub use common::NAMESPACE;
pub use openapi::endpoint as description;
pub use rest_described::{Group, described, groups};
pub use rest_terms::tells_routes;
pub use simple::endpoint as plain_http;

/// Every protocol, in the order the manual shows them.
pub static PROTOCOLS: &[ProtocolKind] =
    &[soap_kind::KIND, rest_kind::KIND, simple_kind::KIND, executions_kind::KIND];
