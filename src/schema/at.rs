//! Where a check stands in a document: a chain on the stack that becomes text only for an error.

use std::fmt::Write as _;

use super::validate::Format;

/// A place, by the step that leads there from the place above.
#[derive(Debug, Clone, Copy)]
pub(super) struct At<'a> {
    /// The place above; `None` for the root.
    pub(super) up: Option<&'a At<'a>>,
    /// The step from there.
    pub(super) step: Step<'a>,
}

/// One step of a path.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step<'a> {
    /// An element or a member; `$` for a JSON root.
    Name(&'a str),
    /// The n-th element of a name, from 1.
    Nth(&'a str, u32),
    /// An attribute.
    Attribute(&'a str),
    /// An array's item, from 0.
    Index(usize),
}

impl At<'_> {
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
        let separator = if self.up.is_some() && format == Format::Xml { "/" } else { "" };
        // Writing to a String cannot fail.
        let _ = match self.step {
            Step::Name(name) if format == Format::Json && self.up.is_some() => member(name, out),
            Step::Name(name) => write!(out, "{separator}{}", shown(name)),
            Step::Nth(name, nth) => write!(out, "{separator}{}[{nth}]", shown(name)),
            Step::Attribute(name) => write!(out, "{separator}@{}", shown(name)),
            Step::Index(index) => write!(out, "[{index}]"),
        };
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
pub(super) fn shown(text: &str) -> String {
    const LONGEST: usize = 40;
    let mut out: String = text.chars().take(LONGEST).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(LONGEST).is_some() {
        out.push_str("...");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_read_as_their_format_writes_them() {
        let root = At { up: None, step: Step::Name("Order") };
        let line = At { up: Some(&root), step: Step::Nth("Line", 2) };
        let id = At { up: Some(&line), step: Step::Attribute("id") };
        assert_eq!(id.path(Format::Xml), "Order/Line[2]/@id");
        let root = At { up: None, step: Step::Name("$") };
        let lines = At { up: Some(&root), step: Step::Name("lines") };
        let second = At { up: Some(&lines), step: Step::Index(1) };
        let odd = At { up: Some(&second), step: Step::Name("it's") };
        assert_eq!(odd.path(Format::Json), "$.lines[1]['it\\'s']");
    }

    #[test]
    fn long_text_is_shortened() {
        assert_eq!(shown(&"ä".repeat(41)).chars().count(), 43);
        assert_eq!(shown("a\nb"), "a b");
    }
}
