//! Comparison of values (RFC 9535, section 2.3.5.2.2), with numbers compared exactly.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::query::Operator;
use crate::document::number::Lexical;
use crate::document::tree::{Content, Element, Node};

/// A value that is compared.
#[derive(Debug)]
pub(super) enum Value<'a> {
    /// The result of a query that leads nowhere.
    Nothing,
    Null,
    Bool(bool),
    /// A number in its lexical form.
    Number(Cow<'a, str>),
    Text(Cow<'a, str>),
    /// An object or an array.
    Tree(&'a Element),
}

impl<'a> Value<'a> {
    pub fn of(element: &'a Element) -> Self {
        match &element.content {
            Content::Nil => Self::Null,
            Content::Bool(value) => Self::Bool(*value),
            Content::Number(number) => Self::Number(number.as_str().into()),
            Content::Text(text) => Self::Text(text.as_str().into()),
            Content::Empty => Self::Text("".into()),
            Content::Children(_) | Content::Items(_) => Self::Tree(element),
        }
    }
}

/// Whether the comparison holds.
pub(super) fn compare(left: &Value<'_>, operator: Operator, right: &Value<'_>) -> bool {
    let order = order(left, right);
    match operator {
        Operator::Equal => equal(left, right),
        Operator::NotEqual => !equal(left, right),
        Operator::Less => order == Some(Ordering::Less),
        Operator::Greater => order == Some(Ordering::Greater),
        Operator::LessOrEqual => order == Some(Ordering::Less) || equal(left, right),
        Operator::GreaterOrEqual => order == Some(Ordering::Greater) || equal(left, right),
    }
}

/// Only numbers and texts have an order.
fn order(left: &Value<'_>, right: &Value<'_>) -> Option<Ordering> {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => numbers(left, right),
        (Value::Text(left), Value::Text(right)) => Some(left.cmp(right)),
        _ => None,
    }
}

fn equal(left: &Value<'_>, right: &Value<'_>) -> bool {
    match (left, right) {
        (Value::Nothing, Value::Nothing) | (Value::Null, Value::Null) => true,
        (Value::Bool(left), Value::Bool(right)) => left == right,
        (Value::Tree(left), Value::Tree(right)) => equal_trees(left, right),
        _ => order(left, right) == Some(Ordering::Equal),
    }
}

fn numbers(left: &str, right: &str) -> Option<Ordering> {
    Some(Lexical::any(left)?.compare(Lexical::any(right)?))
}

/// Arrays item by item, objects member by member in any order.
fn equal_trees(left: &Element, right: &Element) -> bool {
    let same = |left: &Element, right: &Element| equal(&Value::of(left), &Value::of(right));
    if left.nodes().len() != right.nodes().len() {
        return false;
    }
    match (&left.content, &right.content) {
        (Content::Items(_), Content::Items(_)) => {
            left.elements().zip(right.elements()).all(|(l, r)| same(l, r))
        }
        (Content::Children(l), Content::Children(r)) => l.iter().zip(r).all(|(in_place, guess)| {
            let Node::Element(member) = in_place else { return in_place == guess };
            match guess {
                // Most equal objects have their members in the same order.
                Node::Element(other) if other.name.local == member.name.local => same(member, other),
                _ => right.child(&member.name.local).is_some_and(|other| same(member, other)),
            }
        }),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_compare_exactly() {
        assert_eq!(numbers("1", "1.0"), Some(Ordering::Equal));
        assert_eq!(numbers("1e2", "100"), Some(Ordering::Equal));
        assert_eq!(numbers("0.0000000000000000001", "0"), Some(Ordering::Greater));
        assert_eq!(numbers("9007199254740993", "9007199254740992"), Some(Ordering::Greater));
        assert_eq!(numbers("1e400", "1"), Some(Ordering::Greater));
        assert_eq!(numbers("1e400", "1e401"), Some(Ordering::Less));
        assert_eq!(
            numbers("0.10000000000000000000000000000000000000001e41", "1e40"),
            Some(Ordering::Greater)
        );
        assert_eq!(numbers("-0", "0"), Some(Ordering::Equal));
    }
}
