//! Who may call: closed by default, passwords, tokens, roles, addresses and proxies; and secrets that stay secret.
#![allow(clippy::disallowed_methods, reason = "tests read files and run programs")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may stop at the first surprise"
)]

mod support;

use std::time::Instant;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use support::*;

const PASSWORD: &str = "correct:horse battery staple";
const TOKEN: &str = "globex-token-of-thirty-two-bytes";
const PATH: &str = "/ws/simple/getWho";

/// An operation that says who calls, on a listener for each rule.
const GATEWAY: &str = r#"
log level=trace
admin bind="127.0.0.1:0"
listener internal bind="127.0.0.1:0"
listener passwords bind="127.0.0.1:0" { auth basic users=people }
listener by-path bind="127.0.0.1:0" { auth basic users=people path-parameter=#true }
listener tokens bind="127.0.0.1:0" { auth token users=people }
listener both bind="127.0.0.1:0" { auth basic users=people; auth token users=people }
listener nobody bind="127.0.0.1:0" { allow "192.0.2.0/24" }
listener guarded bind="127.0.0.1:0" { auth basic users=people; auth token users=people; allow "192.0.2.0/24" }
listener proxied bind="127.0.0.1:0" trust-proxy="127.0.0.1 198.51.100.0/24" {
    allow "192.0.2.7" "2001:db8::/32"
}
listener proxied-users bind="127.0.0.1:0" trust-proxy="127.0.0.0/8" { auth token users=people }
users people {
    user acme password=(env)ACME_HASH { roles orders reports }
    user globex token=(env)GLOBEX_TOKEN { roles reports }
    user away token=(env)AWAY_TOKEN { allow "192.0.2.0/24" }
}
operation get-path {
    action get
    object Path
    output data content-type="text/plain"
    process { message "{request.user} {request.path} {request.header.authorization}"; return }
}
profile who format=xml { element Who }
operation get-who {
    action get
    object Who
    output who
    process {
        message "<Who>{request.user}|{request.role}|{request.address}</Who>" type="application/xml"
        return
    }
}
"#;

const AWAY: &str = "away-token-of-thirty-two-bytes--";

fn hashed() -> String {
    let folder = Folder::new();
    let (code, hash, told) = run(folder.path(), &["hash-password"], PASSWORD);
    assert_eq!((code, told.as_str()), (0, ""));
    hash.trim_end().to_owned()
}

fn start(hash: &str) -> Gateway {
    let variables = [("ACME_HASH", hash), ("GLOBEX_TOKEN", TOKEN), ("AWAY_TOKEN", AWAY)];
    Gateway::start_with(GATEWAY, &[], &variables)
}

fn ask(gateway: &Gateway, listener: &str, headers: &[(&str, &str)]) -> Response {
    call(gateway.address(listener), "GET", PATH, headers, b"")
}

fn basic(name: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{name}:{password}")))
}

fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

/// What the operation says: user, role and address.
fn who(answer: &Response) -> &str {
    assert_eq!(answer.status, 200, "{answer:?}");
    let (_, text) = answer.body.split_once("<Who>").unwrap();
    text.split_once("</Who>").unwrap().0
}

fn challenges(answer: &Response) -> Vec<&str> {
    let fields = answer.headers.iter().filter(|(name, _)| name == "www-authenticate");
    fields.map(|(_, value)| value.split(' ').next().unwrap()).collect()
}

#[test]
fn an_address_that_is_not_loopback_must_say_who_may_call() {
    for (listener, code) in [
        ("listener public bind=\"0.0.0.0:0\"", 1),
        ("listener public bind=\"[::]:0\"", 1),
        ("listener public bind=\"192.0.2.1:0\" { allow \"192.0.2.0/24\" }", 1),
        ("listener public bind=\"0.0.0.0:0\" { auth none }", 0),
        ("listener public bind=\"127.0.0.1:0\"", 0),
        ("listener public bind=\"[::1]:0\"", 0),
    ] {
        let folder = Folder::new();
        folder.write("gateway.kdl", listener);
        let (exit, _, told) = run(folder.path(), &["check"], "");
        assert_eq!(exit, code, "{listener}: {told}");
        assert_eq!(told.contains("error[open-listener]"), code == 1, "{listener}: {told}");
        if code == 1 {
            assert!(told.contains("gateway.kdl:1:22") && told.contains("auth none"), "{told}");
            // `run` is the same two calls.
            let (exit, _, ran) = run(folder.path(), &["run"], "");
            assert_eq!((exit, ran), (1, told));
        }
    }
    let folder = Folder::new();
    folder.write("gateway.kdl", "admin bind=\"0.0.0.0:0\"");
    let (exit, _, told) = run(folder.path(), &["check"], "");
    assert_eq!(exit, 1, "an admin without a token: {told}");
}

#[test]
fn passwords_let_in_who_knows_them() {
    let gateway = start(&hashed());
    let right = basic("acme", PASSWORD);
    let began = Instant::now();
    let answer = ask(&gateway, "passwords", &[("Authorization", &right)]);
    let first = began.elapsed();
    assert_eq!(who(&answer), "acme|orders|127.0.0.1");
    // Verifying a password costs time by design; a remembered one does not, so that many calls fit into the first.
    let began = Instant::now();
    let mut connection = Connection::open(gateway.address("passwords"));
    for _ in 0..10 {
        let answer = connection.call("GET", PATH, &[("Authorization", &right)], b"");
        assert_eq!(who(&answer), "acme|orders|127.0.0.1");
    }
    assert!(began.elapsed() < first * 3, "the first took {first:?}, ten more {:?}", began.elapsed());
    for (name, sent) in [
        ("nothing", None),
        ("a wrong password", Some(basic("acme", "correct"))),
        ("an unknown user", Some(basic("nobody", PASSWORD))),
        ("a user without a password", Some(basic("globex", TOKEN))),
        ("another letter case", Some(basic("Acme", PASSWORD))),
        ("no password", Some(basic("acme", ""))),
        ("no colon", Some(format!("Basic {}", STANDARD.encode("acme")))),
        ("no base64", Some("Basic ???".to_owned())),
        ("another scheme", Some(bearer(PASSWORD))),
        ("nonsense", Some("nonsense".to_owned())),
    ] {
        let headers: Vec<(&str, &str)> = sent.iter().map(|sent| ("Authorization", sent.as_str())).collect();
        let answer = ask(&gateway, "passwords", &headers);
        assert_eq!(answer.status, 401, "{name}: {answer:?}");
        assert_eq!(challenges(&answer), ["Basic"], "{name}");
        assert!(answer.body.contains("code: unauthorized"), "{name}: {answer:?}");
    }
    // A remembered password stays the one that is right.
    assert_eq!(ask(&gateway, "passwords", &[("Authorization", &basic("acme", "wrong"))]).status, 401);
    assert_eq!(ask(&gateway, "passwords", &[("Authorization", &right)]).status, 200);
}

#[test]
fn tokens_let_in_who_has_them() {
    let gateway = start(&hashed());
    let answer = ask(&gateway, "tokens", &[("Authorization", &bearer(TOKEN))]);
    assert_eq!(who(&answer), "globex|reports|127.0.0.1");
    let answer = ask(&gateway, "tokens", &[("authorization", &format!("bearer {TOKEN}"))]);
    assert_eq!(who(&answer), "globex|reports|127.0.0.1");
    for sent in
        [bearer("another-token-of-thirty-two-byte"), bearer(&TOKEN[1..]), bearer(""), basic("globex", TOKEN)]
    {
        let answer = ask(&gateway, "tokens", &[("Authorization", &sent)]);
        assert_eq!((answer.status, challenges(&answer)), (401, vec!["Bearer"]), "{sent}");
    }
    assert_eq!(who(&ask(&gateway, "both", &[("Authorization", &bearer(TOKEN))])), "globex|reports|127.0.0.1");
    let right = basic("acme", PASSWORD);
    assert_eq!(who(&ask(&gateway, "both", &[("Authorization", &right)])), "acme|orders|127.0.0.1");
    let answer = ask(&gateway, "both", &[]);
    assert_eq!((answer.status, challenges(&answer)), (401, vec!["Basic", "Bearer"]));
}

#[test]
fn who_may_not_call_does_not_learn_what_is_there() {
    let gateway = start(&hashed());
    let address = gateway.address("tokens");
    for (method, path) in [("GET", "/none"), ("PUT", PATH), ("POST", "/ws/soap"), ("GET", "/ws/soap?wsdl")] {
        let answer = call(address, method, path, &[], b"");
        assert_eq!(answer.status, 401, "{method} {path}: {answer:?}");
    }
    let right = bearer(TOKEN);
    let headers = [("Authorization", right.as_str())];
    assert_eq!(call(address, "GET", "/none", &headers, b"").status, 404);
    assert_eq!(call(address, "PUT", PATH, &headers, b"").status, 405);
    // Each protocol's callers read it in their own form.
    let soap =
        call(address, "POST", "/ws/soap", &[("SOAPAction", "\"\""), ("Content-Type", "text/xml")], b"<a/>");
    assert!(soap.status == 401 && soap.body.contains("<f:code>unauthorized</f:code>"), "{soap:?}");
    let rest = call(address, "GET", "/ws/rest/Who", &[("Accept", "application/json")], b"");
    assert!(rest.status == 401 && rest.body.contains("\"code\":\"unauthorized\""), "{rest:?}");
}

#[test]
fn addresses_are_let_in_or_not() {
    let gateway = start(&hashed());
    let answer = ask(&gateway, "nobody", &[]);
    assert_eq!(answer.status, 403, "{answer:?}");
    assert!(answer.body.contains("code: forbidden"), "{answer:?}");
    // No proxy is trusted there.
    assert_eq!(ask(&gateway, "nobody", &[("X-Forwarded-For", "192.0.2.7")]).status, 403);
    // Nor does an answer tell whether credentials were right.
    for sent in [basic("acme", PASSWORD), basic("acme", "wrong"), bearer(TOKEN), bearer("wrong")] {
        assert_eq!(ask(&gateway, "guarded", &[("Authorization", &sent)]).status, 403, "{sent}");
    }
    // The user's own list: as if the credentials were wrong.
    let away = bearer(AWAY);
    assert_eq!(ask(&gateway, "tokens", &[("Authorization", &away)]).status, 401);
    let headers = [("Authorization", away.as_str()), ("X-Forwarded-For", "192.0.2.99")];
    assert_eq!(who(&ask(&gateway, "proxied-users", &headers)), "away||192.0.2.99");
    assert_eq!(ask(&gateway, "proxied-users", &[("Authorization", &away)]).status, 401);
}

#[test]
fn a_trusted_proxy_says_who_called() {
    let gateway = start(&hashed());
    for (forwarded, expected) in [
        ("192.0.2.7", Some("192.0.2.7")),
        ("2001:db8::1", Some("2001:db8::1")),
        // Two proxies, both trusted; what stands further left is the caller's own claim.
        ("192.0.2.7, 198.51.100.3", Some("192.0.2.7")),
        ("203.0.113.9, 192.0.2.7", Some("192.0.2.7")),
        ("192.0.2.7, 203.0.113.9", None),
        ("192.0.2.8", None),
        ("nonsense", None),
    ] {
        let answer = ask(&gateway, "proxied", &[("X-Forwarded-For", forwarded)]);
        match expected {
            Some(address) => assert_eq!(who(&answer), format!("||{address}"), "{forwarded}"),
            None => assert_eq!(answer.status, 403, "{forwarded}: {answer:?}"),
        }
    }
}

/// The parameter of a path that says the same as the header.
fn in_path(header: &str) -> String {
    format!(";boomi_auth={}", &header["Basic ".len()..].replace('=', "%3D"))
}

#[test]
fn a_password_may_stand_in_a_path_where_the_listener_says_so() {
    let gateway = start(&hashed());
    let call = |listener: &str, path: &str| get(gateway.address(listener), path);
    let (right, wrong) = (basic("acme", PASSWORD), basic("acme", "wrong"));
    let answer = call("by-path", &format!("{PATH}{}?a=b", in_path(&right)));
    assert_eq!(who(&answer), "acme|orders|127.0.0.1");
    assert_eq!(call("by-path", &format!("{PATH}{}", in_path(&wrong))).status, 401);
    assert_eq!(call("by-path", &format!("{PATH};boomi_auth=")).status, 401);
    assert_eq!(call("by-path", PATH).status, 401);
    assert_eq!(call("passwords", &format!("{PATH}{}", in_path(&right))).status, 401);
    // The header goes before it.
    let path = format!("{PATH}{}", in_path(&right));
    let both = support::call(gateway.address("by-path"), "GET", &path, &[("Authorization", &wrong)], b"");
    assert_eq!(both.status, 401);
    // Behind the check there is no such parameter.
    let told = call("by-path", &format!("/ws/simple/getPath{}", in_path(&right)));
    assert_eq!(told.body, format!("acme /ws/simple/getPath {right}"));
}

#[test]
fn secrets_are_nowhere_to_be_read() {
    let hash = hashed();
    let mut gateway = start(&hash);
    let (right, wrong) = (basic("acme", PASSWORD), basic("acme", "a-wrong-password"));
    let mut answers = String::new();
    for (listener, sent) in
        [("passwords", &right), ("passwords", &wrong), ("tokens", &bearer(TOKEN)), ("tokens", &right)]
    {
        answers.push_str(&format!("{:?}", ask(&gateway, listener, &[("Authorization", sent)])));
    }
    let path = format!("{PATH};boomi_auth={TOKEN}?token={TOKEN}");
    answers.push_str(&format!("{:?}", get(gateway.address("internal"), &path)));
    for sent in [&right, &wrong] {
        let path = format!("{PATH}{}", in_path(sent));
        answers.push_str(&format!("{:?}", get(gateway.address("by-path"), &path)));
        let nowhere = format!("/ws/nowhere{}", in_path(sent));
        answers.push_str(&format!("{:?}", get(gateway.address("by-path"), &nowhere)));
    }
    for path in ["/metrics", "/routes", "/health"] {
        // The admin interface answers to local names alone.
        let told = call(gateway.address("admin"), "GET", path, &[("Host", "localhost")], b"");
        assert_eq!(told.status, 200, "{told:?}");
        answers.push_str(&told.body);
    }
    let broken =
        GATEWAY.replace("users people {", "users people {\n user initech password=(env)GLOBEX_TOKEN");
    gateway.folder.write("gateway.kdl", &broken);
    let (status, told) = gateway.reload();
    assert!(!status.success() && told.contains("plain-password"), "{told}");
    let (status, log) = gateway.stop();
    assert!(status.success(), "{log}");
    let everything = format!("{answers}\n{told}\n{log}");
    for secret in [PASSWORD, "a-wrong-password", TOKEN, AWAY, hash.as_str(), &right[6..], &wrong[6..]] {
        let at = everything.find(secret);
        let near = at.map(|at| everything[at.saturating_sub(300)..at].to_owned());
        assert!(at.is_none(), "a secret is shown behind: {near:?}");
    }
}
