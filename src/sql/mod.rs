//! Databases that steps call: where they are, statements with named parameters, connections, transactions, and what comes back.

mod control;
mod counts;
mod databases;
mod error;
mod lease;
mod mysql;
mod place;
mod pool;
mod postgres;
mod scan;
mod session;
mod sqlite;
mod statement;
mod stop;
mod table;
mod transaction;
mod value;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

pub use self::counts::Counts;
pub use self::databases::Databases;
pub use self::error::{Kind, Position, SqlError};
pub use self::place::{Address, BadPlace, File, Place, Ssl};
pub use self::pool::Pool;
pub use self::scan::{Mistake, Part, is_name, scan};
pub use self::session::{Answer, Described};
pub use self::statement::{One, Statement, Task};
pub use self::table::{Action, Row, Table};
pub use self::transaction::Transaction;
pub use self::value::{Bound, Cell};

/// A kind of database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// PostgreSQL.
    Postgres,
    /// MySQL and MariaDB.
    MySql,
    /// SQLite.
    Sqlite,
}

impl Dialect {
    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Postgres => "PostgreSQL",
            Self::MySql => "MySQL and MariaDB",
            Self::Sqlite => "SQLite",
        }
    }

    /// Parameters that one statement may have.
    pub fn parameters(self) -> usize {
        match self {
            Self::Postgres | Self::MySql => 65_535,
            Self::Sqlite => 32_766,
        }
    }
}

/// A database as a file declares it.
#[derive(Debug)]
pub struct Database {
    /// Its name.
    pub name: Arc<str>,
    /// Everything that makes connections to it what they are.
    pub spec: Spec,
    /// Its connections, looked up by the first statement: compiling knows of no process.
    pub pool: OnceLock<Arc<Pool>>,
}

/// How a database is reached. Declarations that say the same share their connections over a reload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spec {
    /// Where it is.
    pub place: Place,
    /// Connections at once, over all workers.
    pub size: usize,
    /// How long a connection that nobody uses is kept.
    pub idle: Duration,
    /// How long a statement may take.
    pub timeout: Duration,
    /// How long connecting may take.
    pub connect: Duration,
    /// Whom it trusts and who it is, where the file says so.
    pub tls: Option<Tls>,
}

impl Spec {
    /// The kind of database.
    pub fn dialect(&self) -> Dialect {
        self.place.dialect()
    }
}

/// What a file says of TLS to a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// Whether the server's certificate is checked, with the name in it.
    pub verify: bool,
    /// Authorities in PEM that are trusted beside those of browsers.
    pub authorities: Option<Vec<u8>>,
    /// The certificate that this side shows, in PEM, with its key.
    pub own: Option<(Vec<u8>, crate::syntax::Secret)>,
}
