//! Paths as URIs and back, so that one file refers to another by the rules of RFC 3986.

use std::fmt::Write as _;

use crate::document::coding::hex_byte;

/// Stands for the folders above the one that relative paths begin in: as many as a path may climb.
const ABOVE: &str = "-/";
const LEVELS: usize = 16;

/// The URI of a path; a relative one begins some folders below the root, so that `..` can lead out of it.
pub fn of_path(path: &str) -> String {
    let mut uri = String::from("file:///");
    let rest = match path.strip_prefix('/') {
        Some(rest) => rest,
        None => {
            uri.push_str(&ABOVE.repeat(LEVELS));
            path
        }
    };
    let mut parts: Vec<&str> =
        uri.trim_start_matches("file:///").split('/').filter(|p| !p.is_empty()).collect();
    for part in rest.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let encoded: Vec<String> = parts.into_iter().map(encode).collect();
    format!("file:///{}", encoded.join("/"))
}

/// The path of a URI that [`of_path`] made, or that was resolved against one.
pub fn to_path(uri: &str) -> Option<String> {
    let mut rest = uri.strip_prefix("file:///")?;
    let mut levels = 0;
    while let Some(below) = rest.strip_prefix(ABOVE) {
        rest = below;
        levels += 1;
    }
    let path = decode(rest)?;
    Some(match levels {
        0 => format!("/{path}"),
        levels => format!("{}{path}", "../".repeat(LEVELS.saturating_sub(levels))),
    })
}

fn encode(part: &str) -> String {
    let mut out = String::new();
    for byte in part.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// Text without its percent-encoding; `None` when it has none that is right.
pub fn decode(text: &str) -> Option<String> {
    let mut out = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first != b'%' {
            out.push(*first);
            continue;
        }
        let (digits, after) = rest.split_at_checked(2)?;
        out.push(hex_byte(digits)?);
        rest = after;
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_survives_being_a_uri() {
        for path in ["a.json", "schemas/a b%.json", "../x/ä.json", "/etc/s.json", "../../y"] {
            assert_eq!(to_path(&of_path(path)).as_deref(), Some(path));
        }
        assert_eq!(to_path(&of_path("./a/../b.json")).as_deref(), Some("b.json"));
        assert_eq!(to_path("https://example.com/a.json"), None);
        assert_eq!(to_path("file:///%zz"), None);
    }
}
