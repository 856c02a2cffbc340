//! Running the process of a call: with real systems, until it and all that it began has ended, and somebody who looks on.

use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use hyper::Method;
use tokio::task::LocalSet;
use tokio::time::timeout_at;

use super::seen::{Exchange, Watch};
use crate::cli::given::Given;
use crate::cli::queue::Queue;
use crate::client::{Pools, Tap};
use crate::document::Document;
use crate::kind::process::Callee;
use crate::pipeline::endpoint::Request;
use crate::pipeline::execution::{Around, Background, Execution, Unawaited};
use crate::pipeline::failure::Failure;
use crate::pipeline::gateway::Gateway;
use crate::pipeline::load::Load;
use crate::pipeline::redact::{CREDENTIALS, Redaction, Secrets};
use crate::pipeline::run::{Run, too_late};
use crate::pipeline::step::{Documents, Outcome, Process};
use crate::pipeline::systems::Outside;
use crate::script::Scripts;
use crate::state::cache::Caches;

/// What is run.
pub struct Asked {
    /// The process.
    pub process: Arc<Callee>,
    /// What it begins with.
    pub document: Document,
    /// What the command line says of its properties.
    pub given: Given,
    /// How long all of it may take.
    pub time: Duration,
}

/// What came of it.
#[derive(Debug)]
pub struct Ended {
    /// The attempts to call.
    pub exchanges: Vec<Exchange>,
    /// How many more there were.
    pub more: usize,
    /// The documents that it returned, or that reached its end.
    pub documents: Documents,
    /// Why it failed.
    pub failure: Option<Failure>,
    /// How work failed that it did not wait for, with its name.
    pub later: Vec<(Arc<str>, Failure)>,
    /// What is struck out of all of that where it is shown.
    pub redaction: Redaction,
}

impl Ended {
    /// Whether anything failed.
    pub fn failed(&self) -> bool {
        self.failure.is_some() || !self.later.is_empty()
    }
}

/// Runs it.
///
/// # Errors
/// The system gives no runtime, in words.
pub fn run(asked: Asked, gateway: &Gateway) -> Result<Ended, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| format!("nothing can be run here: {error}"))?;
    let (queue, watch) = (Rc::new(Queue::default()), Rc::new(Watch::default()));
    let (background, tap): (Rc<dyn Background>, Rc<dyn Tap>) =
        (Rc::<Queue>::clone(&queue), Rc::<Watch>::clone(&watch));
    let caches = Caches::default();
    caches.keep(&gateway.caches, gateway.capacity.caches);
    let secrets = Secrets::new(&gateway.tracing.secrets);
    let around = Around {
        scripts: Rc::new(Scripts::compile(&gateway.scripts.set, gateway.scripts.bounds)),
        secrets: secrets.clone(),
        load: Load::new(gateway.capacity),
        background,
        caches: Arc::new(caches),
        outside: Rc::new(Outside { pools: Pools::tapped(tap), ..Outside::new(Arc::default()) }),
        stand_ins: None,
    };
    let request = || asked.given.request("call", Method::POST, "/", Bytes::new());
    let (own, shown, mut later) = (request(), request(), Vec::new());
    let outcome = LocalSet::new().block_on(&runtime, whole(asked, own, around, &queue, &mut later));
    // A name that is still looked up, or a connection that nobody closes, is not waited for.
    runtime.shutdown_background();
    let (exchanges, more) = watch.taken();
    let redaction = Redaction::new(&secrets, &with_credentials(shown, &exchanges));
    let (documents, failure) = match outcome {
        Ok(documents) => (documents, None),
        Err(failure) => (Documents::new(), Some(failure)),
    };
    Ok(Ended { exchanges, more, documents, failure, later, redaction })
}

/// The request with all credentials that were sent, so that they are struck out wherever they come back.
fn with_credentials(mut request: Request, exchanges: &[Exchange]) -> Request {
    for headers in exchanges.iter().map(|exchange| exchange.request.headers()) {
        for (name, value) in headers.iter().filter(|(name, _)| CREDENTIALS.contains(&name.as_str())) {
            request.headers.append(name.clone(), value.clone());
        }
    }
    request
}

async fn whole(
    asked: Asked,
    request: Request,
    around: Around,
    queue: &Queue,
    later: &mut Vec<(Arc<str>, Failure)>,
) -> Outcome {
    let Asked { process, document, given, time } = asked;
    let now = Instant::now();
    let mut execution = Execution::new(Rc::new(request), None, around);
    execution.after = time;
    let run = Run::of(execution, now.checked_add(time).unwrap_or(now));
    let outcome = match (process.process.get(), given.put(&run, document)) {
        (Ok(process), Ok(document)) => own(process, document, &run).await,
        (Err(failure), _) | (_, Err(failure)) => Err(failure),
    };
    while let Some(Unawaited { what, run, rest, .. }) = queue.next() {
        run.extend();
        let ended = timeout_at(run.end().into(), rest).await.unwrap_or_else(|_| Err(too_late()));
        later.extend(ended.err().map(|failure| (what, failure)));
    }
    outcome
}

/// The process itself, and what it gives.
async fn own(process: &Process, document: Document, run: &Run) -> Outcome {
    let work = run.whole(&process.path, vec![document]);
    let ended = timeout_at(run.end().into(), work).await.unwrap_or_else(|_| Err(too_late()))?;
    Ok(if process.returns { run.finish().documents } else { ended })
}
