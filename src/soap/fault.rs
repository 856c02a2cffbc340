//! Faults: what went wrong, as both versions write it (SOAP 1.1 section 4.4; SOAP 1.2 part 1, section 5.4).

use super::{Version, write};
use crate::document::tree::Element;
use crate::xml::{escape_attribute, escape_text, is_ncname, write_element};

/// The namespace of our subcodes and of the element in a fault's detail.
pub const NAMESPACE: &str = "urn:soapstone:fault";

/// The local name of the element in a fault's detail. It holds `code`, `request` and any number of `violation`, each
/// with `path`, perhaps `line`, and `message`; all are in [`NAMESPACE`].
pub const DETAIL: &str = "failure";

/// A fault, independent of a version.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault<'a> {
    /// Whose fault it is, or which of SOAP's own conditions.
    pub code: Code<'a>,
    /// What went wrong, in a word that stays the same: `invalid-document`. The subcode in 1.2; in the detail in both.
    pub subcode: &'a str,
    /// The subcode that a standard has for it, around ours: namespace and local name.
    pub standard: Option<(&'a str, &'a str)>,
    /// The same in a sentence, in English.
    pub reason: &'a str,
    /// Whether the message is not XML at all.
    pub not_xml: bool,
    /// The request id, for the detail.
    pub request: &'a str,
    /// Whether it is about a header block, which has no place in the detail of SOAP 1.1 (section 4.4).
    pub of_header: bool,
    /// The element in the detail of a declared fault, in place of ours.
    pub declared: Option<&'a Element>,
    /// Header blocks that go with it.
    pub headers: &'a [Element],
    /// The places that are wrong in the body, for the detail.
    pub violations: Vec<Place<'a>>,
}

/// A place in the body that is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// The path to it.
    pub path: &'a str,
    /// The line of the message at which its element begins, from 1, where it is known.
    pub line: Option<usize>,
    /// What was found and what was expected.
    pub message: &'a str,
}

/// Whose fault a fault is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code<'a> {
    /// The message is wrong: `Sender`, in 1.1 `Client`.
    Sender,
    /// The message was not processed for another reason: `Receiver`, in 1.1 `Server`.
    Receiver,
    /// The envelope is of no version that is served; these are.
    VersionMismatch(&'a [Version]),
    /// Header blocks that must be understood and are not: namespace and local name of each.
    MustUnderstand(&'a [(String, String)]),
    /// An encoding style that is not read; 1.1 has no code for it and says `Client`.
    DataEncodingUnknown,
}

/// A fault as an HTTP answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The media type.
    pub content_type: &'static str,
    /// The envelope.
    pub body: Vec<u8>,
}

impl Fault<'_> {
    /// The fault as an answer to a message of version `asked`; `status` is what plain HTTP would say of the failure.
    pub fn answer(&self, asked: Version, status: u16) -> Answer {
        let version = self.version(asked);
        let mut body = Vec::with_capacity(512);
        self.write(version, &mut body);
        Answer { status: self.status(version, status), content_type: version.content_type(), body }
    }

    /// The version to write it in: who sent an unknown version reads 1.1 (SOAP 1.2 part 1, appendix A).
    fn version(&self, asked: Version) -> Version {
        if matches!(self.code, Code::VersionMismatch(_)) { Version::V11 } else { asked }
    }

    /// The status (SOAP 1.1 section 6.2; SOAP 1.2 part 2, table 20). Conditions of HTTP itself keep theirs, as does a
    /// message that is not XML (BP R1113).
    fn status(&self, version: Version, status: u16) -> u16 {
        let own = matches!(status, 401 | 403 | 404 | 405 | 406 | 408 | 413 | 415 | 429 | 431 | 503 | 504);
        let sender = matches!(self.code, Code::Sender | Code::Receiver);
        match (version, self.code) {
            _ if own && sender => status,
            (Version::V12, Code::Sender) => 400,
            _ if self.not_xml => 400,
            _ => 500,
        }
    }

    /// Appends the envelope.
    pub fn write(&self, version: Version, out: &mut Vec<u8>) {
        let prefix = version.prefix();
        put(out, &["<?xml version=\"1.0\" encoding=\"UTF-8\"?><", prefix, ":Envelope xmlns:", prefix, "=\""]);
        put(out, &[version.namespace(), "\">"]);
        self.header(version, out);
        put(out, &["<", prefix, ":Body><", prefix, ":Fault>"]);
        match version {
            Version::V11 => self.body_11(out),
            Version::V12 => self.body_12(out),
        }
        put(out, &["</", prefix, ":Fault></", prefix, ":Body></", prefix, ":Envelope>"]);
    }

    /// The header blocks that go with some codes (SOAP 1.2 part 1, sections 5.4.7 and 5.4.8).
    fn header(&self, version: Version, out: &mut Vec<u8>) {
        let prefix = version.prefix();
        match self.code {
            Code::VersionMismatch(served) => {
                let namespace = Version::V12.namespace();
                put(out, &["<", prefix, ":Header><up:Upgrade xmlns:up=\"", namespace, "\">"]);
                for (at, supported) in served.iter().rev().enumerate() {
                    let name = format!("e{at}");
                    put(out, &["<up:SupportedEnvelope qname=\"", &name, ":Envelope\" xmlns:", &name, "=\""]);
                    put(out, &[supported.namespace(), "\"/>"]);
                }
                put(out, &["</up:Upgrade></", prefix, ":Header>"]);
            }
            Code::MustUnderstand(blocks) if version == Version::V12 => {
                put(out, &["<", prefix, ":Header>"]);
                for (namespace, local) in blocks {
                    put(out, &["<", prefix, ":NotUnderstood qname=\"q:", local, "\" xmlns:q=\""]);
                    escape_attribute(namespace, out);
                    put(out, &["\"/>"]);
                }
                put(out, &["</", prefix, ":Header>"]);
            }
            _ => write::header(version, self.headers, out),
        }
    }

    fn body_11(&self, out: &mut Vec<u8>) {
        let code = match self.code {
            Code::Sender | Code::DataEncodingUnknown => "Client",
            Code::Receiver => "Server",
            Code::VersionMismatch(_) => "VersionMismatch",
            Code::MustUnderstand(_) => "MustUnderstand",
        };
        // Children of a 1.1 Fault are in no namespace and in this order (BP R1000, R1001).
        put(out, &["<faultcode>", Version::V11.prefix(), ":", code, "</faultcode><faultstring>"]);
        escape_text(self.reason, out);
        put(out, &["</faultstring>"]);
        if self.is_of_the_body() && !self.of_header {
            put(out, &["<detail>"]);
            self.detail(out);
            put(out, &["</detail>"]);
        }
    }

    fn body_12(&self, out: &mut Vec<u8>) {
        let code = match self.code {
            Code::Sender => "Sender",
            Code::Receiver => "Receiver",
            Code::VersionMismatch(_) => "VersionMismatch",
            Code::MustUnderstand(_) => "MustUnderstand",
            Code::DataEncodingUnknown => "DataEncodingUnknown",
        };
        put(out, &["<soap:Code><soap:Value>soap:", code, "</soap:Value>"]);
        if self.is_of_the_body() {
            self.subcodes(out);
        }
        put(out, &["</soap:Code><soap:Reason><soap:Text xml:lang=\"en\">"]);
        escape_text(self.reason, out);
        put(out, &["</soap:Text></soap:Reason>"]);
        if self.is_of_the_body() {
            put(out, &["<soap:Detail>"]);
            self.detail(out);
            put(out, &["</soap:Detail>"]);
        }
    }

    /// A subcode is a QName: a word of the file that cannot be one stands in the detail alone.
    fn subcodes(&self, out: &mut Vec<u8>) {
        let own = is_ncname(self.subcode).then_some((NAMESPACE, self.subcode));
        let all: Vec<(&str, &str)> = self.standard.into_iter().chain(own).collect();
        for (namespace, local) in &all {
            put(out, &["<soap:Subcode><soap:Value xmlns:f=\"", namespace, "\">f:", local, "</soap:Value>"]);
        }
        for _ in &all {
            put(out, &["</soap:Subcode>"]);
        }
    }

    /// A fault about headers has no detail (SOAP 1.1 section 4.4).
    fn is_of_the_body(&self) -> bool {
        !matches!(self.code, Code::VersionMismatch(_) | Code::MustUnderstand(_))
    }

    fn detail(&self, out: &mut Vec<u8>) {
        if let Some(element) = self.declared {
            return write_element(element, None, out);
        }
        put(out, &["<f:", DETAIL, " xmlns:f=\"", NAMESPACE, "\">"]);
        leaf("code", self.subcode, out);
        leaf("request", self.request, out);
        for place in &self.violations {
            put(out, &["<f:violation>"]);
            leaf("path", place.path, out);
            if let Some(line) = place.line {
                leaf("line", &line.to_string(), out);
            }
            leaf("message", place.message, out);
            put(out, &["</f:violation>"]);
        }
        put(out, &["</f:", DETAIL, ">"]);
    }
}

fn leaf(name: &str, text: &str, out: &mut Vec<u8>) {
    put(out, &["<f:", name, ">"]);
    escape_text(text, out);
    put(out, &["</f:", name, ">"]);
}

fn put(out: &mut Vec<u8>, parts: &[&str]) {
    for part in parts {
        out.extend_from_slice(part.as_bytes());
    }
}

#[cfg(test)]
#[path = "fault_tests.rs"]
mod tests;
