//! Which facets a type has, by its variety and primitive type (XML Schema part 2, section 4.1.5).

use super::restrict::{FacetError, Fault, GivenFacets, error};
use super::{Simple, SimpleType, Variety};

impl Simple {
    /// Refuses facets that the type does not have (section 4.1.5).
    pub(super) fn applies(&self, given: &GivenFacets) -> Result<(), FacetError> {
        let atomic = matches!(self.variety, Variety::Atomic);
        let base = self.base.primitive();
        let is_list = matches!(self.variety, Variety::List(_));
        let any = atomic && base == SimpleType::AnySimpleType;
        let ordered = atomic && self.base.is_ordered();
        let decimal = atomic && self.base.is_decimal();
        let long = is_list || (atomic && has_length(base));
        let (bound, length) = ("numbers, dates, times and durations", "text, binary data and lists");
        for (facet, is_given, applies, what) in [
            ("length", given.length.is_some(), long, length),
            ("minLength", given.min_length.is_some(), long, length),
            ("maxLength", given.max_length.is_some(), long, length),
            ("minInclusive", given.min_inclusive.is_some(), ordered, bound),
            ("minExclusive", given.min_exclusive.is_some(), ordered, bound),
            ("maxInclusive", given.max_inclusive.is_some(), ordered, bound),
            ("maxExclusive", given.max_exclusive.is_some(), ordered, bound),
            ("totalDigits", given.total_digits.is_some(), decimal, "decimal and whole numbers"),
            ("fractionDigits", given.fraction_digits.is_some(), decimal, "decimal and whole numbers"),
            ("pattern", !given.patterns.is_empty(), !any, "all types but anySimpleType"),
            (
                "enumeration",
                !given.enumeration.is_empty(),
                !(any || atomic && base == SimpleType::Boolean),
                "all types but boolean and anySimpleType",
            ),
            ("whiteSpace", given.white_space.is_some(), (atomic || is_list) && !any, "values and lists"),
        ] {
            if is_given && !applies {
                let message = format!("is for {what}, not for {}", self.named());
                return error(facet, Fault::Inapplicable, message);
            }
        }
        Ok(())
    }

    fn named(&self) -> String {
        match &self.variety {
            Variety::Union(_) => "a union".to_owned(),
            Variety::List(_) if self.base.item().is_none() => "a list".to_owned(),
            _ => format!("type {}", self.base.name()),
        }
    }
}

/// The types that the length facets are for; they mean nothing for names with prefixes, and are allowed there.
fn has_length(primitive: SimpleType) -> bool {
    matches!(
        primitive,
        SimpleType::String
            | SimpleType::AnyUri
            | SimpleType::Base64Binary
            | SimpleType::HexBinary
            | SimpleType::QName
            | SimpleType::Notation
    )
}
