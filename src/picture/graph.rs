//! A process as a graph: a node for each step, an edge for each way that documents can take from one to the next.

use super::{Process, Step, Takes};
use crate::source::Place;

/// A graph. Edges only lead to later nodes, and a node stands behind the one that it stands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Graph {
    /// The process's name.
    pub name: String,
    /// The first one is where documents enter.
    pub nodes: Vec<Node>,
    /// In the order of their ends.
    pub edges: Vec<Edge>,
}

/// A step, or an end of the process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// How it is drawn.
    pub kind: NodeKind,
    /// What it says.
    pub text: String,
    /// Where it is written.
    pub place: Place,
    /// The node that it stands in, and the position of its path there.
    pub within: Option<(usize, usize)>,
    /// Whether its one path is run for each document alone.
    pub each: bool,
}

/// What a node is to those who look at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NodeKind {
    /// Where documents enter the process.
    Start,
    /// A step.
    Step,
    /// A step that sends each document down one of several paths.
    Choice,
    /// A process that is run.
    Call,
    /// A step that adds to the answer and ends its path.
    Return,
    /// Another step that ends its path: `throw`, `stop`.
    Stop,
    /// Where documents leave the process that no step has stopped.
    End,
}

/// A way from one node to another, by their positions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// Where it begins.
    pub from: usize,
    /// The path inside that node with which it begins; `None` for a way on from its end.
    pub path: Option<usize>,
    /// Where it leads: where the path has no steps, behind the node.
    pub to: usize,
    /// What the path is called.
    pub label: String,
    /// Whether it is taken only after a failure.
    pub fails: bool,
}

/// A way whose other end is not known yet.
#[derive(Debug, Clone)]
struct Open {
    from: usize,
    path: Option<usize>,
    label: String,
    fails: bool,
}

impl Open {
    fn on(from: usize) -> Self {
        Self { from, path: None, label: String::new(), fails: false }
    }

    fn into_path(from: usize, at: usize, label: &str) -> Self {
        Self { from, path: Some(at), label: label.to_owned(), fails: label == "catch" }
    }
}

impl Graph {
    /// The graph of a process.
    pub fn of(process: &Process) -> Self {
        let mut graph = Self { name: process.name.clone(), nodes: Vec::new(), edges: Vec::new() };
        let start = graph.node(NodeKind::Start, &process.name, &process.place, None, Vec::new());
        let open = graph.path(&process.steps, None, vec![Open::on(start)]);
        if !open.is_empty() {
            graph.node(NodeKind::End, "end", &process.place, None, open);
        }
        graph
    }

    /// Adds a node to which all open ways lead.
    fn node(
        &mut self,
        kind: NodeKind,
        text: &str,
        place: &Place,
        within: Option<(usize, usize)>,
        open: Vec<Open>,
    ) -> usize {
        let to = self.nodes.len();
        self.nodes.push(Node { kind, text: text.to_owned(), place: place.clone(), within, each: false });
        let edge = |Open { from, path, label, fails }| Edge { from, path, to, label, fails };
        self.edges.extend(open.into_iter().map(edge));
        to
    }

    /// Adds steps; gives the ways that lead on behind them.
    fn path(&mut self, steps: &[Step], within: Option<(usize, usize)>, mut open: Vec<Open>) -> Vec<Open> {
        for step in steps {
            open = self.step(step, within, open);
        }
        open
    }

    fn step(&mut self, step: &Step, within: Option<(usize, usize)>, open: Vec<Open>) -> Vec<Open> {
        let kind = kind_of(step);
        let at = self.node(kind, &step.text, &step.place, within, open);
        if step.ends {
            return Vec::new();
        }
        if kind != NodeKind::Call && !step.calls.is_empty() {
            return self.calls(step, at);
        }
        if step.inner.is_empty() {
            return vec![Open::on(at)];
        }
        // A single path without a name, but for that of a `try`, is run for each document.
        let each = matches!(step.inner.as_slice(), [path] if path.name.is_empty() && step.kind != "try");
        self.nodes.get_mut(at).into_iter().for_each(|node| node.each = each);
        let mut behind = Vec::new();
        for (position, path) in step.inner.iter().enumerate() {
            let name = if each { "each document" } else { &path.name };
            let open = vec![Open::into_path(at, position, name)];
            behind.extend(self.path(&path.steps, Some((at, position)), open));
        }
        if step.takes == Takes::OneOrPast {
            behind.push(Open::into_path(at, step.inner.len(), "others"));
        }
        behind
    }

    /// Adds the processes among which a step chooses.
    fn calls(&mut self, step: &Step, at: usize) -> Vec<Open> {
        let mut behind = Vec::new();
        for (position, name) in step.calls.iter().enumerate() {
            let open = vec![Open::into_path(at, position, "")];
            let called = self.node(NodeKind::Call, name, &step.place, Some((at, position)), open);
            behind.push(Open::on(called));
        }
        behind
    }
}

fn kind_of(step: &Step) -> NodeKind {
    match step.kind {
        "return" => NodeKind::Return,
        _ if step.ends => NodeKind::Stop,
        "call" => NodeKind::Call,
        "try" => NodeKind::Step,
        _ if !step.calls.is_empty() || step.takes == Takes::OneOrPast => NodeKind::Choice,
        _ if step.inner.len() > 1 && step.takes == Takes::One => NodeKind::Choice,
        _ => NodeKind::Step,
    }
}
