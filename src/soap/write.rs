//! The writer of messages: what stands before and behind a body is made once, so that an answer is three copies.

use super::Version;
use crate::document::tree::Element;
use crate::xml::{escape_attribute, write_element};

/// Appends a Header with these blocks; nothing without any.
pub fn header(version: Version, blocks: &[Element], out: &mut Vec<u8>) {
    if blocks.is_empty() {
        return;
    }
    let prefix = version.prefix();
    out.extend_from_slice(format!("<{prefix}:Header>").as_bytes());
    for block in blocks {
        write_element(block, None, out);
    }
    out.extend_from_slice(format!("</{prefix}:Header>").as_bytes());
}

/// What stands around the documents of an answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frame {
    /// Everything up to the first document.
    pub before: Vec<u8>,
    /// Everything behind the last.
    pub after: Vec<u8>,
    /// Where in `before` a Header would stand.
    body: usize,
}

impl Frame {
    /// An envelope with these elements inside each other in its body, all in one namespace. Documents stand in the
    /// innermost; no default namespace is in scope there. The outermost says how they are encoded, if they are.
    pub fn envelope(version: Version, namespace: &str, wrappers: &[&str], encoding: Option<&str>) -> Self {
        let prefix = version.prefix();
        let mut frame = Self::default();
        frame.put("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
        frame.put(&format!("<{prefix}:Envelope xmlns:{prefix}=\"{}\">", version.namespace()));
        frame.body = frame.before.len();
        frame.put(&format!("<{prefix}:Body>"));
        let style = encoding.map(|style| format!(" {prefix}:encodingStyle=\"{style}\"")).unwrap_or_default();
        frame.wrappers(namespace, wrappers, &style);
        frame.after.extend_from_slice(format!("</{prefix}:Body></{prefix}:Envelope>").as_bytes());
        frame
    }

    /// The same without an envelope, as a document of its own.
    pub fn document(namespace: &str, wrappers: &[&str]) -> Self {
        let mut frame = Self::default();
        frame.put("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
        frame.wrappers(namespace, wrappers, "");
        frame
    }

    /// Begins an answer: all that stands before its first document, with these header blocks.
    pub fn begin(&self, version: Version, blocks: &[Element], out: &mut Vec<u8>) {
        if blocks.is_empty() {
            return out.extend_from_slice(&self.before);
        }
        let (before, body) = self.before.split_at_checked(self.body).unwrap_or_default();
        out.extend_from_slice(before);
        header(version, blocks, out);
        out.extend_from_slice(body);
    }

    fn wrappers(&mut self, namespace: &str, wrappers: &[&str], attributes: &str) {
        for (at, name) in wrappers.iter().enumerate() {
            self.put(&format!("<wss:{name}"));
            if at == 0 {
                self.put(" xmlns:wss=\"");
                escape_attribute(namespace, &mut self.before);
                self.put("\"");
                self.put(attributes);
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
