//! Operations and their processes.

use std::collections::BTreeMap;
use std::sync::Arc;

use compact_str::CompactString;
use hyper::StatusCode;

use super::names::entered;
use crate::config::{Declarations, DeclaredIo, DeclaredOperation, DeclaredWork};
use crate::kind::Compiling;
use crate::kind::step::DeclaredPath;
use crate::pipeline::endpoint::MediaType;
use crate::pipeline::operation::{Action, Io, Operation};
use crate::pipeline::step::Process;
use crate::source::{Finding, Span, Spanned};

/// Processes by name: compiled once, whatever number of operations runs them.
struct Processes<'a> {
    by_name: BTreeMap<&'a str, Entry<'a>>,
}

struct Entry<'a> {
    name: &'a Spanned<String>,
    declared: &'a DeclaredPath,
    compiled: Option<Arc<Process>>,
    used: bool,
}

/// Compiles the processes and operations; gives the names of the processes that no operation runs.
pub fn operations<'a>(declared: &'a Declarations, compiling: &mut Compiling<'_>) -> Vec<&'a Spanned<String>> {
    let mut processes = processes(declared, compiling);
    for operation in &declared.operations {
        let compiled = self::operation(operation, &mut processes, compiling);
        let result = compiling.operations.enter(&operation.name, compiled.map(Arc::new));
        entered(result, compiling);
    }
    let unused = processes.by_name.into_values().filter(|entry| !entry.used);
    unused.map(|entry| entry.name).collect()
}

fn processes<'a>(declared: &'a Declarations, compiling: &Compiling<'_>) -> Processes<'a> {
    let mut by_name: BTreeMap<&str, Entry<'_>> = BTreeMap::new();
    for (name, path) in &declared.processes {
        if let Some(first) = by_name.get(name.value.as_str()) {
            let message = format!("there are two `process {}`", name.value);
            let finding = Finding::error("duplicate-name", name.span, message);
            compiling.report(
                finding.also(first.name.span, "the first one is here").help("give one of them another name"),
            );
            continue;
        }
        let compiled = compile_path(&name.value, path, name.span, compiling);
        by_name.insert(&name.value, Entry { name, declared: path, compiled, used: false });
    }
    Processes { by_name }
}

fn compile_path(
    name: &str,
    path: &DeclaredPath,
    span: Span,
    compiling: &Compiling<'_>,
) -> Option<Arc<Process>> {
    if path.steps.is_empty() && !path.broken {
        let finding = Finding::error("empty-process", span, "this process has no steps");
        compiling.report(finding.help("what it should do with the documents stands in its block"));
    }
    let path = path.compile(compiling)?;
    Some(Arc::new(Process { name: name.to_owned(), path }))
}

fn operation(
    declared: &DeclaredOperation,
    processes: &mut Processes<'_>,
    compiling: &Compiling<'_>,
) -> Option<Operation> {
    let input = io(declared.input.as_ref(), compiling);
    let output = io(declared.output.as_ref(), compiling);
    let process = work(declared, processes, compiling);
    let on_empty = declared.on_empty.as_ref().map(|status| on_empty(status, compiling));
    let on_empty = match on_empty {
        Some(status) => Some(status?),
        None => None,
    };
    Some(Operation {
        name: Arc::from(declared.name.value.as_str()),
        action: declared.action.unwrap_or(Action::Execute),
        object: declared.object.as_ref().map(|object| object.value.as_str().into()).unwrap_or_default(),
        input: input?,
        output: output?,
        on_empty,
        process: process?,
        place: compiling.place(declared.name.span),
    })
}

fn on_empty(status: &Spanned<u16>, compiling: &Compiling<'_>) -> Option<StatusCode> {
    let found =
        StatusCode::from_u16(status.value).ok().filter(|code| matches!(code.as_u16(), 200..300 | 404));
    if found.is_none() {
        let finding = Finding::error(
            "bad-status",
            status.span,
            format!("{} cannot answer that there is nothing", status.value),
        );
        compiling.report(finding.label("expected 200, 204 or 404"));
    }
    found
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
    if let Some(given) = &declared.content_type {
        let finding =
            Finding::error("unknown-property", given.span, "a profile has the content type of its format");
        compiling.report(finding.help("content-type= is for `data`"));
    }
    let profile = compiling.profile(&declared.name)?;
    let check = declared.check.as_ref().is_some_and(|check| check.value);
    Some(Io::Profile { profile, many: declared.many, check })
}

/// The content type of plain data; the outer `None` is one with mistakes.
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

fn work(
    declared: &DeclaredOperation,
    processes: &mut Processes<'_>,
    compiling: &Compiling<'_>,
) -> Option<Arc<Process>> {
    match declared.work.as_ref()? {
        DeclaredWork::Inline(path, span) => {
            check_return(path, *span, declared, compiling);
            compile_path(&declared.name.value, path, *span, compiling)
        }
        DeclaredWork::Named(name) => {
            let Some(entry) = processes.by_name.get_mut(name.value.as_str()) else {
                let message = format!("there is no `process {}`", name.value);
                let known = processes.by_name.keys().copied();
                compiling
                    .report(Finding::error("unknown-name", name.span, message).suggest(&name.value, known));
                return None;
            };
            entry.used = true;
            check_return(entry.declared, name.span, declared, compiling);
            entry.compiled.clone()
        }
    }
}

/// An operation with an output needs a `return`; one without has no use for it.
fn check_return(path: &DeclaredPath, span: Span, operation: &DeclaredOperation, compiling: &Compiling<'_>) {
    if path.steps.is_empty() || operation.broken {
        return;
    }
    let answers = operation.output.is_some();
    if answers && path.is_whole() && !path.returns() {
        let message = "this operation has an output, and no step of its process is a `return`";
        let finding = Finding::error("never-returns", span, message);
        compiling.report(finding.help("end the path whose documents are the answer with `return`"));
    }
    if !answers && path.returns() {
        let message = "this operation has no output, and its process has a `return`";
        let finding = Finding::error("nothing-to-return", span, message);
        compiling.report(finding.help("declare the output, or end the path with `stop`"));
    }
}
