//! MIME: bodies of several parts (RFC 2046, 2387, 7578), read without copying them and written with a safe boundary.

mod disposition;
mod fields;
mod media_type;
mod part;
mod read;
mod related;
mod transfer;
mod write;

#[cfg(test)]
mod tests;

pub use disposition::Disposition;
pub use media_type::MediaType;
pub use part::{Part, is_id, reference};
pub use read::read;
pub use related::{RELATED, Referenced, Related, Root, own_id, parts};
pub use write::{Writer, boundary, escaped_name, quoted};

/// The media type of a form with files (RFC 7578).
pub const FORM_DATA: &str = "multipart/form-data";

/// Why a body is not read as parts: fit to be shown to its sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// It is not written as the standards say.
    Malformed(String),
    /// It is, and beyond a bound.
    Beyond(String),
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (Self::Malformed(message) | Self::Beyond(message)) = self;
        f.write_str(message)
    }
}

impl std::error::Error for Refused {}

fn malformed(message: impl Into<String>) -> Refused {
    Refused::Malformed(message.into())
}
