//! Dates and times of PostgreSQL, which count from the year 2000, as XML Schema writes them.

use std::fmt::Write as _;

use compact_str::{CompactString, format_compact};

use super::decode::infinite;

/// Days from 1970-01-01 to 2000-01-01.
const EPOCH: i64 = 10_957;

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

/// A `date`: days.
pub(super) fn date(bytes: &[u8]) -> Option<CompactString> {
    let days = i32::from_be_bytes(bytes.try_into().ok()?);
    Some(match days {
        i32::MAX | i32::MIN => infinite(days > 0),
        days => civil(i64::from(days) + EPOCH),
    })
}

/// A `time`: microseconds.
pub(super) fn time(bytes: &[u8]) -> Option<CompactString> {
    let micros = i64::from_be_bytes(bytes.try_into().ok()?);
    Some(clock(micros))
}

/// A `timetz`: microseconds, and seconds to the west.
pub(super) fn time_with_zone(bytes: &[u8]) -> Option<CompactString> {
    let (micros, zone) = bytes.split_at_checked(8)?;
    let seconds = -i32::from_be_bytes(zone.try_into().ok()?);
    let sign = if seconds < 0 { '-' } else { '+' };
    let minutes = seconds.abs() / 60;
    Some(format_compact!("{}{sign}{:02}:{:02}", time(micros)?, minutes / 60, minutes % 60))
}

/// A `timestamp` or `timestamptz`: microseconds, those of the latter in UTC.
pub(super) fn timestamp(bytes: &[u8], zone: &str) -> Option<CompactString> {
    let micros = i64::from_be_bytes(bytes.try_into().ok()?);
    if matches!(micros, i64::MAX | i64::MIN) {
        return Some(infinite(micros > 0));
    }
    let (days, rest) = (micros.div_euclid(DAY), micros.rem_euclid(DAY));
    Some(format_compact!("{}T{}{zone}", civil(days + EPOCH), clock(rest)))
}

/// An `interval`: microseconds, days and months, as a duration (ISO 8601); `None` where its parts have several signs.
pub(super) fn interval(bytes: &[u8]) -> Option<CompactString> {
    let (micros, rest) = bytes.split_at_checked(8)?;
    let (days, months) = rest.split_at_checked(4)?;
    let micros = i64::from_be_bytes(micros.try_into().ok()?);
    let days = i32::from_be_bytes(days.try_into().ok()?);
    let months = i32::from_be_bytes(months.try_into().ok()?);
    let negative = micros < 0 || days < 0 || months < 0;
    if negative && (micros > 0 || days > 0 || months > 0) {
        return None;
    }
    let (micros, days, months) = (micros.unsigned_abs(), days.unsigned_abs(), months.unsigned_abs());
    let mut out = CompactString::from(if negative { "-P" } else { "P" });
    let mut part = |number: u64, unit: &str| {
        if number > 0 {
            // Writing into a text cannot fail.
            let _ = write!(out, "{number}{unit}");
        }
    };
    part(u64::from(months / 12), "Y");
    part(u64::from(months % 12), "M");
    part(u64::from(days), "D");
    let seconds = micros / 1_000_000;
    if micros > 0 || (days == 0 && months == 0) {
        out.push('T');
        let mut part = |number: u64, unit: &str| {
            if number > 0 {
                let _ = write!(out, "{number}{unit}");
            }
        };
        part(seconds / 3600, "H");
        part(seconds / 60 % 60, "M");
        let fraction = fraction(i64::try_from(micros % 1_000_000).unwrap_or_default());
        if seconds % 60 > 0 || !fraction.is_empty() || micros == 0 {
            let _ = write!(out, "{}{fraction}S", seconds % 60);
        }
    }
    Some(out)
}

/// Hours, minutes and seconds of microseconds since midnight.
fn clock(micros: i64) -> CompactString {
    let seconds = micros / 1_000_000;
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format_compact!("{hour:02}:{minute:02}:{second:02}{}", fraction(micros % 1_000_000))
}

/// The fraction of a second with its point, without zeros at its end.
pub(in crate::sql) fn fraction(micros: i64) -> CompactString {
    match micros {
        0 => CompactString::default(),
        micros => CompactString::from(format_compact!(".{micros:06}").trim_end_matches('0')),
    }
}

/// The date of days since 1970-01-01 in the Gregorian calendar, which is also used for the time before it.
fn civil(days: i64) -> CompactString {
    // Years begin in March here, so that the day that comes every four years is the last; 400 of them are one era.
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let sign = if year < 0 { "-" } else { "" };
    format_compact!("{sign}{:04}-{month:02}-{day:02}", year.abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_dates() {
        for (days, text) in [
            (0, "2000-01-01"),
            (59, "2000-02-29"),
            (60, "2000-03-01"),
            (-1, "1999-12-31"),
            (9_820, "2026-11-20"),
        ] {
            assert_eq!(date(&i32::to_be_bytes(days)).unwrap(), text);
        }
        assert_eq!(date(&i32::MAX.to_be_bytes()).unwrap(), "infinity");
    }

    #[test]
    fn moments_have_their_zone_and_their_fraction() {
        let moment = (9_820 * DAY + 8 * 3_600_000_000 + 500_000).to_be_bytes();
        assert_eq!(timestamp(&moment, "Z").unwrap(), "2026-11-20T08:00:00.5Z");
        let zoned = [&(8 * 3_600_000_000_i64).to_be_bytes()[..], &(-5400_i32).to_be_bytes()].concat();
        assert_eq!(time_with_zone(&zoned).unwrap(), "08:00:00+01:30");
        assert!(timestamp(&[1], "").is_none());
    }

    #[test]
    fn intervals_are_durations() {
        let of = |micros: i64, days: i32, months: i32| {
            let bytes = [&micros.to_be_bytes()[..], &days.to_be_bytes(), &months.to_be_bytes()].concat();
            interval(&bytes).map(|text| text.to_string())
        };
        assert_eq!(of(3_723_500_000, 3, 14).as_deref(), Some("P1Y2M3DT1H2M3.5S"));
        assert_eq!(of(0, 0, 0).as_deref(), Some("PT0S"));
        assert_eq!(of(0, -1, 0).as_deref(), Some("-P1D"));
        assert_eq!(of(1, -1, 0), None);
    }
}
