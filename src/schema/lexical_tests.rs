//! Tests of lexical forms: for each built-in type some that the standard allows and some that it does not.

use proptest::prelude::*;

use super::*;
use SimpleType as T;

/// Types with right and wrong forms. The forms of dates and times are tested with their values.
const FORMS: &[(SimpleType, &[&str], &[&str])] = &[
    (T::String, &["", " a\n"], &[]),
    (T::AnySimpleType, &["", " a\n"], &[]),
    (T::NormalizedString, &["", " a  b "], &["a\tb", "a\n"]),
    (T::Token, &["", "a b"], &[" a", "a ", "a  b", "a\tb"]),
    (T::Boolean, &["true", "false", "1", "0"], &["TRUE", "", "yes", "01", " true"]),
    (
        T::Decimal,
        &["+1.50", "-1", "1.", ".5", "0", "-0.0", "123456789012345678901234567890.1"],
        &["1e3", "", ".", "+", "1,5", "INF", " 1", "- 1"],
    ),
    (
        T::Integer,
        &["123456789012345678901234567890123456789", "-0", "+7", "007"],
        &["1.0", "", "1.", "+", "0x1", "--1"],
    ),
    (
        T::NonPositiveInteger,
        &["0", "-0", "+0", "-123456789012345678901234567890123456789012"],
        &["1", "+1", "123456789012345678901234567890123456789012"],
    ),
    (T::NegativeInteger, &["-1", "-00001"], &["0", "-0", "1"]),
    (
        T::NonNegativeInteger,
        &["0", "-0", "+12", "123456789012345678901234567890123456789012"],
        &["-1", "-123456789012345678901234567890123456789012"],
    ),
    (T::PositiveInteger, &["1", "+01"], &["0", "-1", "+0"]),
    (
        T::Long,
        &["9223372036854775807", "-9223372036854775808", "+0009223372036854775807"],
        &["9223372036854775808", "-9223372036854775809"],
    ),
    (T::Int, &["2147483647", "-2147483648"], &["2147483648", "-2147483649"]),
    (T::Short, &["32767", "-32768"], &["32768", "-32769"]),
    (T::Byte, &["127", "-128", "+0127"], &["128", "-129", "1.0"]),
    (T::UnsignedLong, &["18446744073709551615", "-0"], &["18446744073709551616", "-1"]),
    (T::UnsignedInt, &["4294967295", "0"], &["4294967296", "-1"]),
    (T::UnsignedShort, &["65535", "0"], &["65536", "-1"]),
    (T::UnsignedByte, &["255", "+1"], &["256", "-1"]),
    (
        T::Float,
        &["-1E4", "1267.43233E12", "12.78e-2", "12", "-0", "INF", "-INF", "NaN", ".5", "1.e5"],
        &["+INF", "inf", "nan", "1e", "1e1.5", "e5", "", "0x1p3"],
    ),
    (T::Double, &["1e400", "-1.5e-400", "INF"], &["Infinity", "1 e5", "1f"]),
    (T::Duration, &["P1Y", "-PT1.5S"], &["P", "1D"]),
    (T::HexBinary, &["", "0FB7", "0fb7"], &["0", "0G", "0F B7"]),
    (
        T::Base64Binary,
        &["", "aGVs bG8=", "ABCD", "AA==", "AAA="],
        &["aGVsbG9=", "a", "a====", "ab=c", "AB", "ABCD=", "A-CD"],
    ),
    (
        T::AnyUri,
        &["", "urn:a:b%20c?ü#x", "http://example.com/a b", "../a|b", "{a}", "http://[::1]/", "a:b:c"],
        &["%zz", "%4", "a#b#c", "a\u{1}"],
    ),
    (T::QName, &["a", "p:a", "_p:_a"], &["", ":a", "a:", "a:b:c", "1a", "a b"]),
    (T::Notation, &["gif", "n:gif"], &["", "1"]),
    (
        T::Language,
        &["en", "en-GB", "x-klingon", "i-navajo-1", "sr-Latn-RS"],
        &["", "en_GB", "1n", "en-", "-en", "abcdefghi", "en-abcdefghi"],
    ),
    (T::Name, &["a", ":a", "a:b:c", "_1.x-y"], &["", "1a", "-a", "a b"]),
    (T::NcName, &["a", "_1", "Größe"], &["", "a:b", "1a", ".a"]),
    (T::Id, &["a1"], &["1a", "a:b"]),
    (T::IdRef, &["a1"], &["1a", "a b"]),
    (T::Entity, &["a1"], &["1a", "a:b"]),
    (T::NmToken, &["1a", "-", ":a", "a.b"], &["", "a b", "a,b"]),
    (T::NmTokens, &["1", "1a -b :c"], &["", " ", "a , b"]),
    (T::IdRefs, &["a", "a b"], &["", "a 1"]),
    (T::Entities, &["a", "a b"], &["", "a 1"]),
    (T::DateTime, &["2026-11-20T08:00:00Z", "-0001-01-01T24:00:00"], &["2026-11-20"]),
    (T::Date, &["2026-11-20", "12026-01-01+14:00"], &["20261120"]),
    (T::Time, &["08:00:00.5-01:00"], &["8:00:00"]),
    (T::GYear, &["2026Z"], &["26"]),
    (T::GYearMonth, &["2026-11"], &["202611"]),
    (T::GMonthDay, &["--02-29"], &["--02-30"]),
    (T::GMonth, &["--11"], &["--13", "--11--"]),
    (T::GDay, &["---31"], &["---32"]),
];

#[test]
fn lexical_forms_are_those_of_the_standard() {
    for simple in T::all() {
        assert!(FORMS.iter().any(|(known, ..)| *known == simple), "{simple:?} is not tested");
    }
    for (simple, right, wrong) in FORMS {
        for text in *right {
            assert!(simple.accepts(text), "{simple:?} {text:?}");
        }
        for text in *wrong {
            assert!(!simple.accepts(text), "{simple:?} {text:?}");
        }
    }
}

proptest! {
    #[test]
    fn what_derives_has_no_other_forms(text in "[-+:.0-9A-Za-z _\\t]{0,12}|\\PC{0,8}") {
        for simple in T::all().filter(|simple| simple.item().is_none()) {
            prop_assert!(!simple.accepts(&text) || simple.parent().accepts(&text), "{:?}", simple);
        }
    }
}
