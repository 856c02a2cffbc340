//! The ways in which a server is reached: credentials, header fields, a proxy, certificates of both sides, packed answers.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

#[path = "support/broken_server.rs"]
mod broken_server;
mod support;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};

use broken_server::{Answer, BrokenServer, Identity};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use support::{DEADLINE, Folder, Gateway, get};

/// A file in which one operation gets something of a server.
fn kdl(server: &str, steps: &str) -> String {
    format!(
        "listener internal bind=\"127.0.0.1:0\"\n{server}\noperation call {{\n action get\n object Call\n output data\n process {{\n \
         http crm get \"/thing\" {{ fault {{ message \"{{error.kind}} {{error.cause}}\"; return }} }}\n {steps}\n return }} }}\n"
    )
}

fn body(gateway: &Gateway) -> String {
    get(gateway.address("internal"), "/ws/rest/Call").body
}

fn good() -> [Answer; 1] {
    [Answer::new(200, "text/plain", "fine")]
}

#[test]
fn credentials_and_fields_go_with_every_request() {
    let server = BrokenServer::start(good());
    let cases = [
        ("auth basic user=\"me\" password=(env)SECRET", "Basic bWU6czpw"),
        ("auth bearer token=(env)SECRET", "Bearer s:p"),
    ];
    for (auth, expected) in cases {
        let text = format!(
            "server crm url=\"{}\" {{ {auth}; header X-Api-Key value=(env)SECRET }}",
            server.url("/base")
        );
        let gateway = Gateway::start_with(&kdl(&text, ""), &[], &[("SECRET", "s:p")]);
        assert_eq!(body(&gateway), "fine");
        let seen = server.seen().pop().unwrap();
        assert_eq!((seen.path.as_str(), seen.header("authorization")), ("/base/thing", Some(expected)));
        assert_eq!(seen.header("x-api-key"), Some("s:p"));
    }
}

#[test]
fn the_query_of_a_url_goes_with_every_request() {
    let server = BrokenServer::start([
        Answer::empty(302).header("Location", "/stock/other?b=2"),
        Answer::new(200, "text/plain", "fine"),
    ]);
    let told = |call: &str| {
        let text = format!(
            "listener internal bind=\"127.0.0.1:0\"\nserver crm url=\"{}\"\n\
             operation call {{ action get; object Call; output data; process {{ {call}; return }} }}\n",
            server.url("/stock?sap-client=100")
        );
        let gateway = Gateway::start(&text);
        assert_eq!(body(&gateway), "fine");
        let paths: Vec<String> = server.seen().into_iter().map(|seen| seen.path).collect();
        paths
    };
    // What an answer says to look for has a query of its own, or none.
    let redirected = told("http crm get \"/big/1?full=1\" redirects=1 { query lang value=de }");
    assert_eq!(redirected, ["/stock/big/1?sap-client=100&full=1&lang=de", "/stock/other?b=2"]);
    assert_eq!(told("http crm get \"/big/1/x\"").last().unwrap(), "/stock/big/1/x?sap-client=100");
    assert_eq!(told("http crm get \"\"").last().unwrap(), "/stock?sap-client=100");
}

#[test]
fn packed_answers_are_unpacked_within_their_bound() {
    let gzip = |bytes: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let packed =
        |bytes: &[u8]| Answer::new(200, "text/plain", gzip(bytes)).header("Content-Encoding", "gzip");
    let server = BrokenServer::start([packed(b"unpacked")]);
    let gateway = Gateway::start(&kdl(
        &format!("server crm url=\"{}\" {{ limits body=\"64KiB\" }}", server.url("")),
        "",
    ));
    assert_eq!(body(&gateway), "unpacked");
    server.answer([packed(&vec![0; 10 << 20])]);
    assert_eq!(body(&gateway), "transport answer-too-large");
    server.answer([Answer::new(200, "text/plain", "plain").header("Content-Encoding", "gzip")]);
    assert_eq!(body(&gateway), "transport bad-answer");
    server.answer([Answer::new(200, "text/plain", "plain").header("Content-Encoding", "br")]);
    assert_eq!(body(&gateway), "transport bad-answer");
}

/// A proxy that connects one client through, or refuses it; gives what it was asked.
fn proxy(refuses: Option<&'static str>) -> (SocketAddr, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (send, asked) = channel();
    std::thread::spawn(move || {
        let (mut client, _) = listener.accept().unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            client.read_exact(&mut byte).unwrap();
            head.push(byte[0]);
        }
        let head = String::from_utf8(head).unwrap();
        let target = head.split(' ').nth(1).unwrap().to_owned();
        send.send(head).unwrap();
        if let Some(answer) = refuses {
            client.write_all(format!("HTTP/1.1 {answer}\r\n\r\n").as_bytes()).unwrap();
            return;
        }
        let mut server = TcpStream::connect(target).unwrap();
        client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").unwrap();
        let (mut back, mut forth) = (server.try_clone().unwrap(), client.try_clone().unwrap());
        std::thread::spawn(move || std::io::copy(&mut back, &mut forth));
        let _ = std::io::copy(&mut client, &mut server);
    });
    (address, asked)
}

#[test]
fn a_proxy_connects_through_and_may_refuse() {
    let server = BrokenServer::start_tls(Identity::Right, good());
    let folder = |refuses: Option<&'static str>| {
        let (address, asked) = proxy(refuses);
        let folder = Folder::new();
        folder.write("ca.pem", server.certificate());
        let text = format!(
            "server crm url=\"{}\" {{ tls ca=\"ca.pem\"; proxy \"http://{address}\" user=\"me\" password=(env)SECRET }}",
            server.url("")
        );
        folder.write("gateway.kdl", &kdl(&text, ""));
        (folder, asked)
    };
    let (through, asked) = folder(None);
    let gateway = Gateway::start_in(through, &[], &[("SECRET", "s:p")]);
    assert_eq!(body(&gateway), "fine");
    let head = asked.recv_timeout(DEADLINE).unwrap();
    assert!(head.starts_with(&format!("CONNECT {} HTTP/1.1\r\n", server.address())), "{head}");
    assert!(head.contains("Proxy-Authorization: Basic bWU6czpw\r\n"), "{head}");
    for (answer, told) in [("407 No", "security proxy-refused"), ("502 Bad", "transport proxy-failed")] {
        let (refused, _asked) = folder(Some(answer));
        let gateway = Gateway::start_in(refused, &[], &[("SECRET", "s:p")]);
        assert_eq!(body(&gateway), told);
    }
}

#[test]
fn a_server_may_ask_for_a_certificate() {
    let key = || KeyPair::generate().unwrap();
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, key()).unwrap();
    let signed = |name: &str| {
        let own = key();
        let certificate =
            CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&own, &authority).unwrap();
        (certificate.pem(), own.serialize_pem())
    };
    let (server, client) = (signed("localhost"), signed("client.test"));
    let files = |folder: &Folder| {
        folder.write("ca.pem", &authority.pem());
        for (name, (certificate, key)) in [("server", &server), ("client", &client)] {
            folder.write(&format!("{name}.pem"), certificate);
            folder.write(&format!("{name}.key"), key);
        }
    };
    let there = Folder::new();
    files(&there);
    there.write(
        "gateway.kdl",
        "listener tls bind=\"127.0.0.1:0\" { tls cert=\"server.pem\" key=(file)\"server.key\" { client-ca \"ca.pem\" } }\n\
         operation thing { action get; object Thing; output data content-type=\"text/plain\"; process { message \"let in\"; return } }\n\
         api a base=\"/\" { rest { get \"/thing\" thing } }\n",
    );
    let there = Gateway::start_in(there, &[], &[]);
    let port = there.address("tls").port();
    let told = |tls: &str| {
        let here = Folder::new();
        files(&here);
        let text = format!("server crm url=\"https://localhost:{port}\" {{ tls ca=\"ca.pem\" {tls} }}");
        here.write("gateway.kdl", &kdl(&text, ""));
        body(&Gateway::start_in(here, &[], &[]))
    };
    assert_eq!(told("cert=\"client.pem\" key=(file)\"client.key\""), "let in");
    let refused = told("");
    assert!(
        ["security own-certificate-refused", "transport connection-lost"].contains(&refused.as_str()),
        "{refused}"
    );
}
