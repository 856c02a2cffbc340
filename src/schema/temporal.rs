//! Dates, times and durations: their lexical forms checked against the calendar, and their values on the time line.

use std::cmp::Ordering;

use super::simple::SimpleType;

/// Parts of a second that are told apart: 10^-15 s. Finer fractions are read and not compared.
const SECOND: i128 = 1_000_000_000_000_000;
const DAY: i128 = 86_400 * SECOND;

/// The digits that a year, or a number in a duration, may have (XML Schema part 2, section 5.4, allows a limit).
const LONGEST: usize = 15;

/// The year that parts of a date are put in to compare them: one in which every month has all its days.
const ANY_YEAR: i128 = 1972;

/// A point on the time line: of a date, a time or a part of one its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Moment {
    /// In UTC, or in an unknown zone, in units of 10^-15 s.
    instant: i128,
    /// Whether it has a zone.
    zoned: bool,
}

impl Moment {
    /// Reads the lexical form of one of the types for dates and times (XML Schema part 2, sections 3.2.7 to 3.2.14).
    pub fn parse(base: SimpleType, text: &str) -> Option<Self> {
        let text = text.as_bytes();
        let (days, time, rest) = match base {
            SimpleType::DateTime => {
                let (days, rest) = date(text)?;
                let (time, rest) = clock(rest.strip_prefix(b"T")?)?;
                (days, time, rest)
            }
            SimpleType::Date => {
                let (days, rest) = date(text)?;
                (days, 0, rest)
            }
            SimpleType::Time => {
                let (time, rest) = clock(text)?;
                // The end of the day is its beginning when there is no date.
                (0, time % DAY, rest)
            }
            SimpleType::GYearMonth => {
                let (year, rest) = year(text)?;
                let (month, rest) = two(rest.strip_prefix(b"-")?)?;
                (days_before(year, month, 1)?, 0, rest)
            }
            SimpleType::GYear => {
                let (year, rest) = year(text)?;
                (days_before(year, 1, 1)?, 0, rest)
            }
            SimpleType::GMonthDay => {
                let (month, rest) = two(text.strip_prefix(b"--")?)?;
                let (day, rest) = two(rest.strip_prefix(b"-")?)?;
                (days_before(ANY_YEAR, month, day)?, 0, rest)
            }
            SimpleType::GMonth => {
                let (month, rest) = two(text.strip_prefix(b"--")?)?;
                (days_before(ANY_YEAR, month, 1)?, 0, rest)
            }
            SimpleType::GDay => {
                let (day, rest) = two(text.strip_prefix(b"---")?)?;
                (days_before(ANY_YEAR, 1, day)?, 0, rest)
            }
            _ => return None,
        };
        let offset = zone(rest)?;
        let minutes = i128::from(offset.unwrap_or_default());
        let instant = days * DAY + time - minutes * 60 * SECOND;
        Some(Self { instant, zoned: offset.is_some() })
    }

    /// The place in an order of all of one type: one without a zone is taken for UTC.
    pub fn rank(self) -> i128 {
        self.instant
    }

    /// Which is earlier; `None` where one has a zone, the other none, and they are less than 14 hours apart (XML Schema
    /// part 2, section 3.2.7.4).
    pub fn compare(self, other: Self) -> Option<Ordering> {
        const FARTHEST: i128 = 14 * 3600 * SECOND;
        if self.zoned == other.zoned {
            return Some(self.instant.cmp(&other.instant));
        }
        if self.instant < other.instant - FARTHEST {
            Some(Ordering::Less)
        } else if self.instant > other.instant + FARTHEST {
            Some(Ordering::Greater)
        } else {
            None
        }
    }
}

/// A duration: months and a part that is always as long (XML Schema part 2, section 3.2.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Duration {
    months: i128,
    /// Days and shorter, in units of 10^-15 s.
    time: i128,
}

impl Duration {
    /// Reads `P1Y2M3DT4H5M6.7S` with an optional minus; every part may be left out, but not all.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.as_bytes();
        let (sign, text) = match text.strip_prefix(b"-") {
            Some(rest) => (-1, rest),
            None => (1, text),
        };
        let mut parts = Parts { rest: text.strip_prefix(b"P")?, found: false };
        let years = parts.take(b'Y')?;
        let months = parts.take(b'M')?;
        let mut time = parts.take(b'D')? * DAY;
        if let Some(rest) = parts.rest.strip_prefix(b"T") {
            parts = Parts { rest, found: false };
            time += parts.take(b'H')? * 3600 * SECOND;
            time += parts.take(b'M')? * 60 * SECOND;
            time += parts.seconds()?;
        }
        let whole = parts.rest.is_empty() && parts.found;
        whole.then_some(Self { months: sign * (years * 12 + months), time: sign * time })
    }

    /// The place in an order of all: a month is taken for the mean of 400 years.
    pub fn rank(self) -> i128 {
        const MONTH: i128 = 146_097 * DAY / 4800;
        self.months * MONTH + self.time
    }

    /// Which is shorter; `None` where that depends on when it begins, as for `P1M` and `P30D` (section 3.2.6.2).
    pub fn compare(self, other: Self) -> Option<Ordering> {
        if self.months == other.months {
            return Some(self.time.cmp(&other.time));
        }
        // The four starts from which months are as long and as short as they can be.
        let mut found = None;
        for (year, month) in [(1696, 9), (1697, 2), (1903, 3), (1903, 7)] {
            let order = self.end(year, month).cmp(&other.end(year, month));
            match found {
                None => found = Some(order),
                Some(before) if before != order => return None,
                Some(_) => {}
            }
        }
        found
    }

    /// Where it ends when it begins on the first of that month.
    fn end(self, year: i128, month: i128) -> i128 {
        let months = year * 12 + month - 1 + self.months;
        // The calendar goes on evenly here, without the step from year -1 to year 1.
        let (year, month) = (months.div_euclid(12), months.rem_euclid(12));
        let before = year - 1;
        let leaps = before.div_euclid(4) - before.div_euclid(100) + before.div_euclid(400);
        let days = 365 * before + leaps + days_in_year(is_leap(year), month + 1);
        days * DAY + self.time
    }
}

/// The numbers of a duration that are still to be read.
struct Parts<'a> {
    rest: &'a [u8],
    found: bool,
}

impl Parts<'_> {
    /// The number before that letter; 0 when it is left out.
    fn take(&mut self, letter: u8) -> Option<i128> {
        let (number, rest) = number(self.rest)?;
        match rest.strip_prefix(&[letter]) {
            Some(after) if rest.len() < self.rest.len() => {
                self.rest = after;
                self.found = true;
                Some(number)
            }
            _ => Some(0),
        }
    }

    /// The seconds with their fraction.
    fn seconds(&mut self) -> Option<i128> {
        let (whole, rest) = number(self.rest)?;
        if rest.len() == self.rest.len() {
            return Some(0);
        }
        let (part, rest) = fraction(rest)?;
        self.rest = rest.strip_prefix(b"S")?;
        self.found = true;
        Some(whole * SECOND + part)
    }
}

/// Reads digits, of which there may be none; gives what follows.
fn number(text: &[u8]) -> Option<(i128, &[u8])> {
    let count = text.iter().take_while(|b| b.is_ascii_digit()).count();
    let (digits, rest) = text.split_at_checked(count)?;
    let zeros = digits.iter().take_while(|b| **b == b'0').count();
    if count - zeros > LONGEST {
        return None;
    }
    Some((digits.iter().fold(0, |sum, digit| sum * 10 + i128::from(digit - b'0')), rest))
}

/// Reads a fraction of a second, which may not be there; gives what follows.
fn fraction(text: &[u8]) -> Option<(i128, &[u8])> {
    let Some(text) = text.strip_prefix(b".") else { return Some((0, text)) };
    let count = text.iter().take_while(|b| b.is_ascii_digit()).count();
    let (digits, rest) = text.split_at_checked(count)?;
    let mut unit = SECOND;
    let mut sum = 0;
    for digit in digits {
        unit /= 10;
        sum += i128::from(digit - b'0') * unit;
    }
    (count > 0).then_some((sum, rest))
}

/// Reads year, month and day; gives the days from the start of year 1 and what follows.
fn date(text: &[u8]) -> Option<(i128, &[u8])> {
    let (year, rest) = year(text)?;
    let (month, rest) = two(rest.strip_prefix(b"-")?)?;
    let (day, rest) = two(rest.strip_prefix(b"-")?)?;
    Some((days_before(year, month, day)?, rest))
}

/// Reads a year: at least four digits, more only where they are needed. There is no year 0000 in XML Schema 1.0.
fn year(text: &[u8]) -> Option<(i128, &[u8])> {
    let (sign, text) = match text.strip_prefix(b"-") {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    let (year, rest) = number(text)?;
    let digits = text.len() - rest.len();
    let padded = digits > 4 && text.starts_with(b"0");
    (digits >= 4 && !padded && year != 0).then_some((sign * year, rest))
}

/// The days from the start of year 1 to that day; `None` when the calendar does not have it.
fn days_before(year: i128, month: u32, day: u32) -> Option<i128> {
    let leap = is_leap(year);
    let last = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => 0,
    };
    if !(1..=last).contains(&day) {
        return None;
    }
    // Year -1 comes right before year 1, and the same numbers are leap years on both sides.
    let leaps = |years: i128| years / 4 - years / 100 + years / 400;
    let start = if year > 0 { 365 * (year - 1) + leaps(year - 1) } else { 365 * year - leaps(-year) };
    Some(start + days_in_year(leap, i128::from(month)) + i128::from(day) - 1)
}

/// The days of a year before a month.
fn days_in_year(leap: bool, month: i128) -> i128 {
    let common = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    let before = usize::try_from(month - 1).ok().and_then(|at| common.get(at)).copied().unwrap_or_default();
    before + i128::from(leap && month > 2)
}

fn is_leap(year: i128) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// Reads hours, minutes, seconds and their fraction; gives the time since midnight and what follows.
fn clock(text: &[u8]) -> Option<(i128, &[u8])> {
    let (hour, rest) = two(text)?;
    let (minute, rest) = two(rest.strip_prefix(b":")?)?;
    let (second, rest) = two(rest.strip_prefix(b":")?)?;
    let (part, after) = fraction(rest)?;
    // Finer than what is compared, a fraction may still be there.
    let written = rest.get(..rest.len() - after.len()).unwrap_or_default();
    let whole = written.iter().all(|byte| matches!(byte, b'.' | b'0'));
    let midnight = hour == 24 && minute == 0 && second == 0 && whole;
    if !midnight && (hour > 23 || minute > 59 || second > 59) {
        return None;
    }
    Some(((i128::from(hour) * 3600 + i128::from(minute) * 60 + i128::from(second)) * SECOND + part, after))
}

/// Reads what follows a date or time: nothing, `Z`, or hours and minutes up to 14:00. Gives minutes.
fn zone(text: &[u8]) -> Option<Option<i32>> {
    match text {
        [] => Some(None),
        b"Z" => Some(Some(0)),
        [sign @ (b'+' | b'-'), rest @ ..] => {
            let (hours, rest) = two(rest)?;
            let (minutes, rest) = two(rest.strip_prefix(b":")?)?;
            let offset = i32::try_from(hours * 60 + minutes).ok()?;
            let fits = rest.is_empty() && minutes < 60 && offset <= 14 * 60;
            fits.then_some(Some(if *sign == b'-' { -offset } else { offset }))
        }
        _ => None,
    }
}

fn two(text: &[u8]) -> Option<(u32, &[u8])> {
    match text {
        [a @ b'0'..=b'9', b @ b'0'..=b'9', rest @ ..] => {
            Some((u32::from(a - b'0') * 10 + u32::from(b - b'0'), rest))
        }
        _ => None,
    }
}

#[cfg(test)]
#[path = "temporal_tests.rs"]
mod tests;
