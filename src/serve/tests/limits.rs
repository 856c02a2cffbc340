//! What a stranger may send: each bound with the status it is answered with.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::Full;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::AsyncReadExt;

use super::support::*;

/// Short enough for a test, and long enough that a busy machine does not trip over it.
const SHORT: Duration = Duration::from_millis(300);

fn small() -> Made {
    let mut made = gateway("a:", &Arc::default());
    made.bounds.body = 1000;
    made.bounds.header = 8192;
    made
}

#[tokio::test]
async fn heads_are_bounded_in_bytes_and_fields() {
    let (_server, address) = small().start().await;
    let long =
        format!("POST /echo HTTP/1.1\r\nHost: t\r\nX: {}\r\nContent-Length: 0\r\n\r\n", "x".repeat(9000));
    let mut client = Client::to(address).await;
    client.try_send(long).await;
    assert_eq!(client.answer().await.status, 431);
    let many: String = (0..101).map(|n| format!("X-{n}: y\r\n")).collect();
    let mut client = Client::to(address).await;
    client.try_send(format!("GET /get HTTP/1.1\r\nHost: t\r\n{many}\r\n")).await;
    assert_eq!(client.answer().await.status, 431);
}

#[tokio::test]
async fn fewer_fields_can_be_allowed() {
    let mut made = small();
    made.bounds.fields = 3;
    let (_server, address) = made.start().await;
    let mut client = Client::to(address).await;
    client.send("GET /get HTTP/1.1\r\nHost: t\r\nA: 1\r\nB: 2\r\n\r\n").await;
    assert_eq!(client.answer().await.status, 200);
    client.try_send("GET /get HTTP/1.1\r\nHost: t\r\nA: 1\r\nB: 2\r\nC: 3\r\n\r\n").await;
    assert_eq!(client.answer().await.status, 431);
}

#[tokio::test]
async fn bodies_are_bounded_however_they_are_sent() {
    let (_server, address) = small().start().await;
    assert_eq!(Client::to(address).await.post("/echo", &"x".repeat(1000)).await.status, 200);
    // By its length: the answer comes before the body, and survives what the client still sends.
    let mut client = Client::to(address).await;
    client.send("POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 500000\r\n\r\n").await;
    client.try_send("x".repeat(500_000)).await;
    assert_eq!(client.answer().await.status, 413);
    // In pieces.
    let mut client = Client::to(address).await;
    client.send("POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n").await;
    for _ in 0..3 {
        client.try_send(format!("190\r\n{}\r\n", "x".repeat(400))).await;
    }
    let refused = client.answer().await;
    assert_eq!((refused.status, refused.header("content-type")), (413, Some("application/problem+json")));
}

#[tokio::test]
async fn compressed_bodies_are_bounded_as_they_unfold() {
    let (_server, address) = small().start().await;
    let gzip = |bytes: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let request = |coding: &str, body: &[u8]| {
        let head = format!(
            "POST /echo HTTP/1.1\r\nHost: t\r\nContent-Encoding: {coding}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        [head.as_bytes(), body].concat()
    };
    let mut client = Client::to(address).await;
    client.send(request("gzip", &gzip(b"hello"))).await;
    assert_eq!(client.answer().await.body, "a:hello");
    let bomb = gzip(&vec![0; 100_000]);
    assert!(bomb.len() < 1000);
    client.send(request("gzip", &bomb)).await;
    assert_eq!(client.answer().await.status, 413);
    let mut client = Client::to(address).await;
    client.send(request("br", b"hello")).await;
    let refused = client.answer().await;
    assert_eq!((refused.status, refused.header("accept-encoding")), (415, Some("gzip, deflate")));
    let mut client = Client::to(address).await;
    client.send(request("gzip", b"no gzip")).await;
    assert_eq!(client.answer().await.status, 400);
}

#[tokio::test]
async fn slow_heads_are_answered_and_idle_connections_closed() {
    let mut made = small();
    made.bounds.head = SHORT;
    let (_server, address) = made.start().await;
    let mut client = Client::to(address).await;
    client.send("POST /ec").await;
    assert_eq!(client.answer().await.status, 408);
    assert!(client.ends().await);
    // The second head of a kept connection is bounded too.
    let mut client = Client::to(address).await;
    assert_eq!(client.post("/echo", "x").await.status, 200);
    client.send("POST /ec").await;
    assert_eq!(client.answer().await.status, 408);

    let mut made = small();
    made.bounds.idle = SHORT;
    let (_server, address) = made.start().await;
    let mut never = Client::to(address).await;
    let mut kept = Client::to(address).await;
    assert_eq!(kept.post("/echo", "x").await.status, 200);
    assert!(kept.ends().await);
    assert!(never.ends().await);
}

#[tokio::test]
async fn slow_bodies_and_slow_runs_are_ended() {
    let bell = Arc::default();
    let mut made = gateway("a:", &bell);
    made.bounds.request = SHORT;
    let (_server, address) = made.start().await;
    let mut client = Client::to(address).await;
    client.send("POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 10\r\n\r\nhalf").await;
    assert_eq!(client.answer().await.status, 408);
    let late = Client::to(address).await.post("/wait", "x").await;
    assert_eq!(late.status, 504);
    heard(&bell.cancelled).await;
}

#[tokio::test]
async fn connections_are_bounded() {
    let mut made = small();
    made.bounds.connections = 2;
    let (_server, address) = made.start().await;
    let (mut a, mut b) = (Client::to(address).await, Client::to(address).await);
    assert_eq!(a.post("/echo", "x").await.status, 200);
    assert_eq!(b.post("/echo", "x").await.status, 200);
    let refused = Client::to(address).await.answer().await;
    assert_eq!((refused.status, refused.header("retry-after")), (503, Some("1")));
    drop(a);
    let again = async {
        loop {
            let mut client = Client::to(address).await;
            client.try_send(post("/echo", "y")).await;
            if client.maybe_answer().await.is_some_and(|answer| answer.status == 200) {
                break;
            }
        }
    };
    tokio::time::timeout(LONG, again).await.expect("a place becomes free");
}

#[tokio::test]
async fn a_client_that_expects_is_told_before_it_sends() {
    let (_server, address) = small().start().await;
    let mut client = Client::to(address).await;
    client.send("POST /echo HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n").await;
    assert_eq!(client.answer().await.status, 100);
    client.send("ok").await;
    assert_eq!(client.answer().await.body, "a:ok");
    client
        .send("POST /echo HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\nContent-Length: 5000\r\n\r\n")
        .await;
    assert_eq!(client.answer().await.status, 413);
}

#[tokio::test]
async fn a_client_that_does_not_read_its_answer_is_let_go() {
    let mut made = gateway("a:", &Arc::default());
    made.bounds.idle = SHORT;
    let (server, address) = made.start().await;
    let mut client = Client::to(address).await;
    client.send(post("/echo", &"x".repeat(9 << 20))).await;
    let text = || server.shared().metrics_text();
    becomes("the answer is made", || text().contains("class=\"2xx\"} 1")).await;
    becomes("the connection is closed", || text().contains("connections{listener=\"main\"} 0")).await;
}

#[tokio::test]
async fn http2_has_the_same_bounds() {
    let mut made = small();
    made.bounds.idle = SHORT;
    made.bounds.fields = 5;
    let (_server, address) = made.start().await;
    let stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    let connection = tokio::spawn(connection);
    let request = |fields: usize, body: usize| {
        let mut request = hyper::Request::builder().method("POST").uri("http://test/echo");
        for number in 0..fields {
            request = request.header(format!("x-{number}"), "y");
        }
        request.body(Full::new(bytes::Bytes::from(vec![b'x'; body]))).unwrap()
    };
    assert_eq!(sender.send_request(request(0, 10)).await.unwrap().status(), 200);
    assert_eq!(sender.send_request(request(6, 10)).await.unwrap().status(), 431);
    assert_eq!(sender.send_request(request(0, 2000)).await.unwrap().status(), 413);
    let ended = tokio::time::timeout(LONG, connection).await.expect("an idle connection ends");
    assert!(ended.is_ok());
}

#[tokio::test]
async fn pings_do_not_keep_an_idle_http2_connection() {
    let mut made = small();
    made.bounds.idle = SHORT;
    let (_server, address) = made.start().await;
    let stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let mut builder = hyper::client::conn::http2::Builder::new(TokioExecutor::new());
    builder.timer(hyper_util::rt::TokioTimer::new());
    builder.keep_alive_interval(SHORT / 10).keep_alive_while_idle(true);
    let (mut sender, connection) = builder.handshake(TokioIo::new(stream)).await.unwrap();
    let connection = tokio::spawn(connection);
    let request = hyper::Request::builder().method("POST").uri("http://test/echo");
    let request = request.body(Full::new(bytes::Bytes::from_static(b"x"))).unwrap();
    assert_eq!(sender.send_request(request).await.unwrap().status(), 200);
    let ended = tokio::time::timeout(LONG, connection).await.expect("an idle connection ends");
    assert!(ended.is_ok());
}

/// What HTTP/2 clients say first, with settings that change nothing.
const HELLO: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

#[tokio::test]
async fn an_http2_client_without_a_request_is_told_nothing_of_http1() {
    let mut made = small();
    made.bounds.head = SHORT;
    made.bounds.idle = 3 * SHORT;
    let (_server, address) = made.start().await;
    let mut client = Client::to(address).await;
    client.send(HELLO).await;
    let mut all = Vec::new();
    let read = client.stream.read_to_end(&mut all);
    let _ = tokio::time::timeout(LONG, read).await.expect("an end in time");
    assert!(memchr::memmem::find(&all, b"HTTP/1.1").is_none(), "{}", String::from_utf8_lossy(&all));
}

#[tokio::test]
async fn a_request_that_meets_an_idle_farewell_is_answered() {
    let bell: Arc<Bell> = Arc::default();
    let mut made = gateway("a:", &bell);
    made.bounds.idle = SHORT;
    let (_server, address) = made.start().await;
    let mut client = Client::to(address).await;
    client.send(HELLO).await;
    // Until GOAWAY (RFC 9113, section 6.8): a frame of type 7 that ends in the last stream and no error.
    let mut all = Vec::new();
    let told = async {
        while memchr::memmem::find(&all, b"\x07\0\0\0\0\0\x7f\xff\xff\xff\0\0\0\0").is_none() {
            assert_ne!(client.stream.read_buf(&mut all).await.unwrap(), 0, "{all:?}");
        }
    };
    tokio::time::timeout(LONG, told).await.expect("a farewell in time");
    // POST http /wait, host t, on stream 1, which is complete (RFC 7541, appendix A).
    client.send(b"\0\0\x0c\x01\x05\0\0\0\x01\x83\x86\x44\x05/wait\x41\x01t").await;
    heard(&bell.began).await;
    let cut = tokio::time::timeout(Duration::from_millis(1500), bell.cancelled.acquire()).await;
    assert!(cut.is_err(), "the request was cut off");
    bell.go.add_permits(1);
    heard(&bell.done).await;
    let rest = client.stream.read_to_end(&mut all);
    let _ = tokio::time::timeout(LONG, rest).await.expect("an end in time");
    assert!(memchr::memmem::find(&all, b"a:-").is_some(), "{}", String::from_utf8_lossy(&all));
}
