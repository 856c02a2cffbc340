//! Handing an execution over: a caller who does not want to wait is answered at once, and comes back for the answer.

use std::future::Future;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::time::{Duration, Instant};

use compact_str::{CompactString, format_compact};
use hyper::StatusCode;
use hyper::header::{HeaderMap, HeaderName, HeaderValue, LOCATION};
use tokio::time::{sleep_until, timeout_at};
use tracing::warn;

use super::caught::caught;
use super::executions::{Record, put};
use super::process::{Closed, unawaited};
use super::reply;
use super::request::Known;
use super::site::Site;
use crate::pipeline::endpoint::{Call, FailureForm, Reply};
use crate::pipeline::failure::Failure;
use crate::pipeline::run::Run;
use crate::pipeline::step::Documents;

const PREFER: HeaderName = HeaderName::from_static("prefer");
const APPLIED: HeaderName = HeaderName::from_static("preference-applied");
const MAX_WAIT: HeaderName = HeaderName::from_static("x-max-wait");
const EXECUTION: HeaderName = HeaderName::from_static("x-execution-id");
const STATUS: HeaderName = HeaderName::from_static("x-execution-status-link");

/// How long a caller wants to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wait {
    time: Duration,
    /// Whether it says so by `Prefer`.
    preferred: bool,
}

/// What a caller says about waiting; `None` for nothing. `Prefer: respond-async, wait=SECONDS` (RFC 7240, sections 4.1 and
/// 4.3) and `X-Max-Wait: MILLISECONDS`; of both the shorter time. What cannot be read counts as not said.
pub(super) fn wait(headers: &HeaderMap) -> Option<Wait> {
    let milliseconds = headers.get(MAX_WAIT).and_then(|value| value.to_str().ok()?.trim().parse().ok());
    let most = milliseconds.map(Duration::from_millis);
    let preferred = preferred(headers);
    let time = match (preferred, most) {
        (Some(time), Some(most)) => time.min(most),
        (time, most) => time.or(most)?,
    };
    Some(Wait { time, preferred: preferred.is_some() })
}

/// The time that goes with `respond-async`; none goes with it for at once.
fn preferred(headers: &HeaderMap) -> Option<Duration> {
    let lines = headers.get_all(PREFER).iter().filter_map(|value| value.to_str().ok());
    let (mut asked, mut wait) = (false, None);
    for preference in lines.flat_map(|line| line.split(',')) {
        let preference = preference.split(';').next().unwrap_or_default();
        let (name, value) = preference.split_once('=').unwrap_or((preference, ""));
        let name = name.trim();
        asked |= name.eq_ignore_ascii_case("respond-async");
        // Only the first of several counts (RFC 7240, section 2).
        if name.eq_ignore_ascii_case("wait") && wait.is_none() {
            wait = Some(value.trim().trim_matches('"').parse().ok().map(Duration::from_secs));
        }
    }
    asked.then(|| wait.flatten().unwrap_or_default())
}

/// What runs until its answer is made.
type Work = Pin<Box<dyn Future<Output = Closed>>>;

/// What is handed over: the call with all that its answer needs.
#[derive(Clone)]
pub(super) struct Task {
    pub(super) site: Rc<Site>,
    pub(super) known: Known,
    pub(super) call: Rc<Call>,
    pub(super) run: Rc<Run>,
    pub(super) documents: Documents,
}

/// Runs until the answer is complete, or until the caller does not want to wait any longer; then the execution goes on in
/// the background, and its answer is kept. Where that cannot be, the answer is waited for.
///
/// # Errors
/// As the work.
pub(super) async fn within(wait: Wait, started: Instant, task: Task, mut work: Work) -> Closed {
    let limit = task.run.deadline();
    // Its steps have the time of what runs on from the start: none is to end it just before it is handed over.
    task.run.extend();
    let until = started.checked_add(wait.time).unwrap_or(limit).min(limit);
    tokio::select! {
        biased;
        ended = &mut work => return ended,
        () = sleep_until(until.into()) => {}
    }
    if task.run.execution.around.background.room().is_ok() {
        let id = format_compact!("{}", uuid::Uuid::new_v4().simple());
        let record = Record::begin(id, &task, started);
        match put(&task.site, &task.known.request, &record, None).await {
            Ok(()) => return hand_over(wait, record, task, work),
            Err(error) => {
                warn!(request = %task.known.request.id, %error, "the execution cannot be handed over")
            }
        }
    }
    let ended = timeout_at(limit.into(), work).await;
    ended.unwrap_or_else(|_| Err(task.run.too_late()))
}

fn hand_over(wait: Wait, record: Record, task: Task, work: Work) -> Closed {
    let reply = accepted(wait, &record, &task)?;
    let Task { site, known, call, run, documents } = task;
    let own = Rc::clone(&run);
    let rest = Box::pin(async move {
        let outcome = match caught(pin!(timeout_at(own.end().into(), work))).await {
            Ok(Ok(closed)) => closed.map(|(reply, _)| reply),
            Ok(Err(_)) => Err(own.too_late()),
            Err(panic) => Err(Failure::internal("panic", panic)),
        };
        let (reply, failed) = match &outcome {
            Ok(reply) => (reply.clone(), false),
            Err(failure) => {
                let mut failure = failure.clone();
                own.execution.redaction().strike_failure(&mut failure);
                (reply::failed(known.form(), &failure, &known.request.id), true)
            }
        };
        end(&site, &known, record.ended(&reply, failed), reply).await;
        outcome.map(|_| Documents::new())
    });
    let background = Rc::clone(&run.execution.around.background);
    background.start(unawaited(&call, &run, documents, rest))?;
    Ok((reply, true))
}

/// Keeps the answer. It is on its way when this is called, so it arrives even if nobody waits here any more.
async fn end(site: &Site, known: &Known, record: Record, reply: Reply) {
    let request = &known.request;
    let Err(error) = put(site, request, &record, Some(reply)).await else { return };
    warn!(request = %request.id, execution = %record.id, %error, "the answer cannot be kept");
    let failure = Failure::internal("state", error.to_string());
    let reply = reply::failed(known.form(), &failure, &request.id);
    let record = record.ended(&reply, true);
    if let Err(error) = put(site, request, &record, Some(reply)).await {
        warn!(request = %request.id, execution = %record.id, %error, "nor can it be said that it failed");
    }
}

/// What a caller is told who is handed over.
fn accepted(wait: Wait, record: &Record, task: &Task) -> Result<Reply, Failure> {
    let url = record.url(&task.site);
    let xml = task.known.form() == FailureForm::ProblemXml;
    let mut reply = record.reply(StatusCode::ACCEPTED, &task.site, xml);
    let value = |text: &str| {
        HeaderValue::from_str(text).map_err(|_| Failure::internal("bad-url", "the status address is no URL"))
    };
    reply.headers.insert(EXECUTION, value(&record.id)?);
    reply.headers.insert(STATUS, value(&url)?);
    reply.headers.insert(LOCATION, value(&url)?);
    if wait.preferred {
        reply.headers.insert(APPLIED, HeaderValue::from_static("respond-async"));
    }
    Ok(reply)
}

/// The id of an execution as a request may write it.
pub(super) fn is_id(text: &CompactString) -> bool {
    text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(lines: &[(&'static str, &'static str)]) -> Option<(u128, bool)> {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, HeaderValue::from_static(value));
        }
        wait(&headers).map(|wait| (wait.time.as_millis(), wait.preferred))
    }

    #[test]
    fn a_caller_says_how_long_it_waits() {
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[("prefer", "respond-async")]), Some((0, true)));
        assert_eq!(of(&[("prefer", "wait=10, Respond-Async")]), Some((10_000, true)));
        assert_eq!(of(&[("prefer", "respond-async; x=1"), ("prefer", "wait=\"3\"")]), Some((3000, true)));
        assert_eq!(of(&[("prefer", "respond-async, wait=1, wait=9")]), Some((1000, true)));
        assert_eq!(of(&[("x-max-wait", "250")]), Some((250, false)));
        assert_eq!(of(&[("x-max-wait", "250"), ("prefer", "respond-async, wait=1")]), Some((250, true)));
    }

    #[test]
    fn what_cannot_be_read_is_not_said() {
        for lines in [
            [("prefer", "wait=10")],
            [("prefer", "return=minimal")],
            [("prefer", "")],
            [("prefer", "respond-asynchronously")],
            [("x-max-wait", "soon")],
            [("x-max-wait", "-1")],
            [("x-max-wait", "99999999999999999999999")],
        ] {
            assert_eq!(of(&lines), None, "{lines:?}");
        }
        assert_eq!(of(&[("prefer", "respond-async, wait=x")]), Some((0, true)));
    }
}
