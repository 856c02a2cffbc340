//! The connectors: systems that steps call. The table is empty until the first one is written.

use crate::kind::Manual;

/// Every connector.
pub static CONNECTORS: &[Manual] = &[];
