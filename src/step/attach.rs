//! The `attach` step: the documents go beside the answer, each in a part of its own.

use crate::document::Document;
use crate::kind::step::{DeclaredStep, Facts, StepKind};
use crate::kind::{Compiling, Here, Kinds, Manual, template};
use crate::mime::{MediaType, is_id};
use crate::pipeline::failure::Failure;
use crate::pipeline::part;
use crate::pipeline::run::Run;
use crate::pipeline::step::{Documents, Step, Work};
use crate::pipeline::template::{Escape, Template};
use crate::source::{Finding, Spanned};
use crate::syntax::{Literal, Node};

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
               without an output has no answer that they could go with.",
        example: "file read=\"terms.pdf\"\nattach name=\"terms.pdf\" type=\"application/pdf\"",
    },
    read,
};

#[derive(Debug)]
struct Declared {
    name: Option<Spanned<Literal>>,
    id: Option<Spanned<Literal>>,
    kind: Option<Spanned<Literal>>,
}

#[derive(Debug)]
struct Attach {
    name: Option<Template>,
    id: Option<Template>,
    kind: Option<Template>,
}

fn read(mut node: Node<'_>, _: &Kinds) -> Option<Box<dyn DeclaredStep>> {
    let (name, id, kind) = (node.property("name"), node.property("id"), node.property("type"));
    node.finish();
    Some(Box::new(Declared { name, id, kind }))
}

impl DeclaredStep for Declared {
    fn facts(&self) -> Facts<'_> {
        Facts { shapes_answer: true, attaches: true, ..Facts::default() }
    }

    fn compile(&self, here: &mut Here, compiling: &Compiling<'_>) -> Option<Box<dyn Step>> {
        let one = |literal: &Option<Spanned<Literal>>| match literal {
            Some(literal) => template::compile(literal, Escape::None, here.shape(), compiling).map(Some),
            None => Some(None),
        };
        let (name, id, kind) = (one(&self.name), one(&self.id), one(&self.kind));
        let (name, id, kind) = (name?, id?, kind?);
        let plain = |template: &Option<Template>| template.as_ref().and_then(Template::plain);
        if let (Some(given), Some(text)) = (&self.kind, plain(&kind))
            && MediaType::parse(&text).is_none()
        {
            let finding =
                Finding::error("bad-media-type", given.span, format!("`{text}` is not a media type"));
            compiling.report(finding.help("such as \"application/pdf\" or \"image/png\""));
            return None;
        }
        if let (Some(given), Some(text)) = (&self.id, plain(&id))
            && !is_id(&text)
        {
            let finding =
                Finding::error("bad-attachment-id", given.span, format!("`{text}` cannot be a Content-ID"));
            compiling.report(
                finding.help("letters, digits and signs of ASCII, without spaces, quotes and angle brackets"),
            );
            return None;
        }
        Some(Box::new(Attach { name, id, kind }))
    }
}

impl Attach {
    fn attachment(&self, run: &Run, document: &Document) -> Result<Document, Failure> {
        let mut attachment = document.clone();
        // A part without an id has its number, which is nobody's name for it.
        if document.properties.get(part::ID).is_some_and(|id| id.bytes().all(|byte| byte.is_ascii_digit())) {
            attachment.properties.remove(part::ID);
        }
        let given = [(part::FILENAME, &self.name), (part::ID, &self.id), (part::TYPE, &self.kind)];
        for (property, template) in given {
            let Some(template) = template else { continue };
            let text = template.fill(run, document)?;
            if property == part::ID && !is_id(&text) {
                let log = format!("{text:?} was to be the id of an attachment, and cannot");
                return Err(Failure::internal("bad-attachment-id", log));
            }
            attachment.properties.set(property, text);
        }
        Ok(attachment)
    }
}

impl Step for Attach {
    fn run<'a>(&'a self, run: &'a Run, documents: Documents) -> Work<'a> {
        let attachments = documents.iter().map(|document| self.attachment(run, document));
        let attachments: Result<Documents, Failure> = attachments.collect();
        attachments.and_then(|attachments| run.attach(attachments)).map(|()| documents).into()
    }
}
