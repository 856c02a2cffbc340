//! The `rest` protocol: resources by method and path, in XML or JSON as the caller likes.

use std::sync::Arc;

use hyper::{Method, StatusCode};

use super::accept::{accepted, quality};
use super::family::essence;
use super::reader::{Reader, no_body};
use super::writer::Writer;
use crate::document::codec::Codec;
use crate::document::family::Family;
use crate::document::json::JSON;
use crate::pipeline::answer::Returned;
use crate::pipeline::endpoint::{Call, Endpoint, FailureForm, MediaType, Opened, Reply, Request};
use crate::pipeline::failure::Failure;
use crate::pipeline::operation::{Action, Io, Operation, Profile};

/// The names of XML that callers ask for.
const XML_TYPES: &[&str] = &["application/xml", "text/xml"];

/// An operation served as a resource.
#[derive(Debug)]
struct Rest {
    operation: Arc<Operation>,
    reader: Reader,
    writer: Writer,
}

/// Serves an operation as a resource. The same endpoint may stand at several routes.
pub fn endpoint(operation: Arc<Operation>) -> Arc<dyn Endpoint> {
    let reader = Reader::new(&operation, true, false);
    let writer = Writer::new(&operation, StatusCode::ACCEPTED);
    Arc::new(Rest { operation, reader, writer })
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
    /// The format to answer in; `None` for the output's own.
    fn negotiate(&self, request: &Request) -> Result<Option<&'static dyn Codec>, Failure> {
        if !self.writer.answers() {
            return Ok(None);
        }
        let sent_json = request.content_type().is_some_and(|media| media.is_json());
        let Some(accept) = accepted(&request.headers) else {
            // Who says nothing reads what they wrote.
            let json = sent_json && self.writer.profile().is_some_and(is_xml);
            return Ok(json.then_some(&JSON as &'static dyn Codec));
        };
        match self.writer.profile() {
            Some(profile) if is_xml(profile) => {
                let xml = quality(&accept, XML_TYPES);
                let json = quality(&accept, &["application/json"]);
                if xml == 0 && json == 0 {
                    return Err(not_acceptable("application/xml or application/json"));
                }
                let prefers_json = json > xml || (json == xml && sent_json);
                Ok(prefers_json.then_some(&JSON as &'static dyn Codec))
            }
            Some(profile) if quality(&accept, &[essence(&*profile.codec)]) == 0 => {
                Err(not_acceptable(essence(&*profile.codec)))
            }
            None => {
                let own = MediaType::parse(self.writer.media_type());
                let own = own.map(|media| media.essence).unwrap_or_default();
                if quality(&accept, &[&own]) == 0 { Err(not_acceptable(&own)) } else { Ok(None) }
            }
            Some(_) => Ok(None),
        }
    }
}

fn is_xml(profile: &Profile) -> bool {
    Family::of(&*profile.codec) == Family::Xml
}

fn not_acceptable(offered: &str) -> Failure {
    let message = format!("The request accepts no form that the answer has: it can be had as {offered}.");
    Failure::client(StatusCode::NOT_ACCEPTABLE, "not-acceptable", message)
}

impl Endpoint for Rest {
    fn failure_form(&self, request: &Request) -> FailureForm {
        let Some(accept) = accepted(&request.headers) else { return FailureForm::Problem };
        let xml = quality(&accept, &["application/problem+xml", "application/xml", "text/xml"]);
        let json = quality(&accept, &["application/problem+json", "application/json"]);
        if xml > json { FailureForm::ProblemXml } else { FailureForm::Problem }
    }

    fn open(&self, request: &Request) -> Result<Opened, Failure> {
        let format = self.negotiate(request)?;
        let documents = self.reader.read(request, no_body)?;
        let operation = Arc::clone(&self.operation);
        Ok(Opened::Call(Call { operation, documents, soap: None, format, entry: 0 }))
    }

    fn close(&self, call: &Call, returned: Returned) -> Result<Reply, Failure> {
        self.writer.write(returned, call.format.is_some_and(|codec| codec.format() == "json"))
    }
}

#[cfg(test)]
#[path = "rest_tests.rs"]
mod tests;
