//! The connectors: systems that steps call, one file each, and the table of them.

mod addresses;
mod broker;
mod database;
mod pem;
mod server;
mod trust;

use crate::kind::connector::ConnectorKind;

/// Every connector.
pub static CONNECTORS: &[ConnectorKind] = &[server::KIND, database::KIND, broker::KIND];
