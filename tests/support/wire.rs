//! One side of a connection whose bytes a test sends and reads piece by piece, in the order that it wants to prove.
#![allow(dead_code, reason = "each test binary uses its own part of this")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};

use super::support::DEADLINE;

/// A connection; everything on it is bounded in time.
pub struct Wire {
    stream: TcpStream,
    received: Vec<u8>,
}

impl Wire {
    /// Connects.
    pub fn open(address: SocketAddr) -> Self {
        Self::of(TcpStream::connect_timeout(&address, DEADLINE).unwrap())
    }

    fn of(stream: TcpStream) -> Self {
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        stream.set_write_timeout(Some(DEADLINE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, received: Vec::new() }
    }

    /// Sends; whether the other side still takes it.
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) -> bool {
        self.stream.write_all(bytes.as_ref()).is_ok()
    }

    /// Reads up to the end of a head, and gives it in lower case.
    pub fn head(&mut self) -> String {
        let end = loop {
            if let Some(at) = self.received.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                break at + 4;
            }
            assert!(self.more(), "the connection ended within a head: {:?}", self.received);
        };
        let head: Vec<u8> = self.received.drain(..end).collect();
        String::from_utf8(head).unwrap().to_lowercase()
    }

    /// Reads at least so many bytes more, and gives all that came.
    pub fn take(&mut self, least: usize) -> Vec<u8> {
        while self.received.len() < least {
            assert!(self.more(), "the connection ended after {} of {least} bytes", self.received.len());
        }
        std::mem::take(&mut self.received)
    }

    /// Reads up to a text, and over all that comes before it.
    pub fn skip_to(&mut self, text: &str) {
        let end = loop {
            let at = self.received.windows(text.len()).position(|bytes| bytes == text.as_bytes());
            if let Some(at) = at {
                break at + text.len();
            }
            assert!(self.more(), "the connection ended before {text}");
        };
        self.received.drain(..end);
    }

    /// Reads up to the end of the connection.
    pub fn rest(&mut self) -> Vec<u8> {
        while self.more() {}
        std::mem::take(&mut self.received)
    }

    fn more(&mut self) -> bool {
        let mut buffer = [0; 64 * 1024];
        loop {
            match self.stream.read(&mut buffer) {
                // A read that is bounded in time is not taken up again by the system when the process was stopped for a while.
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => panic!("nothing came in time"),
                Ok(0) | Err(_) => return false,
                Ok(read) => {
                    self.received.extend_from_slice(&buffer[..read]);
                    return true;
                }
            }
        }
    }
}

/// A server whose connections a test takes by hand.
pub struct Listening {
    address: SocketAddr,
    accepted: Receiver<TcpStream>,
}

impl Listening {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (send, accepted) = channel();
        std::thread::spawn(move || listener.incoming().flatten().try_for_each(|stream| send.send(stream)));
        Self { address, accepted }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The next connection.
    pub fn accept(&self) -> Wire {
        Wire::of(self.accepted.recv_timeout(DEADLINE).expect("nobody connects"))
    }
}
