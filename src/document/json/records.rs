//! Records of a large JSON document: what stands around them is read token by token, each item by the whole reader.

use std::collections::HashSet;

use compact_str::CompactString;

use super::lines;
use super::read;
use super::scan::{Scan, Wrong};
use crate::document::records::{Bounds, Broken, Input, RecordPath, Records, Window};
use crate::document::tree::{Element, Name};

/// How near to the end of the window an error may be one of the window's end: the longest token without an end of its
/// own is half of a surrogate pair, `\uXXXX\uXXXX`.
const NEAR: usize = 12;

/// A JSON document that is read record by record.
#[derive(Debug)]
pub(super) struct JsonRecords {
    window: Window,
    around: Around,
    /// Bytes of the record that came last, which begins where the rest of the window does.
    record: usize,
}

/// What is open around the place that is read, and what may come there.
#[derive(Debug)]
struct Around {
    path: RecordPath,
    bounds: Bounds,
    open: Vec<Open>,
    /// How many of the open objects lie on the path, counted from the root.
    on_path: usize,
    /// Whether the innermost array is the one of the records.
    in_records: bool,
    expected: Expected,
    /// Names in all open objects.
    names: usize,
}

/// An open object or array.
#[derive(Debug)]
enum Open {
    /// With the names of its members so far.
    Object(HashSet<CompactString>),
    Array,
}

/// What may come next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expected {
    /// The value of the document, of a member, or an item after a comma. `true`: it lies on the path.
    Value(bool),
    /// The first item of an array, or its end. `true`: the items are the records.
    First(bool),
    /// A record, after a comma.
    Record,
    /// The first member of an object, or its end.
    FirstMember,
    Member,
    /// A comma, or the end of the innermost object or array.
    After,
    /// Nothing: the document is over.
    Nothing,
}

/// What reading on in the window came to.
enum Step {
    /// A record between those bytes of the rest.
    Record(Element, usize, usize),
    /// The rest was read up to that byte.
    Read(usize),
    /// From that byte on the rest holds nothing more that is whole.
    More(usize),
    End,
}

impl JsonRecords {
    pub fn new(input: Input, path: &RecordPath, bounds: Bounds) -> Self {
        let around = Around {
            path: path.clone(),
            bounds,
            open: Vec::new(),
            on_path: 0,
            in_records: false,
            expected: Expected::Value(true),
            names: 0,
        };
        let window = Window::new(input, bounds, Some("utf-8"), None);
        Self { window, around, record: 0 }
    }

    fn read(&mut self) -> Result<Option<Element>, Broken> {
        self.window.advance(std::mem::take(&mut self.record));
        loop {
            match self.around.step(self.window.rest(), self.window.is_last()) {
                Ok(Step::Read(end)) => self.window.advance(end),
                Ok(Step::Record(element, start, end)) => {
                    self.window.advance(start);
                    self.record = end - start;
                    return Ok(Some(element));
                }
                Ok(Step::End) => return Ok(None),
                Ok(Step::More(from)) => {
                    self.window.advance(from);
                    self.window.more()?;
                }
                Err(wrong) => {
                    return Err(self.window.malformed(wrong.offset, wrong.kind, wrong.message).into());
                }
            }
        }
    }
}

impl Around {
    /// Reads one token, or one record, at the start of the rest; `last` says that the document ends with it.
    fn step(&mut self, text: &str, last: bool) -> Result<Step, Wrong> {
        let mut scan = Scan { text, at: 0 };
        scan.skip_space();
        let start = scan.at;
        if scan.peek().is_none() {
            if !last {
                return Ok(Step::More(start));
            }
            if self.expected == Expected::Nothing {
                return Ok(Step::End);
            }
        }
        let read = match self.expected {
            Expected::Nothing => return Err(scan.syntax(read::AFTER_DOCUMENT)),
            Expected::After => return self.after(&mut scan),
            Expected::FirstMember if scan.take(b'}') => return Ok(self.close(scan.at)),
            Expected::First(_) if scan.take(b']') => return Ok(self.close(scan.at)),
            Expected::Value(on_path) if matches!(scan.peek(), Some(b'{' | b'[')) => {
                return self.open(&mut scan, on_path);
            }
            Expected::First(false) if matches!(scan.peek(), Some(b'{' | b'[')) => {
                return self.open(&mut scan, false);
            }
            Expected::FirstMember | Expected::Member => self.member(&mut scan),
            Expected::First(true) | Expected::Record => self.record(&mut scan),
            Expected::Value(on_path) => self.leaf(&mut scan, on_path),
            Expected::First(false) => self.leaf(&mut scan, false),
        };
        // A token that touches the end of the window may go on, and what is wrong near it may only be cut.
        match read {
            Ok(_) if !last && scan.at == text.len() => Ok(Step::More(start)),
            Err(wrong) if !last && wrong.offset + NEAR >= text.len() => Ok(Step::More(start)),
            Err(wrong) => Err(wrong),
            Ok((token, expected)) => {
                if let Some(name) = token.name {
                    self.names += 1;
                    if let Some(Open::Object(names)) = self.open.last_mut() {
                        names.insert(name);
                    }
                }
                self.expected = expected;
                Ok(match token.record {
                    Some(element) => Step::Record(element, start, scan.at),
                    None => Step::Read(scan.at),
                })
            }
        }
    }

    /// What comes after a value that is whole.
    fn after_value(&self) -> Expected {
        if self.open.is_empty() { Expected::Nothing } else { Expected::After }
    }

    fn after(&mut self, scan: &mut Scan<'_>) -> Result<Step, Wrong> {
        let object = matches!(self.open.last(), Some(Open::Object(_)));
        if scan.take(b',') {
            self.expected = match object {
                true => Expected::Member,
                false if self.in_records => Expected::Record,
                false => Expected::Value(false),
            };
            return Ok(Step::Read(scan.at));
        }
        if scan.take(if object { b'}' } else { b']' }) {
            return Ok(self.close(scan.at));
        }
        Err(scan.syntax(if object { read::AFTER_MEMBER } else { read::AFTER_ITEM }))
    }

    /// The innermost object or array ends.
    fn close(&mut self, end: usize) -> Step {
        if let Some(Open::Object(names)) = self.open.pop() {
            self.names -= names.len();
        }
        self.on_path = self.on_path.min(self.open.len());
        self.in_records = false;
        self.expected = self.after_value();
        Step::Read(end)
    }

    /// An object or array begins.
    fn open(&mut self, scan: &mut Scan<'_>, on_path: bool) -> Result<Step, Wrong> {
        if self.open.len() >= self.bounds.limits.depth {
            return Err(scan.limit(read::too_deep(&self.bounds.limits)));
        }
        let wanted = on_path && self.open.len() == self.path.depth();
        if scan.peek() == Some(b'[') {
            self.open.push(Open::Array);
            self.in_records = wanted;
            self.expected = Expected::First(wanted);
        } else if wanted {
            return Err(self.no_array(scan));
        } else {
            self.open.push(Open::Object(HashSet::new()));
            self.on_path += usize::from(on_path);
            self.expected = Expected::FirstMember;
        }
        Ok(Step::Read(scan.at + 1))
    }

    fn no_array(&self, scan: &Scan<'_>) -> Wrong {
        scan.syntax(format!("`{}` leads to records in an array, and this is none", self.path.text()))
    }

    /// A value that is no object or array.
    fn leaf(&self, scan: &mut Scan<'_>, on_path: bool) -> Result<(Token, Expected), Wrong> {
        if on_path && self.open.len() == self.path.depth() && scan.peek().is_some() {
            return Err(self.no_array(scan));
        }
        if scan.peek().is_none() && self.open.is_empty() {
            return Err(scan.syntax(read::EMPTY));
        }
        read::value(scan, &self.bounds.limits, self.open.len())?;
        Ok((Token::default(), self.after_value()))
    }

    fn record(&self, scan: &mut Scan<'_>) -> Result<(Token, Expected), Wrong> {
        let content = read::value(scan, &self.bounds.limits, self.open.len())?;
        let record = Some(Element::with(Name::default(), content));
        Ok((Token { record, name: None }, Expected::After))
    }

    /// The name of a member and its colon.
    fn member(&self, scan: &mut Scan<'_>) -> Result<(Token, Expected), Wrong> {
        let name = read::name(
            scan,
            &self.bounds.limits,
            |name| matches!(self.open.last(), Some(Open::Object(names)) if names.contains(name)),
        )?;
        if self.names >= self.bounds.limits.elements {
            let message =
                format!("more than {} members stand around the records", self.bounds.limits.elements);
            return Err(scan.limit(message));
        }
        let depth = self.open.len();
        let on_path = self.on_path == depth && self.path.takes_member(depth - 1, &name);
        Ok((Token { record: None, name: Some(name) }, Expected::Value(on_path)))
    }
}

/// What a token leaves, when it is whole.
#[derive(Default)]
struct Token {
    record: Option<Element>,
    name: Option<CompactString>,
}

impl Records for JsonRecords {
    fn next(&mut self) -> Result<Option<Element>, Broken> {
        self.read()
    }

    fn line(&self) -> usize {
        self.window.line(0)
    }

    fn lines(&self, ways: &[&[usize]]) -> Vec<Option<usize>> {
        self.window.lines(self.record, ways, |record, ways| lines::lines(record.as_bytes(), ways))
    }
}
