//! Records of a large XML document: what stands around them is read event by event, each record by the whole reader.

use compact_str::CompactString;
use quick_xml::events::Event;

use super::chars::{forbidden, is_blank, is_space, restricted};
use super::cursor::{Wrong, short, syntax};
use super::namespaces::Namespaces;
use super::pull::{Piece, Pull, Stop, dtd};
use super::reader::{self, Known};
use super::run::reference;
use super::{lines, prolog, tag};
use crate::document::records::{Bounds, Broken, Input, RecordPath, Records, Window};
use crate::document::tree::Element;

/// An XML document that is read record by record.
#[derive(Debug)]
pub(super) struct XmlRecords {
    window: Window,
    around: Around,
    known: Known,
    /// Bytes of the record that came last, which begins where the rest of the window does.
    record: usize,
}

/// What is open around the place that is read.
#[derive(Debug)]
struct Around {
    path: RecordPath,
    bounds: Bounds,
    namespaces: Namespaces,
    open: Vec<Open>,
    /// How many of the open elements lie on the path, counted from the root.
    on_path: usize,
    rooted: bool,
}

/// An open element.
#[derive(Debug)]
struct Open {
    /// Its name as it is written.
    name: CompactString,
    namespaces: usize,
}

/// What reading on in the window came to.
enum Step {
    /// A record of that length, at the start of the rest.
    Record(Element, usize),
    /// The window holds nothing more that is whole, from that byte of the rest on.
    More(usize),
    End,
}

/// What an event around the records means.
enum Met {
    Nothing,
    /// Here a record begins.
    Record,
    /// The declaration says 1.1, which allows fewer characters.
    OneOne,
}

impl XmlRecords {
    pub fn new(input: Input, path: &RecordPath, bounds: Bounds) -> Self {
        let around = Around {
            path: path.clone(),
            bounds,
            namespaces: Namespaces::default(),
            open: Vec::new(),
            on_path: 0,
            rooted: false,
        };
        let window = Window::new(input, bounds, None, Some(forbidden));
        Self { window, around, known: Known::default(), record: 0 }
    }

    fn read(&mut self) -> Result<Option<Element>, Broken> {
        self.window.advance(std::mem::take(&mut self.record));
        loop {
            match self.step() {
                Ok(Step::Record(element, length)) => {
                    self.record = length;
                    return Ok(Some(element));
                }
                Ok(Step::End) => return Ok(None),
                Ok(Step::More(from)) => {
                    self.window.advance(from);
                    self.window.more()?;
                    self.known = Known::of(self.window.rest());
                }
                Err(wrong) => {
                    return Err(self.window.malformed(wrong.offset, wrong.kind, wrong.message).into());
                }
            }
        }
    }

    /// Reads on from the start of the rest.
    fn step(&mut self) -> Result<Step, Wrong> {
        let (text, last) = (self.window.rest(), self.window.is_last());
        let first = self.window.is_first();
        let mut skip = 0;
        if text.starts_with('\u{FEFF}') {
            // quick-xml takes it for a mark; within the document it is a character like others.
            if first {
                reader::check_mark(text)?;
            }
            self.around.text(0)?;
            skip = '\u{FEFF}'.len_utf8();
        }
        let mut pull = Pull::new(text.get(skip..).unwrap_or_default());
        loop {
            let at = skip + pull.at();
            let mut piece = match pull.next() {
                Ok(Some(piece)) => piece,
                Ok(None) if last => return self.around.finish(text.len()).map(|()| Step::End),
                Ok(None) => return Ok(Step::More(at)),
                Err(Stop::Cut(_)) if !last => return Ok(Step::More(at)),
                Err(stop) => {
                    let wrong = stop.wrong();
                    return Err(Wrong { offset: wrong.offset + skip, ..wrong });
                }
            };
            piece.offset = at;
            if !last && at + piece.markup.len() == text.len() && matches!(piece.event, Event::Text(_)) {
                return Ok(Step::More(at));
            }
            match self.around.event(&piece, first && at == 0, self.known)? {
                Met::Nothing => {}
                Met::OneOne => {
                    self.window.advance(at + piece.markup.len());
                    self.window.set_check(restricted);
                    return Ok(Step::More(0));
                }
                Met::Record => {
                    self.window.advance(at);
                    return self.record();
                }
            }
        }
    }

    /// Reads the record that the rest begins with.
    fn record(&mut self) -> Result<Step, Wrong> {
        let around = &mut self.around;
        let mark = around.namespaces.len();
        let depth = around.open.len();
        let limits = &around.bounds.limits;
        let read = reader::element(self.window.rest(), limits, self.known, &mut around.namespaces, depth);
        around.namespaces.leave(mark);
        match read {
            Ok((element, length)) => {
                around.rooted = true;
                Ok(Step::Record(element, length))
            }
            Err(Stop::Cut(_)) if !self.window.is_last() => Ok(Step::More(0)),
            Err(stop) => Err(stop.wrong()),
        }
    }
}

impl Around {
    fn event(&mut self, piece: &Piece<'_>, first: bool, known: Known) -> Result<Met, Wrong> {
        let Piece { event, markup, offset } = piece;
        let offset = *offset;
        match event {
            Event::Start(_) => {
                let content = markup.strip_prefix('<').and_then(|m| m.strip_suffix('>'));
                return self.start(content.unwrap_or_default(), offset, true);
            }
            Event::Empty(_) => {
                let content = markup.strip_prefix('<').and_then(|m| m.strip_suffix("/>"));
                return self.start(content.unwrap_or_default(), offset, false);
            }
            Event::End(_) => self.end(markup, offset)?,
            Event::Text(_) => {
                if !is_blank(markup) {
                    self.text(offset + markup.len() - markup.trim_start().len())?;
                    known.check_section_end(markup, offset)?;
                }
            }
            Event::GeneralRef(_) => {
                self.text(offset)?;
                reference(
                    markup.strip_prefix('&').and_then(|m| m.strip_suffix(';')).unwrap_or_default(),
                    offset,
                )?;
            }
            Event::CData(_) => self.text(offset)?,
            Event::Decl(_) => {
                let place = if first { 0 } else { offset.max(1) };
                return match prolog::declaration(markup, place) {
                    Ok(true) => Ok(Met::OneOne),
                    Ok(false) => Ok(Met::Nothing),
                    Err(wrong) if first => Err(wrong),
                    Err(wrong) => Err(Wrong { offset, ..wrong }),
                };
            }
            Event::PI(_) => prolog::instruction(markup, offset)?,
            Event::DocType(_) => return Err(dtd(offset)),
            Event::Comment(_) | Event::Eof => {}
        }
        Ok(Met::Nothing)
    }

    /// Text other than white space: within what is passed over, not beside the records, where it would be lost unseen.
    fn text(&self, offset: usize) -> Result<(), Wrong> {
        if self.open.is_empty() {
            return Err(reader::outside(self.rooted, offset));
        }
        if self.on_path == self.open.len() {
            let message = format!(
                "text stands beside the records of `{}`: only white space may stand between them",
                short(self.path.text())
            );
            return Err(syntax(offset, message));
        }
        Ok(())
    }

    fn start(&mut self, content: &str, offset: usize, opens: bool) -> Result<Met, Wrong> {
        let depth = self.open.len();
        if depth == 0 && self.rooted {
            return Err(reader::second_root(offset));
        }
        if depth >= self.bounds.limits.depth {
            return Err(reader::too_deep(offset, &self.bounds.limits));
        }
        let mark = self.namespaces.len();
        let read = tag::read(
            content,
            offset + 1,
            &mut Vec::new(),
            &mut self.namespaces,
            &self.bounds.limits,
            false,
        )?;
        let taken = self.on_path == depth && self.path.takes(depth, &read.element.name);
        if taken && depth + 1 == self.path.depth() {
            self.namespaces.leave(mark);
            return Ok(Met::Record);
        }
        self.rooted = true;
        if opens {
            self.on_path += usize::from(taken);
            let name = content.split(|c: char| c.is_ascii() && is_space(c as u8)).next().unwrap_or_default();
            self.open.push(Open { name: name.into(), namespaces: mark });
        } else {
            self.namespaces.leave(mark);
        }
        Ok(Met::Nothing)
    }

    fn end(&mut self, markup: &str, offset: usize) -> Result<(), Wrong> {
        let name = markup.strip_prefix("</").and_then(|m| m.strip_suffix('>')).unwrap_or_default();
        let name = name.trim_end_matches(|c: char| c.is_ascii() && is_space(c as u8));
        match self.open.pop() {
            Some(open) if open.name == name => {
                self.namespaces.leave(open.namespaces);
                self.on_path = self.on_path.min(self.open.len());
                Ok(())
            }
            Some(open) => {
                let message =
                    format!("expected `</{}>`, but `</{}>` was found", short(&open.name), short(name));
                Err(syntax(offset, message))
            }
            None => {
                Err(syntax(offset, format!("close tag `</{}>` does not match any open tag", short(name))))
            }
        }
    }

    fn finish(&self, end: usize) -> Result<(), Wrong> {
        match self.open.last() {
            Some(open) => Err(reader::not_ended(end, &open.name)),
            None if self.rooted => Ok(()),
            None => Err(reader::no_root(end)),
        }
    }
}

impl Records for XmlRecords {
    fn next(&mut self) -> Result<Option<Element>, Broken> {
        self.read()
    }

    fn line(&self) -> usize {
        self.window.line(0)
    }

    fn lines(&self, ways: &[&[usize]]) -> Vec<Option<usize>> {
        self.window.lines(self.record, ways, lines::lines)
    }
}
