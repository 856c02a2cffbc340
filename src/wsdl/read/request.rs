//! What a client of a contract must know of an operation: where it is called, what is sent, and what may come back.

use super::model::{
    BoundOperation, Contract, Endpoint, MimePart, Operation, PartKind, Payload, Protocol, Style,
};
use super::offer::{FROM_SERVICE, LeftOut};
use super::wire::{Side, Wire};
use crate::document::tree::Name;

/// An operation over SOAP as a client calls it. Every name of an element is one of a global element of the contract's
/// schemas, those that were made for rpc messages among them.
#[derive(Debug, Clone)]
pub struct Call<'c> {
    /// The port and its binding; the version of SOAP is its protocol.
    pub endpoint: Endpoint<'c>,
    /// The operation as it is bound there.
    pub bound: &'c BoundOperation,
    /// The same as the port type has it.
    pub operation: &'c Operation,
    /// The port's address, as it is written; `None` for a binding without a port, or a port that has none.
    pub address: Option<&'c str>,
    /// The SOAP action: a header of HTTP in SOAP 1.1, a parameter of the media type in 1.2. `None` where none is given, which
    /// SOAP 1.1 sends as an empty one.
    pub action: Option<&'c str>,
    /// Whether the body holds the elements of its parts, or one of the operation's name around them.
    pub style: Style,
    /// What is sent.
    pub request: Envelope<'c>,
    /// What is answered; `None` for a one-way operation.
    pub answer: Option<Envelope<'c>>,
    /// What may be answered in its place.
    pub faults: Vec<DeclaredFault<'c>>,
}

/// What an envelope of an operation holds.
#[derive(Debug, Clone, Default)]
pub struct Envelope<'c> {
    /// The elements in the body, in their order: one, or none. Only contracts against the Basic Profile (R2201) have several.
    pub body: Vec<Name>,
    /// Whether the body is encoded (SOAP 1.1 section 5), not literal.
    pub is_encoded: bool,
    /// The elements of the header blocks that the contract declares; what must be sent it does not say.
    pub headers: Vec<Name>,
    /// The parts of the message that stand beside the envelope.
    pub attachments: Vec<&'c MimePart>,
}

/// A fault that an operation declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredFault<'c> {
    /// Its name in the contract, which is not on the wire.
    pub name: &'c str,
    /// The element in the detail, by which it is known; `None` where the contract gives a type in its place.
    pub detail: Option<Name>,
}

impl<'c> Call<'c> {
    /// The version of SOAP, as the protocol of its binding.
    pub fn protocol(&self) -> &'c Protocol {
        &self.endpoint.binding.protocol
    }

    /// Whether no envelope answers it.
    pub fn is_one_way(&self) -> bool {
        self.answer.is_none()
    }
}

impl Contract {
    /// The operations of an endpoint as a client calls them, in the order of its binding, and those that it cannot call.
    /// Several may have one name: they differ in their inputs.
    pub fn calls<'c>(&'c self, endpoint: &Endpoint<'c>) -> (Vec<Call<'c>>, Vec<LeftOut>) {
        let (mut found, mut left) = (Vec::new(), Vec::new());
        for (bound, operation) in endpoint.operations() {
            match self.call(endpoint, bound, operation) {
                Ok(call) => found.push(call),
                Err(why) => left.push(LeftOut { name: bound.name.clone(), span: bound.span, why }),
            }
        }
        (found, left)
    }

    /// One operation of an endpoint as a client calls it.
    ///
    /// # Errors
    /// Why it cannot be called, to stand behind its name.
    pub fn call<'c>(
        &'c self,
        endpoint: &Endpoint<'c>,
        bound: &'c BoundOperation,
        operation: &'c Operation,
    ) -> Result<Call<'c>, String> {
        if !endpoint.binding.protocol.is_soap() {
            return Err(format!("is not called over SOAP, but over {}", endpoint.binding.protocol.shown()));
        }
        if operation.is_from_service {
            return Err(FROM_SERVICE.to_owned());
        }
        let envelope = |side| self.envelope(bound, operation, side).transpose();
        Ok(Call {
            endpoint: *endpoint,
            bound,
            operation,
            address: endpoint.port.and_then(|(_, port)| port.address.as_deref()),
            action: bound.action.as_deref(),
            style: bound.style,
            request: envelope(Side::Request)?.unwrap_or_default(),
            answer: envelope(Side::Answer)?,
            faults: self.faults(operation),
        })
    }

    /// What an envelope of one side holds; `None` where the operation has no message there.
    fn envelope<'c>(
        &'c self,
        bound: &'c BoundOperation,
        operation: &'c Operation,
        side: Side,
    ) -> Option<Result<Envelope<'c>, String>> {
        let (message, payload) = self.message_of(bound, operation, side)?;
        let body = match self.wire(bound, operation, side)? {
            Wire::Empty => Vec::new(),
            Wire::Element(name) => vec![name],
            Wire::Unfit(why) => {
                let element = |kind: &PartKind| match kind {
                    PartKind::Element(name) => Some(name.clone()),
                    PartKind::Type(_) => None,
                };
                let all: Option<Vec<Name>> =
                    message.in_body(payload).iter().map(|part| element(&part.kind)).collect();
                let what = if side == Side::Request { "request" } else { "answer" };
                match all {
                    Some(all) => all,
                    None => return Some(Err(format!("cannot be called: its {what} {why}"))),
                }
            }
        };
        let said = payload.and_then(|payload| payload.body.as_ref());
        Some(Ok(Envelope {
            body,
            is_encoded: said.is_some_and(|body| body.is_encoded),
            headers: self.header_elements(payload),
            attachments: payload.map(attached).unwrap_or_default(),
        }))
    }

    fn faults<'c>(&'c self, operation: &'c Operation) -> Vec<DeclaredFault<'c>> {
        let one = |fault: &'c super::model::MessageUse| {
            let part = self.message(&fault.message).and_then(|message| message.parts.first());
            let detail = part.and_then(|part| match &part.kind {
                PartKind::Element(name) => Some(name.clone()),
                PartKind::Type(_) => None,
            });
            DeclaredFault { name: &fault.name, detail }
        };
        operation.faults.iter().map(one).collect()
    }
}

fn attached(payload: &Payload) -> Vec<&MimePart> {
    payload.attachments.iter().collect()
}
