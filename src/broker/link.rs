//! An open connection: a task that has the socket, and the queue of what is to be published over it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{mpsc, oneshot};

use super::connect::Connected;
use super::error::{Kind, PublishError};
use super::message::Message;
use super::protocol;
use super::speaker::Speaker;
use super::state::State;

/// Messages that wait for their turn on a connection; who comes later waits outside.
const QUEUE: usize = 64;

/// What becomes of a message.
pub(super) type Published = Result<(), PublishError>;

/// A message on its way.
#[derive(Debug)]
pub(super) struct Order {
    pub(super) message: Message,
    /// Whether a stream must say that it has it; else the server that it has read it.
    pub(super) stored: bool,
    /// Who waits for that. Where nobody does any more, the message is not sent.
    pub(super) done: oneshot::Sender<Published>,
}

/// A connection, for those who publish over it. It closes when all who have it let it go.
#[derive(Debug, Clone)]
pub(super) struct Link {
    orders: mpsc::Sender<Order>,
    max_payload: Arc<AtomicUsize>,
}

impl Link {
    /// Lets a task of this runtime drive a connection.
    pub(super) fn start(connected: Connected, state: &Arc<State>) -> Self {
        let (orders, queue) = mpsc::channel(QUEUE);
        let max_payload = Arc::new(AtomicUsize::new(connected.info.max_payload));
        let speaker = Speaker::new(connected, queue, Arc::clone(&max_payload));
        let open = state.opened();
        tokio::spawn(async move {
            speaker.run().await;
            drop(open);
        });
        Self { orders, max_payload }
    }

    /// Whether it is broken.
    pub(super) fn is_closed(&self) -> bool {
        self.orders.is_closed()
    }

    /// Puts a message into the queue, and gives where it will be told what became of it.
    pub(super) async fn send(
        &self,
        message: Message,
        stored: bool,
    ) -> Result<oneshot::Receiver<Published>, PublishError> {
        let (size, most) = (protocol::size(&message), self.max_payload.load(Ordering::Relaxed));
        if size > most {
            let text = format!("the message has {size} bytes, and the server takes {most}");
            return Err(PublishError::new(Kind::TooLarge, text));
        }
        let (done, told) = oneshot::channel();
        self.orders.send(Order { message, stored, done }).await.map_err(|_| lost(None))?;
        Ok(told)
    }
}

/// What is told of a message whose connection broke.
pub(super) fn lost(why: Option<&str>) -> PublishError {
    let why = why.unwrap_or("it was closed");
    let text = format!("the connection broke before the server had confirmed the message: {why}");
    PublishError::new(Kind::Unreachable, text)
}
