//! The admin interface over a real socket, with the loop that reloads behind it.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use crate::pipeline::gateway::{Admin, Gateway, Log, Part, Scripting};
use crate::serve::{Left, Options, Server, Signal, Triggers, run};

const LONG: Duration = Duration::from_secs(20);

/// What the next reading of the file gives.
type Next = Arc<Mutex<Result<(u8, SocketAddr), String>>>;

fn any_port() -> SocketAddr {
    "127.0.0.1:0".parse().unwrap()
}

fn gateway(hash: u8, bind: SocketAddr) -> Gateway {
    let token = digest(&SHA256, b"secret").as_ref().try_into().unwrap();
    Gateway {
        systems: Vec::new(),
        generation: 0,
        fingerprint: [hash; 32],
        listeners: Vec::new(),
        operations: Default::default(),
        admin: Some(Admin { bind, token: Some(token) }),
        scripts: Scripting::default(),
        parts: vec![Part { kind: "log".into(), name: String::new(), hash: [hash; 32] }],
        log: Log::default(),
        capacity: Default::default(),
        caches: Vec::new(),
        files: None,
        state: Default::default(),
        tracing: Default::default(),
        drain: LONG,
    }
}

struct Running {
    server: Arc<Server>,
    address: SocketAddr,
    next: Next,
    signals: mpsc::Sender<Signal>,
    ended: tokio::task::JoinHandle<Left>,
}

async fn start(watch: bool) -> Running {
    let options =
        Options { workers: NonZeroUsize::new(1), admin: Some(Arc::new(super::Admin)), ..Options::default() };
    let server = Arc::new(Server::start(gateway(1, any_port()), options).await.unwrap());
    let address = server.admin_address().await.unwrap();
    let next: Next = Arc::new(Mutex::new(Ok((1, any_port()))));
    let (read, look) = (Arc::clone(&next), Arc::clone(&next));
    let triggers = Triggers {
        compile: Arc::new(move || read.lock().unwrap().clone().map(|(hash, bind)| gateway(hash, bind))),
        watch: watch.then(|| -> crate::serve::Content {
            Arc::new(move || look.lock().unwrap().as_ref().ok().map(|(hash, _)| [*hash; 32]))
        }),
        notify_socket: None,
    };
    let (signals, receiver) = mpsc::channel(1);
    let ended = tokio::spawn({
        let server = Arc::clone(&server);
        async move { run(&server, &triggers, receiver).await }
    });
    Running { server, address, next, signals, ended }
}

async fn ask(address: SocketAddr, head: &str) -> (u16, String) {
    let asked = async {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let (line, fields) = head.split_once('\n').unwrap_or((head, ""));
        let host = if fields.contains("Host:") { "" } else { "Host: localhost\r\n" };
        let fields = fields.replace('\n', "\r\n");
        let end = if fields.is_empty() { "" } else { "\r\n" };
        stream.write_all(format!("{line} HTTP/1.1\r\n{host}{fields}{end}\r\n").as_bytes()).await.unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        text
    };
    let text = tokio::time::timeout(LONG, asked).await.expect("an answer in time");
    (text.split(' ').nth(1).unwrap().parse().unwrap(), text)
}

const TOKEN: &str = "Authorization: Bearer secret";

#[tokio::test]
async fn health_is_open_and_the_rest_asks_for_the_token() {
    let running = start(false).await;
    let (status, text) = ask(running.address, "GET /health").await;
    assert!(status == 200 && text.contains(r#"{"ready":true,"generation":1,"#), "{text}");
    for path in ["/metrics", "/routes", "/nothing"] {
        assert_eq!(ask(running.address, &format!("GET {path}")).await.0, 401, "{path}");
    }
    let (status, text) = ask(running.address, &format!("GET /metrics\n{TOKEN}")).await;
    assert!(status == 200 && text.contains("soapstone_generation 1") && text.ends_with("# EOF\n"), "{text}");
    assert_eq!(ask(running.address, &format!("GET /routes\n{TOKEN}")).await.0, 200);
    assert_eq!(ask(running.address, &format!("GET /nothing\n{TOKEN}")).await.0, 404);
    assert_eq!(ask(running.address, &format!("GET /reload\n{TOKEN}")).await.0, 405);
    assert_eq!(ask(running.address, "GET /health\nHost: evil.example").await.0, 421);
}

#[tokio::test]
async fn a_reload_answers_when_the_new_gateway_serves() {
    let running = start(false).await;
    let reload = |fields: &str| {
        let head = format!("POST /reload\n{TOKEN}{fields}");
        async move { ask(running.address, &head).await }
    };
    assert_eq!(reload("").await.0, 403);
    let (status, text) = reload("\nSoapstone-Admin: 1").await;
    assert!(status == 200 && text.contains(r#""result":"unchanged""#), "{text}");
    *running.next.lock().unwrap() = Ok((2, any_port()));
    let (status, text) = reload("\nSoapstone-Admin: 1").await;
    assert!(status == 200 && text.contains(r#""generation":2,"added":[],"changed":["log"]"#), "{text}");
    *running.next.lock().unwrap() = Err("gateway.kdl:1:1: a finding".into());
    let (status, text) = reload("\nSoapstone-Admin: 1").await;
    assert!(status == 422 && text.contains("a finding"), "{text}");
    assert_eq!(reload("\nSoapstone-Admin: 1\nIf-Generation: 1").await.0, 412);
    assert_eq!(reload("\nSoapstone-Admin: 1\nIf-Generation: x").await.0, 400);
    assert_eq!(running.server.shared().generation(), 2);
}

#[tokio::test]
async fn the_interface_itself_can_move() {
    let running = start(false).await;
    // An address of its own, where no other test can take the port in between.
    let free = std::net::TcpListener::bind("127.0.0.78:0").unwrap().local_addr().unwrap();
    *running.next.lock().unwrap() = Ok((2, free));
    let (status, text) = ask(running.address, &format!("POST /reload\n{TOKEN}\nSoapstone-Admin: 1")).await;
    assert!(status == 200 && text.contains(r#""result":"applied""#), "{text}");
    assert_eq!(running.server.admin_address().await, Some(free));
    assert_eq!(ask(free, "GET /health").await.0, 200);
}

#[tokio::test]
async fn signals_reload_and_stop() {
    let running = start(false).await;
    *running.next.lock().unwrap() = Ok((3, any_port()));
    running.signals.send(Signal::Reload).await.unwrap();
    becomes(|| running.server.shared().generation() == 2).await;
    running.signals.send(Signal::Stop).await.unwrap();
    let left = tokio::time::timeout(LONG, running.ended).await.unwrap().unwrap();
    assert_eq!(left, Left::default());
    assert!(!running.server.shared().is_ready());
}

#[tokio::test]
async fn changed_content_is_taken_once_it_has_settled() {
    let running = start(true).await;
    *running.next.lock().unwrap() = Ok((9, any_port()));
    becomes(|| running.server.shared().generation() == 2).await;
    running.server.shared().with_gateway(|gateway| assert_eq!(gateway.fingerprint, [9; 32]));
}

async fn becomes(holds: impl Fn() -> bool) {
    let looked = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(LONG, looked).await.expect("in time");
}
