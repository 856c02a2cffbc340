//! Endpoints: how a protocol turns a request into a call and what the call gave into a reply.

use std::fmt::Debug;
use std::net::IpAddr;
use std::rc::Rc;
use std::sync::Arc;

use bytes::Bytes;
use compact_str::CompactString;
use hyper::header::HeaderMap;
use hyper::{Method, StatusCode};

use super::access::User;
use super::answer::Returned;
use super::failure::Failure;
use super::operation::Operation;
use super::page::{More, Pager};
use super::passing::Bodies;
use super::route::Defaults;
use super::step::Documents;
use crate::document::codec::{Codec, Limits};
use crate::document::coding::hex_byte;
use crate::document::coming::Coming;
use crate::soap::{Inbound, Version};

pub use crate::mime::MediaType;

/// A request whose head was routed and whose body was read, decompressed and bounded.
#[derive(Debug)]
pub struct Request {
    /// The request id: in every answer and log line.
    pub id: CompactString,
    /// The method.
    pub method: Method,
    /// The path, not decoded.
    pub path: CompactString,
    /// The query without `?`; empty without one.
    pub query: CompactString,
    /// The header fields.
    pub headers: HeaderMap,
    /// The values of `{name}` segments, decoded.
    pub params: Vec<(CompactString, CompactString)>,
    /// The values of query parameters that are taken where it gives none.
    pub defaults: Option<Defaults>,
    /// Who calls, when the listener asks.
    pub user: Option<Arc<User>>,
    /// The caller's address, as far as trusted proxies say.
    pub address: IpAddr,
    /// The scheme and authority the caller used, with the beginning of the path that a trusted proxy took away:
    /// `https://api.example.com/base`, without a slash at its end. Written into contracts and links.
    pub base_url: CompactString,
    /// The body.
    pub body: Bytes,
    /// The body, where it is handed to the process while it is still on its way; `body` is empty then.
    pub coming: Option<Coming>,
    /// The bounds on documents in it.
    pub limits: Limits,
}

impl Request {
    /// The first value of a query parameter, decoded; else its default, where it has one.
    pub fn query(&self, name: &str) -> Option<CompactString> {
        let given = query_pairs(&self.query).find(|(n, _)| n == name);
        let default = || self.defaults.as_ref()?.iter().find(|(n, _)| n == name).cloned();
        given.or_else(default).map(|(_, value)| value)
    }

    /// A header's value where it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The media type in lower case with all its parameters; `None` for none, or for what is not one.
    pub fn content_type(&self) -> Option<MediaType> {
        MediaType::parse(self.header("content-type")?)
    }
}

/// The pairs of a query or form, decoded (`+` is a space).
pub fn query_pairs(query: &str) -> impl Iterator<Item = (CompactString, CompactString)> {
    query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(&name.replace('+', " ")), decode(&value.replace('+', " ")))
    })
}

/// Percent-decoding (RFC 3986, section 2.1); what is no escape stays, what is no UTF-8 is replaced.
pub fn decode(text: &str) -> CompactString {
    if !text.contains('%') {
        return text.into();
    }
    CompactString::from_utf8_lossy(&decoded(text))
}

/// The same; `None` for what is no UTF-8.
pub fn decode_exactly(text: &str) -> Option<CompactString> {
    if !text.contains('%') {
        return Some(text.into());
    }
    CompactString::from_utf8(decoded(text)).ok()
}

fn decoded(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let escaped = (first == b'%').then(|| tail.get(..2)).flatten();
        match escaped.and_then(hex_byte) {
            Some(byte) => {
                out.push(byte);
                rest = tail.get(2..).unwrap_or_default();
            }
            None => {
                out.push(first);
                rest = tail;
            }
        }
    }
    out
}

/// What a request asks for.
#[derive(Debug)]
pub enum Opened {
    /// To run an operation.
    Call(Call),
    /// A page of an answer that was given before.
    More(More),
    /// What became of an execution that was handed over.
    Execution(HandedOver),
    /// Something the endpoint answers itself, like its WSDL.
    Reply(Reply),
}

/// A call of an operation.
#[derive(Debug)]
pub struct Call {
    /// What to run.
    pub operation: Arc<Operation>,
    /// The documents to run it on.
    pub documents: Documents,
    /// What came beside the documents, in parts of its own.
    pub attachments: Documents,
    /// What SOAP said beside the body.
    pub soap: Option<Rc<Inbound>>,
    /// The format the caller wants the answer in, where it had a choice.
    pub format: Option<&'static dyn Codec>,
    /// Which of the endpoint's own entries it is: an index that only the endpoint reads.
    pub entry: usize,
    /// What cuts the answer in pages, where it is paged.
    pub pages: Option<Pager>,
}

/// A request about an execution that was handed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandedOver {
    /// Its id.
    pub id: CompactString,
    /// Whether its answer is asked for, and not what became of it.
    pub answer: bool,
    /// Whether to say what became of it in XML, not in JSON.
    pub xml: bool,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Reply {
    /// Its status.
    pub status: StatusCode,
    /// Its header fields, without the ones that every answer has.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
    /// Its body, where it leaves while it is still on its way; `body` is empty then.
    pub coming: Option<Coming>,
}

impl Reply {
    /// An answer with a body of a type.
    pub fn new(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        let mut headers = HeaderMap::with_capacity(4);
        headers.insert(hyper::header::CONTENT_TYPE, hyper::header::HeaderValue::from_static(content_type));
        Self { status, headers, ..Self::of(body.into()) }
    }

    /// An answer without a body.
    pub fn empty(status: StatusCode) -> Self {
        Self { status, ..Self::of(Bytes::new()) }
    }

    /// An answer with a body, of which nothing else is said.
    pub fn of(body: Bytes) -> Self {
        Self { status: StatusCode::OK, headers: HeaderMap::new(), body, coming: None }
    }
}

/// The form of an answer that says what went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureForm {
    /// A SOAP fault of a version.
    Soap(Version),
    /// A problem document in JSON (RFC 9457).
    Problem,
    /// A problem document in XML (RFC 9457, appendix B).
    ProblemXml,
    /// Plain text.
    Text,
}

/// A protocol at an address.
pub trait Endpoint: Debug + Send + Sync {
    /// The form of failures for this request, as far as its head tells; SOAP looks at the body too when there is one.
    fn failure_form(&self, request: &Request) -> FailureForm;

    /// The namespace of the contract that it describes at `?wsdl`, where it does.
    fn contract(&self) -> Option<&str> {
        None
    }

    /// Whether that contract has anything for a caller.
    fn shows(&self, _user: Option<&User>) -> bool {
        true
    }

    /// Whether a request's body may be handed to the process while it is still on its way.
    fn hands_on(&self) -> bool {
        false
    }

    /// What becomes of the bodies of an exchange with a method, where it is a call.
    fn bodies(&self, _method: &Method) -> Option<Bodies<'_>> {
        None
    }

    /// Whether a caller may leave before the answer is complete, and come back for it.
    fn may_hand_over(&self) -> bool {
        false
    }

    /// Bytes to a call.
    ///
    /// # Errors
    /// The request is not one that the endpoint serves.
    fn open(&self, request: &Request) -> Result<Opened, Failure>;

    /// What a call gave to bytes.
    ///
    /// # Errors
    /// The process gave what the operation's output does not allow.
    fn close(&self, call: &Call, returned: Returned) -> Result<Reply, Failure>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_decoded() {
        let pairs: Vec<_> = query_pairs("a=1+2&b=%C3%BC&c&=x&d=%zz").collect();
        assert_eq!(pairs[0], ("a".into(), "1 2".into()));
        assert_eq!(pairs[1].1, "ü");
        assert_eq!(pairs[2], ("c".into(), "".into()));
        assert_eq!(pairs[4].1, "%zz");
    }

    #[test]
    fn only_two_digits_are_an_escape() {
        assert_eq!(decode_exactly("%41%+1%4").as_deref(), Some("A%+1%4"));
        assert_eq!(decode_exactly("%FF"), None);
    }
}
