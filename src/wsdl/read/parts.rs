//! Messages, port types and services as they are written (WSDL 1.1, sections 2.3, 2.4 and 2.7).

use std::sync::Arc;

use super::WSDL;
use super::load::Gathered;
use super::model::{Message, MessageUse, Operation, Part, PartKind, Port, PortType, Service};
use super::text::At;
use crate::document::tree::Name;
use crate::source::Finding;

/// Extensions that are read where they may stand.
const KNOWN: &[&str] =
    &[super::binding::SOAP, super::binding::SOAP12, super::binding::HTTP, super::binding::MIME];

/// What a WSDL says in another namespace is skipped; where it says that it must be understood, that is worth a word.
pub(super) fn extension(at: &At<'_>, findings: &mut Vec<Finding>) {
    let is_required =
        at.element.attribute_in(WSDL, "required").is_some_and(|value| ["true", "1"].contains(&value.trim()));
    let is_known = at.element.name.namespace.as_deref().is_some_and(|namespace| KNOWN.contains(&namespace));
    if is_required && !is_known {
        let message = format!(
            "the contract requires {}, which is not known here: clients may rely on what it asks for",
            at.element.name
        );
        findings.push(Finding::warning("unknown-extension", at.span(), message));
    }
}

/// The extensions among an element's children.
pub(super) fn extensions(at: &At<'_>, findings: &mut Vec<Finding>) {
    for child in at.children().filter(|child| child.element.name.namespace.as_deref() != Some(WSDL)) {
        extension(&child, findings);
    }
}

/// What an attribute names; `None` after a finding, or when it is missing and may be.
pub(super) fn named(at: &At<'_>, attribute: &str, findings: &mut Vec<Finding>) -> Option<Name> {
    let value = at.attribute(attribute)?;
    match at.name(value) {
        // Nothing is defined in the namespace of WSDL: where that is the default one, or there is none, the target is meant.
        Ok(name) if !value.contains(':') && name.namespace.as_deref().is_none_or(|own| own == WSDL) => {
            let namespace = at.target().filter(|_| name.namespace.is_some() || attribute != "element");
            Some(Name { namespace, ..name })
        }
        Ok(name) => Some(name),
        Err(prefix) => {
            let message = format!(
                "{attribute}=\"{value}\" of this {} has the prefix `{prefix}`, which is not declared",
                at.element.name.local
            );
            findings.push(Finding::error("bad-wsdl", at.span(), message));
            None
        }
    }
}

/// An attribute that must be there; `None` after a finding.
pub(super) fn required(at: &At<'_>, attribute: &str, findings: &mut Vec<Finding>) -> Option<String> {
    let value = at.attribute(attribute).filter(|value| !value.is_empty());
    if value.is_none() {
        let message = format!("this {} has no {attribute}=", at.element.name.local);
        findings.push(Finding::error("bad-wsdl", at.span(), message));
    }
    value.map(str::to_owned)
}

/// What must be named; `None` after a finding.
pub(super) fn required_name(at: &At<'_>, attribute: &str, findings: &mut Vec<Finding>) -> Option<Name> {
    required(at, attribute, findings)?;
    named(at, attribute, findings)
}

/// The name of a component in the target namespace.
pub(super) fn own_name(at: &At<'_>, target: Option<&Arc<str>>, findings: &mut Vec<Finding>) -> Option<Name> {
    let local = required(at, "name", findings)?;
    Some(Name { namespace: target.cloned(), local: local.into() })
}

/// `wsdl:message`.
pub(super) fn message(at: &At<'_>, target: Option<&Arc<str>>, gathered: &mut Gathered) {
    let findings = &mut gathered.findings;
    let Some(name) = own_name(at, target, findings) else { return };
    extensions(at, findings);
    let mut parts: Vec<Part> = Vec::new();
    for child in at.named(WSDL, "part") {
        let Some(name) = required(&child, "name", findings) else { continue };
        let element = named(&child, "element", findings);
        let kind = match (element, named(&child, "type", findings)) {
            (Some(element), _) => PartKind::Element(element),
            (None, Some(of)) => PartKind::Type(of),
            (None, None) => {
                if child.attribute("element").or(child.attribute("type")).is_none() {
                    let message = format!("the part `{name}` has neither element= nor type=");
                    findings.push(Finding::error("bad-wsdl", child.span(), message));
                }
                continue;
            }
        };
        if parts.iter().any(|part| part.name == name) {
            let message = format!("the message has two parts `{name}`");
            findings.push(Finding::error("bad-wsdl", child.span(), message));
            continue;
        }
        parts.push(Part { name, kind, span: child.span() });
    }
    gathered.contract.messages.push(Message { name, parts, span: at.span() });
}

/// `wsdl:portType`.
pub(super) fn port_type(at: &At<'_>, target: Option<&Arc<str>>, gathered: &mut Gathered) {
    let findings = &mut gathered.findings;
    let Some(name) = own_name(at, target, findings) else { return };
    extensions(at, findings);
    let operations = at.named(WSDL, "operation").filter_map(|child| operation(&child, findings)).collect();
    let port_type = PortType { name, documentation: at.documentation(), operations, span: at.span() };
    gathered.contract.port_types.push(port_type);
}

fn operation(at: &At<'_>, findings: &mut Vec<Finding>) -> Option<Operation> {
    let name = required(at, "name", findings)?;
    let mut operation = Operation {
        documentation: at.documentation(),
        input: None,
        output: None,
        faults: Vec::new(),
        is_from_service: false,
        order: at.attribute("parameterOrder").map(str::to_owned),
        span: at.span(),
        name,
    };
    let is_two_way = ["input", "output"].iter().all(|word| at.named(WSDL, word).next().is_some());
    for child in at.children() {
        if child.element.name.namespace.as_deref() != Some(WSDL) {
            extension(&child, findings);
            continue;
        }
        // The names by default (section 2.4.5).
        let (name, is_two_way) = (&operation.name, is_two_way);
        match child.element.name.local.as_str() {
            "input" => {
                let default = if is_two_way { format!("{name}Request") } else { name.clone() };
                operation.input = message_use(&child, Some(default), findings);
            }
            "output" => {
                operation.is_from_service = operation.input.is_none();
                let default = if is_two_way { format!("{name}Response") } else { name.clone() };
                operation.output = message_use(&child, Some(default), findings);
            }
            "fault" => operation.faults.extend(message_use(&child, None, findings)),
            _ => {}
        }
    }
    if operation.input.is_none() && operation.output.is_none() && at.named(WSDL, "input").next().is_none() {
        let message = format!("the operation `{}` has neither input nor output", operation.name);
        findings.push(Finding::error("bad-wsdl", at.span(), message));
        return None;
    }
    Some(operation)
}

fn message_use(at: &At<'_>, default: Option<String>, findings: &mut Vec<Finding>) -> Option<MessageUse> {
    extensions(at, findings);
    let message = required_name(at, "message", findings)?;
    let own = at.attribute("name").filter(|name| !name.is_empty()).map(str::to_owned);
    let name = match own.or(default) {
        Some(name) => name,
        None => required(at, "name", findings)?,
    };
    Some(MessageUse { name, message, documentation: at.documentation(), span: at.span() })
}

/// `wsdl:service`.
pub(super) fn service(at: &At<'_>, target: Option<&Arc<str>>, gathered: &mut Gathered) {
    let findings = &mut gathered.findings;
    let Some(name) = own_name(at, target, findings) else { return };
    extensions(at, findings);
    let mut ports = Vec::new();
    for child in at.named(WSDL, "port") {
        extensions(&child, findings);
        let Some(name) = required(&child, "name", findings) else { continue };
        let Some(binding) = required_name(&child, "binding", findings) else { continue };
        let is_address = |of: &At<'_>| {
            of.element.name.local == "address"
                && of.element.name.namespace.as_deref().is_some_and(|own| KNOWN.contains(&own))
        };
        let address =
            child.children().find(is_address).and_then(|of| of.attribute("location").map(str::to_owned));
        let port = Port { name, documentation: child.documentation(), binding, address, span: child.span() };
        ports.push(port);
    }
    let service = Service { name, documentation: at.documentation(), ports, span: at.span() };
    gathered.contract.services.push(service);
}
