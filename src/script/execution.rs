//! What goes on from script to script within one execution of a process: when it started, sequences, totals.

use std::cell::RefCell;

use compact_str::CompactString;
use jiff::Timestamp;

use super::numbers::Number;
use super::view::{Raised, raise};

/// Sequences and totals of one execution.
const MOST: usize = 1000;

/// Bytes of a name.
const LONGEST: usize = 200;

/// One execution, as its scripts see it.
#[derive(Debug)]
pub struct Execution(pub(super) RefCell<Ongoing>);

impl Execution {
    /// An execution that started then: what `date::now()` gives.
    pub fn new(started: Timestamp) -> Self {
        Self(RefCell::new(Ongoing { started: Some(started), counters: Vec::new() }))
    }
}

/// What a run of a script borrows of its execution.
#[derive(Debug, Default)]
pub(super) struct Ongoing {
    pub started: Option<Timestamp>,
    counters: Vec<Counter>,
}

#[derive(Debug)]
struct Counter {
    kind: &'static str,
    name: CompactString,
    value: Number,
}

impl Ongoing {
    /// Adds to the counter of that kind and name; gives what it comes to.
    pub(super) fn add(&mut self, kind: &'static str, name: &str, number: Number) -> Result<Number, Raised> {
        if let Some(counter) = self.counters.iter_mut().find(|c| c.kind == kind && c.name == name) {
            counter.value = counter.value.plus(number)?;
            return Ok(counter.value);
        }
        if name.len() > LONGEST {
            return Err(raise(format!("the name of a sequence has at most {LONGEST} bytes")));
        }
        if self.counters.len() >= MOST {
            return Err(raise(format!("an execution has at most {MOST} sequences and totals")));
        }
        self.counters.push(Counter { kind, name: name.into(), value: number });
        Ok(number)
    }

    /// Forgets the counters of that name.
    pub(super) fn reset(&mut self, name: &str) {
        self.counters.retain(|counter| counter.name != name);
    }
}
