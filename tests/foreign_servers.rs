//! SOAP servers of others, asked in plain HTTP: what each answers in each style is what `tests/servers/README.md` says.
#![allow(clippy::disallowed_methods, reason = "tests read files and run programs")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

#[path = "support/orders.rs"]
mod orders;
#[path = "support/soap_servers.rs"]
mod soap_servers;
mod support;

use std::time::Instant;

use orders::{Style, flat, request};
use soap_servers::SoapServer;
use support::{DEADLINE, Response, project};

/// What an endpoint is known to do; three values are those of `FailOrder`, of `Crash` and of `Session` without its header.
struct Endpoint<'a> {
    server: &'a SoapServer,
    path: &'a str,
    style: Style,
    version: &'static str,
    /// How it writes 2026-11-20T08:00:00Z.
    placed: &'static str,
    statuses: [u16; 3],
    /// Without the prefix of the envelope.
    codes: [&'static str; 3],
    /// The reason of an undeclared fault.
    crash: &'static str,
    /// The lines of the declared fault's detail.
    detail: [&'static str; 2],
    /// The status of a one-way message, and whether an envelope comes with it.
    oneway: (u16, bool),
}

impl<'a> Endpoint<'a> {
    fn new(server: &'a SoapServer, path: &'a str, style: Style) -> Self {
        Self {
            server,
            path,
            style,
            version: "1.1",
            placed: "2026-11-20T08:00:00Z",
            statuses: [500; 3],
            codes: ["Server", "Server", "Client"],
            crash: "It broke.",
            detail: ["o:OutOfStock/o:Sku=XYZ-22", "o:OutOfStock/o:Available=3"],
            oneway: (202, false),
        }
    }

    fn soap12(self) -> Self {
        Self { version: "1.2", codes: ["Receiver", "Receiver", "Sender"], ..self }
    }

    fn encoded(server: &'a SoapServer, path: &'a str) -> Self {
        let detail = ["o:OutOfStock/Sku=XYZ-22", "o:OutOfStock/Available=3"];
        Self { detail, ..Self::new(server, path, Style::Encoded) }
    }

    fn send(&self, operation: &str, session: bool) -> Response {
        let (headers, body) = request(self.style, self.version, operation, session);
        let headers: Vec<(&str, &str)> = headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
        self.server.post(self.path, &headers, body.as_bytes())
    }

    /// The lines of an answer that must be of this status and of the version's media type.
    fn lines(&self, operation: &str, session: bool, status: u16) -> Vec<String> {
        let answer = self.send(operation, session);
        assert_eq!(answer.status, status, "{operation} at {}: {answer:?}", self.path);
        let media_type = if self.version == "1.1" { "text/xml" } else { "application/soap+xml" };
        let found = answer.header("content-type").unwrap_or_default();
        assert!(found.starts_with(media_type), "{operation} at {}: {answer:?}", self.path);
        flat(&answer.body)
    }

    fn answers(&self, operation: &str, expected: &[String]) {
        assert_eq!(self.lines(operation, true, 200), expected, "{operation} at {}", self.path);
    }

    /// That an answer is the fault of this place in `statuses` and `codes`.
    fn fails(&self, place: usize, operation: &str, reason: &str, detail: &[&str]) {
        let lines = self.lines(operation, place < 2, self.statuses[place]);
        let [code_at, reason_at, detail_at] = match self.version {
            "1.1" => ["e:Fault/faultcode=", "e:Fault/faultstring=", "e:Fault/detail/"],
            _ => ["e:Fault/e:Code/e:Value=", "e:Fault/e:Reason/e:Text=", "e:Fault/e:Detail/"],
        };
        let all = |at: &str| -> Vec<&str> { lines.iter().filter_map(|line| line.strip_prefix(at)).collect() };
        let codes: Vec<&str> = all(code_at).iter().filter_map(|code| Some(code.split_once(':')?.1)).collect();
        assert_eq!(
            (codes, all(reason_at)),
            (vec![self.codes[place]], vec![reason]),
            "{}: {lines:?}",
            self.path
        );
        // Axis tells of itself beside it.
        let details: Vec<&str> = all(detail_at).into_iter().filter(|line| !line.starts_with("?:")).collect();
        assert_eq!(details, detail, "{operation} at {}", self.path);
    }

    /// Asks everything.
    fn check(&self) {
        self.answers("PlaceOrder", &self.style.receipt(self.placed));
        self.check_beside_the_receipt();
    }

    fn check_beside_the_receipt(&self) {
        self.fails(0, "FailOrder", "Only 3 of XYZ-22 are left.", &self.detail);
        self.fails(1, "Crash", self.crash, &[]);
        self.answers("Session", &self.style.session());
        self.fails(2, "Session", "The header Session is missing.", &[]);
        let before = self.notified();
        let answer = self.send("Notify", true);
        assert_eq!((answer.status, !answer.bytes.is_empty()), self.oneway, "{}: {answer:?}", self.path);
        // JAX-WS answers before the operation has run.
        let until = Instant::now() + DEADLINE;
        while self.notified() == before && Instant::now() < until {}
        assert_eq!(self.notified(), before + 1, "{} counts what came", self.path);
        self.answers("Attach", &self.style.attach());
    }

    fn notified(&self) -> u32 {
        let lines = self.lines("Notified", true, 200);
        let count = lines.first().and_then(|line| line.split_once("Count=")?.1.parse().ok());
        count.unwrap_or_else(|| panic!("no count in {lines:?}"))
    }
}

#[test]
fn php_answers_in_four_styles() {
    let server = SoapServer::php();
    Endpoint::new(&server, "/wrapped", Style::Wrapped).check();
    Endpoint::new(&server, "/wrapped", Style::Wrapped).soap12().check();
    Endpoint::new(&server, "/bare", Style::Bare).check();
    Endpoint::new(&server, "/rpc", Style::Rpc).check();
    let encoded = Endpoint::encoded(&server, "/encoded");
    encoded.check();
    let answer = encoded.send("PlaceOrder", true);
    assert!(answer.body.contains("<Payer href=\"#ref1\"/>"), "{answer:?}");
    server.stop();
}

#[test]
fn node_soap_answers_in_three_styles() {
    let server = SoapServer::node();
    let endpoint = |path, style| Endpoint {
        placed: "2026-11-20T08:00:00.000Z",
        // Where the service says no status, a fault comes with 200.
        statuses: [200, 500, 500],
        oneway: (200, false),
        ..Endpoint::new(&server, path, style)
    };
    endpoint("/wrapped", Style::Wrapped).check();
    endpoint("/wrapped12", Style::Wrapped).soap12().check();
    endpoint("/bare", Style::Bare).check();
    endpoint("/rpc", Style::Rpc).check();
    // By itself it gives the parts a namespace, and takes it from what is in them.
    let lines = endpoint("/rpc-own", Style::Rpc).lines("PlaceOrder", true, 200);
    assert_eq!(lines[0], "o:PlaceOrderResponse/o:Receipt/Number=A-1001");
    server.stop();
}

#[test]
fn spyne_answers_by_its_own_contract() {
    let server = SoapServer::spyne();
    let endpoint = |path| Endpoint {
        placed: "2026-11-20T08:00:00+00:00",
        crash: "Internal Error",
        oneway: (200, true),
        ..Endpoint::new(&server, path, Style::Spyne)
    };
    endpoint("/soap11").check();
    endpoint("/soap12").soap12().check();
    for version in ["11", "12"] {
        let served = server
            .get(&format!("/soap{version}?wsdl"))
            .body
            .replace(&server.url(""), "http://127.0.0.1:8080");
        let kept = project(&format!("tests/servers/spyne{version}.wsdl"));
        let words = |text: &str| text.split_whitespace().collect::<String>();
        let (served, kept) = (words(&served.replace('\'', "\"")), words(&kept));
        assert!(
            served == kept,
            "tests/servers/spyne{version}.wsdl is not what Spyne serves at /soap{version}?wsdl"
        );
    }
    server.stop();
}

/// A request whose data is in a part of its own, and that data.
fn in_parts(version: &str) -> (Vec<(&'static str, String)>, Vec<u8>, Vec<u8>) {
    let (_, body) = request(Style::Wrapped, version, "Attach", true);
    let include = "<x:Include xmlns:x=\"http://www.w3.org/2004/08/xop/include\" href=\"cid:data@test\"/>";
    let root = body.replace("aGVsbG8=", include);
    let media_type = if version == "1.1" { "text/xml" } else { "application/soap+xml" };
    let data: Vec<u8> = (0..=255).cycle().take(5000).collect();
    let head = format!(
        "--b\r\nContent-Type: application/xop+xml; charset=UTF-8; type=\"{media_type}\"\r\nContent-ID: <root@test>\r\n\r\n{root}\r\n\
         --b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <data@test>\r\n\r\n"
    );
    let message = [head.as_bytes(), &data, b"\r\n--b--\r\n"].concat();
    let content_type = format!(
        "multipart/related; boundary=b; type=\"application/xop+xml\"; start=\"<root@test>\"; start-info=\"{media_type}\""
    );
    let action = "\"urn:example:orders:Attach\"".to_owned();
    (vec![("Content-Type", content_type), ("SOAPAction", action)], message, data)
}

/// That data in a part of its own is taken, and answered in one.
fn takes_and_answers_parts(server: &SoapServer, path: &str, version: &str) {
    let (headers, message, data) = in_parts(version);
    let headers: Vec<(&str, &str)> = headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
    let answer = server.post(path, &headers, &message);
    let told = (answer.status, answer.header("content-type").unwrap_or_default());
    assert!(told.0 == 200 && told.1.starts_with("multipart/related"), "{path}: {answer:?}");
    assert!(answer.body.contains("Size>5000<") && answer.body.contains("Include"), "{path}: {answer:?}");
    assert!(
        answer.bytes.windows(data.len()).any(|window| window == data),
        "{path}: the data is not there as it is"
    );
}

#[test]
fn jax_ws_answers_in_two_styles_and_in_parts() {
    let server = SoapServer::jax_ws();
    Endpoint::new(&server, "/wrapped", Style::Wrapped).check();
    Endpoint::new(&server, "/wrapped12", Style::Wrapped).soap12().check();
    Endpoint::new(&server, "/rpc", Style::Rpc).check();
    takes_and_answers_parts(&server, "/mtom", "1.1");
    takes_and_answers_parts(&server, "/mtom12", "1.2");
    server.stop();
}

#[test]
fn gsoap_answers_wrapped_and_in_parts() {
    let server = SoapServer::gsoap_wrapped();
    Endpoint::new(&server, "/wrapped", Style::Wrapped).check();
    // A fault of the sender is 400 in SOAP 1.2, as its HTTP binding says.
    let soap12 = Endpoint::new(&server, "/wrapped", Style::Wrapped).soap12();
    Endpoint { statuses: [500, 500, 400], ..soap12 }.check();
    takes_and_answers_parts(&server, "/", "1.1");
    takes_and_answers_parts(&server, "/", "1.2");
    server.stop();
}

#[test]
fn gsoap_answers_encoded() {
    let server = SoapServer::gsoap_encoded();
    // The detail is known by its type alone.
    let detail = ["fault/Sku=XYZ-22", "fault/Available=3"];
    let encoded = Endpoint { detail, ..Endpoint::encoded(&server, "/encoded") };
    encoded.check();
    let answer = encoded.send("PlaceOrder", true);
    assert!(answer.body.contains("<Payer href=\"#_"), "{answer:?}");
    server.stop();
}

#[test]
fn axis_answers_encoded() {
    let server = SoapServer::axis();
    let encoded = Endpoint {
        placed: "2026-11-20T08:00:00.000Z",
        codes: ["Server.generalException", "Server.userException", "Client"],
        crash: "java.lang.IllegalStateException: It broke.",
        oneway: (200, true),
        ..Endpoint::encoded(&server, "/axis/services/OrdersPort")
    };
    let mut receipt = encoded.style.receipt(encoded.placed);
    // What is absent is written as nil.
    for who in ["Customer", "Payer"] {
        let country = format!("o:PlaceOrderResponse/Receipt/{who}/Country=DE");
        let at = receipt.iter().position(|line| *line == country).unwrap();
        receipt.insert(at + 1, format!("o:PlaceOrderResponse/Receipt/{who}/Email[nil]"));
    }
    encoded.answers("PlaceOrder", &receipt);
    encoded.check_beside_the_receipt();
    let answer = encoded.send("PlaceOrder", true);
    assert!(
        answer.body.contains("<Receipt href=\"#id0\"/>") && answer.body.contains("<multiRef "),
        "{answer:?}"
    );
    server.stop();
}

#[test]
fn a_server_that_is_stopped_leaves_nothing() {
    let server = SoapServer::php();
    let address = server.address();
    server.stop();
    assert!(std::net::TcpStream::connect(address).is_err(), "what it started listens still");
}
