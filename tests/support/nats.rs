//! A real nats-server for each test, with JetStream in a folder of its own, and the official client beside it.

#![allow(dead_code, reason = "each test binary uses its own part of this")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]
#![allow(clippy::disallowed_methods, reason = "tests read files and run programs")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use async_nats::jetstream::stream::Config;
use async_nats::{ConnectOptions, Message, Subscriber};
use futures_util::StreamExt as _;
use tokio::runtime::Runtime;
use tokio::time::timeout;

use crate::support::{DEADLINE, Folder};

/// The broker in examples.
const EXAMPLE: &str = "nats://127.0.0.1:4222";

/// A server that ends with the test.
pub struct Nats {
    pub folder: Folder,
    pub port: u16,
    child: Option<Child>,
}

impl Nats {
    pub fn start() -> Self {
        Self::with("")
    }

    /// A server whose configuration says more; `FOLDER` in it is the server's folder.
    pub fn with(more: &str) -> Self {
        Self::in_folder(Folder::new(), more)
    }

    pub fn in_folder(folder: Folder, more: &str) -> Self {
        let path = folder.path().display().to_string();
        let config = format!(
            "listen: 127.0.0.1:-1\nports_file_dir: \"{path}\"\njetstream {{ store_dir: \"{path}/store\" }}\n{more}\n"
        );
        folder.write("nats.conf", &config.replace("FOLDER", &path));
        let mut server = Self { folder, port: 0, child: None };
        server.run(-1);
        server
    }

    /// The broker of an example that publishes, with the stream that its README makes.
    pub fn of_example(folder: &Folder) -> Option<Self> {
        let text = std::fs::read_to_string(folder.path().join("gateway.kdl")).unwrap();
        let server = text.contains(EXAMPLE).then(Self::start)?;
        folder.write("gateway.kdl", &text.replace(EXAMPLE, &server.url()));
        let (name, subjects) = ("ORDERS".into(), vec!["orders.>".into()]);
        server.client().stream(Config { name, subjects, ..Config::default() });
        Some(server)
    }

    /// Starts it on a port; -1 is a free one, which a file then tells.
    fn run(&mut self, port: i32) {
        let mut command = Command::new("nats-server");
        let path = std::env::var("PATH").unwrap_or_default();
        command.env("PATH", format!("{path}:/usr/sbin")).current_dir(self.folder.path());
        command.args(["-c", "nats.conf", "-a", "127.0.0.1", "-p", &port.to_string(), "-l", "nats.log"]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().expect("nats-server is missing: run script/setup");
        let ports = self.folder.path().join(format!("nats-server_{}.ports", child.id()));
        self.child = Some(child);
        let until = Instant::now() + DEADLINE;
        while port == -1 && self.port == 0 {
            let text = std::fs::read_to_string(&ports).unwrap_or_default();
            let found = text.split_once("127.0.0.1:").map(|(_, rest)| rest);
            let digits = found.map(|rest| rest.chars().take_while(char::is_ascii_digit).collect::<String>());
            self.port = digits.and_then(|digits| digits.parse().ok()).unwrap_or(0);
            assert!(Instant::now() < until && self.runs(), "nats-server does not start:\n{}", self.log());
            std::thread::yield_now();
        }
        while !self.speaks() {
            assert!(Instant::now() < until && self.runs(), "nats-server does not start:\n{}", self.log());
            std::thread::yield_now();
        }
    }

    fn runs(&mut self) -> bool {
        self.child.as_mut().is_some_and(|child| child.try_wait().unwrap().is_none())
    }

    fn speaks(&self) -> bool {
        let address = SocketAddr::from(([127, 0, 0, 1], self.port));
        let Ok(mut stream) = TcpStream::connect_timeout(&address, DEADLINE) else { return false };
        let mut word = [0; 4];
        stream.read_exact(&mut word).is_ok() && word == *b"INFO"
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("nats.log")).unwrap_or_default()
    }

    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// Ends it at once.
    pub fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Starts it again where it was.
    pub fn again(&mut self) {
        self.run(i32::from(self.port));
    }

    /// Lets it hang, and waits until every thread of it does.
    pub fn hang(&self) {
        self.signal("STOP");
        let tasks = format!("/proc/{}/task", self.child.as_ref().unwrap().id());
        let stopped = |task: std::fs::DirEntry| {
            let stat = std::fs::read_to_string(task.path().join("stat")).unwrap_or_default();
            stat.rsplit_once(") ").is_none_or(|(_, rest)| rest.starts_with('T'))
        };
        let until = Instant::now() + DEADLINE;
        while !std::fs::read_dir(&tasks).unwrap().all(|task| stopped(task.unwrap())) {
            assert!(Instant::now() < until, "it does not stop");
            std::thread::yield_now();
        }
    }

    /// Waits until it has been sent something that it has not read, while it hangs.
    pub fn wait_for_unread(&self) {
        let port = format!(":{:04X}", self.port);
        let waits = |line: &str| {
            let fields: Vec<&str> = line.split_ascii_whitespace().collect();
            let is_open = fields.len() > 4 && fields[1].ends_with(&port) && fields[3] == "01";
            is_open && !fields[4].ends_with(":00000000")
        };
        let until = Instant::now() + DEADLINE;
        while !std::fs::read_to_string("/proc/net/tcp").unwrap().lines().any(waits) {
            assert!(Instant::now() < until, "it is sent nothing");
            std::thread::yield_now();
        }
    }

    /// Lets it go on.
    pub fn go_on(&self) {
        self.signal("CONT");
    }

    fn signal(&self, name: &str) {
        let id = self.child.as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &id]).status().unwrap().success());
    }

    pub fn client(&self) -> Client {
        self.client_with(ConnectOptions::new())
    }

    pub fn client_with(&self, options: ConnectOptions) -> Client {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let client = runtime.block_on(async { timeout(DEADLINE, options.connect(self.url())).await });
        let client = client.expect("it lets in in time").expect("it lets in");
        Client { runtime, client }
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The official client, on a runtime of its own.
pub struct Client {
    runtime: Runtime,
    client: async_nats::Client,
}

impl Client {
    /// Subscribes, and waits until the server knows.
    pub fn subscribe(&self, subject: &str) -> Subscriber {
        self.runtime.block_on(async {
            let subscriber = self.client.subscribe(subject.to_owned()).await.unwrap();
            // The server answers in order: nobody takes this, which it says when it has read what was before.
            assert!(self.client.request("nobody.takes.this", "".into()).await.is_err());
            subscriber
        })
    }

    /// The next message.
    pub fn next(&self, subscriber: &mut Subscriber) -> Message {
        let next = self.runtime.block_on(async { timeout(DEADLINE, subscriber.next()).await });
        next.expect("a message comes in time").expect("the subscription goes on")
    }

    fn jetstream(&self) -> async_nats::jetstream::Context {
        let _within = self.runtime.enter();
        async_nats::jetstream::new(self.client.clone())
    }

    /// Makes a stream.
    pub fn stream(&self, config: Config) {
        let jetstream = self.jetstream();
        self.runtime.block_on(jetstream.create_stream(config)).unwrap();
    }

    /// How many messages a stream has.
    pub fn count(&self, stream: &str) -> u64 {
        let jetstream = self.jetstream();
        let info = async { jetstream.get_stream(stream).await.unwrap().cached_info().state.messages };
        self.runtime.block_on(info)
    }

    /// Subject and payload of each message of a stream, from the first.
    pub fn stored(&self, stream: &str) -> Vec<(String, String)> {
        let jetstream = self.jetstream();
        self.runtime.block_on(async {
            let stream = jetstream.get_stream(stream).await.unwrap();
            let state = stream.cached_info().state.clone();
            let mut all = Vec::new();
            for number in state.first_sequence..=state.last_sequence {
                let message = stream.get_raw_message(number).await.unwrap();
                all.push((message.subject.to_string(), String::from_utf8(message.payload.to_vec()).unwrap()));
            }
            all
        })
    }
}

/// The value of a header field of a message.
pub fn field(message: &Message, name: &str) -> Option<String> {
    message.headers.as_ref()?.get(name).map(|value| value.as_str().to_owned())
}

/// A port on which something listens and says nothing, for as long as the listener lives.
pub fn silent() -> (std::net::TcpListener, u16) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

/// A port on which the first who comes is told a text.
pub fn says(text: &'static str) -> u16 {
    let (listener, port) = silent();
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            let _ = stream.write_all(text.as_bytes());
            // Until the other side gives up.
            let _ = stream.read(&mut [0; 64]);
        }
    });
    port
}
