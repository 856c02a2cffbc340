//! The reader of CSV: records into rows by the columns of the profile, ragged ones and unknown headers refused.

use super::records::{Cell, Records};
use super::{Csv, ROW};
use crate::document::codec::Limits;
use crate::document::flat::{Column, Count, Holds, Wrong, listed};
use crate::document::tree::{Content, Element, Name, Node};

/// The tree of a text without a byte order mark.
pub(super) fn parse(csv: &Csv, text: &str, limits: &Limits) -> Result<Element, Wrong> {
    let mut records = Records::new(text, csv.delimiter, csv.quote);
    let mut cells = Vec::with_capacity(csv.columns.len());
    let places = match csv.header {
        true => match records.next(&mut cells)? {
            Some(start) => header(csv, &cells, start)?,
            None => return Err(headless(csv)),
        },
        false => (0..csv.columns.len()).collect(),
    };
    let mut count = Count::new(limits);
    let mut rows = Vec::new();
    while let Some(start) = records.next(&mut cells)? {
        rows.push(Node::Element(row(csv, &places, &cells, start, &mut count)?));
    }
    Ok(Element::with(Name::default(), Content::Children(rows)))
}

/// What is wrong with a file that has no header line.
pub(super) fn headless(csv: &Csv) -> Wrong {
    let titles = listed(csv.columns.iter().map(|column| column.title.as_str()));
    Wrong::syntax(0, format!("the header line is missing; expected the columns {titles}"))
}

/// Reads the header line, which begins at `start`: for each column the place of its field.
pub(super) fn header(csv: &Csv, cells: &[Cell<'_>], start: usize) -> Result<Vec<usize>, Wrong> {
    let titles = || csv.columns.iter().map(|column| column.title.as_str());
    let known = |cell: &str| titles().any(|title| title == cell);
    let unknown: Vec<&str> =
        cells.iter().map(|cell| cell.text.as_ref()).filter(|cell| !known(cell)).collect();
    let missing: Vec<&str> =
        titles().filter(|title| !cells.iter().any(|cell| cell.text.as_ref() == *title)).collect();
    let mut wrong = Vec::new();
    if !unknown.is_empty() {
        wrong.push(format!("has unknown columns: {}", listed(unknown.into_iter())));
    }
    if !missing.is_empty() {
        wrong.push(format!("lacks columns: {}", listed(missing.into_iter())));
    }
    if wrong.is_empty() && cells.len() != csv.columns.len() {
        wrong.push("names a column twice".to_owned());
    }
    if !wrong.is_empty() {
        let message = format!("the header line {}; expected {}", wrong.join(" and "), listed(titles()));
        return Err(Wrong::syntax(start, message));
    }
    // Every title is there, once.
    Ok(titles().filter_map(|title| cells.iter().position(|cell| cell.text.as_ref() == title)).collect())
}

/// Whether a record of these columns may have so many fields.
pub(super) fn check_length(
    csv: &Csv,
    columns: &[Column],
    what: &str,
    found: usize,
    start: usize,
) -> Result<(), Wrong> {
    if found == columns.len() || (csv.short && found < columns.len()) {
        return Ok(());
    }
    let fields = |count: usize| if count == 1 { "1 field".to_owned() } else { format!("{count} fields") };
    let titles = listed(columns.iter().map(|column| column.title.as_str()));
    let most = if csv.short { "at most " } else { "" };
    let (found, wanted) = (fields(found), fields(columns.len()));
    Err(Wrong::syntax(start, format!("found {what} of {found}, expected {most}{wanted}: {titles}")))
}

/// The row of a record, which begins at `start` and has its values at `places`, in the order of the columns.
pub(super) fn row(
    csv: &Csv,
    places: &[usize],
    cells: &[Cell<'_>],
    start: usize,
    count: &mut Count,
) -> Result<Element, Wrong> {
    check_length(csv, &csv.columns, "a record", cells.len(), start)?;
    count.take(cells.len() + 1, start)?;
    let cells = places.iter().map(|place| cells.get(*place));
    Ok(Element::with(Name::local(ROW), Content::Children(nodes(&csv.columns, cells))))
}

/// The fields of a record, in the order of its columns; those that are missing are absent.
pub(super) fn nodes<'c>(columns: &[Column], cells: impl Iterator<Item = Option<&'c Cell<'c>>>) -> Vec<Node> {
    let mut nodes = Vec::with_capacity(columns.len());
    for (column, cell) in columns.iter().zip(cells) {
        if let Some(content) = cell.and_then(|cell| content(column, cell, columns.len() == 1)) {
            nodes.push(Node::Element(Element::with(Name::local(column.name.clone()), content)));
        }
    }
    nodes
}

/// What a field holds; `None` for one that is absent.
pub(super) fn content(column: &Column, cell: &Cell<'_>, alone: bool) -> Option<Content> {
    if !cell.text.is_empty() {
        return Some(Content::Text(cell.text.as_ref().into()));
    }
    // A row of one column that is absent can only be written as `""`.
    let there = cell.quoted && column.holds == Holds::Text && !alone;
    there.then_some(Content::Empty)
}

/// The lines of elements, as [`Codec::lines`](crate::document::codec::Codec::lines) has them: that of its row for each.
pub(super) fn lines(csv: &Csv, text: &str, ways: &[&[usize]]) -> Vec<Option<usize>> {
    let mut wanted: Vec<(usize, usize)> =
        ways.iter().enumerate().filter_map(|(at, way)| Some((*way.first()?, at))).collect();
    wanted.sort_unstable();
    let mut lines: Vec<Option<usize>> = ways.iter().map(|way| way.is_empty().then_some(1)).collect();
    let mut records = Records::new(text, csv.delimiter, csv.quote);
    let mut cells = Vec::new();
    if csv.header && records.next(&mut cells).is_err() {
        return lines;
    }
    let (mut line, mut counted, mut row) = (1, 0, 0);
    let mut wanted = wanted.into_iter().peekable();
    while wanted.peek().is_some()
        && let Ok(Some(start)) = records.next(&mut cells)
    {
        let between = text.as_bytes().get(counted..start).unwrap_or_default();
        line += memchr::memchr_iter(b'\n', between).count();
        counted = start;
        while let Some((_, at)) = wanted.next_if(|(wanted, _)| *wanted == row) {
            if let Some(place) = lines.get_mut(at) {
                *place = Some(line);
            }
        }
        row += 1;
    }
    lines
}
