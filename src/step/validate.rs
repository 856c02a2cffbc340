//! The `validate` step: the documents must fit a profile.

use std::sync::Arc;

use hyper::StatusCode;

use crate::document::Document;
use crate::kind::step::{DeclaredStep, StepKind};
use crate::kind::{Compiling, Here, Kinds, Manual};
use crate::pipeline::failure::Failure;
use crate::pipeline::fits::{Sent, VIOLATIONS, fits};
use crate::pipeline::operation::Profile;
use crate::pipeline::run::{Run, each_document};
use crate::pipeline::step::{Documents, Step, Work};
use crate::schema::{Format, validate};
use crate::source::{Finding, Spanned};
use crate::syntax::Node;

/// The kind.
pub const KIND: StepKind = StepKind {
    manual: Manual {
        name: "validate",
        summary: "checks each document against a profile",
        usage: "validate PROFILE [status=400..599]",
        text: "A document that does not fit fails with the code invalid-document and the places that are wrong, as a request's \
               does, with 422, and with 400 where it cannot be read at all; `status=` says another. One of 500 or more says that the gateway is at fault: \
               the caller then reads that something failed, and the log names the places. Plain data is read in the format \
               of the profile first. Documents that fit go on, known to be of the profile.",
        example: "validate order",
    },
    read,
};

#[derive(Debug)]
struct Declared {
    profile: Spanned<String>,
    status: Option<Spanned<u16>>,
}

#[derive(Debug)]
struct Validate {
    profile: Arc<Profile>,
    status: Option<StatusCode>,
}

fn read(mut node: Node<'_>, _: &Kinds) -> Option<Box<dyn DeclaredStep>> {
    let (profile, status) = (node.argument("profile's name"), node.property("status"));
    node.finish();
    Some(Box::new(Declared { profile: profile?, status }))
}

impl DeclaredStep for Declared {
    fn compile(&self, here: &mut Here, compiling: &Compiling<'_>) -> Option<Box<dyn Step>> {
        let known = here.document.take();
        let profile = compiling.profile(&self.profile)?;
        here.becomes(&profile);
        if let Some(known) = known.filter(|known| known.format != profile.codec.format()) {
            let (has, wants) = (known.format.to_uppercase(), profile.codec.format().to_uppercase());
            let message = format!("`{}` is {wants}, and the documents here are {has}", self.profile.value);
            let finding = Finding::error("wrong-document", self.profile.span, message);
            compiling.report(finding.help("no document would fit: check it against a profile of its format"));
            return None;
        }
        let status = match &self.status {
            Some(status) => Some(compiling.failure_status(status)?),
            None => None,
        };
        Some(Box::new(Validate { profile, status }))
    }
}

impl Validate {
    fn check(&self, run: &Run, document: Document) -> Result<Document, Failure> {
        let codec = &self.profile.codec;
        let document = match document.codec() {
            Some(known) if known.format() != codec.format() => {
                let log =
                    format!("`validate {}` was given a document in {}", self.profile.name, known.format());
                return Err(Failure::internal("wrong-document", log));
            }
            Some(_) => document,
            None => {
                let read = Document::encoded(document.bytes().clone(), codec.clone(), run.request().limits);
                document.replaced(read)
            }
        };
        let root = document.tree().map_err(|malformed| self.wrong(Failure::malformed(&malformed)))?;
        let format = if codec.is_typed() { Format::Json } else { Format::Xml };
        let found = validate(root, &self.profile.shape, format, VIOLATIONS);
        if !found.is_empty() {
            let sent = Sent { codec: &**codec, body: document.bytes(), way: &[] };
            fits(found, Some(&sent)).map_err(|failure| self.wrong(failure))?;
        }
        Ok(document)
    }

    /// The failure with the status that the file says, and the blame that goes with it.
    fn wrong(&self, mut failure: Failure) -> Failure {
        let Some(status) = self.status else { return failure };
        if status.is_client_error() {
            failure.status = status;
            return failure;
        }
        let mut own = Failure::internal("invalid-document", failure.message.clone());
        own.status = status;
        own
    }
}

impl Step for Validate {
    fn run<'a>(&'a self, run: &'a Run, documents: Documents) -> Work<'a> {
        each_document(run, documents, |document| self.check(run, document))
    }

    fn gives_each(&self) -> bool {
        true
    }
}
