//! What tests of steps share: an execution, and steps that are run alone.

use std::net::IpAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use hyper::header::HeaderMap;

use crate::document::codec::Limits;
use crate::pipeline::endpoint::Request;
use crate::pipeline::execution::{Around, Execution};
use crate::pipeline::gateway::Scripting;
use crate::pipeline::load::Bounds;
use crate::pipeline::run::Run;
use crate::pipeline::step::{Documents, Outcome, Step, Work};
use crate::script::Scripts;

/// An execution with a minute to run, which may hold no more than that.
pub fn run_within(bounds: Bounds) -> Run {
    let request = Rc::new(Request {
        id: "1".into(),
        method: hyper::Method::POST,
        path: "/".into(),
        query: "".into(),
        headers: HeaderMap::new(),
        params: Vec::new(),
        defaults: None,
        user: None,
        address: IpAddr::from([127, 0, 0, 1]),
        base_url: "http://test".into(),
        coming: None,
        body: Bytes::new(),
        limits: Limits::default(),
    });
    let none = Scripting::default();
    let around = Around::alone(Rc::new(Scripts::compile(&none.set, none.bounds)));
    let mut execution = Execution::new(request, None, around);
    execution.bounds = bounds;
    Run::of(execution, Instant::now() + Duration::from_secs(60))
}

/// Runs one step to its end.
pub fn outcome(step: &dyn Step, bounds: Bounds, documents: Documents) -> Outcome {
    let run = run_within(bounds);
    match step.run(&run, documents) {
        Work::Done(outcome) => outcome,
        Work::Later(pending) => {
            tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(pending)
        }
    }
}
