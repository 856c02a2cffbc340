//! A trace as it is shown: every step with its place, its documents before and after, what it changed and how long it took.

use std::time::Duration;

use serde_json::{Value, json};

use super::failure::Failure;
use super::redact::Redaction;
use super::trace::{Seen, Trace};
use crate::document::Document;

/// How much of each document is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// All of it.
    Full,
    /// So many bytes at most, of so many documents at most.
    Short(usize, usize),
}

/// What a trace in memory keeps of each document.
pub const KEPT: Length = Length::Short(10 << 10, 20);

/// Bytes of documents that a trace in memory shows in all, about.
const MOST: usize = 1 << 20;

/// The steps of a trace in the order in which they began, as JSON:
/// `{"steps": [{"within", "path", "step", "text", "place", "began_us", "took_us", "before", "after", "changed", "failure"}],
/// "dropped": 0}`. `within` is the position of the step that one stands in.
pub fn view(trace: &Trace, length: Length, redaction: &Redaction) -> Value {
    let mut left = if length == Length::Full { usize::MAX } else { MOST };
    let one = |seen: &Seen| {
        // What does not fit any more is told by its number and size.
        let length = if left == 0 { Length::Short(0, 0) } else { length };
        let shown = step(seen, length, redaction);
        let documents = seen.before.iter().chain(&seen.after);
        let most = if let Length::Short(most, _) = length { most } else { usize::MAX };
        let bytes: usize = documents.map(|document| document.size().min(most)).sum();
        left = left.saturating_sub(bytes);
        shown
    };
    let steps: Vec<Value> = trace.steps().iter().map(one).collect();
    json!({ "steps": steps, "dropped": trace.dropped() })
}

fn step(seen: &Seen, length: Length, redaction: &Redaction) -> Value {
    let strike = |text: &str| redaction.strike(text).into_owned();
    let changed: serde_json::Map<String, Value> = seen
        .changed
        .iter()
        .map(|(name, value)| (name.to_string(), json!(value.as_deref().map(strike))))
        .collect();
    json!({
        "within": seen.within,
        "path": seen.path.as_str(),
        "step": seen.kind,
        "text": strike(&seen.text),
        "place": seen.place.to_string(),
        "began_us": micros(seen.began),
        "took_us": seen.took.map(micros),
        "before": documents(&seen.before, length, redaction),
        "after": documents(&seen.after, length, redaction),
        "changed": changed,
        "failure": seen.failure.as_ref().map(|failure| self::failure(failure, redaction)),
    })
}

/// A failure as it is shown to those who operate the gateway.
pub fn failure(failure: &Failure, redaction: &Redaction) -> Value {
    let strike = |text: &str| redaction.strike(text).into_owned();
    json!({
        "code": failure.code,
        "blame": failure.blame.as_str(),
        "status": failure.status.as_u16(),
        "message": strike(&failure.message),
        "cause": failure.log.as_deref().map(strike),
        "place": failure.place.as_ref().map(ToString::to_string),
        "steps": failure.steps.join(" > "),
        "retry": failure.retriable,
    })
}

/// Documents with their sizes, formats and properties: `{"count", "bytes", "shown": [{"format", "bytes", "text",
/// "properties"}]}`.
pub fn documents(documents: &[Document], length: Length, redaction: &Redaction) -> Value {
    let most = match length {
        Length::Full => usize::MAX,
        Length::Short(_, most) => most,
    };
    let shown: Vec<Value> =
        documents.iter().take(most).map(|document| one(document, length, redaction)).collect();
    let bytes: usize = documents.iter().map(|document| document.bytes().len()).sum();
    json!({ "count": documents.len(), "bytes": bytes, "shown": shown })
}

fn one(document: &Document, length: Length, redaction: &Redaction) -> Value {
    let properties: serde_json::Map<String, Value> = document
        .properties
        .iter()
        .map(|(name, value)| (name.to_owned(), json!(redaction.strike(value))))
        .collect();
    json!({
        "format": document.codec().map_or("data", |codec| codec.format()),
        "bytes": document.bytes().len(),
        "text": match document.on_its_way() {
            Some(_) => "(went on while it came)".to_owned(),
            None => text(document.bytes(), length, redaction),
        },
        "properties": properties,
    })
}

/// The text of a body; what is no text is told by its size alone. Secrets are struck out before anything is cut off, so
/// that no half of one is left.
fn text(bytes: &[u8], length: Length, redaction: &Redaction) -> String {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return format!("({} bytes that are no text)", bytes.len());
    };
    let text = redaction.strike(text);
    let most = match length {
        Length::Short(most, _) if text.len() > most => most,
        _ => return text.into_owned(),
    };
    let end = text.floor_char_boundary(most);
    format!("{}... ({} bytes in all)", text.get(..end).unwrap_or_default(), bytes.len())
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
