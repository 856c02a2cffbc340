//! The address that tells of executions which were handed over to the background.

use std::sync::Arc;

use compact_str::CompactString;
use hyper::Method;

use super::accept::{accepted, quality};
use super::kinds::{Address, route};
use crate::kind::protocol::{ProtocolKind, Published};
use crate::kind::{Compiling, Manual};
use crate::pipeline::answer::Returned;
use crate::pipeline::endpoint::{
    Call, Endpoint, FailureForm, HandedOver, Opened, Reply, Request, query_pairs,
};
use crate::pipeline::failure::Failure;
use crate::pipeline::router::Route;

/// The kind.
pub const KIND: ProtocolKind = ProtocolKind {
    manual: Manual {
        name: "executions",
        summary: "what became of executions that callers did not wait for",
        usage: "paths executions=PREFIX",
        text: "Over REST and plain HTTP a caller may leave before the answer is there: `Prefer: respond-async` for at once, \
               `Prefer: respond-async, wait=10` (seconds) or `X-Max-Wait: 2500` (milliseconds) for as long as it says, and \
               when the time of the request is up. What is complete by then is answered as always; else the answer is 202 with \
               `X-Execution-Id`, and in `Location` and `X-Execution-Status-Link` an address below /ws/executions of the \
               same listener. Nobody is let wait longer than the request may take, whatever it says. The execution goes on as what runs on \
               behind an answer does: for as long as `limits after=` of its operation says (ten times the time of a request \
               without it), within the same number, and a stop waits for it. What is kept is the whole answer, whatever \
               If-None-Match said. GET at the address tells its `state` (running, done or failed) and its times, \
               in JSON or XML as `Accept` says, and when to ask again in `Retry-After`. With `?answer` it gives the answer \
               itself with its status and fields, 202 as long as there is none. Both are for the caller's user alone, as long as it may call the operation, and kept \
               in `state`: what still runs when the process ends counts as failed. An operation without an output is never \
               handed over: its caller does not wait anyway. `paths executions=` moves the prefix.",
        example: "paths executions=\"/executions\"",
    },
    prefix: "/ws/executions",
    publish,
    read: None,
};

/// The segment that is the id.
const ID: &str = "id";

/// Tells of executions.
#[derive(Debug)]
struct Executions;

fn publish(published: &Published<'_>, compiling: &Compiling<'_>) -> Vec<Route> {
    let endpoint: Arc<dyn Endpoint> = Arc::new(Executions);
    let address = Address {
        method: Method::GET,
        path: format!("{}/{{{ID}}}", published.prefix),
        protocol: "executions",
        serves: "executions that were handed over",
        span: published.span,
    };
    vec![route(address, &endpoint, compiling)]
}

impl Executions {
    /// Whether to answer in XML.
    fn xml(request: &Request) -> bool {
        let Some(accept) = accepted(&request.headers) else { return false };
        quality(&accept, &["application/xml", "text/xml"]) > quality(&accept, &["application/json"])
    }
}

impl Endpoint for Executions {
    fn failure_form(&self, request: &Request) -> FailureForm {
        if Self::xml(request) { FailureForm::ProblemXml } else { FailureForm::Problem }
    }

    fn open(&self, request: &Request) -> Result<Opened, Failure> {
        let id = request.params.iter().find(|(name, _)| name == ID);
        let id = id.map_or_else(CompactString::default, |(_, value)| value.clone());
        let answer = query_pairs(&request.query).any(|(name, _)| name == "answer");
        Ok(Opened::Execution(HandedOver { id, answer, xml: Self::xml(request) }))
    }

    fn close(&self, _: &Call, _: Returned) -> Result<Reply, Failure> {
        Err(Failure::internal("no-call", "nothing is called at the address of executions"))
    }
}
