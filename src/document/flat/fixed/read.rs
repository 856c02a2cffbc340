//! The reader of fixed-width files: each record by its tag, under the one that it belongs to.

use std::collections::HashMap;

use super::frames::{Frames, part};
use super::layout::{Fixed, Record};
use super::value;
use crate::document::codec::Limits;
use crate::document::flat::{Count, Wrong, listed};
use crate::document::tree::{Content, Element, Name, Node};

/// The tree of a text without a byte order mark.
pub(super) fn parse(fixed: &Fixed, text: &str, limits: &Limits) -> Result<Element, Wrong> {
    let mut reader = Reader { fixed, open: Vec::new(), root: Vec::new(), count: Count::new(limits) };
    let mut frames = Frames::new(text, fixed.framing);
    while let Some((start, line)) = frames.next()? {
        reader.record(start, line)?;
    }
    reader.close(0);
    Ok(Element::with(Name::default(), Content::Children(reader.root)))
}

struct Reader<'f> {
    fixed: &'f Fixed,
    /// The records that others may still belong to, by the positions of their types.
    open: Vec<(usize, Element)>,
    root: Vec<Node>,
    count: Count,
}

impl Reader<'_> {
    fn record(&mut self, start: usize, line: &str) -> Result<(), Wrong> {
        let (way, record) = type_of(self.fixed, line).ok_or_else(|| unknown(self.fixed, start))?;
        let Some((last, above)) = way.split_last() else { return Ok(()) };
        let same = self.open.iter().zip(above).take_while(|((open, _), wanted)| open == *wanted).count();
        if same < above.len() {
            return Err(misplaced(self.fixed, record, above, start));
        }
        self.close(above.len());
        self.count.take(record.fields.len() + 1, start)?;
        let behind = part(line, record.length, line.len());
        if !behind.trim_matches(' ').is_empty() {
            let message = format!(
                "this record has {} characters, expected at most the {} of `{}`",
                line.chars().count(),
                record.length,
                record.name
            );
            return Err(Wrong::syntax(start, message));
        }
        let mut nodes = Vec::with_capacity(record.fields.len() + record.records.len());
        for field in &record.fields {
            if let Some(value) = value::read(field, part(line, field.at, field.length)) {
                let content = Content::Text(value.as_ref().into());
                nodes.push(Node::Element(Element::with(Name::local(field.name.clone()), content)));
            }
        }
        let element = Element::with(Name::local(record.name.clone()), Content::Children(nodes));
        self.open.push((*last, element));
        Ok(())
    }

    /// Puts what is open beyond so many levels where it belongs.
    fn close(&mut self, levels: usize) {
        while self.open.len() > levels {
            let Some((_, element)) = self.open.pop() else { return };
            match self.open.last_mut() {
                Some((_, above)) => above.push(element),
                None => self.root.push(Node::Element(element)),
            }
        }
    }
}

/// The type of a record, with the way to it.
fn type_of<'f>(fixed: &'f Fixed, line: &str) -> Option<(&'f [usize], &'f Record)> {
    let is = |record: &Record| match &record.tag {
        Some(tag) => part(line, tag.at, tag.text.chars().count()) == tag.text,
        None => true,
    };
    let types = fixed.types.iter().filter_map(|way| Some((way.as_slice(), fixed.at(way)?)));
    types.into_iter().find(|(_, record)| is(record))
}

fn unknown(fixed: &Fixed, start: usize) -> Wrong {
    let tags = fixed.types.iter().filter_map(|way| fixed.at(way)?.tag.as_ref());
    let tags = listed(tags.map(|tag| tag.text.as_str()));
    Wrong::syntax(start, format!("this record has none of the tags {tags}"))
}

fn misplaced(fixed: &Fixed, record: &Record, above: &[usize], start: usize) -> Wrong {
    let above = fixed.at(above).map_or("", |above| above.name.as_str());
    let message =
        format!("a record `{}` belongs under a record `{above}`, and none is open here", record.name);
    Wrong::syntax(start, message)
}

/// The lines of elements, as [`Codec::lines`](crate::document::codec::Codec::lines) has them: that of its record for each.
pub(super) fn lines(fixed: &Fixed, text: &str, ways: &[&[usize]]) -> Vec<Option<usize>> {
    let mut found: HashMap<Vec<usize>, usize> = HashMap::new();
    // The types of the open records, and for each how many elements it has by now; the root first.
    let (mut open, mut counts): (Vec<usize>, Vec<usize>) = (Vec::new(), vec![0]);
    let mut frames = Frames::new(text, fixed.framing);
    let (mut line, mut counted) = (1, 0);
    while let Ok(Some((start, record))) = frames.next() {
        let Some((way, kind)) = type_of(fixed, record) else { break };
        line += memchr::memchr_iter(b'\n', text.as_bytes().get(counted..start).unwrap_or_default()).count();
        counted = start;
        let Some((last, above)) = way.split_last() else { break };
        open.truncate(above.len());
        counts.truncate(above.len() + 1);
        // The element's way: at each level the last one there.
        let mut here: Vec<usize> = counts.iter().map(|count| count.saturating_sub(1)).collect();
        if let (Some(count), Some(place)) = (counts.last_mut(), here.last_mut()) {
            *place = *count;
            *count += 1;
        }
        found.insert(here, line);
        open.push(*last);
        let fields = kind.fields.iter().filter(|f| value::read(f, part(record, f.at, f.length)).is_some());
        counts.push(fields.count());
    }
    let line_of = |way: &&[usize]| {
        let mut way = way.to_vec();
        loop {
            match found.get(&way) {
                Some(line) => return Some(*line),
                None if way.len() > 1 => way.pop(),
                None => return way.is_empty().then_some(1),
            };
        }
    };
    ways.iter().map(line_of).collect()
}
