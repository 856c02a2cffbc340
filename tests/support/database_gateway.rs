//! The tables and the gateway of the tests of databases: an operation for each case, in the SQL of each kind.

use crate::databases::Kind;

/// The tables of a kind of database.
pub fn tables(kind: Kind) -> &'static str {
    match kind {
        Kind::Postgres => {
            "create table customers (name text primary key);
             create table orders (id int primary key, customer text references customers, total numeric(30,10), paid boolean, placed timestamptz, day date, data bytea, note text default 'none');
             create table shapes (id int);
             create procedure close_order(wanted int, why text) language sql as $$ update orders set note = why where id = wanted $$;
             create type mood as enum ('glad', 'sad')"
        }
        Kind::MariaDb => {
            "create table customers (name varchar(100) primary key);
             create table orders (id int primary key, customer varchar(100), total decimal(30,10), paid boolean, placed timestamp(6) null, day date, data blob, note text default 'none', foreign key (customer) references customers (name));
             create table shapes (id int);
             create procedure close_order(wanted int, why text) update orders set note = why where id = wanted"
        }
        Kind::Sqlite => {
            "create table customers (name text primary key);
             create table orders (id integer primary key, customer text references customers, total text, paid boolean, placed text, day text, data blob, note text default 'none');
             create table shapes (id int)"
        }
    }
}

/// A query for values of many types, and the JSON that they are.
pub fn types(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Postgres => (
            r#"select 1::smallint as i, -0.00120::numeric as d, array[1, null, 3] as a, array[array['x', 'y"']] as s,
                array[1.10, 2] as e, '{}'::bool[] as b, '{"k": [1]}'::jsonb as j, '6ba7b810-9dad-11d1-80b4-00c04fd430c8'::uuid as u,
                interval '1 day 2 hours' as v, 'glad'::mood as m, time '08:00:00.25' as t, '08:00+02'::timetz as z, null::int as n,
                1.5::float8 as f, timestamp '2026-11-20 08:00' as p, '\x00ff'::bytea as y, 9223372036854775807 as l, 'x'::char(3) as c"#,
            r#"{"i":1,"d":-0.00120,"a":"[1,null,3]","s":"[[\"x\",\"y\\\"\"]]","e":"[1.10,2]","b":"[]","j":"{\"k\": [1]}","u":"6ba7b810-9dad-11d1-80b4-00c04fd430c8","v":"P1DT2H","m":"glad","t":"08:00:00.25","z":"08:00:00+02:00","n":null,"f":1.5,"p":"2026-11-20T08:00:00","y":"AP8=","l":9223372036854775807,"c":"x  "}"#,
        ),
        Kind::MariaDb => (
            r#"select 1 as i, cast(-0.00120 as decimal(10,5)) as d, cast(18446744073709551615 as unsigned) as l, time '26:03:04' as t,
                timestamp '2026-11-20 08:00:00.250000' as p, date '2026-11-20' as y, 1.5e0 as f, null as n, x'00ff' as b, json_object('k', 1) as j"#,
            r#"{"i":1,"d":-0.00120,"l":18446744073709551615,"t":"26:03:04","p":"2026-11-20T08:00:00.25","y":"2026-11-20","f":1.5,"n":null,"b":"AP8=","j":"{\"k\": 1}"}"#,
        ),
        Kind::Sqlite => (
            r#"select 1 as i, 1.5 as f, 9223372036854775807 as l, x'00ff' as b, 'x' as c, null as n, paid as y from orders where id = 1"#,
            r#"{"i":1,"f":1.5,"l":9223372036854775807,"b":"AP8=","c":"x","n":null,"y":true}"#,
        ),
    }
}

/// What every gateway here declares.
const HEAD: &str = r#"
listener internal bind="127.0.0.1:0"
admin bind="127.0.0.1:0"
database erp url=(env)DB_URL { pool size=3; timeout "20s" connect="10s" }
profile order-row format=rows {
    column id type=integer required=#true
    column customer
    column total type=decimal
    column paid type=boolean
    column placed type=dateTime
    column day type=date
    column data type=base64Binary
    column note
}
profile ids format=json { object { array ids { integer } } }
"#;

/// The operations at POST /NAME: what each takes, and its process. What it answers with is the last document.
const OPERATIONS: &[(&str, &str, &str)] = &[
    ("insert", ROWS, "database erp insert=orders\ncall count"),
    ("insert-small", ROWS, "database erp insert=orders batch=2\ncall count"),
    ("update", ROWS, "database erp update=orders key=id\ncall count"),
    ("upsert", ROWS, "database erp upsert=orders key=id\ncall count"),
    ("delete", ROWS, "database erp delete=orders key=id\ncall count"),
    (
        "find",
        "data",
        r#"database erp documents=all profile=order-row query="select id, customer, total, paid, placed, day, data, note from orders where customer = :customer order by id" {
            bind customer property=request.query.customer
        }"#,
    ),
    ("each", "data", "database erp query=\"select id, note from orders order by id\" documents=2\ncombine"),
    (
        "note",
        "data",
        r#"database erp exec="update orders set note = :note where id = :id or id = :id" {
            bind note property=request.query.note
            bind id property=request.query.id type=integer
        }
        call count"#,
    ),
    (
        "rolled-back",
        "data",
        r#"transaction erp {
            database erp exec="insert into customers values ('gone')"
            decision value=1 gt=0 { then { throw "no" status=418 } }
        }"#,
    ),
    (
        "committed",
        "data",
        r#"transaction erp {
            call insert-customer
            database erp query="select count(*) as n from customers where name = :name" {
                bind name property=request.query.name
            }
        }"#,
    ),
    (
        "doomed",
        "data",
        r#"transaction erp {
            database erp exec="insert into customers values ('doomed')"
            try {
                database erp exec="insert into customers values ('doomed')"
                catch { set process.caught property=error.code }
            }
        }"#,
    ),
    (
        "told",
        "data",
        r#"try {
            database erp exec="insert into customers values ('acme')"
            catch { message "{error.code} {error.status} {error.retry} {error.blame} {error.fault}" }
        }"#,
    ),
    (
        "in-parallel",
        ROWS,
        "transaction erp { parallel 4 { database erp insert=orders } }\ncombine\nmessage \"done\"",
    ),
    (
        "shape",
        "data",
        "database erp exec=\"insert into shapes (id) values (:id)\" { bind id property=request.query.id }\ncall count",
    ),
    ("shapes", "data", "database erp query=\"select * from shapes\" documents=all"),
    (
        "shapes-together",
        "data",
        r#"try retry=1 {
            transaction erp { database erp query="select * from shapes" documents=all }
            catch { throw "no" status=418 }
        }"#,
    ),
    ("broken", "data", "database erp query=\"select nothing from orders\""),
    ("big", "data", "database erp query=\"select id from orders where id >= 100000\" documents=all"),
];

/// What operations take that write rows.
const ROWS: &str = "order-row many=#true";

/// The processes that they call.
const PROCESSES: &str = r#"
process count { combine; message "{database.affected}" }
process insert-customer {
    transaction erp {
        database erp exec="insert into customers values (:name)" { bind name property=request.query.name }
    }
}
"#;

/// Those that one kind has or writes in its own way.
fn own(kind: Kind) -> Vec<(&'static str, &'static str, String)> {
    let mut all = vec![("types", "data", format!("database erp query=#\"\"\"\n{}\n\"\"\"#", types(kind).0))];
    if kind == Kind::Postgres {
        let query = r#"database erp query="select count(*) as n from orders where id = any(:ids)" { bind ids from="$.ids" }"#;
        all.push(("among", "ids", query.to_owned()));
    }
    if kind != Kind::Sqlite {
        let called = r#"database erp procedure=close_order {
            bind id property=request.query.id type=integer
            bind why value=closed
        }
        message "called""#;
        all.push(("close", "data", called.to_owned()));
    }
    all
}

/// The whole file; the variable DB_URL names the database.
pub fn file(kind: Kind) -> String {
    let shared = OPERATIONS.iter().map(|(name, input, process)| (*name, *input, (*process).to_owned()));
    let (mut operations, mut routes) = (String::new(), String::new());
    for (name, input, process) in shared.chain(own(kind)) {
        let object = name.replace('-', "_");
        let output = "output data content-type=\"application/json\"";
        operations.push_str(&format!("operation {name} {{\naction execute\nobject {object}\ninput {input}\n{output}\non-empty 404\nprocess {{\n{process}\nreturn\n}}\n}}\n"));
        routes.push_str(&format!("post \"/{name}\" {name}\n"));
    }
    format!(
        "{HEAD}{PROCESSES}{operations}api orders listener=internal base=\"/v1\" {{ rest {{ {routes} }} }}\n"
    )
}
