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
use crate::compile;
use crate::pipeline::gateway::Gateway;
use crate::pipeline::redact::{Redaction, Secrets};
use crate::pipeline::systems::System;
use crate::source::{Finding, Span};
use crate::world::Real;

/// Pings. One line each is printed, in the order of the file or of the names.
pub fn ping(options: &PingOptions, out: &mut Output) -> u8 {
    let compiled = compile::compile(options.overlays.of(&options.file), &Real);
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
            Format::Json => found.json(&redaction),
        });
    }
    if found.iter().all(|found| found.what.is_ok()) { FINE } else { FAILED }
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
    what: Result<String, String>,
    took: Duration,
}

async fn one(system: &System, request: bool, until: Instant) -> Found {
    let began = Instant::now();
    let all = async {
        let found = system.ping(until).await?;
        Ok(match system {
            System::Server(server) if request => format!("{found}, {}", asked(server, until).await?),
            System::Server(_) | System::Database(_) | System::Broker(_) => found,
        })
    };
    let what = timeout_at(until.into(), all).await.unwrap_or_else(|_| Err("no answer in time".into()));
    Found { name: Arc::clone(system.name()), what, took: began.elapsed() }
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

impl Found {
    fn text(&self, width: usize, redaction: &Redaction) -> String {
        let (word, text) = match &self.what {
            Ok(text) => ("ok", text),
            Err(text) => ("failed", text),
        };
        let time = self.took.as_secs_f64() * 1000.0;
        let text = printable(&redaction.strike(text));
        format!("{:width$}  {word:6}  {time:8.1} ms  {text}\n", self.name)
    }

    fn json(&self, redaction: &Redaction) -> String {
        let text = self.what.as_ref().unwrap_or_else(|text| text);
        let value = serde_json::json!({
            "system": &*self.name,
            "ok": self.what.is_ok(),
            "took_us": u64::try_from(self.took.as_micros()).unwrap_or(u64::MAX),
            "text": redaction.strike(text),
        });
        format!("{value}\n")
    }
}
