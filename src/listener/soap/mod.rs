//! The `soap` protocol: operations at one address in both versions of SOAP, with the WSDL that describes them.

mod attachments;
mod build;
mod contract;
mod describe;
mod given;
mod headers;
mod index;
mod more;
mod receive;
mod rpc;

use std::cell::Cell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use compact_str::CompactString;
use hyper::header::CONTENT_TYPE;
use hyper::{Method, StatusCode};

use self::attachments::with_parts;
use self::more::MoreResults;
use super::common::into_elements;
use super::page::mark_list;
use super::writer::{too_many, tree};
use crate::document::Document;
use crate::document::tree::{Element, Name};
use crate::pipeline::access::User;
use crate::pipeline::answer::Returned;
use crate::pipeline::endpoint::{Call, Endpoint, FailureForm, Opened, Reply, Request};
use crate::pipeline::failure::Failure;
use crate::pipeline::operation::{Io, Operation};
use crate::pipeline::page::{self, Pager};
use crate::pipeline::passing::{Bodies, Holder, Passing};
use crate::pipeline::step::Documents;
use crate::schema::Shape;
use crate::soap::Version;
use crate::soap::header::Roles;
use crate::soap::mtom::{Included, Mtom, Packing};
use crate::soap::write::Frame;
use crate::wsdl::read::Served;
use crate::wsdl::{self, Style};
use crate::xml::{XML, write_element};

use super::shown::Shown;
use describe::Blueprint;
use rpc::Parts;

pub use build::reason_against;
pub use given::{Terms, service as given_service};
pub use index::{Index, Neighbours};

/// Bytes that an answer's documents are expected to take: more costs a copy, less only memory for a moment.
const ROOM: usize = 2048;

/// What a SOAP service is made of.
#[derive(Debug, Clone)]
pub struct SoapOptions {
    /// The namespace of the WSDL, of wrappers and of lists; [`super::NAMESPACE`] unless the file says another.
    pub namespace: String,
    /// The names in the WSDL.
    pub names: wsdl::Names,
    /// What the service is for, for the WSDL.
    pub description: CompactString,
    /// How bodies are made.
    pub style: Style,
    /// The versions that are served; at least one.
    pub versions: Vec<Version>,
    /// What this node is on the way of messages.
    pub roles: Roles,
    /// The header blocks that are processed beside those that operations declare, so that a client may demand it.
    pub understands: Vec<Name>,
    /// How data of answers goes out.
    pub mtom: Mtom,
    /// All services of the listener, for a WSDL that names them.
    pub neighbours: Option<Arc<Neighbours>>,
    /// The operations in the order of the WSDL.
    pub operations: Vec<SoapOperation>,
}

/// One operation of a service.
#[derive(Debug, Clone)]
pub struct SoapOperation {
    /// What runs.
    pub operation: Arc<Operation>,
    /// Its name in the service; [`Operation::wire_name`] unless the file says another.
    pub name: String,
    /// Its action; made of namespace and name unless the file says another.
    pub action: Option<String>,
    /// Whether bodies hold an element of the operation's name around the documents.
    pub wrapper: bool,
}

/// Why a service cannot be made: an operation that does not fit, or two that get in each other's way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clash {
    /// The operation, as its index in [`SoapOptions::operations`].
    pub operation: usize,
    /// The other one, where there are two.
    pub other: Option<usize>,
    /// What is wrong and what to do about it.
    pub message: String,
}

/// A SOAP service, ready to be put at addresses: POST for messages, GET for its WSDL.
#[derive(Debug)]
pub struct Service {
    namespace: String,
    versions: Vec<Version>,
    roles: Roles,
    /// The header blocks that are processed in every message.
    understands: Vec<Name>,
    mtom: Mtom,
    style: Style,
    entries: Vec<Entry>,
    /// Entries by the local name of the body's child; namespaces are compared then.
    by_body: HashMap<CompactString, Vec<usize>>,
    /// The entry whose body is empty.
    by_nothing: Option<usize>,
    by_action: HashMap<String, usize>,
    wsdl: wsdl::Document,
    /// The contract that is served in place of that, where it was given.
    given: Option<Served>,
    neighbours: Option<Arc<Neighbours>>,
    /// What the WSDL is written from, where it is not the same for all callers.
    blueprint: Option<Box<Blueprint>>,
    /// Those that were written.
    shown: Shown<wsdl::Document>,
}

/// One operation of the service, compiled.
#[derive(Debug)]
struct Entry {
    operation: Arc<Operation>,
    name: String,
    action: String,
    wrapper: bool,
    /// The header blocks that it processes.
    processed: Arc<[Name]>,
    /// How the document is carried in the style rpc.
    parts: Option<Parts>,
    /// Whether it is of the style rpc.
    is_rpc: bool,
    /// The body's child in a request; `None` when the body is empty.
    request: Option<Shape>,
    /// The message that asks for further pages.
    more: Option<MoreResults>,
    /// The header block that asks for a size of pages.
    size: Option<Name>,
    /// What stands around the documents of an answer, in 1.1 and 1.2.
    frames: [Frame; 2],
    /// The same for the answer to an encoded call of 1.2; `None` where there are none.
    encoded: Option<Frame>,
    /// Whether what has no output is answered by an empty body, as its contract says.
    answers_empty: bool,
    /// Whether its answer can hold data, which MTOM takes out.
    holds_data: bool,
}

impl Service {
    /// Compiles a service.
    ///
    /// # Errors
    /// Everything that stands in the way, in the order of the operations.
    pub fn new(options: SoapOptions) -> Result<Self, Vec<Clash>> {
        build::service(options)
    }

    /// The operations' names in the order of the WSDL.
    pub fn names(&self) -> Vec<&str> {
        self.entries.iter().map(|entry| entry.name.as_str()).collect()
    }

    /// The methods to put it at.
    pub fn methods() -> &'static [Method] {
        &[Method::GET, Method::POST]
    }

    /// The WSDL in one file for an address.
    pub fn wsdl(&self, address: &str) -> Vec<u8> {
        self.wsdl.whole(address)
    }

    /// Answers GET: the WSDL or one of its schemas, and nothing else.
    fn describe(&self, request: &Request) -> Result<Opened, Failure> {
        if let Some(reply) = self.given.as_ref().and_then(|files| given::describe(files, request)) {
            return reply.map(Opened::Reply);
        }
        let Some((word, value)) = request.query.split('&').find_map(asked) else {
            let message = "This is the address of a SOAP service. Send a SOAP envelope with POST, or add ?wsdl to read \
                           how.";
            let mut failure = Failure::client(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", message);
            failure.allow = Some("POST".to_owned());
            return Err(failure);
        };
        let address = format!("{}{}", request.base_url, request.path);
        let own = self.blueprint.as_ref().map(|blueprint| {
            let write = |shown: &[bool]| blueprint.document(|at| shown.get(at).is_some_and(|shown| *shown));
            self.shown.of(blueprint.shown(request.user.as_deref()), write)
        });
        let document = own.as_deref().unwrap_or(&self.wsdl);
        let body = match (word, value) {
            (Asked::Wsdl, "single") | (Asked::Single, _) => document.whole(&address),
            (Asked::Wsdl, "all") if let Some(all) = &self.neighbours => {
                let own = (self.namespace.as_str(), request.path.as_str());
                all.wsdl(self.shows(request.user.as_deref()).then_some(own), request)
            }
            (Asked::Wsdl, _) => document.split(&address),
            (Asked::Schema, number) => {
                let schema = number.parse().ok().and_then(|number| document.schema(number, &address));
                let message = "This service has no schema of that number.";
                schema.ok_or_else(|| Failure::client(StatusCode::NOT_FOUND, "not-found", message))?
            }
        };
        Ok(Opened::Reply(Reply::new(StatusCode::OK, "text/xml; charset=utf-8", body)))
    }

    fn call(&self, request: &Request) -> Result<Opened, Failure> {
        let received = self.receive(request)?;
        let entry = self.entries.get(received.entry).ok_or_else(no_entry)?;
        if let Some(token) = received.more {
            return Ok(Opened::More(entry.page(token, received.soap.version)));
        }
        let pages = entry.pager(&received.soap)?;
        let documents = entry.documents(received.body);
        Ok(Opened::Call(Call {
            operation: Arc::clone(&entry.operation),
            documents,
            attachments: received.attachments,
            soap: Some(Rc::new(received.soap)),
            format: None,
            entry: received.entry,
            pages,
        }))
    }
}

/// What a query asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    /// `wsdl`
    Wsdl,
    /// `singleWsdl`, as clients of WCF write it.
    Single,
    /// `xsd`
    Schema,
}

/// The word of a part of a query that asks for a document, and its value.
fn asked(part: &str) -> Option<(Asked, &str)> {
    let (name, value) = part.split_once('=').unwrap_or((part, ""));
    let words = [("wsdl", Asked::Wsdl), ("singlewsdl", Asked::Single), ("xsd", Asked::Schema)];
    let (_, word) = words.iter().find(|(known, _)| name.eq_ignore_ascii_case(known))?;
    Some((*word, value))
}

fn included(_: Included) -> Failure {
    let log = "the process returned a document with an xop:Include in it, which MTOM forbids";
    Failure::internal("wrong-output", log)
}

fn no_entry() -> Failure {
    Failure::internal("no-entry", "a call names an entry that its service does not have")
}

impl Endpoint for Service {
    fn failure_form(&self, request: &Request) -> FailureForm {
        // Who reads the WSDL is no SOAP node; who sends anything may be one, whatever the method.
        if matches!(request.method, Method::GET | Method::HEAD) {
            FailureForm::Text
        } else {
            FailureForm::Soap(receive::version_of(request))
        }
    }

    fn contract(&self) -> Option<&str> {
        Some(&self.namespace)
    }

    fn shows(&self, user: Option<&User>) -> bool {
        self.entries.iter().any(|entry| entry.operation.admits(user))
    }

    fn bodies(&self, method: &Method) -> Option<Bodies<'_>> {
        let held = || Passing::Held(Holder::Message);
        // Others read the contract.
        (method == Method::POST).then(|| Bodies { request: held(), answer: held() })
    }

    fn open(&self, request: &Request) -> Result<Opened, Failure> {
        if request.method == Method::POST { self.call(request) } else { self.describe(request) }
    }

    fn close(&self, call: &Call, mut returned: Returned) -> Result<Reply, Failure> {
        let entry = self.entries.get(call.entry).ok_or_else(no_entry)?;
        let version = call.soap.as_ref().map_or(Version::V11, |soap| soap.version);
        let is_encoded = call.soap.as_ref().is_some_and(|soap| soap.is_encoded);
        let spoken = call.soap.as_ref().is_some_and(|soap| soap.speaks_mtom);
        let always = self.mtom.always == Some(true);
        let packs = always || (spoken && self.mtom.always.is_none() && entry.holds_data);
        // What goes with an answer goes with its first page; each page has the data that was taken out of it.
        let attachments = Cell::new(std::mem::take(&mut returned.attachments));
        entry.answer((version, is_encoded), returned, call.pages.as_ref(), |page| {
            let mut packing = packs.then(|| Packing::new(self.mtom.threshold));
            let reply = page(packing.as_mut())?;
            with_parts(reply, version, packing, always, &attachments.take())
        })
    }
}

/// Writes one page of an answer, and takes the data out of it where it is packed.
type Page<'a> = dyn Fn(Option<&mut Packing>) -> Result<Reply, Failure> + 'a;

impl Entry {
    /// The documents in a checked body; without an input there is one, and it is empty.
    fn documents(&self, body: Option<Element>) -> Documents {
        if matches!(self.operation.input, Io::None) {
            return vec![Document::empty()];
        }
        if let Some(parts) = &self.parts {
            let document = |body| Document::tree_of(parts.document(body), &XML);
            return body.into_iter().map(document).collect();
        }
        let mut elements: Vec<Element> = body.into_iter().collect();
        let levels = usize::from(self.wrapper) + usize::from(self.operation.input.many());
        for _ in 0..levels {
            elements = elements.into_iter().flat_map(into_elements).collect();
        }
        elements.into_iter().map(|element| Document::tree_of(element, &XML)).collect()
    }

    /// An envelope with an empty body.
    fn empty_answer(&self, version: Version) -> Reply {
        let (frame, _) = self.frame(version, false);
        Reply::new(StatusCode::OK, version.content_type(), [frame.before.as_slice(), &frame.after].concat())
    }

    /// The frame of an answer, and whether what stands in it is encoded. Answers to encoded calls of 1.1 are literal.
    fn frame(&self, version: Version, is_encoded: bool) -> (&Frame, bool) {
        let [v11, v12] = &self.frames;
        match (version, &self.encoded) {
            (Version::V12, Some(frame)) if is_encoded => (frame, true),
            (Version::V12, _) => (v12, false),
            (Version::V11, _) => (v11, false),
        }
    }

    /// The answer to a call of that version, which was encoded or not.
    fn answer(
        &self,
        (version, is_encoded): (Version, bool),
        returned: Returned,
        pages: Option<&Pager>,
        finish: impl Fn(&Page<'_>) -> Result<Reply, Failure>,
    ) -> Result<Reply, Failure> {
        let Some(profile) = self.operation.output.profile() else {
            let headers = returned.headers;
            if self.answers_empty {
                return Ok(self.empty_answer(version));
            }
            return Ok(Reply { headers, ..Reply::empty(StatusCode::ACCEPTED) });
        };
        let documents = &returned.documents;
        if documents.len() > 1 && !self.operation.output.many() {
            return Err(too_many(documents.len()));
        }
        if documents.is_empty()
            && let Some(status) = self.operation.on_empty
            && (status.is_client_error() || status.is_server_error())
        {
            // The address is right, whatever SOAP clients take 404 for.
            let message = "There is nothing to answer with.";
            return Err(Failure::client(status, "nothing-found", message).thrown());
        }
        let (frame, encodes) = self.frame(version, is_encoded);
        let mut headers = returned.headers;
        headers.remove(CONTENT_TYPE);
        page::cut(pages, documents, |documents, next| {
            finish(&|mut packing| {
                let mut body = Vec::with_capacity(frame.before.len() + frame.after.len() + ROOM);
                frame.begin(version, &returned.blocks, &mut body);
                mark_list(0, next, &mut body);
                for document in documents {
                    let tree = tree(profile, document)?;
                    let packed = match &mut packing {
                        Some(packing) => Some(packing.take(tree.get(), &profile.shape).map_err(included)?),
                        None => None,
                    };
                    let element = packed.as_ref().unwrap_or_else(|| tree.get());
                    match self.is_rpc {
                        true if encodes => rpc::write_encoded(element.clone(), &profile.shape, &mut body),
                        true => Parts::write(element, &mut body),
                        false => write_element(element, None, &mut body),
                    }
                }
                body.extend_from_slice(&frame.after);
                // An envelope that is no fault goes with 200, whatever `response.status` says: clients take any other for a
                // fault (SOAP 1.1 section 6.2).
                let mut reply = Reply::new(StatusCode::OK, version.content_type(), body);
                reply.headers.extend(headers.clone());
                Ok(reply)
            })
        })
    }
}

#[cfg(test)]
mod tests;
