//! Random processes: what they are made of, and how they are written in gateway.kdl.

use proptest::prelude::*;

/// A step. The numbers of marks and failures are given when it is written, by their order.
#[derive(Debug, Clone)]
pub enum Step {
    /// Appends its number and each document to the log of the execution.
    Mark(u8),
    /// Appends its number to a property of each document.
    Tag(u8),
    /// Sets a header field of the answer.
    Header(u8),
    Branch(Vec<Vec<Step>>),
    /// Documents whose number is below take the first path.
    Decision(u8, Vec<Step>, Option<Vec<Step>>),
    /// A path for each number, and one for the others.
    Route(Vec<Vec<Step>>, Option<Vec<Step>>),
    Try {
        retry: u8,
        body: Vec<Step>,
        catch: Option<Vec<Step>>,
    },
    ForEach(Vec<Step>),
    /// Without marks: their order is not promised.
    Parallel(u8, Vec<Step>),
    /// One of the later processes.
    Call {
        further: u8,
        each: bool,
    },
    /// Fails until it has run so often.
    Flaky(u8, u8),
    Throw(u8),
    Return,
    Stop,
    StopAll,
}

/// Processes, each of which may call those behind it.
#[derive(Debug, Clone)]
pub struct Program(pub Vec<Vec<Step>>);

fn steps(step: impl Strategy<Value = Step>) -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(step, 0..5)
}

fn some_steps(step: impl Strategy<Value = Step>) -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(step, 1..4)
}

fn leaf() -> BoxedStrategy<Step> {
    prop_oneof![
        6 => any::<u8>().prop_map(Step::Mark),
        3 => (0..10_u8).prop_map(Step::Tag),
        1 => (0..10_u8).prop_map(Step::Header),
        2 => (0..3_u8, any::<bool>()).prop_map(|(further, each)| Step::Call { further, each }),
        2 => (any::<u8>(), 1..4_u8).prop_map(|(number, runs)| Step::Flaky(number, runs)),
        1 => any::<u8>().prop_map(Step::Throw),
        2 => Just(Step::Return),
        1 => Just(Step::Stop),
        1 => Just(Step::StopAll),
    ]
    .boxed()
}

fn step() -> impl Strategy<Value = Step> {
    leaf().prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            3 => prop::collection::vec(steps(inner.clone()), 1..4).prop_map(Step::Branch),
            3 => (0..4_u8, steps(inner.clone()), prop::option::of(steps(inner.clone())))
                .prop_map(|(below, then, other)| Step::Decision(below, then, other)),
            2 => (prop::collection::vec(steps(inner.clone()), 1..3), prop::option::of(steps(inner.clone())))
                .prop_map(|(cases, default)| Step::Route(cases, default)),
            3 => (0..3_u8, some_steps(inner.clone()), prop::option::weighted(0.8, steps(inner.clone())))
                .prop_map(|(retry, body, catch)| Step::Try { retry, body, catch }),
            1 => some_steps(inner.clone()).prop_map(Step::ForEach),
            1 => (1..4_u8, some_steps(inner)).prop_map(|(most, steps)| Step::Parallel(most, steps)),
        ]
    })
}

pub fn program() -> impl Strategy<Value = Program> {
    let process = || prop::collection::vec(step(), 1..6);
    (process(), process(), process()).prop_map(|(a, b, c)| {
        let mut processes = vec![a, b, c];
        let count = processes.len();
        for process in processes.iter_mut().rev().enumerate().map(|(behind, process)| {
            tidy(process, behind, false);
            process
        }) {
            if process.is_empty() {
                process.push(Step::Mark(0));
            }
        }
        let mut program = Program(processes);
        for number in (0..count).rev() {
            program.end_at_calls(number);
        }
        program
    })
}

/// Removes what gateway.kdl does not allow: steps behind the end of their path, calls of what is not there, and what
/// depends on the order of documents that are worked on at the same time.
fn tidy(path: &mut Vec<Step>, callable: usize, parallel: bool) {
    path.retain(|step| match step {
        Step::Call { .. } => callable > 0 && !parallel,
        Step::Mark(_) | Step::Header(_) | Step::Flaky(..) | Step::StopAll | Step::Try { .. } => !parallel,
        _ => true,
    });
    for step in path.iter_mut() {
        match step {
            Step::Branch(paths) => paths.iter_mut().for_each(|path| tidy(path, callable, parallel)),
            Step::Decision(_, then, other) => {
                tidy(then, callable, parallel);
                other.iter_mut().for_each(|path| tidy(path, callable, parallel));
            }
            Step::Route(cases, default) => {
                cases.iter_mut().chain(default).for_each(|path| tidy(path, callable, parallel));
            }
            Step::Try { retry, body, catch } => {
                tidy(body, callable, parallel);
                catch.iter_mut().for_each(|path| tidy(path, callable, parallel));
                if catch.is_none() && *retry == 0 {
                    *retry = 1;
                }
                fill(body);
            }
            Step::ForEach(path) => {
                tidy(path, callable, parallel);
                fill(path);
            }
            Step::Parallel(_, path) => {
                tidy(path, callable, true);
                fill(path);
            }
            Step::Call { further, .. } => *further %= u8::try_from(callable).unwrap(),
            _ => {}
        }
    }
    if let Some(end) = path.iter().position(|step| !falls(step)) {
        path.truncate(end + 1);
    }
}

/// Steps that must not be none.
fn fill(path: &mut Vec<Step>) {
    if path.is_empty() {
        path.push(Step::Tag(0));
    }
}

/// Whether documents can go on behind a step, as the file's reader sees it.
fn falls(step: &Step) -> bool {
    let path = |path: &Vec<Step>| path.iter().all(falls);
    match step {
        Step::Throw(_) | Step::Return | Step::Stop | Step::StopAll => false,
        Step::Branch(paths) => paths.iter().any(path),
        Step::Decision(_, then, other) => path(then) || other.as_ref().is_none_or(path),
        Step::Route(_, None) => true,
        Step::Route(cases, Some(default)) => cases.iter().any(path) || path(default),
        Step::Try { body, catch, .. } => path(body) || catch.as_ref().is_some_and(path),
        Step::ForEach(steps) | Step::Parallel(_, steps) => path(steps),
        _ => true,
    }
}

impl Program {
    /// Ends paths behind a call of what lets nothing go on; the processes behind have been looked at.
    fn end_at_calls(&mut self, number: usize) {
        let ends: Vec<bool> =
            (0..self.0.len()).map(|other| other > number && !self.comes_back(other)).collect();
        end_at(&mut self.0[number], number, &ends);
    }

    /// Whether anything can go on behind a call of a process.
    fn comes_back(&self, process: usize) -> bool {
        self.returns(process) || self.0[process].iter().all(falls)
    }

    /// Whether a `return` stands in a process.
    pub fn returns(&self, process: usize) -> bool {
        fn any(path: &[Step]) -> bool {
            path.iter().any(|step| match step {
                Step::Return => true,
                Step::Branch(paths) => paths.iter().any(|path| any(path)),
                Step::Decision(_, then, other) => any(then) || other.as_ref().is_some_and(|path| any(path)),
                Step::Route(cases, default) => {
                    cases.iter().any(|path| any(path)) || default.as_ref().is_some_and(|path| any(path))
                }
                Step::Try { body, catch, .. } => any(body) || catch.as_ref().is_some_and(|path| any(path)),
                Step::ForEach(path) | Step::Parallel(_, path) => any(path),
                _ => false,
            })
        }
        any(&self.0[process])
    }

    /// An operation that calls the first process and notes what comes out of it, and the processes.
    pub fn write(&self, number: usize, out: &mut String) {
        let note = match self.comes_back(0) {
            true => "set process.out value=\"{process.out}{id}:{tag},\"\n",
            false => "",
        };
        out.push_str(&format!(
            "operation p{number} {{ action execute; object P{number}; input data; process {{\n call p{number}-0\n {note}}} }}\n"
        ));
        for (at, process) in self.0.iter().enumerate() {
            out.push_str(&format!("process p{number}-{at} {{\n"));
            self.path(number, at, process, out);
            out.push_str("}\n");
        }
    }

    fn path(&self, number: usize, process: usize, path: &[Step], out: &mut String) {
        for step in path {
            self.step(number, process, step, out);
            out.push('\n');
        }
    }

    fn block(&self, number: usize, process: usize, head: &str, path: &[Step], out: &mut String) {
        out.push_str(head);
        out.push_str(" {\n");
        self.path(number, process, path, out);
        out.push_str("}\n");
    }

    fn step(&self, number: usize, process: usize, step: &Step, out: &mut String) {
        let mut block = |head: &str, path: &[Step]| self.block(number, process, head, path, out);
        match step {
            Step::Branch(paths) => {
                out.push_str("branch {\n");
                paths.iter().for_each(|path| self.block(number, process, "path", path, out));
                out.push('}');
            }
            Step::Decision(below, then, other) => {
                out.push_str(&format!("decision property=id lt={below} {{\n"));
                self.block(number, process, "then", then, out);
                other.iter().for_each(|path| self.block(number, process, "else", path, out));
                out.push('}');
            }
            Step::Route(cases, default) => {
                out.push_str("route property=id {\n");
                for (at, path) in cases.iter().enumerate() {
                    self.block(number, process, &format!("case {at}"), path, out);
                }
                default.iter().for_each(|path| self.block(number, process, "default", path, out));
                out.push('}');
            }
            Step::Try { retry, body, catch } => {
                out.push_str(&format!("try retry={retry} backoff=\"0s\" {{\n"));
                self.path(number, process, body, out);
                catch.iter().for_each(|path| self.block(number, process, "catch", path, out));
                out.push('}');
            }
            Step::ForEach(path) => block("for-each", path),
            Step::Parallel(most, path) => block(&format!("parallel {most}"), path),
            Step::Call { further, each } => {
                let to = process + 1 + usize::from(*further);
                out.push_str(&format!("call p{number}-{to} each=#{each}"));
            }
            Step::Mark(n) => {
                out.push_str(&format!(
                    "set process.log value=\"{{process.log}}{n}:{{id}}{{tag}}{{error.message}};\""
                ));
            }
            Step::Tag(n) => out.push_str(&format!("set tag value=\"{{tag}}{n}\"")),
            Step::Header(n) => out.push_str(&format!("set response.header.x-mark value=\"{n}\"")),
            Step::Flaky(n, runs) => out.push_str(&format!(
                "set process.runs{n} value=\"{{process.runs{n}}}x\"\n\
                 decision property=process.runs{n} lt=\"{more}\" {{ then {{ throw \"flaky{n}\" }} }}",
                more = "x".repeat(usize::from(*runs) + 1)
            )),
            Step::Throw(n) => out.push_str(&format!("throw \"thrown{n}\"")),
            Step::Return => out.push_str("return"),
            Step::Stop => out.push_str("stop"),
            Step::StopAll => out.push_str("stop all=#true"),
        }
    }
}

/// Ends a path behind a call of one of these processes.
fn end_at(path: &mut Vec<Step>, number: usize, ends: &[bool]) {
    for step in path.iter_mut() {
        match step {
            Step::Branch(paths) => paths.iter_mut().for_each(|path| end_at(path, number, ends)),
            Step::Decision(_, then, other) => {
                end_at(then, number, ends);
                other.iter_mut().for_each(|path| end_at(path, number, ends));
            }
            Step::Route(cases, default) => {
                cases.iter_mut().chain(default).for_each(|path| end_at(path, number, ends));
            }
            Step::Try { body, catch, .. } => {
                end_at(body, number, ends);
                catch.iter_mut().for_each(|path| end_at(path, number, ends));
            }
            Step::ForEach(path) | Step::Parallel(_, path) => end_at(path, number, ends),
            _ => {}
        }
    }
    let call =
        |step: &Step| matches!(step, Step::Call { further, .. } if ends[number + 1 + usize::from(*further)]);
    if let Some(end) = path.iter().position(call) {
        path.truncate(end + 1);
    }
}
