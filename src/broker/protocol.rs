//! The protocol of NATS as a publisher speaks it: lines, and payloads whose length a line has said.

use bytes::{Buf as _, Bytes, BytesMut};
use serde_json::Value;

use super::message::Message;

/// What a server sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Op {
    /// What it says of itself, at first and when that changes.
    Info(Info),
    /// It asks whether anybody is there.
    Ping,
    /// It has read everything up to a ping.
    Pong,
    /// It agrees.
    Ok,
    /// What is wrong.
    Err(String),
    /// A message to a subject that was subscribed to.
    Message {
        /// The subject.
        subject: String,
        /// The status in its header, where the server itself answers.
        status: Option<u16>,
        /// The payload.
        payload: Bytes,
    },
}

/// What a server says of itself, as far as it matters here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Info {
    /// Bytes that the headers and the payload of a message may have.
    pub max_payload: usize,
    /// Whether it can be spoken to over TLS.
    pub tls: bool,
    /// Whether it can be spoken to over nothing else.
    pub tls_required: bool,
    /// Whether messages may have headers.
    pub headers: bool,
    /// What it wants to be signed.
    pub nonce: String,
}

/// Bytes that a line of the server may have.
const LONGEST_LINE: usize = 64 << 10;

/// Bytes that a message for us may have: answers of streams, which are short.
const LARGEST: usize = 64 << 10;

/// Takes the next whole thing that the server said off the input; `None` where more must come.
///
/// # Errors
/// It is not what a server of NATS says.
pub fn next(input: &mut BytesMut) -> Result<Option<Op>, &'static str> {
    let Some(end) = memchr::memchr(b'\n', input) else {
        return if input.len() > LONGEST_LINE { Err("a line without end") } else { Ok(None) };
    };
    let line = input.get(..end).unwrap_or_default();
    let line = std::str::from_utf8(line).map_err(|_| "a line that is not UTF-8")?.trim_end();
    let (word, rest) = line.split_once([' ', '\t']).unwrap_or((line, ""));
    let op = match word.to_ascii_uppercase().as_str() {
        "MSG" => return message(input, end + 1, false),
        "HMSG" => return message(input, end + 1, true),
        "INFO" => Op::Info(info(rest).ok_or("an INFO that is not JSON")?),
        "PING" => Op::Ping,
        "PONG" => Op::Pong,
        "+OK" => Op::Ok,
        "-ERR" => Op::Err(rest.trim().trim_matches('\'').chars().take(300).collect()),
        _ => return Err("a word that it does not have"),
    };
    input.advance(end + 1);
    Ok(Some(op))
}

fn info(json: &str) -> Option<Info> {
    let json: Value = serde_json::from_str(json).ok()?;
    let is = |name: &str| json.get(name).and_then(Value::as_bool).unwrap_or_default();
    let most = json.get("max_payload").and_then(Value::as_u64).unwrap_or(1 << 20);
    Some(Info {
        max_payload: usize::try_from(most).unwrap_or(usize::MAX),
        tls: is("tls_required") || is("tls_available"),
        tls_required: is("tls_required"),
        headers: is("headers"),
        nonce: json.get("nonce").and_then(Value::as_str).unwrap_or_default().to_owned(),
    })
}

/// `MSG <subject> <sid> [reply] <size>` or `HMSG <subject> <sid> [reply] <header size> <size>`, then as many bytes.
fn message(input: &mut BytesMut, begin: usize, has_header: bool) -> Result<Option<Op>, &'static str> {
    let wrong = "a message whose line is wrong";
    let line = std::str::from_utf8(input.get(..begin).unwrap_or_default()).map_err(|_| wrong)?;
    let words: Vec<&str> = line.split_ascii_whitespace().collect();
    let number = |word: Option<&&str>| word.and_then(|word| word.parse::<usize>().ok()).ok_or(wrong);
    let size = number(words.last())?;
    let head = if has_header { number(words.iter().rev().nth(1))? } else { 0 };
    let subject = (*words.get(1).ok_or(wrong)?).to_owned();
    if size > LARGEST || head > size {
        return Err("an answer that is too large");
    }
    // A line end follows.
    if input.len() < begin + size + 2 {
        return Ok(None);
    }
    input.advance(begin);
    let mut body = input.split_to(size);
    input.advance(2);
    let header = body.split_to(head);
    Ok(Some(Op::Message { subject, status: status(&header), payload: body.freeze() }))
}

/// The status in `NATS/1.0 503 No Responders`.
fn status(header: &[u8]) -> Option<u16> {
    let line = std::str::from_utf8(header).ok()?.lines().next()?;
    line.split_ascii_whitespace().nth(1)?.parse().ok()
}

/// Bytes that count against what a server takes.
pub fn size(message: &Message) -> usize {
    let fields = message.headers().iter().map(|(name, value)| name.len() + value.len() + 4);
    let head = if message.headers().is_empty() { 0 } else { fields.sum::<usize>() + VERSION.len() + 2 };
    head + message.payload().len()
}

/// What the header of a message begins with.
const VERSION: &str = "NATS/1.0\r\n";

/// Appends a message; `reply` is where an answer is sent to.
pub fn publish(message: &Message, reply: Option<&str>, out: &mut BytesMut) {
    let (payload, whole) = (message.payload(), size(message));
    let subject = message.subject();
    let reply = reply.map(|reply| format!("{reply} ")).unwrap_or_default();
    out.reserve(whole + subject.len() + reply.len() + 64);
    if message.headers().is_empty() {
        out.extend_from_slice(format!("PUB {subject} {reply}{whole}\r\n").as_bytes());
    } else {
        let head = whole - payload.len();
        out.extend_from_slice(format!("HPUB {subject} {reply}{head} {whole}\r\n{VERSION}").as_bytes());
        for (name, value) in message.headers() {
            out.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
        }
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(payload);
    out.extend_from_slice(b"\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All that the bytes say, however they come apart.
    fn read(bytes: &[u8]) -> Vec<Op> {
        let mut whole = BytesMut::from(bytes);
        let mut all = Vec::new();
        while let Some(op) = next(&mut whole).unwrap() {
            all.push(op);
        }
        let (mut input, mut pieces) = (BytesMut::new(), Vec::new());
        for byte in bytes {
            input.extend_from_slice(&[*byte]);
            pieces.extend(next(&mut input).unwrap());
        }
        assert_eq!(all, pieces);
        all
    }

    #[test]
    fn what_a_server_says_is_read() {
        let text = b"INFO {\"max_payload\":9,\"headers\":true,\"nonce\":\"n\"} \r\nPING\r\nPONG\r\n+OK\r\n-ERR 'Stale Connection'\r\nMSG _INBOX.a.1 1 2\r\nhi\r\nHMSG _INBOX.a.2 1 16 18\r\nNATS/1.0 503\r\n\r\nok\r\n";
        let message = |subject: &str, status, payload: &'static str| Op::Message {
            subject: subject.into(),
            status,
            payload: Bytes::from_static(payload.as_bytes()),
        };
        assert_eq!(
            read(text),
            [
                Op::Info(Info { max_payload: 9, headers: true, nonce: "n".into(), ..Info::default() }),
                Op::Ping,
                Op::Pong,
                Op::Ok,
                Op::Err("Stale Connection".into()),
                message("_INBOX.a.1", None, "hi"),
                message("_INBOX.a.2", Some(503), "ok"),
            ]
        );
    }

    #[test]
    fn what_no_server_says_is_refused() {
        for wrong in [
            "HTTP/1.1 400 Bad Request\r\n",
            "INFO x\r\n",
            "MSG a 1 x\r\n",
            "MSG\r\n",
            "MSG a 1 99999999\r\n",
            "MSG a 1 -1\r\n",
            "HMSG a 1 9 2\r\nxx\r\n",
            "\u{ff}\n",
        ] {
            assert!(next(&mut BytesMut::from(wrong)).is_err(), "{wrong:?}");
        }
        assert!(next(&mut BytesMut::from(&vec![b'x'; LONGEST_LINE + 1][..])).is_err());
        assert_eq!(next(&mut BytesMut::from("MSG a 1 5\r\nab")), Ok(None));
    }

    #[test]
    fn a_message_says_how_long_it_is() {
        let mut message = Message::new("a.b".into(), Bytes::from_static(b"hello")).unwrap();
        let mut out = BytesMut::new();
        publish(&message, None, &mut out);
        assert_eq!(&out[..], b"PUB a.b 5\r\nhello\r\n");
        message.header("X-Id", "7").unwrap();
        let mut out = BytesMut::new();
        publish(&message, Some("_INBOX.a.1"), &mut out);
        assert_eq!(&out[..], b"HPUB a.b _INBOX.a.1 21 26\r\nNATS/1.0\r\nX-Id: 7\r\n\r\nhello\r\n");
        assert_eq!(size(&message), 26);
    }
}
