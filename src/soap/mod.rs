//! SOAP 1.1 and 1.2: envelopes, headers and faults, without any transport.

pub mod encoded;
pub mod encoding;
pub mod encoding_write;
pub mod envelope;
pub mod fault;
pub mod header;
pub mod mtom;
pub mod packed;
pub mod received;
pub mod write;
pub mod xop;

use std::sync::Arc;

use compact_str::CompactString;

use self::header::Block;
use crate::document::tree::Name;

/// A version of SOAP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Version {
    /// SOAP 1.1.
    V11,
    /// SOAP 1.2.
    V12,
}

impl Version {
    /// The namespace of its envelope.
    pub fn namespace(self) -> &'static str {
        match self {
            Self::V11 => "http://schemas.xmlsoap.org/soap/envelope/",
            Self::V12 => "http://www.w3.org/2003/05/soap-envelope",
        }
    }

    /// The media type of its messages over HTTP (SOAP 1.1 section 6; SOAP 1.2 part 2, section 7.1.4).
    pub fn content_type(self) -> &'static str {
        match self {
            Self::V11 => "text/xml; charset=utf-8",
            Self::V12 => "application/soap+xml; charset=utf-8",
        }
    }

    /// Both, the one that clients choose first at the front.
    pub const ALL: &[Version] = &[Self::V11, Self::V12];

    /// The version with that envelope namespace.
    pub fn of(namespace: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|version| version.namespace() == namespace)
    }

    /// The prefix that our messages use for that namespace. In 1.2 it is one that node-soap knows: under any other it
    /// leaves what it reads as text, whatever the WSDL says.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::V11 => "soapenv",
            Self::V12 => "soap",
        }
    }

    /// `1.1` or `1.2`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V11 => "1.1",
            Self::V12 => "1.2",
        }
    }
}

/// What a request's envelope said beside its body.
#[derive(Debug, Clone)]
pub struct Inbound {
    /// The envelope's version.
    pub version: Version,
    /// The action: the `SOAPAction` header of 1.1, the `action` parameter of 1.2; without quotes.
    pub action: Option<CompactString>,
    /// The header blocks in order.
    pub blocks: Vec<Block>,
    /// The names of those that this node processes for the operation that is called.
    pub processed: Arc<[Name]>,
    /// Whether the body came encoded, and was decoded.
    pub is_encoded: bool,
    /// Whether its sender reads answers whose data stands in parts of its own (MTOM).
    pub speaks_mtom: bool,
}
