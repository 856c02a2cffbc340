//! Durations and sizes: quoted, with their unit.

use std::time::Duration;

/// The longest duration: 365 days.
const LONGEST: Duration = Duration::from_secs(365 * 86400);

/// Reads `250ms`, `30s`, `5m`, `24h`, `7d`. A fraction is allowed: `1.5s`.
///
/// # Errors
/// What is expected, when it is no duration or longer than 365 days.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    const UNITS: &[(&str, f64)] = &[("ms", 0.001), ("s", 1.0), ("m", 60.0), ("h", 3600.0), ("d", 86400.0)];
    let expected = || "a duration with its unit, such as \"250ms\", \"30s\", \"5m\" or \"24h\"".to_owned();
    let (number, unit) = split(text).ok_or_else(expected)?;
    let (_, seconds) = UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(expected)?;
    // Longer ones are mistakes, and added to the present time they would pass what clocks count to.
    let longest = || "a duration of at most 365 days".to_owned();
    let duration = Duration::try_from_secs_f64(number * seconds).map_err(|_| longest())?;
    if duration > LONGEST { Err(longest()) } else { Ok(duration) }
}

/// Reads `512B`, `64KiB`, `10MiB`, `1GiB`, and the decimal `KB`, `MB`, `GB`; gives bytes.
///
/// # Errors
/// What is expected, when it is no size or too large to count.
pub fn parse_size(text: &str) -> Result<usize, String> {
    const UNITS: &[(&str, u64)] = &[
        ("B", 1),
        ("KiB", 1 << 10),
        ("MiB", 1 << 20),
        ("GiB", 1 << 30),
        ("KB", 1_000),
        ("MB", 1_000_000),
        ("GB", 1_000_000_000),
    ];
    let expected = || "a size with its unit, such as \"512B\", \"64KiB\" or \"10MiB\"".to_owned();
    let at = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(expected)?;
    let (number, unit) = text.split_at(at);
    let (_, bytes) = UNITS.iter().find(|(name, _)| *name == unit.trim()).ok_or_else(expected)?;
    let number: u64 = number.parse().map_err(|_| expected())?;
    number.checked_mul(*bytes).and_then(|bytes| usize::try_from(bytes).ok()).ok_or_else(expected)
}

fn split(text: &str) -> Option<(f64, &str)> {
    let at = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, unit) = text.split_at(at);
    Some((number.parse().ok()?, unit.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_carry_their_unit() {
        assert_eq!(parse_duration("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(parse_duration("1.5s"), Ok(Duration::from_millis(1500)));
        assert_eq!(parse_duration("24h"), Ok(Duration::from_secs(86400)));
        assert_eq!(parse_duration("365d"), Ok(LONGEST));
        for wrong in ["", "10", "s", "-1s", "1y", "99999999999999999999d", "1.2.3s", "366d", "8760.1h"] {
            assert!(parse_duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn sizes_carry_their_unit() {
        assert_eq!(parse_size("64KiB"), Ok(65536));
        assert_eq!(parse_size("1 MB"), Ok(1_000_000));
        for wrong in ["", "10", "KiB", "1.5MiB", "99999999999GiB", "1kib"] {
            assert!(parse_size(wrong).is_err(), "{wrong}");
        }
    }
}
