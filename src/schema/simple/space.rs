//! White space of values: kept, replaced or collapsed before a value is looked at.

use std::borrow::Cow;

/// What white space is in XML.
pub const XML_SPACE: [char; 4] = [' ', '\t', '\r', '\n'];

/// What happens to the white space of a value first (XML Schema part 2, section 4.3.6), from the weakest on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum WhiteSpace {
    /// Nothing.
    #[default]
    Preserve,
    /// Tabs and line ends become spaces.
    Replace,
    /// So they do, then runs of spaces become one, and those at the ends none.
    Collapse,
}

impl WhiteSpace {
    /// The value of the facet.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "preserve" => Some(Self::Preserve),
            "replace" => Some(Self::Replace),
            "collapse" => Some(Self::Collapse),
            _ => None,
        }
    }

    /// The value of the facet.
    pub fn name(self) -> &'static str {
        match self {
            Self::Preserve => "preserve",
            Self::Replace => "replace",
            Self::Collapse => "collapse",
        }
    }

    /// The text with its white space so treated; borrowed where nothing inside it changes.
    pub fn normalize(self, text: &str) -> Cow<'_, str> {
        match self {
            Self::Preserve => Cow::Borrowed(text),
            Self::Replace if !text.contains(['\t', '\r', '\n']) => Cow::Borrowed(text),
            Self::Replace => Cow::Owned(text.replace(['\t', '\r', '\n'], " ")),
            Self::Collapse => {
                let trimmed = trim(text);
                if is_collapsed_inside(trimmed) {
                    return Cow::Borrowed(trimmed);
                }
                let words: Vec<&str> = words(trimmed).collect();
                Cow::Owned(words.join(" "))
            }
        }
    }

    /// Whether a text is as [`WhiteSpace::normalize`] would leave it.
    pub fn is_normal(self, text: &str) -> bool {
        match self {
            Self::Preserve => true,
            Self::Replace => !text.contains(['\t', '\r', '\n']),
            Self::Collapse => trim(text).len() == text.len() && is_collapsed_inside(text),
        }
    }
}

/// The text without white space around it.
pub fn trim(text: &str) -> &str {
    if has_space_around(text) { text.trim_matches(XML_SPACE) } else { text }
}

/// The items of a list.
pub fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(XML_SPACE).filter(|word| !word.is_empty())
}

/// Whether white space inside is single spaces. Most values have none at all.
fn is_collapsed_inside(text: &str) -> bool {
    let bytes = text.as_bytes();
    let odd = |pair: &[u8]| matches!(pair, [_, b'\t' | b'\r' | b'\n'] | [b' ', b' ']);
    !bytes.iter().any(|byte| *byte <= b' ') || !bytes.windows(2).any(odd)
}

/// Whether a byte at either end is no character to be seen: most values have none, and then nothing is searched.
fn has_space_around(text: &str) -> bool {
    let is_space = |byte: Option<&u8>| byte.is_some_and(|byte| *byte <= b' ');
    is_space(text.as_bytes().first()) || is_space(text.as_bytes().last())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_what_changes_is_copied() {
        for (space, from, to, same) in [
            (WhiteSpace::Preserve, " a\tb ", " a\tb ", true),
            (WhiteSpace::Replace, " a\tb\r\n", " a b  ", false),
            (WhiteSpace::Replace, "a  b", "a  b", true),
            (WhiteSpace::Collapse, "  a b\n", "a b", true),
            (WhiteSpace::Collapse, "a \t b", "a b", false),
            (WhiteSpace::Collapse, "a\tb", "a b", false),
            (WhiteSpace::Collapse, " \n ", "", true),
        ] {
            let made = space.normalize(from);
            assert_eq!(made, to, "{from:?}");
            assert_eq!(matches!(made, Cow::Borrowed(_)), same, "{from:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_normalized_is_normal(text in "[a \t\r\n\u{1}é]{0,8}") {
            for space in [WhiteSpace::Preserve, WhiteSpace::Replace, WhiteSpace::Collapse] {
                let once = space.normalize(&text).into_owned();
                prop_assert!(space.is_normal(&once), "{:?}", once);
                prop_assert_eq!(space.is_normal(&text), once == text);
            }
        }
    }
}
