//! The connections of a worker, which drives them: one to each broker, opened by the first message and again when it broke.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use super::connect::connect;
use super::error::PublishError;
use super::link::Link;
use super::state::State;
use super::{Broker, Key};

/// How long a broker that could not be reached is left alone: those who come meanwhile are told the same at once.
const REST: Duration = Duration::from_millis(200);

/// The connections of a worker.
#[derive(Debug, Default)]
pub struct Links(RefCell<HashMap<Key, Rc<Mutex<Place>>>>);

/// Where the connection to a broker is.
#[derive(Debug, Default)]
struct Place {
    link: Option<Link>,
    failed: Option<(Instant, PublishError)>,
}

impl Links {
    /// The connection to a broker. Of those who come while there is none, one connects and the others wait.
    pub(super) async fn open(&self, broker: &Broker, state: &Arc<State>) -> Result<Link, PublishError> {
        let place = Rc::clone(self.0.borrow_mut().entry(broker.key).or_default());
        let mut place = place.lock().await;
        if let Some(link) = place.link.as_ref().filter(|link| !link.is_closed()) {
            return Ok(link.clone());
        }
        if let Some((_, error)) = place.failed.as_ref().filter(|(since, _)| since.elapsed() < REST) {
            return Err(error.clone());
        }
        (place.link, place.failed) = match Box::pin(connect(broker)).await {
            Ok(connected) => (Some(Link::start(connected, state)), None),
            Err(error) => (None, Some((Instant::now(), error.clone()))),
        };
        match (&place.link, &place.failed) {
            (Some(link), _) => Ok(link.clone()),
            (None, Some((_, error))) => Err(error.clone()),
            (None, None) => Err(super::link::lost(None)),
        }
    }

    /// Closes the connections to all brokers but these; what is under way on one is finished before.
    pub fn keep(&self, keys: &[Key]) {
        self.0.borrow_mut().retain(|key, _| keys.contains(key));
    }
}
