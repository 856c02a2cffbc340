//! The order of an `each`: by the values at paths, each as its type compares.

use std::cmp::Ordering;

use crate::document::path::{At, Found, Path};
use crate::document::tree::{Content, Element};
use crate::kind::Compiling;
use crate::kind::path::Side;
use crate::kind::single::misfit;
use crate::schema::SimpleType;
use crate::schema::order::Rank;
use crate::source::{Finding, Spanned};
use crate::syntax::Literal;

/// A compiled order: by the first path, then by the next.
#[derive(Debug)]
pub struct Sort(Vec<By>);

#[derive(Debug)]
struct By {
    path: Path,
    simple: Option<SimpleType>,
    descending: bool,
}

impl Sort {
    /// Compiles `-Price Sku`, whose paths start at the element at hand; `None` after findings.
    pub fn compile(text: &Spanned<Literal>, side: &Side, compiling: &Compiling<'_>) -> Option<Self> {
        let parts = words(&text.value.text);
        if parts.is_empty() {
            let finding = Finding::error("missing-value", text.span, "`sort=` names no path");
            compiling.report(finding.help("write paths from the element on: sort=\"-Price Sku\""));
            return None;
        }
        let all: Vec<Option<By>> =
            parts.into_iter().map(|(start, end)| By::compile(text, start, end, side, compiling)).collect();
        all.into_iter().collect::<Option<Vec<By>>>().map(Self)
    }

    /// Puts elements in order; those that compare equal stay as they are.
    pub fn apply<'a>(&self, elements: Vec<&'a Element>) -> Vec<&'a Element> {
        let keys = |element| self.0.iter().map(|by| by.key(element)).collect::<Vec<Rank<'a>>>();
        let mut keyed: Vec<_> = elements.into_iter().map(|element| (keys(element), element)).collect();
        keyed.sort_by(|(left, _), (right, _)| {
            let pairs = self.0.iter().zip(left.iter().zip(right));
            let mut orders = pairs.map(|(by, (left, right))| left.compare(right, by.descending));
            orders.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
        });
        keyed.into_iter().map(|(_, element)| element).collect()
    }
}

impl By {
    fn compile(
        text: &Spanned<Literal>,
        start: usize,
        end: usize,
        side: &Side,
        compiling: &Compiling<'_>,
    ) -> Option<Self> {
        let descending = text.value.text.get(start..end)?.starts_with('-');
        let part = text.value.part(start + usize::from(descending), end);
        let span = part.span;
        let part = Spanned::new(part, span);
        let (path, end) = side.source(&part, compiling)?;
        if let Some(finding) = misfit(&part, &end, "") {
            compiling.report(finding);
            return None;
        }
        Some(Self { path, simple: end.simple, descending })
    }

    fn key<'a>(&self, element: &'a Element) -> Rank<'a> {
        let Some(found) = self.path.first(At::Element(element)) else { return Rank::Missing };
        let Some(text) = found.text() else { return Rank::Missing };
        // Without a profile's type as JSON says.
        let numeric = matches!(found, Found::Element(Element { content: Content::Number(_), .. }));
        Rank::of(text, self.simple, numeric)
    }
}

/// The parts between white space, none of which is in brackets or quotes, as their first bytes and ends.
fn words(text: &str) -> Vec<(usize, usize)> {
    let mut words: Vec<(usize, usize)> = Vec::new();
    let (mut open, mut quote, mut within) = (0_usize, None, false);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(end), c) if c == end => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '[' | '(') => open += 1,
            (None, ']' | ')') => open = open.saturating_sub(1),
            (None, c) if c.is_whitespace() && open == 0 => {
                within = false;
                continue;
            }
            (None, _) => {}
        }
        let end = at + c.len_utf8();
        match words.last_mut().filter(|_| within) {
            Some(word) => word.1 = end,
            None => words.push((at, end)),
        }
        within = true;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::path::Language;
    use crate::document::tree::{Name, Node};

    fn sorted(values: &[Option<&str>], simple: SimpleType, descending: bool) -> Vec<String> {
        let element = |value: &Option<&str>| {
            let leaf = |text: &str| Element::with(Name::local("v"), Content::Text(text.into()));
            let inner = value.map(|text| Node::Element(leaf(text)));
            Element::with(Name::local("e"), Content::Children(inner.into_iter().collect()))
        };
        let elements: Vec<Element> = values.iter().map(element).collect();
        let path = Path::parse("v", Language::Location).unwrap();
        let sort = Sort(vec![By { path, simple: Some(simple), descending }]);
        sort.apply(elements.iter().collect()).into_iter().map(|e| e.string_value().into()).collect()
    }

    #[test]
    fn values_compare_as_their_type_does() {
        use SimpleType::{Boolean, Date, DateTime, Decimal, Duration, String, Time};
        for (values, simple, wanted) in [
            (&["10", "9", "-1.5", "9.0", "1e1"][..], Decimal, &["-1.5", "9", "9.0", "10", "1e1"][..]),
            (&["10", "9", "a"], String, &["10", "9", "a"]),
            (&["true", "0", "1", "false"], Boolean, &["0", "false", "true", "1"]),
            (
                &["2026-11-20", "2026-11-20+01:00", "2025-01-01Z"],
                Date,
                &["2025-01-01Z", "2026-11-20+01:00", "2026-11-20"],
            ),
            (
                &["2026-11-20T08:00:00Z", "2026-11-20T08:30:00+01:00", "2026-11-20T07:45:00"],
                DateTime,
                &["2026-11-20T08:30:00+01:00", "2026-11-20T07:45:00", "2026-11-20T08:00:00Z"],
            ),
            (
                &["10:00:00Z", "10:00:00+02:00", "09:30:00.5"],
                Time,
                &["10:00:00+02:00", "09:30:00.5", "10:00:00Z"],
            ),
            (&["P1M", "P31D", "P30D", "PT1H"], Duration, &["PT1H", "P30D", "P1M", "P31D"]),
            (&["2", "x", "1"], Decimal, &["1", "2", "x"]),
        ] {
            let values: Vec<_> = values.iter().copied().map(Some).collect();
            assert_eq!(sorted(&values, simple, false), wanted, "{simple:?}");
        }
    }

    #[test]
    fn what_is_missing_comes_last_in_both_directions() {
        let values = [None, Some("2"), Some("1")];
        assert_eq!(sorted(&values, SimpleType::Integer, false), ["1", "2", ""]);
        assert_eq!(sorted(&values, SimpleType::Integer, true), ["2", "1", ""]);
    }

    #[test]
    fn paths_may_hold_white_space_in_brackets_and_quotes() {
        let text = " -Price  Line[Sku = 'a b']/Net  sku['x y'] ";
        let parts: Vec<_> = words(text).into_iter().map(|(start, end)| &text[start..end]).collect();
        assert_eq!(parts, ["-Price", "Line[Sku = 'a b']/Net", "sku['x y']"]);
        assert!(words("  ").is_empty());
    }
}
