//! What the protocols share: the namespace of lists, shapes around documents, and the failure of a wrong one.

use hyper::StatusCode;

use crate::document::codec::Codec;
use crate::document::tree::{Content, Element, Node};
use crate::pipeline::failure::Failure;
use crate::schema::{Occurs, Shape, ShapeKind, Violation};

/// The namespace of wrappers and lists, unless a service has its own. Clients of the system whose operations we take
/// over are built on it.
pub const NAMESPACE: &str = "http://www.boomi.com/connector/wss";

/// How many places of a wrong document are reported.
pub(super) const VIOLATIONS: usize = 20;

/// The child elements by value.
pub(super) fn into_elements(element: Element) -> impl Iterator<Item = Element> {
    let nodes = match element.content {
        Content::Children(nodes) | Content::Items(nodes) => nodes,
        _ => Vec::new(),
    };
    nodes.into_iter().filter_map(|node| match node {
        Node::Element(element) => Some(element),
        Node::Text(_) => None,
    })
}

/// The shape of an element that holds others.
pub(super) fn holder(name: &str, namespace: Option<&str>, children: Vec<Shape>) -> Shape {
    Shape {
        name: name.into(),
        namespace: namespace.map(Into::into),
        occurs: Occurs::ONCE,
        nillable: false,
        attributes: Vec::new(),
        kind: ShapeKind::Children(children),
        checking: Default::default(),
    }
}

/// Where the checked element stands in what was received.
pub(super) struct Sent<'a> {
    /// The format of the body.
    pub(super) codec: &'a dyn Codec,
    /// The body.
    pub(super) body: &'a [u8],
    /// The way to the element from the body's root, as [`Codec::lines`] has it.
    pub(super) way: &'a [usize],
}

impl Sent<'_> {
    /// Gives each violation its line.
    fn find_lines(&self, violations: &mut [Violation]) {
        let ways: Vec<Vec<usize>> = violations.iter().map(|v| [self.way, &v.way].concat()).collect();
        let ways: Vec<&[usize]> = ways.iter().map(Vec::as_slice).collect();
        for (violation, line) in violations.iter_mut().zip(self.codec.lines(self.body, &ways)) {
            violation.line = line;
        }
    }
}

/// The failure of a document that does not fit; nothing when there is no violation.
pub(super) fn fits(mut violations: Vec<Violation>, sent: Option<&Sent<'_>>) -> Result<(), Failure> {
    if let Some(sent) = sent.filter(|_| !violations.is_empty()) {
        sent.find_lines(&mut violations);
    }
    let Some(first) = violations.first() else { return Ok(()) };
    let more = match violations.len() {
        1 => String::new(),
        2 => " There is one more such place.".to_owned(),
        count if count >= VIOLATIONS => " There are more such places.".to_owned(),
        count => format!(" There are {} more such places.", count - 1),
    };
    // Of a document on one line, the line says nothing.
    let line = first.line.filter(|line| *line > 1).map(|line| format!(" in line {line}")).unwrap_or_default();
    let message = format!(
        "The document does not fit what is expected here: {}{line}: {}.{more}",
        first.path, first.message
    );
    let mut failure = Failure::client(StatusCode::UNPROCESSABLE_ENTITY, "invalid-document", message);
    failure.violations = violations;
    Err(failure)
}
