//! Processes that are declared on their own: entered by name, ordered by who calls whom, compiled.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::answering;
use super::names::entered;
use crate::config::{Declarations, DeclaredIo, DeclaredWork};
use crate::kind::process::Callee;
use crate::kind::step::DeclaredPath;
use crate::kind::{Compiling, Here};
use crate::pipeline::step::{LastAnswer, Process};
use crate::source::{Finding, Span, Spanned};

/// Calls within calls: each takes memory while the others wait for it.
const DEEPEST: usize = 32;

/// The declared processes, each under its name.
pub(super) type ByName<'a> = BTreeMap<&'a str, (&'a Spanned<String>, &'a DeclaredPath)>;

/// The first process of each name.
pub(super) fn by_name(declared: &Declarations) -> ByName<'_> {
    let mut all = ByName::new();
    for (name, path) in &declared.processes {
        all.entry(&name.value).or_insert((name, path));
    }
    all
}

/// Enters the names of the processes with what is known before anything is compiled; calls in a circle are findings.
pub fn enter(declared: &Declarations, compiling: &mut Compiling<'_>) {
    let all = by_name(declared);
    circles(&all, compiling);
    for (name, path) in &declared.processes {
        let shapes = shapes_answer(path, &all, &mut BTreeSet::new());
        let callee = Callee::new(path, shapes);
        let result = compiling.processes.enter(name, Some(Arc::new(callee)));
        entered(result, compiling);
    }
}

/// Whether a step in it, or in what it calls and waits for, sets a status or a header field of the answer.
fn shapes_answer<'a>(path: &'a DeclaredPath, all: &ByName<'a>, seen: &mut BTreeSet<&'a str>) -> bool {
    let mut called = path.calls().into_iter().filter(|(_, waits)| *waits);
    path.any(&|facts| facts.shapes_answer)
        || called.any(|(name, _)| {
            let known = all.get(name.value.as_str()).filter(|_| seen.insert(&name.value));
            known.is_some_and(|(_, path)| shapes_answer(path, all, seen))
        })
}

/// Reports calls that lead back to where they began, each circle once, and calls that lead too deep.
fn circles(all: &ByName<'_>, compiling: &Compiling<'_>) {
    let mut depths = BTreeMap::new();
    for name in all.keys() {
        follow(name, all, &mut Vec::new(), &mut depths, compiling);
    }
}

/// Gives how many calls lie within one another from here on.
fn follow<'a>(
    name: &'a str,
    all: &ByName<'a>,
    way: &mut Vec<&'a str>,
    depths: &mut BTreeMap<&'a str, usize>,
    compiling: &Compiling<'_>,
) -> usize {
    let Some((_, path)) = all.get(name) else { return 0 };
    if let Some(depth) = depths.get(name) {
        return *depth;
    }
    way.push(name);
    let mut deepest = 0;
    for (called, _) in path.calls() {
        if let Some(from) = way.iter().position(|other| *other == called.value) {
            let circle = way.get(from..).unwrap_or_default().join("` calls `");
            let message = format!("these calls never end: `{circle}` calls `{}`", called.value);
            let finding = Finding::error("calls-in-a-circle", called.span, message);
            compiling.report(finding.help("processes may share a third one, but not call each other"));
            continue;
        }
        let depth = 1 + follow(&called.value, all, way, depths, compiling);
        // Told once, where it is first too much.
        if depth == DEEPEST + 1 {
            let message = format!("more than {DEEPEST} calls lie within one another from here on");
            compiling.report(Finding::error("calls-too-deep", called.span, message));
        }
        deepest = deepest.max(depth);
    }
    way.pop();
    depths.insert(name, deepest);
    deepest
}

/// Compiles the processes, callers before those they call.
pub fn compile(declared: &Declarations, compiling: &Compiling<'_>) {
    let all = by_name(declared);
    if compiling.findings.borrow().has("calls-in-a-circle") {
        return;
    }
    let mut order = Vec::new();
    let mut done = BTreeSet::new();
    for name in all.keys() {
        visit(name, &all, &mut done, &mut order);
    }
    for name in order.into_iter().rev() {
        let (Some((name, path)), Some(callee)) = (all.get(name), compiling.processes.get(name)) else {
            continue;
        };
        for (span, answers) in operations(&name.value, declared) {
            answering::check(path, span, answers, compiling);
        }
        let output = output(&name.value, declared, &all);
        let here = Here {
            owed: true,
            output: output.and_then(|output| compiling.profiles.get(&output.name.value)).cloned(),
            ..compiling.entering(&name.value)
        };
        if let Some(process) = compile_one(&name.value, path, name.span, here, compiling) {
            callee.process.fill(process);
        }
    }
}

/// Puts a process behind all that it calls.
fn visit<'a>(name: &'a str, all: &ByName<'a>, done: &mut BTreeSet<&'a str>, order: &mut Vec<&'a str>) {
    let Some((_, path)) = all.get(name) else { return };
    if !done.insert(name) {
        return;
    }
    for (called, _) in path.calls() {
        visit(&called.value, all, done, order);
    }
    order.push(name);
}

/// The operations that run a process: where each names it, and whether it has an answer; `None` where that is unknown.
fn operations(name: &str, declared: &Declarations) -> Vec<(Span, Option<bool>)> {
    let runs = declared.operations.iter().filter_map(|operation| match &operation.work {
        Some(DeclaredWork::Named(named)) if named.value == name => {
            Some((named.span, (!operation.broken).then_some(operation.output.is_some())))
        }
        _ => None,
    });
    runs.collect()
}

/// What the answer of a process is, where one operation runs it and no other process does.
fn output<'d>(name: &str, declared: &'d Declarations, all: &ByName<'_>) -> Option<&'d DeclaredIo> {
    let called = |path: &DeclaredPath| path.calls().iter().any(|(called, _)| called.value == name);
    let inline = declared
        .operations
        .iter()
        .any(|operation| matches!(&operation.work, Some(DeclaredWork::Inline(path, _)) if called(path)));
    if inline || all.values().any(|(_, path)| called(path)) {
        return None;
    }
    let mut runs = declared.operations.iter().filter(
        |operation| matches!(&operation.work, Some(DeclaredWork::Named(named)) if named.value == name),
    );
    runs.next().filter(|_| runs.next().is_none())?.output.as_ref()
}

/// Compiles the steps of a process; `None` after findings.
pub fn compile_one(
    name: &str,
    path: &DeclaredPath,
    span: Span,
    mut here: Here,
    compiling: &Compiling<'_>,
) -> Option<Arc<Process>> {
    if path.steps.is_empty() && !path.is_broken() {
        let finding = Finding::error("empty-process", span, "this process has no steps");
        compiling.report(finding.help("what it should do with the documents stands in its block"));
    }
    let compiled = path.compile(&mut here, compiling)?;
    let (returns, runs_on) = (path.returns(), path.runs_on(compiling));
    let runs_on = runs_on.map(|node| LastAnswer { kind: node.kind, place: compiling.place(node.span) });
    Some(Arc::new(Process { name: name.into(), path: compiled, returns, runs_on }))
}
