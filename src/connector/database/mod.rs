//! The `database` connector: a database that steps read and write by SQL.

mod parts;

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use self::parts::Parts;
use crate::kind::connector::{ConnectorKind, DeclaredConnector};
use crate::kind::{Compiling, Manual};
use crate::pipeline::systems::System;
use crate::source::{Finding, Spanned};
use crate::sql::{Address, Database, Place, Spec, Ssl};
use crate::syntax::{Literal, Node};

/// The kind.
pub const KIND: ConnectorKind = ConnectorKind {
    manual: Manual {
        name: "database",
        summary: "a database that steps read and write by SQL",
        usage: "database NAME url=URL { [pool [size=N] [idle=TIME]]; [timeout TIME [connect=TIME]];\n    [tls [verify=#false] [ca=PATH] [cert=PATH key=(file)PATH]] }",
        text: "PostgreSQL (postgres://), MySQL or MariaDB (mysql://), or a file of SQLite (sqlite:). A URL is \
               SCHEME://USER:PASSWORD@HOST:PORT/DATABASE; one with a password stands outside the file: url=(env)NAME. \
               A socket in the file system is named by ?host=FOLDER (PostgreSQL) or ?socket=PATH (MySQL). \
               The path of SQLite is relative to the file that says it, and the database must be there, unless the URL ends \
               in ?mode=rwc; ?mode=ro only reads. `pool size=` (10) connections are open at most, over all workers, and one \
               that nobody uses for idle= (\"60s\") is closed; statements wait for a free one. A reload that says the same \
               of a database goes on with its connections. `timeout` (\"30s\") is the time of a statement, of all that one step \
               writes together, and of the waiting for a connection, connect= (\"5s\") that of connecting. A statement whose time is up, or that nobody \
               waits for any more, is cancelled on the server: by another connection, for which the server needs to have \
               room. `tls` asks for a connection over TLS and checks the certificate, with the name in it, by the \
               authorities of browsers and those of ca=; verify=#false encrypts and checks nothing; cert= and key= are shown to \
               the server. Without `tls` the URL's sslmode= holds (disable, prefer, require, verify-ca, verify-full), \
               and prefer without that. Of the environment of the process PGOPTIONS holds for PostgreSQL, and PGSSLCERT \
               with PGSSLKEY where cert= says nothing; nothing else of it does. Nothing is connected before the first statement. `soapstone check --connect` connects, and lets the database look at every statement.",
        example: "database erp url=\"postgres://soapstone@127.0.0.1/erp\" {\n    pool size=20\n    timeout \"5s\" connect=\"1s\"\n}",
    },
    read,
};

#[derive(Debug)]
struct Declared {
    url: Spanned<Literal>,
    /// Which paths are relative to.
    folder: PathBuf,
    parts: Parts,
}

fn read(mut node: Node<'_>) -> Option<Box<dyn DeclaredConnector>> {
    let url = node.required::<Literal>("url");
    let parts = Parts::read(&mut node);
    let reading = node.reading;
    node.finish();
    let url = url?;
    // The folder of the file that says it.
    let folder = reading.resolve(&Spanned::new(String::new(), url.span));
    Some(Box::new(Declared { url, folder, parts: parts? }))
}

impl Declared {
    /// A password in the file, and one that anybody on the way can read.
    fn check_secrets(&self, address: &Address, compiling: &Compiling<'_>) -> Option<()> {
        if address.password.is_some() && !self.url.value.is_outside {
            let message = "a secret does not belong into the file";
            let finding = Finding::error("secret-in-file", self.url.span, message);
            compiling
                .report(finding.help("write url=(env)NAME or url=(file)\"path\" for a URL with a password"));
            return None;
        }
        let sealed =
            self.parts.tls.is_some() || !matches!(address.ssl, None | Some(Ssl::Disable | Ssl::Prefer));
        if address.password.is_some() && !sealed && !address.is_local() {
            let message = "what is said to this database may go over the network as plain text";
            let finding = Finding::warning("open-credentials", self.url.span, message);
            compiling.report(finding.help("add `tls` to its block"));
        }
        Some(())
    }
}

impl DeclaredConnector for Declared {
    fn compile(&self, name: &Spanned<String>, compiling: &Compiling<'_>) -> Option<System> {
        let place = match Place::parse(&self.url.value.text, &self.folder) {
            Ok(place) => place,
            Err(help) => {
                let message = "this is not the URL of a database";
                compiling.report(Finding::error("bad-url", self.url.span, message).help(help));
                return None;
            }
        };
        let tls = match &self.parts.tls {
            Some(tls) if place.address().is_none() => {
                let message = "a file is not spoken to over TLS";
                compiling.report(Finding::warning("unused", tls.span, message).help("remove `tls`"));
                None
            }
            Some(tls) => Some(tls.compile(compiling)?),
            None => None,
        };
        if let Some(address) = place.address() {
            self.check_secrets(address, compiling)?;
        }
        let Parts { size, idle, timeout, connect, .. } = self.parts;
        let spec = Spec { place, size, idle, timeout, connect, tls };
        let name = Arc::from(name.value.as_str());
        Some(System::Database(Arc::new(Database { name, spec, pool: OnceLock::new() })))
    }
}
