//! Documents as a trace in text shows them: each body once, under a number, and afterwards by it.

use std::collections::HashMap;

use bytes::Bytes;

use crate::document::{Document, json};
use crate::pipeline::redact::Redaction;

/// Lines of a body that are shown, unless all are, and characters of one: a longer line is broken.
const LINES: usize = 12;
const COLUMNS: usize = 120;

/// Documents of a step that are shown, unless all are.
const DOCUMENTS: usize = 10;

/// The bodies that were shown so far.
#[derive(Debug)]
pub struct Shown<'a> {
    numbers: HashMap<(&'static str, Bytes), usize>,
    /// Whether all is shown.
    full: bool,
    redaction: &'a Redaction,
}

impl<'a> Shown<'a> {
    /// None yet.
    pub fn new(full: bool, redaction: &'a Redaction) -> Self {
        Self { numbers: HashMap::new(), full, redaction }
    }

    /// A text without secrets.
    pub fn strike(&self, text: &str) -> String {
        self.redaction.strike(text).into_owned()
    }

    /// How many documents of a batch are shown.
    pub fn most(&self) -> usize {
        if self.full { usize::MAX } else { DOCUMENTS }
    }

    /// A document as lines: its number, and the first time its format, size and body too.
    pub fn document(&mut self, document: &Document) -> Vec<String> {
        let key = (format(document), document.bytes().clone());
        if let Some(number) = self.numbers.get(&key) {
            return vec![format!("#{number}")];
        }
        let number = self.numbers.len() + 1;
        self.numbers.insert(key, number);
        let mut lines = vec![format!("#{number}  {}, {}", format(document), size(document.bytes().len()))];
        lines.extend(self.body(document.bytes()).into_iter().map(|line| format!("    {line}")));
        lines
    }

    /// The numbers of documents that were shown before; `None` when one of them was not.
    pub fn known(&self, documents: &[Document]) -> Option<String> {
        let number = |document: &Document| self.numbers.get(&(format(document), document.bytes().clone()));
        let numbers: Option<Vec<String>> = documents
            .iter()
            .take(self.most())
            .map(|document| number(document).map(|number| format!("#{number}")))
            .collect();
        numbers.map(|numbers| numbers.join(" "))
    }

    /// A text as lines, shortened. What is wrong on a terminal is escaped.
    pub fn body(&self, bytes: &[u8]) -> Vec<String> {
        let Ok(text) = std::str::from_utf8(bytes) else {
            return vec!["(no text)".to_owned()];
        };
        let text = self.redaction.strike(text);
        if self.full {
            return text.lines().map(printable).collect();
        }
        let mut lines = text.lines().flat_map(broken);
        let mut out: Vec<String> = lines.by_ref().take(LINES).collect();
        if lines.next().is_some() {
            out.push(format!("... ({} in all)", size(bytes.len())));
        }
        out
    }

    /// A value between quotes, on one line.
    pub fn quoted(&self, value: &str) -> String {
        let mut out = Vec::new();
        json::write_string(&self.redaction.strike(value), &mut out);
        self.short(&String::from_utf8_lossy(&out), COLUMNS)
    }

    /// A line, shortened unless all is shown.
    pub fn short(&self, line: &str, columns: usize) -> String {
        match line.char_indices().nth(columns.saturating_sub(3)) {
            Some((end, _)) if !self.full && line.chars().count() > columns => {
                printable(line.get(..end).unwrap_or_default()) + "..."
            }
            _ => printable(line),
        }
    }
}

/// A line in pieces that are no wider than may be; an empty line is one.
fn broken(line: &str) -> impl Iterator<Item = String> + '_ {
    let mut rest = Some(line);
    std::iter::from_fn(move || {
        let line = rest?;
        let end = line.char_indices().nth(COLUMNS).map_or(line.len(), |(end, _)| end);
        let (piece, behind) = line.split_at(end);
        rest = (!behind.is_empty()).then_some(behind);
        Some(printable(piece))
    })
}

fn format(document: &Document) -> &'static str {
    document.codec().map_or("data", |codec| codec.format())
}

/// A line without what would move a terminal's cursor.
pub fn printable(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    for c in line.chars() {
        if c.is_control() && c != '\t' { out.extend(c.escape_unicode()) } else { out.push(c) }
    }
    out
}

/// A number of bytes for a person.
pub fn size(bytes: usize) -> String {
    const UNITS: &[(usize, &str)] = &[(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    let unit = UNITS.iter().find(|(unit, _)| bytes >= 10 * unit);
    unit.map_or_else(|| format!("{bytes} B"), |(unit, name)| format!("{} {name}", bytes / unit))
}

/// Documents by number and size: `2 documents, 60 B`.
pub fn batch(documents: &[Document]) -> String {
    let bytes = documents.iter().map(|document| document.bytes().len()).sum();
    match documents.len() {
        0 => "no documents".to_owned(),
        1 => format!("1 document, {}", size(bytes)),
        count => format!("{count} documents, {}", size(bytes)),
    }
}

/// Whether the bodies are the same, one by one.
pub fn same_bodies(before: &[Document], after: &[Document]) -> bool {
    let same = |(a, b): (&Document, &Document)| format(a) == format(b) && (a.bytes() == b.bytes());
    before.len() == after.len() && before.iter().zip(after).all(same)
}
