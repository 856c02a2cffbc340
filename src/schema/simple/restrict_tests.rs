//! Tests of restriction: which facets apply, which values they can have, and that no step widens one before it.

use super::{GivenFacets, Simple};
use crate::schema::SimpleType as T;

/// Names of facets with their values.
pub(super) type Facets<'a> = &'a [(&'a str, &'a str)];

/// Facets by their names in XML Schema; patterns and values may stand several times.
pub(super) fn given(facets: &[(&str, &str)]) -> GivenFacets {
    let mut given = GivenFacets::default();
    for (name, value) in facets {
        let text = (*value).to_owned();
        match *name {
            "length" => given.length = Some(text),
            "minLength" => given.min_length = Some(text),
            "maxLength" => given.max_length = Some(text),
            "pattern" => given.patterns.push(text),
            "enumeration" => given.enumeration.push(text),
            "whiteSpace" => given.white_space = Some(text),
            "maxInclusive" => given.max_inclusive = Some(text),
            "maxExclusive" => given.max_exclusive = Some(text),
            "minInclusive" => given.min_inclusive = Some(text),
            "minExclusive" => given.min_exclusive = Some(text),
            "totalDigits" => given.total_digits = Some(text),
            "fractionDigits" => given.fraction_digits = Some(text),
            other => panic!("{other}"),
        }
    }
    given
}

/// A type with one more step.
pub(super) fn narrow(simple: &Simple, facets: &[(&str, &str)]) -> Simple {
    simple.restrict(&given(facets)).unwrap_or_else(|error| panic!("{error}"))
}

/// A built-in type with one step.
pub(super) fn of(base: T, facets: &[(&str, &str)]) -> Simple {
    narrow(&Simple::of(base), facets)
}

/// A type with facets that are wrong, the one that is told of, and part of what is told.
const REFUSED: &[(T, Facets<'_>, &str, &str)] = &[
    (
        T::Boolean,
        &[("enumeration", "true")],
        "enumeration",
        "all types but boolean and anySimpleType, not for type boolean",
    ),
    (T::Boolean, &[("minLength", "1")], "minLength", "not for type boolean"),
    (T::Int, &[("length", "1")], "length", "is for text, binary data and lists, not for type int"),
    (T::String, &[("minInclusive", "1")], "minInclusive", "is for numbers, dates, times and durations"),
    (T::Date, &[("totalDigits", "1")], "totalDigits", "decimal and whole numbers, not for type date"),
    (T::Double, &[("fractionDigits", "1")], "fractionDigits", "not for type double"),
    (T::AnySimpleType, &[("pattern", "a")], "pattern", "not for type anySimpleType"),
    (T::String, &[("length", "two")], "length", "is `two`, and should be an integer from 0"),
    (T::String, &[("length", "-1")], "length", "is `-1`, and should be an integer from 0"),
    (T::Decimal, &[("totalDigits", "0")], "totalDigits", "at least one digit"),
    (T::Integer, &[("fractionDigits", "1")], "fractionDigits", "is 1, more than the 0"),
    (
        T::Decimal,
        &[("totalDigits", "2"), ("fractionDigits", "3")],
        "fractionDigits",
        "is 3, more than all 2 digits",
    ),
    (
        T::String,
        &[("minLength", "3"), ("maxLength", "2")],
        "maxLength",
        "leaves no length: at least 3 and at most 2",
    ),
    (T::String, &[("length", "3"), ("maxLength", "4")], "maxLength", "stands beside a length that is exact"),
    (T::NmTokens, &[("minLength", "0")], "minLength", "is 0, less than the 1"),
    (T::NmTokens, &[("maxLength", "0")], "maxLength", "at least 1 and at most 0"),
    (
        T::Int,
        &[("minInclusive", "3"), ("maxInclusive", "2")],
        "maxInclusive",
        "leaves no value between 3 and 2",
    ),
    (T::Int, &[("minExclusive", "3"), ("maxInclusive", "3")], "maxInclusive", "leaves no value between"),
    (
        T::Int,
        &[("minInclusive", "1"), ("minExclusive", "1")],
        "minExclusive",
        "cannot stand beside `minInclusive`",
    ),
    (
        T::Byte,
        &[("maxInclusive", "128")],
        "maxInclusive",
        "is `128`, and should be an integer from -128 to 127",
    ),
    (T::Date, &[("maxInclusive", "tomorrow")], "maxInclusive", "is `tomorrow`, and should be a date"),
    (
        T::Token,
        &[("whiteSpace", "preserve")],
        "whiteSpace",
        "is preserve, which keeps more than the collapse before it",
    ),
    (T::String, &[("whiteSpace", "trim")], "whiteSpace", "is `trim`, and can be preserve"),
    (
        T::Int,
        &[("enumeration", "1"), ("enumeration", "x")],
        "enumeration",
        "has `x`, which the type has not: expected an integer",
    ),
    (
        T::String,
        &[("pattern", "a"), ("pattern", "[b")],
        "pattern",
        "is wrong at byte 0 of `[b`: this class is not closed",
    ),
];

#[test]
fn what_does_not_apply_or_fit_is_refused() {
    for (base, facets, facet, message) in REFUSED {
        let error = Simple::of(*base).restrict(&given(facets)).unwrap_err();
        assert_eq!(error.facet, *facet, "{base:?} {facets:?}");
        assert!(error.message.contains(message), "{error}");
    }
}

#[test]
fn a_step_never_widens_the_steps_before() {
    let text = of(T::String, &[("minLength", "2"), ("maxLength", "4")]);
    let number = of(T::Decimal, &[("minInclusive", "0"), ("maxExclusive", "10"), ("totalDigits", "3")]);
    let exact = narrow(&text, &[("length", "3")]);
    for (simple, facets, facet) in [
        (&text, ("minLength", "1"), "minLength"),
        (&text, ("maxLength", "5"), "maxLength"),
        (&text, ("maxLength", "1"), "maxLength"),
        (&text, ("length", "5"), "length"),
        (&exact, ("length", "2"), "length"),
        (&exact, ("minLength", "3"), "minLength"),
        (&number, ("minInclusive", "-1"), "minInclusive"),
        (&number, ("minInclusive", "10"), "minInclusive"),
        (&number, ("maxInclusive", "10"), "maxInclusive"),
        (&number, ("maxExclusive", "10.5"), "maxExclusive"),
        (&number, ("totalDigits", "4"), "totalDigits"),
        (&number, ("enumeration", "11"), "enumeration"),
    ] {
        let error = simple.restrict(&given(&[facets])).unwrap_err();
        assert_eq!(error.facet, facet, "{facets:?}");
    }
    for (simple, facets) in [
        (&text, ("minLength", "2")),
        (&exact, ("minLength", "2")),
        (&exact, ("length", "3")),
        (&number, ("minExclusive", "0")),
        (&number, ("maxExclusive", "10")),
        (&number, ("maxInclusive", "9")),
    ] {
        narrow(simple, &[facets]);
    }
    let both = narrow(&of(T::String, &[("pattern", "a.*")]), &[("pattern", ".*b"), ("pattern", ".*c")]);
    assert!(both.check("ab").is_ok() && both.check("ac").is_ok());
    assert!(both.check("bb").is_err() && both.check("ad").is_err());
    assert_eq!(narrow(&number, &[]), number);
}
