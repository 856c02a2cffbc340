//! Ways to elements matched against a pass over a document: both are in document order, so one step of each at a time.

/// The ways that a pass has not met yet, and the lines of those that it has.
#[derive(Debug)]
pub struct Ways<'w> {
    ways: &'w [&'w [usize]],
    /// Positions of the ways, in document order, which is that of their numbers.
    order: Vec<usize>,
    next: usize,
    lines: Vec<Option<usize>>,
}

impl<'w> Ways<'w> {
    /// The ways as [`Codec::lines`](super::codec::Codec::lines) is asked for them.
    pub fn new(ways: &'w [&'w [usize]]) -> Self {
        let mut order: Vec<usize> = (0..ways.len()).collect();
        order.sort_by_key(|at| ways.get(*at));
        Self { ways, order, next: 0, lines: vec![None; ways.len()] }
    }

    /// Whether all were met or passed.
    pub fn is_done(&self) -> bool {
        self.next >= self.order.len()
    }

    /// An element begins: `way` leads to it, and `line` tells its line.
    pub fn meet(&mut self, way: &[usize], mut line: impl FnMut() -> usize) {
        while let Some(at) = self.order.get(self.next).copied() {
            let wanted = self.ways.get(at).copied().unwrap_or_default();
            if wanted > way {
                return;
            }
            if wanted == way
                && let Some(place) = self.lines.get_mut(at)
            {
                *place = Some(line());
            }
            self.next += 1;
        }
    }

    /// What was found, in the order of the question.
    pub fn lines(self) -> Vec<Option<usize>> {
        self.lines
    }
}

/// Counts lines along a pass.
#[derive(Debug)]
pub struct Lines<'t> {
    text: &'t [u8],
    at: usize,
    line: usize,
}

impl<'t> Lines<'t> {
    /// At the first line of a text.
    pub fn new(text: &'t [u8]) -> Self {
        Self { text, at: 0, line: 1 }
    }

    /// The line of byte `offset`, which does not lie before those asked for earlier.
    pub fn at(&mut self, offset: usize) -> usize {
        self.line += memchr::memchr_iter(b'\n', self.text.get(self.at..offset).unwrap_or_default()).count();
        self.at = self.at.max(offset);
        self.line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_come_in_any_order_and_some_lead_nowhere() {
        let wanted: [&[usize]; 5] = [&[1], &[], &[0, 5], &[1, 0], &[1]];
        let mut ways = Ways::new(&wanted);
        let mut lines = Lines::new(b"\n\n\n\n");
        for (offset, way) in [&[][..], &[0], &[0, 0], &[1], &[1, 0]].iter().enumerate() {
            ways.meet(way, || lines.at(offset));
        }
        assert!(ways.is_done());
        assert_eq!(ways.lines(), [Some(4), Some(1), None, Some(5), Some(4)]);
    }
}
