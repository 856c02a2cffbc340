//! The `return` step: the documents become part of the answer.

use std::borrow::Cow;

use crate::kind::step::{DeclaredStep, Facts, Flow, StepKind};
use crate::kind::{Compiling, Here, Kinds, Manual};
use crate::pipeline::failure::Failure;
use crate::pipeline::leaving::Leaving;
use crate::pipeline::run::Run;
use crate::pipeline::step::{Documents, Step, WithComing, Work};
use crate::source::Span;
use crate::syntax::Node;

/// The kind.
pub const KIND: StepKind = StepKind {
    manual: Manual {
        name: "return",
        summary: "adds the documents to the answer and ends the path",
        usage: "return",
        text: "The documents are added to the answer in the order in which they arrive. Several `return` steps of one \
               process gather for an output of many. Nothing may stand behind it in its path. \
               Where the documents are known to be of another format or root than the output, that is a mistake.",
        example: "return",
    },
    read,
};

#[derive(Debug)]
struct Declared(Span);

#[derive(Debug)]
struct Return {
    /// What is done with the documents, where no profile of an output says it.
    leaving: Option<Leaving>,
}

fn read(node: Node<'_>, _: &Kinds) -> Option<Box<dyn DeclaredStep>> {
    let span = node.name_span();
    node.finish();
    Some(Box::new(Declared(span)))
}

impl DeclaredStep for Declared {
    fn facts(&self) -> Facts<'_> {
        Facts { flow: Flow::Answers, returns: true, ..Facts::default() }
    }

    fn compile(&self, here: &mut Here, compiling: &Compiling<'_>) -> Option<Box<dyn Step>> {
        if let (Some(known), Some(output)) = (&here.document, &here.output) {
            known.check_is(output, "the output", self.0, compiling)?;
        }
        Some(Box::new(Return { leaving: here.leaving() }))
    }
}

impl Step for Return {
    fn run<'a>(&'a self, run: &'a Run, documents: Documents) -> Work<'a> {
        let documents = match self.leaving.as_ref().filter(|_| run.answers_data.get()) {
            None => Ok(documents),
            Some(known) => {
                let limits = run.request().limits;
                let left = documents.iter().map(|one| known.document(one, limits).map(Cow::into_owned));
                left.collect::<Result<Documents, Failure>>()
            }
        };
        documents.and_then(|documents| run.give_back(documents)).map(|()| Documents::new()).into()
    }

    fn with_coming(&self) -> WithComing {
        if self.leaving.is_some() { WithComing::Reads } else { WithComing::Passes }
    }
}
