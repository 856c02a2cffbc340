//! The WSDL of a listener: it names those of its services that have something for the caller.

use std::sync::Arc;

use hyper::StatusCode;

use crate::pipeline::answer::Returned;
use crate::pipeline::endpoint::{Call, Endpoint, FailureForm, Opened, Reply, Request};
use crate::pipeline::failure::Failure;
use crate::wsdl::directory;

/// The services that apis publish on a listener, each with its path.
#[derive(Debug)]
pub struct Neighbours(pub Vec<(String, Arc<dyn Endpoint>)>);

impl Neighbours {
    /// The WSDL that names them for who asks, and `own` besides: a namespace and a path.
    pub(super) fn wsdl(&self, own: Option<(&str, &str)>, request: &Request) -> Vec<u8> {
        let shown = self.0.iter().filter(|(_, endpoint)| endpoint.shows(request.user.as_deref()));
        let named = shown.filter_map(|(path, endpoint)| Some((endpoint.contract()?, path.as_str())));
        directory(&request.base_url, named.chain(own))
    }
}

/// Answers GET with a WSDL of all services, where apis publish every operation.
#[derive(Debug)]
pub struct Index(pub Arc<Neighbours>);

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
        let body = self.0.wsdl(None, request);
        Ok(Opened::Reply(Reply::new(StatusCode::OK, "text/xml; charset=utf-8", body)))
    }

    fn close(&self, _: &Call, _: Returned) -> Result<Reply, Failure> {
        Err(Failure::internal("no-entry", "no operation is called here"))
    }
}
