//! WSDL 1.1: the writer of our own documents (document/literal and rpc/literal, both versions of SOAP, one service), and the
//! reader of others'.

pub mod cache;
mod directory;
pub mod read;
mod template;
mod types;
mod url;
mod write;

#[cfg(test)]
mod tests;

pub use directory::directory;
use template::Template;
pub use url::Url;

/// What a WSDL describes.
#[derive(Debug, Clone)]
pub struct Definitions<'a> {
    /// The target namespace.
    pub namespace: &'a str,
    /// The names of what is in it.
    pub names: &'a Names,
    /// What the service is for; empty without.
    pub documentation: &'a str,
    /// The schemas, each an `xs:schema` element.
    pub schemas: &'a [Schema],
    /// The prefixes in the schemas with their namespaces: declared once more at the root, where there are clients that
    /// look for those of schemas in documents of their own.
    pub prefixes: &'a [(String, &'a str)],
    /// The operations, in the order they appear.
    pub operations: &'a [Operation<'a>],
    /// The element in the detail of faults that no operation declares; every operation with an answer declares it.
    pub fault: Option<QName<'a>>,
    /// How bodies are made of messages.
    pub style: Style,
    /// Whether there is a binding for SOAP 1.1. It is the first.
    pub soap11: bool,
    /// Whether there is a binding for SOAP 1.2.
    pub soap12: bool,
}

/// The names in a WSDL that clients see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    /// The service's.
    pub service: String,
    /// The port's; that of SOAP 1.2 has `12` behind it.
    pub port: String,
    /// The binding's; that of SOAP 1.2 has `12` behind it.
    pub binding: String,
    /// The port type's.
    pub port_type: String,
}

impl Names {
    /// The names around a service's.
    pub fn of(service: &str) -> Self {
        Self {
            service: service.to_owned(),
            port: format!("{service}Port"),
            binding: format!("{service}Binding"),
            port_type: format!("{service}PortType"),
        }
    }
}

/// How the body of a SOAP message is made of a WSDL message (WSDL 1.1, section 3.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Style {
    /// It holds an element.
    #[default]
    Document,
    /// It holds an element of the operation's name around its parts.
    Rpc,
}

impl Style {
    /// Every style by its word.
    pub const ALL: &[(&str, Style)] = &[("document", Self::Document), ("rpc", Self::Rpc)];

    fn word(self) -> &'static str {
        Self::ALL.iter().find(|(_, style)| *style == self).map_or("document", |(word, _)| word)
    }
}

/// A schema with places where something can be put in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schema {
    /// Its target namespace.
    pub namespace: Option<String>,
    /// The `xs:schema` element.
    pub text: String,
    /// Where its first child can stand: a byte of the text.
    pub inside: usize,
    /// Where an import can say where its document is, a byte of the text, with the namespace that it imports.
    pub imports: Vec<(usize, Option<String>)>,
}

/// One operation.
#[derive(Debug, Clone)]
pub struct Operation<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its action.
    pub action: &'a str,
    /// What it does; empty without.
    pub documentation: &'a str,
    /// What the request's body holds.
    pub input: Body<'a>,
    /// What the answer's body holds; `None` for a one-way operation.
    pub output: Option<Body<'a>>,
    /// The header blocks.
    pub headers: Vec<Header<'a>>,
    /// The declared faults.
    pub faults: Vec<Fault<'a>>,
}

/// What a body holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body<'a> {
    /// Nothing.
    Empty,
    /// An element.
    Element(QName<'a>),
    /// The parts of an rpc call, each with its type.
    Parts(Vec<(&'a str, TypeName)>),
}

/// The name of a type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TypeName {
    /// One that is built into XML Schema.
    BuiltIn(&'static str),
    /// One of a schema: namespace and local name.
    Named(String, String),
}

/// A header block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header<'a> {
    /// Its element.
    pub element: QName<'a>,
    /// Whether requests carry it.
    pub inbound: bool,
    /// Whether answers carry it.
    pub outbound: bool,
}

/// A declared fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault<'a> {
    /// Its name.
    pub name: &'a str,
    /// The element in its detail.
    pub element: QName<'a>,
    /// When it comes; empty without.
    pub documentation: &'a str,
}

/// The name of a global element.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct QName<'a> {
    /// Its namespace; `None` for none.
    pub namespace: Option<&'a str>,
    /// Its local name.
    pub local: &'a str,
}

/// A written WSDL in which only the address is open: in one file, and in several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    whole: Template,
    split: Template,
    schemas: Vec<Template>,
}

impl Document {
    /// Writes everything but the address; the same text for the same definitions.
    pub fn new(definitions: &Definitions<'_>) -> Self {
        let (split, schemas) = types::split(definitions.schemas);
        Self {
            whole: write::document(definitions, &types::whole(definitions.schemas)),
            split: write::document(definitions, &split),
            schemas,
        }
    }

    /// The document with the schemas in it, for a service at this address.
    pub fn whole(&self, address: &str) -> Vec<u8> {
        self.whole.at(address)
    }

    /// The document that names its schemas by their addresses: `ADDRESS?xsd=N`, from 1.
    pub fn split(&self, address: &str) -> Vec<u8> {
        self.split.at(address)
    }

    /// The schema of that number, from 1; `None` where there is none.
    pub fn schema(&self, number: usize, address: &str) -> Option<Vec<u8>> {
        self.schemas.get(number.checked_sub(1)?).map(|schema| schema.at(address))
    }
}
