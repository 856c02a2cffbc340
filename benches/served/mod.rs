//! The same over HTTP: servers pinned to cores, and a closed loop of connections for each worker on its own core.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Barrier;
use std::time::{Duration, Instant};

use crate::{common, pin, pin_self};

/// Connections of each worker.
const CONNECTIONS: usize = 16;

/// Clock ticks a second in `/proc/PID/stat`: what Linux shows everywhere.
const TICKS: f64 = 100.0;

/// One server; ends with this value.
struct Server {
    child: Child,
    address: SocketAddr,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    /// A server with a worker on each of these cores.
    fn start(binary: &str, cores: &[usize], file: &str) -> Self {
        let list = cores.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        let workers = cores.len().to_string();
        let mut command = Command::new("taskset");
        command.args(["-c", &list, binary, "run", "--workers", &workers, file]);
        let mut child =
            command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("taskset can be run");
        let mut line = String::new();
        BufReader::new(child.stderr.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.split("http://").nth(1).and_then(|rest| rest.trim().parse().ok());
        let server = Self { address: address.unwrap_or_else(|| panic!("{binary} says: {line}")), child };
        server.pin_workers(cores);
        server
    }

    fn pin_workers(&self, cores: &[usize]) {
        for task in fs::read_dir(format!("/proc/{}/task", self.child.id())).unwrap() {
            let task = task.unwrap();
            let name = fs::read_to_string(task.path().join("comm")).unwrap();
            if let Some(number) = name.trim().strip_prefix("worker-") {
                pin(task.file_name().to_str().unwrap(), cores[number.parse::<usize>().unwrap()]);
            }
        }
    }

    /// User and system CPU in microseconds.
    fn cpu(&self) -> f64 {
        let text = fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        let fields: Vec<&str> = text.rsplit(')').next().unwrap().split_whitespace().collect();
        let ticks: f64 = fields[11..13].iter().map(|field| field.parse::<f64>().unwrap()).sum();
        ticks / TICKS * 1e6
    }
}

/// One figure for each arrangement and round.
pub fn measure(binary: &str, cores: [usize; 2], rounds: usize, seconds: u64) -> Vec<[f64; 3]> {
    let file = std::env::temp_dir().join(format!("soapstone-workers-{}.kdl", std::process::id()));
    let text = fs::read_to_string(common::GATEWAY).unwrap();
    fs::write(&file, text.replace("127.0.0.1:9290", "127.0.0.1:0")).unwrap();
    let path = file.to_str().unwrap();
    let [first, second] = cores;
    let apart = [Server::start(binary, &[first], path), Server::start(binary, &[second], path)];
    let together = Server::start(binary, &[first, second], path);
    fs::remove_file(&file).unwrap();
    let both = [apart[0].address, apart[1].address];
    let for_time = Duration::from_secs(seconds);
    let round = |_| {
        [
            run(&apart[..1], &[(both[0], first)], for_time),
            run(&apart, &[(both[0], first), (both[1], second)], for_time),
            run(
                std::slice::from_ref(&together),
                &[(together.address, first), (together.address, second)],
                for_time,
            ),
        ]
    };
    (0..rounds).map(round).collect()
}

/// Loads servers with a thread for each address and core; the servers' CPU microseconds per request.
fn run(servers: &[Server], load: &[(SocketAddr, usize)], for_time: Duration) -> f64 {
    // One for each in turn: a server gives a new connection to the worker with the fewest, so each load has its worker.
    let mut connections: Vec<Vec<TcpStream>> = load.iter().map(|_| Vec::new()).collect();
    for _ in 0..CONNECTIONS {
        for (own, (address, _)) in connections.iter_mut().zip(load) {
            own.push(connect(*address));
        }
    }
    let start = Barrier::new(load.len() + 1);
    std::thread::scope(|scope| {
        let start = &start;
        let spawn = |(own, (_, core)): (Vec<TcpStream>, &(SocketAddr, usize))| {
            let core = *core;
            scope.spawn(move || {
                pin_self(core);
                let mut own = own;
                busy(&mut own, Duration::from_millis(200));
                start.wait();
                let done = busy(&mut own, for_time);
                start.wait();
                done
            })
        };
        let threads: Vec<_> = connections.into_iter().zip(load).map(spawn).collect();
        let cpu = || servers.iter().map(Server::cpu).sum::<f64>();
        start.wait();
        let before = cpu();
        start.wait();
        let used = cpu() - before;
        let done: u64 = threads.into_iter().map(|thread| thread.join().unwrap()).sum();
        used / done as f64
    })
}

/// Connects and sees one answer, so that the connection has its worker before the next one comes.
fn connect(address: SocketAddr) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_nodelay(true).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream.write_all(&request()).unwrap();
    let text = String::from_utf8(answer(&mut stream)).unwrap();
    assert!(text.contains("<Reference>ORD-10000000</Reference>"), "{text}");
    stream
}

fn request() -> Vec<u8> {
    let body = common::order();
    let length = body.len();
    let head = "POST /priced HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/xml\r\nContent-Length:";
    format!("{head} {length}\r\n\r\n{body}").into_bytes()
}

/// A request on every connection, then their answers, until the time is over; the number of requests.
fn busy(connections: &mut [TcpStream], for_time: Duration) -> u64 {
    let (until, request, mut done) = (Instant::now() + for_time, request(), 0);
    while Instant::now() < until {
        for stream in connections.iter_mut() {
            stream.write_all(&request).unwrap();
        }
        for stream in connections.iter_mut() {
            answer(stream);
            done += 1;
        }
    }
    done
}

/// Reads one answer with status 200: head and body.
fn answer(stream: &mut TcpStream) -> Vec<u8> {
    let (mut bytes, mut piece) = (Vec::new(), [0; 8192]);
    loop {
        let count = stream.read(&mut piece).unwrap();
        assert!(count > 0, "the server closed a connection");
        bytes.extend_from_slice(&piece[..count]);
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = std::str::from_utf8(&bytes[..end]).unwrap();
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
        if bytes.len() >= end + 4 + length.parse::<usize>().unwrap() {
            return bytes;
        }
    }
}
