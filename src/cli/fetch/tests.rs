//! Tests of what a contract may lead to: private addresses are for contracts that stand at one themselves.

use std::io::{Read, Write};
use std::net::TcpListener;

use super::*;
use crate::source::Span;

/// A server that answers one request; its address.
fn server(answer: &'static str) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = Vec::new();
        let mut byte = [0];
        while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap() > 0 {
            request.push(byte[0]);
        }
        stream.write_all(answer.as_bytes()).unwrap();
    });
    Url::parse(&format!("http://{address}/a?wsdl")).unwrap()
}

const FINE: &str = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n<a/>";

fn fetcher(root: &str) -> Fetcher {
    Fetcher::new(&WsdlSource::new(Url::parse(root).unwrap(), Span::default()))
}

#[test]
fn a_contract_of_the_open_network_does_not_lead_to_private_addresses() {
    let url = server(FINE);
    let mut open = fetcher("http://crm.example.com/?wsdl");
    open.reach = Reach::Open;
    let told = open.fetch(&url).unwrap_err();
    assert_eq!(
        told,
        "the host 127.0.0.1 is at a private address, and crm.example.com is not: name it as a contract of its own if it is \
         meant"
    );
    // The same address is fine for a contract that stands there.
    let mut own = fetcher(&url.to_string());
    assert_eq!(own.fetch(&url).unwrap().bytes, b"<a/>");
    assert_eq!(own.reach, Reach::Everywhere);
}

#[test]
fn the_time_for_a_whole_contract_is_bounded() {
    let mut late = fetcher("http://127.0.0.1:9/");
    late.until = Instant::now();
    assert!(late.fetch(&Url::parse("http://127.0.0.1:9/").unwrap()).unwrap_err().contains("five minutes"));
}
