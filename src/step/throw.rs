//! The `throw` step: ends the process with a failure that the caller reads.

use hyper::StatusCode;

use crate::kind::step::{DeclaredStep, Facts, Flow, StepKind};
use crate::kind::{Compiling, Here, Kinds, Manual, template};
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
        usage: "throw TEXT [status=400..599] [code=CODE]",
        text: "The caller reads the text: as the reason of a SOAP fault, the detail of a problem document, or plain text. \
               `status=` is the HTTP status, 500 without one; a status below 500 says that the caller is at fault \
               (`Client`, `Sender`). `code=` is the failure's code, `rejected` without one. Nothing may stand behind it \
               in its path.",
        example: "throw \"unknown country {= doc.Order.Country}\" status=422 code=UnknownCountry",
    },
    read,
};

#[derive(Debug)]
struct Declared {
    text: Spanned<Literal>,
    status: Option<Spanned<u16>>,
    code: Option<Spanned<String>>,
}

#[derive(Debug)]
struct Throw {
    text: Template,
    status: StatusCode,
    code: String,
}

fn read(mut node: Node<'_>, _: &Kinds) -> Option<Box<dyn DeclaredStep>> {
    let text = node.argument("text");
    let status = node.property("status");
    let code = node.property("code");
    node.finish();
    Some(Box::new(Declared { text: text?, status, code }))
}

impl Declared {
    fn status(&self, compiling: &Compiling<'_>) -> Option<StatusCode> {
        match &self.status {
            Some(status) => failure_status(status, compiling),
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

/// The status of a failure; `None` after a finding.
pub fn failure_status(status: &Spanned<u16>, compiling: &Compiling<'_>) -> Option<StatusCode> {
    let found = StatusCode::from_u16(status.value).ok().filter(|code| (400..600).contains(&code.as_u16()));
    if found.is_none() {
        let message = format!("{} is not the status of a failure", status.value);
        compiling.report(Finding::error("bad-status", status.span, message).label("expected 400 to 599"));
    }
    found
}

impl DeclaredStep for Declared {
    fn facts(&self) -> Facts<'_> {
        Facts { flow: Flow::Answers, ..Facts::default() }
    }

    fn compile(&self, here: &mut Here, compiling: &Compiling<'_>) -> Option<Box<dyn Step>> {
        let text = template::compile(&self.text, Escape::None, here.shape(), compiling);
        let (status, code) = (self.status(compiling), self.code(compiling));
        Some(Box::new(Throw { text: text?, status: status?, code: code? }))
    }
}

impl Step for Throw {
    fn run<'a>(&'a self, run: &'a Run, documents: Documents) -> Work<'a> {
        let Some(first) = documents.first() else { return Ok(documents).into() };
        let blame = if self.status.is_client_error() { Blame::Client } else { Blame::Gateway };
        let thrown = |text| Failure::new(blame, self.status, self.code.clone(), text).thrown();
        let failure = self.text.fill(run, first).map(thrown);
        Err(failure.unwrap_or_else(|failure| failure)).into()
    }
}
