//! What is known of segments and loops: names, positions, types of elements, and the order in which they stand.

use std::sync::LazyLock;

use compact_str::{CompactString, format_compact};

use super::Syntax;
use super::wire::Wire;

/// The greatest position an element or component may have: their names have two digits for it.
pub const LAST_POSITION: usize = 99;

/// One part of a transaction set or message.
#[derive(Debug, Clone, PartialEq)]
pub enum Item {
    /// A segment.
    Segment(SegmentSpec),
    /// A loop, or segment group: it begins with its first segment.
    Loop(LoopSpec),
}

/// A segment as declared.
#[derive(Debug, Clone, PartialEq)]
pub struct SegmentSpec {
    /// Its tag on the wire.
    pub tag: CompactString,
    /// The name of its element in the tree.
    pub name: CompactString,
    /// How often it may stand here; `None` for any number.
    pub max: Option<u32>,
    /// What is known of its elements, in any order.
    pub elements: Vec<ElementSpec>,
    /// The values that tell it from others of its tag: position, component, values.
    pub qualifiers: Vec<(usize, usize, Vec<CompactString>)>,
}

/// A loop as declared.
#[derive(Debug, Clone, PartialEq)]
pub struct LoopSpec {
    /// The name of its element in the tree.
    pub name: CompactString,
    /// How often it may stand here; `None` for any number.
    pub max: Option<u32>,
    /// What it holds; the first is the segment it begins with.
    pub items: Vec<Item>,
}

/// An element of a segment, or a component of a composite element.
#[derive(Debug, Clone, PartialEq)]
pub struct ElementSpec {
    /// Its position, from 1.
    pub position: usize,
    /// Its name in the tree.
    pub name: CompactString,
    /// What it holds.
    pub part: Part,
}

/// What an element holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// A value.
    Simple(Wire),
    /// Components.
    Composite(Vec<ElementSpec>),
}

impl SegmentSpec {
    /// A segment of which only the tag is known.
    pub fn of(tag: &str) -> Self {
        let tag = CompactString::from(tag);
        Self { name: tag.clone(), tag, max: None, elements: Vec::new(), qualifiers: Vec::new() }
    }
}

impl Item {
    /// The segment that it is or begins with.
    pub fn trigger(&self) -> Option<&SegmentSpec> {
        match self {
            Self::Segment(segment) => Some(segment),
            Self::Loop(inner) => match inner.items.first()? {
                Self::Segment(segment) => Some(segment),
                Self::Loop(_) => None,
            },
        }
    }

    /// How often it may stand here.
    pub fn max(&self) -> Option<u32> {
        match self {
            Self::Segment(segment) => segment.max,
            Self::Loop(inner) => inner.max,
        }
    }

    /// The name of its element in the tree.
    pub fn name(&self) -> &CompactString {
        match self {
            Self::Segment(segment) => &segment.name,
            Self::Loop(inner) => &inner.name,
        }
    }
}

/// The name of an element, `BEG03`, or with a component, `SV10101`.
pub fn element_name(tag: &str, position: usize, component: Option<usize>) -> CompactString {
    match component {
        None => format_compact!("{tag}{position:02}"),
        Some(component) => format_compact!("{tag}{position:02}{component:02}"),
    }
}

/// The position that a name of an element says: the two digits behind `prefix`.
pub fn position_of(name: &str, prefix: &str) -> Option<usize> {
    let digits = name.strip_prefix(prefix)?;
    let two = digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_digit());
    if two { digits.parse().ok().filter(|position| *position > 0) } else { None }
}

/// Whether it can be a tag: a letter and one or two letters or digits; in EDIFACT two (X12.6, section 3.5.4; ISO 9735-1,
/// section 6).
pub fn is_tag(tag: &str, syntax: Syntax) -> bool {
    let lengths = match syntax {
        Syntax::X12 => 2..=3,
        Syntax::Edifact => 3..=3,
    };
    lengths.contains(&tag.len())
        && tag.starts_with(|c: char| c.is_ascii_uppercase())
        && tag.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

/// The service segments of EDIFACT, whose composites stay composites when only their first component is there.
pub fn service(tag: &str) -> Option<&'static SegmentSpec> {
    static SERVICE: LazyLock<Vec<SegmentSpec>> = LazyLock::new(|| {
        // Tag, elements that are composite, and their components (ISO 9735-1, annex C; ISO 9735-2).
        let composites: &[(&str, &[(usize, usize)])] = &[
            ("UNB", &[(1, 4), (2, 4), (3, 4), (4, 2), (6, 2)]),
            ("UNG", &[(2, 2), (3, 2), (4, 2), (7, 3)]),
            ("UNH", &[(2, 7), (4, 2), (5, 4), (6, 4), (7, 4)]),
        ];
        composites.iter().map(|(tag, parts)| composite_segment(tag, parts)).collect()
    });
    SERVICE.iter().find(|segment| segment.tag == tag)
}

fn composite_segment(tag: &str, parts: &[(usize, usize)]) -> SegmentSpec {
    let element = |(position, components): &(usize, usize)| ElementSpec {
        position: *position,
        name: element_name(tag, *position, None),
        part: Part::Composite(
            (1..=*components)
                .map(|component| ElementSpec {
                    position: component,
                    name: element_name(tag, *position, Some(component)),
                    part: Part::Simple(Wire::Text),
                })
                .collect(),
        ),
    };
    SegmentSpec { elements: parts.iter().map(element).collect(), ..SegmentSpec::of(tag) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_positions() {
        assert_eq!(element_name("BEG", 3, None), "BEG03");
        assert_eq!(element_name("SV1", 1, Some(2)), "SV10102");
        assert_eq!(position_of("BEG03", "BEG"), Some(3));
        for wrong in ["BEG3", "BEG00", "BEG003", "BEG+3", "XEG03", "BEG"] {
            assert_eq!(position_of(wrong, "BEG"), None, "{wrong}");
        }
    }

    #[test]
    fn tags_are_short_and_upper_case() {
        assert!(is_tag("N1", Syntax::X12) && is_tag("BEG", Syntax::X12) && is_tag("NAD", Syntax::Edifact));
        assert!(!is_tag("N1", Syntax::Edifact) && !is_tag("beg", Syntax::X12) && !is_tag("1N", Syntax::X12));
    }
}
