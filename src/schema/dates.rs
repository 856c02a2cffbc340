//! How dates and times are written: in which time zone, and with how many digits of a second. What is not said stays as it came.

use compact_str::{CompactString, format_compact};
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, ToSpan};

use super::simple::SimpleType;
use super::temporal::Moment;

/// How a value of type `dateTime`, `time` or `date` is written. The default: as it came.
#[derive(Debug, Clone, Default)]
pub struct Dates {
    /// On whose clocks.
    pub zone: Option<Zone>,
    /// With so many digits of a fraction: what is more is cut off, what is less is filled with zeros.
    pub fraction: Option<usize>,
}

/// The clocks that a date is written by. One without a zone is taken to be of these clocks already.
#[derive(Debug, Clone)]
pub enum Zone {
    /// The value's own, and without saying so.
    Without,
    /// UTC, written `Z`.
    Utc,
    /// Those that are so far from UTC.
    Offset(Offset),
    /// Those of a place, with its summer time.
    Place(TimeZone),
}

/// The farthest offset that XML Schema writes (part 2, section 3.2.7.3).
const FARTHEST: i32 = 14 * 3600;

impl Zone {
    /// The zone of a word: `none`, `utc`, an offset such as `+01:00`, or a name such as `Europe/Berlin`.
    pub fn named(word: &str) -> Option<Self> {
        match word {
            "none" => Some(Self::Without),
            "utc" => Some(Self::Utc),
            _ if word.starts_with(['+', '-']) => offset(word).map(Self::Offset),
            _ => TimeZone::get(word).ok().map(Self::Place),
        }
    }

    /// The words that are no names of places, and those.
    pub fn words() -> impl Iterator<Item = String> {
        let own = ["utc", "none"].into_iter().map(str::to_owned);
        own.chain(jiff::tz::db().available().map(|name| name.to_string()))
    }

    /// The offset at a moment.
    fn at(&self, moment: Timestamp) -> Option<Offset> {
        match self {
            Self::Without => None,
            Self::Utc => Some(Offset::UTC),
            Self::Offset(offset) => Some(*offset),
            Self::Place(zone) => Some(zone.to_offset(moment)),
        }
    }

    /// The offset when its own clocks show that: where they do so twice, the first time; where never, before the change.
    fn when(&self, shown: DateTime) -> Option<Offset> {
        match self {
            Self::Place(zone) => {
                zone.to_ambiguous_timestamp(shown).compatible().ok().and_then(|at| self.at(at))
            }
            _ => self.at(Timestamp::UNIX_EPOCH),
        }
    }

    /// The offset as it is written; `None` where that is finer than a minute, as before there were zones.
    fn written(&self, offset: Offset) -> Option<CompactString> {
        if matches!(self, Self::Utc) {
            return Some(CompactString::const_new("Z"));
        }
        let seconds = offset.seconds();
        let sign = if seconds < 0 { '-' } else { '+' };
        let (hours, minutes) = (seconds.abs() / 3600, seconds.abs() / 60 % 60);
        (seconds % 60 == 0).then(|| format_compact!("{sign}{hours:02}:{minutes:02}"))
    }
}

impl Dates {
    /// The value as it is to be written; `None` where it stays as it is: it is of no such type, or not one that can be
    /// reckoned with, such as one of the year 10000.
    pub fn write(&self, base: SimpleType, text: &str) -> Option<CompactString> {
        let text = base.collapse(text);
        Moment::parse(base, text)?;
        let (shown, zone) = parted(text);
        let (date, clock) = match base {
            SimpleType::Date => {
                return matches!(self.zone, Some(Zone::Without)).then(|| CompactString::from(shown));
            }
            SimpleType::DateTime => shown.split_once('T').map(|(date, clock)| (Some(date), clock))?,
            SimpleType::Time => (None, shown),
            _ => return None,
        };
        let (whole, fraction) = clock.split_once('.').unwrap_or((clock, ""));
        let mut out = match (&self.zone, zone) {
            (None, _) | (Some(Zone::Without), _) => joined(date, whole),
            (Some(to), zone) => {
                let (moved, offset) = moved(date, whole, zone.map(offset), to)?;
                let digits = self.digits(fraction);
                return Some(format_compact!("{moved}{digits}{}", to.written(offset)?));
            }
        };
        out.push_str(&self.digits(fraction));
        if self.zone.is_none() {
            out.push_str(zone.unwrap_or_default());
        }
        Some(out)
    }

    /// The fraction with its point.
    fn digits(&self, fraction: &str) -> CompactString {
        let count = self.fraction.unwrap_or(fraction.len());
        if count == 0 {
            return CompactString::default();
        }
        let kept = fraction.get(..count).unwrap_or(fraction);
        format_compact!(".{kept:0<count$}")
    }
}

/// A value without its zone, and the zone.
fn parted(text: &str) -> (&str, Option<&str>) {
    if text.ends_with('Z') {
        let (shown, zone) = text.split_at(text.len() - 1);
        return (shown, Some(zone));
    }
    match text.len().checked_sub(6).and_then(|at| text.split_at_checked(at)) {
        Some((shown, zone)) if zone.starts_with(['+', '-']) && zone.get(3..4) == Some(":") => {
            (shown, Some(zone))
        }
        _ => (text, None),
    }
}

fn joined(date: Option<&str>, clock: &str) -> CompactString {
    match date {
        Some(date) => format_compact!("{date}T{clock}"),
        None => clock.into(),
    }
}

/// A date and a time without a fraction on other clocks, with their offset. `from`: the offset that it has now, if it has one.
fn moved(
    date: Option<&str>,
    clock: &str,
    from: Option<Option<Offset>>,
    to: &Zone,
) -> Option<(CompactString, Offset)> {
    // A time of day has no date; that of the epoch does as well as any, since it is not written.
    let day = match date {
        Some(date) => date.parse::<Date>().ok().filter(|day| day.year() > 0)?,
        None => Date::constant(1970, 1, 2),
    };
    let shown = match clock {
        "24:00:00" => day.checked_add(1.day()).ok()?.to_datetime(Time::midnight()),
        clock => day.to_datetime(clock.parse::<Time>().ok()?),
    };
    let (shown, offset) = match from {
        None => (shown, to.when(shown)?),
        Some(from) => {
            let moment = from?.to_timestamp(shown).ok()?;
            let offset = to.at(moment)?;
            (offset.to_datetime(moment), offset)
        }
    };
    let clock = format_compact!("{:02}:{:02}:{:02}", shown.hour(), shown.minute(), shown.second());
    let date = date.is_some().then(|| shown.date().to_string());
    Some((joined(date.as_deref(), &clock), offset))
}

/// An offset as XML Schema writes it: `Z`, `+01:00`.
fn offset(text: &str) -> Option<Offset> {
    if text == "Z" {
        return Some(Offset::UTC);
    }
    let (hours, minutes) = text.get(1..)?.split_once(':')?;
    let number = |digits: &str| {
        let plain = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| digits.parse::<i32>().ok()).flatten()
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    let seconds = hours * 3600 + minutes * 60;
    let fits = minutes < 60 && seconds <= FARTHEST;
    fits.then(|| Offset::from_seconds(if text.starts_with('-') { -seconds } else { seconds }).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(zone: Option<&str>, fraction: Option<usize>, base: SimpleType, text: &str) -> String {
        let zone = zone.map(|word| Zone::named(word).unwrap());
        Dates { zone, fraction }.write(base, text).map_or_else(|| "as it is".to_owned(), Into::into)
    }

    #[test]
    fn what_is_not_said_stays_as_it_came() {
        for text in ["2026-03-01T10:00:00.120+01:00", "2026-03-01T24:00:00", "-12026-03-01T10:00:00Z"] {
            assert_eq!(write(None, None, SimpleType::DateTime, text), text);
        }
        assert_eq!(write(None, None, SimpleType::Time, " 10:00:00Z "), "10:00:00Z");
    }

    #[test]
    fn a_date_is_written_on_the_clocks_that_are_asked_for() {
        for (zone, text, wanted) in [
            ("utc", "2026-03-01T00:30:00.5+01:00", "2026-02-28T23:30:00.5Z"),
            ("utc", "2026-03-01T00:30:00", "2026-03-01T00:30:00Z"),
            ("utc", "2026-12-31T24:00:00+00:00", "2027-01-01T00:00:00Z"),
            ("-03:30", "2026-03-01T00:30:00Z", "2026-02-28T21:00:00-03:30"),
            ("+00:00", "2026-03-01T00:30:00Z", "2026-03-01T00:30:00+00:00"),
            ("none", "2026-03-01T00:30:00.5+01:00", "2026-03-01T00:30:00.5"),
            ("none", "2026-03-01T24:00:00Z", "2026-03-01T24:00:00"),
            ("Europe/Berlin", "2026-03-01T10:00:00Z", "2026-03-01T11:00:00+01:00"),
            ("Europe/Berlin", "2026-07-01T10:00:00Z", "2026-07-01T12:00:00+02:00"),
            ("Europe/Berlin", "2026-07-01T10:00:00", "2026-07-01T10:00:00+02:00"),
            // The clocks show it twice: the first time is meant.
            ("Europe/Berlin", "2026-10-25T02:30:00", "2026-10-25T02:30:00+02:00"),
            // Berlin's own time was no whole number of minutes from UTC.
            ("Europe/Berlin", "1880-01-01T10:00:00Z", "as it is"),
            ("utc", "12026-03-01T10:00:00+01:00", "as it is"),
            ("utc", "2026-02-30T10:00:00Z", "as it is"),
            ("utc", "soon", "as it is"),
        ] {
            assert_eq!(write(Some(zone), None, SimpleType::DateTime, text), wanted, "{zone} {text}");
        }
        assert_eq!(write(Some("+02:00"), None, SimpleType::Time, "23:00:00Z"), "01:00:00+02:00");
        assert_eq!(write(Some("none"), None, SimpleType::Date, "2026-03-01+01:00"), "2026-03-01");
        assert_eq!(write(Some("none"), None, SimpleType::Date, "2026-03-01"), "2026-03-01");
        assert_eq!(write(Some("utc"), None, SimpleType::Date, "2026-03-01+01:00"), "as it is");
    }

    #[test]
    fn a_fraction_is_cut_or_filled() {
        for (fraction, text, wanted) in [
            (0, "10:00:00.999Z", "10:00:00Z"),
            (3, "10:00:00Z", "10:00:00.000Z"),
            (3, "10:00:00.1", "10:00:00.100"),
            (9, "10:00:00.1234567891234+01:00", "10:00:00.123456789+01:00"),
        ] {
            assert_eq!(write(None, Some(fraction), SimpleType::Time, text), wanted, "{fraction} {text}");
        }
        let both = write(Some("utc"), Some(0), SimpleType::DateTime, "2026-03-01T00:30:00.9+01:00");
        assert_eq!(both, "2026-02-28T23:30:00Z");
    }

    #[test]
    fn a_zone_is_a_word_an_offset_or_a_place() {
        for word in ["utc", "none", "+14:00", "-00:30", "America/New_York"] {
            assert!(Zone::named(word).is_some(), "{word}");
        }
        for wrong in ["", "UTCC", "+1:00", "+14:30", "+01:60", "01:00", "Europe/Berlin2", "+0a:00"] {
            assert!(Zone::named(wrong).is_none(), "{wrong}");
        }
    }
}
