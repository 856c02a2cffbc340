//! The paths of identity constraints: a small part of XPath (XML Schema part 1, section 3.11.6).

use std::sync::Arc;

use compact_str::CompactString;

use super::source::Doc;
use crate::document::tree::Name;

/// Alternatives: a selector, or a field.
pub type Paths = Vec<Path>;

/// One path from an element down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// Whether it may begin at any depth: `.//`.
    is_anywhere: bool,
    steps: Vec<Test>,
    /// The attribute at its end.
    attribute: Option<Test>,
}

/// Which names a step takes.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Test {
    Any,
    In(Option<Arc<str>>),
    Name(Name),
}

impl Test {
    fn takes(&self, name: &Name) -> bool {
        match self {
            Self::Any => true,
            Self::In(namespace) => *namespace == name.namespace,
            Self::Name(own) => own == name,
        }
    }
}

/// Reads a selector, or with `field` a field, which may end at an attribute.
///
/// # Errors
/// What is wrong with it.
pub fn read(text: &str, doc: &Doc, node: usize, field: bool) -> Result<Paths, String> {
    text.split('|').map(|path| one(path.trim(), doc, node, field)).collect()
}

fn one(text: &str, doc: &Doc, node: usize, field: bool) -> Result<Path, String> {
    let mut path = Path { is_anywhere: false, steps: Vec::new(), attribute: None };
    let mut rest = text;
    if let Some(after) = rest.strip_prefix('.').and_then(|after| after.trim_start().strip_prefix("//")) {
        path.is_anywhere = true;
        rest = after;
    }
    for step in rest.split('/').map(str::trim) {
        if path.attribute.is_some() {
            return Err(format!("`{text}` goes on behind an attribute"));
        }
        let axis = step.split_once("::").map(|(axis, name)| (axis.trim(), name.trim()));
        let (is_attribute, name) = match (axis, step.strip_prefix('@')) {
            (Some(("child", name)), _) => (false, name),
            (Some(("attribute", name)), _) => (true, name),
            (Some((axis, _)), _) => return Err(format!("the axis `{axis}` cannot be used here")),
            (None, Some(name)) => (true, name.trim()),
            (None, None) => (false, step),
        };
        if is_attribute && !field {
            return Err(format!("`{text}` selects an attribute, and a selector selects elements"));
        }
        match (is_attribute, name) {
            (false, ".") if axis.is_none() => {}
            (false, name) => path.steps.push(test(name, doc, node)?),
            (true, name) => path.attribute = Some(test(name, doc, node)?),
        }
    }
    Ok(path)
}

fn test(name: &str, doc: &Doc, node: usize) -> Result<Test, String> {
    if name == "*" {
        return Ok(Test::Any);
    }
    let (prefix, local) = name.split_once(':').unwrap_or(("", name));
    let is_name = |text: &str| crate::xml::is_ncname(text);
    if !(is_name(local) || local == "*") || !(prefix.is_empty() || is_name(prefix)) || name.starts_with(':') {
        return Err(format!(
            "`{name}` is no step: these paths have names, `*`, `.`, `/`, `|` and `.//` only"
        ));
    }
    // A name without a prefix is in no namespace, whatever the default one is.
    let namespace = match prefix {
        "" => None,
        _ => {
            doc.name(node, name).map_err(|prefix| format!("the prefix `{prefix}` is not declared"))?.namespace
        }
    };
    Ok(match local {
        "*" => Test::In(namespace),
        local => Test::Name(Name { namespace, local: CompactString::from(local) }),
    })
}

impl Path {
    /// Whether it leads from an element to the one of this way below it, or to an attribute there.
    pub fn takes(&self, way: &[&Name], attribute: Option<&Name>) -> bool {
        let ends = match (&self.attribute, attribute) {
            (None, None) => true,
            (Some(test), Some(name)) => test.takes(name),
            _ => false,
        };
        let fits = match self.is_anywhere {
            true => way.len() >= self.steps.len(),
            false => way.len() == self.steps.len(),
        };
        let last = way.iter().rev().take(self.steps.len());
        ends && fits && self.steps.iter().rev().zip(last).all(|(step, name)| step.takes(name))
    }
}
