//! The `simple` protocol: an operation at an address of its own, plain documents in and out.

use std::sync::Arc;

use hyper::{Method, StatusCode};

use super::reader::{Reader, no_body_by_method};
use super::writer::Writer;
use crate::pipeline::answer::Returned;
use crate::pipeline::endpoint::{Call, Endpoint, FailureForm, Opened, Reply, Request};
use crate::pipeline::failure::Failure;
use crate::pipeline::operation::{Io, Operation};
use crate::pipeline::page::{More, Pager, Spoken};
use crate::pipeline::passing::Bodies;
use crate::pipeline::published::Form;

/// An operation served the simple way.
#[derive(Debug)]
struct Simple {
    operation: Arc<Operation>,
    reader: Reader,
    writer: Writer,
}

/// Serves an operation the simple way, for each of [`methods`].
pub fn endpoint(operation: Arc<Operation>) -> Arc<dyn Endpoint> {
    let forms: Vec<Form> =
        Form::of(&operation.input).into_iter().filter(|form| *form != Form::Json).collect();
    let reader = Reader::new(&operation, &forms, true);
    // A call without an answer is accepted with 200: existing clients compare with it.
    let writer = Writer::new(&operation, operation.on_empty, StatusCode::OK);
    Arc::new(Simple { operation, reader, writer })
}

/// The path behind the listener's prefix: `/createOrder`.
pub fn path(operation: &Operation) -> String {
    format!("/{}", operation.wire_name())
}

/// The methods it answers to: without an input GET as well as POST.
pub fn methods(operation: &Operation) -> &'static [Method] {
    match operation.input {
        Io::None => &[Method::GET, Method::POST],
        Io::Data { .. } | Io::Multipart { .. } | Io::Profile { .. } => &[Method::POST],
    }
}

impl Endpoint for Simple {
    fn failure_form(&self, _request: &Request) -> FailureForm {
        FailureForm::Text
    }

    fn hands_on(&self) -> bool {
        self.operation.hands_request_on()
    }

    fn bodies(&self, _: &Method) -> Option<Bodies<'_>> {
        Some(self.operation.bodies())
    }

    fn may_hand_over(&self) -> bool {
        true
    }

    fn open(&self, request: &Request) -> Result<Opened, Failure> {
        self.operation.admit(request.user.as_deref())?;
        if let Some(more) = More::in_query(&self.operation, request, Spoken::Simple) {
            return Ok(Opened::More(more));
        }
        let pages = Pager::in_query(&self.operation, request, Spoken::Simple)?;
        let documents = self.reader.read(request, no_body_by_method)?;
        let operation = Arc::clone(&self.operation);
        Ok(Opened::Call(Call {
            operation,
            documents,
            attachments: Vec::new(),
            soap: None,
            format: None,
            entry: 0,
            pages,
        }))
    }

    fn close(&self, call: &Call, returned: Returned) -> Result<Reply, Failure> {
        self.writer.write(returned, false, call.pages.as_ref())
    }
}

#[cfg(test)]
#[path = "simple_tests.rs"]
mod tests;
