//! The steps of a process: one file each, and the table of them.

mod branch;
mod decision;
mod map;
mod message;
mod notify;
mod return_;
mod set;
mod stop;
mod throw;

use crate::kind::step::StepKind;

/// Every step, in the order the manual shows them.
pub static STEPS: &[StepKind] = &[
    map::KIND,
    message::KIND,
    set::KIND,
    branch::KIND,
    decision::KIND,
    throw::KIND,
    stop::KIND,
    return_::KIND,
    notify::KIND,
];
