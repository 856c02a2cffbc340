//! From options to a service: everything that a request would otherwise make again, and every clash at once.

use std::collections::HashMap;
use std::sync::Arc;

use super::describe::{self, Blueprint};
use super::more::{self, MoreResults};
use super::rpc::{self, Parts};
use super::{Clash, Entry, Service, SoapOperation, SoapOptions, contract};
use crate::document::family::Family;
use crate::pipeline::operation::{Io, Operation};
use crate::schema::Shape;
use crate::schema::xsd::Schemas;
use crate::soap::Version;
use crate::soap::encoding::ENCODING_12;
use crate::soap::mtom;
use crate::soap::write::Frame;
use crate::wsdl::Style;
use crate::xml::is_ncname;

/// Why an operation cannot be served over SOAP; `None` when it can.
pub fn reason_against(operation: &Operation) -> Option<String> {
    let against = |io: &Io, side: &str| match io {
        Io::Data { .. } => Some(format!("its {side} is plain data, and a SOAP body holds XML")),
        Io::Multipart { .. } => Some(format!(
            "its {side} is multipart, and a SOAP body holds XML; what comes beside it are attachments"
        )),
        Io::Profile { profile, .. } if Family::of(&*profile.codec) != Family::Xml => {
            let format = profile.codec.format().to_uppercase();
            Some(format!("its {side} is in {format}, and a SOAP body holds XML"))
        }
        Io::None | Io::Profile { .. } => None,
    };
    against(&operation.input, "input").or_else(|| against(&operation.output, "output"))
}

/// Compiles a service.
pub(super) fn service(options: SoapOptions) -> Result<Service, Vec<Clash>> {
    let mut build = Build { options: &options, schemas: Schemas::default(), clashes: Vec::new() };
    let contracts: Vec<Contract> =
        options.operations.iter().enumerate().map(|(at, served)| build.contract(at, served)).collect();
    build.same_bodies(&contracts);
    build.same_names();
    build.same_actions(&contracts);
    if !build.clashes.is_empty() {
        return Err(build.clashes);
    }
    Ok(assemble(Blueprint { options, contracts }))
}

/// The two elements of an operation.
#[derive(Debug)]
pub(super) struct Contract {
    pub(super) request: Option<Shape>,
    pub(super) answer: Option<Shape>,
    pub(super) action: String,
    pub(super) more: Option<MoreResults>,
}

struct Build<'a> {
    options: &'a SoapOptions,
    schemas: Schemas,
    clashes: Vec<Clash>,
}

impl Build<'_> {
    fn contract(&mut self, at: usize, served: &SoapOperation) -> Contract {
        let (namespace, style) = (&self.options.namespace, self.options.style);
        let action = served.action.clone().unwrap_or_else(|| contract::action(namespace, &served.name));
        if let Some(reason) = self.unfit(served) {
            self.clashes.push(Clash { operation: at, other: None, message: reason });
            return Contract { request: None, answer: None, action, more: None };
        }
        let request = contract::request(namespace, served, style);
        let answer = contract::answer(namespace, served, style);
        let more = MoreResults::of(namespace, served);
        let made = Contract { request, answer, action, more };
        if let Err(clash) = describe::add(&mut self.schemas, self.options, at, &made) {
            let message = format!(
                "`{}` cannot be served beside the operations before it: the element `{}` in {} looks different \
                 there; give the operation another name with as=, or one of the profiles another namespace",
                served.name,
                clash.local,
                if clash.namespace.is_empty() { "no namespace" } else { clash.namespace.as_str() },
            );
            self.clashes.push(Clash { operation: at, other: None, message });
        }
        made
    }

    fn unfit(&self, served: &SoapOperation) -> Option<String> {
        if let Some(reason) = reason_against(&served.operation) {
            return Some(format!("`{}` cannot be served over SOAP: {reason}", served.name));
        }
        if self.options.style == Style::Rpc {
            let Operation { input, output, .. } = &*served.operation;
            let reason =
                rpc::reason_against(input, "input").or_else(|| rpc::reason_against(output, "output"));
            if let Some(reason) = reason {
                return Some(format!("`{}` cannot be served in the style rpc: {reason}", served.name));
            }
        }
        let object = &served.operation.object;
        let many = served.operation.input.many() || served.operation.output.many();
        if !is_ncname(&served.name) {
            return Some(format!(
                "`{}` cannot be the name of an XML element; name the operation with as=",
                served.name
            ));
        }
        (many && !object.is_empty() && !is_ncname(object)).then(|| {
            format!(
                "the object `{object}` names a list in XML, and cannot: use letters, digits, `-`, `_` and `.`"
            )
        })
    }

    /// Requests are told apart by the element in the body alone.
    fn same_bodies(&mut self, contracts: &[Contract]) {
        let name = |contract: &Contract| {
            contract.request.as_ref().map(|shape| (shape.namespace.clone(), shape.name.clone()))
        };
        let mut seen = HashMap::new();
        for (at, contract) in contracts.iter().enumerate() {
            let Some(other) = seen.insert(name(contract), at) else { continue };
            if self.clashes.iter().any(|clash| clash.operation == at || clash.operation == other) {
                continue;
            }
            let (Some(here), Some(there)) =
                (self.options.operations.get(at), self.options.operations.get(other))
            else {
                continue;
            };
            if Arc::ptr_eq(&here.operation, &there.operation) && here.name == there.name {
                let message = format!("`{}` is listed twice", here.name);
                self.clashes.push(Clash { operation: at, other: Some(other), message });
                continue;
            }
            if here.name == there.name {
                let message = format!("two operations are called `{}`; rename one with as=", here.name);
                self.clashes.push(Clash { operation: at, other: Some(other), message });
                continue;
            }
            let what = match &contract.request {
                Some(shape) => format!("the element `{}` in the Body", shape.name),
                None => "an empty Body".to_owned(),
            };
            let message = format!(
                "`{}` and `{}` are both called with {what}, so they cannot be told apart; give them wrappers and \
                 different names",
                there.name, here.name
            );
            self.clashes.push(Clash { operation: at, other: Some(other), message });
        }
    }

    /// An action of the file's own must tell its operation from others.
    fn same_actions(&mut self, contracts: &[Contract]) {
        let mut seen = HashMap::new();
        for (at, (made, served)) in contracts.iter().zip(&self.options.operations).enumerate() {
            let Some(other) = seen.insert(made.action.as_str(), at) else { continue };
            if served.action.is_some() && self.clashes.iter().all(|clash| clash.operation != at) {
                let message = format!("two operations have the action `{}`", made.action);
                self.clashes.push(Clash { operation: at, other: Some(other), message });
            }
        }
    }

    /// Two operations of one name would be two of one name in the WSDL.
    fn same_names(&mut self) {
        let mut seen = HashMap::new();
        for (at, served) in self.options.operations.iter().enumerate() {
            let Some(other) = seen.insert(served.name.as_str(), at) else { continue };
            if self.clashes.iter().all(|clash| clash.operation != at) {
                let message = format!("two operations are called `{}`; rename one with as=", served.name);
                self.clashes.push(Clash { operation: at, other: Some(other), message });
            }
        }
    }
}

/// Makes the tables that requests are looked up in.
fn assemble(blueprint: Blueprint) -> Service {
    let Blueprint { options, contracts } = &blueprint;
    let mut service = Service {
        namespace: options.namespace.clone(),
        versions: options.versions.clone(),
        roles: options.roles.clone(),
        understands: options.understands.clone(),
        style: options.style,
        mtom: options.mtom,
        entries: Vec::with_capacity(contracts.len()),
        by_body: HashMap::new(),
        by_nothing: None,
        by_action: HashMap::new(),
        wsdl: blueprint.document(|_| true),
        neighbours: options.neighbours.clone(),
        blueprint: None,
        given: None,
        shown: super::Shown::default(),
    };
    for (at, (served, made)) in options.operations.iter().zip(contracts).enumerate() {
        match &made.request {
            Some(shape) => service.by_body.entry(shape.name.clone()).or_default().push(at),
            None => service.by_nothing = Some(at),
        }
        service.by_action.insert(made.action.clone(), at);
        if let Some(more) = &made.more {
            service.by_action.entry(more.action.clone()).or_insert(at);
        }
        service.entries.push(entry(options, served, made));
    }
    let restricted = options.operations.iter().any(|served| served.operation.roles.is_some());
    service.blueprint = restricted.then(|| Box::new(blueprint));
    service
}

fn entry(options: &SoapOptions, served: &SoapOperation, made: &Contract) -> Entry {
    let operation = &served.operation;
    // SOAP::Lite says of a call without arguments that it is nil; the WSDL does not offer that.
    let nothing = matches!(operation.input, Io::None);
    let request =
        made.request.as_ref().map(|shape| Shape { nillable: shape.nillable || nothing, ..shape.clone() });
    let names = contract::wrappers(served, options.style);
    let wrappers: Vec<&str> = names.iter().map(String::as_str).collect();
    let frame = |version, encoding| Frame::envelope(version, &options.namespace, &wrappers, encoding);
    let is_rpc = options.style == Style::Rpc;
    let declared = operation.headers.iter().filter(|header| header.inbound);
    let declared = declared.map(|header| header.profile.shape.element_name());
    let size = more::size(&options.namespace).element_name();
    let size = operation.paging.is_some().then_some(size);
    let parts = operation.input.profile().filter(|_| is_rpc);
    Entry {
        processed: declared.chain(options.understands.iter().cloned()).chain(size.clone()).collect(),
        operation: Arc::clone(operation),
        name: served.name.clone(),
        action: made.action.clone(),
        wrapper: served.wrapper && options.style == Style::Document,
        parts: parts.map(|profile| Parts::of(profile)),
        is_rpc,
        answers_empty: false,
        holds_data: operation.output.profile().is_some_and(|profile| mtom::holds_data(&profile.shape)),
        request,
        more: made.more.clone(),
        size,
        frames: [frame(Version::V11, None), frame(Version::V12, None)],
        encoded: is_rpc.then(|| frame(Version::V12, Some(ENCODING_12))),
    }
}
