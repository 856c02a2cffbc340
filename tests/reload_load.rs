//! Two hundred reloads under load: no request fails, and no answer mixes two generations.
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

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use support::*;

const RELOADS: u64 = 200;

/// Every how many reloads the file is wrong.
const WRONG: u64 = 10;

/// The order service of a generation. Its number stands in the answer four times, from four places of the file: a map's
/// value, a map's script, a step and a function. Listeners, routes, profiles and the log change with it.
fn kdl(number: u64, extra: SocketAddr) -> String {
    let service = order_service();
    let receipt = "element Customer\n        element Total type=decimal";
    let total = "    set \"Receipt/Total\"";
    let status = "set response.status value=201";
    assert!(service.contains(receipt) && service.contains(total) && service.contains(status));
    let optional = if number.is_multiple_of(3) { "element Note occurs=\"0..1\"" } else { "" };
    let mut kdl = service
        .replace(
            receipt,
            &format!("element Value\n element Script\n element Function\n {optional}\n {receipt}"),
        )
        .replace(
            total,
            &format!(
                "    set \"Receipt/Value\" value=\"{number}\"\n    set \"Receipt/Script\" script=\"{number}\"\n    \
                 set \"Receipt/Function\" script=\"generation()\"\n{total}"
            ),
        )
        .replace(status, &format!("{status}\n set response.header.x-generation value=\"{number}\""));
    kdl.push_str(&format!(
        "functions #\"fn generation() {{ {number} }}\"#\n\
         operation get-number {{\n action get\n object Number\n output number\n process {{\n \
         message \"<Number>{number}</Number>\" type=\"application/xml\"\n return\n }}\n}}\n\
         profile number format=xml {{ element Number }}\n\
         api changing base=\"/api{number}\" {{\n rest {{ get \"/number\" get-number }}\n}}\n"
    ));
    if number.is_multiple_of(2) {
        kdl.push_str(&format!("listener extra bind=\"{extra}\" {{ limits body=\"{number}KiB\" }}\n"));
    }
    kdl
}

/// What a client sends again and again.
struct Caller {
    path: &'static str,
    content_type: &'static str,
    accept: &'static str,
    body: String,
    status: u16,
    kept: bool,
}

fn callers() -> Vec<Caller> {
    let simple = |kept| Caller {
        path: "/ws/simple/createOrder",
        content_type: "application/xml",
        accept: "*/*",
        body: ORDER.to_owned(),
        status: 201,
        kept,
    };
    let soap = |version| Caller {
        path: "/ws/soap",
        content_type: soap_type(version),
        body: envelope(version, &create_order(ORDER)),
        status: 200,
        ..simple(true)
    };
    let rest = |kept| Caller { path: "/ws/rest/Order", accept: "application/json", ..simple(kept) };
    vec![simple(true), simple(false), soap("1.1"), soap("1.2"), rest(true), rest(false)]
}

/// The generation of an answer; fails when it is of none or of two.
fn generation(answer: &Response) -> u64 {
    let header = answer.header("x-generation").unwrap_or_else(|| panic!("no generation in {answer:?}"));
    for name in ["Value", "Script", "Function"] {
        let xml = format!("<{name}>{header}</{name}>");
        let json = format!("\"{name}\":\"{header}\"");
        assert!(answer.body.contains(&xml) || answer.body.contains(&json), "generations mixed: {answer:?}");
    }
    header.parse().unwrap()
}

/// What the callers and the one who reloads know of each other.
#[derive(Default)]
struct Shared {
    /// The highest generation of which a reload said that it serves.
    serves: AtomicU64,
    done: AtomicBool,
}

/// Calls until the reloads are done; gives the number of calls.
fn load(caller: &Caller, address: SocketAddr, shared: &Shared) -> u64 {
    let headers = [("Content-Type", caller.content_type), ("Accept", caller.accept)];
    let mut connection = Connection::open(address);
    let (mut calls, mut last) = (0, 0);
    while !shared.done.load(Ordering::Acquire) {
        if !caller.kept {
            connection = Connection::open(address);
        }
        let least = shared.serves.load(Ordering::Acquire);
        let answer = connection.call("POST", caller.path, &headers, caller.body.as_bytes());
        assert_eq!(answer.status, caller.status, "{answer:?}");
        assert_eq!(answer.header("connection"), None, "a kept connection is not ended by a reload");
        let now = generation(&answer);
        assert!(now >= least, "generation {now} answered after {least} was said to serve");
        assert!(now >= last, "generation {now} answered after {last}");
        (calls, last) = (calls + 1, now);
    }
    calls
}

/// One reload after the other, through the command; every tenth file is wrong.
fn reload_all(gateway: &Gateway, extra: SocketAddr, shared: &Shared) {
    let address = gateway.address("internal");
    let mut right = 0;
    for number in 1..=RELOADS {
        if number.is_multiple_of(WRONG) {
            gateway.folder.write(
                "gateway.kdl",
                &kdl(number, extra).replace("map order-to-receipt from=order", "map x from=ordre"),
            );
            let (status, told) = gateway.reload();
            assert_eq!(status.code(), Some(1), "{told}");
            assert!(told.contains("did you mean `order`?"), "{told}");
            continue;
        }
        gateway.folder.write("gateway.kdl", &kdl(number, extra));
        let (status, told) = gateway.reload();
        assert!(status.success(), "{number}: {told}");
        right += 1;
        assert!(told.starts_with(&format!("generation {} serves", right + 1)), "{number}: {told}");
        shared.serves.store(number, Ordering::Release);
        let answer = get(address, &format!("/api{number}/number"));
        assert!(answer.status == 200 && answer.body.contains(&format!(">{number}<")), "{number}: {answer:?}");
        let gone = get(address, &format!("/api{}/number", number - 1));
        assert_eq!(gone.status, 404, "{number}: {gone:?}");
        if number.is_multiple_of(2) {
            let answer = get(extra, &format!("/api{number}/number"));
            assert_eq!(answer.status, 200, "{number}: {answer:?}");
        } else {
            assert!(TcpStream::connect(extra).is_err(), "{number}: a removed listener listens");
        }
    }
}

#[test]
fn two_hundred_reloads_fail_no_request() {
    let extra = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let gateway = Gateway::start(&kdl(0, extra));
    let address = gateway.address("internal");
    let shared = Shared::default();
    let callers = callers();
    let calls: Vec<u64> = std::thread::scope(|scope| {
        let shared = &shared;
        let running: Vec<_> =
            callers.iter().map(|caller| scope.spawn(move || load(caller, address, shared))).collect();
        let outcome =
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| reload_all(&gateway, extra, shared)));
        shared.done.store(true, Ordering::Release);
        if let Err(panic) = outcome {
            std::panic::resume_unwind(panic);
        }
        running.into_iter().map(|caller| caller.join().expect("a caller's request failed")).collect()
    });
    // Each kind of caller was there all the time.
    assert!(calls.iter().all(|calls| *calls > RELOADS), "too little load: {calls:?}");
    let metrics = call(gateway.address("admin"), "GET", "/metrics", &[("Host", "localhost")], b"").body;
    let generations = metrics.lines().find(|line| line.contains("generations") && !line.starts_with('#'));
    assert!(generations.is_some_and(|line| line.ends_with(" 1")), "old generations live on: {generations:?}");
}
