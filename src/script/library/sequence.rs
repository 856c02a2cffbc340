//! The package `sequence`: numbers that go on from script to script within one execution.

use rhai::Dynamic;

use super::{Function, Package};
use crate::script::numbers::Number;

pub(super) const PACKAGE: Package = Package {
    name: "sequence",
    summary: "Numbers that go on within one execution of a process, over all its documents, maps and steps.",
    functions: &[
        Function {
            name: "next",
            signature: "sequence::next(name)",
            summary: "1, then 2, then 3: one more at each call.",
            example: r#"sequence::next("line"); sequence::next("line")"#,
            result: "2",
            checks: &[],
            register: |r| {
                let state = r.state();
                r.add(move |name: &str| {
                    let mut execution = state.execution.borrow_mut();
                    execution.add("next", name, Number::Integer(1)).map(Number::dynamic)
                });
            },
        },
        Function {
            name: "reset",
            signature: "sequence::reset(name)",
            summary: "Lets the sequence and the total of that name start anew.",
            example: r#"sequence::next("line"); sequence::reset("line"); sequence::next("line")"#,
            result: "1",
            checks: &[],
            register: |r| {
                let state = r.state();
                r.add(move |name: &str| state.execution.borrow_mut().reset(name));
            },
        },
        Function {
            name: "total",
            signature: "sequence::total(name, number)",
            summary: "The exact sum of all numbers that were given under the name so far, this one included; `()` counts as nothing.",
            example: r#"sequence::total("net", 2.50); sequence::total("net", 1)"#,
            result: "3.50",
            checks: &[],
            register: |r| {
                let state = r.state();
                r.add(move |name: &str, number: Dynamic| {
                    let number = match number.is_unit() {
                        true => Number::Integer(0),
                        false => Number::of(&number)?,
                    };
                    state.execution.borrow_mut().add("total", name, number).map(Number::dynamic)
                });
            },
        },
    ],
};
