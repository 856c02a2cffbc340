//! The `call` step: runs another process.

use crate::kind::step::{DeclaredStep, Facts, StepKind};
use crate::kind::{Compiling, Here, Kinds, Manual};
use crate::pipeline::run::Run;
use crate::pipeline::step::{Documents, Step, Work};
use crate::source::{Finding, Spanned};
use crate::step::called::Called;
use crate::syntax::Node;

/// The kind.
pub const KIND: StepKind = StepKind {
    manual: Manual {
        name: "call",
        summary: "runs another process",
        usage: "call PROCESS [each=#true] [wait=#false] [abort=#true]",
        text: "Runs the process with all documents, and goes on with what it returns; where no step of it is a `return`, with what \
               reaches its end, as if its steps stood here. `each=#true` runs it once for each document, one after the other. \
               `process.NAME` properties, `response.status` and header fields that it sets hold for the caller too, and \
               properties of documents travel with them. A failure in it goes to the nearest `try` around the call; with \
               `abort=#true` nothing catches it, and the whole execution fails. `wait=#false` lets it run on by itself: the \
               documents go on at once and unchanged, it sees a copy of the properties, and its failure is logged and kept; when too much runs on already, the call fails with \
               503. \
               Processes must not call each other in a circle.",
        example: "call approve",
    },
    read,
};

#[derive(Debug)]
struct Declared {
    name: Spanned<String>,
    each: bool,
    wait: bool,
    abort: Option<Spanned<bool>>,
}

#[derive(Debug)]
struct Call {
    called: Called,
    each: bool,
    wait: bool,
}

fn read(mut node: Node<'_>, _: &Kinds) -> Option<Box<dyn DeclaredStep>> {
    let name = node.argument("process's name");
    let each = node.property::<bool>("each").is_some_and(|given| given.value);
    let wait = node.property::<bool>("wait").is_none_or(|given| given.value);
    let abort = node.property("abort");
    node.finish();
    Some(Box::new(Declared { name: name?, each, wait, abort }))
}

impl DeclaredStep for Declared {
    fn facts(&self) -> Facts<'_> {
        Facts { calls: vec![(&self.name, self.wait)], ..Facts::default() }
    }

    fn compile(&self, here: &mut Here, compiling: &Compiling<'_>) -> Option<Box<dyn Step>> {
        let aborts = self.abort.as_ref().is_some_and(|given| given.value);
        let before = here.document.clone();
        let called = Called::compile(&self.name, aborts, here, compiling);
        if !self.wait {
            here.document = before;
            if let Some(abort) = self.abort.as_ref().filter(|_| aborts) {
                let message = "nobody waits for this process, so its failure can end nothing";
                let finding = Finding::error("no-abort", abort.span, message);
                compiling.report(finding.help("remove wait=#false or abort=#true"));
            }
        }
        Some(Box::new(Call { called: called?, each: self.each, wait: self.wait }))
    }
}

impl Call {
    async fn once(
        &self,
        run: &Run,
        documents: Documents,
    ) -> Result<Documents, crate::pipeline::failure::Failure> {
        if self.wait {
            return self.called.wait(run, documents).await;
        }
        self.called.start(run, documents.clone())?;
        Ok(documents)
    }
}

impl Step for Call {
    fn run<'a>(&'a self, run: &'a Run, documents: Documents) -> Work<'a> {
        Work::Later(Box::pin(async move {
            if !self.each {
                return self.once(run, documents).await;
            }
            let mut out = run.gather();
            for document in documents {
                run.turn().await?;
                out.add(self.once(run, vec![document]).await?)?;
            }
            Ok(out.done())
        }))
    }
}
