//! A server on a free port that answers as a test says, over plain TCP or TLS, and tells what it was asked.
#![allow(dead_code, reason = "each test binary uses its own part of this")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::{ServerConfig, ServerConnection, StreamOwned};

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The request line and the header fields.
    pub head: String,
    pub body: String,
}

/// What is answered: the bytes of an answer, or nothing at all until the other side gives up.
pub type Answering = dyn Fn(&Asked) -> Option<String> + Send + Sync;

/// A running server; its threads end with the test.
pub struct Canned {
    pub address: SocketAddr,
    asked: Mutex<Receiver<Asked>>,
}

impl Canned {
    pub fn start(answering: impl Fn(&Asked) -> Option<String> + Send + Sync + 'static) -> Self {
        Self::start_with(None, Arc::new(answering))
    }

    /// The same over TLS.
    pub fn secure(
        identity: &Identity,
        answering: impl Fn(&Asked) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        Self::start_with(Some(Arc::clone(&identity.config)), Arc::new(answering))
    }

    fn start_with(tls: Option<Arc<ServerConfig>>, answering: Arc<Answering>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (send, asked) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (tls, answering, send) = (tls.clone(), Arc::clone(&answering), send.clone());
                std::thread::spawn(move || match tls {
                    None => talk(stream, &*answering, &send),
                    Some(tls) => {
                        let connection = ServerConnection::new(tls).unwrap();
                        talk(StreamOwned::new(connection, stream), &*answering, &send);
                    }
                });
            }
        });
        Self { address, asked: Mutex::new(asked) }
    }

    /// The next request that it was sent.
    pub fn asked(&self) -> Asked {
        let asked = self.asked.lock().unwrap().recv_timeout(super::support::DEADLINE);
        asked.expect("it was asked nothing")
    }

    /// Whether it was asked nothing more so far.
    pub fn is_quiet(&self) -> bool {
        self.asked.lock().unwrap().try_recv().is_err()
    }
}

/// Reads requests and answers them until the other side has enough.
fn talk(mut stream: impl Read + Write, answering: &Answering, send: &Sender<Asked>) {
    let mut received = Vec::new();
    loop {
        let Some(asked) = read(&mut stream, &mut received) else { return };
        let _ = send.send(asked.clone());
        match answering(&asked) {
            Some(answer) => {
                if stream.write_all(answer.as_bytes()).and_then(|()| stream.flush()).is_err() {
                    return;
                }
            }
            None => while stream.read(&mut [0; 1024]).is_ok_and(|n| n > 0) {},
        }
    }
}

fn read(stream: &mut impl Read, received: &mut Vec<u8>) -> Option<Asked> {
    let mut buffer = [0; 16 * 1024];
    loop {
        let end = received.windows(4).position(|w| w == b"\r\n\r\n").map(|at| at + 4);
        if let Some(end) = end {
            let head = String::from_utf8_lossy(&received[..end]).into_owned();
            let length = head.to_ascii_lowercase();
            let length = length.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next());
            let length: usize = length.map_or(0, |digits| digits.trim().parse().unwrap());
            if received.len() >= end + length {
                let body = String::from_utf8_lossy(&received[end..end + length]).into_owned();
                received.drain(..end + length);
                return Some(Asked { head, body });
            }
        }
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => return None,
            Ok(n) => received.extend_from_slice(&buffer[..n]),
        }
    }
}

/// A certificate for `localhost` that has signed itself, with its key.
pub struct Identity {
    config: Arc<ServerConfig>,
    /// The certificate in PEM: whom to trust.
    pub pem: String,
}

impl Identity {
    pub fn new() -> Self {
        let mut parameters = rcgen::CertificateParams::new(["localhost".to_owned()]).unwrap();
        parameters.distinguished_name.push(rcgen::DnType::CommonName, "the crm");
        let key = rcgen::KeyPair::generate().unwrap();
        let made = parameters.self_signed(&key).unwrap();
        let config = ServerConfig::builder().with_no_client_auth();
        let own = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        let config = config.with_single_cert(vec![made.der().clone()], own).unwrap();
        Self { config: Arc::new(config), pem: made.pem() }
    }
}

/// An answer with further header fields, each with its line end.
pub fn answer(status: &str, fields: &str, body: &str) -> Option<String> {
    Some(format!("HTTP/1.1 {status}\r\n{fields}Content-Length: {}\r\n\r\n{body}", body.len()))
}

/// A port that nobody listens on: one that was free a moment ago.
pub fn closed_port() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}
