//! Whether a process answers: on every way that a document can take, for an operation that has an output.

use crate::kind::Compiling;
use crate::kind::step::{DeclaredNode, DeclaredPath, Flow, Share};
use crate::source::{Finding, Span};

/// An operation with an output needs an answer on every way; one without has no use for it. `span` is where the operation
/// names the process, `answers` whether it has an output, `None` where that is unknown.
pub fn check(path: &DeclaredPath, span: Span, answers: Option<bool>, compiling: &Compiling<'_>) {
    if path.steps.is_empty() || !path.is_whole() {
        return;
    }
    match answers {
        Some(true) if !path.returns() && path.flow() == Flow::On => {
            let message = "this operation has an output, and no step of its process is a `return`";
            let finding = Finding::error("never-returns", span, message);
            compiling.report(finding.help("end the path whose documents are the answer with `return`"));
        }
        Some(true) if path.flow() == Flow::On => {
            let way = open_end(path, span);
            let mut finding = Finding::error("ends-without-answer", way.span, way.message());
            finding = finding
                .help("end it with `return` or `throw`, or with `stop` where an empty answer is meant");
            compiling.report(finding.also(span, "this operation has an output"));
        }
        Some(false) if path.returns() => {
            let message = "this operation has no output, and its process has a `return`";
            let finding = Finding::error("nothing-to-return", span, message);
            compiling.report(finding.help("declare the output, or end the path with `stop`"));
        }
        Some(false) if path.any(&|facts| facts.attaches) => {
            let message = "this operation has no output, and its process has an `attach`";
            let finding = Finding::error("nothing-to-attach-to", span, message);
            compiling.report(finding.help("declare the output whose answer the attachments go with"));
        }
        _ => {}
    }
}

/// A way through a process that ends without an answer.
struct Way {
    /// The paths on it, outermost first.
    names: Vec<String>,
    span: Span,
}

impl Way {
    fn message(&self) -> String {
        match self.names.as_slice() {
            [] => "this process ends here without an answer".to_owned(),
            names => format!("documents that take `{}` end without an answer", names.join("` > `")),
        }
    }
}

/// The first such way. A step that sends some documents to an answer and others past it is where it begins.
fn open_end(path: &DeclaredPath, span: Span) -> Way {
    let last = path.steps.last();
    let divides = path.steps.iter().rev().find(|node| divides(node));
    let Some(node) = divides else {
        return Way { names: Vec::new(), span: last.map_or(span, |node| node.span) };
    };
    let facts = node.step.facts();
    if facts.share == Share::OneOrPast {
        let names = vec![format!("no path of this {}", node.kind)];
        return Way { names, span: node.span };
    }
    let open = facts.inner.iter().find(|path| path.flow() == Flow::On);
    let Some(open) = open else { return Way { names: Vec::new(), span: node.span } };
    let mut way = open_end(open, open.span);
    way.names.insert(0, open.name.to_string());
    way
}

/// Whether a step has a path that answers and one that does not.
fn divides(node: &DeclaredNode) -> bool {
    let flows: Vec<Flow> = node.step.facts().inner.iter().map(|path| path.flow()).collect();
    node.flow() == Flow::On && flows.iter().any(|flow| *flow != Flow::On)
}
