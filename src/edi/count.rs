//! Counts and control numbers: what a trailer says against what was there.

use super::envelope::Pair;
use super::structure::element_name;
use super::token::{Fault, Segment};

/// Something that was opened: its control number, and how many parts it has so far.
#[derive(Debug, Clone)]
pub(super) struct Open {
    /// The control number in its first segment.
    pub control: String,
    /// The parts: groups, messages, or segments with the first.
    pub count: usize,
}

impl Open {
    /// Opened by a segment, which must have what the standard demands.
    pub(super) fn by(segment: &Segment<'_>, pair: Pair) -> Result<Self, Fault> {
        for (position, component) in pair.needed {
            if segment.value(*position, *component).is_empty() {
                let alone = !pair.needed.contains(&(*position, 2));
                let name = element_name(pair.head, *position, (!alone).then_some(*component));
                return Err((segment.offset, format!("{name} is missing")));
            }
        }
        Ok(Self { control: segment.value(pair.control, 1).into_owned(), count: 0 })
    }

    /// Checks the trailer of `pair` against it; `what` is counted.
    pub(super) fn close(&self, trailer: &Segment<'_>, pair: Pair, what: &str) -> Result<(), Fault> {
        let (count, control) = (trailer.value(1, 1), trailer.value(2, 1));
        let Pair { head, tail, .. } = pair;
        if !is_number(&count, self.count) {
            let found = self.count;
            let message =
                format!("{tail}01 says `{}` {what}, and {found} are there from {head} on", shown(&count));
            return Err((trailer.offset, message));
        }
        if !same(&self.control, &control, pair.numeric) {
            let header = element_name(head, pair.control, None);
            let message = format!(
                "{tail}02 has the control number `{}`, and {header} has `{}`",
                shown(&control),
                shown(&self.control)
            );
            return Err((trailer.offset, message));
        }
        Ok(())
    }
}

/// Whether two control numbers are the same: of numbers leading zeros say nothing.
pub(super) fn same(left: &str, right: &str, numeric: bool) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    left == right
        || (numeric
            && digits(left)
            && digits(right)
            && left.trim_start_matches('0') == right.trim_start_matches('0'))
}

/// Whether a count says that number.
pub(super) fn is_number(text: &str, number: usize) -> bool {
    text.bytes().all(|b| b.is_ascii_digit()) && text.parse() == Ok(number)
}

/// A value in an error: not all of a long one.
fn shown(text: &str) -> String {
    text.chars().take(35).filter(|c| !c.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leading_zeros_of_numbers_say_nothing() {
        assert!(same("000000905", "905", true) && !same("0001", "1", false) && same("A1", "A1", true));
        assert!(!same("", "0", true) && !same("1", "2", true));
        assert!(is_number("08", 8) && !is_number("+8", 8) && !is_number("", 0) && !is_number("9", 8));
    }
}
