//! The writer of messages: what stands before and behind a body is made once, so that an answer is three copies.

use super::Version;
use crate::xml::escape_attribute;

/// What stands around the documents of an answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frame {
    /// Everything up to the first document.
    pub before: Vec<u8>,
    /// Everything behind the last.
    pub after: Vec<u8>,
}

impl Frame {
    /// An envelope with these elements inside each other in its body, all in one namespace. Documents stand in the
    /// innermost; no default namespace is in scope there.
    pub fn envelope(version: Version, namespace: &str, wrappers: &[&str]) -> Self {
        let prefix = version.prefix();
        let mut frame = Self::default();
        frame.put("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
        frame.put(&format!("<{prefix}:Envelope xmlns:{prefix}=\"{}\"><{prefix}:Body>", version.namespace()));
        frame.wrappers(namespace, wrappers);
        frame.after.extend_from_slice(format!("</{prefix}:Body></{prefix}:Envelope>").as_bytes());
        frame
    }

    /// The same without an envelope, as a document of its own.
    pub fn document(namespace: &str, wrappers: &[&str]) -> Self {
        let mut frame = Self::default();
        frame.put("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
        frame.wrappers(namespace, wrappers);
        frame
    }

    fn wrappers(&mut self, namespace: &str, wrappers: &[&str]) {
        for (at, name) in wrappers.iter().enumerate() {
            self.put(&format!("<wss:{name}"));
            if at == 0 {
                self.put(" xmlns:wss=\"");
                escape_attribute(namespace, &mut self.before);
                self.put("\"");
            }
            self.put(">");
        }
        for name in wrappers.iter().rev() {
            self.after.extend_from_slice(format!("</wss:{name}>").as_bytes());
        }
    }

    fn put(&mut self, text: &str) {
        self.before.extend_from_slice(text.as_bytes());
    }
}
