//! Work that nobody waits for, in a command: kept until there is time for it, and then run to its end.

use std::cell::RefCell;
use std::collections::VecDeque;

use crate::pipeline::execution::{Background, Unawaited};
use crate::pipeline::failure::Failure;
use crate::pipeline::load::busy;

/// Runs that nobody waits for at once.
const MOST: usize = 1000;

/// What is kept, in the order in which it came.
#[derive(Debug, Default)]
pub struct Queue(RefCell<VecDeque<Waiting>>);

struct Waiting(Unawaited);

impl std::fmt::Debug for Waiting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Waiting({})", self.0.what)
    }
}

impl Queue {
    /// What waits longest.
    pub fn next(&self) -> Option<Unawaited> {
        self.0.borrow_mut().pop_front().map(|waiting| waiting.0)
    }
}

impl Background for Queue {
    fn room(&self) -> Result<(), Failure> {
        if self.0.borrow().len() < MOST { Ok(()) } else { Err(busy()) }
    }

    fn start(&self, work: Unawaited) -> Result<(), Failure> {
        self.room()?;
        self.0.borrow_mut().push_back(Waiting(work));
        Ok(())
    }
}
