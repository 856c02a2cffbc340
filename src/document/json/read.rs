//! The reader: JSON text into the element tree, strict, with exact numbers and no name twice.

use std::collections::HashSet;

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

struct Reader<'t, 'l> {
    scan: Scan<'t>,
    limits: &'l Limits,
    elements: usize,
}

impl Reader<'_, '_> {
    fn document(&mut self) -> Result<Element, Wrong> {
        self.scan.skip_space();
        if self.scan.peek().is_none() {
            return Err(self.scan.syntax("there is no JSON: the body is empty"));
        }
        let content = self.value(0)?;
        self.scan.skip_space();
        if self.scan.peek().is_some() {
            return Err(self.scan.syntax("something stands after the JSON value: a document is one value"));
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
            Some(b'{' | b'[') if depth >= self.limits.depth => {
                let message = format!("objects and arrays are nested deeper than {}", self.limits.depth);
                Err(self.scan.limit(message))
            }
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
            if self.ends(b']', "expected `,` or `]` after an item of an array")? {
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
            let place = self.scan.at;
            if self.scan.peek() != Some(b'"') {
                return Err(self.scan.syntax("expected the name of a member in double quotes"));
            }
            let name = self.scan.string()?;
            if name.len() > self.limits.name {
                self.scan.at = place;
                return Err(self.scan.limit(format!("a name has more than {} bytes", self.limits.name)));
            }
            if members.has(&name) {
                self.scan.at = place;
                return Err(self.scan.syntax("this name is already in the object"));
            }
            self.scan.skip_space();
            if !self.scan.take(b':') {
                return Err(self.scan.syntax("expected `:` after the name of a member"));
            }
            self.scan.skip_space();
            let content = self.value(depth)?;
            members.nodes.push(Node::Element(Element::with(Name { namespace: None, local: name }, content)));
            if self.ends(b'}', "expected `,` or `}` after a member of an object")? {
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
    names: HashSet<compact_str::CompactString>,
}

impl Members {
    fn has(&mut self, name: &str) -> bool {
        let names = |nodes: &[Node]| -> HashSet<compact_str::CompactString> {
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
