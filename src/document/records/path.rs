//! Which part of a document repeats: the way of names from its root to the records.

use compact_str::CompactString;

use crate::document::path::{Language, Path, PathError, StepKind};
use crate::document::tree::Name;

/// The place of the records in a document: names only, so that what comes next in the document decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordPath {
    text: CompactString,
    steps: Vec<Step>,
}

/// One name on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Step {
    local: CompactString,
    namespace: Option<CompactString>,
}

impl RecordPath {
    /// Compiles a path: `Orders/Order` in the language of location paths, `$.orders[*]` or `$[*]` in JSONPath. A name
    /// without a namespace matches in any.
    ///
    /// # Errors
    /// It is no path of the language, or is more than names (in JSONPath: does not end in an array's items).
    pub fn parse(text: &str, language: Language) -> Result<Self, PathError> {
        let path = Path::parse(text, language)?;
        let names = path.names();
        let json = language == Language::JsonPath;
        let (ways, items) = match names.split_last() {
            Some((last, before)) if json => (before, Some(last)),
            _ => (names.as_slice(), None),
        };
        let wrong = |offset, message: &str| Err(PathError { offset, message: message.into() });
        if json && !path.is_absolute() {
            return wrong(0, "the path of records begins at the root: `$.orders[*]`");
        }
        if json && items.is_none_or(|step| step.kind != StepKind::Child || step.name != "*") {
            let offset = items.map_or(0, |step| step.offset);
            return wrong(offset, "records of JSON are the items of an array: end the path in `[*]`");
        }
        let mut steps = Vec::with_capacity(ways.len());
        for step in ways {
            let plain = step.kind == StepKind::Child
                && step.name != "*"
                && step.inner.is_empty()
                && !step.single
                && path.is_plain();
            if !plain {
                return wrong(
                    step.offset,
                    "the path of records is names only, from the root to what repeats",
                );
            }
            steps.push(Step { local: step.name.into(), namespace: step.namespace.map(CompactString::from) });
        }
        Ok(Self { text: text.into(), steps })
    }

    /// The path as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How many names there are.
    pub fn depth(&self) -> usize {
        self.steps.len()
    }

    /// Whether the name on the way after `depth` others is this one.
    pub fn takes(&self, depth: usize, name: &Name) -> bool {
        self.steps.get(depth).is_some_and(|step| {
            name.local == step.local
                && step.namespace.as_deref().is_none_or(|n| n == name.namespace.as_deref().unwrap_or(""))
        })
    }

    /// Whether the member's name on the way after `depth` others is this one.
    pub fn takes_member(&self, depth: usize, name: &str) -> bool {
        self.steps.get(depth).is_some_and(|step| step.local == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_to_records() {
        let path = RecordPath::parse("Orders/Order", Language::Location).unwrap();
        assert_eq!(path.depth(), 2);
        assert!(path.takes(1, &Name::qualified("urn:o", "Order")) && !path.takes(0, &Name::local("Order")));
        let path = RecordPath::parse("$.data['all orders'][*]", Language::JsonPath).unwrap();
        assert!(path.takes_member(1, "all orders") && path.depth() == 2);
        assert_eq!(RecordPath::parse("$[*]", Language::JsonPath).unwrap().depth(), 0);
    }

    #[test]
    fn more_than_names_is_refused_with_its_place() {
        for (text, offset) in
            [("Orders/*", 7), ("Orders/Order[1]", 7), ("Orders//Order", 8), ("Orders/@id", 7)]
        {
            let error = RecordPath::parse(text, Language::Location).unwrap_err();
            assert!(error.offset.abs_diff(offset) <= 1, "{text}: {error:?}");
        }
        for text in
            ["$", "$.orders", "orders[*]", "$.orders[0]", "$.a[*].b[*]", "$.orders[?@.x]", "$..orders[*]"]
        {
            assert!(RecordPath::parse(text, Language::JsonPath).is_err(), "{text}");
        }
    }
}
