//! Runs operations without sockets: documents in, what they come to out.

use std::net::IpAddr;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use hyper::Method;
use hyper::header::HeaderMap;
use soapstone::compile::compile;
use soapstone::document::Document;
use soapstone::document::codec::Limits;
use soapstone::pipeline::endpoint::{Opened, Request};
use soapstone::pipeline::execution::{Around, Execution};
use soapstone::pipeline::failure::Failure;
use soapstone::pipeline::gateway::Gateway;
use soapstone::pipeline::router::Found;
use soapstone::pipeline::run::Run;
use soapstone::script::Scripts;
use soapstone::source::{Form, render};
use soapstone::world::Memory;
use tokio::time::timeout_at;

/// A compiled file.
pub struct Offline {
    gateway: Gateway,
    scripts: Rc<Scripts>,
    /// How long an execution may take.
    time: Duration,
}

/// What an execution came to.
#[derive(Debug)]
pub struct Ran {
    /// The texts of the documents that came out at the end, `;` behind each.
    pub out: String,
    /// `response.status`.
    pub status: Option<u16>,
    /// `process.log`.
    pub log: String,
    /// Failures that were caught.
    pub caught: u32,
    pub failure: Option<Failure>,
}

impl Offline {
    /// Compiles a file, which must have no mistakes.
    pub fn new(kdl: &str) -> Self {
        let kdl = format!("listener internal bind=\"127.0.0.1:0\"\n{kdl}");
        let compiled = compile(Path::new("gateway.kdl"), &Memory::default().file("gateway.kdl", &*kdl));
        let told = || render(&compiled.findings, &compiled.sources, Form::Text { colour: false });
        let gateway = compiled.gateway.unwrap_or_else(|| panic!("{}\n{kdl}", told()));
        let scripts = Rc::new(Scripts::compile(&gateway.scripts.set, gateway.scripts.bounds));
        Self { gateway, scripts, time: crate::support::DEADLINE }
    }

    /// One operation on data, `work`, with the steps of its process and other declarations.
    pub fn process(steps: &str, declarations: &str) -> Self {
        // Without an output, so that no step need lead to an answer.
        Self::new(&format!(
            "operation work {{ action execute; object Work; input data; process {{\n{steps}\n}} }}\n{declarations}"
        ))
    }

    /// The same with less time.
    pub fn within(self, time: Duration) -> Self {
        Self { time, ..self }
    }

    /// Runs the operation `work` on documents with these texts, each with its text as the property `id` too.
    pub fn run(&self, texts: &[&str]) -> Ran {
        let document = |text: &&str| {
            let mut document = Document::data(Bytes::from((*text).to_owned()));
            document.properties.set("id", *text);
            document
        };
        self.run_on(texts.iter().map(document).collect())
    }

    /// The same on any documents.
    pub fn run_on(&self, documents: Vec<Document>) -> Ran {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        tokio::task::LocalSet::new().block_on(&runtime, self.ran(documents))
    }

    async fn ran(&self, documents: Vec<Document>) -> Ran {
        let request = Rc::new(request());
        let Found::Route(route, _) =
            self.gateway.listeners[0].router.find(&request.method, &request.path, &request.headers)
        else {
            panic!("no operation `work`");
        };
        let Opened::Call(call) = route.endpoint.open(&request).unwrap() else { panic!("no call") };
        let mut execution = Execution::new(request, None, Around::alone(Rc::clone(&self.scripts)));
        execution.bounds = call.operation.limits.bounds;
        let run = Run::of(execution, Instant::now() + self.time);
        let ran = timeout_at(run.deadline().into(), run.whole(&call.operation.process.path, documents)).await;
        let outcome = ran.unwrap_or_else(|_| Err(soapstone::pipeline::run::too_late()));
        let answer = run.finish();
        let (out, failure) = match outcome {
            Ok(out) => (texts(&out), None),
            Err(failure) => (String::new(), Some(failure)),
        };
        Ran {
            out,
            status: answer.status.map(|status| status.as_u16()),
            log: run.execution.property("log").map(|text| text.to_string()).unwrap_or_default(),
            caught: run.execution.caught(),
            failure,
        }
    }
}

fn texts(documents: &[Document]) -> String {
    documents.iter().map(|document| format!("{};", String::from_utf8_lossy(document.bytes()))).collect()
}

fn request() -> Request {
    Request {
        id: "request-1".into(),
        method: Method::POST,
        path: "/ws/simple/executeWork".into(),
        query: "".into(),
        headers: HeaderMap::new(),
        params: Vec::new(),
        defaults: None,
        user: None,
        address: IpAddr::from([127, 0, 0, 1]),
        base_url: "http://test".into(),
        coming: None,
        body: Bytes::from_static(b"x"),
        limits: Limits::default(),
    }
}
