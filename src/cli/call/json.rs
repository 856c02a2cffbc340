//! What was seen of calls as one JSON object, for programs.

use std::time::Duration;

use hyper::header::HeaderMap;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::execution::Ended;
use super::seen::{Exchange, fields, text};
use crate::client::{Answer, CallError, Certificate, Peer};
use crate::document::tree::Name;
use crate::pipeline::called::Called;
use crate::pipeline::failure::Failure;
use crate::pipeline::redact::Redaction;
use crate::pipeline::systems::tls_version;
use crate::pipeline::trace_view::{Length, documents, failure as shown};
use crate::soap::received::ReceivedFault;
use crate::xml::write_element;

/// `{"attempts": [{"server", "origin", "attempt", "request", "connection", "answer", "error"}], "more_attempts", "documents",
/// "failure", "later_failures"}`; texts without secrets, bodies that are no text as null beside their size.
pub fn json(ended: &Ended) -> String {
    let strike = &ended.redaction;
    let attempts: Vec<Value> = ended.exchanges.iter().map(|exchange| attempt(exchange, strike)).collect();
    let later = ended.later.iter();
    let later: Vec<Value> = later
        .map(|(what, failed)| json!({ "process": &**what, "failure": failure(failed, strike) }))
        .collect();
    let whole = json!({
        "attempts": attempts,
        "more_attempts": ended.more,
        "documents": documents(&ended.documents, Length::Full, strike),
        "failure": ended.failure.as_ref().map(|failed| failure(failed, strike)),
        "later_failures": later,
    });
    format!("{whole}\n")
}

fn attempt(exchange: &Exchange, strike: &Redaction) -> Value {
    let request = &exchange.request;
    json!({
        "server": &*exchange.server,
        "origin": strike.strike(&exchange.origin),
        "attempt": exchange.attempt,
        "request": {
            "method": request.method().as_str(),
            "target": strike.strike(&request.uri().to_string()),
            "headers": headers(&exchange.sent(), strike),
            "body": text(request.body(), strike),
            "bytes": request.body().len(),
        },
        "connection": exchange.peer.as_ref().map(|(peer, reused)| connection(peer, *reused)),
        "answer": exchange.answer().map(|answer| self::answer(answer, strike)),
        "error": exchange.outcome.as_ref().and_then(|outcome| outcome.as_ref().err()).map(|why| error(why, strike)),
    })
}

/// Pairs of name and value, since a name may stand there twice.
fn headers(headers: &HeaderMap, strike: &Redaction) -> Value {
    json!(fields(headers, strike))
}

fn connection(peer: &Peer, reused: bool) -> Value {
    let tls = peer.tls.as_ref().map(|(version, suite, der)| {
        let certificate = Certificate::read(der).map(|certificate| {
            json!({
                "subject": certificate.subject,
                "until": certificate.until.to_string(),
                "days_left": certificate.days_left(Timestamp::now()),
                "pin": certificate.pin,
            })
        });
        json!({ "version": tls_version(version), "suite": suite, "certificate": certificate })
    });
    json!({
        "address": peer.address.map(|address| address.to_string()),
        "reused": reused,
        "connect_us": micros(peer.took),
        "tls": tls,
    })
}

fn answer(answer: &Answer, strike: &Redaction) -> Value {
    json!({
        "status": answer.status.as_u16(),
        "headers": headers(&answer.headers, strike),
        "body": text(&answer.body, strike),
        "bytes": answer.body.len(),
        "first_byte_us": micros(answer.facts.first_byte),
        "took_us": micros(answer.facts.took),
    })
}

fn error(error: &CallError, strike: &Redaction) -> Value {
    json!({ "kind": error.kind.as_str(), "cause": error.code, "text": strike.strike(&error.text), "sent": error.sent })
}

/// A failure as a trace has it, with `call`: its kind and cause, and the parts of the fault.
fn failure(failure: &Failure, strike: &Redaction) -> Value {
    let mut value = shown(failure, strike);
    if let (Some(members), Some(called)) = (value.as_object_mut(), &failure.called) {
        members.insert("call".into(), call(called, strike));
    }
    value
}

fn call(called: &Called, strike: &Redaction) -> Value {
    json!({
        "system": &*called.system,
        "kind": called.kind.as_str(),
        "cause": called.cause,
        "status": called.status.map(|status| status.as_u16()),
        "fault": called.fault.as_ref().map(|fault| self::fault(fault, called, strike)),
    })
}

fn fault(fault: &ReceivedFault, called: &Called, strike: &Redaction) -> Value {
    let text = |text: &str| strike.strike(text).into_owned();
    let reasons = fault.reasons.iter();
    let reasons: Vec<Value> =
        reasons.map(|(language, reason)| json!({ "language": language, "text": text(reason) })).collect();
    let detail = fault.detail.iter().map(|element| {
        let mut out = Vec::new();
        write_element(element, None, &mut out);
        text(&String::from_utf8_lossy(&out))
    });
    json!({
        "name": called.name,
        "code": text(&fault.code.to_string()),
        "subcodes": fault.subcodes.iter().map(Name::to_string).collect::<Vec<_>>(),
        "reasons": reasons,
        "role": fault.role.as_deref().map(text),
        "node": fault.node.as_deref().map(text),
        "detail": detail.collect::<Vec<_>>(),
    })
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
