//! Bindings as they are written: SOAP 1.1 and 1.2, HTTP, and the multipart messages of MIME (WSDL 1.1, sections 2.5 and 3 to 5).

use std::sync::Arc;

use super::WSDL;
use super::load::Gathered;
use super::model::{Binding, Body, BoundFault, BoundOperation, Header, MimePart, Payload, Protocol, Style};
use super::parts::{extension, extensions, own_name, required, required_name};
use super::text::At;
use crate::source::Finding;

/// The binding to SOAP 1.1.
pub(super) const SOAP: &str = "http://schemas.xmlsoap.org/wsdl/soap/";
/// The binding to SOAP 1.2.
pub(super) const SOAP12: &str = "http://schemas.xmlsoap.org/wsdl/soap12/";
/// The binding to HTTP alone.
pub(super) const HTTP: &str = "http://schemas.xmlsoap.org/wsdl/http/";
/// The binding to multipart messages.
pub(super) const MIME: &str = "http://schemas.xmlsoap.org/wsdl/mime/";

/// `wsdl:binding`.
pub(super) fn binding(at: &At<'_>, target: Option<&Arc<str>>, gathered: &mut Gathered) {
    let findings = &mut gathered.findings;
    let Some(name) = own_name(at, target, findings) else { return };
    let Some(port_type) = required_name(at, "type", findings) else { return };
    let (protocol, said) = protocol(at);
    let (style, transport) = match &said {
        Some(said) => {
            (style(said, Style::Document, findings), said.attribute("transport").map(str::to_owned))
        }
        None => (Style::Document, None),
    };
    extensions(at, findings);
    let operations =
        at.named(WSDL, "operation").filter_map(|child| operation(&child, style, findings)).collect();
    let binding = Binding { name, port_type, protocol, style, transport, operations, span: at.span() };
    gathered.contract.bindings.push(binding);
}

/// What a binding is to, and the element that says so.
fn protocol<'s>(at: &'s At<'_>) -> (Protocol, Option<At<'s>>) {
    for child in at.children().filter(|child| child.element.name.local == "binding") {
        let protocol = match child.element.name.namespace.as_deref() {
            Some(SOAP) => Protocol::Soap11,
            Some(SOAP12) => Protocol::Soap12,
            Some(HTTP) => Protocol::Http(child.attribute("verb").unwrap_or("POST").to_owned()),
            Some(WSDL) => continue,
            _ => Protocol::Other(child.element.name.namespace.clone()),
        };
        return (protocol, Some(child));
    }
    (Protocol::Other(None), None)
}

fn style(at: &At<'_>, default: Style, findings: &mut Vec<Finding>) -> Style {
    match at.attribute("style") {
        None | Some("") => default,
        Some("document") => Style::Document,
        Some("rpc") => Style::Rpc,
        Some(other) => {
            let message = format!("`{other}` is no style of SOAP messages");
            let finding = Finding::warning("bad-wsdl", at.span(), message);
            findings.push(finding.suggest(other, ["document", "rpc"]));
            default
        }
    }
}

/// Whether an element is one of SOAP's, of either version: some contracts take the wrong one.
fn is_soap(at: &At<'_>, local: &str) -> bool {
    at.element.name.is(SOAP, local) || at.element.name.is(SOAP12, local)
}

fn operation(at: &At<'_>, of_binding: Style, findings: &mut Vec<Finding>) -> Option<BoundOperation> {
    let mut bound = BoundOperation {
        name: required(at, "name", findings)?,
        operation: None,
        uses: [None, None],
        action: None,
        action_required: None,
        location: None,
        style: of_binding,
        input: None,
        output: None,
        faults: Vec::new(),
        span: at.span(),
    };
    for child in at.children() {
        if is_soap(&child, "operation") {
            bound.style = style(&child, of_binding, findings);
            bound.action = child.attribute("soapAction").map(str::to_owned);
            bound.action_required =
                child.attribute("soapActionRequired").map(|value| ["true", "1"].contains(&value));
        } else if child.element.name.is(HTTP, "operation") {
            bound.location = child.attribute("location").map(str::to_owned);
        } else if child.element.name.is(WSDL, "fault") {
            bound.faults.extend(fault(&child, findings));
        } else if child.element.name.is(WSDL, "input") || child.element.name.is(WSDL, "output") {
            let own = child.attribute("name").filter(|name| !name.is_empty()).map(str::to_owned);
            let payload = Some(payload(&child, findings));
            let [input, output] = &mut bound.uses;
            if child.element.name.local == "input" {
                (bound.input, *input) = (payload, own);
            } else {
                (bound.output, *output) = (payload, own);
            }
        } else {
            extension(&child, findings);
        }
    }
    Some(bound)
}

fn fault(at: &At<'_>, findings: &mut Vec<Finding>) -> Option<BoundFault> {
    let said = at.children().find(|child| is_soap(child, "fault"));
    let inner = said.as_ref().and_then(|said| said.attribute("name"));
    let name = match at.attribute("name").filter(|name| !name.is_empty()).or(inner) {
        Some(name) => name.to_owned(),
        None => required(at, "name", findings)?,
    };
    let is_encoded = said.is_some_and(|said| said.attribute("use") == Some("encoded"));
    Some(BoundFault { name, is_encoded, span: at.span() })
}

/// What stands in an input or output, or in the part of a multipart message that holds the envelope.
fn payload(at: &At<'_>, findings: &mut Vec<Finding>) -> Payload {
    let mut payload = Payload::default();
    add(at, &mut payload, findings);
    payload
}

fn add(at: &At<'_>, payload: &mut Payload, findings: &mut Vec<Finding>) {
    for child in at.children() {
        if is_soap(&child, "body") {
            payload.body = Some(body(&child));
        } else if is_soap(&child, "header") {
            payload.headers.extend(header(&child, findings));
        } else if child.element.name.is(MIME, "multipartRelated") {
            payload.is_multipart = true;
            for part in child.named(MIME, "part") {
                add(&part, payload, findings);
            }
        } else if child.element.name.is(MIME, "content") {
            content(&child, payload);
        } else if child.element.name.namespace.as_deref() != Some(WSDL) {
            extension(&child, findings);
        }
    }
}

/// `mime:content`: alternatives to each other are one part.
fn content(at: &At<'_>, payload: &mut Payload) {
    let part = at.attribute("part").map(str::to_owned);
    let of = at.attribute("type").map(str::to_owned);
    match payload.attachments.iter_mut().find(|known| part.is_some() && known.part == part) {
        Some(known) => known.types.extend(of),
        None => payload.attachments.push(MimePart { part, types: of.into_iter().collect() }),
    }
}

fn body(at: &At<'_>) -> Body {
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect();
    Body {
        parts: at.attribute("parts").map(words),
        is_encoded: at.attribute("use") == Some("encoded"),
        encoding: at.attribute("encodingStyle").filter(|text| !text.is_empty()).map(str::to_owned),
        namespace: at.attribute("namespace").filter(|text| !text.is_empty()).map(str::to_owned),
        span: at.span(),
    }
}

fn header(at: &At<'_>, findings: &mut Vec<Finding>) -> Option<Header> {
    let message = required_name(at, "message", findings);
    let part = required(at, "part", findings);
    let mut faults = Vec::new();
    for child in at.children().filter(|child| is_soap(child, "headerfault")) {
        faults.extend(header(&child, findings));
    }
    let is_encoded = at.attribute("use") == Some("encoded");
    Some(Header { message: message?, part: part?, is_encoded, faults, span: at.span() })
}
