//! The rows of a table from a CSV file (RFC 4180): a header line, then one row a line.

use csv::{ErrorKind, Position, ReaderBuilder, StringRecord};

use super::table::{DeclaredRow, Rows, too_many};
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
        let mut reader = ReaderBuilder::new().delimiter(delimiter).from_reader(self.text.as_bytes());
        let columns = match reader.headers() {
            Ok(header) => self.columns(header)?,
            Err(error) => {
                self.broken(&error);
                return None;
            }
        };
        let mut rows = Rows { columns, rows: Vec::new() };
        let mut record = StringRecord::new();
        let mut ragged = false;
        loop {
            match reader.read_record(&mut record) {
                Ok(false) => return (!ragged).then_some(rows),
                Ok(true) => {}
                Err(error) => {
                    ragged = true;
                    self.broken(&error);
                    match error.kind() {
                        ErrorKind::UnequalLengths { .. } => continue,
                        _ => return None,
                    }
                }
            }
            let span = self.line(record.position());
            if rows.rows.len() == most {
                self.node.report(too_many(span, most));
                return None;
            }
            let cells = record.iter().map(|cell| Value::Text(cell.into())).collect();
            rows.rows.push(DeclaredRow { cells, span });
        }
    }

    fn columns(&self, header: &StringRecord) -> Option<Vec<compact_str::CompactString>> {
        let span = self.line(header.position());
        let report = |message: String, help: &str| {
            self.node.report(Finding::error("bad-csv", span, message).help(help));
        };
        if header.len() > MOST_COLUMNS {
            report(format!("there are {} columns", header.len()), "a table has at most 200");
            return None;
        }
        let mut names: Vec<compact_str::CompactString> = Vec::new();
        for name in header {
            let name = name.trim();
            if name.is_empty() || names.iter().any(|other| other == name) {
                let wrong = if name.is_empty() { "has no name" } else { "has the name of an earlier one" };
                let help = "the first line names the columns, each once";
                report(format!("column {} {wrong}", names.len() + 1), help);
                return None;
            }
            names.push(name.into());
        }
        if names.is_empty() {
            report("the file is empty".into(), "the first line names the columns");
            return None;
        }
        Some(names)
    }

    /// Reports what the reader says.
    fn broken(&self, error: &csv::Error) {
        let span = self.line(error.position());
        let (message, help) = match error.kind() {
            ErrorKind::UnequalLengths { expected_len, len, .. } => (
                format!("the header has {expected_len} fields, and this line has {len}"),
                "a field with the delimiter in it stands in quotes",
            ),
            _ => (format!("this is not CSV: {error}"), "see RFC 4180"),
        };
        self.node.report(Finding::error("bad-csv", span, message).help(help));
    }

    /// The line of a record.
    fn line(&self, position: Option<&Position>) -> Span {
        let at = position.map_or(0, |position| usize::try_from(position.byte()).unwrap_or(0));
        let rest = self.text.get(at..).unwrap_or("");
        // A record's position may be the end of the line before it.
        let blank = rest.len() - rest.trim_start_matches(['\r', '\n']).len();
        let line = rest.get(blank..).and_then(|rest| rest.lines().next()).unwrap_or("");
        let start = self.start + at + blank;
        Span { file: self.file, start, end: start + line.len() }
    }
}
