//! Reloads that come from several sides at once, and from files that are being written.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::mpsc;

use super::support::*;
use crate::serve::{ReloadError, Signal, Triggers, run};

fn compiles(mark: &'static str) -> crate::serve::Compile {
    Arc::new(move || Ok(gateway(mark, &Arc::default()).build()))
}

#[tokio::test]
async fn a_signal_is_heard_while_a_stale_wish_waits() {
    let (server, _) = gateway("a:", &Arc::default()).start().await;
    let shared = Arc::clone(server.shared());
    let triggers = Triggers { compile: compiles("b:"), watch: None, notify_socket: None };
    let (signals, receiver) = mpsc::channel(2);
    // Both wait before either is looked at.
    let stale = shared.reload(Some(7));
    tokio::pin!(stale);
    assert!(futures_are_pending(&mut stale).await);
    signals.send(Signal::Reload).await.unwrap();
    let ended = tokio::spawn(async move { run(&server, &triggers, receiver).await });
    let refused = tokio::time::timeout(LONG, stale).await.expect("an answer in time");
    assert_eq!(refused, Err(ReloadError::Moved { generation: 1 }));
    becomes("the signal reloads", || shared.generation() == 2).await;
    signals.send(Signal::Stop).await.unwrap();
    tokio::time::timeout(LONG, ended).await.expect("a stop in time").unwrap();
}

/// Polls a future once.
async fn futures_are_pending<F: Future + Unpin>(future: &mut F) -> bool {
    std::future::poll_fn(|cx| std::task::Poll::Ready(std::pin::Pin::new(&mut *future).poll(cx).is_pending()))
        .await
}

#[tokio::test]
async fn what_was_read_while_it_was_written_is_not_applied() {
    let (server, _) = gateway("a:", &Arc::default()).start().await;
    let shared = Arc::clone(server.shared());
    let settled = gateway("c:", &Arc::default()).build().fingerprint;
    let compiled = Arc::new(AtomicUsize::new(0));
    let compile: crate::serve::Compile = {
        let compiled = Arc::clone(&compiled);
        Arc::new(move || {
            // The first time the file is read while half of it is there.
            let mark = if compiled.fetch_add(1, Ordering::SeqCst) == 0 { "b:" } else { "c:" };
            Ok(gateway(mark, &Arc::default()).build())
        })
    };
    let triggers = Triggers { compile, watch: Some(Arc::new(move || Some(settled))), notify_socket: None };
    let (signals, receiver) = mpsc::channel(2);
    let ended = tokio::spawn(async move { run(&server, &triggers, receiver).await });
    becomes("the whole file serves", || shared.with_gateway(|gateway| gateway.fingerprint) == settled).await;
    assert_eq!((compiled.load(Ordering::SeqCst), shared.generation()), (2, 2));
    signals.send(Signal::Stop).await.unwrap();
    tokio::time::timeout(LONG, ended).await.expect("a stop in time").unwrap();
}
