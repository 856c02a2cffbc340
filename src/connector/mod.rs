//! The connectors: systems that steps call, one file each, and the table of them.

mod broker;
mod database;
mod pem;
mod server;

use crate::kind::connector::ConnectorKind;

/// Every connector.
pub static CONNECTORS: &[ConnectorKind] = &[server::KIND, database::KIND, broker::KIND];
