//! The reader: quick-xml's events into the element tree, with the checks of well-formedness that it leaves to us.

mod glance;

use std::borrow::Cow;

use compact_str::CompactString;
use memchr::memmem;
use quick_xml::events::Event;

use super::chars::{forbidden, is_blank, is_space, restricted};
use super::cursor::{Wrong, limit, short, syntax};
use super::namespaces::Namespaces;
use super::pull::{Piece, Pull, Stop, dtd};
use super::run::{Run, reference};
use super::{prolog, tag};
use crate::document::codec::{Limits, Malformed};
use crate::document::tree::{Content, Element, Node};

/// Parses a document: well-formed, namespaces resolved, within `limits`. An encoding that the XML declaration names
/// plays no part: the text is decoded already.
///
/// White space between elements is dropped where an element has no other text; `xsi:nil="true"` on an element without
/// content makes it [`Content::Nil`] and goes.
///
/// # Errors
/// The text is not well-formed XML 1.0 with namespaces, has a document type declaration ([`MalformedKind::Dtd`]), or
/// passes a limit.
pub fn parse(text: &str, limits: &Limits) -> Result<Element, Malformed> {
    let body = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    read(body, limits, None)
        .map_err(|wrong| Malformed::at(body.as_bytes(), wrong.offset, wrong.kind, wrong.message))
}

/// As [`parse`], for documents whose values hold prefixes: namespace declarations stay as attributes in
/// [`XMLNS_NAMESPACE`](super::XMLNS_NAMESPACE), and beside the root comes the byte of `text` at which each element begins,
/// in document order.
///
/// # Errors
/// As there.
pub fn parse_with_places(text: &str, limits: &Limits) -> Result<(Element, Vec<usize>), Malformed> {
    let body = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let mark = text.len() - body.len();
    let mut places = Vec::new();
    match read(body, limits, Some(&mut places)) {
        Ok(root) => Ok((root, places.iter().map(|place| place + mark).collect())),
        Err(wrong) => Err(Malformed::at(text.as_bytes(), wrong.offset + mark, wrong.kind, wrong.message)),
    }
}

/// An element whose end tag has not come yet.
struct Open<'t> {
    /// Its name as it is written, and the prefix of that.
    name: &'t str,
    prefix: &'t str,
    element: Element,
    nodes: Vec<Node>,
    /// Which attribute is a true `xsi:nil`.
    nil: Option<usize>,
    /// Whether there was text other than white space beside child elements.
    mixed: bool,
    /// Marks in the stacks that are shared by all open elements.
    spaces: usize,
    namespaces: usize,
}

/// What is found out once for a whole text, so that most parts of it need no second look.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Known {
    has_cr: bool,
    has_section_end: bool,
}

impl Known {
    /// Looks through a text.
    pub fn of(text: &str) -> Self {
        Self {
            has_cr: memchr::memchr(b'\r', text.as_bytes()).is_some(),
            has_section_end: memmem::find(text.as_bytes(), b"]]>").is_some(),
        }
    }

    /// Refuses `]]>` in character data, which begins at `offset` (XML 1.0, section 2.4).
    pub fn check_section_end(self, text: &str, offset: usize) -> Result<(), Wrong> {
        if !self.has_section_end {
            return Ok(());
        }
        match memmem::find(text.as_bytes(), b"]]>") {
            Some(at) => Err(syntax(offset + at, "`]]>` cannot stand in text: write `]]&gt;`")),
            None => Ok(()),
        }
    }
}

struct Builder<'t, 'a> {
    text: &'t str,
    limits: &'a Limits,
    known: Known,
    namespaces: &'a mut Namespaces,
    open: Vec<Open<'t>>,
    /// How many elements are open around the first one.
    around: usize,
    /// White space between elements, with the number of nodes before it: needed only if the content turns out mixed.
    spaces: Vec<(usize, CompactString)>,
    run: Run<'t>,
    raw: Vec<tag::Raw<'t>>,
    root: Option<Element>,
    elements: usize,
    /// Where each element begins, when that is asked for; then namespace declarations are kept as well.
    places: Option<&'a mut Vec<usize>>,
}

impl<'t, 'a> Builder<'t, 'a> {
    fn new(text: &'t str, limits: &'a Limits, known: Known, namespaces: &'a mut Namespaces) -> Self {
        Self {
            text,
            limits,
            known,
            namespaces,
            open: Vec::with_capacity(16),
            around: 0,
            spaces: Vec::new(),
            run: Run::default(),
            raw: Vec::new(),
            root: None,
            elements: 0,
            places: None,
        }
    }
}

/// A character that is refused, if one was found.
fn found(refused: Option<(usize, Cow<'static, str>)>) -> Result<(), Wrong> {
    refused.map_or(Ok(()), |(at, message)| Err(syntax(at, message)))
}

/// No byte order mark at the start: the one that may be there was taken.
pub(super) fn check_mark(text: &str) -> Result<(), Wrong> {
    match text.starts_with('\u{FEFF}') {
        true => Err(syntax(0, "a second byte order mark stands before the document")),
        false => Ok(()),
    }
}

fn read(text: &str, limits: &Limits, places: Option<&mut Vec<usize>>) -> Result<Element, Wrong> {
    found(forbidden(text))?;
    check_mark(text)?;
    let mut namespaces = Namespaces::default();
    let mut builder = Builder::new(text, limits, Known::of(text), &mut namespaces);
    builder.places = places;
    let mut pull = Pull::new(text);
    while let Some(piece) = pull.next().map_err(Stop::wrong)? {
        builder.event(&piece)?;
        builder.plain(&piece, &mut pull);
    }
    builder.finish()
}

/// Reads the one element that the text begins with; what follows it is not looked at. Gives also the element's length.
/// `around` elements are open around it, with their `namespaces` in scope; the characters of the text are checked.
pub(super) fn element(
    text: &str,
    limits: &Limits,
    known: Known,
    namespaces: &mut Namespaces,
    around: usize,
) -> Result<(Element, usize), Stop> {
    let mut builder = Builder::new(text, limits, known, namespaces);
    builder.around = around;
    let mut pull = Pull::new(text);
    while let Some(piece) = pull.next()? {
        builder.event(&piece)?;
        builder.plain(&piece, &mut pull);
        if let Some(root) = builder.root.take() {
            return Ok((root, pull.at()));
        }
    }
    builder.finish().map(|root| (root, text.len())).map_err(Stop::Cut)
}

impl<'t> Builder<'t, '_> {
    fn event(&mut self, piece: &Piece<'t>) -> Result<(), Wrong> {
        let Piece { event, markup, offset } = piece;
        let (markup, offset) = (*markup, *offset);
        match event {
            Event::Start(_) => {
                let content = markup.strip_prefix('<').and_then(|m| m.strip_suffix('>')).unwrap_or_default();
                self.start(content, offset)
            }
            Event::Empty(_) => {
                let content = markup.strip_prefix('<').and_then(|m| m.strip_suffix("/>")).unwrap_or_default();
                self.start(content, offset)?;
                self.end();
                Ok(())
            }
            Event::End(_) => self.close(markup, offset),
            Event::Text(_) => self.characters(markup, offset),
            Event::GeneralRef(_) => {
                self.inside(offset)?;
                let name = markup.strip_prefix('&').and_then(|m| m.strip_suffix(';')).unwrap_or_default();
                self.run.push_char(reference(name, offset)?);
                Ok(())
            }
            Event::CData(_) => {
                self.inside(offset)?;
                let content =
                    markup.strip_prefix("<![CDATA[").and_then(|m| m.strip_suffix("]]>")).unwrap_or_default();
                self.run.push(content, self.known.has_cr);
                Ok(())
            }
            Event::Decl(_) => match prolog::declaration(markup, offset)? {
                true => found(restricted(self.text)),
                false => Ok(()),
            },
            Event::PI(_) => prolog::instruction(markup, offset),
            Event::Comment(_) | Event::Eof => Ok(()),
            Event::DocType(_) => Err(dtd(offset)),
        }
    }

    fn characters(&mut self, text: &'t str, offset: usize) -> Result<(), Wrong> {
        if self.open.is_empty() {
            if is_blank(text) {
                return Ok(());
            }
            return self.inside(offset + text.len() - text.trim_start().len());
        }
        self.known.check_section_end(text, offset)?;
        self.run.push(text, self.known.has_cr);
        Ok(())
    }

    /// Character data is allowed here.
    fn inside(&self, offset: usize) -> Result<(), Wrong> {
        if self.open.is_empty() { Err(outside(self.root.is_some(), offset)) } else { Ok(()) }
    }

    fn start(&mut self, content: &'t str, offset: usize) -> Result<(), Wrong> {
        if self.root.is_some() {
            return Err(second_root(offset));
        }
        if self.around + self.open.len() >= self.limits.depth {
            return Err(too_deep(offset, self.limits));
        }
        self.elements += 1;
        if self.elements > self.limits.elements {
            return Err(limit(
                offset,
                format!("the document has more than {} elements", self.limits.elements),
            ));
        }
        self.flush();
        let namespaces = self.namespaces.len();
        let keep = self.places.is_some();
        let read = tag::read(content, offset + 1, &mut self.raw, self.namespaces, self.limits, keep)?;
        if let Some(places) = &mut self.places {
            places.push(offset);
        }
        self.push(read, namespaces);
        Ok(())
    }

    /// Opens an element; `namespaces` were declared before it.
    fn push(&mut self, tag: tag::Tag<'t>, namespaces: usize) {
        let tag::Tag { name, prefix, element, nil } = tag;
        let (nodes, spaces) = (Vec::new(), self.spaces.len());
        self.open.push(Open { name, prefix, element, nodes, nil, mixed: false, spaces, namespaces });
    }

    /// The end tag of the innermost element.
    fn close(&mut self, markup: &str, offset: usize) -> Result<(), Wrong> {
        let name = markup.strip_prefix("</").and_then(|m| m.strip_suffix('>')).unwrap_or_default();
        let name = match name.trim_end_matches(|c: char| c.is_ascii() && is_space(c as u8)) {
            "" => name,
            trimmed => trimmed,
        };
        let message = match self.open.last() {
            Some(open) if open.name == name => {
                self.end();
                return Ok(());
            }
            Some(open) => format!("expected `</{}>`, but `</{name}>` was found", open.name),
            None => format!("close tag `</{name}>` does not match any open tag"),
        };
        Err(syntax(offset, short(&message)))
    }

    /// Puts the run of text before a child element, or after the last one, in its place.
    fn flush(&mut self) {
        if self.run.is_empty() {
            return;
        }
        let text = self.run.text();
        if let Some(open) = self.open.last_mut()
            && !text.is_empty()
        {
            if open.mixed {
                open.nodes.push(Node::Text(text.into()));
            } else if is_blank(text) {
                self.spaces.push((open.nodes.len(), text.into()));
            } else {
                open.mixed = true;
                with_spaces(&mut open.nodes, self.spaces.drain(open.spaces..));
                open.nodes.push(Node::Text(text.into()));
            }
        }
        self.run.clear();
    }

    /// The innermost element ends: it becomes a node of its parent, or the root.
    fn end(&mut self) {
        if self.open.last().is_some_and(|open| !open.nodes.is_empty()) {
            self.flush();
        }
        let Some(mut open) = self.open.pop() else { return };
        let text = self.run.text();
        open.element.content = if !open.nodes.is_empty() {
            Content::Children(open.nodes)
        } else if let Some(nil) = open.nil.filter(|_| is_blank(text)) {
            open.element.attributes.remove(nil);
            Content::Nil
        } else if text.is_empty() {
            Content::Empty
        } else {
            Content::Text(text.into())
        };
        self.run.clear();
        self.spaces.truncate(open.spaces);
        self.namespaces.leave(open.namespaces);
        match self.open.last_mut() {
            Some(parent) => parent.nodes.push(Node::Element(open.element)),
            None => self.root = Some(open.element),
        }
    }

    fn finish(self) -> Result<Element, Wrong> {
        if let Some(open) = self.open.last() {
            return Err(not_ended(self.text.len(), &open.element.name.local));
        }
        self.root.ok_or_else(|| no_root(self.text.len()))
    }
}

/// Text stands beside the root element.
pub(super) fn outside(after: bool, offset: usize) -> Wrong {
    let message = match after {
        false => "text stands before the root element: an XML document begins with `<`",
        true => "text stands after the root element",
    };
    syntax(offset, message)
}

/// A second root element.
pub(super) fn second_root(offset: usize) -> Wrong {
    syntax(offset, "a document has one root element, and this is a second one")
}

/// An element at a depth that is not read.
pub(super) fn too_deep(offset: usize, limits: &Limits) -> Wrong {
    limit(offset, format!("elements are nested deeper than {}", limits.depth))
}

/// The document ends too early.
pub(super) fn not_ended(offset: usize, name: &str) -> Wrong {
    syntax(offset, format!("the document ends, and the element `{}` has not ended", short(name)))
}

/// A document without an element.
pub(super) fn no_root(offset: usize) -> Wrong {
    syntax(offset, "there is no XML document: the body has no element")
}

/// Puts white space back between the nodes it stood between: the content is mixed after all.
fn with_spaces(nodes: &mut Vec<Node>, spaces: impl ExactSizeIterator<Item = (usize, CompactString)>) {
    if spaces.len() == 0 {
        return;
    }
    let mut spaces = spaces.peekable();
    let mut merged = Vec::with_capacity(nodes.len() + spaces.len() + 1);
    for (at, node) in std::mem::take(nodes).into_iter().enumerate() {
        while let Some((_, text)) = spaces.next_if(|(before, _)| *before <= at) {
            merged.push(Node::Text(text));
        }
        merged.push(node);
    }
    merged.extend(spaces.map(|(_, text)| Node::Text(text)));
    *nodes = merged;
}
