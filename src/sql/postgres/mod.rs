//! PostgreSQL: values go as text that the server reads as the type it wants, and come back in its binary form.

mod decode;
mod number;
mod time;

use std::fmt::Write as _;
use std::sync::Arc;

use futures_util::TryStreamExt as _;
use sqlx::postgres::{PgArguments, PgConnectOptions, PgRow, PgSslMode};
use sqlx::{
    Arguments as _, AssertSqlSafe, Column as _, ConnectOptions as _, Connection as _, Either, Executor as _,
    PgConnection, Row as _, Statement as _, ValueRef as _,
};

pub(super) use self::number::float;
pub(super) use self::time::fraction;
use super::error::{Kind, SqlError};
use super::session::{Answer, Described, Most, columns};
use super::value::{Bound, Cell};
use super::{Address, Ssl, Tls};
use crate::document::flat::Holds;
use crate::syntax::Secret;

/// How to connect. The options begin with what the environment says of a server, such as PGPASSWORD: what can be said over
/// is, since only the file counts.
fn options(address: &Address, tls: Option<&Tls>) -> PgConnectOptions {
    let mut options = PgConnectOptions::new_without_pgpass()
        .host(&address.host)
        .port(address.port)
        .username(&address.user)
        .database(&address.database)
        .password(address.password.as_ref().map_or("", Secret::reveal))
        .ssl_root_cert_from_pem(tls.and_then(|tls| tls.authorities.clone()).unwrap_or_default())
        .application_name("soapstone");
    if let Some(socket) = &address.socket {
        options = options.socket(socket);
    }
    if let Some((certificate, key)) = tls.and_then(|tls| tls.own.as_ref()) {
        options = options.ssl_client_cert_from_pem(certificate).ssl_client_key_from_pem(key.reveal());
    }
    let mode = match (tls, address.ssl) {
        (Some(Tls { verify: true, .. }), _) | (None, Some(Ssl::VerifyFull)) => PgSslMode::VerifyFull,
        (Some(_), _) | (None, Some(Ssl::Require)) => PgSslMode::Require,
        (None, Some(Ssl::VerifyCa)) => PgSslMode::VerifyCa,
        (None, Some(Ssl::Disable)) => PgSslMode::Disable,
        (None, Some(Ssl::Prefer) | None) => PgSslMode::Prefer,
    };
    options.ssl_mode(mode).disable_statement_logging()
}

/// Connects.
pub(super) async fn connect(address: &Address, tls: Option<&Tls>) -> Result<PgConnection, SqlError> {
    options(address, tls).connect().await.map_err(|error| SqlError::connecting(&error))
}

/// The process that serves a connection.
pub(super) async fn process(raw: &mut PgConnection) -> Result<i32, SqlError> {
    let asked = sqlx::query_scalar("select pg_backend_pid()").fetch_one(raw).await;
    asked.map_err(|error| SqlError::from_sqlx(&error))
}

/// Cancels what a process does.
pub(super) async fn cancel(address: &Address, tls: Option<&Tls>, process: i32) -> Result<(), SqlError> {
    let mut other = connect(address, tls).await?;
    let told = sqlx::query("select pg_cancel_backend($1)").bind(process).execute(&mut other).await;
    told.map(drop).map_err(|error| SqlError::from_sqlx(&error))
}

/// What the server knows of a statement.
pub(super) async fn describe(
    raw: &mut PgConnection,
    sql: AssertSqlSafe<String>,
) -> Result<Described, SqlError> {
    let failed = |error| SqlError::from_sqlx(&error);
    // One that it has prepared before is described as the tables were then.
    raw.clear_cached_statements().await.map_err(failed)?;
    let statement = raw.prepare(sqlx::SqlSafeStr::into_sql_str(sql)).await.map_err(failed)?;
    let columns = statement.columns().iter().map(|column| column.name().into()).collect();
    let Some(Either::Left(types)) =
        statement.parameters().filter(|all| all.as_ref().left().is_some_and(|all| !all.is_empty()))
    else {
        return Ok(Described { columns, types: Vec::new() });
    };
    // The server writes the names, with the schema of those that need it; -1 stands for a type without bounds of its own.
    let mut question = String::from("select ");
    for (at, info) in types.iter().enumerate() {
        let comma = if at > 0 { ", " } else { "" };
        let number = info.oid().map_or(0, |oid| oid.0);
        // Writing into a String cannot fail.
        let _ = write!(question, "{comma}format_type({number}, -1)");
    }
    let row = raw.fetch_one(sqlx::raw_sql(AssertSqlSafe(question))).await.map_err(failed)?;
    let types = (0..row.len()).map(|at| row.try_get::<String, _>(at)).collect::<Result<_, _>>();
    Ok(Described { columns, types: types.map_err(failed)? })
}

/// Runs a statement.
pub(super) async fn run(
    raw: &mut PgConnection,
    sql: AssertSqlSafe<Arc<str>>,
    values: &[Bound],
    types: &[String],
    most: &mut Most,
) -> Result<Answer, SqlError> {
    let mut arguments = PgArguments::default();
    for (at, value) in values.iter().enumerate() {
        let of = types.get(at.checked_rem(types.len()).unwrap_or_default()).map_or("text", String::as_str);
        let added = arguments.add(value.as_text(of));
        added.map_err(|error| SqlError::new(Kind::Value, error.to_string()))?;
    }
    let mut answer = Answer::default();
    let mut results = raw.fetch_many(sqlx::query_with(sql, arguments));
    loop {
        match results.try_next().await.map_err(|error| SqlError::from_sqlx(&error))? {
            Some(Either::Left(done)) => answer.affected += done.rows_affected(),
            Some(Either::Right(row)) => {
                if answer.rows.is_empty() {
                    let own = |column: &sqlx::postgres::PgColumn| decode::holds(column.type_info());
                    let all = row.columns().iter().map(|column| (column.name(), own(column)));
                    answer.columns = columns(all)?;
                }
                let cells = cells(&row)?;
                most.count(&cells)?;
                answer.rows.push(cells);
            }
            None => break,
        }
    }
    Ok(answer)
}

fn cells(row: &PgRow) -> Result<Vec<Cell>, SqlError> {
    let one = |at: usize| {
        let value = row.try_get_raw(at).map_err(|error| SqlError::from_sqlx(&error))?;
        if value.is_null() {
            return Ok(None);
        }
        let bytes = value.as_bytes().map_err(|error| SqlError::new(Kind::Rows, error.to_string()))?;
        let told = decode::text(&value.type_info(), bytes);
        told.map(Some).map_err(|why| {
            let name = row.columns().get(at).map(|column| column.name()).unwrap_or_default();
            SqlError::new(Kind::Rows, format!("the column `{name}` {why}"))
        })
    };
    (0..row.len()).map(one).collect()
}

/// What the values of a number of a type are.
fn of_number(oid: u32) -> Holds {
    match oid {
        decode::BOOL => Holds::Boolean,
        20 | 21 | 23 | 26 | 700 | 701 | 1700 => Holds::Number,
        18 | 19 | 25 | 114 | 142 | 705 | 1042 | 1043 | 3802 => Holds::Text,
        _ => Holds::Other,
    }
}
