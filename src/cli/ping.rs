//! `soapstone ping`: connects to the systems of a file, all at the same time, and says which can be reached.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::future::join_all;
use hyper::Method;
use hyper::header::HeaderMap;
use tokio::time::timeout_at;

use super::arguments::Format;
use super::calling::PingOptions;
use super::output::Output;
use super::trace::shown::printable;
use super::{FAILED, FINE, MISUSED, told};
use crate::client::{Clients, Outgoing, Pools, Server};
use crate::compile::{self, Purpose};
use crate::pipeline::gateway::Gateway;
use crate::pipeline::redact::{Redaction, Secrets};
use crate::pipeline::systems::{Pinged, System};
use crate::source::{Finding, Span};
use crate::world::Real;

/// Pings. One line each is printed, in the order of the file or of the names, and one more for each address of a server that has
/// several.
pub fn ping(options: &PingOptions, out: &mut Output) -> u8 {
    let compiled = compile::compile_for(options.overlays.of(&options.file), &Real, Purpose::Call);
    if compiled.findings.has_errors() {
        out.findings(&compiled.findings, &compiled.sources, options.format);
    }
    let Some(gateway) = compiled.gateway else { return FAILED };
    let systems = match chosen(&options.names, &gateway) {
        Ok(systems) => systems,
        Err(why) => {
            out.tell(&format!("{}: {why}\n", options.file.display()));
            return MISUSED;
        }
    };
    if systems.is_empty() {
        out.tell(&format!("{} declares no systems\n", options.file.display()));
        return FINE;
    }
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            out.tell(&format!("nothing can be run here: {error}\n"));
            return FAILED;
        }
    };
    let now = Instant::now();
    let until = now.checked_add(options.timeout).unwrap_or(now);
    let all = systems.iter().map(|system| one(system, options.request, until));
    let found = tokio::task::LocalSet::new().block_on(&runtime, join_all(all));
    // A name that is still looked up is not waited for.
    runtime.shutdown_background();
    let redaction = Redaction::of(&Secrets::new(&gateway.tracing.secrets));
    let width = systems.iter().map(|system| system.name().chars().count()).max().unwrap_or_default();
    for found in &found {
        out.say(&match options.format {
            Format::Text => found.text(width, &redaction),
            Format::Json => found.json(options.any, &redaction),
        });
    }
    if found.iter().all(|found| found.is_ok(options.any)) { FINE } else { FAILED }
}

/// The systems of those names, or all.
fn chosen<'a>(names: &[String], gateway: &'a Gateway) -> Result<Vec<&'a System>, String> {
    if names.is_empty() {
        return Ok(gateway.systems.iter().collect());
    }
    let one = |name: &String| {
        let found = gateway.systems.iter().find(|system| **system.name() == **name);
        found.ok_or_else(|| {
            let known = gateway.systems.iter().map(|system| &**system.name());
            let finding =
                Finding::error("unknown-name", Span::default(), format!("there is no system `{name}`"));
            told(&finding.suggest(name, known))
        })
    };
    names.iter().map(one).collect()
}

/// What was found of a system.
struct Found {
    name: Arc<str>,
    /// What was found at each of its addresses.
    places: Vec<Pinged>,
    /// What a server answered, where it was asked.
    asked: Option<Result<String, String>>,
    took: Duration,
}

async fn one(system: &System, request: bool, until: Instant) -> Found {
    let began = Instant::now();
    // Each place ends in time by itself; what was found at one is not lost with another.
    let places = system.ping(until).await;
    let asked = match system {
        System::Server(server) if request && places.iter().any(|place| place.what.is_ok()) => {
            let asked = timeout_at(until.into(), asked(server, until)).await;
            Some(asked.unwrap_or_else(|_| Err("no answer in time".to_owned())))
        }
        System::Server(_) | System::Database(_) | System::Broker(_) => None,
    };
    Found { name: Arc::clone(system.name()), places, asked, took: began.elapsed() }
}

/// What a server answers to a GET of its own URL. Services often have nothing there to get: that counts as an answer.
async fn asked(server: &Server, until: Instant) -> Result<String, String> {
    let (target, headers) = (server.own_target(), HeaderMap::new());
    let get = Outgoing::new(Method::GET, target, headers, Bytes::new());
    let answer = server.call(&get, &Clients::default(), &Pools::default(), until).await;
    let answer = answer.map_err(|error| error.text)?;
    match answer.status.as_u16() {
        401 | 403 | 407 | 500..=599 => Err(format!("answers {}", answer.status)),
        _ => Ok(format!("answers {}", answer.status)),
    }
}

/// What was found at one place, in words.
fn told_of(place: &Pinged) -> String {
    let (between, text) = match &place.what {
        Ok(text) => (" ", text),
        Err(text) => (": ", text),
    };
    match &place.address {
        Some(address) => format!("{address}{between}{text}"),
        None => text.clone(),
    }
}

fn word(is_ok: bool) -> &'static str {
    if is_ok { "ok" } else { "failed" }
}

fn micros(took: Duration) -> u64 {
    u64::try_from(took.as_micros()).unwrap_or(u64::MAX)
}

impl Found {
    fn reached(&self) -> usize {
        self.places.iter().filter(|place| place.what.is_ok()).count()
    }

    /// Whether it can be called: at all of its addresses, or where `any` is enough, at one.
    fn is_ok(&self, any: bool) -> bool {
        let least = if any { 1 } else { self.places.len() };
        self.reached() >= least && self.asked.as_ref().is_none_or(Result::is_ok)
    }

    /// What there is to say of all of it.
    fn told(&self) -> String {
        let found = match self.places.as_slice() {
            [place] => told_of(place),
            places => format!("{} of {} addresses can be reached", self.reached(), places.len()),
        };
        match &self.asked {
            Some(Ok(answer) | Err(answer)) => format!("{found}, {answer}"),
            None => found,
        }
    }

    /// A line, and where there are several addresses, one more for each.
    fn text(&self, width: usize, redaction: &Redaction) -> String {
        let line = |name: &str, word: &str, took: Duration, text: &str| {
            let (time, text) = (took.as_secs_f64() * 1000.0, printable(&redaction.strike(text)));
            format!("{name:width$}  {word:6}  {time:8.1} ms  {text}\n")
        };
        let is_part = self.reached() < self.places.len() && self.is_ok(true);
        let word_of_all = if is_part { "partly" } else { word(self.is_ok(false)) };
        let mut out = line(&self.name, word_of_all, self.took, &self.told());
        for place in self.places.iter().filter(|_| self.places.len() > 1) {
            out.push_str(&line("", word(place.what.is_ok()), place.took, &told_of(place)));
        }
        out
    }

    fn json(&self, any: bool, redaction: &Redaction) -> String {
        let place = |place: &Pinged| {
            serde_json::json!({
                "address": place.address,
                "ok": place.what.is_ok(),
                "took_us": micros(place.took),
                "text": redaction.strike(place.what.as_ref().unwrap_or_else(|text| text)),
            })
        };
        let of_server = self.places.iter().filter(|place| place.address.is_some());
        let value = serde_json::json!({
            "system": &*self.name,
            "ok": self.is_ok(any),
            "took_us": micros(self.took),
            "text": redaction.strike(&self.told()),
            "addresses": of_server.map(place).collect::<Vec<_>>(),
        });
        format!("{value}\n")
    }
}
