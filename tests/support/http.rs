//! A plain HTTP/1.1 client over a socket: it sends exactly what a test says, well-formed or not.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Instant;

use super::DEADLINE;

/// An answer.
#[derive(Debug)]
pub struct Response {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: String,
    /// The body as it came.
    pub bytes: Vec<u8>,
}

impl Response {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

/// A connection that stays open from one request to the next.
pub struct Connection {
    stream: TcpStream,
    /// What was received behind the last answer.
    received: Vec<u8>,
}

impl Connection {
    pub fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect_timeout(&address, DEADLINE).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        stream.set_write_timeout(Some(DEADLINE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, received: Vec::new() }
    }

    /// Sends bytes as they are; the other side may have closed already.
    pub fn send(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).is_ok()
    }

    /// Says that nothing more comes: what waits for more ends now.
    pub fn done(&self) {
        let _ = self.stream.shutdown(std::net::Shutdown::Write);
    }

    /// Sends a request with a body, and does not wait for its answer.
    pub fn ask(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) {
        let mut head = format!("{method} {path} HTTP/1.1\r\n");
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
            head.push_str("Host: gateway.test\r\n");
        }
        let framed = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("transfer-encoding"));
        if !framed && (!body.is_empty() || method == "POST") {
            head.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        self.send(&[head.as_bytes(), body].concat());
    }

    /// Sends a request with a body and reads its answer.
    pub fn call(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Response {
        self.ask(method, path, headers, body);
        self.answer().unwrap_or_else(|| panic!("no answer to {method} {path}"))
    }

    /// Reads one answer; `None` when the connection ends without a whole one, of which `rest` then has what came.
    pub fn answer(&mut self) -> Option<Response> {
        let end = loop {
            if let Some(at) = self.received.windows(4).position(|w| w == b"\r\n\r\n") {
                break at + 4;
            }
            if !self.read() {
                return None;
            }
        };
        let mut response = head_of(&self.received[..end])?;
        if response.status == 100 {
            self.received.drain(..end);
            return self.answer();
        }
        let length: usize = response.header("content-length").and_then(|n| n.parse().ok()).unwrap_or(0);
        while self.received.len() < end + length {
            if !self.read() {
                return None;
            }
        }
        response.bytes = self.received.drain(..end + length).skip(end).collect();
        response.body = String::from_utf8_lossy(&response.bytes).into_owned();
        Some(response)
    }

    /// Reads an answer that ends with the connection, in whatever framing: `None` when it is not whole.
    pub fn last_answer(mut self) -> Option<Response> {
        let until = Instant::now() + DEADLINE;
        while self.read() {}
        assert!(Instant::now() < until, "the connection did not end in time");
        let end = self.received.windows(4).position(|w| w == b"\r\n\r\n")? + 4;
        let (head, body) = self.received.split_at(end);
        let mut response = head_of(head)?;
        response.bytes = match (response.header("transfer-encoding"), response.header("content-length")) {
            (Some(_), _) => unchunked(body)?,
            (None, Some(length)) => body.get(..length.parse().ok()?)?.to_vec(),
            (None, None) => body.to_vec(),
        };
        response.body = String::from_utf8_lossy(&response.bytes).into_owned();
        Some(response)
    }

    /// Everything up to the end of the connection; fails the test when it does not end.
    pub fn rest(mut self) -> String {
        let until = Instant::now() + DEADLINE;
        while self.read() {}
        assert!(Instant::now() < until, "the connection did not end in time");
        String::from_utf8_lossy(&self.received).into_owned()
    }

    fn read(&mut self) -> bool {
        let mut buffer = [0; 16 * 1024];
        loop {
            match self.stream.read(&mut buffer) {
                // A read that is bounded in time is not taken up again by the system when the process was stopped for a while.
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Ok(0) | Err(_) => return false,
                Ok(n) => {
                    self.received.extend_from_slice(&buffer[..n]);
                    return true;
                }
            }
        }
    }
}

/// An answer without its body yet.
fn head_of(head: &[u8]) -> Option<Response> {
    let text = String::from_utf8_lossy(head).into_owned();
    let mut lines = text.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    Some(Response { status, headers, body: String::new(), bytes: Vec::new() })
}

/// What is in chunks; `None` when the last is missing.
fn unchunked(mut chunks: &[u8]) -> Option<Vec<u8>> {
    let mut whole = Vec::new();
    loop {
        let end = chunks.windows(2).position(|w| w == b"\r\n")?;
        let line = String::from_utf8_lossy(&chunks[..end]).into_owned();
        let size = usize::from_str_radix(line.split(';').next()?.trim(), 16).ok()?;
        if size == 0 {
            return Some(whole);
        }
        whole.extend_from_slice(chunks.get(end + 2..end + 2 + size)?);
        chunks = chunks.get(end + 2 + size + 2..)?;
    }
}

/// One request on a connection of its own.
pub fn call(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Response {
    Connection::open(address).call(method, path, headers, body)
}

pub fn get(address: SocketAddr, path: &str) -> Response {
    call(address, "GET", path, &[], b"")
}

pub fn post(address: SocketAddr, path: &str, content_type: &str, body: &str) -> Response {
    call(address, "POST", path, &[("Content-Type", content_type)], body.as_bytes())
}
