//! SQLite: a file, values of its storage classes, and a flag that its progress handler looks at.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use compact_str::ToCompactString as _;
use futures_util::TryStreamExt as _;
use sqlx::sqlite::{SqliteArguments, SqliteColumn, SqliteConnectOptions, SqliteRow};
use sqlx::{
    Arguments as _, AssertSqlSafe, Column as _, ConnectOptions as _, Decode, Either, Executor as _, Row as _,
    Sqlite, SqliteConnection, TypeInfo as _, ValueRef as _,
};

use super::File;
use super::error::{Kind, SqlError};
use super::postgres::float;
use super::session::{Answer, Most, columns};
use super::value::{Bound, Cell};
use crate::document::flat::Holds;

/// Instructions of the virtual machine between two looks at the flag.
const INSTRUCTIONS: i32 = 1000;

/// How long another's lock is waited for at most.
const BUSY: Duration = Duration::from_secs(5);

/// Opens the file; what runs is stopped by setting the flag.
pub(super) async fn connect(
    file: &File,
    time: Duration,
) -> Result<(SqliteConnection, Arc<AtomicBool>), SqlError> {
    let options = SqliteConnectOptions::new()
        .filename(&file.path)
        .read_only(file.read_only)
        .create_if_missing(file.create)
        .busy_timeout(time.min(BUSY))
        .disable_statement_logging();
    let unreadable = |_| {
        let path = std::path::absolute(&file.path).unwrap_or_else(|_| file.path.clone());
        let path = path.display();
        let text = match file.create || file.path.exists() {
            true => format!("the file of the database cannot be opened: `{path}`"),
            false => format!("there is no file `{path}`"),
        };
        SqlError::new(Kind::Unreachable, text)
    };
    let mut raw = options.connect().await.map_err(unreadable)?;
    let flag = Arc::new(AtomicBool::new(false));
    let own = Arc::clone(&flag);
    let mut handle = raw.lock_handle().await.map_err(unreadable)?;
    handle.set_progress_handler(INSTRUCTIONS, move || !own.load(Ordering::Relaxed));
    drop(handle);
    Ok((raw, flag))
}

/// Runs a statement.
pub(super) async fn run(
    raw: &mut SqliteConnection,
    sql: AssertSqlSafe<Arc<str>>,
    values: &[Bound],
    most: &mut Most,
) -> Result<Answer, SqlError> {
    let mut arguments = SqliteArguments::default();
    for value in values {
        let added = match value {
            Bound::Null => arguments.add(None::<String>),
            Bound::Text(text) | Bound::List(_, text) => arguments.add(text.clone()),
            Bound::Whole(number) => arguments.add(*number),
            Bound::Float(number) => arguments.add(*number),
            Bound::Bytes(bytes) => arguments.add(bytes.clone()),
        };
        added.map_err(|error| SqlError::new(Kind::Value, error.to_string()))?;
    }
    let (mut answer, mut ended) = (Answer::default(), false);
    let mut results = raw.fetch_many(sqlx::query_with(sql, arguments));
    loop {
        match results.try_next().await.map_err(|error| SqlError::from_sqlx(&error))? {
            Some(Either::Left(done)) => {
                answer.affected += done.rows_affected();
                ended = true;
            }
            Some(Either::Right(row)) => {
                if answer.rows.is_empty() {
                    let all = row.columns().iter().enumerate();
                    answer.columns =
                        columns(all.map(|(at, column)| (column.name(), holds(&row, at, column))))?;
                }
                let cells = cells(&row)?;
                most.count(&cells)?;
                answer.rows.push(cells);
            }
            None => break,
        }
    }
    if ended {
        return Ok(answer);
    }
    // The thread of the connection has ended before its statement: rows had more columns than it was prepared for.
    Err(SqlError::new(
        Kind::Stale,
        "the table has changed since the statement was prepared, or it says nothing",
    ))
}

/// What a column is declared to hold, or what the value of an expression is; each further value may be something else.
fn holds(row: &SqliteRow, at: usize, column: &SqliteColumn) -> Holds {
    let stored = row.try_get_raw(at).ok().map(|value| value.type_info().name().to_owned());
    let declared = column.type_info().name();
    match if declared == "NULL" { stored.as_deref().unwrap_or(declared) } else { declared } {
        "BOOLEAN" => Holds::Boolean,
        "INTEGER" | "REAL" | "NUMERIC" => Holds::Number,
        "TEXT" => Holds::Text,
        _ => Holds::Other,
    }
}

fn cells(row: &SqliteRow) -> Result<Vec<Cell>, SqlError> {
    let one = |at: usize| text(row, at).map_err(|error| SqlError::new(Kind::Rows, error.to_string()));
    (0..row.len()).map(one).collect()
}

/// A value as text, as it is stored.
fn text(row: &SqliteRow, at: usize) -> Result<Cell, Box<dyn std::error::Error + Send + Sync>> {
    let value = row.try_get_raw(at)?;
    if value.is_null() {
        return Ok(None);
    }
    // What it is stored as; that it is meant as true or false only the column says.
    let name = value.type_info().name().to_owned();
    let boolean = row.columns().get(at).is_some_and(|column| column.type_info().name() == "BOOLEAN");
    Ok(Some(match name.as_str() {
        "INTEGER" | "BOOLEAN" if boolean => match <i64 as Decode<Sqlite>>::decode(value)? {
            0 => "false".into(),
            1 => "true".into(),
            other => other.to_compact_string(),
        },
        "INTEGER" => <i64 as Decode<Sqlite>>::decode(value)?.to_compact_string(),
        "REAL" => {
            let number = <f64 as Decode<Sqlite>>::decode(value)?;
            float(number, &number)
        }
        "BLOB" => STANDARD.encode(<&[u8] as Decode<Sqlite>>::decode(value)?).into(),
        _ => <&str as Decode<Sqlite>>::decode(value)?.into(),
    }))
}
