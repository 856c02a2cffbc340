//! The header fields of a part: read line by line within bounds, their values taken apart into parameters.

use compact_str::CompactString;

use super::{Refused, malformed};

/// Lines of the header of one part.
const LINES: usize = 500;

/// Bytes of one of these lines. A file's name may be as long as file systems allow, in a form that takes three bytes for one.
const LINE: usize = 1000;

/// The fields of a header in order, their names in lower case.
pub(super) type Fields = Vec<(CompactString, CompactString)>;

/// Reads the header at the start of a part; gives its fields and how many bytes it takes with the empty line behind it.
/// A line may end without a carriage return, and the part with its header.
pub(super) fn read(part: &[u8]) -> Result<(Fields, usize), Refused> {
    let mut fields = Fields::new();
    let mut at = 0;
    for _ in 0..LINES {
        let rest = part.get(at..).unwrap_or_default();
        if rest.is_empty() {
            return Ok((fields, at));
        }
        let (line, length) = line(rest)?;
        at += length;
        if line.is_empty() {
            return Ok((fields, at));
        }
        field(line, &mut fields)?;
    }
    Err(Refused::Beyond(format!("a part has more than {LINES} lines of header")))
}

/// The next line without its end, and the bytes that it takes with it.
fn line(rest: &[u8]) -> Result<(&[u8], usize), Refused> {
    let near = rest.get(..rest.len().min(LINE + 2)).unwrap_or_default();
    let (line, length) = match memchr::memchr(b'\n', near) {
        Some(end) => (near.get(..end).unwrap_or_default(), end + 1),
        None if near.len() == rest.len() => (near, near.len()),
        None => return Err(too_long()),
    };
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.len() > LINE { Err(too_long()) } else { Ok((line, length)) }
}

fn too_long() -> Refused {
    Refused::Beyond(format!("a line in the header of a part has more than {LINE} bytes"))
}

fn field(line: &[u8], fields: &mut Fields) -> Result<(), Refused> {
    let text = String::from_utf8_lossy(line);
    // A line that begins with white space goes on with the one before (RFC 5322, section 2.2.3).
    if text.starts_with([' ', '\t']) {
        let Some((_, value)) = fields.last_mut() else { return Err(no_field()) };
        value.push(' ');
        value.push_str(text.trim());
        return Ok(());
    }
    let (name, value) = text.split_once(':').ok_or_else(no_field)?;
    let name = name.trim_end();
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(no_field());
    }
    fields.push((lower(name), value.trim().into()));
    Ok(())
}

fn no_field() -> Refused {
    malformed("a part does not begin with header fields and an empty line")
}

/// A value up to its first semicolon, and the parameters behind: names in lower case, values as they are written.
pub(super) fn parameters(text: &str) -> (&str, impl Iterator<Item = (CompactString, &str)>) {
    let mut rest = Some(text);
    let first = part(&mut rest).unwrap_or_default().trim_ascii();
    let pairs = std::iter::from_fn(move || part(&mut rest)).filter_map(|part| {
        let at = part.bytes().position(|byte| byte == b'=')?;
        Some((part.get(..at)?, part.get(at + 1..)?))
    });
    (first, pairs.map(|(name, value)| (lower(name.trim_ascii()), value.trim_ascii())))
}

/// Takes what stands before the next semicolon that is not quoted.
fn part<'t>(rest: &mut Option<&'t str>) -> Option<&'t str> {
    let text = rest.take()?;
    // What counts here is ASCII, whose bytes stand in no other character.
    let end = match memchr::memchr2(b';', b'"', text.as_bytes()) {
        // Few values have quotes, and each has to be looked at byte by byte from there on only.
        Some(at) if text.as_bytes().get(at) == Some(&b'"') => {
            let mut quoted = Quoted::default();
            let behind = text.bytes().skip(at).position(|byte| !quoted.holds(byte) && byte == b';');
            behind.map(|behind| at + behind)
        }
        found => found,
    };
    let Some(end) = end else { return Some(text) };
    *rest = text.get(end + 1..);
    text.get(..end)
}

/// Follows a text through its quoted strings (RFC 9110, section 5.6.4).
#[derive(Default)]
struct Quoted {
    open: bool,
    escaped: bool,
}

impl Quoted {
    /// Whether the next byte stands between quotes.
    fn holds(&mut self, byte: u8) -> bool {
        match byte {
            _ if self.escaped => self.escaped = false,
            b'\\' if self.open => self.escaped = true,
            b'"' => self.open = !self.open,
            _ => {}
        }
        self.open
    }
}

/// In lower case, without a detour through the heap where it is already.
pub(super) fn lower(text: &str) -> CompactString {
    match text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        true => text.to_ascii_lowercase().into(),
        false => text.into(),
    }
}

/// A parameter's value without its quotes and the backslashes in them.
pub(super) fn unquoted(value: &str) -> CompactString {
    if !value.as_bytes().contains(&b'"') {
        return value.into();
    }
    let Some(inner) = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')) else {
        return value.trim_matches('"').into();
    };
    let mut chars = inner.chars();
    std::iter::from_fn(|| match chars.next()? {
        '\\' => chars.next(),
        c => Some(c),
    })
    .collect()
}
