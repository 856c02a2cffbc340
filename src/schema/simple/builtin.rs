//! The built-in types of XML Schema: their names, how one derives from another, and what they are in other formats.

use super::WhiteSpace;

/// The built-in types (XML Schema part 2, section 3), which a profile names with `type=`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SimpleType {
    /// Any text.
    String,
    /// A whole number of any size.
    Integer,
    /// A decimal number, exact.
    Decimal,
    /// `true`, `false`, `1` or `0`.
    Boolean,
    /// `2026-11-20`, with an optional zone.
    Date,
    /// `2026-11-20T08:00:00`, with optional fraction and zone.
    DateTime,
    /// `08:00:00`, with optional fraction and zone.
    Time,
    /// A URI.
    AnyUri,
    /// Bytes in base64.
    Base64Binary,
    /// A whole number of 32 bits.
    Int,
    /// A whole number of 64 bits.
    Long,
    /// A whole number of 16 bits.
    Short,
    /// A whole number of 8 bits.
    Byte,
    /// A whole number from 0.
    NonNegativeInteger,
    /// A whole number from 1.
    PositiveInteger,
    /// A whole number up to 0.
    NonPositiveInteger,
    /// A whole number up to -1.
    NegativeInteger,
    /// A whole number of 64 bits, from 0.
    UnsignedLong,
    /// A whole number of 32 bits, from 0.
    UnsignedInt,
    /// A whole number of 16 bits, from 0.
    UnsignedShort,
    /// A whole number of 8 bits, from 0.
    UnsignedByte,
    /// A binary floating-point number of 32 bits, `INF`, `-INF` or `NaN`.
    Float,
    /// A binary floating-point number of 64 bits, `INF`, `-INF` or `NaN`.
    Double,
    /// `P1Y2M3DT4H5M6.7S`.
    Duration,
    /// `2026`, with an optional zone.
    GYear,
    /// `2026-11`, with an optional zone.
    GYearMonth,
    /// `--11-20`, with an optional zone.
    GMonthDay,
    /// `--11`, with an optional zone.
    GMonth,
    /// `---20`, with an optional zone.
    GDay,
    /// Bytes in hexadecimal digits.
    HexBinary,
    /// A name with an optional prefix.
    QName,
    /// The name of a notation. Only its form is checked: documents have no DTD that would declare one.
    Notation,
    /// Text in which tabs and line ends count as spaces.
    NormalizedString,
    /// Text in which white space only separates.
    Token,
    /// A language tag such as `en-GB`.
    Language,
    /// A name, colons allowed.
    Name,
    /// A name without a colon.
    NcName,
    /// A word of characters that names are made of.
    NmToken,
    /// Several of them.
    NmTokens,
    /// A name that stands for its element.
    Id,
    /// Such a name, referred to.
    IdRef,
    /// Several of them.
    IdRefs,
    /// The name of an entity. Only its form is checked: documents have no DTD that would declare one.
    Entity,
    /// Several of them.
    Entities,
    /// What all simple types derive from: any text.
    AnySimpleType,
}

use SimpleType as T;

/// Every type with its name and the type that it derives from; those of daily use first, as help texts list them.
const TABLE: &[(&str, SimpleType, SimpleType)] = &[
    ("string", T::String, T::AnySimpleType),
    ("integer", T::Integer, T::Decimal),
    ("decimal", T::Decimal, T::AnySimpleType),
    ("boolean", T::Boolean, T::AnySimpleType),
    ("date", T::Date, T::AnySimpleType),
    ("dateTime", T::DateTime, T::AnySimpleType),
    ("time", T::Time, T::AnySimpleType),
    ("anyURI", T::AnyUri, T::AnySimpleType),
    ("base64Binary", T::Base64Binary, T::AnySimpleType),
    ("int", T::Int, T::Long),
    ("long", T::Long, T::Integer),
    ("short", T::Short, T::Int),
    ("byte", T::Byte, T::Short),
    ("nonNegativeInteger", T::NonNegativeInteger, T::Integer),
    ("positiveInteger", T::PositiveInteger, T::NonNegativeInteger),
    ("nonPositiveInteger", T::NonPositiveInteger, T::Integer),
    ("negativeInteger", T::NegativeInteger, T::NonPositiveInteger),
    ("unsignedLong", T::UnsignedLong, T::NonNegativeInteger),
    ("unsignedInt", T::UnsignedInt, T::UnsignedLong),
    ("unsignedShort", T::UnsignedShort, T::UnsignedInt),
    ("unsignedByte", T::UnsignedByte, T::UnsignedShort),
    ("float", T::Float, T::AnySimpleType),
    ("double", T::Double, T::AnySimpleType),
    ("duration", T::Duration, T::AnySimpleType),
    ("gYear", T::GYear, T::AnySimpleType),
    ("gYearMonth", T::GYearMonth, T::AnySimpleType),
    ("gMonthDay", T::GMonthDay, T::AnySimpleType),
    ("gMonth", T::GMonth, T::AnySimpleType),
    ("gDay", T::GDay, T::AnySimpleType),
    ("hexBinary", T::HexBinary, T::AnySimpleType),
    ("QName", T::QName, T::AnySimpleType),
    ("NOTATION", T::Notation, T::AnySimpleType),
    ("normalizedString", T::NormalizedString, T::String),
    ("token", T::Token, T::NormalizedString),
    ("language", T::Language, T::Token),
    ("Name", T::Name, T::Token),
    ("NCName", T::NcName, T::Name),
    ("NMTOKEN", T::NmToken, T::Token),
    ("NMTOKENS", T::NmTokens, T::AnySimpleType),
    ("ID", T::Id, T::NcName),
    ("IDREF", T::IdRef, T::NcName),
    ("IDREFS", T::IdRefs, T::AnySimpleType),
    ("ENTITY", T::Entity, T::NcName),
    ("ENTITIES", T::Entities, T::AnySimpleType),
    ("anySimpleType", T::AnySimpleType, T::AnySimpleType),
];

impl SimpleType {
    /// Every type, those of daily use first.
    pub fn all() -> impl Iterator<Item = Self> + Clone {
        TABLE.iter().map(|(_, simple, _)| *simple)
    }

    /// The type of that name, which is XML Schema's.
    pub fn named(name: &str) -> Option<Self> {
        TABLE.iter().find(|(known, ..)| *known == name).map(|(_, simple, _)| *simple)
    }

    /// The name in `type=` and in a schema.
    pub fn name(self) -> &'static str {
        TABLE.iter().find(|(_, simple, _)| *simple == self).map_or("string", |(name, ..)| name)
    }

    /// The type that it is a restriction or list of; [`SimpleType::AnySimpleType`] for the primitive types and lists.
    pub fn parent(self) -> Self {
        TABLE.iter().find(|(_, simple, _)| *simple == self).map_or(self, |(_, _, parent)| *parent)
    }

    /// The primitive type it derives from (XML Schema part 2, section 3.2); [`SimpleType::String`] for the three lists,
    /// whose items are of it, and itself for [`SimpleType::AnySimpleType`].
    pub fn primitive(self) -> Self {
        if self.item().is_some() {
            return Self::String;
        }
        let mut at = self;
        while at.parent() != Self::AnySimpleType {
            at = at.parent();
        }
        at
    }

    /// Whether it is the other type or derives from it.
    pub fn derives_from(self, other: Self) -> bool {
        let mut at = self;
        loop {
            if at == other {
                return true;
            }
            if at == at.parent() {
                return false;
            }
            at = at.parent();
        }
    }

    /// What the items of a built-in list type are; `None` for what is no list.
    pub fn item(self) -> Option<Self> {
        match self {
            Self::NmTokens => Some(Self::NmToken),
            Self::IdRefs => Some(Self::IdRef),
            Self::Entities => Some(Self::Entity),
            _ => None,
        }
    }

    /// Whether JSON writes it as a number: all that derive from `decimal`, and `float` and `double` except for their
    /// three values that are no numbers.
    pub fn is_number(self) -> bool {
        self.is_decimal() || self.is_float()
    }

    /// Whether its values are exact decimal numbers.
    pub fn is_decimal(self) -> bool {
        self == Self::Decimal || self.range().is_some()
    }

    /// Whether it is one of the binary floating-point types.
    pub fn is_float(self) -> bool {
        matches!(self, Self::Float | Self::Double)
    }

    /// Whether its values have an order, so that bounds mean something (XML Schema part 2, section 4.2.2).
    pub fn is_ordered(self) -> bool {
        self.is_number() || self == Self::Duration || self.is_temporal()
    }

    /// Whether it is a date, a time, or a part of one.
    pub fn is_temporal(self) -> bool {
        matches!(
            self,
            Self::DateTime
                | Self::Date
                | Self::Time
                | Self::GYear
                | Self::GYearMonth
                | Self::GMonthDay
                | Self::GMonth
                | Self::GDay
        )
    }

    /// The least and the greatest value of a whole number; `None` for what is none.
    pub fn range(self) -> Option<(Option<i128>, Option<i128>)> {
        let signed = |bits: u32| (Some(-(1i128 << (bits - 1))), Some((1i128 << (bits - 1)) - 1));
        let unsigned = |bits: u32| (Some(0), Some((1i128 << bits) - 1));
        Some(match self {
            Self::Integer => (None, None),
            Self::NonPositiveInteger => (None, Some(0)),
            Self::NegativeInteger => (None, Some(-1)),
            Self::NonNegativeInteger => (Some(0), None),
            Self::PositiveInteger => (Some(1), None),
            Self::Long => signed(64),
            Self::Int => signed(32),
            Self::Short => signed(16),
            Self::Byte => signed(8),
            Self::UnsignedLong => unsigned(64),
            Self::UnsignedInt => unsigned(32),
            Self::UnsignedShort => unsigned(16),
            Self::UnsignedByte => unsigned(8),
            _ => return None,
        })
    }

    /// What happens to its white space before anything else (XML Schema part 2, section 4.3.6).
    pub fn white_space(self) -> WhiteSpace {
        match self {
            Self::String | Self::AnySimpleType => WhiteSpace::Preserve,
            Self::NormalizedString => WhiteSpace::Replace,
            _ => WhiteSpace::Collapse,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_44_types_and_what_they_derive_from() {
        assert_eq!(T::all().filter(|t| *t != T::AnySimpleType).count(), 44);
        let primitive = T::all().filter(|t| t.primitive() == *t && *t != T::AnySimpleType);
        assert_eq!(primitive.count(), 19);
        for simple in T::all() {
            assert_eq!(T::named(simple.name()), Some(simple));
            assert!(simple.derives_from(T::AnySimpleType) && simple.derives_from(simple));
            assert!(simple.item().is_some() || simple.derives_from(simple.primitive()), "{simple:?}");
            assert_eq!(simple.is_decimal(), simple.primitive() == T::Decimal, "{simple:?}");
        }
        assert_eq!(T::UnsignedByte.primitive(), T::Decimal);
        assert!(T::Byte.derives_from(T::Long) && !T::Byte.derives_from(T::UnsignedLong));
        assert!(T::Id.derives_from(T::Token) && !T::NmTokens.derives_from(T::String));
    }
}
