//! Caches of documents: named, bounded, shared by all workers, and kept when the gateway is reloaded.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use compact_str::CompactString;
use moka::Expiry;
use moka::policy::EvictionPolicy;

use crate::document::Document;

/// Entries of a cache for which the file says nothing else.
pub const ENTRIES: usize = 10_000;

/// Bytes of all caches together for which the file says nothing else.
pub const BYTES: usize = 64 << 20;

/// What an entry takes beside its document and its key, about: its places in the table and in the lists of what was used
/// last and what ends next.
const OVERHEAD: usize = 256;

/// The weight of a full cache. An entry weighs the larger of its parts of both bounds, so this one sum keeps both.
const FULL: u32 = u32::MAX;

/// Bytes from which on an entry is counted at once, not with the next dozens: so few large ones cannot pass the bound.
const LARGE: usize = 64 << 10;

/// A key: the texts of its parts in order. Compared part by part, so `a`, `bc` is another than `ab`, `c`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key(Box<[CompactString]>);

impl Key {
    /// The key of these parts.
    pub fn new(parts: Vec<CompactString>) -> Self {
        Self(parts.into())
    }

    fn size(&self) -> usize {
        self.0.iter().map(|part| part.len().saturating_add(size_of::<CompactString>())).sum()
    }
}

/// A cache as a file declares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CacheSpec {
    /// Its name.
    pub name: Arc<str>,
    /// How many entries it holds at most.
    pub entries: usize,
}

/// What bounds a cache; the weigher reads it for each new entry, so a changed bound needs no other cache.
#[derive(Debug)]
struct Bounds {
    entries: AtomicUsize,
    bytes: AtomicUsize,
}

impl Bounds {
    /// The part of a full cache that an entry of so many bytes takes.
    fn weight(&self, bytes: usize) -> u32 {
        let one = FULL / at_least_one(self.entries.load(Ordering::Relaxed));
        let full = at_least_one(self.bytes.load(Ordering::Relaxed));
        let part = u64::from(bytes.try_into().unwrap_or(u32::MAX)) * u64::from(FULL);
        one.max(part.div_ceil(u64::from(full)).try_into().unwrap_or(FULL))
    }
}

fn at_least_one(bound: usize) -> u32 {
    u32::try_from(bound).unwrap_or(u32::MAX).max(1)
}

/// A document in a cache.
#[derive(Debug, Clone)]
struct Entry {
    document: Document,
    time: Duration,
    bytes: usize,
}

/// Each entry ends when its own time is up, however often it was read.
struct OwnTime;

impl Expiry<Key, Entry> for OwnTime {
    fn expire_after_create(&self, _: &Key, entry: &Entry, _: Instant) -> Option<Duration> {
        Some(entry.time)
    }

    fn expire_after_update(
        &self,
        _: &Key,
        entry: &Entry,
        _: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(entry.time)
    }
}

/// One cache.
pub struct Cache {
    entries: moka::sync::Cache<Key, Entry>,
    bounds: Arc<Bounds>,
    bytes: Arc<AtomicUsize>,
    hits: AtomicU64,
    misses: AtomicU64,
}

// Documents of callers are nothing for a log.
impl std::fmt::Debug for Cache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cache").field("entries", &self.entries.entry_count()).finish_non_exhaustive()
    }
}

/// What a cache holds and did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    /// Entries.
    pub entries: u64,
    /// Bytes of their documents and keys, about.
    pub bytes: u64,
    /// Documents that were found since the process began.
    pub hits: u64,
    /// Documents that were not.
    pub misses: u64,
}

impl Cache {
    fn new(entries: usize, bytes: usize) -> Self {
        let bounds = Arc::new(Bounds { entries: AtomicUsize::new(entries), bytes: AtomicUsize::new(bytes) });
        let held = Arc::new(AtomicUsize::new(0));
        let (weighing, counting) = (Arc::clone(&bounds), Arc::clone(&held));
        // The one that was not used for longest goes first: what was just put is there, unlike with the default policy,
        // which may refuse a new entry for the sake of old ones.
        let entries = moka::sync::Cache::builder()
            .max_capacity(FULL.into())
            .eviction_policy(EvictionPolicy::lru())
            .weigher(move |_, entry: &Entry| weighing.weight(entry.bytes))
            .eviction_listener(move |_, entry: Entry, _| {
                counting.fetch_sub(entry.bytes, Ordering::Relaxed);
            })
            .expire_after(OwnTime)
            .build();
        Self { entries, bounds, bytes: held, hits: AtomicU64::new(0), misses: AtomicU64::new(0) }
    }

    fn bound(&self, entries: usize, bytes: usize) {
        self.bounds.entries.store(entries, Ordering::Relaxed);
        self.bounds.bytes.store(bytes, Ordering::Relaxed);
    }

    /// Keeps a document's body and format under a key for some time, in place of what was there. One that is larger than
    /// the whole cache may be is not kept; nor is then what was there, which it would have replaced.
    pub fn put(&self, key: Key, document: &Document, time: Duration) {
        let bytes = document.size().saturating_add(key.size()).saturating_add(OVERHEAD);
        if bytes > self.bounds.bytes.load(Ordering::Relaxed) {
            return self.remove(&key);
        }
        let document = Document::empty().replaced(document.kept());
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.entries.insert(key, Entry { document, time, bytes });
        if bytes >= LARGE {
            self.entries.run_pending_tasks();
        }
    }

    /// The document under a key, without properties. It shares its body with the cache: what one execution has parsed is
    /// parsed for all.
    pub fn get(&self, key: &Key) -> Option<Document> {
        let found = self.entries.get(key).map(|entry| entry.document);
        let counter = if found.is_some() { &self.hits } else { &self.misses };
        counter.fetch_add(1, Ordering::Relaxed);
        found
    }

    /// Counts a document that has no key to look for.
    pub fn miss(&self) {
        self.misses.fetch_add(1, Ordering::Relaxed);
    }

    /// Forgets what is under a key.
    pub fn remove(&self, key: &Key) {
        self.entries.invalidate(key);
    }

    /// What it holds and did. Does the housekeeping first, so that what has ended does not count.
    pub fn counts(&self) -> Counts {
        self.entries.run_pending_tasks();
        Counts {
            entries: self.entries.entry_count(),
            bytes: self.bytes.load(Ordering::Relaxed).try_into().unwrap_or(u64::MAX),
            hits: self.hits.load(Ordering::Relaxed),
            misses: self.misses.load(Ordering::Relaxed),
        }
    }
}

/// The caches of a process by name.
#[derive(Debug, Default)]
pub struct Caches(Mutex<BTreeMap<Arc<str>, Arc<Cache>>>);

impl Caches {
    /// The cache of a name. Each step asks once in a generation; one that no file declares is made within the usual
    /// bounds.
    pub fn open(&self, name: &Arc<str>) -> Arc<Cache> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let cache = all.entry(Arc::clone(name)).or_insert_with(|| Arc::new(Cache::new(ENTRIES, BYTES)));
        Arc::clone(cache)
    }

    /// Makes the caches those of a file, of which each has an equal share of `bytes`. One of a known name keeps its
    /// entries: new ones keep to the new bounds, and push old ones out. One that is not declared any more goes away.
    pub fn keep(&self, declared: &[CacheSpec], bytes: usize) {
        let share = bytes / declared.len().max(1);
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|name, _| declared.iter().any(|spec| spec.name == *name));
        for spec in declared {
            match all.get(&spec.name) {
                Some(cache) => cache.bound(spec.entries, share),
                None => drop(all.insert(Arc::clone(&spec.name), Arc::new(Cache::new(spec.entries, share)))),
            }
        }
    }

    /// What each cache holds and did, by name.
    pub fn counts(&self) -> Vec<(Arc<str>, Counts)> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        all.into_iter().map(|(name, cache)| (name, cache.counts())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    const HOUR: Duration = Duration::from_secs(3600);

    fn key(parts: &[&str]) -> Key {
        Key::new(parts.iter().map(|part| (*part).into()).collect())
    }

    fn document(bytes: usize) -> Document {
        Document::data(Bytes::from(vec![b'x'; bytes]))
    }

    fn specs(all: &[(&str, usize)]) -> Vec<CacheSpec> {
        all.iter().map(|(name, entries)| CacheSpec { name: Arc::from(*name), entries: *entries }).collect()
    }

    fn found(cache: &Cache, count: usize) -> Vec<usize> {
        (0..count).filter(|at| cache.get(&key(&[&at.to_string()])).is_some()).collect()
    }

    #[test]
    fn parts_of_a_key_do_not_run_together() {
        let cache = Cache::new(10, BYTES);
        cache.put(key(&["a", "bc"]), &document(1), HOUR);
        for other in [key(&["ab", "c"]), key(&["abc"]), key(&["a", "b", "c"]), key(&["a", "bc", ""])] {
            assert!(cache.get(&other).is_none(), "{other:?}");
        }
        assert!(cache.get(&key(&["a", "bc"])).is_some());
        assert_eq!((cache.counts().hits, cache.counts().misses), (1, 4));
    }

    #[test]
    fn what_was_not_used_for_longest_goes_first() {
        for most in [1, 3, 7, 1000] {
            let cache = Cache::new(most, BYTES);
            for at in 0..most + 2 {
                cache.put(key(&[&at.to_string()]), &document(1), HOUR);
            }
            assert_eq!(cache.counts().entries, u64::try_from(most).unwrap());
            assert_eq!(found(&cache, most + 2), (2..most + 2).collect::<Vec<_>>());
        }
        let cache = Cache::new(2, BYTES);
        cache.put(key(&["0"]), &document(1), HOUR);
        cache.put(key(&["1"]), &document(1), HOUR);
        cache.counts();
        assert!(cache.get(&key(&["0"])).is_some());
        cache.put(key(&["2"]), &document(1), HOUR);
        cache.counts();
        assert_eq!(found(&cache, 3), [0, 2]);
    }

    #[test]
    fn bytes_are_bounded_and_counted() {
        let cache = Cache::new(1000, 100_000);
        for at in 0..100 {
            cache.put(key(&[&at.to_string()]), &document(9_000), HOUR);
        }
        let counts = cache.counts();
        assert!(counts.entries == 10 && counts.bytes <= 100_000, "{counts:?}");
        // What does not fit at all is not there, and neither is what it would have replaced.
        cache.put(key(&["99"]), &document(100_000), HOUR);
        assert_eq!(found(&cache, 100).len(), 9);
        for at in 0..100 {
            cache.remove(&key(&[&at.to_string()]));
        }
        assert_eq!((cache.counts().entries, cache.counts().bytes), (0, 0));
    }

    #[test]
    fn large_documents_do_not_pass_the_bound_for_a_while() {
        let cache = Cache::new(1000, 10 << 20);
        for at in 0..50 {
            cache.put(key(&[&at.to_string()]), &document(1 << 20), HOUR);
            assert!(cache.bytes.load(Ordering::Relaxed) <= 10 << 20);
        }
    }

    #[test]
    fn an_entry_ends_with_its_time_and_a_new_one_has_its_own() {
        let cache = Cache::new(10, BYTES);
        cache.put(key(&["a"]), &document(1), Duration::from_millis(1));
        cache.put(key(&["b"]), &document(1), Duration::from_millis(1));
        cache.put(key(&["b"]), &document(2), HOUR);
        let until = Instant::now() + Duration::from_secs(20);
        while cache.get(&key(&["a"])).is_some() {
            assert!(Instant::now() < until);
            std::thread::yield_now();
        }
        assert_eq!(cache.get(&key(&["b"])).unwrap().size(), 2);
    }

    #[test]
    fn a_body_is_kept_without_its_properties_and_parsed_once() {
        let cache = Cache::new(10, BYTES);
        let mut put = Document::encoded(
            Bytes::from_static(b"<a/>"),
            &crate::xml::XML,
            crate::document::codec::Limits::default(),
        );
        put.properties.set("secret", "of another caller");
        cache.put(key(&["a"]), &put, HOUR);
        let first = cache.get(&key(&["a"])).unwrap();
        assert_eq!(first.properties.get("secret"), None);
        assert!(first.parsed().is_none());
        first.tree().unwrap();
        assert!(cache.get(&key(&["a"])).unwrap().parsed().is_some());
    }

    #[test]
    fn caches_are_kept_by_name_and_adjusted() {
        let caches = Caches::default();
        caches.keep(&specs(&[("a", 10), ("b", 10)]), BYTES);
        let (a, b): (Arc<str>, Arc<str>) = (Arc::from("a"), Arc::from("b"));
        for name in [&a, &b] {
            for at in 0..10 {
                caches.open(name).put(key(&[&at.to_string()]), &document(1), HOUR);
            }
        }
        caches.keep(&specs(&[("a", 2), ("c", 5)]), BYTES);
        assert_eq!(found(&caches.open(&a), 10).len(), 10, "a smaller bound takes nothing away by itself");
        caches.open(&a).put(key(&["10"]), &document(1), HOUR);
        caches.open(&a).put(key(&["11"]), &document(1), HOUR);
        caches.counts();
        assert_eq!(found(&caches.open(&a), 12), [10, 11]);
        let names: Vec<Arc<str>> = caches.counts().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, [a, Arc::from("c")], "b is gone");
        assert_eq!(found(&caches.open(&b), 10).len(), 0);
    }
}
