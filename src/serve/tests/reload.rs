//! Swaps: what changes, what stays, and that nobody notices.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::support::*;
use crate::serve::{Applied, Swapped};

fn applied(swapped: Swapped) -> Applied {
    match swapped {
        Swapped::Applied(applied) => applied,
        Swapped::Unchanged { .. } => panic!("nothing was applied"),
    }
}

#[tokio::test]
async fn a_kept_connection_sees_the_new_generation_and_a_running_request_the_old() {
    let bell: Arc<Bell> = Arc::default();
    let (server, address) = gateway("a:", &bell).start().await;
    let (mut kept, mut running) = (Client::to(address).await, Client::to(address).await);
    assert_eq!(kept.post("/echo", "1").await.body, "a:1");
    running.send(post("/wait", "2")).await;
    heard(&bell.began).await;
    let swapped = applied(server.swap(gateway("b:", &bell).build()).await.unwrap());
    assert_eq!(
        (swapped.generation, swapped.changed.as_slice()),
        (2, ["listener main".to_owned()].as_slice())
    );
    assert_eq!(kept.post("/echo", "3").await.body, "b:3");
    assert_eq!(server.shared().live_generations(), [1, 2]);
    bell.go.add_permits(1);
    assert_eq!(running.answer().await.body, "a:2");
    assert_eq!(running.post("/echo", "4").await.body, "b:4");
    becomes("the old generation is freed", || server.shared().live_generations() == [2]).await;
}

#[tokio::test]
async fn the_same_content_changes_nothing() {
    let bell = Arc::default();
    let (server, _) = gateway("a:", &bell).start().await;
    let swapped = server.swap(gateway("a:", &bell).build()).await.unwrap();
    assert_eq!(swapped, Swapped::Unchanged { generation: 1 });
    assert_eq!(server.shared().generation(), 1);
}

#[tokio::test]
async fn listeners_come_and_go() {
    let bell: Arc<Bell> = Arc::default();
    let (server, main) = gateway("a:", &bell).start().await;
    let mut both = gateway("b:", &bell);
    both.listeners.push(("side", any_port()));
    assert_eq!(applied(server.swap(both.build()).await.unwrap()).added, ["listener side"]);
    let addresses = server.addresses().await;
    assert_eq!(addresses[0], main, "an unchanged listener keeps its socket");
    let side = addresses[1];
    let (mut idle, mut busy) = (Client::to(side).await, Client::to(side).await);
    assert_eq!(idle.post("/echo", "1").await.body, "b:1");
    busy.send(post("/wait", "2")).await;
    heard(&bell.began).await;
    assert_eq!(applied(server.swap(gateway("c:", &bell).build()).await.unwrap()).removed, ["listener side"]);
    assert!(idle.ends().await);
    assert!(tokio::net::TcpStream::connect(side).await.is_err(), "it accepts no more");
    bell.go.add_permits(1);
    let last = busy.answer().await;
    assert_eq!((last.body.as_str(), last.header("connection")), ("b:2", Some("close")));
    assert!(busy.ends().await);
    becomes("its generation is freed", || server.shared().live_generations() == [3]).await;
    assert_eq!(Client::to(main).await.post("/echo", "3").await.body, "c:3");
}

#[tokio::test]
async fn a_renamed_listener_keeps_its_socket() {
    let bell = Arc::default();
    // An address of its own, where no other test can take the port in between.
    let free = std::net::TcpListener::bind("127.0.0.77:0").unwrap().local_addr().unwrap();
    let mut made = gateway("a:", &bell);
    made.listeners = vec![("old", free)];
    let (server, address) = made.start().await;
    let mut kept = Client::to(address).await;
    assert_eq!(kept.post("/echo", "1").await.body, "a:1");
    made.mark = "b:";
    made.listeners = vec![("new", free)];
    server.swap(made.build()).await.unwrap();
    assert_eq!(kept.post("/echo", "2").await.body, "b:2");
    assert_eq!(Client::to(address).await.post("/echo", "3").await.body, "b:3");
}

#[tokio::test]
async fn a_moved_listener_keeps_its_access_rules_at_the_old_address() {
    let bell: Arc<Bell> = Arc::default();
    let mut made = gateway("a:", &bell);
    made.access = super::requests::guarded;
    let (server, old) = made.start().await;
    let mut begun = Vec::new();
    for _ in 0..8 {
        let mut half = Client::to(old).await;
        half.send("POST /echo HTTP/1.1\r\nHost: t\r\n").await;
        begun.push(half);
    }
    let mut busy = Client::to(old).await;
    busy.send("POST /wait HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer right\r\nContent-Length: 1\r\n\r\nx")
        .await;
    heard(&bell.began).await;
    // The same name at another address, where no credentials are asked for.
    let mut moved = gateway("b:", &bell);
    moved.listeners = vec![("main", std::net::SocketAddr::from(([127, 0, 0, 78], 0)))];
    applied(server.swap(moved.build()).await.unwrap());
    // A request of which no byte was read yet when its listener went may end with its connection; one that was begun is
    // answered, by the old rules.
    let mut refused = 0;
    for half in &mut begun {
        half.try_send("Content-Length: 1\r\n\r\nx").await;
        if let Some(answer) = half.maybe_answer().await {
            assert_eq!((answer.status, answer.header("connection")), (401, Some("close")));
            refused += 1;
        }
    }
    assert!(refused > 0, "no request was begun");
    bell.go.add_permits(1);
    assert_eq!(busy.answer().await.body, "a:x");
    let new = server.addresses().await[0];
    assert_eq!(Client::to(new).await.post("/echo", "y").await.body, "b:y");
}

#[tokio::test]
async fn an_address_in_use_leaves_everything_as_it_was() {
    let bell = Arc::default();
    let taken = std::net::TcpListener::bind(any_port()).unwrap();
    let (server, address) = gateway("a:", &bell).start().await;
    let mut kept = Client::to(address).await;
    assert_eq!(kept.post("/echo", "1").await.body, "a:1");
    let mut made = gateway("b:", &bell);
    made.listeners.push(("free", any_port()));
    made.listeners.push(("taken", taken.local_addr().unwrap()));
    let error = server.swap(made.build()).await.unwrap_err().to_string();
    assert!(error.starts_with("gateway.kdl:3:1: listener taken cannot listen on 127.0.0.1:"), "{error}");
    assert!(error.contains("another process"), "{error}");
    assert_eq!(kept.post("/echo", "2").await.body, "a:2");
    assert_eq!(server.addresses().await, [address]);
    assert_eq!(server.shared().generation(), 1);
    drop(taken);
    assert_eq!(applied(server.swap(made.build()).await.unwrap()).generation, 2);
}

#[tokio::test]
async fn two_hundred_swaps_under_load_fail_no_request() {
    let bell = Arc::default();
    let (server, address) = gateway("a:", &bell).start().await;
    let stop = Arc::new(AtomicBool::new(false));
    let served = Arc::new(AtomicUsize::new(0));
    let load: Vec<_> = (0..4)
        .map(|number| {
            let (stop, served) = (Arc::clone(&stop), Arc::clone(&served));
            tokio::spawn(async move {
                let mut client = Client::to(address).await;
                while !stop.load(Ordering::Relaxed) {
                    let answer = client.post("/echo", "x").await;
                    assert!(answer.status == 200 && ["a:x", "b:x", "c:x"].contains(&answer.body.as_str()));
                    if served.fetch_add(1, Ordering::Relaxed) % 50 == number {
                        client = Client::to(address).await;
                    }
                }
            })
        })
        .collect();
    for round in 0..200 {
        let mut made = gateway(if round % 2 == 0 { "b:" } else { "c:" }, &bell);
        if round % 3 == 0 {
            made.listeners.push(("side", any_port()));
        }
        let before = served.load(Ordering::Relaxed);
        applied(server.swap(made.build()).await.unwrap());
        becomes("requests go on", || served.load(Ordering::Relaxed) > before).await;
    }
    stop.store(true, Ordering::Relaxed);
    for client in load {
        client.await.unwrap();
    }
    assert_eq!(server.shared().generation(), 201);
    becomes("old generations are freed", || server.shared().live_generations() == [201]).await;
}
