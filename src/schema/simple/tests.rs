//! Tests of simple types: facets, lists and unions, keys of equal values.

use proptest::prelude::*;

use super::restrict_tests::{given, narrow, of};
use super::*;
use SimpleType as T;

/// A type with facets, a value it takes, one it does not, and what is expected instead.
const NARROWED: &[(T, restrict_tests::Facets<'_>, &str, &str, &str)] = &[
    (T::Decimal, &[("minInclusive", "1.5")], " 1.5 ", "1.49", "at least 1.5"),
    (
        T::Decimal,
        &[("maxInclusive", "1000")],
        "1000.0",
        "99999999999999999999999999999999999999",
        "at most 1000",
    ),
    (T::Decimal, &[("minExclusive", "0")], "0.1", "-0.0", "more than 0"),
    (T::Int, &[("maxExclusive", "10")], "9", "010", "less than 10"),
    (T::Int, &[("maxInclusive", "10")], "10", "10.0", "an integer from -2147483648 to 2147483647"),
    (T::Decimal, &[("totalDigits", "3")], "0012.30", "12.34", "at most 3 digits"),
    (T::Decimal, &[("fractionDigits", "2")], "1.2300", "1.234", "at most 2 digits behind the point"),
    (T::Decimal, &[("fractionDigits", "0")], "1.0", "1.5", "a number without digits behind the point"),
    (T::Double, &[("maxInclusive", "1e3")], "-INF", "NaN", "at most 1e3"),
    (T::Double, &[("minInclusive", "0")], "INF", "-1E-300", "at least 0"),
    (T::Date, &[("minInclusive", "2026-01-01")], "2026-01-01", "2025-12-31", "at least 2026-01-01"),
    (T::Date, &[("minInclusive", "2026-01-01")], "2026-01-02", "2026-01-01Z", "at least 2026-01-01"),
    (
        T::DateTime,
        &[("maxExclusive", "2026-01-01T00:00:00Z")],
        "2025-12-31T23:59:59.999Z",
        "2025-12-31T23:00:00-01:00",
        "less than 2026-01-01T00:00:00Z",
    ),
    (T::Duration, &[("maxInclusive", "P1M")], "P27D", "P30D", "at most P1M"),
    (T::GYear, &[("minInclusive", "2000")], "12000", "-2000", "at least 2000"),
    (T::String, &[("length", "2")], "ä ", "D", "exactly 2 characters, not 1"),
    (T::Token, &[("maxLength", "3")], "  a b ", "a bc", "at most 3 characters, not 4"),
    (T::HexBinary, &[("length", "2")], "0FB7", "0FB701", "exactly 2 bytes, not 3"),
    (T::Base64Binary, &[("minLength", "2")], "aGVs bG8=", "AA==", "at least 2 bytes, not 1"),
    (T::NmTokens, &[("maxLength", "2")], " a\tb ", "a b c", "at most 2 items, not 3"),
    (T::NmTokens, &[("maxLength", "2")], "a", " ", "words of letters, digits and . - _ :"),
    (T::QName, &[("length", "1")], "p:abc", "p:", "a name with an optional prefix"),
    (
        T::String,
        &[("pattern", "[A-Z]+"), ("pattern", "[0-9]")],
        "1",
        "12",
        "a match of the pattern [A-Z]+ or [0-9]",
    ),
    (T::Integer, &[("pattern", "[0-9]{2}")], " 12\n", "7", "a match of the pattern [0-9]{2}"),
    (T::String, &[("enumeration", "DE"), ("enumeration", "AT")], "AT", "CH", "one of `DE`, `AT`"),
    (T::Decimal, &[("enumeration", "1.50")], "+01.5", "1.51", "one of `1.50`"),
    (
        T::DateTime,
        &[("enumeration", "2026-01-01T00:00:00Z")],
        "2025-12-31T24:00:00Z",
        "2026-01-01T00:00:00",
        "one of `2026-01-01T00:00:00Z`",
    ),
    (T::NmTokens, &[("enumeration", "a b")], "a\nb", "b a", "one of `a b`"),
    (
        T::String,
        &[("whiteSpace", "collapse"), ("length", "3")],
        " a\n\tb ",
        "abcd",
        "exactly 3 characters, not 4",
    ),
];

#[test]
fn facets_narrow() {
    for (base, facets, right, wrong, expected) in NARROWED {
        let simple = of(*base, facets);
        assert_eq!(simple.check(right), Ok(()), "{base:?} {right}");
        assert_eq!(simple.check(wrong).unwrap_err(), *expected, "{base:?} {wrong}");
    }
}

#[test]
fn json_has_its_own_forms() {
    let decimal = of(T::Decimal, &[("maxInclusive", "1000")]);
    assert_eq!(decimal.check_json_number("1e3"), Ok(()));
    assert_eq!(decimal.check_json_number("1001").unwrap_err(), "at most 1000");
    assert!(Simple::of(T::Byte).check_json_number("128").is_err());
    assert_eq!(Simple::of(T::Double).check_json_number("1e400"), Ok(()));
    assert!(Simple::of(T::Token).check_json_string("a  b").is_err());
    assert!(Simple::of(T::Date).check_json_string(" 2026-11-20").is_err());
    assert_eq!(Simple::of(T::Base64Binary).check_json_string("aGVs\nbG8="), Ok(()));
}

#[test]
fn lists_and_unions_take_values_of_their_types() {
    let positive = Arc::new(of(T::Int, &[("minInclusive", "1")]));
    let list = narrow(&Simple::list_of(positive.clone()), &[("maxLength", "3"), ("pattern", "1.*")]);
    assert_eq!(list.base, T::String);
    assert_eq!(list.check(" 1\n2 "), Ok(()));
    assert_eq!(
        list.check("1 x").unwrap_err(),
        "an integer from -2147483648 to 2147483647 as item 2, not `x`"
    );
    assert_eq!(list.check("1 0").unwrap_err(), "at least 1 as item 2, not `0`");
    assert_eq!(list.check("1 2 3 4").unwrap_err(), "at most 3 items, not 4");
    assert_eq!(list.check("2").unwrap_err(), "a match of the pattern 1.*");
    assert_eq!(Simple::list_of(positive.clone()).check(""), Ok(()));
    assert!(list.restrict(&given(&[("whiteSpace", "preserve")])).is_err());
    assert!(list.restrict(&given(&[("minInclusive", "1")])).is_err());

    let size = Arc::new(of(T::Token, &[("enumeration", "small"), ("enumeration", "large")]));
    let union = Simple::union_of(vec![positive.clone(), size.clone()]);
    assert_eq!(union.check(" 7 "), Ok(()));
    assert_eq!(union.check("\nsmall"), Ok(()));
    assert_eq!(union.check("0").unwrap_err(), "at least 1, or one of `small`, `large`");
    let few = narrow(&union, &[("enumeration", "1"), ("enumeration", "small"), ("pattern", "1|small")]);
    assert_eq!(few.check(" 1"), Ok(()));
    assert_eq!(few.check("+1").unwrap_err(), "a match of the pattern 1|small");
    assert_eq!(few.check("large").unwrap_err(), "a match of the pattern 1|small");
    assert!(union.restrict(&given(&[("maxLength", "1")])).is_err());
    let sizes = Simple::list_of(Arc::new(union.clone()));
    assert_eq!(sizes.check("1 small 2"), Ok(()));
    assert!(sizes.is_list() && !union.is_list());
    let nested = Simple::union_of(vec![Arc::new(union.clone()), Arc::new(Simple::of(T::Date))]);
    assert_eq!(nested.check("2026-11-20"), Ok(()));
    assert_eq!(nested.key("7"), positive.key("+07"));
    assert!(matches!(&nested.variety, Variety::Union(members) if members.len() == 3));
}

#[test]
fn listed_values_have_the_white_space_of_their_own_step() {
    let simple = of(T::String, &[("whiteSpace", "collapse"), ("enumeration", " a  b ")]);
    assert_eq!(simple.check("a\tb"), Ok(()));
    assert_eq!(simple.check("ab").unwrap_err(), "one of `a b`");
}

#[test]
fn keys_are_equal_where_the_values_are() {
    for (base, a, b) in [
        (T::Decimal, "1.0", "+1"),
        (T::Integer, "-0", "00"),
        (T::Boolean, "1", " true "),
        (T::Float, "1E2", "100.00"),
        (T::Float, "0", "-0"),
        (T::Float, "0.1", "0.100000001"),
        (T::Double, "NaN", "NaN"),
        (T::DateTime, "2026-11-20T01:00:00+02:00", "2026-11-19T23:00:00Z"),
        (T::DateTime, "2026-11-20T24:00:00", "2026-11-21T00:00:00.0"),
        (T::Duration, "P1Y", "P12M"),
        (T::Duration, "PT24H", "P1D"),
        (T::HexBinary, "0fb7", "0FB7"),
        (T::Base64Binary, "aGVs bG8=", "aGVsbG8="),
        (T::Token, " a\tb", "a b"),
        (T::NmTokens, "a  b", "a b"),
        (T::GDay, "---01Z", "---01+00:00"),
    ] {
        let simple = Simple::of(base);
        assert_eq!(simple.key(a), simple.key(b), "{base:?} {a} {b}");
    }
    for (base, a, b) in [
        (T::String, "1.0", "1"),
        (T::String, " a", "a"),
        (T::Decimal, "1", "1.0000000000000000000000000000000000001"),
        (T::Double, "0.1", "0.100000001"),
        (T::DateTime, "2026-11-20T00:00:00", "2026-11-20T00:00:00Z"),
        (T::Duration, "P1M", "P30D"),
        (T::HexBinary, "00", "0000"),
        (T::NmTokens, "a b", "b a"),
    ] {
        let simple = Simple::of(base);
        assert_ne!(simple.key(a), simple.key(b), "{base:?} {a} {b}");
    }
    assert_ne!(Simple::of(T::Decimal).key("1"), Simple::of(T::Float).key("1"));
    assert_ne!(Simple::of(T::HexBinary).key("AAAA"), Simple::of(T::Base64Binary).key("AAAA"));
    assert_eq!(Simple::of(T::Byte).key("1"), Simple::of(T::Decimal).key("1.0"));
    let numbers = Simple::list_of(Arc::new(Simple::of(T::Decimal)));
    assert_eq!(numbers.key("1.0 2"), numbers.key(" 1 2.00"));
}

fn any_simple() -> impl Strategy<Value = Simple> {
    let all: Vec<T> = T::all().collect();
    let atomic = proptest::sample::select(all).prop_map(Simple::of);
    let facets = proptest::sample::select(vec![
        ("length", "2"),
        ("minLength", "1"),
        ("maxLength", "3"),
        ("minInclusive", "1"),
        ("maxExclusive", "2026"),
        ("totalDigits", "3"),
        ("fractionDigits", "1"),
        ("pattern", "[0-9a-f]*"),
        ("enumeration", "1"),
        ("whiteSpace", "collapse"),
    ]);
    (atomic, proptest::collection::vec(facets, 0..3), 0..4).prop_map(|(simple, facets, variety)| {
        let simple = match variety {
            0 if !simple.is_list() => Simple::list_of(Arc::new(simple)),
            1 => Simple::union_of(vec![Arc::new(simple), Arc::new(Simple::of(T::Integer))]),
            _ => simple,
        };
        facets.iter().fold(simple, |simple, facet| simple.restrict(&given(&[*facet])).unwrap_or(simple))
    })
}

proptest! {
    #[test]
    fn any_text_is_checked_without_panic(simple in any_simple(), text in "[-+:.0-9TZPea \\t]{0,12}|\\PC{0,8}") {
        let checked = simple.check(&text);
        prop_assert!(checked.is_ok() || checked.is_err_and(|expected| !expected.is_empty()));
        prop_assert_eq!(simple.key(&text), simple.key(&text));
        let spaced = format!(" {text}\n");
        if simple.space == WhiteSpace::Collapse {
            prop_assert_eq!(simple.check(&text), simple.check(&spaced));
            prop_assert_eq!(simple.key(&text), simple.key(&spaced));
        }
        let _ = (simple.check_json_number(&text), simple.check_json_string(&text), simple.expectation());
    }

    #[test]
    fn decimals_have_the_key_of_their_canonical_form(whole in "[0-9]{1,40}", fraction in "[0-9]{0,30}", minus in any::<bool>()) {
        let text = format!("{}{whole}.{fraction}", if minus { "-" } else { "+" });
        let canonical = crate::document::number::Lexical::decimal(&text).unwrap().plain();
        let simple = Simple::of(T::Decimal);
        prop_assert_eq!(simple.key(&text), simple.key(&canonical));
        prop_assert_eq!(simple.key(&format!("{text}0")), simple.key(&canonical));
        prop_assert_ne!(simple.key(&format!("{text}1")), simple.key(&canonical));
    }

    #[test]
    fn moments_have_the_key_of_utc(hour in 0u32..24, minute in 0u32..60, offset in 0u32..14, behind in any::<bool>()) {
        let simple = Simple::of(T::DateTime);
        let there = format!("2026-06-15T{hour:02}:{minute:02}:00{}{offset:02}:00", if behind { '-' } else { '+' });
        let total = if behind { hour + offset } else { hour + 24 - offset };
        let day = if behind { 15 } else { 14 } + total / 24;
        let utc = format!("2026-06-{day:02}T{:02}:{minute:02}:00.00Z", total % 24);
        prop_assert_eq!(simple.key(&there), simple.key(&utc));
    }
}
