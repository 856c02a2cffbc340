//! Opening a store: the file, what SQLite is told about it, and the versions of its tables.

use std::fmt;
use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use super::super::Place;

/// Marks a file as a store of ours (`PRAGMA application_id`): "soap" in ASCII.
const APPLICATION: i32 = 0x736F_6170;

/// How long SQLite waits for another process that has the file.
const BUSY: Duration = Duration::from_secs(5);

/// What brings the tables from each version to the next; the number of them is the version that this program writes.
const MIGRATIONS: &[&str] = &["
CREATE TABLE secrets (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT;
CREATE TABLE entries (
    -- Grows with every value, so the smallest is the oldest.
    id INTEGER PRIMARY KEY,
    space TEXT NOT NULL,
    name BLOB NOT NULL,
    owner BLOB NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    value BLOB NOT NULL,
    UNIQUE (space, name)
) STRICT;
CREATE INDEX entries_by_end ON entries (expires);
CREATE TABLE totals (entries INTEGER NOT NULL, bytes INTEGER NOT NULL) STRICT;
INSERT INTO totals VALUES (0, 0);
CREATE TRIGGER entries_in AFTER INSERT ON entries
    BEGIN UPDATE totals SET entries = entries + 1, bytes = bytes + NEW.bytes; END;
CREATE TRIGGER entries_out AFTER DELETE ON entries
    BEGIN UPDATE totals SET entries = entries - 1, bytes = bytes - OLD.bytes; END;
"];

/// Why a store cannot be opened.
#[derive(Debug)]
pub struct OpenError {
    /// The file; `None` in memory.
    path: Option<PathBuf>,
    why: Why,
}

#[derive(Debug)]
enum Why {
    Folder,
    File(io::Error),
    Newer(usize),
    Foreign,
    Sqlite(rusqlite::Error),
    System(io::Error),
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.path {
            Some(path) => write!(f, "the state in {}", path.display())?,
            None => f.write_str("the state in memory")?,
        }
        match &self.why {
            Why::Folder => {
                f.write_str(" cannot be opened: its folder is not there. Make it, or mount what it lies on")
            }
            Why::File(error) => write!(f, " cannot be opened: {}", crate::world::reason(error)),
            Why::Newer(found) => write!(
                f,
                " was written by a newer soapstone: its version is {found}, and this one knows {}. Use the newer one, \
                 or another file",
                MIGRATIONS.len()
            ),
            Why::Foreign => f.write_str(" is a database of another program. Choose another file"),
            Why::Sqlite(error) if error.sqlite_error_code() == Some(ErrorCode::NotADatabase) => {
                f.write_str(" is no database of SQLite. Choose another file")
            }
            Why::Sqlite(error) => write!(f, " cannot be opened: {error}"),
            Why::System(error) => write!(f, " has no thread to work on: {error}"),
        }
    }
}

impl std::error::Error for OpenError {}

impl From<rusqlite::Error> for Why {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl OpenError {
    /// The system gives no thread.
    pub(super) fn no_thread(place: &Place, error: io::Error) -> Self {
        Self { path: path(place).map(Path::to_owned), why: Why::System(error) }
    }
}

fn path(place: &Place) -> Option<&Path> {
    match place {
        Place::Memory => None,
        Place::File(path) => Some(path),
    }
}

/// Opens the database and brings its tables to this version; the secret is made with them.
///
/// # Errors
/// The file cannot be opened, or was written by another program or a newer version.
pub(super) fn connection(place: &Place) -> Result<(Connection, [u8; 32]), OpenError> {
    let opened = match place {
        Place::Memory => Connection::open_in_memory().map_err(Why::from),
        Place::File(path) => file(path),
    };
    let prepared = opened.and_then(|mut connection| {
        prepare(&mut connection)?;
        let secret = secret(&connection)?;
        Ok((connection, secret))
    });
    prepared.map_err(|why| OpenError { path: path(place).map(Path::to_owned), why })
}

fn file(path: &Path) -> Result<Connection, Why> {
    if path.parent().is_some_and(|folder| !folder.as_os_str().is_empty() && !folder.is_dir()) {
        return Err(Why::Folder);
    }
    // What is kept is for nobody else to read: SQLite gives the mode of this file to those it makes beside it.
    let made = OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path);
    drop(made.map_err(Why::File)?);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Ok(Connection::open_with_flags(path, flags)?)
}

fn prepare(connection: &mut Connection) -> Result<(), Why> {
    connection.busy_timeout(BUSY)?;
    let version = check(connection)?;
    // Before the first table: what is free can then be given back piece by piece.
    connection.execute_batch(
        "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
         PRAGMA journal_size_limit = 4194304; PRAGMA cache_size = -8192; PRAGMA trusted_schema = OFF;
         PRAGMA temp_store = MEMORY;",
    )?;
    connection.set_prepared_statement_cache_capacity(32);
    if version < MIGRATIONS.len() {
        migrate(connection)?;
    }
    Ok(())
}

/// The version of the tables; nothing is written before it is known.
fn check(connection: &Connection) -> Result<usize, Why> {
    let number = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
    let application = number("PRAGMA application_id")?;
    let version = usize::try_from(number("PRAGMA user_version")?).unwrap_or(usize::MAX);
    let tables = number("SELECT count(*) FROM sqlite_schema")?;
    if application != i64::from(APPLICATION) && (application != 0 || version != 0 || tables != 0) {
        return Err(Why::Foreign);
    }
    if version > MIGRATIONS.len() { Err(Why::Newer(version)) } else { Ok(version) }
}

fn migrate(connection: &mut Connection) -> Result<(), Why> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have been faster.
    let version = check(&transaction)?;
    for step in MIGRATIONS.iter().skip(version) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    transaction.pragma_update(None, "user_version", i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX))?;
    Ok(transaction.commit()?)
}

/// The secret of the store, made when it is asked for first.
fn secret(connection: &Connection) -> Result<[u8; 32], Why> {
    let mut random = [0; 32];
    let given = aws_lc_rs::rand::fill(&mut random);
    given.map_err(|_| Why::System(io::Error::other("the system gives no random numbers")))?;
    connection.execute("INSERT OR IGNORE INTO secrets VALUES ('signing', ?1)", [random.as_slice()])?;
    Ok(connection.query_row("SELECT value FROM secrets WHERE name = 'signing'", [], |row| row.get(0))?)
}
