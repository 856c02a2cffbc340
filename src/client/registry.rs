//! What outlives a generation of the file, by the name of what it is known of.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What is known of the systems of one kind, over reloads.
#[derive(Debug)]
pub struct Registry<T>(Mutex<BTreeMap<Arc<str>, Arc<T>>>);

impl<T> Default for Registry<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Default> Registry<T> {
    /// What is known of a system of that name, from now on if nothing was.
    pub fn open(&self, name: &Arc<str>) -> Arc<T> {
        Arc::clone(self.all().entry(Arc::clone(name)).or_default())
    }

    /// Forgets all systems but these.
    pub fn keep(&self, names: &[Arc<str>]) {
        self.all().retain(|name, _| names.contains(name));
    }

    /// What a look at each tells, in the order of their names.
    pub fn each<R>(&self, look: impl Fn(&T) -> R) -> Vec<(Arc<str>, R)> {
        self.all().iter().map(|(name, known)| (Arc::clone(name), look(known))).collect()
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<Arc<str>, Arc<T>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_stays_until_the_name_is_gone() {
        let all = Registry::<Mutex<u32>>::default();
        let (one, two): (Arc<str>, Arc<str>) = ("one".into(), "two".into());
        *all.open(&two).lock().unwrap() = 2;
        all.open(&one);
        let known = || all.each(|known| *known.lock().unwrap());
        assert_eq!(known(), [(Arc::clone(&one), 0), (Arc::clone(&two), 2)]);
        all.keep(&[Arc::clone(&two)]);
        assert_eq!(known(), [(two, 2)]);
    }
}
