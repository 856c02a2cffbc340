//! How deep a text nests, told before it is parsed: the parser recurses, and a stack ends.

use memchr::memmem::find;

/// Blocks in blocks, or comments in comments, beyond any file that was written on purpose.
pub const DEEPEST: usize = 128;

/// The byte at which blocks or comments nest deeper than [`DEEPEST`]; quoted text does not count.
pub fn too_deep(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut at, mut depth) = (0, 0_usize);
    while let Some(byte) = bytes.get(at) {
        let rest = bytes.get(at..).unwrap_or_default();
        at += match byte {
            b'{' => {
                depth += 1;
                if depth > DEEPEST {
                    return Some(at);
                }
                1
            }
            b'}' => {
                depth = depth.saturating_sub(1);
                1
            }
            b'"' => quoted(rest),
            b'#' => raw(rest),
            b'/' if rest.starts_with(b"//") => find(rest, b"\n").unwrap_or(rest.len()),
            b'/' if rest.starts_with(b"/*") => match comment(rest) {
                Ok(length) => length,
                Err(deep) => return Some(at + deep),
            },
            _ => 1,
        };
    }
    None
}

/// Bytes of a text in quotes; an open one ends with its line, or with the file when it has several lines.
fn quoted(rest: &[u8]) -> usize {
    let (marks, several): (&[u8], bool) =
        if rest.starts_with(b"\"\"\"") { (b"\"\"\"", true) } else { (b"\"", false) };
    let mut at = marks.len();
    while let Some(byte) = rest.get(at) {
        match byte {
            b'\\' => at += 2,
            b'\n' if !several => return at,
            b'"' if rest.get(at..).is_some_and(|rest| rest.starts_with(marks)) => return at + marks.len(),
            _ => at += 1,
        }
    }
    rest.len()
}

/// Bytes of a raw text, or of the hashes of something else.
fn raw(rest: &[u8]) -> usize {
    let hashes = rest.iter().take_while(|byte| **byte == b'#').count();
    let Some(inner) = rest.get(hashes..).filter(|inner| inner.starts_with(b"\"")) else { return hashes };
    let quotes: usize = if inner.starts_with(b"\"\"\"") { 3 } else { 1 };
    let end = ["\"".repeat(quotes), "#".repeat(hashes)].concat();
    match inner.get(quotes..).and_then(|inner| find(inner, end.as_bytes())) {
        Some(found) => hashes + quotes + found + end.len(),
        None => hashes + quotes,
    }
}

/// Bytes of a comment with those inside it.
///
/// # Errors
/// The byte at which comments nest too deep.
fn comment(rest: &[u8]) -> Result<usize, usize> {
    let (mut at, mut depth) = (0, 0_usize);
    while at < rest.len() {
        let here = rest.get(at..).unwrap_or_default();
        if here.starts_with(b"/*") {
            (at, depth) = (at + 2, depth + 1);
            if depth > DEEPEST {
                return Err(at - 2);
            }
        } else if here.starts_with(b"*/") {
            (at, depth) = (at + 2, depth - 1);
            if depth == 0 {
                return Ok(at);
            }
        } else {
            at += 1;
        }
    }
    Ok(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_and_comments_count_and_text_does_not() {
        assert_eq!(too_deep(&"a {".repeat(DEEPEST)), None);
        assert_eq!(too_deep(&"a {".repeat(DEEPEST + 1)), Some(DEEPEST * 3 + 2));
        assert_eq!(too_deep(&"/*".repeat(DEEPEST + 1)), Some(DEEPEST * 2));
        for text in [
            "\"{{\\\"{\" ",
            "#\"{\"{\"# ",
            "\"\"\"\n{\"{\n\"\"\" ",
            "##\"\"\"\n{\"#\n\"\"\"## ",
            "// {\n",
            "/* { */ ",
        ] {
            assert_eq!(too_deep(&text.repeat(DEEPEST + 1)), None, "{text}");
        }
        assert_eq!(too_deep(&format!("\"{{\n{}", "{".repeat(DEEPEST))), None);
    }
}
