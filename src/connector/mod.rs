//! The connectors: systems that steps call, one file each, and the table of them.

mod broker;
mod server;

use crate::kind::connector::ConnectorKind;

/// Every connector.
pub static CONNECTORS: &[ConnectorKind] = &[server::KIND, broker::KIND];
