//! CSV profiles by a sample: the dialect, the columns and their types that a saved file shows.

use std::collections::HashSet;
use std::ops::ControlFlow;

use super::columns::{holds, value};
use crate::document::charset::Charset;
use crate::document::codec::{Malformed, MalformedKind};
use crate::document::flat::Column;
use crate::document::flat::csv::Csv;
use crate::document::flat::csv::dialect::{self, Cell};
use crate::document::text::{decode, has_mark};
use crate::schema::infer::{common, simple_type};
use crate::schema::{Shape, Simple, SimpleType};
use crate::xml::is_ncname;

/// Columns that are taken for a file's: more than that are a file of something else.
const MOST: usize = 2000;

/// What is said of a file, and not to be guessed.
#[derive(Debug, Clone, Copy, Default)]
pub struct Said {
    /// The character between fields.
    pub delimiter: Option<u8>,
    /// The character around fields, or that there is none.
    pub quote: Option<Option<u8>>,
    /// Whether the first line names the columns.
    pub header: Option<bool>,
    /// The character set.
    pub charset: Option<Charset>,
}

/// What a sample shows.
#[derive(Debug, Clone)]
pub struct Table {
    /// The kind of file.
    pub csv: Csv,
    /// For each column its type, and whether every row has a value in it.
    pub types: Vec<(SimpleType, bool)>,
}

/// The shapes of columns with these types, each with whether every row has a value in it.
pub fn shapes(columns: &[Column], types: &[(SimpleType, bool)]) -> Vec<Shape> {
    let one = |(column, (base, required)): (&Column, &(SimpleType, bool))| {
        value(&column.name, *required, Simple::of(*base))
    };
    columns.iter().zip(types).map(one).collect()
}

/// Whether a text of which nothing is known looks like CSV: several records, all of the same several fields.
pub fn is_likely(text: &str) -> bool {
    let look = dialect::guess(text, None, None);
    look.is_even && look.fields > 1 && look.records > 1
}

/// The table of a file. Without a character set it is in that of its byte order mark, in UTF-8, or in windows-1252.
///
/// # Errors
/// It is empty, a record has more or fewer fields than the first, or a quote is wrong.
pub fn read(bytes: &[u8], said: &Said) -> Result<Table, Malformed> {
    let set = said.charset.unwrap_or(match bytes {
        [0xFE, 0xFF, ..] | [0xFF, 0xFE, ..] => Charset::Utf16,
        bytes if has_mark(bytes) || std::str::from_utf8(bytes).is_ok() => Charset::Utf8,
        _ => Charset::Windows1252,
    });
    let text = decode(bytes, Some(set.name()))?;
    let look = dialect::guess(&text, said.delimiter, said.quote);
    let wrong =
        |at: usize, message: String| Err(Malformed::at(text.as_bytes(), at, MalformedKind::Syntax, message));
    if look.fields == 0 {
        return wrong(0, "there is no record in it".to_owned());
    }
    if look.fields > MOST {
        return wrong(0, format!("its first line has more than {MOST} fields"));
    }
    let mut first: Vec<Cell<'_>> = Vec::new();
    let mut tallies = vec![Tally::default(); look.fields];
    let mut ragged = None;
    dialect::each_record(&text, look.dialect, &mut |cells, start| {
        if cells.len() != look.fields {
            ragged = Some((start, cells.len()));
            return ControlFlow::Break(());
        }
        match first.is_empty() {
            true => first = cells.to_vec(),
            false => tallies.iter_mut().zip(cells).for_each(|(tally, cell)| tally.add(cell)),
        }
        ControlFlow::Continue(())
    })?;
    if let Some((start, found)) = ragged {
        let shown = if found == 1 { "1 field".to_owned() } else { format!("{found} fields") };
        let message = format!("found a record of {shown}, expected {} as in the first", look.fields);
        return wrong(start, message);
    }
    let header = said.header.unwrap_or_else(|| is_header(&first, &tallies));
    if !header {
        tallies.iter_mut().zip(&first).for_each(|(tally, cell)| tally.add(cell));
    } else if !are_distinct(&first) {
        return wrong(0, "the header line names a column twice".to_owned());
    }
    let names = names(&first, header);
    let types: Vec<(SimpleType, bool)> = tallies.iter().map(|tally| tally.outcome(look.fields)).collect();
    let column = |((name, cell), (base, _)): ((String, &Cell<'_>), &(SimpleType, bool))| Column {
        title: if header { cell.text.as_ref().into() } else { name.as_str().into() },
        name: name.into(),
        holds: holds(*base),
    };
    let columns = names.into_iter().zip(&first).zip(&types).map(column).collect();
    let csv = Csv {
        header,
        delimiter: look.dialect.delimiter,
        quote: look.dialect.quote,
        charset: set,
        mark: set == Charset::Utf8 && has_mark(bytes),
        newline: if text.contains('\n') && !text.contains("\r\n") { "\n" } else { "\r\n" },
        ..Csv::of(columns)
    };
    Ok(Table { csv, types })
}

/// What the rows so far have in a column.
#[derive(Debug, Clone, Default)]
struct Tally {
    rows: usize,
    base: Option<SimpleType>,
    /// Whether a row has nothing in it.
    is_lacking: bool,
    /// Whether a row has an empty text in quotes: a value where the column is one of text.
    is_empty: bool,
}

impl Tally {
    fn add(&mut self, cell: &Cell<'_>) {
        self.rows += 1;
        match cell.text.as_ref() {
            "" => {
                self.is_empty |= cell.quoted;
                self.is_lacking |= !cell.quoted;
            }
            // Nothing is wider than text.
            _ if self.base == Some(SimpleType::String) => {}
            text => self.base = Some(common(self.base, simple_type(text))),
        }
    }

    /// The type, and whether every row has a value, in a file of so many columns.
    fn outcome(&self, columns: usize) -> (SimpleType, bool) {
        let base = self.base.unwrap_or(SimpleType::String);
        // As the reader has it: of a single column, an empty text is a value that is absent.
        let is_absent = self.is_empty && (base != SimpleType::String || columns == 1);
        (base, self.rows > 0 && !self.is_lacking && !is_absent)
    }
}

fn are_distinct(cells: &[Cell<'_>]) -> bool {
    let mut seen = HashSet::new();
    cells.iter().all(|cell| seen.insert(cell.text.as_ref()))
}

/// Whether the first line names the columns: with words that are names, or with other words over values that are none.
fn is_header(first: &[Cell<'_>], below: &[Tally]) -> bool {
    let is_word = |cell: &Cell<'_>| {
        simple_type(&cell.text) == SimpleType::String && cell.text.contains(char::is_alphabetic)
    };
    let are_names = || first.iter().all(|cell| is_ncname(&cell.text));
    let are_above = || below.iter().any(|tally| tally.base.is_some_and(|base| base != SimpleType::String));
    first.iter().all(is_word) && are_distinct(first) && (are_names() || are_above())
}

/// The names of the columns: those of the header line as far as they can be names, each once.
fn names(first: &[Cell<'_>], header: bool) -> Vec<String> {
    let mut taken: HashSet<String> = HashSet::new();
    // Those that are names already stay as they are.
    let whole = |text: &str| header && is_ncname(text);
    taken.extend(first.iter().filter(|cell| whole(&cell.text)).map(|cell| cell.text.to_string()));
    let mut out = Vec::with_capacity(first.len());
    for (number, cell) in (1_usize..).zip(first) {
        if whole(&cell.text) {
            out.push(cell.text.to_string());
            continue;
        }
        let near: String =
            cell.text.chars().map(|c| if c.is_alphanumeric() || c == '_' { c } else { '-' }).collect();
        let near = near.trim_matches('-');
        let near = Some(near).filter(|near| header && is_ncname(near));
        let base = near.map_or_else(|| format!("column{number}"), str::to_owned);
        let others = (2_usize..).map(|n| format!("{base}-{n}"));
        let free = std::iter::once(base.clone()).chain(others).find(|name| !taken.contains(name));
        let name = free.unwrap_or_default();
        taken.insert(name.clone());
        out.push(name);
    }
    out
}

#[cfg(test)]
#[path = "csv_sample_tests.rs"]
mod tests;
