//! The writer of CSV: rows into records, quoted only where they would be misread.

use memchr::memchr3;

use super::{Csv, ROW};
use crate::document::codec::Unwritable;
use crate::document::flat::output::{Output, unrepresentable};
use crate::document::flat::{Column, Holds, root, values};
use crate::document::tree::Element;

/// Appends one file of the rows of these trees.
pub(super) fn write(csv: &Csv, roots: &[&Element], out: &mut Vec<u8>) -> Result<(), Unwritable> {
    let mut output = Output::new(out, csv.charset, csv.mark);
    roots.iter().try_for_each(|file| root(file, "rows"))?;
    if csv.header {
        let titles: Vec<Option<&str>> =
            csv.columns.iter().map(|column| Some(column.title.as_str())).collect();
        record(csv, &csv.columns, &titles, &|| "header".to_owned(), &mut output)?;
    }
    let mut cells = Vec::with_capacity(csv.columns.len());
    for (index, row) in roots.iter().flat_map(|root| root.elements()).enumerate() {
        let path = || format!("{ROW}[{}]", index + 1);
        if row.name.local != ROW {
            let message = format!("found an element `{}`, expected only elements `{ROW}`", row.name.local);
            return Err(Unwritable { path: row.name.local.to_string(), message });
        }
        values(row, csv.columns.iter().map(|column| column.name.as_str()), &path, &mut cells)?;
        record(csv, &csv.columns, &cells, &path, &mut output)?;
    }
    output.finish()
}

/// Writes the fields of a record of these columns.
pub(super) fn record(
    csv: &Csv,
    columns: &[Column],
    cells: &[Option<&str>],
    path: &dyn Fn() -> String,
    output: &mut Output<'_>,
) -> Result<(), Unwritable> {
    for (index, (cell, column)) in cells.iter().zip(columns).enumerate() {
        if index > 0 {
            output.text.push(char::from(csv.delimiter));
        }
        if !put(csv, *cell, column.holds == Holds::Text, columns.len() == 1, output) {
            let path = format!("{}/{}", path(), column.name);
            return Err(Unwritable { path, message: unquotable(csv, *cell) });
        }
    }
    output.text.push_str(csv.newline);
    output.flush().map_err(|c| {
        let has = |cell: &Option<&str>| cell.is_some_and(|text| text.contains(c));
        let column = cells.iter().position(has).and_then(|at| columns.get(at));
        let name = column.map(|column| format!("/{}", column.name)).unwrap_or_default();
        unrepresentable(c, csv.charset, format!("{}{name}", path()))
    })
}

/// Writes one field; `false` when it needs quotes and there are none.
fn put(csv: &Csv, cell: Option<&str>, is_text: bool, alone: bool, output: &mut Output<'_>) -> bool {
    let text = cell.unwrap_or("");
    let Some(quote) = csv.quote else {
        let misread = memchr3(csv.delimiter, b'\n', b'\r', text.as_bytes()).is_some();
        output.text.push_str(text);
        // An empty line is no record.
        let vanishes = alone && text.is_empty();
        return !(misread || vanishes);
    };
    let bytes = text.as_bytes();
    let quoted = match text.is_empty() {
        true => alone || (cell.is_some() && is_text),
        false => {
            memchr3(csv.delimiter, b'\n', b'\r', bytes).is_some()
                || memchr::memchr(quote, bytes).is_some()
                || (output.is_first() && text.starts_with(['\u{FEFF}', 'ï', 'ÿ', 'þ']))
        }
    };
    if !quoted {
        output.text.push_str(text);
        return true;
    }
    let quote = char::from(quote);
    output.text.push(quote);
    for (index, part) in text.split(quote).enumerate() {
        if index > 0 {
            output.text.push(quote);
            output.text.push(quote);
        }
        output.text.push_str(part);
    }
    output.text.push(quote);
    true
}

fn unquotable(csv: &Csv, cell: Option<&str>) -> String {
    if cell.unwrap_or("").is_empty() {
        return "a row of one column without a value would be an empty line, which is no row; declare a quote".to_owned();
    }
    let delimiter = char::from(csv.delimiter).escape_default();
    format!("this has `{delimiter}` or the end of a line in it, and the profile says quote=none")
}
