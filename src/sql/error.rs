//! Why a statement failed: kinds that a process can tell apart, and a text for the log.

use std::fmt;

use sqlx::Error;
use sqlx::error::{DatabaseError, ErrorKind};
use sqlx::mysql::MySqlDatabaseError;
use sqlx::postgres::{PgDatabaseError, PgErrorPosition};

/// The kind of what went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// There is no connection.
    Unreachable,
    /// The connection broke: whether what was sent has been done, nobody knows.
    Lost,
    /// The database does not let this gateway in, or has no such database.
    Refused,
    /// The time was up; the statement was cancelled.
    Timeout,
    /// What a constraint between rows forbids: a second one of a unique key, one that is referred to.
    Conflict,
    /// Several transactions stood in each other's way: the same may succeed now.
    Serialization,
    /// The database does not take the statement.
    Statement,
    /// The connection keeps the statement as it was prepared before the tables changed. Nothing was done, and another
    /// connection does it.
    Stale,
    /// A value does not fit where it goes.
    Value,
    /// Rows came back that are not as is expected: of another form, or with a value that cannot be told as text.
    Rows,
    /// More came back than may be held.
    TooMuch,
    /// The transaction was over, because a statement in it had failed.
    RolledBack,
}

/// A statement that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqlError {
    /// Which kind of failure it is.
    pub kind: Kind,
    /// What the database said, for the log. It may hold values, and never the credentials.
    pub text: String,
    /// The place in the statement that the database points at.
    pub position: Option<Position>,
}

/// A place in a statement as it was sent, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Position {
    /// A character of it: PostgreSQL.
    Character(usize),
    /// A line of it: MySQL and MariaDB, of what is no SQL.
    Line(usize),
}

impl SqlError {
    /// An error of a kind.
    pub fn new(kind: Kind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into(), position: None }
    }

    /// The time was up.
    pub(super) fn late(what: &str) -> Self {
        Self::new(Kind::Timeout, format!("{what} took longer than it may"))
    }

    /// The process ends, and its databases with it.
    pub(super) fn ended() -> Self {
        Self::new(Kind::Unreachable, "the connections to databases were closed")
    }

    /// Whether the connection can be used no more.
    pub(super) fn breaks(&self) -> bool {
        matches!(
            self.kind,
            Kind::Unreachable | Kind::Lost | Kind::Refused | Kind::Timeout | Kind::TooMuch | Kind::Stale
        )
    }

    /// What went wrong when a connection was opened: what the server says may name the user, and is left out.
    pub(super) fn connecting(error: &Error) -> Self {
        let found = Self::from_sqlx(error);
        let kind = match found.kind {
            Kind::Unreachable | Kind::Lost | Kind::Timeout => Kind::Unreachable,
            _ => Kind::Refused,
        };
        let text = match error {
            Error::Database(database) => {
                format!("the server refuses the connection ({})", database.code().unwrap_or_default())
            }
            // What TLS refuses comes as data that are not valid.
            Error::Io(error) if error.kind() != std::io::ErrorKind::InvalidData => {
                format!("no connection: {}", error.kind())
            }
            Error::Io(_) | Error::Tls(_) => {
                "no connection over TLS: its certificate, or ours, is not accepted".to_owned()
            }
            _ => "no connection: the server does not answer as such a database does".to_owned(),
        };
        Self::new(kind, text)
    }

    /// What sqlx says went wrong with a statement.
    pub(super) fn from_sqlx(error: &Error) -> Self {
        match error {
            Error::Database(database) => Self::from_database(database.as_ref()),
            Error::Io(io) => Self::new(Kind::Lost, format!("the connection broke: {}", io.kind())),
            Error::Tls(_) | Error::Protocol(_) | Error::WorkerCrashed => {
                Self::new(Kind::Lost, "the connection broke")
            }
            Error::Encode(why) => Self::new(Kind::Value, why.to_string()),
            Error::ColumnDecode { source, .. } => Self::new(Kind::Rows, source.to_string()),
            other => Self::new(Kind::Statement, other.to_string()),
        }
    }

    fn from_database(error: &dyn DatabaseError) -> Self {
        let code = error.code().unwrap_or_default();
        if let Some(own) = error.try_downcast_ref::<PgDatabaseError>() {
            let position = match own.position() {
                Some(PgErrorPosition::Original(at)) => at.checked_sub(1).map(Position::Character),
                _ => None,
            };
            let detail = own.detail().map(|detail| format!(" ({detail})")).unwrap_or_default();
            let text = format!("{} {}{detail}", code, own.message());
            return Self { kind: postgres(&code, own.routine()), text, position };
        }
        let own = error.try_downcast_ref::<MySqlDatabaseError>();
        let position = own.filter(|own| own.number() == NO_SQL).and_then(|own| line(own.message()));
        let kind = match own {
            Some(own) => mysql(own.number()),
            None => sqlite(code.parse().unwrap_or_default()),
        };
        let kind = match error.kind() {
            ErrorKind::UniqueViolation | ErrorKind::ForeignKeyViolation => Kind::Conflict,
            ErrorKind::NotNullViolation | ErrorKind::CheckViolation => Kind::Value,
            _ => kind,
        };
        let text = match own {
            Some(_) => format!("{code} {}", error.message()),
            // SQLite's code tells nobody more than its text.
            None => error.message().to_owned(),
        };
        Self { position, ..Self::new(kind, text) }
    }
}

/// The number of MySQL's error of a statement that is no SQL.
const NO_SQL: u16 = 1064;

/// The line at the end of such a message, in whatever language: "... near 'form t' at line 3".
fn line(message: &str) -> Option<Position> {
    let number = message.rsplit(|c: char| !c.is_ascii_digit()).next()?;
    number.parse::<usize>().ok()?.checked_sub(1).map(Position::Line)
}

impl fmt::Display for SqlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The kind of a SQLSTATE (PostgreSQL, appendix A), and of the routine of the server that says so: other than the text, it
/// is in no language.
fn postgres(code: &str, routine: Option<&str>) -> Kind {
    match code {
        "0A000" if routine == Some("RevalidateCachedQuery") => Kind::Stale,
        "26000" => Kind::Stale,
        "23505" | "23503" | "23P01" | "23001" => Kind::Conflict,
        "40001" | "40P01" | "55P03" => Kind::Serialization,
        "57014" | "25P03" => Kind::Timeout,
        "25P02" => Kind::RolledBack,
        "53300" | "57P01" | "57P02" | "57P03" => Kind::Unreachable,
        _ => match code.get(..2) {
            Some("22" | "23") => Kind::Value,
            Some("08") => Kind::Unreachable,
            Some("28" | "3D") => Kind::Refused,
            _ => Kind::Statement,
        },
    }
}

/// The kind of an error number of MySQL or MariaDB.
fn mysql(number: u16) -> Kind {
    match number {
        1022 | 1062 | 1169 | 1216 | 1217 | 1451 | 1452 | 1557 | 1761 | 1762 => Kind::Conflict,
        1205 | 1213 => Kind::Serialization,
        1317 | 1969 | 3024 => Kind::Timeout,
        1243 | 1615 => Kind::Stale,
        1048 | 1264 | 1265 | 1292 | 1364 | 1366 | 1367 | 1406 | 1411 | 1690 | 3819 | 4025 => Kind::Value,
        1040 | 1053 | 1077 | 1079 | 1152 | 1203 | 1927 => Kind::Unreachable,
        1044 | 1045 | 1049 | 1130 | 1698 => Kind::Refused,
        _ => Kind::Statement,
    }
}

/// The kind of a result code of SQLite; the lowest byte is the primary one.
fn sqlite(code: u32) -> Kind {
    match (code, code & 0xFF) {
        (2067 | 1555 | 787 | 2579, _) => Kind::Conflict,
        (_, 19 | 20 | 18 | 25) => Kind::Value,
        (_, 5 | 6) => Kind::Serialization,
        (_, 9) => Kind::Timeout,
        (_, 10 | 14 | 11 | 26) => Kind::Unreachable,
        _ => Kind::Statement,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_off_the_end_of_a_message() {
        assert_eq!(line("check the manual near 'form t 7' at line 12"), Some(Position::Line(11)));
        assert_eq!(line("check the manual near 'form t 7'"), None);
        assert_eq!(line("at line 0"), None);
    }

    #[test]
    fn codes_have_kinds() {
        let all =
            ["23505", "40P01", "57014", "22P02", "42P01", "28P01", "08006"].map(|code| postgres(code, None));
        let kinds = [
            Kind::Conflict,
            Kind::Serialization,
            Kind::Timeout,
            Kind::Value,
            Kind::Statement,
            Kind::Refused,
            Kind::Unreachable,
        ];
        assert_eq!(all, kinds);
        let stale =
            [("0A000", Some("RevalidateCachedQuery")), ("0A000", Some("transformStmt")), ("26000", None)];
        let kinds_of_stale = [Kind::Stale, Kind::Statement, Kind::Stale];
        assert_eq!(stale.map(|(code, routine)| postgres(code, routine)), kinds_of_stale);
        assert_eq!([1062, 1213, 1317, 1366, 1146, 1045, 1040].map(mysql), kinds);
        assert_eq!(
            [2067, 517, 9, 1299, 1, 14].map(sqlite),
            [
                Kind::Conflict,
                Kind::Serialization,
                Kind::Timeout,
                Kind::Value,
                Kind::Statement,
                Kind::Unreachable,
            ]
        );
    }
}
