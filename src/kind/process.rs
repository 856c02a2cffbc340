//! The processes of a file by name, as the steps that run them see them.

use crate::pipeline::step::ProcessRef;

/// A process that is declared on its own.
#[derive(Debug, Default)]
pub struct Callee {
    /// What runs, once it is compiled.
    pub process: ProcessRef,
    /// Whether a `return` stands in it: then what it returns goes on behind a call, else what entered it.
    pub returns: bool,
    /// Whether it sets a status or a header field of the answer, by itself or by what it calls.
    pub shapes_answer: bool,
}

impl Callee {
    /// A process of which that much is known before anything is compiled.
    pub fn new(returns: bool, shapes_answer: bool) -> Self {
        Self { returns, shapes_answer, ..Self::default() }
    }
}
