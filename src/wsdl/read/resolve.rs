//! What every name of a contract means: a port's binding, a binding's port type, an operation's messages, a part's element.

use std::collections::HashSet;

use super::load::{Gathered, Missing, XS};
use super::model::{Contract, Header, Message, Operation, Part, PartKind, Payload};
use super::{BoundOperation, PortType};
use crate::document::tree::Name;
use crate::schema::grammar::Documents;
use crate::source::{Finding, Span};

/// Finds the operations of bindings in their port types, and reports names of nothing.
pub(super) fn names(gathered: &mut Gathered) {
    let mut found = Vec::new();
    let mut resolver = Resolver { contract: &gathered.contract, findings: Vec::new(), lost: HashSet::new() };
    resolver.twice();
    resolver.ports();
    resolver.port_types();
    for binding in &gathered.contract.bindings {
        let port_type = gathered.contract.port_type(&binding.port_type);
        if port_type.is_none() {
            let what = format!("the binding `{}` is of the port type", binding.name.local);
            let known = gathered.contract.port_types.iter().map(|known| &known.name);
            resolver.unknown(&what, &binding.port_type, binding.span, known);
        }
        let operations: Vec<Option<usize>> = binding
            .operations
            .iter()
            .map(|bound| port_type.and_then(|port_type| resolver.operation(bound, port_type)))
            .collect();
        found.push(operations);
    }
    let Resolver { findings, lost, .. } = resolver;
    for (binding, operations) in gathered.contract.bindings.iter_mut().zip(found) {
        for (bound, operation) in binding.operations.iter_mut().zip(operations) {
            bound.operation = operation;
        }
    }
    // What was not read comes first: the rest follows from it.
    let is_missed = |missing: &Missing| {
        lost.iter().any(|name: &Name| missing.namespace.is_none() || name.namespace == missing.namespace)
    };
    gathered.findings.extend(gathered.missing.iter().map(|missing| missing.finding(is_missed(missing))));
    gathered.findings.extend(findings);
}

struct Resolver<'c> {
    contract: &'c Contract,
    findings: Vec<Finding>,
    /// Names of which nothing was found.
    lost: HashSet<Name>,
}

impl<'c> Resolver<'c> {
    fn unknown(&mut self, what: &str, name: &Name, span: Span, known: impl Iterator<Item = &'c Name>) {
        let known: Vec<String> = known.map(Name::to_string).collect();
        let message = format!("{what} {name}, which is not there");
        let finding = Finding::error("bad-wsdl", span, message);
        self.findings.push(finding.suggest(&name.to_string(), known.iter().map(String::as_str)));
        self.lost.insert(name.clone());
    }

    /// Two of one kind and name.
    fn twice(&mut self) {
        let contract = self.contract;
        let messages = contract.messages.iter().map(|one| ("messages", &one.name, one.span));
        let port_types = contract.port_types.iter().map(|one| ("port types", &one.name, one.span));
        let bindings = contract.bindings.iter().map(|one| ("bindings", &one.name, one.span));
        let services = contract.services.iter().map(|one| ("services", &one.name, one.span));
        let mut seen = std::collections::HashMap::new();
        for (kind, name, span) in messages.chain(port_types).chain(bindings).chain(services) {
            if let Some(first) = seen.insert((kind, name), span) {
                let message = format!("there are two {kind} {name}");
                let finding = Finding::error("bad-wsdl", span, message);
                self.findings.push(finding.also(first, "the other one is here"));
            }
        }
    }

    fn ports(&mut self) {
        let contract = self.contract;
        for port in contract.services.iter().flat_map(|service| &service.ports) {
            if contract.binding(&port.binding).is_none() {
                let what = format!("the port `{}` has the binding", port.name);
                let known = contract.bindings.iter().map(|known| &known.name);
                self.unknown(&what, &port.binding, port.span, known);
            }
        }
    }

    fn port_types(&mut self) {
        let contract = self.contract;
        for operation in contract.port_types.iter().flat_map(|port_type| &port_type.operations) {
            for used in operation.input.iter().chain(&operation.output).chain(&operation.faults) {
                if contract.message(&used.message).is_none() {
                    let what = format!("the operation `{}` has the message", operation.name);
                    let known = contract.messages.iter().map(|known| &known.name);
                    self.unknown(&what, &used.message, used.span, known);
                }
            }
        }
    }

    /// The operation that is bound: the one of its name, and, of several, the one whose input and output are named alike.
    fn operation(&mut self, bound: &BoundOperation, port_type: &PortType) -> Option<usize> {
        let named = || {
            let all = port_type.operations.iter().enumerate();
            all.filter(|(_, operation)| operation.name == bound.name)
        };
        let is_meant = |operation: &Operation| {
            let [input, output] = &bound.uses;
            let same = |own: &Option<String>, used: Option<&String>| own.is_none() || own.as_ref() == used;
            same(input, operation.input.as_ref().map(|used| &used.name))
                && same(output, operation.output.as_ref().map(|used| &used.name))
        };
        let meant = named().find(|(_, operation)| is_meant(operation)).or_else(|| named().next());
        let Some((at, operation)) = meant else {
            let message = format!(
                "the binding has an operation `{}`, which the port type `{}` has not",
                bound.name, port_type.name.local
            );
            let known = port_type.operations.iter().map(|operation| operation.name.as_str());
            // It has no messages, so nobody can call it; the others can be called.
            self.findings.push(Finding::warning("bad-wsdl", bound.span, message).suggest(&bound.name, known));
            return None;
        };
        let message = |used: &Option<super::MessageUse>| {
            used.as_ref().and_then(|used| self.contract.message(&used.message))
        };
        let (input, output) = (message(&operation.input), message(&operation.output));
        self.payload(bound.input.as_ref(), input);
        self.payload(bound.output.as_ref(), output);
        Some(at)
    }

    /// The parts that a binding names.
    fn payload(&mut self, payload: Option<&Payload>, message: Option<&'c Message>) {
        let Some(payload) = payload else { return };
        if let (Some(body), Some(message)) = (&payload.body, message) {
            for name in body.parts.iter().flatten().filter(|name| message.part(name).is_none()) {
                let what = format!(
                    "the body has the part `{name}`, which the message `{}` has not",
                    message.name.local
                );
                let known = message.parts.iter().map(|part| part.name.as_str());
                self.findings.push(Finding::error("bad-wsdl", body.span, what).suggest(name, known));
            }
        }
        for header in payload.headers.iter().flat_map(|header| std::iter::once(header).chain(&header.faults))
        {
            self.header(header);
        }
    }

    fn header(&mut self, header: &Header) {
        let contract = self.contract;
        let Some(message) = contract.message(&header.message) else {
            let known = contract.messages.iter().map(|known| &known.name);
            return self.unknown("this header is of the message", &header.message, header.span, known);
        };
        if message.part(&header.part).is_none() {
            let what = format!(
                "this header is the part `{}`, which the message `{}` has not",
                header.part, message.name.local
            );
            let known = message.parts.iter().map(|part| part.name.as_str());
            self.findings.push(Finding::error("bad-wsdl", header.span, what).suggest(&header.part, known));
        }
    }
}

/// Reports parts whose element or type no schema declares.
pub(super) fn types(contracts: &[Contract], documents: &Documents, findings: &mut Vec<Finding>) {
    let elements = documents.globals(&["element"]);
    let types = documents.globals(&["simpleType", "complexType"]);
    for part in contracts.iter().flat_map(|contract| &contract.messages).flat_map(|message| &message.parts) {
        let Part { name: own, kind, span } = part;
        let (what, name, known) = match kind {
            PartKind::Element(name) => ("element", name, &elements),
            PartKind::Type(name) => ("type", name, &types),
        };
        if known.contains(name) || (what == "type" && name.namespace.as_deref() == Some(XS)) {
            continue;
        }
        let message = format!("the part `{own}` is of the {what} {name}, which no schema declares");
        let mut near: Vec<String> = known.iter().map(Name::to_string).collect();
        near.sort();
        let finding = Finding::error("bad-wsdl", *span, message);
        findings.push(finding.suggest(&name.to_string(), near.iter().map(String::as_str)));
    }
}
