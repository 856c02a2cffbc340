//! Where a check stands in a document: a chain on the stack that becomes text only for an error.

use std::fmt::Write as _;

use super::validate::Format;
use crate::document::tree::Element;

/// A place, by the step that leads there from the place above.
#[derive(Debug, Clone, Copy)]
pub struct At<'a> {
    /// The place above; `None` for the root.
    up: Option<&'a At<'a>>,
    /// The step from there.
    step: Step<'a>,
    /// The position among the elements there, from 0; `None` for the root, for attributes and for what is missing.
    index: Option<usize>,
}

/// One step of a path.
#[derive(Debug, Clone, Copy)]
pub enum Step<'a> {
    /// An element or a member; `$` for a JSON root.
    Name(&'a str),
    /// The n-th element of a name, from 1.
    Nth(&'a str, u32),
    /// An element of that name in this one, which is counted where there are several.
    Of(&'a Element, &'a str),
    /// An attribute.
    Attribute(&'a str),
    /// An array's item, from 0.
    Index(usize),
}

impl<'a> At<'a> {
    /// The root.
    pub fn root(step: Step<'a>) -> Self {
        Self { up: None, step, index: None }
    }

    /// An element in another, at its position among the elements there.
    pub fn child(up: &'a At<'a>, step: Step<'a>, index: usize) -> Self {
        Self { up: Some(up), step, index: Some(index) }
    }

    /// An attribute of an element, or an element that is missing in it.
    pub fn part(up: &'a At<'a>, step: Step<'a>) -> Self {
        Self { up: Some(up), step, index: None }
    }

    /// The way from the root to the element: positions among siblings, from 0. An attribute's is that of its element.
    pub(super) fn way(&self) -> Vec<usize> {
        let mut way = self.up.map(At::way).unwrap_or_default();
        way.extend(self.index);
        way
    }

    /// The path from the root: a location path for XML, a JSONPath for JSON.
    pub(super) fn path(&self, format: Format) -> String {
        let mut out = String::new();
        self.append(format, &mut out);
        out
    }

    fn append(&self, format: Format, out: &mut String) {
        if let Some(up) = self.up {
            up.append(format, out);
        }
        // The root of a flat file has no name.
        let separator = if out.is_empty() || format == Format::Json { "" } else { "/" };
        // Writing to a String cannot fail.
        let _ = match self.step {
            Step::Name(name) if format == Format::Json && self.up.is_some() => member(name, out),
            Step::Name(name) => write!(out, "{separator}{}", shown(name)),
            Step::Of(parent, name) => match self.nth(parent, name) {
                Some(nth) => write!(out, "{separator}{}[{nth}]", shown(name)),
                None => write!(out, "{separator}{}", shown(name)),
            },
            Step::Nth(name, nth) => write!(out, "{separator}{}[{nth}]", shown(name)),
            Step::Attribute(name) => write!(out, "{separator}@{}", shown(name)),
            Step::Index(index) => write!(out, "[{index}]"),
        };
    }
}

impl At<'_> {
    /// The place among the elements of a name in the parent, from 1; `None` for the only one.
    fn nth(&self, parent: &Element, name: &str) -> Option<usize> {
        let same = |child: &&Element| child.name.local == name;
        let before = parent.elements().take(self.index.unwrap_or_default()).filter(same).count();
        (parent.elements().filter(same).nth(1).is_some()).then_some(before + 1)
    }
}

/// A member's step: `.name`, or `['a name']` where the short form is not allowed (RFC 9535, section 2.5.1).
fn member(name: &str, out: &mut String) -> std::fmt::Result {
    let first = name.chars().next().is_some_and(|c| c.is_alphabetic() || c == '_');
    if first && name.chars().all(|c| c.is_alphanumeric() || c == '_') {
        return write!(out, ".{}", shown(name));
    }
    write!(out, "['{}']", shown(name).replace('\\', "\\\\").replace('\'', "\\'"))
}

/// A text from outside as an error shows it: at most 40 characters, on one line.
pub fn shown(text: &str) -> String {
    shortened(text, 40)
}

/// The same with so many characters.
pub fn shortened(text: &str, longest: usize) -> String {
    let mut out: String = text.chars().take(longest).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(longest).is_some() {
        out.push_str("...");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_read_as_their_format_writes_them() {
        let root = At::root(Step::Name("Order"));
        let line = At::child(&root, Step::Nth("Line", 2), 4);
        let id = At::part(&line, Step::Attribute("id"));
        assert_eq!((id.path(Format::Xml).as_str(), id.way()), ("Order/Line[2]/@id", vec![4]));
        let root = At::root(Step::Name("$"));
        let lines = At::child(&root, Step::Name("lines"), 0);
        let second = At::child(&lines, Step::Index(1), 1);
        let odd = At::child(&second, Step::Name("it's"), 2);
        assert_eq!((odd.path(Format::Json).as_str(), odd.way()), ("$.lines[1]['it\\'s']", vec![0, 1, 2]));
        let (root, name) = (At::root(Step::Name("")), Step::Nth("row", 2));
        assert_eq!(At::child(&root, name, 1).path(Format::Xml), "row[2]");
    }

    #[test]
    fn long_text_is_shortened() {
        assert_eq!(shown(&"ä".repeat(41)).chars().count(), 43);
        assert_eq!(shown("a\nb"), "a b");
    }
}
