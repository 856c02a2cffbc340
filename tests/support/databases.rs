//! Real databases for tests, each on a free port with data of its own: PostgreSQL, MariaDB, and a file of SQLite.
#![allow(dead_code, reason = "each test binary uses its own part of this")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::expect_used,
    reason = "a test may stop at the first surprise"
)]
#![allow(clippy::disallowed_methods, reason = "tests run programs and read files")]

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use sqlx::mysql::MySqlConnectOptions;
use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Decode, Executor as _, MySql, Row as _, Sqlite, ValueRef as _,
};

use super::Folder;

/// How long a server may take to start: making its first files is slow on a busy machine.
const START: Duration = Duration::from_secs(60);

/// The password of the user that gateways log in as; in a URL its special characters are percent-encoded.
const PASSWORD: &str = "pa:ss@word";
const ENCODED: &str = "pa%3Ass%40word";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Postgres,
    MariaDb,
    Sqlite,
}

/// A database that is there until this is dropped.
pub struct Database {
    pub kind: Kind,
    folder: Folder,
    port: u16,
    server: Option<Child>,
    /// Further arguments of the server.
    arguments: Vec<String>,
}

impl Database {
    /// A database of its own for an example that has one, with the tables of its schema.sql; the example is given its URL.
    pub fn of_example(folder: &Folder) -> Option<Self> {
        let schema = fs::read_to_string(folder.path().join("schema.sql")).ok()?;
        let database = Self::start(Kind::Postgres);
        database.sql(&schema);
        let text = fs::read_to_string(folder.path().join("gateway.kdl")).unwrap();
        folder.write("erp.url", &database.url());
        folder.write("gateway.kdl", &text.replace("(env)ERP_URL", "(file)\"erp.url\""));
        Some(database)
    }

    pub fn start(kind: Kind) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut database = Self { kind, folder: Folder::new(), port, server: None, arguments: Vec::new() };
        database.prepare();
        database.serve();
        match kind {
            Kind::Postgres => {
                database.admin(&format!("create user gateway password '{PASSWORD}'"));
                database.admin("create database erp owner gateway");
            }
            Kind::MariaDb => {
                database.admin(&format!("create user gateway@'127.0.0.1' identified by '{PASSWORD}'"));
                database.admin("create database erp character set utf8mb4");
                database.admin("grant all on erp.* to gateway@'127.0.0.1'");
            }
            Kind::Sqlite => {}
        }
        database
    }

    /// The URL that a gateway connects to.
    pub fn url(&self) -> String {
        self.url_with(ENCODED)
    }

    /// The same with another password.
    pub fn url_with(&self, password: &str) -> String {
        match self.kind {
            Kind::Postgres => format!("postgres://gateway:{password}@127.0.0.1:{}/erp", self.port),
            Kind::MariaDb => format!("mysql://gateway:{password}@127.0.0.1:{}/erp", self.port),
            Kind::Sqlite => format!("sqlite:{}", self.file().display()),
        }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("erp.db")
    }

    /// Makes the first files of a server.
    fn prepare(&self) {
        let data = self.data();
        let folder = self.folder.path();
        let mut command = match self.kind {
            Kind::Sqlite => return,
            Kind::Postgres => {
                let words = folder.join("password");
                fs::write(&words, "secret").unwrap();
                let mut command = alone(&postgres("initdb"), folder);
                command.args([
                    "--no-sync",
                    "--username=admin",
                    "--auth=scram-sha-256",
                    "--encoding=UTF8",
                    "--locale=C",
                ]);
                command.arg("-D").arg(&data).arg("--pwfile").arg(&words);
                command
            }
            Kind::MariaDb => {
                let mut command = alone(&program("mariadb-install-db", &["/usr/bin", "/usr/sbin"]), folder);
                command.args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"]);
                command.arg(format!("--datadir={}", data.display()));
                command
            }
        };
        let output = command.output().unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&[output.stdout, output.stderr].concat())
        );
    }

    /// Starts the server on its data, again if it was stopped, and waits until it answers.
    pub fn serve(&mut self) {
        let (folder, data, port) = (self.folder.path().to_owned(), self.data(), self.port);
        let log = fs::File::options().create(true).append(true).open(folder.join("log")).unwrap();
        let mut command = match self.kind {
            Kind::Sqlite => return,
            Kind::Postgres => {
                let mut command = alone(&postgres("postgres"), &folder);
                command.arg("-D").arg(&data).args(["-p", &port.to_string(), "-k", "", "-F"]);
                command.args(["-c", "listen_addresses=127.0.0.1", "-c", "deadlock_timeout=100ms"]);
                command
            }
            Kind::MariaDb => {
                let mut command = alone(&program("mariadbd", &["/usr/sbin", "/usr/bin"]), &folder);
                command.args([
                    "--no-defaults",
                    "--bind-address=127.0.0.1",
                    "--innodb-flush-log-at-trx-commit=2",
                ]);
                command.arg(format!("--port={port}")).arg(format!("--datadir={}", data.display()));
                command.arg(format!("--socket={}", folder.join("socket").display()));
                command.arg(format!("--pid-file={}", folder.join("pid").display()));
                command
            }
        };
        command.args(&self.arguments);
        command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        self.server = Some(command.spawn().unwrap());
        let until = Instant::now() + START;
        while let Err(why) = self.try_admin("select 1") {
            let log = || fs::read_to_string(folder.join("log")).unwrap_or_default();
            assert!(Instant::now() < until, "the database does not start: {why}\n{}", log());
            let ended = self.server.as_mut().unwrap().try_wait().unwrap();
            assert!(ended.is_none(), "the database has ended: {}", log());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Stops the server at once; its data stay.
    pub fn stop(&mut self) {
        let Some(mut server) = self.server.take() else { return };
        // PostgreSQL ends all its processes on it; MariaDB is one.
        let signal = if self.kind == Kind::Postgres { "-QUIT" } else { "-KILL" };
        let _ = Command::new("kill").args([signal, &server.id().to_string()]).status();
        let _ = server.wait();
    }

    /// Lets a PostgreSQL server speak TLS, with a certificate and its key in PEM.
    pub fn certify(&mut self, certificate: &str, key: &str) {
        self.stop();
        for (option, text) in [("ssl_cert_file", certificate), ("ssl_key_file", key)] {
            let path = self.folder.path().join(option);
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
            self.arguments.extend(["-c".to_owned(), format!("{option}={}", path.display())]);
        }
        self.arguments.extend(["-c".to_owned(), "ssl=on".to_owned()]);
        self.serve();
    }

    /// Runs statements as the gateway's user: the rows of the last.
    pub fn sql(&self, text: &str) -> Vec<Vec<Option<String>>> {
        self.ask(text, "gateway", PASSWORD, "erp").unwrap_or_else(|why| panic!("{why}: {text}"))
    }

    /// The one value of a statement.
    pub fn value(&self, text: &str) -> String {
        self.sql(text).remove(0).remove(0).unwrap_or_else(|| "NULL".to_owned())
    }

    /// Runs statements as the one who may do everything.
    pub fn admin(&self, text: &str) -> Vec<Vec<Option<String>>> {
        self.try_admin(text).unwrap_or_else(|why| panic!("{why}: {text}"))
    }

    fn try_admin(&self, text: &str) -> Result<Vec<Vec<Option<String>>>, sqlx::Error> {
        match self.kind {
            Kind::Postgres => self.ask(text, "admin", "secret", "postgres"),
            Kind::MariaDb => self.ask(text, "root", "", "mysql"),
            Kind::Sqlite => self.ask(text, "", "", ""),
        }
    }

    fn ask(
        &self,
        text: &str,
        user: &str,
        password: &str,
        name: &str,
    ) -> Result<Vec<Vec<Option<String>>>, sqlx::Error> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let all = sqlx::raw_sql(AssertSqlSafe(text.to_owned()));
        runtime.block_on(async {
            match self.kind {
                Kind::Postgres => {
                    let options = PgConnectOptions::new_without_pgpass().host("127.0.0.1").port(self.port);
                    let mut raw = options.username(user).password(password).database(name).connect().await?;
                    let rows = raw.fetch_all(all).await?;
                    Ok(rows
                        .iter()
                        .map(|row| {
                            (0..row.len())
                                .map(|at| {
                                    let value = row.try_get_raw(at).unwrap();
                                    (!value.is_null()).then(|| value.as_str().unwrap().to_owned())
                                })
                                .collect()
                        })
                        .collect())
                }
                Kind::MariaDb => {
                    let options = MySqlConnectOptions::new().host("127.0.0.1").port(self.port);
                    let options = if password.is_empty() { options } else { options.password(password) };
                    let mut raw = options.username(user).database(name).connect().await?;
                    let rows = raw.fetch_all(all).await?;
                    Ok(rows
                        .iter()
                        .map(|row| {
                            (0..row.len())
                                .map(|at| {
                                    let value = row.try_get_raw(at).unwrap();
                                    (!value.is_null())
                                        .then(|| <&str as Decode<MySql>>::decode(value).unwrap().to_owned())
                                })
                                .collect()
                        })
                        .collect())
                }
                Kind::Sqlite => {
                    let options = SqliteConnectOptions::new().filename(self.file()).create_if_missing(true);
                    let mut raw = options.connect().await?;
                    let rows = raw.fetch_all(all).await?;
                    Ok(rows
                        .iter()
                        .map(|row| {
                            (0..row.len())
                                .map(|at| {
                                    let value = row.try_get_raw(at).unwrap();
                                    (!value.is_null())
                                        .then(|| <&str as Decode<Sqlite>>::decode(value).unwrap().to_owned())
                                })
                                .collect()
                        })
                        .collect())
                }
            }
        })
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A program of PostgreSQL; Debian puts each version into a folder of its own.
fn postgres(name: &str) -> PathBuf {
    let mut folders: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .map(|all| all.map(|entry| entry.unwrap().path().join("bin")).collect())
        .unwrap_or_default();
    folders.sort();
    let folders: Vec<&str> = folders.iter().rev().map(|folder| folder.to_str().unwrap()).collect();
    program(name, &folders)
}

/// A program in one of these folders, or where programs are.
fn program(name: &str, folders: &[&str]) -> PathBuf {
    let path = std::env::var("PATH").unwrap_or_default();
    let all = folders.iter().copied().chain(path.split(':'));
    all.map(|folder| Path::new(folder).join(name))
        .find(|path| path.exists())
        .unwrap_or_else(|| panic!("{name} is missing: run script/setup"))
}

/// A program as a user without rights, where the tests run as root: these servers refuse to be root. It ends with them.
fn alone(program: &Path, folder: &Path) -> Command {
    let is_root = Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
    if !is_root {
        return Command::new(program);
    }
    let owned = Command::new("chown").args(["-R", "65534:65534"]).arg(folder).status().unwrap();
    assert!(owned.success());
    let mut command = Command::new("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups", "--"]).arg(program);
    command.current_dir(folder).env("HOME", folder);
    command
}
