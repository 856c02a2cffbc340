//! Gateways built by hand, and a client that sees every byte.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use hyper::{Method, StatusCode};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio_rustls::rustls::ServerConfig;

use crate::document::Document;
use crate::pipeline::access::Access;
use crate::pipeline::answer::Returned;
use crate::pipeline::endpoint::{Call, Endpoint, FailureForm, Opened, Reply, Request};
use crate::pipeline::failure::{Failure, SoapCondition};
use crate::pipeline::gateway::{Gateway, Listener, ListenerBounds, Log, Part, Scripting};
use crate::pipeline::operation::{Action, Io, Operation};
use crate::pipeline::router::{Route, Router};
use crate::pipeline::run::Run;
use crate::pipeline::step::{Documents, Path, Process, Step, StepNode, Work};
use crate::serve::{Options, Server};
use crate::source::{Place, Span};

/// Longer than anything here takes; a test that waits this long has failed.
pub const LONG: Duration = Duration::from_secs(20);

/// What the test and the steps of its gateway say to each other.
#[derive(Debug)]
pub struct Bell {
    /// A waiting step takes one of these to go on.
    pub go: Semaphore,
    /// A step adds one when it begins.
    pub began: Semaphore,
    /// A step adds one when it is dropped before it was done.
    pub cancelled: Semaphore,
    /// A step adds one when it is done.
    pub done: Semaphore,
    /// Lets go of what holds a worker's thread.
    pub free: AtomicBool,
    /// Steps done.
    pub count: AtomicUsize,
}

impl Default for Bell {
    fn default() -> Self {
        let none = || Semaphore::new(0);
        Self {
            go: none(),
            began: none(),
            cancelled: none(),
            done: none(),
            free: AtomicBool::new(false),
            count: AtomicUsize::new(0),
        }
    }
}

/// Waits for one of a bell's semaphores.
pub async fn heard(semaphore: &Semaphore) {
    tokio::time::timeout(LONG, semaphore.acquire()).await.expect("in time").unwrap().forget();
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    Echo,
    Wait,
    /// Holds the worker's thread until the bell's `free` is set.
    Block,
    Fail,
    Panic,
    Status(u16),
}

#[derive(Debug)]
struct Working(What, Arc<Bell>);

struct Guard(Arc<Bell>, bool);

impl Drop for Guard {
    fn drop(&mut self) {
        if self.1 { self.0.done.add_permits(1) } else { self.0.cancelled.add_permits(1) }
    }
}

impl Step for Working {
    fn run<'a>(&'a self, run: &'a Run, documents: Documents) -> Work<'a> {
        match self.0 {
            What::Fail => Work::Done(Err(Failure::internal("broken", "the secret reason"))),
            What::Panic => panic!("a step that panics"),
            What::Echo => {
                run.give_back(documents.clone()).unwrap();
                Work::Done(Ok(documents))
            }
            What::Block => {
                self.1.began.add_permits(1);
                let given_up = std::time::Instant::now() + LONG;
                while !self.1.free.load(Ordering::Acquire) && std::time::Instant::now() < given_up {
                    std::thread::park_timeout(Duration::from_millis(1));
                }
                Work::Done(Ok(documents))
            }
            What::Status(status) => {
                run.set_status(StatusCode::from_u16(status).unwrap());
                Work::Done(Ok(documents))
            }
            What::Wait => Work::Later(Box::pin(async move {
                let mut guard = Guard(Arc::clone(&self.1), false);
                self.1.began.add_permits(1);
                self.1.go.acquire().await.unwrap().forget();
                self.1.count.fetch_add(1, Ordering::Relaxed);
                guard.1 = true;
                run.give_back(documents.clone()).unwrap();
                Ok(documents)
            })),
        }
    }
}

/// Answers with the body it was given, after the mark of its generation.
#[derive(Debug)]
struct Plain {
    mark: &'static str,
    operation: Arc<Operation>,
}

impl Endpoint for Plain {
    fn failure_form(&self, _request: &Request) -> FailureForm {
        FailureForm::Problem
    }

    fn open(&self, request: &Request) -> Result<Opened, Failure> {
        if request.body.as_ref() == b"mismatch" {
            let failure = Failure::client(StatusCode::BAD_REQUEST, "version", "no");
            return Err(failure.soap(SoapCondition::VersionMismatch(Vec::new())));
        }
        let body = if request.body.is_empty() { Bytes::from_static(b"-") } else { request.body.clone() };
        let operation = Arc::clone(&self.operation);
        let documents = vec![Document::data(body)];
        Ok(Opened::Call(Call {
            operation,
            documents,
            attachments: Vec::new(),
            soap: None,
            format: None,
            entry: 0,
            pages: None,
        }))
    }

    fn close(&self, _call: &Call, returned: Returned) -> Result<Reply, Failure> {
        let mut body = self.mark.as_bytes().to_vec();
        for document in &returned.documents {
            body.extend_from_slice(document.bytes());
        }
        Ok(Reply::new(returned.status.unwrap_or(StatusCode::OK), "text/plain", body))
    }
}

pub fn place() -> Place {
    Place { file: Arc::from("gateway.kdl"), line: 3, column: 1 }
}

/// A gateway under construction.
pub struct Made {
    pub mark: &'static str,
    pub bounds: ListenerBounds,
    pub listeners: Vec<(&'static str, SocketAddr)>,
    pub tls: Option<Arc<ServerConfig>>,
    pub access: fn() -> Access,
    pub drain: Duration,
    pub bell: Arc<Bell>,
}

pub fn any_port() -> SocketAddr {
    "127.0.0.1:0".parse().unwrap()
}

pub fn gateway(mark: &'static str, bell: &Arc<Bell>) -> Made {
    Made {
        mark,
        bounds: ListenerBounds::default(),
        listeners: vec![("main", any_port())],
        tls: None,
        access: Access::default,
        drain: LONG,
        bell: Arc::clone(bell),
    }
}

impl Made {
    fn route(&self, method: Method, path: &str, what: What, output: Io) -> Route {
        let node = StepNode {
            kind: "test",
            text: "test".into(),
            place: place(),
            timeout: None,
            owes: false,
            step: Box::new(Working(what, Arc::clone(&self.bell))),
        };
        let operation = Operation {
            name: Arc::from(path.trim_start_matches('/')),
            action: Action::Execute,
            object: "thing".into(),
            input: Io::Data { content_type: None },
            output,
            description: Default::default(),
            faults: Vec::new(),
            headers: Vec::new(),
            roles: None,
            on_empty: None,
            etag: None,
            outcomes: Default::default(),
            paging: None,
            process: Arc::new(Process {
                name: path.into(),
                path: Path { steps: vec![node], ..Path::default() },
                ..Process::default()
            }),
            limits: Default::default(),
            trace: Default::default(),
            place: place(),
        };
        Route {
            method,
            path: path.into(),
            protocol: "test",
            serves: path.into(),
            place: place(),
            span: Span::default(),
            endpoint: Arc::new(Plain { mark: self.mark, operation: Arc::new(operation) }),
            prefix: false,
            conditions: Arc::default(),
            vary: None,
            defaults: None,
            resource: None,
            api: None,
        }
    }

    fn router(&self) -> Router {
        let data = || Io::Data { content_type: None };
        let routes = vec![
            self.route(Method::POST, "/echo", What::Echo, data()),
            self.route(Method::GET, "/get", What::Echo, data()),
            self.route(Method::POST, "/wait", What::Wait, data()),
            self.route(Method::POST, "/block", What::Block, data()),
            self.route(Method::POST, "/fail", What::Fail, data()),
            self.route(Method::POST, "/panic", What::Panic, data()),
            self.route(Method::POST, "/informational", What::Status(101), data()),
            self.route(Method::POST, "/later", What::Wait, Io::None),
        ];
        Router::new(routes).0
    }

    pub fn build(&self) -> Gateway {
        let listener = |(name, bind): &(&'static str, SocketAddr)| {
            Arc::new(Listener {
                name: Arc::from(*name),
                bind: *bind,
                tls: self.tls.clone(),
                access: (self.access)(),
                bounds: self.bounds.clone(),
                router: self.router(),
                place: place(),
            })
        };
        let mut fingerprint = [0; 32];
        for (to, from) in fingerprint.iter_mut().zip(self.mark.bytes()) {
            *to = from;
        }
        let part = |(name, _): &(&'static str, SocketAddr)| Part {
            kind: "listener".into(),
            name: (*name).into(),
            hash: fingerprint,
        };
        Gateway {
            generation: 0,
            fingerprint,
            listeners: self.listeners.iter().map(listener).collect(),
            operations: Default::default(),
            admin: None,
            scripts: Scripting::default(),
            parts: self.listeners.iter().map(part).collect(),
            log: Log::default(),
            capacity: Default::default(),
            caches: Vec::new(),
            systems: Vec::new(),
            files: None,
            state: Default::default(),
            tracing: Default::default(),
            drain: self.drain,
        }
    }

    pub async fn start(&self) -> (Server, SocketAddr) {
        let options = Options { workers: NonZeroUsize::new(2), ..Options::default() };
        let server = Server::start(self.build(), options).await.unwrap();
        let address = server.addresses().await[0];
        (server, address)
    }
}

/// A client's end of a connection.
pub struct Client<S = TcpStream> {
    pub stream: S,
    read: Vec<u8>,
}

/// An answer as it came.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    head: String,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (n, value) = line.split_once(':')?;
            n.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

impl Client {
    pub async fn to(address: SocketAddr) -> Self {
        Self::over(TcpStream::connect(address).await.unwrap())
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    pub fn over(stream: S) -> Self {
        Self { stream, read: Vec::new() }
    }

    pub async fn send(&mut self, text: impl AsRef<[u8]>) {
        self.stream.write_all(text.as_ref()).await.unwrap();
        self.stream.flush().await.unwrap();
    }

    /// Sends as much as the other side takes.
    pub async fn try_send(&mut self, text: impl AsRef<[u8]>) {
        let _ = self.stream.write_all(text.as_ref()).await;
    }

    pub async fn post(&mut self, path: &str, body: &str) -> Answer {
        self.send(post(path, body)).await;
        self.answer().await
    }

    /// The next answer; `None` when the connection ends before one.
    pub async fn maybe_answer(&mut self) -> Option<Answer> {
        tokio::time::timeout(LONG, self.next()).await.expect("an answer in time")
    }

    pub async fn answer(&mut self) -> Answer {
        self.maybe_answer().await.expect("an answer before the end")
    }

    /// Whether the connection ends without another byte.
    pub async fn ends(&mut self) -> bool {
        let mut rest = [0; 64];
        let read = tokio::time::timeout(LONG, self.stream.read(&mut rest)).await.expect("an end in time");
        matches!(read, Ok(0) | Err(_))
    }

    async fn next(&mut self) -> Option<Answer> {
        let end = loop {
            if let Some(at) = memchr::memmem::find(&self.read, b"\r\n\r\n") {
                break at;
            }
            self.more().await?;
        };
        let head = String::from_utf8(self.read[..end].to_vec()).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let mut answer = Answer { status, head, body: String::new() };
        let length: usize = answer.header("content-length").map_or(0, |text| text.parse().unwrap());
        while self.read.len() < end + 4 + length {
            self.more().await?;
        }
        answer.body = String::from_utf8(self.read[end + 4..end + 4 + length].to_vec()).unwrap();
        self.read.drain(..end + 4 + length);
        Some(answer)
    }

    async fn more(&mut self) -> Option<()> {
        match self.stream.read_buf(&mut self.read).await {
            Ok(0) | Err(_) => None,
            Ok(_) => Some(()),
        }
    }
}

pub fn post(path: &str, body: &str) -> String {
    format!("POST {path} HTTP/1.1\r\nHost: test\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

/// Waits until something holds, looking again whenever the clock allows; fails when it never does.
pub async fn becomes(what: &str, holds: impl Fn() -> bool) {
    let looked = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(LONG, looked).await.unwrap_or_else(|_| panic!("never: {what}"));
}
