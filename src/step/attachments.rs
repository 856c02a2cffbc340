//! The `attachments` step: what came beside the request's document takes the place of the documents.

use hyper::StatusCode;

use crate::document::Document;
use crate::kind::step::{DeclaredStep, StepKind};
use crate::kind::value::property_name;
use crate::kind::{Compiling, Here, Kinds, Manual, template};
use crate::mime::reference;
use crate::pipeline::failure::Failure;
use crate::pipeline::part;
use crate::pipeline::property::Property;
use crate::pipeline::run::Run;
use crate::pipeline::step::{Documents, Outcome, Step, Work};
use crate::pipeline::template::{Escape, Template};
use crate::source::Spanned;
use crate::syntax::{Literal, Node};

/// The kind.
pub const KIND: StepKind = StepKind {
    manual: Manual {
        name: "attachments",
        summary: "goes on with the attachments of the request, or of a call's answer",
        usage: "attachments [of=PROPERTY] [id=TEXT]",
        text: "The attachments of a SOAP request take the place of the documents, one document each, in their order; without any, \
               nothing goes on. `request.attachments` is how many there are. Data that an envelope includes (MTOM) is a value in \
               the request's document, and no attachment. Each has the properties `part.id`, its Content-ID or, without one, \
               its number; `part.type`, `part.filename`, `part.location`, and `part.header.NAME` for other Content- fields, \
               NAME in lower case. One that says it is XML or JSON is a document of that format, any other plain data. With \
               `id=`, which may hold placeholders, each document is replaced by the one attachment of that id or location, as \
               a name or as a cid: address; its own properties stay, and one that is not there fails with no-attachment. `of=` takes in place of the request's what \
               the keep-parts of a `soap` or `http` step kept under that property of each document.",
        example: "branch {\n    path files { attachments; file write=\"in/{part.id}\" }\n    path order { map order-to-receipt; return }\n}",
    },
    read,
};

#[derive(Debug)]
struct Declared {
    of: Option<Spanned<Literal>>,
    id: Option<Spanned<Literal>>,
}

#[derive(Debug)]
struct Attachments {
    /// The property that tells which answer's they are; without one they are the request's.
    of: Option<Property>,
    id: Option<Template>,
}

fn read(mut node: Node<'_>, _: &Kinds) -> Option<Box<dyn DeclaredStep>> {
    let (of, id) = (node.property("of"), node.property("id"));
    node.finish();
    Some(Box::new(Declared { of, id }))
}

impl DeclaredStep for Declared {
    fn compile(&self, here: &mut Here, compiling: &Compiling<'_>) -> Option<Box<dyn Step>> {
        let shape = here.document.take().map(|side| side.shape);
        let of = self.of.as_ref().map(|of| property_name(of, compiling));
        let id = self.id.as_ref().map(|id| template::compile(id, Escape::None, shape.as_ref(), compiling));
        // The outer one is whether it was written, the inner one whether it is right.
        let right = of.as_ref().is_none_or(Option::is_some) && id.as_ref().is_none_or(Option::is_some);
        right.then(|| Box::new(Attachments { of: of.flatten(), id: id.flatten() }) as Box<dyn Step>)
    }
}

impl Step for Attachments {
    fn run<'a>(&'a self, run: &'a Run, documents: Documents) -> Work<'a> {
        match (&self.id, &self.of) {
            (None, None) => Ok(run.execution.attachments.clone()).into(),
            (None, Some(of)) => kept(of, run, &documents).into(),
            (Some(id), _) => Work::Later(Box::pin(self.named(id, run, documents))),
        }
    }
}

/// What came beside the answer that a document is of.
fn of_answer(of: &Property, run: &Run, document: &Document) -> Documents {
    of.get(run, document).map(|number| run.execution.parts(&number)).unwrap_or_default()
}

/// What came beside the answers of all.
fn kept(of: &Property, run: &Run, documents: &[Document]) -> Outcome {
    let mut out = run.gather();
    for document in documents {
        out.add(of_answer(of, run, document))?;
    }
    Ok(out.done())
}

impl Attachments {
    /// The attachment that each document names.
    async fn named(&self, id: &Template, run: &Run, documents: Documents) -> Outcome {
        let mut out = run.gather();
        for document in documents {
            run.turn().await?;
            let name = id.fill(run, &document)?;
            let found = match &self.of {
                Some(of) => find(&of_answer(of, run, &document), &name).cloned(),
                None => find(&run.execution.attachments, &name).cloned(),
            };
            let found = found.ok_or_else(|| self.missing(&name))?;
            let mut attachment = document.replaced(found.clone());
            for (name, value) in found.properties.iter() {
                attachment.properties.set(name, value);
            }
            out.add(vec![attachment])?;
        }
        Ok(out.done())
    }

    fn missing(&self, name: &str) -> Failure {
        if self.of.is_some() {
            let name: String = name.chars().take(80).collect();
            return Failure::internal(
                "no-attachment",
                format!("the answer came without the attachment {name:?}"),
            );
        }
        let message = "The request refers to an attachment that is not in it.";
        Failure::client(StatusCode::BAD_REQUEST, "no-attachment", message)
    }
}

/// The attachment of an id, a `cid:` address or a location.
fn find<'d>(attachments: &'d [Document], name: &str) -> Option<&'d Document> {
    let name = name.trim();
    let id = reference(name);
    let id = id.as_deref().unwrap_or(name);
    let with = |property, wanted: &str| {
        attachments.iter().find(|document| document.properties.get(property) == Some(wanted))
    };
    with(part::ID, id).or_else(|| with(part::LOCATION, name))
}
