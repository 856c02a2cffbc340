//! What is done to the entries of a store, in SQL.

use bytes::Bytes;
use rusqlite::{Connection, OptionalExtension, params};

use super::super::{Bounds, Key, Owner, Put, StoreError};

/// Entries that are looked at together when the oldest have to go.
const OLDEST: i64 = 64;

/// Pages of the file (4 KiB each) that may be free before some are given back, and how many are then.
const FREE: i64 = 256;
const GIVEN_BACK: i64 = 1024;

/// Entries and the bytes they count for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Totals {
    pub(super) entries: i64,
    pub(super) bytes: i64,
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

fn signed(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn milliseconds(time: std::time::Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

/// What is there.
pub(super) fn totals(connection: &Connection) -> Result<Totals, StoreError> {
    let mut statement = connection.prepare_cached("SELECT entries, bytes FROM totals")?;
    Ok(statement.query_row([], |row| Ok(Totals { entries: row.get(0)?, bytes: row.get(1)? }))?)
}

/// Puts entries, and gives how many others had to go for them.
pub(super) fn put(
    connection: &Connection,
    entries: &[Put],
    bounds: Bounds,
    now: i64,
) -> Result<usize, StoreError> {
    let bytes = entries.iter().map(Put::size).fold(0, usize::saturating_add);
    if bytes > bounds.size {
        return Err(StoreError::TooLarge { bytes, most: bounds.size });
    }
    for Put { key, .. } in entries {
        forget(connection, key)?;
    }
    let evicted = make_room(connection, bounds.size.saturating_sub(bytes))?;
    let mut statement = connection.prepare_cached(
        "INSERT INTO entries (space, name, owner, created, expires, bytes, value) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    for put in entries {
        let expires = now.saturating_add(milliseconds(put.lasts.min(bounds.age)));
        let Key { space, name } = &put.key;
        statement.execute(params![
            space,
            name,
            put.owner.0,
            now,
            expires,
            signed(put.size()),
            &*put.value
        ])?;
    }
    Ok(evicted)
}

/// Lets the oldest go until no more than so many bytes are there.
fn make_room(connection: &Connection, most: usize) -> Result<usize, StoreError> {
    let mut evicted = 0usize;
    loop {
        let mut over = totals(connection)?.bytes.saturating_sub(signed(most));
        if over <= 0 {
            return Ok(evicted);
        }
        let mut statement =
            connection.prepare_cached("SELECT id, bytes FROM entries ORDER BY id LIMIT ?1")?;
        let mut rows = statement.query([OLDEST])?;
        let mut last = None;
        while let Some(row) = rows.next()?.filter(|_| over > 0) {
            over = over.saturating_sub(row.get(1)?);
            last = Some(row.get::<_, i64>(0)?);
        }
        let Some(last) = last else { return Ok(evicted) };
        let gone = connection.prepare_cached("DELETE FROM entries WHERE id <= ?1")?.execute([last])?;
        evicted = evicted.saturating_add(gone);
    }
}

/// The value under a key.
pub(super) fn get(
    connection: &Connection,
    key: &Key,
    owner: &Owner,
    now: i64,
) -> Result<Option<Bytes>, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT owner, value FROM entries WHERE space = ?1 AND name = ?2 AND expires > ?3")?;
    let found = statement.query_row(params![key.space, key.name, now], |row| {
        let is_own = owner.is(row.get_ref(0)?.as_blob()?);
        if is_own { Ok(Some(Bytes::from(row.get::<_, Vec<u8>>(1)?))) } else { Ok(None) }
    });
    Ok(found.optional()?.flatten())
}

/// Forgets what is under a key.
pub(super) fn forget(connection: &Connection, key: &Key) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached("DELETE FROM entries WHERE space = ?1 AND name = ?2")?;
    statement.execute(params![key.space, key.name])?;
    Ok(())
}

/// Lets go what has ended, and what is older than it may be by now; gives how many.
pub(super) fn expire(connection: &Connection, bounds: Bounds, now: i64) -> Result<usize, StoreError> {
    let ended = connection.prepare_cached("DELETE FROM entries WHERE expires <= ?1")?.execute([now])?;
    // Of those put under a longer age; the oldest tells whether there are any.
    let born = now.saturating_sub(milliseconds(bounds.age));
    let oldest: Option<i64> = connection
        .prepare_cached("SELECT created FROM entries ORDER BY id LIMIT 1")?
        .query_row([], |row| row.get(0))
        .optional()?;
    let aged = match oldest {
        Some(oldest) if oldest <= born => {
            connection.prepare_cached("DELETE FROM entries WHERE created <= ?1")?.execute([born])?
        }
        _ => 0,
    };
    Ok(ended.saturating_add(aged))
}

/// Gives free pages of the file back, some at a time.
pub(super) fn compact(connection: &Connection) -> Result<(), StoreError> {
    let number = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0));
    let (free, all) = (number("PRAGMA freelist_count")?, number("PRAGMA page_count")?);
    if free > FREE && free > all / 4 {
        // Each row that is read gives back one page.
        let mut statement = connection.prepare(&format!("PRAGMA incremental_vacuum({GIVEN_BACK})"))?;
        let mut rows = statement.query([])?;
        while rows.next()?.is_some() {}
    }
    Ok(())
}
