//! New connections: socket, what the server says of itself, TLS, credentials, and the first pong.

use std::io;
use std::sync::Arc;

use bytes::BytesMut;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::Error as TlsError;
use tokio_rustls::rustls::pki_types::ServerName;

use super::address::shown;
use super::error::{Kind, PublishError};
use super::protocol::{self, Info, Op};
use super::{Broker, Credentials};
use crate::client::Address;

/// What is spoken over.
pub(super) trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

/// A connection that the server has let in.
pub(super) struct Connected {
    pub(super) wire: Box<dyn Wire>,
    pub(super) info: Info,
    /// What was received behind the first pong.
    pub(super) input: BytesMut,
}

/// Connects to the addresses of a broker, one after the other, each within its share of the time.
pub(super) async fn connect(broker: &Broker) -> Result<Connected, PublishError> {
    let share = broker.timeout / u32::try_from(broker.addresses.len().max(1)).unwrap_or(1);
    let mut last = None;
    for address in &broker.addresses {
        let late = |_| {
            let text = format!("{} gave no connection within {share:?}", shown(address));
            PublishError::new(Kind::Timeout, text)
        };
        match timeout(share, reach(broker, address)).await.map_err(late).flatten() {
            Ok(connected) => return Ok(connected),
            // What another server of the same cluster would say too.
            Err(error) if error.kind == Kind::Refused => return Err(error),
            Err(error) => last = Some(error),
        }
    }
    Err(last.unwrap_or_else(|| PublishError::new(Kind::Unreachable, "it has no address")))
}

async fn reach(broker: &Broker, address: &Address) -> Result<Connected, PublishError> {
    let at = shown(address);
    let lost = |error: io::Error| broken(&at, &error);
    let socket = TcpStream::connect((address.host.as_str(), address.port)).await.map_err(lost)?;
    // Messages are written whole: nothing is gained by waiting for more.
    let _ = socket.set_nodelay(true);
    let (mut wire, mut input): (Box<dyn Wire>, _) = (Box::new(socket), BytesMut::new());
    let mut info = match hear(&mut wire, &mut input, &at).await? {
        Op::Info(info) => info,
        Op::Err(text) => return Err(PublishError::said(&text)),
        _ => return Err(PublishError::new(Kind::Unreachable, format!("{at} does not speak NATS"))),
    };
    let wants_tls = broker.always_tls || address.tls;
    if wants_tls && !info.tls {
        let text = format!("{at} speaks no TLS, which the file asks for");
        return Err(PublishError::new(Kind::Refused, text));
    }
    if wants_tls || info.tls_required {
        if !input.is_empty() {
            // Somebody on the way would have its words taken for the server's.
            return Err(PublishError::new(Kind::Refused, format!("{at} goes on in plain text before TLS")));
        }
        wire = secured(broker, address, wire).await?;
    }
    if !info.headers {
        return Err(PublishError::new(Kind::Refused, format!("{at} knows no headers: it is too old")));
    }
    let hello = format!("CONNECT {}\r\nPING\r\n", introduction(broker, &info, wants_tls));
    wire.write_all(hello.as_bytes()).await.map_err(lost)?;
    wire.flush().await.map_err(lost)?;
    loop {
        match hear(&mut wire, &mut input, &at).await? {
            Op::Pong => return Ok(Connected { wire, info, input }),
            Op::Err(text) => return Err(PublishError::said(&text)),
            Op::Info(newer) => info = newer,
            Op::Ping => wire.write_all(b"PONG\r\n").await.map_err(lost)?,
            Op::Ok | Op::Message { .. } => {}
        }
    }
}

/// What a connection says that broke before the server had let it in. An alert of TLS is its way not to.
fn broken(at: &str, error: &io::Error) -> PublishError {
    let tls = error.get_ref().and_then(|inner| inner.downcast_ref::<TlsError>());
    let kind = if tls.is_some() { Kind::Refused } else { Kind::Unreachable };
    let what = if tls.is_some() { "no TLS with " } else { "" };
    PublishError::new(kind, format!("{what}{at}: {error}"))
}

/// The next thing that the server says.
async fn hear(wire: &mut Box<dyn Wire>, input: &mut BytesMut, at: &str) -> Result<Op, PublishError> {
    let wrong = |why: &str| PublishError::new(Kind::Unreachable, format!("{at}: {why}"));
    loop {
        match protocol::next(input) {
            Ok(Some(op)) => return Ok(op),
            Ok(None) => {}
            Err(why) => return Err(wrong(&format!("it does not speak NATS: {why}"))),
        }
        if wire.read_buf(input).await.map_err(|error| broken(at, &error))? == 0 {
            return Err(wrong("it closed the connection"));
        }
    }
}

async fn secured(
    broker: &Broker,
    address: &Address,
    wire: Box<dyn Wire>,
) -> Result<Box<dyn Wire>, PublishError> {
    let name = broker.tls_name.as_deref().unwrap_or(&address.host).to_owned();
    let name = ServerName::try_from(name)
        .map_err(|_| PublishError::new(Kind::Refused, "the host's name cannot be in a certificate"))?;
    let stream = TlsConnector::from(Arc::clone(&broker.tls)).connect(name, wire).await;
    let stream = stream.map_err(|error| broken(&shown(address), &error))?;
    Ok(Box::new(stream))
}

/// The JSON of CONNECT.
fn introduction(broker: &Broker, info: &Info, tls: bool) -> Value {
    let mut json = json!({
        "verbose": false, "pedantic": false, "tls_required": tls, "protocol": 1, "headers": true,
        "no_responders": true, "echo": false, "name": "soapstone", "lang": "rust",
        "version": env!("CARGO_PKG_VERSION"),
    });
    let mut say = |name: &str, text: &str| {
        if let Some(object) = json.as_object_mut() {
            object.insert(name.to_owned(), text.into());
        }
    };
    match &broker.credentials {
        Credentials::None => {}
        Credentials::Password { user, password } => {
            say("user", user);
            say("pass", password.reveal());
        }
        Credentials::Token(token) => say("auth_token", token.reveal()),
        Credentials::Key(key) => {
            say("sig", &key.sign(&info.nonce));
            match &key.token {
                Some(token) => say("jwt", token),
                None => say("nkey", &key.public()),
            }
        }
    }
    json
}
