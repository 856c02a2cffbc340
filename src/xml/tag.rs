//! Start tags: attributes and namespace declarations, with every check that XML and its namespaces ask for.

use std::collections::HashSet;

use compact_str::{CompactString, format_compact};

use super::chars::{is_space, split_qname};
use super::cursor::{Cursor, Wrong, limit, short, syntax};
use super::namespaces::Namespaces;
use super::run::attribute_value;
use super::{XMLNS_NAMESPACE, XSI};
use crate::document::codec::Limits;
use crate::document::tree::{Attribute, Element, Name};

/// An attribute as written; the vector that holds them is reused from tag to tag.
#[derive(Debug)]
pub(super) struct Raw<'t> {
    prefix: &'t str,
    local: &'t str,
    value: &'t str,
    /// Where its name stands.
    offset: usize,
    /// Where its value stands.
    value_offset: usize,
}

/// A start tag that was read.
#[derive(Debug)]
pub(super) struct Tag<'t> {
    /// Its name as it is written.
    pub name: &'t str,
    /// The prefix of the name; empty without one.
    pub prefix: &'t str,
    /// The element with its name and attributes.
    pub element: Element,
    /// Which attribute is `xsi:nil` and true.
    pub nil: Option<usize>,
}

/// Namespaces longer than this stay prefixes in the value of `xsi:type`: resolved, each value holds a copy.
const LONGEST_IN_VALUE: usize = 256;

/// Reads what stands between `<` and `>` (or `/>`), which begins at `offset`; its declarations stay in `namespaces`, and
/// in the attributes too with `keep`.
pub(super) fn read<'t>(
    content: &'t str,
    offset: usize,
    raw: &mut Vec<Raw<'t>>,
    namespaces: &mut Namespaces,
    limits: &Limits,
    keep: bool,
) -> Result<Tag<'t>, Wrong> {
    let mut cursor = Cursor::new(content, offset);
    let name = cursor.take_while(|b| !is_space(b));
    if name.len() > limits.name {
        return Err(limit(offset, format!("a name has more than {} bytes", limits.name)));
    }
    let Some((prefix, local)) = split_qname(name) else {
        return Err(syntax(offset, format!("`{}` is not a name of an element", short(name))));
    };
    raw.clear();
    let mut declarations = Vec::new();
    if !cursor.rest.is_empty() {
        split(cursor, raw, limits)?;
        if keep {
            declarations = declared(raw)?;
        }
        declare(raw, namespaces, limits)?;
    }
    let namespace = namespaces.resolve(prefix).map_err(|message| syntax(offset, message))?;
    let mut element = Element::new(Name { namespace, local: local.into() });
    let nil = if raw.is_empty() { None } else { attributes(raw, namespaces, &mut element)? };
    element.attributes.append(&mut declarations);
    Ok(Tag { name, prefix, element, nil })
}

/// The namespace declarations as attributes: the prefix is the local name, empty for the default namespace.
fn declared(raw: &[Raw<'_>]) -> Result<Vec<Attribute>, Wrong> {
    let mut found = Vec::new();
    for attribute in raw {
        let prefix = match (attribute.prefix, attribute.local) {
            ("xmlns", prefix) => prefix,
            ("", "xmlns") => "",
            _ => continue,
        };
        let value = CompactString::from(attribute_value(attribute.value, attribute.value_offset)?);
        found.push(Attribute { name: Name::qualified(XMLNS_NAMESPACE, prefix), value });
    }
    Ok(found)
}

/// Splits the attributes (XML 1.0, productions 40 and 41).
fn split<'t>(mut cursor: Cursor<'t>, raw: &mut Vec<Raw<'t>>, limits: &Limits) -> Result<(), Wrong> {
    loop {
        let space = cursor.skip_space();
        if cursor.rest.is_empty() {
            return Ok(());
        }
        let offset = cursor.offset;
        if !space {
            return Err(syntax(offset, "white space must stand before an attribute"));
        }
        if raw.len() >= limits.attributes {
            return Err(limit(offset, format!("an element has more than {} attributes", limits.attributes)));
        }
        let name = cursor.take_while(|b| !is_space(b) && b != b'=');
        if name.len() > limits.name {
            return Err(limit(offset, format!("a name has more than {} bytes", limits.name)));
        }
        let Some((prefix, local)) = split_qname(name) else {
            return Err(syntax(offset, format!("`{}` is not a name of an attribute", short(name))));
        };
        let value = cursor.take_value(name)?;
        let value_offset = cursor.offset - value.len() - 1;
        raw.push(Raw { prefix, local, value, offset, value_offset });
    }
}

/// Moves namespace declarations from the attributes to the stack.
fn declare<'t>(raw: &mut Vec<Raw<'t>>, namespaces: &mut Namespaces, limits: &Limits) -> Result<(), Wrong> {
    let mark = namespaces.len();
    let mut wrong = None;
    raw.retain(|attribute| {
        let prefix = match (attribute.prefix, attribute.local) {
            ("xmlns", prefix) => prefix,
            ("", "xmlns") => "",
            _ => return true,
        };
        let declared = attribute_value(attribute.value, attribute.value_offset).and_then(|uri| {
            if namespaces.len() >= limits.namespaces {
                let message = format!("more than {} namespace declarations are in scope", limits.namespaces);
                return Err(limit(attribute.offset, message));
            }
            // It is written, shown and compared wherever a name is: what is sent once counts many times.
            if uri.len() > limits.namespace {
                let message = format!("the name of a namespace has more than {} bytes", limits.namespace);
                return Err(limit(attribute.offset, message));
            }
            namespaces.declare(mark, prefix, &uri).map_err(|message| syntax(attribute.offset, message))
        });
        if let Err(error) = declared {
            wrong.get_or_insert(error);
        }
        false
    });
    wrong.map_or(Ok(()), Err)
}

/// Gives the attributes their namespaces and values; refuses two of the same name (Namespaces in XML, section 6.3).
fn attributes(
    raw: &[Raw<'_>],
    namespaces: &mut Namespaces,
    element: &mut Element,
) -> Result<Option<usize>, Wrong> {
    let mut nil = None;
    element.attributes.reserve_exact(raw.len());
    for (at, attribute) in raw.iter().enumerate() {
        let namespace = if attribute.prefix.is_empty() {
            None
        } else {
            namespaces.resolve(attribute.prefix).map_err(|message| syntax(attribute.offset, message))?
        };
        let name = Name { namespace, local: attribute.local.into() };
        let value = CompactString::from(attribute_value(attribute.value, attribute.value_offset)?);
        if attribute.local == "nil" && name.is(XSI, "nil") && is_true(&value) {
            nil = Some(at);
        }
        let value = match attribute.local == "type" && name.is(XSI, "type") {
            true => type_name(value, namespaces),
            false => value,
        };
        element.attributes.push(Attribute { name, value });
    }
    match duplicate(&element.attributes) {
        Some(at) => {
            let name = element.attributes.get(at).map(|a| a.name.to_string()).unwrap_or_default();
            let offset = raw.get(at).map_or(0, |a| a.offset);
            Err(syntax(offset, format!("the attribute `{}` is there twice", short(&name))))
        }
        None => Ok(nil),
    }
}

/// The value of `xsi:type` as `{namespace}name`, or the name alone in no namespace: the tree keeps no prefixes. One whose
/// prefix is not declared stays as it is.
fn type_name(value: CompactString, namespaces: &mut Namespaces) -> CompactString {
    let Some((prefix, local)) = split_qname(value.trim()) else { return value };
    match namespaces.resolve(prefix) {
        Ok(Some(namespace)) if namespace.len() <= LONGEST_IN_VALUE => {
            format_compact!("{{{namespace}}}{local}")
        }
        Ok(None) => local.into(),
        Ok(Some(_)) | Err(_) => value,
    }
}

fn is_true(value: &str) -> bool {
    matches!(value.trim(), "true" | "1")
}

/// The second of two attributes of the same name, in linear time when there are many.
fn duplicate(attributes: &[Attribute]) -> Option<usize> {
    if attributes.len() <= 16 {
        return (1..attributes.len()).find(|at| {
            let (before, rest) = attributes.split_at(*at);
            rest.first().is_some_and(|a| before.iter().any(|b| a.name == b.name))
        });
    }
    let mut seen = HashSet::with_capacity(attributes.len());
    attributes.iter().position(|attribute| !seen.insert(&attribute.name))
}
