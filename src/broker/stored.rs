//! What a stream of JetStream says to a message: that it has it, or why not.

use serde_json::Value;

use super::error::{Kind, PublishError};
use super::link::Published;

/// The status of a server that finds nobody who takes a subject.
const NOBODY: u16 = 503;

/// JetStream's number for a message that is larger than the stream takes.
const LARGER: u64 = 10054;

/// Reads the answer to a message.
pub(super) fn read(status: Option<u16>, payload: &[u8]) -> Published {
    if status == Some(NOBODY) {
        return Err(PublishError::new(Kind::NoStream, "no stream stores this subject"));
    }
    let json: Option<Value> = serde_json::from_slice(payload).ok();
    let json = json.as_ref();
    if let Some(error) = json.and_then(|json| json.get("error")) {
        let number = |name: &str| error.get(name).and_then(Value::as_u64).unwrap_or_default();
        let why = error.get("description").and_then(Value::as_str).unwrap_or("it does not say why");
        let kind = match number("err_code") {
            LARGER => Kind::TooLarge,
            _ => Kind::NotStored { retriable: number("code") >= 500 },
        };
        let why: String = why.chars().take(300).collect();
        return Err(PublishError::new(kind, format!("the stream does not store it: {why}")));
    }
    let has = |name: &str| json.is_some_and(|json| json.get(name).is_some());
    if has("stream") && has("seq") {
        return Ok(());
    }
    let text = "what answered for this subject is no stream";
    Err(PublishError::new(Kind::NotStored { retriable: false }, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_stream_stores() {
        let kind = |status, text: &str| read(status, text.as_bytes()).map_err(|error| error.kind);
        assert_eq!(kind(None, r#"{"stream":"ORDERS","seq":7}"#), Ok(()));
        assert_eq!(kind(None, r#"{"stream":"ORDERS","seq":7,"duplicate":true}"#), Ok(()));
        assert_eq!(kind(Some(503), ""), Err(Kind::NoStream));
        let error =
            |code, number| format!(r#"{{"error":{{"code":{code},"err_code":{number},"description":"x"}}}}"#);
        assert_eq!(kind(None, &error(503, 10077)), Err(Kind::NotStored { retriable: true }));
        assert_eq!(kind(None, &error(400, 10071)), Err(Kind::NotStored { retriable: false }));
        assert_eq!(kind(None, &error(400, 10054)), Err(Kind::TooLarge));
        for other in ["", "thanks", "{}", "[1]", "{\"stream\":\"a\"}"] {
            assert_eq!(kind(None, other), Err(Kind::NotStored { retriable: false }), "{other}");
        }
    }
}
