//! The reader of fixed-width files: each record by its tag, under the one that it belongs to.

use super::frames::{Frames, part};
use super::layout::{Fixed, Record};
use super::value;
use crate::document::codec::Limits;
use crate::document::flat::places::Places;
use crate::document::flat::records::Levels;
use crate::document::flat::{Count, Wrong};
use crate::document::tree::{Content, Element, Name, Node};

/// The tree of a text without a byte order mark.
pub(super) fn parse(fixed: &Fixed, text: &str, limits: &Limits) -> Result<Element, Wrong> {
    let mut levels = Levels::new(&fixed.types);
    let mut count = Count::new(limits);
    let mut frames = Frames::new(text, fixed.framing);
    while let Some((start, line)) = frames.next()? {
        let (way, record) = type_of(fixed, line).ok_or_else(|| fixed.types.unknown(start))?;
        count.take(record.fields.len() + way.len(), start)?;
        check_length(fixed, record, line, start)?;
        let mut nodes = Vec::with_capacity(record.fields.len() + record.records.len());
        for field in &record.fields {
            if let Some(value) = value::read(field, part(line, field.at, field.length)) {
                let content = Content::Text(value.as_ref().into());
                nodes.push(Node::Element(Element::with(Name::local(field.name.clone()), content)));
            }
        }
        levels.put(way, nodes.len(), nodes).map_err(|message| Wrong::syntax(start, message))?;
    }
    Ok(levels.finish())
}

fn check_length(fixed: &Fixed, record: &Record, line: &str, start: usize) -> Result<(), Wrong> {
    let wrong = |bound: &str, expected: usize| {
        let (found, name) = (line.chars().count(), &record.name);
        let message =
            format!("this record has {found} characters, expected at {bound} the {expected} of `{name}`");
        Err(Wrong::syntax(start, message))
    };
    if !part(line, record.length, line.len()).trim_matches(' ').is_empty() {
        return wrong("most", record.length);
    }
    let needs = if fixed.short { 0 } else { record.needs() };
    if line.len() < needs || (needs > 0 && line.chars().count() < needs) {
        return wrong("least", needs);
    }
    Ok(())
}

/// The type of a record, with the way to it.
fn type_of<'f>(fixed: &'f Fixed, line: &str) -> Option<(&'f [usize], &'f Record)> {
    fixed.types.find(|tag| part(line, tag.at, tag.text.chars().count()) == tag.text)
}

/// The lines of elements, as [`Codec::lines`](crate::document::codec::Codec::lines) has them: that of its record for each.
pub(super) fn lines(fixed: &Fixed, text: &str, ways: &[&[usize]]) -> Vec<Option<usize>> {
    let mut places = Places::new(text, &fixed.types);
    let mut frames = Frames::new(text, fixed.framing);
    while let Ok(Some((start, record))) = frames.next() {
        let Some((way, kind)) = type_of(fixed, record) else { break };
        let fields = kind.fields.iter().filter(|f| value::read(f, part(record, f.at, f.length)).is_some());
        if places.note(start, way, fields.count()).is_none() {
            break;
        }
    }
    places.lines(ways)
}
