//! The `for-each` step: its steps run for each document alone, one after the other.

use crate::kind::step::{DeclaredPath, DeclaredStep, Facts, StepKind};
use crate::kind::{Compiling, Here, Kinds, Manual};
use crate::pipeline::run::Run;
use crate::pipeline::step::{Documents, Path, Step, Work};
use crate::source::{Finding, Span};
use crate::syntax::Node;

/// The kind.
pub const KIND: StepKind = StepKind {
    manual: Manual {
        name: "for-each",
        summary: "runs its steps for one document after the other",
        usage: "for-each { STEP... }",
        text: "Each document goes through all the steps before the next begins. What comes out goes on in the order of the \
               documents. A failure ends the step, unless a `try` inside it catches: `for-each { try { ... catch { ... } } }` \
               lets the other documents go on.",
        example: "split \"Order/Line\"\nfor-each {\n    notify info \"line {= doc.Line.Sku}\"\n}",
    },
    read,
};

#[derive(Debug)]
struct Declared {
    span: Span,
    path: DeclaredPath,
}

#[derive(Debug)]
struct ForEach {
    path: Path,
}

fn read(mut node: Node<'_>, kinds: &Kinds) -> Option<Box<dyn DeclaredStep>> {
    let span = node.name_span();
    let path = DeclaredPath { span, ..DeclaredPath::read(node.children(), kinds) };
    node.finish();
    Some(Box::new(Declared { span, path }))
}

impl DeclaredStep for Declared {
    fn facts(&self) -> Facts<'_> {
        Facts { inner: vec![&self.path], ..Facts::default() }
    }

    fn compile(&self, here: &mut Here, compiling: &Compiling<'_>) -> Option<Box<dyn Step>> {
        if self.path.steps.is_empty() && !self.path.is_broken() {
            let finding = Finding::error("empty-for-each", self.span, "this `for-each` has no steps");
            compiling.report(finding.help("put the steps for each document into it"));
        }
        let path = self.path.compile(here, compiling);
        Some(Box::new(ForEach { path: path? }))
    }
}

impl Step for ForEach {
    fn run<'a>(&'a self, run: &'a Run, documents: Documents) -> Work<'a> {
        Work::Later(Box::pin(async move {
            let mut out = run.gather();
            let mut documents = documents.into_iter();
            while let Some(document) = documents.next() {
                let _hold = (documents.len() > 0).then(|| run.hold());
                out.add(run.path(&self.path, vec![document]).await?)?;
            }
            Ok(out.done())
        }))
    }
}
