//! Where the parts of a text stand that a file has as a value, for what is known of the text only when it runs.

use std::sync::Arc;

use super::Place;

/// A text with the place of each of its stretches.
#[derive(Debug, Clone)]
pub struct Lines {
    text: Arc<str>,
    /// For the start of each stretch of the text, which stands in the file character by character: its place there.
    starts: Arc<[(usize, Place)]>,
}

impl Lines {
    /// Of a text whose stretches begin at `starts`, in their order: at each line, and behind each escape. `place` says
    /// where a byte of it stands in the file.
    pub fn of(
        text: Arc<str>,
        starts: impl IntoIterator<Item = usize>,
        place: impl Fn(usize) -> Place,
    ) -> Self {
        let starts = starts.into_iter().map(|start| (start, place(start))).collect();
        Self { text, starts }
    }

    /// Of a text that has no inner places, such as one from outside: all of it stands where it begins.
    pub fn whole(place: Place) -> Self {
        Self { text: "".into(), starts: [(0, place)].into() }
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

    fn at(line: usize, column: usize) -> Place {
        Place { file: "gateway.kdl".into(), line, column }
    }

    #[test]
    fn a_place_is_counted_from_the_start_of_its_stretch() {
        let places = |start| match start {
            0 => at(3, 9),
            7 => at(4, 9),
            _ => at(4, 17),
        };
        let lines = Lines::of("a ü b\nsecond\n".into(), [0, 7, 9], places);
        assert_eq!(lines.place(0), Some(at(3, 9)));
        assert_eq!(lines.place(5), Some(at(3, 13)));
        assert_eq!(lines.place(8), Some(at(4, 10)));
        assert_eq!(lines.place(10), Some(at(4, 18)));
    }

    #[test]
    fn a_text_without_inner_places_stands_where_it_begins() {
        let lines = Lines::whole(at(3, 9));
        assert_eq!([0, 7].map(|offset| lines.place(offset)), [Some(at(3, 9)), Some(at(3, 9))]);
    }
}
