//! Tests of the executor: turns for others, and deadlines within a batch.

use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::*;
use crate::pipeline::gateway::Scripting;
use crate::pipeline::step::{Path, Step, StepNode};
use crate::source::Place;
use hyper::header::HeaderMap;

fn run_until(deadline: Instant) -> Run {
    let request = Rc::new(Request {
        id: "1".into(),
        method: hyper::Method::POST,
        path: "/".into(),
        query: "".into(),
        headers: HeaderMap::new(),
        params: Vec::new(),
        defaults: None,
        user: None,
        address: std::net::IpAddr::from([127, 0, 0, 1]),
        base_url: "http://test".into(),
        coming: None,
        body: Bytes::new(),
        limits: crate::document::codec::Limits::default(),
    });
    let none = Scripting::default();
    let scripts = crate::script::Scripts::compile(&none.set, none.bounds);
    Run::new(request, None, Around::alone(Rc::new(scripts)), deadline)
}

fn busy(time: Duration) {
    let until = Instant::now() + time;
    while Instant::now() < until {
        std::hint::spin_loop();
    }
}

fn far() -> Instant {
    Instant::now() + Duration::from_secs(60)
}

/// Holds the worker for longer than a slice, for each document.
#[derive(Debug)]
struct Busy;

impl Step for Busy {
    fn run<'a>(&'a self, run: &'a Run, documents: Documents) -> Work<'a> {
        each_document(run, documents, |document| {
            busy(2 * SLICE);
            Ok(document)
        })
    }
}

fn path(steps: usize) -> Path {
    let place = || Place { file: "f".into(), line: 1, column: 1 };
    let node = |_| StepNode {
        kind: "busy",
        text: "busy".into(),
        place: place(),
        timeout: None,
        owes: false,
        step: Box::new(Busy),
    };
    Path { steps: (0..steps).map(node).collect(), ..Path::default() }
}

fn documents(count: usize) -> Documents {
    (0..count).map(|_| Document::empty()).collect()
}

/// How many turns another task on the same thread gets while the path runs.
async fn turns_of_others(path: &Path, documents: Documents) -> usize {
    let run = run_until(far());
    let turns = Cell::new(0);
    let other = async {
        loop {
            turns.set(turns.get() + 1);
            yield_now().await;
        }
    };
    tokio::select! {
        biased;
        outcome = run.path(path, documents) => assert!(outcome.is_ok()),
        () = other => {}
    }
    turns.get()
}

#[tokio::test]
async fn others_get_a_turn_between_long_steps_and_between_documents() {
    assert!(turns_of_others(&path(5), documents(1)).await >= 4);
    assert!(turns_of_others(&path(1), documents(5)).await >= 4);
}

#[tokio::test]
async fn a_short_step_with_one_document_is_done_at_once() {
    let run = run_until(far());
    let work = each_document(&run, documents(1), Ok);
    assert!(matches!(work, Work::Done(Ok(documents)) if documents.len() == 1));
}

#[tokio::test]
async fn the_deadline_ends_a_batch_between_two_documents() {
    let run = run_until(Instant::now() + 5 * SLICE);
    let outcome = run.path(&path(1), documents(1000)).await;
    let failure = outcome.unwrap_err();
    assert_eq!((failure.code.as_str(), failure.steps.as_slice()), ("timeout", ["busy".into()].as_slice()));
}
