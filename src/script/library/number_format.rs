//! Numbers as people write them: patterns such as `#,##0.00`, and the separators of a country.

use rust_decimal::{Decimal, RoundingStrategy};

use super::Wrong;
use super::arguments::excerpt;
use crate::script::numbers::Number;
use crate::script::typed;
use crate::script::view::{Raised, raise};

/// Characters of a pattern.
const LONGEST: usize = 100;

/// What a pattern says.
#[derive(Debug, PartialEq)]
struct Pattern {
    positive: (String, String),
    /// What stands around a negative number; a minus before the positive's without it.
    negative: Option<(String, String)>,
    /// Digits of a group; 0 for none.
    group: usize,
    /// Least digits before the point.
    whole: usize,
    /// Least and most digits behind it.
    fraction: (usize, usize),
    percent: bool,
}

fn wrong(pattern: &str, why: &str) -> Wrong {
    Wrong {
        message: format!("`{}` is not a pattern for numbers: {why}", excerpt(pattern)),
        help: Some("such as \"#,##0.00\" or \"000000\"".into()),
    }
}

/// Splits one side of a pattern: what stands before the digits, the digits, what stands behind them. `'` quotes.
fn sides(part: &str) -> (String, String, String) {
    let (mut before, mut digits, mut after) = (String::new(), String::new(), String::new());
    let mut quoted = false;
    for c in part.chars() {
        match c {
            '\'' => quoted = !quoted,
            '#' | '0' | ',' | '.' if !quoted && after.is_empty() => digits.push(c),
            c if digits.is_empty() => before.push(c),
            c => after.push(c),
        }
    }
    (before, digits, after)
}

impl Pattern {
    fn parse(pattern: &str) -> Result<Self, Wrong> {
        if pattern.chars().count() > LONGEST {
            return Err(wrong(pattern, "it is too long"));
        }
        let (positive, negative) = match pattern.split_once(';') {
            Some((positive, negative)) => (positive, Some(negative)),
            None => (pattern, None),
        };
        let (before, digits, after) = sides(positive);
        let (whole, fraction) = digits.split_once('.').unwrap_or((&digits, ""));
        let in_order = |digits: &str, first: char| {
            let plain: String = digits.chars().filter(|c| *c != ',').collect();
            !plain.trim_start_matches(first).contains(first)
        };
        if !digits.contains(['0', '#']) {
            return Err(wrong(pattern, "it has no digits, which are 0 or #"));
        }
        if fraction.contains(['.', ',']) || whole.ends_with(',') {
            return Err(wrong(pattern, "the digits behind the point are not grouped"));
        }
        if !in_order(whole, '#') || !in_order(fraction, '0') {
            return Err(wrong(pattern, "# stands outside of 0"));
        }
        let zeros = |digits: &str| digits.matches('0').count();
        let most = fraction.len();
        if most > 28 {
            return Err(wrong(pattern, "it has more than 28 digits behind the point"));
        }
        Ok(Self {
            percent: before.contains('%') || after.contains('%'),
            positive: (before, after),
            negative: negative.map(sides).map(|(before, _, after)| (before, after)),
            group: whole.rsplit_once(',').map_or(0, |(_, last)| last.len()),
            whole: zeros(whole),
            fraction: (zeros(fraction), most),
        })
    }
}

/// Checks a pattern that is a literal.
pub(super) fn check_pattern(pattern: &str) -> Result<(), Wrong> {
    Pattern::parse(pattern).map(drop)
}

/// Checks separators that are a literal.
pub(super) fn check_separators(separators: &str) -> Result<(), Wrong> {
    self::separators(separators).map(drop)
}

/// The separator of groups, and that of decimals.
fn separators(text: &str) -> Result<(char, char), Wrong> {
    let mut chars = text.chars();
    match (chars.next(), chars.next(), chars.next()) {
        (Some(group), Some(point), None)
            if group != point && !group.is_ascii_digit() && !point.is_ascii_digit() =>
        {
            Ok((group, point))
        }
        _ => Err(Wrong {
            message: format!("`{}` is not a pair of separators", excerpt(text)),
            help: Some(
                "the first is that of groups, the second that of decimals: \",.\" or \".,\" or \" ,\"".into(),
            ),
        }),
    }
}

pub(super) fn format(number: Decimal, pattern: &str, separators: &str) -> Result<String, Raised> {
    let fail = |wrong: Wrong| raise(wrong.one_line());
    let pattern = Pattern::parse(pattern).map_err(fail)?;
    let (group, point) = self::separators(separators).map_err(fail)?;
    let number = match pattern.percent {
        true => number.checked_mul(Decimal::ONE_HUNDRED).ok_or_else(|| raise("the number is too large"))?,
        false => number,
    };
    let (least, most) = pattern.fraction;
    let places = u32::try_from(most).unwrap_or(28);
    let rounded = number.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero);
    let is_negative = rounded.is_sign_negative() && !rounded.is_zero();
    let digits = rounded.abs().to_string();
    let (whole, fraction) = digits.split_once('.').unwrap_or((&digits, ""));
    let mut fraction = fraction.trim_end_matches('0').to_owned();
    while fraction.len() < least {
        fraction.push('0');
    }
    let mut whole = match whole {
        "0" if pattern.whole == 0 && !fraction.is_empty() => String::new(),
        whole => format!("{whole:0>width$}", width = pattern.whole),
    };
    if pattern.group > 0 {
        whole = grouped(&whole, pattern.group, group);
    }
    if !fraction.is_empty() {
        whole.push(point);
        whole.push_str(&fraction);
    }
    let (before, after) = &pattern.positive;
    Ok(match (&pattern.negative, is_negative) {
        (Some((before, after)), true) => format!("{before}{whole}{after}"),
        (None, true) => format!("-{before}{whole}{after}"),
        (_, false) => format!("{before}{whole}{after}"),
    })
}

fn grouped(digits: &str, size: usize, separator: char) -> String {
    let mut out = String::with_capacity(digits.len() * 2);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(size) {
            out.push(separator);
        }
        out.push(digit);
    }
    out
}

/// The number that a text says with these separators. A minus may stand on either side; groups have two or three digits,
/// the last one three.
pub(super) fn parse(text: &str, separators: &str) -> Result<Number, Raised> {
    let (group, point) = self::separators(separators).map_err(|wrong| raise(wrong.one_line()))?;
    let plain = plain(text.trim(), group, point).and_then(|plain| typed::number(&plain));
    match plain {
        Some(number) => Number::of(&number),
        None => Err(raise(format!("`{}` is not a number with the separators `{separators}`", excerpt(text)))),
    }
}

fn plain(text: &str, group: char, point: char) -> Option<String> {
    let (minus, rest) = match (text.strip_prefix(['-', '\u{2212}']), text.strip_suffix('-')) {
        (Some(rest), _) | (None, Some(rest)) => ("-", rest),
        (None, None) => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = match rest.trim().split_once(point) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (rest.trim(), None),
    };
    let separates = |c: char| c == group || (group == ' ' && matches!(c, '\u{a0}' | '\u{202f}'));
    let groups: Vec<&str> = whole.split(separates).collect();
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let last = groups.len().saturating_sub(1);
    let fits = groups.iter().enumerate().all(|(at, part)| match at {
        _ if !digits(part) => false,
        0 => !part.is_empty() && (last == 0 || part.len() <= 3),
        at if at == last => part.len() == 3,
        _ => matches!(part.len(), 2 | 3),
    });
    let whole = match groups.as_slice() {
        [""] if fraction.is_some() => "0".to_owned(),
        _ if fits => groups.concat(),
        _ => return None,
    };
    match fraction {
        Some(fraction) if fraction.is_empty() || !digits(fraction) => None,
        Some(fraction) => Some(format!("{minus}{whole}.{fraction}")),
        None => Some(format!("{minus}{whole}")),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(number: &str, pattern: &str, separators: &str) -> String {
        format(number.parse().unwrap(), pattern, separators).unwrap()
    }

    #[test]
    fn patterns_say_how_a_number_is_written() {
        assert_eq!(shown("1234567.891", "#,##0.00", ",."), "1,234,567.89");
        assert_eq!(shown("0.5", "#,##0.00", ".,"), "0,50");
        assert_eq!(shown("0.5", "#.##", ",."), ".5");
        assert_eq!(shown("0", "#.##", ",."), "0");
        assert_eq!(shown("-0.004", "0.00", ",."), "0.00");
        assert_eq!(shown("-1234.5", "#,##0.0# EUR;(#,##0.0# EUR)", ",."), "(1,234.5 EUR)");
        assert_eq!(shown("-7", "'#'000", ",."), "-#007");
        assert_eq!(shown("0.256", "0.0%", ",."), "25.6%");
        assert_eq!(shown("42", "000000", ",."), "000042");
        for bad in ["", "abc", "0#", "0.#0", "0.0,0", "0,"] {
            assert!(Pattern::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn texts_of_a_country_are_numbers() {
        let read = |text: &str, separators| parse(text, separators).map(|n| n.decimal().to_string());
        assert_eq!(read("1.234.567,89", ".,").unwrap(), "1234567.89");
        assert_eq!(read("-12,50", ".,").unwrap(), "-12.50");
        assert_eq!(read("1 234,5-", " ,").unwrap(), "-1234.5");
        assert_eq!(read("1\u{a0}234", " ,").unwrap(), "1234");
        assert_eq!(read("12,34,567.00", ",.").unwrap(), "1234567.00");
        for bad in ["1.23", "1.2345", "", "-", "1,2,3", "12a", ".5.", "1,"] {
            assert!(parse(bad, ".,").is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(mantissa in any::<i64>(), scale in 0u32..=6) {
            let number = Decimal::new(mantissa, scale);
            let text = format(number, "#,##0.000000", ".,").unwrap();
            prop_assert_eq!(parse(&text, ".,").unwrap().decimal(), number);
        }

        #[test]
        fn no_text_does_harm(text in "\\PC{0,20}", pattern in "[#0,.;%' a]{0,12}") {
            let _ = parse(&text, ".,");
            let _ = format(Decimal::new(-123_456, 2), &pattern, ",.");
        }
    }
}
