//! Requests that others wrote to break servers, sent to the running gateway: framing in HTTP/1.1, and SOAP over HTTP.
#![cfg(feature = "conformance")]
#![allow(clippy::disallowed_methods, reason = "tests read files and run programs")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    reason = "a test may stop at the first surprise, and the counts are the result"
)]

#[path = "support/corpora.rs"]
mod corpora;
mod support;
#[path = "support/tally.rs"]
mod tally;

use std::io::Read;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;
use support::*;
use tally::Tally;

/// What the second request of a smuggling attempt would be answered with.
const SMUGGLED: &str = "this is the second answer";

/// Requests that are read otherwise, each with its reason.
const OTHERWISE: &[(&str, &str)] = &[
    ("llhttp-sample-No-HTTP-version.http", "HTTP/0.9 is not served"),
    ("llhttp-sample-Firefox-GET.http", "a Host is a name or an address: it is written into WSDLs"),
    (
        "llhttp-uri--host-port-and-basic-auth.http",
        "userinfo in a target is refused (RFC 9110, section 4.2.4)",
    ),
    (
        "llhttp-invalid-Invalid-method.http",
        "a method is any token; one that is not served is answered with 404 or 405",
    ),
    (
        "llhttp-invalid-Missing-CR-between-headers.http",
        "a bare LF ends a line, as RFC 9112, section 2.2, leaves to the reader",
    ),
    (
        "llhttp-transfer-encoding-POST-with-chunked-as-last-transfer-encoding.http",
        "a transfer coding beside chunked is refused with 501 (RFC 9112, section 6.1)",
    ),
    (
        "llhttp-connection-No-restart-when-keep-alive-is-off-1.0.http",
        "what stands behind the last request of a connection is not read",
    ),
    (
        "llhttp-connection-CRLF-between-requests-implicit-keep-alive.http",
        "the first of its two requests is right; the second is refused",
    ),
];

/// The addresses that the corpus names, which take anything, and `/smuggled`. Connections that wait end soon.
fn http_gateway() -> String {
    format!(
        r#"listener internal bind="127.0.0.1:0" {{
    limits head="400ms" idle="400ms" request="800ms"
}}
operation echo {{
    action execute
    object Echo
    input data
    output data content-type="text/plain"
    process {{ return }}
}}
operation fetch {{
    action get
    object Fetch
    output data content-type="text/plain"
    process {{ message "fetched"; return }}
}}
operation smuggled {{
    action get
    object Smuggled
    output data content-type="text/plain"
    process {{ message "{SMUGGLED}"; return }}
}}
api all base="/" {{
    rest {{
        get "/_p_" fetch
        post "/_p_" echo
        get "/" fetch
        post "/" echo
        get "/url" fetch
        put "/url" echo
        post "/chunked_w_unicorns_after_length" echo
        get "/smuggled" smuggled
    }}
}}
"#
    )
}

const SOAP_GATEWAY: &str = r#"listener internal bind="127.0.0.1:0"
profile echo format=xml { element echoString namespace="urn:corpora:shop" { element input } }
profile add format=xml {
    element add namespace="urn:corpora:shop" { element a type=integer; element b type=integer }
}
profile upload format=xml { element upload namespace="urn:corpora:shop" { element name; element data } }
operation echo { action execute; object Echo; input echo; output echo; process { return } }
operation add { action execute; object Add; input add; output add; process { return } }
operation upload { action execute; object Upload; input upload; output upload; process { return } }
api shop base="/shop" {
    soap "/soap" namespace="urn:corpora:shop" {
        operation echo as=echoString wrapper=#false
        operation add as=add wrapper=#false
        operation upload as=upload wrapper=#false
    }
}
"#;

fn manifest(folder: &Path) -> Vec<Value> {
    serde_json::from_str(&std::fs::read_to_string(folder.join("manifest.json")).unwrap()).unwrap()
}

fn text<'a>(case: &'a Value, name: &str) -> &'a str {
    case[name].as_str().unwrap_or_else(|| panic!("no {name} in {case}"))
}

/// The bytes of a case; large ones are kept compressed.
fn bytes(path: &Path) -> Vec<u8> {
    let raw = std::fs::read(path).unwrap();
    if path.extension().is_none_or(|extension| extension != "gz") {
        return raw;
    }
    let mut out = Vec::new();
    flate2::read::GzDecoder::new(raw.as_slice()).read_to_end(&mut out).unwrap();
    out
}

/// What the gateway did with the bytes of a connection.
struct Outcome {
    statuses: Vec<u16>,
    /// How many answers are of the gateway's own making: so many requests were read.
    read: usize,
    text: String,
}

fn send(gateway: &Gateway, bytes: &[u8]) -> Outcome {
    let mut connection = Connection::open(gateway.address("internal"));
    connection.send(bytes);
    let text = connection.rest();
    let answers: Vec<&str> = text.split("HTTP/1.").skip(1).collect();
    let statuses: Vec<u16> = answers.iter().filter_map(|answer| answer.get(2..5)?.parse().ok()).collect();
    let statuses: Vec<u16> = statuses.into_iter().filter(|status| *status != 100).collect();
    let read = answers.iter().filter(|answer| answer.contains("x-request-id")).count();
    Outcome { statuses, read, text }
}

impl Outcome {
    /// Refused by its address: a tunnel, or a path that leaves its folder.
    fn unserved(&self) -> bool {
        matches!(self.statuses[..], [404 | 405])
    }

    /// No answer, or the answer that the connection was too slow.
    fn waited(&self) -> bool {
        matches!(self.statuses[..], [] | [408])
    }

    /// A refusal as HTTP makes it, or the connection's end without a word.
    fn rejected(&self) -> bool {
        let refusal = [400, 405, 408, 411, 413, 414, 417, 421, 426, 431, 501, 505];
        self.statuses.first().is_none_or(|status| refusal.contains(status))
    }

    /// Read as a request: answered by an operation, or because nothing is at its address or for its method.
    fn accepted(&self) -> bool {
        let first = self.statuses.first();
        self.read > 0 && first.is_some_and(|status| matches!(status, 200..=299 | 404 | 405))
    }

    fn is(&self, expect: &str) -> bool {
        // What is refused behind the one request, and ends the connection, is none.
        let one = self.read <= 1;
        match expect {
            "accept" => self.accepted(),
            "reject" => self.rejected() && one,
            "either" => self.accepted() || self.rejected(),
            "single" => one,
            "reject-or-single" => one || self.rejected(),
            "wait" => self.waited(),
            "reject-or-wait" => self.waited() || self.rejected(),
            other => panic!("the expectation `{other}` is not known here"),
        }
    }
}

#[test]
fn http_of_strangers() {
    let folder = corpora::folder("robust/http1");
    let cases = manifest(&folder);
    let gateway = Gateway::start(&http_gateway());
    let tally = Mutex::new(Tally::new("robust/http1"));
    let next = AtomicUsize::new(0);
    // Most cases end by a bound on time: side by side they take seconds.
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let (file, expect) = (text(case, "file"), text(case, "expect"));
                    let outcome = send(&gateway, &bytes(&folder.join(file)));
                    let told = format!("{:?}: {}", outcome.statuses, outcome.text.escape_debug());
                    let mut tally = tally.lock().unwrap();
                    if outcome.text.contains(SMUGGLED) {
                        tally.fail(file, &format!("smuggled: {told}"));
                    } else if let Some((_, reason)) = OTHERWISE.iter().find(|(name, _)| *name == file) {
                        tally.skip(reason);
                    } else if outcome.is(expect)
                        || file.starts_with("rfc-") && expect == "reject" && outcome.unserved()
                    {
                        tally.pass();
                    } else {
                        tally.fail(file, &format!("{} ({expect}): {told}", text(case, "why")));
                    }
                }
            });
        }
    });
    let answer = get(gateway.address("internal"), "/smuggled");
    assert_eq!(answer.body, SMUGGLED, "it serves on");
    tally.into_inner().unwrap().finish(145);
}

#[test]
fn soap_of_strangers() {
    let folder = corpora::folder("robust/soap");
    let gateway = Gateway::start(SOAP_GATEWAY);
    let mut tally = Tally::new("robust/soap over HTTP");
    for case in manifest(&folder) {
        let (file, expect) = (text(&case, "file"), text(&case, "expect"));
        let headers =
            [("Content-Type", text(&case, "content_type")), ("SOAPAction", text(&case, "soapaction"))];
        let body = bytes(&folder.join(file));
        let answer = call(gateway.address("internal"), "POST", "/shop/soap", &headers, &body);
        let fault = answer.body.contains(":Fault>");
        let fine = answer.status == 200 && !fault;
        let refused = fault && matches!(answer.status, 400 | 415 | 431 | 500);
        let as_expected = match expect {
            "ok" if !fine && file.starts_with("mtom-") => {
                assert_eq!(answer.status, 415, "{file}: {answer:?}");
                tally.skip("MTOM is not read yet, and refused with 415");
                continue;
            }
            "ok" => fine,
            "reject" => refused,
            "ok-or-reject" => fine || refused,
            "fault" => refused && answer.body.contains(&format!(":{}<", text(&case, "fault"))),
            other => panic!("the expectation `{other}` is not known here"),
        };
        if as_expected {
            tally.pass();
        } else {
            tally.fail(file, &format!("{} ({expect}): {answer:?}", text(&case, "why")));
        }
    }
    tally.finish(34);
}
