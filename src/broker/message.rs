//! A message: subject, header fields, payload; nothing in it can end a line of the protocol.

use bytes::Bytes;
use compact_str::CompactString;

use super::subject;

/// A message to publish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    subject: CompactString,
    headers: Vec<(CompactString, CompactString)>,
    payload: Bytes,
}

impl Message {
    /// A message without header fields.
    ///
    /// # Errors
    /// What is wrong with the subject.
    pub fn new(subject: CompactString, payload: Bytes) -> Result<Self, &'static str> {
        subject::check(&subject)?;
        Ok(Self { subject, headers: Vec::new(), payload })
    }

    /// Adds a header field.
    ///
    /// # Errors
    /// What is wrong with its name or its value.
    pub fn header(&mut self, name: &str, value: &str) -> Result<(), &'static str> {
        check_name(name)?;
        if value.chars().any(|c| c.is_control() && c != '\t') {
            return Err("there is a line end or another control character in it");
        }
        self.headers.push((name.into(), value.trim().into()));
        Ok(())
    }

    /// Its subject.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Its header fields, in their order.
    pub fn headers(&self) -> &[(CompactString, CompactString)] {
        &self.headers
    }

    /// Its payload.
    pub fn payload(&self) -> &Bytes {
        &self.payload
    }
}

/// Checks the name of a header field.
///
/// # Errors
/// What is wrong with it.
pub fn check_name(name: &str) -> Result<(), &'static str> {
    match name.bytes().find(|byte| !byte.is_ascii_graphic() || *byte == b':') {
        _ if name.is_empty() => Err("it is empty"),
        Some(_) => Err("it holds more than letters, digits and signs of ASCII without a colon"),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_field_makes_another() {
        let mut message = Message::new("orders".into(), Bytes::new()).unwrap();
        assert_eq!(message.header("X-Id", " a\tb "), Ok(()));
        for value in ["a\r\nX: b", "a\nb", "a\rb", "\0"] {
            assert!(message.header("X-Id", value).is_err(), "{value:?}");
        }
        for name in ["", "a b", "a:b", "a\r\nb", "größe"] {
            assert!(message.header(name, "x").is_err(), "{name:?}");
        }
        assert_eq!(message.headers(), [("X-Id".into(), "a\tb".into())]);
    }
}
