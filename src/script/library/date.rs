//! The package `date`: dates and times with their offsets, by patterns and in time zones.

use jiff::Timestamp;
use jiff::fmt::strtime::BrokenDownTime;
use jiff::tz::Offset;
use rhai::Dynamic;
use rust_decimal::Decimal;

use super::arguments::{excerpt, one_of, out, text, through};
use super::date_change::{self as change, SPANS, UNITS};
use super::moment::{Clock, Moment, check_zone, out_of_range, zone};
use super::{Function, Package, Wrong};
use crate::script::engine::State;
use crate::script::numbers::Number;
use crate::script::view::{Raised, raise};

pub(super) const PACKAGE: Package = Package {
    name: "date",
    summary: "Dates and times, which are texts of ISO 8601 as XML Schema writes them. Their offset and form stay as they are; what is absent stays absent.",
    functions: FUNCTIONS,
};

const FUNCTIONS: &[Function] = &[
    Function {
        name: "add",
        signature: "date::add(value, period)",
        summary: "The date so much later; a period is one of ISO 8601, such as P1M, P10D or PT36H.",
        example: r#"date::add("2026-01-31T10:00:00+01:00", "P1M")"#,
        result: "2026-02-28T10:00:00+01:00",
        checks: &[(1, change::check_period)],
        register: |r| {
            r.add(|value: Dynamic, period: &str| change::add(&value, period, false));
        },
    },
    Function {
        name: "compare",
        signature: "date::compare(a, b)",
        summary: "-1 when the first is earlier, 1 when it is later, 0 when both are the same moment.",
        example: r#"date::compare("2026-03-01T10:00:00Z", "2026-03-01T12:00:00+02:00")"#,
        result: "0",
        checks: &[],
        register: |r| {
            r.add(change::compare);
        },
    },
    Function {
        name: "difference",
        signature: "date::difference(from, to, unit)",
        summary: "How many whole units lie between two dates; units are years, months, weeks, days, hours, minutes, seconds, milliseconds.",
        example: r#"date::difference("2026-01-31", "2026-03-01", "days")"#,
        result: "29",
        checks: &[(2, |unit| one_of(unit, "a unit of time", SPANS))],
        register: |r| {
            r.add(|a: Dynamic, b: Dynamic, unit: &str| change::difference(&a, &b, unit));
        },
    },
    Function {
        name: "end_of",
        signature: "date::end_of(value, unit)",
        summary: "The last moment of the day, week, month, quarter, year or hour; for a date, the last day.",
        example: r#"date::end_of("2026-02-10", "month")"#,
        result: "2026-02-28",
        checks: &[(1, |unit| one_of(unit, "a unit of the calendar", UNITS))],
        register: |r| {
            r.add(|value: Dynamic, unit: &str| change::edge(&value, unit, true));
        },
    },
    Function {
        name: "epoch",
        signature: "date::epoch(value)",
        summary: "The seconds since 1970-01-01T00:00:00Z, with the fraction that the date has.",
        example: r#"date::epoch("2026-03-01T00:00:00.5Z")"#,
        result: "1772323200.5",
        checks: &[],
        register: |r| {
            r.add(|value: Dynamic| through(&value, epoch));
        },
    },
    Function {
        name: "format",
        signature: "date::format(value, pattern)",
        summary: "The date as text by a pattern of strftime: %Y %m %d %H %M %S %f %z, %b and %A for names.",
        example: r#"date::format("2026-03-01T10:05:00+01:00", "%d.%m.%Y %H:%M")"#,
        result: "01.03.2026 10:05",
        checks: &[(1, check_pattern)],
        register: |r| {
            r.add(|value: Dynamic, pattern: &str| through(&value, |text| format(text, pattern)));
        },
    },
    Function {
        name: "from_epoch",
        signature: "date::from_epoch(seconds)",
        summary: "The moment so many seconds after 1970-01-01T00:00:00Z.",
        example: "date::from_epoch(1772323200)",
        result: "2026-03-01T00:00:00.000Z",
        checks: &[],
        register: |r| {
            r.add(from_epoch);
        },
    },
    Function {
        name: "in_zone",
        signature: "date::in_zone(value, zone)",
        summary: "The date without an offset as one of a time zone, with the offset that holds there then.",
        example: r#"date::in_zone("2026-07-01T10:00:00", "Europe/Berlin")"#,
        result: "2026-07-01T10:00:00+02:00",
        checks: &[(1, check_zone)],
        register: |r| {
            let state = r.state();
            r.add(move |value: Dynamic, name: &str| through(&value, |text| in_zone(&state, text, name)));
        },
    },
    Function {
        name: "is_date",
        signature: "date::is_date(value)",
        summary: "Whether a value is a date of ISO 8601, with or without a time.",
        example: r#"date::is_date("2026-02-30")"#,
        result: "false",
        checks: &[],
        register: |r| {
            r.add(|value: Dynamic| text(&value).is_ok_and(|text| Moment::parse(text.trim()).is_some()));
        },
    },
    Function {
        name: "now",
        signature: "date::now([zone])",
        summary: "When the execution started, in UTC or a time zone: the same for all scripts of a request.",
        example: r#"date::now("Europe/Berlin")"#,
        result: "2026-03-01T11:00:00.000+01:00",
        checks: &[(0, check_zone)],
        register: |r| {
            let (state, zoned) = (r.state(), r.state());
            r.add(move || now(&state, "UTC").map(|now| now.to_string()))
                .add(move |zone: &str| now(&zoned, zone).map(|now| now.to_string()));
        },
    },
    Function {
        name: "parse",
        signature: "date::parse(text, pattern)",
        summary: "The date that a text says by a pattern of strptime, as ISO 8601.",
        example: r#"date::parse("01.03.2026 10:05", "%d.%m.%Y %H:%M")"#,
        result: "2026-03-01T10:05:00",
        checks: &[(1, check_pattern)],
        register: |r| {
            r.add(|value: Dynamic, pattern: &str| through(&value, |text| parse(text, pattern)));
        },
    },
    Function {
        name: "part",
        signature: "date::part(value, unit)",
        summary: "The year, quarter, month, week, day, hour, minute, second, or day of the year as a number.",
        example: r#"date::part("2026-03-01", "month")"#,
        result: "3",
        checks: &[(1, |part| one_of(part, "a part of a date", change::PARTS))],
        register: |r| {
            r.add(|value: Dynamic, part: &str| through(&value, |text| change::part(text, part)));
        },
    },
    Function {
        name: "start_of",
        signature: "date::start_of(value, unit)",
        summary: "The first moment of the day, week, month, quarter, year or hour; weeks start on Monday.",
        example: r#"date::start_of("2026-03-18T10:05:00.000Z", "month")"#,
        result: "2026-03-01T00:00:00.000Z",
        checks: &[(1, |unit| one_of(unit, "a unit of the calendar", UNITS))],
        register: |r| {
            r.add(|value: Dynamic, unit: &str| change::edge(&value, unit, false));
        },
    },
    Function {
        name: "subtract",
        signature: "date::subtract(value, period)",
        summary: "The date so much earlier.",
        example: r#"date::subtract("2026-03-01", "P1D")"#,
        result: "2026-02-28",
        checks: &[(1, change::check_period)],
        register: |r| {
            r.add(|value: Dynamic, period: &str| change::add(&value, period, true));
        },
    },
    Function {
        name: "to_zone",
        signature: "date::to_zone(value, zone)",
        summary: "The same moment on the clocks of a time zone.",
        example: r#"date::to_zone("2026-07-01T10:00:00Z", "Europe/Berlin")"#,
        result: "2026-07-01T12:00:00+02:00",
        checks: &[(1, check_zone)],
        register: |r| {
            let state = r.state();
            r.add(move |value: Dynamic, name: &str| through(&value, |text| to_zone(&state, text, name)));
        },
    },
    Function {
        name: "today",
        signature: "date::today([zone])",
        summary: "The day on which the execution started, in UTC or a time zone.",
        example: "date::today()",
        result: "2026-03-01",
        checks: &[(0, check_zone)],
        register: |r| {
            let (state, zoned) = (r.state(), r.state());
            r.add(move || now(&state, "UTC").map(|now| now.date.to_string()))
                .add(move |zone: &str| now(&zoned, zone).map(|now| now.date.to_string()));
        },
    },
    Function {
        name: "weekday",
        signature: "date::weekday(value)",
        summary: "The day of the week: 1 for Monday to 7 for Sunday.",
        example: r#"date::weekday("2026-03-01")"#,
        result: "7",
        checks: &[],
        register: |r| {
            r.add(|value: Dynamic| {
                through(&value, |text| {
                    Ok(i64::from(Moment::read(text)?.date.weekday().to_monday_one_offset()))
                })
            });
        },
    },
];

fn is_utc(zone: &str) -> bool {
    matches!(zone, "UTC" | "Etc/UTC" | "Z")
}

fn now(state: &State, name: &str) -> Result<Moment, Raised> {
    let Some(started) = state.execution.borrow().started else {
        return Err(raise("the time is not known outside of an execution"));
    };
    zone(state, name, |zone| Ok(Moment::at(started, zone.to_offset(started), is_utc(name))))
}

fn to_zone(state: &State, text: &str, name: &str) -> Result<Dynamic, Raised> {
    let moment = Moment::read(text)?;
    if moment.time.is_none() {
        return Err(raise(format!("`{moment}` has no time of day: a day has no other zone")));
    }
    let timestamp = moment.timestamp()?;
    let offset = zone(state, name, |zone| Ok(zone.to_offset(timestamp)))?;
    Ok(out(moment.moved(offset.to_datetime(timestamp), offset, is_utc(name)).to_string()))
}

fn in_zone(state: &State, text: &str, name: &str) -> Result<Dynamic, Raised> {
    let moment = Moment::read(text)?;
    if moment.offset.is_some() {
        let help = "date::to_zone(value, zone) gives the same moment there";
        return Err(raise(format!("`{moment}` has an offset already: {help}")));
    }
    let civil = moment.civil();
    let timestamp = zone(state, name, |zone| zone.to_timestamp(civil).map_err(|_| out_of_range()))?;
    let offset = zone(state, name, |zone| Ok(zone.to_offset(timestamp)))?;
    // An hour that the clocks leave out is moved to one that there is.
    Ok(out(moment.moved(offset.to_datetime(timestamp), offset, is_utc(name)).to_string()))
}

fn epoch(text: &str) -> Result<Dynamic, Raised> {
    let nanoseconds = Moment::read(text)?.timestamp()?.as_nanosecond();
    let seconds = Decimal::try_from_i128_with_scale(nanoseconds, 9).map_err(|_| out_of_range())?;
    let seconds = seconds.normalize();
    match (seconds.scale(), i64::try_from(seconds)) {
        (0, Ok(whole)) => Ok(Dynamic::from(whole)),
        _ => Ok(Dynamic::from(seconds)),
    }
}

fn from_epoch(seconds: Dynamic) -> Result<Dynamic, Raised> {
    if seconds.is_unit() {
        return Ok(Dynamic::UNIT);
    }
    let nanoseconds = Number::of(&seconds)?.decimal().checked_mul(Decimal::from(1_000_000_000_i64));
    let nanoseconds = nanoseconds.and_then(|n| i128::try_from(n.trunc()).ok());
    let timestamp = nanoseconds.and_then(|n| Timestamp::from_nanosecond(n).ok());
    let moment = timestamp.map(|timestamp| Moment::at(timestamp, Offset::UTC, true));
    let moment = moment.filter(|moment| moment.date.year() > 0).ok_or_else(out_of_range)?;
    Ok(out(moment.to_string()))
}

fn broken_down(moment: &Moment) -> Result<BrokenDownTime, Raised> {
    Ok(match (moment.zoned()?, &moment.time) {
        (Some(zoned), _) => BrokenDownTime::from(&zoned),
        (None, Some(_)) => BrokenDownTime::from(moment.civil()),
        (None, None) => BrokenDownTime::from(moment.date),
    })
}

fn format(text: &str, pattern: &str) -> Result<Dynamic, Raised> {
    if let Err(wrong) = has_directive(pattern) {
        return Err(raise(wrong.one_line()));
    }
    let moment = Moment::read(text)?;
    let shown = broken_down(&moment)?.to_string(pattern).map_err(|error| {
        raise(format!("`{moment}` cannot be written as `{}`: {}", excerpt(pattern), plain(&error)))
    });
    shown.map(Dynamic::from)
}

fn parse(text: &str, pattern: &str) -> Result<Dynamic, Raised> {
    let text = text.trim();
    let wrong = |why: String| {
        raise(format!("`{}` is not a date of the pattern `{}`: {why}", excerpt(text), excerpt(pattern)))
    };
    let read = BrokenDownTime::parse(pattern, text).map_err(|error| wrong(plain(&error)))?;
    let date = read.to_date().map_err(|error| wrong(plain(&error)))?;
    let time = match read.hour() {
        Some(_) => {
            let time = read.to_time().map_err(|error| wrong(plain(&error)))?;
            Some(Clock::new(time, 0))
        }
        None => None,
    };
    let moment = Moment { date, time, offset: None };
    Ok(out(match read.offset() {
        Some(offset) => moment.moved(moment.civil(), offset, offset == Offset::UTC).to_string(),
        None => moment.to_string(),
    }))
}

/// The last cause that the library names.
fn plain(error: &jiff::Error) -> String {
    let text = error.to_string();
    let last = text.rsplit(": ").next().unwrap_or(&text);
    in_words(last).unwrap_or_else(|| last.to_owned())
}

/// What the library says of its own parameters, in words of dates.
fn in_words(cause: &str) -> Option<String> {
    if let Some((remaining, _)) = cause
        .strip_prefix("strptime expects to consume the entire input, but ")
        .and_then(|rest| rest.rsplit_once(" remains unparsed"))
    {
        return Some(format!("{remaining} is left over"));
    }
    if cause.starts_with("requires ") && cause.contains("time zone") {
        return Some("the date has no time zone or offset to write".into());
    }
    let (what, rest) = cause.strip_prefix("parameter '")?.split_once('\'')?;
    Some(match what {
        "day" if rest.starts_with(" for ") => "that month has no such day".into(),
        what => format!("the {what} is out of its range"),
    })
}

fn has_directive(pattern: &str) -> Result<(), Wrong> {
    match pattern.contains('%') {
        true => Ok(()),
        false => Err(Wrong {
            message: format!("`{}` is not a pattern for dates", excerpt(pattern)),
            help: Some("it is written as for strftime: \"%Y-%m-%d %H:%M:%S\"".into()),
        }),
    }
}

/// Checks a pattern that is a literal.
fn check_pattern(pattern: &str) -> Result<(), Wrong> {
    has_directive(pattern)?;
    let sample = Moment::at(Timestamp::UNIX_EPOCH, Offset::UTC, true);
    let shown = broken_down(&sample).map(|sample| sample.to_string(pattern));
    match shown {
        Ok(Err(error)) => {
            let why = plain(&error);
            Err(Wrong::plain(format!("`{}` is not a pattern for dates: {why}", excerpt(pattern))))
        }
        _ => Ok(()),
    }
}
