//! What stands in the body of a message: the element that a request or an answer is known by (WSDL 1.1, sections 3.4 and 3.5).

use super::model::{BoundOperation, Contract, Header, Message, Operation, Part, PartKind, Payload, Style};
use crate::document::tree::Name;

/// One of the two messages of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// What a client sends.
    Request,
    /// What the service answers.
    Answer,
}

/// What a body holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wire {
    /// Nothing.
    Empty,
    /// This element.
    Element(Name),
    /// What cannot be said by one element: why, to stand behind "its request".
    Unfit(String),
}

impl Contract {
    /// The message of an operation, as its port type has it and as it is bound; `None` where the operation has none.
    pub fn message_of<'c>(
        &'c self,
        bound: &'c BoundOperation,
        operation: &'c Operation,
        side: Side,
    ) -> Option<(&'c Message, Option<&'c Payload>)> {
        let (used, payload) = match side {
            Side::Request => (&operation.input, &bound.input),
            Side::Answer => (&operation.output, &bound.output),
        };
        Some((self.message(&used.as_ref()?.message)?, payload.as_ref()))
    }

    /// What a body of an operation over SOAP holds; `None` where the operation has no such message.
    pub fn wire(&self, bound: &BoundOperation, operation: &Operation, side: Side) -> Option<Wire> {
        let (message, payload) = self.message_of(bound, operation, side)?;
        if bound.style == Style::Rpc {
            let namespace = payload.and_then(|payload| payload.body.as_ref()?.namespace.as_deref());
            let suffix = if side == Side::Request { "" } else { "Response" };
            let local = format!("{}{suffix}", bound.name);
            return Some(Wire::Element(Name::qualified(namespace.unwrap_or_default(), local)));
        }
        let parts = message.in_body(payload);
        Some(match parts.as_slice() {
            [] => Wire::Empty,
            [Part { kind: PartKind::Element(name), .. }] => Wire::Element(name.clone()),
            [Part { name, kind: PartKind::Type(of), .. }] => Wire::Unfit(format!(
                "has the part `{name}` of the type {of}, and not an element, as its body"
            )),
            several => Wire::Unfit(format!("has {} parts side by side in its body", several.len())),
        })
    }
}

impl Contract {
    /// The elements of the header blocks of a message; those that are values of a type have none.
    pub fn header_elements(&self, payload: Option<&Payload>) -> Vec<Name> {
        let element = |header: &Header| match &self.message(&header.message)?.part(&header.part)?.kind {
            PartKind::Element(name) => Some(name.clone()),
            PartKind::Type(_) => None,
        };
        payload.into_iter().flat_map(|payload| &payload.headers).filter_map(element).collect()
    }
}

impl Message {
    /// The parts in the body: those that the binding names, or all that are neither in a header nor attached.
    pub fn in_body(&self, payload: Option<&Payload>) -> Vec<&Part> {
        let Some(payload) = payload else { return self.parts.iter().collect() };
        if let Some(named) = payload.body.as_ref().and_then(|body| body.parts.as_ref()) {
            return named.iter().filter_map(|name| self.part(name)).collect();
        }
        let is_header = |part: &Part| {
            payload.headers.iter().any(|header| header.message == self.name && header.part == part.name)
        };
        let is_attached = |part: &Part| {
            payload.attachments.iter().any(|attached| attached.part.as_ref() == Some(&part.name))
        };
        self.parts.iter().filter(|part| !is_header(part) && !is_attached(part)).collect()
    }

    /// The part of a name.
    pub fn part(&self, name: &str) -> Option<&Part> {
        self.parts.iter().find(|part| part.name == name)
    }
}
