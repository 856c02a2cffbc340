//! Numbers in their lexical form: recognised, compared exactly and normalized without floating point.

use std::cmp::Ordering;

/// Digits beyond which a number with an exponent is not written out.
const LONGEST: i64 = 400;

/// An exponent that no text is long enough to make up for.
const UNREACHED: i64 = 1_000_000_000_000_000_000;

/// A number taken apart: sign, digits before and after the point, exponent.
#[derive(Debug, Clone, Copy)]
pub struct Lexical<'a> {
    negative: bool,
    whole: &'a str,
    fraction: &'a str,
    exponent: i64,
}

impl<'a> Lexical<'a> {
    /// Reads the lexical form of XML Schema's `decimal` (part 2, section 3.2.3): no exponent.
    pub fn decimal(text: &'a str) -> Option<Self> {
        let (negative, rest) = match text.strip_prefix(['+', '-']) {
            Some(rest) => (text.starts_with('-'), rest),
            None => (false, text),
        };
        let (whole, fraction) = rest.split_once('.').unwrap_or((rest, ""));
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        let some = !whole.is_empty() || !fraction.is_empty();
        (some && digits(whole) && digits(fraction)).then_some(Self { negative, whole, fraction, exponent: 0 })
    }

    /// Reads a JSON number (RFC 8259, section 6), which may have an exponent. Exponents that would make it longer than
    /// some 400 digits are refused.
    pub fn json(text: &'a str) -> Option<Self> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse().ok()?),
            None => (text, 0),
        };
        let number = Self::decimal(mantissa)?;
        (-LONGEST..=LONGEST).contains(&exponent).then_some(Self { exponent, ..number })
    }

    /// Reads any number for comparing: as [`Lexical::json`], however large the exponent. Past 18 digits of an exponent
    /// only its sign counts.
    pub fn any(text: &'a str) -> Option<Self> {
        let Some((mantissa, written)) = text.split_once(['e', 'E']) else { return Self::decimal(text) };
        if !Self::is_integer(written) {
            return None;
        }
        let beyond = if written.starts_with('-') { -UNREACHED } else { UNREACHED };
        let exponent =
            written.parse::<i64>().map_or(beyond, |exponent| exponent.clamp(-UNREACHED, UNREACHED));
        Some(Self { exponent, ..Self::decimal(mantissa)? })
    }

    /// Whether it is written as an integer: no point, no exponent.
    pub fn is_integer(text: &str) -> bool {
        let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
        !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
    }

    /// The significant digits from the first that is not 0.
    fn digits(self) -> impl Iterator<Item = u8> + 'a {
        self.whole.bytes().chain(self.fraction.bytes()).skip_while(|digit| *digit == b'0')
    }

    /// How many digits stand before the point when the first significant digit is the first; `None` for zero.
    fn magnitude(self) -> Option<i64> {
        let zeros = self.whole.bytes().chain(self.fraction.bytes()).position(|digit| digit != b'0')?;
        let before = i64::try_from(self.whole.len()).ok()? - i64::try_from(zeros).ok()?;
        Some(before.saturating_add(self.exponent))
    }

    /// How many digits it takes without needless zeros, those behind the point included: 1 for `1.0`, 3 for `0.001` and
    /// `100` (XML Schema part 2, section 4.3.11, where they are |i| < 10^n and n).
    pub fn total_digits(self) -> u64 {
        let Some(magnitude) = self.magnitude() else { return 1 };
        let significant = self.significant();
        let before = u64::try_from(magnitude).unwrap_or_default();
        before.max(1).max(if magnitude > 0 { significant } else { significant + magnitude.unsigned_abs() })
    }

    /// How many digits it takes behind the point without needless zeros.
    pub fn fraction_digits(self) -> u64 {
        let Some(magnitude) = self.magnitude() else { return 0 };
        let behind = i64::try_from(self.significant()).unwrap_or(i64::MAX).saturating_sub(magnitude);
        u64::try_from(behind).unwrap_or_default()
    }

    /// The digits from the first to the last that is not 0.
    fn significant(self) -> u64 {
        u64::try_from(self.digits().collect_without_tail().count()).unwrap_or(u64::MAX)
    }

    /// Compares by value, whatever the number of digits.
    pub fn compare(self, other: Self) -> Ordering {
        let sign = |number: Self| match number.magnitude() {
            None => 0,
            Some(_) if number.negative => -1,
            Some(_) => 1,
        };
        let signs = sign(self).cmp(&sign(other));
        if signs != Ordering::Equal || sign(self) == 0 {
            return signs;
        }
        let absolute = self.magnitude().cmp(&other.magnitude()).then_with(|| {
            let significant = |number: Self| number.digits().collect_without_tail();
            significant(self).cmp(significant(other))
        });
        if self.negative { absolute.reverse() } else { absolute }
    }

    /// The same number without exponent, plus sign and needless zeros: a JSON number and a schema's decimal alike.
    pub fn plain(self) -> String {
        let Some(magnitude) = self.magnitude() else { return "0".to_owned() };
        let mut out = String::new();
        if self.negative {
            out.push('-');
        }
        let mut digits = self.digits().collect_without_tail();
        if magnitude <= 0 {
            out.push_str("0.");
            (magnitude..0).for_each(|_| out.push('0'));
        } else {
            (0..magnitude).for_each(|_| out.push(char::from(digits.next().unwrap_or(b'0'))));
        }
        let mut rest = digits.map(char::from).peekable();
        if magnitude > 0 && rest.peek().is_some() {
            out.push('.');
        }
        out.extend(rest);
        out
    }
}

impl Lexical<'_> {
    /// Whether its value is a whole number, however it is written.
    pub fn is_whole(self) -> bool {
        let digits = i64::try_from(self.digits().collect_without_tail().count()).unwrap_or(i64::MAX);
        self.magnitude().is_none_or(|magnitude| magnitude >= digits)
    }

    /// A text that all numbers of one value share, and no others: `-15e-1` for -1.50.
    pub fn canonical(self) -> String {
        let Some(magnitude) = self.magnitude() else { return "0".to_owned() };
        let sign = if self.negative { "-" } else { "" };
        let digits: String = self.digits().collect_without_tail().map(char::from).collect();
        format!(
            "{sign}{digits}e{}",
            magnitude.saturating_sub(i64::try_from(digits.len()).unwrap_or(i64::MAX))
        )
    }
}

/// A number that is kept, taken apart once: the literal that values are compared with.
#[derive(Debug, Clone)]
pub struct Number {
    negative: bool,
    whole: Box<str>,
    fraction: Box<str>,
    exponent: i64,
}

impl Number {
    /// Reads what [`Lexical::any`] reads.
    pub fn any(text: &str) -> Option<Self> {
        let Lexical { negative, whole, fraction, exponent } = Lexical::any(text)?;
        Some(Self { negative, whole: whole.into(), fraction: fraction.into(), exponent })
    }

    /// The same number, borrowed.
    pub fn lexical(&self) -> Lexical<'_> {
        let Self { negative, whole, fraction, exponent } = self;
        Lexical { negative: *negative, whole, fraction, exponent: *exponent }
    }
}

/// Digits without the zeros at their end.
trait WithoutTail: Iterator<Item = u8> + Sized {
    /// The same digits up to the last that is not 0.
    fn collect_without_tail(self) -> Trimmed<Self> {
        Trimmed { digits: self, zeros: 0, next: None }
    }
}

impl<I: Iterator<Item = u8>> WithoutTail for I {}

/// See [`WithoutTail`]: zeros are held back until another digit follows them.
struct Trimmed<I> {
    digits: I,
    zeros: usize,
    next: Option<u8>,
}

impl<I: Iterator<Item = u8>> Iterator for Trimmed<I> {
    type Item = u8;

    fn next(&mut self) -> Option<u8> {
        if self.next.is_none() {
            loop {
                match self.digits.next()? {
                    b'0' => self.zeros += 1,
                    digit => {
                        self.next = Some(digit);
                        break;
                    }
                }
            }
        }
        if self.zeros > 0 {
            self.zeros -= 1;
            return Some(b'0');
        }
        self.next.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compare(a: &str, b: &str) -> Ordering {
        Lexical::any(a).unwrap().compare(Number::any(b).unwrap().lexical())
    }

    #[test]
    fn numbers_compare_by_value() {
        for (a, b) in [("1.50", "+1.5"), ("-0", "0.00"), ("1e3", "1000"), ("0.001", "1E-3"), (".5", "0.5")] {
            assert_eq!(compare(a, b), Ordering::Equal, "{a} {b}");
        }
        let ascending = [
            "-1e500",
            "-100000000000000000000000000000000000000.5",
            "-2",
            "-1.99",
            "0",
            "1e-99999999999999999999",
            "0.09",
            "0.1",
            "9",
            "10",
            "0.1e41",
            "1e99",
            "1e99999999999999999999",
        ];
        for pair in ascending.windows(2) {
            assert_eq!(compare(pair[0], pair[1]), Ordering::Less, "{pair:?}");
            assert_eq!(compare(pair[1], pair[0]), Ordering::Greater, "{pair:?}");
        }
    }

    #[test]
    fn plain_numbers_are_numbers_of_both_formats() {
        for (from, to) in [
            ("+007", "7"),
            ("5.", "5"),
            (".50", "0.5"),
            ("-0.0", "0"),
            ("12e2", "1200"),
            ("12e-4", "0.0012"),
            ("1200.0340", "1200.034"),
            ("-100", "-100"),
        ] {
            assert_eq!(Lexical::json(from).unwrap().plain(), to, "{from}");
        }
    }

    #[test]
    fn digits_are_counted_without_needless_zeros() {
        for (text, total, fraction) in [
            ("0", 1, 0),
            ("-0.00", 1, 0),
            ("007.50", 2, 1),
            ("100", 3, 0),
            ("0.001", 3, 3),
            (".5", 1, 1),
            ("12.34", 4, 2),
            ("1e2", 3, 0),
            ("12e-3", 3, 3),
            ("1.2300e1", 3, 1),
        ] {
            let number = Lexical::json(text).unwrap();
            assert_eq!((number.total_digits(), number.fraction_digits()), (total, fraction), "{text}");
        }
    }

    #[test]
    fn numbers_of_one_value_have_one_canonical_form() {
        for (a, b) in [("1.50", "+1.5"), ("-0", "0.00"), ("1e3", "1000.0"), ("0.001", "1E-3")] {
            assert_eq!(Lexical::any(a).unwrap().canonical(), Lexical::any(b).unwrap().canonical());
        }
        assert_eq!(Lexical::any("-1.50").unwrap().canonical(), "-15e-1");
        for whole in ["1.0", "1e3", "1.5e1", "0.000", "-100", "1e99999999999999999999"] {
            assert!(Lexical::any(whole).unwrap().is_whole(), "{whole}");
        }
        for part in ["1.5", "15e-1", "1e-1", "1e-99999999999999999999"] {
            assert!(!Lexical::any(part).unwrap().is_whole(), "{part}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in
            ["", "+", ".", "1.2.3", "1e", "1e99999999999999999999", "0x1", "1_0", "NaN", "--1", "1e401"]
        {
            assert!(Lexical::json(text).is_none(), "{text}");
        }
        assert!(Lexical::is_integer("-12") && !Lexical::is_integer("1.0") && !Lexical::is_integer("+"));
    }
}
