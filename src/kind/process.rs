//! The processes of a file by name, as the steps that run them see them.

use super::step::DeclaredPath;
use crate::pipeline::step::ProcessRef;

/// A process that is declared on its own.
#[derive(Debug, Default)]
pub struct Callee {
    /// What runs, once it is compiled.
    pub process: ProcessRef,
    /// Whether a `return` stands in it: then what it returns goes on behind a call, else what reaches its end.
    pub returns: bool,
    /// Whether anything can go on behind a call of it.
    pub goes_on: bool,
    /// Whether it sets a status or a header field of the answer, by itself or by what it calls.
    pub shapes_answer: bool,
}

impl Callee {
    /// A process of which that much is known before anything is compiled.
    pub fn new(path: &DeclaredPath, shapes_answer: bool) -> Self {
        let returns = path.returns();
        Self { returns, goes_on: returns || path.falls(), shapes_answer, ..Self::default() }
    }
}
