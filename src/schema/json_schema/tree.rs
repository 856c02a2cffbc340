//! Our element tree as the JSON Schema library reads it, in place; what its looks into the tree cost is counted.

use std::borrow::Cow;
use std::cell::Cell;
use std::cmp::Ordering;
use std::collections::HashSet;

use jsonschema::json::{Array, Json, JsonNumber, Node, NodeIdentity, Object};
use jsonschema::types::JsonType;
use serde_json::Value;

use crate::document::number::Lexical;
use crate::document::tree::{Content, Element, Node as TreeNode};

/// So many names are compared in the time of one look.
const NAMES_A_LOOK: usize = 8;

/// The representation: what [`jsonschema::Validator`] is generic over.
#[derive(Debug)]
pub struct Tree;

/// How many looks into containers a check may take, and how many it took. A schema with alternatives in alternatives can
/// ask for exponentially many; past the end containers look empty, so that the check ends at once and counts for nothing.
#[derive(Debug, Default)]
pub struct Budget {
    taken: Cell<u64>,
    most: u64,
}

impl Budget {
    /// So many looks.
    pub fn of(most: u64) -> Self {
        Self { taken: Cell::new(0), most }
    }

    /// How many were taken.
    pub fn taken(&self) -> u64 {
        self.taken.get()
    }

    /// Whether there were too few: then the result counts for nothing.
    pub fn is_spent(&self) -> bool {
        self.taken.get() > self.most
    }

    fn take(&self) -> bool {
        self.take_many(1)
    }

    fn take_many(&self, looks: usize) -> bool {
        self.taken.set(self.taken.get().saturating_add(u64::try_from(looks).unwrap_or(u64::MAX)));
        !self.is_spent()
    }
}

/// One value of a document.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The value.
    pub element: &'a Element,
    /// What counts the looks.
    pub budget: &'a Budget,
}

/// The members of an object, or the items of an array.
#[derive(Debug)]
pub struct Parts<'a> {
    nodes: &'a [TreeNode],
    budget: &'a Budget,
}

/// Walks over parts until the budget is spent.
#[derive(Debug)]
pub struct Walk<'a> {
    nodes: std::slice::Iter<'a, TreeNode>,
    budget: &'a Budget,
}

impl<'a> Walk<'a> {
    fn element(&mut self) -> Option<&'a Element> {
        let element = self.nodes.find_map(|node| match node {
            TreeNode::Element(element) => Some(element),
            TreeNode::Text(_) => None,
        })?;
        self.budget.take().then_some(element)
    }
}

/// The members of an object with their names.
#[derive(Debug)]
pub struct Members<'a>(Walk<'a>);

impl<'a> Iterator for Members<'a> {
    type Item = (&'a str, Place<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let budget = self.0.budget;
        self.0.element().map(|element| (element.name.local.as_str(), Place { element, budget }))
    }
}

impl<'a> Iterator for Walk<'a> {
    type Item = Place<'a>;

    fn next(&mut self) -> Option<Place<'a>> {
        let budget = self.budget;
        self.element().map(|element| Place { element, budget })
    }
}

/// A number in its lexical form.
#[derive(Debug, Clone, Copy)]
pub struct Number<'a>(&'a str);

impl Json for Tree {
    type Node<'a> = Place<'a>;
    type PreparedKey = String;
    type StringBuffer = (Element, Budget);

    // A lookup goes over all members, so one pass is never dearer.
    const KEYS_PER_LOOKUP: usize = 64;

    fn prepare_key(key: &str) -> String {
        key.to_owned()
    }

    fn with_string_node<T>(buffer: &mut Self::StringBuffer, text: &str, f: impl FnOnce(Place<'_>) -> T) -> T {
        buffer.0.content = Content::Text(text.into());
        // The name of a member: the walk to it was counted.
        buffer.1 = Budget::of(u64::MAX);
        f(Place { element: &buffer.0, budget: &buffer.1 })
    }
}

impl JsonNumber for Number<'_> {
    fn as_u64(&self) -> Option<u64> {
        self.0.parse().ok()
    }

    fn as_i64(&self) -> Option<i64> {
        self.0.parse().ok()
    }

    fn as_f64(&self) -> Option<f64> {
        self.0.parse().ok()
    }

    fn as_str(&self) -> Cow<'_, str> {
        Cow::Borrowed(self.0)
    }

    fn to_number(&self) -> Cow<'_, serde_json::Number> {
        Cow::Owned(number(self.0))
    }

    fn is_integer(&self) -> bool {
        Lexical::is_integer(self.0) || Lexical::any(self.0).is_some_and(Lexical::is_whole)
    }

    fn is_written_as_integer(&self) -> bool {
        Lexical::is_integer(self.0)
    }
}

/// A JSON number as the library holds it, exactly as it is written.
pub fn number(text: &str) -> serde_json::Number {
    text.parse().unwrap_or_else(|_| serde_json::Number::from(0))
}

impl<'a> Place<'a> {
    fn parts(&self, nodes: &'a [TreeNode]) -> Option<Parts<'a>> {
        self.budget.take().then_some(Parts { nodes, budget: self.budget })
    }
}

impl<'a> Node<'a, Tree> for Place<'a> {
    type Object = Parts<'a>;
    type Array = Parts<'a>;
    type Number = Number<'a>;

    fn as_object(&self) -> Option<Parts<'a>> {
        match &self.element.content {
            Content::Children(nodes) => self.parts(nodes),
            _ => None,
        }
    }

    fn as_array(&self) -> Option<Parts<'a>> {
        match &self.element.content {
            Content::Items(nodes) => self.parts(nodes),
            _ => None,
        }
    }

    fn as_string(&self) -> Option<Cow<'a, str>> {
        match &self.element.content {
            Content::Text(text) => Some(Cow::Borrowed(text)),
            Content::Empty => Some(Cow::Borrowed("")),
            _ => None,
        }
    }

    fn as_number(&self) -> Option<Number<'a>> {
        match &self.element.content {
            Content::Number(text) => Some(Number(text)),
            _ => None,
        }
    }

    fn as_boolean(&self) -> Option<bool> {
        match self.element.content {
            Content::Bool(value) => Some(value),
            _ => None,
        }
    }

    fn is_null(&self) -> bool {
        self.element.is_nil()
    }

    fn json_type(&self) -> JsonType {
        match self.element.content {
            Content::Nil => JsonType::Null,
            Content::Bool(_) => JsonType::Boolean,
            Content::Number(_) => JsonType::Number,
            Content::Text(_) | Content::Empty => JsonType::String,
            Content::Items(_) => JsonType::Array,
            Content::Children(_) => JsonType::Object,
        }
    }

    fn equals_value(&self, expected: &Value) -> bool {
        equals(self.element, expected, self.budget)
    }

    /// Only for errors, which name what they found in words of our own: a copy of a whole document is never made.
    fn to_value(&self) -> Cow<'a, Value> {
        Cow::Owned(Value::Null)
    }

    fn identity(&self) -> Option<NodeIdentity> {
        Some(NodeIdentity::new(std::ptr::from_ref(self.element).addr()))
    }
}

impl<'a> Object<'a, Tree> for Parts<'a> {
    type Node = Place<'a>;
    type MemberName = &'a str;
    type MembersIter = Members<'a>;

    fn len(&self) -> usize {
        self.nodes.len()
    }

    fn get(&self, key: &String) -> Option<Place<'a>> {
        let budget = self.budget;
        member(self.nodes, key, budget).map(|element| Place { element, budget })
    }

    fn members(&self) -> Members<'a> {
        Members(Walk { nodes: self.nodes.iter(), budget: self.budget })
    }
}

impl<'a> Array<'a, Tree> for Parts<'a> {
    type Node = Place<'a>;
    type ElementsIter = Walk<'a>;

    fn len(&self) -> usize {
        self.nodes.len()
    }

    fn elements(&self) -> Walk<'a> {
        Walk { nodes: self.nodes.iter(), budget: self.budget }
    }

    fn is_unique(&self) -> bool {
        let mut seen = HashSet::new();
        self.elements().all(|item| {
            let mut key = String::new();
            canonical(item.element, &mut key, item.budget);
            seen.insert(key)
        })
    }
}

/// The member of that name; `None` too when the budget is spent.
fn member<'a>(nodes: &'a [TreeNode], name: &str, budget: &Budget) -> Option<&'a Element> {
    let found = nodes.iter().enumerate().find_map(|(at, node)| match node {
        TreeNode::Element(element) if element.name.local == *name => Some((at, element)),
        _ => None,
    });
    let scanned = found.map_or(nodes.len(), |(at, _)| at);
    let (_, element) = budget.take_many(scanned / NAMES_A_LOOK).then_some(found)??;
    Some(element)
}

/// Whether both are the same JSON value; numbers count by value, members in any order.
fn equals(element: &Element, expected: &Value, budget: &Budget) -> bool {
    if !budget.take() {
        return false;
    }
    match (&element.content, expected) {
        (Content::Nil, Value::Null) => true,
        (Content::Bool(left), Value::Bool(right)) => left == right,
        (Content::Text(left), Value::String(right)) => left == right,
        (Content::Empty, Value::String(right)) => right.is_empty(),
        (Content::Number(left), Value::Number(right)) => {
            let right = right.as_str();
            let same = || Some(Lexical::any(left)?.compare(Lexical::any(right)?) == Ordering::Equal);
            left == right || same().unwrap_or(false)
        }
        (Content::Items(nodes), Value::Array(right)) => {
            nodes.len() == right.len()
                && element.elements().zip(right).all(|(left, right)| equals(left, right, budget))
        }
        (Content::Children(nodes), Value::Object(right)) => {
            let same = |(name, value): (&String, &Value)| {
                member(nodes, name, budget).is_some_and(|member| equals(member, value, budget))
            };
            nodes.len() == right.len() && right.iter().all(same)
        }
        _ => false,
    }
}

/// A text that two values share when they are the same JSON value; cut short when the budget is spent.
fn canonical(element: &Element, out: &mut String, budget: &Budget) {
    if !budget.take() {
        return;
    }
    match &element.content {
        Content::Nil => out.push('z'),
        Content::Bool(true) => out.push('t'),
        Content::Bool(false) => out.push('f'),
        Content::Empty => text("", out),
        Content::Text(value) => text(value, out),
        Content::Number(value) => {
            out.push('n');
            match Lexical::any(value) {
                Some(number) => out.push_str(&number.canonical()),
                None => out.push_str(value),
            }
        }
        Content::Items(_) => {
            out.push('[');
            element.elements().for_each(|item| canonical(item, out, budget));
            out.push(']');
        }
        Content::Children(_) => {
            let mut members: Vec<&Element> = element.elements().collect();
            members.sort_by(|left, right| left.name.local.cmp(&right.name.local));
            out.push('{');
            for member in members {
                text(&member.name.local, out);
                canonical(member, out, budget);
            }
            out.push('}');
        }
    }
}

/// A text with its length before it, so that nothing in it can be taken for something else.
fn text(value: &str, out: &mut String) {
    out.push_str(&value.len().to_string());
    out.push(':');
    out.push_str(value);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::tree::Name;

    fn wide(count: usize) -> Element {
        let number = |at: usize| Element::with(Name::local(format!("m{at}")), Content::Number("1".into()));
        let nodes = (0..count).map(|at| TreeNode::Element(number(at))).collect();
        Element::with(Name::default(), Content::Children(nodes))
    }

    #[test]
    fn a_lookup_in_many_members_costs_by_their_number_and_ends() {
        let element = wide(8_000);
        let budget = Budget::of(1_500);
        let object = Place { element: &element, budget: &budget }.as_object().unwrap();
        assert!(object.get(&"m7999".to_owned()).is_some());
        assert!((900..=1_001).contains(&budget.taken()), "{}", budget.taken());
        assert!(object.get(&"m7999".to_owned()).is_none() && budget.is_spent());
        assert!(object.get(&"m0".to_owned()).is_none());
    }

    #[test]
    fn comparing_whole_values_costs_by_their_nodes() {
        let element = wide(100);
        let array = Element::with(Name::default(), Content::Items(vec![TreeNode::Element(element.clone())]));
        let budget = Budget::of(1_000);
        assert!(Place { element: &array, budget: &budget }.as_array().unwrap().is_unique());
        assert!(budget.taken() > 100);
        let expected = super::super::files::value(&element);
        let budget = Budget::of(10_000);
        assert!(Place { element: &element, budget: &budget }.equals_value(&expected));
        assert!(budget.taken() > 100);
        let budget = Budget::of(50);
        assert!(!Place { element: &element, budget: &budget }.equals_value(&expected) && budget.is_spent());
    }
}
