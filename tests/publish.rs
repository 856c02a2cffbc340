//! The `publish` step against a real broker: what subscribers and streams get, and how it fails.
#![allow(clippy::disallowed_methods, reason = "tests read files and run programs")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may stop at the first surprise"
)]

#[path = "support/nats.rs"]
mod nats;
mod support;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use async_nats::ConnectOptions;
use async_nats::jetstream::stream::{Config, DiscardPolicy};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use nats::{Nats, field, says, silent};
use support::*;

/// An operation over a list of items: POST /ws/simple/executeOBJECT.
fn operation(object: &str, process: &str) -> String {
    format!(
        "operation execute-{} {{\n action execute\n object {object}\n input item many=#true\n output item many=#true\n process {{\n{process}\nreturn\n}}\n}}\n",
        object.to_lowercase()
    )
}

/// A file with a broker.
fn file(broker: &str, operations: &[(&str, &str)]) -> String {
    let operations: String = operations.iter().map(|(object, process)| operation(object, process)).collect();
    format!(
        "admin bind=\"127.0.0.1:0\"\nlistener internal bind=\"127.0.0.1:0\"\nprofile item format=xml {{ element Item {{ element Name; element Text occurs=\"0..1\" }} }}\n{broker}\n{operations}"
    )
}

fn start(broker: &str, operations: &[(&str, &str)]) -> Gateway {
    Gateway::start_with(
        &file(broker, operations),
        &["--workers", "1"],
        &[("PASSWORD", "right"), ("WRONG", "wrong")],
    )
}

fn broker(nats: &Nats) -> String {
    format!("broker events url=\"{}\"", nats.url())
}

/// `a=text` as an item.
fn items(all: &[&str]) -> String {
    let one = |item: &&str| {
        let (name, text) = item.split_once('=').unwrap_or((item, ""));
        format!("<Item><Name>{name}</Name><Text>{text}</Text></Item>")
    };
    all.iter().map(one).collect()
}

fn ask(gateway: &Gateway, object: &str, items: &str) -> Response {
    ask_at(gateway.address("internal"), object, items)
}

fn ask_at(address: SocketAddr, object: &str, items: &str) -> Response {
    let (path, body) =
        (format!("/ws/simple/execute{object}"), format!("<{object}List>{items}</{object}List>"));
    post(address, &path, "application/xml", &body)
}

fn done(gateway: &Gateway, object: &str, items: &str) -> String {
    let answer = ask(gateway, object, items);
    assert_eq!(answer.status, 200, "{object}: {answer:?}");
    answer.body
}

/// Asks for what must fail with a status and a code, and gives what the log says of it.
fn fails(gateway: &mut Gateway, object: &str, items: &str, status: u16, code: &str) -> String {
    let answer = ask(gateway, object, items);
    let told = (answer.status, answer.body.contains(&format!("code: {code}\n")));
    assert_eq!(told, (status, true), "{code}: {answer:?}");
    assert!(!answer.body.contains("127.0.0.1") && !answer.body.contains("NATS"), "{answer:?}");
    gateway.wait_for_line(answer.header("x-request-id").unwrap())
}

fn metric(gateway: &Gateway, name: &str) -> Option<u64> {
    let text = call(gateway.address("admin"), "GET", "/metrics", &[("Host", "localhost")], b"").body;
    let line = format!("soapstone_{name}{{broker=\"events\"}} ");
    text.lines().find_map(|found| found.strip_prefix(&line)).map(|value| value.parse().unwrap())
}

const PLAIN: &str = r#"publish events "items.{= doc.Item.Name}.created" {
    header X-Text from="Item/Text"
    header X-Request property=request.id
    header X-Kind value="a {= doc.Item.Name}"
    header X-Absent property=document.nothing default=""
}"#;

const STORED: &str =
    r#"publish events "items.{= doc.Item.Name}" jetstream=#true { header Nats-Msg-Id from="Item/Text" }"#;

fn stream(name: &str, subject: &str) -> Config {
    Config { name: name.into(), subjects: vec![subject.into()], ..Config::default() }
}

#[test]
fn subscribers_get_what_is_published() {
    let server = Nats::start();
    let gateway = start(&broker(&server), &[("Plain", PLAIN)]);
    let client = server.client();
    let mut all = client.subscribe("items.>");
    let answer = done(&gateway, "Plain", &items(&["a=first", "größe-2"]));
    assert!(answer.contains("<Name>a</Name><Text>first</Text>"), "documents go on unchanged: {answer}");
    let first = client.next(&mut all);
    assert_eq!(&*first.subject, "items.a.created");
    let payload = String::from_utf8(first.payload.to_vec()).unwrap();
    assert!(payload.contains("<Name>a</Name><Text>first</Text>"), "{payload}");
    assert_eq!(field(&first, "X-Text").as_deref(), Some("first"));
    assert_eq!(field(&first, "X-Kind").as_deref(), Some("a a"));
    assert_eq!(field(&first, "Content-Type").as_deref(), Some("application/xml; charset=utf-8"));
    assert!(field(&first, "X-Request").is_some_and(|id| !id.is_empty()));
    assert_eq!(first.reply, None, "nobody waits for an answer");
    assert_eq!(&*client.next(&mut all).subject, "items.größe-2.created");
    let many: Vec<String> = (0..300).map(|number| format!("n{number}={number}")).collect();
    done(&gateway, "Plain", &items(&many.iter().map(String::as_str).collect::<Vec<_>>()));
    for number in 0..300 {
        assert_eq!(&*client.next(&mut all).subject, format!("items.n{number}.created"), "in their order");
    }
    assert_eq!(
        (metric(&gateway, "broker_published_total"), metric(&gateway, "broker_connects_total")),
        (Some(302), Some(1))
    );
    assert_eq!(
        (metric(&gateway, "broker_failures_total"), metric(&gateway, "broker_connected")),
        (Some(0), Some(1))
    );
}

#[test]
fn what_its_profile_excludes_is_not_published() {
    let server = Nats::start();
    let shown = "profile shown format=xml { element Item { element Name; element Text exclude=#true } }";
    let steps = "validate shown\npublish events \"items.{= doc.Item.Text}\"";
    let gateway = start(&format!("{}\n{shown}", broker(&server)), &[("Shown", steps)]);
    let client = server.client();
    let mut all = client.subscribe("items.>");
    let answer = done(&gateway, "Shown", &items(&["a=first"]));
    let message = client.next(&mut all);
    let payload = String::from_utf8(message.payload.to_vec()).unwrap();
    assert_eq!(&*message.subject, "items.first");
    assert!(payload.ends_with("<Item><Name>a</Name></Item>"), "{payload}");
    assert!(answer.contains("<Text>first</Text>"), "its output says nothing of it: {answer}");
}

#[test]
fn streams_store_once_what_has_one_id() {
    let server = Nats::start();
    let mut gateway = start(&broker(&server), &[("Stored", STORED)]);
    let client = server.client();
    client.stream(stream("ITEMS", "items.a"));
    done(&gateway, "Stored", &items(&["a=1", "a=2", "a=1"]));
    done(&gateway, "Stored", &items(&["a=2", "a=3"]));
    assert_eq!(client.count("ITEMS"), 3, "the second of one id is dropped");
    let log = fails(&mut gateway, "Stored", &items(&["a=4", "b=5"]), 502, "no-stream");
    assert!(log.contains("no stream stores this subject") && log.contains("broker events"), "{log}");
    assert_eq!(client.count("ITEMS"), 4, "what came before the one that failed is stored");
    client.stream(Config { max_messages: 1, discard: DiscardPolicy::New, ..stream("FULL", "items.full") });
    done(&gateway, "Stored", &items(&["full=1"]));
    let log = fails(&mut gateway, "Stored", &items(&["full=2"]), 502, "not-stored");
    assert!(log.contains("maximum messages exceeded"), "{log}");
    client.stream(Config { max_message_size: 40, ..stream("SMALL", "items.small") });
    fails(&mut gateway, "Stored", &items(&["small=1"]), 502, "message-too-large");
    assert_eq!(
        (metric(&gateway, "broker_published_total"), metric(&gateway, "broker_failures_total")),
        (Some(7), Some(3))
    );
}

#[test]
fn who_is_not_let_in_is_told() {
    let server = Nats::with(
        r#"authorization { users = [
            { user: maker, password: right, permissions: { publish: ["items.ok.created", "items.ok", "$JS.API.>"], subscribe: ["_INBOX.>"] } }
            { user: deaf, password: right, permissions: { subscribe: { deny: ">" } } }
            { user: all, password: right }
        ] }"#,
    );
    let with = |auth: &str| {
        start(&format!("{} {{ {auth} }}", broker(&server)), &[("Plain", PLAIN), ("Stored", STORED)])
    };
    for auth in ["", "auth user=maker password=(env)WRONG", "auth token=(env)PASSWORD"] {
        let mut gateway = with(auth);
        let log = fails(&mut gateway, "Plain", &items(&["ok"]), 502, "broker-refused");
        assert!(log.contains("Authorization Violation") && !log.contains("wrong"), "{log}");
    }
    let client = server.client_with(ConnectOptions::with_user_and_password("all".into(), "right".into()));
    client.stream(stream("ITEMS", "items.*"));
    let mut gateway = with("auth user=maker password=(env)PASSWORD");
    done(&gateway, "Plain", &items(&["ok"]));
    let log = fails(&mut gateway, "Plain", &items(&["ok", "secret", "ok"]), 502, "broker-refused");
    assert!(log.contains("Permissions Violation for Publish"), "{log}");
    done(&gateway, "Stored", &items(&["ok=1"]));
    fails(&mut gateway, "Stored", &items(&["secret=2"]), 502, "broker-refused");
    assert_eq!(metric(&gateway, "broker_connects_total"), Some(1), "the connection goes on");
    assert_eq!(
        (metric(&gateway, "broker_published_total"), metric(&gateway, "broker_failures_total")),
        (Some(4), Some(2))
    );
    let mut gateway = with("auth user=deaf password=(env)PASSWORD");
    done(&gateway, "Plain", &items(&["ok"]));
    for _ in 0..2 {
        let log = fails(&mut gateway, "Stored", &items(&["ok=3"]), 502, "broker-refused");
        assert!(log.contains("Permissions Violation for Subscription"), "{log}");
    }
}

/// The pair that the manual of NATS shows.
const SEED: &str = "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY";
const PUBLIC: &str = "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4";

#[test]
fn a_key_signs_what_the_server_asks() {
    let server = Nats::with(&format!("authorization {{ users = [ {{ nkey: {PUBLIC} }} ] }}"));
    let folder = Folder::new();
    folder.write("user.nk", &format!("{SEED}\n"));
    let declared = format!("{} {{ auth credentials=(file)\"user.nk\" }}", broker(&server));
    folder.write("gateway.kdl", &file(&declared, &[("Plain", PLAIN)]));
    let gateway = Gateway::start_in(folder, &[], &[]);
    done(&gateway, "Plain", &items(&["a"]));
}

/// A key pair of the kind that its first byte says, and the name of its public half.
fn key(kind: u8, number: u8) -> (Ed25519KeyPair, String) {
    let pair = Ed25519KeyPair::from_seed_unchecked(&[number; 32]).unwrap();
    let name = named(&[&[kind], pair.public_key().as_ref()].concat());
    (pair, name)
}

/// Bytes with their checksum in base 32, as NATS writes keys.
fn named(bytes: &[u8]) -> String {
    let mut sum = 0_u16;
    for byte in bytes {
        sum ^= u16::from(*byte) << 8;
        for _ in 0..8 {
            sum = if sum & 0x8000 == 0 { sum << 1 } else { (sum << 1) ^ 0x1021 };
        }
    }
    let bytes = [bytes, &sum.to_le_bytes()].concat();
    let bits: String = bytes.iter().map(|byte| format!("{byte:08b}")).collect();
    let digit = |bits: &[u8]| {
        let five = format!("{:0<5}", std::str::from_utf8(bits).unwrap());
        char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[usize::from_str_radix(&five, 2).unwrap()])
    };
    bits.as_bytes().chunks(5).map(digit).collect()
}

/// A token that one key signs for another.
fn token(by: &(Ed25519KeyPair, String), of: &str, says: &str) -> String {
    let (head, claims) = (
        r#"{"typ":"JWT","alg":"ed25519-nkey"}"#,
        format!(r#"{{"jti":"x","iat":1700000000,"iss":"{}","sub":"{of}","name":"x","nats":{says}}}"#, by.1),
    );
    let text = format!("{}.{}", URL_SAFE_NO_PAD.encode(head), URL_SAFE_NO_PAD.encode(claims));
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(by.0.sign(text.as_bytes())))
}

#[test]
fn a_credentials_file_shows_what_an_operator_has_signed() {
    let (operator, account, user) = (key(14 << 3, 1), key(0, 2), key(20 << 3, 3));
    let of_operator = token(&operator, &operator.1, r#"{"type":"operator","version":2}"#);
    let limits = r#"{"limits":{"subs":-1,"data":-1,"payload":-1,"imports":-1,"exports":-1,"wildcards":true,"conn":-1,"leaf":-1},"type":"account","version":2}"#;
    let system = key(0, 5);
    let [of_account, of_system] = [&account, &system].map(|of| token(&operator, &of.1, limits));
    let of_user = token(
        &account,
        &user.1,
        r#"{"pub":{},"sub":{},"subs":-1,"data":-1,"payload":-1,"type":"user","version":2}"#,
    );
    let server = Nats::with(&format!(
        "operator: {of_operator}\nsystem_account: {system}\nresolver: MEMORY\nresolver_preload: {{ {}: {of_account}, {system}: {of_system} }}",
        account.1,
        system = system.1
    ));
    // The kind of the key stands behind that of the seed, in eleven bits.
    let seed = |number: u8| named(&[&[(18 << 3) | 5, 0], &[number; 32][..]].concat());
    let credentials = |number: u8| {
        format!(
            "-----BEGIN NATS USER JWT-----\n{of_user}\n------END NATS USER JWT------\n\n-----BEGIN USER NKEY SEED-----\n{}\n------END USER NKEY SEED------\n",
            seed(number)
        )
    };
    let with = |number: u8| {
        let folder = Folder::new();
        folder.write("user.creds", &credentials(number));
        let declared = format!("{} {{ auth credentials=(file)\"user.creds\" }}", broker(&server));
        folder.write("gateway.kdl", &file(&declared, &[("Plain", PLAIN)]));
        Gateway::start_in(folder, &[], &[])
    };
    done(&with(3), "Plain", &items(&["a"]));
    let log = fails(&mut with(4), "Plain", &items(&["a"]), 502, "broker-refused");
    assert!(log.contains("Authorization Violation"), "the key of another: {log}");
}

#[test]
fn a_token_is_shown() {
    let server = Nats::with("authorization { token: right }");
    let gateway = start(&format!("{} {{ auth token=(env)PASSWORD }}", broker(&server)), &[("Plain", PLAIN)]);
    done(&gateway, "Plain", &items(&["a"]));
}

#[test]
fn tls_is_spoken_and_checked() {
    let folder = Folder::new();
    let made = rcgen::generate_simple_self_signed(vec!["broker.test".to_owned()]).unwrap();
    folder.write("cert.pem", &made.cert.pem());
    folder.write("key.pem", &made.signing_key.serialize_pem());
    let other = rcgen::generate_simple_self_signed(vec!["broker.test".to_owned()]).unwrap();
    let server = Nats::in_folder(
        folder,
        "tls { cert_file: \"FOLDER/cert.pem\", key_file: \"FOLDER/key.pem\", ca_file: \"FOLDER/cert.pem\", verify: true }",
    );
    let with = |url: &str, tls: &str| {
        let folder = Folder::new();
        folder.write("cert.pem", &made.cert.pem());
        folder.write("key.pem", &made.signing_key.serialize_pem());
        folder.write("other.pem", &other.cert.pem());
        folder.write(
            "gateway.kdl",
            &file(&format!("broker events url=\"{url}\" {{ {tls} }}"), &[("Plain", PLAIN)]),
        );
        Gateway::start_in(folder, &["--workers", "1"], &[])
    };
    let (plain, secure) = (server.url(), server.url().replace("nats://", "tls://"));
    let own = "cert=\"cert.pem\" key=(file)\"key.pem\" name=\"broker.test\"";
    for url in [&plain, &secure] {
        let gateway = with(url, &format!("tls ca=\"cert.pem\" {own}"));
        done(&gateway, "Plain", &items(&["a"]));
        done(&gateway, "Plain", &items(&["b"]));
        assert_eq!(metric(&gateway, "broker_connects_total"), Some(1));
        let many: Vec<String> = (0..200).map(|number| format!("n{number}={}", "x".repeat(5000))).collect();
        done(&gateway, "Plain", &items(&many.iter().map(String::as_str).collect::<Vec<_>>()));
    }
    for wrong in [
        format!("tls ca=\"other.pem\" {own}"),
        "tls ca=\"cert.pem\"".into(),
        "tls ca=\"cert.pem\" name=\"broker.test\"".into(),
        String::new(),
    ] {
        let mut gateway = with(&secure, &wrong);
        let log = fails(&mut gateway, "Plain", &items(&["a"]), 502, "broker-refused");
        assert!(log.contains("no TLS with 127.0.0.1"), "{wrong}: {log}");
    }
    let unencrypted = Nats::start();
    let mut gateway = with(&unencrypted.url(), &format!("tls ca=\"cert.pem\" {own}"));
    let log = fails(&mut gateway, "Plain", &items(&["a"]), 502, "broker-refused");
    assert!(log.contains("speaks no TLS, which the file asks for"), "{log}");
}

#[test]
fn a_server_that_went_away_is_found_again() {
    let mut server = Nats::start();
    let more = format!("{} {{ timeout \"2s\" }}", broker(&server));
    let mut gateway = start(&more, &[("Plain", PLAIN), ("Stored", STORED)]);
    done(&gateway, "Plain", &items(&["a"]));
    server.client().stream(stream("ITEMS", "items.*"));
    server.stop();
    let began = Instant::now();
    let log = fails(&mut gateway, "Plain", &items(&["gone"]), 503, "broker-unreachable");
    assert!(log.contains("refused") || log.contains("connection broke"), "{log}");
    fails(&mut gateway, "Stored", &items(&["gone"]), 503, "broker-unreachable");
    assert!(began.elapsed() < Duration::from_secs(10), "nobody waits for the broker to come back");
    assert_eq!(metric(&gateway, "broker_connected"), Some(0));
    server.again();
    let (client, until) = (server.client(), Instant::now() + DEADLINE);
    let mut all = client.subscribe("items.>");
    while ask(&gateway, "Plain", &items(&["back"])).status != 200 {
        assert!(Instant::now() < until, "it is not found again");
    }
    assert_eq!(&*client.next(&mut all).subject, "items.back.created", "what failed is not published later");
    done(&gateway, "Stored", &items(&["a=1"]));
    assert_eq!(client.count("ITEMS"), 1);
    assert_eq!(
        (metric(&gateway, "broker_connects_total"), metric(&gateway, "broker_connected")),
        (Some(2), Some(1))
    );
}

#[test]
fn a_server_that_does_not_answer_is_waited_for_as_long_as_the_file_says() {
    let server = Nats::start();
    let more = format!("{} {{ timeout \"1s\" }}", broker(&server));
    let mut gateway = start(&more, &[("Plain", PLAIN), ("Stored", STORED)]);
    done(&gateway, "Plain", &items(&["a"]));
    server.hang();
    for object in ["Plain", "Stored"] {
        let began = Instant::now();
        let log = fails(&mut gateway, object, &items(&["a"]), 504, "broker-timeout");
        assert!(log.contains("has not confirmed the message within 1s"), "{log}");
        assert!(began.elapsed() >= Duration::from_secs(1) && began.elapsed() < Duration::from_secs(10));
    }
    server.go_on();
    let until = Instant::now() + DEADLINE;
    while ask(&gateway, "Plain", &items(&["b"])).status != 200 {
        assert!(Instant::now() < until, "it is not found again");
    }
    // What takes connections and says nothing, or something else, is no broker.
    let (_listener, port) = silent();
    let mut gateway = start(
        &format!("broker events url=\"nats://127.0.0.1:{port}\" {{ timeout \"1s\" }}"),
        &[("Plain", PLAIN)],
    );
    let answer = ask(&gateway, "Plain", &items(&["a"]));
    assert!(answer.status == 504 && answer.body.contains("code: broker-timeout\n"), "{answer:?}");
    let port = says("HTTP/1.1 400 Bad Request\r\n\r\n");
    gateway = start(&format!("broker events url=\"nats://127.0.0.1:{port}\""), &[("Plain", PLAIN)]);
    let log = fails(&mut gateway, "Plain", &items(&["a"]), 503, "broker-unreachable");
    assert!(log.contains("it does not speak NATS"), "{log}");
}

#[test]
fn the_next_address_is_taken_where_the_first_is_gone() {
    let (mut gone, server) = (Nats::start(), Nats::start());
    let url = format!("{} {}", gone.url(), server.url());
    gone.stop();
    let gateway = start(&format!("broker events url=\"{url}\""), &[("Plain", PLAIN)]);
    done(&gateway, "Plain", &items(&["a"]));
}

#[test]
fn no_value_chooses_another_subject() {
    let server = Nats::start();
    let free = "publish events \"{= doc.Item.Name}.{= doc.Item.Text}\"";
    let mut gateway = start(&broker(&server), &[("Plain", PLAIN), ("Free", free)]);
    let client = server.client();
    let mut all = client.subscribe(">");
    for wrong in
        ["", "a.b", "*", ">", "a b", "a\tb", "a\u{a0}b", "a\n\nPUB secret 0", ".", "$JS", &"x".repeat(2000)]
    {
        let escaped = wrong.replace('>', "&gt;").replace('\t', "&#9;").replace('\n', "&#10;");
        let log = fails(&mut gateway, "Plain", &items(&[&escaped]), 500, "bad-subject");
        assert!(log.len() < 1500, "{log}");
    }
    fails(&mut gateway, "Free", &items(&["$JS=API"]), 500, "bad-subject");
    done(&gateway, "Free", &items(&["last=one"]));
    let mut subjects = Vec::new();
    while subjects.last().map(String::as_str) != Some("last.one") {
        subjects.push(client.next(&mut all).subject.to_string());
    }
    subjects.retain(|subject| !subject.starts_with("_INBOX") && subject != "nobody.takes.this");
    assert_eq!(subjects, ["last.one"], "nothing else was published");
    assert_eq!(metric(&gateway, "broker_failures_total"), Some(0), "the broker is not to blame");
}

#[test]
fn no_header_makes_another() {
    let server = Nats::start();
    let mut gateway = start(&broker(&server), &[("Plain", PLAIN)]);
    let client = server.client();
    let mut all = client.subscribe("items.>");
    for wrong in ["x&#10;Nats-Rollup: all", "x&#13;&#10;Y: z", "x&#13;y"] {
        let log = fails(&mut gateway, "Plain", &items(&[&format!("a={wrong}")]), 500, "bad-header");
        assert!(log.contains("X-Text") && log.contains("line end"), "{log}");
    }
    done(&gateway, "Plain", &items(&["b=x: y&#9;z  ä"]));
    let message = client.next(&mut all);
    assert_eq!(
        (&*message.subject, field(&message, "X-Text").as_deref()),
        ("items.b.created", Some("x: y\tz  ä"))
    );
}

#[test]
fn what_is_too_large_is_not_sent() {
    let server = Nats::with("max_payload: 2048");
    let mut gateway = start(
        &broker(&server),
        &[("Plain", "publish events \"items.{= doc.Item.Name}\""), ("Stored", STORED)],
    );
    let large = items(&[&format!("a={}", "x".repeat(3000))]);
    for object in ["Plain", "Stored"] {
        let log = fails(&mut gateway, object, &large, 502, "message-too-large");
        assert!(log.contains("and the server takes 2048"), "{log}");
    }
    done(&gateway, "Plain", &items(&["a"]));
    assert_eq!(
        metric(&gateway, "broker_connects_total"),
        Some(1),
        "the server had nothing to complain about"
    );
}

#[test]
fn a_reload_goes_on_with_the_open_connection() {
    let server = Nats::with(
        "authorization { users = [ { user: a, password: right }, { user: b, password: right } ] }",
    );
    let with = |more: &str| file(&format!("{} {{ {more} }}", broker(&server)), &[("Plain", PLAIN)]);
    let first = "auth user=a password=(env)PASSWORD";
    let gateway = Gateway::start_with(&with(first), &["--workers", "1"], &[("PASSWORD", "right")]);
    let reload = |text: &str| {
        gateway.folder.write("gateway.kdl", text);
        let (status, said) = gateway.reload();
        assert!(status.success(), "{said}");
    };
    done(&gateway, "Plain", &items(&["a"]));
    reload(&with(&format!("{first}; timeout \"3s\"")));
    done(&gateway, "Plain", &items(&["a"]));
    let counts = || (metric(&gateway, "broker_connects_total"), metric(&gateway, "broker_published_total"));
    assert_eq!(counts(), (Some(1), Some(2)));
    reload(&with("auth user=b password=(env)PASSWORD"));
    done(&gateway, "Plain", &items(&["a"]));
    assert_eq!(counts(), (Some(2), Some(3)), "other credentials, another connection");
    let closes = |open: Option<u64>| {
        let until = Instant::now() + DEADLINE;
        while metric(&gateway, "broker_connected") != open {
            assert!(Instant::now() < until, "the old connection is not closed");
        }
    };
    closes(Some(1));
    reload("admin bind=\"127.0.0.1:0\"\nlistener internal bind=\"127.0.0.1:0\"\n");
    closes(None);
}

#[test]
fn a_reload_lets_what_is_under_way_be_confirmed() {
    let without = "admin bind=\"127.0.0.1:0\"\nlistener internal bind=\"127.0.0.1:0\"\n";
    for (object, is_kept) in [("Plain", true), ("Stored", false)] {
        let server = Nats::start();
        let with = |auth: &str| {
            let broker = format!("{} {{ timeout \"30s\"; {auth} }}", broker(&server));
            file(&broker, &[("Plain", PLAIN), ("Stored", STORED)])
        };
        let first = with("auth user=a password=(env)PASSWORD");
        let gateway = Gateway::start_with(&first, &["--workers", "1"], &[("PASSWORD", "right")]);
        server.client().stream(stream("ITEMS", "items.*"));
        done(&gateway, object, &items(&["a=1"]));
        server.hang();
        let address = gateway.address("internal");
        let asked = std::thread::spawn(move || ask_at(address, object, &items(&["b=2"])));
        server.wait_for_unread();
        let next = if is_kept { with("auth user=b password=(env)PASSWORD") } else { without.to_owned() };
        gateway.folder.write("gateway.kdl", &next);
        let (status, said) = gateway.reload();
        assert!(status.success(), "{said}");
        // The one worker answers this after it has let go of the connection.
        get(address, "/");
        server.go_on();
        let answer = asked.join().unwrap();
        assert_eq!(answer.status, 200, "{object}: {answer:?}");
        let (until, open) = (Instant::now() + DEADLINE, is_kept.then_some(0));
        while metric(&gateway, "broker_connected") != open {
            assert!(Instant::now() < until, "the old connection is not closed");
        }
    }
}
