//! Where in the file a statement is told to be wrong, at run time and by `check --connect`, and what is told of its rows.
#![allow(clippy::disallowed_methods, reason = "tests read files and run programs")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may stop at the first surprise"
)]

#[path = "support/databases.rs"]
mod databases;
mod support;

use databases::{Database, Kind};
use support::*;

fn send(gateway: &Gateway, path: &str) -> (u16, String) {
    let headers = [("Content-Type", "application/json")];
    let answer = call(gateway.address("internal"), "POST", &format!("/v1/{path}"), &headers, b"{}");
    (answer.status, answer.body)
}

/// All cases over one database.
fn cases(kind: Kind) {
    let database = Database::start(kind);
    database.sql("create table orders (id integer, note varchar(20))");
    database.sql("create table customers (name varchar(20))");
    database.sql("insert into customers values ('acme'), ('globex')");
    mistakes_have_places(kind, &database);
    places_are_those_of_the_file(kind, &database);
    rows_must_fit(kind, &database);
}

#[test]
fn every_case_holds_over_postgresql() {
    cases(Kind::Postgres);
}

#[test]
fn every_case_holds_over_mariadb() {
    cases(Kind::MariaDb);
}

#[test]
fn every_case_holds_over_sqlite() {
    cases(Kind::Sqlite);
}

/// Statements over several lines: an unknown column, and what is no SQL.
const MISTAKEN: &str = r##"listener internal bind="127.0.0.1:0"
database erp url=(env)DB_URL
operation unknown {
    action execute; object A; input data; output data
    process {
        try {
            database erp query=#"""
                select 'ü' as text,
                       note
                  from orders
                 where id = :id and missing_column = 1
                """# { bind id value=1 type=integer }
            catch { message "{error.place}" }
        }
        return
    }
}
operation syntax {
    action execute; object B; input data; output data
    process {
        try {
            database erp exec=#"""
                update orders
                   set note = :note
                  where where id = 1
                """# { bind note value=x }
            catch { message "{error.place}" }
        }
        return
    }
}
api mistakes listener=internal base="/v1" { rest { post "/unknown" unknown; post "/syntax" syntax } }
"##;

fn mistakes_have_places(kind: Kind, database: &Database) {
    // What PostgreSQL says is a character, what MariaDB says of a syntax error a line, and SQLite says nothing.
    let places = match kind {
        Kind::Postgres => ["11:37", "25:25"],
        Kind::MariaDb => ["7:13", "25:19"],
        Kind::Sqlite => ["7:13", "22:13"],
    };
    let gateway = Gateway::start_with(MISTAKEN, &[], &[("DB_URL", &database.url())]);
    for (path, place) in ["unknown", "syntax"].into_iter().zip(places) {
        let (status, body) = send(&gateway, path);
        assert!(status == 200 && body.ends_with(&format!("gateway.kdl:{place}")), "{path} {body} {place}");
    }
    let (_, text) = checked(MISTAKEN, &database.url());
    for place in places {
        // Without a place of its own, it is that of the statement.
        let place = place.replace("7:13", "7:").replace("22:13", "22:");
        assert!(text.contains(&format!("gateway.kdl:{place}")), "{place} in {text}");
    }
}

/// A query whose rows are not of its profile, and an `exec` that gives rows.
const MISFITTING: &str = r##"listener internal bind="127.0.0.1:0"
database erp url=(env)DB_URL
profile customer format=rows { column nam required=#true; column note }
operation misfit {
    action execute; object A; input data; output data
    process { database erp profile=customer query="select name from customers"; return }
}
operation dropped {
    action execute; object B; input data; output data
    process { database erp exec="select name from customers"; return }
}
api misfits listener=internal base="/v1" { rest { post "/misfit" misfit; post "/dropped" dropped } }
"##;

fn rows_must_fit(kind: Kind, database: &Database) {
    let absent = MISFITTING.replace("select name from", "select null as note from");
    let textless = match kind {
        Kind::Postgres | Kind::MariaDb => "point(1, 2)",
        Kind::Sqlite => "cast(x'ff' as text)",
    };
    let textless = MISFITTING.replace("select name from", &format!("select {textless} as nam from"));
    for file in [MISFITTING, &absent, &textless] {
        let gateway = Gateway::start_with(file, &[], &[("DB_URL", &database.url())]);
        let (status, body) = send(&gateway, "misfit");
        assert!(status == 502 && body.contains("\"code\":\"database-rows\""), "{status} {body}");
        assert!(!body.contains("nam"), "nothing of what the database has is told: {body}");
    }
    let (code, text) = checked(MISFITTING, &database.url());
    let told = [
        "gives `name`, which this profile does not have, and does not give `nam`, which",
        "did you mean `nam`",
        "warning[rows-dropped]",
    ];
    for told in told {
        assert!(code == 1 && text.contains(told), "{told} in {text}");
    }
}

/// What `check --connect` says of a file, with its exit code.
fn checked(file: &str, url: &str) -> (i32, String) {
    let folder = Folder::new();
    folder.write("gateway.kdl", file);
    let mut command = binary();
    command.current_dir(folder.path()).args(["check", "--connect"]).env("DB_URL", url);
    let output = command.output().unwrap();
    (output.status.code().unwrap(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
}

#[test]
fn a_missing_file_is_named_and_sqlite_speaks_without_codes() {
    let file = MISFITTING.replace("select name from customers", "selct 1");
    let (code, text) = checked(&file, "sqlite:var/none.db");
    assert!(code == 1 && text.contains("/var/none.db`") && text.contains("?mode=rwc"), "{text}");
    let (code, text) = checked(&file, "sqlite:none.db?mode=rwc");
    assert!(code == 1 && text.contains("does not take this statement: near \"selct\""), "{text}");
}

/// Statements whose text in the file is longer than it is, one with blank lines before it, and one of a table that changes.
const WRITTEN_OTHERWISE: &str = r##"listener internal bind="127.0.0.1:0"
database erp url=(env)DB_URL
operation escaped {
    action execute; object A; input data; output data
    process {
        try {
            database erp query="select 'ü' as \"a\", 'b' as \"b\", missing_one from orders where id = :id" { bind id value=1 type=integer }
            catch { message "{error.place}" }
        }
        return
    }
}
operation continued {
    action execute; object B; input data; output data
    process {
        try {
            database erp query="select 'b' as b, \
                missing_two \
                from orders"
            catch { message "{error.place}" }
        }
        return
    }
}
operation unplaced {
    action execute; object E; input data; output data
    process {
        try {
            database erp query="""
                select 'b' as b, \
                missing_four
                  from orders
                """
            catch { message "{error.place}" }
        }
        return
    }
}
operation blank {
    action execute; object C; input data; output data
    process {
        try {
            database erp exec=#"""


                update orders
                   set note = 'x'
                  where whereat id = 1
                """#
            catch { message "{error.place}" }
        }
        return
    }
}
operation changed {
    action execute; object D; input data; output data
    process {
        try {
            database erp query="select id from changing where id = :id and note = :note and missing_three = 1" documents=all {
                bind id value=1 type=integer
                bind note value=x
            }
            message "fine"
            catch { message "{error.place}" }
        }
        return
    }
}
api otherwise listener=internal base="/v1" {
    rest { post "/escaped" escaped; post "/continued" continued; post "/unplaced" unplaced; post "/blank" blank; post "/changed" changed }
}
"##;

/// The line and column in [`WRITTEN_OTHERWISE`] at which a part of it stands.
fn place_of(part: &str) -> String {
    let (line, text) = WRITTEN_OTHERWISE
        .split_inclusive('\n')
        .enumerate()
        .find(|(_, text)| text.contains(part))
        .expect(part);
    let column = text[..text.find(part).unwrap()].chars().count();
    format!("gateway.kdl:{}:{}", line + 1, column + 1)
}

fn places_are_those_of_the_file(kind: Kind, database: &Database) {
    database.sql("create table changing (id integer, note varchar(10), missing_three integer)");
    let gateway = Gateway::start_with(WRITTEN_OTHERWISE, &[], &[("DB_URL", &database.url())]);
    let told = |path: &str| send(&gateway, path).1;
    assert_eq!(told("changed"), "fine");
    database.sql("alter table changing drop column missing_three");
    let places: &[(&str, &str)] = match kind {
        Kind::Postgres => &[
            ("escaped", "missing_one"),
            ("continued", "missing_two"),
            // A literal whose inner places are not known is named as a whole.
            ("unplaced", "\"\"\"\n"),
            ("blank", "id = 1"),
            ("changed", "missing_three"),
        ],
        Kind::MariaDb => &[("blank", "where whereat")],
        Kind::Sqlite => &[],
    };
    for (path, part) in places {
        let (body, place) = (told(path), place_of(part));
        assert!(body.ends_with(&place), "{path}: {body}, not {place}");
    }
}
