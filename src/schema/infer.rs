//! The shape of a sample: what a saved document tells of all documents like it.

use std::collections::{BTreeSet, HashMap};

use super::simple::space::XML_SPACE;
use super::{AttributeShape, Occurs, Shape, ShapeKind, Simple, SimpleType};
use crate::document::number::Lexical;
use crate::document::tree::{Attribute, Content, Element, Name, Node};

/// Nesting of a shape: shapes are walked recursively. What is deeper may be anything.
const DEEPEST: usize = 64;

/// The shape of an XML sample, or of several of one name. Repeated siblings repeat, what some siblings lack is optional, values are of the narrowest
/// type that all of them are of. What no sequence of elements describes (mixed content, elements in several orders) may be
/// anything.
pub fn xml(roots: &[&Element]) -> Shape {
    let mut shape = element(roots, 0);
    shape.occurs = Occurs::ONCE;
    shape
}

/// The shape of a JSON sample, or of several. `unknown` stands for what the sample says nothing of: the items of an empty array, and
/// what was only ever null.
pub fn json(roots: &[&Element], unknown: &ShapeKind) -> Shape {
    value(roots, "", Occurs::ONCE, unknown, 0)
}

/// The type of a text, as narrow as it is certain: an identifier with leading zeros stays text.
pub fn simple_type(text: &str) -> SimpleType {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let zero_first = digits.len() > 1 && digits.starts_with('0') && !digits.starts_with("0.");
    let number = digits.starts_with(|c: char| c.is_ascii_digit()) && !digits.ends_with('.') && !zero_first;
    match text {
        "true" | "false" => SimpleType::Boolean,
        _ if number && Lexical::is_integer(text) => SimpleType::Integer,
        _ if number && Lexical::decimal(text).is_some() => SimpleType::Decimal,
        _ => of_time(text),
    }
}

fn of_time(text: &str) -> SimpleType {
    match text {
        _ if SimpleType::Date.accepts(text) => SimpleType::Date,
        _ if SimpleType::DateTime.accepts(text) => SimpleType::DateTime,
        _ if SimpleType::Time.accepts(text) => SimpleType::Time,
        _ => SimpleType::String,
    }
}

/// The narrowest type of both.
fn join(left: SimpleType, right: SimpleType) -> SimpleType {
    match (left, right) {
        (left, right) if left == right => left,
        (left, right) if left.is_number() && right.is_number() => SimpleType::Decimal,
        _ => SimpleType::String,
    }
}

/// The narrowest type of values so far and one more.
pub fn common(known: Option<SimpleType>, more: SimpleType) -> SimpleType {
    known.map_or(more, |known| join(known, more))
}

/// The narrowest type of all texts.
pub fn common_type<'t>(texts: impl Iterator<Item = &'t str>) -> SimpleType {
    texts.map(simple_type).reduce(join).unwrap_or(SimpleType::String)
}

// ---- XML

/// Elements of one name.
fn element(all: &[&Element], depth: usize) -> Shape {
    let name = all.first().map(|element| element.name.clone()).unwrap_or_default();
    let nillable = all.iter().any(|element| element.is_nil());
    let filled: Vec<&Element> = all.iter().copied().filter(|element| !element.is_nil()).collect();
    let kind = if depth >= DEEPEST { ShapeKind::Any } else { content(&filled, depth) };
    Shape {
        name: name.local,
        namespace: name.namespace,
        occurs: Occurs::ONCE,
        nillable,
        attributes: attributes(all),
        kind,
        checking: Default::default(),
        form: Default::default(),
    }
}

fn content(filled: &[&Element], depth: usize) -> ShapeKind {
    if filled.iter().all(|element| element.leaf().is_some()) {
        let texts = filled.iter().filter_map(|element| element.leaf());
        return ShapeKind::Simple(Simple::of(common_type(texts)));
    }
    let has_text = |element: &&Element| {
        let blank = |text: &str| text.trim_matches(XML_SPACE).is_empty();
        let between = element.nodes().iter().any(|node| matches!(node, Node::Text(text) if !blank(text)));
        between || element.leaf().is_some_and(|text| !blank(text))
    };
    if filled.iter().any(has_text) {
        return ShapeKind::Any;
    }
    let Some(names) = order(filled) else { return ShapeKind::Any };
    let mut children = Vec::with_capacity(names.len());
    let mut groups = groups(filled);
    for name in names {
        let Some(group) = groups.remove(name) else { continue };
        let Group { members, parents, repeats } = group;
        let min = u32::from(parents == filled.len());
        let max = if repeats { None } else { Some(1) };
        children.push(Shape { occurs: Occurs { min, max }, ..element(&members, depth + 1) });
    }
    let one_local_name =
        |child: &Shape| children.iter().filter(|other| other.name == child.name).count() == 1;
    if children.iter().all(one_local_name) { ShapeKind::Children(children) } else { ShapeKind::Any }
}

/// The children of one name over all parents.
#[derive(Default)]
struct Group<'a> {
    members: Vec<&'a Element>,
    /// How many parents have one.
    parents: usize,
    /// Whether a parent has several.
    repeats: bool,
}

fn groups<'a>(parents: &[&'a Element]) -> HashMap<&'a Name, Group<'a>> {
    let mut groups: HashMap<&Name, Group<'_>> = HashMap::new();
    for parent in parents {
        let mut counts: HashMap<&Name, usize> = HashMap::new();
        for child in parent.elements() {
            *counts.entry(&child.name).or_default() += 1;
            groups.entry(&child.name).or_default().members.push(child);
        }
        for (name, count) in counts {
            let group = groups.entry(name).or_default();
            group.parents += 1;
            group.repeats |= count > 1;
        }
    }
    groups
}

/// The names of all children in an order that every parent keeps; `None` when there is none.
fn order<'a>(parents: &[&'a Element]) -> Option<Vec<&'a Name>> {
    let mut seen: Vec<&Name> = Vec::new();
    let mut places: HashMap<&Name, usize> = HashMap::new();
    let mut after: Vec<BTreeSet<usize>> = Vec::new();
    let mut before: Vec<usize> = Vec::new();
    for parent in parents {
        let mut last: Option<usize> = None;
        for child in parent.elements() {
            let place = *places.entry(&child.name).or_insert_with(|| {
                seen.push(&child.name);
                after.push(BTreeSet::new());
                before.push(0);
                seen.len() - 1
            });
            if let Some(last) = last.filter(|last| *last != place)
                && after.get_mut(last)?.insert(place)
            {
                *before.get_mut(place)? += 1;
            }
            last = Some(place);
        }
    }
    let mut ready: BTreeSet<usize> =
        before.iter().enumerate().filter(|(_, count)| **count == 0).map(|(place, _)| place).collect();
    let mut out = Vec::with_capacity(seen.len());
    while let Some(place) = ready.pop_first() {
        out.push(*seen.get(place)?);
        for next in after.get(place)? {
            let count = before.get_mut(*next)?;
            *count -= 1;
            if *count == 0 {
                ready.insert(*next);
            }
        }
    }
    // What goes round has no order.
    (out.len() == seen.len()).then_some(out)
}

fn attributes(all: &[&Element]) -> Vec<AttributeShape> {
    let mut names: Vec<&Name> = Vec::new();
    let declared = |attribute: &&Attribute| attribute.name.namespace.as_deref() != Some(crate::xml::XSI);
    for element in all {
        for attribute in element.attributes.iter().filter(declared) {
            if !names.contains(&&attribute.name) {
                names.push(&attribute.name);
            }
        }
    }
    let shape = |name: &&Name| {
        let value = |element: &&'_ Element| {
            element.attributes.iter().find(|attribute| attribute.name == **name).map(|a| a.value.clone())
        };
        let values: Vec<_> = all.iter().filter_map(value).collect();
        AttributeShape {
            name: name.local.clone(),
            namespace: name.namespace.clone(),
            required: values.len() == all.len(),
            simple: Simple::of(common_type(values.iter().map(|value| value.as_str()))),
        }
    };
    names.iter().map(shape).collect()
}

// ---- JSON

/// Values that stand in one place of objects or arrays.
fn value(all: &[&Element], name: &str, occurs: Occurs, unknown: &ShapeKind, depth: usize) -> Shape {
    let nillable = all.iter().any(|value| value.is_nil());
    let filled: Vec<&Element> = all.iter().copied().filter(|value| !value.is_nil()).collect();
    let is = |test: fn(&Content) -> bool| filled.iter().all(|value| test(&value.content));
    let kind = if depth >= DEEPEST {
        ShapeKind::Any
    } else if filled.is_empty() {
        unknown.clone()
    } else if is(|content| matches!(content, Content::Children(_))) {
        ShapeKind::Children(members(&filled, unknown, depth))
    } else if is(|content| matches!(content, Content::Items(_))) {
        let items: Vec<&Element> = filled.iter().flat_map(|array| array.elements()).collect();
        ShapeKind::Items(Box::new(value(&items, "", Occurs::ONCE, unknown, depth + 1)))
    } else {
        scalar(&filled)
    };
    Shape {
        name: name.into(),
        namespace: None,
        occurs,
        nillable,
        attributes: Vec::new(),
        kind,
        checking: Default::default(),
        form: Default::default(),
    }
}

fn scalar(filled: &[&Element]) -> ShapeKind {
    let one = |value: &&Element| match &value.content {
        Content::Bool(_) => Some(SimpleType::Boolean),
        Content::Number(text) if Lexical::is_integer(text) => Some(SimpleType::Integer),
        // Beyond some hundred digits written out, no bound could be compared with it.
        Content::Number(text) if Lexical::json(text).is_some() => Some(SimpleType::Decimal),
        Content::Text(text) => Some(of_time(text)),
        Content::Empty => Some(SimpleType::String),
        _ => None,
    };
    let mut types = filled.iter().map(one);
    let first = types.next().flatten();
    // A number and a text have nothing in common in JSON.
    let both = |left: Option<SimpleType>, right: Option<SimpleType>| {
        let (left, right) = (left?, right?);
        let of_text = |one: SimpleType| !one.is_number() && one != SimpleType::Boolean;
        let alike =
            left == right || (left.is_number() && right.is_number()) || (of_text(left) && of_text(right));
        alike.then(|| join(left, right))
    };
    match types.fold(first, both) {
        Some(base) => ShapeKind::Simple(Simple::of(base)),
        None => ShapeKind::Any,
    }
}

fn members(objects: &[&Element], unknown: &ShapeKind, depth: usize) -> Vec<Shape> {
    let mut names: Vec<&str> = Vec::new();
    let mut groups: HashMap<&str, Vec<&Element>> = HashMap::new();
    for object in objects {
        for member in object.elements() {
            let group = groups.entry(member.name.local.as_str()).or_default();
            if group.is_empty() {
                names.push(&member.name.local);
            }
            group.push(member);
        }
    }
    let shape = |name: &str| {
        let group = groups.get(name).map(Vec::as_slice).unwrap_or_default();
        let occurs = if group.len() == objects.len() { Occurs::ONCE } else { Occurs::OPTIONAL };
        value(group, name, occurs, unknown, depth + 1)
    };
    names.into_iter().map(shape).collect()
}

#[cfg(test)]
#[path = "infer_tests.rs"]
mod tests;
