//! The binary stands alone: static-pie, no loader, no library, and the three traps of a static glibc closed.
#![allow(clippy::disallowed_methods, reason = "these tests read the binary and run it")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise"
)]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const BINARY: &str = env!("CARGO_BIN_EXE_soapstone");

/// The parts of an ELF file (System V ABI, chapters 4 and 5; 64 bits, little endian) that say what it needs.
struct Elf {
    bytes: Vec<u8>,
}

impl Elf {
    fn open(path: &str) -> Self {
        let bytes = fs::read(path).unwrap();
        assert_eq!(&bytes[..6], b"\x7fELF\x02\x01", "a 64-bit little-endian ELF file");
        Self { bytes }
    }

    fn number(&self, at: usize, size: usize) -> u64 {
        self.bytes[at..at + size].iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte))
    }

    /// `e_type`: 2 is a program at fixed addresses, 3 one that can lie anywhere.
    fn kind(&self) -> u64 {
        self.number(16, 2)
    }

    /// The segments as (type, offset, length in the file).
    fn segments(&self) -> Vec<(u64, usize, usize)> {
        let (start, size, count) = (self.number(32, 8), self.number(54, 2), self.number(56, 2));
        let place = |index: u64| (start + index * size) as usize;
        (0..count)
            .map(place)
            .map(|at| (self.number(at, 4), self.number(at + 8, 8) as usize, self.number(at + 32, 8) as usize))
            .collect()
    }

    /// The tags of the dynamic section.
    fn dynamic_tags(&self) -> Vec<u64> {
        let dynamic = self.segments().into_iter().find(|segment| segment.0 == 2);
        let (_, offset, length) = dynamic.expect("a static-pie has a dynamic section for its relocations");
        (offset..offset + length)
            .step_by(16)
            .map(|at| self.number(at, 8))
            .take_while(|tag| *tag != 0)
            .collect()
    }

    fn mentions(&self, text: &str) -> bool {
        memchr::memmem::find(&self.bytes, text.as_bytes()).is_some()
    }
}

#[test]
fn it_is_static_pie_and_needs_no_library() {
    let elf = Elf::open(BINARY);
    assert_eq!(elf.kind(), 3, "position-independent (ET_DYN)");
    assert!(
        elf.segments().iter().all(|segment| segment.0 != 3),
        "no PT_INTERP: nothing loads it but the kernel"
    );
    assert!(elf.dynamic_tags().iter().all(|tag| *tag != 1), "no DT_NEEDED");
}

/// Trap one: glibc's `getaddrinfo` loads modules of the host. It is the only code that reads `/etc/gai.conf`, so
/// where that text is, glibc's function is. (That ours works is tested in crates/resolve.)
#[test]
fn the_c_librarys_getaddrinfo_is_not_in_it() {
    let elf = Elf::open(BINARY);
    assert!(
        !elf.mentions("/etc/gai.conf"),
        "glibc's getaddrinfo is linked: is soapstone_resolve::install() called?"
    );
    assert!(
        !elf.mentions("libnss_"),
        "something else of glibc loads the host's modules (getpwnam, getservbyname, ..)"
    );
    assert!(elf.mentions("hickory_resolver"), "ours is not linked: is soapstone_resolve::install() called?");
}

/// Trap two: without its flag, the getrandom crate looks its system call up by name, fails in a static program, and
/// panics where there is no /dev/urandom. `version` makes no random numbers, so the flags, which
/// this test shares with the binary, are checked when it is compiled.
#[test]
fn it_runs_with_nothing_around_it() {
    const { assert!(cfg!(getrandom_backend = "linux_getrandom"), ".cargo/config.toml sets getrandom_backend") };
    // Trap three: the flag must not reach proc macros, which an explicit target sees to.
    const { assert!(cfg!(target_feature = "crt-static"), ".cargo/config.toml links statically") };
    assert!(BINARY.contains("-unknown-linux-gnu/"), ".cargo/config.toml names the target");
    let empty = Empty::new();
    let output = empty.run(&["version"]);
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains(env!("CARGO_PKG_VERSION")), "{text:?}");
}

/// A folder with the binary and nothing else, as the root of a file system.
struct Empty(PathBuf);

impl Empty {
    fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("soapstone-empty-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        fs::copy(BINARY, folder.join("soapstone")).unwrap();
        Self(folder)
    }

    /// Runs it with that root: with the rights of root if the test has them, else in a user namespace of its own. Where
    /// the system allows neither, it runs from its folder, and the test says so.
    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new("unshare");
        if !may_change_root() {
            command.arg("--map-root-user");
        }
        command.arg("--root").arg(&self.0).arg("/soapstone").args(arguments).env_clear();
        let output = command.output().unwrap();
        let complaint = String::from_utf8_lossy(&output.stderr);
        if !complaint.contains("not permitted") {
            return output;
        }
        // Straight to the terminal: the test harness would keep what a passing test prints.
        let _ = writeln!(std::io::stderr(), "static_binary: ran WITHOUT an empty root: {}", complaint.trim());
        Command::new(self.0.join("soapstone")).args(arguments).env_clear().output().unwrap()
    }
}

impl Drop for Empty {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn may_change_root() -> bool {
    // Line "CapEff": the effective capabilities in hexadecimal; CAP_SYS_CHROOT is bit 18 (capabilities(7)).
    let status = fs::read_to_string(Path::new("/proc/self/status")).unwrap();
    let capabilities = status.lines().find_map(|line| line.strip_prefix("CapEff:")).unwrap();
    u64::from_str_radix(capabilities.trim(), 16).unwrap() >> 18 & 1 == 1
}
