//! Numbers of scripts: exact, compared by value, and never taken for text.

use super::tests_run::{bounded, fails, with_it};
use super::*;

#[test]
fn numbers_are_exact_and_compare_by_value() {
    let gives = |text: &str| bounded(text, Bounds::default()).unwrap().text().unwrap();
    assert_eq!(gives("0.1 + 0.2"), "0.3");
    assert_eq!(gives("10.50 * 2"), "21.00");
    assert_eq!(gives("3 * 1.10"), "3.30");
    assert_eq!(gives("7 / 2.0"), "3.5");
    assert_eq!(gives("2 == 2.0"), "true");
    assert_eq!(gives("\"10\" == 10"), "true");
    assert_eq!(gives("\"abc\" == 10"), "false");
    assert_eq!(gives("\"abc\" != 10"), "true");
    assert_eq!(gives("\"9\" < 10 && 10.5 > \"10\""), "true");
    assert_eq!(gives("`total: ${10.50}`"), "total: 10.50");
}

#[test]
fn whole_numbers_go_on_in_decimals() {
    let gives = |text: &str| bounded(text, Bounds::default()).unwrap().text().unwrap();
    for (text, result) in [
        ("10 / 4", "2.5"),
        ("10 / 5", "2"),
        ("-7 / 2", "-3.5"),
        ("let n = 10; n / 4", "2.5"),
        ("let n = 10; n /= 4; n", "2.5"),
        ("let n = 10; n /= 5; n += 1; n -= 2; n *= 7; n", "7"),
        ("let m = #{n: 1}; m.n /= 2; m.n", "0.5"),
        ("let s = \"a\"; s += 1; s", "a1"),
        ("[1, 2, 3][4 / 2]", "3"),
        ("9223372036854775807 + 1", "9223372036854775808"),
        ("-9223372036854775807 - 2", "-9223372036854775809"),
        ("let n = 9223372036854775807; n += 1; n", "9223372036854775808"),
        ("let n = 9223372036854775807; n * 2", "18446744073709551614"),
        ("(-9223372036854775807 - 1) / -1", "9223372036854775808"),
        ("sum([10, 15]) / 2", "12.5"),
    ] {
        assert_eq!(gives(text), result, "{text}");
    }
    assert_eq!(fails("let n = 9223372036854775807; n * n").message, "the product is too large");
    assert_eq!(fails("let n = 1; n /= 0").message, "a number cannot be divided by zero");
}

#[test]
fn a_number_that_does_not_fit_is_passed_on_and_not_calculated_with() {
    const WIDE: &str = "123456789012345678901234567890";
    let value = Value::Number(WIDE.into());
    let run = |text: &str| with_it(text, It::Value(&value));
    for text in ["it", "[it][0]", "let a = it; a", "if it > 5 { it }"] {
        assert_eq!(run(text).unwrap(), value, "{text}");
    }
    for text in ["it == it", "it == text(it)", "it > 9.5", "5 < it", "it != 7", "`${it}` == text(it)"] {
        assert_eq!(run(text).unwrap(), Value::Bool(true), "{text}");
    }
    assert_eq!(
        run("it + 1").unwrap_err().message,
        "`+` does not work on a number of more than 28 digits and a whole number"
    );
    for text in
        ["1 + it", "it + it", "it + 0.5", "it - 1", "it * 2", "it / 2", "let a = it; a += 1; a", "-it"]
    {
        let message = run(text).unwrap_err().message;
        assert!(message.contains("a number of more than 28 digits"), "{text}: {message}");
    }
    let sum = run("sum([it, 1])").unwrap_err().message;
    assert!(sum.contains("cannot calculate with it"), "{sum}");
}
