//! A route of `rest` in an `api`: a method at a path, and what its block changes for this address alone.

use std::sync::Arc;

use hyper::Method;
use hyper::StatusCode;

use super::kinds::{Address, path, route};
use super::reader::is_flat;
use super::rest;
use super::rest_terms::{condition, defaults, parameter};
use crate::document::family::Family;
use crate::kind::{Compiling, empty, paging};
use crate::pipeline::operation::{Io, Operation};
use crate::pipeline::published::{Form, Parameter, Resource};
use crate::pipeline::route::{Condition, REST, Route};
use crate::source::{Finding, Span, Spanned};
use crate::syntax::Node;

/// A route as declared.
#[derive(Debug)]
pub(super) struct DeclaredRoute {
    method: Method,
    path: Spanned<String>,
    operation: Spanned<String>,
    prefix: bool,
    own: Own,
    span: Span,
}

/// What its block says.
#[derive(Debug, Default)]
struct Own {
    description: Option<String>,
    page: Option<Spanned<usize>>,
    max_page: Option<Spanned<usize>>,
    on_empty: Option<Spanned<u16>>,
    input: Option<Spanned<Format>>,
    output: Option<Spanned<Format>>,
    conditions: Vec<Spanned<Condition>>,
    parameters: Vec<Spanned<Parameter>>,
}

/// The format that is spoken, where only one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Xml,
    Json,
    /// The fields of a form: of bodies only, and only where a route says so. Any web page lets a browser send them here,
    /// with what it knows of its user, and nobody is asked.
    Form,
}

const INPUTS: &[(&str, Format)] = &[("xml", Format::Xml), ("json", Format::Json), ("form", Format::Form)];
const OUTPUTS: &[(&str, Format)] = &[("xml", Format::Xml), ("json", Format::Json)];

/// The parts that are given once.
const ONCE: [&str; 6] = ["page", "max-page", "on-empty", "description", "input", "output"];

/// Reads `METHOD PATH OPERATION [prefix=#true] { ... }`; `None` after findings.
pub(super) fn read(mut node: Node<'_>, method: Method) -> Option<DeclaredRoute> {
    let span = node.name_span();
    let path = path(&mut node);
    let operation = node.argument("operation's name");
    let prefix = node.property::<bool>("prefix").is_some_and(|given| given.value);
    let mut own = Own::default();
    for child in node.parts(&ONCE) {
        part(child, &mut own);
    }
    if let Some(path) =
        path.as_ref().filter(|path| prefix && path.value.split('/').any(|part| part == "{rest}"))
    {
        let message = format!("`request.path.{REST}` is what stands behind the path of a `prefix=#true`");
        let finding = Finding::error("bad-address", path.span, message);
        node.report(finding.help("give the segment another name"));
    }
    node.finish();
    Some(DeclaredRoute { method, path: path?, operation: operation?, prefix, own, span })
}

fn part(mut node: Node<'_>, own: &mut Own) {
    match node.name() {
        "description" => own.description = node.argument::<String>("description").map(|text| text.value),
        "page" => own.page = count(&mut node),
        "max-page" => own.max_page = count(&mut node),
        "on-empty" => own.on_empty = node.argument("status"),
        "input" => own.input = format(&mut node, INPUTS),
        "output" => own.output = format(&mut node, OUTPUTS),
        "header" => own.conditions.extend(condition(&mut node, &own.conditions)),
        "query" => own.parameters.extend(parameter(&mut node, &own.parameters)),
        _ => {
            let known = ONCE.into_iter().chain(["header", "query"]);
            return node.unknown("unknown-word", "a part of a route", known);
        }
    }
    node.finish();
}

fn count(node: &mut Node<'_>) -> Option<Spanned<usize>> {
    let given = node.argument::<usize>("number of documents")?;
    Some(Spanned { value: paging::number(&given, node), span: given.span })
}

fn format(node: &mut Node<'_>, known: &[(&str, Format)]) -> Option<Spanned<Format>> {
    let word = node.argument::<String>("format")?;
    let found = known.iter().find(|(name, _)| *name == word.value);
    if found.is_none() {
        let message = format!("`{}` is not a format that a route can be bound to", word.value);
        let finding = Finding::error("unknown-format", word.span, message);
        node.report(finding.suggest(&word.value, known.iter().map(|(name, _)| *name)));
    }
    found.map(|(_, format)| Spanned::new(*format, word.span))
}

impl DeclaredRoute {
    /// The route, where the operation can be served so; `None` after findings.
    pub(super) fn route(&self, base: &str, compiling: &Compiling<'_>) -> Option<Route> {
        let operation = compiling.operation(&self.operation)?;
        if self.method == Method::GET && !matches!(operation.input, Io::None) {
            let message = format!("a GET has no body; `{}` takes an input", self.operation.value);
            let finding = Finding::error("get-with-input", self.span, message);
            compiling.report(finding.help("publish it with post, or remove the operation's `input`"));
            return None;
        }
        let address = Address {
            method: self.method.clone(),
            path: format!("{base}{}", self.path.value),
            protocol: "rest",
            serves: &self.operation.value,
            span: self.span,
        };
        let resource = Arc::new(self.resource(&address.path, operation, compiling)?);
        Some(Route {
            prefix: self.prefix,
            conditions: resource.conditions.clone(),
            defaults: defaults(&resource),
            resource: Some(resource.clone()),
            ..route(address, &rest::endpoint(resource), compiling)
        })
    }

    fn resource(&self, path: &str, operation: Arc<Operation>, compiling: &Compiling<'_>) -> Option<Resource> {
        let input = self.forms("input", self.own.input.as_ref(), &operation.input, compiling);
        let output = self.forms("output", self.own.output.as_ref(), &operation.output, compiling);
        let pages = self.pages(&operation, compiling);
        let on_empty = self.on_empty(&operation, compiling);
        let mut conditions: Vec<Condition> =
            self.own.conditions.iter().map(|one| one.value.clone()).collect();
        conditions.sort_by(|a, b| (a.name.as_str(), &a.value).cmp(&(b.name.as_str(), &b.value)));
        let (page, max_page) = pages?;
        let operation = operation.paged(page, max_page);
        Some(Resource {
            method: self.method.clone(),
            path: path.to_owned(),
            prefix: self.prefix,
            description: self.own.description.clone(),
            parameters: self.own.parameters.iter().map(|one| one.value.clone()).collect(),
            conditions: conditions.into(),
            reads: input?.unwrap_or_else(|| Form::of(&operation.input)),
            writes: output?.unwrap_or_else(|| Form::of(&operation.output)),
            on_empty: on_empty?.or(operation.on_empty),
            place: compiling.place(self.span),
            operation,
        })
    }

    /// The forms that are spoken where the block says; the outer `None` stands for a finding.
    fn forms(
        &self,
        word: &str,
        given: Option<&Spanned<Format>>,
        io: &Io,
        compiling: &Compiling<'_>,
    ) -> Option<Option<Vec<Form>>> {
        let Some(given) = given else { return Some(None) };
        let operation = &self.operation.value;
        let reason = match io {
            Io::None => format!("`{operation}` has no {word}"),
            Io::Profile { profile, .. } => {
                let format = profile.codec.format();
                match (Family::of(&*profile.codec), given.value) {
                    (_, Format::Form) if is_flat(io) => return Some(Some(vec![Form::Fields])),
                    (Family::Xml | Family::Json, Format::Form) => {
                        format!("the {word} of `{operation}` is more than the fields of a form can say")
                    }
                    (Family::Xml, Format::Xml) | (Family::Json, Format::Json) => {
                        return Some(Some(vec![Form::Own]));
                    }
                    (Family::Xml, Format::Json) => return Some(Some(vec![Form::Json])),
                    (Family::Json, Format::Xml) => {
                        format!("the {word} of `{operation}` is JSON, of which there is no form in XML")
                    }
                    (Family::File, _) => {
                        format!(
                            "the {word} of `{operation}` is a file of format {format}, which is spoken as it is"
                        )
                    }
                }
            }
            Io::Multipart { .. } => {
                format!("the {word} of `{operation}` is multipart, whose parts are of any format")
            }
            Io::Data { .. } => format!("the {word} of `{operation}` is data that nobody looks into"),
        };
        let finding = Finding::error("no-such-form", given.span, reason);
        let help = match given.value {
            Format::Form => {
                "fields say one object or root of single values, or lists of them in JSON".to_owned()
            }
            Format::Xml | Format::Json => format!("remove this `{word}`, or map to a profile of that format"),
        };
        compiling.report(finding.help(help));
        None
    }

    /// `page` and `max-page`; `None` after a finding.
    fn pages(
        &self,
        operation: &Operation,
        compiling: &Compiling<'_>,
    ) -> Option<(Option<usize>, Option<usize>)> {
        let (page, most) = (self.own.page.as_ref(), self.own.max_page.as_ref());
        if let Some(given) = page.or(most).filter(|_| !operation.output.many()) {
            let message =
                format!("`{}` does not give a list: there are no pages of it", self.operation.value);
            let finding = Finding::error("no-pages", given.span, message);
            compiling.report(finding.help("remove it, or say many=#true at the operation's `output`"));
            return None;
        }
        if let (None, Some(most), None) = (page, most, &operation.paging) {
            let message =
                format!("the answers of `{}` leave whole: no page is too long", self.operation.value);
            let finding = Finding::error("no-pages", most.span, message);
            compiling.report(finding.help("say page as well, here or at the operation's `output`"));
            return None;
        }
        let size = page.map(|page| page.value).or(operation.paging.map(|paging| paging.size));
        if let (Some(size), Some(most)) = (size, most)
            && size > most.value
        {
            let message = format!("`max-page` of {} is less than the {size} documents of a page", most.value);
            let finding = Finding::error("bad-page", most.span, message);
            compiling.report(match page {
                Some(page) => finding.also(page.span, "it is here"),
                None => finding.help("say page as well, or let a page have more"),
            });
            return None;
        }
        Some((page.map(|given| given.value), most.map(|given| given.value)))
    }

    fn on_empty(&self, operation: &Operation, compiling: &Compiling<'_>) -> Option<Option<StatusCode>> {
        let Some(given) = &self.own.on_empty else { return Some(None) };
        if matches!(operation.output, Io::None) {
            let message = format!("`{}` is answered before anyone knows what it finds", self.operation.value);
            let finding = Finding::error("no-output", given.span, message);
            compiling.report(finding.help("remove it, or give the operation an `output`"));
            return None;
        }
        empty::status(given, compiling).map(Some)
    }
}
