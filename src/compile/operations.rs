//! Operations and their processes.

use std::sync::Arc;

use compact_str::CompactString;

use super::names::entered;
use super::{answering, contracts, outcomes, processes};
use crate::config::{Declarations, DeclaredIo, DeclaredOperation, DeclaredWork};
use crate::kind::path::Side;
use crate::kind::value::{DeclaredValue, For};
use crate::kind::{Compiling, Here, empty};
use crate::pipeline::endpoint::MediaType;
use crate::pipeline::operation::{Action, Io, Operation};
use crate::pipeline::source::ValueSource;
use crate::pipeline::step::ProcessRef;
use crate::source::Finding;

/// Compiles the operations, and the processes that are declared on their own.
pub fn operations(declared: &Declarations, compiling: &mut Compiling<'_>) {
    // Callers first: then it is known what documents enter a process before it is compiled.
    let parts: Vec<Parts> = declared.operations.iter().map(|operation| parts(operation, compiling)).collect();
    processes::compile(declared, compiling);
    for (operation, parts) in declared.operations.iter().zip(parts) {
        let compiled = self::operation(operation, parts, declared, compiling);
        contracts::undeclared(operation, declared, compiling);
        let result = compiling.operations.enter(&operation.name, compiled.map(Arc::new));
        entered(result, compiling);
    }
}

/// What an operation is made of, before the processes that others name are compiled.
struct Parts {
    input: Option<Io>,
    output: Option<Io>,
    process: Option<ProcessRef>,
}

fn parts(declared: &DeclaredOperation, compiling: &Compiling<'_>) -> Parts {
    let input = io(declared.input.as_ref(), compiling);
    let output = io(declared.output.as_ref(), compiling);
    let process = work(declared, input.as_ref(), output.as_ref(), compiling);
    Parts { input, output, process }
}

fn operation(
    declared: &DeclaredOperation,
    parts: Parts,
    all: &Declarations,
    compiling: &Compiling<'_>,
) -> Option<Operation> {
    let on_empty = declared.on_empty.as_ref().map(|status| empty::status(status, compiling));
    let on_empty = match on_empty {
        Some(status) => Some(status?),
        None => None,
    };
    let faults = contracts::named(declared, compiling);
    let headers = contracts::headers(&declared.headers, compiling);
    let etag = declared.etag.as_ref().map(|etag| self::etag(etag, parts.output.as_ref()?, compiling));
    let etag = match etag {
        Some(etag) => Some(etag?),
        None => None,
    };
    Some(Operation {
        name: Arc::from(declared.name.value.as_str()),
        description: declared.description.clone(),
        action: declared.action.unwrap_or(Action::Execute),
        object: declared.object.as_ref().map(|object| object.value.as_str().into()).unwrap_or_default(),
        input: parts.input?,
        output: parts.output?,
        faults: faults?,
        headers: headers?,
        roles: declared.roles.as_ref().map(|roles| roles.iter().map(|role| role.value.clone()).collect()),
        on_empty,
        etag: etag.map(Arc::new),
        paging: declared.output.as_ref().and_then(|output| output.paging),
        process: Arc::clone(parts.process?.process()?),
        outcomes: outcomes::outcomes(declared, all),
        limits: declared.limits,
        trace: declared.trace,
        place: compiling.place(declared.name.span),
    })
}

fn io(declared: Option<&DeclaredIo>, compiling: &Compiling<'_>) -> Option<Io> {
    let Some(declared) = declared else { return Some(Io::None) };
    if declared.name.value == "data" {
        if declared.many {
            let finding = Finding::error(
                "data-many",
                declared.name.span,
                "plain data has no parts: it cannot be a list",
            );
            compiling.report(finding.help("name a profile"));
        }
        if let Some(check) = &declared.check {
            let message = "plain data has no profile that it could be checked against";
            let finding = Finding::error("data-check", check.span, message);
            compiling.report(finding.help("name a profile, or remove check="));
        }
        return Some(Io::Data { content_type: content_type(declared, compiling)? });
    }
    if declared.name.value == "multipart" {
        return multipart(declared, compiling);
    }
    if let Some(given) = &declared.content_type {
        let finding =
            Finding::error("unknown-property", given.span, "a profile has the content type of its format");
        compiling.report(finding.help("content-type= is for `data` and for an output that is `multipart`"));
    }
    let profile = compiling.profile(&declared.name)?;
    let check = declared.check.as_ref().is_some_and(|check| check.value);
    Some(Io::Profile { profile, many: declared.many, check })
}

/// The parts of a body: each is a document already.
fn multipart(declared: &DeclaredIo, compiling: &Compiling<'_>) -> Option<Io> {
    if declared.many {
        let message = "`multipart` is as many documents as there are parts";
        let finding = Finding::error("multipart-many", declared.name.span, message);
        compiling.report(finding.help("remove many=#true"));
    }
    if let Some(check) = &declared.check {
        let message = "parts have no profile that they could be checked against";
        let finding = Finding::error("multipart-check", check.span, message);
        compiling.report(finding.help("check them before they are returned, with a `validate`"));
    }
    let content_type = content_type(declared, compiling)?;
    let given = declared.content_type.as_ref();
    if let (Some(given), Some(media)) = (given, content_type.as_deref().and_then(MediaType::parse))
        && (!media.is_multipart() || media.parameter("boundary").is_some())
    {
        let message = format!("`{}` is not a multipart type without a boundary", given.value);
        let finding = Finding::error("bad-media-type", given.span, message);
        compiling.report(finding.help("such as \"multipart/mixed\"; each answer has a boundary of its own"));
        return None;
    }
    Some(Io::Multipart { content_type })
}

/// What says which state an answer is of: it must be one document to be of one.
fn etag(declared: &DeclaredValue, output: &Io, compiling: &Compiling<'_>) -> Option<ValueSource> {
    let reason = match output {
        Io::Profile { many: false, .. } => None,
        Io::Profile { .. } => Some("a list has no state of its own that a tag could be of"),
        Io::Data { .. } if declared.from.is_none() => None,
        Io::Data { .. } => Some("plain data has no paths"),
        Io::Multipart { .. } => Some("parts are written anew each time, with another boundary"),
        Io::None => Some("an operation without an `output` answers with no state"),
    };
    if let Some(reason) = reason {
        let finding = Finding::error("no-state", declared.span, reason);
        compiling.report(
            finding.help("an `etag` is of an output of one document; of data, by property= or script="),
        );
        return None;
    }
    let here = Here { document: output.profile().map(|profile| Side::of(profile)), ..Here::default() };
    declared.compile(&For::here(&here), compiling).map(|(source, _)| source)
}

/// The content type of plain data or of parts; the outer `None` is one with mistakes.
fn content_type(declared: &DeclaredIo, compiling: &Compiling<'_>) -> Option<Option<CompactString>> {
    let Some(given) = &declared.content_type else { return Some(None) };
    let header = hyper::header::HeaderValue::from_str(&given.value).is_ok();
    if !header || MediaType::parse(&given.value).is_none() {
        let finding =
            Finding::error("bad-media-type", given.span, format!("`{}` is not a media type", given.value));
        compiling.report(finding.help("such as \"text/plain; charset=utf-8\" or \"application/edifact\""));
        return None;
    }
    Some(Some(given.value.clone()))
}

/// What is known of the documents that an operation begins with.
fn document(input: Option<&Io>) -> Option<Side> {
    let input = input?;
    let side = Side::of(input.profile()?);
    Some(if input.many() { side.single(None) } else { side })
}

/// Whether an operation begins with plain data.
fn is_data(input: Option<&Io>) -> bool {
    matches!(input, Some(Io::Data { .. }))
}

fn work(
    declared: &DeclaredOperation,
    input: Option<&Io>,
    output: Option<&Io>,
    compiling: &Compiling<'_>,
) -> Option<ProcessRef> {
    let answers = (!declared.broken).then_some(declared.output.is_some());
    match declared.work.as_ref()? {
        DeclaredWork::Inline(path, span) => {
            answering::check(path, *span, answers, compiling);
            let output = output.and_then(Io::profile).cloned();
            let here = Here { document: document(input), data: is_data(input), owed: true, output };
            let process = processes::compile_one(&declared.name.value, path, *span, here, compiling)?;
            let inline = ProcessRef::default();
            inline.fill(process);
            Some(inline)
        }
        DeclaredWork::Named(name) => {
            Some(compiling.process(name, document(input), is_data(input))?.process.clone())
        }
    }
}
