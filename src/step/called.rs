//! Running another process, as `call` and `dispatch` do.

use std::rc::Rc;
use std::sync::Arc;

use crate::kind::{Compiling, Here};
use crate::pipeline::execution::Unawaited;
use crate::pipeline::failure::{End, Failure};
use crate::pipeline::run::Run;
use crate::pipeline::step::{Documents, Outcome, ProcessRef};
use crate::source::Spanned;

/// A process to run, compiled.
#[derive(Debug)]
pub struct Called {
    name: String,
    process: ProcessRef,
    /// Whether what it returns goes on, else what reaches its end.
    returns: bool,
    /// Whether its failure ends the whole execution.
    aborts: bool,
}

impl Called {
    /// The process of a name, which is noted to be entered with the documents that are known here; `None` after a finding.
    pub fn compile(
        name: &Spanned<String>,
        aborts: bool,
        here: &mut Here,
        compiling: &Compiling<'_>,
    ) -> Option<Self> {
        let callee = compiling.process(name, here.document.take(), here.data)?;
        let (process, returns) = (callee.process.clone(), callee.returns);
        Some(Self { name: name.value.clone(), process, returns, aborts })
    }

    /// Runs it to its end and gives what goes on.
    pub async fn wait(&self, run: &Run, documents: Documents) -> Outcome {
        if let Some(stand_in) = run.execution.stand_in(&self.name) {
            return Ok(vec![stand_in]);
        }
        let process = self.process.get()?;
        let base = run.answer_base();
        let part = run.part();
        // What it returns goes on here.
        part.answers_data.set(false);
        let ran = part.whole(&process.path, documents).await;
        let end = ran.map_err(|failure| {
            run.keep_blocks(&part);
            self.failed(failure)
        })?;
        let mut returned = part.finish();
        let out = std::mem::take(&mut returned.documents);
        run.take_in(&base, returned)?;
        Ok(if self.returns { out } else { end })
    }

    fn failed(&self, failure: Failure) -> Failure {
        let mut failure = if self.aborts { failure.ending(End::Whole) } else { failure };
        failure.steps.insert(0, self.name.as_str().into());
        failure
    }

    /// Lets it run on by itself.
    ///
    /// # Errors
    /// 503: there is too much under way.
    pub fn start(&self, run: &Run, documents: Documents) -> Result<(), Failure> {
        if run.execution.stand_in(&self.name).is_some() {
            return Ok(());
        }
        let process = Arc::clone(self.process.get()?);
        let background = Rc::clone(&run.execution.around.background);
        let alone = Rc::new(run.detached(&documents)?);
        let (own, entered) = (Rc::clone(&alone), documents.clone());
        let rest = Box::pin(async move { own.whole(&process.path, entered).await });
        let what = Arc::from(self.name.as_str());
        background.start(Unawaited { what, run: alone, documents, detached: true, rest })
    }
}
