//! The reader: quick-xml's events into the element tree, with the checks of well-formedness that it leaves to us.

use compact_str::CompactString;
use memchr::memmem;
use quick_xml::Reader as Events;
use quick_xml::events::Event;

use super::chars::{is_blank, is_char};
use super::cursor::{Wrong, limit, short, syntax};
use super::namespaces::Namespaces;
use super::run::{Run, reference};
use super::{prolog, tag};
use crate::document::codec::{Limits, Malformed, MalformedKind};
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
    read(body, limits)
        .map_err(|wrong| Malformed::at(body.as_bytes(), wrong.offset, wrong.kind, wrong.message))
}

/// An element whose end tag has not come yet.
struct Open {
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

struct Builder<'t, 'l> {
    text: &'t str,
    limits: &'l Limits,
    namespaces: Namespaces<'t>,
    open: Vec<Open>,
    /// White space between elements, with the number of nodes before it: needed only if the content turns out mixed.
    spaces: Vec<(usize, CompactString)>,
    run: Run<'t>,
    raw: Vec<tag::Raw<'t>>,
    root: Option<Element>,
    elements: usize,
    /// Found out once for the whole document, so that most texts need no second look.
    has_cr: bool,
    has_section_end: bool,
}

fn read(text: &str, limits: &Limits) -> Result<Element, Wrong> {
    check_characters(text)?;
    let mut events = Events::from_str(text);
    events.config_mut().check_comments = true;
    let mut builder = Builder {
        text,
        limits,
        namespaces: Namespaces::default(),
        open: Vec::with_capacity(16),
        spaces: Vec::new(),
        run: Run::default(),
        raw: Vec::new(),
        root: None,
        elements: 0,
        has_cr: memchr::memchr(b'\r', text.as_bytes()).is_some(),
        has_section_end: memmem::find(text.as_bytes(), b"]]>").is_some(),
    };
    let mut start = 0;
    loop {
        let event = events.read_event();
        let end = usize::try_from(events.buffer_position()).unwrap_or(text.len());
        match event {
            Ok(Event::Eof) => return builder.finish(),
            Ok(event) => builder.event(&event, start, text.get(start..end).unwrap_or_default())?,
            Err(error) => {
                let place = usize::try_from(events.error_position()).unwrap_or(start).min(text.len());
                return Err(builder.broken(&error, start, place));
            }
        }
        start = end;
    }
}

/// No character that XML cannot carry (XML 1.0, production 2): one pass over the document, most of it by machine words.
fn check_characters(text: &str) -> Result<(), Wrong> {
    let bytes = text.as_bytes();
    let control = |b: &u8| *b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r');
    // A fold without an early end is what the compiler turns into vector instructions.
    let any = bytes.iter().fold(false, |any, b| any | control(b));
    let suspect = any || memmem::find(bytes, b"\xEF\xBF").is_some() || text.starts_with('\u{FEFF}');
    if !suspect {
        return Ok(());
    }
    if text.starts_with('\u{FEFF}') {
        return Err(syntax(0, "a second byte order mark stands before the document"));
    }
    match text.char_indices().find(|(_, c)| !is_char(*c)) {
        Some((at, c)) => Err(syntax(at, format!("the character U+{:04X} cannot stand in XML", u32::from(c)))),
        None => Ok(()),
    }
}

/// No character that XML 1.1 only takes as a reference (XML 1.1, production 2a): what is read as XML 1.0 and says 1.1
/// must be well-formed as both.
fn check_restricted(text: &str) -> Result<(), Wrong> {
    match text.char_indices().find(|(_, c)| matches!(c, '\u{7F}'..='\u{84}' | '\u{86}'..='\u{9F}')) {
        Some((at, c)) => {
            let message = format!("the character U+{:04X} cannot stand in XML 1.1 as it is", u32::from(c));
            Err(syntax(at, message))
        }
        None => Ok(()),
    }
}

impl<'t> Builder<'t, '_> {
    /// One event; `markup` is its whole source text, which begins at `offset`.
    fn event(&mut self, event: &Event<'_>, offset: usize, markup: &'t str) -> Result<(), Wrong> {
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
            Event::End(_) => {
                self.end();
                Ok(())
            }
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
                self.run.push(content, self.has_cr);
                Ok(())
            }
            Event::Decl(_) => match prolog::declaration(markup, offset)? {
                true => check_restricted(self.text),
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
        if self.has_section_end
            && let Some(at) = memmem::find(text.as_bytes(), b"]]>")
        {
            return Err(syntax(offset + at, "`]]>` cannot stand in text: write `]]&gt;`"));
        }
        self.run.push(text, self.has_cr);
        Ok(())
    }

    /// Character data is allowed here.
    fn inside(&self, offset: usize) -> Result<(), Wrong> {
        if !self.open.is_empty() {
            return Ok(());
        }
        let message = match self.root {
            None => "text stands before the root element: an XML document begins with `<`",
            Some(_) => "text stands after the root element",
        };
        Err(syntax(offset, message))
    }

    fn start(&mut self, content: &'t str, offset: usize) -> Result<(), Wrong> {
        if self.root.is_some() {
            return Err(syntax(offset, "a document has one root element, and this is a second one"));
        }
        if self.open.len() >= self.limits.depth {
            return Err(limit(offset, format!("elements are nested deeper than {}", self.limits.depth)));
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
        let read = tag::read(content, offset + 1, &mut self.raw, &mut self.namespaces, self.limits)?;
        self.open.push(Open {
            element: read.element,
            nodes: Vec::new(),
            nil: read.nil,
            mixed: false,
            spaces: self.spaces.len(),
            namespaces,
        });
        Ok(())
    }

    /// Puts the run of text before a child element, or after the last one, in its place.
    fn flush(&mut self) {
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
            let name = short(&open.element.name.local);
            return Err(syntax(
                self.text.len(),
                format!("the document ends, and the element `{name}` has not ended"),
            ));
        }
        self.root.ok_or_else(|| syntax(self.text.len(), "there is no XML document: the body has no element"))
    }

    /// quick-xml's errors in the words of this reader.
    fn broken(&self, error: &quick_xml::Error, start: usize, place: usize) -> Wrong {
        let rest = self.text.get(place..).unwrap_or_default();
        if [start, place].into_iter().any(|at| is_doctype(self.text.get(at..).unwrap_or_default())) {
            return dtd(start.max(place));
        }
        if rest.starts_with('&') {
            return syntax(place, "`&` begins a reference that has no `;`: write `&amp;`");
        }
        let message = error.to_string();
        syntax(place, short(message.strip_prefix("ill-formed document: ").unwrap_or(&message)))
    }
}

fn is_doctype(text: &str) -> bool {
    text.get(..9).is_some_and(|start| start.eq_ignore_ascii_case("<!DOCTYPE"))
}

fn dtd(offset: usize) -> Wrong {
    let message = "document type declarations are refused: send the document without <!DOCTYPE>";
    Wrong { offset, kind: MalformedKind::Dtd, message: message.into() }
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
