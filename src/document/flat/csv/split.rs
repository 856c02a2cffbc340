//! Rows of a large CSV file one by one: each a file of its own, by the header line of the whole.

use super::Csv;
use super::read;
use super::records::{self, Cell};
use crate::document::codec::Malformed;
use crate::document::flat::{Count, Wrong};
use crate::document::records::{Bounds, Broken, Input, Records, Window};
use crate::document::tree::{Content, Element, Name, Node};

/// A CSV file that is read row by row.
#[derive(Debug)]
pub(super) struct CsvRecords {
    csv: Csv,
    bounds: Bounds,
    window: Window,
    /// For each column the place of its field, when that is known.
    places: Option<Vec<usize>>,
    /// Bytes of the row that came last, which begins where the rest of the window does.
    row: usize,
}

/// What reading on in the window came to.
enum Step {
    /// A row between those bytes of the rest.
    Row(Element, usize, usize),
    /// The header line, up to that byte.
    Header(Vec<usize>, usize),
    /// From that byte on the rest holds no record that is whole.
    More(usize),
    End,
}

impl CsvRecords {
    pub(super) fn new(csv: Csv, input: Input, bounds: Bounds) -> Self {
        let places = (!csv.header).then(|| (0..csv.columns.len()).collect());
        let window = Window::new(input, bounds, Some(csv.charset.name()), None);
        Self { csv, bounds, window, places, row: 0 }
    }

    fn read(&mut self) -> Result<Option<Element>, Broken> {
        self.window.advance(std::mem::take(&mut self.row));
        loop {
            match self.step() {
                Ok(Step::Row(row, start, end)) => {
                    self.window.advance(start);
                    self.row = end - start;
                    return Ok(Some(row));
                }
                Ok(Step::Header(places, end)) => {
                    self.places = Some(places);
                    self.window.advance(end);
                }
                Ok(Step::More(from)) => {
                    self.window.advance(from);
                    self.window.more()?;
                }
                Ok(Step::End) if self.places.is_none() => {
                    let Wrong { kind, message, .. } = read::headless(&self.csv);
                    return Err(Malformed { line: 1, column: 1, kind, message }.into());
                }
                Ok(Step::End) => return Ok(None),
                Err(wrong) => {
                    return Err(self.window.malformed(wrong.offset, wrong.kind, wrong.message).into());
                }
            }
        }
    }

    /// Reads one record at the start of the rest.
    fn step(&self) -> Result<Step, Wrong> {
        let (text, last) = (self.window.rest(), self.window.is_last());
        let mut walk = records::Records::new(text, self.csv.delimiter, self.csv.quote);
        let mut cells: Vec<Cell<'_>> = Vec::with_capacity(self.csv.columns.len());
        let start = match walk.next(&mut cells) {
            Ok(Some(start)) => start,
            Ok(None) if last => return Ok(Step::End),
            Ok(None) => return Ok(Step::More(text.len())),
            // It may be closed in what comes.
            Err(wrong) if !last && wrong.message == records::UNCLOSED => return Ok(Step::More(0)),
            Err(wrong) => return Err(wrong),
        };
        // A record that touches the end of the window may go on.
        let end = walk.at();
        if !last && end == text.len() {
            return Ok(Step::More(start));
        }
        let Some(places) = &self.places else {
            return Ok(Step::Header(read::header(&self.csv, &cells, start)?, end));
        };
        let mut count = Count::new(&self.bounds.limits);
        let row = read::row(&self.csv, places, &cells, start, &mut count)?;
        let file = Element::with(Name::default(), Content::Children(vec![Node::Element(row)]));
        Ok(Step::Row(file, start, end))
    }
}

impl Records for CsvRecords {
    fn next(&mut self) -> Result<Option<Element>, Broken> {
        self.read()
    }

    fn line(&self) -> usize {
        self.window.line(0)
    }

    /// A value is at the line of its row.
    fn lines(&self, ways: &[&[usize]]) -> Vec<Option<usize>> {
        let line = self.line();
        ways.iter().map(|way| way.first().is_none_or(|row| *row == 0).then_some(line)).collect()
    }
}
