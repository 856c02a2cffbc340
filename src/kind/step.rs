//! The step kind: how a step is read, what it says about itself, and what it compiles to.

use std::fmt::Debug;

use super::{Compiling, Kinds, Manual};
use crate::pipeline::step::{Path, Step, StepNode};
use crate::source::{Finding, Span};
use crate::syntax::Node;

/// One kind of step.
#[derive(Debug, Clone, Copy)]
pub struct StepKind {
    /// Its manual entry; the name is the node's.
    pub manual: Manual,
    /// Reads its node; `None` after findings.
    pub read: fn(Node<'_>, &Kinds) -> Option<Box<dyn DeclaredStep>>,
}

/// How a path goes on after a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// To the next step.
    On,
    /// It ends here: `return`, `stop`, `throw`.
    Ends,
}

/// What a declared step is made of, known before it is compiled.
#[derive(Debug, Default)]
pub struct Facts<'a> {
    /// The paths inside it.
    pub inner: Vec<&'a DeclaredPath>,
    /// Whether documents can come out behind it.
    pub flow: Option<Flow>,
    /// Whether it adds its documents to the answer.
    pub returns: bool,
}

/// A step as declared.
pub trait DeclaredStep: Debug {
    /// What it is made of.
    fn facts(&self) -> Facts<'_> {
        Facts::default()
    }

    /// Checks it and makes what runs; `None` after findings.
    fn compile(&self, compiling: &Compiling<'_>) -> Option<Box<dyn Step>>;
}

/// Steps in order, as declared.
#[derive(Debug, Default)]
pub struct DeclaredPath {
    /// The steps.
    pub steps: Vec<DeclaredNode>,
    /// Whether a step could not be read: then nothing follows from what is not there.
    pub broken: bool,
}

/// A step with its kind and its place.
#[derive(Debug)]
pub struct DeclaredNode {
    /// The kind's name.
    pub kind: &'static str,
    /// Where its name stands.
    pub span: Span,
    /// What it says.
    pub step: Box<dyn DeclaredStep>,
}

impl DeclaredPath {
    /// Reads the nodes of a block as steps.
    pub fn read(nodes: Vec<Node<'_>>, kinds: &Kinds) -> Self {
        let mut steps = Vec::new();
        let count = nodes.len();
        for node in nodes {
            let span = node.name_span();
            match kinds.steps.iter().find(|kind| kind.manual.name == node.name()) {
                Some(kind) => {
                    if let Some(step) = (kind.read)(node, kinds) {
                        steps.push(DeclaredNode { kind: kind.manual.name, span, step });
                    }
                }
                None => {
                    node.unknown("unknown-step", "a step", kinds.steps.iter().map(|kind| kind.manual.name))
                }
            }
        }
        let broken = steps.len() < count;
        Self { steps, broken }
    }

    /// Compiles the steps; `None` after findings.
    pub fn compile(&self, compiling: &Compiling<'_>) -> Option<Path> {
        self.check_reach(compiling);
        let mut whole = true;
        let mut steps = Vec::new();
        for node in &self.steps {
            match node.step.compile(compiling) {
                Some(step) => {
                    steps.push(StepNode { kind: node.kind, place: compiling.place(node.span), step })
                }
                None => whole = false,
            }
        }
        whole.then_some(Path { steps })
    }

    /// A step behind one that ends its path can never run.
    fn check_reach(&self, compiling: &Compiling<'_>) {
        for pair in self.steps.windows(2) {
            let [step, next] = pair else { continue };
            if step.flow() == Flow::Ends {
                let message =
                    format!("`{}` can never run: `{}` before it ends the path", next.kind, step.kind);
                compiling.report(
                    Finding::error("unreachable-step", next.span, message)
                        .also(step.span, "the path ends here"),
                );
                return;
            }
        }
    }

    /// Whether documents can reach the end of the path.
    pub fn flow(&self) -> Flow {
        let ends = self.steps.iter().any(|node| node.flow() == Flow::Ends);
        if ends { Flow::Ends } else { Flow::On }
    }

    /// Whether all its steps could be read, and those of the paths inside it.
    pub fn is_whole(&self) -> bool {
        !self.broken
            && self.steps.iter().all(|node| node.step.facts().inner.iter().all(|path| path.is_whole()))
    }

    /// Whether a `return` stands in it or in a path inside it.
    pub fn returns(&self) -> bool {
        self.steps.iter().any(|node| {
            let facts = node.step.facts();
            facts.returns || facts.inner.iter().any(|path| path.returns())
        })
    }
}

impl DeclaredNode {
    /// A step with paths inside ends the path when all of them do.
    fn flow(&self) -> Flow {
        let facts = self.step.facts();
        match facts.flow {
            Some(flow) => flow,
            None if !facts.inner.is_empty() && facts.inner.iter().all(|path| path.flow() == Flow::Ends) => {
                Flow::Ends
            }
            None => Flow::On,
        }
    }
}
