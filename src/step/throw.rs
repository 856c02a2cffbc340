//! The `throw` step: ends the process with a failure that the caller reads.

use std::sync::Arc;

use hyper::StatusCode;

use crate::document::Document;
use crate::kind::step::{DeclaredStep, Facts, Flow, StepKind};
use crate::kind::{Compiling, Here, Kinds, Manual, template};
use crate::pipeline::contract::Fault;
use crate::pipeline::failure::{Blame, Failure};
use crate::pipeline::run::Run;
use crate::pipeline::step::{Documents, Step, Work};
use crate::pipeline::template::{Escape, Template};
use crate::source::{Finding, Spanned};
use crate::syntax::{Literal, Node};

/// The kind.
pub const KIND: StepKind = StepKind {
    manual: Manual {
        name: "throw",
        summary: "ends the process with a failure",
        usage: "throw TEXT [status=400..599] [code=CODE]\nthrow TEXT fault=FAULT",
        text: "The caller reads the text: as the reason of a SOAP fault, the detail of a problem document, or plain text. \
               `status=` is the HTTP status, 500 without one; a status below 500 says that the caller is at fault \
               (`Client`, `Sender`). `code=` is the failure's code, `rejected` without one. With `fault=` it is a \
               declared one, which says the status and whose name is the code; the document becomes its detail, where the \
               fault has a profile. Nothing may stand behind it in its path.",
        example: "throw \"unknown country {= doc.Order.Country}\" status=422 code=UnknownCountry",
    },
    read,
};

#[derive(Debug)]
struct Declared {
    text: Spanned<Literal>,
    status: Option<Spanned<u16>>,
    code: Option<Spanned<String>>,
    fault: Option<Spanned<String>>,
}

#[derive(Debug)]
struct Throw {
    text: Template,
    what: What,
}

/// What is thrown.
#[derive(Debug)]
enum What {
    /// A failure that no contract names.
    Plain { status: StatusCode, code: String },
    /// A declared fault.
    Fault(Arc<Fault>),
}

fn read(mut node: Node<'_>, _: &Kinds) -> Option<Box<dyn DeclaredStep>> {
    let text = node.argument("text");
    let status = node.property("status");
    let code = node.property("code");
    let fault = node.property::<String>("fault");
    for (word, span) in [
        ("status", status.as_ref().map(|given: &Spanned<u16>| given.span)),
        ("code", code.as_ref().map(|given: &Spanned<String>| given.span)),
    ] {
        if let (Some(fault), Some(span)) = (&fault, span) {
            let message = format!("the fault `{}` has its own {word}", fault.value);
            node.report(Finding::error("several-values", span, message).help(format!("remove {word}=")));
        }
    }
    node.finish();
    Some(Box::new(Declared { text: text?, status, code, fault }))
}

impl Declared {
    fn what(&self, here: &Here, compiling: &Compiling<'_>) -> Option<What> {
        let Some(name) = &self.fault else {
            let (status, code) = (self.status(compiling), self.code(compiling));
            return Some(What::Plain { status: status?, code: code? });
        };
        let fault = compiling.fault(name)?;
        if let (Some(known), Some(profile)) = (&here.document, &fault.profile) {
            known.check_is(profile, "the detail of the fault", name.span, compiling)?;
        }
        Some(What::Fault(fault))
    }

    fn status(&self, compiling: &Compiling<'_>) -> Option<StatusCode> {
        match &self.status {
            Some(status) => compiling.failure_status(status),
            None => Some(StatusCode::INTERNAL_SERVER_ERROR),
        }
    }

    /// A code becomes part of a QName in a fault, so it must be able to.
    fn code(&self, compiling: &Compiling<'_>) -> Option<String> {
        let Some(code) = &self.code else { return Some("rejected".to_owned()) };
        if crate::xml::is_ncname(&code.value) {
            return Some(code.value.clone());
        }
        let message =
            format!("`{}` is not a code: it must be a name of letters, digits, `-`, `_` and `.`", code.value);
        compiling.report(Finding::error("bad-code", code.span, message));
        None
    }
}

impl DeclaredStep for Declared {
    fn facts(&self) -> Facts<'_> {
        let status = self.status.as_ref().map_or(500, |status| status.value);
        let code = self.code.as_ref().map_or("rejected", |code| code.value.as_str());
        // What a declared fault says is in the contract already.
        let throws = self.fault.is_none().then_some((status, code));
        Facts { flow: Flow::Answers, throws, fault: self.fault.as_ref(), ..Facts::default() }
    }

    fn compile(&self, here: &mut Here, compiling: &Compiling<'_>) -> Option<Box<dyn Step>> {
        let text = template::compile(&self.text, Escape::None, here.shape(), compiling);
        let what = self.what(here, compiling);
        Some(Box::new(Throw { text: text?, what: what? }))
    }
}

impl Step for Throw {
    fn run<'a>(&'a self, run: &'a Run, documents: Documents) -> Work<'a> {
        let Some(first) = documents.first() else { return Ok(documents).into() };
        let failure = self.text.fill(run, first).and_then(|text| self.what.failure(text.into(), first));
        Err(failure.unwrap_or_else(|failure| failure)).into()
    }

    fn gives_each(&self) -> bool {
        // What fails leaves nothing behind of which there could be several.
        true
    }
}

impl What {
    fn failure(&self, text: String, document: &Document) -> Result<Failure, Failure> {
        match self {
            Self::Plain { status, code } => {
                let blame = if status.is_client_error() { Blame::Client } else { Blame::Gateway };
                Ok(Failure::new(blame, *status, code.clone(), text).thrown())
            }
            Self::Fault(fault) => fault.failure(text, document),
        }
    }
}
