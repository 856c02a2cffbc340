//! What a broken server is to answer, and what has come to it so far.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::{Answer, Seen};

/// What is answered.
pub(super) enum Plan {
    /// In their order, and the last for all that follow; never none.
    Answers(VecDeque<Answer>),
    /// What this makes of each request.
    Made(Arc<dyn Fn(&Seen) -> Answer + Send + Sync>),
}

impl Plan {
    pub(super) fn of(answers: impl IntoIterator<Item = Answer>) -> Self {
        let answers: VecDeque<Answer> = answers.into_iter().collect();
        assert!(!answers.is_empty(), "say at least one answer");
        Self::Answers(answers)
    }

    fn next(&mut self, seen: Option<&Seen>) -> Option<Answer> {
        match self {
            Self::Answers(answers) if answers.len() > 1 => answers.pop_front(),
            Self::Answers(answers) => answers.front().cloned(),
            Self::Made(make) => seen.map(|seen| make(seen)),
        }
    }

    fn resets_the_next_connection(&self) -> bool {
        matches!(self, Self::Answers(answers) if answers[0].comes_before_the_request())
    }
}

/// What it is to answer, and what has come.
pub(super) struct State {
    pub(super) plan: Plan,
    /// The requests that came whole.
    pub(super) seen: Vec<Seen>,
    /// Those that came, with those that sent nothing.
    pub(super) connections: usize,
    /// Those of them that have ended.
    pub(super) ended: usize,
}

/// The state, which connections and the test share.
pub(super) struct Shared {
    state: Mutex<State>,
    pub(super) changed: Condvar,
}

impl Shared {
    pub(super) fn new(plan: Plan) -> Self {
        let state = State { plan, seen: Vec::new(), connections: 0, ended: 0 };
        Self { state: Mutex::new(state), changed: Condvar::new() }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        // What makes answers may have found a request wrong: its connection breaks, and the test goes on to see that.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a connection: its number, and whether it is to be reset before anything is read.
    pub(super) fn connected(&self) -> (usize, bool) {
        let mut state = self.lock();
        state.connections += 1;
        let reset = state.plan.resets_the_next_connection();
        if reset {
            state.plan.next(None);
        }
        (state.connections, reset)
    }

    pub(super) fn asked(&self, seen: Seen) -> Answer {
        let mut state = self.lock();
        state.seen.push(seen.clone());
        self.changed.notify_all();
        state.plan.next(Some(&seen)).unwrap()
    }
}

/// A connection that has come, until it is dropped.
pub(super) struct Connected(Arc<Shared>);

impl Connected {
    pub(super) fn new(shared: &Arc<Shared>) -> Self {
        Self(Arc::clone(shared))
    }
}

impl Drop for Connected {
    fn drop(&mut self) {
        self.0.lock().ended += 1;
        self.0.changed.notify_all();
    }
}
