//! Every way in which a call can fail gives the value that the manual says, within its deadline, and the next call works.

#[path = "support/broken_server.rs"]
mod broken_server;
mod support;

use std::time::{Duration, Instant};

use broken_server::{Answer, BrokenServer, ClosedPort, Identity};
use support::{Gateway, get};

/// A gateway with a server, of which one operation calls SOAP and one HTTP, and tells what it caught.
fn gateway(server: &str) -> Gateway {
    let told =
        r#"message "{error.kind} {error.cause} {error.status} [{error.http.status}] [{error.fault.code}]" "#;
    // One worker: then it is known which connections are kept.
    let kdl = format!(
        r#"
listener internal bind="127.0.0.1:0"
{server}
operation soap {{
    action get
    object Soap
    output data
    process {{
        try {{
            message "<Ask xmlns='urn:example:orders'/>" type="application/xml"
            soap crm action="urn:ask"
            message "fine" type="text/plain"
            return
            catch {{ {told}; return }}
        }}
    }}
}}
operation http {{
    action get
    object Http
    output data
    process {{
        try {{
            http crm get "/thing"
            message "fine" type="text/plain"
            return
            catch {{ {told}; return }}
        }}
    }}
}}
operation bare {{
    action get
    object Bare
    output data
    process {{
        http crm get "/thing"
        return
    }}
}}
"#
    );
    Gateway::start_with(&kdl, &["--workers", "1"], &[])
}

fn told(gateway: &Gateway, object: &str) -> String {
    let response = get(gateway.address("internal"), &format!("/ws/rest/{object}"));
    assert_eq!(response.status, 200, "{}", response.body);
    response.body
}

/// One row of the table.
struct Row {
    what: &'static str,
    answer: Answer,
    soap: &'static str,
    http: &'static str,
}

fn row(what: &'static str, answer: Answer, soap: &'static str, http: &'static str) -> Row {
    Row { what, answer, soap, http }
}

/// How long an attempt may take in these tests, and how long after it an answer must be there.
const SERVER: &str = r#"timeout "700ms"; limits body="64KiB" header="16KiB""#;
const WITHIN: Duration = Duration::from_secs(10);

fn rows() -> Vec<Row> {
    on_the_way().into_iter().chain(other_answers()).chain(other_messages()).collect()
}

/// No answer, or only a part of one.
fn on_the_way() -> Vec<Row> {
    let second = Duration::from_secs(60);
    vec![
        row(
            "reset before the request",
            Answer::reset_at_once(),
            "transport connection-lost 502 [] [] or transport connect-failed 502 [] []",
            "fine or transport connect-failed 502 [] []",
        ),
        row("silent", Answer::silent(), "timeout timeout 504 [] []", "timeout timeout 504 [] []"),
        row(
            "slow head",
            Answer::soap("<a/>").slow_head(second),
            "timeout timeout 504 [] []",
            "timeout timeout 504 [] []",
        ),
        row(
            "slow body",
            Answer::soap("<a/>").slow_body(second),
            "timeout timeout 504 [] []",
            "timeout timeout 504 [] []",
        ),
        row(
            "truncated",
            Answer::soap("<a/>").truncated(),
            "transport truncated-answer 502 [] []",
            "transport truncated-answer 502 [] []",
        ),
        row(
            "truncated in chunks",
            Answer::soap("<a/>").truncated_chunked(),
            "transport truncated-answer 502 [] []",
            "transport truncated-answer 502 [] []",
        ),
        row(
            "reset within the body",
            Answer::oversized_body(2000).reset_after(1000),
            "transport truncated-answer 502 [] []",
            "transport truncated-answer 502 [] []",
        ),
    ]
}

/// Answers of HTTP that are not what is expected.
fn other_answers() -> Vec<Row> {
    vec![
        row("page with 200", Answer::html(200), "transport html-answer 502 [200] []", "fine"),
        row(
            "page with 500",
            Answer::html(500),
            "transport html-answer 502 [500] []",
            "status unexpected-status 502 [500] []",
        ),
        row("empty 200", Answer::empty(200), "transport empty-answer 502 [200] []", "fine"),
        row(
            "empty 500",
            Answer::empty(500),
            "transport unexpected-status 502 [500] []",
            "status unexpected-status 502 [500] []",
        ),
        row(
            "oversized body",
            Answer::oversized_body(100_000),
            "transport answer-too-large 502 [] []",
            "transport answer-too-large 502 [] []",
        ),
        row(
            "oversized head",
            Answer::oversized_head(100_000),
            "transport head-too-large 502 [] []",
            "transport head-too-large 502 [] []",
        ),
        row(
            "401",
            Answer::unauthorized(),
            "security unauthorized 502 [401] []",
            "security unauthorized 502 [401] []",
        ),
        row("403", Answer::html(403), "security forbidden 502 [403] []", "security forbidden 502 [403] []"),
    ]
}

/// Answers whose message is not what is expected.
fn other_messages() -> Vec<Row> {
    vec![
        row(
            "fault with 500",
            Answer::fault(500),
            "fault fault 502 [500] [Server]",
            "status unexpected-status 502 [500] []",
        ),
        row("fault with 200", Answer::fault(200), "fault fault 502 [200] [Server]", "fine"),
        row(
            "redirect to a private address",
            Answer::redirect(302, "http://169.254.169.254/latest"),
            "transport redirected 502 [302] []",
            "status redirected 502 [302] []",
        ),
        row("no HTTP", Answer::garbage(), "transport bad-answer 502 [] []", "transport bad-answer 502 [] []"),
        row("JSON", Answer::new(200, "application/json", "{}"), "transport not-soap 502 [200] []", "fine"),
        row(
            "XML that is no envelope",
            Answer::new(200, "text/xml", "<a/>"),
            "transport not-soap 502 [200] []",
            "fine",
        ),
        row(
            "broken XML",
            Answer::new(200, "text/xml", "<a>"),
            "transport malformed-answer 502 [200] []",
            "fine",
        ),
        row(
            "503",
            Answer::unavailable(1),
            "transport html-answer 502 [503] []",
            "status unexpected-status 502 [503] []",
        ),
    ]
}

#[test]
fn each_failure_is_told_apart_and_the_next_call_works() {
    let server = BrokenServer::start([Answer::soap("<a/>")]);
    let gateway = gateway(&format!("server crm url=\"{}\" {{ {SERVER} }}", server.url("/soap")));
    for Row { what, answer, soap, http } in rows() {
        for (object, expected) in [("Soap", soap), ("Http", http)] {
            server.answer([answer.clone(), Answer::soap("<a/>")]);
            let began = Instant::now();
            let told_of = told(&gateway, object);
            assert!(
                expected.split(" or ").any(|one| one == told_of),
                "{what}, {object}: {told_of}, expected {expected}"
            );
            assert!(began.elapsed() < WITHIN, "{what}, {object}: {:?}", began.elapsed());
            server.answer([Answer::soap("<a/>")]);
            assert_eq!(told(&gateway, object), "fine", "after {what}, {object}");
        }
    }
}

#[test]
fn a_redirect_is_followed_only_where_it_is_allowed_and_only_to_the_same_server() {
    let other = BrokenServer::start([Answer::soap("<a/>")]);
    let server = BrokenServer::start([Answer::soap("<a/>")]);
    let gateway = Gateway::start(&format!(
        r#"
listener internal bind="127.0.0.1:0"
server crm url="{}" {{ {SERVER} }}
operation http {{
    action get
    object Http
    output data
    process {{
        http crm get "/thing" redirects=2 {{ fault kind=status {{ message "{{error.cause}}"; return }} }}
        return
    }}
}}
"#,
        server.url("")
    ));
    server.answer([
        Answer::redirect(302, &server.url("/there?a=1")),
        Answer::new(200, "text/plain", "arrived"),
    ]);
    assert_eq!(told(&gateway, "Http"), "arrived");
    assert_eq!(server.seen().last().unwrap().path, "/there?a=1");
    server.answer([Answer::redirect(302, &other.url("/"))]);
    assert_eq!(told(&gateway, "Http"), "redirected");
    assert_eq!(other.connections(), 0, "nobody asked for a call of another server");
    server.answer([Answer::redirect(302, "/again")]);
    assert_eq!(told(&gateway, "Http"), "redirected", "no more than two are followed");
}

#[test]
fn where_nobody_listens_the_connection_is_refused() {
    let closed = ClosedPort::new();
    let gateway = gateway(&format!("server crm url=\"{}\"", closed.url("/soap")));
    assert_eq!(told(&gateway, "Soap"), "transport connect-refused 502 [] []");
    let unknown = self::gateway("server crm url=\"http://no-such-host.invalid/\"");
    assert_eq!(told(&unknown, "Http"), "transport unknown-host 502 [] []");
}

#[test]
fn a_certificate_is_looked_at() {
    let good = [Answer::soap("<a/>")];
    let cases = [
        (Identity::Right, "fine"),
        (Identity::WrongName, "security certificate-refused 502 [] []"),
        (Identity::Expired, "security certificate-refused 502 [] []"),
    ];
    for (identity, expected) in cases {
        let server = BrokenServer::start_tls(identity, good.clone());
        let folder = support::Folder::new();
        folder.write("ca.pem", server.certificate());
        let kdl = |tls: &str| {
            format!(
                "listener internal bind=\"127.0.0.1:0\"\nserver crm url=\"{}\" {{ {tls} }}\noperation http {{ action get; object Http; output data; process {{ try {{ http crm get \"/\"; message \"fine\" type=\"text/plain\"; return; catch {{ message \"{{error.kind}} {{error.cause}} {{error.status}} [{{error.http.status}}] [{{error.fault.code}}]\"; return }} }} }} }}\n",
                server.url("/")
            )
        };
        folder.write("gateway.kdl", &kdl("tls ca=\"ca.pem\""));
        let gateway = Gateway::start_in(folder, &[], &[]);
        assert_eq!(told(&gateway, "Http"), expected, "{identity:?}");
        // Nobody has signed it that is trusted.
        let stranger = Gateway::start(&kdl(""));
        assert_eq!(told(&stranger, "Http"), "security certificate-refused 502 [] []", "{identity:?}");
    }
    let plain = BrokenServer::start(good);
    let url = plain.url("/").replace("http://", "https://");
    let gateway = gateway(&format!("server crm url=\"{url}\" {{ {SERVER} }}"));
    // It waits for the end of a request that will never have one.
    assert_eq!(told(&gateway, "Http"), "timeout connect-timeout 504 [] []");
}

#[test]
fn a_caller_reads_nothing_of_what_stands_behind() {
    let server = BrokenServer::start([Answer::html(500)]);
    let gateway = gateway(&format!("server crm url=\"{}\" {{ {SERVER} }}", server.url("/internal/path")));
    let response = get(gateway.address("internal"), "/ws/rest/Bare");
    assert_eq!(response.status, 502);
    let text = response.body;
    assert!(text.contains("upstream-status") && text.contains("did not answer as it should"), "{text}");
    for hidden in ["internal/path", "crm", &server.address().port().to_string(), "html"] {
        assert!(!text.contains(hidden), "{hidden} in {text}");
    }
}
