//! `soapstone call`: makes one call with a server of a file, or runs a process once, and prints all that was seen of it.

mod execution;
mod json;
mod seen;
mod source;
mod text;

use std::path::Path;
use std::sync::Arc;

use self::execution::{Asked, Ended};
use self::source::Beside;
use super::arguments::Format;
use super::calling::CallOptions;
use super::files::{document, document_as};
use super::given::Given;
use super::output::Output;
use super::{FAILED, FINE, MISUSED, stack, told};
use crate::compile::{self, Compiled, Purpose};
use crate::document::Document;
use crate::document::codec::CodecRef;
use crate::kind::process::Callee;
use crate::pipeline::gateway::Gateway;
use crate::soap::Version;
use crate::source::{Span, Spanned};
use crate::world::Real;
use crate::xml::XML;

/// Calls. What was seen is printed as the result, a failure too; what keeps the call from being made at all is told on
/// standard error.
pub fn call(options: &CallOptions, out: &mut Output) -> u8 {
    let text = match &options.process {
        Some(_) => None,
        None => match source::process(options) {
            Ok(text) => Some(text),
            Err(why) => return refused(&why, MISUSED, out),
        },
    };
    let layers = options.overlays.of(&options.file);
    let mut compiled = match text {
        Some(text) => {
            let world = Beside { file: &options.file, text };
            compile::compile_for(&layers, &world, Purpose::Call)
        }
        None => compile::compile_for(&layers, &Real, Purpose::Call),
    };
    let Some(gateway) = compiled.gateway.take() else { return mistaken(options, &compiled, out) };
    let name = Spanned::new(options.process.clone().unwrap_or_else(|| source::NAME.into()), Span::default());
    let process = match compiled.processes.find(&name) {
        Ok(process) => process,
        Err(unknown) => {
            let why = unknown.map_or_else(String::new, |finding| told(&finding));
            return refused(&format!("{}: {why}", options.file.display()), MISUSED, out);
        }
    };
    match asked(options, process) {
        Ok(asked) => stack::run(out, move |out| run(options, asked, &gateway, out)),
        Err(why) => refused(&why, FAILED, out),
    }
}

fn refused(why: &str, code: u8, out: &mut Output) -> u8 {
    out.tell(&format!("{why}\n"));
    code
}

/// Tells what is wrong: with the command line alone on a line each, else with the file as `check` does.
fn mistaken(options: &CallOptions, compiled: &Compiled, out: &mut Output) -> u8 {
    let all = compiled.findings.sorted();
    let is_own = |span: Span| {
        let file = compiled.sources.file(span.file).map(|file| Path::new(&*file.path));
        file.and_then(Path::file_name).is_some_and(|name| name == source::NAME)
    };
    let (own, others): (Vec<_>, Vec<_>) =
        all.into_iter().filter(|finding| finding.is_error()).partition(|finding| is_own(finding.span));
    if !others.is_empty() {
        out.findings(&compiled.findings, &compiled.sources, options.format);
        return FAILED;
    }
    for finding in own {
        out.tell(&format!("{}: {}\n", options.file.display(), told(finding)));
    }
    MISUSED
}

fn asked(options: &CallOptions, process: Arc<Callee>) -> Result<Asked, String> {
    let is_soap = options.process.is_none() && options.path.is_none();
    let document = match &options.body {
        None => Document::empty(),
        Some(file) if is_soap => element(file, options)?,
        Some(file) => document(file)?,
    };
    Ok(Asked { process, document, given: Given::of(&options.properties)?, time: options.timeout })
}

/// The element of a body, or an envelope.
fn element(file: &Path, options: &CallOptions) -> Result<Document, String> {
    let document = document_as(file, Some(CodecRef::from(&XML)))?;
    let root = document.tree().map_err(|why| why.to_string())?;
    let namespace = root.name.namespace.as_deref().unwrap_or_default();
    let is_envelope = root.name.local == "Envelope" && Version::of(namespace).is_some();
    match options.headers.iter().find(|text| is_envelope && source::is_block(text)) {
        Some(text) => {
            Err(format!("--header {text}: a whole envelope is sent as it is; write the block into it"))
        }
        None => Ok(document),
    }
}

fn run(options: &CallOptions, asked: Asked, gateway: &Gateway, out: &mut Output) -> u8 {
    let ended = match execution::run(asked, gateway) {
        Ok(ended) => ended,
        Err(why) => return refused(&why, FAILED, out),
    };
    match (options.raw, options.format) {
        (true, _) => raw(&ended, out),
        (false, Format::Text) => out.say(&text::text(&ended, options.process.is_some())),
        (false, Format::Json) => out.say(&json::json(&ended)),
    }
    let called = ended.failure.as_ref().and_then(|failure| failure.called.as_ref());
    if options.body.is_none() && called.is_some_and(|called| called.cause == "wrong-document") {
        out.tell("the operation takes a document: give it with --body FILE\n");
    }
    if ended.failed() { FAILED } else { FINE }
}

/// The body of the last answer, and why there is none or why it is not what was wanted.
fn raw(ended: &Ended, out: &mut Output) {
    if let Some(answer) = ended.exchanges.iter().rev().find_map(|exchange| exchange.answer()) {
        match seen::text(&answer.body, &ended.redaction) {
            Some(text) => out.bytes(text.as_bytes()),
            None => out.bytes(&answer.body),
        }
    }
    for failure in ended.failure.iter().chain(ended.later.iter().map(|(_, failure)| failure)) {
        let told = failure.log.as_deref().unwrap_or(&failure.message);
        out.tell(&format!("{}\n", ended.redaction.strike(told)));
    }
}
