//! How the process of an operation can end, as far as its steps say: for the contract that clients read.

use std::collections::{BTreeMap, BTreeSet};

use compact_str::CompactString;

/// The statuses that a process chooses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcomes {
    /// The statuses that steps set.
    pub statuses: BTreeSet<u16>,
    /// Whether every answer has one of them.
    pub certain: bool,
    /// Whether a step sets one that is known only when it runs.
    pub computed: bool,
    /// Whether a step adds attachments to the answer.
    pub attaches: bool,
    /// The codes of the failures that steps throw, by status.
    pub failures: BTreeMap<u16, BTreeSet<CompactString>>,
}
