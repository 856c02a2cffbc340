//! The task behind a connection: it writes what is to be published, and tells each publisher what the server said to it.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, ReadHalf, WriteHalf, split};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Interval, MissedTickBehavior, interval};
use uuid::Uuid;

use super::connect::{Connected, Wire};
use super::error::{Kind, PublishError};
use super::link::{Order, Published, lost};
use super::protocol::{self, Op};
use super::stored;

/// Bytes that wait to be written before no further message is taken.
const BUFFERED: usize = 256 << 10;

/// Messages that may wait for the server's word.
const UNCONFIRMED: usize = 1024;

/// How often it is looked whether the server still speaks.
const TICK: Duration = Duration::from_secs(5);

/// Ticks without a word of the server, while a pong is due, after which the connection counts as broken.
const SILENT: u32 = 2;

/// Ticks without a word after which the server is asked for one.
const QUIET: u32 = 6;

/// Who waits for what the server says to a message.
#[derive(Debug)]
struct Waiting {
    subject: String,
    done: oneshot::Sender<Published>,
}

/// The task.
pub(super) struct Speaker {
    reader: ReadHalf<Box<dyn Wire>>,
    writer: WriteHalf<Box<dyn Wire>>,
    orders: mpsc::Receiver<Order>,
    max_payload: Arc<AtomicUsize>,
    input: BytesMut,
    out: BytesMut,
    /// Whether something written may still wait in TLS.
    unflushed: bool,
    /// Who waits for each pong that is due: what was published before the ping has then been read, or refused.
    pings: VecDeque<Option<Waiting>>,
    /// Who waits for the word of a stream, by the end of the subject that it answers to.
    acks: HashMap<u64, Waiting>,
    inbox: String,
    next: u64,
    /// Why no stream can answer: the subscription is refused.
    deaf: Option<PublishError>,
    /// Ticks since the server's last word, or since it was asked for one.
    silent: u32,
    /// What the server said last that it did not like.
    said: Option<PublishError>,
}

impl Speaker {
    pub(super) fn new(
        connected: Connected,
        orders: mpsc::Receiver<Order>,
        max_payload: Arc<AtomicUsize>,
    ) -> Self {
        let Connected { wire, input, .. } = connected;
        let (reader, writer) = split(wire);
        Self {
            reader,
            writer,
            orders,
            max_payload,
            input,
            out: BytesMut::new(),
            unflushed: false,
            pings: VecDeque::new(),
            acks: HashMap::new(),
            inbox: format!("_INBOX.{}", Uuid::new_v4().simple()),
            next: 0,
            deaf: None,
            silent: 0,
            said: None,
        }
    }

    /// Speaks until the connection breaks or nobody needs it, and then tells all who still wait.
    pub(super) async fn run(mut self) {
        let mut tick = interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let ended = self.speak(&mut tick).await;
        let why = match (self.said.take(), ended) {
            (Some(said), Err(_)) if said.kind == Kind::Refused => said,
            (Some(said), Err(_)) => lost(Some(&said.text)),
            (_, Err(error)) => lost(Some(&error.to_string())),
            (_, Ok(())) => lost(None),
        };
        self.orders.close();
        while let Ok(order) = self.orders.try_recv() {
            let _ = order.done.send(Err(why.clone()));
        }
        for waiting in self.pings.into_iter().flatten().chain(self.acks.into_values()) {
            let _ = waiting.done.send(Err(why.clone()));
        }
    }

    async fn speak(&mut self, tick: &mut Interval) -> io::Result<()> {
        self.take_in()?;
        let mut is_needed = true;
        // When nobody can publish over it any more, those who have are still told.
        while is_needed || self.is_awaited() {
            self.input.reserve(4 << 10);
            let has_room = self.out.len() < BUFFERED && self.pings.len() + self.acks.len() < UNCONFIRMED;
            let writes = !self.out.is_empty() || self.unflushed;
            tokio::select! {
                read = self.reader.read_buf(&mut self.input) => {
                    if read? == 0 {
                        return Err(io::Error::other("the server closed it"));
                    }
                    self.take_in()?;
                }
                pushed = push(&mut self.writer, &mut self.out, &mut self.unflushed), if writes => pushed?,
                order = self.orders.recv(), if is_needed && has_room => match order {
                    Some(order) => self.publish(order),
                    None => is_needed = false,
                },
                _ = tick.tick() => self.look()?,
            }
        }
        Ok(())
    }

    /// Whether anybody still waits for the server's word: nobody does after the time that publishing may take.
    fn is_awaited(&self) -> bool {
        let mut all = self.pings.iter().flatten().chain(self.acks.values());
        all.any(|waiting| !waiting.done.is_closed())
    }

    /// Writes a message, unless its publisher has gone: what was called failed is not published later.
    fn publish(&mut self, order: Order) {
        let Order { message, stored, done } = order;
        if done.is_closed() {
            return;
        }
        let waiting = Waiting { subject: message.subject().to_owned(), done };
        if !stored {
            protocol::publish(&message, None, &mut self.out);
            self.ping(Some(waiting));
            return;
        }
        if let Some(deaf) = &self.deaf {
            let _ = waiting.done.send(Err(deaf.clone()));
            return;
        }
        if self.next == 0 {
            self.out.extend_from_slice(format!("SUB {}.* 1\r\n", self.inbox).as_bytes());
        }
        self.next += 1;
        protocol::publish(&message, Some(&format!("{}.{}", self.inbox, self.next)), &mut self.out);
        self.acks.insert(self.next, waiting);
    }

    fn ping(&mut self, waiting: Option<Waiting>) {
        if self.pings.is_empty() {
            // Before, nothing was due: the server's silence begins here.
            self.silent = 0;
        }
        self.out.extend_from_slice(b"PING\r\n");
        self.pings.push_back(waiting);
    }

    /// Reads all that is whole.
    fn take_in(&mut self) -> io::Result<()> {
        while let Some(op) = protocol::next(&mut self.input).map_err(io::Error::other)? {
            self.silent = 0;
            match op {
                Op::Info(info) => self.max_payload.store(info.max_payload, Ordering::Relaxed),
                Op::Ping => self.out.extend_from_slice(b"PONG\r\n"),
                Op::Pong => {
                    if let Some(Some(waiting)) = self.pings.pop_front() {
                        let _ = waiting.done.send(Ok(()));
                    }
                }
                Op::Ok => {}
                Op::Err(text) => self.complaint(&text),
                Op::Message { subject, status, payload } => {
                    let number = subject.strip_prefix(&*self.inbox).and_then(|rest| rest.strip_prefix('.'));
                    let number = number.and_then(|number| number.parse().ok());
                    if let Some(waiting) = number.and_then(|number: u64| self.acks.remove(&number)) {
                        let _ = waiting.done.send(stored::read(status, &payload));
                    }
                }
            }
        }
        Ok(())
    }

    /// What the server does not like: one subject, or the connection, which it then closes.
    fn complaint(&mut self, text: &str) {
        let error = PublishError::said(text);
        match violated(text) {
            Some((false, subject)) => self.refuse(subject, &error),
            Some((true, _)) => {
                for (_, waiting) in self.acks.drain() {
                    let _ = waiting.done.send(Err(error.clone()));
                }
                self.deaf = Some(error);
            }
            None => self.said = Some(error),
        }
    }

    /// Tells who published to a subject that they may not. The server answers in the order of what it reads.
    fn refuse(&mut self, subject: &str, error: &PublishError) {
        let own = |waiting: &&mut Option<Waiting>| waiting.as_ref().is_some_and(|w| w.subject == subject);
        if let Some(waiting) = self.pings.iter_mut().find(own).and_then(Option::take) {
            let _ = waiting.done.send(Err(error.clone()));
            return;
        }
        for (_, waiting) in self.acks.extract_if(|_, waiting| waiting.subject == subject) {
            let _ = waiting.done.send(Err(error.clone()));
        }
    }

    /// Looks whether the server still speaks, and forgets who waits no longer.
    fn look(&mut self) -> io::Result<()> {
        self.acks.retain(|_, waiting| !waiting.done.is_closed());
        self.silent = self.silent.saturating_add(1);
        if self.silent > SILENT && !self.pings.is_empty() {
            return Err(io::Error::new(io::ErrorKind::TimedOut, "the server says nothing any more"));
        }
        if self.pings.is_empty() && (self.silent > QUIET || !self.acks.is_empty()) {
            self.ping(None);
        }
        Ok(())
    }
}

/// Writes a piece of what waits, or lets go what has been written. Nothing is lost if it is dropped meanwhile.
async fn push(
    wire: &mut WriteHalf<Box<dyn Wire>>,
    out: &mut BytesMut,
    unflushed: &mut bool,
) -> io::Result<()> {
    if out.is_empty() {
        wire.flush().await?;
        *unflushed = false;
        return Ok(());
    }
    if wire.write_buf(out).await? == 0 {
        return Err(io::ErrorKind::WriteZero.into());
    }
    *unflushed = true;
    Ok(())
}

/// The subject in `Permissions Violation for Publish to "orders.created"`, and whether it is about a subscription.
fn violated(text: &str) -> Option<(bool, &str)> {
    let rest = text.strip_prefix("Permissions Violation for ")?;
    let (what, rest) = rest.split_once(" to \"")?;
    let (subject, _) = rest.split_once('"')?;
    Some((what.eq_ignore_ascii_case("subscription"), subject))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::broker::Message;

    #[test]
    fn idle_time_does_not_count_as_silence() {
        let info = protocol::Info {
            max_payload: 1,
            tls: false,
            tls_required: false,
            headers: true,
            nonce: String::new(),
        };
        let (wire, _other) = tokio::io::duplex(64);
        let (_orders, queue) = mpsc::channel(1);
        let connected = Connected { wire: Box::new(wire), info, input: BytesMut::new() };
        let mut speaker = Speaker::new(connected, queue, Arc::default());
        for _ in 0..=SILENT {
            speaker.look().unwrap();
        }
        let (done, _told) = oneshot::channel();
        let message = Message::new("orders".into(), Bytes::new()).unwrap();
        speaker.publish(Order { message, stored: false, done });
        for _ in 0..SILENT {
            speaker.look().unwrap();
        }
        let broken = speaker.look().unwrap_err();
        assert_eq!(broken.kind(), io::ErrorKind::TimedOut, "the pong has been due all that time");
    }

    #[test]
    fn a_violation_names_its_subject() {
        let publish = "Permissions Violation for Publish to \"a.b\"";
        assert_eq!(violated(publish), Some((false, "a.b")));
        let subscription = "Permissions Violation for Subscription to \"_INBOX.a.*\"";
        assert_eq!(violated(subscription), Some((true, "_INBOX.a.*")));
        assert_eq!(violated("Authorization Violation"), None);
    }
}
