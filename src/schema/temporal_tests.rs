//! Tests of dates, times and durations: forms out of the standard, the calendar, and the order of values.

use proptest::prelude::*;

use super::*;
use SimpleType::{Date, DateTime, GDay, GMonth, GMonthDay, GYear, GYearMonth, Time};

fn is(base: SimpleType, text: &str) -> bool {
    Moment::parse(base, text).is_some()
}

fn order(base: SimpleType, a: &str, b: &str) -> Option<Ordering> {
    Moment::parse(base, a).unwrap().compare(Moment::parse(base, b).unwrap())
}

#[test]
fn the_calendar_counts() {
    for text in [
        "2024-02-29",
        "2000-02-29",
        "-0044-03-15",
        "12026-01-31",
        "2026-11-20Z",
        "2026-11-20+14:00",
        "-0004-02-29",
    ] {
        assert!(is(Date, text), "{text}");
    }
    for text in [
        "2023-02-29",
        "1900-02-29",
        "0000-01-01",
        "02026-01-01",
        "2026-13-01",
        "2026-00-01",
        "2026-04-31",
        "2026-04-00",
        "2026-1-1",
        "26-01-01",
        "+2026-01-01",
        "2026-11-20+14:01",
        "2026-11-20-00:60",
        "2026-11-20 ",
        "2026-11-20z",
        "1234567890123456-01-01",
        "",
        "-",
        "ä",
    ] {
        assert!(!is(Date, text), "{text}");
    }
}

#[test]
fn times_end_at_24() {
    assert!(is(Time, "24:00:00") && is(Time, "24:00:00.000Z") && is(Time, "23:59:59.999-05:30"));
    assert!(is(Time, "08:00:00Z") && is(Time, "08:00:00.12345678901234567890123"));
    for text in [
        "24:00:01",
        "24:00:00.1",
        "24:00:00.00000000000000000001",
        "23:60:00",
        "23:59:60",
        "8:00:00",
        "08:00",
        "08:00:00.",
        "08:00:00+1:00",
    ] {
        assert!(!is(Time, text), "{text}");
    }
    assert!(is(DateTime, "2026-11-20T08:00:00.5+01:00") && !is(DateTime, "2026-11-20 08:00:00"));
    assert!(!is(DateTime, "2026-11-20") && !is(DateTime, "2026-11-20T"));
}

#[test]
fn parts_of_dates_have_their_hyphens() {
    for (base, right, wrong) in [
        (GYear, ["2026", "-0001", "12026Z"], ["26", "0000", "2026-11"]),
        (GYearMonth, ["2026-11", "-0001-01Z", "2026-12-05:00"], ["2026-13", "2026", "2026-11-01"]),
        (GMonthDay, ["--02-29", "--12-31Z", "--01-01+02:00"], ["--02-30", "-02-28", "--2-28"]),
        (GMonth, ["--01", "--12Z", "--06-14:00"], ["--13", "--00", "--01--"]),
        (GDay, ["---01", "---31Z", "---15+01:00"], ["---32", "---00", "--15"]),
    ] {
        for text in right {
            assert!(is(base, text), "{base:?} {text}");
        }
        for text in wrong {
            assert!(!is(base, text), "{base:?} {text}");
        }
    }
}

#[test]
fn moments_are_ordered_as_the_standard_says() {
    use Ordering::{Equal, Greater, Less};
    for (base, a, b, expected) in [
        (DateTime, "2000-01-15T00:00:00", "2000-02-15T00:00:00", Some(Less)),
        (DateTime, "2000-01-15T12:00:00", "2000-01-16T12:00:00Z", Some(Less)),
        (DateTime, "2000-01-01T12:00:00", "1999-12-31T23:00:00Z", None),
        (DateTime, "2000-01-16T12:00:00", "2000-01-16T12:00:00Z", None),
        (DateTime, "2000-01-16T00:00:00", "2000-01-16T12:00:00Z", None),
        (DateTime, "2002-10-10T12:00:00-05:00", "2002-10-10T17:00:00Z", Some(Equal)),
        (DateTime, "1999-12-31T24:00:00", "2000-01-01T00:00:00.000", Some(Equal)),
        (DateTime, "0001-01-01T00:00:00+01:00", "-0001-12-31T23:00:00Z", Some(Equal)),
        (DateTime, "-0002-12-31T00:00:00Z", "-0001-01-01T00:00:00Z", Some(Less)),
        (DateTime, "2026-11-20T08:00:00.5", "2026-11-20T08:00:00.49", Some(Greater)),
        (Date, "2002-10-10+13:00", "2002-10-09-11:00", Some(Equal)),
        (Time, "24:00:00", "00:00:00", Some(Equal)),
        (Time, "08:00:00+01:00", "07:00:00Z", Some(Equal)),
        (GYear, "12026", "2026", Some(Greater)),
        (GMonthDay, "--02-29", "--03-01", Some(Less)),
    ] {
        assert_eq!(order(base, a, b), expected, "{a} {b}");
        assert_eq!(order(base, b, a), expected.map(Ordering::reverse), "{b} {a}");
    }
}

#[test]
fn durations_follow_the_standard() {
    let parse = Duration::parse;
    for text in ["P1Y2M3DT10H30M", "-P120D", "P0Y", "PT0.5S", "P1347M", "-P1347M", "PT36H", "P0001Y", "PT1M"]
    {
        assert!(parse(text).is_some(), "{text}");
    }
    for text in [
        "P-1347M",
        "P1Y2MT",
        "P",
        "PT",
        "-P",
        "1Y",
        "P1S",
        "PT1D",
        "P1M1Y",
        "PT.5S",
        "PT5.S",
        "P1.5D",
        "+P1D",
        "P1",
        "P1Y ",
        "P1234567890123456D",
        "PYM",
    ] {
        assert!(parse(text).is_none(), "{text}");
    }
    assert_eq!(parse("P1Y"), parse("P12M"));
    assert_eq!(parse("P1DT0H"), parse("PT1440M"));
    assert_eq!(parse("-P0D"), parse("P0M"));
    assert_ne!(parse("P1M"), parse("P30D"));
    // The table of section 3.2.6.2.
    let order = |a, b| parse(a).unwrap().compare(parse(b).unwrap());
    for (a, greater, less, unknown) in [
        ("P1Y", "P364D", "P367D", "P365D"),
        ("P1M", "P27D", "P32D", "P30D"),
        ("P5M", "P149D", "P154D", "P150D"),
        ("-P1M", "-P32D", "-P27D", "-P28D"),
    ] {
        assert_eq!(order(a, greater), Some(Ordering::Greater), "{a}");
        assert_eq!(order(a, less), Some(Ordering::Less), "{a}");
        assert_eq!(order(a, unknown), None, "{a}");
    }
    assert_eq!(order("-PT0.5S", "PT0S"), Some(Ordering::Less));
    assert_eq!(order("P999999999999999Y", "-P999999999999999Y"), Some(Ordering::Greater));
}

proptest! {
    #[test]
    fn days_are_counted_one_by_one(year in -500i128..2500, month in 1u32..=12, day in 1u32..=31) {
        prop_assume!(year != 0);
        if let Some(at) = days_before(year, month, day) {
            let after_year = if year == -1 { 1 } else { year + 1 };
            let next = days_before(year, month, day + 1)
                .or_else(|| days_before(year, month + 1, 1))
                .or_else(|| days_before(after_year, 1, 1));
            prop_assert_eq!(next, Some(at + 1));
        }
    }

    #[test]
    fn any_text_is_read_without_panic(text in "[-+:.TZPYMDHS0-9]{0,30}|\\PC{0,10}") {
        for base in SimpleType::all() {
            let _ = Moment::parse(base, &text);
        }
        let _ = Duration::parse(&text);
    }
}
