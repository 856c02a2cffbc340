//! What the black-box tests share: a gateway of its own for each test, and a plain HTTP client to call it with.
#![allow(dead_code, unused_imports, reason = "each test binary uses its own part of this")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]
#![allow(clippy::disallowed_methods, reason = "tests read files and the environment")]

pub mod example;
pub mod http;
pub mod protocol;

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

#[allow(unused_imports, reason = "each test binary uses its own part of this")]
pub use http::{Connection, Response, call, get, post};

/// How long anything may take before a test fails. Generous: the machine may be busy.
pub const DEADLINE: Duration = Duration::from_secs(30);

/// A folder that goes away with the test.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("soapstone-test-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file as a careful operator does: beside it, then renamed, so that nobody reads half of it.
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        let beside = path.with_extension("new");
        std::fs::write(&beside, text).unwrap();
        std::fs::rename(&beside, &path).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The binary under test.
pub fn binary() -> Command {
    Command::new(env!("CARGO_BIN_EXE_soapstone"))
}

/// Runs a command of the binary in a folder: its exit code, what it printed, and what it said beside it.
pub fn run(folder: &Path, arguments: &[&str], input: &str) -> (i32, String, String) {
    let mut command = binary();
    command.current_dir(folder).args(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A command that reads nothing may have closed its end already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
}

/// A running `soapstone run gateway.kdl` in a folder of its own.
pub struct Gateway {
    pub folder: Folder,
    child: Child,
    addresses: HashMap<String, SocketAddr>,
    lines: Mutex<Receiver<String>>,
    log: Vec<String>,
}

impl Gateway {
    /// Serves a file; give it `bind="127.0.0.1:0"`, so that tests do not meet.
    pub fn start(kdl: &str) -> Self {
        Self::start_with(kdl, &[], &[])
    }

    pub fn start_with(kdl: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let folder = Folder::new();
        folder.write("gateway.kdl", kdl);
        Self::start_in(folder, arguments, variables)
    }

    pub fn start_in(folder: Folder, arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut command = binary();
        command.current_dir(folder.path()).args(["run", "gateway.kdl"]).args(arguments);
        command.envs(variables.iter().copied()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let (send, lines) = channel();
        std::thread::spawn(move || stderr.lines().map_while(Result::ok).try_for_each(|line| send.send(line)));
        let mut gateway =
            Self { folder, child, addresses: HashMap::new(), lines: Mutex::new(lines), log: Vec::new() };
        let line = gateway.wait_for_line("serves");
        gateway.addresses = addresses(&line);
        gateway
    }

    /// The address of a listener, or of `admin`.
    pub fn address(&self, name: &str) -> SocketAddr {
        *self.addresses.get(name).unwrap_or_else(|| panic!("no listener {name} in {:?}", self.addresses))
    }

    /// The names of what listens.
    pub fn listeners(&self) -> Vec<String> {
        self.addresses.keys().cloned().collect()
    }

    /// The base URL of the listener `internal`.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address("internal"))
    }

    /// Reads the log up to a line that holds a text.
    pub fn wait_for_line(&mut self, text: &str) -> String {
        let until = Instant::now() + DEADLINE;
        while let Ok(line) =
            self.lines.get_mut().unwrap().recv_timeout(until.saturating_duration_since(Instant::now()))
        {
            self.log.push(line.clone());
            if line.contains(text) {
                return line;
            }
        }
        panic!("no line with {text:?} in the log:\n{}", self.log.join("\n"));
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal by its name: `HUP`, `TERM`.
    pub fn signal(&self, name: &str) {
        let status =
            Command::new("kill").args([format!("-{name}"), self.pid().to_string()]).status().unwrap();
        assert!(status.success());
    }

    /// `soapstone reload`, run as an operator would; gives its exit status and what it printed.
    pub fn reload(&self) -> (ExitStatus, String) {
        self.reload_with(&[])
    }

    /// The same with further arguments.
    pub fn reload_with(&self, arguments: &[&str]) -> (ExitStatus, String) {
        let mut command = binary();
        command.current_dir(self.folder.path()).arg("reload");
        command.args(["--admin", &self.address("admin").to_string()]).args(arguments);
        let output = command.output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status, String::from_utf8(text).unwrap())
    }

    /// Tells the process to stop, and gives its exit status and its whole log.
    pub fn stop(&mut self) -> (ExitStatus, String) {
        self.signal("TERM");
        let status = self.wait();
        let lines = self.lines.get_mut().unwrap();
        while let Ok(line) = lines.recv_timeout(DEADLINE) {
            self.log.push(line);
        }
        (status, self.log.join("\n"))
    }

    /// Waits for the process to end.
    pub fn wait(&mut self) -> ExitStatus {
        let until = Instant::now() + DEADLINE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < until, "it did not end in time");
            std::thread::yield_now();
        }
    }
}

impl Drop for Gateway {
    #[expect(clippy::print_stdout, reason = "a test that fails says what its gateway did")]
    fn drop(&mut self) {
        // Who has ended already did so by itself: a test that fails tells how, and what was logged last.
        let ended = self.child.try_wait();
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            let lines: Vec<String> =
                self.lines.get_mut().map(|lines| lines.iter().collect()).unwrap_or_default();
            let last = lines.get(lines.len().saturating_sub(20)..).unwrap_or_default();
            println!("the gateway ended before: {ended:?}; its last lines:\n{}", last.join("\n"));
        }
    }
}

/// The addresses in `soapstone 0.1.0 serves gateway.kdl: internal on http://127.0.0.1:1, admin on http://127.0.0.1:2`.
fn addresses(line: &str) -> HashMap<String, SocketAddr> {
    let (_, list) = line.split_once(": ").unwrap_or_default();
    let one = |part: &str| {
        let (name, url) = part.split_once(" on ")?;
        Some((name.to_owned(), url.split_once("://")?.1.trim().parse().ok()?))
    };
    list.split(", ").filter_map(one).collect()
}

/// A tool of `script/setup`, with the words that mend its absence.
pub fn tool(path: &str) -> PathBuf {
    let full = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    assert!(full.exists(), "{path} is missing: run script/setup");
    full
}

/// A file of the project.
pub fn project(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The project's own gateway.kdl on free ports.
pub fn order_service() -> String {
    project("gateway.kdl").replace("127.0.0.1:8080", "127.0.0.1:0").replace("127.0.0.1:9901", "127.0.0.1:0")
}

/// A valid order.
pub const ORDER: &str = r#"<Order xmlns="urn:example:orders" id="A-1001">
  <Placed>2026-11-20T08:00:00Z</Placed>
  <Customer><Name>Ada &amp; Söhne</Name><Country>DE</Country></Customer>
  <Line><Sku>ABC-1</Sku><Quantity>2</Quantity><Price>10.50</Price></Line>
  <Line><Sku>XYZ-22</Sku><Quantity>1</Quantity><Price>3.25</Price></Line>
</Order>"#;

/// An envelope of a version around a body.
pub fn envelope(version: &str, body: &str) -> String {
    let namespace = match version {
        "1.1" => "http://schemas.xmlsoap.org/soap/envelope/",
        _ => "http://www.w3.org/2003/05/soap-envelope",
    };
    format!("<e:Envelope xmlns:e=\"{namespace}\"><e:Body>{body}</e:Body></e:Envelope>")
}

/// The request around an order, as the WSDL of the order service says.
pub fn create_order(order: &str) -> String {
    format!("<w:createOrder xmlns:w=\"http://www.boomi.com/connector/wss\">{order}</w:createOrder>")
}

/// The media type of a SOAP version.
pub fn soap_type(version: &str) -> &'static str {
    if version == "1.1" { "text/xml; charset=utf-8" } else { "application/soap+xml; charset=utf-8" }
}

/// Compares a text with `tests/golden/NAME`; `UPDATE_GOLDENS=1 cargo test` writes it instead.
pub fn golden(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("UPDATE_GOLDENS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        text == expected,
        "not as tests/golden/{name} says (UPDATE_GOLDENS=1 writes it anew).\n--- golden\n{expected}\n--- now\n{text}"
    );
}
