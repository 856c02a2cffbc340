//! Stops: what is under way finishes, and what does not is cut off in time.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::support::*;
use crate::serve::Left;

#[tokio::test]
async fn a_stop_waits_for_requests_and_background_runs() {
    let bell: Arc<Bell> = Arc::default();
    let (server, address) = gateway("a:", &bell).start().await;
    let (mut idle, mut busy, mut later) =
        (Client::to(address).await, Client::to(address).await, Client::to(address).await);
    assert_eq!(idle.post("/echo", "x").await.status, 200);
    busy.send(post("/wait", "x")).await;
    heard(&bell.began).await;
    assert_eq!(later.post("/later", "x").await.status, 200);
    heard(&bell.began).await;
    let server = Arc::new(server);
    let stopping = tokio::spawn({
        let server = Arc::clone(&server);
        async move { server.stop().await }
    });
    assert!(idle.ends().await && later.ends().await);
    assert!(!server.shared().is_ready());
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
    assert!(!stopping.is_finished());
    bell.go.add_permits(1);
    bell.go.add_permits(1);
    assert_eq!(busy.answer().await.body, "a:x");
    let left = tokio::time::timeout(LONG, stopping).await.unwrap().unwrap();
    assert_eq!(left, Left::default());
}

#[tokio::test]
async fn a_stop_cuts_off_what_takes_longer_than_drain() {
    let bell = Arc::default();
    let mut made = gateway("a:", &bell);
    made.drain = Duration::from_millis(200);
    let (server, address) = made.start().await;
    let mut busy = Client::to(address).await;
    busy.send(post("/wait", "x")).await;
    heard(&bell.began).await;
    let mut later = Client::to(address).await;
    assert_eq!(later.post("/later", "x").await.status, 200);
    heard(&bell.began).await;
    let left = tokio::time::timeout(LONG, server.stop()).await.unwrap();
    assert_eq!(left.background, 1);
    heard(&bell.cancelled).await;
    assert!(busy.ends().await);
}

#[tokio::test]
async fn a_worker_that_is_held_delays_neither_a_reload_nor_a_stop_for_ever() {
    let bell: Arc<Bell> = Arc::default();
    let mut made = gateway("a:", &bell);
    made.drain = Duration::from_millis(100);
    let (server, address) = made.start().await;
    let mut held = Client::to(address).await;
    held.send(post("/block", "x")).await;
    heard(&bell.began).await;
    let next = gateway("b:", &bell).build();
    let swapped = server.swap_within(next, Duration::from_millis(200));
    let refused = tokio::time::timeout(LONG / 2, swapped).await.expect("an end in time").unwrap_err();
    assert!(refused.to_string().contains("too busy"), "{refused}");
    assert_eq!(server.shared().generation(), 1);
    let left = tokio::time::timeout(LONG / 2, server.stop()).await.expect("an end in time");
    assert_eq!(left.connections, 1);
    bell.free.store(true, Ordering::Release);
}
