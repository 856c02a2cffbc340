//! gzip (RFC 1952): one document, of one member or of several.

use std::io::{Cursor, Read};

use bytes::Bytes;
use flate2::Compression;
use flate2::bufread::{GzEncoder, MultiGzDecoder};

use super::Refused;

/// The bytes as one member of gzip, without a name and a time: the same bytes for the same document.
///
/// # Errors
/// None that memory does not have.
pub fn gzip(bytes: &[u8]) -> Result<Vec<u8>, Refused> {
    let mut out = Vec::with_capacity(bytes.len() / 4);
    let read = GzEncoder::new(bytes, Compression::default()).read_to_end(&mut out);
    read.map(|_| out).map_err(|error| Refused(error.to_string()))
}

/// What is unpacked of a gzip so far.
#[derive(Debug)]
pub struct Gunzip {
    decoder: MultiGzDecoder<Cursor<Bytes>>,
    out: Vec<u8>,
}

impl Gunzip {
    /// Nothing is unpacked yet.
    pub fn new(bytes: Bytes) -> Self {
        Self { decoder: MultiGzDecoder::new(Cursor::new(bytes)), out: Vec::new() }
    }

    /// Unpacks at most so many bytes more; whether there may be still more.
    ///
    /// # Errors
    /// The bytes are no gzip, break off, or are not what their checksums say.
    pub fn more(&mut self, most: usize) -> Result<bool, Refused> {
        let wanted = u64::try_from(most).unwrap_or(u64::MAX);
        match self.decoder.by_ref().take(wanted).read_to_end(&mut self.out) {
            Ok(read) => Ok(read == most),
            Err(error) => Err(Refused(format!(
                "it is no gzip, or not a whole one: {error} (behind {} bytes)",
                self.size()
            ))),
        }
    }

    /// Bytes that are unpacked.
    pub fn size(&self) -> usize {
        self.out.len()
    }

    /// What is unpacked.
    pub fn done(self) -> Bytes {
        self.out.into()
    }
}
