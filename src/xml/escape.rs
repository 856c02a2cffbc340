//! Escaping: text as the character data or the attribute value that reads back as the same text.

use crate::document::short::has_control_or;

/// Appends character data: `&`, `<`, `>` and carriage returns as references, what XML cannot carry as U+FFFD.
pub fn escape_text(text: &str, out: &mut Vec<u8>) {
    escape(text, out, |byte| match byte {
        b'&' => Some("&amp;"),
        b'<' => Some("&lt;"),
        b'>' => Some("&gt;"),
        b'\r' => Some("&#13;"),
        b'\t' | b'\n' => None,
        0..0x20 => Some("\u{FFFD}"),
        _ => None,
    });
}

/// Appends an attribute value for double quotes: as text, and `"`, tab and line feed as references too.
pub fn escape_attribute(text: &str, out: &mut Vec<u8>) {
    escape(text, out, |byte| match byte {
        b'&' => Some("&amp;"),
        b'<' => Some("&lt;"),
        b'>' => Some("&gt;"),
        b'"' => Some("&quot;"),
        b'\r' => Some("&#13;"),
        b'\t' => Some("&#9;"),
        b'\n' => Some("&#10;"),
        0..0x20 => Some("\u{FFFD}"),
        _ => None,
    });
}

fn escape(text: &str, out: &mut Vec<u8>, replacement: impl Fn(u8) -> Option<&'static str>) {
    let bytes = text.as_bytes();
    if !has_control_or(bytes, [b'&', b'<', b'>', b'"', 0xEF]) {
        return out.extend_from_slice(bytes);
    }
    let mut done = 0;
    for (at, byte) in bytes.iter().enumerate() {
        // U+FFFE and U+FFFF are EF BF BE and EF BF BF: not characters of XML.
        let (with, length) = match byte {
            0xEF if matches!(bytes.get(at + 1..at + 3), Some([0xBF, 0xBE | 0xBF])) => ("\u{FFFD}", 3),
            byte if *byte < b'?' => match replacement(*byte) {
                Some(with) => (with, 1),
                None => continue,
            },
            _ => continue,
        };
        out.extend_from_slice(bytes.get(done..at).unwrap_or_default());
        out.extend_from_slice(with.as_bytes());
        done = at + length;
    }
    out.extend_from_slice(bytes.get(done..).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> String {
        let mut out = Vec::new();
        escape_text(text, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn text_reads_back_as_itself() {
        assert_eq!(text("a<b>&\"ä\r\n\t"), "a&lt;b&gt;&amp;\"ä&#13;\n\t");
        assert_eq!(text("x\u{0}\u{FFFF}y\u{FFFD}"), "x\u{FFFD}\u{FFFD}y\u{FFFD}");
        let mut out = Vec::new();
        escape_attribute("\"\t\n\r'", &mut out);
        assert_eq!(out, b"&quot;&#9;&#10;&#13;'");
    }
}
