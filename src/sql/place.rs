//! Where a database is: the URLs of servers and of files, taken apart.

use std::path::{Path, PathBuf};

use super::Dialect;
use crate::syntax::Secret;
use crate::world::is_this_machine;

/// Where a database is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A PostgreSQL server.
    Postgres(Address),
    /// A MySQL or MariaDB server.
    MySql(Address),
    /// A file of SQLite.
    Sqlite(File),
}

/// A database on a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// The host.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The socket in the file system, which stands in place of host and port; for PostgreSQL its folder.
    pub socket: Option<PathBuf>,
    /// Who logs in.
    pub user: String,
    /// With which password.
    pub password: Option<Secret>,
    /// The database on the server.
    pub database: String,
    /// Whether it is spoken to over TLS, where the URL says so.
    pub ssl: Option<Ssl>,
}

/// Whether a server is spoken to over TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ssl {
    /// Never.
    Disable,
    /// Where the server can.
    Prefer,
    /// Always, whoever it is.
    Require,
    /// Always, and its certificate is checked.
    VerifyCa,
    /// Always, and its certificate is checked with the name in it.
    VerifyFull,
}

/// A file of SQLite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Where it is.
    pub path: PathBuf,
    /// Whether it is only read.
    pub read_only: bool,
    /// Whether it is made where there is none.
    pub create: bool,
}

/// Why a URL is none of a database, and what to write. Quotes nothing of the URL.
pub type BadPlace = &'static str;

impl Place {
    /// Takes a URL apart; a file of SQLite is relative to `folder`.
    ///
    /// # Errors
    /// What to write.
    pub fn parse(url: &str, folder: &Path) -> Result<Self, BadPlace> {
        const KINDS: BadPlace = "write postgres://user@host/database, mysql://user@host/database, or sqlite:path/to/file.db; with a password in it, take it from outside: url=(env)NAME";
        let (scheme, rest) = url.split_once(':').ok_or(KINDS)?;
        match scheme {
            "postgres" | "postgresql" => Address::parse(rest, 5432, "host").map(Self::Postgres),
            "mysql" | "mariadb" => Address::parse(rest, 3306, "socket").map(Self::MySql),
            "sqlite" => File::parse(rest, folder).map(Self::Sqlite),
            _ => Err(KINDS),
        }
    }

    /// The kind of database.
    pub fn dialect(&self) -> Dialect {
        match self {
            Self::Postgres(_) => Dialect::Postgres,
            Self::MySql(_) => Dialect::MySql,
            Self::Sqlite(_) => Dialect::Sqlite,
        }
    }

    /// The server, where there is one.
    pub fn address(&self) -> Option<&Address> {
        match self {
            Self::Postgres(address) | Self::MySql(address) => Some(address),
            Self::Sqlite(_) => None,
        }
    }
}

impl Address {
    fn parse(rest: &str, port: u16, socket: &str) -> Result<Self, BadPlace> {
        const SHAPE: BadPlace = "write SCHEME://USER:PASSWORD@HOST:PORT/DATABASE; special characters in user and password are percent-encoded";
        let rest = rest.strip_prefix("//").ok_or(SHAPE)?;
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, database) =
            rest.split_once('/').ok_or("name the database behind the host: /DATABASE")?;
        let (who, at) = authority.rsplit_once('@').ok_or("say who logs in, before the host: USER@HOST")?;
        let (user, password) = who.split_once(':').map_or((who, None), |(user, word)| (user, Some(word)));
        let (host, given) = host_and_port(at).ok_or(SHAPE)?;
        let mut address = Self {
            host: decoded(host).ok_or(SHAPE)?,
            port: given.unwrap_or(port),
            socket: None,
            user: decoded(user)
                .filter(|user| !user.is_empty())
                .ok_or("say who logs in, before the host: USER@HOST")?,
            password: password.map(|word| decoded(word).ok_or(SHAPE)).transpose()?.map(Secret::new),
            database: decoded(database)
                .filter(|name| !name.is_empty())
                .ok_or("name the database behind the host: /DATABASE")?,
            ssl: None,
        };
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = decoded(value).ok_or(SHAPE)?;
            match name {
                "sslmode" | "ssl-mode" => address.ssl = Some(Ssl::parse(&value)?),
                name if name == socket => address.socket = Some(PathBuf::from(value)),
                _ => {
                    return Err(
                        "a URL has the parameter sslmode=, and host= (PostgreSQL) or socket= (MySQL) for a socket in the file system; all else is said in the block",
                    );
                }
            }
        }
        if address.host.is_empty() && address.socket.is_none() {
            return Err(SHAPE);
        }
        Ok(address)
    }

    /// Whether nobody on a network can read what is said to it: a socket, or this machine.
    pub fn is_local(&self) -> bool {
        self.socket.is_some() || is_this_machine(&self.host)
    }
}

impl Ssl {
    fn parse(word: &str) -> Result<Self, BadPlace> {
        Ok(match word.to_ascii_lowercase().replace('_', "-").as_str() {
            "disable" | "disabled" => Self::Disable,
            "prefer" | "preferred" | "allow" => Self::Prefer,
            "require" | "required" => Self::Require,
            "verify-ca" => Self::VerifyCa,
            "verify-full" | "verify-identity" => Self::VerifyFull,
            _ => return Err("sslmode= is disable, prefer, require, verify-ca or verify-full"),
        })
    }
}

impl File {
    fn parse(rest: &str, folder: &Path) -> Result<Self, BadPlace> {
        let rest = rest.strip_prefix("//").unwrap_or(rest);
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        if path.is_empty() || path == ":memory:" {
            return Err(
                "name a file: sqlite:path/to/file.db; a database in memory would be another one for each connection",
            );
        }
        let path = decoded(path).ok_or("a `%` in the path is followed by two hexadecimal digits")?;
        let (read_only, create) = match query {
            "" | "mode=rw" => (false, false),
            "mode=ro" => (true, false),
            "mode=rwc" => (false, true),
            _ => {
                return Err(
                    "the one parameter of a file is mode=: ro, rw, or rwc, which makes the file where there is none",
                );
            }
        };
        Ok(Self { path: folder.join(path), read_only, create })
    }
}

/// Host and port, if there is one; an IPv6 address stands in brackets.
fn host_and_port(text: &str) -> Option<(&str, Option<u16>)> {
    let (host, rest) = match text.strip_prefix('[') {
        Some(inner) => inner.split_once(']')?,
        None => text.find(':').map_or((text, ""), |at| text.split_at(at)),
    };
    match rest.strip_prefix(':') {
        Some(port) => Some((host, Some(port.parse().ok().filter(|port| *port > 0)?))),
        None => rest.is_empty().then_some((host, None)),
    }
}

/// Without percent-encoding (RFC 3986, section 2.1).
fn decoded(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let mut digit = || char::from(bytes.next()?).to_digit(16);
        out.push(u8::try_from(digit()? * 16 + digit()?).ok()?);
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Result<Place, BadPlace> {
        Place::parse(url, Path::new("/etc/soapstone"))
    }

    fn address(url: &str) -> Address {
        parse(url).unwrap().address().unwrap().clone()
    }

    #[test]
    fn a_server_is_taken_apart() {
        let found = address("postgres://ada:p%40ss:word@db.example.com:5433/erp?sslmode=verify-full");
        assert_eq!((found.host.as_str(), found.port, found.user.as_str()), ("db.example.com", 5433, "ada"));
        assert_eq!(found.password.as_ref().map(Secret::reveal), Some("p@ss:word"));
        assert_eq!((found.database.as_str(), found.ssl), ("erp", Some(Ssl::VerifyFull)));
        assert!(!found.is_local() && !format!("{found:?}").contains("p@ss"));
        let found = address("mysql://root@[::1]/erp");
        assert_eq!((found.host.as_str(), found.port), ("::1", 3306));
        assert!(found.is_local() && found.password.is_none());
        let found = address("postgres://ada@/erp?host=/run/postgresql");
        assert_eq!(found.socket, Some(PathBuf::from("/run/postgresql")));
    }

    #[test]
    fn a_file_is_relative_to_the_folder() {
        let file = |url: &str| match parse(url).unwrap() {
            Place::Sqlite(file) => file,
            other => panic!("{other:?}"),
        };
        assert_eq!(file("sqlite:var/erp.db").path, PathBuf::from("/etc/soapstone/var/erp.db"));
        let found = file("sqlite:///srv/erp.db?mode=rwc");
        assert_eq!((found.path, found.create), (PathBuf::from("/srv/erp.db"), true));
    }

    #[test]
    fn what_is_none_is_told_without_quoting_it() {
        for url in [
            "oracle://a@b/c",
            "postgres:a",
            "postgres://host/db",
            "postgres://ada@host",
            "postgres://ada@host:x/db",
            "postgres://ada@host/db?application_name=hunter2",
            "postgres://ada:%zz@host/db",
            "sqlite::memory:",
            "sqlite:a?x=1",
            "hunter2",
        ] {
            assert!(!parse(url).unwrap_err().contains("hunter2"), "{url}");
        }
    }
}
