//! `soapstone map`: runs one map of a file on one document, and prints what it makes.

mod input;
mod split;
mod trace;

use std::fs::File;
use std::io::Write as _;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use hyper::Method;

use super::arguments::{Format, MapOptions};
use super::given::Given;
use super::output::Output;
use super::{FAILED, FINE, stack, told};
use crate::compile;
use crate::document::Document;
use crate::kind::item::{Map, Transform};
use crate::kind::trace::Tracer;
use crate::pipeline::execution::Around;
use crate::pipeline::failure::Failure;
use crate::pipeline::gateway::Scripting;
use crate::pipeline::run::Run;
use crate::script::Scripts;
use crate::source::{Span, Spanned};
use crate::world::{Real, reason};

/// How long the map may take: nobody else waits for this process.
const LONGEST: Duration = Duration::from_secs(3600);

/// Runs a map. What cannot be read, does not fit its profile or fails is told on standard error; so is a result that does
/// not fit the profile of the target, which is printed all the same: whoever works on the map wants to see it.
pub fn map(options: &MapOptions, out: &mut Output) -> u8 {
    let mut compiled = compile::compile(options.overlays.of(&options.config), &Real);
    if compiled.findings.has_errors() {
        out.findings(&compiled.findings, &compiled.sources, Format::Text);
    }
    let Some(gateway) = compiled.gateway.take() else { return FAILED };
    let name = Spanned::new(options.name.clone(), Span::default());
    match compiled.maps.find(&name) {
        Ok(map) => stack::run(out, |out| match &options.split {
            Some(path) => split::split(options, &map, path, &gateway.scripts, out),
            None => run(options, &map, &gateway.scripts, out),
        }),
        Err(unknown) => {
            let message = unknown.map_or_else(String::new, |finding| told(&finding));
            out.tell(&format!("{}: {message}\n", options.config.display()));
            FAILED
        }
    }
}

/// Reads the input, runs the map, writes the result.
fn run(options: &MapOptions, map: &Map, scripts: &Scripting, out: &mut Output) -> u8 {
    let mut reader = match input::Input::open(&options.file, map.source()) {
        Ok(reader) => reader,
        Err(why) => return failed(&why, out),
    };
    let document = match reader.read() {
        Ok(document) => document,
        Err(why) => return failed(&why, out),
    };
    let given = match Given::of(&options.properties) {
        Ok(given) => given,
        Err(why) => return failed(&why, out),
    };
    let run = execution(&given, scripts);
    let printer = trace::Printer::default();
    let tracer: Option<&dyn Tracer> = if options.trace { Some(&printer) } else { None };
    let made = given.put(&run, document).and_then(|document| map.traced(&run, document, tracer));
    out.tell(&printer.taken());
    match made {
        Ok(made) => write(options, map, &made, out),
        Err(failure) => failed(&failure_text(&failure), out),
    }
}

fn failed(why: &str, out: &mut Output) -> u8 {
    out.tell(&format!("{why}\n"));
    FAILED
}

/// An execution as a request's, with what the command line says of it.
fn execution(given: &Given, scripts: &Scripting) -> Run {
    let now = Instant::now();
    let deadline = now.checked_add(LONGEST).unwrap_or(now);
    let scripts = Rc::new(Scripts::compile(&scripts.set, scripts.bounds));
    let request = given.request("map", Method::POST, "/", Bytes::new());
    Run::new(Rc::new(request), None, Around::alone(scripts), deadline)
}

/// What an operator reads of a failure: where, and what the log would keep.
fn failure_text(failure: &Failure) -> String {
    let message = failure.log.as_deref().unwrap_or(&failure.message);
    match &failure.place {
        Some(place) => format!("{place}: {message}"),
        None => message.to_owned(),
    }
}

/// Prints the result, and checks it.
fn write(options: &MapOptions, map: &Arc<dyn Transform>, made: &Document, out: &mut Output) -> u8 {
    match &options.output {
        None => out.bytes(made.bytes()),
        Some(file) => {
            if let Err(error) = File::create(file).and_then(|mut file| file.write_all(made.bytes())) {
                return failed(&format!("{} cannot be written: {}", file.display(), reason(&error)), out);
            }
        }
    }
    let wrong = input::wrong(made, map.target(), "the result");
    if wrong.is_empty() {
        return FINE;
    }
    out.tell(&wrong);
    FAILED
}
