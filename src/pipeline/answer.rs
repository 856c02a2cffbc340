//! What an execution has gathered for its answer: documents that reached a `return`, a status, header fields.

use compact_str::CompactString;
use hyper::StatusCode;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};

use super::etag::State;
use super::step::Documents;
use crate::document::tree::Element;

/// What an execution leaves for the answer.
#[derive(Debug, Clone, Default)]
pub struct Returned {
    /// `response.status`, if it was set.
    pub status: Option<StatusCode>,
    /// `response.header.*`.
    pub headers: HeaderMap,
    /// SOAP header blocks, in order.
    pub blocks: Vec<Element>,
    /// The documents that reached a `return`, in order.
    pub documents: Documents,
    /// The documents that go beside them, each in a part of its own, in order.
    pub attachments: Documents,
    /// Which state the document is of, where the operation tells.
    pub state: Option<State>,
}

/// How far an answer was gathered at a moment.
#[derive(Debug)]
pub struct Mark {
    status: Option<StatusCode>,
    headers: HeaderMap,
    blocks: usize,
    documents: usize,
    attachments: usize,
}

impl Returned {
    /// The same status and fields without documents and blocks: where a part of the execution begins that gathers for itself.
    #[must_use]
    pub fn without_documents(&self) -> Self {
        Self { status: self.status, headers: self.headers.clone(), ..Self::default() }
    }

    /// How far it is now.
    pub fn mark(&self) -> Mark {
        Mark {
            status: self.status,
            headers: self.headers.clone(),
            blocks: self.blocks.len(),
            documents: self.documents.len(),
            attachments: self.attachments.len(),
        }
    }

    /// Makes it what it was then.
    pub fn back_to(&mut self, mark: Mark) {
        self.status = mark.status;
        self.headers = mark.headers;
        self.blocks.truncate(mark.blocks);
        self.documents.truncate(mark.documents);
        self.attachments.truncate(mark.attachments);
    }

    /// Takes in what a part has gathered that began with `base`: what it has changed counts.
    pub fn take_in(&mut self, base: &Self, part: Self) {
        if part.status != base.status {
            self.status = part.status;
        }
        for name in base.headers.keys().filter(|name| !part.headers.contains_key(*name)) {
            self.headers.remove(name);
        }
        for (name, value) in &part.headers {
            if base.headers.get(name) != Some(value) {
                self.headers.insert(name.clone(), value.clone());
            }
        }
        self.blocks.extend(part.blocks);
        self.documents.extend(part.documents);
        self.attachments.extend(part.attachments);
    }

    /// A header's value where it is text.
    pub fn header(&self, name: &HeaderName) -> Option<CompactString> {
        self.headers.get(name).and_then(|value| value.to_str().ok()).map(CompactString::from)
    }

    /// Sets a header, or removes it.
    pub fn set_header(&mut self, name: &HeaderName, value: Option<HeaderValue>) {
        match value {
            Some(value) => self.headers.insert(name.clone(), value),
            None => self.headers.remove(name),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;

    fn header(name: &str) -> HeaderName {
        name.parse().unwrap()
    }

    #[test]
    fn a_part_counts_by_what_it_has_changed() {
        let (a, b, c) = (header("a"), header("b"), header("c"));
        let mut whole = Returned::default();
        whole.set_header(&a, Some(HeaderValue::from_static("1")));
        whole.set_header(&b, Some(HeaderValue::from_static("1")));
        let base = whole.without_documents();
        let (mut one, mut two) = (base.clone(), base.clone());
        one.status = Some(StatusCode::CREATED);
        one.set_header(&a, None);
        two.set_header(&c, Some(HeaderValue::from_static("2")));
        two.documents.push(Document::empty());
        whole.take_in(&base, one);
        whole.take_in(&base, two);
        assert_eq!(whole.status, Some(StatusCode::CREATED));
        assert_eq!(
            (whole.header(&a), whole.header(&b).as_deref(), whole.header(&c).as_deref()),
            (None, Some("1"), Some("2"))
        );
        assert_eq!(whole.documents.len(), 1);
    }

    #[test]
    fn what_came_behind_a_mark_can_be_taken_back() {
        let mut whole = Returned::default();
        whole.documents.push(Document::empty());
        let mark = whole.mark();
        whole.documents.push(Document::empty());
        whole.attachments.push(Document::empty());
        whole.status = Some(StatusCode::CREATED);
        whole.back_to(mark);
        assert_eq!((whole.documents.len(), whole.attachments.len(), whole.status), (1, 0, None));
    }
}
