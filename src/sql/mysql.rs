//! MySQL and MariaDB: values go as text, numbers or bytes, and come back in the binary form of the protocol.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use compact_str::{CompactString, ToCompactString as _, format_compact};
use futures_util::TryStreamExt as _;
use sqlx::mysql::{MySqlArguments, MySqlColumn, MySqlConnectOptions, MySqlRow, MySqlSslMode};
use sqlx::{
    Arguments as _, AssertSqlSafe, Column as _, ConnectOptions as _, Decode, Either, Executor as _, MySql,
    MySqlConnection, Row as _, TypeInfo as _, ValueRef as _,
};

use super::error::{Kind, SqlError};
use super::postgres::{float, fraction};
use super::session::{Answer, Most, columns};
use super::value::{Bound, Cell};
use super::{Address, Ssl, Tls};
use crate::document::flat::Holds;

fn options(address: &Address, tls: Option<&Tls>) -> MySqlConnectOptions {
    let mut options = MySqlConnectOptions::new()
        .host(&address.host)
        .port(address.port)
        .username(&address.user)
        .database(&address.database);
    if let Some(socket) = &address.socket {
        options = options.socket(socket);
    }
    if let Some(password) = &address.password {
        options = options.password(password.reveal());
    }
    if let Some(pem) = tls.and_then(|tls| tls.authorities.as_ref()) {
        options = options.ssl_ca_from_pem(pem.clone());
    }
    if let Some((certificate, key)) = tls.and_then(|tls| tls.own.as_ref()) {
        options = options.ssl_client_cert_from_pem(certificate).ssl_client_key_from_pem(key.reveal());
    }
    let mode = match (tls, address.ssl) {
        (Some(Tls { verify: true, .. }), _) | (None, Some(Ssl::VerifyFull)) => MySqlSslMode::VerifyIdentity,
        (Some(_), _) | (None, Some(Ssl::Require)) => MySqlSslMode::Required,
        (None, Some(Ssl::VerifyCa)) => MySqlSslMode::VerifyCa,
        (None, Some(Ssl::Disable)) => MySqlSslMode::Disabled,
        (None, Some(Ssl::Prefer) | None) => MySqlSslMode::Preferred,
    };
    options.ssl_mode(mode).disable_statement_logging()
}

/// Connects.
pub(super) async fn connect(address: &Address, tls: Option<&Tls>) -> Result<MySqlConnection, SqlError> {
    options(address, tls).connect().await.map_err(|error| SqlError::connecting(&error))
}

/// The number of a connection on the server.
pub(super) async fn process(raw: &mut MySqlConnection) -> Result<u64, SqlError> {
    let asked = sqlx::query_scalar("select cast(connection_id() as unsigned)").fetch_one(raw).await;
    asked.map_err(|error| SqlError::from_sqlx(&error))
}

/// Cancels what a connection does.
pub(super) async fn cancel(address: &Address, tls: Option<&Tls>, process: u64) -> Result<(), SqlError> {
    let mut other = connect(address, tls).await?;
    let told = other.execute(sqlx::raw_sql(AssertSqlSafe(format!("kill query {process}")))).await;
    told.map(drop).map_err(|error| SqlError::from_sqlx(&error))
}

/// Runs a statement. A procedure may give several results, of which the first with columns counts.
pub(super) async fn run(
    raw: &mut MySqlConnection,
    sql: AssertSqlSafe<Arc<str>>,
    values: &[Bound],
    most: &mut Most,
) -> Result<Answer, SqlError> {
    let mut arguments = MySqlArguments::default();
    for value in values {
        let added = match value {
            Bound::Null => arguments.add(None::<String>),
            Bound::Text(text) | Bound::List(_, text) => arguments.add(text),
            Bound::Whole(number) => arguments.add(number),
            Bound::Float(number) => arguments.add(number),
            Bound::Bytes(bytes) => arguments.add(bytes.as_slice()),
        };
        added.map_err(|error| SqlError::new(Kind::Value, error.to_string()))?;
    }
    let mut answer = Answer::default();
    let mut ended = false;
    let mut results = raw.fetch_many(sqlx::query_with(sql, arguments));
    loop {
        match results.try_next().await.map_err(|error| SqlError::from_sqlx(&error))? {
            Some(Either::Left(done)) => {
                ended = !answer.rows.is_empty();
                answer.affected += done.rows_affected();
            }
            Some(Either::Right(_)) if ended => {}
            Some(Either::Right(row)) => {
                if answer.rows.is_empty() {
                    answer.columns =
                        columns(row.columns().iter().map(|column| (column.name(), holds(column))))?;
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

fn holds(column: &MySqlColumn) -> Holds {
    match column.type_info().name() {
        "BOOLEAN" => Holds::Boolean,
        name if name.contains("INT") || matches!(name, "DECIMAL" | "FLOAT" | "DOUBLE" | "YEAR" | "BIT") => {
            Holds::Number
        }
        name if name.contains("CHAR") || name.contains("TEXT") || matches!(name, "ENUM" | "SET" | "JSON") => {
            Holds::Text
        }
        _ => Holds::Other,
    }
}

fn cells(row: &MySqlRow) -> Result<Vec<Cell>, SqlError> {
    let one = |at: usize| {
        let value = row.try_get_raw(at).map_err(|error| SqlError::from_sqlx(&error))?;
        if value.is_null() {
            return Ok(None);
        }
        let name = value.type_info().name().to_owned();
        let bytes = <&[u8] as Decode<MySql>>::decode(value)
            .map_err(|error| SqlError::new(Kind::Rows, error.to_string()))?;
        text(&name, bytes).map(Some).ok_or_else(|| {
            let column = row.columns().get(at).map(MySqlColumn::name).unwrap_or_default();
            let text = format!(
                "the column `{column}` is of the type {name}, which has no text here: cast it to char"
            );
            SqlError::new(Kind::Rows, text)
        })
    };
    (0..row.len()).map(one).collect()
}

/// A value in the binary form of the protocol as text (MySQL, Binary Protocol Resultset; integers have the lowest byte first).
fn text(name: &str, bytes: &[u8]) -> Option<CompactString> {
    Some(match name {
        "BOOLEAN" => match bytes {
            [0] => "false".into(),
            [1] => "true".into(),
            _ => signed(bytes)?.to_compact_string(),
        },
        "BIT" => bytes.iter().fold(0_u64, |all, byte| (all << 8) | u64::from(*byte)).to_compact_string(),
        "YEAR" => unsigned(bytes)?.to_compact_string(),
        "FLOAT" => {
            let number = f32::from_le_bytes(bytes.try_into().ok()?);
            float(f64::from(number), &number)
        }
        "DOUBLE" => {
            let number = f64::from_le_bytes(bytes.try_into().ok()?);
            float(number, &number)
        }
        "DATE" => date(bytes.get(1..)?)?.0,
        "DATETIME" => moment(bytes, "")?,
        "TIMESTAMP" => moment(bytes, "Z")?,
        "TIME" => time(bytes)?,
        "GEOMETRY" => return None,
        name if name.ends_with("UNSIGNED") => unsigned(bytes)?.to_compact_string(),
        name if name.contains("INT") => signed(bytes)?.to_compact_string(),
        name if name.contains("BLOB") || name.contains("BINARY") => STANDARD.encode(bytes).into(),
        _ => std::str::from_utf8(bytes).ok()?.into(),
    })
}

fn unsigned(bytes: &[u8]) -> Option<u64> {
    let mut whole = [0_u8; 8];
    whole.get_mut(..bytes.len())?.copy_from_slice(bytes);
    Some(u64::from_le_bytes(whole))
}

fn signed(bytes: &[u8]) -> Option<i64> {
    let negative = bytes.last()? & 0x80 != 0;
    let mut whole = [if negative { 0xFF } else { 0_u8 }; 8];
    whole.get_mut(..bytes.len())?.copy_from_slice(bytes);
    Some(i64::from_le_bytes(whole))
}

/// A date, and what is behind it.
fn date(bytes: &[u8]) -> Option<(CompactString, &[u8])> {
    let ([low, high, month, day], rest) = bytes.split_first_chunk::<4>()?;
    let year = u16::from_le_bytes([*low, *high]);
    Some((format_compact!("{year:04}-{month:02}-{day:02}"), rest))
}

/// Hours, minutes, seconds and perhaps microseconds; midnight where there is nothing.
fn clock(bytes: &[u8], days: u32) -> Option<CompactString> {
    let Some(([hour, minute, second], rest)) = bytes.split_first_chunk::<3>() else {
        return bytes.is_empty().then(|| format_compact!("{:02}:00:00", days * 24));
    };
    let micros = if rest.is_empty() { 0 } else { u32::from_le_bytes(rest.try_into().ok()?) };
    let hours = days.checked_mul(24)?.checked_add(u32::from(*hour))?;
    Some(format_compact!("{hours:02}:{minute:02}:{second:02}{}", fraction(i64::from(micros))))
}

fn moment(bytes: &[u8], zone: &str) -> Option<CompactString> {
    let (date, rest) = date(bytes.get(1..)?)?;
    Some(format_compact!("{date}T{}{zone}", clock(rest, 0)?))
}

/// A time of day, or a span of up to 838 hours.
fn time(bytes: &[u8]) -> Option<CompactString> {
    let Some(([negative, days @ ..], rest)) = bytes.get(1..)?.split_first_chunk::<5>() else {
        return Some("00:00:00".into());
    };
    let sign = if *negative == 1 { "-" } else { "" };
    Some(format_compact!("{sign}{}", clock(rest, u32::from_le_bytes(*days))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_told_exactly() {
        for (name, bytes, shown) in [
            ("TINYINT", &[0xFF][..], "-1"),
            ("TINYINT UNSIGNED", &[0xFF], "255"),
            ("BIGINT", &[0, 0, 0, 0, 0, 0, 0, 0x80], "-9223372036854775808"),
            ("BOOLEAN", &[1], "true"),
            ("BIT", &[1, 1], "257"),
            ("DECIMAL", b"19.90", "19.90"),
            ("DATE", &[4, 0xEA, 0x07, 11, 20], "2026-11-20"),
            ("TIMESTAMP", &[11, 0xEA, 0x07, 11, 20, 8, 0, 1, 0x20, 0xA1, 7, 0], "2026-11-20T08:00:01.5Z"),
            ("DATETIME", &[4, 0xEA, 0x07, 11, 20], "2026-11-20T00:00:00"),
            ("TIME", &[8, 1, 1, 0, 0, 0, 2, 3, 4], "-26:03:04"),
            ("TIME", &[0], "00:00:00"),
            ("BLOB", &[0, 1], "AAE="),
            ("VARCHAR", "ü".as_bytes(), "ü"),
        ] {
            assert_eq!(text(name, bytes).as_deref(), Some(shown), "{name}");
        }
        assert_eq!(text("DATE", &[1]), None);
        assert_eq!(text("GEOMETRY", &[1]), None);
    }
}
