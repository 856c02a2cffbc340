//! New connections: name, socket, perhaps a proxy, TLS, and the head of HTTP/1.1 spoken over it.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{timeout, timeout_at};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, Error as TlsError};

use super::address::Address;
use super::error::{CallError, Kind, refuses_certificate};
use super::sent::Sent;
use crate::syntax::Secret;

/// How to reach an address.
#[derive(Debug, Clone)]
pub struct Way {
    /// The settings of TLS, for an address that is spoken to over it.
    pub tls: Option<Arc<ClientConfig>>,
    /// The name that the certificate must have, where it is not that of the host.
    pub name: Option<Arc<str>>,
    /// A proxy to go through.
    pub proxy: Option<Arc<Proxy>>,
    /// How long it may take.
    pub time: Duration,
    /// Bytes of the head of an answer.
    pub head: usize,
}

/// A proxy for HTTP: asked to connect through (RFC 9110, section 9.3.6).
#[derive(Debug)]
pub struct Proxy {
    /// Where it is.
    pub address: Address,
    /// The value of `Proxy-Authorization`, where it asks for credentials.
    pub authorization: Option<Secret>,
}

impl Proxy {
    /// What makes connections through this proxy other than those through others. It holds the credentials in full, for a
    /// hash, and is not to be shown.
    pub fn identity(&self) -> String {
        let authorization = self.authorization.as_ref().map(Secret::reveal).unwrap_or_default();
        format!("{} {authorization}", self.address.origin())
    }
}

/// What was found out about the other side of a connection.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Peer {
    /// The address that was connected to.
    pub address: Option<SocketAddr>,
    /// TLS, where it is spoken: version, cipher suite, and the DER of the certificate.
    pub tls: Option<(String, String, Vec<u8>)>,
    /// How long it took to connect.
    pub took: Duration,
}

/// A connection that is ready for requests.
#[derive(Debug)]
pub struct Connection {
    /// Where requests go.
    pub sender: SendRequest<Sent>,
    /// Who is on the other side.
    pub peer: Arc<Peer>,
}

/// The shortest head of an answer that hyper can be bounded to.
const LEAST_HEAD: usize = 8 << 10;

/// Connects.
///
/// # Errors
/// Always before anything of a request was sent.
pub async fn connect(address: &Address, way: &Way, deadline: Instant) -> Result<Connection, CallError> {
    let began = Instant::now();
    let until = began.checked_add(way.time).map_or(deadline, |until| until.min(deadline));
    let late = |_| CallError::unsent(Kind::Timeout, "connect-timeout", "there was no connection in time");
    let connected = timeout_at(until.into(), reach(address, way)).await.map_err(late)?;
    let (mut connection, mut peer) = connected?;
    peer.took = began.elapsed();
    connection.peer = Arc::new(peer);
    Ok(connection)
}

async fn reach(address: &Address, way: &Way) -> Result<(Connection, Peer), CallError> {
    let stream = match &way.proxy {
        Some(proxy) => through(proxy, address).await?,
        None => socket(address, way.time).await?,
    };
    let mut peer = Peer { address: stream.peer_addr().ok(), ..Peer::default() };
    let Some(settings) = way.tls.as_ref().filter(|_| address.tls) else {
        return Ok((speak(stream, way).await?, peer));
    };
    let name = way.name.as_deref().unwrap_or(&address.host).to_owned();
    let name = ServerName::try_from(name).map_err(|_| {
        CallError::unsent(Kind::Security, "tls-failed", "the host's name cannot be in a certificate")
    })?;
    let stream =
        TlsConnector::from(Arc::clone(settings)).connect(name, stream).await.map_err(|e| tls_error(&e))?;
    let (_, session) = stream.get_ref();
    let version = session.protocol_version().map(|version| format!("{version:?}"));
    let suite = session.negotiated_cipher_suite().map(|suite| format!("{:?}", suite.suite()));
    let certificate = session.peer_certificates().and_then(|chain| chain.first());
    peer.tls = Some((
        version.unwrap_or_default(),
        suite.unwrap_or_default(),
        certificate.map(|certificate| certificate.to_vec()).unwrap_or_default(),
    ));
    Ok((speak(stream, way).await?, peer))
}

/// Connects to the addresses of a host, one after the other.
async fn socket(address: &Address, time: Duration) -> Result<TcpStream, CallError> {
    let unknown = |error: io::Error| {
        let text = format!("the name `{}` leads to no address: {error}", address.host);
        CallError::unsent(Kind::Transport, "unknown-host", text)
    };
    let found: Vec<SocketAddr> =
        lookup_host((address.host.as_str(), address.port)).await.map_err(unknown)?.collect();
    let share = time / u32::try_from(found.len().max(1)).unwrap_or(1);
    let mut last = None;
    for at in found {
        match timeout(share, TcpStream::connect(at)).await {
            Ok(Ok(stream)) => {
                // Requests are written whole: nothing is gained by waiting for more.
                let _ = stream.set_nodelay(true);
                return Ok(stream);
            }
            Ok(Err(error)) => last = Some(error),
            Err(_) => last = last.or_else(|| Some(io::ErrorKind::TimedOut.into())),
        }
    }
    let error = last.unwrap_or_else(|| io::ErrorKind::NotFound.into());
    let (kind, code) = match error.kind() {
        io::ErrorKind::TimedOut => (Kind::Timeout, "connect-timeout"),
        io::ErrorKind::ConnectionRefused => (Kind::Transport, "connect-refused"),
        _ => (Kind::Transport, "connect-failed"),
    };
    Err(CallError::unsent(kind, code, format!("no connection to {}: {error}", address.origin())))
}

/// The most that a proxy may answer before the connection is through.
const PROXY_ANSWER: usize = 8 << 10;

/// Connects through a proxy.
async fn through(proxy: &Proxy, address: &Address) -> Result<TcpStream, CallError> {
    let failed = |text: String| CallError::unsent(Kind::Transport, "proxy-failed", text);
    let lost = |error: io::Error| failed(format!("the proxy does not answer: {error}"));
    let mut stream = socket(&proxy.address, Duration::from_secs(10)).await?;
    let host =
        if address.host.contains(':') { format!("[{}]", address.host) } else { address.host.to_string() };
    let target = format!("{host}:{}", address.port);
    let mut request = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n");
    if let Some(authorization) = &proxy.authorization {
        request.push_str(&format!("Proxy-Authorization: {}\r\n", authorization.reveal()));
    }
    request.push_str("\r\n");
    stream.write_all(request.as_bytes()).await.map_err(lost)?;
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        if answer.len() >= PROXY_ANSWER {
            return Err(failed("the proxy's answer has no end".into()));
        }
        answer.push(stream.read_u8().await.map_err(lost)?);
    }
    let status = answer.split(|byte| *byte == b' ').nth(1).unwrap_or_default();
    match status {
        [b'2', ..] => Ok(stream),
        b"407" => Err(CallError::unsent(Kind::Security, "proxy-refused", "the proxy asks for credentials")),
        other => Err(failed(format!("the proxy answers {}", String::from_utf8_lossy(other)))),
    }
}

async fn speak<S>(stream: S, way: &Way) -> Result<Connection, CallError>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let mut builder = http1::Builder::new();
    // The fields are bounded by hyper's own default, 100: saying another number costs allocations with every answer.
    builder.max_buf_size(way.head.max(LEAST_HEAD));
    let (sender, connection) =
        builder.handshake(TokioIo::new(stream)).await.map_err(|error| CallError::of(&error))?;
    // What goes wrong on it, the request on it is told.
    tokio::spawn(async move {
        let _ = connection.await;
    });
    Ok(Connection { sender, peer: Arc::default() })
}

/// Why there is no TLS: the other side is not who it should be, or something else.
fn tls_error(error: &io::Error) -> CallError {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<TlsError>());
    let text = format!("no TLS with the server: {error}");
    match inner {
        Some(TlsError::InvalidCertificate(why)) => CallError::unsent(
            Kind::Security,
            "certificate-refused",
            format!("its certificate is refused: {why}"),
        ),
        Some(alert) if refuses_certificate(alert) => {
            CallError::unsent(Kind::Security, "own-certificate-refused", text)
        }
        Some(_) => CallError::unsent(Kind::Security, "tls-failed", text),
        None => CallError::unsent(Kind::Transport, "connection-lost", text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_credentials_of_a_proxy_tell_it_apart_and_are_not_shown() {
        let with = |shown: &str| {
            let address = Address::parse("http://proxy.example.com:3128").unwrap();
            Proxy { address, authorization: Some(Secret::new(shown)) }
        };
        assert!(!format!("{:?}", with("Basic aHVudGVyMg==")).contains("aHVudGVyMg"));
        assert_ne!(with("Basic YQ==").identity(), with("Basic Yg==").identity());
    }
}
