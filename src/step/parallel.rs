//! The `parallel` step: works on several documents at the same time, and keeps their order.

use futures_util::stream::{StreamExt, TryStreamExt, iter};

use crate::kind::step::{DeclaredPath, DeclaredStep, Facts, StepKind};
use crate::kind::{Compiling, Here, Kinds, Manual};
use crate::pipeline::answer::Returned;
use crate::pipeline::failure::{End, Failure};
use crate::pipeline::run::Run;
use crate::pipeline::step::{Documents, Path, Step, Work};
use crate::source::{Finding, Span, Spanned};
use crate::syntax::Node;

/// The kind.
pub const KIND: StepKind = StepKind {
    manual: Manual {
        name: "parallel",
        summary: "runs its steps for several documents at the same time",
        usage: "parallel N { STEP... }",
        text: "Each document goes through the steps alone, at most N (1 to 100) of them at the same time. What comes out goes on \
               in the order in which the documents came in, whichever was done first, and so does what they return. The \
               first failure cancels those that are under way and those that wait, and is the failure of the step: put a \
               `try` into it to catch for each document. Scripts and maps of one request share a core: what is gained is \
               the waiting for other systems.",
        example: "split \"Order/Line\"\nparallel 8 {\n    wait \"10ms\"\n    set checked value=\"yes\"\n}",
    },
    read,
};

const MOST: usize = 100;

#[derive(Debug)]
struct Declared {
    span: Span,
    most: Spanned<usize>,
    path: DeclaredPath,
}

#[derive(Debug)]
struct Parallel {
    most: usize,
    path: Path,
}

fn read(mut node: Node<'_>, kinds: &Kinds) -> Option<Box<dyn DeclaredStep>> {
    let span = node.name_span();
    let most = node.argument("number");
    let path = DeclaredPath { span, ..DeclaredPath::read(node.children(), kinds) };
    node.finish();
    Some(Box::new(Declared { span, most: most?, path }))
}

impl DeclaredStep for Declared {
    fn facts(&self) -> Facts<'_> {
        Facts { inner: vec![&self.path], ..Facts::default() }
    }

    fn compile(&self, here: &mut Here, compiling: &Compiling<'_>) -> Option<Box<dyn Step>> {
        let most = self.most.value;
        if !(1..=MOST).contains(&most) {
            let message = format!("{most} documents cannot be worked on at the same time");
            let finding = Finding::error("bad-parallel", self.most.span, message);
            compiling.report(finding.label(format!("expected 1 to {MOST}")));
        }
        if self.path.steps.is_empty() && !self.path.is_broken() {
            let finding = Finding::error("empty-parallel", self.span, "this `parallel` has no steps");
            compiling.report(finding.help("put the steps for each document into it"));
        }
        let path = self.path.compile(here, compiling);
        Some(Box::new(Parallel { most, path: path? }))
    }
}

impl Step for Parallel {
    fn run<'a>(&'a self, run: &'a Run, documents: Documents) -> Work<'a> {
        Work::Later(Box::pin(async move {
            let base = run.answer_base();
            let mut done: Vec<Option<(Documents, Returned)>> = documents.iter().map(|_| None).collect();
            let one = |(at, document)| async move {
                let part = run.part();
                let out = part.path(&self.path, vec![document]).await?;
                Ok::<_, Failure>((at, out, part.finish()))
            };
            // As they are done: a failure must not wait for those before it.
            let mut ends = iter(documents.into_iter().enumerate()).map(one).buffer_unordered(self.most);
            let mut weight = run.gather();
            let mut ended = Ok(());
            loop {
                let (at, documents, returned) = match ends.try_next().await {
                    Ok(Some(done)) => done,
                    Ok(None) => break,
                    Err(failure) => {
                        ended = Err(failure);
                        break;
                    }
                };
                weight.count(&documents)?;
                if let Some(slot) = done.get_mut(at) {
                    *slot = Some((documents, returned));
                }
            }
            drop((ends, weight));
            if let Err(failure) = &ended
                && failure.end != End::Stop
            {
                return ended.map(|()| Documents::new());
            }
            let mut out = run.gather();
            for (documents, returned) in done.into_iter().flatten() {
                out.add(documents)?;
                run.take_in(&base, returned)?;
            }
            // `stop all=#true` keeps what was returned so far.
            ended.map(|()| out.done())
        }))
    }
}
