//! The rows of a table from a CSV file (RFC 4180): a header line, then one row a line.

use std::ops::ControlFlow;

use compact_str::CompactString;

use super::table::{DeclaredRow, Rows, too_many};
use crate::document::codec::Malformed;
use crate::document::flat::csv::dialect::{Cell, Dialect, each_record};
use crate::document::value::Value;
use crate::source::{FileId, Finding, Span, Spanned};
use crate::syntax::Node;

/// Columns of a table.
const MOST_COLUMNS: usize = 200;

/// Reads the file; `None` after findings, which stand in it.
pub(super) fn read(
    node: &Node<'_>,
    path: &Spanned<String>,
    delimiter: Option<&Spanned<String>>,
    most: usize,
) -> Option<Rows> {
    let delimiter = match delimiter.map(|text| (text.value.as_bytes(), text.span)) {
        None => b',',
        Some((&[byte], _)) if byte.is_ascii() && !matches!(byte, b'"' | b'\n' | b'\r') => byte,
        Some((_, span)) => {
            let finding = Finding::error("bad-separator", span, "this is not a delimiter");
            node.report(finding.help("it is one ASCII character: delimiter=\";\""));
            return None;
        }
    };
    let (file, text) = node.reading.file(path)?;
    let plain = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let sheet = Sheet { node, file, text: plain, start: text.len() - plain.len() };
    sheet.rows(delimiter, most)
}

/// The text of one file.
struct Sheet<'a> {
    node: &'a Node<'a>,
    file: FileId,
    text: &'a str,
    /// Where it starts in the file: behind a byte order mark.
    start: usize,
}

impl Sheet<'_> {
    fn rows(&self, delimiter: u8, most: usize) -> Option<Rows> {
        let mut rows: Option<Rows> = None;
        let mut broken = false;
        let read = each_record(self.text, Dialect { delimiter, quote: Some(b'"') }, &mut |cells, at| {
            let span = self.line(at);
            let Some(rows) = &mut rows else {
                rows = self.columns(cells, span).map(|columns| Rows { columns, rows: Vec::new() });
                broken |= rows.is_none();
                return if broken { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
            };
            if cells.len() != rows.columns.len() {
                self.ragged(rows.columns.len(), cells.len(), span);
                broken = true;
                return ControlFlow::Continue(());
            }
            if rows.rows.len() == most {
                self.node.report(too_many(span, most));
                broken = true;
                return ControlFlow::Break(());
            }
            let cells = cells.iter().map(|cell| Value::Text(cell.text.as_ref().into())).collect();
            rows.rows.push(DeclaredRow { cells, span });
            ControlFlow::Continue(())
        });
        if let Err(malformed) = &read {
            self.malformed(malformed);
        } else if rows.is_none() && !broken {
            self.report(self.line(0), "the file is empty".into(), "the first line names the columns");
        }
        rows.filter(|_| read.is_ok() && !broken)
    }

    fn columns(&self, header: &[Cell<'_>], span: Span) -> Option<Vec<CompactString>> {
        if header.len() > MOST_COLUMNS {
            let message = format!("there are {} columns", header.len());
            self.report(span, message, "a table has at most 200");
            return None;
        }
        let mut names: Vec<CompactString> = Vec::new();
        for cell in header {
            let name = cell.text.trim();
            if name.is_empty() || names.iter().any(|other| other == name) {
                let wrong = if name.is_empty() { "has no name" } else { "has the name of an earlier one" };
                let message = format!("column {} {wrong}", names.len() + 1);
                self.report(span, message, "the first line names the columns, each once");
                return None;
            }
            names.push(name.into());
        }
        Some(names)
    }

    fn ragged(&self, expected: usize, found: usize, span: Span) {
        let message = format!("the header has {expected} fields, and this line has {found}");
        self.report(span, message, "a field with the delimiter in it stands in quotes");
    }

    /// Reports what the reader says.
    fn malformed(&self, malformed: &Malformed) {
        let before: usize =
            self.text.split_inclusive('\n').take(malformed.line.saturating_sub(1)).map(str::len).sum();
        let message = format!("this is not CSV: {}", malformed.message);
        self.report(self.line(before), message, "see RFC 4180");
    }

    fn report(&self, span: Span, message: String, help: &str) {
        self.node.report(Finding::error("bad-csv", span, message).help(help));
    }

    /// The line that begins at a byte of the text.
    fn line(&self, at: usize) -> Span {
        let line = self.text.get(at..).and_then(|rest| rest.lines().next()).unwrap_or("");
        let start = self.start + at;
        Span { file: self.file, start, end: start + line.len() }
    }
}
