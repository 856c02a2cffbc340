//! Target paths: where a map writes, names only, one after the other from the root or from the element at hand.

use compact_str::CompactString;

use super::path::{Language, Path, PathError, StepKind};

/// One name on the way to a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// The local name.
    pub name: CompactString,
    /// The namespace, if the path names one: `{namespace}name`.
    pub namespace: Option<CompactString>,
    /// Whether it is an attribute, which only the last can be.
    pub attribute: bool,
    /// The byte of the path's text at which it stands.
    pub offset: usize,
}

/// A compiled target path: `Order/Customer/@id`, `$.lines`, `sku`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetPath {
    text: CompactString,
    absolute: bool,
    segments: Vec<Segment>,
}

impl TargetPath {
    /// Compiles a target path.
    ///
    /// # Errors
    /// The text is not a path, or one that may lead to several places: with a wildcard, a position, a predicate or `//`.
    pub fn parse(text: &str, language: Language) -> Result<Self, PathError> {
        let path = Path::parse(text, language)?;
        let mut segments = Vec::new();
        for step in path.names() {
            let message = match step.kind {
                StepKind::Own => continue,
                StepKind::Item => "a target has no positions: use `each ... into=` to write an array",
                StepKind::Descendant => "a target names every element on its way: `//` has no place in it",
                StepKind::Other => "a target has names only: no filters, slices or several names in one step",
                _ if step.name == "*" => "a target has names only: `*` has no place in it",
                _ if path.has_predicates(step.offset) => {
                    "a target has names only: a predicate has no place in it"
                }
                StepKind::Child | StepKind::Attribute => {
                    segments.push(Segment {
                        name: step.name.into(),
                        namespace: step.namespace.filter(|namespace| !namespace.is_empty()).map(Into::into),
                        attribute: step.kind == StepKind::Attribute,
                        offset: step.offset,
                    });
                    continue;
                }
            };
            return Err(PathError::new(step.offset, message));
        }
        Ok(Self { text: text.into(), absolute: path.is_absolute(), segments })
    }

    /// The path as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it begins with `$`: then it is meant from the root, also within an `each`.
    pub fn is_absolute(&self) -> bool {
        self.absolute
    }

    /// The names from first to last; none when the path is the root or the element itself (`$`, `.`).
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_only() {
        for (text, language, wanted) in [
            ("Order/Customer/@id", Language::Location, &[("Order", 0), ("Customer", 6), ("id", 15)][..]),
            ("$.lines", Language::JsonPath, &[("lines", 2)]),
            ("sku", Language::JsonPath, &[("sku", 0)]),
            ("$['a b'].c", Language::JsonPath, &[("a b", 2), ("c", 9)]),
            ("$", Language::JsonPath, &[]),
            (".", Language::Location, &[]),
        ] {
            let path = TargetPath::parse(text, language).unwrap();
            let names: Vec<_> = path.segments().iter().map(|s| (s.name.as_str(), s.offset)).collect();
            assert_eq!(names, wanted, "{text}");
        }
        assert!(TargetPath::parse("Order/@id", Language::Location).unwrap().segments()[1].attribute);
    }

    #[test]
    fn what_may_lead_to_several_places_is_refused() {
        for (text, language, offset) in [
            ("Order/*", Language::Location, 6),
            ("//Line", Language::Location, 2),
            ("Order/Line[1]", Language::Location, 6),
            ("Order/Line[@a='b']", Language::Location, 6),
            ("$.lines[0]", Language::JsonPath, 8),
            ("$.lines[*]", Language::JsonPath, 8),
            ("$..a", Language::JsonPath, 0),
            ("", Language::JsonPath, 0),
        ] {
            let error = TargetPath::parse(text, language).unwrap_err();
            assert_eq!(error.offset, offset, "{text}: {error}");
        }
    }
}
