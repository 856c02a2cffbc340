//! What is kept in memory for those who operate the gateway: traces, and failures of what ran on after its answer.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use compact_str::CompactString;
use jiff::Timestamp;
use serde_json::{Value, json};

/// Bytes of all that is kept of one kind.
const MOST_BYTES: usize = 16 << 20;

/// One entry.
#[derive(Debug, Clone)]
struct Entry {
    id: CompactString,
    summary: Value,
    whole: String,
}

/// The last entries of one kind, oldest first.
#[derive(Debug, Default)]
struct Ring {
    entries: VecDeque<Entry>,
    bytes: usize,
}

impl Ring {
    fn push(&mut self, entry: Entry, keep: usize) {
        self.bytes = self.bytes.saturating_add(entry.whole.len());
        self.entries.push_back(entry);
        while self.entries.len() > keep || self.bytes > MOST_BYTES {
            let Some(gone) = self.entries.pop_front() else { break };
            self.bytes = self.bytes.saturating_sub(gone.whole.len());
        }
    }
}

/// Traces and failures.
#[derive(Debug, Default)]
pub(super) struct Kept {
    traces: Mutex<Ring>,
    failures: Mutex<Ring>,
}

/// What is known of what an entry is about.
pub(super) struct About<'a> {
    pub(super) id: &'a str,
    pub(super) what: &'a str,
    pub(super) generation: u64,
    pub(super) keep: usize,
}

impl Kept {
    /// Keeps a trace; `outcome` is its status or its failure.
    pub(super) fn trace(&self, about: &About<'_>, outcome: &Value, trace: Value) {
        let summary = summary(about, outcome);
        let whole = merged(summary.clone(), trace);
        push(&self.traces, about, summary, whole);
    }

    /// Keeps a failure, with the documents that its execution began with.
    pub(super) fn failure(&self, about: &About<'_>, failure: &Value, documents: Value) {
        let summary = summary(about, failure);
        let whole = merged(summary.clone(), json!({ "documents": documents }));
        push(&self.failures, about, summary, whole);
    }

    /// What is known of each trace, newest first.
    pub(super) fn traces(&self) -> Vec<Value> {
        list(&self.traces)
    }

    /// What is known of each failure, newest first.
    pub(super) fn failures(&self) -> Vec<Value> {
        list(&self.failures)
    }

    /// The last trace of a request.
    pub(super) fn trace_of(&self, id: &str) -> Option<String> {
        find(&self.traces, id)
    }

    /// The last failure of a request.
    pub(super) fn failure_of(&self, id: &str) -> Option<String> {
        find(&self.failures, id)
    }
}

fn summary(about: &About<'_>, outcome: &Value) -> Value {
    json!({
        "request": about.id,
        "at": Timestamp::now().to_string(),
        "operation": about.what,
        "generation": about.generation,
        "outcome": outcome,
    })
}

fn merged(mut summary: Value, more: Value) -> String {
    if let (Some(into), Value::Object(more)) = (summary.as_object_mut(), more) {
        into.extend(more);
    }
    summary.to_string()
}

fn push(ring: &Mutex<Ring>, about: &About<'_>, summary: Value, whole: String) {
    let entry = Entry { id: about.id.into(), summary, whole };
    ring.lock().unwrap_or_else(PoisonError::into_inner).push(entry, about.keep);
}

fn list(ring: &Mutex<Ring>) -> Vec<Value> {
    let ring = ring.lock().unwrap_or_else(PoisonError::into_inner);
    ring.entries.iter().rev().map(|entry| entry.summary.clone()).collect()
}

fn find(ring: &Mutex<Ring>, id: &str) -> Option<String> {
    let ring = ring.lock().unwrap_or_else(PoisonError::into_inner);
    ring.entries.iter().rev().find(|entry| entry.id == id).map(|entry| entry.whole.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_go_first() {
        let kept = Kept::default();
        for id in ["a", "b", "c"] {
            let about = About { id, what: "op", generation: 1, keep: 2 };
            kept.failure(&about, &json!({ "code": id }), json!([]));
        }
        let ids: Vec<Value> = kept.failures().iter().map(|entry| entry["request"].clone()).collect();
        assert_eq!(ids, ["c", "b"]);
        assert!(kept.failure_of("a").is_none() && kept.failure_of("c").unwrap().contains("\"documents\":[]"));
        assert!(kept.traces().is_empty());
    }

    #[test]
    fn much_is_not_kept_for_ever() {
        let kept = Kept::default();
        for id in ["a", "b", "c"] {
            let about = About { id, what: "op", generation: 1, keep: 100 };
            kept.trace(&about, &Value::Null, json!({ "steps": "x".repeat(MOST_BYTES / 2) }));
        }
        assert_eq!(kept.traces().len(), 1);
    }
}
