//! `soapstone init`: a file to start from, which is the one that the project itself shows and tests.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};
use std::path::Path;

use super::output::Output;
use super::{FAILED, FINE};

/// The documented starting point.
pub const GATEWAY: &str = include_str!("../../gateway.kdl");

/// Writes `gateway.kdl` into a folder; one that is there already is left alone.
pub fn init(folder: &Path, out: &mut Output) -> u8 {
    let path = folder.join("gateway.kdl");
    let file = OpenOptions::new().write(true).create_new(true).open(&path);
    let written = file.and_then(|mut file| file.write_all(GATEWAY.as_bytes()));
    match written {
        Ok(()) => {
            out.say(&format!("wrote {0}; serve it with: soapstone run {0}\n", path.display()));
            FINE
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            out.tell(&format!("{} is there already and was left as it is\n", path.display()));
            FAILED
        }
        Err(error) => {
            out.tell(&format!("{} cannot be written: {error}\n", path.display()));
            FAILED
        }
    }
}
