//! 100,000 executions with random failures and clients that leave: nothing is left behind. Run by script/soak.
#![allow(clippy::disallowed_methods, reason = "this test reads what the system says of a process")]
#![allow(clippy::print_stdout, reason = "what was measured is the result")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

mod support;

use std::collections::BTreeMap;
use std::time::Instant;

use support::{Connection, DEADLINE, Gateway, call};

/// Executions in each half: the first one fills what is filled once.
const HALF: usize = 50_000;

const CLIENTS: usize = 4;

/// Resident kilobytes that the second half may add: a leak of 100 bytes for each execution would add 5,000.
const MAY_GROW: usize = 3_000;

/// Everything that could leave something behind, chosen by the request.
const FILE: &str = r#"
listener internal bind="127.0.0.1:0" { limits request="2s" }
admin bind="127.0.0.1:0"
trace keep=10
profile order format=xml { element Order { element Line occurs="1..*" { element Sku } } }
operation work {
    action execute
    object Work
    input order
    output data content-type="text/plain"
    trace sample=0.01
    limits after="500ms"
    process {
        route property=request.query.kind {
            case plain { message "ok"; return }
            case thrown { throw "no" status=409 }
            case script { set x script="1 / 0"; return }
            case retried {
                try retry=2 backoff="1ms" {
                    set process.runs value="{process.runs}x"
                    decision property=process.runs ne=xx { then { throw "not yet" } }
                    catch { stop }
                }
                message "ok"
                return
            }
            case late { try { wait "1h" timeout="3ms"; catch { message "late" } }; return }
            case parallel {
                branch { path { set n value=1 }; path { set n value=2 }; path { set n value=3 } }
                parallel 2 {
                    wait "1ms"
                    decision property=request.query.fails eq=yes { then { decision property=n eq=2 { then { throw "one of them" } } } }
                }
                return
            }
            case early { branch { path { message "ok"; return }; path { wait "5ms"; call after } } }
            case endless { branch { path { message "ok"; return }; path { wait "1h" } } }
            case called { call after wait=#false; call sub each=#true; return }
            case stopped { stop all=#true }
            default { throw "?" }
        }
    }
}
process sub { for-each { message "sub"; return } }
process after { decision property=request.query.fails eq=yes { then { throw "after" } } }
"#;

const KINDS: [&str; 10] =
    ["plain", "thrown", "script", "retried", "late", "parallel", "early", "endless", "called", "stopped"];

const ORDER: &str = "<Order><Line><Sku>A</Sku></Line><Line><Sku>B</Sku></Line></Order>";

/// A simple generator: the same requests each time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

/// Sends requests; gives how often each status came, 0 for those whose client left.
fn client(gateway: &Gateway, seed: u64, count: usize) -> BTreeMap<u16, usize> {
    let mut numbers = Numbers(seed);
    let mut seen = BTreeMap::new();
    let address = gateway.address("internal");
    let mut connection = Connection::open(address);
    for _ in 0..count {
        // What runs on for its whole time is seldom: only so many may at once.
        let kind = match numbers.below(100) {
            0 => "endless",
            other => KINDS[usize::try_from(other).unwrap() % KINDS.len()],
        };
        let kind = if kind == "endless" && numbers.below(10) > 0 { "plain" } else { kind };
        let fails = if numbers.below(3) == 0 { "yes" } else { "no" };
        let path = format!("/ws/simple/executeWork?kind={kind}&fails={fails}");
        let status = match numbers.below(20) {
            // Leaves without its answer.
            0 => {
                connection.ask("POST", &path, &[("Content-Type", "application/xml")], ORDER.as_bytes());
                connection = Connection::open(address);
                0
            }
            // Leaves in the middle of its body.
            1 => {
                let head = format!("POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\n<Order>");
                connection.send(head.as_bytes());
                connection = Connection::open(address);
                0
            }
            _ => {
                connection.ask("POST", &path, &[("Content-Type", "application/xml")], ORDER.as_bytes());
                connection.answer().expect("an answer").status
            }
        };
        *seen.entry(status).or_default() += 1;
    }
    seen
}

fn half(gateway: &Gateway, seed: u64) -> BTreeMap<u16, usize> {
    let mut all = BTreeMap::new();
    std::thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|number| scope.spawn(move || client(gateway, seed + number as u64, HALF / CLIENTS)))
            .collect();
        for client in clients {
            for (status, count) in client.join().unwrap() {
                *all.entry(status).or_default() += count;
            }
        }
    });
    all
}

/// The gauges that must come back to what they were.
fn gauges(gateway: &Gateway) -> Vec<String> {
    let metrics = call(gateway.address("admin"), "GET", "/metrics", &[("Host", "localhost")], b"").body;
    let watched = ["requests_in_flight", "connections", "background_runs", "live_generations"];
    let is = |line: &&str| watched.iter().any(|name| line.starts_with(&format!("soapstone_{name}")));
    metrics.lines().filter(is).filter(|line| !line.contains("refused")).map(str::to_owned).collect()
}

/// Waits until nothing is under way.
fn settled(gateway: &Gateway) -> Vec<String> {
    let until = Instant::now() + DEADLINE;
    loop {
        let gauges = gauges(gateway);
        let idle = gauges.iter().all(|line| line.ends_with(" 0") || line == "soapstone_live_generations 1");
        if idle {
            return gauges;
        }
        assert!(Instant::now() < until, "still under way: {gauges:?}");
        std::thread::yield_now();
    }
}

/// Resident kilobytes, open files and threads.
fn held(gateway: &Gateway) -> (usize, usize, usize) {
    let status = std::fs::read_to_string(format!("/proc/{}/status", gateway.pid())).unwrap();
    let number = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    };
    let files = std::fs::read_dir(format!("/proc/{}/fd", gateway.pid())).unwrap().count();
    (number("VmRSS:"), files, number("Threads:"))
}

#[test]
fn nothing_is_left_behind() {
    let gateway = Gateway::start_with(FILE, &["--workers", "2"], &[]);
    let began = Instant::now();
    let first = half(&gateway, 1);
    settled(&gateway);
    let before = held(&gateway);
    let second = half(&gateway, 1000);
    let gauges = settled(&gateway);
    let after = held(&gateway);
    println!("statuses, 0 for clients that left: {first:?}, then {second:?}");
    println!(
        "kilobytes resident, open files, threads: {before:?} after the first half, {after:?} after the second"
    );
    println!("{} executions in {:.0} s; at the end {gauges:?}", 2 * HALF, began.elapsed().as_secs_f64());
    for status in [0, 200, 409, 500] {
        assert!(
            second.get(&status).is_some_and(|count| *count > 100),
            "{status} was hardly seen: {second:?}"
        );
    }
    assert!(after.0 <= before.0 + MAY_GROW, "resident memory grows: {before:?}, {after:?}");
    assert!(after.1 <= before.1 + 1, "files stay open: {before:?}, {after:?}");
    assert!(after.2 <= before.2, "threads stay: {before:?}, {after:?}");
}
