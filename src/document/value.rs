//! A value on its way from a source to a target: what a path read, a script returned, a literal says.

use compact_str::CompactString;

use super::tree::{Content, Element, Name};

/// One value; absent, nil and empty text are three different things.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    /// Not there.
    #[default]
    Absent,
    /// There, and marked as nothing (`xsi:nil`, JSON `null`).
    Nil,
    /// Text.
    Text(CompactString),
    /// A number in its lexical form.
    Number(CompactString),
    /// True or false.
    Bool(bool),
    /// An element with everything in it; boxed, for most values are single ones, which are then small to move.
    Tree(Box<Element>),
    /// Several values in order.
    List(Vec<Value>),
}

impl Value {
    /// The text of a single value; `None` where there is no single text.
    pub fn text(&self) -> Option<CompactString> {
        match self {
            Self::Text(text) | Self::Number(text) => Some(text.clone()),
            Self::Bool(true) => Some(CompactString::const_new("true")),
            Self::Bool(false) => Some(CompactString::const_new("false")),
            Self::Tree(element) => Some(element.string_value()),
            Self::Absent | Self::Nil | Self::List(_) => None,
        }
    }

    /// The same without copying a text.
    pub fn into_text(self) -> Option<CompactString> {
        match self {
            Self::Text(text) | Self::Number(text) => Some(text),
            other => other.text(),
        }
    }

    /// The value of an element: its own if it is a leaf, else the whole tree under it.
    pub fn of(element: &Element) -> Self {
        match &element.content {
            Content::Empty => Self::Text(CompactString::default()),
            Content::Nil => Self::Nil,
            Content::Text(text) => Self::Text(text.clone()),
            Content::Number(text) => Self::Number(text.clone()),
            Content::Bool(value) => Self::Bool(*value),
            Content::Children(_) | Content::Items(_) => Self::Tree(Box::new(element.clone())),
        }
    }

    /// The content that holds this value; a list becomes items.
    pub fn into_content(self) -> Content {
        match self {
            Self::Absent => Content::Empty,
            Self::Nil => Content::Nil,
            Self::Text(text) => Content::Text(text),
            Self::Number(text) => Content::Number(text),
            Self::Bool(value) => Content::Bool(value),
            Self::Tree(element) => element.content,
            Self::List(values) => Content::Items(
                values
                    .into_iter()
                    .map(|value| {
                        super::tree::Node::Element(Element::with(Name::default(), value.into_content()))
                    })
                    .collect(),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_nil_and_empty_stay_apart() {
        assert_eq!(Value::of(&Element::default()), Value::Text("".into()));
        assert_eq!(Value::of(&Element::with(Name::local("a"), Content::Nil)), Value::Nil);
        assert_eq!(Value::Absent.text(), None);
        assert_eq!(Value::Bool(true).text().as_deref(), Some("true"));
    }
}
