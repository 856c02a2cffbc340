//! Numbers of documents that do not fit a script's decimal: they are passed on and compared, not calculated with.

use std::cmp::Ordering;

use compact_str::{CompactString, ToCompactString};
use rhai::{Engine, ImmutableString};
use rust_decimal::Decimal;

use super::view::{Raised, raise};
use crate::document::number::Lexical;

/// Such a number as messages call it.
pub(super) const KIND: &str = "a number of more than 28 digits";

/// A number as the document writes it. It has no operators, so that calculating with it fails and never joins texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wide(CompactString);

impl Wide {
    /// The number, however many digits it has and however large its exponent is; `None` for what is no number.
    pub(super) fn read(lexical: &str) -> Option<Self> {
        Lexical::any(lexical).map(|_| Self(lexical.into()))
    }

    /// As the document writes it.
    pub(super) fn text(&self) -> &CompactString {
        &self.0
    }
}

/// Why nothing is calculated with it.
pub(super) fn too_wide(lexical: &str) -> Raised {
    raise(format!(
        "`{}` is {KIND}: a script can pass it on, and cannot calculate with it",
        super::library::excerpt(lexical)
    ))
}

fn order(a: &str, b: &str) -> Option<Ordering> {
    Some(Lexical::any(a.trim())?.compare(Lexical::any(b.trim())?))
}

/// Registers the type with its comparisons, which are by value.
pub(super) fn register(engine: &mut Engine) {
    engine
        .register_type_with_name::<Wide>("wide")
        .register_fn("to_string", |number: &mut Wide| number.0.to_string())
        .register_fn("to_debug", |number: &mut Wide| number.0.to_string())
        .register_fn("len", |_: &mut Wide| 1_i64);
    macro_rules! compare {
        ($($op:literal, $test:expr;)*) => {$(
            engine.register_fn($op, |a: Wide, b: Wide| test(&a.0, &b.0, $test));
            compare!($op, $test, i64, Decimal, ImmutableString);
        )*};
        ($op:literal, $test:expr, $($kind:ty),*) => {$(
            engine.register_fn($op, |a: Wide, b: $kind| test(&a.0, &b.to_compact_string(), $test));
            engine.register_fn($op, |a: $kind, b: Wide| test(&a.to_compact_string(), &b.0, $test));
        )*};
    }
    compare! {
        "==", |o| o == Some(Ordering::Equal);
        "!=", |o| o != Some(Ordering::Equal);
        "<", |o| o.is_some_and(Ordering::is_lt);
        "<=", |o| o.is_some_and(Ordering::is_le);
        ">", |o| o.is_some_and(Ordering::is_gt);
        ">=", |o| o.is_some_and(Ordering::is_ge);
    }
}

fn test(a: &str, b: &str, holds: fn(Option<Ordering>) -> bool) -> bool {
    holds(order(a, b))
}
