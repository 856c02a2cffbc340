//! Services of a given contract: bodies, actions and header blocks are the contract's, and its files are served as they are.

use std::collections::HashMap;

use compact_str::CompactString;
use hyper::StatusCode;

use super::{Clash, Service, SoapOperation, SoapOptions};
use crate::document::tree::Name;
use crate::pipeline::endpoint::{Reply, Request};
use crate::pipeline::failure::Failure;
use crate::schema::Shape;
use crate::wsdl::read::Served;

/// What a contract says of an operation.
#[derive(Debug, Clone)]
pub struct Terms {
    /// Its actions: the bindings of SOAP 1.1 and 1.2 may have different ones.
    pub actions: Vec<String>,
    /// The body's child in a request, by the contract's schemas; `None` when the body is empty.
    pub request: Option<Shape>,
    /// The header blocks that it knows.
    pub headers: Vec<Name>,
    /// Whether an answer is an envelope with an empty body, which comes at once: the operation has no output.
    pub answers_empty: bool,
}

/// Compiles a service whose operations have these terms, in the same order.
///
/// # Errors
/// Everything that stands in the way, in the order of the operations.
pub fn service(options: &SoapOptions, terms: &[Terms], files: Served) -> Result<Service, Vec<Clash>> {
    let all: Vec<(usize, &SoapOperation, &Terms)> = options
        .operations
        .iter()
        .zip(terms)
        .enumerate()
        .map(|(at, (served, terms))| (at, served, terms))
        .collect();
    let clashes = same(&all);
    if !clashes.is_empty() {
        return Err(clashes);
    }
    let mut whole: Option<Service> = None;
    let mut actions: Vec<&[String]> = Vec::new();
    // Operations with one body are told apart by their actions: each batch has no two of a body or of a name.
    let mut rest = all;
    while !rest.is_empty() {
        let (batch, later) = batch(rest);
        rest = later;
        let operations = batch.iter().map(|(_, served, _)| (*served).clone()).collect();
        let made = Service::new(SoapOptions { operations, ..options.clone() });
        let mut made = made.map_err(|clashes| {
            let own = |at: usize| batch.get(at).map_or(at, |(own, _, _)| *own);
            clashes
                .into_iter()
                .map(|clash| Clash { operation: own(clash.operation), other: clash.other.map(own), ..clash })
                .collect::<Vec<_>>()
        })?;
        for (entry, (_, _, terms)) in made.entries.iter_mut().zip(&batch) {
            entry.action = terms.actions.first().cloned().unwrap_or_default();
            actions.push(&terms.actions);
            entry.request.clone_from(&terms.request);
            entry.answers_empty = terms.answers_empty;
            entry.processed = entry.processed.iter().chain(&terms.headers).cloned().collect();
        }
        match &mut whole {
            Some(whole) => whole.entries.append(&mut made.entries),
            None => whole = Some(made),
        }
    }
    let Some(mut whole) = whole else { return Err(Vec::new()) };
    whole.index(&actions);
    whole.given = Some(files);
    Ok(whole)
}

/// The operations that can be told apart by their bodies alone, and those that are left.
type Batches<'a> = (Vec<(usize, &'a SoapOperation, &'a Terms)>, Vec<(usize, &'a SoapOperation, &'a Terms)>);

fn batch<'a>(all: Vec<(usize, &'a SoapOperation, &'a Terms)>) -> Batches<'a> {
    let (mut batch, mut rest): Batches<'a> = (Vec::new(), Vec::new());
    for one in all {
        let clashes = batch.iter().any(|known| body(known.2) == body(one.2) || known.1.name == one.1.name);
        if clashes { rest.push(one) } else { batch.push(one) }
    }
    (batch, rest)
}

fn body(terms: &Terms) -> Option<Name> {
    terms.request.as_ref().map(Shape::element_name)
}

/// Operations that neither the body nor the action tells apart.
fn same(all: &[(usize, &SoapOperation, &Terms)]) -> Vec<Clash> {
    let mut seen: HashMap<(Option<Name>, &str), usize> = HashMap::new();
    let mut clashes = Vec::new();
    let none = [String::new()];
    for (at, served, terms) in all {
        let actions = if terms.actions.is_empty() { none.as_slice() } else { &terms.actions };
        let mut other = None;
        for action in actions {
            other = other.or(seen.insert((body(terms), action), *at).filter(|other| other != at));
        }
        if let Some(other) = other {
            let message = format!(
                "`{}` has the same body and the same action as another operation of the contract, so they cannot be \
                 told apart; choose one port with port=",
                served.name
            );
            clashes.push(Clash { operation: *at, other: Some(other), message });
        }
    }
    clashes
}

impl Service {
    /// Makes the tables that requests are looked up in; `actions` are those of each entry.
    fn index(&mut self, actions: &[&[String]]) {
        self.by_body = HashMap::new();
        self.by_nothing = None;
        self.by_action = HashMap::new();
        let mut shared: Vec<String> = Vec::new();
        for (at, (entry, actions)) in self.entries.iter().zip(actions).enumerate() {
            match &entry.request {
                Some(shape) => {
                    self.by_body.entry(CompactString::from(shape.name.as_str())).or_default().push(at)
                }
                None => self.by_nothing = self.by_nothing.or(Some(at)),
            }
            for action in actions.iter().filter(|action| !action.is_empty()) {
                if self.by_action.insert(action.clone(), at).is_some_and(|other| other != at) {
                    shared.push(action.clone());
                }
            }
        }
        // An action of several operations says nothing about which one is meant.
        for action in shared {
            self.by_action.remove(&action);
        }
    }
}

/// Answers GET with a file of a contract: `?wsdl`, `?wsdl=N`, `?xsd=N`.
pub(super) fn describe(files: &Served, request: &Request) -> Option<Result<Reply, Failure>> {
    let address = format!("{}{}", request.base_url, request.path);
    let found = request.query.split('&').find_map(|part| {
        let (word, value) = part.split_once('=').unwrap_or((part, ""));
        let number = || value.parse::<usize>().ok();
        match word.to_ascii_lowercase().as_str() {
            "wsdl" | "singlewsdl" => Some(files.contract(number().unwrap_or_default(), &address)),
            "xsd" => Some(number().and_then(|number| files.schema(number, &address))),
            _ => None,
        }
    })?;
    let message = "The contract has no file of that number.";
    let body = found.ok_or_else(|| Failure::client(StatusCode::NOT_FOUND, "not-found", message));
    Some(body.map(|body| Reply::new(StatusCode::OK, "text/xml; charset=utf-8", body)))
}
