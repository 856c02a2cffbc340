//! Loops: each segment of a transaction set finds its place in the declared structure, and begins or ends loops by it.

use compact_str::CompactString;

use super::structure::{Item, SegmentSpec};
use super::token::Segment;
use crate::document::tree::{Element, Name};

/// A transaction set or loop that is being read.
#[derive(Debug)]
struct Level<'s> {
    items: &'s [Item],
    /// The item that the last segment belongs to, and how often it was there.
    at: usize,
    seen: u32,
    element: Element,
}

/// A transaction set as far as it is read: the loops that are open, the outermost first.
#[derive(Debug)]
pub(super) struct Grouper<'s> {
    levels: Vec<Level<'s>>,
}

/// How closely an item must fit a segment.
#[derive(Clone, Copy)]
struct Fit {
    /// Whether the values that tell it from others of its tag count.
    qualified: bool,
    /// Whether it must not have been there too often.
    bounded: bool,
}

const FITS: [Fit; 4] = [
    Fit { qualified: true, bounded: true },
    Fit { qualified: true, bounded: false },
    Fit { qualified: false, bounded: true },
    Fit { qualified: false, bounded: false },
];

impl<'s> Grouper<'s> {
    /// For a transaction set of that structure, which may be empty: then nothing is grouped.
    pub(super) fn new(items: &'s [Item], element: Element) -> Self {
        Self { levels: vec![Level { items, at: 0, seen: 0, element }] }
    }

    /// How deep the open loops are nested.
    pub(super) fn depth(&self) -> usize {
        self.levels.len()
    }

    /// Closes the loops that end before this segment, opens the one that it begins, and says what is declared of it.
    pub(super) fn place(&mut self, segment: &Segment<'_>) -> Option<&'s SegmentSpec> {
        if self.levels.first().is_none_or(|level| level.items.is_empty()) {
            return None;
        }
        let (depth, index) = self.find(segment)?;
        while self.levels.len() > depth + 1 {
            self.close();
        }
        let level = self.levels.last_mut()?;
        if index > level.at {
            (level.at, level.seen) = (index, 0);
        }
        if index == level.at {
            level.seen = level.seen.saturating_add(1);
        }
        let item = level.items.get(index)?;
        if let Item::Loop(inner) = item {
            let element = Element::new(Name::local(inner.name.clone()));
            // Its first segment is this one.
            self.levels.push(Level { items: &inner.items, at: 0, seen: 1, element });
        }
        item.trigger()
    }

    /// The level and item of a segment: from the place of the innermost open loop on, then of those around it; behind its
    /// place only when it fits nowhere.
    fn find(&self, segment: &Segment<'_>) -> Option<(usize, usize)> {
        for fit in FITS {
            for (depth, level) in self.levels.iter().enumerate().rev() {
                if let Some(index) = level.find(segment, fit, depth > 0) {
                    return Some((depth, index));
                }
            }
        }
        // What stands too late belongs to where it is known.
        self.levels.iter().enumerate().rev().find_map(|(depth, level)| {
            let earlier = level.items.iter().enumerate().take(level.at).skip(usize::from(depth > 0));
            let is = |item: &Item| item.trigger().is_some_and(|spec| spec.tag == segment.tag);
            earlier.into_iter().find(|(_, item)| is(item)).map(|(index, _)| (depth, index))
        })
    }

    /// Adds a segment to the innermost open loop.
    pub(super) fn push(&mut self, element: Element) {
        if let Some(level) = self.levels.last_mut() {
            level.element.push(element);
        }
    }

    fn close(&mut self) {
        if self.levels.len() > 1
            && let Some(level) = self.levels.pop()
        {
            self.push(level.element);
        }
    }

    /// Closes all loops: the transaction set.
    pub(super) fn finish(mut self) -> Element {
        while self.levels.len() > 1 {
            self.close();
        }
        self.levels.pop().map(|level| level.element).unwrap_or_default()
    }
}

impl Level<'_> {
    fn find(&self, segment: &Segment<'_>, fit: Fit, is_loop: bool) -> Option<usize> {
        self.items.iter().enumerate().skip(self.at).find_map(|(index, item)| {
            // The first segment of a loop begins the next one.
            if is_loop && index == 0 {
                return None;
            }
            let full = index == self.at && item.max().is_some_and(|max| self.seen >= max);
            let spec = item.trigger()?;
            let fits = spec.tag == segment.tag
                && !(fit.bounded && full)
                && (!fit.qualified || qualifies(spec, segment));
            fits.then_some(index)
        })
    }
}

/// Whether the values of a segment are those that its declaration wants; one that is not there is not wrong here.
fn qualifies(spec: &SegmentSpec, segment: &Segment<'_>) -> bool {
    let fits = |(position, component, values): &(usize, usize, Vec<CompactString>)| {
        let value = segment.value(*position, *component);
        value.is_empty() || values.iter().any(|allowed| *allowed == *value)
    };
    spec.qualifiers.iter().all(fits)
}
