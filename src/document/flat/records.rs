//! The record types of a file: how they are told apart, and which records belong to which.

use compact_str::CompactString;

use super::{Wrong, listed};
use crate::document::tree::{Content, Element, Name, Node};

/// What tells a record type from the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// Where it stands in the record, from 0: a character in fixed-width records, a column in CSV.
    pub at: usize,
    /// What stands there.
    pub text: CompactString,
}

/// A record type, of fields `F`; or a group of record types.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record<F> {
    /// The name of its element.
    pub name: CompactString,
    /// What tells it from others; a file has at most one type without.
    pub tag: Option<Tag>,
    /// Its fields, in the order of their elements.
    pub fields: Vec<F>,
    /// The types of the records that belong to one of it and follow it.
    pub records: Vec<Record<F>>,
    /// In fixed-width files its length in characters, at least up to the end of the last field.
    pub length: usize,
    /// Whether it is a group: an element around its records, and no record itself.
    pub group: bool,
    /// Whether there is at most one in a group: another one begins the next group.
    pub once: bool,
}

/// The record types of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Types<F> {
    /// The types of the highest level.
    pub(super) records: Vec<Record<F>>,
    /// Every type that is no group by its way from the top, those with the longest tags first.
    order: Vec<Vec<usize>>,
    /// Whether there are groups.
    pub(super) grouped: bool,
}

impl<F> Types<F> {
    /// The types of these, each by its tag.
    pub fn new(records: Vec<Record<F>>) -> Self {
        let mut order = Vec::new();
        let grouped = collect(&records, &mut Vec::new(), &mut order);
        order.sort_by_key(|(length, _)| std::cmp::Reverse(*length));
        Self { records, order: order.into_iter().map(|(_, way)| way).collect(), grouped }
    }

    /// The type at the end of a way.
    fn at(&self, way: &[usize]) -> Option<&Record<F>> {
        let (first, rest) = way.split_first()?;
        rest.iter().try_fold(self.records.get(*first)?, |record, index| record.records.get(*index))
    }

    fn all(&self) -> impl Iterator<Item = (&[usize], &Record<F>)> {
        self.order.iter().filter_map(|way| Some((way.as_slice(), self.at(way)?)))
    }

    /// The type of a record by its tag, with the way to it.
    pub(super) fn find(&self, is: impl Fn(&Tag) -> bool) -> Option<(&[usize], &Record<F>)> {
        self.all().find(|(_, record)| record.tag.as_ref().is_none_or(&is))
    }

    /// The failure of a record that has no type.
    pub(super) fn unknown(&self, start: usize) -> Wrong {
        let tags = listed(self.all().filter_map(|(_, record)| Some(record.tag.as_ref()?.text.as_str())));
        Wrong::syntax(start, format!("this record has none of the tags {tags}"))
    }
}

/// Lists the types by the length of their tags; tells whether there is a group.
fn collect<F>(records: &[Record<F>], way: &mut Vec<usize>, types: &mut Vec<(usize, Vec<usize>)>) -> bool {
    let mut grouped = false;
    for (index, record) in records.iter().enumerate() {
        way.push(index);
        grouped |= record.group;
        if !record.group {
            let length = record.tag.as_ref().map_or(0, |tag| tag.text.chars().count());
            types.push((length, way.clone()));
        }
        grouped |= collect(&record.records, way, types);
        way.pop();
    }
    grouped
}

/// An element that others may still come into.
#[derive(Debug)]
struct Open {
    /// The position of its type among those of its level.
    index: usize,
    /// Its position among its siblings.
    position: usize,
    /// How many elements it has.
    children: usize,
    /// The type of the last record in it.
    last: Option<usize>,
    element: Element,
}

/// The tree of a file while its records are read.
#[derive(Debug)]
pub(super) struct Levels<'t, F> {
    types: &'t Types<F>,
    open: Vec<Open>,
    root: Vec<Node>,
    count: usize,
}

impl<'t, F> Levels<'t, F> {
    pub(super) fn new(types: &'t Types<F>) -> Self {
        Self { types, open: Vec::new(), root: Vec::new(), count: 0 }
    }

    /// Puts a record with so many fields where it belongs, in new groups where it fits no open one.
    ///
    /// # Errors
    /// It belongs under a record of a type that is not open; the message says so.
    pub(super) fn put(&mut self, way: &[usize], fields: usize, nodes: Vec<Node>) -> Result<(), String> {
        let Some(depth) = way.len().checked_sub(1) else { return Ok(()) };
        let same = self.open.iter().zip(way).take(depth).take_while(|(open, index)| open.index == **index);
        let most = same.count();
        let Some(level) = (0..=most).rev().find(|level| self.goes(way, *level)) else {
            return Err(self.misplaced(way));
        };
        self.close(level);
        for end in level + 1..=depth {
            self.push(way.get(..end).unwrap_or_default(), 0, Vec::new());
        }
        self.push(way, fields, nodes);
        Ok(())
    }

    /// Whether what stands at a way can come behind what so many open levels hold: all below are groups that begin, and
    /// the open group has not come further.
    fn goes(&self, way: &[usize], level: usize) -> bool {
        let part = |end: usize| way.get(..end).and_then(|way| self.types.at(way));
        if !(level + 1..way.len()).all(|end| part(end).is_some_and(|record| record.group)) {
            return false;
        }
        let (Some(above), Some(next)) =
            (level.checked_sub(1).and_then(|at| self.open.get(at)), way.get(level))
        else {
            return true;
        };
        let group = part(level).is_some_and(|record| record.group);
        let again = || part(level + 1).is_some_and(|record| !record.once);
        !group || above.last.is_none_or(|last| *next > last || (*next == last && again()))
    }

    fn push(&mut self, way: &[usize], fields: usize, nodes: Vec<Node>) {
        let (Some(record), Some(index)) = (self.types.at(way), way.last()) else { return };
        let position = match self.open.last_mut() {
            Some(above) => {
                above.last = Some(*index);
                above.children += 1;
                above.children - 1
            }
            None => {
                self.count += 1;
                self.count - 1
            }
        };
        let element = Element::with(Name::local(record.name.clone()), Content::Children(nodes));
        self.open.push(Open { index: *index, position, children: fields, last: None, element });
    }

    /// Where the last record stands: the positions from the root to it.
    pub(super) fn here(&self) -> Vec<usize> {
        self.open.iter().map(|open| open.position).collect()
    }

    /// Puts what is open beyond so many levels where it belongs.
    fn close(&mut self, levels: usize) {
        while self.open.len() > levels {
            let Some(Open { element, .. }) = self.open.pop() else { return };
            match self.open.last_mut() {
                Some(above) => above.element.push(element),
                None => self.root.push(Node::Element(element)),
            }
        }
    }

    /// The tree of all records.
    pub(super) fn finish(mut self) -> Element {
        self.close(0);
        Element::with(Name::default(), Content::Children(self.root))
    }

    fn misplaced(&self, way: &[usize]) -> String {
        let name = |way: &[usize]| self.types.at(way).map_or("", |record| record.name.as_str());
        let above = (1..way.len()).rev().filter_map(|end| way.get(..end));
        // A group above it could begin: what is missing is the record that the group stands under.
        let above = above.into_iter().find(|way| self.types.at(way).is_some_and(|record| !record.group));
        let (name, above) = (name(way), above.map_or("", name));
        format!("a record `{name}` belongs under a record `{above}`, and none is open here")
    }
}
