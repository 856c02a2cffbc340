//! The `rest` protocol: resources by method and path, in XML or JSON as the caller likes.

use std::sync::Arc;

use compact_str::CompactString;
use hyper::header::{HeaderValue, VARY};
use hyper::{Method, StatusCode};

use super::accept::{accepted, quality};
use super::query;
use super::reader::{Reader, no_body};
use super::writer::Writer;
use crate::document::codec::Codec;
use crate::document::family::Family;
use crate::document::json::JSON;
use crate::pipeline::answer::Returned;
use crate::pipeline::endpoint::{Call, Endpoint, FailureForm, MediaType, Opened, Reply, Request};
use crate::pipeline::failure::Failure;
use crate::pipeline::operation::{Action, Io, Operation, Profile};
use crate::pipeline::page::{More, Pager, Spoken};
use crate::pipeline::passing::Bodies;
use crate::pipeline::published::{BYTES, Form, Resource};
use crate::source::Place;

/// The names of XML that callers ask for.
const XML_TYPES: &[&str] = &["application/xml", "text/xml"];

/// A resource that is served.
#[derive(Debug)]
struct Rest {
    resource: Arc<Resource>,
    reader: Reader,
    writer: Writer,
}

/// Serves a resource.
pub fn endpoint(resource: Arc<Resource>) -> Arc<dyn Endpoint> {
    let reader = Reader::new(&resource.operation, &resource.reads, false);
    let writer = Writer::new(&resource.operation, resource.on_empty, StatusCode::ACCEPTED);
    Arc::new(Rest { resource, reader, writer })
}

/// An operation as a resource of which nothing else is said.
pub fn resource(operation: &Arc<Operation>, method: Method, path: &str, place: Place) -> Resource {
    Resource {
        method,
        path: path.to_owned(),
        prefix: false,
        operation: Arc::clone(operation),
        description: None,
        parameters: Vec::new(),
        conditions: Arc::default(),
        reads: Form::of(&operation.input),
        writes: Form::of(&operation.output),
        on_empty: operation.on_empty,
        place,
    }
}

/// The default path behind the listener's prefix: `/Order`; `None` for an operation without an object.
pub fn path(operation: &Operation) -> Option<String> {
    (!operation.object.is_empty()).then(|| format!("/{}", operation.object))
}

/// The method of an operation where no route says another: that of its action. One that takes a document is called with
/// POST where the action alone would mean GET, which has no body.
pub fn method(operation: &Operation) -> Method {
    match operation.action {
        Action::Get | Action::Query if !matches!(operation.input, Io::None) => Method::POST,
        Action::Get | Action::Query => Method::GET,
        Action::Create | Action::Execute | Action::Upsert => Method::POST,
        Action::Update => Method::PUT,
        Action::Delete => Method::DELETE,
    }
}

impl Rest {
    /// The form to answer in.
    fn negotiate(&self, request: &Request) -> Result<Form, Failure> {
        let Some(first) = self.resource.writes.first() else { return Ok(Form::Own) };
        // Asked only where JSON can be had: it takes a media type apart.
        let writes_json = self.resource.writes.contains(&Form::Json);
        let sent_json = || writes_json && request.content_type().is_some_and(|media| media.is_json());
        let Some(accept) = accepted(&request.headers) else {
            // Who says nothing reads what they wrote.
            return Ok(if sent_json() { Form::Json } else { *first });
        };
        let (mut best, sent_json) = ((0, *first), sent_json());
        for form in &self.resource.writes {
            let wanted = self.wanted(*form, &accept);
            if wanted > best.0 || (wanted == best.0 && wanted > 0 && sent_json && *form == Form::Json) {
                best = (wanted, *form);
            }
        }
        if best.0 == 0 { Err(self.not_acceptable()) } else { Ok(best.1) }
    }

    /// How much a form is wanted.
    fn wanted(&self, form: Form, accept: &str) -> u16 {
        let output = &self.resource.operation.output;
        if form == Form::Own && output.profile().is_some_and(|profile| is_xml(profile)) {
            return quality(accept, XML_TYPES);
        }
        quality(accept, &[&essence(form, output)])
    }

    fn not_acceptable(&self) -> Failure {
        let output = &self.resource.operation.output;
        let offered: Vec<_> = self.resource.writes.iter().map(|form| essence(*form, output)).collect();
        let offered = offered.join(" or ");
        let message = format!("The request accepts no form that the answer has: it can be had as {offered}.");
        Failure::client(StatusCode::NOT_ACCEPTABLE, "not-acceptable", message)
    }

    /// Whether the answer's form is the caller's choice.
    fn is_negotiated(&self) -> bool {
        self.resource.writes.len() > 1
    }
}

/// The media type of a form of an answer, without its parameters.
fn essence(form: Form, output: &Io) -> CompactString {
    let own = form.media_type(output).unwrap_or(BYTES);
    MediaType::parse(own).map(|media| media.essence).unwrap_or_default()
}

fn is_xml(profile: &Profile) -> bool {
    Family::of(&*profile.codec) == Family::Xml
}

impl Endpoint for Rest {
    fn failure_form(&self, request: &Request) -> FailureForm {
        let Some(accept) = accepted(&request.headers) else { return FailureForm::Problem };
        let xml = quality(&accept, &["application/problem+xml", "application/xml", "text/xml"]);
        let json = quality(&accept, &["application/problem+json", "application/json"]);
        if xml > json { FailureForm::ProblemXml } else { FailureForm::Problem }
    }

    fn hands_on(&self) -> bool {
        self.resource.operation.hands_request_on()
    }

    fn bodies(&self, _: &Method) -> Option<Bodies<'_>> {
        Some(self.resource.operation.bodies())
    }

    fn may_hand_over(&self) -> bool {
        true
    }

    fn open(&self, request: &Request) -> Result<Opened, Failure> {
        self.resource.operation.admit(request.user.as_deref())?;
        if let Some(more) = More::in_query(&self.resource.operation, request, Spoken::Rest) {
            return Ok(Opened::More(more));
        }
        query::check(&self.resource.parameters, &request.query)?;
        let pages = Pager::in_query(&self.resource.operation, request, Spoken::Rest)?;
        let form = self.negotiate(request)?;
        let documents = self.reader.read(request, no_body)?;
        let operation = Arc::clone(&self.resource.operation);
        let format = (form == Form::Json).then_some(&JSON as &'static dyn Codec);
        let attachments = Vec::new();
        Ok(Opened::Call(Call { operation, documents, attachments, soap: None, format, entry: 0, pages }))
    }

    fn close(&self, call: &Call, mut returned: Returned) -> Result<Reply, Failure> {
        // There the tag would be of what was sent, as if it had been kept as it is (RFC 9110, section 9.3.4).
        if self.resource.method == Method::PUT {
            returned.state = None;
        }
        let mut reply = self.writer.write(returned, call.format.is_some(), call.pages.as_ref())?;
        if self.is_negotiated() {
            reply.headers.append(VARY, HeaderValue::from_static("Accept"));
        }
        Ok(reply)
    }
}

#[cfg(test)]
#[path = "rest_tests.rs"]
mod tests;
