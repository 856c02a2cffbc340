//! The requests that a broken server reads, in the framings of HTTP/1.1.

use std::io;
use std::time::Instant;

use tokio::io::AsyncReadExt;

use super::Wire;

/// A request that came, whole.
#[derive(Debug, Clone)]
pub struct Seen {
    /// Which connection it came on; the first is 1.
    pub connection: usize,
    pub at: Instant,
    pub method: String,
    /// With its query.
    pub path: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// The next request; nothing when the connection ends before it is whole.
pub(super) async fn read(
    stream: &mut impl Wire,
    received: &mut Vec<u8>,
    connection: usize,
) -> io::Result<Option<Seen>> {
    let Some(head) = until(stream, received, b"\r\n\r\n").await? else { return Ok(None) };
    let head = String::from_utf8_lossy(&head).into_owned();
    let mut lines = head.split("\r\n");
    let mut first = lines.next().unwrap_or_default().split(' ').map(str::to_owned);
    let headers = lines.filter_map(|line| line.split_once(':'));
    let mut seen = Seen {
        connection,
        at: Instant::now(),
        method: first.next().unwrap_or_default(),
        path: first.next().unwrap_or_default(),
        headers: headers.map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned())).collect(),
        body: Vec::new(),
    };
    if seen.header("transfer-encoding").is_none() {
        let length = seen.header("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
        let Some(body) = exactly(stream, received, length).await? else { return Ok(None) };
        seen.body = body;
        return Ok(Some(seen));
    }
    loop {
        let Some(line) = until(stream, received, b"\r\n").await? else { return Ok(None) };
        let size = usize::from_str_radix(String::from_utf8_lossy(&line).trim(), 16).unwrap_or(0);
        let Some(chunk) = exactly(stream, received, size + 2).await? else { return Ok(None) };
        if size == 0 {
            return Ok(Some(seen));
        }
        seen.body.extend_from_slice(&chunk[..size]);
    }
}

/// What comes before a mark, which is read too.
async fn until(stream: &mut impl Wire, received: &mut Vec<u8>, mark: &[u8]) -> io::Result<Option<Vec<u8>>> {
    loop {
        if let Some(at) = received.windows(mark.len()).position(|window| window == mark) {
            let before = received[..at].to_vec();
            received.drain(..at + mark.len());
            return Ok(Some(before));
        }
        if stream.read_buf(received).await? == 0 {
            return Ok(None);
        }
    }
}

async fn exactly(
    stream: &mut impl Wire,
    received: &mut Vec<u8>,
    length: usize,
) -> io::Result<Option<Vec<u8>>> {
    while received.len() < length {
        if stream.read_buf(received).await? == 0 {
            return Ok(None);
        }
    }
    Ok(Some(received.drain(..length).collect()))
}
