//! One request at a time: answers, failures, panics, clients that leave.

use std::sync::Arc;

use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};

use super::support::*;
use crate::pipeline::access::{Access, AddressList, Authenticator, Checked, User};

#[tokio::test]
async fn a_request_is_answered_and_the_connection_kept() {
    let (_server, address) = gateway("a:", &Arc::default()).start().await;
    let mut client = Client::to(address).await;
    let first = client.post("/echo", "hello").await;
    assert_eq!((first.status, first.body.as_str()), (200, "a:hello"));
    assert_eq!(first.header("x-content-type-options"), Some("nosniff"));
    assert!(first.header("date").is_some() && first.header("server").is_none());
    let second = client.post("/echo", "again").await;
    assert_eq!(second.body, "a:again");
    let (a, b) = (first.header("x-request-id").unwrap(), second.header("x-request-id").unwrap());
    assert!(!a.is_empty() && a != b);
    client.send("POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n").await;
    assert_eq!(client.answer().await.body, "a:abc");
}

#[tokio::test]
async fn head_is_served_by_get_without_a_body() {
    let (_server, address) = gateway("a:", &Arc::default()).start().await;
    let mut client = Client::to(address).await;
    client.send("HEAD /get HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n").await;
    let mut text = String::new();
    tokio::io::AsyncReadExt::read_to_string(&mut client.stream, &mut text).await.unwrap();
    assert!(text.starts_with("HTTP/1.1 200") && text.contains("content-length: 3"), "{text}");
    assert!(text.ends_with("\r\n\r\n"), "{text}");
}

#[tokio::test]
async fn unknown_addresses_and_methods_are_told() {
    let (_server, address) = gateway("a:", &Arc::default()).start().await;
    let mut client = Client::to(address).await;
    assert_eq!(client.post("/nowhere", "").await.status, 404);
    let wrong = client.post("/get", "").await;
    assert_eq!((wrong.status, wrong.header("allow")), (405, Some("GET, HEAD, OPTIONS")));
    // In the form of the endpoint there, whatever the head looks like.
    assert_eq!(wrong.header("content-type"), Some("application/problem+json"));
    assert!(wrong.body.contains("method-not-allowed"), "{}", wrong.body);
    client.send("POST /nowhere HTTP/1.1\r\nHost: t\r\nSOAPAction: \"\"\r\nContent-Length: 0\r\n\r\n").await;
    let fault = client.answer().await;
    assert_eq!(fault.status, 404);
    assert!(fault.body.contains("http://schemas.xmlsoap.org/soap/envelope/"), "{}", fault.body);
    client.send("POST /echo HTTP/1.1\r\nHost: a/b\r\nContent-Length: 0\r\n\r\n").await;
    assert_eq!(client.answer().await.status, 400);
}

#[tokio::test]
async fn a_failure_tells_the_caller_nothing_internal() {
    let (_server, address) = gateway("a:", &Arc::default()).start().await;
    let failed = Client::to(address).await.post("/fail", "x").await;
    assert_eq!(failed.status, 500);
    assert_eq!(failed.header("content-type"), Some("application/problem+json"));
    assert_eq!(failed.header("cache-control"), Some("no-store"));
    assert!(
        failed.body.contains("\"code\":\"broken\"") && !failed.body.contains("secret"),
        "{}",
        failed.body
    );
}

#[tokio::test]
async fn a_panic_is_one_requests_failure() {
    let (server, address) = gateway("a:", &Arc::default()).start().await;
    let mut client = Client::to(address).await;
    let panicked = client.post("/panic", "x").await;
    assert_eq!(panicked.status, 500);
    assert!(
        panicked.body.contains("\"code\":\"panic\"") && !panicked.body.contains("a step"),
        "{}",
        panicked.body
    );
    assert_eq!(client.post("/echo", "next").await.body, "a:next");
    assert!(server.workers_run());
}

#[tokio::test]
async fn a_status_that_ends_no_answer_is_a_failure() {
    let (_server, address) = gateway("a:", &Arc::default()).start().await;
    assert_eq!(Client::to(address).await.post("/informational", "x").await.status, 500);
}

#[tokio::test]
async fn a_client_that_leaves_cancels_its_request() {
    let bell = Arc::default();
    let (server, address) = gateway("a:", &bell).start().await;
    let mut client = Client::to(address).await;
    client.send(post("/wait", "x")).await;
    heard(&bell.began).await;
    drop(client);
    heard(&bell.cancelled).await;
    let text = || server.shared().metrics_text();
    becomes("no request is in flight", || text().contains("requests_in_flight{listener=\"main\"} 0")).await;
    becomes("no connection is open", || text().contains("connections{listener=\"main\"} 0")).await;
}

#[tokio::test]
async fn http2_is_served_on_the_same_port() {
    let bell = Arc::default();
    let (_server, address) = gateway("a:", &bell).start().await;
    let stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let request = |path: &str| {
        let request = hyper::Request::builder().method("POST").uri(format!("http://test{path}"));
        request.body(Full::new(bytes::Bytes::from_static(b"two"))).unwrap()
    };
    let waiting = tokio::spawn(sender.send_request(request("/wait")));
    heard(&bell.began).await;
    let answer = sender.send_request(request("/echo")).await.unwrap();
    assert_eq!(answer.version(), hyper::Version::HTTP_2);
    assert_eq!(answer.into_body().collect().await.unwrap().to_bytes(), "a:two");
    // A stream that is reset cancels its request and no other.
    waiting.abort();
    heard(&bell.cancelled).await;
    assert_eq!(sender.send_request(request("/echo")).await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_call_without_output_is_answered_before_it_runs() {
    let bell: Arc<Bell> = Arc::default();
    let (server, address) = gateway("a:", &bell).start().await;
    let mut client = Client::to(address).await;
    assert_eq!(client.post("/later", "x").await.status, 200);
    heard(&bell.began).await;
    assert!(server.shared().metrics_text().contains("background_runs 1"));
    drop(client);
    bell.go.add_permits(1);
    heard(&bell.done).await;
    becomes("the run is over", || server.shared().metrics_text().contains("background_runs 0")).await;
}

#[derive(Debug)]
struct Key(Arc<User>);

impl Authenticator for Key {
    fn challenge(&self) -> Option<&str> {
        Some("Bearer")
    }

    fn check<'a>(&'a self, headers: &'a hyper::HeaderMap) -> Checked<'a> {
        match headers.get("authorization") {
            Some(value) if value == "Bearer right" => Checked::Now(Ok(Arc::clone(&self.0))),
            Some(_) => Checked::Now(Err(crate::pipeline::access::Refusal::Wrong)),
            None => Checked::Absent,
        }
    }
}

pub(super) fn guarded() -> Access {
    let allow = Some(AddressList(vec!["127.0.0.0/8".parse().unwrap()]));
    let user = User { name: "acme".into(), roles: Vec::new(), allow };
    Access { schemes: vec![Arc::new(Key(Arc::new(user)))], ..Access::default() }
}

#[tokio::test]
async fn strangers_do_not_learn_which_addresses_there_are() {
    let mut made = gateway("a:", &Arc::default());
    made.access = guarded;
    let (_server, address) = made.start().await;
    let mut client = Client::to(address).await;
    let mut seen = Vec::new();
    for path in ["/echo", "/get", "/nowhere"] {
        let refused = client.post(path, "x").await;
        assert_eq!((refused.status, refused.header("www-authenticate")), (401, Some("Bearer")));
        let id = refused.header("x-request-id").unwrap();
        seen.push((refused.body.replace(id, ""), refused.header("content-type").unwrap().to_owned()));
    }
    assert!(seen.iter().all(|answer| *answer == seen[0]), "{seen:?}");
    client
        .send("POST /echo HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer right\r\nContent-Length: 1\r\n\r\nx")
        .await;
    assert_eq!(client.answer().await.body, "a:x");
}
