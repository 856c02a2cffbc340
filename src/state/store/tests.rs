//! Tests of the store: each in memory and in a file.
#![allow(clippy::disallowed_methods, reason = "tests make files and look at them")]

use std::sync::atomic::AtomicBool;
use std::time::Instant;

use super::*;

const HOUR: Duration = Duration::from_secs(3600);
const START: i64 = 1_800_000_000_000;

/// A folder that goes away with the test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let name = format!("soapstone-store-{}", uuid::Uuid::new_v4());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self) -> Place {
        Place::File(self.0.join("state.db"))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A store with a clock that a test sets.
struct Tried {
    store: Arc<dyn Store>,
    now: Arc<AtomicI64>,
    tally: Arc<Tally>,
}

fn tried(place: &Place, bounds: Bounds) -> Tried {
    let (now, tally) = (Arc::new(AtomicI64::new(START)), Arc::new(Tally::default()));
    let own = Arc::clone(&now);
    let store = open(place, bounds, &tally, Arc::new(move || own.load(Ordering::Relaxed))).unwrap();
    Tried { store, now, tally }
}

/// Runs a test in memory and in a file.
fn each(bounds: Bounds, test: impl Fn(&Tried)) {
    let folder = Folder::new();
    for place in [Place::Memory, folder.file()] {
        let tried = tried(&place, bounds);
        test(&tried);
        wait(tried.store.close()).unwrap();
    }
}

fn wait<T>(answer: Answer<T>) -> Result<T, StoreError> {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(answer)
}

fn key(name: &str) -> Key {
    Key { space: "pages", name: name.as_bytes().to_vec() }
}

fn owner(name: &str) -> Owner {
    Owner(name.as_bytes().to_vec())
}

fn put(name: &str, bytes: usize, lasts: Duration) -> Put {
    Put { key: key(name), owner: owner("ada"), lasts, value: vec![b'x'; bytes].into() }
}

fn lengths(tried: &Tried, names: &[&str]) -> Vec<Option<usize>> {
    let one = |name: &&str| wait(tried.store.get(key(name), owner("ada"))).unwrap().map(|value| value.len());
    names.iter().map(one).collect()
}

/// Waits until something is so.
fn until(what: &str, is_so: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(30);
    while !is_so() {
        assert!(Instant::now() < end, "{what}");
        std::thread::yield_now();
    }
}

#[test]
fn a_value_belongs_to_its_owner_and_its_space() {
    each(Bounds::default(), |tried| {
        wait(tried.store.put(vec![put("a", 3, HOUR)])).unwrap();
        assert_eq!(wait(tried.store.get(key("a"), owner("ada"))), Ok(Some("xxx".into())));
        for other in ["bob", "", "ada ", "Ada"] {
            assert_eq!(wait(tried.store.get(key("a"), owner(other))), Ok(None), "{other}");
            assert_eq!(wait(tried.store.take(key("a"), owner(other))), Ok(None), "{other}");
        }
        let elsewhere = Key { space: "executions", ..key("a") };
        assert_eq!(wait(tried.store.get(elsewhere, owner("ada"))), Ok(None));
        assert_eq!(wait(tried.store.take(key("a"), owner("ada"))), Ok(Some("xxx".into())));
        assert_eq!(wait(tried.store.take(key("a"), owner("ada"))), Ok(None));
    });
}

#[test]
fn a_value_ends_with_its_time_and_with_the_age_of_the_store() {
    let bounds = Bounds { age: 2 * HOUR, ..Bounds::default() };
    each(bounds, |tried| {
        wait(tried.store.put(vec![put("short", 1, HOUR), put("long", 2, 10 * HOUR)])).unwrap();
        tried.now.store(START + 3_599_999, Ordering::Relaxed);
        assert_eq!(lengths(tried, &["short", "long"]), [Some(1), Some(2)]);
        tried.now.store(START + 3_600_000, Ordering::Relaxed);
        assert_eq!(lengths(tried, &["short", "long"]), [None, Some(2)]);
        tried.now.store(START + 2 * 3_600_000, Ordering::Relaxed);
        assert_eq!(lengths(tried, &["short", "long"]), [None, None]);
        // What has ended goes by itself.
        until("it is still there", || tried.tally.entries.load(Ordering::Relaxed) == 0);
        assert_eq!(tried.tally.expired.load(Ordering::Relaxed), 2);
    });
}

#[test]
fn the_oldest_go_where_there_is_no_room() {
    let bounds = Bounds { size: 5 * (1000 + OVERHEAD + 4), age: HOUR };
    each(bounds, |tried| {
        for name in ["a", "b", "c", "d", "e"] {
            wait(tried.store.put(vec![put(name, 1000, HOUR)])).unwrap();
        }
        assert_eq!(tried.tally.evicted.load(Ordering::Relaxed), 0);
        // One that is put anew is new.
        wait(tried.store.put(vec![put("a", 1000, HOUR)])).unwrap();
        wait(tried.store.put(vec![put("f", 1, HOUR), put("g", 1500, HOUR)])).unwrap();
        assert_eq!(
            lengths(tried, &["a", "b", "c", "d", "e", "f", "g"]),
            [Some(1000), None, None, Some(1000), Some(1000), Some(1), Some(1500)]
        );
        assert_eq!(tried.tally.evicted.load(Ordering::Relaxed), 2);
        let all = vec![put("h", 3000, HOUR), put("i", 3000, HOUR)];
        let refused = wait(tried.store.put(all)).unwrap_err();
        assert!(matches!(refused, StoreError::TooLarge { bytes: 6264, .. }), "{refused:?}");
        assert_eq!(lengths(tried, &["a", "h"]), [Some(1000), None], "nothing went for what does not fit");
        // A smaller bound takes effect with the next value.
        tried.store.bound(Bounds { size: 2000, age: HOUR });
        wait(tried.store.put(vec![put("j", 100, HOUR)])).unwrap();
        assert_eq!(lengths(tried, &["a", "f", "g", "j"]), [None, Some(1), Some(1500), Some(100)]);
        assert_eq!(tried.tally.entries.load(Ordering::Relaxed), 3);
        assert!(tried.tally.bytes.load(Ordering::Relaxed) <= 2000);
    });
}

#[test]
fn many_ask_at_once_and_each_reads_its_own() {
    each(Bounds::default(), |tried| {
        let answers: Vec<_> =
            (0..400).map(|at| tried.store.put(vec![put(&at.to_string(), at, HOUR)])).collect();
        for answer in answers {
            wait(answer).unwrap();
        }
        for at in 0..400 {
            assert_eq!(lengths(tried, &[&at.to_string()]), [Some(at)]);
        }
    });
}

#[test]
fn who_asks_too_much_is_told_so() {
    let held = Arc::new(AtomicBool::new(true));
    let own = Arc::clone(&held);
    let tally = Arc::new(Tally::default());
    // The first call holds the thread, in the clock.
    let clock: Clock = Arc::new(move || {
        until("the test lets go", || !own.load(Ordering::Relaxed));
        START
    });
    let store = open(&Place::Memory, Bounds::default(), &tally, clock).unwrap();
    let answers: Vec<_> = (0..3000).map(|_| store.get(key("a"), owner("ada"))).collect();
    held.store(false, Ordering::Relaxed);
    let busy = answers.into_iter().map(wait).filter(|answer| *answer == Err(StoreError::Busy)).count();
    assert!((1..2000).contains(&busy), "{busy}");
    assert_eq!(usize::try_from(tally.errors.load(Ordering::Relaxed)).unwrap(), busy);
}

#[test]
fn a_file_keeps_values_and_secret_and_is_nobody_elses_to_read() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let first = tried(&folder.file(), Bounds::default());
    let secret = *first.store.secret();
    wait(first.store.put(vec![put("a", 7, HOUR)])).unwrap();
    let modes = || {
        let files = std::fs::read_dir(&folder.0).unwrap().map(|entry| entry.unwrap());
        files.map(|file| file.metadata().unwrap().permissions().mode() & 0o777).collect::<Vec<_>>()
    };
    assert!(modes().len() >= 2 && modes().iter().all(|mode| *mode == 0o600), "{:?}", modes());
    // A second one that is open at the same time, as while a reload goes back and forth.
    let second = tried(&folder.file(), Bounds::default());
    assert_eq!(lengths(&second, &["a"]), [Some(7)]);
    wait(first.store.close()).unwrap();
    assert_eq!(wait(first.store.get(key("a"), owner("ada"))), Err(StoreError::Closed));
    assert_eq!(first.tally.entries.load(Ordering::Relaxed), 0, "what is closed is not counted");
    wait(second.store.close()).unwrap();
    let again = tried(&folder.file(), Bounds::default());
    assert_eq!((again.store.secret(), lengths(&again, &["a"])), (&secret, vec![Some(7)]));
    assert_eq!(again.tally.entries.load(Ordering::Relaxed), 1);
    assert_ne!(tried(&Place::Memory, Bounds::default()).store.secret(), &secret);
}

#[test]
fn a_file_gives_back_what_is_free() {
    let folder = Folder::new();
    let tried = tried(&folder.file(), Bounds::default());
    let all = (0..64).map(|at| put(&at.to_string(), 256 << 10, HOUR)).collect();
    wait(tried.store.put(all)).unwrap();
    let size = || std::fs::metadata(folder.0.join("state.db")).unwrap().len();
    until("it was not written", || {
        let _ = lengths(&tried, &["0"]);
        size() > 8 << 20
    });
    tried.now.store(START + 3_600_000, Ordering::Relaxed);
    until("nothing is given back", || tried.tally.entries.load(Ordering::Relaxed) == 0);
    wait(tried.store.close()).unwrap();
    assert!(size() < 13 << 20, "{}", size());
}

#[test]
fn what_cannot_be_opened_is_said_and_left_alone() {
    let folder = Folder::new();
    let message = |place: &Place| {
        let opened = open(place, Bounds::default(), &Arc::new(Tally::default()), clock());
        opened.expect_err("it cannot be opened").to_string().replace(&folder.0.display().to_string(), "DIR")
    };
    let path = |name: &str| folder.0.join(name);
    assert_eq!(
        message(&Place::File(path("none/state.db"))),
        "the state in DIR/none/state.db cannot be opened: its folder is not there. Make it, or mount what it lies on"
    );
    std::fs::write(
        path("text"),
        "this is a text, not a database, and long enough to be looked at as one: ".repeat(20),
    )
    .unwrap();
    assert_eq!(
        message(&Place::File(path("text"))),
        "the state in DIR/text is no database of SQLite. Choose another file"
    );
    let other = rusqlite::Connection::open(path("other.db")).unwrap();
    other.execute_batch("CREATE TABLE theirs (id)").unwrap();
    assert_eq!(
        message(&Place::File(path("other.db"))),
        "the state in DIR/other.db is a database of another program. Choose another file"
    );
    wait(tried(&Place::File(path("newer.db")), Bounds::default()).store.close()).unwrap();
    let newer = rusqlite::Connection::open(path("newer.db")).unwrap();
    newer.pragma_update(None, "user_version", 99).unwrap();
    assert_eq!(
        message(&Place::File(path("newer.db"))),
        "the state in DIR/newer.db was written by a newer soapstone: its version is 99, and this one knows 1. Use the \
         newer one, or another file"
    );
    let version: i64 = newer.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
    assert_eq!(version, 99);
}
