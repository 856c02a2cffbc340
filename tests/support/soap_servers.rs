//! SOAP servers of others, started on free ports: the order service of `tests/servers`, in each server's own way.
//!
//! `SoapServer::php().url("/wrapped")`: see `tests/servers/README.md` for the paths, what each answers and how each differs.
//! A server ends when it is dropped, and by itself when the test's process ends.
#![allow(dead_code, reason = "each test binary uses its own part of this")]
#![allow(clippy::disallowed_methods, reason = "tests read files and run programs")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Instant;

use crate::support::{Connection, DEADLINE, Folder, Response, tool};

/// A running server.
pub struct SoapServer {
    child: Child,
    address: SocketAddr,
    /// What it prints; ends with it.
    lines: Receiver<String>,
}

/// Where the examples that call a service of others look for it.
const EXAMPLE: &str = "http://127.0.0.1:9090/orders";

impl SoapServer {
    /// The service of an example that calls one: PHP's, whose address the example is given.
    pub fn of_example(folder: &Folder) -> Option<Self> {
        let text = std::fs::read_to_string(folder.path().join("gateway.kdl")).unwrap();
        let server = text.contains(EXAMPLE).then(Self::php)?;
        folder.write("gateway.kdl", &text.replace(EXAMPLE, &server.url("/wrapped")));
        Some(server)
    }

    /// PHP's SoapServer: `/wrapped` in both versions, `/bare`, `/rpc`, `/encoded`.
    pub fn php() -> Self {
        let mut command = Command::new("php");
        command.arg(tool("tests/servers/php_server.php"));
        Self::start(command)
    }

    /// npm's soap: `/wrapped`, `/wrapped12`, `/bare`, `/rpc`, `/rpc-own`.
    pub fn node() -> Self {
        let modules = tool(".tools/node/node_modules/soap");
        let mut command = Command::new("node");
        command.arg(tool("tests/servers/node_server.js")).env("NODE_CLIENTS", modules.parent().unwrap());
        Self::start(command)
    }

    /// Spyne, by its own contract `tests/servers/spyne11.wsdl` and `spyne12.wsdl`: `/soap11`, `/soap12`.
    pub fn spyne() -> Self {
        let mut command = Command::new(tool(".tools/spyne/bin/python"));
        command.arg(tool("tests/servers/spyne_server.py"));
        Self::start(command)
    }

    /// JAX-WS RI: `/wrapped`, `/wrapped12`, `/rpc`, and with data in parts `/mtom`, `/mtom12`.
    pub fn jax_ws() -> Self {
        let jar = tool("/usr/share/java/jaxws-rt.jar").display().to_string();
        let wsdls = tool("tests/servers");
        let folder = built("jax-ws", &["JaxwsServer.java", "wrapped.wsdl", "rpc.wsdl"], &[&jar], |folder| {
            for style in ["wrapped", "rpc"] {
                // Header blocks beside the message of the body, and a header named like an operation.
                let options =
                    "-extension -XadditionalHeaders -B-XautoNameResolution -Xnocompile -keep -quiet";
                let wsdl = wsdls.join(format!("{style}.wsdl"));
                step(folder, &format!("wsimport {options} -encoding UTF-8 -p {style} {}", wsdl.display()));
            }
            let source = tool("tests/servers/JaxwsServer.java").display().to_string();
            let packages = "wrapped/package-info.java rpc/package-info.java";
            step(folder, &format!("javac -encoding UTF-8 -cp {jar} -sourcepath . -d . {source} {packages}"));
        });
        let mut command = Command::new("java");
        command.args(["-cp", &format!("{}:{jar}", folder.display()), "JaxwsServer"]).arg(wsdls);
        Self::start(command)
    }

    /// gSOAP with wrapped.wsdl, in both versions and with data in parts: any path.
    pub fn gsoap_wrapped() -> Self {
        Self::start(Command::new(gsoap("wrapped").join("server")))
    }

    /// gSOAP with encoded.wsdl: any path.
    pub fn gsoap_encoded() -> Self {
        Self::start(Command::new(gsoap("encoded").join("server")))
    }

    /// Axis 1 with encoded.wsdl: `/axis/services/OrdersPort`.
    pub fn axis() -> Self {
        let jars =
            AXIS.map(|name| tool(&format!("/usr/share/java/{name}.jar")).display().to_string()).join(":");
        let folder =
            built("axis", &["AxisServer.java", "encoded.wsdl"], &["/usr/share/java/axis.jar"], |folder| {
                let wsdl = tool("tests/servers/encoded.wsdl").display().to_string();
                step(
                    folder,
                    &format!("java -cp {jars} org.apache.axis.wsdl.WSDL2Java -s -S true -p axis {wsdl}"),
                );
                let source = tool("tests/servers/AxisServer.java").display().to_string();
                let options = format!("-nowarn -encoding UTF-8 -cp {jars} -sourcepath . -d .");
                step(folder, &format!("javac {options} {source} axis/OrdersBindingSkeleton.java"));
            });
        let mut command = Command::new("java");
        command.args(["-cp", &format!("{}:{jars}", folder.display()), "axis.AxisServer"]);
        // What it keeps, it keeps where it runs.
        command.arg(folder.join("axis/deploy.wsdd")).current_dir(&folder);
        Self::start(command)
    }

    /// Starts a program that prints `ready PORT`, in a process group of its own, and waits for that.
    fn start(mut command: Command) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
        let mut child =
            command.spawn().unwrap_or_else(|error| panic!("{command:?} ({error}): run script/setup"));
        let (send, lines) = channel();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            stdout.lines().map_while(Result::ok).for_each(|line| drop(send.send(line)))
        });
        let (tell, told) = channel();
        let mut stderr = child.stderr.take().unwrap();
        std::thread::spawn(move || {
            let mut text = Vec::new();
            let _ = stderr.read_to_end(&mut text);
            let _ = tell.send(String::from_utf8_lossy(&text).into_owned());
        });
        let line = lines.recv_timeout(DEADLINE).unwrap_or_default();
        let port = line.strip_prefix("ready ").and_then(|port| port.trim().parse().ok());
        let mut server =
            Self { child, address: SocketAddr::from(([127, 0, 0, 1], port.unwrap_or_default())), lines };
        if port.is_none() {
            server.end();
            let text = told.recv_timeout(DEADLINE).unwrap_or_default();
            panic!("{command:?} said {line:?} and not its port; is everything there (script/setup)?\n{text}");
        }
        server
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Posts a body and reads the whole answer, however it is framed.
    pub fn post(&self, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Response {
        self.exchange("POST", path, headers, body)
    }

    pub fn get(&self, path: &str) -> Response {
        self.exchange("GET", path, &[], b"")
    }

    fn exchange(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Response {
        let host = self.address.to_string();
        let headers = [headers, &[("Connection", "close"), ("Host", &host)]].concat();
        let mut connection = Connection::open(self.address);
        connection.ask(method, path, &headers, body);
        connection.last_answer().unwrap_or_else(|| panic!("no answer from {}", self.url(path)))
    }

    /// Stops it, and sees that it ended by itself when its input closed.
    pub fn stop(mut self) {
        assert!(self.end(), "the server at {} does not end when its input closes", self.address);
    }

    /// Closes its input, waits for its end, and ends whatever is left of its group; says whether it ended by itself.
    fn end(&mut self) -> bool {
        self.child.stdin.take();
        let until = Instant::now() + DEADLINE;
        let ended = loop {
            match self.lines.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(_) => {}
                Err(how) => break how == RecvTimeoutError::Disconnected,
            }
        };
        let group = format!("-{}", self.child.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
        let _ = self.child.wait();
        ended
    }
}

impl Drop for SoapServer {
    fn drop(&mut self) {
        self.end();
    }
}

/// Axis and what it stands on.
const AXIS: [&str; 8] = [
    "axis",
    "axis-jaxrpc",
    "axis-saaj",
    "commons-discovery",
    "commons-logging",
    "wsdl4j",
    "javax.mail",
    "javax.activation",
];

fn gsoap(style: &str) -> PathBuf {
    let files =
        ["gsoap_server.c", &format!("gsoap_{style}.c"), "gsoap_typemap.dat", &format!("{style}.wsdl")];
    built(&format!("gsoap-{style}"), &files, &["/usr/include/stdsoap2.h"], |folder| {
        let of = |name: &str| tool(&format!("tests/servers/{name}")).display().to_string();
        let (types, wsdl) = (of("gsoap_typemap.dat"), of(&format!("{style}.wsdl")));
        step(folder, &format!("wsdl2h -c -O2 -L -t {types} -o server.h {wsdl}"));
        step(folder, "soapcpp2 -c -S -L -x -w -I/usr/share/gsoap/import:/usr/share/gsoap server.h");
        let defined = if style == "encoded" { "-DENCODED" } else { "-DWRAPPED" };
        let sources = format!("{} soapC.c soapServer.c", of("gsoap_server.c"));
        step(folder, &format!("gcc -std=gnu11 -w -I. {defined} -o server {sources} -lgsoap"));
    })
}

/// A folder of what is built from files of `tests/servers` and by tools; it is kept, and built again when one of them changed.
fn built(name: &str, files: &[&str], tools: &[&str], build: impl FnOnce(&Path)) -> PathBuf {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    // What one test could not build, the next may try.
    let _one = ONE_AT_A_TIME.lock().unwrap_or_else(|failed| failed.into_inner());
    let mut hasher = DefaultHasher::new();
    for file in files {
        let path = tool(&format!("tests/servers/{file}"));
        (&path, std::fs::read(&path).unwrap()).hash(&mut hasher);
    }
    for path in tools {
        std::fs::metadata(tool(path)).unwrap().modified().unwrap().hash(&mut hasher);
    }
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{:016x}", hasher.finish()));
    if !kept.exists() {
        let folder = kept.with_extension(std::process::id().to_string());
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        build(&folder);
        // Another test may have been first; its folder is as good.
        if std::fs::rename(&folder, &kept).is_err() {
            std::fs::remove_dir_all(&folder).unwrap();
        }
    }
    kept
}

/// Runs the words of a line in a folder, quietly.
fn step(folder: &Path, line: &str) {
    let mut words = line.split_whitespace();
    let mut command = Command::new(words.next().unwrap());
    let output = command.args(words).current_dir(folder).output();
    let output = output.unwrap_or_else(|error| panic!("{line} ({error}): run script/setup"));
    let text = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&text));
}
