//! One file in several environments: what an overlay changes in a gateway that serves, and in what every command says.
#![allow(clippy::disallowed_methods, reason = "tests read files and run programs")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

mod support;

use std::net::SocketAddr;
use std::time::Instant;

use support::*;

/// A gateway that says a word of a process, and who may ask.
const FILE: &str = r#"admin bind="127.0.0.1:0"
log level=error
listener internal bind="127.0.0.1:0" {
    auth token users=callers
    limits body="1KiB" request="10s"
}
users callers {
    user ada token=(env)TOKEN { roles readers }
    user tester token=(file)"tester.token"
}
profile said format=xml { element Said }
table words key=name {
    row name=word value=one
}
process say {
    message "<Said>{= table::get(\"words\", \"word\", \"value\") }</Said>" type="application/xml"
    return
}
operation get-word {
    action get
    object Word
    output said
    roles readers
    process say
}
operation put-word {
    action create
    object Word
    input data
    output said
    process say
}
api words base="/words" {
    rest { get "/word" get-word; post "/word" put-word }
}
"#;

/// What differs in production; paths in it are relative to it.
const PROD: &str = r#"users callers {
    user ada token=(file)"ada.token"
    user tester #null
}
table words csv="words.csv" { row #null }
api words base="/v1"
listener internal { limits body="4KiB" }
"#;

const TOKEN: &str = "0123456789abcdef0123456789abcdef";
const TESTER: &str = "00112233445566778899aabbccddeeff";
const PROD_TOKEN: &str = "fedcba9876543210fedcba9876543210";

fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("gateway.kdl", FILE);
    folder.write("tester.token", TESTER);
    folder.write("env/prod.kdl", PROD);
    folder.write("env/ada.token", PROD_TOKEN);
    folder.write("env/words.csv", "name,value\nword,two\n");
    folder
}

fn start(folder: Folder, arguments: &[&str]) -> Gateway {
    Gateway::start_in(folder, arguments, &[("TOKEN", TOKEN)])
}

fn ask(address: SocketAddr, path: &str, token: &str) -> Response {
    let bearer = format!("Bearer {token}");
    call(address, "GET", path, &[("Authorization", bearer.as_str()), ("Accept", "application/xml")], b"")
}

/// Asks until the answer holds a text.
fn becomes(address: SocketAddr, expected: &str) {
    let until = Instant::now() + DEADLINE;
    while !ask(address, "/v1/word", PROD_TOKEN).body.contains(expected) {
        assert!(Instant::now() < until, "it does not become {expected}");
        std::thread::yield_now();
    }
}

#[test]
fn an_overlay_changes_what_it_says_and_nothing_else() {
    let plain = start(folder(), &[]);
    let address = plain.address("internal");
    assert!(ask(address, "/words/word", TOKEN).body.contains("<Said>one</Said>"));
    let bearer = format!("Bearer {TOKEN}");
    let large = [b' '; 2048];
    let put = |address, path: &str, bearer: &str| {
        call(address, "POST", path, &[("Authorization", bearer), ("Accept", "application/xml")], &large)
            .status
    };
    assert_eq!(put(address, "/words/word", &bearer), 413);

    let mut prod = start(folder(), &["--with", "env/prod.kdl"]);
    let address = prod.address("internal");
    let answer = ask(address, "/v1/word", PROD_TOKEN);
    assert_eq!((answer.status, answer.body.contains("<Said>two</Said>")), (200, true), "{answer:?}");
    assert_eq!(ask(address, "/words/word", PROD_TOKEN).status, 404, "the base is another");
    for removed in [TOKEN, TESTER] {
        assert_eq!(ask(address, "/v1/word", removed).status, 401, "the overlay took it away");
    }
    assert_eq!(put(address, "/v1/word", &format!("Bearer {PROD_TOKEN}")), 200, "the limit is another");
    let (status, log) = prod.stop();
    assert!(status.success() && log.contains("serves gateway.kdl with env/prod.kdl: internal on"), "{log}");
}

#[test]
fn later_overlays_change_what_earlier_ones_made() {
    let folder = folder();
    folder
        .write("site.kdl", "api words base=\"/site\"\ntable words csv=#null { row name=word value=three }\n");
    let gateway = start(folder, &["--with", "env/prod.kdl", "--with", "site.kdl"]);
    let answer = ask(gateway.address("internal"), "/site/word", PROD_TOKEN);
    assert!(answer.body.contains("<Said>three</Said>"), "{answer:?}");
}

#[test]
fn a_reload_reads_the_overlay_again() {
    let gateway = start(folder(), &["--with", "env/prod.kdl"]);
    let address = gateway.address("internal");
    assert!(ask(address, "/v1/word", PROD_TOKEN).body.contains("two"));
    let (status, told) = gateway.reload();
    assert!(status.success() && told == "unchanged: generation 1 goes on\n", "{told}");

    let table = "table words csv=\"words.csv\" { row #null }";
    let changed = PROD.replace(table, "table words { row name=word value=four }");
    gateway.folder.write("env/prod.kdl", &changed);
    let (status, told) = gateway.reload();
    assert!(
        status.success() && told.ends_with("\n  ~ table words\n"),
        "only what the overlay changes: {told}"
    );
    assert!(ask(address, "/v1/word", PROD_TOKEN).body.contains("four"));

    gateway.folder.write("env/prod.kdl", &format!("{changed}listener internl {{ tls #null }}\n"));
    let (status, told) = gateway.reload();
    assert_eq!(status.code(), Some(1), "{told}");
    assert!(told.contains("--> env/prod.kdl:8:10") && told.contains("did you mean `internal`?"), "{told}");
    assert!(ask(address, "/v1/word", PROD_TOKEN).body.contains("four"));
}

#[test]
fn a_changed_overlay_is_seen() {
    let gateway = start(folder(), &["--watch", "--with", "env/prod.kdl"]);
    let address = gateway.address("internal");
    becomes(address, "two");
    gateway.folder.write("env/prod.kdl", &PROD.replace("csv=\"words.csv\"", "csv=\"more.csv\""));
    gateway.folder.write("env/more.csv", "name,value\nword,five\n");
    becomes(address, "five");
    gateway.folder.write("env/more.csv", "name,value\nword,six\n");
    becomes(address, "six");
}

/// Every command that reads a file reads it with its overlays.
#[test]
fn commands_take_overlays() {
    let folder = folder();
    let file = FILE.replace("(env)TOKEN", "(file)\"token\"");
    folder.write("token", TOKEN);
    folder.write("order.xml", "<Said>seven</Said>");
    let overlay = r#"api words base="/v2"
listener internal bind="127.0.0.1:1"
process say {
    map echo
    set response.status value=203
    return
}
map echo { set "Said" value=eight }
operation put-word { input said }
"#;
    folder.write("test.kdl", overlay);
    folder.write("gateway.kdl", &format!("{file}map echo from=said to=said {{ copy }}\n"));
    let done = |arguments: &[&str]| {
        let arguments: Vec<&str> = arguments.iter().copied().chain(["--with", "test.kdl"]).collect();
        let (code, out, told) = run(folder.path(), &arguments, "");
        assert_eq!(code, 0, "{arguments:?}: {out}{told}");
        out
    };
    assert_eq!(done(&["check"]), "gateway.kdl with test.kdl is fine: 1 listener(s), 4 route(s)\n");
    let routes = done(&["routes"]);
    assert!(routes.contains("http://127.0.0.1:1/v2/word") && !routes.contains("/words/"), "{routes}");
    let map = done(&["map", "echo", "order.xml"]);
    assert!(map.contains("<Said>eight</Said>"), "{map}");
    let trace = done(&["trace", "gateway.kdl", "put-word", "--body", "order.xml"]);
    assert!(trace.contains("eight") && trace.contains("203"), "{trace}");
    let outline = done(&["explain", "process", "say"]);
    assert!(outline.contains("test.kdl:4") && outline.contains("map echo"), "{outline}");
    let exported = done(&["export", "openapi"]);
    assert!(exported.contains("\"/v2\""), "{exported}");
}

/// Where only an overlay says the admin address, `reload` needs it too.
#[test]
fn reload_finds_the_admin_address_in_an_overlay() {
    let gateway = start(folder(), &[]);
    let admin = gateway.address("admin");
    gateway.folder.write("site.kdl", &format!("admin bind=\"{admin}\"\n"));
    let arguments = ["reload", "gateway.kdl", "--with", "site.kdl"];
    let (code, out, told) = run(gateway.folder.path(), &arguments, "");
    assert_eq!((code, out.as_str()), (0, "unchanged: generation 1 goes on\n"), "{told}");
}

#[test]
fn an_overlay_that_cannot_be_read_is_told() {
    let folder = folder();
    folder.write("env/wrong.kdl", "log level=info {");
    for (overlay, code) in [
        ("env/none.kdl", "unreadable-file"),
        ("env/wrong.kdl", "syntax"),
        ("./gateway.kdl", "included-twice"),
    ] {
        let (status, _, told) = run(folder.path(), &["check", "--with", overlay], "");
        assert!(status == 1 && told.contains(&format!("error[{code}]")), "{overlay}: {told}");
        assert!(told.contains(overlay), "{told}");
    }
}

#[test]
fn systems_are_changed_by_overlays_too() {
    let folder = Folder::new();
    folder.write(
        "gateway.kdl",
        "listener internal bind=\"127.0.0.1:0\"\n\
         server crm url=\"http://127.0.0.1:1\" { timeout \"9s\"; retry 2 }\n\
         operation call { action get; object Call; output data; process { http crm get \"/\" { fault { message \"{error.cause}\"; return } }; message \"called\"; return } }\n",
    );
    let other = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let text = format!(
        "server crm url=\"http://{}\" {{ timeout \"300ms\"; retry #null }}\n",
        other.local_addr().unwrap()
    );
    folder.write("prod.kdl", &text);
    let (code, told, error) = run(folder.path(), &["check", "--with", "prod.kdl"], "");
    assert_eq!((code, error.as_str()), (0, ""), "{told}");
    let gateway = start(folder, &["--with", "prod.kdl"]);
    let response = call(gateway.address("internal"), "GET", "/ws/rest/Call", &[], b"");
    // It takes the connection and says nothing, which nobody does at the address that the file says.
    assert_eq!(response.body, "timeout", "{response:?}");
    let folder = Folder::new();
    folder.write(
        "gateway.kdl",
        "listener internal bind=\"127.0.0.1:0\"\nserver crm url=\"http://127.0.0.1:1\"\n",
    );
    folder.write("prod.kdl", "server crmm url=\"http://127.0.0.1:2\"\n");
    let (code, _, error) = run(folder.path(), &["check", "--with", "prod.kdl"], "");
    assert!(code == 1 && error.contains("unknown-name") && error.contains("crm"), "{error}");
}
