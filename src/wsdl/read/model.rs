//! What a WSDL 1.1 says: services, bindings, port types, messages (WSDL 1.1, section 2).

use std::path::PathBuf;
use std::sync::Arc;

use crate::document::tree::Name;
use crate::source::{FileId, Span};

/// A contract: a WSDL with all that it imports.
#[derive(Debug, Clone, Default)]
pub struct Contract {
    /// The name of its definitions, if they have one.
    pub name: Option<String>,
    /// The target namespace of the file that was named.
    pub namespace: Option<Arc<str>>,
    /// What its documentation says of it all.
    pub documentation: Option<String>,
    /// The services, in the order of the files.
    pub services: Vec<Service>,
    /// The bindings.
    pub bindings: Vec<Binding>,
    /// The port types.
    pub port_types: Vec<PortType>,
    /// The messages.
    pub messages: Vec<Message>,
    /// The WSDL files; the one that was named is the first.
    pub files: Vec<WsdlFile>,
}

/// A file of a contract.
#[derive(Debug, Clone)]
pub struct WsdlFile {
    /// Its number for findings.
    pub file: FileId,
    /// Its path.
    pub path: PathBuf,
    /// What it says.
    pub text: Arc<str>,
}

/// A service (section 2.7).
#[derive(Debug, Clone)]
pub struct Service {
    /// Its name.
    pub name: Name,
    /// What its documentation says.
    pub documentation: Option<String>,
    /// Its ports.
    pub ports: Vec<Port>,
    /// Where it is.
    pub span: Span,
}

/// A port: a binding at an address (section 2.6).
#[derive(Debug, Clone)]
pub struct Port {
    /// Its name.
    pub name: String,
    /// What its documentation says.
    pub documentation: Option<String>,
    /// Its binding.
    pub binding: Name,
    /// Its address, as it is written.
    pub address: Option<String>,
    /// Where it is.
    pub span: Span,
}

/// How messages travel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Protocol {
    /// SOAP 1.1 (section 3).
    Soap11,
    /// SOAP 1.2.
    Soap12,
    /// HTTP without an envelope, and its method (section 4).
    Http(String),
    /// Anything else, by the namespace of what says so, if anything does.
    Other(Option<Arc<str>>),
}

impl Protocol {
    /// Whether messages have envelopes.
    pub fn is_soap(&self) -> bool {
        matches!(self, Self::Soap11 | Self::Soap12)
    }

    /// As messages name it.
    pub fn shown(&self) -> &str {
        match self {
            Self::Soap11 => "SOAP 1.1",
            Self::Soap12 => "SOAP 1.2",
            Self::Http(_) => "HTTP",
            Self::Other(_) => "another protocol",
        }
    }
}

/// What stands in a body: the message's elements, or one named after the operation (section 3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Style {
    /// The elements of the parts.
    #[default]
    Document,
    /// An element of the operation's name, in which the parts are.
    Rpc,
}

/// A binding (section 2.5).
#[derive(Debug, Clone)]
pub struct Binding {
    /// Its name.
    pub name: Name,
    /// Its port type.
    pub port_type: Name,
    /// How messages travel.
    pub protocol: Protocol,
    /// The style of operations that do not say theirs.
    pub style: Style,
    /// The transport of SOAP, as it is written: a URI.
    pub transport: Option<String>,
    /// The operations.
    pub operations: Vec<BoundOperation>,
    /// Where it is.
    pub span: Span,
}

/// An operation of a binding.
#[derive(Debug, Clone)]
pub struct BoundOperation {
    /// Its name.
    pub name: String,
    /// The operation in the port type, by position; `None` when there is none.
    pub operation: Option<usize>,
    /// The names of input and output, where they are written: they tell operations of one name apart.
    pub uses: [Option<String>; 2],
    /// The SOAP action, as it is written; an empty one is one.
    pub action: Option<String>,
    /// Whether a client must send the action (SOAP 1.2 only).
    pub action_required: Option<bool>,
    /// The address below the port's (HTTP only).
    pub location: Option<String>,
    /// Its style.
    pub style: Style,
    /// What the request's message becomes.
    pub input: Option<Payload>,
    /// What the answer's message becomes.
    pub output: Option<Payload>,
    /// The faults.
    pub faults: Vec<BoundFault>,
    /// Where it is.
    pub span: Span,
}

/// How a message is written.
#[derive(Debug, Clone, Default)]
pub struct Payload {
    /// What stands in the body; `None` where nothing is said of it.
    pub body: Option<Body>,
    /// The headers.
    pub headers: Vec<Header>,
    /// The parts of a multipart message, without the one that holds the envelope (section 5).
    pub attachments: Vec<MimePart>,
    /// Whether it is a multipart message.
    pub is_multipart: bool,
}

/// What stands in a body (section 3.5).
#[derive(Debug, Clone, Default)]
pub struct Body {
    /// The message's parts that are in it; `None` for all that are in no header and no attachment.
    pub parts: Option<Vec<String>>,
    /// Whether it is encoded (`use="encoded"`), not literal.
    pub is_encoded: bool,
    /// The encoding, where it is: URIs.
    pub encoding: Option<String>,
    /// The namespace of the element that stands around the parts of an rpc message.
    pub namespace: Option<String>,
    /// Where it is.
    pub span: Span,
}

/// A header, or a header of a fault about one (section 3.7).
#[derive(Debug, Clone)]
pub struct Header {
    /// The message that has its part.
    pub message: Name,
    /// The part that it is.
    pub part: String,
    /// Whether it is encoded.
    pub is_encoded: bool,
    /// The headers of faults about it.
    pub faults: Vec<Header>,
    /// Where it is.
    pub span: Span,
}

/// A part of a multipart message.
#[derive(Debug, Clone)]
pub struct MimePart {
    /// The message's part that it holds.
    pub part: Option<String>,
    /// The media types that it may have.
    pub types: Vec<String>,
}

/// A fault of an operation in a binding (section 3.6).
#[derive(Debug, Clone)]
pub struct BoundFault {
    /// Its name: that of the fault in the port type.
    pub name: String,
    /// Whether it is encoded.
    pub is_encoded: bool,
    /// Where it is.
    pub span: Span,
}

/// A port type (section 2.4).
#[derive(Debug, Clone)]
pub struct PortType {
    /// Its name.
    pub name: Name,
    /// What its documentation says.
    pub documentation: Option<String>,
    /// Its operations.
    pub operations: Vec<Operation>,
    /// Where it is.
    pub span: Span,
}

/// An operation of a port type.
#[derive(Debug, Clone)]
pub struct Operation {
    /// Its name; several may have it, with inputs of different names.
    pub name: String,
    /// What its documentation says.
    pub documentation: Option<String>,
    /// What is sent to the service; `None` for a notification.
    pub input: Option<MessageUse>,
    /// What it answers; `None` for a one-way operation.
    pub output: Option<MessageUse>,
    /// What else it may answer.
    pub faults: Vec<MessageUse>,
    /// Whether the service sends first: its output stands before its input (sections 2.4.3 and 2.4.4).
    pub is_from_service: bool,
    /// The order of parts that makes a signature of it, where one is given.
    pub order: Option<String>,
    /// Where it is.
    pub span: Span,
}

/// A message as input, output or fault.
#[derive(Debug, Clone)]
pub struct MessageUse {
    /// Its name, its own or by default (section 2.4.5).
    pub name: String,
    /// The message.
    pub message: Name,
    /// What its documentation says.
    pub documentation: Option<String>,
    /// Where it is.
    pub span: Span,
}

/// A message (section 2.3).
#[derive(Debug, Clone)]
pub struct Message {
    /// Its name.
    pub name: Name,
    /// Its parts.
    pub parts: Vec<Part>,
    /// Where it is.
    pub span: Span,
}

/// A part of a message.
#[derive(Debug, Clone)]
pub struct Part {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: PartKind,
    /// Where it is.
    pub span: Span,
}

/// What a part is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PartKind {
    /// A global element.
    Element(Name),
    /// A value of a type.
    Type(Name),
}

/// A binding that is offered: by a port of a service, or by itself where no port has it.
#[derive(Debug, Clone, Copy)]
pub struct Endpoint<'c> {
    /// The service and its port.
    pub port: Option<(&'c Service, &'c Port)>,
    /// The binding.
    pub binding: &'c Binding,
    /// Its port type.
    pub port_type: &'c PortType,
}

impl Contract {
    /// The binding of a name.
    pub fn binding(&self, name: &Name) -> Option<&Binding> {
        self.bindings.iter().find(|binding| binding.name == *name)
    }

    /// The port type of a name.
    pub fn port_type(&self, name: &Name) -> Option<&PortType> {
        self.port_types.iter().find(|port_type| port_type.name == *name)
    }

    /// The message of a name.
    pub fn message(&self, name: &Name) -> Option<&Message> {
        self.messages.iter().find(|message| message.name == *name)
    }

    /// Everything that is offered: the ports of all services in their order, then bindings that no port has.
    pub fn endpoints(&self) -> Vec<Endpoint<'_>> {
        let mut ports = Vec::new();
        for service in &self.services {
            for port in &service.ports {
                ports.extend(self.binding(&port.binding).map(|binding| (Some((service, port)), binding)));
            }
        }
        let is_used = |binding: &&Binding| {
            self.services.iter().flat_map(|service| &service.ports).any(|port| port.binding == binding.name)
        };
        let alone = self.bindings.iter().filter(|binding| !is_used(binding)).map(|binding| (None, binding));
        let mut found = Vec::new();
        for (port, binding) in ports.into_iter().chain(alone) {
            if let Some(port_type) = self.port_type(&binding.port_type) {
                found.push(Endpoint { port, binding, port_type });
            }
        }
        found
    }
}

impl<'c> Endpoint<'c> {
    /// The operations, each as it is bound and as the port type has it.
    pub fn operations(&self) -> impl Iterator<Item = (&'c BoundOperation, &'c Operation)> + use<'c> {
        let port_type = self.port_type;
        let of = move |bound: &'c BoundOperation| Some((bound, port_type.operations.get(bound.operation?)?));
        self.binding.operations.iter().filter_map(of)
    }
}
