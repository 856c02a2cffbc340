//! Lookups against a DNS server that the test runs itself, and against hosts files of its own.
#![allow(clippy::disallowed_methods, reason = "these tests write the files that the resolver reads")]

use std::collections::HashMap;
use std::fs;
use std::net::{IpAddr, UdpSocket};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use hickory_resolver::proto::op::{Message, OpCode, ResponseCode};
use hickory_resolver::proto::rr::rdata::CNAME;
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};

use crate::dns::{Found, Worker};
use crate::failure::Failure;
use crate::request::Family;
use crate::sources::Sources;

/// A folder for hosts and resolv.conf that goes when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name =
            format!("soapstone-resolve-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.0.join(name), text).unwrap();
    }

    fn worker(&self, port: u16) -> Worker {
        self.worker_within(port, Duration::from_secs(10))
    }

    fn worker_within(&self, port: u16, longest: Duration) -> Worker {
        let sources = Sources { hosts: self.0.join("hosts"), resolv: self.0.join("resolv.conf"), port };
        Worker::start(sources, longest).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Answers by a table of `name type -> text` and remembers what it was asked. Silent for names under `silent.`.
struct Server {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start(table: &[(&str, &str)]) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let port = socket.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let table: HashMap<String, String> =
            table.iter().map(|&(k, v)| (k.to_owned(), v.to_owned())).collect();
        let log = asked.clone();
        // Ends with the test process.
        thread::spawn(move || {
            let mut buffer = [0; 1500];
            while let Ok((length, from)) = socket.recv_from(&mut buffer) {
                let query = Message::from_vec(&buffer[..length]).unwrap();
                let question = query.queries[0].clone();
                let key = format!("{} {}", question.name().to_utf8(), question.query_type());
                log.lock().unwrap().push(key.clone());
                if !key.contains("silent.") {
                    let reply = reply(&query, question.name(), question.query_type(), table.get(&key));
                    socket.send_to(&reply.to_vec().unwrap(), from).unwrap();
                }
            }
        });
        Self { port, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn reply(query: &Message, name: &Name, kind: RecordType, text: Option<&String>) -> Message {
    let mut reply = Message::response(query.metadata.id, OpCode::Query);
    reply.add_query(query.queries[0].clone());
    let mut owner = name.clone();
    for word in text.map(String::as_str).unwrap_or("nxdomain").split_whitespace() {
        match word {
            "nxdomain" => reply.metadata.response_code = ResponseCode::NXDomain,
            "servfail" => reply.metadata.response_code = ResponseCode::ServFail,
            "nodata" => {}
            _ if word.ends_with('.') => {
                let alias = Name::from_utf8(word).unwrap();
                reply.add_answer(Record::from_rdata(owner, 60, RData::CNAME(CNAME(alias.clone()))));
                owner = alias;
            }
            _ => {
                let data = RData::from(word.parse::<IpAddr>().unwrap());
                assert_eq!(data.record_type(), kind);
                reply.add_answer(Record::from_rdata(owner.clone(), 60, data));
            }
        }
    }
    reply
}

fn texts(found: Result<Found, Failure>) -> Vec<String> {
    let mut texts: Vec<String> = found.unwrap().addresses.iter().map(ToString::to_string).collect();
    texts.sort();
    texts
}

#[test]
fn a_server_is_asked_for_both_families_and_for_one() {
    let server = Server::start(&[
        ("both.test. A", "192.0.2.1 192.0.2.2"),
        ("both.test. AAAA", "2001:db8::1"),
        ("www.test. A", "real.test. 192.0.2.9"),
        ("www.test. AAAA", "nodata"),
    ]);
    let folder = Folder::new();
    folder.write("resolv.conf", "nameserver 127.0.0.1\n");
    let worker = folder.worker(server.port);
    assert_eq!(texts(worker.lookup("both.test", Family::Any)), ["192.0.2.1", "192.0.2.2", "2001:db8::1"]);
    assert_eq!(texts(worker.lookup("both.test", Family::V6)), ["2001:db8::1"]);
    let alias = worker.lookup("www.test", Family::Any).unwrap();
    assert_eq!(alias.canonical.as_deref(), Some("real.test"));
    assert_eq!(texts(Ok(alias)), ["192.0.2.9"]);
}

#[test]
fn what_servers_refuse_has_its_own_failure() {
    let server = Server::start(&[
        ("half.test. A", "192.0.2.1"),
        ("half.test. AAAA", "nodata"),
        ("ill.test. A", "servfail"),
    ]);
    let folder = Folder::new();
    folder.write("resolv.conf", "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n");
    let worker = folder.worker(server.port);
    assert_eq!(worker.lookup("nobody.test", Family::Any), Err(Failure::NoName));
    assert_eq!(worker.lookup("half.test", Family::V6), Err(Failure::NoData));
    assert_eq!(worker.lookup("ill.test", Family::V4), Err(Failure::Again));
    assert_eq!(worker.lookup(&"long.".repeat(60), Family::V4), Err(Failure::NoName));
}

#[test]
fn the_search_list_is_tried() {
    let server = Server::start(&[("orders.shop.test. A", "192.0.2.3"), ("orders.shop.test. AAAA", "nodata")]);
    let folder = Folder::new();
    folder.write("resolv.conf", "nameserver 127.0.0.1\nsearch other.test shop.test\n");
    assert_eq!(texts(folder.worker(server.port).lookup("orders", Family::Any)), ["192.0.2.3"]);
}

#[test]
fn the_hosts_file_comes_first_and_is_read_again_when_it_changes() {
    let server = Server::start(&[("orders.test. A", "192.0.2.3")]);
    let folder = Folder::new();
    folder.write("resolv.conf", "nameserver 127.0.0.1\n");
    folder.write("hosts", "# ours\n10.0.0.7 orders.test orders\n2001:db8::7\torders.test\n");
    let worker = folder.worker(server.port);
    assert_eq!(texts(worker.lookup("Orders.test", Family::Any)), ["10.0.0.7", "2001:db8::7"]);
    assert_eq!(texts(worker.lookup("orders", Family::V4)), ["10.0.0.7"]);
    folder.write("hosts", "10.0.0.88 orders.test\n");
    assert_eq!(texts(worker.lookup("orders.test", Family::Any)), ["10.0.0.88"]);
    assert_eq!(server.asked(), Vec::<String>::new());
    folder.write("hosts", "");
    assert_eq!(texts(worker.lookup("orders.test", Family::V4)), ["192.0.2.3"]);
}

#[test]
fn without_resolv_conf_hosts_and_localhost_still_answer() {
    let folder = Folder::new();
    folder.write("hosts", "10.0.0.7 orders.test\n");
    let worker = folder.worker(53);
    assert_eq!(texts(worker.lookup("orders.test", Family::Any)), ["10.0.0.7"]);
    assert_eq!(texts(worker.lookup("localhost", Family::Any)), ["127.0.0.1", "::1"]);
    assert_eq!(texts(worker.lookup("a.localhost.", Family::V4)), ["127.0.0.1"]);
    assert_eq!(worker.lookup("nobody.test", Family::Any), Err(Failure::NoName));
}

#[test]
fn a_silent_server_costs_a_bounded_time() {
    let server = Server::start(&[]);
    let folder = Folder::new();
    folder.write("resolv.conf", "nameserver 127.0.0.1\noptions timeout:30 attempts:5\n");
    let worker = folder.worker_within(server.port, Duration::from_millis(200));
    let start = Instant::now();
    assert_eq!(worker.lookup("host.silent.", Family::Any), Err(Failure::Again));
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

#[test]
fn reserved_names_are_settled_without_a_server() {
    let server = Server::start(&[]);
    let folder = Folder::new();
    folder.write("resolv.conf", "nameserver 127.0.0.1\n");
    let worker = folder.worker(server.port);
    assert_eq!(texts(worker.lookup("localhost", Family::V6)), ["::1"]);
    assert_eq!(worker.lookup("orders.invalid", Family::Any), Err(Failure::NoName));
    assert_eq!(server.asked(), Vec::<String>::new());
}

#[test]
fn many_threads_may_ask_at_once_beside_a_silent_one() {
    let server = Server::start(&[("one.test. A", "192.0.2.1")]);
    let folder = Folder::new();
    folder.write("resolv.conf", "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n");
    let worker = folder.worker(server.port);
    let slow = thread::spawn({
        let worker = worker.clone();
        move || worker.lookup("host.silent.", Family::V4)
    });
    let ask = |_| {
        thread::spawn({
            let worker = worker.clone();
            move || texts(worker.lookup("one.test", Family::V4))
        })
    };
    let threads: Vec<_> = (0..16).map(ask).collect();
    for asking in threads {
        assert_eq!(asking.join().unwrap(), ["192.0.2.1"]);
    }
    assert_eq!(slow.join().unwrap(), Err(Failure::Again));
}
