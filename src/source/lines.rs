//! Where the lines of a text stand that a file has as a value, for what is known of the text only when it runs.

use std::sync::Arc;

use super::Place;

/// A text with the place of each of its lines.
#[derive(Debug, Clone)]
pub struct Lines {
    text: Arc<str>,
    /// For the start of each line in the text: its place in the file.
    starts: Arc<[(usize, Place)]>,
}

impl Lines {
    /// Of a text; `place` says where a byte of it stands in the file.
    pub fn of(text: Arc<str>, place: impl Fn(usize) -> Place) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1));
        let starts = starts.map(|start| (start, place(start))).collect();
        Self { text, starts }
    }

    /// The place in the file of a byte of the text.
    pub fn place(&self, offset: usize) -> Option<Place> {
        let after = self.starts.partition_point(|(start, _)| *start <= offset);
        let (start, place) = self.starts.get(after.checked_sub(1)?)?;
        let columns = self.text.get(*start..offset).map_or(0, |text| text.chars().count());
        Some(Place { column: place.column + columns, ..place.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_counted_from_the_start_of_its_line() {
        let file: Arc<str> = "gateway.kdl".into();
        let at = |line, column| Place { file: Arc::clone(&file), line, column };
        let lines = Lines::of("a ü b\nsecond\n".into(), |start| at(if start == 0 { 3 } else { 4 }, 9));
        assert_eq!(lines.place(0), Some(at(3, 9)));
        assert_eq!(lines.place(5), Some(at(3, 13)));
        assert_eq!(lines.place(10), Some(at(4, 12)));
    }
}
