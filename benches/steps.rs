//! What the executor adds to a step's own work, and what tracing costs that is off.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a benchmark may stop at the first surprise"
)]

#[allow(dead_code, reason = "each benchmark uses its own part")]
mod common;

use std::hint::black_box;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use divan::Bencher;
use divan::counter::ItemsCount;
use soapstone::document::Document;
use soapstone::pipeline::execution::{Around, Execution};
use soapstone::pipeline::gateway::Scripting;
use soapstone::pipeline::run::{Run, each_document};
use soapstone::pipeline::step::{Documents, Path, Step, StepNode, Work};
use soapstone::pipeline::trace::Trace;
use soapstone::script::Scripts;
use soapstone::source::Place;

/// Steps in a path: their cost is that of the whole, divided by this.
const STEPS: usize = 1000;

fn main() {
    divan::main();
}

/// A step with next to no work: it only gives on what it was given.
#[derive(Debug)]
struct Pass;

impl Step for Pass {
    fn run<'a>(&'a self, run: &'a Run, documents: Documents) -> Work<'a> {
        each_document(run, documents, |document| Ok(black_box(document)))
    }
}

fn path() -> Path {
    let place = || Place { file: Arc::from("gateway.kdl"), line: 1, column: 1 };
    let node = |_| StepNode {
        kind: "pass",
        text: "pass".into(),
        place: place(),
        timeout: None,
        owes: false,
        step: Box::new(Pass),
    };
    Path { steps: (0..STEPS).map(node).collect(), ..Path::default() }
}

fn run(trace: Option<Rc<Trace>>) -> Run {
    let none = Scripting::default();
    let around = Around::alone(Rc::new(Scripts::compile(&none.set, none.bounds)));
    let mut execution = Execution::new(common::request("/", "text/plain", ""), None, around);
    execution.trace = trace;
    Run::of(execution, Instant::now() + Duration::from_secs(600))
}

fn documents(count: usize) -> Documents {
    (0..count).map(|_| Document::data(bytes::Bytes::from_static(b"some text"))).collect()
}

/// Polls to the end: nothing here waits for anything outside.
fn ended<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(done) = future.as_mut().poll(&mut context) {
            return done;
        }
    }
}

/// The steps without an executor: what they cost by themselves.
#[divan::bench(args = [1, 10])]
fn bare(bencher: Bencher<'_, '_>, count: usize) {
    let (path, run) = (path(), run(None));
    bencher.counter(ItemsCount::new(STEPS)).with_inputs(|| documents(count)).bench_local_values(
        |mut documents| {
            for node in &path.steps {
                documents = match node.step.run(&run, documents) {
                    Work::Done(outcome) => outcome.unwrap(),
                    Work::Later(pending) => ended(pending).unwrap(),
                };
            }
            documents
        },
    );
}

/// The same through the executor, tracing off.
#[divan::bench(args = [1, 10])]
fn executed(bencher: Bencher<'_, '_>, count: usize) {
    let (path, run) = (path(), run(None));
    bencher
        .counter(ItemsCount::new(STEPS))
        .with_inputs(|| documents(count))
        .bench_local_values(|documents| ended(run.path(&path, documents)).unwrap());
}

/// The same with every step noted.
#[divan::bench(args = [1, 10])]
fn traced(bencher: Bencher<'_, '_>, count: usize) {
    let path = path();
    bencher
        .counter(ItemsCount::new(STEPS))
        .with_inputs(|| (run(Some(Rc::default())), documents(count)))
        .bench_local_refs(|(run, documents)| {
            ended(run.path(&path, std::mem::take(documents))).unwrap();
        });
}
