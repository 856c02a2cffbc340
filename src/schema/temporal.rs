//! Dates and times in their lexical forms, checked against the calendar (XML Schema part 2, sections 3.2.7 to 3.2.9).

/// Whether it is a `date`: `2026-11-20`, with an optional zone.
pub fn is_date(text: &str) -> bool {
    date(text.as_bytes()).is_some_and(is_zone)
}

/// Whether it is a `time`: `08:00:00`, with an optional fraction and zone.
pub fn is_time(text: &str) -> bool {
    time(text.as_bytes()).is_some_and(is_zone)
}

/// Whether it is a `dateTime`: both with a `T` between them.
pub fn is_date_time(text: &str) -> bool {
    let rest = date(text.as_bytes()).and_then(|rest| rest.strip_prefix(b"T"));
    rest.and_then(time).is_some_and(is_zone)
}

/// Reads year, month and day; gives what follows.
fn date(text: &[u8]) -> Option<&[u8]> {
    let text = text.strip_prefix(b"-").unwrap_or(text);
    let digits = text.iter().take_while(|b| b.is_ascii_digit()).count();
    let (year, rest) = text.split_at_checked(digits)?;
    // More than four digits only where they are needed; there is no year 0000 in XML Schema 1.0.
    if digits < 4 || (digits > 4 && year.starts_with(b"0")) || year.iter().all(|b| *b == b'0') {
        return None;
    }
    // Leap years repeat every 400 years, so the last four digits and the century before them decide.
    let year = year.iter().fold(0u32, |sum, digit| (sum * 10 + u32::from(digit - b'0')) % 400);
    let (month, rest) = two(rest.strip_prefix(b"-")?)?;
    let (day, rest) = two(rest.strip_prefix(b"-")?)?;
    ((1..=days(year, month)).contains(&day)).then_some(rest)
}

fn days(year: u32, month: u32) -> u32 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => 0,
    }
}

/// Reads hours, minutes, seconds and their fraction; gives what follows.
fn time(text: &[u8]) -> Option<&[u8]> {
    let (hour, rest) = two(text)?;
    let (minute, rest) = two(rest.strip_prefix(b":")?)?;
    let (second, mut rest) = two(rest.strip_prefix(b":")?)?;
    let mut whole = true;
    if let Some(fraction) = rest.strip_prefix(b".") {
        let digits = fraction.iter().take_while(|b| b.is_ascii_digit()).count();
        let (fraction, after) = fraction.split_at_checked(digits)?;
        whole = fraction.iter().all(|b| *b == b'0');
        if digits == 0 {
            return None;
        }
        rest = after;
    }
    let midnight = hour == 24 && minute == 0 && second == 0 && whole;
    (midnight || (hour < 24 && minute < 60 && second < 60)).then_some(rest)
}

/// Whether the rest is a zone or nothing: `Z`, or hours and minutes up to 14:00.
fn is_zone(text: &[u8]) -> bool {
    if text.is_empty() || text == b"Z" {
        return true;
    }
    let offset = || {
        let (hours, rest) = two(text.strip_prefix(b"+").or_else(|| text.strip_prefix(b"-"))?)?;
        let (minutes, rest) = two(rest.strip_prefix(b":")?)?;
        Some(rest.is_empty() && minutes < 60 && hours * 60 + minutes <= 14 * 60)
    };
    offset().unwrap_or(false)
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
mod tests {
    use super::*;

    #[test]
    fn the_calendar_counts() {
        for text in
            ["2024-02-29", "2000-02-29", "-0044-03-15", "12026-01-31", "2026-11-20Z", "2026-11-20+14:00"]
        {
            assert!(is_date(text), "{text}");
        }
        for text in [
            "2023-02-29",
            "1900-02-29",
            "0000-01-01",
            "02026-01-01",
            "2026-13-01",
            "2026-00-01",
            "2026-04-31",
            "2026-1-1",
            "26-01-01",
            "2026-11-20+14:01",
            "2026-11-20 ",
            "2026-11-20z",
            "",
            "ä",
        ] {
            assert!(!is_date(text), "{text}");
        }
    }

    #[test]
    fn times_end_at_24() {
        assert!(is_time("24:00:00") && is_time("23:59:59.999-05:30") && is_time("08:00:00Z"));
        for text in [
            "24:00:01",
            "24:00:00.1",
            "23:60:00",
            "23:59:60",
            "8:00:00",
            "08:00",
            "08:00:00.",
            "08:00:00+1:00",
        ] {
            assert!(!is_time(text), "{text}");
        }
        assert!(is_date_time("2026-11-20T08:00:00.5+01:00") && !is_date_time("2026-11-20 08:00:00"));
    }
}
