//! One connection: statements on it, and what comes back.

use std::sync::Arc;
use std::time::Duration;

use compact_str::CompactString;
use sqlx::{
    AssertSqlSafe, Column as _, Connection as _, Executor as _, MySqlConnection, PgConnection,
    SqliteConnection,
};
use tokio::time::timeout;

use super::error::{Kind, Position, SqlError};
use super::pool::{Known, Learnt};
use super::statement::{One, Statement, Task};
use super::stop::Stop;
use super::value::{Bound, Cell};
use super::{Dialect, Place, Spec, mysql, postgres, sqlite};
use crate::document::flat::{Column, Holds};

/// What a statement gave.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// The columns of its rows; none of a statement that gives no rows.
    pub columns: Arc<Vec<Column>>,
    /// The rows, each with as many values.
    pub rows: Vec<Vec<Cell>>,
    /// Rows that it changed.
    pub affected: u64,
}

/// What a database knows of a statement without running it.
#[derive(Debug, Clone, Default)]
pub struct Described {
    /// The names of the columns that it would give.
    pub columns: Vec<CompactString>,
    /// The names of the types of its parameters; only PostgreSQL knows them.
    pub types: Vec<String>,
}

/// What is known of a prepared statement, of a database that tells no types of parameters.
fn described<S: sqlx::Statement>(prepared: Result<S, sqlx::Error>) -> Result<Described, SqlError> {
    let statement = prepared.map_err(|error| SqlError::from_sqlx(&error))?;
    let columns = statement.columns().iter().map(|column| column.name().into()).collect();
    Ok(Described { columns, types: Vec::new() })
}

/// A connection of one kind.
#[derive(Debug)]
pub(super) enum Raw {
    Postgres(Box<PgConnection>),
    MySql(Box<MySqlConnection>),
    Sqlite(Box<SqliteConnection>),
}

/// One connection, with what stops what runs on it.
#[derive(Debug)]
pub(super) struct Session {
    raw: Raw,
    stop: Stop,
    /// Whether a transaction is open on it, or may be.
    in_transaction: bool,
}

/// What may come back.
#[derive(Debug, Clone, Copy)]
pub(super) struct Most {
    pub(super) rows: usize,
    pub(super) bytes: usize,
}

impl Most {
    /// Counts a row.
    pub(super) fn count(&mut self, row: &[Cell]) -> Result<(), SqlError> {
        let bytes = row.iter().map(|cell| cell.as_ref().map_or(4, CompactString::len)).sum();
        match (self.rows.checked_sub(1), self.bytes.checked_sub(bytes)) {
            (Some(rows), Some(bytes)) => {
                *self = Self { rows, bytes };
                Ok(())
            }
            _ => Err(SqlError::new(
                Kind::TooMuch,
                "more rows came back than an execution may hold: ask for fewer, or raise documents= and bytes= in the `limits` of the operation",
            )),
        }
    }
}

impl Session {
    /// Connects.
    pub(super) async fn open(spec: &Spec) -> Result<Self, SqlError> {
        let opened = timeout(spec.connect, Box::pin(Self::connect(spec))).await;
        opened.unwrap_or_else(|_| {
            Err(SqlError::new(Kind::Unreachable, "no connection: the server does not answer in time"))
        })
    }

    async fn connect(spec: &Spec) -> Result<Self, SqlError> {
        match &spec.place {
            Place::Postgres(address) => {
                let mut raw = Box::new(postgres::connect(address, spec.tls.as_ref()).await?);
                let stop = Stop::Postgres(postgres::process(&mut raw).await?);
                Ok(Self { raw: Raw::Postgres(raw), stop, in_transaction: false })
            }
            Place::MySql(address) => {
                let mut raw = Box::new(mysql::connect(address, spec.tls.as_ref()).await?);
                let stop = Stop::MySql(mysql::process(&mut raw).await?);
                Ok(Self { raw: Raw::MySql(raw), stop, in_transaction: false })
            }
            Place::Sqlite(file) => {
                let (raw, flag) = sqlite::connect(file, spec.timeout).await?;
                let (raw, stop) = (Raw::Sqlite(Box::new(raw)), Stop::Sqlite(flag));
                Ok(Self { raw, stop, in_transaction: false })
            }
        }
    }

    /// What stops what runs on it.
    pub(super) fn stop(&self) -> Stop {
        self.stop.clone()
    }

    /// Whether a transaction is open on it, or may be: then it is for nobody else.
    pub(super) fn in_transaction(&self) -> bool {
        self.in_transaction
    }

    /// Whether the other side still answers.
    pub(super) async fn answers(&mut self) -> bool {
        let ping = async {
            match &mut self.raw {
                Raw::Postgres(raw) => raw.ping().await,
                Raw::MySql(raw) => raw.ping().await,
                Raw::Sqlite(raw) => raw.ping().await,
            }
        };
        matches!(timeout(Duration::from_secs(2), Box::pin(ping)).await, Ok(Ok(())))
    }

    /// Says goodbye, as far as there is time.
    pub(super) async fn close(self) {
        let close = async {
            match self.raw {
                Raw::Postgres(raw) => raw.close().await,
                Raw::MySql(raw) => raw.close().await,
                Raw::Sqlite(raw) => raw.close().await,
            }
        };
        // Whether the other side hears it makes no difference: the socket closes.
        let _ = timeout(Duration::from_secs(1), Box::pin(close)).await;
    }

    /// Begins a transaction.
    pub(super) async fn begin(&mut self) -> Result<(), SqlError> {
        let word = match &self.raw {
            Raw::Postgres(_) => "begin",
            Raw::MySql(_) => "start transaction",
            // With its lock at once: one that is asked for later fails where two wait for each other.
            Raw::Sqlite(_) => "begin immediate",
        };
        // Before it is answered: who stops waiting for that does not know.
        self.in_transaction = true;
        self.say(word).await.inspect_err(|_| self.in_transaction = false)
    }

    /// Ends a transaction, by `commit` or `rollback`.
    pub(super) async fn end(&mut self, word: &'static str) -> Result<(), SqlError> {
        self.say(word).await?;
        self.in_transaction = false;
        Ok(())
    }

    /// Says something that gives nothing back.
    async fn say(&mut self, sql: &'static str) -> Result<(), SqlError> {
        let said = match &mut self.raw {
            Raw::Postgres(raw) => raw.execute(sql).await.map(drop),
            Raw::MySql(raw) => raw.execute(sql).await.map(drop),
            Raw::Sqlite(raw) => raw.execute(sql).await.map(drop),
        };
        said.map_err(|error| SqlError::from_sqlx(&error))
    }

    /// Asks what a statement would give and take.
    pub(super) async fn describe(&mut self, sql: String) -> Result<Described, SqlError> {
        let sql = AssertSqlSafe(sql);
        match &mut self.raw {
            Raw::Postgres(raw) => postgres::describe(raw, sql).await,
            Raw::MySql(raw) => described(raw.prepare(sqlx::SqlSafeStr::into_sql_str(sql)).await),
            Raw::Sqlite(raw) => described(raw.prepare(sqlx::SqlSafeStr::into_sql_str(sql)).await),
        }
    }

    /// Runs a statement; `types` are those of its parameters, where the database knows them.
    async fn run(
        &mut self,
        sql: Arc<str>,
        values: &[Bound],
        types: &[String],
        most: &mut Most,
    ) -> Result<Answer, SqlError> {
        // What is sent is the file's own text: values are only ever bound.
        let sql = AssertSqlSafe(sql);
        match &mut self.raw {
            Raw::Postgres(raw) => postgres::run(raw, sql, values, types, most).await,
            Raw::MySql(raw) => mysql::run(raw, sql, values, most).await,
            Raw::Sqlite(raw) => sqlite::run(raw, sql, values, most).await,
        }
    }

    /// What is known of the parameters of a statement, which the server is asked for once.
    async fn learnt(&mut self, row: &Statement, known: &Known) -> Result<Arc<Learnt>, SqlError> {
        let asked = row.sent(Dialect::Postgres);
        if let Some(learnt) = known.of(&asked) {
            return Ok(learnt);
        }
        let types = self.describe(asked.to_string()).await?.types;
        Ok(known.learn(asked, types, row))
    }

    /// Runs statements one after the other.
    pub(super) async fn work(&mut self, task: &Task, known: &Known) -> Result<Vec<Answer>, SqlError> {
        let mut most = Most { rows: task.rows, bytes: task.bytes };
        let mut all = Vec::with_capacity(task.all.len());
        for one in &task.all {
            let (sql, learnt) = match self.raw {
                Raw::Postgres(_) if one.row.parameters() > 0 => {
                    let learnt = self.learnt(&one.row, known).await?;
                    let sql = match Arc::ptr_eq(&one.statement, &one.row) {
                        true => Arc::clone(&learnt.typed),
                        false => one.statement.typed(&learnt.types).into(),
                    };
                    (sql, Some(learnt))
                }
                Raw::Postgres(_) => (one.statement.sent(Dialect::Postgres), None),
                Raw::MySql(_) => (one.statement.sent(Dialect::MySql), None),
                Raw::Sqlite(_) => (one.statement.sent(Dialect::Sqlite), None),
            };
            let types = learnt.as_ref().map(|learnt| learnt.types.as_slice()).unwrap_or_default();
            let ran = self.run(sql, &one.values, types, &mut most).await;
            all.push(ran.map_err(|error| match &learnt {
                Some(learnt) => untyped(error, one, learnt, known),
                None => error,
            })?);
        }
        Ok(all)
    }

    /// Runs statements of which all hold or none.
    pub(super) async fn atomically(&mut self, task: &Task, known: &Known) -> Result<Vec<Answer>, SqlError> {
        self.begin().await?;
        let outcome = match self.work(task, known).await {
            Ok(answers) => self.end("commit").await.map(|()| answers),
            Err(error) => Err(error),
        };
        // SQLite goes on with a transaction whose commit has failed. Where this fails too the connection is closed,
        // which rolls back as well.
        if outcome.as_ref().is_err_and(|error| !error.breaks()) {
            let _ = self.end("rollback").await;
        }
        outcome
    }
}

/// What went wrong with a statement that was sent with the types of its parameters, at its place in the one without.
fn untyped(error: SqlError, one: &One, learnt: &Learnt, known: &Known) -> SqlError {
    if matches!(error.kind, Kind::Statement | Kind::Value | Kind::Rows | Kind::Stale) {
        // The table may have changed since its types were asked for.
        known.forget(&one.row.sent(Dialect::Postgres));
    }
    let position = error.position.map(|position| match position {
        Position::Character(at) => Position::Character(one.statement.untyped_character(&learnt.types, at)),
        line @ Position::Line(_) => line,
    });
    SqlError { position, ..error }
}

/// The columns of rows, each with what its values are.
///
/// # Errors
/// Two have one name.
pub(super) fn columns<'c>(all: impl Iterator<Item = (&'c str, Holds)>) -> Result<Arc<Vec<Column>>, SqlError> {
    let mut columns: Vec<Column> = Vec::new();
    for (name, holds) in all {
        if columns.iter().any(|other| other.name == name) {
            let text =
                format!("two columns of the result are called `{name}`: give one another name by `as`");
            return Err(SqlError::new(Kind::Statement, text));
        }
        columns.push(Column { name: name.into(), title: name.into(), holds });
    }
    Ok(Arc::new(columns))
}
