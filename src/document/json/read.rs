//! The reader: JSON text into the element tree, strict, with exact numbers and no name twice.

use std::collections::HashSet;

use compact_str::CompactString;

use super::scan::{Scan, Wrong};
use crate::document::codec::{Limits, Malformed};
use crate::document::tree::{Content, Element, Name, Node};

/// Parses a JSON text. The root is an element without a name; an object has named children, an array nameless items,
/// `null` is nil, and a number keeps its lexical form.
///
/// A byte order mark is skipped, as RFC 8259, section 8.1, allows. A name that is twice in an object is refused: section
/// 4 leaves its meaning open, and what is read twice can be read in two ways.
///
/// # Errors
/// The text is not JSON, or passes a limit.
pub fn parse(text: &str, limits: &Limits) -> Result<Element, Malformed> {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let mut reader = Reader { scan: Scan { text, at: 0 }, limits, elements: 0 };
    reader.document().map_err(|wrong| Malformed::at(text.as_bytes(), wrong.offset, wrong.kind, wrong.message))
}

/// What is said of an empty text.
pub(super) const EMPTY: &str = "there is no JSON: the body is empty";
/// What is said of text after the value that a document is.
pub(super) const AFTER_DOCUMENT: &str = "something stands after the JSON value: a document is one value";
/// What is said when neither comes after an item.
pub(super) const AFTER_ITEM: &str = "expected `,` or `]` after an item of an array";
/// What is said when neither comes after a member.
pub(super) const AFTER_MEMBER: &str = "expected `,` or `}` after a member of an object";

/// What is said of an object or array at a depth that is not read.
pub(super) fn too_deep(limits: &Limits) -> String {
    format!("objects and arrays are nested deeper than {}", limits.depth)
}

/// Reads one value as a document of its own within `limits`, but `depth` objects and arrays are open around it.
pub(super) fn value(scan: &mut Scan<'_>, limits: &Limits, depth: usize) -> Result<Content, Wrong> {
    let mut reader = Reader { scan: Scan { text: scan.text, at: scan.at }, limits, elements: 0 };
    let content = reader.value(depth)?;
    scan.at = reader.scan.at;
    Ok(content)
}

/// Reads a member's name and the colon after it; `there` tells which names are in the object already.
pub(super) fn name(
    scan: &mut Scan<'_>,
    limits: &Limits,
    there: impl FnOnce(&str) -> bool,
) -> Result<CompactString, Wrong> {
    let place = scan.at;
    if scan.peek() != Some(b'"') {
        return Err(scan.syntax("expected the name of a member in double quotes"));
    }
    let name = scan.string()?;
    if name.len() > limits.name {
        scan.at = place;
        return Err(scan.limit(format!("a name has more than {} bytes", limits.name)));
    }
    if there(&name) {
        scan.at = place;
        return Err(scan.syntax("this name is already in the object"));
    }
    scan.skip_space();
    if !scan.take(b':') {
        return Err(scan.syntax("expected `:` after the name of a member"));
    }
    Ok(name)
}

struct Reader<'t, 'l> {
    scan: Scan<'t>,
    limits: &'l Limits,
    elements: usize,
}

impl Reader<'_, '_> {
    fn document(&mut self) -> Result<Element, Wrong> {
        self.scan.skip_space();
        if self.scan.peek().is_none() {
            return Err(self.scan.syntax(EMPTY));
        }
        let content = self.value(0)?;
        self.scan.skip_space();
        if self.scan.peek().is_some() {
            return Err(self.scan.syntax(AFTER_DOCUMENT));
        }
        Ok(Element::with(Name::default(), content))
    }

    /// One value; `depth` objects and arrays are open around it.
    fn value(&mut self, depth: usize) -> Result<Content, Wrong> {
        self.elements += 1;
        if self.elements > self.limits.elements {
            let message = format!("the document has more than {} values", self.limits.elements);
            return Err(self.scan.limit(message));
        }
        match self.scan.peek() {
            Some(b'"') => self.scan.string().map(Content::Text),
            Some(b'-' | b'0'..=b'9') => self.scan.number().map(|number| Content::Number(number.into())),
            Some(b'{' | b'[') if depth >= self.limits.depth => Err(self.scan.limit(too_deep(self.limits))),
            Some(b'{') => self.object(depth + 1),
            Some(b'[') => self.array(depth + 1),
            _ if self.scan.word("true") => Ok(Content::Bool(true)),
            _ if self.scan.word("false") => Ok(Content::Bool(false)),
            _ if self.scan.word("null") => Ok(Content::Nil),
            Some(_) => Err(self
                .scan
                .syntax("expected a JSON value: an object, array, string, number, true, false or null")),
            None => Err(self.scan.syntax("the text ends where a value is expected")),
        }
    }

    fn array(&mut self, depth: usize) -> Result<Content, Wrong> {
        self.scan.at += 1;
        let mut items = Vec::new();
        self.scan.skip_space();
        if self.scan.take(b']') {
            return Ok(Content::Items(items));
        }
        loop {
            self.scan.skip_space();
            let content = self.value(depth)?;
            items.push(Node::Element(Element::with(Name::default(), content)));
            if self.ends(b']', AFTER_ITEM)? {
                return Ok(Content::Items(items));
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Content, Wrong> {
        self.scan.at += 1;
        let mut members = Members::default();
        self.scan.skip_space();
        if self.scan.take(b'}') {
            return Ok(Content::Children(members.nodes));
        }
        loop {
            self.scan.skip_space();
            let name = name(&mut self.scan, self.limits, |name| members.has(name))?;
            self.scan.skip_space();
            let content = self.value(depth)?;
            members.nodes.push(Node::Element(Element::with(Name { namespace: None, local: name }, content)));
            if self.ends(b'}', AFTER_MEMBER)? {
                return Ok(Content::Children(members.nodes));
            }
        }
    }

    /// After an item: `,` goes on, `close` ends.
    fn ends(&mut self, close: u8, message: &'static str) -> Result<bool, Wrong> {
        self.scan.skip_space();
        if self.scan.take(b',') {
            return Ok(false);
        }
        if self.scan.take(close) {
            return Ok(true);
        }
        Err(self.scan.syntax(message))
    }
}

/// The members of an object so far, and their names in a set once there are many.
#[derive(Default)]
struct Members {
    nodes: Vec<Node>,
    names: HashSet<CompactString>,
}

impl Members {
    fn has(&mut self, name: &str) -> bool {
        let names = |nodes: &[Node]| -> HashSet<CompactString> {
            nodes
                .iter()
                .filter_map(|n| if let Node::Element(e) = n { Some(e.name.local.clone()) } else { None })
                .collect()
        };
        if self.nodes.len() < 16 {
            return self.nodes.iter().any(|node| matches!(node, Node::Element(e) if e.name.local == name));
        }
        if self.names.is_empty() {
            self.names = names(&self.nodes);
        }
        !self.names.insert(name.into())
    }
}
