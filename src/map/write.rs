//! Writing into a target: down to the place a path names, making what is missing, in the order of the profile.

use std::sync::Arc;

use compact_str::CompactString;

use crate::document::json;
use crate::document::number::Lexical;
use crate::document::tree::{Attribute, Content, Element, Name, Node};
use crate::document::value::Value;
use crate::kind::path::{Target, TargetSegment};
use crate::pipeline::failure::Failure;
use crate::schema::SimpleType;
use crate::xml::{uncarried, uncarried_in};

/// Puts a value at a target; absent values leave it as it is. `typed`: values of the target's format have types.
pub fn put(root: &mut Element, target: &Target, typed: bool, value: Value) {
    if matches!(value, Value::Absent) {
        return;
    }
    let Some((last, before)) = target.segments.split_last() else {
        return fill(root, target, typed, value);
    };
    let mut at = root;
    for segment in before {
        at = down(at, segment);
    }
    if last.attribute {
        let text = match value {
            Value::Number(number) => plain(number, target.end.simple),
            value => value.text().unwrap_or_default(),
        };
        match at.attributes.iter_mut().find(|attribute| attribute.name == last.name) {
            Some(attribute) => attribute.value = text,
            None => at.attributes.push(Attribute { name: last.name.clone(), value: text }),
        }
        return;
    }
    fill(down(at, last), target, typed, value);
}

/// Puts a value at a child that is not there yet, behind all that are: what [`put`] does there, without a search.
pub fn append(parent: &mut Element, segment: &TargetSegment, target: &Target, typed: bool, value: Value) {
    match value {
        Value::Absent => {}
        value if segment.attribute => put(parent, target, typed, value),
        value @ Value::Tree(_) => {
            let mut child = Element::new(inherit(parent, &segment.name));
            fill(&mut child, target, typed, value);
            parent.nodes_mut().push(Node::Element(child));
        }
        value => push(parent, segment, false, content(value, target.end.simple, typed)),
    }
}

/// Adds a child with that content behind all that are there. `inherits`: it is known to be in the parent's namespace.
pub fn push(parent: &mut Element, segment: &TargetSegment, inherits: bool, content: Content) {
    let name = match inherits {
        true => Name { namespace: parent.name.namespace.clone(), local: segment.name.local.clone() },
        false => inherit(parent, &segment.name),
    };
    parent.nodes_mut().push(Node::Element(Element::with(name, content)));
}

/// Gives an element a value; a subtree comes with the attributes of its top element.
fn fill(element: &mut Element, target: &Target, typed: bool, value: Value) {
    if let Value::Tree(tree) = value {
        return graft(element, target, typed, *tree);
    }
    element.content = content(value, target.end.simple, typed);
}

/// Gives an element what is in another: its text where a single value is wanted.
fn graft(element: &mut Element, target: &Target, typed: bool, tree: Element) {
    if let Some(simple) = target.end.simple {
        let value = match tree.content {
            Content::Number(number) => Value::Number(number),
            _ => Value::Text(tree.string_value()),
        };
        element.content = content(value, Some(simple), typed);
        return;
    }
    if !typed {
        for attribute in tree.attributes {
            match element.attributes.iter_mut().find(|other| other.name == attribute.name) {
                Some(other) => other.value = attribute.value,
                None => element.attributes.push(attribute),
            }
        }
    }
    element.content = tree.content;
}

/// What stands at a target: absent where nothing was written.
pub fn there(root: &Element, target: &Target) -> Value {
    let mut at = root;
    for segment in &target.segments {
        if segment.attribute {
            let found = at.attributes.iter().find(|attribute| attribute.name == segment.name);
            return found.map_or(Value::Absent, |attribute| Value::Text(attribute.value.clone()));
        }
        match at.elements().filter(|element| element.name == segment.name).last() {
            Some(element) => at = element,
            None => return Value::Absent,
        }
    }
    Value::of(at)
}

/// Refuses a value that XML cannot carry, for a target that is written as XML: what `who` puts at `target` may not come out as
/// other characters.
///
/// # Errors
/// It holds such a character.
pub fn check_xml(value: &Value, who: &str, target: &str) -> Result<(), Failure> {
    let found = match value {
        Value::Text(text) | Value::Number(text) => uncarried(text).map(|why| (String::new(), why)),
        Value::Tree(tree) => uncarried_in(tree),
        Value::List(values) => return values.iter().try_for_each(|value| check_xml(value, who, target)),
        Value::Absent | Value::Nil | Value::Bool(_) => None,
    };
    let Some((path, why)) = found else { return Ok(()) };
    let within = if path.is_empty() { String::new() } else { format!(", within it at `{path}`") };
    let log =
        format!("`{who} {target}` makes what XML cannot hold{within}: {why}; `script=` can take it out");
    Err(Failure::internal("unwritable-document", log))
}

/// The content a value becomes: where values have types, that of the profile decides between text, number and boolean.
pub fn content(value: Value, simple: Option<SimpleType>, typed: bool) -> Content {
    if !typed {
        return match value {
            Value::Nil => Content::Nil,
            Value::Text(text) => Content::Text(text),
            Value::Number(number) => Content::Text(plain(number, simple)),
            other => match other.text() {
                Some(text) => Content::Text(text),
                None => other.into_content(),
            },
        };
    }
    match (simple, value) {
        (Some(simple), Value::Text(text) | Value::Number(text)) if simple.is_number() => number(text),
        (Some(SimpleType::Boolean), Value::Text(text)) if text == "true" || text == "1" => {
            Content::Bool(true)
        }
        (Some(SimpleType::Boolean), Value::Text(text)) if text == "false" || text == "0" => {
            Content::Bool(false)
        }
        (Some(simple), Value::Number(text)) if !simple.is_number() => Content::Text(text),
        (Some(SimpleType::Boolean), value @ Value::Bool(_)) => value.into_content(),
        (Some(simple), Value::Bool(value)) if !simple.is_number() => {
            Content::Text(if value { "true" } else { "false" }.into())
        }
        (_, value) => value.into_content(),
    }
}

/// A number as all formats write it: only JSON and floating point (XML Schema part 2, sections 3.2.3 and 3.2.4) have
/// exponents. One that would get longer than some 400 digits stays as it is.
fn plain(number: CompactString, simple: Option<SimpleType>) -> CompactString {
    let floating = matches!(simple, Some(SimpleType::Float | SimpleType::Double));
    if floating || !number.contains(['e', 'E']) {
        return number;
    }
    Lexical::json(&number).map(|number| number.plain().into()).unwrap_or(number)
}

/// A number as JSON writes it (RFC 8259, section 6): XML also has `+7`, `007` and `.5`. What is no number stays text, and
/// the profile's check tells of it.
fn number(text: CompactString) -> Content {
    if json::is_number(&text) {
        return Content::Number(text);
    }
    match Lexical::json(text.trim()) {
        Some(number) => Content::Number(number.plain().into()),
        None => Content::Text(text),
    }
}

/// The child of that name, made where the profile wants it when there is none.
pub fn down<'a>(parent: &'a mut Element, segment: &TargetSegment) -> &'a mut Element {
    let nodes = parent.nodes();
    let is = |node: &Node| matches!(node, Node::Element(e) if e.name == segment.name);
    // What is written next mostly lies in what was written last.
    let found = nodes.iter().rposition(is);
    let at = found.unwrap_or_else(|| place(nodes, &segment.before));
    let name = found.is_none().then(|| inherit(parent, &segment.name));
    let nodes = parent.nodes_mut();
    if let Some(name) = name {
        nodes.insert(at, Node::Element(Element::new(name)));
    }
    match nodes.get_mut(at) {
        Some(Node::Element(element)) => element,
        _ => unreachable!("an element stands at this position: it was found or put there"),
    }
}

/// Where a new child goes: before the first one that the profile puts behind it.
pub fn place(nodes: &[Node], before: &[Name]) -> usize {
    if before.is_empty() {
        return nodes.len();
    }
    let later = |node: &Node| matches!(node, Node::Element(e) if before.contains(&e.name));
    // Items come in the order of the profile, so mostly the last one tells.
    if nodes.last().is_none_or(|last| !later(last)) {
        return nodes.len();
    }
    nodes.iter().position(later).unwrap_or(nodes.len())
}

/// The name with the parent's own namespace where they are equal: counting references of a shared one would make
/// workers wait for each other.
pub fn inherit(parent: &Element, name: &Name) -> Name {
    let namespace = match (&parent.name.namespace, &name.namespace) {
        (Some(own), Some(wanted)) if own == wanted => Some(own.clone()),
        (_, wanted) => wanted.as_deref().map(Arc::from),
    };
    Name { namespace, local: name.local.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::path::End;

    fn segment(name: &str, before: &[&str]) -> TargetSegment {
        TargetSegment {
            name: Name::local(name),
            attribute: false,
            before: before.iter().map(|n| Name::local(*n)).collect(),
        }
    }

    fn target(segments: Vec<TargetSegment>, simple: SimpleType) -> Target {
        let end = End::of(Some(simple));
        Target { segments, ..Target::start(end) }
    }

    #[test]
    fn a_value_goes_where_the_profile_puts_it() {
        let mut root = Element::new(Name::local("Order"));
        let b = target(vec![segment("B", &["C"])], SimpleType::String);
        let c = target(vec![segment("C", &[])], SimpleType::String);
        put(&mut root, &c, false, Value::Text("3".into()));
        put(&mut root, &b, false, Value::Text("2".into()));
        let names: Vec<_> = root.elements().map(|e| e.name.local.clone()).collect();
        assert_eq!(names, ["B", "C"]);
    }

    #[test]
    fn what_is_appended_is_what_is_put() {
        let tree = Box::new(Element::with(Name::local("x"), Content::Text("t".into())));
        for value in
            [Value::Absent, Value::Nil, Value::Number("7".into()), Value::Bool(true), Value::Tree(tree)]
        {
            for (typed, attribute) in [(true, false), (false, false), (false, true)] {
                let b = TargetSegment { attribute, ..segment("B", &["C"]) };
                let b = target(vec![b], SimpleType::Integer);
                let mut root = Element::new(Name::local("Order"));
                put(
                    &mut root,
                    &target(vec![segment("A", &["B", "C"])], SimpleType::String),
                    typed,
                    Value::Nil,
                );
                let mut appended = root.clone();
                put(&mut root, &b, typed, value.clone());
                append(&mut appended, &b.segments[0], &b, typed, value.clone());
                assert_eq!(appended, root);
            }
        }
    }

    #[test]
    fn absent_leaves_no_trace() {
        let mut root = Element::new(Name::local("Order"));
        let b = target(vec![segment("A", &[]), segment("B", &[])], SimpleType::String);
        put(&mut root, &b, false, Value::Absent);
        assert_eq!(root.nodes().len(), 0);
        put(&mut root, &b, false, Value::Nil);
        assert!(root.child("A").unwrap().child("B").unwrap().is_nil());
    }

    #[test]
    fn exponents_are_for_json_and_floating_point() {
        for (simple, number, text) in [
            (SimpleType::Decimal, "1E2", "100"),
            (SimpleType::Decimal, "1e-3", "0.001"),
            (SimpleType::Integer, "-12.5E+1", "-125"),
            (SimpleType::String, "1e2", "100"),
            (SimpleType::Double, "1e2", "1e2"),
            (SimpleType::Decimal, "10.50", "10.50"),
            (SimpleType::Decimal, "1e999999999999", "1e999999999999"),
        ] {
            let given = content(Value::Number(number.into()), Some(simple), false);
            assert_eq!(given, Content::Text(text.into()), "{number}");
            let mut root = Element::new(Name::local("Order"));
            let mut attribute = target(vec![segment("rate", &[])], simple);
            attribute.segments[0].attribute = true;
            put(&mut root, &attribute, false, Value::Number(number.into()));
            assert_eq!(root.attributes[0].value, text);
        }
        assert_eq!(
            content(Value::Number("1E2".into()), Some(SimpleType::Decimal), true),
            Content::Number("1E2".into())
        );
    }

    #[test]
    fn json_types_follow_the_profile() {
        assert_eq!(
            content(Value::Text("1.50".into()), Some(SimpleType::Decimal), true),
            Content::Number("1.50".into())
        );
        for (text, number) in
            [("007", "7"), ("+7", "7"), ("-.50", "-0.5"), ("1.", "1"), ("1e3", "1e3"), ("-0", "-0")]
        {
            assert_eq!(
                content(Value::Text(text.into()), Some(SimpleType::Decimal), true),
                Content::Number(number.into())
            );
        }
        assert_eq!(
            content(Value::Text("seven".into()), Some(SimpleType::Decimal), true),
            Content::Text("seven".into())
        );
        assert_eq!(content(Value::Text("1".into()), Some(SimpleType::Boolean), true), Content::Bool(true));
        assert_eq!(
            content(Value::Number("7".into()), Some(SimpleType::String), true),
            Content::Text("7".into())
        );
        for (simple, wanted) in [
            (SimpleType::String, Content::Text("true".into())),
            (SimpleType::Boolean, Content::Bool(true)),
            // That it is no number, the profile's check tells.
            (SimpleType::Integer, Content::Bool(true)),
        ] {
            assert_eq!(content(Value::Bool(true), Some(simple), true), wanted, "{simple:?}");
        }
        assert_eq!(content(Value::Bool(true), None, true), Content::Bool(true));
        assert_eq!(
            content(Value::Number("7".into()), Some(SimpleType::Integer), false),
            Content::Text("7".into())
        );
    }
}
