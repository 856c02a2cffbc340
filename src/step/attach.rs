//! The `attach` step: the documents go beside the answer, each in a part of its own.

use crate::kind::step::{DeclaredStep, Facts, StepKind};
use crate::kind::{Compiling, Here, Kinds, Manual};
use crate::pipeline::failure::Failure;
use crate::pipeline::run::Run;
use crate::pipeline::step::{Documents, Step, Work};
use crate::step::beside::{DeclaredNames, Names};
use crate::syntax::Node;

/// The kind.
pub const KIND: StepKind = StepKind {
    manual: Manual {
        name: "attach",
        summary: "adds the documents to the answer as attachments",
        usage: "attach [name=TEXT] [id=TEXT] [type=TEXT]",
        text: "Each document becomes an attachment of the answer as it is now, and goes on unchanged. `name=` is the file's name, \
               `id=` the Content-ID without its angle brackets, `type=` the media type; they may hold placeholders. Without them \
               they are what `part.filename`, `part.id` and `part.type` say; then an id of its own, and the type of the \
               document's format. Over SOAP the envelope is the first part and the attachments follow (SwA, or MTOM where the \
               answer is that); over REST and plain HTTP the answer is multipart/related with the document first, and where the \
               output is `multipart`, they are further parts of it. Two of one id fail with bad-attachment-id. An operation \
               without an output has no answer that they could go with. In the block of a call, `attach` is what goes beside its body: \
               `soapstone explain soap`.",
        example: "file read=\"terms.pdf\"\nattach name=\"terms.pdf\" type=\"application/pdf\"",
    },
    read,
};

#[derive(Debug)]
struct Declared(DeclaredNames);

#[derive(Debug)]
struct Attach(Names);

fn read(mut node: Node<'_>, _: &Kinds) -> Option<Box<dyn DeclaredStep>> {
    let names = DeclaredNames::read(&mut node);
    node.finish();
    Some(Box::new(Declared(names)))
}

impl DeclaredStep for Declared {
    fn facts(&self) -> Facts<'_> {
        Facts { shapes_answer: true, attaches: true, ..Facts::default() }
    }

    fn compile(&self, here: &mut Here, compiling: &Compiling<'_>) -> Option<Box<dyn Step>> {
        Some(Box::new(Attach(self.0.compile(here, compiling)?)))
    }
}

impl Step for Attach {
    fn run<'a>(&'a self, run: &'a Run, documents: Documents) -> Work<'a> {
        let attachments = documents.iter().map(|document| self.0.of(run, document));
        let attachments: Result<Documents, Failure> = attachments.collect();
        attachments.and_then(|attachments| run.attach(attachments)).map(|()| documents).into()
    }

    fn gives_each(&self) -> bool {
        true
    }
}
