//! Packed bytes: gzip and zip, unpacked in pieces, so that who asks can stop before there is too much.

mod gzip;
#[cfg(test)]
mod tests;
mod zip;

pub use gzip::{Gunzip, gzip};
pub use zip::{Archive, Files, PackedFile, unfit_name, zip};

/// Why bytes cannot be unpacked or packed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused(pub String);

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}
