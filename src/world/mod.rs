//! The outside: files, variables and folders, through the one door that reading and compiling may use.

mod memory;
mod real;

use std::io;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

pub use memory::Memory;
pub use real::Real;

/// What reading and compiling may ask of the machine.
pub trait World: Send + Sync {
    /// The bytes of a file.
    ///
    /// # Errors
    /// As the operating system says; files beyond [`MAX_FILE`] are refused.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// The files of a folder in the order of their names; folders are left out.
    ///
    /// # Errors
    /// As the operating system says.
    fn list(&self, folder: &Path) -> io::Result<Vec<PathBuf>>;

    /// An environment variable, if it is set and is text.
    fn variable(&self, name: &str) -> Option<String>;
}

/// Why a file could not be read, in plain words.
pub fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "the permission is missing".to_owned(),
        _ => error.to_string(),
    }
}

/// Whether a host, an IPv6 address without its brackets, is this machine: nobody on a network can read what it is sent.
pub fn is_this_machine(host: &str) -> bool {
    let is_loopback = |address: IpAddr| address.to_canonical().is_loopback();
    host.eq_ignore_ascii_case("localhost") || host.parse().is_ok_and(is_loopback)
}

/// Bytes of the largest file that is read: a configuration beyond it is a mistake.
pub const MAX_FILE: u64 = 64 << 20;

#[cfg(test)]
mod tests {
    use super::is_this_machine;

    #[test]
    fn hosts_of_this_machine_are_known() {
        for host in ["localhost", "LocalHost", "127.1.2.3", "::1", "::ffff:127.0.0.1"] {
            assert!(is_this_machine(host), "{host}");
        }
        for host in ["", "localhost.example.com", "128.0.0.1", "::2", "[::1]"] {
            assert!(!is_this_machine(host), "{host}");
        }
    }
}
