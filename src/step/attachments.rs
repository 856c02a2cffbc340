//! The `attachments` step: what came beside the request's document takes the place of the documents.

use hyper::StatusCode;

use crate::document::Document;
use crate::kind::step::{DeclaredStep, StepKind};
use crate::kind::{Compiling, Here, Kinds, Manual, template};
use crate::mime::reference;
use crate::pipeline::failure::Failure;
use crate::pipeline::part;
use crate::pipeline::run::Run;
use crate::pipeline::step::{Documents, Outcome, Step, Work};
use crate::pipeline::template::{Escape, Template};
use crate::source::Spanned;
use crate::syntax::{Literal, Node};

/// The kind.
pub const KIND: StepKind = StepKind {
    manual: Manual {
        name: "attachments",
        summary: "goes on with the attachments of the request",
        usage: "attachments [id=TEXT]",
        text: "The attachments of a SOAP request take the place of the documents, one document each, in their order; without any, \
               nothing goes on. `request.attachments` is how many there are. Data that an envelope includes (MTOM) is a value in \
               the request's document, and no attachment. Each has the properties `part.id`, its Content-ID or, without one, \
               its number; `part.type`, `part.filename`, `part.location`, and `part.header.NAME` for other Content- fields, \
               NAME in lower case. One that says it is XML or JSON is a document of that format, any other plain data. With \
               `id=`, which may hold placeholders, each document is replaced by the one attachment of that id or location, as \
               a name or as a cid: address; its own properties stay, and one that is not there fails with no-attachment.",
        example: "branch {\n    path files { attachments; file write=\"in/{part.id}\" }\n    path order { map order-to-receipt; return }\n}",
    },
    read,
};

#[derive(Debug)]
struct Declared(Option<Spanned<Literal>>);

#[derive(Debug)]
struct Attachments(Option<Template>);

fn read(mut node: Node<'_>, _: &Kinds) -> Option<Box<dyn DeclaredStep>> {
    let id = node.property("id");
    node.finish();
    Some(Box::new(Declared(id)))
}

impl DeclaredStep for Declared {
    fn compile(&self, here: &mut Here, compiling: &Compiling<'_>) -> Option<Box<dyn Step>> {
        let shape = here.document.take().map(|side| side.shape);
        let id = match &self.0 {
            Some(id) => Some(template::compile(id, Escape::None, shape.as_ref(), compiling)?),
            None => None,
        };
        Some(Box::new(Attachments(id)))
    }
}

impl Step for Attachments {
    fn run<'a>(&'a self, run: &'a Run, documents: Documents) -> Work<'a> {
        match &self.0 {
            None => Ok(run.execution.attachments.clone()).into(),
            Some(id) => Work::Later(Box::pin(named(id, run, documents))),
        }
    }
}

/// The attachment that each document names.
async fn named(id: &Template, run: &Run, documents: Documents) -> Outcome {
    let mut out = run.gather();
    for document in documents {
        run.turn().await?;
        let name = id.fill(run, &document)?;
        let found = find(&run.execution.attachments, &name).ok_or_else(|| {
            let message = "The request refers to an attachment that is not in it.";
            Failure::client(StatusCode::BAD_REQUEST, "no-attachment", message)
        })?;
        let mut attachment = document.replaced(found.clone());
        for (name, value) in found.properties.iter() {
            attachment.properties.set(name, value);
        }
        out.add(vec![attachment])?;
    }
    Ok(out.done())
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
