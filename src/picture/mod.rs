//! Processes as they are written, for whoever shows them: as an outline, as a graph, as a drawing.

mod graph;
mod layout;
mod svg;

use crate::source::Place;

pub use graph::{Edge, Graph, Node, NodeKind};
pub use svg::svg;

/// A process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// Its name, or its operation's.
    pub name: String,
    /// Where it is declared.
    pub place: Place,
    /// Its steps.
    pub steps: Vec<Step>,
}

/// A path inside a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// What it is in the step: `then`, `path "store"`; empty where the step has only one.
    pub name: String,
    /// Where it begins.
    pub place: Place,
    /// Its steps.
    pub steps: Vec<Step>,
}

/// A step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The kind's name: `map`, `branch`.
    pub kind: &'static str,
    /// How it begins in the file, on one line.
    pub text: String,
    /// Where it is written.
    pub place: Place,
    /// The paths inside it.
    pub inner: Vec<Path>,
    /// Which of them a document takes.
    pub takes: Takes,
    /// Whether its path ends here: `return`, `throw`, `stop`.
    pub ends: bool,
    /// The processes that it runs, each once.
    pub calls: Vec<String>,
}

/// Which of the paths inside a step a document takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// All of them, one after the other.
    Every,
    /// One of them.
    One,
    /// One of them, or none.
    OneOrPast,
}

/// A line of an outline: where it stands in the file, how deep it is set in, and what it says.
pub type Line<'a> = (&'a Place, usize, &'a str);

impl Process {
    /// Its steps in the order of the file, the names of their paths above those.
    pub fn outline(&self) -> Vec<Line<'_>> {
        let mut lines = Vec::new();
        outline(&self.steps, 0, &mut lines);
        lines
    }
}

fn outline<'a>(steps: &'a [Step], depth: usize, lines: &mut Vec<Line<'a>>) {
    for step in steps {
        lines.push((&step.place, depth, &step.text));
        for path in &step.inner {
            // A path that is not written, such as the `else` of a decision without one, is none of the file.
            let named = !path.name.is_empty() && (!path.steps.is_empty() || path.place != step.place);
            if named {
                lines.push((&path.place, depth + 1, &path.name));
            }
            outline(&path.steps, depth + 1 + usize::from(named), lines);
        }
    }
}
