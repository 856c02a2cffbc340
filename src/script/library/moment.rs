//! Dates as documents write them (XML Schema part 2, sections 3.2.7 and 3.2.9): read and written without losing their form.

use compact_str::{CompactString, ToCompactString, format_compact};
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, Zoned};

use super::Wrong;
use super::arguments::excerpt;
use crate::script::engine::State;
use crate::script::view::{Raised, raise};
use crate::source::nearest;

/// Zones that are kept at hand.
const KEPT: usize = 32;

/// A date, or a date with a time, with or without an offset.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Moment {
    pub date: Date,
    pub time: Option<Clock>,
    /// The offset, and how it is written: `Z`, `+01:00`.
    pub offset: Option<(Offset, CompactString)>,
}

/// A time of day and how it is written.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Clock {
    pub time: Time,
    /// `T` or a space.
    separator: char,
    /// Digits of the fraction of a second; `None` where even the seconds are left out.
    digits: Option<usize>,
}

impl Clock {
    /// A time written with so many digits of a fraction.
    pub(super) fn new(time: Time, digits: usize) -> Self {
        Self { time, separator: 'T', digits: Some(digits) }
    }

    /// The last moment before the next second, in as many digits as this is written with.
    pub(super) fn last_fraction(&self) -> i32 {
        let digits = u32::try_from(self.digits.unwrap_or(0)).unwrap_or(0);
        999_999_999 - (10_i32.pow(9 - digits.min(9)) - 1)
    }

    fn push(&self, out: &mut CompactString) {
        let time = self.time;
        out.push(self.separator);
        out.push_str(&format_compact!("{:02}:{:02}", time.hour(), time.minute()));
        let nanoseconds = time.subsec_nanosecond();
        if self.digits.is_none() && time.second() == 0 && nanoseconds == 0 {
            return;
        }
        out.push_str(&format_compact!(":{:02}", time.second()));
        let fraction = format!("{nanoseconds:09}");
        // What a period added must not be lost.
        let digits = self.digits.unwrap_or(0).max(fraction.trim_end_matches('0').len());
        if digits > 0 {
            out.push('.');
            out.push_str(fraction.get(..digits).unwrap_or(&fraction));
        }
    }
}

impl Moment {
    /// Reads a date of ISO 8601 as XML Schema writes it; the error says what was found.
    pub(super) fn read(text: &str) -> Result<Self, Raised> {
        Self::parse(text.trim()).ok_or_else(|| {
            let help = "a date is written 2026-03-01, 2026-03-01T10:00:00 or 2026-03-01T10:00:00+01:00";
            raise(format!("`{}` is not a date: {help}; date::parse reads others", excerpt(text)))
        })
    }

    /// As [`Moment::read`], without an error.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (date, rest) = text.split_at_checked(10)?;
        let date = self::date(date)?;
        let (time, rest) = match rest.chars().next() {
            Some(separator @ ('T' | ' ')) => {
                let rest = rest.get(1..)?;
                let end = rest.find(|c: char| !c.is_ascii_digit() && c != ':' && c != '.');
                let (time, rest) = rest.split_at_checked(end.unwrap_or(rest.len()))?;
                (Some(clock(time, separator)?), rest)
            }
            _ => (None, rest),
        };
        let offset = match rest {
            "" => None,
            written => Some((offset(written)?, written.into())),
        };
        Some(Self { date, time, offset })
    }

    /// A moment at an offset, in milliseconds.
    pub(super) fn at(timestamp: Timestamp, offset: Offset, zulu: bool) -> Self {
        let at = offset.to_datetime(timestamp);
        let written = if zulu { CompactString::const_new("Z") } else { written(offset) };
        Self { date: at.date(), time: Some(Clock::new(at.time(), 3)), offset: Some((offset, written)) }
    }

    /// The wall clock; midnight for a date alone.
    pub(super) fn civil(&self) -> DateTime {
        self.date.to_datetime(self.time.as_ref().map_or(Time::midnight(), |clock| clock.time))
    }

    /// The same form with another wall clock.
    pub(super) fn with(&self, at: DateTime) -> Self {
        let time = self.time.clone().map(|clock| Clock { time: at.time(), ..clock });
        Self { date: at.date(), time, offset: self.offset.clone() }
    }

    /// The same form with another wall clock and offset.
    pub(super) fn moved(&self, at: DateTime, offset: Offset, zulu: bool) -> Self {
        let same = self.offset.as_ref().filter(|(old, _)| *old == offset);
        let text = match same {
            Some((_, text)) => text.clone(),
            None if zulu => CompactString::const_new("Z"),
            None => written(offset),
        };
        Self { offset: Some((offset, text)), ..self.with(at) }
    }

    /// The moment that is meant; an error where there is no offset.
    pub(super) fn timestamp(&self) -> Result<Timestamp, Raised> {
        let Some((offset, _)) = &self.offset else {
            let help = "date::in_zone(value, zone) says which it is";
            return Err(raise(format!("`{self}` has no offset, so it is not known when that is: {help}")));
        };
        offset.to_timestamp(self.civil()).map_err(|_| out_of_range())
    }

    /// With its offset as a zone, for patterns that show it.
    pub(super) fn zoned(&self) -> Result<Option<Zoned>, Raised> {
        let Some((offset, _)) = &self.offset else { return Ok(None) };
        Ok(Some(self.timestamp()?.to_zoned(TimeZone::fixed(*offset))))
    }
}

impl std::fmt::Display for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut text = self.date.to_compact_string();
        if let Some(clock) = &self.time {
            clock.push(&mut text);
        }
        if let Some((_, offset)) = &self.offset {
            text.push_str(offset);
        }
        f.write_str(&text)
    }
}

/// The failure of a date outside of the years 1 to 9999.
pub(super) fn out_of_range() -> Raised {
    raise("the date would lie outside of the years 1 to 9999")
}

/// An offset as it is written: `+01:00`.
fn written(offset: Offset) -> CompactString {
    let minutes = offset.seconds() / 60;
    let sign = if minutes < 0 { '-' } else { '+' };
    format_compact!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
}

fn digits<T: std::str::FromStr>(text: &str, length: usize) -> Option<T> {
    let plain = text.len() == length && text.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

fn date(text: &str) -> Option<Date> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let year: i16 = digits(year, 4)?;
    match parts.next() {
        None if year > 0 => Date::new(year, digits(month, 2)?, digits(day, 2)?).ok(),
        _ => None,
    }
}

fn clock(text: &str, separator: char) -> Option<Clock> {
    let mut parts = text.split(':');
    let (hour, minute) = (digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    let (second, nanoseconds, shown) = match parts.next() {
        None => (0, 0, None),
        Some(seconds) => {
            let (second, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
            if fraction.len() > 9 || (fraction.is_empty() && seconds.contains('.')) {
                return None;
            }
            let nanoseconds: i32 = digits(&format!("{fraction:0<9}"), 9)?;
            (digits(second, 2)?, nanoseconds, Some(fraction.len()))
        }
    };
    let time = Time::new(hour, minute, second, nanoseconds).ok().filter(|_| parts.next().is_none())?;
    Some(Clock { time, separator, digits: shown })
}

fn offset(text: &str) -> Option<Offset> {
    if text == "Z" {
        return Some(Offset::UTC);
    }
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+')?),
    };
    let (hours, minutes) = match rest.split_once(':') {
        Some(parts) => parts,
        None if rest.len() == 2 => (rest, "00"),
        None => rest.split_at_checked(2)?,
    };
    let (hours, minutes): (i32, i32) = (digits(hours, 2)?, digits(minutes, 2)?);
    // 14 hours at most: XML Schema part 2, section 3.2.7.3.
    let seconds = (hours * 60 + minutes) * 60;
    (minutes < 60 && seconds <= 14 * 3600).then(|| Offset::from_seconds(sign * seconds).ok())?
}

/// The zones that a worker's scripts used last.
#[derive(Debug, Default)]
pub(in crate::script) struct Zones(Vec<(CompactString, TimeZone)>);

/// Asks a zone something by its IANA name.
pub(super) fn zone<T>(
    state: &State,
    name: &str,
    ask: impl FnOnce(&TimeZone) -> Result<T, Raised>,
) -> Result<T, Raised> {
    let mut zones = state.zones.borrow_mut();
    if let Some((_, zone)) = zones.0.iter().find(|(known, _)| known == name) {
        return ask(zone);
    }
    check_zone(name).map_err(|wrong| raise(wrong.one_line()))?;
    let zone = TimeZone::get(name).map_err(|_| raise(format!("`{}` is not a time zone", excerpt(name))))?;
    if zones.0.len() >= KEPT {
        zones.0.clear();
    }
    let answer = ask(&zone);
    zones.0.push((name.into(), zone));
    answer
}

/// Checks the name of a zone that is a literal.
pub(super) fn check_zone(name: &str) -> Result<(), Wrong> {
    if TimeZone::get(name).is_ok() {
        return Ok(());
    }
    let known: Vec<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
    let help = match nearest(name, known.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "a zone is named as IANA does, such as \"Europe/Berlin\" or \"UTC\"".into(),
    };
    Err(Wrong { message: format!("`{}` is not a time zone", excerpt(name)), help: Some(help) })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_read_is_written_again() {
        for text in [
            "2026-03-01",
            "2026-03-01Z",
            "2026-03-01+01:00",
            "2026-03-01T10:00",
            "2026-03-01T10:00:00",
            "2026-03-01 10:00:00.120-0530",
            "2026-03-01T10:00:00.000Z",
            "0001-01-01T23:59:59.123456789+14:00",
        ] {
            assert_eq!(Moment::parse(text).unwrap().to_string(), text);
        }
        for bad in [
            "",
            "2026",
            "2026-13-01",
            "2026-02-30",
            "2026-03-01T",
            "2026-03-01T10",
            "2026-03-01T10:00:00.",
            "2026-03-01T10:00:00+15:00",
            "2026-03-01x",
            "2026-3-1",
            "01.03.2026",
            "ä026-03-01",
        ] {
            assert_eq!(Moment::parse(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn no_text_does_harm(text in "[0-9TZ:. +-]{0,30}") {
            if let Some(moment) = Moment::parse(&text) {
                prop_assert_eq!(moment.to_string(), text);
            }
        }
    }
}
