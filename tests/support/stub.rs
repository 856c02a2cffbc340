//! A server for one purpose: it answers every request as a test says at the time, and keeps what it was sent.
#![allow(dead_code, reason = "each test binary uses its own part of this")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use super::DEADLINE;

/// What was sent.
#[derive(Debug, Clone, Default)]
pub struct Sent {
    /// The request line.
    pub line: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Sent {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

#[derive(Debug, Default)]
struct State {
    answer: (u16, String, Vec<u8>),
    sent: Vec<Sent>,
}

/// The running server: it ends with the test's process.
pub struct Stub {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl Stub {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                std::thread::spawn(move || serve(stream, &shared));
            }
        });
        Self { address, state }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// What every request is answered with from now on.
    pub fn answers(&self, status: u16, media: &str, body: impl Into<Vec<u8>>) {
        self.state.lock().unwrap().answer = (status, media.to_owned(), body.into());
    }

    /// Takes what was sent so far, in order.
    pub fn sent(&self) -> Vec<Sent> {
        std::mem::take(&mut self.state.lock().unwrap().sent)
    }

    /// Takes the one request that was sent.
    #[track_caller]
    pub fn one(&self) -> Sent {
        let mut sent = self.sent();
        assert_eq!(sent.len(), 1, "{sent:?}");
        sent.remove(0)
    }
}

/// Answers the requests of a connection until its other side is done.
fn serve(mut stream: TcpStream, state: &Mutex<State>) {
    let _ = stream.set_read_timeout(Some(DEADLINE));
    while let Some(sent) = request(&mut stream) {
        let mut state = state.lock().unwrap();
        state.sent.push(sent);
        let (status, media, body) = &state.answer;
        let head = format!(
            "HTTP/1.1 {status} Answered\r\nContent-Type: {media}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        if stream.write_all(&[head.as_bytes(), body].concat()).is_err() {
            return;
        }
    }
}

/// Reads a request with a length; `None` at the end of the connection.
fn request(stream: &mut TcpStream) -> Option<Sent> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).ok()?;
        head.extend(byte);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let mut lines = head.lines();
    let line = lines.next()?.to_owned();
    let field = |line: &str| {
        line.split_once(':').map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
    };
    let mut sent = Sent { line, headers: lines.filter_map(field).collect(), body: Vec::new() };
    let length = sent.header("content-length").map_or(0, |length| length.parse().unwrap());
    sent.body = vec![0; length];
    stream.read_exact(&mut sent.body).ok()?;
    Some(sent)
}
