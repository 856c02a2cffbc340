//! A run of an operation as one JSON object, for programs.

use serde_json::{Map, Value, json};

use super::offline::Ran;
use crate::pipeline::operation::Operation;
use crate::pipeline::redact::Redaction;
use crate::pipeline::trace_view::{KEPT, Length, documents, failure, view};

/// What the admin address shows of a trace, and beside it `operation`, `place`, `begins_with`, `answer`, `failure` and
/// `later_failures`; each step says by `after_answer` whether it runs after the answer has left.
pub fn json(operation: &Operation, ran: &Ran, full: bool, redaction: &Redaction) -> String {
    let length = if full { Length::Full } else { KEPT };
    let mut view = view(&ran.trace, length, redaction);
    if let Some(Value::Array(steps)) = view.get_mut("steps") {
        for (at, step) in steps.iter_mut().enumerate() {
            let step = step.as_object_mut();
            step.map(|step| step.insert("after_answer".into(), json!(at >= ran.before_answer)));
        }
    }
    let later: Vec<Value> = ran
        .later
        .iter()
        .map(|(what, failed)| json!({ "process": &**what, "failure": failure(failed, redaction) }))
        .collect();
    let mut whole = json!({
        "operation": &*operation.name,
        "place": operation.place.to_string(),
        "begins_with": documents(&ran.documents, length, redaction),
        "answer": answer(ran, redaction),
        "failure": ran.failure.as_ref().map(|failed| failure(failed, redaction)),
        "later_failures": later,
    });
    if let (Some(whole), Value::Object(view)) = (whole.as_object_mut(), view) {
        whole.extend(view);
    }
    format!("{whole}\n")
}

fn answer(ran: &Ran, redaction: &Redaction) -> Value {
    let strike = |bytes: &[u8]| redaction.strike(&String::from_utf8_lossy(bytes)).into_owned();
    let headers: Map<String, Value> = ran
        .answer
        .headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), json!(strike(value.as_bytes()))))
        .collect();
    json!({
        "status": ran.answer.status.as_u16(),
        "headers": headers,
        "documents": ran.returned,
        "body": strike(&ran.answer.body),
    })
}
