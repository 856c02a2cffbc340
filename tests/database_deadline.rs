//! What happens to statements that take too long, or that nobody waits for any more: they end on the server.
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

use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use databases::{Database, Kind};
use support::*;

/// A statement that takes a minute or more, and says so in what the server tells of it.
fn slow(kind: Kind) -> &'static str {
    match kind {
        Kind::Postgres => "select pg_sleep(60)::text as slept",
        Kind::MariaDb => "select sleep(60) as slept",
        Kind::Sqlite => {
            "with recursive n(x) as (select 1 union all select x + 1 from n where x < 1000000000000) select count(*) as slept from n"
        }
    }
}

fn file(kind: Kind) -> String {
    let slow = slow(kind);
    let operation = |name: &str, process: &str| {
        let object = name.replace('-', "_");
        format!(
            "operation {name} {{\n action execute\n object {object}\n input data\n output data content-type=\"text/plain\"\n process {{\n{process}\n message \"done\"\n return\n}}\n}}\n"
        )
    };
    let names = ["by-database", "by-step", "until-gone", "in-transaction", "touch", "swap", "stubborn"];
    let operations = [
        operation(names[0], &format!("database quick query=\"{slow}\"")),
        operation(names[1], &format!("database erp query=\"{slow}\" timeout=\"1s\"")),
        operation(names[2], &format!("database erp query=\"{slow}\"")),
        operation(
            names[3],
            &format!(
                "transaction erp timeout=\"1s\" {{\n database erp exec=\"update items set n = 100 where id = 1\"\n database erp query=\"{slow}\"\n}}"
            ),
        ),
        operation(names[4], "database erp exec=\"update items set n = n + 1 where id = 1\""),
        operation(
            names[5],
            "transaction erp {\n database erp exec=\"update items set n = n + 1 where id = :id\" { bind id property=request.query.first type=integer }\n wait \"500ms\"\n database erp exec=\"update items set n = n + 1 where id = :id\" { bind id property=request.query.second type=integer }\n}",
        ),
        operation(names[6], "database quick exec=\"call stubborn()\""),
    ];
    let routes: String = names.iter().map(|name| format!("post \"/{name}\" {name}\n")).collect();
    format!(
        "listener internal bind=\"127.0.0.1:0\"\nadmin bind=\"127.0.0.1:0\"\ndatabase erp url=(env)DB_URL {{ pool size=2 }}\ndatabase quick url=(env)DB_URL {{ pool size=2; timeout \"300ms\" }}\n{}api all listener=internal base=\"/v1\" {{ rest {{ {routes} }} }}\n",
        operations.concat()
    )
}

fn send(gateway: &Gateway, path: &str) -> (u16, String) {
    let answer = call(
        gateway.address("internal"),
        "POST",
        &format!("/v1/{path}"),
        &[("Content-Type", "text/plain")],
        b"x",
    );
    (answer.status, answer.body)
}

/// How many slow statements run on the server.
fn running(gateway: &Gateway, database: &Database) -> u64 {
    let text = match database.kind {
        Kind::Postgres => {
            "select count(*) from pg_stat_activity where state = 'active' and query like '%pg_sleep%' and pid <> pg_backend_pid()"
        }
        Kind::MariaDb => {
            "select count(*) from information_schema.processlist where info like '%sleep(60)%' and id <> connection_id()"
        }
        // No server: what runs, runs on the gateway's own connections.
        Kind::Sqlite => {
            return metric(gateway, "erp", "database_connections_used")
                + metric(gateway, "quick", "database_connections_used");
        }
    };
    database.admin(text)[0][0].as_ref().unwrap().parse().unwrap()
}

fn metric(gateway: &Gateway, database: &str, name: &str) -> u64 {
    let answer = call(gateway.address("admin"), "GET", "/metrics", &[("Host", "localhost")], b"");
    let line = format!("soapstone_{name}{{database=\"{database}\"}} ");
    answer.body.lines().find_map(|shown| shown.strip_prefix(&line)?.parse().ok()).unwrap_or_default()
}

fn wait_for(what: &str, is: impl Fn() -> bool) {
    let until = Instant::now() + DEADLINE;
    while !is() {
        assert!(Instant::now() < until, "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn cases(kind: Kind) {
    let database = Database::start(kind);
    database.sql("create table items (id int primary key, n int)");
    database.sql("insert into items values (1, 0), (2, 0)");
    let url = database.url();
    let gateway = Gateway::start_with(&file(kind), &[], &[("DB_URL", &url)]);
    // As often as would use up the pool if a connection were lost each time.
    for _ in 0..4 {
        let (status, body) = send(&gateway, "by-database");
        assert!(status == 504 && body.contains("database-timeout"), "{status} {body}");
    }
    for _ in 0..4 {
        let (status, body) = send(&gateway, "by-step");
        assert!(status == 504 && !body.contains("sleep"), "{status} {body}");
    }
    wait_for("a statement runs on after its time", || running(&gateway, &database) == 0);
    assert_eq!(send(&gateway, "touch"), (200, "done".to_owned()));
    a_caller_goes_away(&gateway, &database);
    a_transaction_is_late(&gateway, &database);
    if kind == Kind::Postgres {
        what_holds_is_no_timeout(&gateway, &database);
    }
    if kind != Kind::Sqlite {
        two_wait_for_each_other(&gateway);
    }
    // Six, of which one or two can be late before they have a connection.
    let cancelled = metric(&gateway, "erp", "database_cancelled_total");
    assert!(cancelled >= 4, "{cancelled} are counted");
    assert!(metric(&gateway, "erp", "database_connections") <= 2);
}

fn a_caller_goes_away(gateway: &Gateway, database: &Database) {
    let mut stream = TcpStream::connect(gateway.address("internal")).unwrap();
    stream
        .write_all(b"POST /v1/until-gone HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 1\r\n\r\nx")
        .unwrap();
    wait_for("the statement never begins", || running(gateway, database) == 1);
    drop(stream);
    wait_for("the statement runs on though its caller has gone", || running(gateway, database) == 0);
    assert_eq!(send(gateway, "touch"), (200, "done".to_owned()));
}

fn a_transaction_is_late(gateway: &Gateway, database: &Database) {
    let before = database.value("select n from items where id = 1");
    assert_eq!(send(gateway, "in-transaction").0, 504);
    // It waits for the lock of the other, if that were still there.
    assert_eq!(send(gateway, "touch"), (200, "done".to_owned()));
    let after: u32 = database.value("select n from items where id = 1").parse().unwrap();
    assert_eq!(after, before.parse::<u32>().unwrap() + 1);
}

/// A statement that is cancelled after its time, and holds all the same: who tried it again would do it twice.
fn what_holds_is_no_timeout(gateway: &Gateway, database: &Database) {
    database.sql(
        "create procedure stubborn() language plpgsql as $$ begin perform pg_sleep(60); exception when query_canceled then insert into items values (3, 0); end $$",
    );
    assert_eq!(send(gateway, "stubborn"), (200, "done".to_owned()));
    assert_eq!(database.value("select count(*)::text from items where id = 3"), "1");
}

fn two_wait_for_each_other(gateway: &Gateway) {
    let mut answers: Vec<(u16, String)> = std::thread::scope(|scope| {
        let paths = ["swap?first=1&second=2", "swap?first=2&second=1"];
        let all = paths.map(|path| scope.spawn(move || send(gateway, path)));
        all.map(|one| one.join().unwrap()).into()
    });
    answers.sort();
    assert_eq!(answers[0], (200, "done".to_owned()), "{answers:?}");
    assert!(answers[1].0 == 503 && answers[1].1.contains("database-serialization"), "{answers:?}");
}

#[test]
fn late_statements_end_on_postgresql() {
    cases(Kind::Postgres);
}

#[test]
fn late_statements_end_on_mariadb() {
    cases(Kind::MariaDb);
}

#[test]
fn late_statements_end_on_sqlite() {
    cases(Kind::Sqlite);
}
