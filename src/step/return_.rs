//! The `return` step: the documents become part of the answer.

use crate::kind::path::Side;
use crate::kind::step::{DeclaredStep, Facts, Flow, StepKind};
use crate::kind::{Compiling, Here, Kinds, Manual};
use crate::pipeline::operation::Profile;
use crate::pipeline::run::Run;
use crate::pipeline::step::{Documents, Step, Work};
use crate::schema::ShapeKind;
use crate::source::{Finding, Span};
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
struct Return;

fn read(node: Node<'_>, _: &Kinds) -> Option<Box<dyn DeclaredStep>> {
    let span = node.name_span();
    node.finish();
    Some(Box::new(Declared(span)))
}

impl Declared {
    /// Whether the documents that are known to come here are such as the output says; `None` after an error.
    fn check(&self, known: &Side, output: &Profile, compiling: &Compiling<'_>) -> Option<()> {
        let (has, wants) = (known.format.to_uppercase(), output.codec.format().to_uppercase());
        let help = format!("a `map` to profile `{}` makes of them what is answered", output.name);
        let message = if has != wants {
            format!("the output is {wants}, and the documents here are {has}")
        } else if known.differs(&output.shape) {
            let (is, other) = (&output.shape.name, &known.shape.name);
            format!("the output is of documents of `{is}`, and those here are of `{other}`")
        } else {
            let anything = matches!(known.shape.kind, ShapeKind::Any);
            if !anything && known.shape.kind != output.shape.kind {
                let message =
                    format!("the documents here are of another profile than the output `{}`", output.name);
                let finding = Finding::warning("other-profile", self.0, message);
                compiling.report(finding.help(help));
            }
            return Some(());
        };
        compiling.report(Finding::error("wrong-document", self.0, message).help(help));
        None
    }
}

impl DeclaredStep for Declared {
    fn facts(&self) -> Facts<'_> {
        Facts { flow: Flow::Answers, returns: true, ..Facts::default() }
    }

    fn compile(&self, here: &mut Here, compiling: &Compiling<'_>) -> Option<Box<dyn Step>> {
        if let (Some(known), Some(output)) = (&here.document, &here.output) {
            self.check(known, output, compiling)?;
        }
        Some(Box::new(Return))
    }
}

impl Step for Return {
    fn run<'a>(&'a self, run: &'a Run, documents: Documents) -> Work<'a> {
        run.give_back(documents).map(|()| Documents::new()).into()
    }
}
