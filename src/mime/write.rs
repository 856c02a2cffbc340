//! The writer: parts one behind the other, with a boundary that stands in none of them.

use uuid::Uuid;

/// A boundary that nobody can guess: its 122 random bits are drawn when the parts are there already, so none of them holds
/// it. It is a token, which needs no quotes.
pub fn boundary() -> String {
    format!("soapstone-{}", Uuid::new_v4().simple())
}

/// Writes a body of several parts.
#[derive(Debug)]
pub struct Writer {
    boundary: String,
    out: Vec<u8>,
}

impl Writer {
    /// For a boundary that stands in no part: one of [`boundary`]. `room`: bytes that the parts take, about.
    pub fn new(boundary: &str, room: usize) -> Self {
        Self { boundary: boundary.to_owned(), out: Vec::with_capacity(room) }
    }

    /// Begins the next part; its body is what is appended to the result. Empty fields are left out; characters that would
    /// end a field become spaces.
    pub fn part(&mut self, fields: &[(&str, &str)]) -> &mut Vec<u8> {
        self.line(&["--", &self.boundary.clone()]);
        for (name, value) in fields.iter().filter(|(_, value)| !value.is_empty()) {
            let value: String = value.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
            self.out.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
        }
        self.out.extend_from_slice(b"\r\n");
        &mut self.out
    }

    /// The whole body.
    pub fn done(mut self) -> Vec<u8> {
        self.line(&["--", &self.boundary.clone(), "--"]);
        self.out
    }

    /// A line of its own; the line end before it is the boundary's.
    fn line(&mut self, parts: &[&str]) {
        if !self.out.is_empty() {
            self.out.extend_from_slice(b"\r\n");
        }
        parts.iter().for_each(|part| self.out.extend_from_slice(part.as_bytes()));
        self.out.extend_from_slice(b"\r\n");
    }
}

/// A text in quotes (RFC 9110, section 5.6.4).
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
    out
}

/// A name in quotes as browsers write those of forms: only what would end it or its line is escaped.
pub fn escaped_name(text: &str) -> String {
    let text = text.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A");
    format!("\"{text}\"")
}
