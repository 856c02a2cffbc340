//! CSV files of several record types, told apart by the value of a column.

use super::Csv;
use super::read::{check_length, content, nodes};
use super::records::{Cell, Records};
use super::write::record;
use crate::document::codec::{Limits, Unwritable};
use crate::document::flat::output::Output;
use crate::document::flat::places::Places;
use crate::document::flat::records::{Levels, Record, Types};
use crate::document::flat::walk::walk;
use crate::document::flat::{Column, Count, Wrong, values};
use crate::document::tree::Element;

/// The tree of a text without a byte order mark.
pub(super) fn parse(csv: &Csv, types: &Types<Column>, text: &str, limits: &Limits) -> Result<Element, Wrong> {
    let mut records = Records::new(text, csv.delimiter, csv.quote);
    let mut cells = Vec::new();
    let mut levels = Levels::new(types);
    let mut count = Count::new(limits);
    while let Some(start) = records.next(&mut cells)? {
        let (way, kind) = type_of(types, &cells).ok_or_else(|| types.unknown(start))?;
        check_length(csv, &kind.fields, &format!("a record `{}`", kind.name), cells.len(), start)?;
        count.take(cells.len() + way.len(), start)?;
        let nodes = nodes(&kind.fields, cells.iter().map(Some));
        levels.put(way, nodes.len(), nodes).map_err(|message| Wrong::syntax(start, message))?;
    }
    Ok(levels.finish())
}

/// The type of a record, with the way to it.
fn type_of<'t>(types: &'t Types<Column>, cells: &[Cell<'_>]) -> Option<(&'t [usize], &'t Record<Column>)> {
    types.find(|tag| cells.get(tag.at).is_some_and(|cell| cell.text == tag.text.as_str()))
}

/// The lines of elements, as [`Codec::lines`](crate::document::codec::Codec::lines) has them: that of its record for each.
pub(super) fn lines(csv: &Csv, types: &Types<Column>, text: &str, ways: &[&[usize]]) -> Vec<Option<usize>> {
    let mut places = Places::new(text, types);
    let mut records = Records::new(text, csv.delimiter, csv.quote);
    let mut cells = Vec::new();
    while let Ok(Some(start)) = records.next(&mut cells) {
        let Some((way, kind)) = type_of(types, &cells) else { break };
        let alone = kind.fields.len() == 1;
        let fields = kind.fields.iter().zip(&cells);
        let fields = fields.filter(|(column, cell)| content(column, cell, alone).is_some());
        if places.note(start, way, fields.count()).is_none() {
            break;
        }
    }
    places.lines(ways)
}

/// Appends one file of the records of these trees.
pub(super) fn write(
    csv: &Csv,
    types: &Types<Column>,
    roots: &[&Element],
    out: &mut Vec<u8>,
) -> Result<(), Unwritable> {
    let mut output = Output::new(out, csv.charset, csv.mark);
    walk(types, roots, &mut |kind, element, path| line(csv, types, kind, element, path, &mut output))?;
    output.finish()
}

/// Writes one record, its tag of itself.
fn line(
    csv: &Csv,
    types: &Types<Column>,
    kind: &Record<Column>,
    element: &Element,
    path: &str,
    output: &mut Output<'_>,
) -> Result<(), Unwritable> {
    let mut cells = Vec::with_capacity(kind.fields.len());
    let names = kind.fields.iter().map(|column| column.name.as_str());
    values(element, names, &|| path.to_owned(), &mut cells)?;
    if let Some(tag) = &kind.tag
        && let (Some(cell), Some(column)) = (cells.get_mut(tag.at), kind.fields.get(tag.at))
    {
        if let Some(other) = cell.filter(|text| *text != tag.text) {
            let shown: String = other.chars().take(40).collect();
            let message = format!("found `{shown}`, expected the tag of the record, `{}`", tag.text);
            return Err(Unwritable { path: format!("{path}/{}", column.name), message });
        }
        *cell = Some(tag.text.as_str());
    }
    // With tags in several columns, or a type without one, a value can be the tag of another type.
    let read = types.find(|tag| cells.get(tag.at).is_some_and(|cell| cell.unwrap_or("") == tag.text));
    if let Some((_, other)) = read.filter(|(_, other)| !std::ptr::eq(*other, kind)) {
        let message = format!("this would be read as a record `{}`: it has its tag", other.name);
        return Err(Unwritable { path: path.to_owned(), message });
    }
    record(csv, &kind.fields, &cells, &|| path.to_owned(), output)
}
