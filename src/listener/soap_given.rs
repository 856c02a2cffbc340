//! `soap PATH wsdl=FILE-or-URL`: a contract that others wrote, served by operations of the file.

use std::path::Path;
use std::sync::Arc;

use super::kinds::path;
use super::soap::{SoapOperation, SoapOptions, Terms, given_service, reason_against};
use super::soap_declared::{role, understand};
use super::soap_kind::{made, routes};
use crate::document::tree::Name;
use crate::kind::path::anything;
use crate::kind::protocol::DeclaredEndpoint;
use crate::kind::schemas::Schemas;
use crate::kind::{Compiling, contract_source, mtom};
use crate::pipeline::operation::{Io, Operation};
use crate::pipeline::router::Route;
use crate::schema::grammar::{Grammar, Root};
use crate::schema::{Checking, Shape};
use crate::soap::Version;
use crate::soap::header::Roles;
use crate::soap::mtom::Mtom;
use crate::source::{Finding, Span, Spanned};
use crate::syntax::Node;
use crate::wsdl::read::{Contract, Endpoint, LeftOut, Offered, PartKind, Protocol, Served, Wire};
use crate::wsdl::{Names, Style};

/// Names that a message lists.
const LISTED: usize = 10;

#[derive(Debug)]
struct Declared {
    path: Spanned<String>,
    schemas: Arc<Schemas>,
    wsdl: Span,
    service: Option<Spanned<String>>,
    port: Option<Spanned<String>>,
    roles: Roles,
    understands: Vec<Name>,
    mtom: Mtom,
    operations: Vec<DeclaredOperation>,
    span: Span,
}

#[derive(Debug)]
struct DeclaredOperation {
    name: Spanned<String>,
    runs: Spanned<String>,
}

/// Reads the block of a given contract.
pub(super) fn read(mut node: Node<'_>) -> Option<Box<dyn DeclaredEndpoint>> {
    let span = node.name_span();
    let path = path(&mut node);
    let mut wsdl = node.property::<String>("wsdl");
    let (service, port) = (node.property::<String>("service"), node.property::<String>("port"));
    let mtom = mtom::of_service(&mut node);
    let is_intermediary = node.property::<bool>("intermediary").is_some_and(|given| given.value);
    let mut roles = Roles { is_intermediary, ..Roles::default() };
    let (mut operations, mut understands) = (Vec::new(), Vec::new());
    for mut child in node.parts(&["wsdl"]) {
        match child.name() {
            "wsdl" => {
                let (span, other) = (child.name_span(), contract_source::read(child));
                if let Some(first) = &wsdl {
                    let finding = Finding::error("duplicate-part", span, "the WSDL is given twice");
                    node.report(finding.also(first.span, "it is given here too"));
                }
                wsdl = wsdl.or(other);
            }
            "operation" => operations.extend(operation(child)),
            "role" => {
                roles.named.extend(role(&mut child));
                child.finish();
            }
            "understand" => understands.extend(understand(child)),
            _ => child.unknown(
                "unknown-word",
                "a part of `soap` with wsdl=",
                ["wsdl", "operation", "role", "understand"],
            ),
        }
    }
    let schemas = wsdl.as_ref().map(|wsdl| Schemas::read(node.reading, std::slice::from_ref(wsdl)));
    if let (Some(wsdl), Some(schemas)) = (&wsdl, &schemas)
        && schemas.contracts.is_empty()
        && schemas.documents.findings.is_empty()
        && !schemas.documents.docs.is_empty()
    {
        let message = format!("`{}` is a schema, and a WSDL is expected here", wsdl.value);
        node.report(Finding::error("no-wsdl", wsdl.span, message));
    }
    node.finish();
    let (wsdl, schemas) = (wsdl?.span, schemas?);
    Some(Box::new(Declared {
        path: path?,
        schemas,
        wsdl,
        service,
        port,
        roles,
        understands,
        mtom,
        operations,
        span,
    }))
}

fn operation(mut node: Node<'_>) -> Option<DeclaredOperation> {
    let name = node.argument("operation of the WSDL");
    let runs = node.required("do");
    node.finish();
    Some(DeclaredOperation { name: name?, runs: runs? })
}

impl DeclaredEndpoint for Declared {
    fn routes(&self, base: &str, compiling: &Compiling<'_>) -> Vec<Route> {
        let Some(contract) = self.schemas.contracts.first() else { return Vec::new() };
        // What is wrong with the contract was said.
        let Some(grammar) = self.schemas.grammar(compiling) else { return Vec::new() };
        let Some(endpoints) = self.endpoints(contract, compiling) else { return Vec::new() };
        let (wanted, left) = contract.offered(&endpoints);
        for LeftOut { name, span, why } in left {
            let finding = Finding::warning("left-out", self.wsdl, format!("the operation `{name}` {why}"));
            compiling.report(finding.also(span, "it is bound here"));
        }
        if wanted.is_empty() {
            compiling.report(Finding::error(
                "no-soap",
                self.wsdl,
                "the WSDL has no operation that could be served",
            ));
            return Vec::new();
        }
        let Some((operations, terms, spans)) = self.served(contract, &grammar, &wanted, compiling) else {
            return Vec::new();
        };
        let is = |version: &Protocol| endpoints.iter().any(|endpoint| endpoint.binding.protocol == *version);
        let versions = [(Protocol::Soap11, Version::V11), (Protocol::Soap12, Version::V12)];
        let options = SoapOptions {
            namespace: contract.namespace.as_deref().unwrap_or_default().to_owned(),
            names: Names::of("given"),
            description: Default::default(),
            style: Style::Document,
            neighbours: None,
            versions: versions
                .iter()
                .filter(|(protocol, _)| is(protocol))
                .map(|(_, version)| *version)
                .collect(),
            roles: self.roles.clone(),
            understands: self.understands.clone(),
            mtom: self.mtom,
            operations,
        };
        let ports: Vec<(Name, String)> = endpoints
            .iter()
            .filter_map(|endpoint| {
                endpoint.port.map(|(service, port)| (service.name.clone(), port.name.clone()))
            })
            .collect();
        let is_served =
            |service: &Name, port: &str| ports.iter().any(|(known, own)| known == service && own == port);
        let locate = |file: &Path, location: &str| self.schemas.locate(file, location);
        let files = Served::new(contract, &self.schemas.documents, &locate, &is_served);
        let at = |index: usize| spans.get(index).copied().unwrap_or(self.wsdl);
        let Some(service) = made(given_service(&options, &terms, files), at, compiling) else {
            return Vec::new();
        };
        routes(&format!("{base}{}", self.path.value), &service, self.span, compiling)
    }
}

/// What is served, its terms, and where each is written.
type Made = (Vec<SoapOperation>, Vec<Terms>, Vec<Span>);

impl Declared {
    /// The SOAP ports that are chosen, or bindings of SOAP without a port; `None` after a finding.
    fn endpoints<'c>(&self, contract: &'c Contract, compiling: &Compiling<'_>) -> Option<Vec<Endpoint<'c>>> {
        let all: Vec<Endpoint<'c>> =
            contract.endpoints().into_iter().filter(|endpoint| endpoint.binding.protocol.is_soap()).collect();
        let service =
            |endpoint: &Endpoint<'c>| endpoint.port.map(|(service, _)| service.name.local.to_string());
        let port = |endpoint: &Endpoint<'c>| endpoint.port.map(|(_, port)| port.name.clone());
        let mut chosen = all;
        for (wanted, what, of) in [
            (&self.service, "service", &service as &dyn Fn(&Endpoint<'c>) -> Option<String>),
            (&self.port, "port", &port),
        ] {
            let Some(wanted) = wanted else { continue };
            let known: Vec<String> = chosen.iter().filter_map(of).collect();
            chosen.retain(|endpoint| of(endpoint).as_ref() == Some(&wanted.value));
            if chosen.is_empty() {
                let message = format!("the WSDL has no {what} `{}` for SOAP", wanted.value);
                let finding = Finding::error(
                    if what == "port" { "unknown-port" } else { "unknown-service" },
                    wanted.span,
                    message,
                );
                compiling.report(finding.suggest(&wanted.value, known.iter().map(String::as_str)));
                return None;
            }
        }
        if chosen.iter().any(|endpoint| endpoint.port.is_some()) {
            chosen.retain(|endpoint| endpoint.port.is_some());
        }
        if chosen.is_empty() {
            let message = "the WSDL has no binding to SOAP, so there is nothing to serve";
            compiling.report(Finding::error("no-soap", self.wsdl, message));
            return None;
        }
        Some(chosen)
    }

    /// What does each operation; `None` after findings.
    fn served(
        &self,
        contract: &Contract,
        grammar: &Arc<Grammar>,
        wanted: &[Offered<'_>],
        compiling: &Compiling<'_>,
    ) -> Option<Made> {
        let mut whole = self.known(wanted, compiling);
        let (mut made, mut missing): (Made, Vec<&str>) = Default::default();
        for one in wanted {
            let named = self.operations.iter().filter(|declared| declared.name.value == one.bound.name);
            let found: Vec<_> =
                named.map(|declared| (declared, compiling.operation(&declared.runs))).collect();
            if found.is_empty() {
                missing.push(&one.bound.name);
                continue;
            }
            let fits = |operation: &Operation| unfit(&operation.input, Some(&one.request)).is_none();
            // Several of one name are for operations with different bodies.
            let fitting = found.iter().find(|(_, operation)| operation.as_ref().is_some_and(|one| fits(one)));
            let Some((declared, Some(operation))) = fitting.or(found.first()) else {
                whole = false;
                continue;
            };
            let reasons = self.reasons(contract, one, operation);
            whole &= reasons.is_empty();
            for (message, help) in reasons {
                let message =
                    format!("`{}` cannot be done by `{}`: {message}", one.bound.name, operation.name);
                let finding = Finding::error("wrong-contract", declared.runs.span, message);
                compiling.report(match help {
                    Some(help) => finding.help(help),
                    None => finding,
                });
            }
            let request: Option<Shape> = match &one.request {
                Wire::Element(name) => checked(grammar, name),
                _ => None,
            };
            let answers_empty = one.answer == Some(Wire::Empty);
            made.0.push(SoapOperation {
                operation: Arc::clone(operation),
                name: one.bound.name.clone(),
                action: None,
                wrapper: false,
            });
            made.1.push(Terms {
                actions: one.actions.clone(),
                request,
                headers: one.headers.clone(),
                answers_empty,
            });
            made.2.push(declared.name.span);
        }
        if !missing.is_empty() {
            whole = false;
            compiling.report(self.missing(&missing));
        }
        whole.then_some(made)
    }

    fn missing(&self, names: &[&str]) -> Finding {
        let mut shown: Vec<String> = names.iter().take(LISTED).map(|name| format!("`{name}`")).collect();
        if names.len() > LISTED {
            shown.push(format!("and {} more", names.len() - LISTED));
        }
        let message = match names {
            [_] => format!("the WSDL has the operation {}, which is not served here", shown.join("")),
            _ => format!(
                "the WSDL has {} operations that are not served here: {}",
                names.len(),
                shown.join(", ")
            ),
        };
        let help =
            "write operation NAME do=OPERATION for each in the block; soapstone import wsdl writes them all";
        Finding::error("missing-operation", self.wsdl, message).help(help)
    }

    /// Whether the contract has every operation that is served.
    fn known(&self, wanted: &[Offered<'_>], compiling: &Compiling<'_>) -> bool {
        let mut whole = true;
        for declared in &self.operations {
            if wanted.iter().all(|one| one.bound.name != declared.name.value) {
                whole = false;
                let message =
                    format!("the WSDL has no operation `{}` in what is served", declared.name.value);
                let finding = Finding::error("unknown-operation", declared.name.span, message);
                let known = wanted.iter().map(|one| one.bound.name.as_str());
                compiling.report(finding.suggest(&declared.name.value, known));
            }
        }
        whole
    }

    /// Why an operation cannot do what the contract wants, each with what to do about it.
    fn reasons(
        &self,
        contract: &Contract,
        wanted: &Offered<'_>,
        operation: &Operation,
    ) -> Vec<(String, Option<String>)> {
        if let Some(reason) = reason_against(operation) {
            return vec![(reason, None)];
        }
        let mut reasons = Vec::new();
        for (io, wire, side) in [
            (&operation.input, Some(&wanted.request), "input"),
            (&operation.output, wanted.answer.as_ref(), "output"),
        ] {
            reasons.extend(unfit(io, wire).map(|(why, help)| (format!("its {side} {why}"), help)));
        }
        let details: Vec<&Name> = wanted
            .operation
            .faults
            .iter()
            .filter_map(|fault| contract.message(&fault.message))
            .flat_map(|message| &message.parts)
            .filter_map(|part| match &part.kind {
                PartKind::Element(name) => Some(name),
                PartKind::Type(_) => None,
            })
            .collect();
        for fault in &operation.faults {
            let Some(profile) = &fault.profile else { continue };
            let own = profile.shape.element_name();
            if !details.contains(&&own) {
                let known: Vec<String> = details.iter().map(ToString::to_string).collect();
                let help = (!known.is_empty())
                    .then(|| format!("its faults there have the details {}", known.join(", ")));
                reasons.push((
                    format!(
                        "it may answer with the fault `{}`, whose detail {own} the WSDL does not declare",
                        fault.name
                    ),
                    help,
                ));
            }
        }
        reasons
    }
}

/// Why documents of an operation are not what a body holds, and what to do about it.
fn unfit(io: &Io, wire: Option<&Wire>) -> Option<(String, Option<String>)> {
    let wanted = match wire {
        None | Some(Wire::Empty) => None,
        Some(Wire::Element(name)) => Some(name),
        Some(Wire::Unfit(why)) => return Some((format!("{why}, which is not served"), None)),
    };
    match (io.profile(), wanted) {
        (None, None) => None,
        (Some(_), None) => {
            Some(("is a document, and the WSDL has no message with one there".to_owned(), None))
        }
        (None, Some(name)) => {
            Some((format!("is nothing, and the WSDL has {name} there"), Some(profile_of(name))))
        }
        (Some(_), Some(_)) if io.many() => {
            Some(("is a list, and the WSDL has one element there".to_owned(), None))
        }
        (Some(profile), Some(name)) => {
            let own = profile.shape.element_name();
            (own != *name)
                .then(|| (format!("is {own}, and the WSDL has {name} there"), Some(profile_of(name))))
        }
    }
}

fn profile_of(name: &Name) -> String {
    format!("declare a profile with xsd= of the same WSDL and root=\"{name}\"")
}

/// What checks an element by the contract's schemas; its own shape is of no use behind that, and may be large.
fn checked(grammar: &Arc<Grammar>, name: &Name) -> Option<Shape> {
    let rule = Root { grammar: Arc::clone(grammar), element: grammar.root(name)? };
    let checking = Checking { rule: Some(Arc::new(rule)), ..Checking::default() };
    Some(Shape { name: name.local.clone(), namespace: name.namespace.clone(), checking, ..anything() })
}
