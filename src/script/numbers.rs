//! Numbers in scripts: exact, an overflow is an error, and text compares with a number by its value.

use std::cmp::Ordering;

use rhai::{Dynamic, Engine, ImmutableString};
use rust_decimal::{Decimal, RoundingStrategy};

use super::library::excerpt;
use super::typed;
use super::view::{Raised, View, raise};
use super::wide::{self, Wide};

/// A number of either kind.
#[derive(Debug, Clone, Copy)]
pub(super) enum Number {
    Integer(i64),
    Decimal(Decimal),
}

impl Number {
    /// The number that a value is, or that its text says.
    pub(super) fn of(value: &Dynamic) -> Result<Self, Raised> {
        if let Ok(number) = value.as_int() {
            return Ok(Self::Integer(number));
        }
        if let Some(number) = value.read_lock::<Decimal>() {
            return Ok(Self::Decimal(*number));
        }
        if let Some(view) = value.read_lock::<View>() {
            return Self::parse(&view.text());
        }
        if let Some(number) = value.read_lock::<Wide>() {
            return Err(wide::too_wide(number.text()));
        }
        match value.as_immutable_string_ref() {
            Ok(text) => Self::parse(&text),
            Err(_) => Err(raise(format!("{} is not a number", super::failure::kind_of(value)))),
        }
    }

    /// The number that a text says.
    pub(super) fn parse(text: &str) -> Result<Self, Raised> {
        let lexical = text.trim();
        let value = typed::number(lexical).ok_or_else(|| match Wide::read(lexical) {
            Some(_) => wide::too_wide(lexical),
            None => raise(format!("`{}` is not a number", excerpt(text))),
        })?;
        match value.as_int() {
            Ok(number) => Ok(Self::Integer(number)),
            Err(_) => Ok(Self::Decimal(value.cast::<Decimal>())),
        }
    }

    /// As a decimal.
    pub(super) fn decimal(self) -> Decimal {
        match self {
            Self::Integer(number) => Decimal::from(number),
            Self::Decimal(number) => number,
        }
    }

    /// As a script value.
    pub(super) fn dynamic(self) -> Dynamic {
        match self {
            Self::Integer(number) => Dynamic::from(number),
            Self::Decimal(number) => Dynamic::from(number),
        }
    }

    /// The exact sum; an integer while both are and it fits.
    pub(super) fn plus(self, other: Self) -> Result<Self, Raised> {
        if let (Self::Integer(a), Self::Integer(b)) = (self, other)
            && let Some(sum) = a.checked_add(b)
        {
            return Ok(Self::Integer(sum));
        }
        let sum = self.decimal().checked_add(other.decimal());
        sum.map(Self::Decimal).ok_or_else(|| raise("the sum is too large"))
    }

    /// Rounded half away from zero to at most so many places.
    pub(super) fn rounded(self, places: i64) -> Result<Self, Raised> {
        let Ok(places) = u32::try_from(places) else {
            return Err(raise("the places to round to must be 0 or more"));
        };
        Ok(match self {
            Self::Integer(_) => self,
            Self::Decimal(number) => Self::Decimal(
                number.round_dp_with_strategy(places.min(28), RoundingStrategy::MidpointAwayFromZero),
            ),
        })
    }
}

/// Registers the comparisons of text with numbers: Rhai says that they are never equal, which hides mistakes.
pub(super) fn register(engine: &mut Engine) {
    macro_rules! compare {
        ($number:ty) => {
            compare!($number, "==", |o| o.is_eq(), Some(false));
            compare!($number, "!=", |o| o.is_ne(), Some(true));
            compare!($number, "<", |o| o.is_lt(), None);
            compare!($number, "<=", |o| o.is_le(), None);
            compare!($number, ">", |o| o.is_gt(), None);
            compare!($number, ">=", |o| o.is_ge(), None);
        };
        ($number:ty, $op:literal, $test:expr, $else:expr) => {
            engine.register_fn($op, |a: ImmutableString, b: $number| {
                let test: fn(Ordering) -> bool = $test;
                outcome(Number::parse(&a).map(|a| test(a.decimal().cmp(&Decimal::from(b)))), $else)
            });
            engine.register_fn($op, |a: $number, b: ImmutableString| {
                let test: fn(Ordering) -> bool = $test;
                outcome(Number::parse(&b).map(|b| test(Decimal::from(a).cmp(&b.decimal()))), $else)
            });
        };
    }
    compare!(i64);
    compare!(Decimal);
}

fn outcome(result: Result<bool, Raised>, otherwise: Option<bool>) -> Result<bool, Raised> {
    result.or_else(|error| otherwise.ok_or(error))
}
