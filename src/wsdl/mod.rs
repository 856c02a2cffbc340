//! The writer of WSDL 1.1 documents: document/literal, bindings for both versions of SOAP, one service.

mod write;

#[cfg(test)]
mod tests;

use crate::xml::escape_attribute;

/// What a WSDL describes.
#[derive(Debug, Clone)]
pub struct Definitions<'a> {
    /// The target namespace.
    pub namespace: &'a str,
    /// The service's name; bindings, ports and the port type are named after it.
    pub service: &'a str,
    /// The schemas: each one `xs:schema` element, indented by two steps.
    pub schemas: &'a [String],
    /// The operations, in the order they appear.
    pub operations: &'a [Operation<'a>],
    /// The element in the detail of faults; every operation with an answer declares it.
    pub fault: Option<QName<'a>>,
    /// Whether there is a binding for SOAP 1.1. It is the first.
    pub soap11: bool,
    /// Whether there is a binding for SOAP 1.2.
    pub soap12: bool,
}

/// One operation.
#[derive(Debug, Clone)]
pub struct Operation<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its action.
    pub action: &'a str,
    /// The element in the request's body; `None` for an empty body.
    pub input: Option<QName<'a>>,
    /// The element in the answer's body.
    pub output: Output<'a>,
}

/// What an operation answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output<'a> {
    /// Nothing: it is a one-way operation.
    OneWay,
    /// An envelope with this element in its body.
    Element(QName<'a>),
}

/// The name of a global element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QName<'a> {
    /// Its namespace; `None` for none.
    pub namespace: Option<&'a str>,
    /// Its local name.
    pub local: &'a str,
}

/// A written WSDL in which only the address is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The text between the places where the address stands.
    parts: Vec<String>,
}

impl Document {
    /// Writes everything but the address; the same text for the same definitions.
    pub fn new(definitions: &Definitions<'_>) -> Self {
        write::document(definitions)
    }

    /// The document for a service at this address.
    pub fn at(&self, address: &str) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.parts.iter().map(|part| part.len() + address.len()).sum());
        for (at, part) in self.parts.iter().enumerate() {
            if at > 0 {
                escape_attribute(address, &mut out);
            }
            out.extend_from_slice(part.as_bytes());
        }
        out
    }
}
