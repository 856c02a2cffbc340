//! Encoded parts made literal: what a shape says of elements is put in place of what the encoding leaves open.

use std::collections::HashMap;

use compact_str::ToCompactString;

use crate::document::tree::{Attribute, Content, Element, Name, Node};
use crate::schema::{Shape, ShapeKind, Simple, SimpleType};
use crate::soap::encoding::{ENCODING_11, ENCODING_12};

const XSD: &str = "http://www.w3.org/2001/XMLSchema";
const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// Makes an element fit a shape as far as the encoding allows: names of items and the order of accessors say nothing in
/// it, and accessors may have any namespace (SOAP 1.1 section 5.1; SOAP 1.2 part 2, section 3.1).
///
/// # Errors
/// An array holds what it says that it does not.
pub fn fit(element: &mut Element, shape: &Shape) -> Result<(), String> {
    let array = Array::of(element);
    if let Some(array) = &array {
        array.check(element)?;
    }
    element.attributes.retain(|attribute| !is_of_encoding(attribute));
    let ShapeKind::Children(children) = &shape.kind else { return Ok(()) };
    let Content::Children(nodes) = &mut element.content else { return Ok(()) };
    nodes.retain(|node| matches!(node, Node::Element(_)));
    let places = Places::of(children, nodes.len());
    let item = children.first().filter(|_| array.is_some() && children.len() == 1);
    // A null value and one that is not there are the same (SOAP 1.1 section 5.1).
    nodes.retain(|node| {
        let Node::Element(Element { name, content: Content::Nil, .. }) = node else { return true };
        let known = places.of_name(&name.local).and_then(|at| children.get(at));
        item.is_some() || known.is_none_or(|known| known.nillable || known.occurs.min > 0)
    });
    for node in nodes.iter_mut() {
        let Node::Element(child) = node else { continue };
        let local = child.name.local.clone();
        let known = item.or_else(|| places.of_name(&local).and_then(|at| children.get(at)));
        let Some(known) = known else { continue };
        child.name.local = known.name.clone();
        child.name.namespace = known.namespace.clone();
        fit(child, known)?;
    }
    // A stable sort: items of one name keep their order, what is unknown comes last.
    nodes.sort_by_cached_key(|node| {
        match node {
            Node::Element(child) => places.of_name(&child.name.local),
            Node::Text(_) => None,
        }
        .unwrap_or(children.len())
    });
    Ok(())
}

/// Says of the arrays of an answer that they are, and how long (SOAP 1.2 part 2, sections 3.1.6 and 3.1.7): without it they
/// would be read as structs. An array is what holds one kind of element, any number of times.
pub fn mark(element: &mut Element, shape: &Shape) {
    let ShapeKind::Children(children) = &shape.kind else { return };
    let is_array = matches!(children.as_slice(), [item] if item.occurs.repeats());
    if is_array && element.content != Content::Nil {
        let value = element.elements().count().to_compact_string();
        element.attributes.push(Attribute { name: Name::qualified(ENCODING_12, "arraySize"), value });
    }
    let (Content::Children(nodes) | Content::Items(nodes)) = &mut element.content else { return };
    let places = Places::of(children, nodes.len());
    for node in nodes {
        let Node::Element(child) = node else { continue };
        if let Some(known) = places.of_name(&child.name.local).and_then(|at| children.get(at)) {
            mark(child, known);
        }
    }
}

/// Elements for which a shape is gone through for each; for more its names are gathered first.
const FEW: usize = 8;

/// Where the children of a shape stand in it.
struct Places<'s> {
    children: &'s [Shape],
    by_name: Option<HashMap<&'s str, usize>>,
}

impl<'s> Places<'s> {
    /// For so many elements.
    fn of(children: &'s [Shape], elements: usize) -> Self {
        // Of those of one name the first counts.
        let gathered = || children.iter().enumerate().rev().map(|(at, shape)| (shape.name.as_str(), at));
        Self { children, by_name: (elements > FEW).then(|| gathered().collect()) }
    }

    fn of_name(&self, name: &str) -> Option<usize> {
        match &self.by_name {
            Some(by_name) => by_name.get(name).copied(),
            None => self.children.iter().position(|shape| shape.name == name),
        }
    }
}

/// Whether an attribute only says how something is encoded; a type of a schema is kept.
fn is_of_encoding(attribute: &Attribute) -> bool {
    let namespace = attribute.name.namespace.as_deref().unwrap_or_default();
    let is_type = namespace == XSI && attribute.name.local == "type";
    let of_type = |known: &str| attribute.value.strip_prefix('{').is_some_and(|rest| rest.starts_with(known));
    namespace == ENCODING_11
        || namespace == ENCODING_12
        || (is_type && [XSD, ENCODING_11, ENCODING_12].iter().any(|known| of_type(known)))
}

/// What an array says of itself.
struct Array {
    /// The type of its items, where it is built into XML Schema.
    item: Option<SimpleType>,
    /// How many it has, as far as it says.
    sizes: Option<String>,
}

impl Array {
    fn of(element: &Element) -> Option<Self> {
        if let Some(text) = element.attribute_in(ENCODING_11, "arrayType") {
            // `xsd:string[2]`, or `xsd:string[,][2]` for an array of arrays.
            let (kind, size) = text.split_once('[').unwrap_or((text, ""));
            let flat = !size.contains('[');
            return Some(Self { item: item(kind).filter(|_| flat), sizes: None });
        }
        let kind = element.attribute_in(ENCODING_12, "itemType");
        let size = element.attribute_in(ENCODING_12, "arraySize");
        let is_array = element.attribute_in(XSI, "type").is_some_and(|kind| kind.ends_with("}Array"));
        (kind.is_some() || size.is_some() || is_array)
            .then(|| Self { item: kind.and_then(item), sizes: size.map(str::to_owned) })
    }

    /// Looks at what the array says of its items.
    fn check(&self, element: &Element) -> Result<(), String> {
        let name = &element.name.local;
        if let Some(sizes) = &self.sizes {
            let mut words = sizes.split_whitespace();
            let first = words.next().is_none_or(|word| word == "*" || is_number(word));
            // An open size stands in the first place only (SOAP 1.2 part 2, section 3.1.6).
            if !first || !words.all(is_number) {
                return Err(format!(
                    "the arraySize of `{name}` is not one: `*` may stand in its first place only"
                ));
            }
        }
        let Some(item) = self.item else { return Ok(()) };
        for child in element.elements() {
            let is_simple = child.elements().next().is_none();
            let fits = || Simple::of(item).check(child.string_value().trim()).is_ok();
            if child.content != Content::Nil && !(is_simple && fits()) {
                return Err(format!("an item of `{name}` is not of the type {} that it says", item.name()));
            }
        }
        Ok(())
    }
}

fn is_number(word: &str) -> bool {
    word.parse::<u32>().is_ok()
}

/// The built-in type of a name with a prefix; prefixes are not known any more, so the local name must do.
fn item(kind: &str) -> Option<SimpleType> {
    let local = kind.rsplit(':').next().unwrap_or(kind).trim();
    SimpleType::named(local).filter(|_| !kind.contains("anyType"))
}

#[cfg(test)]
#[path = "encoded_tests.rs"]
mod tests;
