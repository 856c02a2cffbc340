//! The reader of WSDL 1.1: a contract of others with its imports and its schemas, every part with its place.
//!
//! `load` reads the files, `parts` and `binding` what stands in them, `resolve` finds what every name means, `rpc` makes the
//! elements of rpc messages, which no schema declares.

mod binding;
mod load;
mod locations;
mod model;
mod offer;
mod parts;
mod policies;
mod request;
mod resolve;
mod rpc;
mod served;
mod text;
mod wellknown;
mod wire;

#[cfg(test)]
mod tests;

use std::path::PathBuf;

use crate::schema::grammar::{self, Documents, Files};
use crate::source::{Finding, Span};

pub use load::{MOST_BYTES, MOST_DEEP, MOST_FILES};
pub use locations::locations;
pub use model::{
    Binding, Body, BoundFault, BoundOperation, Contract, Endpoint, Header, Message, MessageUse, MimePart,
    Operation, Part, PartKind, Payload, Port, PortType, Protocol, Service, Style, WsdlFile,
};
pub use offer::{LeftOut, Offered};
pub use policies::{Policy, policies};
pub use request::{Call, DeclaredFault, Envelope};
pub use served::{Locate, Served};
pub use wire::{Side, Wire};

/// The namespace of WSDL 1.1.
pub const WSDL: &str = "http://schemas.xmlsoap.org/wsdl/";

/// What was read: the schema documents, and the contracts among the files.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The contracts, in the order in which their files are named; empty when all files are schemas.
    pub contracts: Vec<Contract>,
    /// The schemas: those that are named, those in the contracts, the elements of rpc messages, and all that they import.
    pub documents: Documents,
    /// What is wrong with the contracts, and warnings about them; [`Documents::findings`] has what is wrong with the schemas.
    pub findings: Vec<Finding>,
}

/// Whether what stands at an address is built in, so that nobody needs to fetch it.
pub fn is_built_in(address: &str) -> bool {
    wellknown::by_address(address, false).is_some() || grammar::is_built_in(address)
}

/// Reads WSDLs and schema documents with all that they import. `paths` each come with the place that names them. Nothing is
/// fetched; a document type declaration is refused; files are bounded in number ([`MOST_FILES`]), size ([`MOST_BYTES`]) and
/// depth ([`MOST_DEEP`]).
pub fn read(paths: &[(PathBuf, Span)], files: &mut dyn Files) -> Loaded {
    load::load(paths, files)
}
