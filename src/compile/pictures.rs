//! The processes of a file as pictures show them.

use std::collections::BTreeMap;

use crate::config::{Declarations, DeclaredWork};
use crate::kind::Compiling;
use crate::kind::step::{DeclaredNode, DeclaredPath, Flow, Share};
use crate::picture::{Path, Process, Step, Takes};
use crate::source::Span;

/// Pictures by the names of processes, and of operations that have one of their own.
pub type Pictures = BTreeMap<String, Process>;

/// The pictures of all processes.
pub fn pictures(declared: &Declarations, compiling: &Compiling<'_>) -> Pictures {
    let inline = declared.operations.iter().filter_map(|operation| match &operation.work {
        Some(DeclaredWork::Inline(path, _)) => Some((&operation.name, path)),
        _ => None,
    });
    let all = inline.chain(declared.processes.iter().map(|(name, path)| (name, path)));
    let one = |name: &str, span: Span, path: &DeclaredPath| Process {
        name: name.to_owned(),
        place: compiling.place(span),
        steps: steps(path, compiling),
    };
    all.map(|(name, path)| (name.value.clone(), one(&name.value, name.span, path))).collect()
}

fn steps(path: &DeclaredPath, compiling: &Compiling<'_>) -> Vec<Step> {
    path.steps.iter().map(|node| step(node, compiling)).collect()
}

fn step(node: &DeclaredNode, compiling: &Compiling<'_>) -> Step {
    let facts = node.step.facts();
    let inner = facts.inner.iter().map(|path| Path {
        name: path.name.to_string(),
        place: compiling.place(path.span),
        steps: steps(path, compiling),
    });
    let mut calls: Vec<String> = Vec::new();
    for (name, _) in &facts.calls {
        if !calls.contains(&name.value) {
            calls.push(name.value.clone());
        }
    }
    Step {
        kind: node.kind,
        text: node.text.clone(),
        place: compiling.place(node.span),
        takes: match facts.share {
            Share::Every => Takes::Every,
            Share::One => Takes::One,
            Share::OneOrPast => Takes::OneOrPast,
        },
        ends: inner.len() == 0 && facts.flow != Flow::On,
        inner: inner.collect(),
        calls,
    }
}
