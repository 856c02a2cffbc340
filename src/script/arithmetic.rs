//! Whole numbers in scripts: what does not fit them, or does not divide evenly, goes on as an exact decimal.

use std::any::TypeId;

use rhai::{Dynamic, Engine};
use rust_decimal::Decimal;

use super::view::{Raised, raise};

/// An operation on whole numbers; `None` where its result is none.
type Whole = fn(i64, i64) -> Option<i64>;

/// The same operation on decimals; `None` where its result does not fit.
type Exact = fn(Decimal, Decimal) -> Option<Decimal>;

/// Each operator with its assigning form, what it does, and what its result is called.
const OPERATORS: [(&str, &str, Whole, Exact, &str); 4] = [
    ("+", "+=", i64::checked_add, Decimal::checked_add, "sum"),
    ("-", "-=", i64::checked_sub, Decimal::checked_sub, "difference"),
    ("*", "*=", i64::checked_mul, Decimal::checked_mul, "product"),
    ("/", "/=", evenly, divided, "quotient"),
];

/// The quotient where nothing remains.
fn evenly(a: i64, b: i64) -> Option<i64> {
    (a.checked_rem(b)? == 0).then(|| a.checked_div(b)).flatten()
}

/// The quotient without needless zeros: 2.5 and not 2.50.
fn divided(a: Decimal, b: Decimal) -> Option<Decimal> {
    a.checked_div(b).map(|quotient| quotient.normalize())
}

fn compute(a: i64, b: i64, whole: Whole, exact: Exact, what: &str) -> Result<Dynamic, Raised> {
    if let Some(made) = whole(a, b) {
        return Ok(Dynamic::from(made));
    }
    if what == "quotient" && b == 0 {
        return Err(raise("a number cannot be divided by zero"));
    }
    let made = exact(a.into(), b.into());
    made.map(Dynamic::from).ok_or_else(|| raise(format!("the {what} is too large")))
}

/// Registers the operators in place of Rhai's own, which cut quotients and fail where 64 bits are too few.
pub(super) fn register(engine: &mut Engine) {
    for (name, assign, whole, exact, what) in OPERATORS {
        engine.register_fn(name, move |a: i64, b: i64| compute(a, b, whole, exact, what));
        // Only the raw form can give the variable a value of another type.
        let types = [TypeId::of::<i64>(), TypeId::of::<i64>()];
        engine.register_raw_fn(assign, types, move |_, arguments| -> Result<(), Raised> {
            if let [left, right] = arguments
                && let (Ok(a), Ok(b)) = (left.as_int(), right.as_int())
            {
                **left = compute(a, b, whole, exact, what)?;
            }
            Ok(())
        });
    }
}
