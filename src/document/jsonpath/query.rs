//! Queries beyond plain steps: descendants, slices, filters and functions, evaluated on the element tree itself.
//!
//! The grammar is jsonpath-rust's. Its evaluator needs a root of the same type as all other nodes, which would mean a
//! copy of the document for every query, compiles patterns for every node, and compares numbers as floats within a
//! tolerance; so its syntax tree is compiled to this one instead (see the sibling module `compile`).

use std::collections::HashSet;

use regex::Regex;

use super::compare::{Value, compare};
use crate::document::path::item;
use crate::document::tree::{Content, Element};

/// A compiled query.
#[derive(Debug, Clone)]
pub(in crate::document) struct Query {
    /// Whether it begins at the root, in a filter: `$` rather than `@`.
    pub(super) absolute: bool,
    pub(super) segments: Vec<Segment>,
}

/// `[...]`, or `..[...]` if it descends.
#[derive(Debug, Clone)]
pub(super) struct Segment {
    pub descend: bool,
    pub selectors: Vec<Selector>,
}

#[derive(Debug, Clone)]
pub(super) enum Selector {
    Name(String),
    Wildcard,
    Index(i64),
    Slice { start: Option<i64>, end: Option<i64>, step: i64 },
    Filter(Logical),
}

/// A logical expression (RFC 9535, section 2.3.5).
#[derive(Debug, Clone)]
pub(super) enum Logical {
    Or(Vec<Logical>),
    And(Vec<Logical>),
    Not(Box<Logical>),
    Exists(Query),
    Compare {
        left: Operand,
        operator: Operator,
        right: Operand,
    },
    /// The pattern was compiled with the path; `None` for one that is no pattern, which matches nothing.
    Match {
        value: Operand,
        pattern: Option<Regex>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// Something with one value or none.
#[derive(Debug, Clone)]
pub(super) enum Operand {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    /// A query that leads to at most one node.
    Singular(Query),
    Length(Box<Operand>),
    Count(Query),
    /// The value of a query's only node.
    Only(Query),
}

impl Query {
    /// The nodes in the order of RFC 9535, once for every way that leads to them.
    pub fn select<'a>(&self, root: &'a Element) -> Vec<&'a Element> {
        self.run(root, root)
    }

    fn run<'a>(&self, root: &'a Element, current: &'a Element) -> Vec<&'a Element> {
        let mut nodes = vec![if self.absolute { root } else { current }];
        for segment in &self.segments {
            let mut next = Vec::new();
            for node in nodes {
                segment.select(root, node, &mut next);
            }
            nodes = next;
        }
        nodes
    }

    /// Whether it leads to one node at most (RFC 9535, section 2.3.5.1).
    pub fn is_singular(&self) -> bool {
        let one = |selector: &Selector| matches!(selector, Selector::Name(_) | Selector::Index(_));
        self.segments
            .iter()
            .all(|segment| !segment.descend && matches!(segment.selectors.as_slice(), [only] if one(only)))
    }

    /// Whether its last segment chooses by a wildcard, a slice or a filter, not by names and positions.
    pub fn is_choice(&self) -> bool {
        let named = |selector: &Selector| matches!(selector, Selector::Name(_) | Selector::Index(_));
        self.segments.last().is_some_and(|segment| !segment.selectors.iter().all(named))
    }

    /// The nodes once each, as an existence test or a value needs at most.
    fn only<'a>(&self, root: &'a Element, current: &'a Element) -> Option<&'a Element> {
        let nodes = self.run(root, current);
        match nodes.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }
}

impl Segment {
    fn select<'a>(&self, root: &'a Element, node: &'a Element, out: &mut Vec<&'a Element>) {
        for selector in &self.selectors {
            selector.select(root, node, out);
        }
        if self.descend {
            for child in node.elements() {
                self.select(root, child, out);
            }
        }
    }
}

impl Selector {
    fn select<'a>(&self, root: &'a Element, node: &'a Element, out: &mut Vec<&'a Element>) {
        match self {
            Self::Name(name) => {
                // Items have no name, not even the empty one.
                if matches!(node.content, Content::Children(_)) {
                    out.extend(node.child(name));
                }
            }
            Self::Wildcard => out.extend(node.elements()),
            Self::Index(at) => out.extend(item(node, *at)),
            Self::Slice { start, end, step } => {
                if let Content::Items(_) = node.content {
                    slice(&node.elements().collect::<Vec<_>>(), *start, *end, *step, out);
                }
            }
            Self::Filter(filter) => out.extend(node.elements().filter(|child| filter.holds(root, child))),
        }
    }
}

/// Python's slices, as RFC 9535, section 2.3.4.2.2, spells them out.
fn slice<'a>(
    items: &[&'a Element],
    start: Option<i64>,
    end: Option<i64>,
    step: i64,
    out: &mut Vec<&'a Element>,
) {
    let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
    let place = |at: i64| if at < 0 { at.saturating_add(length) } else { at };
    let take = |at: i64| usize::try_from(at).ok().and_then(|at| items.get(at)).copied();
    if step > 0 {
        let upper = place(end.unwrap_or(length)).clamp(0, length);
        let mut at = place(start.unwrap_or(0)).clamp(0, length);
        while at < upper {
            out.extend(take(at));
            at = at.saturating_add(step);
        }
    } else if step < 0 {
        let lower = end.map_or(-1, |end| place(end).clamp(-1, length - 1));
        let mut at = start.map_or(length - 1, |start| place(start).clamp(-1, length - 1));
        while at > lower {
            out.extend(take(at));
            at = at.saturating_add(step);
        }
    }
}

impl Logical {
    fn holds(&self, root: &Element, node: &Element) -> bool {
        match self {
            Self::Or(all) => all.iter().any(|one| one.holds(root, node)),
            Self::And(all) => all.iter().all(|one| one.holds(root, node)),
            Self::Not(one) => !one.holds(root, node),
            Self::Exists(query) => !query.run(root, node).is_empty(),
            Self::Compare { left, operator, right } => {
                compare(&left.value(root, node), *operator, &right.value(root, node))
            }
            Self::Match { value, pattern } => match (value.value(root, node), pattern) {
                (Value::Text(text), Some(pattern)) => pattern.is_match(&text),
                _ => false,
            },
        }
    }
}

impl Operand {
    fn value<'a>(&'a self, root: &'a Element, node: &'a Element) -> Value<'a> {
        match self {
            Self::Null => Value::Null,
            Self::Bool(value) => Value::Bool(*value),
            Self::Number(number) => Value::Number(number.as_str().into()),
            Self::Text(text) => Value::Text(text.as_str().into()),
            Self::Singular(query) | Self::Only(query) => {
                query.only(root, node).map_or(Value::Nothing, Value::of)
            }
            Self::Length(operand) => length(&operand.value(root, node)),
            Self::Count(query) => Value::Number(query.run(root, node).len().to_string().into()),
        }
    }
}

/// The function `length` (RFC 9535, section 2.4.4).
fn length<'a>(value: &Value<'_>) -> Value<'a> {
    let length = match value {
        Value::Text(text) => text.chars().count(),
        Value::Tree(element) => match element.content {
            // Of an element of XML the names count, as they would as members of an object.
            Content::Children(_) => element.elements().map(|e| &e.name.local).collect::<HashSet<_>>().len(),
            _ => element.elements().count(),
        },
        _ => return Value::Nothing,
    };
    Value::Number(length.to_string().into())
}
