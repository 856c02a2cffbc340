//! The `database` and `transaction` steps against real databases: the same cases over PostgreSQL, MariaDB and SQLite.
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
#[path = "support/database_gateway.rs"]
mod gateway;
mod support;

use std::time::Instant;

use databases::{Database, Kind};
use gateway::{file, tables, types};
use support::*;

fn send(gateway: &Gateway, path: &str, body: &str) -> (u16, String) {
    let headers = [("Content-Type", "application/json")];
    let answer = call(gateway.address("internal"), "POST", &format!("/v1/{path}"), &headers, body.as_bytes());
    (answer.status, answer.body)
}

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap_or_else(|why| panic!("{why}: {text}"))
}

/// What is said of a failure: its status and its code; nothing of what the database said.
fn failed(answer: (u16, String)) -> (u16, String) {
    for secret in ["orders", "customers", "duplicate", "syntax", "gateway:"] {
        assert!(!answer.1.contains(secret), "{}", answer.1);
    }
    (answer.0, json(&answer.1)["code"].as_str().unwrap_or_default().to_owned())
}

fn both(status: u16, text: &str) -> (u16, String) {
    (status, text.to_owned())
}

/// All cases over one database.
fn cases(kind: Kind) {
    let mut database = Database::start(kind);
    for statement in tables(kind).split(";\n") {
        database.sql(statement);
    }
    database.sql("insert into customers values ('acme'), ('globex')");
    let url = database.url();
    let gateway = Gateway::start_with(&file(kind), &[], &[("DB_URL", &url)]);
    values_come_back_as_they_were(&gateway, kind);
    assert_eq!(send(&gateway, "types", "{}"), both(200, types(kind).1));
    if kind == Kind::Postgres {
        assert_eq!(send(&gateway, "among", r#"{"ids":[1,7]}"#), both(200, r#"{"n":1}"#));
    }
    absent_is_the_default_and_nil_is_null(&gateway, &database);
    text_never_becomes_sql(&gateway, &database);
    rows_are_changed_by_their_key(&gateway, &database);
    wrong_values_are_told(&gateway);
    all_of_a_step_holds_or_nothing(&gateway, &database);
    transactions_hold_or_fall(&gateway, &database);
    what_fails_is_told_apart(&gateway);
    a_table_may_change(&gateway, &database);
    ten_thousand_rows_go_in_batches(&gateway, &database);
    if kind != Kind::Sqlite {
        assert_eq!(send(&gateway, "close?id=1", "{}"), both(200, "called"));
        assert_eq!(database.value("select note from orders where id = 1"), "closed");
        a_server_may_go_and_come_back(&gateway, &mut database);
        a_wrong_password_stays_secret(kind, &database);
    }
    if kind == Kind::Postgres {
        a_password_comes_from_the_file(&database);
    }
    a_reload_keeps_the_connections(&gateway);
    check_asks_the_database(kind, &database);
}

const EXACT: &str = "12345678901234567890.1234567890";

fn values_come_back_as_they_were(gateway: &Gateway, kind: Kind) {
    let row = format!(
        r#"[{{"id":1,"customer":"acme","total":{EXACT},"paid":true,"placed":"2026-11-20T08:00:00.5+02:00","day":"2026-11-20","data":"AAEC/w==","note":"ü \" ' \\"}}]"#
    );
    assert_eq!(send(gateway, "insert", &row), both(200, "1"));
    let (status, body) = send(gateway, "find?customer=acme", "{}");
    assert_eq!(status, 200, "{body}");
    // JSON's own reader would round it.
    assert!(body.contains(&format!("\"total\":{EXACT},")), "{body}");
    let placed = if kind == Kind::Sqlite { "2026-11-20T08:00:00.5+02:00" } else { "2026-11-20T06:00:00.5Z" };
    let found = json(&body);
    assert_eq!(found[0]["placed"], placed);
    let same = [
        ("id", "1"),
        ("paid", "true"),
        ("day", "\"2026-11-20\""),
        ("data", "\"AAEC/w==\""),
        ("note", r#""ü \" ' \\""#),
    ];
    for (name, value) in same {
        assert_eq!(found[0][name].to_string(), value, "{body}");
    }
}

fn absent_is_the_default_and_nil_is_null(gateway: &Gateway, database: &Database) {
    let rows =
        r#"[{"id":2,"customer":"globex"},{"id":3,"customer":"globex","note":null},{"id":4,"customer":null}]"#;
    assert_eq!(send(gateway, "insert-small", rows), both(200, "3"));
    assert_eq!(database.value("select note from orders where id = 2"), "none");
    assert_eq!(database.value("select note from orders where id = 3"), "NULL");
    let (_, body) = send(gateway, "find?customer=globex", "{}");
    assert!(json(&body)[1]["note"].is_null() && json(&body)[0]["note"] == "none", "{body}");
    let (_, body) = send(gateway, "each", "{}");
    assert_eq!(json(&body).as_array().unwrap().len(), 4, "{body}");
}

fn text_never_becomes_sql(gateway: &Gateway, database: &Database) {
    for attempt in [
        "x'%20or%20'1'='1",
        "x%22%20or%201=1--",
        "%27;drop%20table%20orders;--",
        "x%5C%27%20or%201=1%23",
        "%3Aid",
        "$1",
    ] {
        let (status, body) = send(gateway, &format!("find?customer={attempt}"), "{}");
        assert_eq!((status, json(&body).as_array().map(Vec::len)), (200, Some(0)), "{attempt}: {body}");
    }
    let text = "Robert'); drop table orders;-- \\' \" :id $1 ? {request.id}";
    let encoded: String = text.bytes().map(|byte| format!("%{byte:02X}")).collect();
    assert_eq!(send(gateway, &format!("note?id=2&note={encoded}"), "{}"), both(200, "1"));
    assert_eq!(database.value("select note from orders where id = 2"), text);
}

fn rows_are_changed_by_their_key(gateway: &Gateway, database: &Database) {
    assert_eq!(
        send(
            gateway,
            "update",
            r#"[{"id":2,"note":"a"},{"id":3,"note":"b","paid":false},{"id":99,"note":"c"}]"#
        ),
        both(200, "2")
    );
    assert_eq!(database.value("select note from orders where id = 3"), "b");
    assert_eq!(database.value("select customer from orders where id = 3"), "globex");
    let (status, _) =
        send(gateway, "upsert", r#"[{"id":3,"note":"c"},{"id":3,"note":"d"},{"id":5,"note":"e"}]"#);
    assert_eq!(status, 200);
    assert_eq!(database.value("select note from orders where id = 3"), "d");
    assert_eq!(database.value("select note from orders where id = 5"), "e");
    assert_eq!(send(gateway, "delete", r#"[{"id":4},{"id":5},{"id":99}]"#), both(200, "2"));
    assert_eq!(database.value("select count(*) from orders"), "3");
}

fn wrong_values_are_told(gateway: &Gateway) {
    assert_eq!(failed(send(gateway, "note?id=five&note=x", "{}")), both(422, "database-value"));
    // NULL, where the table refuses it, is no reason for the pool to suffer.
    assert_eq!(send(gateway, "note?id=1&note=x", "{}"), both(200, "1"));
}

fn all_of_a_step_holds_or_nothing(gateway: &Gateway, database: &Database) {
    let rows = r#"[{"id":10,"customer":"acme"},{"id":11,"note":"x"},{"id":1,"customer":"acme"}]"#;
    assert_eq!(failed(send(gateway, "insert", rows)), both(409, "database-conflict"));
    let foreign = r#"[{"id":12,"customer":"nobody"}]"#;
    assert_eq!(failed(send(gateway, "insert", foreign)), both(409, "database-conflict"));
    assert_eq!(database.value("select count(*) from orders where id >= 10"), "0");
}

fn transactions_hold_or_fall(gateway: &Gateway, database: &Database) {
    assert_eq!(send(gateway, "rolled-back", "{}").0, 418);
    assert_eq!(database.value("select count(*) from customers where name = 'gone'"), "0");
    let (status, body) = send(gateway, "committed?name=initech", "{}");
    assert_eq!((status, json(&body)["n"].to_string()), (200, "1".to_owned()));
    assert_eq!(database.value("select count(*) from customers where name = 'initech'"), "1");
    assert_eq!(failed(send(gateway, "doomed", "{}")), both(500, "database-rolled-back"));
    assert_eq!(database.value("select count(*) from customers where name = 'doomed'"), "0");
    let rows: Vec<String> = (20..30).map(|id| format!("{{\"id\":{id}}}")).collect();
    assert_eq!(send(gateway, "in-parallel", &format!("[{}]", rows.join(","))), both(200, "done"));
    assert_eq!(database.value("select count(*) from orders where id >= 20"), "10");
}

fn what_fails_is_told_apart(gateway: &Gateway) {
    let (status, body) = send(gateway, "told", "{}");
    assert!(status == 200 && body.starts_with("database-conflict 409 false upstream "), "{body}");
    assert!(body.len() > 60, "the process reads what the database says: {body}");
    assert_eq!(failed(send(gateway, "broken", "{}")), both(502, "database-statement"));
}

fn a_table_may_change(gateway: &Gateway, database: &Database) {
    let shapes = |path: &str, columns: &str| {
        assert_eq!(send(gateway, path, "{}"), both(200, &format!("[{{{columns}}}]")));
    };
    assert_eq!(send(gateway, "shape?id=1", "{}"), both(200, "1"));
    shapes("shapes", r#""id":1"#);
    database.sql("alter table shapes add column name varchar(10) default 'x'");
    shapes("shapes", r#""id":1,"name":"x""#);
    database.sql("alter table shapes add column more varchar(10) default 'y'");
    shapes("shapes-together", r#""id":1,"name":"x","more":"y""#);
    if database.kind == Kind::Postgres {
        database.sql("alter table shapes alter column id type text");
        // The first one is told of what has been learnt of the table, which is forgotten then.
        assert_eq!(failed(send(gateway, "shape?id=one", "{}")), both(422, "database-value"));
        assert_eq!(send(gateway, "shape?id=one", "{}"), both(200, "1"));
    }
}

fn ten_thousand_rows_go_in_batches(gateway: &Gateway, database: &Database) {
    let rows: Vec<String> = (100_000..110_000)
        .map(|id| format!(r#"{{"id":{id},"customer":"acme","total":0.10,"day":"2026-01-01"}}"#))
        .collect();
    assert_eq!(send(gateway, "insert", &format!("[{}]", rows.join(","))), both(200, "10000"));
    assert_eq!(database.value("select count(*) from orders where id >= 100000"), "10000");
    let (_, body) = send(gateway, "big", "{}");
    assert_eq!(json(&body).as_array().unwrap().len(), 10_000);
    assert_eq!(send(gateway, "delete", &format!("[{}]", rows.join(","))), both(200, "10000"));
}

fn a_server_may_go_and_come_back(gateway: &Gateway, database: &mut Database) {
    database.stop();
    let gone = send(gateway, "note?id=1&note=y", "{}");
    assert_eq!(failed(gone), both(503, "database-unreachable"));
    database.serve();
    let until = Instant::now() + DEADLINE;
    loop {
        let answer = send(gateway, "note?id=1&note=y", "{}");
        if answer == both(200, "1") {
            return;
        }
        assert!(Instant::now() < until, "the gateway does not find back to its database: {answer:?}");
    }
}

fn a_wrong_password_stays_secret(kind: Kind, database: &Database) {
    let url = database.url_with("hunter2");
    let mut gateway = Gateway::start_with(&file(kind), &[], &[("DB_URL", &url)]);
    assert_eq!(failed(send(&gateway, "find?customer=acme", "{}")), both(503, "database-unreachable"));
    let (_, log) = gateway.stop();
    assert!(log.contains("refuses the connection") && !log.contains("hunter2"), "{log}");
}

/// What the environment says of a server is for other programs: only the file counts.
fn a_password_comes_from_the_file(database: &Database) {
    let url = database.url().replace(":pa%3Ass%40word@", "@");
    assert!(!url.contains("word"), "{url}");
    let variables = [("DB_URL", url.as_str()), ("PGPASSWORD", "pa:ss@word")];
    let gateway = Gateway::start_with(&file(Kind::Postgres), &[], &variables);
    assert_eq!(failed(send(&gateway, "find?customer=acme", "{}")), both(503, "database-unreachable"));
}

fn metric(gateway: &Gateway, name: &str) -> u64 {
    let answer = call(gateway.address("admin"), "GET", "/metrics", &[("Host", "localhost")], b"");
    let line = format!("soapstone_{name}{{database=\"erp\"}} ");
    let found = answer.body.lines().find_map(|shown| shown.strip_prefix(&line)).map(str::to_owned);
    found.unwrap_or_else(|| panic!("no {name} in\n{}", answer.body)).parse().unwrap()
}

fn a_reload_keeps_the_connections(gateway: &Gateway) {
    let before = metric(gateway, "database_statements_total");
    assert!(before > 20 && metric(gateway, "database_failures_total") > 3);
    assert_eq!(metric(gateway, "database_connections_used"), 0);
    let text = std::fs::read_to_string(gateway.folder.path().join("gateway.kdl")).unwrap();
    gateway.folder.write("gateway.kdl", &format!("{text}\nlog level=info\n"));
    let (status, told) = gateway.reload();
    assert!(status.success(), "{told}");
    assert_eq!(send(gateway, "note?id=1&note=z", "{}"), both(200, "1"));
    assert_eq!(metric(gateway, "database_statements_total"), before + 1);
}

fn check_asks_the_database(kind: Kind, database: &Database) {
    let folder = Folder::new();
    let good = file(kind).replace("select nothing from orders", "select id from orders");
    folder.write("good.kdl", &good);
    let bad = good.replace("select id, note from orders", "select id, missing_column from orders");
    folder.write(
        "bad.kdl",
        &bad.replace("insert=orders batch=2", "insert=no_table batch=2").replace(
            "select id from orders where id >= 100000\" documents=all",
            "select id as other from orders\" profile=order-row",
        ),
    );
    let check = |name: &str, url: &str| {
        let mut command = binary();
        command.current_dir(folder.path()).args(["check", "--connect", name]).env("DB_URL", url);
        let output = command.output().unwrap();
        (output.status.code().unwrap(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
    };
    let (code, text) = check("good.kdl", &database.url());
    assert!(code == 0 && text.contains("statement(s)"), "{text}");
    let (code, text) = check("bad.kdl", &database.url());
    assert_eq!(code, 1, "{text}");
    for told in
        ["error[database-statement]", "missing_column", "no_table", "error[wrong-document]", "`other`"]
    {
        assert!(text.contains(told), "{told} in {text}");
    }
    if kind == Kind::Postgres {
        // PostgreSQL says where: the mark stands below the column.
        let marked =
            text.lines().skip_while(|line| !line.contains("select id, missing_column")).nth(1).unwrap();
        assert!(marked.contains("^^^^^^^^^^^^^^") && !marked.contains("^^^^^^^^^^^^^^^"), "{text}");
    }
    if kind != Kind::Sqlite {
        let (code, text) = check("good.kdl", &database.url_with("hunter2"));
        assert!(
            code == 1 && text.contains("error[database-unreachable]") && !text.contains("hunter2"),
            "{text}"
        );
    }
}

#[test]
fn tls_tells_who_answers() {
    let key = rcgen::KeyPair::generate().unwrap();
    let made =
        rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap().self_signed(&key).unwrap();
    let mut database = Database::start(Kind::Postgres);
    database.certify(&made.pem(), &key.serialize_pem());
    let asked = |host: &str, tls: &str| {
        let folder = Folder::new();
        folder.write("ca.pem", &made.pem());
        let pool = "pool size=3; timeout \"20s\" connect=\"10s\"";
        folder.write("gateway.kdl", &file(Kind::Postgres).replace(pool, &format!("{pool}; {tls}")));
        let url = database.url().replace("127.0.0.1", host);
        let mut command = binary();
        command.current_dir(folder.path()).args(["check", "--connect"]).env("DB_URL", url);
        let output = command.output().unwrap();
        String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
    };
    // The tables are not there: that the statements were looked at is all that is asked.
    let reached = |text: String| text.contains("does not exist") && !text.contains("cannot be asked");
    assert!(reached(asked("localhost", "tls ca=\"ca.pem\"")));
    assert!(reached(asked("127.0.0.1", "tls verify=#false")));
    for (host, tls) in [("127.0.0.1", "tls ca=\"ca.pem\""), ("localhost", "tls")] {
        let text = asked(host, tls);
        assert!(text.contains("error[database-unreachable]") && text.contains("TLS"), "{host} {tls}: {text}");
    }
}

#[test]
fn a_file_stands_in_for_a_database() {
    let folder = Folder::new();
    folder.write("gateway.kdl", &file(Kind::Sqlite));
    folder.write("rows.json", r#"[{"id":7,"total":1.50},{"id":8,"note":null}]"#);
    let mut command = binary();
    command.current_dir(folder.path()).args(["trace", "gateway.kdl", "find", "--mock", "erp=rows.json"]);
    let output = command.env("DB_URL", "sqlite:none.db").output().unwrap();
    let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert!(output.status.success() && text.contains("1.50"), "{text}");
    assert!(!folder.path().join("none.db").exists());
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
