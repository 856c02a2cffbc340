//! Descriptions that differ by caller, such as a WSDL without the operations that a caller may not use.

use std::sync::Arc;

use moka::sync::Cache;

/// Descriptions of one kind that are kept: callers have few roles between them.
const MOST: u64 = 16;

/// Descriptions by which operations are in them: each is written when the first one asks who may use just these.
#[derive(Debug)]
pub(super) struct Shown<T: Send + Sync + 'static>(Cache<Vec<bool>, Arc<T>>);

impl<T: Send + Sync + 'static> Default for Shown<T> {
    fn default() -> Self {
        Self(Cache::new(MOST))
    }
}

impl<T: Send + Sync + 'static> Shown<T> {
    /// The description of those operations; others who ask while it is written wait for it.
    pub(super) fn of(&self, shown: Vec<bool>, write: impl FnOnce(&[bool]) -> T) -> Arc<T> {
        let made = || Arc::new(write(&shown));
        self.0.get_with_by_ref(&shown, made)
    }
}
