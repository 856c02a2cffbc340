//! The package `number`: exact arithmetic, rounding, and numbers as people write them.

use rhai::Dynamic;
use rust_decimal::{Decimal, RoundingStrategy};

use super::arguments::{choice, one_of, text, through, through_number, whole};
use super::number_format as format;
use super::{Function, Package};
use crate::script::numbers::Number;
use crate::script::view::{Raised, raise};

pub(super) const PACKAGE: Package = Package {
    name: "number",
    summary: "Numbers, exact and never floating. A text that says a number is one; what is absent stays absent.",
    functions: FUNCTIONS,
};

const MODES: &[(&str, RoundingStrategy)] = &[
    ("half-up", RoundingStrategy::MidpointAwayFromZero),
    ("half-down", RoundingStrategy::MidpointTowardZero),
    ("half-even", RoundingStrategy::MidpointNearestEven),
    ("up", RoundingStrategy::AwayFromZero),
    ("down", RoundingStrategy::ToZero),
    ("ceiling", RoundingStrategy::ToPositiveInfinity),
    ("floor", RoundingStrategy::ToNegativeInfinity),
];

const FUNCTIONS: &[Function] = &[
    Function {
        name: "abs",
        signature: "number::abs(number)",
        summary: "The number without its sign.",
        example: "number::abs(-2.50)",
        result: "2.50",
        checks: &[],
        register: |r| {
            r.add(|n: Dynamic| decimal(&n, |n| Some(n.abs())));
        },
    },
    Function {
        name: "add",
        signature: "number::add(a, b)",
        summary: "The exact sum.",
        example: r#"number::add("0.1", "0.2")"#,
        result: "0.3",
        checks: &[],
        register: |r| {
            r.add(|a: Dynamic, b: Dynamic| Number::of(&a)?.plus(Number::of(&b)?).map(Number::dynamic));
        },
    },
    Function {
        name: "ceil",
        signature: "number::ceil(number)",
        summary: "The least whole number that is not smaller.",
        example: "number::ceil(2.1)",
        result: "3",
        checks: &[],
        register: |r| {
            r.add(|n: Dynamic| decimal(&n, |n| Some(n.ceil())));
        },
    },
    Function {
        name: "divide",
        signature: "number::divide(a, b [, places])",
        summary: "The quotient, to 28 digits or rounded to so many places, halves away from zero.",
        example: "number::divide(10, 3, 2)",
        result: "3.33",
        checks: &[],
        register: |r| {
            r.add(|a: Dynamic, b: Dynamic| divide(&a, &b).map(Number::Decimal).map(Number::dynamic)).add(
                |a: Dynamic, b: Dynamic, places: Dynamic| {
                    let quotient = Number::Decimal(divide(&a, &b)?);
                    quotient.rounded(whole(&places, "number of places")?).map(Number::dynamic)
                },
            );
        },
    },
    Function {
        name: "floor",
        signature: "number::floor(number)",
        summary: "The greatest whole number that is not greater.",
        example: "number::floor(-2.1)",
        result: "-3",
        checks: &[],
        register: |r| {
            r.add(|n: Dynamic| decimal(&n, |n| Some(n.floor())));
        },
    },
    Function {
        name: "format",
        signature: "number::format(number, pattern [, separators])",
        summary: "The number as text: 0 is a digit, # one that may be missing, a comma groups; separators are those of groups and decimals.",
        example: r##"number::format(1234567.5, "#,##0.00", ".,")"##,
        result: "1.234.567,50",
        checks: &[(1, format::check_pattern), (2, format::check_separators)],
        register: |r| {
            r.add(|n: Dynamic, pattern: &str| format(&n, pattern, ",."))
                .add(|n: Dynamic, pattern: &str, separators: &str| format(&n, pattern, separators));
        },
    },
    Function {
        name: "is_number",
        signature: "number::is_number(value)",
        summary: "Whether a value is a number, or a text that says one.",
        example: r#"number::is_number("12,5")"#,
        result: "false",
        checks: &[],
        register: |r| {
            r.add(|value: Dynamic| Number::of(&value).is_ok());
        },
    },
    Function {
        name: "multiply",
        signature: "number::multiply(a, b)",
        summary: "The product.",
        example: r#"number::multiply("1.10", 3)"#,
        result: "3.30",
        checks: &[],
        register: |r| {
            r.add(|a: Dynamic, b: Dynamic| two(&a, &b, i64::checked_mul, Decimal::checked_mul, "product"));
        },
    },
    Function {
        name: "parse",
        signature: "number::parse(text, separators)",
        summary: "The number that a text says in the way of a country: the separators are that of groups and that of decimals.",
        example: r#"number::parse("1.234,50", ".,")"#,
        result: "1234.50",
        checks: &[(1, format::check_separators)],
        register: |r| {
            r.add(|value: Dynamic, separators: &str| {
                through(&value, |text| format::parse(text, separators).map(Number::dynamic))
            });
        },
    },
    Function {
        name: "precision",
        signature: "number::precision(number, places)",
        summary: "The number with exactly so many places: rounded, halves away from zero, or filled up with zeros.",
        example: "number::precision(2.5, 3)",
        result: "2.500",
        checks: &[],
        register: |r| {
            r.add(precision);
        },
    },
    Function {
        name: "remainder",
        signature: "number::remainder(a, b)",
        summary: "What a division leaves, with the sign of the first number.",
        example: "number::remainder(7, 3)",
        result: "1",
        checks: &[],
        register: |r| {
            r.add(|a: Dynamic, b: Dynamic| {
                nonzero(&b)?;
                two(&a, &b, i64::checked_rem, Decimal::checked_rem, "remainder")
            });
        },
    },
    Function {
        name: "round",
        signature: "number::round(number [, places [, mode]])",
        summary: "The number rounded to at most so many places, 0 without them; modes are half-up, half-down, half-even, up, down, ceiling, floor.",
        example: r#"number::round(2.5, 0, "half-even")"#,
        result: "2",
        checks: &[(2, |mode| one_of(mode, "a rounding mode", MODES))],
        register: |r| {
            r.add(|n: Dynamic| round(&n, &Dynamic::from(0_i64), "half-up"))
                .add(|n: Dynamic, places: Dynamic| round(&n, &places, "half-up"))
                .add(|n: Dynamic, places: Dynamic, mode: &str| round(&n, &places, mode));
        },
    },
    Function {
        name: "sign",
        signature: "number::sign(number)",
        summary: "-1, 0 or 1.",
        example: "number::sign(-3.5)",
        result: "-1",
        checks: &[],
        register: |r| {
            r.add(|n: Dynamic| {
                through_number(&n, |n| {
                    Ok(Number::Integer(match n.decimal().cmp(&Decimal::ZERO) {
                        std::cmp::Ordering::Less => -1,
                        std::cmp::Ordering::Equal => 0,
                        std::cmp::Ordering::Greater => 1,
                    }))
                })
            });
        },
    },
    Function {
        name: "subtract",
        signature: "number::subtract(a, b)",
        summary: "The exact difference.",
        example: r#"number::subtract("1.00", "0.9")"#,
        result: "0.10",
        checks: &[],
        register: |r| {
            r.add(|a: Dynamic, b: Dynamic| two(&a, &b, i64::checked_sub, Decimal::checked_sub, "difference"));
        },
    },
];

fn decimal(n: &Dynamic, make: fn(Decimal) -> Option<Decimal>) -> Result<Dynamic, Raised> {
    through_number(n, |n| match n {
        Number::Integer(whole) => Ok(make(whole.into())
            .and_then(|made| i64::try_from(made).ok())
            .map_or(Number::Decimal(n.decimal()), Number::Integer)),
        Number::Decimal(n) => make(n).map(Number::Decimal).ok_or_else(|| raise("the number is too large")),
    })
}

fn two(
    a: &Dynamic,
    b: &Dynamic,
    whole: fn(i64, i64) -> Option<i64>,
    exact: fn(Decimal, Decimal) -> Option<Decimal>,
    what: &str,
) -> Result<Dynamic, Raised> {
    let (a, b) = (Number::of(a)?, Number::of(b)?);
    if let (Number::Integer(a), Number::Integer(b)) = (a, b)
        && let Some(made) = whole(a, b)
    {
        return Ok(Dynamic::from(made));
    }
    let made = exact(a.decimal(), b.decimal());
    made.map(Dynamic::from).ok_or_else(|| raise(format!("the {what} is too large")))
}

fn nonzero(b: &Dynamic) -> Result<Decimal, Raised> {
    let by = Number::of(b)?.decimal();
    if by.is_zero() { Err(raise("a number cannot be divided by zero")) } else { Ok(by) }
}

fn divide(a: &Dynamic, b: &Dynamic) -> Result<Decimal, Raised> {
    let by = nonzero(b)?;
    let quotient = Number::of(a)?.decimal().checked_div(by);
    quotient.ok_or_else(|| raise("the quotient is too large"))
}

fn places(value: &Dynamic) -> Result<u32, Raised> {
    let places = whole(value, "number of places")?;
    let places = u32::try_from(places).ok().filter(|places| *places <= 28);
    places.ok_or_else(|| raise("the number of places must be from 0 to 28"))
}

fn round(n: &Dynamic, to: &Dynamic, mode: &str) -> Result<Dynamic, Raised> {
    let (places, mode) = (places(to)?, choice(mode, "a rounding mode", MODES)?);
    through_number(n, |n| {
        Ok(match n {
            Number::Integer(_) => n,
            Number::Decimal(n) => Number::Decimal(n.round_dp_with_strategy(places, mode)),
        })
    })
}

fn precision(n: Dynamic, to: Dynamic) -> Result<Dynamic, Raised> {
    let places = places(&to)?;
    through_number(&n, |n| {
        let mut n = n.decimal().round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero);
        n.rescale(places);
        match n.scale() == places {
            true => Ok(Number::Decimal(n)),
            false => Err(raise(format!("`{n}` has too many digits for {places} places"))),
        }
    })
}

fn format(n: &Dynamic, pattern: &str, separators: &str) -> Result<Dynamic, Raised> {
    if n.is_unit() {
        return Ok(Dynamic::UNIT);
    }
    // A text is read first, so that its own fault is told before one of the pattern.
    let number = Number::of(n).or_else(|error| text(n).and(Err(error)))?;
    format::format(number.decimal(), pattern, separators).map(Dynamic::from)
}
