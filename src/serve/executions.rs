//! Executions that were handed over: what is kept of each, and what is told of it.

use std::time::Instant;

use bytes::Bytes;
use compact_str::CompactString;
use hyper::StatusCode;
use hyper::header::{CACHE_CONTROL, HeaderValue, RETRY_AFTER};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::handover::{Task, is_id};
use super::request::Known;
use super::site::Site;
use crate::pipeline::endpoint::{HandedOver, Reply, Request};
use crate::pipeline::failure::Failure;
use crate::pipeline::keep::{self, Kept};
use crate::state::store::{Key, Put, StoreError};
use crate::xml::escape_text;

/// The space of executions in the state.
const SPACE: &str = "executions";

/// The protocol whose address tells of executions.
const PROTOCOL: &str = "executions";

/// Where it is, should a listener not have it.
const PREFIX: &str = "/ws/executions";

/// The namespace of what is told in XML.
const NAMESPACE: &str = "urn:soapstone:execution";

/// The most seconds that a caller is asked to wait before it asks again.
const LONGEST: i64 = 30;

/// What became of an execution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Running,
    Done,
    Failed,
}

impl State {
    const ALL: [(&str, Self); 3] =
        [("running", Self::Running), ("done", Self::Done), ("failed", Self::Failed)];

    fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(_, state)| *state == self).map_or("failed", |(word, _)| word)
    }
}

/// What is known of an execution.
#[derive(Debug, Clone)]
pub(super) struct Record {
    pub(super) id: CompactString,
    operation: String,
    /// The process that runs it: another one does not.
    instance: String,
    state: State,
    started: Timestamp,
    ended: Option<Timestamp>,
    /// The status of its answer.
    status: Option<u16>,
}

impl Record {
    /// One that runs.
    pub(super) fn begin(id: CompactString, task: &Task, started: Instant) -> Self {
        let now = Timestamp::now();
        let so_far = SignedDuration::try_from(started.elapsed()).unwrap_or_default();
        Self {
            id,
            operation: task.call.operation.name.to_string(),
            instance: task.site.instance().to_owned(),
            state: State::Running,
            started: now.checked_sub(so_far).unwrap_or(now),
            ended: None,
            status: None,
        }
    }

    /// The same with its answer.
    pub(super) fn ended(&self, reply: &Reply, failed: bool) -> Self {
        let state = if failed { State::Failed } else { State::Done };
        Self { state, ended: Some(Timestamp::now()), status: Some(reply.status.as_u16()), ..self.clone() }
    }

    /// Where it is told what became of it.
    pub(super) fn url(&self, site: &Site) -> String {
        let routes = site.listener.router.routes();
        let own = routes.iter().find(|route| route.protocol == PROTOCOL);
        let prefix = own.and_then(|route| route.path.rsplit_once('/')).map_or(PREFIX, |(prefix, _)| prefix);
        site.at(&format!("{prefix}/{}", self.id))
    }

    fn json(&self) -> Value {
        let mut shown = json!({
            "id": self.id.as_str(),
            "operation": self.operation,
            "state": self.state.as_str(),
            "started": self.started.to_string(),
        });
        let more = [
            ("ended", self.ended.map(|time| Value::from(time.to_string()))),
            ("status", self.status.map(Value::from)),
        ];
        for (name, value) in more {
            if let (Some(members), Some(value)) = (shown.as_object_mut(), value) {
                members.insert(name.to_owned(), value);
            }
        }
        shown
    }

    fn read(id: CompactString, text: &[u8]) -> Option<Self> {
        let value: Value = serde_json::from_slice(text).ok()?;
        let text = |name: &str| value.get(name).and_then(Value::as_str);
        let state = State::ALL.iter().find(|(word, _)| text("state") == Some(*word))?;
        Some(Self {
            id,
            operation: text("operation")?.to_owned(),
            instance: text("instance")?.to_owned(),
            state: state.1,
            started: text("started")?.parse().ok()?,
            ended: text("ended").and_then(|time| time.parse().ok()),
            status: value.get("status").and_then(Value::as_u64).and_then(|status| status.try_into().ok()),
        })
    }

    /// What is told of it, in JSON or XML.
    pub(super) fn reply(&self, status: StatusCode, site: &Site, xml: bool) -> Reply {
        let mut shown = self.json();
        if let (Some(members), true) = (shown.as_object_mut(), self.status.is_some()) {
            members.insert("answer".to_owned(), format!("{}?answer", self.url(site)).into());
        }
        let mut reply = if xml {
            Reply::new(status, "application/xml", in_xml(&shown))
        } else {
            Reply::new(status, "application/json", format!("{shown}\n"))
        };
        reply.headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.state == State::Running {
            // Who has waited for long need not ask so often.
            let so_far = Timestamp::now().as_second().saturating_sub(self.started.as_second());
            reply.headers.insert(RETRY_AFTER, HeaderValue::from(so_far.clamp(1, LONGEST)));
        }
        reply
    }
}

fn in_xml(shown: &Value) -> Vec<u8> {
    let mut out = b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<execution xmlns=\"".to_vec();
    out.extend_from_slice(NAMESPACE.as_bytes());
    out.extend_from_slice(b"\">");
    for (name, value) in shown.as_object().into_iter().flatten() {
        out.extend_from_slice(format!("<{name}>").as_bytes());
        match value.as_str() {
            Some(text) => escape_text(text, &mut out),
            None => out.extend_from_slice(value.to_string().as_bytes()),
        }
        out.extend_from_slice(format!("</{name}>").as_bytes());
    }
    out.extend_from_slice(b"</execution>\n");
    out
}

fn key(id: &str) -> Key {
    Key { space: SPACE, name: id.as_bytes().to_vec() }
}

/// Keeps what is known of an execution, with its answer where it has one.
///
/// # Errors
/// As the store.
pub(super) async fn put(
    site: &Site,
    request: &Request,
    record: &Record,
    reply: Option<Reply>,
) -> Result<(), StoreError> {
    let mut head = record.json();
    if let Some(members) = head.as_object_mut() {
        members.insert("instance".to_owned(), record.instance.as_str().into());
    }
    let mut value = head.to_string().into_bytes();
    value.push(b'\n');
    if let Some(reply) = reply {
        value.extend_from_slice(&Kept { reply, next: None }.encode());
    }
    let owner = site.owner(request);
    let put = Put { key: key(&record.id), owner, lasts: site.age(), value: value.into() };
    site.state().store.put(vec![put]).await
}

/// Tells what became of an execution, or gives its answer.
///
/// # Errors
/// 404: there is none of that id for this caller here, or its operation is gone; 403: the caller may not call that.
pub(super) async fn tell(site: &Site, known: &Known, asked: &HandedOver) -> Result<Reply, Failure> {
    let found = match is_id(&asked.id) {
        true => site.state().store.get(key(&asked.id), site.owner(&known.request)).await,
        false => Ok(None),
    };
    let value = found.map_err(|error| keep::failed(&error))?.ok_or_else(unknown)?;
    let (mut record, reply) = read(&asked.id, value).ok_or_else(unreadable)?;
    // Who may not call it any more learns nothing of it either.
    site.operation(&record.operation).ok_or_else(unknown)?.admit(known.request.user.as_deref())?;
    if record.state == State::Running && record.instance != site.instance() {
        // The process that ran it has ended, and took it along.
        record.state = State::Failed;
    }
    match (asked.answer, reply) {
        (true, Some(reply)) => Ok(reply),
        (true, None) if record.state == State::Running => {
            Ok(record.reply(StatusCode::ACCEPTED, site, asked.xml))
        }
        (true, None) => Err(interrupted()),
        (false, _) => Ok(record.reply(StatusCode::OK, site, asked.xml)),
    }
}

fn read(id: &CompactString, value: Bytes) -> Option<(Record, Option<Reply>)> {
    let end = memchr::memchr(b'\n', &value)?;
    let record = Record::read(id.clone(), value.get(..end)?)?;
    let rest = value.slice(end.saturating_add(1)..);
    if rest.is_empty() { Some((record, None)) } else { Some((record, Some(Kept::decode(rest)?.reply))) }
}

fn unknown() -> Failure {
    Failure::client(StatusCode::NOT_FOUND, "unknown-execution", "There is no such execution for you here.")
}

fn unreadable() -> Failure {
    Failure::internal("state", "an execution in the state is in no form that is known here")
}

fn interrupted() -> Failure {
    let mut failure = Failure::internal("interrupted", "the process ended before the execution was done");
    failure.message = "The gateway ended before the execution was done.".to_owned();
    failure
}
