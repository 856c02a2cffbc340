//! Flat files, whose trees have a root without a name: CSV, fixed-width records, and the rows of a database.

pub mod csv;
pub mod fixed;
mod output;
mod places;
pub mod records;
pub mod rows;
mod walk;

use compact_str::CompactString;

use super::codec::{Limits, Malformed, MalformedKind, Unwritable};
use super::tree::{Attribute, Element, Node};

/// Attributes of this namespace say something of an instance, not in it (XML Schema 1, section 2.6).
const INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// Bytes that one value may have: a lost quote makes one of all that is behind it.
pub const LONGEST_VALUE: usize = 1 << 20;

/// What the values of a column or field are, as far as it counts for reading and writing them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// Text, which may be empty.
    Text,
    /// Numbers.
    Number,
    /// `true`, `false`, `1` or `0`.
    Boolean,
    /// Anything else that is not text: dates, URIs, base64.
    Other,
}

/// A column: of a CSV file, or of a row of a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The name of its element.
    pub name: CompactString,
    /// What the header line calls it.
    pub title: CompactString,
    /// What its values are.
    pub holds: Holds,
}

/// What is wrong with a text, at a byte of it.
#[derive(Debug)]
struct Wrong {
    offset: usize,
    kind: MalformedKind,
    message: String,
}

impl Wrong {
    fn syntax(offset: usize, message: impl Into<String>) -> Self {
        Self { offset, kind: MalformedKind::Syntax, message: message.into() }
    }

    fn limit(offset: usize, message: impl Into<String>) -> Self {
        Self { offset, kind: MalformedKind::Limit, message: message.into() }
    }

    fn long(offset: usize) -> Self {
        Self::limit(offset, format!("this value has more than {LONGEST_VALUE} bytes"))
    }

    fn in_text(self, text: &str) -> Malformed {
        Malformed::at(text.as_bytes(), self.offset, self.kind, self.message)
    }
}

/// Counts elements against the limit.
#[derive(Debug)]
struct Count {
    left: usize,
    most: usize,
}

impl Count {
    fn new(limits: &Limits) -> Self {
        Self { left: limits.elements, most: limits.elements }
    }

    fn take(&mut self, elements: usize, offset: usize) -> Result<(), Wrong> {
        match self.left.checked_sub(elements) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => Err(Wrong::limit(offset, format!("the document has more than {} values", self.most))),
        }
    }
}

/// The position of a name among some: mostly the one behind the last.
fn position<'n>(
    names: impl ExactSizeIterator<Item = &'n str> + Clone,
    name: &str,
    next: usize,
) -> Option<usize> {
    match names.clone().nth(next) {
        Some(there) if there == name => Some(next),
        _ => names.clone().position(|known| known == name),
    }
}

/// The values of an element's parts into `out`, which has a place for each of `names`; nil and what is not there leave
/// their places empty.
///
/// # Errors
/// A part of another name, a second one of the same, one with parts of its own, or attributes, of which a flat file has
/// none. `path` is that of the element.
fn values<'e>(
    element: &'e Element,
    names: impl ExactSizeIterator<Item = &'e str> + Clone,
    path: &dyn Fn() -> String,
    out: &mut Vec<Option<&'e str>>,
) -> Result<(), Unwritable> {
    out.clear();
    out.resize(names.len(), None);
    let mut next = 0;
    if let Some(text) = stray_text(element) {
        let message = format!("the text `{}` stands beside the values here", text.trim());
        return Err(Unwritable { path: path(), message });
    }
    plain(element, path)?;
    for child in element.elements() {
        let local = child.name.local.as_str();
        let wrong = |message: &str| {
            let path = join(path(), local);
            Err(Unwritable { path, message: message.to_owned() })
        };
        let Some(position) = position(names.clone(), local, next) else {
            return wrong("the profile has no place for this");
        };
        plain(child, &|| join(path(), local))?;
        next = position + 1;
        let Some(place) = out.get_mut(position) else { continue };
        if place.is_some() {
            return wrong("there can be only one value of this name");
        }
        match child.leaf() {
            Some(text) => *place = Some(text),
            None if child.is_nil() => {}
            None => return wrong("this has parts of its own, and there is room for a single value"),
        }
    }
    Ok(())
}

/// Refuses an attribute, for which a flat file has no place: leaving it out would lose it silently.
fn plain(element: &Element, path: &dyn Fn() -> String) -> Result<(), Unwritable> {
    let foreign = |attribute: &&Attribute| attribute.name.namespace.as_deref() != Some(INSTANCE);
    let Some(attribute) = element.attributes.iter().find(foreign) else { return Ok(()) };
    let message =
        "there is no place for attributes in this format: make it a value of its own, or leave it out";
    Err(Unwritable { path: join(path(), &format!("@{}", attribute.name.local)), message: message.to_owned() })
}

/// Refuses what stands in a file's root beside its rows, which are `called` so.
fn root(element: &Element, called: &str) -> Result<(), Unwritable> {
    if let Some(text) = stray_text(element) {
        let message = format!("the text `{}` stands beside the {called}", text.trim());
        return Err(Unwritable { path: ".".to_owned(), message });
    }
    plain(element, &String::new)
}

/// Text where only elements can be written.
fn stray_text(element: &Element) -> Option<&str> {
    let beside = element.nodes().iter().find_map(|node| match node {
        Node::Text(text) => Some(text.as_str()).filter(|text| !text.trim().is_empty()),
        Node::Element(_) => None,
    });
    beside.or_else(|| element.leaf().filter(|text| !text.trim().is_empty()))
}

fn join(path: String, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") }
}

/// Words with commas, as many as are useful in a message.
fn listed<'n>(names: impl Iterator<Item = &'n str>) -> String {
    const SHOWN: usize = 10;
    let shown =
        |name: &str| format!("`{}`", name.chars().take(40).filter(|c| !c.is_control()).collect::<String>());
    let mut names: Vec<String> = names.take(SHOWN + 1).map(shown).collect();
    if names.len() > SHOWN {
        names.truncate(SHOWN);
        names.push("...".to_owned());
    }
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::tree::{Content, Name};

    fn row() -> Element {
        let mut row = Element::new(Name::local("Row"));
        row.push(Element::with(Name::local("id"), Content::Text("1".into())));
        row
    }

    fn with(mut element: Element, name: Name) -> Element {
        element.attributes.push(Attribute { name, value: "x".into() });
        element
    }

    fn taken(row: &Element) -> Result<(), String> {
        let path = || "Row[1]".to_owned();
        values(row, ["id"].into_iter(), &path, &mut Vec::new()).map_err(|error| error.path)
    }

    #[test]
    fn what_is_foreign_is_refused_with_its_path() {
        assert_eq!(taken(&row()), Ok(()));
        assert_eq!(taken(&with(row(), Name::local("unit"))), Err("Row[1]/@unit".to_owned()));
        assert_eq!(taken(&with(row(), Name::qualified(INSTANCE, "type"))), Ok(()));
        let mut inside = Element::new(Name::local("Row"));
        inside.push(with(Element::new(Name::local("id")), Name::local("unit")));
        assert_eq!(taken(&inside), Err("Row[1]/id/@unit".to_owned()));
        let mut beside = row();
        beside.nodes_mut().push(Node::Text("stray".into()));
        assert_eq!(taken(&beside), Err("Row[1]".to_owned()));
        assert_eq!(root(&with(row(), Name::local("unit")), "rows").unwrap_err().path, "@unit");
        assert!(root(&beside, "rows").unwrap_err().message.contains("`stray` stands beside the rows"));
    }
}
