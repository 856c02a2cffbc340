//! Values that have an order: bounds, and how a text compares with one.

use std::cmp::Ordering;

use super::SimpleType;
use crate::document::number::{Lexical, Number};
use crate::schema::temporal::{Duration, Moment};

/// A value of an ordered type.
#[derive(Debug, Clone)]
pub(super) enum Ordered {
    Decimal(Number),
    Float(f32),
    Double(f64),
    Duration(Duration),
    Moment(Moment),
}

impl Ordered {
    /// The value of a text that is a lexical form of the type; `None` for a type without order.
    pub(super) fn parse(base: SimpleType, text: &str) -> Option<Self> {
        match base.primitive() {
            SimpleType::Decimal => Number::any(text).map(Self::Decimal),
            SimpleType::Float => float(text).map(Self::Float),
            SimpleType::Double => double(text).map(Self::Double),
            SimpleType::Duration => Duration::parse(text).map(Self::Duration),
            temporal => Moment::parse(temporal, text).map(Self::Moment),
        }
    }

    /// How a text of the same type compares with it; `None` where that cannot be said. Numbers may have exponents, as
    /// those of JSON do.
    pub(super) fn place(&self, base: SimpleType, text: &str) -> Option<Ordering> {
        match self {
            Self::Decimal(bound) => Some(Lexical::any(text)?.compare(bound.lexical())),
            Self::Float(bound) => compare(f64::from(float(text)?), f64::from(*bound)),
            Self::Double(bound) => compare(double(text)?, *bound),
            Self::Duration(bound) => Duration::parse(text)?.compare(*bound),
            Self::Moment(bound) => Moment::parse(base.primitive(), text)?.compare(*bound),
        }
    }
}

/// NaN equals itself and compares with nothing else (XML Schema part 2, section 3.2.4).
fn compare(a: f64, b: f64) -> Option<Ordering> {
    if a.is_nan() && b.is_nan() { Some(Ordering::Equal) } else { a.partial_cmp(&b) }
}

/// The nearest value of 32 bits.
pub(super) fn float(text: &str) -> Option<f32> {
    text.parse().ok()
}

/// The nearest value of 64 bits.
pub(super) fn double(text: &str) -> Option<f64> {
    text.parse().ok()
}
