//! The order of values: each kind compared in its own way, one kind behind the other, and what is not there last.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::SimpleType;
use super::temporal::{Duration, Moment};
use crate::document::number::Lexical;

/// What a value is put in order by. Kinds that do not compare with one another follow in this order; what is not there
/// comes last, whatever the direction.
#[derive(Debug)]
pub enum Rank<'a> {
    /// True or false.
    Bool(bool),
    /// A number, exactly.
    Number(Lexical<'a>),
    /// A point of time or a duration, as its type ranks it.
    Time(i128),
    /// Text, by its characters.
    Text(Cow<'a, str>),
    /// Not there, or nil.
    Missing,
}

impl<'a> Rank<'a> {
    /// As the type says; without one, a number where `numeric` says that it may be one. What is not of its type is text.
    pub fn of(text: Cow<'a, str>, simple: Option<SimpleType>, numeric: bool) -> Self {
        let rank = match (simple, &text) {
            (Some(simple), Cow::Borrowed(text)) if simple.is_number() => number(text),
            (None, Cow::Borrowed(text)) if numeric => number(text),
            (Some(SimpleType::Boolean), _) => truth(&text),
            (Some(simple), _) => time(simple.primitive(), text.trim()),
            _ => None,
        };
        rank.unwrap_or(Self::Text(text))
    }

    /// Which of two comes first.
    pub fn compare(&self, other: &Self, descending: bool) -> Ordering {
        let order = match (self, other) {
            (Self::Missing, _) | (_, Self::Missing) => return self.kind().cmp(&other.kind()),
            (Self::Bool(left), Self::Bool(right)) => left.cmp(right),
            (Self::Number(left), Self::Number(right)) => left.compare(*right),
            (Self::Time(left), Self::Time(right)) => left.cmp(right),
            (Self::Text(left), Self::Text(right)) => left.cmp(right),
            _ => self.kind().cmp(&other.kind()),
        };
        if descending { order.reverse() } else { order }
    }

    fn kind(&self) -> u8 {
        match self {
            Self::Bool(_) => 0,
            Self::Number(_) => 1,
            Self::Time(_) => 2,
            Self::Text(_) => 3,
            Self::Missing => 4,
        }
    }
}

fn number(text: &str) -> Option<Rank<'_>> {
    Lexical::any(text.trim()).map(Rank::Number)
}

fn truth<'a>(text: &str) -> Option<Rank<'a>> {
    match text.trim() {
        "true" | "1" => Some(Rank::Bool(true)),
        "false" | "0" => Some(Rank::Bool(false)),
        _ => None,
    }
}

fn time<'a>(primitive: SimpleType, text: &str) -> Option<Rank<'a>> {
    let rank = match primitive {
        SimpleType::Duration => Duration::parse(text)?.rank(),
        _ => Moment::parse(primitive, text)?.rank(),
    };
    Some(Rank::Time(rank))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The values in the order of their ranks.
    fn sorted<'a>(values: &[&'a str], simple: Option<SimpleType>, descending: bool) -> Vec<&'a str> {
        let mut ranked: Vec<_> =
            values.iter().map(|text| (Rank::of(Cow::Borrowed(text), simple, true), *text)).collect();
        ranked.sort_by(|(left, _), (right, _)| left.compare(right, descending));
        ranked.into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn without_a_type_numbers_come_before_text() {
        // As text in between, "10" < "1x" < "9" would make a circle of them.
        assert_eq!(sorted(&["10", "1x", "9", "a", "-1e3"], None, false), ["-1e3", "9", "10", "1x", "a"]);
        assert_eq!(sorted(&["10", "1x", "9"], None, true), ["1x", "10", "9"]);
        assert_eq!(sorted(&["10", "9"], Some(SimpleType::String), false), ["10", "9"]);
    }

    #[test]
    fn what_is_missing_comes_last_in_both_directions() {
        let one = || Rank::of(Cow::Borrowed("1"), None, true);
        for descending in [false, true] {
            assert_eq!(Rank::Missing.compare(&one(), descending), Ordering::Greater);
            assert_eq!(one().compare(&Rank::Missing, descending), Ordering::Less);
        }
    }
}
