//! The address at which a listener's services are named when apis publish them all.

use std::sync::Arc;

use hyper::StatusCode;

use crate::pipeline::answer::Returned;
use crate::pipeline::endpoint::{Call, Endpoint, FailureForm, Opened, Reply, Request};
use crate::pipeline::failure::Failure;
use crate::wsdl::Directory;

/// Answers GET with a WSDL of all services.
#[derive(Debug)]
pub struct Index(pub Arc<Directory>);

impl Endpoint for Index {
    fn failure_form(&self, _: &Request) -> FailureForm {
        FailureForm::Text
    }

    fn open(&self, request: &Request) -> Result<Opened, Failure> {
        let asks = |part: &str| part.split('=').next().is_some_and(|word| word.eq_ignore_ascii_case("wsdl"));
        if !request.query.split('&').any(asks) {
            let message = "Add ?wsdl to read which SOAP services there are.";
            return Err(Failure::client(StatusCode::NOT_FOUND, "not-found", message));
        }
        let body = self.0.at(&request.base_url);
        Ok(Opened::Reply(Reply::new(StatusCode::OK, "text/xml; charset=utf-8", body)))
    }

    fn close(&self, _: &Call, _: Returned) -> Result<Reply, Failure> {
        Err(Failure::internal("no-entry", "no operation is called here"))
    }
}
