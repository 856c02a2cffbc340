//! The order of effects in nested branch, decision, route, try, call, for-each and parallel against a plain model of them,
//! on more than 10,000 random processes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

mod model;
mod program;

use std::cell::RefCell;
use std::path::Path;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Waker};
use std::time::{Duration, Instant};

use bytes::Bytes;
use hyper::Method;
use hyper::header::HeaderMap;
use proptest::prelude::*;
use proptest::test_runner::{FileFailurePersistence, TestRunner};
use soapstone::compile::compile;
use soapstone::document::Document;
use soapstone::document::codec::Limits;
use soapstone::pipeline::endpoint::{Opened, Request};
use soapstone::pipeline::execution::Around;
use soapstone::pipeline::gateway::Gateway;
use soapstone::pipeline::router::Found;
use soapstone::pipeline::run::Run;
use soapstone::script::Scripts;
use soapstone::source::{Form, render};
use soapstone::world::Memory;

use model::Effects;
use program::{Program, program};

/// Processes of one file: reading and compiling costs more than running.
const IN_A_FILE: usize = 12;

/// Files.
const FILES: u32 = 840;

fn file(programs: &[Program]) -> String {
    let mut text = "listener internal bind=\"127.0.0.1:0\"\n".to_owned();
    for (number, program) in programs.iter().enumerate() {
        program.write(number, &mut text);
    }
    text
}

fn gateway(text: &str) -> Gateway {
    let compiled = compile(Path::new("gateway.kdl"), &Memory::default().file("gateway.kdl", text));
    let told = || render(&compiled.findings, &compiled.sources, Form::Text { colour: false });
    compiled.gateway.unwrap_or_else(|| panic!("{}\n{text}", told()))
}

fn request(path: String) -> Request {
    Request {
        id: "1".into(),
        method: Method::POST,
        path: path.into(),
        query: "".into(),
        headers: HeaderMap::new(),
        params: Vec::new(),
        defaults: None,
        user: None,
        address: std::net::IpAddr::from([127, 0, 0, 1]),
        base_url: "http://test".into(),
        coming: None,
        body: Bytes::from_static(b"x"),
        limits: Limits::default(),
    }
}

fn documents() -> Vec<Document> {
    let document = |id: &str| {
        let mut document = Document::data(Bytes::from_static(b"x"));
        document.properties.set("id", id);
        document
    };
    ["0", "1", "2"].map(document).into()
}

/// What the gateway does.
fn run(gateway: &Gateway, scripts: &Rc<Scripts>, number: usize) -> Effects {
    let request = Rc::new(request(format!("/ws/simple/executeP{number}")));
    let Found::Route(route, _) =
        gateway.listeners[0].router.find(&request.method, &request.path, &request.headers)
    else {
        panic!("no route");
    };
    let Opened::Call(call) = route.endpoint.open(&request).unwrap() else { panic!("no call") };
    let deadline = Instant::now() + Duration::from_secs(600);
    let run = Run::new(request, None, Around::alone(Rc::clone(scripts)), deadline);
    let mut ran = pin!(run.whole(&call.operation.process.path, documents()));
    let mut context = Context::from_waker(Waker::noop());
    let outcome = loop {
        if let std::task::Poll::Ready(outcome) = ran.as_mut().poll(&mut context) {
            break outcome;
        }
    };
    let property = |name: &str| run.execution.property(name).map(|text| text.to_string()).unwrap_or_default();
    let header = run.response_header(&"x-mark".parse().unwrap());
    Effects {
        log: property("log"),
        out: property("out"),
        header: header.map(|text| text.to_string()).unwrap_or_default(),
        failed: outcome.err().map(|failure| failure.message.clone()),
        caught: run.execution.caught(),
    }
}

/// How many processes ran, failed, and caught a failure.
#[derive(Default)]
struct Seen {
    all: usize,
    failed: usize,
    caught: usize,
}

fn compare(files: u32) -> Seen {
    let small = program().prop_filter("it does too much", |program| model::run(program).is_some());
    let programs = prop::collection::vec(small, IN_A_FILE);
    let failures = FileFailurePersistence::Direct("proptest-regressions/process_model.txt");
    let config = ProptestConfig {
        cases: files,
        max_shrink_iters: 2_000,
        failure_persistence: Some(Box::new(failures)),
        ..Default::default()
    };
    let seen = RefCell::new(Seen::default());
    let outcome = TestRunner::new(config).run(&programs, |programs| {
        let text = file(&programs);
        let gateway = gateway(&text);
        let scripts = Rc::new(Scripts::compile(&gateway.scripts.set, gateway.scripts.bounds));
        for (number, program) in programs.iter().enumerate() {
            let wanted = model::run(program).unwrap();
            let is = run(&gateway, &scripts, number);
            let mut seen = seen.borrow_mut();
            seen.all += 1;
            seen.failed += usize::from(wanted.failed.is_some());
            seen.caught += usize::from(wanted.caught > 0);
            drop(seen);
            prop_assert_eq!(&is, &wanted, "program {} of\n{}", number, text);
        }
        Ok(())
    });
    outcome.unwrap();
    seen.into_inner()
}

#[test]
fn effects_come_in_the_order_of_the_model() {
    let halves: Vec<Seen> = std::thread::scope(|scope| {
        let halves = [(); 2].map(|()| scope.spawn(|| compare(FILES / 2)));
        halves.map(|half| half.join().unwrap()).into()
    });
    let sum = |of: fn(&Seen) -> usize| halves.iter().map(of).sum::<usize>();
    let (all, failed, caught) = (sum(|seen| seen.all), sum(|seen| seen.failed), sum(|seen| seen.caught));
    // The processes must be such that something can be learned from them.
    assert!(
        all >= 10_000 && failed > all / 20 && caught > all / 20,
        "{all} ran, {failed} failed, {caught} caught"
    );
}
