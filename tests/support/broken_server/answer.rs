//! What a broken server answers: a status, fields and a body, and the way they are sent.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::sleep;

use super::Wire;

/// An answer. It keeps the connection open where its way does not say otherwise.
#[derive(Debug, Clone)]
pub struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    way: Way,
}

#[derive(Debug, Clone)]
enum Way {
    Whole,
    Closing,
    UntilClose,
    Chunked,
    SlowHead(Duration),
    SlowBody(Duration),
    Dripping(Duration),
    Truncated,
    TruncatedChunked,
    Reset(usize),
    ResetAtOnce,
    Silent,
    Raw,
}

/// What is answered.
impl Answer {
    pub fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        let headers = Vec::new();
        let answer = Self { status, headers, body, way: Way::Whole };
        if content_type.is_empty() { answer } else { answer.header("Content-Type", content_type) }
    }

    /// 200 with an envelope of SOAP 1.1 around a body.
    pub fn soap(body: &str) -> Self {
        Self::new(200, "text/xml; charset=utf-8", crate::support::envelope("1.1", body))
    }

    /// A fault of SOAP 1.1, `Server` and "It broke.", with a status: 500 as it should be, or 200.
    pub fn fault(status: u16) -> Self {
        let fault = "<e:Fault><faultcode>e:Server</faultcode><faultstring>It broke.</faultstring></e:Fault>";
        Self { status, ..Self::soap(fault) }
    }

    /// A page for people, as proxies answer.
    pub fn html(status: u16) -> Self {
        let page = "<!DOCTYPE html><html><head><title>Oops</title></head><body><p>Something broke.<br></body></html>";
        Self::new(status, "text/html; charset=utf-8", page)
    }

    /// Nothing, and no media type.
    pub fn empty(status: u16) -> Self {
        Self::new(status, "", "")
    }

    /// 401 with a challenge for a password.
    pub fn unauthorized() -> Self {
        Self::html(401).header("WWW-Authenticate", "Basic realm=\"orders\"")
    }

    pub fn redirect(status: u16, url: &str) -> Self {
        Self::html(status).header("Location", url)
    }

    /// 503, to be asked again after some seconds.
    pub fn unavailable(seconds: u32) -> Self {
        Self::html(503).header("Retry-After", &seconds.to_string())
    }

    /// An envelope that is longer than this many bytes.
    pub fn oversized_body(bytes: usize) -> Self {
        Self::soap(&format!("<Long>{}</Long>", "x".repeat(bytes)))
    }

    /// An empty envelope with a field of this many bytes.
    pub fn oversized_head(bytes: usize) -> Self {
        Self::soap("").header("X-Long", &"x".repeat(bytes))
    }

    /// What is no HTTP; then the connection is closed.
    pub fn garbage() -> Self {
        Self::raw("\u{1}\u{2}220 smtp.example ready\r\n\r\n")
    }

    /// Bytes as they are; then the connection is closed.
    pub fn raw(bytes: impl Into<Vec<u8>>) -> Self {
        Self { way: Way::Raw, ..Self::new(0, "", bytes) }
    }

    /// No answer, while the connection stays open.
    pub fn silent() -> Self {
        Self { way: Way::Silent, ..Self::empty(0) }
    }

    /// A reset of the next connection, before anything of its request is read: it is not among `seen`.
    pub fn reset_at_once() -> Self {
        Self { way: Way::ResetAtOnce, ..Self::empty(0) }
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// The way it is sent.
impl Answer {
    /// Closes the connection behind it, without having said so.
    pub fn closing(self) -> Self {
        Self { way: Way::Closing, ..self }
    }

    /// Without a length: the body ends with the connection.
    pub fn until_close(self) -> Self {
        Self { way: Way::UntilClose, ..self }
    }

    /// In two chunks.
    pub fn chunked(self) -> Self {
        Self { way: Way::Chunked, ..self }
    }

    /// Waits before the first byte.
    pub fn slow_head(self, time: Duration) -> Self {
        Self { way: Way::SlowHead(time), ..self }
    }

    /// Waits in the middle of the body.
    pub fn slow_body(self, time: Duration) -> Self {
        Self { way: Way::SlowBody(time), ..self }
    }

    /// Sends the head at once and waits before each byte of the body.
    pub fn dripping(self, time: Duration) -> Self {
        Self { way: Way::Dripping(time), ..self }
    }

    /// Closes the connection in the middle of the body.
    pub fn truncated(self) -> Self {
        Self { way: Way::Truncated, ..self }
    }

    /// In chunks, and closes the connection after the first.
    pub fn truncated_chunked(self) -> Self {
        Self { way: Way::TruncatedChunked, ..self }
    }

    /// Resets the connection after this many bytes of head and body.
    pub fn reset_after(self, bytes: usize) -> Self {
        Self { way: Way::Reset(bytes), ..self }
    }

    pub(super) fn comes_before_the_request(&self) -> bool {
        matches!(self.way, Way::ResetAtOnce)
    }

    /// Sends it; says whether the connection goes on.
    pub(super) async fn send(self, stream: &mut impl Wire) -> io::Result<bool> {
        let head = self.head();
        let (first, second) = self.body.split_at(self.body.len() / 2);
        match self.way {
            Way::Silent => {
                let mut more = Vec::new();
                stream.read_to_end(&mut more).await?;
                return Ok(false);
            }
            Way::ResetAtOnce | Way::Reset(_) => {
                let bytes = if let Way::Reset(bytes) = self.way { bytes } else { 0 };
                let whole = [head.as_bytes(), &self.body].concat();
                stream.write_all(&whole[..bytes.min(whole.len())]).await?;
                stream.flush().await?;
                stream.socket().set_zero_linger()?;
                return Ok(false);
            }
            Way::Raw => stream.write_all(&self.body).await?,
            Way::Truncated => stream.write_all(&[head.as_bytes(), first].concat()).await?,
            Way::TruncatedChunked => stream.write_all(&[head.as_bytes(), &chunk(first)].concat()).await?,
            Way::Chunked => {
                let chunks = [chunk(first), chunk(second), b"0\r\n\r\n".to_vec()].concat();
                stream.write_all(&[head.as_bytes(), &chunks].concat()).await?;
            }
            Way::Whole | Way::Closing | Way::UntilClose | Way::SlowHead(_) => {
                if let Way::SlowHead(time) = self.way {
                    sleep(time).await;
                }
                stream.write_all(&[head.as_bytes(), &self.body].concat()).await?;
            }
            Way::SlowBody(time) => {
                stream.write_all(&[head.as_bytes(), first].concat()).await?;
                stream.flush().await?;
                sleep(time).await;
                stream.write_all(second).await?;
            }
            Way::Dripping(time) => {
                stream.write_all(head.as_bytes()).await?;
                for byte in &self.body {
                    stream.flush().await?;
                    sleep(time).await;
                    stream.write_all(&[*byte]).await?;
                }
            }
        }
        stream.flush().await?;
        let closes = matches!(
            self.way,
            Way::Raw | Way::Truncated | Way::TruncatedChunked | Way::Closing | Way::UntilClose
        );
        if closes {
            stream.shutdown().await?;
        }
        Ok(!closes)
    }

    fn head(&self) -> String {
        let mut head = format!("HTTP/1.1 {} Said\r\n", self.status);
        match self.way {
            Way::Chunked | Way::TruncatedChunked => head.push_str("Transfer-Encoding: chunked\r\n"),
            Way::UntilClose => head.push_str("Connection: close\r\n"),
            _ => head.push_str(&format!("Content-Length: {}\r\n", self.body.len())),
        }
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head + "\r\n"
    }
}

/// A chunk, or nothing for no bytes: an empty one would be the last.
fn chunk(bytes: &[u8]) -> Vec<u8> {
    if bytes.is_empty() {
        return Vec::new();
    }
    [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat()
}
