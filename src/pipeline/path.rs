//! Paths as they are compared: what may be written in two ways is written in one (RFC 3986, section 6.2.2).

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::document::coding::hex_byte;

/// A path in its one form: no character is escaped that need not be, and escapes are in upper case. A percent sign that begins
/// no escape stands for itself and is escaped: or it could begin one with what is unescaped behind it.
pub fn plain(path: &str) -> Cow<'_, str> {
    if memchr::memchr(b'%', path.as_bytes()).is_none() {
        return Cow::Borrowed(path);
    }
    let mut out = String::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, behind)) = rest.split_once('%') {
        out.push_str(before);
        match behind.as_bytes().get(..2).and_then(hex_byte) {
            Some(byte) => {
                if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
                    out.push(char::from(byte));
                } else {
                    let _ = write!(out, "%{byte:02X}");
                }
                rest = behind.get(2..).unwrap_or_default();
            }
            None => {
                out.push_str("%25");
                rest = behind;
            }
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// A path of the file in the same form: what cannot stand in a request is escaped.
pub fn written(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for c in path.chars() {
        if c.is_ascii() {
            out.push(c);
        } else {
            let mut bytes = [0; 4];
            for byte in c.encode_utf8(&mut bytes).bytes() {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    plain(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn there_is_one_form() {
        assert_eq!(plain("/a/b"), "/a/b");
        assert_eq!(plain("/%74hings/spe%63ial%2fx"), "/things/special%2Fx");
        assert_eq!(plain("/%zz%+1%e"), "/%25zz%25+1%25e");
        assert_eq!(plain("%4%44"), "%254D");
        assert_eq!(written("/ü/%c3%bc"), "/%C3%BC/%C3%BC");
    }

    proptest! {
        #[test]
        fn it_stays_what_it_is(path in "[/a-c%2541é]{0,12}") {
            let once = plain(&path).into_owned();
            prop_assert_eq!(plain(&once), once.as_str());
            prop_assert_eq!(written(&written(&path)), written(&path));
        }
    }
}
