//! From options to a service: everything that a request would otherwise make again, and every clash at once.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Clash, Entry, Service, SoapOperation, SoapOptions, contract, mtom};
use crate::document::family::Family;
use crate::pipeline::operation::{Io, Operation};
use crate::schema::Shape;
use crate::schema::xsd::Schemas;
use crate::soap::Version;
use crate::soap::write::Frame;
use crate::wsdl::{self, Definitions, Output};
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
    let Build { mut schemas, clashes, .. } = build;
    if !clashes.is_empty() {
        return Err(clashes);
    }
    // The fault's namespace is ours alone, so nothing can be in its way.
    let _ = schemas.add(&contract::fault_detail());
    let wsdl = describe(&options, &contracts, &schemas);
    Ok(assemble(options, contracts, wsdl))
}

/// The two elements of an operation.
struct Contract {
    request: Option<Shape>,
    answer: Option<Shape>,
    action: String,
}

struct Build<'a> {
    options: &'a SoapOptions,
    schemas: Schemas,
    clashes: Vec<Clash>,
}

impl Build<'_> {
    fn contract(&mut self, at: usize, served: &SoapOperation) -> Contract {
        let namespace = &self.options.namespace;
        let action = contract::action(namespace, &served.name);
        if let Some(reason) = self.unfit(served) {
            self.clashes.push(Clash { operation: at, other: None, message: reason });
            return Contract { request: None, answer: None, action };
        }
        let request = contract::request(namespace, served);
        let answer = contract::answer(namespace, served);
        for shape in [&request, &answer].into_iter().flatten() {
            if let Err(clash) = self.schemas.add(shape) {
                let message = format!(
                    "`{}` cannot be served beside the operations before it: the element `{}` in {} looks different \
                     there; give the operation another name with as=, or one of the profiles another namespace",
                    served.name,
                    clash.local,
                    if clash.namespace.is_empty() { "no namespace" } else { clash.namespace.as_str() },
                );
                self.clashes.push(Clash { operation: at, other: None, message });
            }
        }
        Contract { request, answer, action }
    }

    fn unfit(&self, served: &SoapOperation) -> Option<String> {
        if let Some(reason) = reason_against(&served.operation) {
            return Some(format!("`{}` cannot be served over SOAP: {reason}", served.name));
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

fn describe(options: &SoapOptions, contracts: &[Contract], schemas: &Schemas) -> wsdl::Document {
    let fault = contract::fault_detail();
    let operations: Vec<wsdl::Operation<'_>> = options
        .operations
        .iter()
        .zip(contracts)
        .map(|(served, contract)| wsdl::Operation {
            name: &served.name,
            action: &contract.action,
            input: contract.request.as_ref().map(contract::qname),
            output: match &contract.answer {
                Some(shape) => Output::Element(contract::qname(shape)),
                None => Output::OneWay,
            },
        })
        .collect();
    wsdl::Document::new(&Definitions {
        namespace: &options.namespace,
        service: &options.service,
        schemas: &schemas.write(2),
        operations: &operations,
        fault: Some(contract::qname(&fault)),
        soap11: options.versions.contains(&Version::V11),
        soap12: options.versions.contains(&Version::V12),
    })
}

fn assemble(options: SoapOptions, contracts: Vec<Contract>, wsdl: wsdl::Document) -> Service {
    let mut service = Service {
        versions: options.versions,
        roles: options.roles,
        mtom: options.mtom,
        entries: Vec::with_capacity(contracts.len()),
        by_body: HashMap::new(),
        by_nothing: None,
        by_action: HashMap::new(),
        wsdl,
    };
    for (at, (served, contract)) in options.operations.into_iter().zip(contracts).enumerate() {
        match &contract.request {
            Some(shape) => service.by_body.entry(shape.name.clone()).or_default().push(at),
            None => service.by_nothing = Some(at),
        }
        service.by_action.insert(contract.action.clone(), at);
        // SOAP::Lite says of a call without arguments that it is nil; the WSDL does not offer that.
        let nothing = matches!(served.operation.input, Io::None);
        let request = contract.request.map(|shape| Shape { nillable: shape.nillable || nothing, ..shape });
        let names = contract::wrappers(&served);
        let wrappers: Vec<&str> = names.iter().map(String::as_str).collect();
        let output = served.operation.output.profile();
        let holds_data = output.is_some_and(|profile| mtom::holds_data(&profile.shape));
        let frame = |version| Frame::envelope(version, &options.namespace, &wrappers);
        let declared = served.operation.headers.iter().filter(|header| header.inbound);
        let declared = declared.map(|header| contract::element(&header.profile.shape));
        service.entries.push(Entry {
            processed: declared.chain(options.understands.iter().cloned()).collect(),
            operation: Arc::clone(&served.operation),
            name: served.name,
            action: contract.action,
            wrapper: served.wrapper,
            request,
            frames: [frame(Version::V11), frame(Version::V12)],
            holds_data,
        });
    }
    service
}
