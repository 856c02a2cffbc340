//! Bodies that were compressed on the way (RFC 9110, section 8.4.1): told by their field, and unpacked within a bound.

use std::io::Read as _;

use bytes::Bytes;
use flate2::bufread::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

/// A content coding that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContentCoding {
    /// None.
    Identity,
    /// gzip.
    Gzip,
    /// zlib; what some send under its name without a frame is read too.
    Deflate,
}

/// Why a body was not unpacked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotInflated {
    /// It has more bytes than are allowed.
    TooLarge,
    /// It is not of its coding.
    Broken(String),
}

/// Compressed bytes from which on unpacking holds a worker for too long.
pub const LARGE: usize = 64 << 10;

impl ContentCoding {
    /// What the values of `Content-Encoding` say; `None` for a coding that is not read, and for several: one over another
    /// is how small bodies become huge ones.
    pub fn of<'a>(values: impl Iterator<Item = &'a str>) -> Option<Self> {
        let mut found = Self::Identity;
        for word in values.flat_map(|text| text.split(',')).map(str::trim).filter(|word| !word.is_empty()) {
            let coding = match word.to_ascii_lowercase().as_str() {
                "identity" => continue,
                "gzip" | "x-gzip" => Self::Gzip,
                "deflate" => Self::Deflate,
                _ => return None,
            };
            if found != Self::Identity {
                return None;
            }
            found = coding;
        }
        Some(found)
    }

    /// Unpacks to at most `limit` bytes.
    ///
    /// # Errors
    /// There is more, or the bytes are not of the coding.
    pub fn inflate(self, body: &[u8], limit: usize) -> Result<Bytes, NotInflated> {
        let beyond = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
        let mut out = Vec::new();
        let outcome = match self {
            Self::Identity => body.take(beyond).read_to_end(&mut out),
            Self::Gzip => MultiGzDecoder::new(body).take(beyond).read_to_end(&mut out),
            // The standard means zlib; some send the bare stream, whose first byte tells it apart.
            Self::Deflate if body.first().is_some_and(|first| first & 0x0F == 8) => {
                ZlibDecoder::new(body).take(beyond).read_to_end(&mut out)
            }
            Self::Deflate => DeflateDecoder::new(body).take(beyond).read_to_end(&mut out),
        };
        match outcome {
            Ok(_) if out.len() > limit => Err(NotInflated::TooLarge),
            Ok(_) => Ok(out.into()),
            Err(error) => Err(NotInflated::Broken(error.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn each_coding_is_read_and_bounded() {
        let text = b"hello hello hello";
        assert_eq!(ContentCoding::Gzip.inflate(&gzip(text), 17).unwrap(), text.as_slice());
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        zlib.write_all(text).unwrap();
        assert_eq!(ContentCoding::Deflate.inflate(&zlib.finish().unwrap(), 17).unwrap(), text.as_slice());
        let mut bare = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
        bare.write_all(text).unwrap();
        assert_eq!(ContentCoding::Deflate.inflate(&bare.finish().unwrap(), 17).unwrap(), text.as_slice());
        let bomb = gzip(&vec![0; 1 << 20]);
        assert_eq!(ContentCoding::Gzip.inflate(&bomb, 1000), Err(NotInflated::TooLarge));
        assert!(matches!(ContentCoding::Gzip.inflate(b"nonsense", 1000), Err(NotInflated::Broken(_))));
    }

    #[test]
    fn only_one_known_coding_is_read() {
        let of = |text: &'static str| ContentCoding::of([text].into_iter());
        assert_eq!(of("GZIP"), Some(ContentCoding::Gzip));
        assert_eq!(of("identity"), Some(ContentCoding::Identity));
        assert_eq!((of("br"), of("gzip, gzip")), (None, None));
    }
}
