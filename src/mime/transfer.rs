//! Transfer encodings: how a part's bytes were written for the way (RFC 2045, section 6).

use bytes::Bytes;

use super::{Refused, malformed};
use crate::document::coding::Coding;

/// The bytes of a body that came in an encoding; an empty name is none.
pub(super) fn decode(encoding: &str, body: &Bytes) -> Result<Bytes, Refused> {
    let is = |name: &str| encoding.trim().eq_ignore_ascii_case(name);
    if ["", "7bit", "8bit", "binary"].into_iter().any(is) {
        return Ok(body.clone());
    }
    if is("base64") {
        let decoded = Coding::Base64.decode(body);
        return decoded.map(Bytes::from).map_err(|_| malformed("a part is not base64, as its header says"));
    }
    if is("quoted-printable") {
        let decoded = quoted_printable(body).map(Bytes::from);
        return decoded.ok_or_else(|| malformed("a part is not quoted-printable, as its header says"));
    }
    let found: String = encoding.chars().filter(|c| !c.is_control()).take(40).collect();
    Err(malformed(format!("the transfer encoding `{found}` of a part is not known")))
}

/// RFC 2045, section 6.7; line ends stay as they are written. `None` for a `=` that begins no escape.
fn quoted_printable(body: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(body.len());
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        let text = line.trim_ascii_end();
        let end = line.get(line.len() - line_end(line)..).unwrap_or_default();
        // White space at the end of a line was added on the way.
        let (text, end) = match text.strip_suffix(b"=") {
            Some(text) => (text, &[][..]),
            None => (text, end),
        };
        let mut rest = text.iter();
        while let Some(byte) = rest.next() {
            match byte {
                b'=' => out.push(digit(rest.next()?)? << 4 | digit(rest.next()?)?),
                byte => out.push(*byte),
            }
        }
        out.extend_from_slice(end);
    }
    Some(out)
}

/// The bytes of the end of a line.
fn line_end(line: &[u8]) -> usize {
    match line {
        [.., b'\r', b'\n'] => 2,
        [.., b'\n'] => 1,
        _ => 0,
    }
}

fn digit(byte: &u8) -> Option<u8> {
    char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(encoding: &str, body: &'static str) -> Result<Bytes, Refused> {
        decode(encoding, &Bytes::from_static(body.as_bytes()))
    }

    #[test]
    fn each_encoding_is_undone() {
        for plain in ["", "7bit", "8BIT", " Binary "] {
            assert_eq!(decoded(plain, "a=b\r\n").unwrap(), "a=b\r\n");
        }
        assert_eq!(decoded("BASE64", "aGVs\r\nbG8=\r\n").unwrap(), "hello");
        let text = "Gr=C3=BC=c3=9Fe  \r\nsoft=  \r\n break=\n.\nend=20";
        assert_eq!(decoded("Quoted-Printable", text).unwrap(), "Grüße\r\nsoft break.\nend ");
    }

    #[test]
    fn what_is_not_of_the_encoding_is_refused() {
        for (encoding, body) in [
            ("base64", "a*b"),
            ("quoted-printable", "a=zz"),
            ("quoted-printable", "a=4"),
            ("x-uuencode", "a"),
        ] {
            assert!(matches!(decoded(encoding, body), Err(Refused::Malformed(_))), "{encoding}");
        }
    }
}
