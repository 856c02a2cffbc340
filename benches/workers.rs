//! Whether workers get in each other's way: CPU per scripted request with one busy worker and with two.
//!
//! Usage: `cargo bench --bench workers -- [BINARY] [ROUNDS] [SECONDS]`; BINARY is a built `soapstone`, `dist/soapstone`
//! unless another is named. Needs two cores and `taskset`.
//!
//! Three arrangements take turns in each round: *one* busy worker, *apart*: two that share nothing, each with a gateway
//! of its own, and *together*: two of one gateway. The load runs on the core of the worker that it keeps busy, so that
//! each core does the same in each arrangement. `together / one` is what a second worker costs in all; `apart / one` is
//! the machine's part in it: caches, clock and memory that two cores share whatever they run.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark may stop at the first surprise, prints its result and reads the machine's counters"
)]

#[allow(dead_code, reason = "each benchmark uses its own part")]
mod common;
mod served;

use std::fs;
use std::process::Command;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use soapstone::pipeline::gateway::Gateway;

/// What the project promises for `together / one`.
const GOAL: f64 = 1.1;

/// The arrangements in the order they are measured and printed.
const ARRANGEMENTS: [&str; 3] = ["one", "apart", "together"];

fn main() {
    // `cargo bench` adds its own.
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let word = |at: usize, default: &str| words.get(at).cloned().unwrap_or_else(|| default.to_owned());
    let binary = word(0, concat!(env!("CARGO_MANIFEST_DIR"), "/dist/soapstone"));
    let rounds: usize = word(1, "5").parse().expect("ROUNDS is a number");
    let seconds: u64 = word(2, "2").parse().expect("SECONDS is a number");
    let cores = cores();
    println!(
        "cores {cores:?}, {rounds} rounds of {seconds} s each; CPU us per request, scripted map of ten lines"
    );
    report("in process, threads pinned, thread CPU", &in_process(cores, rounds, seconds));
    report(
        "served over HTTP, user and system CPU of the server",
        &served::measure(&binary, cores, rounds, seconds),
    );
}

/// The first two cores that may be used.
fn cores() -> [usize; 2] {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let list = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:")).unwrap().trim();
    let range = |part: &str| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        first.parse::<usize>().unwrap()..=last.parse::<usize>().unwrap()
    };
    let all: Vec<usize> = list.split(',').flat_map(range).collect();
    assert!(all.len() >= 2, "two cores are needed, and {list} is all that may be used");
    [all[0], all[1]]
}

/// Prints medians and their ratios; `rounds` holds one figure for each arrangement.
fn report(title: &str, rounds: &[[f64; 3]]) {
    println!("\n{title}:");
    for (at, name) in ARRANGEMENTS.iter().enumerate() {
        let figures: Vec<f64> = rounds.iter().map(|round| round[at]).collect();
        // Ratios within a round: what disturbs a whole round cancels.
        let ratio = median(rounds.iter().map(|round| round[at] / round[0]).collect());
        let verdict = match (*name, ratio <= GOAL) {
            ("together", true) => format!("  goal {GOAL}: met"),
            ("together", false) => format!("  goal {GOAL}: missed"),
            _ => String::new(),
        };
        println!("  {name:<9}{:8.2}   x one {ratio:.3}{verdict}", median(figures));
    }
    let sharing = median(rounds.iter().map(|round| round[2] / round[1]).collect());
    println!("  together / apart, what sharing a gateway costs: {sharing:.3}");
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

/// Pins a thread, given by its id.
pub(crate) fn pin(thread: &str, core: usize) {
    let arguments = ["-p", "-c", &core.to_string(), thread];
    let done = Command::new("taskset").args(arguments).output().expect("taskset can be run");
    assert!(done.status.success(), "taskset: {}", String::from_utf8_lossy(&done.stderr));
}

/// Pins the calling thread.
pub(crate) fn pin_self(core: usize) {
    let own = fs::read_link("/proc/thread-self").unwrap();
    pin(own.file_name().unwrap().to_str().unwrap(), core);
}

fn in_process(cores: [usize; 2], rounds: usize, seconds: u64) -> Vec<[f64; 3]> {
    let gateways = [common::gateway(), common::gateway()];
    let for_time = Duration::from_secs(seconds);
    let round = |_| {
        [
            threads(&[(&gateways[0], cores[0])], for_time),
            threads(&[(&gateways[0], cores[0]), (&gateways[1], cores[1])], for_time),
            threads(&[(&gateways[0], cores[0]), (&gateways[0], cores[1])], for_time),
        ]
    };
    (0..rounds).map(round).collect()
}

/// Runs requests on a thread for each gateway and core; CPU microseconds per request.
fn threads(arrangement: &[(&Gateway, usize)], for_time: Duration) -> f64 {
    let (stop, start) = (AtomicBool::new(false), Barrier::new(arrangement.len() + 1));
    let run = |gateway: &Gateway, core| {
        pin_self(core);
        let scripts = common::scripts(gateway);
        let request = common::request("/priced", "application/xml", common::order());
        (0..500).for_each(|_| drop(common::answer(gateway, &scripts, &request)));
        start.wait();
        let (mut done, before) = (0_u64, thread_cpu());
        while !stop.load(Ordering::Relaxed) {
            common::answer(gateway, &scripts, &request);
            done += 1;
        }
        (done, thread_cpu() - before)
    };
    let all = std::thread::scope(|scope| {
        let run = &run;
        let spawn = |&(gateway, core)| scope.spawn(move || run(gateway, core));
        let threads: Vec<_> = arrangement.iter().map(spawn).collect();
        start.wait();
        std::thread::sleep(for_time);
        stop.store(true, Ordering::Relaxed);
        threads.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
    });
    let (done, cpu) = all.iter().fold((0, 0), |sum, (done, cpu)| (sum.0 + done, sum.1 + cpu));
    cpu as f64 / 1000.0 / done as f64
}

/// CPU nanoseconds of the calling thread.
fn thread_cpu() -> u64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    text.split_whitespace().next().unwrap().parse().unwrap()
}
