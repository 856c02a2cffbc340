//! The lines of the records of a file with several record types, by the places of their elements.

use std::collections::HashMap;

use super::records::{Levels, Types};

/// The lines of records, filled in one pass.
#[derive(Debug)]
pub(super) struct Places<'t, F> {
    text: &'t str,
    levels: Levels<'t, F>,
    found: HashMap<Vec<usize>, usize>,
    line: usize,
    counted: usize,
}

impl<'t, F> Places<'t, F> {
    pub(super) fn new(text: &'t str, types: &'t Types<F>) -> Self {
        Self { text, levels: Levels::new(types), found: HashMap::new(), line: 1, counted: 0 }
    }

    /// Notes a record that begins at a byte and has so many fields with values; `None` where it has no place.
    pub(super) fn note(&mut self, start: usize, way: &[usize], fields: usize) -> Option<()> {
        let between = self.text.as_bytes().get(self.counted..start).unwrap_or_default();
        self.line += memchr::memchr_iter(b'\n', between).count();
        self.counted = start;
        self.levels.put(way, fields, Vec::new()).ok()?;
        let mut here = self.levels.here();
        // Groups begin with their first record.
        while !here.is_empty() && !self.found.contains_key(&here) {
            self.found.insert(here.clone(), self.line);
            here.pop();
        }
        Some(())
    }

    /// The lines of elements: that of its record for each.
    pub(super) fn lines(&self, ways: &[&[usize]]) -> Vec<Option<usize>> {
        let line_of = |way: &&[usize]| {
            let mut way = way.to_vec();
            loop {
                match self.found.get(&way) {
                    Some(line) => return Some(*line),
                    None if way.len() > 1 => way.pop(),
                    None => return way.is_empty().then_some(1),
                };
            }
        };
        ways.iter().map(line_of).collect()
    }
}
