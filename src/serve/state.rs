//! What outlives a request, as a generation sees it: opened before it serves, shared with the next one if that says the same.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::spawn_blocking;
use tokio::time::timeout;
use tracing::warn;

use super::swap::StartError;
use crate::pipeline::token::Keys;
use crate::state::store::{self, Store, StoreSpec, Tally};

/// How long a stop waits for the state to be closed: what was acknowledged is safe without it.
const CLOSE: Duration = Duration::from_secs(10);

/// The store of a generation, and the keys that sign what leads to it.
#[derive(Debug)]
pub(super) struct State {
    pub(super) store: Arc<dyn Store>,
    pub(super) keys: Keys,
    /// Who has it open: what was begun by another is not under way any more.
    pub(super) instance: String,
}

impl State {
    /// Opens it; the disk holds up nobody else.
    ///
    /// # Errors
    /// It cannot be opened.
    pub(super) async fn open(spec: &StoreSpec, tally: &Arc<Tally>) -> Result<Arc<Self>, StartError> {
        let (spec, tally) = (spec.clone(), Arc::clone(tally));
        let opened =
            spawn_blocking(move || store::open(&spec.place, spec.bounds, &tally, store::clock())).await;
        let store = opened.map_err(|_| StartError::Worker)?.map_err(StartError::State)?;
        let keys = Keys::new(store.secret());
        let instance = uuid::Uuid::new_v4().simple().to_string();
        Ok(Arc::new(Self { store, keys, instance }))
    }

    /// Closes it, at the end of the process.
    pub(super) async fn close(&self) {
        match timeout(CLOSE, self.store.close()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => warn!(%error, "the state was not closed"),
            Err(_) => warn!("the state was not closed in time"),
        }
    }
}
