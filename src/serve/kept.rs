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
    /// The id of its request.
    request: CompactString,
    /// The how manyth of its request it is: several things that nobody waits for may fail.
    number: usize,
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
        self.bound(keep);
    }

    /// The number of the next entry of a request.
    fn next(&self, request: &str) -> usize {
        let mut same = self.entries.iter().rev().filter(|entry| entry.request == request);
        same.next().map_or(1, |last| last.number.saturating_add(1))
    }

    fn replace(&mut self, id: &str, whole: impl FnOnce(Value) -> String) {
        let Some(entry) = self.entries.iter_mut().rev().find(|entry| entry.request == id) else { return };
        self.bytes = self.bytes.saturating_sub(entry.whole.len());
        entry.whole = whole(entry.summary.clone());
        self.bytes = self.bytes.saturating_add(entry.whole.len());
        self.bound(usize::MAX);
    }

    fn bound(&mut self, keep: usize) {
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
        push(&self.traces, about, outcome, trace);
    }

    /// Puts what a trace has become in the place of what is kept of it.
    pub(super) fn more(&self, id: &str, trace: Value) {
        let mut ring = self.traces.lock().unwrap_or_else(PoisonError::into_inner);
        ring.replace(id, |summary| merged(summary, trace));
    }

    /// Keeps a failure, with the documents that its execution began with.
    pub(super) fn failure(&self, about: &About<'_>, failure: &Value, documents: Value) {
        push(&self.failures, about, failure, json!({ "documents": documents }));
    }

    /// What is known of each trace, newest first.
    pub(super) fn traces(&self) -> Vec<Value> {
        list(&self.traces)
    }

    /// What is known of each failure, newest first.
    pub(super) fn failures(&self) -> Vec<Value> {
        list(&self.failures)
    }

    /// The trace of a request.
    pub(super) fn trace_of(&self, id: &str) -> Option<String> {
        find(&self.traces, id)
    }

    /// A failure by its id: that of its request, and where a request has several, a number behind a dot.
    pub(super) fn failure_of(&self, id: &str) -> Option<String> {
        find(&self.failures, id)
    }
}

/// The id of an entry.
fn id(request: &str, number: usize) -> String {
    if number > 1 { format!("{request}.{number}") } else { request.to_owned() }
}

fn summary(about: &About<'_>, number: usize, outcome: &Value) -> Value {
    json!({
        "id": id(about.id, number),
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

fn push(ring: &Mutex<Ring>, about: &About<'_>, outcome: &Value, more: Value) {
    let mut ring = ring.lock().unwrap_or_else(PoisonError::into_inner);
    let number = ring.next(about.id);
    let summary = summary(about, number, outcome);
    let whole = merged(summary.clone(), more);
    ring.push(Entry { request: about.id.into(), number, summary, whole }, about.keep);
}

fn list(ring: &Mutex<Ring>) -> Vec<Value> {
    let ring = ring.lock().unwrap_or_else(PoisonError::into_inner);
    ring.entries.iter().rev().map(|entry| entry.summary.clone()).collect()
}

fn find(ring: &Mutex<Ring>, wanted: &str) -> Option<String> {
    let ring = ring.lock().unwrap_or_else(PoisonError::into_inner);
    let found = ring.entries.iter().rev().find(|entry| id(&entry.request, entry.number) == wanted);
    found.map(|entry| entry.whole.clone())
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
    fn a_trace_grows_with_what_nobody_waited_for() {
        let kept = Kept::default();
        let about = About { id: "a", what: "op", generation: 1, keep: 2 };
        kept.more("a", json!({ "steps": [1] }));
        assert!(kept.traces().is_empty());
        kept.trace(&about, &json!({ "status": 200 }), json!({ "steps": [1] }));
        kept.more("a", json!({ "steps": [1, 2] }));
        let whole: Value = serde_json::from_str(&kept.trace_of("a").unwrap()).unwrap();
        assert_eq!((&whole["steps"], &whole["outcome"]["status"]), (&json!([1, 2]), &json!(200)));
        assert_eq!(kept.traces().len(), 1);
    }

    #[test]
    fn several_failures_of_a_request_have_ids_of_their_own() {
        let kept = Kept::default();
        for code in ["a", "b", "c"] {
            let about = About { id: "r", what: "op", generation: 1, keep: 2 };
            kept.failure(&about, &json!({ "code": code }), json!([]));
        }
        let ids: Vec<Value> = kept.failures().iter().map(|entry| entry["id"].clone()).collect();
        assert_eq!(ids, ["r.3", "r.2"]);
        assert!(kept.failure_of("r").is_none() && kept.failure_of("r.3").unwrap().contains("\"code\":\"c\""));
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
