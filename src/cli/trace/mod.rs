//! `soapstone trace`: runs one operation of a file without serving it, and prints what each of its steps does.

mod json;
mod mocks;
mod offline;
pub mod shown;
mod text;
mod tree;

use std::rc::Rc;
use std::sync::Arc;

use bytes::Bytes;
use hyper::Method;

use super::arguments::{Format, TraceOptions};
use super::files::bytes_of;
use super::given::Given;
use super::output::Output;
use super::{FAILED, FINE, stack, told};
use crate::compile::{self, Compiled};
use crate::pipeline::execution::StandIns;
use crate::pipeline::gateway::Gateway;
use crate::pipeline::operation::{Io, Operation};
use crate::pipeline::redact::{Redaction, Secrets};
use crate::source::{Span, Spanned};
use crate::world::Real;

/// Runs an operation. What it does and answers is printed as the result, its failure too; what keeps it from being run at
/// all is told on standard error.
pub fn trace(options: &TraceOptions, out: &mut Output) -> u8 {
    let mut compiled = compile::compile(options.overlays.of(&options.file), &Real);
    if compiled.findings.has_errors() {
        out.findings(&compiled.findings, &compiled.sources, options.format);
    }
    let Some(gateway) = compiled.gateway.take() else { return FAILED };
    match asked(options, &compiled, &gateway) {
        Ok(asked) => stack::run(out, move |out| run(options, asked, &gateway, out)),
        Err(why) => {
            out.tell(&format!("{why}\n"));
            FAILED
        }
    }
}

/// What the command line asks for.
struct Asked {
    operation: Arc<Operation>,
    given: Given,
    body: Bytes,
    stand_ins: StandIns,
}

fn asked(options: &TraceOptions, compiled: &Compiled, gateway: &Gateway) -> Result<Asked, String> {
    let name = Spanned::new(options.operation.clone(), Span::default());
    let operation = compiled.operations.find(&name).map_err(|unknown| {
        let message = unknown.map_or_else(String::new, |finding| told(&finding));
        format!("{}: {message}", options.file.display())
    })?;
    let given = Given::of(&options.properties)?;
    let stand_ins = mocks::read(&options.mocks, compiled, gateway)?;
    let body = match &options.body {
        Some(file) => bytes_of(file)?,
        None if operation.input.profile().is_some() => {
            return Err(format!("`{}` takes a document: give it with --body FILE", operation.name));
        }
        None => Bytes::new(),
    };
    Ok(Asked { operation, given, body, stand_ins })
}

fn run(options: &TraceOptions, asked: Asked, gateway: &Gateway, out: &mut Output) -> u8 {
    let Asked { operation, given, body, stand_ins } = asked;
    let method = if matches!(operation.input, Io::None) { Method::GET } else { Method::POST };
    let path = format!("/ws/simple/{}", operation.wire_name());
    let request = Rc::new(given.request("trace", method, &path, body));
    let redaction = Redaction::new(&Secrets::new(&gateway.tracing.secrets), &request);
    let ran = match offline::run(&operation, request, &given, stand_ins, gateway) {
        Ok(ran) => ran,
        Err(why) => {
            out.tell(&format!("{why}\n"));
            return FAILED;
        }
    };
    out.say(&match options.format {
        Format::Text => text::text(&operation, &ran, options.full, &redaction),
        Format::Json => json::json(&operation, &ran, options.full, &redaction),
    });
    if ran.failed() { FAILED } else { FINE }
}
