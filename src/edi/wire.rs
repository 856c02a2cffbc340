//! Types of elements: how a value is written on the wire, and what stands in the tree instead. All exact.

use compact_str::{CompactString, format_compact};

use crate::document::number::Lexical;

/// How the values of an element are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wire {
    /// As they are: `AN`, `ID` and `B` of X12, `a` and `an` of EDIFACT.
    Text,
    /// X12 `N0` to `N9`: digits without a decimal point, of which so many are decimals. `12.34` as `N2` is `1234`.
    Implied(u8),
    /// X12 `R`: a decimal number with its point.
    Real,
    /// EDIFACT `n`: a decimal number with the interchange's decimal mark.
    Number,
    /// X12 `DT`, in so many digits: `CCYYMMDD` or `YYMMDD`; in the tree `CCYY-MM-DD`.
    Date {
        /// 8 or 6.
        digits: u8,
    },
    /// X12 `TM`: `HHMM`, `HHMMSS` or with decimals of seconds; in the tree `HH:MM:SS`.
    Time,
}

/// The first year of the century that a date of two digits lies in: `50` is 1950, `49` is 2049.
const PIVOT: u32 = 50;

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

impl Wire {
    /// The value for the tree. What is not of the type stays as it is: the profile's check tells of it.
    pub fn read(self, text: CompactString) -> CompactString {
        let read = match self {
            Self::Text | Self::Real => None,
            Self::Implied(decimals) => read_implied(&text, usize::from(decimals)),
            Self::Number => Some(CompactString::from(text.replace(',', "."))),
            Self::Date { .. } => read_date(&text),
            Self::Time => read_time(&text),
        };
        read.unwrap_or(text)
    }

    /// The value for the wire.
    ///
    /// # Errors
    /// What the value is not.
    pub fn write(self, text: &str, decimal: char) -> Result<CompactString, String> {
        if self == Self::Text {
            return Ok(text.into());
        }
        let text = text.trim();
        // What is a decimal already keeps its zeros.
        let number = || match Lexical::decimal(text) {
            Some(_) => Some(text.trim_start_matches('+').to_owned()),
            None => Lexical::any(text).map(Lexical::plain),
        };
        match self {
            Self::Implied(decimals) => {
                let number = number().ok_or_else(|| format!("`{text}` is not a number"))?;
                write_implied(&number, usize::from(decimals)).ok_or_else(|| {
                    format!("`{text}` has more than {decimals} decimals, which N{decimals} cannot hold")
                })
            }
            Self::Text | Self::Real => {
                number().map(Into::into).ok_or_else(|| format!("`{text}` is not a number"))
            }
            Self::Number => {
                let number = number().ok_or_else(|| format!("`{text}` is not a number"))?;
                Ok(if decimal == '.' { number.into() } else { number.replace('.', ",").into() })
            }
            Self::Date { digits } => write_date(text, digits)
                .ok_or_else(|| format!("`{text}` is not a date like 2026-11-20 without a zone")),
            Self::Time => {
                write_time(text).ok_or_else(|| format!("`{text}` is not a time like 08:00:00 without a zone"))
            }
        }
    }
}

fn read_implied(text: &str, decimals: usize) -> Option<CompactString> {
    let (sign, number) = text.strip_prefix('-').map_or(("", text), |number| ("-", number));
    if !digits(number) {
        return None;
    }
    let number = format!("{number:0>width$}", width = decimals + 1);
    let (whole, fraction) = number.split_at_checked(number.len() - decimals)?;
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let sign = if number.bytes().all(|b| b == b'0') { "" } else { sign };
    Some(match fraction {
        "" => format_compact!("{sign}{whole}"),
        fraction => format_compact!("{sign}{whole}.{fraction}"),
    })
}

fn write_implied(number: &str, decimals: usize) -> Option<CompactString> {
    let (sign, number) = number.strip_prefix('-').map_or(("", number), |number| ("-", number));
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let fraction = fraction.trim_end_matches('0');
    if fraction.len() > decimals {
        return None;
    }
    let all = format!("{whole}{fraction:0<decimals$}");
    let all = all.trim_start_matches('0');
    Some(if all.is_empty() { "0".into() } else { format_compact!("{sign}{all}") })
}

fn read_date(text: &str) -> Option<CompactString> {
    if !digits(text) {
        return None;
    }
    match text.len() {
        8 => Some(format_compact!("{}-{}-{}", text.get(..4)?, text.get(4..6)?, text.get(6..)?)),
        6 => {
            let year: u32 = text.get(..2)?.parse().ok()?;
            let century = if year >= PIVOT { 19 } else { 20 };
            Some(format_compact!("{century}{}-{}-{}", text.get(..2)?, text.get(2..4)?, text.get(4..)?))
        }
        _ => None,
    }
}

/// A date of six or eight digits in eight, as the group header wants it.
pub(super) fn with_century(text: &str) -> CompactString {
    read_date(text).map_or_else(|| text.into(), |date| date.replace('-', "").into())
}

/// A date of the calendar, in the tree's form or in digits of either length, in as many digits as are wanted.
fn write_date(text: &str, wanted: u8) -> Option<CompactString> {
    // Digits of either length are a date already, whose century may have to come or go.
    let dashed = if digits(text) { read_date(text)? } else { text.into() };
    let mut parts = dashed.splitn(3, '-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let fits = digits(year) && digits(month) && digits(day);
    if !fits || (year.len(), month.len(), day.len()) != (4, 2, 2) {
        return None;
    }
    jiff::civil::Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()?;
    let year = match wanted {
        // Another century would be read for the others.
        6 => year.get(2..).filter(|_| ("1950".."2050").contains(&year))?,
        _ => year,
    };
    Some(format_compact!("{year}{month}{day}"))
}

fn read_time(text: &str) -> Option<CompactString> {
    if !digits(text) {
        return None;
    }
    let (hour, minute) = (text.get(..2)?, text.get(2..4)?);
    match text.len() {
        4 => Some(format_compact!("{hour}:{minute}:00")),
        6 => Some(format_compact!("{hour}:{minute}:{}", text.get(4..)?)),
        7 | 8 => Some(format_compact!("{hour}:{minute}:{}.{}", text.get(4..6)?, text.get(6..)?)),
        _ => None,
    }
}

fn write_time(text: &str) -> Option<CompactString> {
    if digits(text) {
        return Some(text.into());
    }
    let mut parts = text.splitn(3, ':');
    let (hour, minute, second) = (parts.next()?, parts.next()?, parts.next()?);
    let (second, fraction) = second.split_once('.').unwrap_or((second, ""));
    let fits = [hour, minute, second].iter().all(|part| part.len() == 2 && digits(part));
    // Two decimals of seconds are all that TM holds.
    if !fits || fraction.len() > 2 || !(fraction.is_empty() || digits(fraction)) {
        return None;
    }
    Some(match (second, fraction) {
        ("00", "") => format_compact!("{hour}{minute}"),
        (second, fraction) => format_compact!("{hour}{minute}{second}{fraction}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn both(wire: Wire, on_the_wire: &str, in_the_tree: &str) {
        assert_eq!(wire.read(on_the_wire.into()), in_the_tree);
        assert_eq!(wire.write(in_the_tree, '.').unwrap(), on_the_wire, "{wire:?} {in_the_tree}");
    }

    #[test]
    fn implied_decimals_are_exact() {
        both(Wire::Implied(2), "1234", "12.34");
        both(Wire::Implied(2), "-5", "-0.05");
        both(Wire::Implied(0), "7", "7");
        both(Wire::Implied(2), "123456789012345678901234567890", "1234567890123456789012345678.90");
        assert_eq!(Wire::Implied(2).write("12.3", '.').unwrap(), "1230");
        assert_eq!(Wire::Implied(2).write("0", '.').unwrap(), "0");
        assert!(Wire::Implied(2).write("1.234", '.').unwrap_err().contains("decimals"));
        assert_eq!(Wire::Implied(2).read("12.34".into()), "12.34", "left for the check");
    }

    #[test]
    fn dates_and_times_become_those_of_xml() {
        both(Wire::Date { digits: 8 }, "19971211", "1997-12-11");
        both(Wire::Date { digits: 6 }, "971211", "1997-12-11");
        both(Wire::Date { digits: 6 }, "261120", "2026-11-20");
        both(Wire::Time, "1253", "12:53:00");
        both(Wire::Time, "125301", "12:53:01");
        both(Wire::Time, "12530199", "12:53:01.99");
        assert!(Wire::Date { digits: 8 }.write("2026-11-20Z", '.').is_err());
        assert_eq!(Wire::Date { digits: 8 }.read("2026".into()), "2026");
    }

    #[test]
    fn digits_are_written_when_they_are_a_date() {
        let write = |digits, text| Wire::Date { digits }.write(text, '.').ok();
        for (digits, text, written) in [
            (8, "20261120", "20261120"),
            (6, "261120", "261120"),
            (6, "20261120", "261120"),
            (8, "261120", "20261120"),
            (8, "971211", "19971211"),
            (8, "20240229", "20240229"),
        ] {
            assert_eq!(write(digits, text).as_deref(), Some(written), "{text} in {digits}");
        }
        let none = ["1", "2026", "2026112", "20261301", "20261100", "20260230", "2026-13-01", "2026-11-31"];
        for text in none {
            assert_eq!((write(8, text), write(6, text)), (None, None), "{text}");
        }
        assert_eq!(write(6, "19491120"), None, "another century would be read");
    }

    #[test]
    fn numbers_of_edifact_use_the_decimal_mark() {
        assert_eq!(Wire::Number.read("12,5".into()), "12.5");
        assert_eq!(Wire::Number.write("12.5", ',').unwrap(), "12,5");
    }
}
