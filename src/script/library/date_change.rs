//! Dates moved, compared and taken apart.

use jiff::civil::{DateTime, Time};
use jiff::{Span, ToSpan, Unit};
use rhai::Dynamic;

use super::Wrong;
use super::arguments::{choice, excerpt, out, text, through};
use super::moment::{Moment, out_of_range};
use crate::script::view::{Raised, raise};

/// The units of a difference.
pub(super) const SPANS: &[(&str, Unit)] = &[
    ("years", Unit::Year),
    ("months", Unit::Month),
    ("weeks", Unit::Week),
    ("days", Unit::Day),
    ("hours", Unit::Hour),
    ("minutes", Unit::Minute),
    ("seconds", Unit::Second),
    ("milliseconds", Unit::Millisecond),
];

/// The units that have a start and an end.
#[derive(Debug, Clone, Copy)]
pub(super) enum Calendar {
    Hour,
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

/// Their names.
pub(super) const UNITS: &[(&str, Calendar)] = &[
    ("hour", Calendar::Hour),
    ("day", Calendar::Day),
    ("week", Calendar::Week),
    ("month", Calendar::Month),
    ("quarter", Calendar::Quarter),
    ("year", Calendar::Year),
];

type Part = fn(DateTime) -> i64;

/// The parts of a date, and how each is read.
pub(super) const PARTS: &[(&str, Part)] = &[
    ("year", |at| at.year().into()),
    ("quarter", |at| i64::from((at.month() - 1) / 3 + 1)),
    ("month", |at| at.month().into()),
    ("week", |at| at.date().iso_week_date().week().into()),
    ("day", |at| at.day().into()),
    ("day-of-year", |at| at.day_of_year().into()),
    ("hour", |at| at.hour().into()),
    ("minute", |at| at.minute().into()),
    ("second", |at| at.second().into()),
];

fn period(text: &str) -> Result<Span, Wrong> {
    text.parse().map_err(|_| Wrong {
        message: format!("`{}` is not a period", excerpt(text)),
        help: Some("it is written as in ISO 8601: P1Y2M10D, P2W, PT36H, P1DT12H30M".into()),
    })
}

/// Checks a period that is a literal.
pub(super) fn check_period(text: &str) -> Result<(), Wrong> {
    period(text).map(drop)
}

fn has_time(span: &Span) -> bool {
    [span.get_hours().into(), span.get_minutes(), span.get_seconds(), span.get_milliseconds()]
        .iter()
        .chain(&[span.get_microseconds(), span.get_nanoseconds()])
        .any(|amount| *amount != 0)
}

pub(super) fn add(value: &Dynamic, by: &str, back: bool) -> Result<Dynamic, Raised> {
    through(value, |text| {
        let moment = Moment::read(text)?;
        let span = period(by).map_err(|wrong| raise(wrong.one_line()))?;
        if moment.time.is_none() && has_time(&span) {
            return Err(raise(format!("`{moment}` has no time of day to which `{}` adds", excerpt(by))));
        }
        let civil = moment.civil();
        let moved = if back { civil.checked_sub(span) } else { civil.checked_add(span) };
        written(&moment, moved.map_err(|_| out_of_range())?)
    })
}

fn written(moment: &Moment, at: DateTime) -> Result<Dynamic, Raised> {
    match at.year() > 0 {
        true => Ok(out(moment.with(at).to_string())),
        false => Err(out_of_range()),
    }
}

/// Two dates on one clock: that of the first one's offset, or of none.
fn together(a: &Dynamic, b: &Dynamic) -> Result<(DateTime, DateTime), Raised> {
    let (a, b) = (Moment::read(&text(a)?)?, Moment::read(&text(b)?)?);
    match (&a.offset, &b.offset) {
        (Some((offset, _)), Some((other, _))) if offset != other => {
            Ok((a.civil(), offset.to_datetime(b.timestamp()?)))
        }
        (None, Some(_)) | (Some(_), None) if a.time.is_some() && b.time.is_some() => {
            Err(raise(format!("`{a}` and `{b}` cannot be compared: one has an offset, the other has none")))
        }
        _ => Ok((a.civil(), b.civil())),
    }
}

pub(super) fn compare(a: Dynamic, b: Dynamic) -> Result<i64, Raised> {
    let (a, b) = together(&a, &b)?;
    Ok(match a.cmp(&b) {
        std::cmp::Ordering::Less => -1,
        std::cmp::Ordering::Equal => 0,
        std::cmp::Ordering::Greater => 1,
    })
}

pub(super) fn difference(a: &Dynamic, b: &Dynamic, unit: &str) -> Result<Dynamic, Raised> {
    if a.is_unit() || b.is_unit() {
        return Ok(Dynamic::UNIT);
    }
    let unit = choice(unit, "a unit of time", SPANS)?;
    let (a, b) = together(a, b)?;
    let span = a.until((unit, b)).map_err(|_| out_of_range())?;
    Ok(Dynamic::from(match unit {
        Unit::Year => i64::from(span.get_years()),
        Unit::Month => i64::from(span.get_months()),
        Unit::Week => i64::from(span.get_weeks()),
        Unit::Day => i64::from(span.get_days()),
        Unit::Hour => i64::from(span.get_hours()),
        Unit::Minute => span.get_minutes(),
        Unit::Second => span.get_seconds(),
        _ => span.get_milliseconds(),
    }))
}

/// The start of a unit of the calendar, or its last moment.
pub(super) fn edge(value: &Dynamic, unit: &str, last: bool) -> Result<Dynamic, Raised> {
    through(value, |text| {
        let moment = Moment::read(text)?;
        let unit = choice(unit, "a unit of the calendar", UNITS)?;
        if matches!(unit, Calendar::Hour) && moment.time.is_none() {
            return Err(raise(format!("`{moment}` has no time of day")));
        }
        let start = start(moment.civil(), unit).ok_or_else(out_of_range)?;
        if !last {
            return written(&moment, start);
        }
        let end = start.checked_add(length(unit)).and_then(|next| match &moment.time {
            // A date has days only: the last one.
            None => next.checked_sub(1.day()),
            Some(_) => next.checked_sub(1.nanosecond()),
        });
        let mut end = end.map_err(|_| out_of_range())?;
        if let Some(clock) = &moment.time {
            let time = end.time();
            let fraction = clock.last_fraction();
            let time = Time::new(time.hour(), time.minute(), time.second(), fraction);
            end = end.date().to_datetime(time.map_err(|_| out_of_range())?);
        }
        written(&moment, end)
    })
}

fn length(unit: Calendar) -> Span {
    match unit {
        Calendar::Hour => 1.hour(),
        Calendar::Day => 1.day(),
        Calendar::Week => 1.week(),
        Calendar::Month => 1.month(),
        Calendar::Quarter => 3.months(),
        Calendar::Year => 1.year(),
    }
}

fn start(at: DateTime, unit: Calendar) -> Option<DateTime> {
    let midnight = |date: jiff::civil::Date| date.to_datetime(Time::midnight());
    let date = at.date();
    let of = |month| jiff::civil::Date::new(at.year(), month, 1).ok().map(midnight);
    match unit {
        Calendar::Hour => Some(date.to_datetime(Time::new(at.hour(), 0, 0, 0).ok()?)),
        Calendar::Day => Some(midnight(date)),
        Calendar::Week => {
            let days = date.weekday().to_monday_zero_offset();
            date.checked_sub(i64::from(days).days()).ok().map(midnight)
        }
        Calendar::Month => of(at.month()),
        Calendar::Quarter => of((at.month() - 1) / 3 * 3 + 1),
        Calendar::Year => of(1),
    }
}

pub(super) fn part(text: &str, name: &str) -> Result<i64, Raised> {
    let read = choice(name, "a part of a date", PARTS)?;
    Ok(read(Moment::read(text)?.civil()))
}
